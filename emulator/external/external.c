// SPDX-License-Identifier: Apache-2.0
// Makes the sessions of an external initiator by the user's commands, or by an agent.
#include "emulator/external/external.h"

#include "conformance/base/clock.h"
#include "emulator/external/external_list.h"
#include "emulator/external/external_state.h"
#include "emulator/external/external_target.h"
#include "emulator/external/login_run.h"

#include <stdlib.h>
#include <string.h>

struct external *external_create(struct emulator *emulator, const struct login_command *command,
                                 const struct login_agent *agent)
{
    struct external *external = calloc(1, sizeof *external);
    if (external == NULL)
        return NULL;
    external->emulator = emulator;
    external->command = command;
    external->agent = agent;
    return external;
}

static struct external *external_of(const struct emulator *emulator)
{
    return emulator->source_data;
}

static unsigned abilities(const struct emulator *emulator)
{
    unsigned able = login_command_recovers(external_of(emulator)->command) ? EMULATOR_CAN_LOSE : 0;
    return able | EMULATOR_IS_LIVE;
}

// Adds a session that is not logged in. NULL when memory ran out.
static struct external_session *add_session(struct external *external,
                                            const struct topology_session *plan)
{
    const struct emulator *emulator = external->emulator;
    if (external->count == external->capacity) {
        size_t capacity = external->capacity == 0 ? 64 : external->capacity * 2;
        struct external_session **grown =
            reallocarray(external->sessions, capacity, sizeof(struct external_session *));
        if (grown == NULL)
            return NULL;
        external->sessions = grown;
        external->capacity = capacity;
    }
    struct external_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    external->sessions[external->count++] = session;
    session->plan = *plan;
    session->number = external->count;
    session->target = &emulator->topology->targets[plan->target];
    session->instance = emulator_home(session->target);
    session->tid = emulator->tids[plan->target];
    return session;
}

// ---- commands ----

