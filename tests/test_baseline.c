// Tests of what is done with an earlier result: reading it back, baselines, waivers, differences,
// and the ladder of exit statuses.
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "harness/report/json.h"
#include "harness/result/baseline.h"
#include "harness/result/diff.h"
#include "harness/result/merge.h"
#include "harness/result/result_read.h"
#include "harness/result/result_write.h"
#include "harness/result/waivers.h"
#include "harness/run/excuses.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

// ---- A result by hand

struct planned {
    const char *scenario;
    const char *clause;
    enum check_charset charset;
    enum verdict_kind kind;
    const char *got;
};

static void add_check(struct result *result, const struct planned *planned)
{
    struct scenario_result *scenario = NULL;
    for (size_t i = 0; i < result->scenario_count; i++)
        if (strcmp(result->scenarios[i].name, planned->scenario) == 0)
            scenario = &result->scenarios[i];
    if (scenario == NULL) {
        result->scenarios =
            reallocarray(result->scenarios, result->scenario_count + 1, sizeof *result->scenarios);
        ck_assert_ptr_nonnull(result->scenarios);
        scenario = &result->scenarios[result->scenario_count++];
        *scenario = (struct scenario_result){.name = strdup(planned->scenario), .finished = true};
    }
    scenario->checks =
        reallocarray(scenario->checks, scenario->check_count + 1, sizeof *scenario->checks);
    ck_assert_ptr_nonnull(scenario->checks);
    struct check *check = &scenario->checks[scenario->check_count++];
    *check = (struct check){.clause = clause_find(planned->clause),
                            .charset = planned->charset,
                            .judged = true,
                            .verdict = {.kind = planned->kind}};
    ck_assert_ptr_nonnull(check->clause);
    snprintf(check->verdict.got, sizeof check->verdict.got, "%s",
             planned->got == NULL ? "" : planned->got);
    scenario->planned_count = scenario->check_count;
}

static struct result make_result(const struct planned *planned, size_t count)
{
    struct result result = {
        .implementation = strdup("x.so"), .profile = "documented", .effort = "standard"};
    for (size_t i = 0; i < count; i++)
        add_check(&result, &planned[i]);
    return result;
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

// "new SIZE-1 one A", line by line.
static char *list_differences(const struct diff *diff)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    for (size_t i = 0; i < diff->count; i++)
        fprintf(stream, "%s %s %s %s\n", difference_name(diff->items[i].kind),
                diff->items[i].subject, diff->items[i].scenario, diff->items[i].charset);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

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
    char *path = place_path(&place, "baseline.json");
    ck_assert_int_eq(report_json_write(result, path, failure), 0);
    (void)baseline_load(&baseline, path, failure);
    free(path);
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
    char *path = place_path(&place, "waivers.yaml");
    write_file(path, text);
    snprintf(day.text, sizeof day.text, "%s", today);
    (void)waivers_load(&waivers, path, day, failure);
    free(path);
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
    char *path = place_path(&place, "waivers.yaml");
    struct waivers *waivers = load_waivers(malformed[_i].text, "2024-01-01", &failure);
    ck_assert_ptr_null(waivers);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    snprintf(start, sizeof start, "%s:%s: ", path, malformed[_i].place);
    ck_assert_msg(strncmp(failure.text, start, strlen(start)) == 0, "%s is not at %s", failure.text,
                  malformed[_i].place);
    ck_assert_msg(strstr(failure.text, malformed[_i].words) != NULL, "\"%s\" is not in: %s",
                  malformed[_i].words, failure.text);
    free(path);
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
    char *path = place_path(&place, "rung.json");
    struct result again = {0};
    ck_assert_int_eq(report_json_write(&result, path, &failure), 0);
    ck_assert_msg(result_read(&again, path, &failure) == 0, "%s", failure.text);
    ck_assert_msg(result_exit_status(&again) == rung->status, "%s, read back: %d, not %d",
                  rung->what, result_exit_status(&again), rung->status);
    result_free(&again);
    result_free(&result);
    free(path);
}
END_TEST

