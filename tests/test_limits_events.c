// SPDX-License-Identifier: Apache-2.0
// Which calls around changes belong together, and which of several failures is told.
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

#define BEFORE_1 CIRCUMSTANCE_BEFORE_EVENT "1"
#define AFTER_1 CIRCUMSTANCE_AFTER_EVENT "1"
#define BEFORE_2 CIRCUMSTANCE_BEFORE_EVENT "2"
#define AFTER_2 CIRCUMSTANCE_AFTER_EVENT "2"

static struct record *event_call(const char *circumstance, uint32_t offered)
{
    return scene_call_under(&scene, PROBE_SET_EVENTS, circumstance, CHARSET_A, offered);
}

// Every call under that circumstance is made under another one.
static void rename_circumstance(const char *from, const char *to)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->circumstance != NULL && strcmp(record->circumstance, from) == 0)
            record->circumstance = to;
    }
}

// ---- Before anything changes

START_TEST(one_success_before_the_changes_is_enough)
{
    static const char *const clauses[] = {"CHANGE-1", "CHANGE-2", "CHANGE-3", "CHANGE-4",
                                          "CHANGE-5"};
    for (size_t fetches = 0; fetches < 2; fetches++) {
        reopen_with_fetches(fetches);
        scene_call_changing(&scene);
        for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++) {
            struct verdict verdict = scene_judge(&scene, clauses[i], CHARSET_A);
            ck_assert_int_eq(verdict.kind, fetches == 0 ? VERDICT_SKIP : VERDICT_PASS);
            if (fetches == 0)
                ck_assert_str_eq(verdict.blocked_by, BLOCKED_BY_SUCCESS);
        }
    }
}
END_TEST

START_TEST(a_change_that_was_not_made_is_an_error)
{
    static const struct {
        const char *circumstance;
        const char *clause;
        enum verdict_kind kind;
    } cases[] = {{CIRCUMSTANCE_LOGIN, "CHANGE-1", VERDICT_ERROR},
                 {CIRCUMSTANCE_LOGOUT, "CHANGE-2", VERDICT_ERROR},
                 {CIRCUMSTANCE_CHANGING, "CHANGE-3", VERDICT_SKIP},
                 {CIRCUMSTANCE_SETTLED, "CHANGE-4", VERDICT_ERROR},
                 {CIRCUMSTANCE_DROP, "CHANGE-5", VERDICT_ERROR},
                 {CIRCUMSTANCE_REINSTATEMENT, "CHANGE-5", VERDICT_ERROR}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rename_circumstance(cases[i].circumstance, "another time");
        scene_expect(&scene, cases[i].clause, cases[i].kind);
        rename_circumstance("another time", cases[i].circumstance);
        scene_expect(&scene, cases[i].clause, VERDICT_PASS);
    }
}
END_TEST

// ---- Logins and logouts

