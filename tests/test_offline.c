// SPDX-License-Identifier: Apache-2.0
// `run --offline`: with the sessions that an earlier run recorded, and without tgtd.
#include "tests/kit.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCENARIOS TCK_SOURCE_DIR "/scenarios"

static const json_t *check_of(const json_t *result, const char *clause, const char *charset)
{
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    size_t i = 0;
    json_t *check = NULL;
    json_array_foreach(json_object_get(scenario, "checks"), i, check)
    {
        if (strcmp(json_string_value(json_object_get(check, "clause")), clause) == 0 &&
            strcmp(json_string_value(json_object_get(check, "charset")), charset) == 0)
            return check;
    }
    ck_abort_msg("%s was not judged in %s", clause, charset);
    return NULL;
}

static void expect_verdict(const json_t *result, const char *clause, const char *verdict)
{
    const json_t *check = check_of(result, clause, "W");
    ck_assert_str_eq(json_string_value(json_object_get(check, "verdict")), verdict);
}

START_TEST(the_static_contract_is_judged)
{
    struct kit kit;
    char *path = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "--offline", "-s", "single", "-s", "empty", "--effort", "quick",
            "--exclude", "STABLE-4", "--strict", "--json", path, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "(exit status 0); offline, with recorded sessions that can't change; ");
    json_t *result = kit_load_json(path);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(result, "login"), "way")),
                     "recorded");
    // No tgtd was asked, or ran.
    ck_assert(json_is_null(json_object_get(result, "tgtd_version")));
    expect_verdict(result, "BOUNDS-1", "pass");
    expect_verdict(result, "CONTENT-5", "pass");
    expect_verdict(result, "THREADS-1", "pass");
    expect_verdict(result, "CALLERS-1", "pass");
    expect_verdict(result, "FAULT-2", "pass");
    expect_verdict(result, "CHANGE-1", "skip");
    json_decref(result);
    free(path);
    kit_free(&kit);
}
END_TEST

START_TEST(faults_are_found)
{
    static const char *const faults[][2] = {{"isid_zero", "CONTENT-4"},
                                            {"count_is_one_too_many", "COUNT-1"},
                                            {"byte_after_success", "BOUNDS-1"}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct kit kit;
        char *library = kit_faulty(faults[i][0]);
        kit_run(&kit, &place, "run", "--offline", "-s", "several-targets", "--effort", "quick",
                "-c", "CONTENT", "-c", "COUNT", "-c", "BOUNDS", "-i", library, NULL);
        kit_expect_status(&kit, 1);
        kit_expect_said(&kit, faults[i][1]);
        kit_expect_said(&kit, "--offline -s several-targets -c "); // the command that repeats it
        free(library);
        kit_free(&kit);
    }
}
END_TEST

// What only a change would show is not judged, so that the fault is no failure here; and no run
// says that such a clause held.
START_TEST(a_fault_that_needs_changes_is_not_judged)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "--offline", "-s", "single", "-c", "CHANGE", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "no check was judged");
    kit_free(&kit);
}
END_TEST

START_TEST(each_scenario_of_the_set_is_recorded)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "--offline", "-c", "EXPORT-1", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
}
END_TEST

