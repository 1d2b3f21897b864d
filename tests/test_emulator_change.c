// SPDX-License-Identifier: Apache-2.0
// Tests of the changes that the emulator makes: each for real, seen from both sides, in any order,
// hundreds in a row, with the truth, its history and the session table following; and of what ends
// a run meanwhile.
#include "emulator/emulator.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MANY_CHANGES = 400,
    TROUBLE_TIMEOUT_MS = 60000,
    HELD_MS = 3000,
    BUSY_MS = 8000,
    BUSY_PROCESSES = 8,
    TABLE_SIZE = 1 << 20,
};

// ---- a topology, small and of literals ----

static struct topology_portal portals[] = {
    {.address = (char *)"127.0.0.1"},
    {.address = (char *)"::1"},
};

static struct topology_instance instances[] = {
    {.name = (char *)"one", .portal_count = 2, .portals = portals},
    {.name = (char *)"two", .portal_count = 1, .portals = portals},
};

static char *let_in[] = {(char *)"iqn.2024-01.test:guest"};

static struct topology_target targets[] = {
    {.name = (char *)"iqn.2024-01.test:disk-1", .instance = 0},
    {.name = (char *)"iqn.2024-01.test:disk-2", .instance = 1},
};

static struct topology_target closed_target[] = {
    {.name = (char *)"iqn.2024-01.test:disk-1",
     .instance = 0,
     .allowed_initiator_count = 1,
     .allowed_initiators = let_in},
};

static struct topology_session sessions[] = {
    {.initiator_name = (char *)"iqn.2024-01.test:host",
     .isid = {0x80, 'k', 0, 0, 0, 1}, // the first that a change would give
     .line = 10},
    {.initiator_name = (char *)"iqn.2024-01.test:host",
     .isid = {0x00, 0x02, 0x3D, 0, 0, 2},
     .portal = 1,
     .line = 11},
    {.initiator_name = (char *)"iqn.2024-01.test:host",
     .target = 1,
     .isid = {0x00, 0x02, 0x3D, 0, 0, 2},
     .line = 12},
    {.initiator_name = (char *)"iqn.2024-01.test:host",
     .isid = {0xC0, 0, 0, 0, 0, 0},
     .recovering = true,
     .line = 13},
};

enum { SESSION_COUNT = sizeof sessions / sizeof sessions[0] };

static const struct topology topology = {
    .instance_count = 2,
    .instances = instances,
    .target_count = 2,
    .targets = targets,
    .session_count = SESSION_COUNT,
    .sessions = sessions,
};

static struct emulator *start(const struct topology *wanted)
{
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    int result = emulator_start(&emulator, supervisor, wanted, folder, &failure);
    ck_assert_msg(result == 0, "%s", failure.text);
    return emulator;
}

// ---- the changes, each asserted to succeed ----

static size_t log_in(struct emulator *emulator)
{
    struct failure failure = {0};
    size_t session = SIZE_MAX;
    ck_assert_msg(emulator_login(emulator, &session, &failure) == 0, "%s", failure.text);
    return session;
}

static void log_out(struct emulator *emulator, size_t session)
{
    struct failure failure = {0};
    ck_assert_msg(emulator_logout(emulator, session, &failure) == 0, "%s", failure.text);
}

static void drop(struct emulator *emulator, size_t session, enum emulator_side side)
{
    struct failure failure = {0};
    ck_assert_msg(emulator_drop(emulator, session, side, &failure) == 0, "%s", failure.text);
}

static void reinstate(struct emulator *emulator, size_t session)
{
    struct failure failure = {0};
    ck_assert_msg(emulator_reinstate(emulator, session, &failure) == 0, "%s", failure.text);
}

static void assert_verifies(struct emulator *emulator)
{
    struct failure failure = {0};
    ck_assert_msg(emulator_verify(emulator, &failure) == 0, "%s", failure.text);
}

static void assert_refused(int result, const struct failure *failure, const char *named)
{
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(failure->status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure->text, named) != NULL, "%s", failure->text);
}

static struct truth_session copy_of(const struct emulator *emulator, size_t session)
{
    const struct truth_session *found = emulator_session(emulator, session);
    ck_assert_ptr_nonnull(found);
    return *found;
}

