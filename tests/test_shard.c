// SPDX-License-Identifier: Apache-2.0
// Tests of what spreads a run: shards and their merge, scenarios side by side, several
// implementations.
#include "conformance/clauses/groups.h"
#include "harness/result/diff.h"
#include "harness/result/merge.h"
#include "harness/result/result_read.h"
#include "harness/run/shard.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIOS                                                                                  \
    "-s", "single", "-s", "empty", "-s", "several-targets", "-s", "ipv6", "-s", "mixed"
#define CLAUSES "-c", "STATUS", "-c", "SIZE", "-c", "COUNT", "-c", "CONTENT", "-c", "EMPTY"

// ---- Comparing results

static void read_result(struct result *result, const char *path)
{
    struct failure failure = {0};
    *result = (struct result){0};
    ck_assert_msg(result_read(result, path, &failure) == 0, "%s", failure.text);
}

static void expect_same_check(const struct scenario_result *scenario, const struct check *one,
                              const struct check *other)
{
    ck_assert_str_eq(one->clause->id, other->clause->id);
    ck_assert_int_eq(one->charset, other->charset);
    ck_assert_int_eq(one->judged, other->judged);
    ck_assert_msg(one->verdict.kind == other->verdict.kind, "%s in %s: %s and %s", one->clause->id,
                  scenario->name, verdict_kind_name(one->verdict.kind),
                  verdict_kind_name(other->verdict.kind));
    ck_assert_int_eq(one->verdict.record == NULL, other->verdict.record == NULL);
}

// Check for check, in the same order, and all that was observed.
static void expect_same(const char *one_path, const char *other_path)
{
    struct result one;
    struct result other;
    struct diff diff;
    read_result(&one, one_path);
    read_result(&other, other_path);
    ck_assert_uint_eq(one.scenario_count, other.scenario_count);
    for (size_t i = 0; i < one.scenario_count; i++) {
        const struct scenario_result *scenario = &one.scenarios[i];
        ck_assert_str_eq(scenario->name, other.scenarios[i].name);
        ck_assert_str_eq(scenario->digest, other.scenarios[i].digest);
        ck_assert_uint_eq(scenario->check_count, other.scenarios[i].check_count);
        ck_assert_uint_eq(scenario->planned_count, other.scenarios[i].planned_count);
        ck_assert_uint_eq(scenario->sweeps[CHARSET_A].count,
                          other.scenarios[i].sweeps[CHARSET_A].count);
        ck_assert_uint_eq(scenario->kept_count, other.scenarios[i].kept_count);
        for (size_t j = 0; j < scenario->check_count; j++)
            expect_same_check(scenario, &scenario->checks[j], &other.scenarios[i].checks[j]);
    }
    ck_assert_str_eq(one.plan.digest, other.plan.digest);
    ck_assert_str_ne(one.plan.digest, "");
    ck_assert_str_eq(one.implementation_digest, other.implementation_digest);
    ck_assert_int_eq(result_exit_status(&one), result_exit_status(&other));
    ck_assert_int_eq(diff_make(&diff, &one, &other), 0);
    ck_assert(!diff_differs(&diff));
    ck_assert_ptr_null(diff.remarks);
    diff_free(&diff);
    result_free(&one);
    result_free(&other);
}

// ---- Shards

static void run_shard(const char *implementation, const char *shard, const char *json, int status)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-q", "-i", implementation, SCENARIOS, CLAUSES, "--shard", shard,
            "--json", json, NULL);
    kit_expect_status(&kit, status);
    kit_free(&kit);
}

static void expect_merge(int status, const char *complaint, const char *one, const char *two,
                         const char *three)
{
    struct kit kit;
    kit_run(&kit, &place, "merge", "-q", one, two, three, NULL);
    kit_expect_status(&kit, status);
    if (complaint != NULL)
        kit_expect_complained(&kit, complaint);
    kit_free(&kit);
}

static void check_refusals(char *const *parts, const char *whole, const char *foreign)
{
    char *broken = place_path(&place, "broken.json");
    FILE *file = fopen(broken, "we");
    ck_assert_ptr_nonnull(file);
    fputs("{", file);
    fclose(file);
    expect_merge(3, "shards missing of the 3: 3", parts[0], parts[1], NULL);
    expect_merge(3, "as is", parts[0], parts[0], parts[1]);
    expect_merge(3, "the implementation's digest is", parts[0], parts[1], foreign);
    expect_merge(3, "of a whole run", parts[0], parts[1], whole);
    expect_merge(2, "not JSON", parts[0], parts[1], broken);
    free(broken);
}

