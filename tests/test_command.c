// SPDX-License-Identifier: Apache-2.0
// The command line, as a user types it: what is wrong is said and starts nothing, what is listed
// and explained is complete, what is selected is what is judged, and recorded calls get the same
// verdicts again.
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MALFORMED TCK_SOURCE_DIR "/tests/malformed"

// A run would need a folder for temporary files. Where there is none, anything that is started ends
// with 3, so that a 2 shows that nothing was.
static void allow_no_start(void)
{
    ck_assert_int_eq(rmdir(place.temporary), 0);
}

static void allow_start(void)
{
    ck_assert_int_eq(mkdir(place.temporary, 0700), 0);
}

// ---- What is wrong with the command line

enum { WORDS_MAX = 8 };

static const char *const commands[] = {"run",     "list", "explain", "judge",
                                       "emulate", "diff", "merge",   "replay"};

START_TEST(each_command_explains_itself)
{
    struct kit kit;
    allow_no_start();
    kit_run(&kit, &place, commands[_i], "--help", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "Usage: ");
    kit_expect_said(&kit, commands[_i]);
    kit_expect_said(&kit, "Example");
    kit_expect_said(&kit, "Exit status: ");
    kit_free(&kit);

    kit_run(&kit, &place, "--help", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, commands[_i]);
    kit_free(&kit);

    kit_run(&kit, &place, "help", commands[_i], NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "Exit status: ");
    kit_free(&kit);

    kit_run(&kit, &place, commands[_i], "-h", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "Exit status: ");
    kit_free(&kit);

    kit_run(&kit, &place, commands[_i], "--nonsense", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "--nonsense");
    kit_expect_complained(&kit, "--help");
    kit_free(&kit);
    allow_start();
}
END_TEST

START_TEST(help_and_version_are_words_too)
{
    static const char *const calls[][3] = {{"-h"}, {"help"}, {"version"}, {"--version"}};
    static const char *const said[] = {"Exit status:", "Exit status:", TCK_VERSION, TCK_VERSION};
    struct kit kit;
    allow_no_start();
    kit_start(&kit, &place, calls[_i]);
    kit_wait(&kit);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, said[_i]);
    kit_free(&kit);
    allow_start();
}
END_TEST

struct mistake {
    const char *words[WORDS_MAX]; // up to a NULL
    const char *complaint;
};

