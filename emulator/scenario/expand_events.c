// SPDX-License-Identifier: Apache-2.0
// Adds the events to a topology.
#include "emulator/scenario/expand_events.h"

#include "conformance/base/wording.h"
#include "emulator/scenario/expand_instances.h"
#include "emulator/scenario/play_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- Which keys an event has

static int check_key(const struct event_sequence *sequence, const char *key, bool wanted)
{
    struct node_path path = node_path("events[%zu].%s", sequence->entry, key);
    bool given = yaml_tree_find(&sequence->expansion->file->yaml.top, path.text) != NULL;
    if (!given || wanted)
        return 0;
    return event_problem(sequence, key, "\"%s\" does not go with \"do: %s\"; leave it out", key,
                         scenario_event_word(event_node(sequence)->what));
}

static int check_keys(const struct event_sequence *sequence)
{
    enum topology_event_kind kind = event_node(sequence)->what;
    bool session = event_is_of_session(kind);
    bool connection = kind == EVENT_DROP || kind == EVENT_REINSTATE;
    bool target = kind == EVENT_DELETE_TARGET;
    if (check_key(sequence, "session", session) != 0 ||
        check_key(sequence, "number", session) != 0 ||
        check_key(sequence, "cid", connection) != 0 ||
        check_key(sequence, "side", kind == EVENT_DROP) != 0 ||
        check_key(sequence, "target", target) != 0)
        return -1;
    return check_key(sequence, "instance", !session && !target);
}

// ---- References

static int find_session_entry(const struct event_sequence *sequence, size_t *entry)
{
    const struct scenario_node *node = sequence->expansion->node;
    const char *wanted = event_node(sequence)->session;
    struct choices choices;
    if (wanted == NULL)
        return event_problem(sequence, "do",
                             "\"session\" is missing: the \"id\" of an entry of \"sessions\"");
    choices_begin(&choices, wanted);
    for (size_t i = 0; i < node->sessions_count; i++) {
        if (node->sessions[i].id == NULL)
            continue;
        choices_add(&choices, node->sessions[i].id);
        if (strcmp(node->sessions[i].id, wanted) == 0) {
            *entry = i;
            return 0;
        }
    }
    if (choices.count == 0)
        return event_problem(
            sequence, "session",
            "unknown session %s: no entry of \"sessions\" has an \"id\"; give it one",
            quote(wanted).text);
    return event_problem(sequence, "session", "unknown session %s%s", quote(wanted).text,
                         choices_end(&choices, "ids of sessions here").text);
}

static int find_sessions(const struct event_sequence *sequence, struct topology_event *event)
{
    const struct event_node *node = event_node(sequence);
    size_t entry = 0;
    uint32_t number = 0;
    if (find_session_entry(sequence, &entry) != 0)
        return -1;
    const struct group *group = &sequence->expansion->session_groups[entry];
    if (group->count == 0)
        return event_problem(sequence, "session",
                             "nothing can happen to %s: its login is refused, or it is a discovery "
                             "session",
                             quote(node->session).text);
    if (scenario_file_number(sequence->expansion->file, sequence->expansion->failure,
                             node_path("events[%zu].number", sequence->entry).text, node->number, 1,
                             (uint32_t)group->count, &number) != 0)
        return -1;
    event->first_session = number > 0 ? group->first + number - 1 : group->first;
    event->session_count = number > 0 ? 1 : group->count;
    return 0;
}

static int find_targets(const struct event_sequence *sequence, struct topology_event *event)
{
    const struct expansion *expansion = sequence->expansion;
    const char *wanted = event_node(sequence)->target;
    size_t entry = 0;
    if (wanted == NULL)
        return event_problem(sequence, "do", "\"target\" is missing: the id of a target");
    if (names_find(expansion, &expansion->targets,
                   node_path("events[%zu].target", sequence->entry).text, "target", wanted,
                   &entry) != 0)
        return -1;
    event->first_target = expansion->targets.groups[entry].first;
    event->target_count = expansion->targets.groups[entry].count;
    return 0;
}

static int find_instance(const struct event_sequence *sequence, struct topology_event *event)
{
    const char *wanted = event_node(sequence)->instance;
    if (wanted == NULL && sequence->topology->instance_count > 1)
        return event_problem(sequence, "do", "\"instance\" is missing: there are %zu",
                             sequence->topology->instance_count);
    return expansion_find_instance(sequence->expansion, wanted,
                                   node_path("events[%zu].instance", sequence->entry).text,
                                   &event->instance);
}