// ---- Reading back

// The file's own words again, from what was read of it.
static void expect_round_trip(const char *path)
{
    struct failure failure = {0};
    struct result result = {0};
    ck_assert_msg(result_read(&result, path, &failure) == 0, "%s", failure.text);
    json_t *written = kit_load_json(path);
    json_t *made = report_json(&result);
    ck_assert_ptr_nonnull(made);
    for (const char *name = NULL; json_object_size(written) > 0;) {
        name = json_object_iter_key(json_object_iter(written));
        ck_assert_msg(json_equal(json_object_get(written, name), json_object_get(made, name)),
                      "%s: \"%s\" is not as it was", path, name);
        json_object_del(written, name);
    }
    json_decref(written);
    json_decref(made);
    result_free(&result);
}

// What overruns, crashes, hangs, exits, prints: everything that evidence can hold.
static const char *const faults[] = {
    "byte_after_success", "crashes",       "exits",     "prints",
    "one_less_is_enough", "names_overlap", "tsid_zero", "returned_is_offered",
};

START_TEST(results_are_read_back_whole)
{
    struct kit kit;
    char *faulty = kit_faulty(faults[_i]);
    char *json = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-q", "-i", faulty, "-s", "single", "-c", "SIZE", "-c", "BOUNDS",
            "-c", "LAYOUT", "-c", "CONTENT", "--json", json, NULL);
    ck_assert_msg(kit.status <= 1, "%s", kit.complained);
    expect_round_trip(json);
    kit_free(&kit);
    free(faulty);
    free(json);
}
END_TEST

// Whatever stands where something else should: an answer, and no crash.
static void spoil(json_t *value, size_t *left, json_t *instead)
{
    const char *key = NULL;
    json_t *member = NULL;
    void *next = NULL;
    json_object_foreach_safe(value, next, key, member)
    {
        if ((*left)-- == 0) {
            json_object_set(value, key, instead);
            return;
        }
        spoil(member, left, instead);
        if (*left == SIZE_MAX)
            return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if ((*left)-- == 0) {
            json_array_set(value, i, instead);
            return;
        }
        spoil(json_array_get(value, i), left, instead);
        if (*left == SIZE_MAX)
            return;
    }
}

static void try_spoiled(const json_t *good, json_t *instead)
{
    for (size_t place_of = 0;; place_of++) {
        size_t left = place_of;
        struct result result = {0};
        struct failure failure = {0};
        json_t *bad = json_deep_copy(good);
        spoil(bad, &left, instead);
        bool spoiled = left == SIZE_MAX;
        if (result_from_json(&result, bad, "spoiled.json", &failure) != 0)
            ck_assert_int_eq(failure.status, STATUS_USAGE);
        else
            json_decref(report_json(&result));
        result_free(&result);
        json_decref(bad);
        if (!spoiled)
            return;
    }
}

START_TEST(spoiled_results_are_survived)
{
    struct kit kit;
    char *faulty = kit_faulty("byte_after_success");
    char *json = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-q", "-i", faulty, "-s", "single", "-c", "BOUNDS-1", "-c",
            "SIZE-1", "--json", json, NULL);
    kit_expect_status(&kit, 1);
    json_t *good = kit_load_json(json);
    json_t *const instead[] = {
        json_null(),  json_integer(-1), json_integer(INT64_MAX), json_string("\xC3\xA4"),
        json_array(), json_object(),    json_string("0f0f")};
    for (size_t i = 0; i < COUNT_OF(instead); i++) {
        try_spoiled(good, instead[i]);
        json_decref(instead[i]);
    }
    json_decref(good);
    kit_free(&kit);
    free(faulty);
    free(json);
}
END_TEST

// ---- The kit itself