// ---- the truth after each change ----

// One generation after the other, the last one present, each beginning after the one before it.
static void assert_history(const struct emulator *emulator, size_t count)
{
    ck_assert_uint_eq(emulator_generation_count(emulator), count);
    ck_assert_ptr_null(emulator_generation(emulator, count));
    ck_assert_ptr_eq(emulator_generation(emulator, count - 1), emulator_truth(emulator));
    uint64_t settled = 0;
    for (size_t i = 0; i < count; i++) {
        const struct truth *truth = emulator_generation(emulator, i);
        ck_assert_uint_eq(truth->generation, i + 1);
        ck_assert_uint_ge(truth->began_ns, settled);
        ck_assert_uint_ge(truth->settled_ns, truth->began_ns);
        settled = truth->settled_ns;
    }
}

static void assert_table(const struct emulator *emulator)
{
    const struct truth *truth = emulator_truth(emulator);
    char *text = calloc(1, TABLE_SIZE);
    ck_assert_ptr_nonnull(text);
    FILE *file = fopen(emulator_session_table(emulator), "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_gt(fread(text, 1, TABLE_SIZE - 1, file), 0);
    fclose(file);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "iscsidsc-session-table\t1\t%llu\n",
             (unsigned long long)truth->generation);
    ck_assert_int_eq(strncmp(text, wanted, strlen(wanted)), 0);
    snprintf(wanted, sizeof wanted, "\nend\t%zu\n", truth->session_count);
    ck_assert_ptr_nonnull(strstr(text, wanted));
    for (size_t i = 0; i < truth->session_count; i++) {
        const uint8_t *tsid = truth->sessions[i].tsid;
        snprintf(wanted, sizeof wanted, "\t%02x%02x\t%zu\n", tsid[0], tsid[1],
                 truth->sessions[i].connection_count);
        ck_assert_ptr_nonnull(strstr(text, wanted));
    }
    free(text);
}

static void assert_no_trouble(void)
{
    const struct failure *trouble = supervisor_failure(supervisor);
    ck_assert_msg(trouble == NULL, "%s", trouble == NULL ? "" : trouble->text);
}

START_TEST(test_login_and_logout)
{
    struct emulator *emulator = start(&topology);
    size_t first = log_in(emulator);
    ck_assert_uint_eq(first, SESSION_COUNT);
    ck_assert_uint_eq(emulator_session_count(emulator), SESSION_COUNT + 1);
    struct truth_session like = copy_of(emulator, 0);
    struct truth_session added = copy_of(emulator, first);
    ck_assert_str_eq(added.initiator_name, like.initiator_name);
    ck_assert_str_eq(added.target_node_name, like.target_node_name);
    ck_assert_str_eq(added.target_name, like.target_name);
    ck_assert_str_eq(added.connections->target_address, like.connections->target_address);
    ck_assert_uint_eq(added.connections->target_port, like.connections->target_port);
    ck_assert_int_ne(memcmp(added.isid, like.isid, ISID_SIZE), 0);
    ck_assert_int_ne(memcmp(added.tsid, like.tsid, TSID_SIZE), 0);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, SESSION_COUNT + 1);
    assert_history(emulator, 2);
    assert_table(emulator);

    size_t second = log_in(emulator);
    ck_assert_int_ne(memcmp(copy_of(emulator, second).isid, added.isid, ISID_SIZE), 0);
    log_out(emulator, first);
    ck_assert_ptr_null(emulator_session(emulator, first));
    ck_assert_ptr_nonnull(emulator_session(emulator, second));
    log_out(emulator, 0); // one of the topology
    ck_assert_ptr_null(emulator_session(emulator, 0));
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, SESSION_COUNT);
    assert_history(emulator, 5);
    assert_table(emulator);
    assert_verifies(emulator);
    emulator_stop(emulator);
}
END_TEST

