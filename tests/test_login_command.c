// SPDX-License-Identifier: Apache-2.0
// Tests of --login command, with tests/login_tool.c as the initiator that isn't the kit's: the
// standard set, faulty implementations, facts that nobody tells, and tools that
// fail, hang, lie or are interrupted.
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ARGUMENTS_MAX = 40,
    TEMPLATE_MAX = 2048,
    CASE_TIMEOUT_S = 1200,
};

// ---- the kit and the tool

// A place, the tool's folder in it, and the templates for it.
struct scene {
    struct place place;
    char *folder;
    char login[TEMPLATE_MAX];
    char logout[TEMPLATE_MAX];
    char list[TEMPLATE_MAX];
    const char *arguments[ARGUMENTS_MAX];
    size_t count;
};

static void add(struct scene *scene, const char *argument)
{
    ck_assert_uint_lt(scene->count, ARGUMENTS_MAX - 1);
    scene->arguments[scene->count++] = argument;
}

static void open_scene(struct scene *scene, const char *command)
{
    *scene = (struct scene){0};
    place_open(&scene->place);
    scene->folder = place_path(&scene->place, "tool");
    char *table = place_path(&scene->place, "tool/table");
    ck_assert_int_eq(mkdir(scene->folder, 0700), 0);
    // The implementation's own configuration: the kit hands it on as it is.
    ck_assert_int_eq(setenv("ISCSIDSC_SESSION_TABLE", table, 1), 0);
    free(table);
    snprintf(scene->login, sizeof scene->login,
             "%s --folder %s login --session {session} --portal {portal} --target {target} "
             "--initiator {initiator} --isid {isid} --user {user} --password {password} "
             "--mutual-user {mutual-user} --mutual-password {mutual-password}",
             TCK_LOGIN_TOOL, scene->folder);
    snprintf(scene->logout, sizeof scene->logout, "%s --folder %s logout --session {session}",
             TCK_LOGIN_TOOL, scene->folder);
    snprintf(scene->list, sizeof scene->list, "%s --folder %s list", TCK_LOGIN_TOOL, scene->folder);
    add(scene, command);
    add(scene, "--login");
    add(scene, "command");
}

static void append(char text[static TEMPLATE_MAX], const char *more)
{
    snprintf(text + strlen(text), TEMPLATE_MAX - strlen(text), " %s", more);
}

// The tool's sessions, by its own table: none may be left.
static void expect_logged_out(const struct scene *scene)
{
    int status = 0;
    char command[TEMPLATE_MAX];
    snprintf(command, sizeof command, "grep -c '^session' %s/table", scene->folder);
    char *said = kit_shell(command, &status);
    ck_assert_str_eq(said, "0\n");
    free(said);
}

static void close_scene(struct scene *scene)
{
    free(scene->folder);
    place_close(&scene->place);
}

static void add_commands(struct scene *scene)
{
    add(scene, "--login-command");
    add(scene, scene->login);
    add(scene, "--logout-command");
    add(scene, scene->logout);
    if (scene->list[0] == '\0')
        return;
    add(scene, "--list-command");
    add(scene, scene->list);
}

// Adds the commands and what follows, up to a NULL, and runs the kit.
__attribute__((sentinel)) static void run(struct scene *scene, struct kit *kit, ...)
{
    va_list list;
    add_commands(scene);
    va_start(list, kit);
    for (const char *each; (each = va_arg(list, const char *)) != NULL;)
        add(scene, each);
    va_end(list);
    kit_start(kit, &scene->place, scene->arguments);
    kit_wait(kit);
}

// ---- what is judged

// Every check of the scenario was skipped, for a reason of this way of logging in.
static bool is_skipped(const json_t *scenario)
{
    size_t index = 0;
    const json_t *check = NULL;
    size_t skips = 0;
    json_array_foreach(json_object_get(scenario, "checks"), index, check)
    {
        const char *verdict = json_string_value(json_object_get(check, "verdict"));
        const char *got = json_string_value(json_object_get(check, "got"));
        ck_assert_msg(strcmp(verdict, "pass") == 0 || strcmp(verdict, "note") == 0 ||
                          strcmp(verdict, "skip") == 0,
                      "%s: %s", verdict, got);
        if (strcmp(verdict, "skip") != 0)
            continue;
        ck_assert_msg(strstr(got, "login by command: ") == got, "%s", got);
        skips++;
    }
    return skips == json_array_size(json_object_get(scenario, "checks"));
}

