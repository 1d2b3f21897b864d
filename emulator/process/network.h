// SPDX-License-Identifier: Apache-2.0
// A network of this process's own: nobody outside can reach what listens in it.
#ifndef TCK_NETWORK_H
#define TCK_NETWORK_H

#include "conformance/base/failure.h"

// Gives this process, and all that it starts from now on, a network that has only a loopback
// interface. An ordinary user's process gets a user namespace with it, in which it is the same
// user. It must have one thread; it dies with its parent (PR_SET_PDEATHSIG), as a worker does. -1
// with `failure` (STATUS_UNTRUSTED); the process must end then.
int network_leave(struct failure *failure);

#endif
