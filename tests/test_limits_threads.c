// SPDX-License-Identifier: Apache-2.0
// What calls in threads are held against: what one thread alone gets.
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

enum { THREAD_QUERY, THREAD_FETCH = 2 };

static struct record *thread_call(uint32_t offered)
{
    struct record *record = scene_call(&scene, "threads", CHARSET_A, PLACE_END, offered);
    record->threads = 2;
    return record;
}

START_TEST(a_smaller_buffer_that_was_enough_alone)
{
    struct record *record = thread_call(required - 1);
    scene_succeed(&scene, record);
    record->outcome.size_out = required;
    size_t smaller = index_of(record);
    expect_at("THREADS-1", smaller, "0 (ERROR_SUCCESS) in thread 1 of 2");
    scene_succeed(&scene, in("short", 1)); // of another size
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    struct record *alone = in("short", 2);
    ck_assert_uint_eq(alone->call.offered, required - 1);
    scene_succeed(&scene, alone);
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    alone->call.count_in++; // no call as a careful caller makes it: then it is not known
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    scene_refuse(&scene, alone, ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    alone->call.count_in--;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    scene_succeed(&scene, alone);
    scene_refuse(&scene, &scene.transcript->records[smaller], ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL); // alone it was enough
}
END_TEST

START_TEST(a_size_that_is_refused_alone_too)
{
    scene_refuse(&scene, in("fetch", 0), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    scene_refuse(&scene, in("threads", THREAD_FETCH), 5);
    scene_expect(&scene, "THREADS-1", VERDICT_PASS); // SIZE-2's business
    in("threads", THREAD_QUERY)->outcome.status = 5;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(other_sessions_take_up_another_size)
{
    scene_log_in(&scene);
    uint32_t more = scene_required(&scene, CHARSET_A);
    thread_call(required);
    thread_call(more);
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    thread_call(more)->outcome.status = 5;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(sessions_that_come_and_go_meanwhile)
{
    struct record *record = thread_call(required - 1);
    record->circumstance = CIRCUMSTANCE_CHANGING;
    record->outcome.size_out++;
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    record->circumstance = "another time";
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    record->outcome.size_out--;
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
}
END_TEST

// Texts that are said twice take up as much as each by itself, or once what they are.
START_TEST(texts_that_are_said_twice)
{
    for (int shared = 0; shared < 2; shared++) {
        scene_tear_down();
        scene_set_up_quiet();
        scene_change(&scene);
        struct truth_session *sessions = scene.truth->sessions;
        if (shared == 0) // the same sum, and less in all
            strcpy(sessions[SCENE_ONE].initiator_name, sessions[SCENE_TWO].initiator_name);
        else // the same texts, and one of them not as often
            strcpy(sessions[SCENE_TWO].connections[1].initiator_address, "10.1.2.3");
        struct record *record = thread_call(required - 10);
        scene_succeed(&scene, record);
        scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    }
}
END_TEST

START_TEST(only_calls_in_threads_are_judged)
{
    spoil(in("fetch", 0));
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    struct record *record = thread_call(required);
    spoil(record);
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    record->outcome.kind = OUTCOME_NOT_TRIED;
    scene_expect(&scene, "THREADS-1", VERDICT_SKIP);
    reopen_with_fetches(1);
    scene_expect(&scene, "THREADS-1", VERDICT_SKIP);
}
END_TEST

START_TEST(a_success_in_threads)
{
    for (size_t fetches = 0; fetches < 2; fetches++) {
        reopen_with_fetches(fetches);
        thread_call(0); // which can't succeed
        scene_expect(&scene, "THREADS-1", fetches == 0 ? VERDICT_SKIP : VERDICT_PASS);
        thread_call(required);
        scene_expect(&scene, "THREADS-1", fetches == 0 ? VERDICT_SKIP : VERDICT_PASS);
    }
}
END_TEST

START_TEST(another_size_on_success_than_alone)
{
    struct outcome *outcome = &in("threads", THREAD_FETCH)->outcome;
    outcome->size_out--;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    outcome->size_out += 2;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    in("fetch", 1)->outcome.size_out++;
    scene_expect(&scene, "THREADS-1", VERDICT_PASS); // SIZE-5's business
    scene_expect(&scene, "SIZE-5", VERDICT_FAIL);
}
END_TEST

START_TEST(one_charset_is_enough_to_fail)
{
    const char *set = PROBE_SET_THREADS_BOTH;
    *scene_member(&scene, scene_record(&scene, set, CHARSET_W, 1), SCENE_ONE, 0) ^= 0x40;
    scene_expect(&scene, "THREADS-2", VERDICT_FAIL);
    spoil(in(set, 0));
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        if (scene.transcript->records[i].call.charset == CHARSET_W)
            scene_refuse(&scene, &scene.transcript->records[i], ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "THREADS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(identifiers_are_unique_in_a_new_process_too)
{
    struct record *record = in("threads-first", 0);
    memcpy(scene_member(&scene, record, SCENE_ONE, scene.abi->session_id),
           scene_member(&scene, record, SCENE_TWO, scene.abi->session_id), 16);
    expect_at("THREADS-1", index_of(record), "two sessions or connections have the same SessionId");
    ck_assert_str_eq(scene_judge(&scene, "THREADS-1", CHARSET_A).about, "CONTENT-8");
}
END_TEST

// Less than one thread alone ever offered may be enough, if it holds all that there is to tell.
START_TEST(the_least_that_may_be_enough)
{
    struct measure measure = scene_measure(&scene);
    uint32_t least = (uint32_t)(measure.least - measure.initiator_addresses);
    struct record *record = thread_call(least);
    scene_succeed(&scene, record);
    expect("THREADS-1", VERDICT_PASS);
    record->call.offered--;
    expect("THREADS-1", VERDICT_FAIL);
    record->call.offered++;
    scene_refuse(&scene, record, 5);
    expect("THREADS-1", VERDICT_FAIL);
}
END_TEST

// What is required and what was used may be two sizes; each is held against its own.
START_TEST(the_size_required_is_not_the_size_used)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->call.charset == CHARSET_A && record->outcome.byte_count > 0)
            record->outcome.size_out = required - 4;
    }
    expect("THREADS-1", VERDICT_PASS);
    in("threads", THREAD_QUERY)->outcome.size_out = required - 4;
    expect("THREADS-1", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_smaller_buffer_that_was_enough_alone,
        a_size_that_is_refused_alone_too,
        other_sessions_take_up_another_size,
        sessions_that_come_and_go_meanwhile,
        texts_that_are_said_twice,
        only_calls_in_threads_are_judged,
        a_success_in_threads,
        another_size_on_success_than_alone,
        one_charset_is_enough_to_fail,
        the_least_that_may_be_enough,
        the_size_required_is_not_the_size_used,
        identifiers_are_unique_in_a_new_process_too,
    };
    Suite *suite = suite_create("limits_threads");
    TCase *limits = tcase_create("limits_threads");
    tcase_add_checked_fixture(limits, scene_set_up_quiet, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