START_TEST(a_success_after_a_login_with_all_or_less_than_all)
{
    struct measure measure;
    struct record *record = in("steps", LOGIN_AGAIN);
    const struct truth *truth = scene.transcript->truths[1];
    ck_assert_uint_eq(truth->session_count, SCENE_SESSIONS + 1);
    ck_assert_int_eq(measure_truth(&measure, truth, scene.abi, CHARSET_A), 0);
    rename_circumstance(CIRCUMSTANCE_LOGIN, "another time");
    record->circumstance = CIRCUMSTANCE_LOGIN;
    record->call.offered = (uint32_t)(measure.least - measure.initiator_addresses);
    scene_expect(&scene, "CHANGE-1", VERDICT_PASS);
    record->call.offered--;
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(what_is_refused_as_before_is_still_looked_at)
{
    in("fetch", 0)->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    scene_refuse(&scene, in("fetch", 0), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-1", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-5", VERDICT_PASS);
    spoil(in("steps", LOGIN_AGAIN));
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
    spoil(in("steps", LOGOUT));
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
    spoil(in("steps", REINSTATEMENT));
    scene_expect(&scene, "CHANGE-5", VERDICT_FAIL);
}
END_TEST

START_TEST(a_wrong_list_is_not_excused_by_its_size)
{
    struct record *record = in("steps", LOGOUT);
    scene.profile = "windows";
    record->outcome.size_out = record->call.offered;
    spoil(record);
    expect_at("CHANGE-2", index_of(record), "differs in ISID: ");
    ck_assert_str_eq(scene_judge(&scene, "CHANGE-2", CHARSET_A).about, "CONTENT-4");
}
END_TEST

START_TEST(sizes_that_differ_before_a_logout_are_no_matter_after_it)
{
    struct record *record = in("steps", LOGOUT);
    record->outcome.size_out = record->call.offered;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
    in("fetch", 1)->outcome.size_out = in("fetch", 1)->call.offered;
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    scene_expect(&scene, "SIZE-5", VERDICT_FAIL);
}
END_TEST

START_TEST(a_refusal_is_told_with_its_code)
{
    size_t drop = index_of(in("steps", DROP));
    size_t logout = index_of(in("steps", LOGOUT));
    scene_refuse(&scene, in("steps", DROP), 5);
    expect_at("CHANGE-5", drop, "5 (ERROR_ACCESS_DENIED) for ");
    scene_refuse(&scene, in("steps", LOGOUT), 5);
    expect_at("CHANGE-2", logout, "5 (ERROR_ACCESS_DENIED) for ");
}
END_TEST

START_TEST(the_first_of_two_failures_is_told)
{
    size_t login = index_of(in("steps", LOGIN_AGAIN));
    size_t drop = index_of(in("steps", DROP));
    spoil(in("steps", LOGIN_AGAIN));
    spoil(in("steps", DROP));
    spoil(in("steps", REINSTATEMENT));
    event_call(BEFORE_1, 0);
    scene_log_in(&scene);
    uint32_t more = scene_required(&scene, CHARSET_A);
    spoil(event_call(AFTER_1, more));
    expect_at("CHANGE-1", login, "ISID");
    expect_at("CHANGE-5", drop, "ISID");
}
END_TEST

START_TEST(a_member_that_is_repeated_or_missing)
{
    struct record *record = in("steps", LOGOUT);
    uint8_t *cid = scene_connection(&scene, record, SCENE_TWO, 0, scene.abi->cid);
    uint8_t *id = scene_connection(&scene, record, SCENE_TWO, 0, scene.abi->connection_id);
    cid[0] ^= 0x40; // the connection isn't found
    expect_at("CHANGE-2", index_of(record), "CID");
    cid[0] ^= 0x40;
    id[0] ^= 0x40;
    expect_at("CHANGE-2", index_of(record), "ConnectionId");
    ck_assert_str_eq(scene_judge(&scene, "CHANGE-2", CHARSET_A).about, "STABLE-2");
    id[0] ^= 0x40;
    record->outcome.count_out++;
    expect_at("CHANGE-2", index_of(record), "4 sessions are listed, 3 were active");
    ck_assert_str_eq(scene_judge(&scene, "CHANGE-2", CHARSET_A).about, "COUNT-1");
}
END_TEST

START_TEST(sessions_that_are_missing_in_all_lists_are_left_out)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        scene.transcript->records[i].outcome.count_out = SCENE_SESSIONS - 1;
    struct verdict verdict = scene_judge(&scene, "CHANGE-2", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_PASS);
    ck_assert_ptr_nonnull(strstr(verdict.left_out, "CONTENT-1"));
    scene_expect(&scene, "COUNT-1", VERDICT_FAIL);
}
END_TEST

// ---- Events

START_TEST(a_call_after_an_event_that_did_not_return_has_one_clause)
{
    static void (*const changes[])(struct scene *) = {scene_log_in, scene_log_out};
    for (size_t i = 0; i < 2; i++) {
        event_call(BEFORE_1, 0);
        uint32_t before = scene_required(&scene, CHARSET_A);
        changes[i](&scene);
        struct record *record = event_call(AFTER_1, before);
        record->outcome.status = 5;
        scene_fault(record, FAULT_READ, 0);
        scene_expect(&scene, "CHANGE-1", VERDICT_PASS);
        scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
        scene_expect(&scene, "CHANGE-5", VERDICT_FAIL);
    }
}
END_TEST