// From either side: the session stays what it was, without its connection.
START_TEST(test_drop)
{
    enum emulator_side side = _i == 0 ? EMULATOR_TARGET : EMULATOR_INITIATOR;
    struct emulator *emulator = start(&topology);
    struct truth_session before = copy_of(emulator, 1);
    drop(emulator, 1, side);
    struct truth_session after = copy_of(emulator, 1);
    ck_assert_uint_eq(after.connection_count, 0);
    ck_assert_uint_eq(after.adapter_unique, before.adapter_unique);
    ck_assert_uint_eq(after.adapter_specific, before.adapter_specific);
    ck_assert_int_eq(memcmp(after.tsid, before.tsid, TSID_SIZE), 0);
    ck_assert_int_eq(memcmp(after.isid, before.isid, ISID_SIZE), 0);
    assert_history(emulator, 2);
    // The generation before still says what was.
    ck_assert_uint_eq(emulator_generation(emulator, 0)->sessions[1].connection_count, 1);
    assert_table(emulator);
    assert_verifies(emulator);
    emulator_stop(emulator);
}
END_TEST

// A dropped session (0: by the target, 1: by the initiator, 2: from the start) and a live one (3).
START_TEST(test_reinstate)
{
    struct emulator *emulator = start(&topology);
    size_t session = _i == 2 ? 3 : 1;
    struct truth_session before = copy_of(emulator, session);
    if (_i < 2)
        drop(emulator, session, _i == 0 ? EMULATOR_TARGET : EMULATOR_INITIATOR);
    reinstate(emulator, session);
    struct truth_session after = copy_of(emulator, session);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, SESSION_COUNT);
    ck_assert_uint_eq(after.connection_count, 1);
    ck_assert_int_eq(memcmp(after.isid, before.isid, ISID_SIZE), 0);
    ck_assert_int_ne(memcmp(after.tsid, before.tsid, TSID_SIZE), 0);
    ck_assert_uint_ne(after.adapter_specific, before.adapter_specific);
    if (before.connection_count > 0) {
        ck_assert_uint_ne(after.connections->adapter_specific,
                          before.connections->adapter_specific);
        ck_assert_uint_ne(after.connections->initiator_port, before.connections->initiator_port);
    }
    assert_table(emulator);
    assert_verifies(emulator);
    assert_no_trouble();
    emulator_stop(emulator);
}
END_TEST

// Where nobody is logged in, whom the first target lets in logs in.
START_TEST(test_login_where_none_is)
{
    const struct topology empty = {
        .instance_count = 1,
        .instances = instances,
        .target_count = 1,
        .targets = _i == 0 ? targets : closed_target,
    };
    struct emulator *emulator = start(&empty);
    size_t session = log_in(emulator);
    ck_assert_uint_eq(session, 0);
    if (_i == 1)
        ck_assert_str_eq(copy_of(emulator, 0).initiator_name, let_in[0]);
    reinstate(emulator, session);
    log_out(emulator, session);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, 0);
    assert_table(emulator);
    assert_verifies(emulator);
    emulator_stop(emulator);
}
END_TEST

// What can't be is said, and leaves everything as it was.
START_TEST(test_impossible)
{
    struct emulator *emulator = start(&topology);
    struct failure no_such = {0};
    struct failure ended = {0};
    struct failure no_connection = {0};
    struct failure dropped = {0};
    log_out(emulator, 2);
    drop(emulator, 1, EMULATOR_TARGET);
    assert_refused(emulator_drop(emulator, SESSION_COUNT, EMULATOR_TARGET, &no_such), &no_such,
                   "never");
    assert_refused(emulator_reinstate(emulator, 2, &ended), &ended, "logged out already");
    assert_refused(emulator_logout(emulator, 1, &no_connection), &no_connection, "reinstate it");
    assert_refused(emulator_drop(emulator, 1, EMULATOR_INITIATOR, &dropped), &dropped,
                   "no connection");
    assert_history(emulator, 3);
    log_in(emulator);
    assert_verifies(emulator);
    emulator_stop(emulator);

    const struct topology nothing = {.instance_count = 0};
    struct failure no_target = {0};
    size_t session = 0;
    emulator = start(&nothing);
    assert_refused(emulator_login(emulator, &session, &no_target), &no_target, "no target");
    emulator_stop(emulator);
}
END_TEST

// ---- many ----

