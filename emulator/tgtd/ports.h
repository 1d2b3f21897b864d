// SPDX-License-Identifier: Apache-2.0
// Ports for an instance: kept free for it until it listens, and whether it does.
#ifndef TCK_PORTS_H
#define TCK_PORTS_H

#include "conformance/base/failure.h"
#include "emulator/tgtd/portal.h"

#include <stddef.h>
#include <sys/types.h>

struct tgtd;

// Binds a socket to each portal, which keeps its port for tgtd until tgtd_release_ports; ports that
// are 0 are filled in. 0 with `sockets`, or -1 with `failure`.
int tgtd_reserve_ports(const struct tgtd *tgtd, struct tgtd_portal *portals, size_t count,
                       int *sockets, struct failure *failure);

// Closes the sockets that are open and makes each -1.
void tgtd_release_ports(int *sockets, size_t count);

// The index of the first portal that process `pid` does not listen on; `count` if there is none.
size_t tgtd_find_deaf_portal(pid_t pid, const struct tgtd_portal *portals, size_t count);

// Connects, and waits for the connection to be closed again: an instance without targets does so as
// soon as it has accepted. 0, or -1 with `failure`.
int tgtd_knock(struct tgtd *tgtd, const struct tgtd_portal *portal, struct failure *failure);

#endif
