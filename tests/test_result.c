// SPDX-License-Identifier: Apache-2.0
// What becomes of verdicts, by results that are made by hand: what a baseline excuses, differences,
// and the ladder of exit statuses.
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "harness/command/command.h"
#include "harness/report/json.h"
#include "harness/result/baseline.h"
#include "harness/result/diff.h"
#include "harness/result/result_read.h"
#include "tests/made_result.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static const struct planned before_planned[] = {
    {"one", "SIZE-1", CHECK_A, VERDICT_PASS, NULL},
    {"one", "SIZE-1", CHECK_W, VERDICT_FAIL, "known number 1"},
    {"one", "SIZE-2", CHECK_A, VERDICT_FAIL, "to be fixed"},
    {"one", "SIZE-2", CHECK_W, VERDICT_PASS, NULL},
    {"one", "COUNT-2", CHECK_A, VERDICT_NOTE, "it holds 0"},
    {"one", "COUNT-2", CHECK_W, VERDICT_NOTE, "it holds 0"},
    {"one", "SIZE-8", CHECK_A, VERDICT_PASS, NULL},
    {"one", "SIZE-4", CHECK_A, VERDICT_PASS, NULL},
    {"gone", "SIZE-1", CHECK_A, VERDICT_PASS, NULL},
};
static const struct planned after_planned[] = {
    {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, "new"},
    {"one", "SIZE-1", CHECK_W, VERDICT_FAIL, "known number 2"},
    {"one", "SIZE-2", CHECK_A, VERDICT_PASS, NULL},
    {"one", "SIZE-2", CHECK_W, VERDICT_PASS, NULL},
    {"one", "COUNT-2", CHECK_A, VERDICT_NOTE, "it holds the number"},
    {"one", "COUNT-2", CHECK_W, VERDICT_NOTE, "it holds 0"},
    {"one", "SIZE-8", CHECK_A, VERDICT_WARN, "17 bytes"},
    {"one", "SIZE-4", CHECK_A, VERDICT_SKIP, "not tried"},
    {"added", "SIZE-1", CHECK_A, VERDICT_PASS, NULL},
    {"added", "SIZE-1", CHECK_W, VERDICT_FAIL, "new, too"},
};

// ---- Differences

static const char expected_differences[] = "new SIZE-1 one A\n"
                                           "new SIZE-1 added W\n"
                                           "fixed SIZE-2 one A\n"
                                           "known SIZE-1 one W\n"
                                           "changed COUNT-2 one A\n"
                                           "changed SIZE-8 one A\n"
                                           "changed required size one A\n"
                                           "gone SIZE-4 one A\n"
                                           "gone SIZE-1 gone A\n"
                                           "added SIZE-1 added A\n";

static void make_pair(struct result *before, struct result *after)
{
    *before = make_result(before_planned, COUNT_OF(before_planned));
    *after = make_result(after_planned, COUNT_OF(after_planned));
    before->scenarios[0].observed[CHARSET_A] =
        (struct observation){.has_required = true, .required = 312, .has_returned = true};
    after->scenarios[0].observed[CHARSET_A] =
        (struct observation){.has_required = true, .required = 320, .has_returned = true};
}

START_TEST(differences_are_told_apart)
{
    struct result before;
    struct result after;
    struct diff diff;
    struct diff again;
    make_pair(&before, &after);
    ck_assert_int_eq(diff_make(&diff, &before, &after), 0);
    char *listed = list_differences(&diff);
    ck_assert_str_eq(listed, expected_differences);
    ck_assert(diff_differs(&diff));
    json_t *json = diff_to_json(&diff);
    ck_assert_int_eq(diff_from_json(&again, json), 0);
    char *listed_again = list_differences(&again);
    ck_assert_str_eq(listed_again, expected_differences);
    json_decref(json);
    diff_free(&diff);
    diff_free(&again);
    ck_assert_int_eq(diff_make(&diff, &before, &before), 0);
    ck_assert(!diff_differs(&diff));
    diff_free(&diff);
    free(listed);
    free(listed_again);
    result_free(&before);
    result_free(&after);
}
END_TEST

// ---- Baselines

