// Adds the events to a topology, and plays them through.
#include "emulator/scenario/expand_events.h"

#include "conformance/base/wording.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum instance_course {
    RUNNING,
    STOPPED,
    KILLED,
};

// How things stand after the events so far.
struct course {
    const struct scenario_file *file;
    struct topology *topology;
    const struct event_names *names;
    struct failure *failure;
    size_t entry;                          // the event under way
    enum topology_session_state *sessions; // one for each of the topology
    uint64_t *dropped;                     // of each session's further connections, a bit each
    enum instance_course *instances;
    bool *gone; // of each target: deleted
};

_Static_assert(TOPOLOGY_CONNECTIONS_MAX <= 64, "a bit for each further connection");

static const struct event_node *node_of(const struct course *course)
{
    return &course->file->node->events[course->entry];
}

// Something is wrong with the key of the event under way; returns -1.
static int problem(const struct course *course, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int problem(const struct course *course, const char *key, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return scenario_file_problem(course->file, course->failure,
                                 node_path("events[%zu].%s", course->entry, key).text, "%s", text);
}

static int no_memory(const struct course *course)
{
    return failure_set(course->failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it",
                       course->file->path);
}

// ---- Which keys an event has

static bool is_of_session(enum topology_event_kind kind)
{
    return kind == EVENT_LOGIN || kind == EVENT_LOGOUT || kind == EVENT_DROP ||
           kind == EVENT_REINSTATE;
}

static int check_key(const struct course *course, const char *key, bool wanted)
{
    struct node_path path = node_path("events[%zu].%s", course->entry, key);
    bool given = yaml_place_kind(course->file->place, path.text) != YAML_ABSENT;
    if (!given || wanted)
        return 0;
    return problem(course, key, "\"%s\" does not go with \"do: %s\"; leave it out", key,
                   scenario_event_word(node_of(course)->what));
}

static int check_keys(const struct course *course)
{
    enum topology_event_kind kind = node_of(course)->what;
    bool session = is_of_session(kind);
    bool connection = kind == EVENT_DROP || kind == EVENT_REINSTATE;
    bool target = kind == EVENT_DELETE_TARGET;
    if (check_key(course, "session", session) != 0 || check_key(course, "number", session) != 0 ||
        check_key(course, "cid", connection) != 0 ||
        check_key(course, "side", kind == EVENT_DROP) != 0 ||
        check_key(course, "target", target) != 0)
        return -1;
    return check_key(course, "instance", !session && !target);
}

// ---- References

static int find_session_entry(const struct course *course, size_t *entry)
{
    const struct scenario_node *node = course->file->node;
    const char *wanted = node_of(course)->session;
    struct choices choices;
    if (wanted == NULL)
        return problem(course, "do",
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
        return problem(course, "session",
                       "unknown session %s: no entry of \"sessions\" has an \"id\"; give it one",
                       quote(wanted).text);
    return problem(course, "session", "unknown session %s%s", quote(wanted).text,
                   choices_end(&choices, "ids of sessions here").text);
}

static int find_sessions(const struct course *course, struct topology_event *event)
{
    const struct event_node *node = node_of(course);
    size_t entry = 0;
    uint32_t number = 0;
    if (find_session_entry(course, &entry) != 0)
        return -1;
    const struct group *group = &course->names->sessions[entry];
    if (group->count == 0)
        return problem(course, "session",
                       "nothing can happen to %s: its login is refused, or it is a discovery "
                       "session",
                       quote(node->session).text);
    if (scenario_file_number(course->file, course->failure,
                             node_path("events[%zu].number", course->entry).text, node->number, 1,
                             (uint32_t)group->count, &number) != 0)
        return -1;
    event->first_session = number > 0 ? group->first + number - 1 : group->first;
    event->session_count = number > 0 ? 1 : group->count;
    return 0;
}

static int find_targets(const struct course *course, struct topology_event *event)
{
    const struct scenario_node *node = course->file->node;
    const char *wanted = node_of(course)->target;
    struct choices choices;
    if (wanted == NULL)
        return problem(course, "do", "\"target\" is missing: the id of a target");
    choices_begin(&choices, wanted);
    for (size_t i = 0; i < node->targets_count; i++) {
        const struct target_node *target = &node->targets[i];
        const char *id = target->id != NULL     ? target->id
                         : target->name != NULL ? target->name
                                                : target->pattern;
        choices_add(&choices, id);
        if (strcmp(id, wanted) == 0) {
            event->first_target = course->names->targets[i].first;
            event->target_count = course->names->targets[i].count;
            return 0;
        }
    }
    return problem(course, "target", "unknown target %s%s", quote(wanted).text,
                   choices_end(&choices, "targets here").text);
}

static int find_instance(const struct course *course, struct topology_event *event)
{
    const struct topology *topology = course->topology;
    const char *wanted = node_of(course)->instance;
    struct choices choices;
    if (wanted == NULL && topology->instance_count > 1)
        return problem(course, "do", "\"instance\" is missing: there are %zu",
                       topology->instance_count);
    choices_begin(&choices, wanted != NULL ? wanted : "");
    for (size_t i = 0; i < topology->instance_count; i++) {
        choices_add(&choices, topology->instances[i].name);
        if (wanted == NULL || strcmp(topology->instances[i].name, wanted) == 0) {
            event->instance = i;
            return 0;
        }
    }
    return problem(course, "instance", "unknown instance %s%s", quote(wanted).text,
                   choices_end(&choices, "instances here").text);
}

static int find_connection(const struct course *course, struct topology_event *event)
{
    const struct topology_session *session = &course->topology->sessions[event->first_session];
    uint32_t cid = 0;
    if (node_of(course)->cid == NULL)
        return 0;
    if (scenario_file_number(course->file, course->failure,
                             node_path("events[%zu].cid", course->entry).text, node_of(course)->cid,
                             0, 65535, &cid) != 0)
        return -1;
    if (cid == 0)
        return problem(course, "cid",
                       "the first connection, CID 0, can't be had alone: with it libiscsi holds "
                       "the session; leave \"cid\" out, or give that of another connection");
    for (size_t i = 0; i < session->further_count; i++) {
        if (session->further[i].cid == cid) {
            event->cid = (uint16_t)cid;
            return 0;
        }
    }
    return problem(course, "cid", "the session has no connection with CID %u", cid);
}

// ---- What happens, in words

static void name_sessions(const struct course *course, const struct topology_event *event,
                          char *text, size_t size)
{
    const struct event_node *node = node_of(course);
    struct quoted id = quote(node->session);
    if (node->number != NULL)
        snprintf(text, size, "session %u of %s", *node->number, id.text);
    else if (event->session_count == 1)
        snprintf(text, size, "session %s", id.text);
    else
        snprintf(text, size, "each of the %zu sessions %s", event->session_count, id.text);
}

static int write_sentence(const struct course *course, struct topology_event *event)
{
    static const char *const of_sessions[] = {"logs in", "logs out",
                                              "loses its connections, ended by", "is reinstated"};
    static const char *const of_instances[] = {"is killed", "is stopped", "is continued",
                                               "is started again"};
    const struct event_node *node = node_of(course);
    const char *side = event->by_initiator ? " the initiator" : " the target";
    char who[192] = "";
    char connection[32] = "";
    int length = 0;
    if (event->cid != 0)
        snprintf(connection, sizeof connection, "connection %u of ", event->cid);
    if (is_of_session(event->kind)) {
        name_sessions(course, event, who, sizeof who);
        const char *what = event->cid != 0 && event->kind == EVENT_DROP
                               ? "is ended by"
                               : of_sessions[event->kind - EVENT_LOGIN];
        length = asprintf(&event->sentence, "%s%s %s%s", connection, who, what,
                          event->kind == EVENT_DROP ? side : "");
    } else if (event->kind == EVENT_DELETE_TARGET) {
        length = asprintf(&event->sentence, "target %s is deleted", quote(node->target).text);
    } else {
        length = asprintf(&event->sentence, "tgtd %s %s",
                          quote(course->topology->instances[event->instance].name).text,
                          of_instances[event->kind - EVENT_KILL]);
    }
    if (length >= 0)
        return 0;
    event->sentence = NULL;
    return no_memory(course);
}

// ---- What can happen, and what it does

static size_t home_of(const struct topology_target *target)
{
    return target->redirect.is ? target->redirect.instance : target->instance;
}

static const char *state_words(enum instance_course state)
{
    static const char *const words[] = {"runs", "is stopped", "was killed"};
    return words[state];
}

// Can the session's target be asked for anything?
static int check_target(const struct course *course, const struct topology_session *session,
                        bool log_in)
{
    const struct topology_target *target = &course->topology->targets[session->target];
    const size_t needed[] = {home_of(target), target->instance};
    // Who logs in comes to where a redirection sends them on.
    for (size_t i = 0; i < (log_in ? 2U : 1U); i++)
        if (course->instances[needed[i]] != RUNNING)
            return problem(course, "do", "this can't happen: instance %s %s then",
                           quote(course->topology->instances[needed[i]].name).text,
                           state_words(course->instances[needed[i]]));
    if (course->gone[session->target])
        return problem(course, "do", "this can't happen: target %s is deleted then",
                       quote(target->name).text);
    return 0;
}

static int fail_state(const struct course *course, enum topology_session_state state)
{
    static const char *const words[] = {"is logged in", "has no connection", "is not logged in"};
    return problem(course, "do", "this can't happen: the session %s then", words[state]);
}

static uint64_t connection_bit(const struct topology_session *session, uint16_t cid)
{
    for (size_t i = 0; i < session->further_count; i++)
        if (session->further[i].cid == cid)
            return (uint64_t)1 << i;
    return 0;
}

static int play_session(struct course *course, const struct topology_event *event, size_t index)
{
    const struct topology_session *session = &course->topology->sessions[index];
    enum topology_session_state *state = &course->sessions[index];
    uint64_t bit = connection_bit(session, event->cid);
    bool log_in = event->kind == EVENT_LOGIN || event->kind == EVENT_REINSTATE;
    bool wants_absent = event->kind == EVENT_LOGIN;
    bool takes_connectionless = event->kind == EVENT_REINSTATE && bit == 0;
    if (wants_absent != (*state == STATE_ABSENT) ||
        (*state == STATE_CONNECTIONLESS && !takes_connectionless))
        return fail_state(course, *state);
    if (check_target(course, session, log_in && bit == 0) != 0)
        return -1;
    if (event->kind == EVENT_DROP && bit != 0 && (course->dropped[index] & bit) != 0)
        return problem(course, "cid", "this can't happen: that connection is dropped already");
    if (event->kind == EVENT_DROP && bit != 0) {
        course->dropped[index] |= bit;
    } else if (bit != 0) {
        course->dropped[index] &= ~bit;
    } else {
        static const enum topology_session_state after[] = {STATE_CONNECTED, STATE_ABSENT,
                                                            STATE_CONNECTIONLESS, STATE_CONNECTED};
        *state = after[event->kind - EVENT_LOGIN];
        course->dropped[index] = 0;
    }
    return 0;
}

static int play_deletion(struct course *course, size_t target)
{
    struct topology *topology = course->topology;
    size_t home = home_of(&topology->targets[target]);
    if (course->instances[home] != RUNNING)
        return problem(course, "do", "this can't happen: instance %s %s then",
                       quote(topology->instances[home].name).text,
                       state_words(course->instances[home]));
    if (course->gone[target])
        return problem(course, "do", "this can't happen: it is deleted already");
    course->gone[target] = true;
    for (size_t i = 0; i < topology->session_count; i++)
        if (topology->sessions[i].target == target && course->sessions[i] == STATE_CONNECTED)
            course->sessions[i] = STATE_CONNECTIONLESS;
    return 0;
}

static int play_instance(struct course *course, const struct topology_event *event)
{
    struct topology *topology = course->topology;
    enum instance_course *state = &course->instances[event->instance];
    bool possible = event->kind == EVENT_KILL       ? *state != KILLED
                    : event->kind == EVENT_STOP     ? *state == RUNNING
                    : event->kind == EVENT_CONTINUE ? *state == STOPPED
                                                    : *state == KILLED;
    if (!possible)
        return problem(course, "do", "this can't happen: instance %s %s then",
                       quote(topology->instances[event->instance].name).text, state_words(*state));
    *state = event->kind == EVENT_KILL ? KILLED : event->kind == EVENT_STOP ? STOPPED : RUNNING;
    for (size_t i = 0; i < topology->session_count && event->kind == EVENT_KILL; i++) {
        const struct topology_target *target = &topology->targets[topology->sessions[i].target];
        if (home_of(target) == event->instance && course->sessions[i] == STATE_CONNECTED)
            course->sessions[i] = STATE_CONNECTIONLESS;
    }
    for (size_t i = 0; i < topology->target_count && event->kind == EVENT_START; i++)
        if (home_of(&topology->targets[i]) == event->instance)
            course->gone[i] = false;
    return 0;
}

static int play(struct course *course, const struct topology_event *event)
{
    if (event->kind == EVENT_DELETE_TARGET) {
        for (size_t i = 0; i < event->target_count; i++)
            if (play_deletion(course, event->first_target + i) != 0)
                return -1;
        return 0;
    }
    if (!is_of_session(event->kind))
        return play_instance(course, event);
    for (size_t i = 0; i < event->session_count; i++)
        if (play_session(course, event, event->first_session + i) != 0)
            return -1;
    return 0;
}

// ---- Adding them

static int check_moment(const struct course *course, struct topology_event *event)
{
    const struct event_node *node = node_of(course);
    const struct topology *topology = course->topology;
    if (node->calls != NULL && node->when != MOMENT_AFTER)
        return problem(course, "calls", "\"calls\" goes with \"when: after\" only; leave it out");
    if (node->calls == NULL && node->when == MOMENT_AFTER)
        return problem(course, "when", "\"calls\" is missing: after how many calls?");
    if (node->when == MOMENT_BEFORE && course->entry > 0 &&
        topology->events[course->entry - 1].moment != MOMENT_BEFORE)
        return problem(course, "when",
                       "events happen in their order, and one that comes before all calls stands "
                       "behind one that does not; move it up");
    return scenario_file_number(course->file, course->failure,
                                node_path("events[%zu].calls", course->entry).text, node->calls, 1,
                                TOPOLOGY_EVENT_CALLS_MAX, &event->calls);
}

static int add_event(struct course *course, struct topology_event *event)
{
    const struct event_node *node = node_of(course);
    *event = (struct topology_event){
        .kind = node->what,
        .moment = node->when,
        .by_initiator = node->side == SIDE_INITIATOR,
        .line = yaml_place_value(course->file->place, node_path("events[%zu]", course->entry).text)
                    .line,
    };
    if (check_moment(course, event) != 0 || check_keys(course) != 0)
        return -1;
    int found = is_of_session(event->kind)           ? find_sessions(course, event)
                : event->kind == EVENT_DELETE_TARGET ? find_targets(course, event)
                                                     : find_instance(course, event);
    if (found != 0 || (is_of_session(event->kind) && find_connection(course, event) != 0) ||
        write_sentence(course, event) != 0)
        return -1;
    return play(course, event);
}

// The kit's own changes need a target to log in to, in all that is called after the first events.
static int check_reachable(const struct course *course)
{
    const struct topology *topology = course->topology;
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        if (!course->gone[i] && course->instances[home_of(target)] == RUNNING &&
            course->instances[target->instance] == RUNNING)
            return 0;
    }
    return problem(course, "do",
                   "after this, before all calls, there is no target left to log in to, and the "
                   "kit needs one to see what an implementation makes of changes; add another");
}

// What the first calls find.
static void take_first(struct course *course)
{
    for (size_t i = 0; i < course->topology->session_count; i++)
        course->topology->sessions[i].at_first = course->sessions[i];
}

static int add_events(struct course *course)
{
    struct topology *topology = course->topology;
    const struct scenario_node *node = course->file->node;
    topology->events = calloc(node->events_count + 1, sizeof *topology->events);
    if (topology->events == NULL)
        return no_memory(course);
    take_first(course);
    for (size_t i = 0; i < node->events_count; i++) {
        course->entry = i;
        topology->event_count = i + 1;
        if (add_event(course, &topology->events[i]) != 0)
            return -1;
        if (topology->events[i].moment != MOMENT_BEFORE)
            continue;
        take_first(course);
        if ((i + 1 == node->events_count || node->events[i + 1].when != MOMENT_BEFORE) &&
            check_reachable(course) != 0)
            return -1;
    }
    return 0;
}

static int check_ids(const struct course *course)
{
    const struct scenario_node *node = course->file->node;
    for (size_t i = 0; i < node->sessions_count; i++)
        for (size_t j = 0; j < i && node->sessions[i].id != NULL; j++) {
            if (node->sessions[j].id == NULL ||
                strcmp(node->sessions[i].id, node->sessions[j].id) != 0)
                continue;
            struct yaml_mark first =
                yaml_place_value(course->file->place, node_path("sessions[%zu].id", j).text);
            return scenario_file_problem(course->file, course->failure,
                                         node_path("sessions[%zu].id", i).text,
                                         "two entries of sessions are called %s; the first in "
                                         "line %zu",
                                         quote(node->sessions[i].id).text, first.line);
        }
    return 0;
}

int expansion_add_events(struct topology *topology, const struct scenario_file *file,
                         const struct event_names *names, struct failure *failure)
{
    struct course course = {.file = file, .topology = topology, .names = names, .failure = failure};
    int result = -1;
    course.sessions = calloc(topology->session_count + 1, sizeof *course.sessions);
    course.dropped = calloc(topology->session_count + 1, sizeof *course.dropped);
    course.instances = calloc(topology->instance_count + 1, sizeof *course.instances);
    course.gone = calloc(topology->target_count + 1, sizeof *course.gone);
    if (course.sessions == NULL || course.dropped == NULL || course.instances == NULL ||
        course.gone == NULL) {
        no_memory(&course);
        goto out;
    }
    for (size_t i = 0; i < topology->session_count; i++)
        course.sessions[i] = topology->sessions[i].later        ? STATE_ABSENT
                             : topology->sessions[i].recovering ? STATE_CONNECTIONLESS
                                                                : STATE_CONNECTED;
    if (check_ids(&course) == 0)
        result = add_events(&course);
out:
    free(course.sessions);
    free(course.dropped);
    free(course.instances);
    free(course.gone);
    return result;
}
