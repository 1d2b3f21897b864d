// Has an outside initiator log in and out by the user's commands.
#include "emulator/external/external_state.h"
#include "emulator/external/login_run.h"

#include <stdlib.h>
#include <string.h>

enum { PING_TIMEOUT_MS = 10000 };

struct outside *outside_create(struct emulator *emulator, const struct login_command *command)
{
    struct outside *outside = calloc(1, sizeof *outside);
    if (outside == NULL)
        return NULL;
    outside->emulator = emulator;
    outside->command = command;
    return outside;
}

const struct login_command *outside_command(const struct outside *outside)
{
    return outside->command;
}

// Adds a session that is not logged in. NULL when memory ran out.
static struct outside_session *add_session(struct outside *outside,
                                           const struct topology_session *plan)
{
    const struct emulator *emulator = outside->emulator;
    if (outside->count == outside->capacity) {
        size_t capacity = outside->capacity == 0 ? 64 : outside->capacity * 2;
        struct outside_session **grown =
            reallocarray(outside->sessions, capacity, sizeof(struct outside_session *));
        if (grown == NULL)
            return NULL;
        outside->sessions = grown;
        outside->capacity = capacity;
    }
    struct outside_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    outside->sessions[outside->count++] = session;
    session->plan = *plan;
    session->number = outside->count;
    session->target = &emulator->topology->targets[plan->target];
    session->instance = emulator_home(session->target);
    session->tid = emulator->tids[plan->target];
    return session;
}

// ---- commands ----

static struct login_variables variables_of(const struct outside *outside,
                                           const struct outside_session *session)
{
    // Of a target that redirects, not where the session is in the end.
    const struct tgtd_portal *portal =
        &outside->emulator->instances[session->target->instance].portals[session->plan.portal];
    struct login_variables variables = {
        .address = portal->address,
        .port = portal->port,
        .target = session->target->name,
        .initiator = session->plan.initiator_name,
        .session = session->number,
        .connections = 1 + session->plan.further_count,
        .chap = session->plan.chap,
        .mutual = session->plan.mutual,
    };
    memcpy(variables.isid, session->plan.isid, sizeof variables.isid);
    return variables;
}

static int run_step(struct outside *outside, enum login_step step,
                    struct outside_session *const *sessions, size_t count, struct failure *failure)
{
    struct login_variables variables[LOGIN_RUN_MAX];
    for (size_t i = 0; i < count; i++)
        variables[i] = variables_of(outside, sessions[i]);
    return login_run(outside->emulator->supervisor, outside->command, step, variables, count,
                     &outside->timed_out, failure);
}

// Sessions for one round of commands side by side: of different targets, so that it can be told
// which nexus is whose. `wanted` says which are to be had.
struct round {
    size_t count;
    struct outside_session *sessions[LOGIN_RUN_MAX];
};

static bool has_target(const struct round *round, const struct outside_session *session)
{
    for (size_t i = 0; i < round->count; i++)
        if (round->sessions[i]->instance == session->instance &&
            round->sessions[i]->tid == session->tid)
            return true;
    return false;
}

typedef bool outside_filter(const struct outside_session *session);

static void collect_round(const struct outside *outside, outside_filter *wanted,
                          struct round *round)
{
    round->count = 0;
    for (size_t i = 0; i < outside->count && round->count < LOGIN_RUN_MAX; i++)
        if (wanted(outside->sessions[i]) && !has_target(round, outside->sessions[i]))
            round->sessions[round->count++] = outside->sessions[i];
}

static int log_in_round(struct outside *outside, const struct round *round, struct failure *failure)
{
    for (size_t i = 0; i < round->count; i++)
        round->sessions[i]->state = OUTSIDE_BEGUN;
    if (run_step(outside, LOGIN_STEP_LOGIN, round->sessions, round->count, failure) != 0)
        return -1;
    for (size_t i = 0; i < round->count; i++)
        if (outside_await_login(outside, round->sessions[i], failure) != 0)
            return -1;
    return 0;
}

static struct round round_of(struct outside_session *session)
{
    return (struct round){.count = 1, .sessions = {session}};
}

static int log_out_round(struct outside *outside, const struct round *round,
                         struct failure *failure)
{
    if (run_step(outside, LOGIN_STEP_LOGOUT, round->sessions, round->count, failure) != 0)
        return -1;
    for (size_t i = 0; i < round->count; i++)
        round->sessions[i]->state = OUTSIDE_ENDED;
    for (size_t i = 0; i < round->count; i++)
        if (outside_await_target(outside, round->sessions[i], failure) != 0)
            return -1;
    return 0;
}

