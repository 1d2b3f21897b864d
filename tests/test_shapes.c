// SPDX-License-Identifier: Apache-2.0
// The proof that the judge is not unjust: correct implementations of other shapes than the
// reference's are run under --strict, and must come out clean.
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE_BY_SIDE = 4, // kits at once: they wait a lot
    ARGUMENTS_MAX = 32,
};

static const char *const shapes[] = {
#define SHAPE(name, sentence, ...) #name,
#include "conformance/shapes/shapes.def"
#undef SHAPE
};

enum { SHAPE_COUNT = sizeof shapes / sizeof shapes[0] };

// Those that are clean under the profile "windows" only have names that begin so.
#define WINDOWS "windows_"

// What has to show under the profile "documented".
static const struct {
    const char *shape;
    const char *clauses[4]; // NULL after the last
} deviations[] = {
    {"windows_spare", {"SIZE-3", "SIZE-5"}},
    {"windows_empty", {"EMPTY-1"}},
    {"windows_node_name", {"CONTENT-3"}},
    {"windows_initiator", {"CONTENT-7"}},
    {"windows_tsid", {"CONTENT-5"}},
    {"windows_access", {"SIZE-10"}},
    {"windows_like", {"SIZE-3", "CONTENT-3", "CONTENT-7", "EMPTY-1"}},
};

// Faulty implementations just beyond what is seen of Windows: its profile does not excuse them.
static const char *const near_misses[] = {
    "target_name_is_null",        "node_name_is_empty",
    "target_address_unspecified", "initiator_address_is_loopback",
    "tsid_zero_with_connections", "large_is_invalid_address",
    "page_has_no_access",         "empty_asks_with_a_count",
    "empty_asks_for_nothing",     "empty_asks_for_ever_more",
    "addresses_unspecified",      "tsid_zero",
    "returned_more_than_offered",
};

// What some break, as good callers rely on what the page does not say.
static const struct {
    const char *shape;
    const char *clauses[8]; // NULL after the last
} excluded[] = {
    {"limited", {"COUNT-5", "CALLERS-2"}},
    {"everything", {"COUNT-5", "CALLERS-2"}},
};

enum {
    DEVIATION_COUNT = sizeof deviations / sizeof deviations[0],
    MISS_COUNT = sizeof near_misses / sizeof near_misses[0],
    RUN_COUNT = SHAPE_COUNT + DEVIATION_COUNT + MISS_COUNT,
};

struct shape_run {
    const char *name;
    const char *profile;
    bool is_faulty; // not a shape
    int status;
    char *said;
    json_t *result; // NULL where nothing could be judged
};

static struct shape_run runs[RUN_COUNT];

// Only the shapes and clauses that do not take long, in one scenario: for a run of all tests.
static bool few;

static bool is_run(size_t run)
{
    return !few || (run < SHAPE_COUNT && strcmp(runs[run].name, "page_probing") != 0);
}

// ---- Running them

static void plan_runs(void)
{
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        bool windows = strncmp(shapes[i], WINDOWS, strlen(WINDOWS)) == 0;
        runs[i].name = shapes[i];
        runs[i].profile = windows ? "windows" : "documented";
    }
    size_t next = SHAPE_COUNT;
    for (size_t i = 0; i < DEVIATION_COUNT; i++, next++)
        runs[next] = (struct shape_run){.name = deviations[i].shape, .profile = "documented"};
    for (size_t i = 0; i < MISS_COUNT; i++, next++)
        runs[next] =
            (struct shape_run){.name = near_misses[i], .profile = "windows", .is_faulty = true};
}

static char *json_path(const struct place *place, size_t run)
{
    char name[32];
    (void)snprintf(name, sizeof name, "shape-%zu.json", run);
    return place_path(place, name);
}

static void add_excluded(const char **arguments, const char *shape)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof excluded / sizeof excluded[0]; i++) {
        if (strcmp(excluded[i].shape, shape) != 0)
            continue;
        for (size_t j = 0; j < 8 && excluded[i].clauses[j] != NULL; j++) {
            arguments[count++] = "--exclude";
            arguments[count++] = excluded[i].clauses[j];
        }
    }
}

static void start_run(struct kit *kit, const struct place *place, size_t run)
{
    char *library = NULL;
    if (runs[run].is_faulty)
        library = kit_faulty(runs[run].name);
    else
        ck_assert_int_gt(asprintf(&library, "%s/libshape-%s.so", TCK_SHAPES_FOLDER, runs[run].name),
                         0);
    char *json = json_path(place, run);
    const char *arguments[ARGUMENTS_MAX] = {
        "run",      "-i",    library,     "--strict",        "-s",     "mixed",
        "--effort", "quick", "--profile", runs[run].profile, "--json", json};
    static const char *const long_groups[] = {"STABLE", "THREADS", "FAULT"};
    size_t count = 12;
    if (!few) {
        arguments[count++] = "-s";
        arguments[count++] = "empty";
    }
    for (size_t i = 0; few && i < sizeof long_groups / sizeof long_groups[0]; i++) {
        arguments[count++] = "--exclude";
        arguments[count++] = long_groups[i];
    }
    add_excluded(arguments + count, runs[run].name);
    kit_start(kit, place, arguments);
    free(library);
    free(json);
}

