// SPDX-License-Identifier: Apache-2.0
// What says how `run` runs: the configuration file, the plan of a dry run, and the failures of an
// earlier result.
#include "harness/command/repetition.h"
#include "tests/kit.h"
#include "tests/made_result.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG "iscsidsc-tck.yaml"

enum { WORDS_MAX = 10, NOBODY = 65534 };

// The kits of these tests have the test's folder, or one in it, as their working folder.
static void enter(const char *folder)
{
    ck_assert_int_eq(chdir(place.folder), 0);
    if (folder != NULL) {
        ck_assert_int_eq(mkdir(folder, 0700), 0);
        ck_assert_int_eq(chdir(folder), 0);
    }
}

static void leave(void)
{
    ck_assert_int_eq(chdir("/"), 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0644), 0);
}

static void refuse_words(const char *text, const char *words)
{
    ck_assert_msg(strstr(text, words) == NULL, "\"%s\" is in: %s", words, text);
}

// ---- The configuration file

START_TEST(file_is_found_above_and_its_paths_are_its_own)
{
    struct kit kit;
    enter(NULL);
    write_file(CONFIG, "# of a vendor\nscenario: [single, mixed]\nexclude: SIZE-3\n"
                       "effort: quick\njobs: 2\njson: out.json\nstrict: true\nquiet: false\n");
    enter("below");
    kit_run(&kit, &place, "run", "--dry-run", "--jobs", "3", NULL);
    kit_expect_status(&kit, 0);
    char expected[256];
    snprintf(expected, sizeof expected, "--json %s/out.json  (%s/" CONFIG ":6)", place.folder,
             place.folder);
    kit_expect_said(&kit, expected);
    snprintf(expected, sizeof expected, "--scenario mixed  (%s/" CONFIG ":2)", place.folder);
    kit_expect_said(&kit, expected);
    kit_expect_said(&kit, "--strict  (");
    kit_expect_said(&kit, "--jobs 3  (command line)");
    kit_expect_said(&kit, "--timeout 10  (default)");
    kit_expect_said(&kit, "  left out      1\n");
    kit_expect_said(&kit, "scenarios       2\n  single: 1 session, 142 checks\n"
                          "  mixed: 7 sessions, 144 checks\n");
    refuse_words(kit.said, "--jobs 2");
    refuse_words(kit.said, "--quiet");
    refuse_words(kit.said, "--set");
    kit_free(&kit);
    leave();
}
END_TEST

struct displacement {
    const char *words[WORDS_MAX];
    const char *said;
    const char *unsaid;
};

static const struct displacement displacements[] = {
    {{"--set", "scale"}, "--set scale  (command line)", "--scenario"},
    {{"-s", "empty"}, "--scenario empty  (command line)", "single"},
    {{"--no-config"}, "configuration   no file", "single  (" CONFIG},
    {{"-s", "empty", "-c", "SIZE"}, "--clause SIZE  (command line)", "COUNT"},
    {{"--eff", "full"}, "--effort full  (command line)", "--effort quick"},
};

START_TEST(command_line_wins)
{
    const char *arguments[WORDS_MAX + 3] = {"run", "--dry-run"};
    const struct displacement *row = &displacements[_i];
    struct kit kit;
    enter(NULL);
    write_file(CONFIG, "scenario: single\nclause: [COUNT-1]\neffort: quick\n");
    for (size_t i = 0; i < WORDS_MAX && row->words[i] != NULL; i++)
        arguments[i + 2] = row->words[i];
    kit_start(&kit, &place, arguments);
    kit_wait(&kit);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, row->said);
    refuse_words(strstr(kit.said, "\noptions"), row->unsaid);
    kit_free(&kit);
    leave();
}
END_TEST

struct mistake {
    const char *text;
    const char *complaint;
};

static const struct mistake mistakes[] = {
    {"efort: quick\n", CONFIG ":1:1: unknown option \"efort\"; did you mean \"effort\"?"},
    {"# x\neffort: quik\n", CONFIG ":2: --effort quik: there is no such choice; did you mean"},
    {"jobs: many\n", CONFIG ":1: --jobs many: give how many"},
    {"effort: [quick]\n", CONFIG ":1:9: effort: a list: it takes one value"},
    {"strict: yes\n", CONFIG ":1:9: strict: \"yes\": give true or false"},
    {"scenario:\n  - single\n  - singel\n", CONFIG ":3: unknown scenario \"singel\""},
    {"scenario: []\n", CONFIG ":1:11: scenario: a list: give at least one"},
    {"clause: SIZE-33\n", CONFIG ":1: --clause SIZE-33: no such clause"},
    {"dry-run: true\n", CONFIG ":1:1: dry-run: only on the command line"},
    {"effort: quick\neffort: full\n", CONFIG ":2:1: "},
    {"- effort\n", CONFIG ":1:1: not a mapping"},
    {"implementation: lib/none.so\n", CONFIG ":1: "},
    {"login-can: recovery\n", CONFIG ":1: --login-can \"recovery\": only with --login command"},
    {"json: x\nhtml: x\n", CONFIG ":1: --json and --html both name x"},
};

