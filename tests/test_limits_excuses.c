// SPDX-License-Identifier: Apache-2.0
// What excuses a failure, and no more than that: a profile hides nothing beside what it tolerates,
// no call that was not made is excused, and what a scenario's events changed is nobody's fault.
#include "conformance/judge/clause.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

// ---- Calls that were not made

START_TEST(a_failure_tells_that_calls_were_not_made)
{
    scene_call_quiet(&scene);
    call_large();
    scene_refuse(&scene, in("large", 0), ERROR_INSUFFICIENT_BUFFER);
    struct verdict verdict = scene_judge(&scene, "SIZE-10", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_ptr_null(verdict.blocked_by);
    in("large", 1)->outcome.kind = OUTCOME_NOT_TRIED;
    verdict = scene_judge(&scene, "SIZE-10", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_str_eq(verdict.blocked_by, BLOCKED_BY_ANY);
    // The same where the first call did not return.
    in("large", 0)->outcome.kind = OUTCOME_HUNG;
    verdict = scene_judge(&scene, "SIZE-10", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_str_eq(verdict.blocked_by, BLOCKED_BY_ANY);
}
END_TEST

START_TEST(a_tolerated_failure_is_not_judged_without_all_calls)
{
    scene.profile = "windows";
    scene_call_quiet(&scene);
    call_large();
    scene_refuse(&scene, in("large", 0), ERROR_NOACCESS);
    scene_expect(&scene, "SIZE-10", VERDICT_KNOWN);
    in("large", 1)->outcome.kind = OUTCOME_NOT_TRIED;
    struct verdict verdict = scene_judge(&scene, "SIZE-10", CHARSET_A);
    ck_assert(verdict_unjudged(&verdict));
}
END_TEST

// ---- What the profile tolerates

START_TEST(a_tolerated_tsid_hides_no_other)
{
    scene.profile = "windows";
    memset(scene.truth->sessions[SCENE_NONE].tsid, 0, 2);
    scene_call_quiet(&scene);
    scene_call_changing(&scene);
    for (size_t i = 0; i < scene.transcript->truth_count; i++)
        memset(scene.transcript->truths[i]->sessions[SCENE_NONE].tsid, 7, 2);
    scene_expect(&scene, "CONTENT-5", VERDICT_KNOWN);
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    *scene_member(&scene, in("steps", 2), SCENE_TWO, scene.abi->tsid) ^= 0x40;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_missing_node_name_hides_no_wrong_one)
{
    scene.profile = "windows";
    scene_call_quiet(&scene);
    scene_call_changing(&scene);
    const struct record *last = &scene.transcript->records[scene.transcript->record_count - 1];
    for (struct record *record = scene.transcript->records; record <= last; record++)
        for (size_t i = 0; record->outcome.byte_count > 0 && i < record->outcome.count_out; i++)
            memset(scene_member(&scene, record, i, scene.abi->target_node_name), 0, 8);
    scene_expect(&scene, "CONTENT-3", VERDICT_KNOWN);
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    struct record *record = in("steps", 2);
    const uint8_t *initiator = scene_member(&scene, record, SCENE_TWO, scene.abi->initiator_name);
    memcpy(scene_member(&scene, record, SCENE_TWO, scene.abi->target_node_name), initiator, 8);
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

// ---- No sessions

static void ask(struct record *record, uint32_t size)
{
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    record->outcome.size_out = size;
    record->outcome.count_out = 0;
}

START_TEST(without_sessions_the_size_asked_for_is_enough)
{
    reopen(0);
    scene.profile = "windows";
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "query", CHARSET_A, PLACE_END, 63);
    scene_call(&scene, "query", CHARSET_A, PLACE_END, 64);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
    ask(in("query", 0), 64);
    ask(in("query", 1), 64);
    scene_expect(&scene, "EMPTY-1", VERDICT_KNOWN);
    ask(in("query", 2), 128);
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL);
    scene_expect(&scene, "STATUS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(without_sessions_a_success_repeats_no_size)
{
    reopen(0);
    scene.profile = "windows";
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    struct record *record = scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
    scene_expect(&scene, "EMPTY-1", VERDICT_PASS);
    record->outcome.size_out = 16; // nobody asked for a buffer
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL);
    record->outcome.size_out = 0;
    record->outcome.status = 5;
    ask(in("query", 0), 64);
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL); // more than what the profile tolerates
}
END_TEST

START_TEST(without_sessions_a_large_offer_may_have_no_access)
{
    reopen(0);
    scene.profile = "windows";
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
    call_large();
    scene_refuse(&scene, in("large", 0), ERROR_NOACCESS);
    scene_expect(&scene, "EMPTY-1", VERDICT_KNOWN);
}
END_TEST

// The last session went.
START_TEST(without_sessions_any_more_the_size_asked_for_is_known)
{
    reopen(1);
    scene.profile = "windows";
    scene_call_quiet(&scene);
    uint32_t before = scene_required(&scene, CHARSET_A);
    scene_log_out(&scene);
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
        scene_call_under(&scene, "steps", CIRCUMSTANCE_LOGOUT, (enum charset)charset, before);
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    ask(in("steps", 0), before + 8);
    scene_expect(&scene, "CHANGE-2", VERDICT_KNOWN);
    in("steps", 0)->outcome.count_out = 1;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
    reopen(2);
    scene.profile = "windows";
    scene_call_quiet(&scene);
    before = scene_required(&scene, CHARSET_A);
    scene_log_out(&scene);
    scene_call_under(&scene, "steps", CIRCUMSTANCE_LOGOUT, CHARSET_A, before);
    ask(in("steps", 0), before + 8);
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL); // one is left
}
END_TEST

START_TEST(without_a_list_before_no_change_is_judged)
{
    static const char *const clauses[] = {"CHANGE-1", "CHANGE-2", "CHANGE-3", "CHANGE-4",
                                          "CHANGE-5"};
    scene_call_quiet(&scene);
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->outcome.byte_count > 0)
            scene_refuse(&scene, record, ERROR_NOACCESS);
    }
    scene_call_changing(&scene);
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->outcome.byte_count > 0) // wrong, as far as that can be said
            *scene_member(&scene, record, 0, scene.abi->isid) ^= 0x40;
    }
    for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++) {
        struct verdict verdict = scene_judge(&scene, clauses[i], CHARSET_A);
        ck_assert_msg(verdict_unjudged(&verdict), "%s: %s", clauses[i], verdict.got);
    }
}
END_TEST