static const struct mistake mistakes[] = {
    {{NULL}, "which command?"},
    {{"judgement"}, "no such command"},
    {{"rum"}, "did you mean \"run\"?"},
    {{"help", "exlpain"}, "did you mean \"explain\"?"},
    {{"run", "--tme-limit=5"}, "--tme-limit: no such option; did you mean \"--time-limit\"?"},
    {{"diff", "--josn", "x"}, "did you mean \"--json\"?"},
    {{"--versoin"}, "did you mean \"--version\"?"},
    {{"run", "-s", "singel"}, "did you mean \"single\"? \"iscsidsc-tck list scenarios\" names all"},
    {{"run", "single"}, "-s"},
    {{"run", "-s", "nosuch"}, "unknown scenario \"nosuch\""},
    {{"run", "-s", "/nonexistent.yaml"}, "/nonexistent.yaml"},
    {{"run", "-s", "single", "-s", "single"}, "given already"},
    {{"run", "-s", "single", "--set", "standard"}, "one of the two"},
    {{"run", "--set", "huge"}, "standard, scale, all"},
    {{"run", "--set", "scal"}, "did you mean \"scale\"?"},
    {{"run", "--effort", "great"}, "quick, standard, full"},
    {{"run", "--profile", "vista"}, "documented, windows"},
    {{"run", "--color", "pink"}, "auto, always or never"},
    {{"run", "--timeout", "0"}, "give seconds"},
    {{"run", "--timeout", "-1"}, "give seconds"},
    {{"run", "--timeout", "nan"}, "give seconds"},
    {{"run", "--timeout", "1e9"}, "give seconds"},
    {{"run", "--timeout", "1s"}, "give seconds"},
    {{"run", "-c", "SIZE-99"}, "did you mean \"SIZE-9\"?"},
    {{"run", "-c", "SIEZ"}, "did you mean \"SIZE\"?"},
    {{"run", "-c", "size-33"}, "did you mean \"SIZE-3\"? \"iscsidsc-tck list clauses\" names all"},
    {{"run", "-c", ""}, "no such clause or group"},
    {{"run", "--exclude", "SIZE-99"},
     "--exclude SIZE-99: no such clause or group; did you mean \"SIZE-9\"?"},
    {{"judge", "x", "--exclude", "SIEZ"}, "did you mean \"SIZE\"?"},
    {{"run", "-c", "SIZE-3", "--exclude", "SIZE"}, "no clause is left to judge"},
    {{"run", "--exclude-scenario", "singel"}, "did you mean \"single\""},
    {{"run", "-s", "single", "--exclude-scenario", "mixed"}, "(scenarios here: single)"},
    {{"run", "-s", "single", "--exclude-scenario", "single"}, "no scenario is left"},
    {{"run", "-i", "/nonexistent.so"}, "No such file"},
    {{"run", "-i", "/"}, "not a regular file"},
    {{"run", "-i", "/dev/null"}, "not a regular file"},
    {{"run", "-i", MALFORMED "/tab.yaml"}, "not an ELF shared library"},
    {{"run", "--json", "/nonexistent/x.json"}, "/nonexistent/x.json"},
    {{"run", "--json", "/"}, "--json /"},
    {{"run", "--tap", ""}, "--tap"},
    {{"run", "--json", "x", "--tap", "x"}, "a file of its own"},
    {{"run", "--check-xml", "-"}, "--check-xml -"},
    {{"run", "--transcript", "/dev/null/x"}, "--transcript /dev/null/x"},
    {{"list"}, "which list?"},
    {{"list", "targets"}, "(lists: clauses, scenarios)"},
    {{"list", "clause"}, "did you mean \"clauses\"?"},
    {{"list", "clauses", "scenarios"}, "one list at a time"},
    {{"explain"}, "which clause?"},
    {{"explain", "SIZE-2", "NOPE-1"}, "NOPE-1"},
    {{"judge"}, "which transcripts?"},
    {{"judge", "/nonexistent.jsonl"}, "/nonexistent.jsonl"},
    {{"judge", MALFORMED "/tab.yaml"}, "tab.yaml"},
    {{"emulate"}, "which scenario?"},
    {{"emulate", "single", "empty"}, "one scenario at a time"},
    {{"emulate", "--json", "--check", "single"}, "give one of the two"},
    {{"emulate", "nosuch"}, "unknown scenario \"nosuch\""},
    {{"emulate", MALFORMED "/tab.yaml"}, "tab.yaml:"},
};

enum { MISTAKE_COUNT = sizeof mistakes / sizeof mistakes[0] };

START_TEST(mistakes_are_told_and_start_nothing)
{
    const struct mistake *mistake = &mistakes[_i];
    const char *arguments[WORDS_MAX + 1] = {NULL};
    struct kit kit;
    allow_no_start();
    for (size_t i = 0; i < WORDS_MAX && mistake->words[i] != NULL; i++)
        arguments[i] = mistake->words[i];
    kit_start(&kit, &place, arguments);
    kit_wait(&kit);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "iscsidsc-tck");
    kit_expect_complained(&kit, mistake->complaint);
    ck_assert_msg(kit.said[0] == '\0', "on standard output: %s", kit.said);
    kit_free(&kit);
    allow_start();
}
END_TEST

// What a malformed file's first line says that has to be complained of: "# expect: LINE:COLUMN:
// WORDS". Both parts malloc'ed.
static void read_expectation(const char *path, char **where, char **words)
{
    char line[1024];
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL && fgets(line, sizeof line, file) != NULL, "%s: %s", path,
                  strerror(errno));
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    const char *place_at = line + strlen("# expect: ");
    const char *words_at = strstr(place_at, ": ");
    ck_assert_msg(strncmp(line, "# expect: ", 10) == 0 && words_at != NULL, "%s: %s", path, line);
    *words = strdup(words_at + 2);
    ck_assert_int_gt(asprintf(where, "%s:%.*s: ", path, (int)(words_at - place_at), place_at), 0);
}