static struct login_variables variables_of(const struct external *external,
                                           const struct external_session *session)
{
    // Of a target that redirects: the portal that initiators come to.
    const struct tgtd_portal *portal =
        &external->emulator->instances[session->target->instance].portals[session->plan.portal];
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

// Sessions for commands that run at the same time: of different targets, so that each new nexus
// shows by its target whose it is.
struct round {
    size_t count;
    struct external_session *sessions[LOGIN_RUN_MAX];
};

static bool has_target(const struct round *round, const struct external_session *session)
{
    for (size_t i = 0; i < round->count; i++)
        if (round->sessions[i]->instance == session->instance &&
            round->sessions[i]->tid == session->tid)
            return true;
    return false;
}

// Is it to be in the round?
typedef bool external_filter(const struct external_session *session);

static void collect_round(const struct external *external, external_filter *wanted,
                          struct round *round)
{
    round->count = 0;
    for (size_t i = 0; i < external->count && round->count < LOGIN_RUN_MAX; i++)
        if (wanted(external->sessions[i]) && !has_target(round, external->sessions[i]))
            round->sessions[round->count++] = external->sessions[i];
}

// One after the other, because the implementation is one.
static int run_agent(struct external *external, enum login_step step,
                     const struct login_variables *variables, const struct round *round,
                     struct failure *failure)
{
    const struct login_agent *agent = external->agent;
    bool *gave_up = &external->timed_out;
    int result = 0;
    for (size_t i = 0; i < round->count && result == 0; i++)
        result = step == LOGIN_STEP_LOGIN
                     ? agent->login(agent->argument, &variables[i], &round->sessions[i]->told,
                                    gave_up, failure)
                     : agent->logout(agent->argument, &variables[i], gave_up, failure);
    return result;
}

static int run_step(struct external *external, enum login_step step, const struct round *round,
                    struct failure *failure)
{
    struct login_variables variables[LOGIN_RUN_MAX];
    for (size_t i = 0; i < round->count; i++)
        variables[i] = variables_of(external, round->sessions[i]);
    if (external->agent != NULL)
        return run_agent(external, step, variables, round, failure);
    return login_run(external->emulator->supervisor, external->command, step, variables,
                     round->count, &external->timed_out, failure);
}

static int log_in_round(struct external *external, const struct round *round,
                        struct failure *failure)
{
    for (size_t i = 0; i < round->count; i++)
        round->sessions[i]->state = EXTERNAL_BEGUN;
    if (run_step(external, LOGIN_STEP_LOGIN, round, failure) != 0)
        return -1;
    for (size_t i = 0; i < round->count; i++)
        if (external_await_login(external, round->sessions[i], failure) != 0)
            return -1;
    return 0;
}

static struct round round_of(struct external_session *session)
{
    return (struct round){.count = 1, .sessions = {session}};
}

static int log_out_round(struct external *external, const struct round *round,
                         struct failure *failure)
{
    if (run_step(external, LOGIN_STEP_LOGOUT, round, failure) != 0)
        return -1;
    for (size_t i = 0; i < round->count; i++)
        round->sessions[i]->state = EXTERNAL_ENDED;
    for (size_t i = 0; i < round->count; i++)
        if (external_await_target(external, round->sessions[i], failure) != 0)
            return -1;
    return 0;
}

// Does a step with all sessions that are wanted, until none is.
static int each_round(struct external *external, external_filter *wanted,
                      int (*step)(struct external *, const struct round *, struct failure *),
                      struct failure *failure)
{
    struct round round;
    for (;;) {
        collect_round(external, wanted, &round);
        if (round.count == 0)
            return 0;
        if (step(external, &round, failure) != 0)
            return -1;
    }
}

// ---- the truth ----

static size_t count(const struct emulator *emulator)
{
    return external_of(emulator)->count;
}

static uint64_t specific(const struct emulator *emulator, size_t session)
{
    const struct external_session *found = external_of(emulator)->sessions[session];
    return external_is_active(found) ? found->known.adapter_specific : 0;
}

static int tell(const struct emulator *emulator, size_t session, struct truth_session *truth)
{
    return truth_session_copy(truth, &external_of(emulator)->sessions[session]->known);
}

// To be called when a change has happened on both sides: learns what the list tells, and makes the
// next generation, which could be seen since `began_ns`.
static int publish(struct external *external, uint64_t began_ns, struct failure *failure)
{
    return external_await_list(external, failure) != 0
               ? -1
               : emulator_publish(external->emulator, began_ns, failure);
}

// ---- bringing up ----

static bool is_new(const struct external_session *session)
{
    return session->state == EXTERNAL_NEW;
}

static int drop_session(struct external *external, struct external_session *session,
                        struct failure *failure)
{
    struct tgtd *tgtd = external->emulator->instances[session->instance].tgtd;
    struct truth_session *known = &session->known;
    for (size_t i = known->connection_count; i-- > 0;)
        if (tgtd_delete_connection(tgtd, session->tid, session->tsih, known->connections[i].cid,
                                   failure) != 0)
            return -1;
    session->state = EXTERNAL_DROPPED;
    known->connection_count = 0;
    return external_await_target(external, session, failure);
}

static int drop_planned(struct external *external, struct failure *failure)
{
    for (size_t i = 0; i < external->count; i++)
        if (external->sessions[i]->plan.recovering &&
            drop_session(external, external->sessions[i], failure) != 0)
            return -1;
    return 0;
}

static int bring_up(struct emulator *emulator, struct failure *failure)
{
    struct external *external = external_of(emulator);
    const struct topology *topology = emulator->topology;
    // The initiator may have no session yet: the implementation would list it, too.
    if (external_await_list(external, failure) != 0)
        return -1;
    for (size_t i = 0; i < topology->session_count; i++)
        if (add_session(external, &topology->sessions[i]) == NULL)
            return emulator_fail_memory(failure);
    if (each_round(external, is_new, log_in_round, failure) != 0 ||
        drop_planned(external, failure) != 0)
        return -1;
    emulator->publishes = true;
    return publish(external, clock_now_ns(), failure);
}

// ---- changes ----

static int login(struct emulator *emulator, size_t *session, struct failure *failure)
{
    struct external *external = external_of(emulator);
    uint64_t began_ns = clock_now_ns();
    struct topology_session plan;
    if (emulator_further_plan(emulator, &plan, failure) != 0)
        return -1;
    struct external_session *added = add_session(external, &plan);
    if (added == NULL)
        return emulator_fail_memory(failure);
    struct round round = round_of(added);
    if (log_in_round(external, &round, failure) != 0 || publish(external, began_ns, failure) != 0)
        return -1;
    *session = external->count - 1;
    return 0;
}

// The session of a handle, for `change` ("logged out"), which must be logged in, or may be dropped
// where `dropped_too`; NULL with `failure`.
static struct external_session *find_session(const struct external *external, size_t session,
                                             const char *change, bool dropped_too,
                                             struct failure *failure)
{
    if (session < external->count) {
        struct external_session *found = external->sessions[session];
        if (found->state == EXTERNAL_LOGGED_IN || (dropped_too && found->state == EXTERNAL_DROPPED))
            return found;
    }
    failure_set(failure, STATUS_UNTRUSTED, "session %zu can't be %s: it is not logged in", session,
                change);
    return NULL;
}

static int logout(struct emulator *emulator, size_t session, struct failure *failure)
{
    struct external *external = external_of(emulator);
    uint64_t began_ns = clock_now_ns();
    struct external_session *found = find_session(external, session, "logged out", false, failure);
    if (found == NULL)
        return -1;
    struct round round = round_of(found);
    if (log_out_round(external, &round, failure) != 0)
        return -1;
    return publish(external, began_ns, failure);
}

static int need_recovery(const struct external *external, const char *change,
                         struct failure *failure)
{
    if (login_command_recovers(external->command))
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "a session can't be %s: what the initiator makes of a dropped connection is "
                       "not known (--login-can recovery)",
                       change);
}