START_TEST(an_event_without_a_query_is_not_judged)
{
    scene_log_out(&scene);
    spoil(event_call(AFTER_1, required)); // the first of all
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    scene_log_out(&scene);
    event_call(AFTER_2, required)->outcome.status = 5;
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    event_call(BEFORE_2, 0);
    scene_log_out(&scene);
    event_call(AFTER_2, required)->outcome.status = 5;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(the_last_call_before_an_event_is_its_query)
{
    uint32_t before = scene_required(&scene, CHARSET_A);
    spoil(event_call(BEFORE_1, before));
    event_call(BEFORE_1, before - 1);
    event_call(BEFORE_1, 0);
    scene_log_out(&scene);
    size_t after = index_of(event_call(AFTER_1, before));
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-5", VERDICT_PASS);
    scene.transcript->records[after].outcome.status = 5;
    scene.transcript->records[after].outcome.byte_count = 0;
    expect_at("CHANGE-2", after, "5 (");
}
END_TEST

START_TEST(the_next_event_s_query_is_no_second_fetch)
{
    event_call(BEFORE_1, 0);
    uint32_t before = scene_required(&scene, CHARSET_A);
    scene_log_in(&scene);
    event_call(AFTER_1, before); // is refused, and not made again
    event_call(BEFORE_2, 0);
    scene_expect(&scene, "CHANGE-1", VERDICT_ERROR);
}
END_TEST

START_TEST(a_query_that_succeeds_is_a_query)
{
    event_call(BEFORE_1, 0)->outcome.status = ERROR_SUCCESS;
    uint32_t before = scene_required(&scene, CHARSET_A);
    scene_log_out(&scene);
    event_call(AFTER_1, before)->outcome.status = 5;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(an_event_adds_sessions_or_alters_them)
{
    event_call(BEFORE_1, 0);
    scene_log_in(&scene);
    uint32_t more = scene_required(&scene, CHARSET_A);
    event_call(AFTER_1, more)->call.offered = 100; // too little, and a success
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
    scene_expect(&scene, "CHANGE-5", VERDICT_PASS);
    scene_tear_down();
    scene_set_up_changing();
    event_call(BEFORE_1, 0);
    scene_change(&scene);
    event_call(AFTER_1, required)->call.offered = 100;
    scene_expect(&scene, "CHANGE-1", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-5", VERDICT_PASS); // STATUS-2's business
}
END_TEST

// ---- While sessions come and go, and after

START_TEST(without_a_success_while_sessions_come_and_go)
{
    struct record *record = in("changing", CHANGING);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    record->outcome.size_out = record->call.offered + 1;
    struct verdict verdict = scene_judge(&scene, "CHANGE-3", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_ptr_null(verdict.record);
    scene_refuse(&scene, in("changing", CHANGING), 5);
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
}
END_TEST

START_TEST(what_is_settled_is_not_while_sessions_come_and_go)
{
    spoil(in("changing", SETTLED));
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-4", VERDICT_FAIL);
}
END_TEST

START_TEST(a_call_that_was_not_made_while_sessions_come_and_go)
{
    in("changing", CHANGING)->outcome.kind = OUTCOME_NOT_TRIED;
    in("changing", CHANGING)->outcome.status = 5;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL); // for want of a success
    in("changing", CHANGING_QUERY)->outcome.kind = OUTCOME_NOT_TRIED;
    in("changing", CHANGING_QUERY)->outcome.status = 5;
    scene_expect(&scene, "CHANGE-3", VERDICT_SKIP);
    in("changing", SETTLED)->outcome.kind = OUTCOME_NOT_TRIED;
    in("changing", SETTLED_2)->outcome.kind = OUTCOME_NOT_TRIED;
    scene_expect(&scene, "CHANGE-4", VERDICT_SKIP);
}
END_TEST

START_TEST(the_latest_moment_is_told)
{
    struct record *record = in("changing", CHANGING);
    spoil(record);
    struct verdict verdict = scene_judge(&scene, "CHANGE-3", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.got, "in generation 5 the session of "));
    ck_assert_str_eq(verdict.about, "CONTENT-4");
    scene_change(&scene);
    record = in("changing", CHANGING);
    record->outcome.ended_ns = record->outcome.first_ended_ns = scene.now_ns;
    verdict = scene_judge(&scene, "CHANGE-3", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.got, "in generation 10 the session of "));
    record->outcome.began_ns = record->outcome.ended_ns = 1; // before all
    record->outcome.first_ended_ns = record->outcome.last_began_ns = 1;
    verdict = scene_judge(&scene, "CHANGE-3", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.got, "no generation could be seen"));
}
END_TEST

