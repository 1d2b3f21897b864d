// SPDX-License-Identifier: Apache-2.0
// A hang, or a crash now and then, costs the calls that hang and no others: each implementation
// that does not return from one kind of call is judged in everything else, and none comes out as
// held with a must that was not judged.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLAUSES_MAX = 8 };

struct hanging {
    const char *fault;
    int status;
    const char *broken;                // the clause that fails or warns by it
    const char *unjudged[CLAUSES_MAX]; // those that may be left without a verdict, "*": any
    const char *said;                  // of the first call that hung
};

static const struct hanging hangings[] = {
    {"hangs_on_fifo", 0, "FAULT-3", {"FAULT-3", "STABLE-4"}, "a FIFO that nobody writes to"},
    {"hangs_unaligned", 0, "BOUNDS-8", {"BOUNDS-8"}, "calls \"offsets\""},
    {"hangs_on_null", 0, "ARGS-1", {"ARGS-1", "ARGS-2", "ARGS-3", "STABLE-4"}, "calls \"args\""},
    {"hangs_when_damaged",
     1,
     "FAULT-1",
     {"FAULT-1", "FAULT-2", "FAULT-3", "STABLE-4"},
     "the source is damaged"},
    {"hangs_in_every_third", 1, "STATUS-1", {"*"}, "first call that did not return in time: "},
    {"crashes_in_every_tenth_short", 1, "STATUS-2", {NULL}, NULL},
};

static bool may_be_unjudged(const struct hanging *hanging, const char *clause)
{
    for (size_t i = 0; i < CLAUSES_MAX && hanging->unjudged[i] != NULL; i++)
        if (strcmp(hanging->unjudged[i], clause) == 0 || hanging->unjudged[i][0] == '*')
            return true;
    return false;
}

static const char *text_of(const json_t *check, const char *member)
{
    const char *text = json_string_value(json_object_get(check, member));
    return text == NULL ? "" : text;
}

// Whether its clause is broken; all others are to be judged.
static bool is_found(const struct hanging *hanging, const json_t *result)
{
    bool found = false;
    size_t i = 0;
    json_t *check = NULL;
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_array_foreach(json_object_get(scenario, "checks"), i, check)
    {
        const char *clause = text_of(check, "clause");
        const char *verdict = text_of(check, "verdict");
        bool judged = strcmp(verdict, "skip") != 0 || text_of(check, "blocked_by")[0] == '\0';
        ck_assert_msg(judged || may_be_unjudged(hanging, clause), "%s: %s (%s) was not judged: %s",
                      hanging->fault, clause, text_of(check, "charset"), text_of(check, "got"));
        found |= strcmp(clause, hanging->broken) == 0 &&
                 (strcmp(verdict, "fail") == 0 || strcmp(verdict, "warn") == 0);
    }
    return found;
}

START_TEST(all_else_is_judged)
{
    const struct hanging *hanging = &hangings[_i];
    char *library = kit_faulty(hanging->fault);
    char *json = place_path(&place, "result.json");
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--timeout", "2", "--effort",
            "quick", "--json", json, NULL);
    kit_expect_status(&kit, hanging->status);
    json_t *result = kit_load_json(json);
    ck_assert_msg(is_found(hanging, result), "%s is not found:\n%s", hanging->broken, kit.said);
    if (hanging->said != NULL) {
        kit_expect_said(&kit, "first call that did not return in time: GetIScsiSessionList");
        kit_expect_said(&kit, hanging->said);
        ck_assert_str_ne(text_of(result, "first_hang"), "");
    }
    json_decref(result);
    kit_free(&kit);
    free(json);
    free(library);
}
END_TEST

// The list is wrong, and the calls that hang are made after it was seen to be.
START_TEST(a_hang_in_a_should_hides_no_must)
{
    char *library = kit_faulty("hangs_unaligned_with_twenty");
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "-s", "sessions-64", "--timeout",
            "2", "--effort", "quick", "-c", "BOUNDS", "-c", "ARGS", "-c", "COUNT", "-c", "CONTENT",
            NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "FAIL  COUNT-1  ");
    kit_expect_said(&kit, "where     scenario sessions-64");
    kit_free(&kit);
    free(library);
}
END_TEST

// A waiver for what hangs excuses that, and nothing that was not called.
START_TEST(a_waiver_covers_only_what_failed)
{
    char *library = kit_faulty("loops");
    char *waivers = place_path(&place, "waivers.yaml");
    char *command = NULL;
    int status = 0;
    struct kit kit;
    ck_assert_int_gt(asprintf(&command,
                              "for clause in FAULT STATUS BOUNDS SIZE CHANGE THREADS; do printf "
                              "'  - clause: %%s\\n    scenario: \"*\"\\n    symptom: hang\\n    "
                              "reason: known\\n' $clause; done | sed '1i waivers:' >'%s'",
                              waivers),
                     0);
    free(kit_shell(command, &status));
    free(command);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--timeout", "0.5", "--effort",
            "quick", "--strict", "--waivers", waivers, NULL);
    ck_assert_msg(kit.status == 1 || kit.status == 3, "status %d:\n%s\n%s", kit.status, kit.said,
                  kit.complained);
    ck_assert_ptr_null(strstr(kit.said, "\nHeld"));
    kit_free(&kit);
    free(waivers);
    free(library);
}
END_TEST

// However long one call may take, the run is over in time, and proves nothing.
START_TEST(a_run_has_a_limit)
{
    struct kit kit;
    char *library = kit_faulty("loops");
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "-s", "empty", "--timeout", "600",
            "--time-limit", "1", "-j", _i == 0 ? "1" : "2", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "because   the run was not over after 1 s, which is its --time-limit");
    ck_assert_ptr_null(strstr(kit.said, "FAIL  "));
    kit_free(&kit);
    free(library);
}
END_TEST

// What honours *SessionCount as a limit, as the page allows, loops or stops a named program.
struct loop {
    const char *library;
    const char *clause;
    const char *program;
};

static const struct loop loops[] = {
    {TCK_SHAPES_FOLDER "/libshape-limited.so", "CALLERS-2", "go-win-iscsidsc"},
    {TCK_FAULTY_FOLDER "/libfaulty-limit_loops.so", "CALLERS-1", "os-win"},
    {TCK_FAULTY_FOLDER "/libfaulty-limit_loops.so", "CALLERS-8", "a replication agent"},
};

enum { LOOP_COUNT = sizeof loops / sizeof loops[0] };

START_TEST(a_program_that_it_loops_is_named)
{
    const struct loop *loop = &loops[_i];
    char block[32];
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", loop->library, "-s", "mixed", "--effort", "quick",
            "--strict", "-c", loop->clause, NULL);
    kit_expect_status(&kit, 1);
    (void)snprintf(block, sizeof block, "FAIL  %s  ", loop->clause);
    kit_expect_said(&kit, block);
    kit_expect_said(&kit, loop->program);
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    enum { HANGING_COUNT = sizeof hangings / sizeof hangings[0] };
    Suite *suite = suite_create("hangs");
    TCase *tests = tcase_create("hangs");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 180);
    tcase_add_loop_test(tests, all_else_is_judged, 0, HANGING_COUNT);
    tcase_add_test(tests, a_hang_in_a_should_hides_no_must);
    tcase_add_loop_test(tests, a_run_has_a_limit, 0, 2);
    tcase_add_loop_test(tests, a_program_that_it_loops_is_named, 0, LOOP_COUNT);
    tcase_add_test(tests, a_waiver_covers_only_what_failed);
    suite_add_tcase(suite, tests);
    return suite;
}