// ---- After a scenario's events

START_TEST(sessions_that_an_event_brings_are_no_failure_of_empty)
{
    reopen(0);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_log_in(&scene);
    uint32_t now = scene_required(&scene, CHARSET_A);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, now);
    scene_expect(&scene, "EMPTY-1", VERDICT_PASS);
    scene_expect(&scene, "EMPTY-2", VERDICT_PASS);
}
END_TEST

START_TEST(another_status_without_sessions_is_steady)
{
    scene_call_quiet(&scene);
    while (scene.truth->session_count > 0)
        scene_log_out(&scene);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_expect(&scene, "STATUS-4", VERDICT_PASS);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0)->outcome.status = 5;
    scene_expect(&scene, "STATUS-4", VERDICT_FAIL);
}
END_TEST

START_TEST(the_old_size_for_more_sessions_is_no_failure)
{
    scene_call_quiet(&scene);
    scene_log_in(&scene);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required);
    scene_expect(&scene, "SIZE-2", VERDICT_PASS);
    scene_log_out(&scene);
    scene_refuse(&scene, scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required),
                 ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "SIZE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(the_arrangement_follows_the_sessions)
{
    scene_call_quiet(&scene);
    scene_change(&scene);
    scene.truth->sessions[SCENE_TWO].connection_count = 0;
    scene_call(&scene, "offsets", CHARSET_A, PLACE_END, required);
    scene_expect(&scene, "LAYOUT-7", VERDICT_PASS);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_failure_tells_that_calls_were_not_made,
        a_tolerated_failure_is_not_judged_without_all_calls,
        a_tolerated_tsid_hides_no_other,
        a_missing_node_name_hides_no_wrong_one,
        without_sessions_the_size_asked_for_is_enough,
        without_sessions_a_success_repeats_no_size,
        without_sessions_a_large_offer_may_have_no_access,
        without_sessions_any_more_the_size_asked_for_is_known,
        without_a_list_before_no_change_is_judged,
        sessions_that_an_event_brings_are_no_failure_of_empty,
        another_status_without_sessions_is_steady,
        the_old_size_for_more_sessions_is_no_failure,
        the_arrangement_follows_the_sessions,
    };
    Suite *suite = suite_create("limits_excuses");
    TCase *limits = tcase_create("limits_excuses");
    tcase_add_checked_fixture(limits, scene_set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
