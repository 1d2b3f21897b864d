// SPDX-License-Identifier: Apache-2.0
// Plays events: what can happen, and what it does.
#include "emulator/scenario/play_events.h"

#include "conformance/base/wording.h"

#include <stdarg.h>
#include <stdio.h>

_Static_assert(TOPOLOGY_CONNECTIONS_MAX <= 64, "a bit for each further connection");

const struct event_node *event_node(const struct event_sequence *sequence)
{
    return &sequence->expansion->node->events[sequence->entry];
}

int event_problem(const struct event_sequence *sequence, const char *key, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return expansion_problem(sequence->expansion,
                             node_path("events[%zu].%s", sequence->entry, key).text, "%s", text);
}

bool event_is_of_session(enum topology_event_kind kind)
{
    return kind == EVENT_LOGIN || kind == EVENT_LOGOUT || kind == EVENT_DROP ||
           kind == EVENT_REINSTATE || kind == EVENT_GIVE_UP;
}

size_t event_home(const struct topology_target *target)
{
    return target->redirect.is ? target->redirect.instance : target->instance;
}

static const char *state_words(enum instance_condition state)
{
    static const char *const words[] = {"runs", "is stopped", "was killed"};
    return words[state];
}

// Is the session's target there, and do the instances run that it needs?
static int check_target(const struct event_sequence *sequence,
                        const struct topology_session *session, bool log_in)
{
    const struct topology_target *target = &sequence->topology->targets[session->target];
    const size_t needed[] = {event_home(target), target->instance};
    // A login begins at the target's own instance, which may redirect it.
    for (size_t i = 0; i < (log_in ? 2U : 1U); i++)
        if (sequence->instances[needed[i]] != RUNNING)
            return event_problem(sequence, "do", "this can't happen: instance %s %s then",
                                 quote(sequence->topology->instances[needed[i]].name).text,
                                 state_words(sequence->instances[needed[i]]));
    if (sequence->gone[session->target])
        return event_problem(sequence, "do", "this can't happen: target %s is deleted then",
                             quote(target->name).text);
    return 0;
}

static int fail_state(const struct event_sequence *sequence, enum topology_session_state state)
{
    static const char *const words[] = {"is logged in", "has no connection", "is not logged in"};
    return event_problem(sequence, "do", "this can't happen: the session %s then", words[state]);
}

// Can the event happen to a session in that state? `bit`: that of the one connection concerned, 0
// for all of the session.
static bool is_possible(enum topology_event_kind kind, uint64_t bit,
                        enum topology_session_state state)
{
    switch (state) {
    case STATE_CONNECTED:
        return kind != EVENT_LOGIN && kind != EVENT_GIVE_UP;
    case STATE_CONNECTIONLESS:
        return (kind == EVENT_REINSTATE && bit == 0) || kind == EVENT_GIVE_UP;
    default:
        return kind == EVENT_LOGIN;
    }
}

static uint64_t connection_bit(const struct topology_session *session, uint16_t cid)
{
    for (size_t i = 0; i < session->further_count; i++)
        if (session->further[i].cid == cid)
            return (uint64_t)1 << i;
    return 0;
}

// A login must not end another session of the file: that one's own event is its reinstatement.
static int check_nexus(const struct event_sequence *sequence, size_t index)
{
    const struct topology_session *sessions = sequence->topology->sessions;
    for (size_t i = 0; i < sequence->topology->session_count; i++)
        if (i != index && sequence->sessions[i] != STATE_ABSENT &&
            topology_same_nexus(&sessions[i], &sessions[index]))
            return event_problem(sequence, "do",
                                 "this can't happen: the session of line %zu has the same "
                                 "initiator, target and ISID, and has not been logged out or given "
                                 "up then",
                                 sessions[i].line);
    return 0;
}