// A third of the standard set at a time, so that none takes as long as what hangs.
START_TEST(the_standard_set_is_green)
{
    struct scene scene;
    struct kit kit;
    char shard[16];
    size_t tried = 0;
    open_scene(&scene, "run");
    snprintf(shard, sizeof shard, "%d/3", _i + 1);
    char *path = place_path(&scene.place, "result.json");
    run(&scene, &kit, "--login-can", "recovery,redirects", "--effort", "quick", "--shard", shard,
        "--json", path, NULL);
    kit_expect_status(&kit, 0);
    json_t *result = kit_load_json(path);
    json_t *login = json_object_get(result, "login");
    ck_assert_str_eq(json_string_value(json_object_get(login, "way")), "command");
    ck_assert_str_eq(json_string_value(json_object_get(login, "login_command")), scene.login);
    json_t *scenarios = json_object_get(result, "scenarios");
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        tried += !is_skipped(json_array_get(scenarios, i));
    ck_assert_uint_ge(tried, 4);
    json_decref(result);
    expect_logged_out(&scene);
    kit_free(&kit);
    free(path);
    close_scene(&scene);
}
END_TEST

struct caught {
    const char *fault;
    const char *clause;
};

static const struct caught caught[] = {
    {"count_is_one_too_many", "COUNT-1"},        {"initiator_name_cut", "CONTENT-2"},
    {"cache_kept_when_smaller", "CHANGE-2"},     {"tsid_is_own_number", "CONTENT-5"},
    {"terminator_after_exact_size", "BOUNDS-1"}, {"tsid_remembered_by_isid", "CHANGE-5"},
};

START_TEST(a_faulty_implementation_is_caught)
{
    struct scene scene;
    struct kit kit;
    char *library = kit_faulty(caught[_i].fault);
    open_scene(&scene, "run");
    run(&scene, &kit, "--login-can", "recovery", "-s", "several-initiators", "-i", library, "-c",
        caught[_i].clause, "--color", "never", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, caught[_i].clause);
    expect_logged_out(&scene);
    kit_free(&kit);
    free(library);
    close_scene(&scene);
}
END_TEST

// "CLAUSE charset verdict" of each check, a line each.
static char *verdicts(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    size_t index = 0;
    const json_t *check = NULL;
    json_t *result = kit_load_json(path);
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_array_foreach(json_object_get(scenario, "checks"), index, check)
    {
        fprintf(stream, "%s %s %s: %s\n", json_string_value(json_object_get(check, "clause")),
                json_string_value(json_object_get(check, "charset")),
                json_string_value(json_object_get(check, "verdict")),
                json_string_value(json_object_get(check, "got")));
    }
    fclose(stream);
    json_decref(result);
    return text;
}

static void expect_line(const char *text, const char *line)
{
    ck_assert_msg(strstr(text, line) != NULL, "\"%s\" is not in:\n%s", line, text);
}

// What nobody tells is not judged; judging again says the same.
static void expect_unknown(struct scene *scene, const char *ports)
{
    struct kit kit;
    struct kit again;
    char *path = place_path(&scene->place, "result.json");
    char *judged = place_path(&scene->place, "judged.json");
    char *calls = place_path(&scene->place, "calls");
    char *transcript = place_path(&scene->place, "calls/several-portals.jsonl");
    run(scene, &kit, "--effort", "quick", "-s", "several-portals", "--json", path, "--transcript",
        calls, NULL);
    kit_expect_status(&kit, 0);
    char *said = verdicts(path);
    expect_line(said, "CONTENT-1 A pass");
    expect_line(said, "CONTENT-2 W pass");
    expect_line(said, "CONTENT-3 A pass");
    expect_line(said, "CONTENT-4 W skip");
    expect_line(said, "CONTENT-5 A pass");
    expect_line(said, ports);
    expect_line(said, "SIZE-6 A skip");
    expect_line(said, "SIZE-8 A skip");
    expect_line(said, "CHANGE-3 A pass");
    expect_line(said, "CHANGE-5 A skip");
    expect_line(said, "FAULT-1 A skip");
    kit_run(&again, &scene->place, "judge", transcript, "--json", judged, NULL);
    kit_expect_status(&again, 0);
    char *said_again = verdicts(judged);
    ck_assert_str_eq(said, said_again);
    free(said_again);
    free(said);
    kit_free(&again);
    kit_free(&kit);
    free(transcript);
    free(calls);
    free(judged);
    free(path);
}