static int is_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".yaml") == 0;
}

START_TEST(malformed_scenarios_are_told_with_line_and_column)
{
    struct dirent **entries = NULL;
    int count = scandir(MALFORMED, &entries, is_yaml, alphasort);
    ck_assert_int_ge(count, 10);
    allow_no_start();
    for (int i = 0; i < count; i++) {
        char path[512];
        char *where = NULL;
        char *words = NULL;
        struct kit kit;
        snprintf(path, sizeof path, "%s/%s", MALFORMED, entries[i]->d_name);
        read_expectation(path, &where, &words);
        kit_run(&kit, &place, "run", "-s", path, NULL);
        kit_expect_status(&kit, 2);
        kit_expect_complained(&kit, where);
        kit_expect_complained(&kit, words);
        kit_free(&kit);
        free(where);
        free(words);
        free(entries[i]);
    }
    free(entries);
    allow_start();
    printf("%d malformed scenarios were refused\n", count);
    fflush(stdout);
}
END_TEST

// ---- What is listed and explained

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "line %d: %s", error.line, error.text);
    return json;
}

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    ck_assert_msg(text != NULL, "no text \"%s\"", member);
    return text;
}

START_TEST(every_clause_is_listed_and_explained)
{
    struct kit list;
    struct kit kit;
    size_t at = 0;
    kit_run(&list, &place, "list", "clauses", "--json", NULL);
    kit_expect_status(&list, 0);
    json_t *listed = parse(list.said);
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        const struct clause_group *group = clause_groups[i];
        struct kit whole;
        kit_run(&whole, &place, "explain", group->name, NULL);
        kit_expect_status(&whole, 0);
        kit_expect_said(&whole, group->title);
        for (size_t j = 0; j < group->count; j++) {
            const json_t *entry = json_array_get(listed, at++);
            ck_assert_str_eq(text_of(entry, "id"), group->clauses[j].id);
            ck_assert_str_eq(text_of(entry, "sentence"), group->clauses[j].sentence);
            ck_assert_str_eq(text_of(entry, "level"), level_name(group->clauses[j].level));
            ck_assert_str_eq(text_of(entry, "group"), group->name);
            kit_run(&kit, &place, "explain", group->clauses[j].id, NULL);
            kit_expect_status(&kit, 0);
            kit_expect_said(&kit, group->clauses[j].id);
            for (const char *const *part =
                     (const char *const[]){"Demand", "Level", "Basis", "Source", "Why", "Scenarios",
                                           "Judged", "Passing", "Failing", NULL};
                 *part != NULL; part++)
                kit_expect_said(&kit, *part);
            ck_assert_ptr_null(strstr(kit.said, "not known to this kit"));
            kit_expect_said(&whole, group->clauses[j].id);
            kit_free(&kit);
        }
        kit_free(&whole);
    }
    ck_assert_uint_eq(json_array_size(listed), at);
    json_decref(listed);
    kit_free(&list);
}
END_TEST

