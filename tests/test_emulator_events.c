// SPDX-License-Identifier: Apache-2.0
// Tests of a scenario's events: those that ship, one after the other, with the truth after each;
// and hundreds drawn by a seeded generator, confirmed from both sides after each.
#include "emulator/emulator.h"
#include "emulator/scenario/scenario.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DRAWN = 250, // events
    SEED = 20261122,
};

static struct emulator *start(const struct topology *topology)
{
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    int result = emulator_start(&emulator, supervisor, topology, folder, &failure);
    ck_assert_msg(result == 0, "%s", failure.text);
    return emulator;
}

static void make(struct emulator *emulator, const struct topology_event *event)
{
    struct failure failure = {0};
    ck_assert_msg(emulator_event(emulator, event, &failure) == 0, "%s", failure.text);
    ck_assert_msg(emulator_verify(emulator, &failure) == 0, "%s", failure.text);
}

// ---- those that ship

// "2+1+0-3": the connections of each session in its order, '-' for one that is not there.
static void describe(const struct emulator *emulator, FILE *stream)
{
    for (size_t i = 0; i < emulator_topology(emulator)->session_count; i++) {
        const struct truth_session *session = emulator_session(emulator, i);
        if (session == NULL)
            fputc('-', stream);
        else
            fprintf(stream, "%zu", session->connection_count);
    }
}

struct course {
    const char *scenario;
    const char *states; // when it is up, and after each event that is not before all calls
};

static const struct course courses[] = {
    {"events-sessions", "111--- 111-1- 11111- 1111-- ---1-- 1111--"},
    {"events-recovery", "011 001 101 101 111 110"},
    {"events-given-up", "1011- 1001- 10-1- 10-11 1--11 12-11 02-11 -2-11 -0-00 -0--0"},
    {"events-connections", "31 21 31 41 31 41 41"},
    {"events-target-deleted", "11001111 11000000"},
    {"events-failover", "111111 000111 000111 001111 101111 101000 111000 111000"},
    {"events-target-hangs", "111 110 110 110 111 001"},
};

enum { COURSE_COUNT = sizeof courses / sizeof courses[0] };

START_TEST(shipped_events_have_their_effect)
{
    struct scenario *scenario = NULL;
    struct failure failure = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ck_assert_msg(
        scenario_find(&scenario, TCK_SOURCE_DIR "/scenarios", courses[_i].scenario, &failure) == 0,
        "%s", failure.text);
    const struct topology *topology = &scenario->topology;
    struct emulator *emulator = start(topology);
    ck_assert_uint_eq(emulator_generation_count(emulator), 1);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, topology_first_count(topology));
    describe(emulator, stream);
    for (size_t i = 0; i < topology->event_count; i++) {
        if (topology->events[i].moment == MOMENT_BEFORE)
            continue;
        make(emulator, &topology->events[i]);
        fputc(' ', stream);
        describe(emulator, stream);
    }
    fclose(stream);
    ck_assert_str_eq(text, courses[_i].states);
    free(text);
    emulator_stop(emulator);
    scenario_free(scenario);
}
END_TEST

// ---- any

static const char rich[] = "name: x\nsummary: S.\nwhy: W.\n"
                           "instances:\n"
                           "  - {name: a, portals: [{address: 127.0.0.1}, {address: \"::1\"}]}\n"
                           "  - {name: b, portals: [{address: 127.0.0.2}]}\n"
                           "targets:\n"
                           "  - {id: t, pattern: \"iqn.2004-01.a:t{n}\", count: 2, instance: a}\n"
                           "  - {id: u, name: \"iqn.2004-01.a:u\", instance: b,"
                           " chap: {user: me, password: a-secret}}\n"
                           "initiators:\n"
                           "  - {id: i, pattern: \"iqn.2004-01.a:i{n}\", count: 2,"
                           " chap: {user: me, password: a-secret}}\n"
                           "sessions:\n"
                           "  - {initiator: i, target: t, portal: each, connections: 3}\n"
                           "  - {initiator: i, target: u, count: 2}\n"
                           "  - {initiator: i, target: u, later: true}\n"
                           "  - {initiator: i, target: u, type: discovery}\n";

// How things stand, as the events should have made them.
enum standing_instance {
    UP,
    HELD,
    DOWN,
};

struct standing {
    const struct topology *topology;
    enum topology_session_state sessions[16];
    bool dropped[16][4]; // of the further connections
    enum standing_instance instances[2];
    bool gone[4];
    uint64_t random;
};

static uint32_t draw(struct standing *standing, uint32_t below)
{
    standing->random = standing->random * 6364136223846793005U + 1442695040888963407U;
    ck_assert_uint_gt(below, 0);
    return (uint32_t)(standing->random >> 33) % below;
}

static size_t instance_of(const struct standing *standing, size_t session)
{
    const struct topology *topology = standing->topology;
    return topology->targets[topology->sessions[session].target].instance;
}

