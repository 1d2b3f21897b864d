// SPDX-License-Identifier: Apache-2.0
// Deletes targets, and kills, starts, stops and continues instances, under their sessions.
#include "emulator/sessions/outages.h"

#include "emulator/sessions/agreement.h"
#include "emulator/sessions/changes.h"
#include "emulator/sessions/logins.h"
#include "emulator/sessions/targets.h"

// ---- the end of the connections of several sessions at once ----

// Which sessions are concerned: those at an instance, of one target there, or of all (tid 0).
struct concern {
    size_t instance;
    unsigned tid;
};

static bool is_concerned(const struct concern *concern, const struct emulator_session *session)
{
    return session->instance == concern->instance && !session->ended &&
           (concern->tid == 0 || session->tid == concern->tid);
}

// Prepares the initiators for the end of their connections. A session that has lost its connections
// before is left as it is.
static void expect_drops(struct emulator *emulator, const struct concern *concern)
{
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        struct emulator_session *session = emulator->sessions.items[i];
        if (is_concerned(concern, session) && !session->dropped)
            change_expect_drop(session);
    }
    // The deletion of a target does not concern discovery sessions: they are with the instance.
    for (size_t i = 0; i < emulator->unlisted.count && concern->tid == 0; i++) {
        const struct emulator_session *session = emulator->unlisted.items[i];
        if (session->initiator != NULL && session->target->instance == concern->instance)
            initiator_expect_drop(session->initiator);
    }
}

// Waits until the initiators have seen the end. The target has forgotten the sessions then.
static int await_drops(struct emulator *emulator, const struct concern *concern,
                       struct failure *failure)
{
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        struct emulator_session *session = emulator->sessions.items[i];
        if (!is_concerned(concern, session))
            continue;
        session->forgotten = true;
        session->unasked = false;
        if (change_await_drop(session, failure) != 0)
            return -1;
    }
    if (emulator_await_agreement(emulator, failure) != 0)
        return -1;
    return emulator_publish(emulator, 0, failure);
}

static int fail_state(const struct emulator *emulator, size_t instance, const char *change,
                      struct failure *failure)
{
    static const char *const states[] = {"it is running", "it is stopped", "it was killed"};
    return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\" can't be %s: %s",
                       emulator->topology->instances[instance].name, change,
                       states[emulator->instances[instance].state]);
}

int outage_delete_target(struct emulator *emulator, size_t target, struct failure *failure)
{
    const struct topology_target *plan = &emulator->topology->targets[target];
    struct concern concern = {emulator_home(plan), emulator->tids[target]};
    struct emulator_instance *home = &emulator->instances[concern.instance];
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (home->state != INSTANCE_RUNNING)
        return fail_state(emulator, concern.instance, "told to delete a target", failure);
    if (home->gone[concern.tid])
        return failure_set(failure, STATUS_UNTRUSTED, "target %s can't be deleted: it is already",
                           plan->name);
    expect_drops(emulator, &concern);
    if (tgtd_delete_target(home->tgtd, concern.tid, failure) != 0)
        return -1;
    home->gone[concern.tid] = true;
    // If it redirects: the target that redirects to it stays, and is right again after a new start.
    return await_drops(emulator, &concern, failure);
}

int outage_kill(struct emulator *emulator, size_t instance, struct failure *failure)
{
    struct concern concern = {.instance = instance};
    struct emulator_instance *killed = &emulator->instances[instance];
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (killed->state == INSTANCE_DOWN)
        return fail_state(emulator, instance, "killed", failure);
    expect_drops(emulator, &concern);
    tgtd_kill(killed->tgtd);
    killed->state = INSTANCE_DOWN;
    return await_drops(emulator, &concern, failure);
}

int outage_start_again(struct emulator *emulator, size_t instance, struct failure *failure)
{
    struct emulator_instance *started = &emulator->instances[instance];
    struct tgtd *former = started->tgtd;
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (started->state != INSTANCE_DOWN)
        return fail_state(emulator, instance, "started again", failure);
    // At the same portals: their ports are filled in.
    if (tgtd_start(&started->tgtd, emulator->supervisor, emulator->folder, tgtd_name(former),
                   started->portals, started->portal_count, failure) != 0) {
        started->tgtd = former;
        return -1;
    }
    tgtd_stop(former);
    started->state = INSTANCE_RUNNING;
    for (unsigned tid = 0; tid <= started->target_count; tid++)
        started->gone[tid] = false;
    if (emulator_make_targets(emulator, instance, failure) != 0)
        return -1;
    return emulator_await_agreement(emulator, failure);
}

// Stops an instance that is running, or continues one that is stopped.
static int set_state(struct emulator *emulator, size_t index, enum instance_state state,
                     struct failure *failure)
{
    const struct concern concern = {.instance = index};
    struct emulator_instance *instance = &emulator->instances[index];
    bool stops = state == INSTANCE_STOPPED;
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (instance->state != (stops ? INSTANCE_RUNNING : INSTANCE_STOPPED))
        return fail_state(emulator, index, stops ? "stopped" : "continued", failure);
    if ((stops ? tgtd_suspend : tgtd_continue)(instance->tgtd, failure) != 0)
        return -1;
    instance->state = state;
    for (size_t i = 0; i < emulator->sessions.count; i++)
        if (is_concerned(&concern, emulator->sessions.items[i]))
            emulator->sessions.items[i]->unasked = stops;
    return 0;
}

int outage_suspend(struct emulator *emulator, size_t instance, struct failure *failure)
{
    return set_state(emulator, instance, INSTANCE_STOPPED, failure);
}

int outage_continue(struct emulator *emulator, size_t instance, struct failure *failure)
{
    return set_state(emulator, instance, INSTANCE_RUNNING, failure) != 0
               ? -1
               : emulator_await_agreement(emulator, failure);
}
