// SPDX-License-Identifier: Apache-2.0
// Who makes an emulator's sessions: the kit's own initiators (sessions/own_source.h), an external
// initiator that the user's commands control (external/external.h), or an earlier run, whose
// sessions were recorded (recorded/recorded.h). Each of them is one table of operations; the
// emulator calls these and does not ask which it has.
#ifndef TCK_SESSION_SOURCE_H
#define TCK_SESSION_SOURCE_H

#include "conformance/base/failure.h"
#include "conformance/transcript/truth.h"

#include <stddef.h>
#include <stdint.h>

struct emulator;
struct topology_event;

enum emulator_side {
    EMULATOR_TARGET,
    EMULATOR_INITIATOR,
};

// What can be done with the sessions, or-ed.
enum emulator_ability {
    EMULATOR_CAN_LOSE = 1,           // emulator_drop by the target, emulator_reinstate
    EMULATOR_CAN_LOSE_BY_ITSELF = 2, // emulator_drop by the initiator, too
    EMULATOR_HAS_TABLE = 4,          // there is a session table, which can be damaged
    EMULATOR_IS_LIVE = 8,            // there are targets; emulator_login, emulator_logout, events
};

// A session is named by its handle (see emulator.h). Operations that can fail return 0, or -1 with
// `failure`.
struct session_source {
    unsigned (*abilities)(const struct emulator *emulator);

    // Makes the sessions of the topology, and publishes the first generation. The targets are
    // there.
    int (*bring_up)(struct emulator *emulator, struct failure *failure);

    // How many handles there are.
    size_t (*count)(const struct emulator *emulator);
    // AdapterSpecific of the session of a handle; 0: it is not logged in.
    uint64_t (*specific)(const struct emulator *emulator, size_t session);
    // Fills in what is true of a session that is logged in. -1 when memory ran out; `truth` is to
    // be cleared either way.
    int (*tell)(const struct emulator *emulator, size_t session, struct truth_session *truth);

    // As the functions of emulator.h with these names.
    int (*login)(struct emulator *emulator, size_t *session, struct failure *failure);
    int (*logout)(struct emulator *emulator, size_t session, struct failure *failure);
    int (*drop)(struct emulator *emulator, size_t session, enum emulator_side side,
                struct failure *failure);
    int (*reinstate)(struct emulator *emulator, size_t session, struct failure *failure);
    // NULL: events can't be made.
    int (*event)(struct emulator *emulator, const struct topology_event *event,
                 struct failure *failure);
    // Compares the sessions with what the targets have. Every tgtd that runs has answered before.
    int (*verify)(struct emulator *emulator, struct failure *failure);
    // NULL: nothing is to be done at the end.
    int (*finish)(struct emulator *emulator, struct failure *failure);

    // Ends what is left of the sessions, and frees what the source keeps. The targets still run.
    void (*stop)(struct emulator *emulator);
};

#endif