START_TEST(every_scenario_is_listed)
{
    struct kit kit;
    struct kit plain;
    size_t index = 0;
    json_t *entry = NULL;
    kit_run(&kit, &place, "list", "scenarios", "--json", NULL);
    kit_run(&plain, &place, "list", "scenarios", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_status(&plain, 0);
    json_t *listed = parse(kit.said);
    ck_assert_uint_ge(json_array_size(listed), 14);
    json_array_foreach(listed, index, entry)
    {
        kit_expect_said(&plain, text_of(entry, "name"));
        kit_expect_said(&plain, text_of(entry, "summary"));
        ck_assert_int_eq(access(text_of(entry, "path"), R_OK), 0);
        struct kit check;
        kit_run(&check, &place, "emulate", "--check", text_of(entry, "path"), NULL);
        kit_expect_status(&check, 0);
        kit_free(&check);
    }
    json_decref(listed);
    kit_free(&kit);
    kit_free(&plain);
}
END_TEST

// ---- What is selected

// The checks of the first scenario of a result; borrowed.
static json_t *checks_of(const json_t *result, size_t scenario)
{
    return json_object_get(json_array_get(json_object_get(result, "scenarios"), scenario),
                           "checks");
}

static json_int_t tallied(const json_t *result, const char *what)
{
    return json_integer_value(json_object_get(json_object_get(result, "tally"), what));
}

// Runs with a JSON report, which is returned, and a status to expect.
#define RUN_RESULT(status, ...) run_result(status, (const char *const[]){__VA_ARGS__, NULL})

static json_t *run_result(int status, const char *const *more)
{
    enum { MORE_MAX = 32 };
    char *json = place_path(&place, "result.json");
    const char *arguments[MORE_MAX + 5] = {"run", "--json", json};
    struct kit kit;
    for (size_t i = 0; i < MORE_MAX && more[i] != NULL; i++)
        arguments[3 + i] = more[i];
    kit_start(&kit, &place, arguments);
    kit_wait(&kit);
    kit_expect_status(&kit, status);
    kit_free(&kit);
    json_t *result = kit_load_json(json);
    free(json);
    return result;
}

START_TEST(the_reference_holds_without_a_word)
{
    json_t *result = RUN_RESULT(0, "-s", "mixed", "-s", "empty", "--strict");
    ck_assert_str_eq(text_of(result, "verdict"), "held");
    ck_assert_int_eq(tallied(result, "warn"), 0);
    ck_assert_int_eq(tallied(result, "fail"), 0);
    ck_assert_int_eq(tallied(result, "known"), 0);
    ck_assert_int_eq(tallied(result, "skip"), 0);
    ck_assert_int_eq(tallied(result, "judged"), tallied(result, "planned"));
    json_decref(result);
}
END_TEST

START_TEST(clauses_and_groups_are_selected)
{
    size_t i = 0;
    json_t *check = NULL;
    json_t *result = RUN_RESULT(0, "-s", "single", "-c", "size-3", "-c", "LAYOUT");
    ck_assert_int_eq(tallied(result, "planned"),
                     2 + 2 * (json_int_t)clause_group_find("LAYOUT")->count);
    json_array_foreach(checks_of(result, 0), i, check)
        ck_assert(strcmp(text_of(check, "clause"), "SIZE-3") == 0 ||
                  strncmp(text_of(check, "clause"), "LAYOUT-", 7) == 0);
    json_decref(result);

    // A clause that has nothing to say of the scenario: nothing is proven.
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "single", "-c", "EMPTY-2", NULL);
    ck_assert_msg(kit.status == 2 || kit.status == 3, "status %d", kit.status);
    kit_expect_said(&kit, "no check is left to make");
    kit_free(&kit);
}
END_TEST

static char *read_file(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL && getdelim(&text, &size, '\0', file) > 0, "%s: %s", path,
                  strerror(errno));
    fclose(file);
    return text;
}

static json_t *left_out_of(json_t *result)
{
    return json_object_get(json_object_get(result, "plan"), "left_out");
}

static json_int_t left_out(json_t *result, const char *what)
{
    return json_integer_value(json_object_get(left_out_of(result), what));
}

START_TEST(clauses_and_scenarios_are_left_out)
{
    size_t i = 0;
    json_t *check = NULL;
    json_t *whole = RUN_RESULT(0, "-s", "single", "-c", "STATUS", "-c", "SIZE-3");
    ck_assert_int_eq(tallied(whole, "planned"), 12);
    ck_assert_ptr_null(left_out_of(whole));

    json_t *result = RUN_RESULT(0, "-s", "single", "-s", "mixed", "-s", "empty", "-c", "STATUS",
                                "-c", "SIZE-3", "--exclude", "status-2", "--exclude", "SIZE",
                                "--exclude", "CHANGE", "--exclude-scenario", "empty",
                                "--exclude-scenario", "mixed", "--exclude-scenario", "mixed");
    ck_assert_uint_eq(json_array_size(json_object_get(result, "scenarios")), 1);
    ck_assert_int_eq(tallied(result, "planned"), 8);
    json_array_foreach(checks_of(result, 0), i, check)
    {
        ck_assert_int_eq(strncmp(text_of(check, "clause"), "STATUS-", 7), 0);
        ck_assert_str_ne(text_of(check, "clause"), "STATUS-2");
    }
    // CHANGE was not asked for, so it is not left out either.
    ck_assert_int_eq(left_out(result, "clauses"), 2);
    ck_assert_int_eq(left_out(result, "scenarios"), 2);
    ck_assert_str_ne(text_of(json_object_get(whole, "plan"), "digest"),
                     text_of(json_object_get(result, "plan"), "digest"));
    json_decref(whole);
    json_decref(result);
}
END_TEST