struct sequence {
    uint32_t state;
};

static uint32_t next(struct sequence *sequence, uint32_t below)
{
    sequence->state = sequence->state * 1664525U + 1013904223U;
    return (uint32_t)((uint64_t)(sequence->state >> 8) * below >> 24);
}

// A handle that is still good; the topology's sessions alone may all be logged out.
static size_t choose(const struct emulator *emulator, struct sequence *sequence)
{
    size_t count = emulator_session_count(emulator);
    uint32_t first = next(sequence, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        size_t session = (first + i) % count;
        if (emulator_session(emulator, session) != NULL)
            return session;
    }
    return SIZE_MAX;
}

static void change_something(struct emulator *emulator, struct sequence *sequence)
{
    size_t session = choose(emulator, sequence);
    uint32_t what = session == SIZE_MAX ? 0 : next(sequence, 10);
    if (what < 3) {
        log_in(emulator);
    } else if (emulator_session(emulator, session)->connection_count == 0 || what < 5) {
        reinstate(emulator, session);
    } else if (what < 8) {
        log_out(emulator, session);
    } else {
        drop(emulator, session, what == 8 ? EMULATOR_TARGET : EMULATOR_INITIATOR);
    }
}

static void count_tick(uv_timer_t *timer)
{
    ++*(size_t *)timer->data;
}

static uint64_t now_ns(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

// In any order, while something else goes on in the loop.
START_TEST(test_many)
{
    struct emulator *emulator = start(&topology);
    struct sequence sequence = {.state = (uint32_t)_i};
    size_t ticks = 0;
    uv_timer_t timer;
    uv_timer_init(supervisor_loop(supervisor), &timer);
    timer.data = &ticks;
    uv_timer_start(&timer, count_tick, 1, 1);
    uint64_t began = now_ns();
    for (size_t i = 0; i < MANY_CHANGES; i++)
        change_something(emulator, &sequence);
    printf("%d changes: %.2f ms each, %zu ticks meanwhile\n", (int)MANY_CHANGES,
           (double)(now_ns() - began) / 1e6 / MANY_CHANGES, ticks);
    ck_assert_uint_gt(ticks, 0);
    uv_close((uv_handle_t *)&timer, NULL);
    assert_history(emulator, MANY_CHANGES + 1);
    assert_table(emulator);
    assert_verifies(emulator);
    assert_no_trouble();
    emulator_stop(emulator);
}
END_TEST

// No identifier is ever given twice, and a session keeps its own: over all generations, one
// identifier is always the same ISID with the same TSIH.
START_TEST(test_identifiers)
{
    struct emulator *emulator = start(&topology);
    struct sequence sequence = {.state = 7};
    for (size_t i = 0; i < 60; i++)
        change_something(emulator, &sequence);
    size_t count = emulator_generation_count(emulator);
    for (size_t i = 1; i < count; i++) {
        const struct truth *before = emulator_generation(emulator, i - 1);
        const struct truth *truth = emulator_generation(emulator, i);
        for (size_t j = 0; j < before->session_count * truth->session_count; j++) {
            const struct truth_session *one = &before->sessions[j % before->session_count];
            const struct truth_session *other = &truth->sessions[j / before->session_count];
            ck_assert_uint_eq(one->adapter_unique, other->adapter_unique);
            bool same = memcmp(one->isid, other->isid, ISID_SIZE) == 0 &&
                        memcmp(one->tsid, other->tsid, TSID_SIZE) == 0 &&
                        strcmp(one->target_node_name, other->target_node_name) == 0;
            ck_assert_int_eq(one->adapter_specific == other->adapter_specific, same);
        }
    }
    emulator_stop(emulator);
}
END_TEST

// ---- what ends a run ----

static bool never(void *argument)
{
    (void)argument;
    return false;
}

static void assert_trouble(const char *first, const char *second)
{
    struct failure failure = {0};
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, TROUBLE_TIMEOUT_MS, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, first) != NULL, "%s", failure.text);
    ck_assert_msg(strstr(failure.text, second) != NULL, "%s", failure.text);
}

