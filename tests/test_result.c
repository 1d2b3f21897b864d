// What becomes of verdicts, by results that are made by hand: what baselines and waivers excuse,
// differences, and the ladder of exit statuses.
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "harness/command/command.h"
#include "harness/report/json.h"
#include "harness/result/baseline.h"
#include "harness/result/diff.h"
#include "harness/result/result_read.h"
#include "harness/result/waivers.h"
#include "harness/run/excuses.h"
#include "tests/made_result.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One folder for all tests, each of which writes its file anew: ci/mutate ends tests early.
static char folder[] = "/tmp/test-result-XXXXXX";
static char file[64]; // in it

int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (mkdtemp(folder) == NULL) {
        perror(folder);
        return 1;
    }
    snprintf(file, sizeof file, "%s/file", folder);
    return 0;
}

void test_clean_up(void)
{
    unlink(file);
    rmdir(folder);
}

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
    ck_assert_int_eq(report_json_write(result, file, failure), 0);
    (void)baseline_load(&baseline, file, failure);
    return baseline;
}

static void excuse(struct result *result, const struct waivers *waivers,
                   const struct baseline *baseline)
{
    const struct reporter nobody = {0};
    struct reporter reporter;
    struct regression regression = {
        .waivers = waivers, .baseline = baseline, .result = result, .next = &nobody};
    regression_reporter(&reporter, &regression);
    regression_tell(&reporter, result);
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

// ---- Waivers

static struct waivers *load_waivers(const char *text, const char *today, struct failure *failure)
{
    struct waivers *waivers = NULL;
    struct day day;
    FILE *stream = fopen(file, "we");
    ck_assert(stream != NULL && fputs(text, stream) >= 0 && fclose(stream) == 0);
    snprintf(day.text, sizeof day.text, "%s", today);
    (void)waivers_load(&waivers, file, day, failure);
    return waivers;
}

static const char some_waivers[] = "waivers:\n"
                                   "  - clause: SIZE-1\n"
                                   "    scenario: on?\n"
                                   "    reason: the vendor knows\n"
                                   "    reference: BUG-1\n"
                                   "    expires: 2024-02-29\n"
                                   "  - clause: size\n"
                                   "    scenario: add*\n"
                                   "    charset: W\n"
                                   "    reason: not used\n"
                                   "  - clause: SIZE-2\n"
                                   "    reason: held all along\n"
                                   "  - clause: THREADS-1\n"
                                   "    reason: nothing of it is in here\n";

static enum waiver_state state_on(const char *today, size_t waiver, bool strict, int *status)
{
    struct failure failure = {0};
    struct result result = make_result(after_planned, COUNT_OF(after_planned));
    struct waivers *waivers = load_waivers(some_waivers, today, &failure);
    ck_assert_msg(waivers != NULL, "%s", failure.text);
    result.strict = strict;
    excuse(&result, waivers, NULL);
    ck_assert_uint_eq(result.waiver_count, 4);
    enum waiver_state state = result.waivers[waiver].state;
    *status = result_exit_status(&result);
    waivers_free(waivers);
    result_free(&result);
    return state;
}

START_TEST(waivers_hold_until_their_last_day)
{
    int status = 0;
    ck_assert_int_eq(state_on("2024-02-28", 0, false, &status), WAIVER_USED);
    ck_assert_int_eq(status, STATUS_HELD);
    ck_assert_int_eq(state_on("2024-02-29", 0, false, &status), WAIVER_USED);
    ck_assert_int_eq(status, STATUS_HELD);
    ck_assert_int_eq(state_on("2024-03-01", 0, false, &status), WAIVER_EXPIRED);
    ck_assert_int_eq(status, STATUS_BROKEN); // what it waived fails again
    ck_assert_int_eq(state_on("2024-03-01", 1, false, &status), WAIVER_USED);
    ck_assert_int_eq(state_on("2024-02-28", 2, false, &status), WAIVER_UNUSED);
    ck_assert_int_eq(state_on("2024-02-28", 3, false, &status), WAIVER_NOT_TRIED);
    ck_assert_int_eq(state_on("2024-02-28", 2, true, &status), WAIVER_UNUSED);
    ck_assert_int_eq(status, STATUS_BROKEN); // an unused one, under --strict
}
END_TEST

static const struct {
    const char *text;
    const char *place;
    const char *words;
} malformed[] = {
    {"", "1:1", "nothing in it; a file of waivers begins with"},
    {"- clause: SIZE-1\n", "1:1", "not a mapping"},
    {"waivers:\n  - clause: SIZE-1\n", "2:5", "\"reason\" is missing"},
    {"waivers:\n  - reason: x\n", "2:5", "\"clause\" is missing"},
    {"waivers:\n  - clause: SIZE-99\n    reason: x\n", "2:13", "unknown clause or group"},
    {"waivers:\n  - clause: SIZE-1\n    reson: x\n", "3:5", "did you mean \"reason\""},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    expires: 2023-02-29\n", "4:14", "not a day"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    expires: tomorrow\n", "4:14", "not a day"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    charset: B\n", "4:14", "not a charset"},
    {"waivers:\n  - clause: SIZE-1\n    reason: \" \"\n", "3:13", "empty reason"},
    {"waivers: SIZE-1\n", "1:10", "a list"},
    {"waivers:\n  - clause: [SIZE-1]\n    reason: x\n", "2:13", "a single value"},
    {"waivers:\n  - clause: SIZE-1\n    clause: SIZE-2\n    reason: x\n", "3:5", "twice"},
    {"waivers: &x []\n", "1:10", "aliases are not used in files of waivers"},
    {"waivers: []\n---\nwaivers: []\n", "2:1", "a file holds one list of waivers"},
    {"waivers: \x01\n", "1:10", "a file of waivers is a text file"},
};

START_TEST(malformed_waivers_are_refused)
{
    struct failure failure = {0};
    char start[256];
    struct waivers *waivers = load_waivers(malformed[_i].text, "2024-01-01", &failure);
    ck_assert_ptr_null(waivers);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    snprintf(start, sizeof start, "%s:%s: ", file, malformed[_i].place);
    ck_assert_msg(strncmp(failure.text, start, strlen(start)) == 0, "%s is not at %s", failure.text,
                  malformed[_i].place);
    ck_assert_msg(strstr(failure.text, malformed[_i].words) != NULL, "\"%s\" is not in: %s",
                  malformed[_i].words, failure.text);
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
        result.waivers = calloc(1, sizeof *result.waivers);
        ck_assert_ptr_nonnull(result.waivers);
        result.waiver_count = 1;
        result.waivers[0] = (struct waiver_result){.place = strdup("w.yaml:2"),
                                                   .clause = strdup("SIZE-1"),
                                                   .scenario = strdup("*"),
                                                   .reason = strdup("because"),
                                                   .state = (enum waiver_state)rung->waiver};
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
    ck_assert_int_eq(report_json_write(&result, file, &failure), 0);
    ck_assert_msg(result_read(&again, file, &failure) == 0, "%s", failure.text);
    ck_assert_msg(result_exit_status(&again) == rung->status, "%s, read back: %d, not %d",
                  rung->what, result_exit_status(&again), rung->status);
    result_free(&again);
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
    ck_assert_int_eq(command_worse(128, 1), 128);
    ck_assert_int_eq(command_worse(1, 128), 128);
    ck_assert_int_eq(command_worse(127, 1), 1);
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
    tcase_add_test(tcase, waivers_hold_until_their_last_day);
    tcase_add_loop_test(tcase, malformed_waivers_are_refused, 0, (int)COUNT_OF(malformed));
    tcase_add_loop_test(tcase, the_ladder, 0, (int)COUNT_OF(ladder));
    tcase_add_test(tcase, the_worst_of_several);
    suite_add_tcase(suite, tcase);
    return suite;
}