static struct baseline *load_baseline(const struct result *result, struct failure *failure)
{
    struct baseline *baseline = NULL;
    ck_assert_int_eq(report_json_write(result, made_file, failure), 0);
    (void)baseline_load(&baseline, made_file, failure);
    return baseline;
}

START_TEST(only_new_failures_count)
{
    struct result before;
    struct result after;
    struct failure failure = {0};
    make_pair(&before, &after);
    struct baseline *baseline = load_baseline(&before, &failure);
    ck_assert_msg(baseline != NULL, "%s", failure.text);
    excuse(&after, NULL, baseline);
    ck_assert_int_eq(result_exit_status(&after), STATUS_BROKEN);
    ck_assert_uint_eq(result_tally(&after, NULL).of[VERDICT_FAIL], 2);
    ck_assert_uint_eq(result_tally(&after, NULL).of[VERDICT_KNOWN], 1);
    char *listed = list_differences(&after.baseline->diff);
    ck_assert_str_eq(listed, expected_differences);
    free(listed);
    baseline_free(baseline);

    // What was excused as known is still known to whoever takes this result for a baseline.
    baseline = load_baseline(&after, &failure);
    ck_assert_msg(baseline != NULL, "%s", failure.text);
    struct result third = make_result(after_planned, COUNT_OF(after_planned));
    excuse(&third, NULL, baseline);
    ck_assert_int_eq(result_exit_status(&third), STATUS_HELD);
    ck_assert_uint_eq(result_tally(&third, NULL).of[VERDICT_KNOWN], 3);
    baseline_free(baseline);
    result_free(&before);
    result_free(&after);
    result_free(&third);
}
END_TEST