enum { MISTAKE_COUNT = sizeof mistakes / sizeof mistakes[0] };

START_TEST(mistake_names_file_and_line)
{
    struct kit kit;
    enter(NULL);
    write_file(CONFIG, mistakes[_i].text);
    kit_run(&kit, &place, "run", "--dry-run", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, mistakes[_i].complaint);
    ck_assert_str_eq(kit.said, "");
    kit_free(&kit);
    // Help, and another command, do not read it.
    kit_run(&kit, &place, "help", "run", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    kit_run(&kit, &place, "list", "clauses", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    leave();
}
END_TEST

START_TEST(file_of_somebody_else_is_refused)
{
    struct kit kit;
    if (geteuid() != 0) {
        printf("only root can give a file away\n");
        return;
    }
    enter(NULL);
    write_file(CONFIG, "effort: quick\n");
    ck_assert_int_eq(chown(CONFIG, NOBODY, NOBODY), 0);
    enter("below");
    kit_run(&kit, &place, "run", "--dry-run", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, CONFIG ": belongs to user 65534, who is neither you");
    kit_expect_complained(&kit, "--no-config");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--dry-run", "--config", "../" CONFIG, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "--effort quick  (../" CONFIG ":1)");
    kit_free(&kit);
    // A link of somebody else's to a file of ours.
    ck_assert_int_eq(rename("../" CONFIG, "../own.yaml"), 0);
    ck_assert_int_eq(chown("../own.yaml", 0, 0), 0);
    ck_assert_int_eq(symlink("own.yaml", "../" CONFIG), 0);
    ck_assert_int_eq(lchown("../" CONFIG, NOBODY, NOBODY), 0);
    kit_run(&kit, &place, "run", "--dry-run", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "belongs to user 65534");
    kit_free(&kit);
    leave();
}
END_TEST

START_TEST(file_that_all_can_write_is_refused)
{
    struct kit kit;
    enter(NULL);
    write_file(CONFIG, "effort: quick\n");
    ck_assert_int_eq(chmod(CONFIG, 0666), 0);
    kit_run(&kit, &place, "run", "--dry-run", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, CONFIG ": every user can write to it");
    kit_free(&kit);
    leave();
}
END_TEST

START_TEST(config_and_no_config_exclude_each_other)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "--dry-run", "--config", "x.yaml", "--no-config", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "give one of the two");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--dry-run", "--config", "/nonexistent.yaml", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "/nonexistent.yaml");
    kit_free(&kit);
}
END_TEST

// ---- A dry run

// Whatever is started needs the folder for temporary files, and ends with 3 where there is none.
START_TEST(dry_run_starts_and_writes_nothing)
{
    struct kit kit;
    char *json = place_path(&place, "x.json");
    char *transcripts = place_path(&place, "calls");
    ck_assert_int_eq(rmdir(place.temporary), 0);
    kit_run(&kit, &place, "run", "--dry-run", "--no-config", "-s", "single", "--json", json,
            "--transcript", transcripts, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "no library is loaded, no target is started, no file is written");
    kit_expect_said(&kit, "--scenario single  (command line)");
    ck_assert_int_ne(access(json, F_OK), 0);
    ck_assert_int_ne(access(transcripts, F_OK), 0);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--dry-run", "--no-config", "-s", "single", "-c", "EMPTY-1", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "no check is left to make");
    kit_free(&kit);
    ck_assert_int_eq(mkdir(place.temporary, 0700), 0);
    free(json);
    free(transcripts);
}
END_TEST

// ---- What failed before

static void run_before(const char *library, const char *json)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "--no-config", "-i", library, "--offline", "--effort", "quick",
            "-s", "single", "-s", "empty", "-c", "SIZE", "-c", "COUNT", "--json", json, NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
}

