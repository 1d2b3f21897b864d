// SPDX-License-Identifier: Apache-2.0
// The fuzzer with real sessions (fuzz --scenario): nothing is found where nothing is wrong, a fault
// that shows by real sessions alone is found and told by `judge`, one that shows by any sessions
// becomes a case, and nothing is left behind, also when it is killed.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const char *const scenarios[] = {"single", "empty", "connections-4", "events-recovery",
                                        "events-target-deleted"};

enum { SCENARIOS = sizeof scenarios / sizeof scenarios[0] };

START_TEST(nothing_is_found_where_nothing_is_wrong)
{
    struct kit kit;
    kit_run(&kit, &place, "fuzz", "--scenario", scenarios[_i], "--strict", "--cases", "20", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nNothing found (exit status 0)\n  20 cases, ");
    ck_assert_ptr_null(strstr(kit.said, "digest")); // which no two runs have in common
    ck_assert_str_eq(kit.complained, "");
    kit_free(&kit);
}
END_TEST

// The first finding in the file that `fuzz --json` wrote; owned by `document`.
static const json_t *first_finding(const json_t *document)
{
    ck_assert_str_eq(json_string_value(json_object_get(document, "live_scenario")), "single");
    ck_assert_int_eq(json_integer_value(json_object_get(document, "exit_status")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(document, "failures")), 1);
    return json_array_get(json_object_get(document, "findings"), 0);
}

struct fault {
    const char *name;
    const char *clause;
    bool again; // also with made-up sessions
};

static const struct fault faults[] = {
    {"list_read_once", "COUNT-1", true},
    {"count_is_one_too_many", "COUNT-1", true},
    // These take sessions that change during a call.
    {"count_of_another_moment", "CHANGE-3", false},
    {"busy_while_changing", "CHANGE-3", false},
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

START_TEST(a_fault_is_found)
{
    const struct fault *fault = &faults[_i];
    char *library = kit_faulty(fault->name);
    char *folder = place_path(&place, "findings");
    char *json = place_path(&place, "fuzz.json");
    struct kit kit;
    kit_run(&kit, &place, "fuzz", "-s", "single", "-i", library, "--first", "--time", "60", "-c",
            fault->clause, "--findings", folder, "--json", json, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "\nFOUND: 1 failure");
    kit_free(&kit);
    json_t *document = kit_load_json(json);
    const json_t *finding = first_finding(document);
    const char *file = json_string_value(json_object_get(finding, "file"));
    ck_assert_str_eq(json_string_value(json_object_get(finding, "clause")), fault->clause);
    ck_assert(json_is_true(json_object_get(finding, "comes_again")) == fault->again);
    ck_assert_int_eq(
        json_array_size(json_object_get(json_object_get(finding, "scenario"), "checks")) > 0, 1);
    // A case is made again; of what needs real sessions the answers are judged again.
    kit_run(&kit, &place, fault->again ? "replay" : "judge", file, "-c", fault->clause, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "  repeat    ");
    ck_assert_ptr_nonnull(strstr(kit.said, "iscsidsc-tck replay -i "));
    kit_free(&kit);
    json_decref(document);
    free(json);
    free(folder);
    free(library);
}
END_TEST

// What does not come again alone is sought among all cases of the process, whose sessions have the
// same identifiers without being the same: these are no failure of STABLE-2.
START_TEST(sessions_of_other_cases_are_others)
{
    struct kit kit;
    char *library = kit_faulty("count_of_another_moment");
    kit_run(&kit, &place, "fuzz", "-s", "single", "-i", library, "--first", "--time", "60", "-c",
            "CHANGE-3", "-c", "STABLE-2", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "\nFAIL  CHANGE-3  ");
    ck_assert_ptr_null(strstr(kit.said, "FAIL  STABLE-2"));
    kit_free(&kit);
    free(library);
}
END_TEST

START_TEST(nothing_is_left_of_one_that_is_killed)
{
    struct kit kit;
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    static const char *const arguments[] = {"fuzz", "-s", "sessions-64", "--time", "60", NULL};
    kit_start(&kit, &place, arguments);
    while (place_processes(&place, "iscsidsc-tck-ho", NULL) == 0)
        ck_assert(!kit_ends_within(&kit, 20));
    kill(kit.pid, _i == 0 ? SIGKILL : SIGINT);
    kit_wait(&kit);
    ck_assert_int_eq(kit.status, _i == 0 ? 128 + SIGKILL : 128 + SIGINT);
    kit_free(&kit);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) // until the last of them has ended
        ;
    // place_tear_down fails if a process or a file is left.
}
END_TEST

static const struct {
    const char *arguments[4];
    const char *complaint;
} refusals[] = {
    {{"-s", "nosuch"}, "unknown scenario \"nosuch\""},
    {{"-s", "single", "--sessions", "3"}, "--sessions 3: the scenario says how many there are"},
    {{"-s", "single", "--regress", "."}, "holds no case"},
};

enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(wrong_options_are_refused)
{
    const char *const *given = refusals[_i].arguments;
    struct kit kit;
    kit_run(&kit, &place, "fuzz", given[0], given[1], given[2], given[3], NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, refusals[_i].complaint);
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("fuzz_live");
    TCase *tests = tcase_create("fuzz_live");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, nothing_is_found_where_nothing_is_wrong, 0, SCENARIOS);
    tcase_add_loop_test(tests, a_fault_is_found, 0, FAULTS);
    tcase_add_test(tests, sessions_of_other_cases_are_others);
    tcase_add_loop_test(tests, nothing_is_left_of_one_that_is_killed, 0, 2);
    tcase_add_loop_test(tests, wrong_options_are_refused, 0, REFUSALS);
    suite_add_tcase(suite, tests);
    return suite;
}