// A transcript of such a run is one like any other.
START_TEST(what_it_records_is_judged_and_replayed)
{
    struct kit kit;
    char *calls = place_path(&place, "calls");
    char *transcript = place_path(&place, "calls/single.jsonl");
    kit_run(&kit, &place, "run", "--offline", "-s", "single", "--effort", "quick", "-c", "SIZE",
            "-c", "CHANGE", "--transcript", calls, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    kit_run(&kit, &place, "judge", "-c", "SIZE", "-c", "CHANGE", transcript, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "(exit status 0); offline, with recorded sessions");
    kit_free(&kit);
    kit_run(&kit, &place, "replay", "-c", "SIZE", "-c", "CHANGE", transcript, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    free(transcript);
    free(calls);
}
END_TEST

// ---- What is refused before anything is started

static void copy_file(const char *from, const char *to, const char *appended, size_t most)
{
    static char bytes[1 << 16];
    FILE *in = fopen(from, "re");
    FILE *out = fopen(to, "we");
    ck_assert_msg(in != NULL && out != NULL, "%s, %s", from, to);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    ck_assert_uint_lt(size, sizeof bytes);
    fwrite(bytes, 1, size < most ? size : most, out);
    fputs(appended, out);
    ck_assert_int_eq(fclose(in) | fclose(out), 0);
}

// The scenario `single` in the test's folder, with `appended`, and its recording up to `most`
// bytes.
static char *copy_single(const char *appended, size_t most)
{
    char *scenario = place_path(&place, "single.yaml");
    char *folder = place_path(&place, "recorded");
    char *recording = place_path(&place, "recorded/single.jsonl.gz");
    ck_assert(mkdir(folder, 0700) == 0 || access(folder, F_OK) == 0);
    copy_file(SCENARIOS "/single.yaml", scenario, appended, SIZE_MAX);
    copy_file(SCENARIOS "/recorded/single.jsonl.gz", recording, "", most);
    free(folder);
    free(recording);
    return scenario;
}

static void expect_refused(const char *scenario, const char *option, const char *value,
                           const char *complaint)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "--offline", "-s", scenario, option, value, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, complaint);
    kit_free(&kit);
}

START_TEST(a_recording_that_is_not_there)
{
    char *scenario = place_path(&place, "single.yaml");
    copy_file(SCENARIOS "/single.yaml", scenario, "", SIZE_MAX);
    expect_refused(scenario, NULL, NULL, "there are no recorded sessions of the scenario single");
    expect_refused(scenario, NULL, NULL, "--transcript /");
    free(scenario);
}
END_TEST

START_TEST(a_recording_of_another_version_of_the_scenario)
{
    char *scenario = copy_single("", SIZE_MAX);
    struct kit kit;
    kit_run(&kit, &place, "run", "--offline", "-s", scenario, "-c", "EXPORT-1", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    free(scenario);
    scenario = copy_single("# changed\n", SIZE_MAX);
    expect_refused(scenario, NULL, NULL, "is not of the scenario in");
    free(scenario);
}
END_TEST

START_TEST(a_recording_that_is_cut_short)
{
    for (size_t size = 0; size < 400; size += 37) {
        char *scenario = copy_single("", size);
        expect_refused(scenario, NULL, NULL,
                       size == 0 ? "single.jsonl.gz"
                                 : "single.jsonl.gz: is damaged or cut short: what gzip packed");
        free(scenario);
    }
}
END_TEST

// Also where what comes of it reads like a mistake of whoever wrote it.
START_TEST(a_recording_that_is_damaged)
{
    char *recording = place_path(&place, "recorded/single.jsonl.gz");
    for (long at = 60; at < 460; at += 60) {
        char *scenario = copy_single("", SIZE_MAX);
        FILE *file = fopen(recording, "r+");
        ck_assert_ptr_nonnull(file);
        ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
        int byte = getc(file);
        ck_assert_int_ne(byte, EOF);
        ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
        ck_assert_int_ne(putc(byte ^ 0x55, file), EOF);
        ck_assert_int_eq(fclose(file), 0);
        expect_refused(scenario, NULL, NULL, "single.jsonl.gz: is damaged or cut short");
        free(scenario);
    }
    free(recording);
}
END_TEST

START_TEST(options_that_need_targets)
{
    expect_refused("single", "--login", "api", "leave --login");
    expect_refused("single", "--listen", "127.0.0.1", "--listen");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("offline");
    TCase *tests = tcase_create("offline");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, the_static_contract_is_judged);
    tcase_add_test(tests, faults_are_found);
    tcase_add_test(tests, a_fault_that_needs_changes_is_not_judged);
    tcase_add_test(tests, each_scenario_of_the_set_is_recorded);
    tcase_add_test(tests, what_it_records_is_judged_and_replayed);
    tcase_add_test(tests, a_recording_that_is_not_there);
    tcase_add_test(tests, a_recording_of_another_version_of_the_scenario);
    tcase_add_test(tests, a_recording_that_is_cut_short);
    tcase_add_test(tests, a_recording_that_is_damaged);
    tcase_add_test(tests, options_that_need_targets);
    suite_add_tcase(suite, tests);
    return suite;
}
