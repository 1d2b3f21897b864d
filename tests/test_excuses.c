// SPDX-License-Identifier: Apache-2.0
// Real runs against waivers and baselines: what excuses a failure has to cover all that goes wrong
// in it. And scenarios without sessions: what is wrong in the lists of those that come later.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text == NULL ? "" : text;
}

// The check of that clause in A, in the first scenario; fails the test where there is none.
static const json_t *check_of(const json_t *result, const char *clause)
{
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    size_t index = 0;
    const json_t *check = NULL;
    json_array_foreach(json_object_get(scenario, "checks"), index,
                       check) if (strcmp(text_of(check, "clause"), clause) == 0 &&
                                  strcmp(text_of(check, "charset"), "A") == 0) return check;
    ck_abort_msg("no check of %s", clause);
    return NULL;
}

static bool has_symptom(const json_t *check, const char *symptom)
{
    size_t index = 0;
    const json_t *value = NULL;
    json_array_foreach(json_object_get(check, "symptoms"), index,
                       value) if (strcmp(json_string_value(value), symptom) == 0) return true;
    return false;
}

static void write_waiver(const char *path, const char *symptom)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "waivers:\n");
    for (const char *const *clause = (const char *const[]){"STATUS-2", "SIZE-1", NULL};
         *clause != NULL; clause++)
        fprintf(file, "  - clause: %s\n    reason: known\n%s%s%s", *clause,
                symptom == NULL ? "" : "    symptom: ", symptom == NULL ? "" : symptom,
                symptom == NULL ? "" : "\n");
    ck_assert_int_eq(fclose(file), 0);
}

// ---- One clause, two symptoms

static const struct {
    const char *symptom; // that the waiver names
    int status;
} waived[] = {
    {NULL, 1}, // a wrong answer
    {"answer", 1}, {"fault", 1}, {"answer, fault", 0}, {"damage,hang, end", 1},
};

START_TEST(a_waiver_covers_all_symptoms_or_none)
{
    struct kit kit;
    char *library = kit_faulty("one_byte_crashes");
    char *waivers = place_path(&place, "waivers.yaml");
    char *json = place_path(&place, "result.json");
    write_waiver(waivers, waived[_i].symptom);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--effort", "quick", "-c",
            "STATUS-2", "--waivers", waivers, "--json", json, NULL);
    kit_expect_status(&kit, waived[_i].status);
    json_t *result = kit_load_json(json);
    const json_t *check = check_of(result, "STATUS-2");
    ck_assert(has_symptom(check, "answer") && has_symptom(check, "fault"));
    ck_assert_ptr_nonnull(strstr(text_of(check, "also"), "a wrong answer (234"));
    ck_assert_str_eq(text_of(check, "verdict"), waived[_i].status == 0 ? "known" : "fail");
    if (waived[_i].status != 0)
        kit_expect_said(&kit, "also      a wrong answer (234 (ERROR_MORE_DATA)");
    json_decref(result);
    kit_free(&kit);
    free(json);
    free(waivers);
    free(library);
}
END_TEST

START_TEST(a_symptom_that_there_is_not_is_refused)
{
    struct kit kit;
    char *library = kit_faulty("one_byte_crashes");
    char *waivers = place_path(&place, "waivers.yaml");
    write_waiver(waivers, "answer, crash");
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--waivers", waivers, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "\"answer, crash\" is not a symptom");
    kit_free(&kit);
    free(waivers);
    free(library);
}
END_TEST

static void make_baseline(const char *fault, const char *path)
{
    struct kit kit;
    char *library = kit_faulty(fault);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--effort", "quick", "-c",
            "STATUS-2", "--json", path, NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    free(library);
}

static void run_against(const char *baseline, const char *fault, int status)
{
    struct kit kit;
    char *library = kit_faulty(fault);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--effort", "quick", "-c",
            "STATUS-2", "--baseline", baseline, NULL);
    kit_expect_status(&kit, status);
    kit_free(&kit);
    free(library);
}

START_TEST(a_baseline_of_wrong_answers_covers_no_crash)
{
    char *answers = place_path(&place, "answers.json");
    char *both = place_path(&place, "both.json");
    make_baseline("insufficient_is_more_data", answers);
    make_baseline("one_byte_crashes", both);
    run_against(answers, "insufficient_is_more_data", 0);
    run_against(answers, "one_byte_crashes", 1); // with one byte: there it said 234 before
    run_against(both, "one_byte_crashes", 0);
    run_against(both, "insufficient_is_more_data", 0);
    free(both);
    free(answers);
}
END_TEST

