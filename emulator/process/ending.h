// SPDX-License-Identifier: Apache-2.0
// Waits for the end of a child in a loop that waits for descriptors.
#ifndef TCK_ENDING_H
#define TCK_ENDING_H

#include <sys/types.h>

// A descriptor that is readable once the child has ended, which is then still to be reaped; the
// caller closes it. -1 with errno. It is a pidfd; where the system has none (Valgrind 3.19, gVisor)
// the end of a pipe that a thread closes, for which the child must not be reaped before it is
// readable or closed.
int ending_open(pid_t child);

#endif