// ---- the truth ----

static struct truth *make_truth(const struct outside *outside, uint64_t began_ns)
{
    struct truth *truth = calloc(1, sizeof *truth);
    if (truth == NULL)
        return NULL;
    truth->generation = outside->emulator->generation_count + 1;
    truth->began_ns = began_ns;
    truth->settled_ns = emulator_now_ns();
    truth->sessions = calloc(outside->count + 1, sizeof *truth->sessions);
    bool good = truth->sessions != NULL;
    for (size_t i = 0; good && i < outside->count; i++)
        if (outside_is_active(outside->sessions[i]))
            good = truth_session_copy(&truth->sessions[truth->session_count++],
                                      &outside->sessions[i]->known) == 0;
    if (good)
        return truth;
    truth_free(truth);
    return NULL;
}

// The sessions are as they are on both sides: learns what the list tells, and makes the next
// generation, which could be seen since `began_ns`.
static int publish(struct outside *outside, uint64_t began_ns, struct failure *failure)
{
    if (outside_await_list(outside, failure) != 0)
        return -1;
    struct truth *truth = make_truth(outside, began_ns);
    return truth == NULL ? emulator_fail_memory(failure)
                         : emulator_add_generation(outside->emulator, truth, failure);
}

// ---- bringing up ----

static bool is_new(const struct outside_session *session)
{
    return session->state == OUTSIDE_NEW;
}

static int drop(struct outside *outside, struct outside_session *session, struct failure *failure)
{
    struct tgtd *tgtd = outside->emulator->instances[session->instance].tgtd;
    struct truth_session *known = &session->known;
    for (size_t i = known->connection_count; i-- > 0;)
        if (tgtd_delete_connection(tgtd, session->tid, session->tsih, known->connections[i].cid,
                                   failure) != 0)
            return -1;
    session->state = OUTSIDE_DROPPED;
    known->connection_count = 0;
    return outside_await_target(outside, session, failure);
}

static int drop_planned(struct outside *outside, struct failure *failure)
{
    for (size_t i = 0; i < outside->count; i++)
        if (outside->sessions[i]->plan.recovering &&
            drop(outside, outside->sessions[i], failure) != 0)
            return -1;
    return 0;
}

int outside_bring_up(struct outside *outside, struct failure *failure)
{
    const struct topology *topology = outside->emulator->topology;
    struct round round;
    // What the initiator has already would be listed by the implementation, too.
    if (outside_await_list(outside, failure) != 0)
        return -1;
    for (size_t i = 0; i < topology->session_count; i++)
        if (add_session(outside, &topology->sessions[i]) == NULL)
            return emulator_fail_memory(failure);
    for (;;) {
        collect_round(outside, is_new, &round);
        if (round.count == 0)
            break;
        if (log_in_round(outside, &round, failure) != 0)
            return -1;
    }
    if (drop_planned(outside, failure) != 0)
        return -1;
    return publish(outside, emulator_now_ns(), failure);
}

// ---- changes ----

// An ISID that none of the topology's sessions has.
static void make_isid(struct outside *outside, uint8_t isid[static ISID_SIZE])
{
    bool taken = true;
    while (taken) {
        uint32_t number = ++outside->isids_made;
        const uint8_t made[ISID_SIZE] = {ISID_RANDOM << 6,        'k',
                                         (uint8_t)(number >> 24), (uint8_t)(number >> 16),
                                         (uint8_t)(number >> 8),  (uint8_t)number};
        memcpy(isid, made, sizeof made);
        taken = false;
        for (size_t i = 0; i < outside->count; i++)
            taken = taken || memcmp(outside->sessions[i]->plan.isid, isid, ISID_SIZE) == 0;
    }
}

int outside_login(struct outside *outside, size_t *session, struct failure *failure)
{
    uint64_t began_ns = emulator_now_ns();
    struct topology_session plan;
    if (!emulator_further_plan(outside->emulator, &plan))
        return failure_set(failure, STATUS_UNTRUSTED,
                           "a session can't be added: there is no target that can be reached");
    make_isid(outside, plan.isid);
    struct outside_session *added = add_session(outside, &plan);
    if (added == NULL)
        return emulator_fail_memory(failure);
    struct round round = round_of(added);
    if (log_in_round(outside, &round, failure) != 0 || publish(outside, began_ns, failure) != 0)
        return -1;
    *session = outside->count - 1;
    return 0;
}