// Whatever of a part does not fit the plan.
static void tamper(const char *path, const char *to, const char *how)
{
    json_t *json = kit_load_json(path);
    json_t *scenarios = json_object_get(json, "scenarios");
    json_t *scenario = json_array_get(scenarios, 0);
    json_t *checks = json_object_get(scenario, "checks");
    if (strcmp(how, "a check less") == 0) {
        json_array_remove(checks, 0);
        json_object_set_new(scenario, "planned", json_integer((json_int_t)json_array_size(checks)));
    } else if (strcmp(how, "a check twice") == 0) {
        json_array_set(checks, 1, json_array_get(checks, 0));
    } else if (strcmp(how, "a scenario less") == 0) {
        json_array_remove(scenarios, 0);
    } else if (strcmp(how, "another name") == 0) {
        json_object_set_new(scenario, "name", json_string("other"));
    } else {
        json_object_set_new(json_object_get(json, "kit"), "version", json_string("0.0.0"));
    }
    ck_assert_int_eq(json_dump_file(json, to, 0), 0);
    json_decref(json);
}

static void check_tampered(char *const *parts)
{
    static const struct {
        const char *how;
        const char *complaint;
    } ways[] = {
        {"a check less", "were planned"},        {"a check twice", "is in it twice"},
        {"a scenario less", "were planned"},     {"another name", "were planned"},
        {"another kit", "the kit's version is"},
    };
    char *tampered = place_path(&place, "tampered.json");
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        tamper(parts[2], tampered, ways[i].how);
        expect_merge(3, ways[i].complaint, parts[0], parts[1], tampered);
    }
    free(tampered);
}

START_TEST(shards_are_the_whole)
{
    struct kit kit;
    char *faulty = kit_faulty("one_less_is_enough");
    char *other = kit_faulty("tsid_zero");
    char *whole = place_path(&place, "whole.json");
    char *merged = place_path(&place, "merged.json");
    char *foreign = place_path(&place, "foreign.json");
    char *parts[3];
    static const char *const shards[] = {"1/3", "2/3", "3/3"};
    kit_run(&kit, &place, "run", "-q", "-i", faulty, SCENARIOS, CLAUSES, "--json", whole, NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    for (size_t i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.json", i + 1);
        parts[i] = place_path(&place, name);
        kit_run(&kit, &place, "run", "-q", "-i", faulty, SCENARIOS, CLAUSES, "--shard", shards[i],
                "--json", parts[i], NULL);
        ck_assert_msg(kit.status <= 1, "%s", kit.complained);
        kit_free(&kit);
    }
    run_shard(other, "3/3", foreign, 1);
    // In any order.
    kit_run(&kit, &place, "merge", parts[2], parts[0], parts[1], "--json", merged, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "5 scenarios");
    kit_expect_said(&kit, "  repeat    ");
    kit_expect_said(&kit, "iscsidsc-tck run -i ");
    kit_expect_said(&kit, " -c SIZE-3\n");
    kit_free(&kit);
    expect_same(whole, merged);
    check_refusals(parts, whole, foreign);
    check_tampered(parts);
    for (size_t i = 0; i < 3; i++)
        free(parts[i]);
    free(faulty);
    free(other);
    free(whole);
    free(merged);
    free(foreign);
}
END_TEST

START_TEST(shards_that_can_not_be)
{
    static const char *const wrong[] = {"0/3",   "4/3", "1",    "1/", "/3",
                                        "1/3/5", "a/b", "-1/3", "1/0"};
    struct failure failure;
    struct shard shard;
    struct kit kit;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        failure = (struct failure){0};
        ck_assert_msg(shard_parse(&shard, wrong[i], &failure) != 0, "%s was taken", wrong[i]);
        ck_assert_int_eq(failure.status, STATUS_USAGE);
    }
    ck_assert_int_eq(shard_parse(&shard, "3/3", &failure), 0);
    ck_assert_uint_eq(shard.number, 3);
    kit_run(&kit, &place, "run", "-s", "single", "--shard", "1/2", NULL);
    kit_expect_status(&kit, 2);
    kit_free(&kit);
}
END_TEST

// A scenario with all clauses, and how many ms it took with the reference.
struct measured {
    size_t sessions;
    unsigned ms;
};

static const struct measured measured_standard[] = {
    {0, 530},   {1, 910},   {1, 770},   {2, 790},   {2, 820},   {3, 720},  {3, 690},
    {4, 680},   {5, 780},   {6, 910},   {7, 860},   {8, 900},   {10, 930}, {10, 1100},
    {12, 1320}, {18, 1210}, {21, 1850}, {24, 1670}, {64, 2060},
};
static const struct measured measured_scale[] = {
    {135, 8000},  {255, 5400},  {256, 5400},   {257, 5400},
    {1000, 8600}, {2175, 8000}, {4096, 12500}, {10000, 24500},
};

