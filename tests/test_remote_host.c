// SPDX-License-Identifier: Apache-2.0
// Whole runs with the implementation behind a listener: the same verdicts as by pipe, for the
// reference and for implementations that crash, hang, exit, write too far and count wrong. And what
// the command line says where --host can't work.
#include "tests/listening.h"
#include "tests/main.h"
#include "tests/place.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const libraries[] = {
    NULL, // the reference
    "crashes",
    "loops",
    "exits",
    "byte_after_success",
    "count_is_one_too_many",
    "prints",
    "kills_process",
    "closes_all_descriptors",
    "ends_thread",
};
enum {
    LIBRARIES = sizeof libraries / sizeof *libraries,
    EVERYWHERE = 6, // of them are also tried on the other platforms
};

static struct listening listening;

static void set_up(void)
{
    place_set_up();
    supervised_open();
}

static void tear_down(void)
{
    listening_stop(&listening);
    supervised_close();
    place_tear_down();
}

static char *library_path(enum listening_kind kind, const char *name)
{
    char *path = NULL;
    const char *folder = TCK_WINDOWS_FOLDER "/x86_64/lib/";
    if (kind == LISTENING_UNIX && name != NULL)
        return kit_faulty(name);
    if (kind == LISTENING_UNIX)
        return strdup(TCK_REFERENCE);
    if (kind == LISTENING_WINDOWS_32)
        folder = TCK_WINDOWS_FOLDER "/i686/lib/";
    else if (kind == LISTENING_UNIX_32)
        folder = TCK_I386_FOLDER "/lib/lib";
    ck_assert_int_gt(asprintf(&path, "%s%s%s.%s", folder,
                              name == NULL ? "iscsidsc-reference" : "faulty-",
                              name == NULL ? "" : name, listening_is_windows(kind) ? "dll" : "so"),
                     0);
    return path;
}

// Runs the kit with `option` `value`; the result, and the exit status in *status.
static json_t *run(const char *option, const char *value, int *status)
{
    static const char *const always[] = {
        "run",    "-s", "single",   "--effort", "quick", "--timeout", "2",         "-c",
        "STATUS", "-c", "BOUNDS-1", "-c",       "COUNT", "-c",        "CONTENT-1",
    };
    enum { ALWAYS = sizeof always / sizeof *always };
    struct kit kit;
    char *json = place_path(&place, "result.json");
    bool remote = strcmp(option, "--host") == 0;
    const char *arguments[ALWAYS + 8] = {NULL};
    memcpy(arguments, always, sizeof always);
    const char *const own[] = {
        "--json", json, option, value, remote ? "--token-file" : NULL, listening.token_file,
    };
    memcpy(arguments + ALWAYS, own, sizeof own);
    kit_start(&kit, &place, arguments);
    kit_wait(&kit);
    *status = kit.status;
    ck_assert_msg(kit.status == 0 || kit.status == 1, "status %d:\n%s\n%s", kit.status, kit.said,
                  kit.complained);
    json_t *result = kit_load_json(json);
    kit_free(&kit);
    free(json);
    return result;
}

// A fault there has its module, but no line: the module's file is not known to be here.
static void expect_no_lines(const json_t *result, bool crashes)
{
    char *text = json_dumps(result, JSON_COMPACT);
    ck_assert_ptr_nonnull(text);
    ck_assert(!crashes || strstr(text, "\"fault_module\"") != NULL);
    ck_assert_ptr_null(strstr(text, "\"fault_file\""));
    free(text);
}

static void expect_same(enum listening_kind kind, const char *name)
{
    int status[2];
    char *library = library_path(kind, name);
    ck_assert_msg(access(library, R_OK) == 0, "%s is not built", library);
    json_t *by_pipe = run("-i", library, &status[0]);
    listening_start(&listening, kind, library);
    json_t *by_listener = run("--host", listening.address, &status[1]);
    char *verdicts[] = {kit_list_verdicts(by_pipe), kit_list_verdicts(by_listener)};
    ck_assert_int_eq(status[0], status[1]);
    ck_assert_str_eq(verdicts[0], verdicts[1]);
    expect_no_lines(by_listener, name != NULL && strcmp(name, "crashes") == 0);
    const char *shown = json_string_value(json_object_get(by_listener, "implementation"));
    const char *file = strrchr(library, '/') + 1;
    ck_assert_msg(shown != NULL && strstr(shown, file) != NULL, "the implementation is shown as %s",
                  shown);
    free(verdicts[0]);
    free(verdicts[1]);
    json_decref(by_pipe);
    json_decref(by_listener);
    free(library);
}