static int play_session(struct event_sequence *sequence, const struct topology_event *event,
                        size_t index)
{
    const struct topology_session *session = &sequence->topology->sessions[index];
    enum topology_session_state *state = &sequence->sessions[index];
    uint64_t bit = connection_bit(session, event->cid);
    bool log_in = event->kind == EVENT_LOGIN || event->kind == EVENT_REINSTATE;
    if (!is_possible(event->kind, bit, *state))
        return fail_state(sequence, *state);
    if (event->kind == EVENT_LOGIN && check_nexus(sequence, index) != 0)
        return -1;
    // A session is given up by its initiator alone, whatever became of the target.
    if (event->kind != EVENT_GIVE_UP && check_target(sequence, session, log_in && bit == 0) != 0)
        return -1;
    if (event->kind == EVENT_DROP && bit != 0 && (sequence->dropped[index] & bit) != 0)
        return event_problem(sequence, "cid",
                             "this can't happen: that connection is dropped already");
    if (event->kind == EVENT_DROP && bit != 0) {
        sequence->dropped[index] |= bit;
    } else if (bit != 0) {
        sequence->dropped[index] &= ~bit;
    } else {
        static const enum topology_session_state after[] = {
            STATE_CONNECTED, STATE_ABSENT, STATE_CONNECTIONLESS, STATE_CONNECTED, STATE_ABSENT};
        *state = after[event->kind - EVENT_LOGIN];
        sequence->dropped[index] = 0;
    }
    return 0;
}

static int play_deletion(struct event_sequence *sequence, size_t target)
{
    struct topology *topology = sequence->topology;
    size_t home = event_home(&topology->targets[target]);
    if (sequence->instances[home] != RUNNING)
        return event_problem(sequence, "do", "this can't happen: instance %s %s then",
                             quote(topology->instances[home].name).text,
                             state_words(sequence->instances[home]));
    if (sequence->gone[target])
        return event_problem(sequence, "do", "this can't happen: it is deleted already");
    sequence->gone[target] = true;
    for (size_t i = 0; i < topology->session_count; i++)
        if (topology->sessions[i].target == target && sequence->sessions[i] == STATE_CONNECTED)
            sequence->sessions[i] = STATE_CONNECTIONLESS;
    return 0;
}

static int play_instance(struct event_sequence *sequence, const struct topology_event *event)
{
    struct topology *topology = sequence->topology;
    enum instance_condition *state = &sequence->instances[event->instance];
    bool possible = event->kind == EVENT_KILL       ? *state != KILLED
                    : event->kind == EVENT_STOP     ? *state == RUNNING
                    : event->kind == EVENT_CONTINUE ? *state == STOPPED
                                                    : *state == KILLED;
    if (!possible)
        return event_problem(sequence, "do", "this can't happen: instance %s %s then",
                             quote(topology->instances[event->instance].name).text,
                             state_words(*state));
    *state = event->kind == EVENT_KILL ? KILLED : event->kind == EVENT_STOP ? STOPPED : RUNNING;
    for (size_t i = 0; i < topology->session_count && event->kind == EVENT_KILL; i++) {
        const struct topology_target *target = &topology->targets[topology->sessions[i].target];
        if (event_home(target) == event->instance && sequence->sessions[i] == STATE_CONNECTED)
            sequence->sessions[i] = STATE_CONNECTIONLESS;
    }
    for (size_t i = 0; i < topology->target_count && event->kind == EVENT_START; i++)
        if (event_home(&topology->targets[i]) == event->instance)
            sequence->gone[i] = false;
    return 0;
}

int event_play(struct event_sequence *sequence, const struct topology_event *event)
{
    if (event->kind == EVENT_DELETE_TARGET) {
        for (size_t i = 0; i < event->target_count; i++)
            if (play_deletion(sequence, event->first_target + i) != 0)
                return -1;
        return 0;
    }
    if (!event_is_of_session(event->kind))
        return play_instance(sequence, event);
    for (size_t i = 0; i < event->session_count; i++)
        if (play_session(sequence, event, event->first_session + i) != 0)
            return -1;
    return 0;
}
