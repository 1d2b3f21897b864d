// SPDX-License-Identifier: Apache-2.0
// Logging in with the kit's own initiators. Functions that can fail return 0, or -1 with `failure`.
#ifndef TCK_LOGINS_H
#define TCK_LOGINS_H

#include "emulator/state.h"

// All sessions of the topology but those whose login comes later, many at a time, each with its
// first connection.
int emulator_log_in_all(struct emulator *emulator, struct failure *failure);

// The discovery sessions, which are held from then on, and the logins that are to be refused, which
// are over then. Both sides have the same sessions of the list after it as before.
int emulator_log_in_unlisted(struct emulator *emulator, struct failure *failure);

// Begins the login of a session that is placed and waits for its end: the first connection.
int emulator_log_in_one(struct emulator_session *session, const struct initiator_options *options,
                        struct failure *failure);
// The options that its plan asks for.
struct initiator_options emulator_login_options(struct emulator_session *session);

// Opens the further connections of one session, or of all, until both sides know of them.
int emulator_open_further(struct emulator_session *session, struct failure *failure);
int emulator_open_all_further(struct emulator *emulator, struct failure *failure);
// Opens one of a session that is logged in, again.
int emulator_open_again(struct emulator_connection *further, struct failure *failure);

// If a session was lost that should not have been: waits until the loss is the supervisor's trouble
// (LOST_GRACE_MS), which is the text then, and returns -1.
int emulator_check_lost(struct emulator *emulator, struct failure *failure);

#endif
