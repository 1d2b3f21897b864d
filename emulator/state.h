// What the parts of the emulator share: its state, and what they do for each other. For them only;
// everyone else uses emulator.h. Functions that can fail return 0, or -1 with `failure`.
#ifndef TCK_STATE_H
#define TCK_STATE_H

#include "emulator/emulator.h"
#include "emulator/sessions/comparison.h"

enum {
    LOGIN_TIMEOUT_MS = 30000,  // without any login ending
    CHANGE_TIMEOUT_MS = 10000, // for what was asked for to be so on both sides
    LOST_GRACE_MS = 250, // for a cause to show: a tgtd that dies closes its sockets before its
                         // parent is told, so that its sessions end first
};

enum instance_state {
    INSTANCE_RUNNING,
    INSTANCE_STOPPED, // it is there, and answers nobody
    INSTANCE_DOWN,    // killed
};
struct outside;

struct emulator_instance {
    struct tgtd *tgtd;
    struct tgtd_portal *portals;
    size_t portal_count;
    unsigned target_count;
    enum instance_state state;
    bool *gone; // by tid: that target was deleted
};

struct emulator {
    struct supervisor *supervisor;
    struct outside *outside; // who has the sessions; NULL: the kit's own initiators
    const struct topology *topology;
    char *folder; // its own; NULL before it is made
    char *table;
    struct emulator_instance *instances; // one for each of the topology
    struct tgtd_report *accounts;       // what each instance last said
    unsigned *tids;      // of each target of the topology, within the instance its sessions are in
    unsigned *door_tids; // of those that redirect: within the instance that initiators come to
    struct emulator_sessions sessions; // those of the topology, then those that changes added
    struct emulator_sessions asides;   // logins that do not become sessions of the list
    size_t settled;                    // logins that ended
    size_t settled_before;             // what `settled` was when the wait began
    size_t opening;                    // further connections whose login is under way
    size_t recovering;                 // connections that were dropped, so far
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

// ---- emulator.c ----

int emulator_fail_memory(struct failure *failure);
uint64_t emulator_now_ns(void); // CLOCK_MONOTONIC

// Asks every tgtd until both sides agree; or the target of one session, with one request each time.
int emulator_await_agreement(struct emulator *emulator, struct failure *failure);
int emulator_await_target_agreement(struct emulator_session *session, struct failure *failure);

// Makes the truth of what has just been confirmed, and writes the session table; while the emulator
// does not publish, nothing: an event is one generation, however many sessions it concerns, and all
// that comes before the first call is the first.
int emulator_publish(struct emulator *emulator, struct failure *failure);

// Takes over `truth` as the next generation, also when it fails.
int emulator_add_generation(struct emulator *emulator, struct truth *truth,
                            struct failure *failure);

// ---- site.c: what there is to log in to ----

size_t emulator_home(const struct topology_target *target); // the instance where its sessions are
int emulator_allocate(struct emulator *emulator, struct failure *failure);
int emulator_make_folder(struct emulator *emulator, const char *folder, struct failure *failure);
// A connection holds one descriptor here and one in its tgtd, which inherits the limit.
int emulator_raise_descriptor_limit(const struct emulator *emulator, struct failure *failure);
int emulator_start_instance(struct emulator *emulator, size_t index, struct failure *failure);
// All that the topology has at that instance.
int emulator_make_targets(struct emulator *emulator, size_t instance, struct failure *failure);

// ---- logins.c ----

// Adds a session, not logged in, with a plan of its own that is a copy of `own_plan`, or where that
// is NULL, with `plan`. NULL when memory ran out.
struct emulator_session *emulator_add_session(struct emulator *emulator,
                                              struct emulator_sessions *sessions,
                                              const struct topology_session *plan,
                                              const struct topology_session *own_plan);
// Gives the session and its connections identifiers that none had before.
void emulator_identify(struct emulator_session *session);
// Says where the session is to be.
void emulator_place(struct emulator_session *session);

struct initiator_options emulator_login_options(struct emulator_session *session);
int emulator_begin_login(struct emulator_session *session, const struct initiator_options *options,
                         struct failure *failure);
int emulator_login_stuck(const struct emulator *emulator, struct failure *failure);
int emulator_fail_refused(struct emulator *emulator, struct failure *failure);

int emulator_log_in_all(struct emulator *emulator, struct failure *failure);
int emulator_log_in_asides(struct emulator *emulator, struct failure *failure);
// Further connections: those of one session, until both sides know of them; those of all.
int emulator_open_further(struct emulator_session *session, struct failure *failure);
int emulator_open_all_further(struct emulator *emulator, struct failure *failure);
// One of a session that is logged in, again.
int emulator_open_again(struct emulator_connection *further, struct failure *failure);

// ---- changes.c ----

// What a session is like that is added to those of the topology, its ISID to be chosen: the first
// whose target can be reached; where there is none, one with the first target that can. False:
// there is none either.
bool emulator_further_plan(const struct emulator *emulator, struct topology_session *plan);

// A loss just seen becomes the supervisor's trouble when its grace is over; that is the text then.
int emulator_check_lost(struct emulator *emulator, struct failure *failure);
// Tells the initiator's side that its connections are to end, by the target's hand; waits until all
// of them have. The session is `dropped` from the first on.
void emulator_expect_drop(struct emulator_session *session);
int emulator_await_drop(struct emulator_session *session, struct failure *failure);
// The connections of sessions that the topology has recovering.
int emulator_drop_planned(struct emulator *emulator, struct failure *failure);
void emulator_forget_replaced(struct emulator_session *session);

#endif