START_TEST(failures_are_run_again)
{
    struct kit kit;
    char *library = kit_faulty("one_less_is_enough");
    char *json = place_path(&place, "last.json");
    char *again = place_path(&place, "again.json");
    run_before(library, json);
    kit_run(&kit, &place, "run", "--no-config", "--rerun-failed", json, "--json", again, NULL);
    kit_expect_status(&kit, 1);
    json_t *before = kit_load_json(json);
    json_t *after = kit_load_json(again);
    json_t *failed_before = json_object_get(json_object_get(before, "tally"), "fail");
    json_t *failed_after = json_object_get(json_object_get(after, "tally"), "fail");
    ck_assert_int_gt(json_integer_value(failed_before), 0);
    ck_assert_int_eq(json_integer_value(failed_before), json_integer_value(failed_after));
    ck_assert_str_eq(json_string_value(json_object_get(after, "effort")), "quick");
    ck_assert_str_eq(json_string_value(json_object_get(after, "implementation")), library);
    ck_assert_int_lt(
        json_integer_value(json_object_get(json_object_get(after, "tally"), "planned")),
        json_integer_value(json_object_get(json_object_get(before, "tally"), "planned")));
    ck_assert_uint_eq(json_array_size(json_object_get(after, "scenarios")), 1);
    json_decref(before);
    json_decref(after);
    kit_free(&kit);

    kit_run(&kit, &place, "run", "--no-config", "--rerun-failed", json, "--dry-run", "-i", library,
            "-s", "empty", "-c", "EMPTY", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "--scenario empty  (command line)");
    kit_expect_said(&kit, "last.json)");
    refuse_words(kit.said, "--scenario single");
    refuse_words(kit.said, "--clause SIZE");
    kit_free(&kit);
    free(library);
    free(json);
    free(again);
}
END_TEST

// Results that do not say enough, each made from one that does.
static const struct {
    const char *member; // of the result, or of its first scenario, that is removed or replaced
    bool of_scenario;
    const char *text; // in its place; NULL: nothing
    const char *told; // NULL: it is taken
} lacks[] = {
    {"implementation", false, NULL, "it does not say which implementation it is of"},
    {"path", true, NULL, NULL}, // one of that name and digest ships
    {"path", true, "/elsewhere/single.yaml", NULL},
    {"digest", true, "0123456789abcdef", NULL}, // its file is here
};

START_TEST(what_is_run_again_is_known)
{
    struct kit kit;
    char *library = kit_faulty("one_less_is_enough");
    char *json = place_path(&place, "last.json");
    run_before(library, json);
    json_t *result = kit_load_json(json);
    json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_t *changed = lacks[_i].of_scenario ? scenario : result;
    json_object_set_new(changed, lacks[_i].member,
                        lacks[_i].text == NULL ? json_null() : json_string(lacks[_i].text));
    ck_assert_int_eq(json_dump_file(result, json, 0), 0);
    kit_run(&kit, &place, "run", "--no-config", "--rerun-failed", json, "--dry-run", NULL);
    kit_expect_status(&kit, lacks[_i].told == NULL ? 0 : 2);
    if (lacks[_i].told != NULL)
        kit_expect_complained(&kit, lacks[_i].told);
    kit_free(&kit);
    // Neither the file nor one like it is here.
    json_object_set_new(scenario, "digest", json_string("0123456789abcdef"));
    json_object_set_new(scenario, "path", json_string("/elsewhere/single.yaml"));
    ck_assert_int_eq(json_dump_file(result, json, 0), 0);
    kit_run(&kit, &place, "run", "--no-config", "-i", library, "--rerun-failed", json, "--dry-run",
            NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "its file /elsewhere/single.yaml is not here");
    kit_free(&kit);
    json_decref(result);
    free(library);
    free(json);
}
END_TEST

START_TEST(what_is_read_is_not_replaced)
{
    struct kit kit;
    char *library = kit_faulty("one_less_is_enough");
    enter(NULL);
    write_file(CONFIG, "effort: quick\n");
    kit_run(&kit, &place, "run", "-s", "single", "-c", "SIZE-3", "--json", CONFIG, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "the configuration file");
    kit_free(&kit);
    run_before(library, "last.json");
    kit_run(&kit, &place, "run", "--rerun-failed", "last.json", "--html", "last.json", NULL);
    kit_expect_status(&kit, 2);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--rerun-failed", "last.json", "--json", "last.json", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_complained(&kit, CONFIG ": its options are in force");
    kit_free(&kit);
    leave();
    free(library);
}
END_TEST

START_TEST(nothing_to_run_again_is_told)
{
    struct kit kit;
    char *json = place_path(&place, "last.json");
    kit_run(&kit, &place, "run", "--no-config", "--offline", "-s", "single", "-c", "COUNT-1",
            "--json", json, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--no-config", "--rerun-failed", json, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "no check failed there; leave the option out to run all");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--no-config", "--rerun-failed", "/nonexistent.json", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "/nonexistent.json");
    kit_free(&kit);
    free(json);
}
END_TEST

