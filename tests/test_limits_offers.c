// SPDX-License-Identifier: Apache-2.0
// Calls whose offer, count or moment stands exactly on a limit of the clauses about status and
// size, and which of several failures these tell.
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct record *call(const char *set, uint32_t offered)
{
    return scene_call(&scene, set, CHARSET_A, PLACE_END, offered);
}

static struct record *refused(const char *set, uint32_t offered, uint32_t status)
{
    struct record *record = call(set, offered);
    scene_refuse(&scene, record, status);
    return record;
}

static struct record *succeeded(const char *set, uint32_t offered)
{
    struct record *record = call(set, offered);
    scene_succeed(&scene, record);
    return record;
}

// All calls of the set, or of all sets.
static void refuse_all(const char *set, uint32_t status)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        if (set == NULL || strcmp(scene.transcript->records[i].probe_set, set) == 0)
            scene_refuse(&scene, &scene.transcript->records[i], status);
}

// ---- STATUS-1

START_TEST(what_is_enough_after_a_login)
{
    scene_log_in(&scene);
    struct measure measure;
    ck_assert_int_eq(measure_truth(&measure, scene.truth, scene.abi, CHARSET_A), 0);
    uint32_t enough = (uint32_t)(measure.whole + 7 * measure.pieces);
    refused("fetch", enough - 1, ERROR_INSUFFICIENT_BUFFER);
    expect("STATUS-1", VERDICT_PASS);
    refused("fetch", enough, ERROR_INSUFFICIENT_BUFFER);
    expect_told("STATUS-1", VERDICT_FAIL, "bytes, where");
    // What requires more than that, and was not asked before, wastes (SIZE-8), unless it is absurd.
    struct outcome *outcome = &transcript_last(scene.transcript)->outcome;
    outcome->size_out = enough;
    expect("STATUS-1", VERDICT_FAIL);
    outcome->size_out = enough + 1;
    expect("STATUS-1", VERDICT_PASS);
    outcome->size_out = (1 << 30) - 1;
    expect("STATUS-1", VERDICT_PASS);
    outcome->size_out = 1 << 30;
    expect("STATUS-1", VERDICT_FAIL);
    // Nor is it excused as if there were no sessions.
    outcome->count_out = 0;
    scene.profile = "windows";
    expect("STATUS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_sufficient_buffer_that_is_not_judged)
{
    in("fetch", FETCH_EXACT)->call.count_in = 0;
    scene_refuse(&scene, in("fetch", FETCH_EXACT), ERROR_INSUFFICIENT_BUFFER);
    expect("STATUS-1", VERDICT_PASS); // COUNT-5's business
    scene_refuse(&scene, in("fetch", FETCH_EXACT), 5);
    expect("STATUS-1", VERDICT_FAIL);
    in("fetch", FETCH_EXACT)->call.flags = CALL_SPARSE;
    expect("STATUS-1", VERDICT_PASS); // SIZE-10's business
    in("fetch", FETCH_GENEROUS)->outcome.kind = OUTCOME_NOT_TRIED;
    expect("STATUS-1", VERDICT_SKIP);
}
END_TEST

START_TEST(no_sufficient_buffer_was_offered)
{
    reopen(1);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    call("fetch", 10);
    expect_told("STATUS-1", VERDICT_SKIP, "no call with a sufficient buffer");
}
END_TEST

// What asks for a buffer where there are no sessions any more.
static struct record *ask(uint32_t offered, uint32_t size)
{
    struct record *record = refused("fetch", offered, ERROR_INSUFFICIENT_BUFFER);
    record->outcome.size_out = size;
    return record;
}

START_TEST(a_buffer_for_no_sessions_any_more)
{
    reopen(1);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    call("fetch", scene_required(&scene, CHARSET_A));
    scene_log_out(&scene);
    ask(10, 64);
    expect_told("STATUS-1", VERDICT_FAIL, "with *SessionCount = 0");
    scene.profile = "windows";
    expect("STATUS-1", VERDICT_KNOWN);
    struct record *record = ask(63, 128);
    expect("STATUS-1", VERDICT_KNOWN);
    record->call.offered = 64; // what it asked for
    expect("STATUS-1", VERDICT_FAIL);
    record->call.offered = 63;
    record->outcome.status = 5;
    expect("STATUS-1", VERDICT_FAIL);
}
END_TEST

// The same at once with a fetch around the change.
START_TEST(a_buffer_for_no_sessions_after_an_event)
{
    reopen(1);
    call("fetch", scene_required(&scene, CHARSET_A));
    scene_call_under(&scene, PROBE_SET_EVENTS, CIRCUMSTANCE_BEFORE_EVENT "1", CHARSET_A, 0);
    scene_log_out(&scene);
    struct record *record =
        scene_call_under(&scene, PROBE_SET_EVENTS, CIRCUMSTANCE_AFTER_EVENT "1", CHARSET_A, 7);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    record->outcome.count_out = 0;
    record->outcome.size_out = 8;
    expect_told("CHANGE-2", VERDICT_FAIL, "with *SessionCount = 0");
    scene.profile = "windows";
    expect("CHANGE-2", VERDICT_KNOWN);
    record->outcome.size_out = 7; // what was offered
    expect("CHANGE-2", VERDICT_FAIL);
    record->outcome.size_out = 8;
    record->outcome.count_out = 1;
    expect("CHANGE-2", VERDICT_FAIL);
}
END_TEST

// Nobody had asked what is required.
START_TEST(no_size_succeeds_and_more_is_asked_for)
{
    struct measure measure;
    reopen(1);
    ck_assert_int_eq(measure_truth(&measure, scene.truth, scene.abi, CHARSET_A), 0);
    uint32_t enough = (uint32_t)(measure.whole + 7 * measure.pieces);
    struct outcome *outcome = &refused("sweep", enough, ERROR_INSUFFICIENT_BUFFER)->outcome;
    outcome->size_out = enough;
    expect_told("SIZE-7", VERDICT_FAIL, "no size succeeded");
    outcome->size_out = enough + 1; // SIZE-8's business
    expect("SIZE-7", VERDICT_PASS);
    outcome->size_out = (1 << 30) - 1;
    expect("SIZE-7", VERDICT_PASS);
    outcome->size_out = 1 << 30;
    expect("SIZE-7", VERDICT_FAIL);
}
END_TEST

START_TEST(a_buffer_for_no_sessions_at_all)
{
    reopen(0);
    ask(10, 64);
    expect("STATUS-1", VERDICT_SKIP); // EMPTY-1's business
    call("fetch", 64);
    expect("STATUS-1", VERDICT_PASS);
}
END_TEST

// ---- STATUS-2

START_TEST(a_query_that_is_and_that_is_not_judged)
{
    struct record *null = scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 10);
    scene_refuse(&scene, null, 5);
    expect("STATUS-2", VERDICT_PASS); // BOUNDS-4's business
    in("short", SHORT_1)->call.flags = CALL_COUNT_NULL;
    scene_refuse(&scene, in("short", SHORT_1), 5);
    expect("STATUS-2", VERDICT_PASS); // ARGS-2's business
    scene_refuse(&scene, in("query", 0), 5);
    expect("STATUS-2", VERDICT_FAIL);
    for (size_t sessions = 0; sessions <= 1; sessions++) {
        reopen(sessions);
        scene_refuse(&scene, scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0), 5);
        expect("STATUS-2", sessions == 0 ? VERDICT_PASS : VERDICT_FAIL);
    }
}
END_TEST