START_TEST(the_verdict_says_what_was_left_out)
{
    char *calls = place_path(&place, "calls");
    char *recorded = place_path(&place, "calls/single.jsonl");
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "single", "-s", "empty", "-c", "SIZE", "--exclude", "SIZE-3",
            "--exclude-scenario", "empty", "--transcript", calls, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "(exit status 0); left out: 1 clause, 1 scenario\n");
    kit_free(&kit);
    kit_run(&kit, &place, "judge", recorded, "-c", "SIZE", "--exclude", "SIZE-3", "--exclude",
            "SIZE-4", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "(exit status 0); left out: 2 clauses\n");
    kit_free(&kit);
    kit_run(&kit, &place, "judge", recorded, "-c", "SIZE", NULL);
    kit_expect_said(&kit, "(exit status 0)\n");
    kit_free(&kit);
    free(calls);
    free(recorded);
}
END_TEST

// What selects tests in another Check suite of the same job.
static const char *const selections[][2] = {
    {"CK_RUN_SUITE", "mixed"},   {"CK_RUN_CASE", "SIZE-3"},     {"CK_RUN_CASE", "nothing"},
    {"CK_INCLUDE_TAGS", "SIZE"}, {"CK_EXCLUDE_TAGS", "STATUS"},
};

enum { SELECTION_COUNT = sizeof selections / sizeof selections[0] };

START_TEST(variables_of_check_select_nothing)
{
    char *xml = place_path(&place, "check.xml");
    ck_assert_int_eq(setenv(selections[_i][0], selections[_i][1], 1), 0);
    json_t *result = RUN_RESULT(0, "-s", "single", "-s", "mixed", "-c", "STATUS", "-c", "SIZE-3",
                                "--check-xml", xml);
    ck_assert_int_eq(unsetenv(selections[_i][0]), 0);
    ck_assert_int_eq(tallied(result, "planned"), 24);
    ck_assert_int_eq(tallied(result, "judged"), 24);
    ck_assert_str_eq(text_of(result, "verdict"), "held");
    json_decref(result);
    // Nor of what Check writes.
    char *elements = read_file(xml);
    size_t count = 0;
    for (const char *at = strstr(elements, "<test "); at != NULL; at = strstr(at + 1, "<test "))
        count++;
    ck_assert_uint_eq(count, 24);
    free(elements);
    free(xml);
}
END_TEST

START_TEST(check_writes_its_own_reports)
{
    char *tap = place_path(&place, "check.tap");
    char *xml = place_path(&place, "check.xml");
    char *library = kit_faulty("required_one_too_many");
    struct kit kit;
    ck_assert_int_eq(setenv("CK_TAP_LOG_FILE_NAME", tap, 1), 0);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "-c", "SIZE", "--check-xml", xml,
            NULL);
    ck_assert_int_eq(unsetenv("CK_TAP_LOG_FILE_NAME"), 0);
    kit_expect_status(&kit, 1);
    char *lines = read_file(tap);
    ck_assert_msg(strstr(lines, "\nnot ok ") != NULL && strstr(lines, "SIZE-3-A") != NULL, "%s",
                  lines);
    ck_assert_msg(strstr(lines, "\nok ") != NULL, "%s", lines);
    char *elements = read_file(xml);
    ck_assert_msg(strstr(elements, "<title>single</title>") != NULL, "%s", elements);
    ck_assert_msg(strstr(elements, "<id>SIZE-3-W</id>") != NULL, "%s", elements);
    ck_assert_msg(strstr(elements, "result=\"failure\"") != NULL, "%s", elements);
    free(lines);
    free(elements);
    kit_free(&kit);
    free(library);
    free(tap);
    free(xml);
}
END_TEST