// A failure in the baseline excuses no check whose calls are not made any more.
START_TEST(what_is_not_called_is_not_excused)
{
    static const struct planned failed[] = {{"s", "SIZE-10", CHECK_A, VERDICT_FAIL, "122"},
                                            {"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""}};
    struct failure failure = {0};
    struct result before = make_result(failed, COUNT_OF(failed));
    struct result after = make_result(failed, COUNT_OF(failed));
    struct baseline *baseline = load_baseline(&before, &failure);
    ck_assert_msg(baseline != NULL, "%s", failure.text);
    after.scenarios[0].checks[0].verdict =
        (struct verdict){.kind = VERDICT_SKIP, .blocked_by = BLOCKED_BY_ANY};
    excuse(&after, NULL, baseline);
    ck_assert_int_eq(result_exit_status(&after), STATUS_BROKEN);
    ck_assert_uint_eq(result_tally(&after, NULL).of[VERDICT_KNOWN], 0);
    baseline_free(baseline);
    result_free(&before);
    result_free(&after);
}
END_TEST

START_TEST(an_untrusted_baseline_is_refused)
{
    struct result result = make_result(before_planned, COUNT_OF(before_planned));
    struct failure failure = {0};
    result.scenarios[0].finished = false;
    ck_assert_ptr_null(load_baseline(&result, &failure));
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(failure.text, "can't be trusted"));
    result_free(&result);
}
END_TEST

static int load_status(const struct result *result)
{
    struct failure failure = {0};
    struct baseline *baseline = load_baseline(result, &failure);
    baseline_free(baseline);
    return baseline != NULL ? STATUS_HELD : failure.status;
}

START_TEST(only_a_run_that_proves_something_is_a_baseline)
{
    const struct planned two[] = {{"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""},
                                  {"s", "SIZE-2", CHECK_A, VERDICT_SKIP, ""}};
    struct result result = make_result(two, COUNT_OF(two));
    ck_assert_int_eq(load_status(&result), STATUS_HELD);
    result.failure.status = 130; // interrupted at its very end
    ck_assert_int_eq(load_status(&result), STATUS_USAGE);
    result.failure.status = 0;
    result.scenarios[0].checks[1].verdict.blocked_by = BLOCKED_BY_ANY;
    ck_assert_int_eq(load_status(&result), STATUS_USAGE);
    result_free(&result);
}
END_TEST

// What becomes of a check that failed in the baseline, and of one that held there.
START_TEST(a_baseline_excuses_the_same_failure)
{
    static const struct {
        unsigned before;
        unsigned now;
        enum verdict_kind kind;
    } cases[] = {
        {SYMPTOM_ANSWER, SYMPTOM_ANSWER, VERDICT_KNOWN},
        {SYMPTOM_ANSWER, SYMPTOM_FAULT, VERDICT_FAIL},
        {SYMPTOM_ANSWER, SYMPTOM_ANSWER | SYMPTOM_FAULT, VERDICT_FAIL},
        {SYMPTOM_ANSWER | SYMPTOM_FAULT, SYMPTOM_FAULT, VERDICT_KNOWN},
    };
    const struct planned failed = {"s", "SIZE-1", CHECK_A, VERDICT_FAIL, "wrong"};
    struct failure failure = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct result before = make_result(&failed, 1);
        struct result after = make_result(&failed, 1);
        before.scenarios[0].checks[0].verdict.symptoms = cases[i].before;
        after.scenarios[0].checks[0].verdict.symptoms = cases[i].now;
        struct baseline *baseline = load_baseline(&before, &failure);
        excuse(&after, NULL, baseline);
        ck_assert_int_eq(after.failure.status, 0);
        ck_assert_int_eq(after.scenarios[0].checks[0].verdict.kind, cases[i].kind);
        baseline_free(baseline);
        result_free(&before);
        result_free(&after);
    }
}
END_TEST

// A waiver says until when it holds, a profile what it tolerates: neither excuses a failure later.
START_TEST(what_was_waived_then_counts_now)
{
    const struct planned known = {"s", "SIZE-1", CHECK_A, VERDICT_KNOWN, "wrong"};
    const struct planned failed = {"s", "SIZE-1", CHECK_A, VERDICT_FAIL, "wrong"};
    struct failure failure = {0};
    struct result before = make_result(&known, 1);
    struct result after = make_result(&failed, 1);
    struct baseline *baseline = load_baseline(&before, &failure);
    excuse(&after, NULL, baseline);
    ck_assert_int_eq(result_exit_status(&after), STATUS_BROKEN);
    baseline_free(baseline);
    result_free(&before);
    result_free(&after);
}
END_TEST

START_TEST(a_should_need_not_be_judged_again)
{
    const struct planned held = {"s", "SIZE-8", CHECK_A, VERDICT_PASS, ""};
    struct failure failure = {0};
    struct result before = make_result(&held, 1);
    struct result after = make_result(&held, 1);
    struct baseline *baseline = load_baseline(&before, &failure);
    after.scenarios[0].checks[0].verdict =
        (struct verdict){.kind = VERDICT_SKIP, .blocked_by = BLOCKED_BY_ANY};
    excuse(&after, NULL, baseline);
    ck_assert_int_eq(after.scenarios[0].checks[0].verdict.kind, VERDICT_SKIP);
    baseline_free(baseline);
    result_free(&before);
    result_free(&after);
}
END_TEST

// ---- The ladder

struct rung {
    const char *what;
    struct planned checks[2];
    bool unfinished;
    bool unjudged;
    bool strict;
    int failure;
    int waiver; // the state of a waiver, -1: there is none
    int status;
};

static const struct rung ladder[] = {
    {"all hold", {{"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""}}, .waiver = -1, .status = 0},
    {"warned", {{"s", "SIZE-8", CHECK_A, VERDICT_WARN, ""}}, .waiver = -1, .status = 0},
    {"tolerated", {{"s", "SIZE-3", CHECK_A, VERDICT_KNOWN, ""}}, .waiver = -1, .status = 0},
    {"skipped", {{"s", "SIZE-3", CHECK_A, VERDICT_SKIP, ""}}, .waiver = -1, .status = 3},
    {"one skipped",
     {{"s", "SIZE-3", CHECK_A, VERDICT_SKIP, ""}, {"s", "SIZE-3", CHECK_W, VERDICT_PASS, ""}},
     .waiver = -1,
     .status = 0},
    {"noted", {{"s", "COUNT-2", CHECK_A, VERDICT_NOTE, ""}}, .waiver = -1, .status = 0},
    {"failed", {{"s", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}}, .waiver = -1, .status = 1},
    {"a waiver used",
     {{"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""}},
     .strict = true,
     .waiver = WAIVER_USED,
     .status = 0},
    {"a waiver expired",
     {{"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""}},
     .waiver = WAIVER_EXPIRED,
     .status = 0},
    {"a waiver expired, strict",
     {{"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""}},
     .strict = true,
     .waiver = WAIVER_EXPIRED,
     .status = 1},
    {"a waiver unused, strict",
     {{"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""}},
     .strict = true,
     .waiver = WAIVER_UNUSED,
     .status = 1},
    {"a waiver not tried, strict",
     {{"s", "SIZE-1", CHECK_A, VERDICT_PASS, ""}},
     .strict = true,
     .waiver = WAIVER_NOT_TRIED,
     .status = 0},
    {"not to be judged", {{"s", "SIZE-1", CHECK_A, VERDICT_ERROR, ""}}, .waiver = -1, .status = 3},
    {"failed, and another not to be judged",
     {{"s", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}, {"s", "SIZE-1", CHECK_W, VERDICT_ERROR, ""}},
     .waiver = -1,
     .status = 3},
    {"failed, and not finished",
     {{"s", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}},
     .unfinished = true,
     .waiver = -1,
     .status = 3},
    {"failed, and fewer judged than planned",
     {{"s", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}, {"s", "SIZE-1", CHECK_W, VERDICT_PASS, ""}},
     .unjudged = true,
     .waiver = -1,
     .status = 3},
    {"nothing planned", .waiver = -1, .status = 3},
    {"failed, and the emulator did too",
     {{"s", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}},
     .failure = STATUS_UNTRUSTED,
     .waiver = -1,
     .status = 3},
    {"an expired waiver, strict, and untrusted",
     {{"s", "SIZE-1", CHECK_A, VERDICT_ERROR, ""}},
     .strict = true,
     .waiver = WAIVER_EXPIRED,
     .status = 3},
    {"what was given is wrong, and a failure",
     {{"s", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}},
     .failure = STATUS_USAGE,
     .waiver = -1,
     .status = 2},
    {"interrupted, failed and not finished",
     {{"s", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}},
     .unfinished = true,
     .failure = 130,
     .waiver = -1,
     .status = 130},
};

static struct result make_rung(const struct rung *rung)
{
    size_t count = 0;
    while (count < 2 && rung->checks[count].scenario != NULL)
        count++;
    struct result result = make_result(rung->checks, count);
    result.strict = rung->strict;
    result.failure.status = rung->failure;
    if (rung->unfinished && count > 0)
        result.scenarios[0].finished = false;
    if (rung->unjudged && count > 1)
        result.scenarios[0].checks[1].judged = false;
    if (rung->waiver >= 0) {
        result.waivers = calloc(2, sizeof *result.waivers);
        ck_assert_ptr_nonnull(result.waivers);
        result.waiver_count = 1;
        result.waivers[0] = (struct waiver_result){.place = strdup("w.yaml:2"),
                                                   .clause = strdup("SIZE-1"),
                                                   .scenario = strdup("*"),
                                                   .reason = strdup("because"),
                                                   .state = (enum waiver_state)rung->waiver};
        result.waivers[1].state = WAIVER_EXPIRED; // beyond the last: nobody looks at it
    }
    return result;
}

START_TEST(the_ladder)
{
    const struct rung *rung = &ladder[_i];
    struct failure failure = {0};
    struct result result = make_rung(rung);
    ck_assert_msg(result_exit_status(&result) == rung->status, "%s: %d, not %d", rung->what,
                  result_exit_status(&result), rung->status);
    // What was written down says the same.
    struct result again = {0};
    ck_assert_int_eq(report_json_write(&result, made_file, &failure), 0);
    ck_assert_msg(result_read(&again, made_file, &failure) == 0, "%s", failure.text);
    ck_assert_msg(result_exit_status(&again) == rung->status, "%s, read back: %d, not %d",
                  rung->what, result_exit_status(&again), rung->status);
    result_free(&again);
    result_free(&result);
}
END_TEST

// A must, a should and a note of which some calls, or all, were not made; beside a check that
// holds.
static const struct {
    const char *clause;
    enum verdict_kind kind; // SKIP: none was made
    bool strict;
    int status;
} not_called[] = {
    {"SIZE-1", VERDICT_SKIP, false, STATUS_UNTRUSTED},
    {"SIZE-1", VERDICT_KNOWN, false, STATUS_UNTRUSTED},
    {"SIZE-1", VERDICT_FAIL, false, STATUS_BROKEN},
    {"SIZE-8", VERDICT_SKIP, false, STATUS_HELD},
    {"SIZE-8", VERDICT_KNOWN, false, STATUS_HELD},
    {"SIZE-8", VERDICT_SKIP, true, STATUS_UNTRUSTED},
    {"SIZE-8", VERDICT_KNOWN, true, STATUS_UNTRUSTED},
    {"BOUNDS-6", VERDICT_SKIP, true, STATUS_HELD},
};

START_TEST(what_was_not_called_is_not_seen_to_hold)
{
    const struct planned two[] = {
        {"s", "SIZE-2", CHECK_A, VERDICT_PASS, ""},
        {"s", not_called[_i].clause, CHECK_A, not_called[_i].kind, ""},
    };
    struct result result = make_result(two, COUNT_OF(two));
    result.strict = not_called[_i].strict;
    ck_assert_int_eq(result_exit_status(&result),
                     not_called[_i].kind == VERDICT_FAIL ? STATUS_BROKEN : STATUS_HELD);
    result.scenarios[0].checks[1].verdict.blocked_by = BLOCKED_BY_ANY;
    ck_assert_int_eq(result_exit_status(&result), not_called[_i].status);
    result_free(&result);
}
END_TEST

// Another shard may have judged some.
START_TEST(a_shard_may_have_skips_only)
{
    const struct planned skip = {"s", "SIZE-3", CHECK_A, VERDICT_SKIP, ""};
    struct result result = make_result(&skip, 1);
    struct tally tally = result_tally(&result, NULL);
    ck_assert_int_eq(result_exit_status(&result), STATUS_UNTRUSTED);
    ck_assert(result_all_skipped(&result, &tally));
    result.plan.shard = 1;
    ck_assert_int_eq(result_exit_status(&result), STATUS_HELD);
    result.plan.shard = 0;
    ck_assert(!result_all_skipped(&result, &(struct tally){0}));
    result_free(&result);
}
END_TEST

START_TEST(scenarios_are_counted_alone_and_together)
{
    struct result result = make_result(after_planned, COUNT_OF(after_planned));
    ck_assert_uint_eq(result_tally(&result, NULL).planned, COUNT_OF(after_planned));
    ck_assert_uint_eq(result_tally(&result, &result.scenarios[1]).planned, 2);
    ck_assert_uint_eq(result_tally(&result, &result.scenarios[1]).of[VERDICT_FAIL], 1);
    result_free(&result);
}
END_TEST

// ---- Which checks are of the same functions

START_TEST(both_functions_meet_each_of_them)
{
    // A, W, both at once, and a function of its own.
    static const bool meet[CHECK_CHARSETS][CHECK_CHARSETS] = {
        {true, false, true, false},
        {false, true, true, false},
        {true, true, true, false},
        {false, false, false, true},
    };
    const struct clause lists = {.id = "SIZE-1", .family = FAMILY_LIST};
    const struct clause targets = {.id = "TARGETS-1", .family = FAMILY_TARGETS};
    for (int one = CHECK_A; one < CHECK_CHARSETS; one++)
        for (int other = CHECK_A; other < CHECK_CHARSETS; other++) {
            const struct check a = {.clause = &lists, .charset = (enum check_charset)one};
            const struct check b = {.clause = &lists, .charset = (enum check_charset)other};
            const struct check c = {.clause = &targets, .charset = (enum check_charset)other};
            ck_assert(check_charsets_meet(a.charset, b.charset) == meet[one][other]);
            ck_assert(checks_meet(&a, &b) == meet[one][other]);
            ck_assert(!checks_meet(&a, &c));
        }
}
END_TEST

START_TEST(a_check_is_found_in_its_scenario)
{
    struct result result = make_result(before_planned, COUNT_OF(before_planned));
    const struct check *like = &result.scenarios[0].checks[4]; // COUNT-2
    ck_assert_ptr_eq(check_find(&result, "one", like), like);
    ck_assert_ptr_null(check_find(&result, "gone", like));
    ck_assert_ptr_null(check_find(&result, "none", like));
    ck_assert_ptr_null(check_find(&result, NULL, like));
    result_free(&result);
}
END_TEST

// ---- Who is told

struct told {
    unsigned runs_begun, begun, ended, runs_ended;
};

static void run_begins(void *argument, const struct result *result)
{
    (void)result;
    ((struct told *)argument)->runs_begun++;
}

static void scenario_begins(void *argument, const struct result *result,
                            const struct scenario_result *scenario)
{
    (void)result;
    (void)scenario;
    ((struct told *)argument)->begun++;
}

static void scenario_ends(void *argument, const struct result *result,
                          const struct scenario_result *scenario)
{
    (void)result;
    (void)scenario;
    ((struct told *)argument)->ended++;
}

static void run_ends(void *argument, const struct result *result)
{
    (void)result;
    ((struct told *)argument)->runs_ended++;
}

static void calls_made(void *argument, const struct scenario_result *scenario, const char *calls)
{
    (void)argument;
    (void)scenario;
    (void)calls;
}

START_TEST(reports_are_told_of_what_was_judged)
{
    struct told told = {0};
    struct reporter next = {&told,      run_begins,    scenario_begins, NULL,
                            calls_made, scenario_ends, run_ends};
    struct reporter reporter;
    struct result result = make_result(after_planned, COUNT_OF(after_planned));
    struct regression regression = {.result = &result, .next = &next};
    result.scenarios[0].finished = false;
    regression_reporter(&reporter, &regression);
    regression_tell(&reporter, &result);
    ck_assert_uint_eq(told.runs_begun, 1);
    ck_assert_uint_eq(told.begun, 2);
    ck_assert_uint_eq(told.ended, 1);
    ck_assert_uint_eq(told.runs_ended, 1);
    ck_assert_ptr_nonnull(reporter.calls_made);
    next.calls_made = NULL; // nobody reads the calls
    regression_reporter(&reporter, &regression);
    ck_assert_ptr_null(reporter.calls_made);
    result.scenarios[0].finished = true;
    result.scenarios[0].check_count = 1;
    result.scenarios[1].check_count = 0; // nothing of it was asked for
    regression_tell(&reporter, &result);
    ck_assert_uint_eq(told.begun, 3);
    ck_assert_uint_eq(told.ended, 2);
    regression_tell(&(struct reporter){0}, &result);
    result_free(&result);
}
END_TEST

// The first of these that one of several implementations has is the status of the run.
static const int worst_first[] = {143, STATUS_USAGE, STATUS_UNTRUSTED, STATUS_BROKEN, STATUS_HELD};

START_TEST(the_worst_of_several)
{
    for (size_t i = 0; i < COUNT_OF(worst_first); i++)
        for (size_t j = 0; j < COUNT_OF(worst_first); j++)
            ck_assert_int_eq(command_worse(worst_first[i], worst_first[j]),
                             worst_first[i < j ? i : j]);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("result");
    TCase *tcase = tcase_create("result");
    tcase_add_test(tcase, differences_are_told_apart);
    tcase_add_test(tcase, only_new_failures_count);
    tcase_add_test(tcase, what_is_not_called_is_not_excused);
    tcase_add_test(tcase, an_untrusted_baseline_is_refused);
    tcase_add_loop_test(tcase, the_ladder, 0, (int)COUNT_OF(ladder));
    tcase_add_loop_test(tcase, what_was_not_called_is_not_seen_to_hold, 0,
                        (int)COUNT_OF(not_called));
    tcase_add_test(tcase, a_shard_may_have_skips_only);
    tcase_add_test(tcase, scenarios_are_counted_alone_and_together);
    tcase_add_test(tcase, only_a_run_that_proves_something_is_a_baseline);
    tcase_add_test(tcase, a_baseline_excuses_the_same_failure);
    tcase_add_test(tcase, what_was_waived_then_counts_now);
    tcase_add_test(tcase, a_should_need_not_be_judged_again);
    tcase_add_test(tcase, both_functions_meet_each_of_them);
    tcase_add_test(tcase, a_check_is_found_in_its_scenario);
    tcase_add_test(tcase, reports_are_told_of_what_was_judged);
    tcase_add_test(tcase, the_worst_of_several);
    suite_add_tcase(suite, tcase);
    return suite;
}