START_TEST(same_verdicts)
{
    expect_same(LISTENING_UNIX, libraries[_i]);
}
END_TEST

START_TEST(same_verdicts_on_other_platforms)
{
    enum listening_kind kind = (enum listening_kind)(LISTENING_UNIX + 1 + _i / EVERYWHERE);
    if (listening_can(kind))
        expect_same(kind, libraries[_i % EVERYWHERE]);
}
END_TEST

// --- the command line

static void expect_words(const struct kit *kit, int status, const char *words)
{
    kit_expect_status(kit, status);
    kit_expect_complained(kit, words);
    ck_assert_ptr_null(strstr(kit->said, "single")); // before a scenario was brought up
}

// An initiator on the listener's machine: the implementation there logs in by its own functions,
// while another host makes the calls.
START_TEST(logins_behind_a_listener)
{
    struct kit kit;
    char *folder = place_path(&place, "initiator");
    char *table = place_path(&place, "initiator/table");
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    FILE *file = fopen(table, "w");
    ck_assert_ptr_nonnull(file);
    fputs("iscsidsc-session-table\t1\t0\nend\t0\n", file);
    ck_assert_int_eq(fclose(file), 0);
    setenv("LOGS_IN_FOLDER", folder, 1);
    setenv("ISCSIDSC_SESSION_TABLE", table, 1);
    listening_start(&listening, LISTENING_UNIX, TCK_LOGS_IN);
    unsetenv("LOGS_IN_FOLDER");
    unsetenv("ISCSIDSC_SESSION_TABLE");
    kit_run(&kit, &place, "run", "--host", listening.address, "--token-file", listening.token_file,
            "--login", "api", "-s", "single", "-s", "luns", "-c", "COUNT", "-c", "CHANGE", "-c",
            "STABLE-2", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "ok   luns");
    kit_free(&kit);
    // Nobody but the listener is left: the sessions were logged out.
    listening_await_processes(&listening, 1);
    free(folder);
    free(table);
}
END_TEST

START_TEST(nobody_listens)
{
    struct kit kit;
    listening_start(&listening, LISTENING_UNIX, TCK_REFERENCE);
    listening_end(&listening, 15);
    kit_run(&kit, &place, "run", "--host", listening.address, "--token-file", listening.token_file,
            "-s", "single", NULL);
    expect_words(&kit, 3, "no listener can be reached there: Connection refused");
    kit_free(&kit);
}
END_TEST

START_TEST(another_token)
{
    struct kit kit;
    char *token = place_path(&place, "token");
    FILE *file = fopen(token, "we");
    ck_assert_ptr_nonnull(file);
    fputs("0123456789abcdef\n", file);
    fclose(file);
    listening_start(&listening, LISTENING_UNIX, TCK_REFERENCE);
    kit_run(&kit, &place, "run", "--host", listening.address, "--token-file", token, "-s", "single",
            NULL);
    expect_words(&kit, 3, "the listener has another token");
    kit_free(&kit);
    free(token);
}
END_TEST

START_TEST(a_library_that_can_not_be_loaded)
{
    struct kit kit;
    listening_start(&listening, LISTENING_UNIX, TCK_PROGRAM); // a program
    kit_run(&kit, &place, "run", "--host", listening.address, "--token-file", listening.token_file,
            "-s", "single", NULL);
    expect_words(&kit, 3, "can't be loaded");
    kit_free(&kit);
}
END_TEST