static void select_clauses(struct scenario_result *scenario, bool smallest)
{
    enum { CLAUSES_MAX = 200 };
    const struct traits traits = {.sessions = scenario->session_count > 0, .smallest = smallest};
    scenario->checks = calloc(CLAUSES_MAX, sizeof *scenario->checks);
    ck_assert_ptr_nonnull(scenario->checks);
    for (const struct clause_group *const *group = clause_groups; *group != NULL; group++)
        for (size_t i = 0; i < (*group)->count; i++) {
            const struct clause *clause = &(*group)->clauses[i];
            ck_assert_uint_lt(scenario->check_count, CLAUSES_MAX);
            if (clause_applies(clause, &traits))
                scenario->checks[scenario->check_count++].clause = clause;
        }
}

// What the shards take, by what was measured, and that each scenario is someone's.
static void assert_even(const struct measured *measured, size_t count, unsigned shards)
{
    unsigned long loads[3] = {0};
    bool smallest = true; // the first that has sessions
    struct result result = {.profile = "documented", .effort = "standard"};
    struct failure failure = {0};
    result.scenarios = calloc(count, sizeof *result.scenarios);
    ck_assert_ptr_nonnull(result.scenarios);
    result.scenario_count = count;
    for (size_t i = 0; i < count; i++) {
        struct scenario_result *scenario = &result.scenarios[i];
        ck_assert_int_gt(asprintf(&scenario->name, "scenario-%zu", i), 0);
        scenario->session_count = measured[i].sessions;
        select_clauses(scenario, smallest && measured[i].sessions > 0);
        smallest = smallest && measured[i].sessions == 0;
    }
    const struct shard shard = {1, shards};
    ck_assert_msg(shard_plan(&result, &shard, &failure) == 0, "%s", failure.text);
    for (size_t i = 0; i < count; i++) {
        unsigned owner = result.plan.entries[i].shard;
        ck_assert(owner >= 1 && owner <= shards);
        loads[owner - 1] += measured[i].ms;
    }
    for (unsigned i = 1; i < shards; i++) {
        ck_assert_uint_lt(loads[i], loads[0] * 4 / 3);
        ck_assert_uint_lt(loads[0], loads[i] * 4 / 3);
    }
    result_free(&result);
}

START_TEST(the_split_is_even)
{
    enum {
        STANDARD = sizeof measured_standard / sizeof *measured_standard,
        SCALE = sizeof measured_scale / sizeof *measured_scale,
    };
    assert_even(measured_standard, STANDARD, 2);
    assert_even(measured_standard, STANDARD, 3);
    assert_even(measured_scale, SCALE, 2);
    assert_even(measured_scale, SCALE, 3);
}
END_TEST

// ---- What was left out

START_TEST(what_is_left_out_is_part_of_the_plan)
{
    static const char *const excluded[] = {"STATUS-2", "STATUS-2", "STATUS-3"};
    char *parts[3];
    struct kit kit;
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "part-%d.json", i);
        parts[i] = place_path(&place, name);
        kit_run(&kit, &place, "run", "-q", "-s", "single", "-s", "empty", "-s", "mixed", "-c",
                "STATUS", "--exclude", excluded[i], "--exclude-scenario", "mixed", "--shard",
                i == 0 ? "1/2" : "2/2", "--json", parts[i], NULL);
        kit_expect_status(&kit, 0);
        kit_free(&kit);
    }
    kit_run(&kit, &place, "merge", "-q", parts[0], parts[1], NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "left out: 1 clause, 1 scenario");
    kit_free(&kit);
    expect_merge(3, "the plan's digest is", parts[0], parts[2], NULL);
    for (int i = 0; i < 3; i++)
        free(parts[i]);
}
END_TEST

// ---- Side by side