static void record(const char *implementation, const char *json)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-q", "-i", implementation, "-s", "single", "-c", "SIZE", "-c",
            "COUNT", "-c", "CONTENT-5", "--json", json, NULL);
    ck_assert_msg(kit.status <= 1, "%s", kit.complained);
    kit_free(&kit);
}

static char *shape(const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/libshape-%s.so", TCK_SHAPES_FOLDER, name), 0);
    return path;
}

static void expect_diff(const char *old, const char *new, int status, const char *expected)
{
    struct kit kit;
    struct diff diff;
    kit_run(&kit, &place, "diff", "--json", "-", old, new, NULL);
    kit_expect_status(&kit, status);
    json_t *json = json_loads(kit.said, 0, NULL);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(diff_from_json(&diff, json_object_get(json, "differences")), 0);
    char *listed = list_differences(&diff);
    ck_assert_str_eq(listed, expected);
    free(listed);
    diff_free(&diff);
    json_decref(json);
    kit_free(&kit);
}

START_TEST(seeded_changes_are_found)
{
    struct kit kit;
    char *rounded = kit_faulty("required_rounded_up");
    char *less = kit_faulty("one_less_is_enough");
    char *limited = shape("limited");
    char *old = place_path(&place, "old.json");
    char *new = place_path(&place, "new.json");
    char *honours = place_path(&place, "honours.json");
    record(rounded, old);
    record(less, new);
    record(limited, honours);
    expect_diff(old, new, 1,
                "new SIZE-5 single A\nnew SIZE-5 single W\n"
                "known SIZE-3 single A\nknown SIZE-3 single W\n"
                "changed required size single A\nchanged required size single W\n");
    expect_diff(new, old, 1,
                "fixed SIZE-5 single A\nfixed SIZE-5 single W\n"
                "known SIZE-3 single A\nknown SIZE-3 single W\n"
                "changed required size single A\nchanged required size single W\n");
    expect_diff(new, honours, 1,
                "fixed SIZE-3 single A\nfixed SIZE-3 single W\n"
                "fixed SIZE-5 single A\nfixed SIZE-5 single W\n"
                "changed COUNT-3 single A\nchanged COUNT-3 single W\n"
                "changed COUNT-5 single A\nchanged COUNT-5 single W\n");
    expect_diff(new, new, 0,
                "known SIZE-3 single A\nknown SIZE-3 single W\n"
                "known SIZE-5 single A\nknown SIZE-5 single W\n");
    kit_run(&kit, &place, "run", "-i", less, "-s", "single", "-c", "SIZE", "--baseline", old, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "2 new, 0 fixed");
    kit_expect_said(&kit, "what does not hold: SIZE-5");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-i", less, "-s", "single", "-c", "SIZE", "--baseline", new, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "4 known");
    kit_free(&kit);
    free(rounded);
    free(less);
    free(limited);
    free(old);
    free(new);
    free(honours);
}
END_TEST

// The differences when all clauses of a group are there in one of two results only. Malloc'ed.
static char *list_group(const char *kind, const char *name)
{
    char *lines = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&lines, &size);
    const struct clause_group *group = clause_group_find(name);
    ck_assert(stream != NULL && group != NULL);
    for (size_t i = 0; i < group->count; i++)
        for (int each = 0; each < 2; each++)
            fprintf(stream, "%s %s single %c\n", kind, group->clauses[i].id, "AW"[each]);
    ck_assert_int_eq(fclose(stream), 0);
    return lines;
}