// ---- The first failure

static void expect_rest_skipped(const json_t *result)
{
    json_t *scenarios = json_object_get(result, "scenarios");
    json_t *tally = json_object_get(result, "tally");
    json_t *last = json_array_get(scenarios, json_array_size(scenarios) - 1);
    json_t *check = json_array_get(json_object_get(last, "checks"), 0);
    ck_assert_int_gt(json_integer_value(json_object_get(tally, "fail")), 0);
    ck_assert_str_eq(json_string_value(json_object_get(check, "verdict")), "skip");
    ck_assert_str_eq(
        json_string_value(json_object_get(check, "got")),
        "not run: --fail-fast ended the run after SIZE-3 failed in scenario connections-4");
    ck_assert_int_eq(json_integer_value(json_object_get(last, "calls")), 0);
    ck_assert_str_eq(json_string_value(json_object_get(result, "verdict")), "broken");
}

static const char *const jobs_given[] = {"1", "2"};

START_TEST(first_failure_ends_the_run)
{
    struct kit kit;
    char *library = kit_faulty("one_less_is_enough");
    char *json = place_path(&place, "fast.json");
    kit_run(&kit, &place, "run", "--no-config", "-i", library, "--offline", "--effort", "quick",
            "--fail-fast", "-j", jobs_given[_i], "-c", "SIZE-3", "--json", json, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "not run: --fail-fast ended the run after SIZE-3 failed");
    json_t *result = kit_load_json(json);
    expect_rest_skipped(result);
    json_decref(result);
    kit_free(&kit);
    free(library);
    free(json);
}
END_TEST

START_TEST(excused_failures_do_not_end_the_run)
{
    struct kit kit;
    char *library = kit_faulty("one_less_is_enough");
    enter(NULL);
    write_file("waivers.yaml", "waivers:\n  - clause: SIZE-3\n    reason: known\n");
    kit_run(&kit, &place, "run", "--no-config", "-i", library, "--offline", "--effort", "quick",
            "--fail-fast", "-s", "single", "-s", "mixed", "-c", "SIZE-3", "--waivers",
            "waivers.yaml", NULL);
    kit_expect_status(&kit, 0);
    refuse_words(kit.said, "not run");
    kit_free(&kit);
    free(library);
    leave();
}
END_TEST

// ---- Several runs

START_TEST(runs_are_repeated_and_counted)
{
    struct kit kit;
    char *library = kit_faulty("one_less_is_enough");
    char *json = place_path(&place, "worst.json");
    kit_run(&kit, &place, "run", "--no-config", "-i", library, "--offline", "--effort", "quick",
            "-s", "single", "-c", "SIZE-3", "--repeat", "3", "--json", json, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "Run 3 of 3:\n");
    kit_expect_said(&kit, "\n3 runs: 0 held, 3 broken\n  SIZE-3 failed in 3 of 3 runs\n");
    json_t *result = kit_load_json(json);
    ck_assert_str_eq(json_string_value(json_object_get(result, "verdict")), "broken");
    json_decref(result);
    kit_free(&kit);
    // It ends with the first.
    kit_run(&kit, &place, "run", "--no-config", "-i", library, "--offline", "--effort", "quick",
            "-s", "single", "-c", "SIZE-3", "--until-fail", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "\n1 run: 0 held, 1 broken\n  SIZE-3 failed in 1 of 1 run\n");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--no-config", "--offline", "--effort", "quick", "-s", "single",
            "-c", "SIZE-3", "--until-fail", "--repeat", "2", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\n2 runs: 2 held, 0 broken\n");
    kit_free(&kit);
    free(library);
    free(json);
}
END_TEST

START_TEST(what_fails_sometimes_is_flaky)
{
    static const struct planned good[] = {{"one", "SIZE-3", CHECK_A, VERDICT_PASS, ""},
                                          {"one", "SIZE-3", CHECK_W, VERDICT_PASS, ""}};
    static const struct planned bad[] = {{"one", "SIZE-3", CHECK_A, VERDICT_FAIL, "x"},
                                         {"one", "SIZE-3", CHECK_W, VERDICT_FAIL, "x"}};
    struct repetition repetition;
    struct failure failure = {0};
    struct result results[] = {make_result(good, 2), make_result(bad, 2), make_result(good, 2)};
    char *text = NULL;
    size_t size = 0;
    ck_assert_int_eq(repetition_parse(&repetition, "3", false, &failure), 0);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(repetition_add(&repetition, &results[i], i == 1), 0);
        ck_assert_int_eq(repetition_goes_on(&repetition, i == 1), i < 2);
        result_free(&results[i]);
    }
    ck_assert(!repetition_goes_on(&repetition, 130));
    FILE *stream = open_memstream(&text, &size);
    repetition_print(&repetition, stream);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(text, "\n3 runs: 2 held, 1 broken\n  SIZE-3 failed in 1 of 3 runs: flaky\n");
    free(text);
    repetition_free(&repetition);
}
END_TEST

