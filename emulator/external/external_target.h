// Do the targets have what is known of an external initiator's sessions? Functions that can fail
// return 0, or -1 with `failure`: both sides of what differs.
#ifndef TCK_EXTERNAL_TARGET_H
#define TCK_EXTERNAL_TARGET_H

#include "emulator/external/external_state.h"

// Asks the target of `session` until it has one nexus more than is known, which is the session's:
// its state becomes EXTERNAL_LOGGED_IN. Whatever else that target has must be what is known.
int external_await_login(struct external *external, struct external_session *session,
                         struct failure *failure);

// Asks that target until it has what is known and nothing else.
int external_await_target(struct external *external, const struct external_session *session,
                          struct failure *failure);

// The same of all targets, asked once.
int external_check_targets(struct external *external, struct failure *failure);

// Describes a session for a message.
void external_describe(const struct external_session *session, char *text, size_t size);

#endif
