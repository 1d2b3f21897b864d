// SPDX-License-Identifier: Apache-2.0
// A listening socket in the place of a target's portal.
#ifndef TCK_LISTENER_H
#define TCK_LISTENER_H

#include <stdint.h>

// Listens on 127.0.0.1 at a free port, which it writes to `*port`. The caller closes the descriptor
// that is returned. A failure fails the test.
int listener_open(uint16_t *port);

#endif