static bool is_reachable(const struct standing *standing, size_t session)
{
    return standing->instances[instance_of(standing, session)] == UP &&
           !standing->gone[standing->topology->sessions[session].target];
}

static void lose(struct standing *standing, size_t session)
{
    if (standing->sessions[session] == STATE_CONNECTED)
        standing->sessions[session] = STATE_CONNECTIONLESS;
}

// Draws an event of one session that can happen, and says what it does; false: this one can't.
static bool draw_of_session(struct standing *standing, struct topology_event *event)
{
    size_t session = draw(standing, (uint32_t)standing->topology->session_count);
    const struct topology_session *plan = &standing->topology->sessions[session];
    enum topology_session_state *state = &standing->sessions[session];
    size_t further = plan->further_count > 0 ? draw(standing, (uint32_t)plan->further_count) : 0;
    bool one = plan->further_count > 0 && draw(standing, 2) == 0;
    event->first_session = session;
    event->session_count = 1;
    if (event->kind == EVENT_GIVE_UP) {
        bool possible = *state == STATE_CONNECTIONLESS;
        *state = possible ? STATE_ABSENT : *state;
        if (possible)
            memset(standing->dropped[session], 0, sizeof standing->dropped[session]);
        return possible;
    }
    if (!is_reachable(standing, session) ||
        (event->kind == EVENT_LOGIN) != (*state == STATE_ABSENT))
        return false;
    if (event->kind == EVENT_DROP || event->kind == EVENT_REINSTATE)
        event->cid = one ? plan->further[further].cid : 0;
    event->by_initiator = draw(standing, 2) == 0;
    if (*state == STATE_CONNECTIONLESS && (event->kind != EVENT_REINSTATE || event->cid != 0))
        return false;
    if (event->kind == EVENT_DROP && event->cid != 0 && standing->dropped[session][further])
        return false;
    if (event->cid != 0) {
        standing->dropped[session][further] = event->kind == EVENT_DROP;
        return true;
    }
    memset(standing->dropped[session], 0, sizeof standing->dropped[session]);
    *state = event->kind == EVENT_DROP     ? STATE_CONNECTIONLESS
             : event->kind == EVENT_LOGOUT ? STATE_ABSENT
                                           : STATE_CONNECTED;
    return true;
}

static bool draw_deletion(struct standing *standing, struct topology_event *event)
{
    size_t target = draw(standing, (uint32_t)standing->topology->target_count);
    event->first_target = target;
    event->target_count = 1;
    if (draw(standing, 4) > 0 || standing->gone[target] ||
        standing->instances[standing->topology->targets[target].instance] != UP)
        return false;
    standing->gone[target] = true;
    for (size_t i = 0; i < standing->topology->session_count; i++)
        if (standing->topology->sessions[i].target == target)
            lose(standing, i);
    return true;
}

static bool draw_of_instance(struct standing *standing, struct topology_event *event)
{
    event->instance = draw(standing, 2);
    enum standing_instance state = standing->instances[event->instance];
    switch (event->kind) {
    case EVENT_KILL:
        if (state == DOWN || draw(standing, 3) > 0)
            return false;
        standing->instances[event->instance] = DOWN;
        for (size_t i = 0; i < standing->topology->session_count; i++)
            if (instance_of(standing, i) == event->instance)
                lose(standing, i);
        return true;
    case EVENT_STOP:
        standing->instances[event->instance] =
            state == UP ? HELD : standing->instances[event->instance];
        return state == UP;
    case EVENT_CONTINUE:
        standing->instances[event->instance] =
            state == HELD ? UP : standing->instances[event->instance];
        return state == HELD;
    default:
        if (state != DOWN)
            return false;
        standing->instances[event->instance] = UP;
        for (size_t i = 0; i < standing->topology->target_count; i++)
            if (standing->topology->targets[i].instance == event->instance)
                standing->gone[i] = false;
        return true;
    }
}

static struct topology_event draw_event(struct standing *standing)
{
    for (;;) {
        struct topology_event event = {
            .kind = (enum topology_event_kind)draw(standing, EVENT_START + 1)};
        bool possible = event.kind == EVENT_DELETE_TARGET  ? draw_deletion(standing, &event)
                        : event.kind < EVENT_DELETE_TARGET ? draw_of_session(standing, &event)
                                                           : draw_of_instance(standing, &event);
        if (possible)
            return event;
    }
}

static void assert_stands(const struct emulator *emulator, const struct standing *standing)
{
    for (size_t i = 0; i < standing->topology->session_count; i++) {
        const struct topology_session *plan = &standing->topology->sessions[i];
        const struct truth_session *session = emulator_session(emulator, i);
        size_t connections = 1;
        if (standing->sessions[i] == STATE_ABSENT) {
            ck_assert_ptr_null(session);
            continue;
        }
        ck_assert_ptr_nonnull(session);
        for (size_t j = 0; j < plan->further_count; j++)
            connections += !standing->dropped[i][j];
        if (standing->sessions[i] == STATE_CONNECTIONLESS)
            connections = 0;
        ck_assert_uint_eq(session->connection_count, connections);
    }
}