// The list is right in the end only, where the first of several calls did not see it.
START_TEST(one_call_may_see_what_was_true_at_its_end)
{
    struct record *record = in("changing", CHANGING);
    spoil(record);
    scene_change(&scene);
    scene.truth->sessions[SCENE_ONE].isid[5] ^= 0x40;
    struct outcome *outcome = &in("changing", CHANGING)->outcome;
    uint64_t first_ended_ns = outcome->ended_ns;
    outcome->ended_ns = outcome->last_began_ns = scene.now_ns + 1;
    for (uint32_t repeats = 0; repeats <= 3; repeats++) {
        outcome->repeats = repeats;
        outcome->first_ended_ns = first_ended_ns;
        scene_expect(&scene, "CHANGE-3", repeats <= 1 ? VERDICT_PASS : VERDICT_FAIL);
        outcome->first_ended_ns = outcome->ended_ns;
        scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    }
}
END_TEST

// Two rounds, then something else, then two rounds, of which the fetches of one fail.
START_TEST(each_two_rounds_are_judged_by_themselves)
{
    for (int bad = 0; bad < 3; bad++) {
        scene_tear_down();
        scene_set_up_changing();
        uint32_t now = scene_required(&scene, CHARSET_A);
        for (int group = 0; group < 2; group++) {
            event_call(BEFORE_1, 0);
            for (int round = 0; round < 2; round++) {
                event_call(CIRCUMSTANCE_SETTLED, 0);
                struct record *record = event_call(CIRCUMSTANCE_SETTLED, now);
                if (group == bad)
                    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
            }
        }
        scene_expect(&scene, "CHANGE-4", bad < 2 ? VERDICT_FAIL : VERDICT_PASS);
    }
    spoil(in(PROBE_SET_EVENTS, 2));
    scene_expect(&scene, "CHANGE-4", VERDICT_FAIL);
}
END_TEST

START_TEST(rounds_from_the_first_call_on)
{
    rename_circumstance(CIRCUMSTANCE_CHANGING, CIRCUMSTANCE_SETTLED);
    for (size_t i = CHANGING; i <= SETTLED_2; i += 2)
        scene_refuse(&scene, in("changing", i), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-4", VERDICT_FAIL);
}
END_TEST

START_TEST(a_query_that_succeeds_is_no_fetch)
{
    in("changing", SETTLED_QUERY)->outcome.status = ERROR_SUCCESS;
    in("changing", SETTLED_QUERY_2)->outcome.status = ERROR_SUCCESS;
    scene_expect(&scene, "CHANGE-4", VERDICT_PASS);
    scene_refuse(&scene, in("changing", SETTLED), ERROR_INSUFFICIENT_BUFFER);
    scene_refuse(&scene, in("changing", SETTLED_2), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-4", VERDICT_FAIL);
}
END_TEST

START_TEST(the_first_wrong_round_is_told)
{
    size_t first = index_of(in("changing", SETTLED));
    spoil(in("changing", SETTLED));
    spoil(in("changing", SETTLED_2));
    expect_at("CHANGE-4", first, "ISID");
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        one_success_before_the_changes_is_enough,
        a_change_that_was_not_made_is_an_error,
        a_success_after_a_login_with_all_or_less_than_all,
        what_is_refused_as_before_is_still_looked_at,
        a_wrong_list_is_not_excused_by_its_size,
        sizes_that_differ_before_a_logout_are_no_matter_after_it,
        a_refusal_is_told_with_its_code,
        the_first_of_two_failures_is_told,
        a_member_that_is_repeated_or_missing,
        sessions_that_are_missing_in_all_lists_are_left_out,
        a_call_after_an_event_that_did_not_return_has_one_clause,
        an_event_without_a_query_is_not_judged,
        the_last_call_before_an_event_is_its_query,
        the_next_event_s_query_is_no_second_fetch,
        a_query_that_succeeds_is_a_query,
        an_event_adds_sessions_or_alters_them,
        without_a_success_while_sessions_come_and_go,
        what_is_settled_is_not_while_sessions_come_and_go,
        a_call_that_was_not_made_while_sessions_come_and_go,
        the_latest_moment_is_told,
        one_call_may_see_what_was_true_at_its_end,
        each_two_rounds_are_judged_by_themselves,
        rounds_from_the_first_call_on,
        a_query_that_succeeds_is_no_fetch,
        the_first_wrong_round_is_told,
    };
    Suite *suite = suite_create("limits_events");
    TCase *limits = tcase_create("limits_events");
    tcase_add_checked_fixture(limits, scene_set_up_changing, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
