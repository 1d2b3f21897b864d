// SPDX-License-Identifier: Apache-2.0
// Two independent faults are two causes: libraries that are wrong in every list and, besides, when
// something changes, in threads, or from call to call (conformance/faulty/pairs.def). Each clause
// is named as a cause, and the second is found as well when the first is waived.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair {
    const char *name;
    const char *first; // the clause that every list breaks
    const char *second;
};

static const struct pair pairs[] = {
#define PAIR(distortion, fault, first, second) {#distortion "-" #fault, first, second},
#include "conformance/faulty/pairs.def"
#undef PAIR
};

static char *library_of(const struct pair *pair)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/libpair-%s.so", TCK_FAULTY_FOLDER, pair->name), 0);
    return path;
}

// What a result says of a clause, over A and W.
struct said {
    size_t causes;       // checks that fail or warn, and are no consequence
    size_t consequences; // that are one
    size_t known;
};

static struct said said_of(const json_t *result, const char *clause)
{
    struct said said = {0};
    size_t i = 0;
    json_t *check = NULL;
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_array_foreach(json_object_get(scenario, "checks"), i, check)
    {
        const char *verdict = json_string_value(json_object_get(check, "verdict"));
        if (strcmp(json_string_value(json_object_get(check, "clause")), clause) != 0)
            continue;
        bool counts = strcmp(verdict, "fail") == 0 || strcmp(verdict, "warn") == 0;
        bool caused = !json_is_null(json_object_get(check, "consequence_of"));
        said.causes += counts && !caused;
        said.consequences += counts && caused;
        said.known += strcmp(verdict, "known") == 0;
    }
    return said;
}

START_TEST(both_are_named_as_causes)
{
    const struct pair *pair = &pairs[_i];
    char *library = library_of(pair);
    char *json = place_path(&place, "result.json");
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "mixed", "--effort", "quick", "--json", json,
            NULL);
    kit_expect_status(&kit, 1);
    json_t *result = kit_load_json(json);
    const char *const clauses[] = {pair->first, pair->second};
    for (size_t i = 0; i < 2; i++) {
        struct said said = said_of(result, clauses[i]);
        char block[32];
        ck_assert_msg(said.causes > 0 && said.consequences == 0,
                      "%s: %s is %zu times a cause and %zu times a consequence:\n%s", pair->name,
                      clauses[i], said.causes, said.consequences, kit.said);
        (void)snprintf(block, sizeof block, "  %s  ", clauses[i]);
        kit_expect_said(&kit, block);
    }
    json_decref(result);
    kit_free(&kit);
    free(json);
    free(library);
}
END_TEST

START_TEST(the_second_is_found_when_the_first_is_waived)
{
    const struct pair *pair = &pairs[_i];
    char *library = library_of(pair);
    char *json = place_path(&place, "result.json");
    char *waivers = place_path(&place, "waivers.yaml");
    struct kit kit;
    FILE *file = fopen(waivers, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_gt(fprintf(file,
                             "waivers:\n  - clause: %s\n    scenario: mixed\n    reason: known\n",
                             pair->first),
                     0);
    ck_assert_int_eq(fclose(file), 0);
    kit_run(&kit, &place, "run", "-i", library, "-s", "mixed", "--effort", "quick", "--strict",
            "--json", json, "--waivers", waivers, "-c", pair->first, "-c", pair->second, NULL);
    kit_expect_status(&kit, 1);
    json_t *result = kit_load_json(json);
    ck_assert_uint_gt(said_of(result, pair->first).known, 0);
    ck_assert_uint_gt(said_of(result, pair->second).causes, 0);
    json_decref(result);
    kit_free(&kit);
    free(waivers);
    free(json);
    free(library);
}
END_TEST

// One content fault breaks the clause that is about it, and what can't be told from that: no clause
// about changes, threads, repetitions or repair; not where there are no sessions at first, either.
static const struct {
    const char *fault;
    const char *clause;
} contents[] = {
    {"initiator_name_cut", "CONTENT-2"},
    {"target_name_with_portal_group", "CONTENT-3"},
    {"isid_zero", "CONTENT-4"},
    {"tsid_zero", "CONTENT-5"},
    {"connections_left_out", "CONTENT-6"},
    {"initiator_port_zero", "CONTENT-7"},
    {"session_ids_zero", "CONTENT-8"},
};

START_TEST(a_content_fault_is_one_failure)
{
    char *library = kit_faulty(contents[_i].fault);
    char *json = place_path(&place, "result.json");
    size_t i = 0;
    size_t j = 0;
    json_t *scenario = NULL;
    json_t *check = NULL;
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "mixed", "-s", "empty", "--effort", "quick",
            "--json", json, NULL);
    kit_expect_status(&kit, 1);
    json_t *result = kit_load_json(json);
    json_array_foreach(json_object_get(result, "scenarios"), i, scenario)
    {
        json_array_foreach(json_object_get(scenario, "checks"), j, check)
        {
            const char *verdict = json_string_value(json_object_get(check, "verdict"));
            const char *clause = json_string_value(json_object_get(check, "clause"));
            const char *cause = json_string_value(json_object_get(check, "consequence_of"));
            if (strcmp(verdict, "fail") != 0 && strcmp(verdict, "warn") != 0)
                continue;
            ck_assert_msg(strcmp(clause, contents[_i].clause) == 0 ||
                              (cause != NULL && strcmp(cause, contents[_i].clause) == 0),
                          "%s: %s fails, by %s: %s", contents[_i].fault, clause,
                          cause == NULL ? "itself" : cause,
                          json_string_value(json_object_get(check, "got")));
            ck_assert_msg(strncmp(clause, "CHANGE", 6) != 0 && strncmp(clause, "THREADS", 7) != 0 &&
                              strncmp(clause, "STABLE", 6) != 0 && strcmp(clause, "FAULT-2") != 0,
                          "%s: %s fails", contents[_i].fault, clause);
        }
    }
    json_decref(result);
    kit_free(&kit);
    free(json);
    free(library);
}
END_TEST