// One that a change brought about is as dear as the others when it is lost.
START_TEST(test_added_session_lost)
{
    struct emulator *emulator = start(&topology);
    size_t session = log_in(emulator);
    reinstate(emulator, session);
    uint16_t tsih;
    memcpy(&tsih, copy_of(emulator, session).tsid, sizeof tsih);
    struct tgtd *tgtd = (struct tgtd *)emulator_instance(emulator, 0);
    ck_assert_int_eq(tgtd_delete_connection(tgtd, 1, tsih, 0, NULL), 0);
    if (_i == 0) {
        assert_trouble("session \"tck-5\" (added by a change)", "lost");
    } else { // nobody waited: the next change or the check at the end sees it
        struct failure failure = {0};
        ck_assert_int_eq(_i == 1 ? emulator_verify(emulator, &failure)
                                 : emulator_logout(emulator, session, &failure),
                         -1);
        ck_assert_msg(strstr(failure.text, "tck-5") != NULL, "%s", failure.text);
    }
    emulator_stop(emulator);
}
END_TEST

// A tgtd that hangs while everything is merely held.
START_TEST(test_hung)
{
    struct emulator *emulator = start(&topology);
    ck_assert_int_eq(kill(tgtd_pid(emulator_instance(emulator, 1)), SIGSTOP), 0);
    assert_trouble("tgtd \"two\"", "does not answer");
    emulator_stop(emulator);
}
END_TEST

// And in the middle of a change.
START_TEST(test_hung_in_a_change)
{
    struct emulator *emulator = start(&topology);
    struct failure failure = {0};
    size_t session = 0;
    ck_assert_int_eq(kill(tgtd_pid(emulator_instance(emulator, 0)), SIGSTOP), 0);
    ck_assert_int_eq(emulator_login(emulator, &session, &failure), -1);
    ck_assert_msg(strstr(failure.text, "tgtd \"one\"") != NULL, "%s", failure.text);
    ck_assert_msg(strstr(failure.text, "does not answer") != NULL, "%s", failure.text);
    emulator_stop(emulator);
}
END_TEST

static void start_busy(pid_t *busy)
{
    for (size_t i = 0; i < BUSY_PROCESSES; i++) {
        busy[i] = fork();
        ck_assert_int_ge(busy[i], 0);
        if (busy[i] == 0) {
            for (volatile unsigned spin = 0;; spin++)
                continue;
        }
    }
}

static void end_busy(const pid_t *busy)
{
    for (size_t i = 0; i < BUSY_PROCESSES; i++) {
        kill(busy[i], SIGKILL);
        waitpid(busy[i], NULL, 0);
    }
}

// Neither a busy machine nor a kit that was itself kept from running is a hung tgtd.
START_TEST(test_not_hung)
{
    struct emulator *emulator = start(&topology);
    pid_t busy[BUSY_PROCESSES];
    start_busy(busy);
    int waited = supervisor_wait(supervisor, never, NULL, BUSY_MS, NULL);
    end_busy(busy);
    ck_assert_int_eq(waited, 1);
    const struct timespec judging = {.tv_sec = BUSY_MS / 1000};
    nanosleep(&judging, NULL); // what the kit does outside its loop
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, HELD_MS, NULL), 1);
    assert_verifies(emulator);
    emulator_stop(emulator);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("emulator_change");
    TCase *tests = tcase_create("emulator_change");
    tcase_add_checked_fixture(tests, supervised_folder_open, supervised_folder_close);
    tcase_add_test(tests, test_login_and_logout);
    tcase_add_loop_test(tests, test_drop, 0, 2);
    tcase_add_loop_test(tests, test_reinstate, 0, 4);
    tcase_add_loop_test(tests, test_login_where_none_is, 0, 2);
    tcase_add_test(tests, test_impossible);
    tcase_add_loop_test(tests, test_many, 1, 4);
    tcase_add_test(tests, test_identifiers);
    tcase_add_loop_test(tests, test_added_session_lost, 0, 3);
    tcase_add_test(tests, test_hung);
    tcase_add_test(tests, test_hung_in_a_change);
    tcase_add_test(tests, test_not_hung);
    tcase_set_timeout(tests, 240);
    suite_add_tcase(suite, tests);
    return suite;
}