static struct scenario *load(const char *text)
{
    struct scenario *scenario = NULL;
    struct failure failure = {0};
    char path[96];
    snprintf(path, sizeof path, "%s/some.yaml", folder);
    FILE *file = fopen(path, "w");
    ck_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    ck_assert_msg(scenario_load(&scenario, path, &failure) == 0, "%s", failure.text);
    unlink(path);
    return scenario;
}

START_TEST(any_events_keep_both_sides_agreeing)
{
    struct scenario *scenario = load(rich);
    struct standing standing = {.topology = &scenario->topology, .random = SEED};
    ck_assert_uint_le(scenario->topology.session_count, 16);
    for (size_t i = 0; i < scenario->topology.session_count; i++)
        standing.sessions[i] = scenario->topology.sessions[i].at_first;
    struct emulator *emulator = start(&scenario->topology);
    for (int i = 0; i < DRAWN; i++) {
        const struct topology_event event = draw_event(&standing);
        make(emulator, &event);
        assert_stands(emulator, &standing);
    }
    emulator_stop(emulator);
    scenario_free(scenario);
}
END_TEST

// A target that redirects is there again when the instance where its sessions are is started anew:
// also who sends initiators on, of an instance that went on all the time.
static const char redirecting[] =
    "name: x\nsummary: S.\nwhy: W.\n"
    "instances:\n"
    "  - {name: door, portals: [{address: 127.0.0.1}]}\n"
    "  - {name: home, portals: [{address: 127.0.0.2}]}\n"
    "targets:\n"
    "  - {id: t, name: \"iqn.2004-01.a:t\", instance: door,"
    " redirect: {instance: home, portal: 127.0.0.2},"
    " chap: {user: me, password: a-secret}, mutual: {user: it, password: its-own}}\n"
    "initiators:\n"
    "  - {id: i, name: \"iqn.2004-01.a:i\", chap: {user: me, password: a-secret},"
    " mutual: {user: it, password: its-own}}\n"
    "sessions:\n"
    "  - {id: s, initiator: i, target: t}\n"
    "  - {initiator: i, target: t, type: discovery}\n"
    "events:\n"
    "  - {when: between, do: delete-target, target: t}\n"
    "  - {when: between, do: kill, instance: home}\n"
    "  - {when: between, do: start, instance: home}\n"
    "  - {when: between, do: reinstate, session: s}\n"
    "  - {when: between, do: stop, instance: door}\n"
    "  - {when: between, do: kill, instance: door}\n"
    "  - {when: between, do: start, instance: door}\n"
    "  - {when: between, do: kill, instance: door}\n";

START_TEST(a_redirecting_target_comes_back)
{
    struct scenario *scenario = load(redirecting);
    struct emulator *emulator = start(&scenario->topology);
    for (size_t i = 0; i < scenario->topology.event_count; i++) {
        make(emulator, &scenario->topology.events[i]);
        ck_assert_uint_eq(emulator_session(emulator, 0)->connection_count, i >= 3);
    }
    emulator_stop(emulator);
    scenario_free(scenario);
}
END_TEST

// ---- what can't be

START_TEST(impossible_events_say_why)
{
    static const struct {
        enum topology_event_kind kind;
        const char *said;
    } impossible[] = {
        {EVENT_LOGIN, "it is logged in already"},
        {EVENT_GIVE_UP, "can't be given up: it has a connection"},
        {EVENT_START, "can't be started again: it is running"},
        {EVENT_CONTINUE, "can't be continued: it is running"},
    };
    struct scenario *scenario = NULL;
    struct failure failure = {0};
    ck_assert(scenario_find(&scenario, TCK_SOURCE_DIR "/scenarios", "single", &failure) == 0);
    struct emulator *emulator = start(&scenario->topology);
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        const struct topology_event event = {.kind = impossible[i].kind, .session_count = 1};
        failure = (struct failure){0};
        ck_assert_int_eq(emulator_event(emulator, &event, &failure), -1);
        ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
        ck_assert_msg(strstr(failure.text, impossible[i].said) != NULL, "%s", failure.text);
    }
    // It changed nothing.
    failure = (struct failure){0};
    ck_assert_msg(emulator_verify(emulator, &failure) == 0, "%s", failure.text);
    emulator_stop(emulator);
    scenario_free(scenario);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("emulator_events");
    TCase *events = tcase_create("events");
    tcase_set_timeout(events, 120);
    tcase_add_checked_fixture(events, supervised_folder_open, supervised_folder_close);
    tcase_add_loop_test(events, shipped_events_have_their_effect, 0, COURSE_COUNT);
    tcase_add_test(events, any_events_keep_both_sides_agreeing);
    tcase_add_test(events, a_redirecting_target_comes_back);
    tcase_add_test(events, impossible_events_say_why);
    suite_add_tcase(suite, events);
    return suite;
}