// A skip that blames a clause which was not selected: it is judged all the same, and fails.
START_TEST(a_blocked_skip_is_proved)
{
    char *library = kit_faulty("insufficient_is_more_data");
    json_t *result = RUN_RESULT(1, "-i", library, "-s", "single", "-c", "SIZE-3");
    bool added = false;
    size_t i = 0;
    json_t *check = NULL;
    json_array_foreach(checks_of(result, 0), i, check)
    {
        if (strcmp(text_of(check, "clause"), "SIZE-3") == 0) {
            ck_assert_str_eq(text_of(check, "verdict"), "skip");
            ck_assert_ptr_nonnull(strstr(text_of(check, "blocked_by"), "STATUS-2"));
        }
        added = added || (strcmp(text_of(check, "clause"), "STATUS-2") == 0 &&
                          strcmp(text_of(check, "verdict"), "fail") == 0);
    }
    ck_assert(added);
    json_decref(result);
    free(library);
}
END_TEST

// ---- Judging again

static const char *const recorded[] = {
    "insufficient_is_hresult",
    "required_one_too_many",
    "count_not_set",
    "byte_after_success",
    "pointers_are_offsets",
    "connections_left_out",
    "w_drops_a_session",
    "rest_wiped",
    "only_a",
    "crashes",
};

enum { RECORDED_COUNT = sizeof recorded / sizeof recorded[0] };

static void expect_same_member(const json_t *one, const json_t *other, const char *member)
{
    ck_assert_msg(json_equal(json_object_get(one, member), json_object_get(other, member)),
                  "%s %s: another \"%s\"", text_of(one, "clause"), text_of(one, "charset"), member);
}

static void expect_same_checks(const json_t *run, const json_t *judged)
{
    size_t count = json_array_size(json_object_get(run, "scenarios"));
    ck_assert_uint_eq(json_array_size(json_object_get(judged, "scenarios")), count);
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        json_t *check = NULL;
        ck_assert_uint_eq(json_array_size(checks_of(run, i)),
                          json_array_size(checks_of(judged, i)));
        json_array_foreach(checks_of(run, i), j, check)
        {
            const json_t *other = json_array_get(checks_of(judged, i), j);
            for (const char *const *member =
                     (const char *const[]){"clause", "charset", "verdict", "got", "expected",
                                           "blocked_by", "deviation", "evidence", NULL};
                 *member != NULL; member++)
                expect_same_member(check, other, *member);
        }
    }
    ck_assert(json_equal(json_object_get(run, "tally"), json_object_get(judged, "tally")));
    ck_assert(
        json_equal(json_object_get(run, "exit_status"), json_object_get(judged, "exit_status")));
}

START_TEST(recorded_calls_get_the_same_verdicts)
{
    char *library = kit_faulty(recorded[_i]);
    char *folder = place_path(&place, "calls");
    char *again = place_path(&place, "again.json");
    char mixed[128];
    char empty[128];
    struct kit kit;
    // STABLE-4 makes more calls than all others together: once is enough.
    const char *excluded = _i == 0 ? "CALLERS-8" : "STABLE-4";
    json_t *run = RUN_RESULT(1 - (strcmp(recorded[_i], "rest_wiped") == 0), "-i", library, "-s",
                             "mixed", "-s", "empty", "--effort", "quick", "--exclude", excluded,
                             "--timeout", "3", "--transcript", folder);
    snprintf(mixed, sizeof mixed, "%s/mixed.jsonl", folder);
    snprintf(empty, sizeof empty, "%s/empty.jsonl", folder);
    allow_no_start();
    kit_run(&kit, &place, "judge", mixed, empty, "--exclude", excluded, "--json", again, NULL);
    allow_start();
    json_t *judged = kit_load_json(again);
    ck_assert_int_eq(kit.status, json_integer_value(json_object_get(run, "exit_status")));
    expect_same_checks(run, judged);
    kit_free(&kit);

    // Judged by part of the contract: the same, as far as it goes.
    kit_run(&kit, &place, "judge", mixed, "-c", "BOUNDS-7", "--strict", NULL);
    kit_expect_status(&kit, strcmp(recorded[_i], "rest_wiped") == 0 ? 1 : kit.status);
    kit_free(&kit);
    json_decref(run);
    json_decref(judged);
    free(again);
    free(folder);
    free(library);
}
END_TEST

