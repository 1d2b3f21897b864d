// SPDX-License-Identifier: Apache-2.0
// Do the targets have what is known of an external initiator's sessions? Each function returns 0,
// or -1 with `failure`: both sides of what differs.
#ifndef TCK_EXTERNAL_TARGET_H
#define TCK_EXTERNAL_TARGET_H

#include "emulator/external/external_state.h"

// Asks the target of `session` until it has one nexus more than is known, which is the session's:
// its state becomes EXTERNAL_LOGGED_IN. Everything else that the target has must be known.
int external_await_login(struct external *external, struct external_session *session,
                         struct failure *failure);

// Asks that target until it has what is known and nothing else.
int external_await_target(struct external *external, const struct external_session *session,
                          struct failure *failure);

// The same of all targets, asked once.
int external_check_targets(struct external *external, struct failure *failure);

#endif