static int find_connection(const struct event_sequence *sequence, struct topology_event *event)
{
    const struct topology_session *session = &sequence->topology->sessions[event->first_session];
    uint32_t cid = 0;
    if (event_node(sequence)->cid == NULL)
        return 0;
    if (scenario_file_number(sequence->expansion->file, sequence->expansion->failure,
                             node_path("events[%zu].cid", sequence->entry).text,
                             event_node(sequence)->cid, 0, 65535, &cid) != 0)
        return -1;
    if (cid == 0)
        return event_problem(
            sequence, "cid",
            "the first connection, CID 0, can't be had alone: with it libiscsi holds "
            "the session; leave \"cid\" out, or give that of another connection");
    for (size_t i = 0; i < session->further_count; i++) {
        if (session->further[i].cid == cid) {
            event->cid = (uint16_t)cid;
            return 0;
        }
    }
    return event_problem(sequence, "cid", "the session has no connection with CID %u", cid);
}

// ---- What happens, in words

static void name_sessions(const struct event_sequence *sequence, const struct topology_event *event,
                          char *text, size_t size)
{
    const struct event_node *node = event_node(sequence);
    struct quoted id = quote(node->session);
    if (node->number != NULL)
        snprintf(text, size, "session %u of %s", *node->number, id.text);
    else if (event->session_count == 1)
        snprintf(text, size, "session %s", id.text);
    else
        snprintf(text, size, "each of the %zu sessions %s", event->session_count, id.text);
}

static int write_sentence(const struct event_sequence *sequence, struct topology_event *event)
{
    static const char *const of_sessions[] = {
        "logs in", "logs out", "loses its connections, ended by", "is reinstated", "is given up"};
    static const char *const of_instances[] = {"is killed", "is stopped", "is continued",
                                               "is started again"};
    const struct event_node *node = event_node(sequence);
    const char *side = event->by_initiator ? " the initiator" : " the target";
    char who[192] = "";
    char connection[32] = "";
    int length = 0;
    if (event->cid != 0)
        snprintf(connection, sizeof connection, "connection %u of ", event->cid);
    if (event_is_of_session(event->kind)) {
        name_sessions(sequence, event, who, sizeof who);
        const char *what = event->cid != 0 && event->kind == EVENT_DROP
                               ? "is ended by"
                               : of_sessions[event->kind - EVENT_LOGIN];
        length = asprintf(&event->sentence, "%s%s %s%s", connection, who, what,
                          event->kind == EVENT_DROP ? side : "");
    } else if (event->kind == EVENT_DELETE_TARGET) {
        length = asprintf(&event->sentence, "target %s is deleted", quote(node->target).text);
    } else {
        length = asprintf(&event->sentence, "tgtd %s %s",
                          quote(sequence->topology->instances[event->instance].name).text,
                          of_instances[event->kind - EVENT_KILL]);
    }
    if (length >= 0)
        return 0;
    event->sentence = NULL;
    return expansion_no_memory(sequence->expansion);
}

// ---- Adding them

static int check_moment(const struct event_sequence *sequence, struct topology_event *event)
{
    const struct event_node *node = event_node(sequence);
    const struct topology *topology = sequence->topology;
    if (node->calls != NULL && node->when != MOMENT_AFTER)
        return event_problem(sequence, "calls",
                             "\"calls\" goes with \"when: after\" only; leave it out");
    if (node->calls == NULL && node->when == MOMENT_AFTER)
        return event_problem(sequence, "when", "\"calls\" is missing: after how many calls?");
    if (node->when == MOMENT_BEFORE && sequence->entry > 0 &&
        topology->events[sequence->entry - 1].moment != MOMENT_BEFORE)
        return event_problem(
            sequence, "when",
            "events happen in their order, and one that comes before all calls stands "
            "behind one that does not; move it up");
    return scenario_file_number(sequence->expansion->file, sequence->expansion->failure,
                                node_path("events[%zu].calls", sequence->entry).text, node->calls,
                                1, TOPOLOGY_EVENT_CALLS_MAX, &event->calls);
}

