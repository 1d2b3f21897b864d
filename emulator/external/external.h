// Sessions of an outside initiator: one that the kit does not have itself, but tells by commands to
// log in and out (login_command.h). The targets are the emulator's as ever.
//
// What is true of such a session comes from the target's side, which knows initiator, TSIH, CIDs
// and initiator addresses, and from what the list command tells. What both know must agree; what
// neither knows is not known (enum truth_fact). The target's side is told nothing by which it could
// show a session of the kit's, so logins to one target are made one after the other, and the nexus
// that is new after one is its.
//
// For the emulator's other parts only. All functions are as their namesakes of emulator.h.
#ifndef TCK_EXTERNAL_H
#define TCK_EXTERNAL_H

#include "emulator/emulator.h"
#include "emulator/external/login_command.h"

struct outside;

// `command` must outlive it. NULL when memory ran out.
struct outside *outside_create(struct emulator *emulator, const struct login_command *command);

const struct login_command *outside_command(const struct outside *outside);

// Makes the sessions of the topology, and the first generation.
int outside_bring_up(struct outside *outside, struct failure *failure);

int outside_login(struct outside *outside, size_t *session, struct failure *failure);
int outside_logout(struct outside *outside, size_t session, struct failure *failure);
// By the target.
int outside_drop(struct outside *outside, size_t session, struct failure *failure);
int outside_reinstate(struct outside *outside, size_t session, struct failure *failure);

size_t outside_count(const struct outside *outside);
const struct truth_session *outside_session(const struct outside *outside, size_t session);

int outside_verify(struct outside *outside, struct failure *failure);

// Logs all sessions out; neither side may have one then.
int outside_finish(struct outside *outside, struct failure *failure);

// Has logged out what may still be logged in, as far as that goes, and frees. NULL is allowed.
void outside_stop(struct outside *outside);

#endif
