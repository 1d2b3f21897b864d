// SPDX-License-Identifier: Apache-2.0
// What happens to single sessions of the kit's own initiators after they were brought up: login,
// logout, loss and reinstatement. Each is made for real, waited for on both sides, and published.
// Each function returns 0, or -1 with `failure`.
#ifndef TCK_CHANGES_H
#define TCK_CHANGES_H

#include "emulator/state.h"

// As the functions of emulator.h with these names.
int change_login(struct emulator *emulator, size_t *session, struct failure *failure);
int change_logout(struct emulator *emulator, size_t session, struct failure *failure);
int change_drop(struct emulator *emulator, size_t session, enum emulator_side side,
                struct failure *failure);
int change_reinstate(struct emulator *emulator, size_t session, struct failure *failure);

// Logs in a session of the topology that is not logged in: one that is `later`, or that was logged
// out. It is a new session, with its ISID, under the same handle.
int change_login_planned(struct emulator *emulator, size_t session, struct failure *failure);

// Has the initiator give up a session that has no connection: it is in no list any more. The target
// does not know the session already, so nothing goes over the wire.
int change_give_up(struct emulator *emulator, size_t session, struct failure *failure);

// Ends one connection of a session of several, by its CID, from one side, without a logout; the
// session goes on with the others. Not the first one (CID 0): with it libiscsi holds the session.
int change_drop_connection(struct emulator *emulator, size_t session, uint16_t cid,
                           enum emulator_side side, struct failure *failure);

// Connection reinstatement (RFC 7143, 6.3.4): logs in a further connection with a CID that the
// session has had. Where the old one is still there it ends first; RFC 7143 has the target end it,
// and tgtd does not.
int change_reinstate_connection(struct emulator *emulator, size_t session, uint16_t cid,
                                struct failure *failure);

// Drops the connections of all sessions that the topology shows in recovery.
int change_drop_planned(struct emulator *emulator, struct failure *failure);

// For ends that the target brings about: prepares the initiator's side for the end of all
// connections of the session (it is `dropped` from then on); and waits until all have ended.
void change_expect_drop(struct emulator_session *session);
int change_await_drop(struct emulator_session *session, struct failure *failure);

// Frees what a reinstatement has replaced.
void change_forget_replaced(struct emulator_session *session);

#endif