START_TEST(what_is_too_small_is_at_least_refused)
{
    uint32_t least = (uint32_t)scene_measure(&scene).least;
    ck_assert_uint_lt(least, required);
    struct record *record = succeeded("short", least);
    expect("STATUS-2", VERDICT_PASS); // SIZE-3's business
    record->call.offered = least - 1;
    expect("STATUS-2", VERDICT_FAIL);
    // That the size required is too small is SIZE-6's business.
    in("query", 0)->outcome.size_out = in("query", 1)->outcome.size_out = least - 1;
    expect("STATUS-2", VERDICT_PASS);
    in("query", 0)->outcome.size_out = in("query", 1)->outcome.size_out = required;
    scene_refuse(&scene, record, 5);
    expect("STATUS-2", VERDICT_FAIL);
    record->call.offered = required; // STATUS-1's business
    expect("STATUS-2", VERDICT_PASS);
    record->call.offered = required - 1;
    expect("STATUS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(what_is_too_small_after_a_login)
{
    scene_log_in(&scene);
    struct measure measure;
    ck_assert_int_eq(measure_truth(&measure, scene.truth, scene.abi, CHARSET_A), 0);
    struct record *record = refused("short", (uint32_t)measure.least, 5);
    expect("STATUS-2", VERDICT_PASS); // nobody knows what is required
    record->call.offered--;
    expect("STATUS-2", VERDICT_FAIL);
}
END_TEST

// ---- STATUS-3 to 5

START_TEST(what_was_not_called_has_no_status)
{
    struct record *records[] = {in("fetch", FETCH_EXACT), in("damage", 0)};
    static const char *const clauses[] = {"STATUS-3", "STATUS-5"};
    for (size_t i = 0; i < 2; i++) {
        records[i]->outcome.status = 0xC0000005;
        records[i]->outcome.size_cell_damaged = true;
        expect(clauses[i], VERDICT_FAIL);
        records[i]->outcome.kind = OUTCOME_NOT_TRIED;
        expect(clauses[i], VERDICT_SKIP);
    }
}
END_TEST

START_TEST(the_call_that_changes_is_told)
{
    reopen(1);
    required = scene_required(&scene, CHARSET_A);
    call("repeat", required);
    call("repeat", required);
    refused("repeat", required, 5);
    struct verdict verdict = scene_judge(&scene, "STATUS-4", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_ptr_eq(verdict.record, in("repeat", 2));
    call("repeat", required + 1);
    refused("repeat", required + 1, 6);
    bool first = memcmp(&in("repeat", 0)->call, &in("repeat", 3)->call, sizeof(struct call)) < 0;
    verdict = scene_judge(&scene, "STATUS-4", CHARSET_A);
    ck_assert_ptr_eq(verdict.record, in("repeat", first ? 2 : 4));
    reopen(1);
    call("repeat", required);
    refused("repeat", required, 5);
    expect("STATUS-4", VERDICT_FAIL);
}
END_TEST

START_TEST(a_success_is_no_failing_call)
{
    struct record *record = in("damage", 2);
    ck_assert_uint_eq(record->outcome.status, ERROR_SUCCESS);
    record->outcome.after = (struct extent){required, required};
    expect("STATUS-5", VERDICT_PASS); // BOUNDS-1's business
    in("damage", 0)->outcome.after = (struct extent){required, required};
    struct verdict verdict = scene_judge(&scene, "STATUS-5", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "a failing call changes nothing"));
}
END_TEST

// ---- SIZE-1

START_TEST(a_size_required_that_is_not_judged)
{
    struct record *record = in("sweep", SWEEP_EXACT);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_eq(record->outcome.size_out, record->call.offered);
    record->call.count_in = SCENE_SESSIONS - 1; // which is honoured
    expect("SIZE-1", VERDICT_PASS);
    record->call.count_in = SCENE_SESSIONS;
    expect("SIZE-1", VERDICT_FAIL);
    record->call.flags = CALL_COUNT_NULL;
    expect("SIZE-1", VERDICT_PASS); // ARGS-2's business
    record = in("sweep", SWEEP_1_LESS);
    record->call.count_in = 0;
    record->outcome.size_out = record->call.offered;
    expect("SIZE-1", VERDICT_FAIL); // too little in any case
    record->outcome.size_out++;
    expect("SIZE-1", VERDICT_PASS);
    in("query", 0)->outcome.size_out = 0;
    expect("SIZE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_size_required_without_any_that_was_asked_for)
{
    refuse_all("query", 5);
    struct record *record = in("sweep", SWEEP_EXACT);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    record->call.count_in = 0;
    expect("SIZE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(one_size_required_is_enough)
{
    refuse_all(NULL, 5);
    expect("SIZE-1", VERDICT_SKIP);
    in("short", SHORT_1)->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    expect("SIZE-1", VERDICT_PASS);
}
END_TEST

// ---- SIZE-2 to 4

START_TEST(offers_of_the_size_required_that_are_not_judged)
{
    scene_refuse(&scene, in("fetch", FETCH_EXACT), ERROR_INSUFFICIENT_BUFFER);
    struct verdict verdict = scene_judge(&scene, "SIZE-2", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "0 (ERROR_SUCCESS): the query said"));
    in("fetch", FETCH_EXACT)->call.count_in = 0;
    expect("SIZE-2", VERDICT_PASS); // COUNT-5's business
    in("fetch", 3)->call.count_in = 0;
    in("sweep", SWEEP_EXACT)->call.count_in = 0;
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        if (scene.transcript->records[i].call.offered == required)
            scene.transcript->records[i].call.count_in = 0;
    expect_told("SIZE-2", VERDICT_SKIP, "no call that offered the size required");
    scene_tear_down();
    scene_set_up_quiet();
    in("fetch", FETCH_EXACT)->outcome.kind = OUTCOME_NOT_TRIED;
    expect("SIZE-2", VERDICT_SKIP);
    scene_tear_down();
    scene_set_up_quiet();
    scene_log_in(&scene);
    call("fetch", required);
    expect("SIZE-2", VERDICT_PASS);
}
END_TEST

START_TEST(no_size_was_asked_for)
{
    static const char *const clauses[] = {"SIZE-2", "SIZE-3", "SIZE-4", "SIZE-6", "SIZE-8"};
    refuse_all("query", 5);
    for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++)
        expect_told(clauses[i], VERDICT_SKIP, "no query was answered with the size");
}
END_TEST

START_TEST(a_byte_less_is_told)
{
    scene_succeed(&scene, in("short", SHORT_1_LESS));
    struct verdict verdict = scene_judge(&scene, "SIZE-3", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "122 (ERROR_INSUFFICIENT_BUFFER): the query"));
    expect("SIZE-2", VERDICT_PASS);
    ck_assert_str_eq(scene_judge(&scene, "SIZE-2", CHARSET_A).expected, "");
}
END_TEST

START_TEST(a_size_that_a_count_explains)
{
    struct record *record = in("counts", 0);
    ck_assert(record->call.offered == required && record->call.count_in == 0);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    expect("SIZE-4", VERDICT_PASS);
    record->call.offered = required + 100;
    record->outcome.size_out = required + 100;
    expect("SIZE-4", VERDICT_PASS);
    record->outcome.size_out = required + 101;
    expect("SIZE-4", VERDICT_FAIL);
    record->outcome.size_out = required + 100;
    record->call.count_in = record->call.offered / scene.abi->session_size;
    expect("SIZE-4", VERDICT_FAIL);
    record->call.count_in = 0;
    record->call.offered = record->outcome.size_out = required - 1;
    expect("SIZE-4", VERDICT_FAIL);
    record->call.flags = CALL_COUNT_NULL;
    expect("SIZE-4", VERDICT_PASS);
    in("sweep", SWEEP_1_MORE)->outcome.size_out++;
    expect("SIZE-4", VERDICT_PASS); // a success: SIZE-5's business
}
END_TEST

// ---- SIZE-5 to 10

START_TEST(the_first_of_the_least_and_of_the_most_is_told)
{
    char told[128];
    in("fetch", FETCH_GENEROUS)->outcome.size_out = required + 8;
    in("fetch", FETCH_TWICE)->outcome.size_out = required + 8;
    snprintf(told, sizeof told, "= %u for %u bytes offered, %u for %u", required + 8,
             in("fetch", FETCH_GENEROUS)->call.offered, required, required);
    expect_told("SIZE-5", VERDICT_FAIL, told);
    in("fetch", FETCH_EXACT)->call.placement = PLACE_MIDDLE;
    in("fetch", FETCH_EXACT)->call.misalignment = 1;
    in("fetch", FETCH_EXACT)->outcome.size_out = required - 8;
    expect_told("SIZE-5", VERDICT_FAIL, told);
}
END_TEST

START_TEST(what_no_size_is_retrieved_with)
{
    struct record *null = scene_call(&scene, "fetch", CHARSET_A, PLACE_NULL, required);
    null->outcome.status = ERROR_SUCCESS;
    null->outcome.size_out = 0;
    expect("SIZE-5", VERDICT_PASS); // BOUNDS-4's business
    refuse_all(NULL, 5);
    expect_told("SIZE-5", VERDICT_SKIP, "no call succeeded");
}
END_TEST

START_TEST(sizes_in_any_order)
{
    refused("sweep", required - 2, ERROR_INSUFFICIENT_BUFFER);
    succeeded("sweep", required + 7);
    refused("sweep", 3, ERROR_INSUFFICIENT_BUFFER);
    expect("SIZE-7", VERDICT_PASS);
    refused("sweep", required, ERROR_INSUFFICIENT_BUFFER); // after it was enough
    expect("SIZE-7", VERDICT_FAIL);
    reopen(1);
    required = scene_required(&scene, CHARSET_A);
    refused("sweep", required, ERROR_INSUFFICIENT_BUFFER); // before
    succeeded("sweep", required);
    expect("SIZE-7", VERDICT_PASS);
}
END_TEST

START_TEST(the_first_size_that_is_refused_is_told)
{
    char told[64];
    scene_refuse(&scene, in("sweep", SWEEP_1_MORE), ERROR_INSUFFICIENT_BUFFER);
    scene_refuse(&scene, in("sweep", SWEEP_64_MORE), ERROR_INSUFFICIENT_BUFFER);
    snprintf(told, sizeof told, "for %u bytes, though", required + 1);
    expect_told("SIZE-7", VERDICT_FAIL, told);
    scene_refuse(&scene, in("sweep", SWEEP_0), 5);
    scene_refuse(&scene, in("sweep", SWEEP_1_LESS), 6);
    expect_told("SIZE-7", VERDICT_FAIL, "5 (ERROR_ACCESS_DENIED) for 0 bytes");
    in("sweep", SWEEP_0)->outcome.kind = OUTCOME_NOT_TRIED;
    scene_refuse(&scene, in("sweep", SWEEP_1_LESS), ERROR_INSUFFICIENT_BUFFER);
    scene_succeed(&scene, in("sweep", SWEEP_1_MORE));
    scene_succeed(&scene, in("sweep", SWEEP_64_MORE));
    expect("SIZE-7", VERDICT_SKIP);
}
END_TEST

START_TEST(the_first_piece_past_the_size_is_told)
{
    uint32_t structures = SCENE_SESSIONS * scene.abi->session_size;
    in("fetch", FETCH_EXACT)->outcome.size_out = structures - 1;
    struct verdict verdict = scene_judge(&scene, "SIZE-9", CHARSET_A);
    char told[64];
    snprintf(told, sizeof told, "ends at byte %u, *BufferSize = %u", structures, structures - 1);
    ck_assert_msg(strstr(verdict.got, told) != NULL, "%s", verdict.got);
    scene_refuse(&scene, in("large", 0), 998);
    ck_assert_str_eq(scene_judge(&scene, "SIZE-10", CHARSET_A).expected,
                     "0 (ERROR_SUCCESS): the bytes are really there");
    scene.profile = "windows";
    expect("SIZE-10", VERDICT_KNOWN);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        what_is_enough_after_a_login,
        a_sufficient_buffer_that_is_not_judged,
        no_sufficient_buffer_was_offered,
        a_buffer_for_no_sessions_any_more,
        a_buffer_for_no_sessions_after_an_event,
        no_size_succeeds_and_more_is_asked_for,
        a_buffer_for_no_sessions_at_all,
        a_query_that_is_and_that_is_not_judged,
        what_is_too_small_is_at_least_refused,
        what_is_too_small_after_a_login,
        what_was_not_called_has_no_status,
        the_call_that_changes_is_told,
        a_success_is_no_failing_call,
        a_size_required_that_is_not_judged,
        a_size_required_without_any_that_was_asked_for,
        one_size_required_is_enough,
        offers_of_the_size_required_that_are_not_judged,
        no_size_was_asked_for,
        a_byte_less_is_told,
        a_size_that_a_count_explains,
        the_first_of_the_least_and_of_the_most_is_told,
        what_no_size_is_retrieved_with,
        sizes_in_any_order,
        the_first_size_that_is_refused_is_told,
        the_first_piece_past_the_size_is_told,
    };
    Suite *suite = suite_create("limits_offers");
    TCase *limits = tcase_create("limits_offers");
    tcase_add_checked_fixture(limits, scene_set_up_quiet, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