static int add_event(struct event_sequence *sequence, struct topology_event *event)
{
    const struct event_node *node = event_node(sequence);
    *event = (struct topology_event){
        .kind = node->what,
        .moment = node->when,
        .by_initiator = node->side == SIDE_INITIATOR,
        .line = expansion_line(sequence->expansion, node_path("events[%zu]", sequence->entry).text),
    };
    if (check_moment(sequence, event) != 0 || check_keys(sequence) != 0)
        return -1;
    int found = event_is_of_session(event->kind)     ? find_sessions(sequence, event)
                : event->kind == EVENT_DELETE_TARGET ? find_targets(sequence, event)
                                                     : find_instance(sequence, event);
    if (found != 0 || (event_is_of_session(event->kind) && find_connection(sequence, event) != 0) ||
        write_sentence(sequence, event) != 0)
        return -1;
    return event_play(sequence, event);
}

// After the events that come before all calls, the kit makes changes of its own, for which it needs
// a target to log in to.
static int check_reachable(const struct event_sequence *sequence)
{
    const struct topology *topology = sequence->topology;
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        if (!sequence->gone[i] && sequence->instances[event_home(target)] == RUNNING &&
            sequence->instances[target->instance] == RUNNING)
            return 0;
    }
    return event_problem(
        sequence, "do",
        "after this, before all calls, there is no target left to log in to, and the "
        "kit needs one to see what an implementation makes of changes; add another");
}

// Records the states as they are when the first call is made.
static void take_first(struct event_sequence *sequence)
{
    for (size_t i = 0; i < sequence->topology->session_count; i++)
        sequence->topology->sessions[i].at_first = sequence->sessions[i];
}

static int add_events(struct event_sequence *sequence)
{
    struct topology *topology = sequence->topology;
    const struct scenario_node *node = sequence->expansion->node;
    topology->events =
        expansion_array(sequence->expansion, node->events_count, sizeof *topology->events);
    if (topology->events == NULL)
        return -1;
    take_first(sequence);
    for (size_t i = 0; i < node->events_count; i++) {
        sequence->entry = i;
        topology->event_count = i + 1;
        if (add_event(sequence, &topology->events[i]) != 0)
            return -1;
        if (topology->events[i].moment != MOMENT_BEFORE)
            continue;
        take_first(sequence);
        if ((i + 1 == node->events_count || node->events[i + 1].when != MOMENT_BEFORE) &&
            check_reachable(sequence) != 0)
            return -1;
    }
    return 0;
}

static int check_ids(const struct event_sequence *sequence)
{
    const struct scenario_node *node = sequence->expansion->node;
    for (size_t i = 0; i < node->sessions_count; i++)
        for (size_t j = 0; j < i && node->sessions[i].id != NULL; j++) {
            if (node->sessions[j].id == NULL ||
                strcmp(node->sessions[i].id, node->sessions[j].id) != 0)
                continue;
            return expansion_problem(
                sequence->expansion, node_path("sessions[%zu].id", i).text,
                "two entries of sessions are called %s; the first in line %zu",
                quote(node->sessions[i].id).text,
                expansion_line(sequence->expansion, node_path("sessions[%zu].id", j).text));
        }
    return 0;
}

int expand_events(struct expansion *expansion)
{
    const struct topology *topology = expansion->topology;
    struct event_sequence sequence = {.expansion = expansion, .topology = expansion->topology};
    int result = -1;
    sequence.sessions =
        expansion_array(expansion, topology->session_count, sizeof *sequence.sessions);
    sequence.dropped =
        expansion_array(expansion, topology->session_count, sizeof *sequence.dropped);
    sequence.instances =
        expansion_array(expansion, topology->instance_count, sizeof *sequence.instances);
    sequence.gone = expansion_array(expansion, topology->target_count, sizeof *sequence.gone);
    if (sequence.sessions == NULL || sequence.dropped == NULL || sequence.instances == NULL ||
        sequence.gone == NULL)
        goto out;
    for (size_t i = 0; i < topology->session_count; i++)
        sequence.sessions[i] = topology->sessions[i].later        ? STATE_ABSENT
                               : topology->sessions[i].recovering ? STATE_CONNECTIONLESS
                                                                  : STATE_CONNECTED;
    if (check_ids(&sequence) == 0)
        result = add_events(&sequence);
out:
    free(sequence.sessions);
    free(sequence.dropped);
    free(sequence.instances);
    free(sequence.gone);
    return result;
}
