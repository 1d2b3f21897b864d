// SPDX-License-Identifier: Apache-2.0
// Does the list command tell what is known of an external initiator's sessions?
#ifndef TCK_EXTERNAL_LIST_H
#define TCK_EXTERNAL_LIST_H

#include "emulator/external/external_state.h"

// Runs the list command until it tells what is known, and learns what only it tells. Without a list
// command, nothing is done. 0, or -1 with `failure`: what differs, and both sides of it.
int external_await_list(struct external *external, struct failure *failure);

#endif