// ---- A run for each build

// Puts a copy of the library at the path by a rename, as a careful build does.
static void put_library(const char *library, const char *path)
{
    char command[1024];
    int status = -1;
    snprintf(command, sizeof command, "cp '%s' '%s.new' && mv '%s.new' '%s'", library, path, path,
             path);
    free(kit_shell(command, &status));
    ck_assert_int_eq(status, 0);
}

START_TEST(changed_library_is_run_again)
{
    struct kit kit;
    char *bad = kit_faulty("one_less_is_enough");
    char *library = place_path(&place, "libmine.so");
    const char *const arguments[] = {"run",      "--no-config", "-i",      library, "--offline",
                                     "--effort", "quick",       "--watch", "-s",    "single",
                                     "-c",       "SIZE-3",      NULL};
    char waits[256];
    snprintf(waits, sizeof waits, "\nRun 1 is over. Waiting until %s changes; Ctrl-C ends it.\n",
             library);
    put_library(TCK_REFERENCE, library);
    kit_start_piped(&kit, &place, arguments);
    ck_assert(kit_await(&kit, waits));
    refuse_words(kit.said, "BROKEN");
    kit_expect_said(&kit, "Held");
    // Time for it to look again: the same file is no reason to run.
    ck_assert(!kit_ends_within(&kit, 1000));
    put_library(bad, library);
    ck_assert(kit_await(&kit, "\nRun 2 is over. Waiting"));
    kit_expect_said(&kit, "It has changed. Run 2:\n");
    kit_expect_said(&kit, "BROKEN: what does not hold: SIZE-3");
    ck_assert_int_eq(kill(kit.pid, SIGINT), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 130);
    kit_free(&kit);
    place_expect_nothing_left(&place);
    free(bad);
    free(library);
}
END_TEST

static const struct {
    const char *words[4];
    const char *complaint;
} unwatched[] = {
    {{"--repeat", "2"}, "--repeat without; give one of the two"},
    {{"--until-fail"}, "--until-fail without; give one of the two"},
    {{"--host", "tcp://127.0.0.1:1"}, "a library behind --host can't be watched"},
    {{"-i", TCK_REFERENCE, "-i", TCK_REFERENCE}, "give one --implementation at a time"},
};

START_TEST(what_cannot_be_watched_is_told)
{
    const char *const *words = unwatched[_i].words;
    struct kit kit;
    kit_run(&kit, &place, "run", "--no-config", "--watch", words[0], words[1], words[2], words[3],
            NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, unwatched[_i].complaint);
    ck_assert_str_eq(kit.said, "");
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("running");
    TCase *tests = tcase_create("running");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, file_is_found_above_and_its_paths_are_its_own);
    tcase_add_loop_test(tests, command_line_wins, 0,
                        sizeof displacements / sizeof displacements[0]);
    tcase_add_loop_test(tests, mistake_names_file_and_line, 0, MISTAKE_COUNT);
    tcase_add_test(tests, file_of_somebody_else_is_refused);
    tcase_add_test(tests, file_that_all_can_write_is_refused);
    tcase_add_test(tests, config_and_no_config_exclude_each_other);
    tcase_add_test(tests, dry_run_starts_and_writes_nothing);
    tcase_add_test(tests, failures_are_run_again);
    tcase_add_loop_test(tests, what_is_run_again_is_known, 0, sizeof lacks / sizeof lacks[0]);
    tcase_add_test(tests, what_is_read_is_not_replaced);
    tcase_add_test(tests, nothing_to_run_again_is_told);
    tcase_add_loop_test(tests, first_failure_ends_the_run, 0, 2);
    tcase_add_test(tests, excused_failures_do_not_end_the_run);
    tcase_add_test(tests, runs_are_repeated_and_counted);
    tcase_add_test(tests, what_fails_sometimes_is_flaky);
    tcase_add_test(tests, changed_library_is_run_again);
    tcase_add_loop_test(tests, what_cannot_be_watched_is_told, 0,
                        sizeof unwatched / sizeof unwatched[0]);
    suite_add_tcase(suite, tests);
    return suite;
}