// What no clause demands, but callers may have come to rely on; and what is no longer tried.
START_TEST(seeded_observations_are_found)
{
    struct kit kit;
    char *limited = shape("limited");
    char *turned = shape("tsid_host_order");
    char *old = place_path(&place, "old.json");
    char *new = place_path(&place, "new.json");
    char *fewer = place_path(&place, "fewer.json");
    record(limited, old);
    record(turned, new);
    expect_diff(old, new, 1,
                "changed COUNT-3 single A\nchanged COUNT-3 single W\n"
                "changed COUNT-5 single A\nchanged COUNT-5 single W\n"
                "changed CONTENT-5 single A\nchanged CONTENT-5 single W\n");
    kit_run(&kit, &place, "run", "-q", "-i", turned, "-s", "single", "-c", "SIZE", "-c",
            "CONTENT-5", "--json", fewer, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    char *gone = list_group("gone", "COUNT");
    char *added = list_group("added", "COUNT");
    expect_diff(new, fewer, 1, gone);
    expect_diff(fewer, new, 1, added);
    free(gone);
    free(added);
    free(limited);
    free(turned);
    free(old);
    free(new);
    free(fewer);
}
END_TEST

START_TEST(files_that_are_none_of_it)
{
    struct kit kit;
    char *nothing = place_path(&place, "nothing.json");
    char *text = place_path(&place, "text.json");
    char *waivers = place_path(&place, "waivers.yaml");
    write_file(text, "{\"schema_version\": 1,\n oops}\n");
    write_file(waivers, "waivers:\n  - clause: SIZE-1\n");
    kit_run(&kit, &place, "diff", nothing, text, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "can't be opened");
    kit_free(&kit);
    kit_run(&kit, &place, "diff", text, text, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "text.json:2:");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-s", "single", "--baseline", text, NULL);
    kit_expect_status(&kit, 2);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-s", "single", "--waivers", waivers, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "waivers.yaml:2:5: the key \"reason\" is missing");
    kit_free(&kit);
    free(nothing);
    free(text);
    free(waivers);
}
END_TEST

START_TEST(waivers_of_a_run)
{
    struct kit kit;
    char *less = kit_faulty("one_less_is_enough");
    char *waivers = place_path(&place, "waivers.yaml");
    char *json = place_path(&place, "result.json");
    write_file(waivers, "waivers:\n"
                        "  - clause: SIZE-3\n    reason: known to the vendor\n    reference: B-1\n"
                        "  - clause: SIZE-5\n    reason: the same\n"
                        "  - clause: SIZE-1\n    reason: held all along\n");
    kit_run(&kit, &place, "run", "-i", less, "-s", "single", "-c", "SIZE", "--waivers", waivers,
            "--json", json, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "known to the vendor (B-1)");
    kit_expect_said(&kit, "unused: what it waives holds");
    kit_free(&kit);
    expect_round_trip(json);
    kit_run(&kit, &place, "run", "-q", "--strict", "-i", less, "-s", "single", "-c", "SIZE",
            "--waivers", waivers, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "waivers are expired or unused");
    kit_free(&kit);
    free(less);
    free(waivers);
    free(json);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("baseline");
    TCase *tcase = tcase_create("baseline");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, place_set_up, place_tear_down);
    tcase_add_test(tcase, differences_are_told_apart);
    tcase_add_test(tcase, only_new_failures_count);
    tcase_add_test(tcase, what_is_not_called_is_not_excused);
    tcase_add_test(tcase, an_untrusted_baseline_is_refused);
    tcase_add_test(tcase, waivers_hold_until_their_last_day);
    tcase_add_loop_test(tcase, malformed_waivers_are_refused, 0, (int)COUNT_OF(malformed));
    tcase_add_loop_test(tcase, the_ladder, 0, (int)COUNT_OF(ladder));
    tcase_add_loop_test(tcase, results_are_read_back_whole, 0, (int)COUNT_OF(faults));
    tcase_add_test(tcase, spoiled_results_are_survived);
    tcase_add_test(tcase, seeded_changes_are_found);
    tcase_add_test(tcase, seeded_observations_are_found);
    tcase_add_test(tcase, files_that_are_none_of_it);
    tcase_add_test(tcase, waivers_of_a_run);
    suite_add_tcase(suite, tcase);
    return suite;
}