// The session of a handle, for `change` ("logged out"), in that state; NULL with `failure`.
static struct outside_session *find_session(const struct outside *outside, size_t session,
                                            const char *change, bool dropped_too,
                                            struct failure *failure)
{
    if (session < outside->count) {
        struct outside_session *found = outside->sessions[session];
        if (found->state == OUTSIDE_LOGGED_IN || (dropped_too && found->state == OUTSIDE_DROPPED))
            return found;
    }
    failure_set(failure, STATUS_UNTRUSTED, "session %zu can't be %s: it is not logged in", session,
                change);
    return NULL;
}

int outside_logout(struct outside *outside, size_t session, struct failure *failure)
{
    uint64_t began_ns = emulator_now_ns();
    struct outside_session *found = find_session(outside, session, "logged out", false, failure);
    if (found == NULL)
        return -1;
    struct round round = round_of(found);
    if (log_out_round(outside, &round, failure) != 0)
        return -1;
    return publish(outside, began_ns, failure);
}

static int need_recovery(const struct outside *outside, const char *change, struct failure *failure)
{
    if (login_command_recovers(outside->command))
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "a session can't be %s: what the initiator makes of a dropped connection is "
                       "not known (--login-can recovery)",
                       change);
}

int outside_drop(struct outside *outside, size_t session, struct failure *failure)
{
    uint64_t began_ns = emulator_now_ns();
    struct outside_session *found = find_session(outside, session, "dropped", false, failure);
    if (found == NULL || need_recovery(outside, "dropped", failure) != 0 ||
        drop(outside, found, failure) != 0)
        return -1;
    return publish(outside, began_ns, failure);
}

int outside_reinstate(struct outside *outside, size_t session, struct failure *failure)
{
    uint64_t began_ns = emulator_now_ns();
    struct outside_session *found = find_session(outside, session, "reinstated", true, failure);
    if (found == NULL || need_recovery(outside, "reinstated", failure) != 0)
        return -1;
    found->former_tsih = found->tsih;
    struct round round = round_of(found);
    if (log_in_round(outside, &round, failure) != 0)
        return -1;
    return publish(outside, began_ns, failure);
}

size_t outside_count(const struct outside *outside)
{
    return outside->count;
}

const struct truth_session *outside_session(const struct outside *outside, size_t session)
{
    return session < outside->count && outside_is_active(outside->sessions[session])
               ? &outside->sessions[session]->known
               : NULL;
}

// ---- the end ----

int outside_verify(struct outside *outside, struct failure *failure)
{
    const struct emulator *emulator = outside->emulator;
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (tgtd_ping(emulator->instances[i].tgtd, PING_TIMEOUT_MS, failure) != 0)
            return -1;
    return outside_check_targets(outside, failure) != 0 ? -1 : outside_await_list(outside, failure);
}

int outside_finish(struct outside *outside, struct failure *failure)
{
    struct round round;
    for (;;) {
        collect_round(outside, outside_is_active, &round);
        if (round.count == 0)
            break;
        if (log_out_round(outside, &round, failure) != 0)
            return -1;
    }
    return outside_check_targets(outside, failure) != 0 ? -1 : outside_await_list(outside, failure);
}

// It may be logged in: with a login command that did not end as it should, too.
static bool may_be_in(const struct outside_session *session)
{
    return session->state == OUTSIDE_BEGUN || outside_is_active(session);
}

// Whatever comes of each: one that fails is not a reason to leave the others in. But one that does
// not end would be waited for again and again.
static void log_out_rest(struct outside *outside)
{
    struct round round;
    for (;;) {
        collect_round(outside, may_be_in, &round);
        if (round.count == 0 || outside->timed_out)
            return;
        run_step(outside, LOGIN_STEP_LOGOUT, round.sessions, round.count, NULL);
        for (size_t i = 0; i < round.count; i++)
            round.sessions[i]->state = OUTSIDE_ENDED;
    }
}

void outside_stop(struct outside *outside)
{
    if (outside == NULL)
        return;
    // The logouts are waited for whatever it was that ended the run.
    supervisor_tear_down(outside->emulator->supervisor, true);
    outside->timed_out = false; // a login that did not end says nothing of logouts
    log_out_rest(outside);
    supervisor_tear_down(outside->emulator->supervisor, false);
    for (size_t i = 0; i < outside->count; i++) {
        truth_session_clear(&outside->sessions[i]->known);
        free(outside->sessions[i]);
    }
    free(outside->sessions);
    free(outside);
}
