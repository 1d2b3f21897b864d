// SPDX-License-Identifier: Apache-2.0
// Where an implementation faulted stands in every report, also in those that another process or
// another kit makes of what was recorded.
#include "tests/main.h"
#include "tests/marked_line.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY TCK_TEST_LIBRARIES "/faulting.so"
#define SOURCE TCK_SOURCE_DIR "/tests/implementations/faulting.c"

static unsigned line;
static char said[256];  // what each report says of the place
static char frame[256]; // and of the caller, which is on the stack

static void set_up(void)
{
    place_set_up();
    line = marked_line(SOURCE, "// in a function");
    snprintf(frame, sizeof frame, "#1 answer, faulting.c:%u, faulting.so + 0x",
             marked_line(SOURCE, "// for any other"));
    snprintf(said, sizeof said, "in faulting.c:%u (write_somewhere), faulting.so + 0x", line);
}

// Fails unless the file has the text.
static void expect_in_file(const char *name, const char *text)
{
    char *path = place_path(&place, name);
    char *command = NULL;
    int status = -1;
    ck_assert_int_gt(asprintf(&command, "cat '%s'", path), 0);
    char *content = kit_shell(command, &status);
    ck_assert_msg(strstr(content, text) != NULL, "%s: \"%s\" is not in:\n%s", name, text, content);
    free(content);
    free(command);
    free(path);
}

// The outcomes of the failures, the first of each scenario.
static void expect_in_json(const char *name)
{
    char *path = place_path(&place, name);
    json_t *result = kit_load_json(path);
    size_t i = 0;
    json_t *scenario = NULL;
    ck_assert_uint_eq(json_array_size(json_object_get(result, "scenarios")), 2);
    json_array_foreach(json_object_get(result, "scenarios"), i, scenario)
    {
        const json_t *check = json_array_get(json_object_get(scenario, "checks"), 0);
        const json_t *outcome = json_object_get(json_object_get(check, "evidence"), "outcome");
        const char *text = json_string_value(json_object_get(outcome, "text"));
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(strstr(text, said) != NULL, "%s", text);
        ck_assert_str_eq(json_string_value(json_object_get(outcome, "fault_module")),
                         "faulting.so");
        ck_assert_str_eq(json_string_value(json_object_get(outcome, "fault_function")),
                         "write_somewhere");
        ck_assert_str_eq(json_string_value(json_object_get(outcome, "fault_file")), SOURCE);
        ck_assert_int_eq(json_integer_value(json_object_get(outcome, "fault_line")), line);
        const json_t *stack = json_object_get(outcome, "fault_stack");
        const json_t *caller = json_array_get(json_object_get(stack, "frames"), 1);
        ck_assert(json_is_true(json_object_get(stack, "whole")));
        ck_assert_str_eq(json_string_value(json_object_get(caller, "function")), "answer");
        ck_assert_str_eq(json_string_value(json_object_get(caller, "file")), SOURCE);
    }
    json_decref(result);
    free(path);
}

// Runs the kit in the test's folder, of which the paths in the arguments are.
static void run(const char *arguments)
{
    char *command = NULL;
    int status = -1;
    ck_assert_int_gt(asprintf(&command, "cd '%s' && TMPDIR='%s' '%s' %s", place.folder,
                              place.temporary, TCK_PROGRAM, arguments),
                     0);
    char *printed = kit_shell(command, &status);
    ck_assert_msg(status == 1, "exit status %d: %s", status, printed);
    ck_assert_msg(strstr(printed, said) != NULL, "\"%s\" is not in:\n%s", said, printed);
    ck_assert_msg(strstr(printed, frame) != NULL, "\"%s\" is not in:\n%s", frame, printed);
    free(printed);
    free(command);
}

static void expect_in_reports(void)
{
    expect_in_json("r.json");
    expect_in_file("r.html", said);
    expect_in_file("r.xml", said);
    expect_in_file("r.tap", said);
    expect_in_file("r.html", frame);
    expect_in_file("r.xml", frame);
    expect_in_file("r.tap", frame);
}

#define REPORTS " --json r.json --html r.html --junit r.xml --tap r.tap"

// With several processes, the records pass from one to the other.
START_TEST(every_report_says_it)
{
    static const char *const jobs[] = {"1", "2"};
    char arguments[512];
    snprintf(arguments, sizeof arguments,
             "run -i " LIBRARY " -s single -s empty -c STATUS-1 -j %s" REPORTS, jobs[_i]);
    run(arguments);
    expect_in_reports();
}
END_TEST

START_TEST(so_does_a_transcript_that_is_judged)
{
    run("run -i " LIBRARY " -s single -s empty -c STATUS-1 --transcript calls");
    run("judge calls/single.jsonl calls/empty.jsonl -c STATUS-1" REPORTS);
    expect_in_reports();
}
END_TEST

START_TEST(so_do_results_that_are_merged)
{
    run("run -i " LIBRARY " -s single -s empty -c STATUS-1 --shard 1/2 --json 1.json");
    run("run -i " LIBRARY " -s single -s empty -c STATUS-1 --shard 2/2 --json 2.json");
    run("merge 1.json 2.json" REPORTS);
    expect_in_reports();
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("place_reports");
    TCase *tests = tcase_create("reports");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, set_up, place_tear_down);
    tcase_add_loop_test(tests, every_report_says_it, 0, 2);
    tcase_add_test(tests, so_does_a_transcript_that_is_judged);
    tcase_add_test(tests, so_do_results_that_are_merged);
    suite_add_tcase(suite, tests);
    return suite;
}
