// What the two parts of an outside initiator share: what is done with its sessions (outside.c), and
// whether all accounts of them agree (outside_account.c). For them only.
#ifndef TCK_EXTERNAL_STATE_H
#define TCK_EXTERNAL_STATE_H

#include "emulator/external/external.h"
#include "emulator/state.h"

enum outside_state {
    OUTSIDE_NEW,       // no command was run for it
    OUTSIDE_BEGUN,     // its login command was started: there may be a session or none
    OUTSIDE_LOGGED_IN, // both sides have it
    OUTSIDE_DROPPED,   // the initiator keeps it, without a connection
    OUTSIDE_ENDED,     // logged out
};

struct outside_session {
    struct topology_session plan; // what it points to is the topology's
    const struct topology_target *target;
    size_t instance; // where it is, after a redirection
    unsigned tid;
    size_t number; // {session}
    enum outside_state state;
    uint16_t tsih;              // while it is logged in
    uint16_t former_tsih;       // what it was before a reinstatement; 0: never was
    struct truth_session known; // while it is logged in or dropped
};

struct outside {
    struct emulator *emulator;
    const struct login_command *command;
    size_t count;
    size_t capacity;
    struct outside_session **sessions;
    uint32_t isids_made;
    bool timed_out; // a command did not end: others may not, too
};

static inline bool outside_is_active(const struct outside_session *session)
{
    return session->state == OUTSIDE_LOGGED_IN || session->state == OUTSIDE_DROPPED;
}

// ---- outside_account.c ----

// Asks the target of `session` until it has one nexus more than is known, which is the session's:
// its state becomes OUTSIDE_LOGGED_IN. Whatever else that target has must be what is known.
int outside_await_login(struct outside *outside, struct outside_session *session,
                        struct failure *failure);
// Asks that target until it has what is known and nothing else.
int outside_await_target(struct outside *outside, const struct outside_session *session,
                         struct failure *failure);
// The same of all targets, asked once.
int outside_check_targets(struct outside *outside, struct failure *failure);

// Has the sessions listed until that says what is known, and learns what only it knows. Without a
// list command, nothing is done.
int outside_await_list(struct outside *outside, struct failure *failure);

#endif