static int drop(struct emulator *emulator, size_t session, enum emulator_side side,
                struct failure *failure)
{
    struct external *external = external_of(emulator);
    if (side == EMULATOR_INITIATOR)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "session %zu can't be dropped by the initiator: it isn't the kit's own",
                           session);
    uint64_t began_ns = clock_now_ns();
    struct external_session *found = find_session(external, session, "dropped", false, failure);
    if (found == NULL || need_recovery(external, "dropped", failure) != 0 ||
        drop_session(external, found, failure) != 0)
        return -1;
    return publish(external, began_ns, failure);
}

static int reinstate(struct emulator *emulator, size_t session, struct failure *failure)
{
    struct external *external = external_of(emulator);
    uint64_t began_ns = clock_now_ns();
    struct external_session *found = find_session(external, session, "reinstated", true, failure);
    if (found == NULL || need_recovery(external, "reinstated", failure) != 0)
        return -1;
    found->former_tsih = found->tsih;
    struct round round = round_of(found);
    if (log_in_round(external, &round, failure) != 0)
        return -1;
    return publish(external, began_ns, failure);
}

// ---- the end ----

static int verify(struct emulator *emulator, struct failure *failure)
{
    struct external *external = external_of(emulator);
    return external_check_targets(external, failure) != 0 ? -1
                                                          : external_await_list(external, failure);
}

// Logs all sessions out, and checks that neither side has one then.
static int finish(struct emulator *emulator, struct failure *failure)
{
    struct external *external = external_of(emulator);
    return each_round(external, external_is_active, log_out_round, failure) != 0
               ? -1
               : verify(emulator, failure);
}

// May it be logged in? Also after a login command that failed.
static bool may_be_in(const struct external_session *session)
{
    return session->state == EXTERNAL_BEGUN || external_is_active(session);
}

// Where one logout fails, the others are tried nevertheless; but after a command that did not end
// in time none is, because each of them might take as long.
static void log_out_rest(struct external *external)
{
    struct round round;
    for (;;) {
        collect_round(external, may_be_in, &round);
        if (round.count == 0 || external->timed_out)
            return;
        struct failure unheeded = {0};
        run_step(external, LOGIN_STEP_LOGOUT, &round, &unheeded);
        for (size_t i = 0; i < round.count; i++)
            round.sessions[i]->state = EXTERNAL_ENDED;
    }
}

static void stop(struct emulator *emulator)
{
    struct external *external = external_of(emulator);
    // The logouts are waited for, also where a signal or a failure ended the run.
    supervisor_tear_down(emulator->supervisor, true);
    external->timed_out = false; // a login that did not end says nothing of logouts
    log_out_rest(external);
    supervisor_tear_down(emulator->supervisor, false);
    for (size_t i = 0; i < external->count; i++) {
        truth_session_clear(&external->sessions[i]->known);
        free(external->sessions[i]);
    }
    free(external->sessions);
    free(external);
}

const struct session_source external_source = {
    .abilities = abilities,
    .bring_up = bring_up,
    .count = count,
    .specific = specific,
    .tell = tell,
    .login = login,
    .logout = logout,
    .drop = drop,
    .reinstate = reinstate,
    .verify = verify,
    .finish = finish,
    .stop = stop,
};
