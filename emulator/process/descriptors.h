// SPDX-License-Identifier: Apache-2.0
// How many files a process of the kit may have open at once.
#ifndef TCK_DESCRIPTORS_H
#define TCK_DESCRIPTORS_H

#include "conformance/base/failure.h"

#include <stddef.h>

// Beside one for each connection: pipes, sockets, the host's files.
enum { DESCRIPTORS_SPARE = 256 };

// Sees to it that this process, and those that it starts, may have `needed` files open: the soft
// limit is raised to the hard one where it is too low. `needs` begins a message, "the kit needs".
// 0, or -1 with `failure` (STATUS_UNTRUSTED).
int descriptors_require(size_t needed, const char *needs, struct failure *failure);

// close, if there is one (not less than 0).
void descriptors_close(int fd);

#endif