START_TEST(what_the_list_does_not_tell_is_not_judged)
{
    struct scene scene;
    open_scene(&scene, "run");
    append(scene.list, "--terse");
    expect_unknown(&scene, "CONTENT-7 A skip");
    expect_logged_out(&scene);
    close_scene(&scene);
}
END_TEST

START_TEST(there_need_not_be_a_list)
{
    struct scene scene;
    open_scene(&scene, "run");
    // Someone has to make the tool's table before its implementation is asked.
    int status = 0;
    free(kit_shell(scene.list, &status));
    ck_assert_int_eq(status, 0);
    scene.list[0] = '\0';
    expect_unknown(&scene, "CONTENT-7 A skip: login by command: neither the target's side nor the "
                           "list command tells of every session: initiator port, target address, "
                           "target port");
    expect_logged_out(&scene);
    close_scene(&scene);
}
END_TEST

// ---- tools that are no good

struct bad_tool {
    const char *login; // what is added to the templates
    const char *logout;
    const char *list;
    const char *words; // that are complained of
    const char *more;
};

static const struct bad_tool bad_tools[] = {
    {"--fault fail", "", "", "login_tool: no such target, try another",
     "the login command exited with status 1"},
    {"--fault hang", "", "", "the login command did not end within 2 seconds", ""},
    {"", "--fault stay", "", "the logout command ended with status 0", "target's side: TSIH"},
    {"", "", "--fault other-tsid", "the list command and the target's side do not agree",
     "list command: line"},
    {"", "", "--fault extra", "only the list has it", "iqn.2024-01.test:of-another"},
};

START_TEST(a_bad_tool_is_not_trusted)
{
    struct scene scene;
    struct kit kit;
    const struct bad_tool *bad = &bad_tools[_i];
    open_scene(&scene, "run");
    append(scene.login, bad->login);
    append(scene.logout, bad->logout);
    append(scene.list, bad->list);
    run(&scene, &kit, "--login-timeout", "2", "-s", "eui-names", "-c", "CONTENT", NULL);
    kit_expect_status(&kit, 3);
    char *all = NULL;
    ck_assert_int_gt(asprintf(&all, "%s%s", kit.said, kit.complained), 0);
    expect_line(all, bad->words);
    expect_line(all, bad->more);
    free(all);
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

START_TEST(a_tool_that_is_killed_is_not_trusted)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "run");
    snprintf(scene.login, sizeof scene.login, "sh -c 'kill -9 $$'");
    run(&scene, &kit, "-s", "single", "-c", "SIZE", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "was killed by SIGKILL");
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

// A tool that asks for another program than there is.
START_TEST(a_tool_that_is_not_there_is_not_trusted)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "run");
    snprintf(scene.login, sizeof scene.login, "/nonexistent/tool {target}");
    run(&scene, &kit, "-s", "single", "-c", "SIZE", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "/nonexistent/tool");
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

// Logs in through the tool, but for the third session, for which `otherwise` is done.
static void fail_third(struct scene *scene, const char *otherwise)
{
    char *template = NULL;
    int length = asprintf(&template, "sh -c 'test $0 -lt 3 || {{ %s; }}; exec \"$@\"' {session} %s",
                          otherwise, scene->login);
    ck_assert(length > 0 && length < TEMPLATE_MAX);
    memcpy(scene->login, template, (size_t)length + 1);
    free(template);
}

START_TEST(after_an_error_all_is_logged_out)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "run");
    fail_third(&scene, "echo no more of this >&2; exit 1");
    run(&scene, &kit, "-s", "eui-names", "-c", "SIZE", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "no more of this");
    expect_logged_out(&scene);
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

START_TEST(interrupted_in_a_login_all_is_logged_out)
{
    struct scene scene;
    struct kit kit;
    char otherwise[TEMPLATE_MAX];
    open_scene(&scene, "run");
    char *fifo = place_path(&scene.place, "up");
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    int up = open(fifo, O_RDWR | O_CLOEXEC); // for writing too, so that it never ends
    ck_assert_int_ge(up, 0);
    snprintf(otherwise, sizeof otherwise, "echo up > %s; exec sleep 1000", fifo);
    fail_third(&scene, otherwise);
    add_commands(&scene);
    add(&scene, "-s");
    add(&scene, "eui-names");
    kit_start(&kit, &scene.place, scene.arguments);
    // Written to by the third login; or the kit has ended before.
    struct pollfd watched[2] = {{.fd = up, .events = POLLIN}, {.fd = kit.ended, .events = POLLIN}};
    ck_assert_int_gt(poll(watched, 2, -1), 0);
    ck_assert_msg(watched[0].revents & POLLIN, "the third login was never tried");
    close(up);
    ck_assert_int_eq(kill(kit.pid, SIGINT), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 128 + SIGINT);
    place_expect_nothing_left(&scene.place);
    expect_logged_out(&scene);
    kit_free(&kit);
    free(fifo);
    close_scene(&scene);
}
END_TEST

