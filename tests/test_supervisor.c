// SPDX-License-Identifier: Apache-2.0
// The event loop's waits: what fulfils them and what ends them.
#include "emulator/process/supervisor.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool always(void *argument)
{
    (void)argument;
    return true;
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

static bool is_set(void *argument)
{
    return *(bool *)argument;
}

static void set_flag(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

START_TEST(test_fulfilled_before)
{
    ck_assert_int_eq(supervisor_wait(supervisor, always, NULL, 0, NULL), 0);
    ck_assert_int_eq(supervisor_wait(supervisor, always, NULL, UINT_MAX, NULL), 0);
}
END_TEST

START_TEST(test_runs_out)
{
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, 0, NULL), 1);
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, 20, NULL), 1);
    ck_assert_ptr_null(supervisor_failure(supervisor));
}
END_TEST

// A timer fires at the beginning of a turn; the turn must not then sleep for want of other events.
START_TEST(test_fulfilled_by_a_timer)
{
    bool flag = false;
    uv_timer_t timer;
    uv_timer_init(supervisor_loop(supervisor), &timer);
    timer.data = &flag;
    uv_timer_start(&timer, set_flag, 1, 0);
    usleep(5000); // it is due before the loop runs
    ck_assert_int_eq(supervisor_wait(supervisor, is_set, &flag, UINT_MAX, NULL), 0);
    uv_close((uv_handle_t *)&timer, NULL);
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, 0, NULL), 1);
}
END_TEST

static void make_trouble(uv_timer_t *timer)
{
    supervisor_trouble(timer->data, "disk %d fell out", 7);
    supervisor_trouble(timer->data, "and then another");
}

START_TEST(test_ended_by_trouble)
{
    static uv_timer_t timer; // closed by the loop after this function
    uv_timer_init(supervisor_loop(supervisor), &timer);
    timer.data = supervisor;
    uv_timer_start(&timer, make_trouble, 5, 0);
    struct failure failure = {0};
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, UINT_MAX, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_str_eq(failure.text, "disk 7 fell out");
    ck_assert_str_eq(supervisor_failure(supervisor)->text, "disk 7 fell out");
    // Every later wait, too, also one that is fulfilled.
    ck_assert_int_eq(supervisor_wait(supervisor, always, NULL, UINT_MAX, NULL), -1);
    // But not what has to be waited for to end in order.
    supervisor_tear_down(supervisor, true);
    ck_assert_int_eq(supervisor_wait(supervisor, always, NULL, UINT_MAX, NULL), 0);
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, 10, NULL), 1);
    supervisor_tear_down(supervisor, false);
    ck_assert_int_eq(supervisor_wait(supervisor, always, NULL, UINT_MAX, NULL), -1);
    uv_close((uv_handle_t *)&timer, NULL);
}
END_TEST

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static const char *const signal_texts[] = {"interrupted by SIGINT", "interrupted by SIGTERM",
                                           "interrupted by SIGHUP"};

START_TEST(test_ended_by_signal)
{
    struct failure failure = {0};
    kill(getpid(), signals[_i]);
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, UINT_MAX, &failure), -1);
    ck_assert_int_eq(failure.status, 128 + signals[_i]);
    ck_assert_str_eq(failure.text, signal_texts[_i]);
}
END_TEST

START_TEST(test_signal_while_tearing_down)
{
    supervisor_tear_down(supervisor, true);
    kill(getpid(), SIGINT);
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, 20, NULL), 1);
    ck_assert_int_eq(supervisor_failure(supervisor)->status, 128 + SIGINT);
}
END_TEST

START_TEST(test_readable)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    int flags = fcntl(ends[0], F_GETFL);
    ck_assert_int_eq(supervisor_wait_readable(supervisor, ends[0], 10, NULL), 1);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_int_eq(supervisor_wait_readable(supervisor, ends[0], UINT_MAX, NULL), 0);
    char byte = 0;
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    close(ends[1]);
    ck_assert_int_eq(supervisor_wait_readable(supervisor, ends[0], UINT_MAX, NULL), 0);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0);
    ck_assert_int_eq(fcntl(ends[0], F_GETFL), flags);
    close(ends[0]);
    struct failure failure = {0};
    ck_assert_int_eq(supervisor_wait_readable(supervisor, 999999, UINT_MAX, &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "descriptor 999999"));
}
END_TEST

// The number of a closed descriptor comes back at once; what was watched before must not disturb
// it.
START_TEST(test_descriptor_reused)
{
    for (int i = 0; i < 100; i++) {
        int ends[2];
        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        ck_assert_int_eq(write(ends[1], "x", 1), 1);
        ck_assert_int_eq(supervisor_wait_readable(supervisor, ends[0], UINT_MAX, NULL), 0);
        close(ends[0]);
        close(ends[1]);
    }
}
END_TEST

static bool wait_within(void *argument)
{
    struct failure *failure = argument;
    return supervisor_wait(supervisor, always, NULL, UINT_MAX, failure) == -1;
}

START_TEST(test_no_wait_within_a_wait)
{
    struct failure failure = {0};
    ck_assert_int_eq(supervisor_wait(supervisor, wait_within, &failure, UINT_MAX, NULL), 0);
    ck_assert_ptr_nonnull(strstr(failure.text, "a wait began within a wait"));
}
END_TEST

// A handle that somebody forgot does not keep the end from coming.
START_TEST(test_forgotten_handle)
{
    static uv_timer_t timer;
    bool flag = false;
    uv_timer_init(supervisor_loop(supervisor), &timer);
    timer.data = &flag;
    uv_timer_start(&timer, set_flag, 1000000, 1000000);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("supervisor");
    TCase *tests = tcase_create("supervisor");
    tcase_add_checked_fixture(tests, supervised_open, supervised_close);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_fulfilled_before);
    tcase_add_test(tests, test_runs_out);
    tcase_add_test(tests, test_fulfilled_by_a_timer);
    tcase_add_test(tests, test_ended_by_trouble);
    tcase_add_loop_test(tests, test_ended_by_signal, 0, 3);
    tcase_add_test(tests, test_signal_while_tearing_down);
    tcase_add_test(tests, test_readable);
    tcase_add_test(tests, test_descriptor_reused);
    tcase_add_test(tests, test_no_wait_within_a_wait);
    tcase_add_test(tests, test_forgotten_handle);
    suite_add_tcase(suite, tests);
    return suite;
}