// The names of the scenarios in the order in which a report has them, up to what is timed.
static char *scenario_lines(const struct kit *kit)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    for (const char *line = kit->said; line != NULL && *line != '\0';) {
        if (strncmp(line, "ok ", 3) == 0 || (strncmp(line, "FAIL ", 5) == 0 && line[5] != ' ')) {
            const char *calls = strstr(line, " sessio");
            fprintf(stream, "%.*s\n", (int)(calls - line), line);
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

static void compare_jobs(const char *implementation, const char *jobs, int status)
{
    struct kit kit;
    char *one = place_path(&place, "one.json");
    char *several = place_path(&place, "several.json");
    kit_run(&kit, &place, "run", "-i", implementation, SCENARIOS, CLAUSES, "--json", one, NULL);
    kit_expect_status(&kit, status);
    char *lines = scenario_lines(&kit);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-j", jobs, "-i", implementation, SCENARIOS, CLAUSES, "--json",
            several, NULL);
    kit_expect_status(&kit, status);
    char *other_lines = scenario_lines(&kit);
    ck_assert_str_ne(lines, "");
    ck_assert_str_eq(lines, other_lines);
    kit_free(&kit);
    expect_same(one, several);
    free(lines);
    free(other_lines);
    free(one);
    free(several);
}

static const struct {
    const char *name;
    const char *jobs;
} side_by_side[] = {{"one_less_is_enough", "2"}, {"crashes", "3"}, {"tsid_zero", "16"}};

START_TEST(side_by_side_is_the_same)
{
    char *faulty = kit_faulty(side_by_side[_i].name);
    compare_jobs(faulty, side_by_side[_i].jobs, 1);
    free(faulty);
}
END_TEST

START_TEST(hangs_are_counted_together)
{
    struct kit kit;
    char *faulty = kit_faulty("loops");
    char *json = place_path(&place, "loops.json");
    kit_run(&kit, &place, "run", "-q", "-j", "2", "--timeout", "0.3", "-i", faulty, SCENARIOS,
            CLAUSES, "--json", json, NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    free(faulty);
    free(json);
}
END_TEST

START_TEST(a_signal_ends_all)
{
    struct kit kit;
    pid_t host = 0;
    const char *const arguments[] = {"run", "-v", "-j", "2", "--set", "standard", NULL};
    kit_start_piped(&kit, &place, arguments);
    ck_assert(kit_await(&kit, "The calls in scenario"));
    ck_assert_uint_gt(place_processes(&place, "iscsidsc-tck-ho", &host), 0);
    ck_assert_int_eq(kill(kit.pid, SIGTERM), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 143);
    kit_free(&kit);
    place_expect_nothing_left(&place);
}
END_TEST

START_TEST(a_runner_that_is_killed)
{
    struct kit kit;
    pid_t tgtd = 0;
    const char *const arguments[] = {"run", "-v", "-j", "2", "--set", "standard", NULL};
    kit_start_piped(&kit, &place, arguments);
    ck_assert(kit_await(&kit, "The calls in scenario"));
    // The parent of a tgtd is a runner.
    ck_assert_uint_gt(place_processes(&place, "tgtd", &tgtd), 0);
    char path[64];
    char stat[512] = "";
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)tgtd);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        ck_assert_ptr_nonnull(fgets(stat, sizeof stat, file));
        fclose(file);
        const char *end = strrchr(stat, ')');
        ck_assert_ptr_nonnull(end);
        parent = (int)strtol(end + strlen(") S "), NULL, 10);
    }
    if (parent > 1 && kill(parent, SIGKILL) == 0) {
        kit_wait(&kit);
        kit_expect_status(&kit, 3);
    } else {
        kit_wait(&kit); // it had just ended: nothing was shown, and nothing may be left
    }
    kit_free(&kit);
    place_expect_nothing_left(&place);
}
END_TEST

// ---- Several implementations

START_TEST(several_implementations)
{
    struct kit kit;
    char *one = kit_faulty("one_less_is_enough");
    char *other = kit_faulty("tsid_zero");
    char *json = place_path(&place, "both.json");
    char *tap = place_path(&place, "both.tap");
    char *html = place_path(&place, "both.html");
    kit_run(&kit, &place, "run", "-i", one, "-i", other, "-s", "single", "-c", "SIZE", "-c",
            "CONTENT-5", "--json", json, "--tap", tap, "--html", html, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "The implementations side by side: 6 differences");
    kit_free(&kit);
    json_t *both = kit_load_json(json);
    ck_assert_uint_eq(json_array_size(json_object_get(both, "implementations")), 2);
    ck_assert_uint_eq(json_array_size(json_object_get(both, "differences")), 6);
    ck_assert_int_eq(json_integer_value(json_object_get(both, "exit_status")), 1);
    json_decref(both);
    static const char *const names[] = {"both-1.tap", "both-2.tap", "both.html"};
    for (size_t i = 0; i < 3; i++) {
        char *path = place_path(&place, names[i]);
        FILE *file = fopen(path, "re");
        ck_assert_msg(file != NULL, "%s is not there", path);
        fclose(file);
        free(path);
    }
    free(one);
    free(other);
    free(json);
    free(tap);
    free(html);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("shard");
    TCase *tcase = tcase_create("shard");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, place_set_up, place_tear_down);
    tcase_add_test(tcase, what_is_left_out_is_part_of_the_plan);
    tcase_add_test(tcase, shards_are_the_whole);
    tcase_add_test(tcase, shards_that_can_not_be);
    tcase_add_test(tcase, the_split_is_even);
    tcase_add_loop_test(tcase, side_by_side_is_the_same, 0,
                        (int)(sizeof side_by_side / sizeof side_by_side[0]));
    tcase_add_test(tcase, hangs_are_counted_together);
    tcase_add_test(tcase, a_signal_ends_all);
    tcase_add_test(tcase, a_runner_that_is_killed);
    tcase_add_test(tcase, several_implementations);
    suite_add_tcase(suite, tcase);
    return suite;
}
