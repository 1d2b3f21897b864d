// SPDX-License-Identifier: Apache-2.0
// Makes the events of a scenario.
#include "emulator/sessions/events.h"

#include "emulator/sessions/changes.h"
#include "emulator/sessions/outages.h"

static int session_event(struct emulator *emulator, const struct topology_event *event,
                         size_t session, struct failure *failure)
{
    enum emulator_side side = event->by_initiator ? EMULATOR_INITIATOR : EMULATOR_TARGET;
    switch (event->kind) {
    case EVENT_LOGIN:
        return change_login_planned(emulator, session, failure);
    case EVENT_LOGOUT:
        return change_logout(emulator, session, failure);
    case EVENT_DROP:
        return event->cid == 0
                   ? change_drop(emulator, session, side, failure)
                   : change_drop_connection(emulator, session, event->cid, side, failure);
    case EVENT_GIVE_UP:
        return change_give_up(emulator, session, failure);
    default:
        return event->cid == 0
                   ? change_reinstate(emulator, session, failure)
                   : change_reinstate_connection(emulator, session, event->cid, failure);
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
        if (outage_delete_target(emulator, event->first_target + i, failure) != 0)
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
    return result != 0 ? -1 : emulator_publish(emulator, 0, failure);
}

int events_make(struct emulator *emulator, const struct topology_event *event,
                struct failure *failure)
{
    switch (event->kind) {
    case EVENT_KILL:
        return outage_kill(emulator, event->instance, failure);
    case EVENT_STOP:
        return outage_suspend(emulator, event->instance, failure);
    case EVENT_CONTINUE:
        return outage_continue(emulator, event->instance, failure);
    case EVENT_START:
        return outage_start_again(emulator, event->instance, failure);
    default:
        return make_at_once(emulator, event, failure);
    }
}
