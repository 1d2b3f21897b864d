// SPDX-License-Identifier: Apache-2.0
// The state of the emulator: instances, sessions, and the history of the truth. Only the parts of
// the emulator use this; all others use emulator.h. Functions that can fail return 0, or -1 with
// `failure`.
#ifndef TCK_STATE_H
#define TCK_STATE_H

#include "emulator/initiator/connection.h"
#include "emulator/initiator/initiator.h"
#include "emulator/process/supervisor.h"
#include "emulator/scenario/topology.h"
#include "emulator/session_source.h"
#include "emulator/tgtd/tgtd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOGIN_TIMEOUT_MS = 30000,  // without any login ending
    CHANGE_TIMEOUT_MS = 10000, // until both sides show a change
    PING_TIMEOUT_MS = 10000,   // for a tgtd's sign of life
    // A tgtd that dies closes its sockets before its parent is told, so that its sessions end
    // first. The loss of a session is reported after this time, unless its cause shows before.
    LOST_GRACE_MS = 250,
    SESSION_ALIAS_SIZE = 32,         // "tck-" and a number, or "tck-unlisted-" and one
    SESSION_DESCRIPTION_SIZE = 1024, // names of 223 bytes twice, and the rest
};

enum instance_state {
    INSTANCE_RUNNING,
    INSTANCE_STOPPED, // its process exists, and answers nobody
    INSTANCE_DOWN,    // killed
};

struct emulator_instance {
    struct tgtd *tgtd;
    struct tgtd_portal *portals;
    size_t portal_count;
    unsigned target_count;
    enum instance_state state;
    bool *gone; // by tid: that target was deleted
};

// A further connection of a session of the kit's own initiators.
struct emulator_connection {
    struct emulator_session *session;
    const struct topology_connection *plan;
    const struct tgtd_portal *portal;
    struct connection *connection; // NULL before it is opened and after its logout
    struct connection *replaced;   // the one that a reinstatement is about to end
    bool settled;                  // its login succeeded or failed
    bool dropped;                  // dropped on purpose, while the session goes on
    uint64_t specific;             // AdapterSpecific
};

// A session of the kit's own initiators: the initiator's side. Its handle is its index in
// emulator_sessions. Its alias, which the target's side shows, has the handle plus one.
struct emulator_session {
    struct emulator *emulator;
    struct topology_session plan; // what it points to is the topology's
    const struct topology_target *target;
    size_t instance;
    const struct tgtd_portal *portal;
    unsigned tid;
    char alias[SESSION_ALIAS_SIZE];
    struct initiator_session *initiator; // NULL before its login begins and after its logout
    struct initiator_session *replaced;  // the one that a reinstatement is about to end
    uint16_t tsih;                       // from the target's report; 0 before that was read
    uint16_t former_tsih;                // what it was before it was reinstated; 0: never was
    bool settled;                        // its login succeeded or failed
    bool dropped;                 // its connections were dropped on purpose: neither side has any
    bool ended;                   // not logged in, yet or any more: on neither side
    bool forgotten;               // the target, made anew or gone, knows nothing of its TSIH
    bool unasked;                 // its tgtd is stopped: only the initiator's side can be asked
    uint64_t specific;            // AdapterSpecific of the session
    uint64_t connection_specific; // and of its first connection
    size_t further_count;
    struct emulator_connection *further; // its further ones
};

struct emulator_sessions {
    size_t count;
    size_t capacity;
    struct emulator_session **items; // each on its own: initiators keep pointers to them
};

struct emulator {
    struct supervisor *supervisor;
    const struct session_source *source; // who makes the sessions
    void *source_data;                   // the source's own, if it needs any
    const struct topology *topology;
    char *folder; // its own; NULL before it is made
    char *table;
    struct emulator_instance *instances; // one for each of the topology
    unsigned *tids;      // of each target of the topology, within the instance its sessions are in
    unsigned *door_tids; // of those that redirect: within the instance that initiators come to
    struct emulator_sessions sessions; // those of the topology, then those that changes added
    struct emulator_sessions unlisted; // discovery sessions, and logins that are to be refused
    size_t settled;                    // logins that ended
    size_t settled_before;             // what `settled` was when the wait began
    size_t opening;                    // further connections whose login is under way
    size_t lost;                       // sessions lost after their login
    struct emulator_session *first_lost;
    char lost_reason[256];        // of the first that was lost
    struct failure login_failure; // the first login that failed
    struct emulator_session *first_refused;
    uv_timer_t *grace; // see LOST_GRACE_MS; freed by the loop
    uint64_t adapter_unique;
    uint64_t sessions_identified; // the last AdapterSpecific given to a session
    uint64_t connections_identified;
    uint32_t isids_made;        // for sessions that changes added
    bool publishes;             // each change is a generation of its own, now
    struct truth **generations; // all of them; the last is the present one
    size_t generation_count;
    size_t generation_capacity;
};

int emulator_fail_memory(struct failure *failure);
uint64_t emulator_change_deadline_ns(void); // CHANGE_TIMEOUT_MS from now, by clock_now_ns

// ---- what there is ----

// Makes room for all that the topology has: instances, targets, sessions, none of them up yet.
int emulator_allocate(struct emulator *emulator, struct failure *failure);
// Frees that, and the history. The instances and sessions have ended.
void emulator_release(struct emulator *emulator);
// A connection holds one descriptor here and one in its tgtd, which inherits the limit.
int emulator_raise_descriptor_limit(const struct emulator *emulator, struct failure *failure);

size_t emulator_home(const struct topology_target *target); // the instance where its sessions are
// The portal where a session of that plan has its first connection, after a redirection.
const struct tgtd_portal *emulator_session_portal(const struct emulator *emulator,
                                                  const struct topology_session *plan);

// ---- sessions ----

// Adds a session, not logged in, with a copy of `plan`. NULL when memory ran out.
struct emulator_session *emulator_add_session(struct emulator *emulator,
                                              struct emulator_sessions *sessions,
                                              const struct topology_session *plan);
// Gives the session and its connections identifiers that none had before.
void emulator_identify(struct emulator_session *session);
// Sets the session's target, instance and portals from its plan.
void emulator_place(struct emulator_session *session);
// Which session, for a message: emulator_describe(session).text.
struct session_description {
    char text[SESSION_DESCRIPTION_SIZE];
};
struct session_description emulator_describe(const struct emulator_session *session);
// The session that has an alias, with its index; NULL: none has.
struct emulator_session *emulator_session_by_alias(const struct emulator_sessions *sessions,
                                                   const char *alias, size_t *index);

// The plan of a session to be added to those of the topology: like the first whose target can be
// reached; where there is none, with the first target that can be. Its ISID is one that no session
// of the emulator has or had. Its line is 0. -1: no target can be reached.
int emulator_further_plan(struct emulator *emulator, struct topology_session *plan,
                          struct failure *failure);

// ---- the history ----

// Makes the next generation from what the source tells, which must have been confirmed, and where
// there is a session table, writes it. The generation began at `began_ns`; 0: now. Nothing is done
// while the emulator does not publish: an event is one generation, however many sessions it
// concerns, and all that happens before the first call is the first.
int emulator_publish(struct emulator *emulator, uint64_t began_ns, struct failure *failure);

#endif