static void end_run(struct kit *kit, const struct place *place, size_t run)
{
    kit_wait(kit);
    runs[run].status = kit->status;
    runs[run].said = strdup(kit->said);
    ck_assert_ptr_nonnull(runs[run].said);
    if (kit->status < 2) {
        char *json = json_path(place, run);
        runs[run].result = kit_load_json(json);
        free(json);
    }
    kit_free(kit);
}

static void run_all(void)
{
    struct place place;
    struct kit kits[SIDE_BY_SIDE];
    size_t run_of[SIDE_BY_SIDE];
    size_t running = 0;
    size_t next = 0;
    plan_runs();
    place_open(&place);
    while (next < RUN_COUNT || running > 0) {
        for (; next < RUN_COUNT && running < SIDE_BY_SIDE; next++) {
            if (!is_run(next))
                continue;
            start_run(&kits[running], &place, next);
            run_of[running++] = next;
        }
        if (running == 0)
            break;
        size_t ended = kit_await_one(kits, running);
        end_run(&kits[ended], &place, run_of[ended]);
        running--;
        kits[ended] = kits[running];
        run_of[ended] = run_of[running];
    }
    place_close(&place);
}

void test_clean_up(void)
{
    for (size_t i = 0; i < RUN_COUNT; i++) {
        free(runs[i].said);
        json_decref(runs[i].result);
    }
}

// ---- What came of it

typedef void check_visitor(const struct shape_run *run, const json_t *check, void *argument);

static void for_each_check(const struct shape_run *run, check_visitor *visit, void *argument)
{
    size_t i = 0;
    size_t j = 0;
    json_t *scenario = NULL;
    json_t *check = NULL;
    ck_assert_msg(run->result != NULL, "%s: exit status %d; it said:\n%s", run->name, run->status,
                  run->said);
    json_array_foreach(json_object_get(run->result, "scenarios"), i, scenario)
    {
        json_array_foreach(json_object_get(scenario, "checks"), j, check)
            visit(run, check, argument);
    }
}

static const char *text_of(const json_t *check, const char *key)
{
    const char *text = json_string_value(json_object_get(check, key));
    return text != NULL ? text : "";
}

static void expect_clean(const struct shape_run *run, const json_t *check, void *argument)
{
    size_t *seen = argument;
    const char *verdict = text_of(check, "verdict");
    bool tolerated = strcmp(run->profile, "windows") == 0 && strcmp(verdict, "known") == 0;
    bool reasoned = strcmp(verdict, "skip") == 0 && text_of(check, "got")[0] != '\0';
    bool clean = strcmp(verdict, "pass") == 0 || strcmp(verdict, "note") == 0;
    ++*seen;
    ck_assert_msg(clean || tolerated || reasoned, "%s: %s %s (%s): got \"%s\", expected \"%s\"",
                  run->name, verdict, text_of(check, "clause"), text_of(check, "charset"),
                  text_of(check, "got"), text_of(check, "expected"));
}

START_TEST(comes_out_clean)
{
    const struct shape_run *run = &runs[_i];
    size_t seen = 0;
    if (!is_run((size_t)_i))
        return;
    for_each_check(run, expect_clean, &seen);
    ck_assert_uint_gt(seen, 0);
    ck_assert_msg(run->status == 0, "%s: exit status %d; it said:\n%s", run->name, run->status,
                  run->said);
}
END_TEST

struct finding {
    const char *clause;
    bool failed;
};

static void find_failure(const struct shape_run *run, const json_t *check, void *argument)
{
    struct finding *finding = argument;
    (void)run;
    finding->failed |= strcmp(text_of(check, "clause"), finding->clause) == 0 &&
                       strcmp(text_of(check, "verdict"), "fail") == 0;
}

static void expect_broken(const struct shape_run *run)
{
    ck_assert_msg(run->status == 1, "%s: exit status %d under the profile %s; it said:\n%s",
                  run->name, run->status, run->profile, run->said);
}

START_TEST(windows_is_not_the_documentation)
{
    const struct shape_run *run = &runs[SHAPE_COUNT + _i];
    const char *const *clauses = deviations[_i].clauses;
    expect_broken(run);
    for (size_t i = 0; i < 4 && clauses[i] != NULL; i++) {
        struct finding finding = {.clause = clauses[i]};
        for_each_check(run, find_failure, &finding);
        ck_assert_msg(finding.failed, "%s: %s does not fail under the profile %s", run->name,
                      finding.clause, run->profile);
    }
}
END_TEST

START_TEST(near_miss_is_not_windows)
{
    expect_broken(&runs[SHAPE_COUNT + DEVIATION_COUNT + _i]);
}
END_TEST

int test_set_up(int argc, char **argv)
{
    few = argc == 2 && strcmp(argv[1], "--few") == 0;
    return 0;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("shapes");
    TCase *tests = tcase_create("shapes");
    tcase_add_unchecked_fixture(tests, run_all, NULL);
    tcase_add_loop_test(tests, comes_out_clean, 0, SHAPE_COUNT);
    if (!few) {
        tcase_add_loop_test(tests, windows_is_not_the_documentation, 0, DEVIATION_COUNT);
        tcase_add_loop_test(tests, near_miss_is_not_windows, 0, MISS_COUNT);
    }
    suite_add_tcase(suite, tests);
    return suite;
}