// A result of an older kit does not say in which ways a check failed: then its evidence does, which
// for this one is a fault.
START_TEST(an_older_baseline_says_it_by_its_evidence)
{
    char *both = place_path(&place, "both.json");
    make_baseline("one_byte_crashes", both);
    json_t *result = kit_load_json(both);
    size_t index = 0;
    json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_t *check = NULL;
    json_array_foreach(json_object_get(scenario, "checks"), index, check)
        ck_assert_int_eq(json_object_del(check, "symptoms"), 0);
    ck_assert_int_eq(json_dump_file(result, both, 0), 0);
    json_decref(result);
    run_against(both, "one_byte_crashes", 1);
    run_against(both, "insufficient_is_more_data", 1);
    free(both);
}
END_TEST

// ---- No sessions at first

static const struct {
    const char *fault;
    const char *clause;
} later[] = {
    {"isid_reversed", "CONTENT-4"},
    {"initiator_name_cut", "CONTENT-2"},
    {"ports_in_network_order", "CONTENT-7"},
    {"no_terminators", "LAYOUT-3"},
};

START_TEST(what_later_lists_show_is_judged)
{
    struct kit kit;
    char *library = kit_faulty(later[_i].fault);
    char *json = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-i", library, "-s", "empty", "--effort", "quick", "--json", json,
            NULL);
    kit_expect_status(&kit, 1);
    json_t *result = kit_load_json(json);
    ck_assert_str_eq(text_of(check_of(result, later[_i].clause), "verdict"), "fail");
    json_decref(result);
    kit_free(&kit);
    // What the user did not select is not judged; the clause alone has no calls there.
    kit_run(&kit, &place, "run", "-i", library, "-s", "empty", "--effort", "quick", "-c", "EMPTY",
            NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    free(json);
    free(library);
}
END_TEST

// Runs the scenario without sessions with that fault, which the kit has to find.
static void run_empty(struct kit *kit, const char *fault, const char *said)
{
    char *library = kit_faulty(fault);
    kit_run(kit, &place, "run", "-i", library, "-s", "empty", "--effort", "quick", NULL);
    kit_expect_status(kit, 1);
    kit_expect_said(kit, said);
    free(library);
}

START_TEST(a_change_is_no_fault_of_the_content)
{
    struct kit kit;
    run_empty(&kit, "w_tsid_remembered_by_isid", "FAIL  CHANGE-5  ");
    ck_assert_ptr_null(strstr(kit.said, "CONTENT-"));
    kit_free(&kit);
}
END_TEST

START_TEST(a_phantom_session_is_found)
{
    struct kit kit;
    run_empty(&kit, "empty_wants_a_structure", "FAIL  EMPTY-1  ");
    kit_free(&kit);
}
END_TEST

START_TEST(the_verdict_says_what_no_scenario_could_try)
{
    struct kit kit;
    char *json = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-s", "empty", "--effort", "quick", "--json", json, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "(exit status 0); no scenario here has what ");
    json_t *result = kit_load_json(json);
    const json_t *left_out = json_object_get(json_object_get(result, "plan"), "left_out");
    ck_assert_int_gt(json_integer_value(json_object_get(left_out, "unsuited")), 10);
    json_decref(result);
    kit_free(&kit);
    free(json);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("excuses");
    TCase *tests = tcase_create("excuses");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_waiver_covers_all_symptoms_or_none, 0,
                        sizeof waived / sizeof waived[0]);
    tcase_add_test(tests, a_symptom_that_there_is_not_is_refused);
    tcase_add_test(tests, a_baseline_of_wrong_answers_covers_no_crash);
    tcase_add_test(tests, an_older_baseline_says_it_by_its_evidence);
    tcase_add_loop_test(tests, what_later_lists_show_is_judged, 0, sizeof later / sizeof later[0]);
    tcase_add_test(tests, a_change_is_no_fault_of_the_content);
    tcase_add_test(tests, a_phantom_session_is_found);
    tcase_add_test(tests, the_verdict_says_what_no_scenario_could_try);
    suite_add_tcase(suite, tests);
    return suite;
}
