// SPDX-License-Identifier: Apache-2.0
// Options of `run` that answer the same question, one on the command line and one in the
// configuration file; and a repeated run that is interrupted.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 5 };

static const char by_command[] = "login: command\n"
                                 "login-command: log in {target} {portal}\n"
                                 "logout-command: log out {target}\n"
                                 "list-command: list\n"
                                 "login-timeout: 9\n"
                                 "listen: 127.0.0.1\n";

// What is given displaces what the file has. `said` is an option in force, `unsaid` one that is
// not.
static const struct rival {
    const char *file;
    const char *words[WORDS_MAX];
    const char *said;
    const char *unsaid;
} rivals[] = {
    {by_command, {"--login", "table"}, "--login table  (command line)", "9"},
    {by_command, {"--login=table"}, "--login table  (command line)", "--login-command"},
    {by_command, {"--login=table"}, "--login table  (command line)", "--logout-command"},
    {by_command, {"--login=table"}, "--login table  (command line)", "--list-command"},
    {by_command, {"--login=table"}, "--login table  (command line)", "--listen"},
    {by_command, {"--login=command", "--login=table"}, "--login table  (command line)", "--listen"},
    {by_command, {"--login", "api"}, "--login-timeout 9", "-command"},
    {by_command, {"--login", "api"}, "--listen 127.0.0.1", "-command"},
    {by_command, {"--login", "command"}, "--login-command log in {target}", "--login table"},
    {by_command, {"--offline"}, "--offline  (command line)", "-command"},
    {by_command, {"--offline"}, "--offline  (command line)", "--listen"},
    {by_command, {"--offline"}, "--offline  (command line)", "--login-timeout"},
    {"offline: true\n", {"--login", "table"}, "--login table  (command line)", "--offline"},
    {"offline: true\n", {"--login", "api"}, "--login api  (command line)", "--offline"},
    {"jobs: 2\n", {"--login", "api"}, "--login api  (command line)", "--jobs"},
    {"repeat: 2\n", {"--watch"}, "--watch  (command line)", "--repeat"},
    {"until-fail: true\n", {"--watch"}, "--watch  (command line)", "--until-fail"},
    {"verbose: true\n", {"--quiet"}, "--quiet  (command line)", "--verbose"},
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(the_file_gives_way)
{
    const struct rival *rival = &rivals[_i];
    char *path = place_path(&place, "options.yaml");
    const char *arguments[WORDS_MAX + 8] = {"run", "--dry-run", "--config", path, "-s", "single"};
    struct kit kit;
    write_file(path, rival->file);
    for (size_t i = 0; i < WORDS_MAX && rival->words[i] != NULL; i++)
        arguments[6 + i] = rival->words[i];
    kit_start(&kit, &place, arguments);
    kit_wait(&kit);
    kit_expect_status(&kit, 0);
    const char *options = strstr(kit.said, "\noptions");
    ck_assert_ptr_nonnull(options);
    ck_assert_msg(strstr(options, rival->said) != NULL, "no \"%s\" in:%s", rival->said, options);
    ck_assert_msg(strstr(options, rival->unsaid) == NULL, "\"%s\" is in:%s", rival->unsaid,
                  options);
    kit_free(&kit);
    free(path);
}
END_TEST

// "0 runs" would say that none was begun.
START_TEST(an_interrupted_run_is_told)
{
    struct kit kit;
    kit_start_piped(
        &kit, &place,
        (const char *const[]){"run", "--no-config", "-s", "sessions-64", "--repeat", "2", NULL});
    ck_assert(kit_await(&kit, "1 scenario, "));
    ck_assert_int_eq(kill(kit.pid, SIGINT), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 128 + SIGINT);
    kit_expect_said(&kit, "\nNo run came to its end: the first was interrupted\n");
    ck_assert_ptr_null(strstr(kit.said, "0 runs"));
    kit_free(&kit);
    // The second.
    kit_start_piped(
        &kit, &place,
        (const char *const[]){"run", "--no-config", "-s", "single", "--until-fail", NULL});
    ck_assert(kit_await(&kit, "\nRun 2:\n"));
    usleep(700000); // it watches for signals by now, and takes seconds
    ck_assert_int_eq(kill(kit.pid, SIGINT), 0);
    kit_wait(&kit);
    kit_expect_said(&kit, "\n1 run: 1 held, 0 broken; one more was interrupted\n");
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("run_options");
    TCase *tests = tcase_create("run_options");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, the_file_gives_way, 0, (int)(sizeof rivals / sizeof rivals[0]));
    tcase_add_test(tests, an_interrupted_run_is_told);
    suite_add_tcase(suite, tests);
    return suite;
}