START_TEST(a_session_from_before_is_seen)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "run");
    snprintf(scene.list, sizeof scene.list,
             "printf 'session\\t-\\t-\\t-\\tiqn.2024-01.test:mine\\t-\\t-\\t-\\t-\\n'");
    run(&scene, &kit, "-s", "single", "-c", "SIZE", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "one that was there before the run must be logged out");
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

// ---- emulate, and the command line

START_TEST(emulate_logs_in_by_command)
{
    struct scene scene;
    struct kit kit;
    int status = 0;
    char command[TEMPLATE_MAX];
    open_scene(&scene, "emulate");
    add_commands(&scene);
    add(&scene, "eui-names");
    kit_start_piped(&kit, &scene.place, scene.arguments);
    ck_assert(kit_await(&kit, "Up."));
    snprintf(command, sizeof command, "grep -c '^session' %s/table", scene.folder);
    char *count = kit_shell(command, &status);
    ck_assert_str_eq(count, "4\n");
    free(count);
    ck_assert_int_eq(kill(kit.pid, SIGINT), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 0);
    expect_logged_out(&scene);
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

START_TEST(emulate_says_what_does_not_suit)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "emulate");
    run(&scene, &kit, "connections-4", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "has no {connections}");
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

struct wrong_line {
    const char *arguments[8];
    const char *words;
};

static const struct wrong_line wrong_lines[] = {
    {{"run", "--login", "command"}, "--login-command: missing"},
    {{"run", "--login", "command", "--login-command", "x {tagret}", "--logout-command", "y"},
     "did you mean \"target\""},
    {{"run", "--login-command", "x"}, "only with --login command"},
    {{"run", "--login", "cable"}, "give table, command or api"},
    {{"run", "--login=command", "--login-command=x", "--logout-command=y", "-j", "2"},
     "leave --jobs out"},
    {{"run", "--login=command", "--login-command=x", "--logout-command=y", "--login-timeout=0"},
     "give seconds"},
    {{"run", "--login=command", "--login-command=x", "--logout-command=y", "-s", "chap"},
     "has no {user} and {password}"},
    {{"emulate", "single", "--login", "api"}, "only with run"},
};

START_TEST(a_wrong_command_line_is_refused)
{
    struct place place;
    struct kit kit;
    place_open(&place);
    kit_start(&kit, &place, wrong_lines[_i].arguments);
    kit_wait(&kit);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, wrong_lines[_i].words);
    kit_free(&kit);
    place_close(&place);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, CASE_TIMEOUT_S);
    suite_add_tcase(suite, tests);
    return tests;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("login_command");
    TCase *tests = add_case(suite, "command line");
    tcase_add_loop_test(tests, a_wrong_command_line_is_refused, 0,
                        (int)(sizeof wrong_lines / sizeof wrong_lines[0]));
    tcase_add_test(tests, emulate_logs_in_by_command);
    tcase_add_test(tests, emulate_says_what_does_not_suit);
    tests = add_case(suite, "bad tools");
    tcase_add_loop_test(tests, a_bad_tool_is_not_trusted, 0,
                        (int)(sizeof bad_tools / sizeof bad_tools[0]));
    tcase_add_test(tests, a_tool_that_is_killed_is_not_trusted);
    tcase_add_test(tests, a_tool_that_is_not_there_is_not_trusted);
    tcase_add_test(tests, after_an_error_all_is_logged_out);
    tcase_add_test(tests, interrupted_in_a_login_all_is_logged_out);
    tcase_add_test(tests, a_session_from_before_is_seen);
    tests = add_case(suite, "judging");
    tcase_add_test(tests, what_the_list_does_not_tell_is_not_judged);
    tcase_add_test(tests, there_need_not_be_a_list);
    tcase_add_loop_test(tests, a_faulty_implementation_is_caught, 0,
                        (int)(sizeof caught / sizeof caught[0]));
    tests = add_case(suite, "standard set");
    // One third stands for all in a run of all tests.
    tcase_add_loop_test(tests, the_standard_set_is_green, 0, getenv("TCK_WHOLE_SET") ? 3 : 1);
    return suite;
}