// A clause that fails by the same calls as another is listed under it, counts, and is not shown as
// a failure of its own; where its cause is waived it stands alone again.
START_TEST(a_consequence_is_listed_under_its_cause)
{
    static const char *const reports[] = {"r.html", "r.xml", "r.tap"};
    static const char *const words[] = {"Probable consequences",
                                        "probable consequences: SIZE-2 (A)",
                                        "probable_consequences: \"SIZE-2 (A)"};
    char *library = kit_faulty("success_is_true");
    char *json = place_path(&place, "result.json");
    char *paths[3];
    struct kit kit;
    for (size_t i = 0; i < 3; i++)
        paths[i] = place_path(&place, reports[i]);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--effort", "quick", "--json", json,
            "--html", paths[0], "--junit", paths[1], "--tap", paths[2], "-c", "STATUS", "-c",
            "SIZE", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "    FAIL  SIZE-2  1 ");
    ck_assert_ptr_null(strstr(kit.said, "\nFAIL  SIZE-2"));
    kit_expect_said(&kit, "what does not hold: STATUS-1; probably by that, too: SIZE-2, SIZE-7");
    json_t *result = kit_load_json(json);
    ck_assert_uint_eq(said_of(result, "STATUS-1").causes, 2);
    ck_assert_uint_eq(said_of(result, "SIZE-2").consequences, 2);
    ck_assert_int_ge(json_integer_value(json_object_get(json_object_get(result, "tally"), "fail")),
                     6);
    for (size_t i = 0; i < 3; i++) {
        char *command = NULL;
        int status = 0;
        ck_assert_int_gt(asprintf(&command, "grep -c '%s' '%s'", words[i], paths[i]), 0);
        free(kit_shell(command, &status));
        ck_assert_msg(status == 0, "%s has no \"%s\"", reports[i], words[i]);
        free(command);
        free(paths[i]);
    }
    json_decref(result);
    kit_free(&kit);
    free(json);
    free(library);
}
END_TEST

START_TEST(without_its_cause_it_stands_alone)
{
    char *library = kit_faulty("success_is_true");
    char *waivers = place_path(&place, "waivers.yaml");
    int status = 0;
    char *command = NULL;
    struct kit kit;
    ck_assert_int_gt(
        asprintf(&command,
                 "printf 'waivers:\\n  - clause: STATUS-1\\n    scenario: single\\n    "
                 "reason: known\\n' >'%s'",
                 waivers),
        0);
    free(kit_shell(command, &status));
    free(command);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--effort", "quick", "--waivers",
            waivers, "-c", "STATUS-1", "-c", "SIZE-2", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "\nFAIL  SIZE-2  ");
    kit_expect_said(&kit, "\n  cause     STATUS-1, which is known\n");
    kit_free(&kit);
    free(waivers);
    free(library);
}
END_TEST

START_TEST(each_kind_of_damage_is_listed)
{
    char *library = kit_faulty("missing_is_empty");
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "-c", "FAULT-1", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "\n  ways      the table is missing: 0 (ERROR_SUCCESS)");
    kit_expect_said(&kit, "\n            a folder is in the table's place: 0 (ERROR_SUCCESS)");
    kit_expect_said(&kit, "\n            the environment variable is not set: 0 (ERROR_SUCCESS)");
    kit_free(&kit);
    free(library);
}
END_TEST

Suite *test_suite(void)
{
    enum {
        PAIR_COUNT = sizeof pairs / sizeof pairs[0],
        CONTENT_COUNT = sizeof contents / sizeof contents[0],
    };
    Suite *suite = suite_create("pairs");
    TCase *tests = tcase_create("pairs");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, both_are_named_as_causes, 0, PAIR_COUNT);
    tcase_add_loop_test(tests, the_second_is_found_when_the_first_is_waived, 0, PAIR_COUNT);
    suite_add_tcase(suite, tests);
    TCase *single = tcase_create("single");
    tcase_add_checked_fixture(single, place_set_up, place_tear_down);
    tcase_set_timeout(single, 120);
    tcase_add_loop_test(single, a_content_fault_is_one_failure, 0, CONTENT_COUNT);
    suite_add_tcase(suite, single);
    TCase *reports = tcase_create("reports");
    tcase_add_checked_fixture(reports, place_set_up, place_tear_down);
    tcase_set_timeout(reports, 60);
    tcase_add_test(reports, a_consequence_is_listed_under_its_cause);
    tcase_add_test(reports, each_kind_of_damage_is_listed);
    tcase_add_test(reports, without_its_cause_it_stands_alone);
    suite_add_tcase(suite, reports);
    return suite;
}
