// SPDX-License-Identifier: Apache-2.0
// Frames from a host are not trusted: a MORE that does not fit the RESULT before it is a damaged
// answer, and is not counted as calls; nor is an answer of a host whose clock is not known yet.
#include "harness/driver/host.h"
#include "tests/lying_host.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWERS_MAX = 8, TIMES = 3 };

static struct host *host;
static struct outcome answers[ANSWERS_MAX];
static size_t answer_count;

static void tear_down(void)
{
    host_stop(host);
    supervised_close();
}

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    (void)argument;
    ck_assert_uint_lt(index, 2);
    ck_assert_uint_eq(thread, 0);
    ck_assert_uint_lt(answer_count, ANSWERS_MAX);
    answers[answer_count++] = *outcome;
    free(bytes);
}

// Makes one call TIMES times by a host that lies in that way; before LIE_FIRST another call once.
static void make(enum lie lie)
{
    char number[16];
    struct failure failure = {0};
    const struct call repeated = {.placement = PLACE_END, .offered = 64, .repeat = TIMES};
    const struct call calls[] = {{.placement = PLACE_END, .offered = 64}, repeated};
    bool two = lie == LIE_FIRST;
    snprintf(number, sizeof number, "%d", (int)lie);
    const struct host_options options = {
        .program = TCK_LYING_HOST, .library = number, .timeout_ms = 60000};
    ck_assert_msg(host_start(&host, supervisor, &options, &failure) == 0, "%s", failure.text);
    ck_assert_msg(host_calls(host, two ? calls : &repeated, two ? 2 : 1, receive, NULL, &failure) ==
                      0,
                  "%s", failure.text);
}

START_TEST(a_more_that_fits_is_counted)
{
    make(LIE_NONE);
    ck_assert_uint_eq(answer_count, 1);
    ck_assert_uint_eq(answers[0].kind, OUTCOME_RETURNED);
    ck_assert_uint_eq(answers[0].repeats, TIMES);
    ck_assert_uint_eq(answers[0].ended_ns, 150);
}
END_TEST

// The host's times become the kit's: what the comparison of the clocks leaves open, and what they
// may drift apart since, makes a call longer and never shorter.
START_TEST(another_clock_is_compared)
{
    const uint64_t since = _i == CLOCK_AGO ? LYING_AGO_NS : 0;
    const uint64_t drift = since / 2000; // 500 ppm
    const uint64_t began = since + 100 - LYING_CLOCK_NS;
    const uint64_t ended = began + 50;
    uint64_t before = uv_hrtime();
    make((enum lie)_i);
    uint64_t after = uv_hrtime();
    ck_assert_uint_eq(answer_count, 1);
    const struct outcome *answer = &answers[0];
    ck_assert_uint_eq(answer->kind, OUTCOME_RETURNED);
    ck_assert_uint_eq(answer->repeats, TIMES);
    ck_assert_uint_ge(answer->began_ns, before + began - drift);
    ck_assert_uint_le(answer->began_ns, after + began - drift);
    ck_assert_uint_ge(answer->ended_ns, before + ended + drift);
    ck_assert_uint_le(answer->ended_ns, after + ended + drift);
    ck_assert_uint_ge(answer->ended_ns - answer->began_ns, ended - began + 2 * drift);
    // The first of the calls took 10 ns, and so did the last.
    ck_assert_uint_ge(answer->first_ended_ns - answer->began_ns, 10 + 2 * drift);
    ck_assert_uint_ge(answer->ended_ns - answer->last_began_ns, 10 + 2 * drift);
}
END_TEST

START_TEST(no_answer_counts_without_the_clock)
{
    make((enum lie)_i);
    ck_assert_uint_eq(answer_count, 1);
    ck_assert_uint_eq(answers[0].kind, OUTCOME_DAMAGED);
}
END_TEST

START_TEST(a_more_that_does_not_fit_is_damage)
{
    make((enum lie)_i);
    size_t damaged = 0;
    for (size_t i = 0; i < answer_count; i++) {
        damaged += answers[i].kind == OUTCOME_DAMAGED;
        ck_assert_msg(answers[i].repeats == 1, "lie %d: %u calls were counted", _i,
                      answers[i].repeats);
    }
    ck_assert_msg(damaged == 1, "lie %d: %zu of %zu answers are damaged", _i, damaged,
                  answer_count);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("host_frames");
    TCase *tests = tcase_create("host_frames");
    tcase_add_checked_fixture(tests, supervised_open, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_more_that_fits_is_counted);
    tcase_add_loop_test(tests, a_more_that_does_not_fit_is_damage, LIE_NONE + 1, LIE_COUNT_OF_THEM);
    tcase_add_loop_test(tests, another_clock_is_compared, CLOCK_NOW, CLOCK_AGO + 1);
    tcase_add_loop_test(tests, no_answer_counts_without_the_clock, CLOCK_LATE, CLOCK_UNASKED + 1);
    suite_add_tcase(suite, tests);
    return suite;
}