// A run of some clauses, judged by all that its calls allow: what the others would need was not
// called, and is no failure. Two scenarios: of one clause only the smallest is called for.
static void expect_part_is_judged(const char *library, int status)
{
    char *folder = place_path(&place, "part");
    char *again = place_path(&place, "again.json");
    char first[128];
    char second[128];
    struct kit kit;
    snprintf(first, sizeof first, "%s/events-sessions.jsonl", folder);
    snprintf(second, sizeof second, "%s/single.jsonl", folder);
    kit_run(&kit, &place, "run", "-i", library, "-s", "events-sessions", "-s", "single", "-c",
            "CHANGE", "-c", "STABLE", "-c", "CHARSET-4", "--transcript", folder, NULL);
    kit_expect_status(&kit, status);
    kit_free(&kit);
    kit_run(&kit, &place, "judge", first, second, "--json", again, NULL);
    kit_expect_status(&kit, status);
    json_t *judged = kit_load_json(again);
    ck_assert_int_eq(tallied(judged, "error"), 0);
    ck_assert_int_eq(tallied(judged, "fail"), status == 0 ? 0 : 2); // EXPORT-1
    json_decref(judged);
    kit_free(&kit);
    ck_assert(unlink(first) == 0 && unlink(second) == 0 && rmdir(folder) == 0);
    free(again);
    free(folder);
}

START_TEST(part_of_the_calls_is_judged_by_what_there_is)
{
    char *one = kit_faulty("only_a");
    char *other = kit_faulty("only_w");
    expect_part_is_judged(TCK_REFERENCE, 0);
    expect_part_is_judged(one, 1);
    expect_part_is_judged(other, 1);
    free(one);
    free(other);
}
END_TEST

// Starts the kit with a pipe as its standard input; the test closes both ends.
static void start_with_input(struct kit *kit, const char *const *arguments, int input[2])
{
    ck_assert_int_eq(pipe2(input, O_CLOEXEC), 0);
    int own = dup(STDIN_FILENO);
    ck_assert_int_ge(dup2(input[0], STDIN_FILENO), 0);
    kit_start_piped(kit, &place, arguments);
    ck_assert_int_ge(own < 0 ? 0 : dup2(own, STDIN_FILENO), 0);
    if (own >= 0)
        close(own);
}

