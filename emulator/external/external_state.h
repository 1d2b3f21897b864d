// SPDX-License-Identifier: Apache-2.0
// What the parts of an external initiator share: its sessions, and what is known of them. For these
// parts only: external.c makes and ends the sessions, external_target.c compares them with the
// targets, external_list.c with the list command.
#ifndef TCK_EXTERNAL_STATE_H
#define TCK_EXTERNAL_STATE_H

#include "emulator/external/login_agent.h"
#include "emulator/external/login_command.h"
#include "emulator/state.h"

enum external_state {
    EXTERNAL_NEW,       // no command was run for it
    EXTERNAL_BEGUN,     // its login command was started: there may be a session or none
    EXTERNAL_LOGGED_IN, // both sides have it
    EXTERNAL_DROPPED,   // the initiator keeps it, without a connection
    EXTERNAL_ENDED,     // logged out
};

struct external_session {
    struct topology_session plan; // what it points to is the topology's
    const struct topology_target *target;
    size_t instance; // where it is, after a redirection
    unsigned tid;
    size_t number; // {session}
    enum external_state state;
    uint16_t tsih;              // while it is logged in
    uint16_t former_tsih;       // what it was before a reinstatement; 0: never was
    struct truth_session known; // while it is logged in or dropped
    struct login_told told;     // of an agent's login: while it is logged in
    bool listed;                // by the list command, in the comparison that is under way
};

struct external {
    struct emulator *emulator;
    const struct login_command *command;
    const struct login_agent *agent; // NULL: commands are run
    size_t count;
    size_t capacity;
    struct external_session **sessions;
    bool timed_out; // a command did not end in time, or the agent gave up: others may not, too
};

static inline bool external_is_active(const struct external_session *session)
{
    return session->state == EXTERNAL_LOGGED_IN || session->state == EXTERNAL_DROPPED;
}

#endif