static const struct {
    const char *arguments[10];
    const char *words;
} wrong[] = {
    {{"run", "--host", "tcp://127.0.0.1:1"}, "give also --token-file"},
    {{"run", "--token-file", "/dev/null"}, "it is for --host"},
    {{"run", "--host", "127.0.0.1:1", "--token-file", "/dev/null"}, "give tcp://ADDRESS:PORT"},
    {{"run", "--host", "tcp://127.0.0.1:65536", "--token-file", "/dev/null"}, "give tcp://"},
    {{"run", "--host", "tcp://127.0.0.1:1", "--token-file", "/dev/null"}, "no token"},
    {{"run", "--host", "tcp://127.0.0.1:1", "--token-file", "/no/such"}, "No such file"},
    {{"run", "--host", "tcp://127.0.0.1:1", "--token-file", "/dev/null", "-j", "2"}, "--jobs 2"},
    {{"run", "--host", "tcp://127.0.0.1:1", "--token-file", "/dev/null", "-i", TCK_REFERENCE},
     "give one of the two"},
};

START_TEST(wrong_command_lines)
{
    struct kit kit;
    kit_start(&kit, &place, wrong[_i].arguments);
    kit_wait(&kit);
    expect_words(&kit, 2, wrong[_i].words);
    kit_free(&kit);
}
END_TEST

// What the listener itself refuses, and its help.
static const struct {
    const char *arguments;
    int status;
    const char *words;
} listeners[] = {
    {"--help", 0, "--allow-remote"},
    {"--listen 127.0.0.1:0", 112, "--token-file FILE is missing"},
    {"--listen", 112, "needs a value"},
    {"--nonsense", 112, "there is no such option"},
    {"--listen 0.0.0.0:0 --token-file good " TCK_REFERENCE, 112, "--allow-remote"},
    {"--listen [::]:0 --token-file good " TCK_REFERENCE, 112, "--allow-remote"},
    {"--listen localhost:0 --token-file good " TCK_REFERENCE, 112, "in digits"},
    {"--listen 127.0.0.1 --token-file good " TCK_REFERENCE, 112, "in digits"},
    {"--listen 127.0.0.1:99999 --token-file good " TCK_REFERENCE, 112, "in digits"},
    {"--listen 127.0.0.1:0 --token-file short " TCK_REFERENCE, 112, "16 to 256 characters"},
    {"--listen 127.0.0.1:0 --token-file open " TCK_REFERENCE, 112, "others can read"},
    {"--listen 127.0.0.1:0 --token-file missing " TCK_REFERENCE, 112, "No such file"},
    {"--listen 127.0.0.1:0 --token-file good no-such-library", 112, "there is no such file"},
    {"--listen 127.0.0.1:0 --token-file good one two", 112, "one library only"},
    {"--listen 203.0.113.1:0 --allow-remote --token-file good " TCK_REFERENCE, 112,
     "can't be listened on"},
};

START_TEST(what_a_listener_refuses)
{
    char *command = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&command,
                              "cd %s; umask 077; echo 0123456789abcdef >good; cp good open; chmod "
                              "644 open; echo short >short; exec 2>&1; " TCK_HOST_PROGRAM " %s",
                              place.folder, listeners[_i].arguments),
                     0);
    char *said = kit_shell(command, &status);
    ck_assert_msg(status == listeners[_i].status, "status %d: %s", status, said);
    ck_assert_msg(strstr(said, listeners[_i].words) != NULL, "%s", said);
    free(said);
    free(command);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("remote_host");
    TCase *tests = tcase_create("remote_host");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, same_verdicts, 0, LIBRARIES);
    tcase_add_loop_test(tests, same_verdicts_on_other_platforms, 0,
                        (LISTENING_KINDS - 1) * EVERYWHERE);
    tcase_add_test(tests, logins_behind_a_listener);
    tcase_add_test(tests, nobody_listens);
    tcase_add_test(tests, another_token);
    tcase_add_test(tests, a_library_that_can_not_be_loaded);
    tcase_add_loop_test(tests, wrong_command_lines, 0, sizeof wrong / sizeof *wrong);
    tcase_add_loop_test(tests, what_a_listener_refuses, 0, sizeof listeners / sizeof *listeners);
    suite_add_tcase(suite, tests);
    return suite;
}