// Each line on the standard input has the next event of the scenario happen.
START_TEST(emulate_has_events_happen)
{
    static const char *const arguments[] = {"emulate", "events-failover", NULL};
    int input[2];
    struct kit kit;
    start_with_input(&kit, arguments, input);
    ck_assert(kit_await(&kit, "Event 1 of 7 with Enter: tgtd \"left\" is killed"));
    ck_assert_ptr_null(strstr(kit.said, "no connection"));
    // Whoever has the same input finds it as it was.
    ck_assert_int_eq(fcntl(input[0], F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_eq(write(input[1], "\n", 1), 1);
    ck_assert(kit_await(&kit, "Event 2 of 7 with Enter: tgtd \"left\" is started again"));
    ck_assert_ptr_nonnull(strstr(kit.said, "TSIH on the wire 0300, no connection"));
    ck_assert_int_eq(write(input[1], "\n\n", 2), 2);
    ck_assert(kit_await(&kit, "Event 4 of 7 with Enter"));
    ck_assert_int_eq(kill(kit.pid, SIGINT), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    close(input[0]);
    close(input[1]);
}
END_TEST

// The line of what the kit said with that number, from 0.
static json_t *load_line(const struct kit *kit, size_t number)
{
    const char *line = kit->said;
    for (size_t i = 0; i < number; i++) {
        line = strchr(line, '\n');
        ck_assert_ptr_nonnull(line);
        line++;
    }
    json_t *object = json_loadb(line, strcspn(line, "\n"), 0, NULL);
    ck_assert_msg(object != NULL, "not an object in one line: %s", line);
    return object;
}

static size_t list_size(const json_t *object, const char *name)
{
    return json_array_size(json_object_get(object, name));
}

static void expect_ready(const struct kit *kit)
{
    json_t *ready = load_line(kit, 0);
    json_t *scenario = json_object_get(ready, "scenario");
    json_t *instance = json_array_get(json_object_get(ready, "instances"), 0);
    json_t *portal = json_array_get(json_object_get(instance, "portals"), 0);
    json_t *session = json_array_get(json_object_get(ready, "sessions"), 0);
    ck_assert_str_eq(text_of(ready, "type"), "ready");
    ck_assert_str_eq(text_of(scenario, "name"), "events-failover");
    ck_assert_int_eq(access(text_of(ready, "session_table"), R_OK), 0);
    ck_assert_uint_eq(list_size(ready, "instances"), 2);
    ck_assert_uint_eq(list_size(ready, "events"), 7);
    ck_assert_uint_gt(list_size(ready, "targets"), 0);
    ck_assert_str_eq(text_of(portal, "address"), "127.0.0.1");
    ck_assert_int_gt(json_integer_value(json_object_get(portal, "port")), 0);
    ck_assert_ptr_nonnull(
        strstr(text_of(instance, "management_command"), text_of(instance, "management_socket")));
    ck_assert_uint_gt(list_size(session, "connections"), 0);
    json_decref(ready);
}

// For programs: a line when all is up, one after each event, and one at the end.
START_TEST(emulate_tells_programs)
{
    static const char *const arguments[] = {"emulate", "--json", "events-failover", NULL};
    int input[2];
    struct kit kit;
    start_with_input(&kit, arguments, input);
    ck_assert(kit_await(&kit, "\n"));
    expect_ready(&kit);
    ck_assert_int_eq(write(input[1], "\n", 1), 1);
    ck_assert(kit_await(&kit, "\n{\"type\":\"event\",\"number\":1,"));
    ck_assert_int_eq(kill(kit.pid, SIGINT), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 0);
    json_t *event = load_line(&kit, 1);
    json_t *session = json_array_get(json_object_get(event, "sessions"), 0);
    ck_assert_str_eq(text_of(event, "sentence"), "tgtd \"left\" is killed");
    ck_assert_uint_eq(list_size(session, "connections"), 0);
    json_t *last = load_line(&kit, 2);
    ck_assert_str_eq(text_of(last, "type"), "ending");
    json_decref(event);
    json_decref(last);
    kit_free(&kit);
    close(input[0]);
    close(input[1]);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("command");
    TCase *tests = tcase_create("command");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, each_command_explains_itself, 0,
                        (int)(sizeof commands / sizeof commands[0]));
    tcase_add_loop_test(tests, help_and_version_are_words_too, 0, 4);
    tcase_add_loop_test(tests, mistakes_are_told_and_start_nothing, 0, MISTAKE_COUNT);
    tcase_add_test(tests, malformed_scenarios_are_told_with_line_and_column);
    tcase_add_test(tests, every_clause_is_listed_and_explained);
    tcase_add_test(tests, every_scenario_is_listed);
    tcase_add_test(tests, the_reference_holds_without_a_word);
    tcase_add_test(tests, clauses_and_groups_are_selected);
    tcase_add_test(tests, clauses_and_scenarios_are_left_out);
    tcase_add_test(tests, the_verdict_says_what_was_left_out);
    tcase_add_loop_test(tests, variables_of_check_select_nothing, 0, SELECTION_COUNT);
    tcase_add_test(tests, check_writes_its_own_reports);
    tcase_add_test(tests, a_blocked_skip_is_proved);
    tcase_add_loop_test(tests, recorded_calls_get_the_same_verdicts, 0, RECORDED_COUNT);
    tcase_add_test(tests, part_of_the_calls_is_judged_by_what_there_is);
    tcase_add_test(tests, emulate_has_events_happen);
    tcase_add_test(tests, emulate_tells_programs);
    suite_add_tcase(suite, tests);
    return suite;
}
