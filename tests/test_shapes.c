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
    ARGUMENTS_MAX = 16,
};

static const char *const shapes[] = {
#define SHAPE(name, sentence, ...) #name,
#include "conformance/shapes/shapes.def"
#undef SHAPE
};

enum { SHAPE_COUNT = sizeof shapes / sizeof shapes[0] };

// The one that is not clean under the profile "documented", and what has to show there.
static const char windows_like[] = "windows_like";
static const char *const windows_clauses[] = {"SIZE-3", "SIZE-5", "EMPTY-1"};

// One run more than there are shapes: windows_like under the other profile.
enum { RUN_COUNT = SHAPE_COUNT + 1 };

struct shape_run {
    const char *name;
    const char *profile;
    int status;
    char *said;
    json_t *result; // NULL where nothing could be judged
};

static struct shape_run runs[RUN_COUNT];

// ---- Running them

static void plan_runs(void)
{
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        runs[i].name = shapes[i];
        runs[i].profile = strcmp(shapes[i], windows_like) == 0 ? "windows" : "documented";
    }
    runs[SHAPE_COUNT].name = windows_like;
    runs[SHAPE_COUNT].profile = "documented";
}

static char *json_path(const struct place *place, size_t run)
{
    char name[32];
    (void)snprintf(name, sizeof name, "shape-%zu.json", run);
    return place_path(place, name);
}

static void start_run(struct kit *kit, const struct place *place, size_t run)
{
    char *library = NULL;
    ck_assert_int_gt(asprintf(&library, "%s/libshape-%s.so", TCK_SHAPES_FOLDER, runs[run].name), 0);
    char *json = json_path(place, run);
    const char *const arguments[ARGUMENTS_MAX] = {
        "run",      "-i",    library,     "--strict",        "-s",     "mixed", "-s", "empty",
        "--effort", "quick", "--profile", runs[run].profile, "--json", json,    NULL};
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
            start_run(&kits[running], &place, next);
            run_of[running++] = next;
        }
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

START_TEST(windows_is_not_the_documentation)
{
    const struct shape_run *run = &runs[SHAPE_COUNT];
    ck_assert_msg(run->status == 1, "%s: exit status %d; it said:\n%s", run->name, run->status,
                  run->said);
    for (size_t i = 0; i < sizeof windows_clauses / sizeof windows_clauses[0]; i++) {
        struct finding finding = {.clause = windows_clauses[i]};
        for_each_check(run, find_failure, &finding);
        ck_assert_msg(finding.failed, "%s does not fail under the profile %s", finding.clause,
                      run->profile);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("shapes");
    TCase *tests = tcase_create("shapes");
    tcase_add_unchecked_fixture(tests, run_all, NULL);
    tcase_add_loop_test(tests, comes_out_clean, 0, SHAPE_COUNT);
    tcase_add_test(tests, windows_is_not_the_documentation);
    suite_add_tcase(suite, tests);
    return suite;
}
