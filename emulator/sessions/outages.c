// What happens to targets and instances under their sessions; and the events of a scenario.
#include "emulator/state.h"

// ---- what ends the connections of several sessions at once ----

// Whom it concerns: the sessions at an instance, of one target there, or of all (tid 0).
struct concern {
    size_t instance;
    unsigned tid;
};

static bool is_concerned(const struct concern *concern, const struct emulator_session *session)
{
    return session->instance == concern->instance && !session->ended &&
           (concern->tid == 0 || session->tid == concern->tid);
}

// Tells the initiators that their connections are to end. Each of the sessions is told of once:
// what it has lost before stays lost.
static void expect_drops(struct emulator *emulator, const struct concern *concern)
{
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        struct emulator_session *session = emulator->sessions.items[i];
        if (is_concerned(concern, session) && !session->dropped)
            emulator_expect_drop(session);
    }
    // Discovery sessions are with the instance, whatever becomes of a target.
    for (size_t i = 0; i < emulator->asides.count && concern->tid == 0; i++) {
        const struct emulator_session *aside = emulator->asides.items[i];
        if (aside->initiator != NULL && aside->target->instance == concern->instance)
            initiator_expect_drop(aside->initiator);
    }
}

// Waits until the initiators have seen it. What the target knew of the sessions, it knows no more.
static int await_drops(struct emulator *emulator, const struct concern *concern,
                       struct failure *failure)
{
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        struct emulator_session *session = emulator->sessions.items[i];
        if (!is_concerned(concern, session))
            continue;
        session->forgotten = true;
        session->unasked = false;
        if (emulator_await_drop(session, failure) != 0)
            return -1;
    }
    if (emulator_await_agreement(emulator, failure) != 0)
        return -1;
    return emulator_publish(emulator, failure);
}

static int fail_state(const struct emulator *emulator, size_t instance, const char *change,
                      struct failure *failure)
{
    static const char *const states[] = {"it is running", "it is stopped", "it was killed"};
    return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\" can't be %s: %s",
                       emulator->topology->instances[instance].name, change,
                       states[emulator->instances[instance].state]);
}

int emulator_delete_target(struct emulator *emulator, size_t target, struct failure *failure)
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
    // Where it redirects: who sends initiators on stays, and is right again after a new start.
    return await_drops(emulator, &concern, failure);
}

int emulator_kill(struct emulator *emulator, size_t instance, struct failure *failure)
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

int emulator_start_again(struct emulator *emulator, size_t instance, struct failure *failure)
{
    struct emulator_instance *started = &emulator->instances[instance];
    struct tgtd *former = started->tgtd;
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (started->state != INSTANCE_DOWN)
        return fail_state(emulator, instance, "started again", failure);
    // At the same portals: their ports are filled in. The former one goes when nobody names it.
    if (tgtd_start(&started->tgtd, emulator->supervisor, emulator->folder, tgtd_name(former),
                   started->portals, started->portal_count, failure) != 0) {
        started->tgtd = former;
        return -1;
    }
    for (size_t i = 0; i < emulator->sessions.count; i++)
        emulator_place(emulator->sessions.items[i]);
    for (size_t i = 0; i < emulator->asides.count; i++)
        emulator_place(emulator->asides.items[i]);
    tgtd_stop(former);
    started->state = INSTANCE_RUNNING;
    for (unsigned tid = 0; tid <= started->target_count; tid++)
        started->gone[tid] = false;
    if (emulator_make_targets(emulator, instance, failure) != 0)
        return -1;
    return emulator_await_agreement(emulator, failure);
}

static void set_unasked(struct emulator *emulator, size_t instance, bool unasked)
{
    const struct concern concern = {.instance = instance};
    for (size_t i = 0; i < emulator->sessions.count; i++)
        if (is_concerned(&concern, emulator->sessions.items[i]))
            emulator->sessions.items[i]->unasked = unasked;
}

int emulator_suspend(struct emulator *emulator, size_t instance, struct failure *failure)
{
    struct emulator_instance *stopped = &emulator->instances[instance];
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (stopped->state != INSTANCE_RUNNING)
        return fail_state(emulator, instance, "stopped", failure);
    if (tgtd_suspend(stopped->tgtd, failure) != 0)
        return -1;
    stopped->state = INSTANCE_STOPPED;
    set_unasked(emulator, instance, true);
    return 0;
}

int emulator_continue(struct emulator *emulator, size_t instance, struct failure *failure)
{
    struct emulator_instance *continued = &emulator->instances[instance];
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    if (continued->state != INSTANCE_STOPPED)
        return fail_state(emulator, instance, "continued", failure);
    if (tgtd_continue(continued->tgtd, failure) != 0)
        return -1;
    continued->state = INSTANCE_RUNNING;
    set_unasked(emulator, instance, false);
    return emulator_await_agreement(emulator, failure);
}

// ---- events ----

static int session_event(struct emulator *emulator, const struct topology_event *event,
                         size_t session, struct failure *failure)
{
    enum emulator_side side = event->by_initiator ? EMULATOR_INITIATOR : EMULATOR_TARGET;
    switch (event->kind) {
    case EVENT_LOGIN:
        return emulator_login_planned(emulator, session, failure);
    case EVENT_LOGOUT:
        return emulator_logout(emulator, session, failure);
    case EVENT_DROP:
        return event->cid == 0
                   ? emulator_drop(emulator, session, side, failure)
                   : emulator_drop_connection(emulator, session, event->cid, side, failure);
    default:
        return event->cid == 0
                   ? emulator_reinstate(emulator, session, failure)
                   : emulator_reinstate_connection(emulator, session, event->cid, failure);
    }
}

static int each_session(struct emulator *emulator, const struct topology_event *event,
                        struct failure *failure)
{
    for (size_t i = 0; i < event->session_count; i++)
        if (session_event(emulator, event, event->first_session + i, failure) != 0)
            return -1;
    return 0;
}

static int each_target(struct emulator *emulator, const struct topology_event *event,
                       struct failure *failure)
{
    for (size_t i = 0; i < event->target_count; i++)
        if (emulator_delete_target(emulator, event->first_target + i, failure) != 0)
            return -1;
    return 0;
}

// All sessions or targets concerned: one generation.
static int make_at_once(struct emulator *emulator, const struct topology_event *event,
                        struct failure *failure)
{
    bool publishes = emulator->publishes;
    emulator->publishes = false;
    int result = event->kind == EVENT_DELETE_TARGET ? each_target(emulator, event, failure)
                                                    : each_session(emulator, event, failure);
    emulator->publishes = publishes;
    return result != 0 ? -1 : emulator_publish(emulator, failure);
}

int emulator_event(struct emulator *emulator, const struct topology_event *event,
                   struct failure *failure)
{
    switch (event->kind) {
    case EVENT_KILL:
        return emulator_kill(emulator, event->instance, failure);
    case EVENT_STOP:
        return emulator_suspend(emulator, event->instance, failure);
    case EVENT_CONTINUE:
        return emulator_continue(emulator, event->instance, failure);
    case EVENT_START:
        return emulator_start_again(emulator, event->instance, failure);
    default:
        return make_at_once(emulator, event, failure);
    }
}
