// SPDX-License-Identifier: Apache-2.0
// How an instance is brought up.
#ifndef TCK_START_H
#define TCK_START_H

#include "conformance/base/failure.h"
#include "emulator/tgtd/portal.h"

#include <stddef.h>

struct tgtd;

// The path of a program of tgt's, malloc'ed; NULL with `failure` when it is not installed.
char *tgtd_find_program(const char *name, struct failure *failure);

// Finds the programs and makes the instance's own folder in `folder`. 0, or -1 with `failure`.
int tgtd_prepare(struct tgtd *tgtd, const char *folder, struct failure *failure);

// Starts the process, with new free ports for as long as they turn out to be taken, and waits until
// it answers and listens on all portals. 0, or -1 with `failure`.
int tgtd_bring_up(struct tgtd *tgtd, struct tgtd_portal *portals, size_t count,
                  struct failure *failure);

// Ends the process, if there is one, and removes its socket.
void tgtd_end_process(struct tgtd *tgtd);

#endif
