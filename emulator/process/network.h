// SPDX-License-Identifier: Apache-2.0
// A network of this process's own: nobody outside can reach what listens in it.
#ifndef TCK_NETWORK_H
#define TCK_NETWORK_H

#include "conformance/base/failure.h"

#include <stdbool.h>

enum { NETWORK_FIGURES = 1024 };

// Gives this process, and all that it starts from now on, a network that has only a loopback
// interface. An ordinary user's process gets a user namespace with it, in which it is the same
// user. It must have one thread; it dies with its parent (PR_SET_PDEATHSIG), as a worker does. -1
// with `failure` (STATUS_UNTRUSTED); the process must end then.
int network_leave(struct failure *failure);

// A network that has only a loopback interface, for others to enter (`network` of process_options).
struct network {
    int space; // the namespace; 0: there is none
    int traffic;
    int sockets;
    char fresh[NETWORK_FIGURES]; // what the two files said when nobody had used it
};

// Makes one, after network_leave. 0; or -1 with `failure` (STATUS_UNTRUSTED), and the process must
// end then.
int network_make(struct network *network, struct failure *failure);

// Can nothing of what happened in it be seen any more? So it is where no socket is left and nothing
// went over its interface. False, too, where that can't be known.
bool network_is_fresh(const struct network *network);

// Does nothing where there is none.
void network_drop(struct network *network);

#endif
