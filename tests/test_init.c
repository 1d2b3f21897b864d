// SPDX-License-Identifier: Apache-2.0
// The command `init`: what it writes fails in exactly three clauses in each language, it refuses a
// folder that has anything, and writes all or nothing.
#include "tests/kit.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What a command line says, both ways, malloc'ed; fails unless it ends with `status`. It runs in
// a folder of its own, with the built kit in PATH.
__attribute__((format(printf, 2, 3))) static char *shell(int status, const char *format, ...)
{
    char *command = NULL;
    char *whole = NULL;
    int got = -1;
    va_list list;
    va_start(list, format);
    ck_assert_int_gt(vasprintf(&command, format, list), 0);
    va_end(list);
    ck_assert_int_gt(asprintf(&whole,
                              "export TMPDIR='%s' PATH='%s/bin':$PATH; mkdir -p '%s/work' && "
                              "cd '%s/work' && { %s ; } </dev/null 2>&1",
                              place.temporary, TCK_BUILD_FOLDER, place.folder, place.folder,
                              command),
                     0);
    char *said = kit_shell(whole, &got);
    ck_assert_msg(got == status, "exit status %d, expected %d, of: %s\n%s", got, status, command,
                  said);
    free(whole);
    free(command);
    return said;
}

static void expect_in(const char *said, const char *text)
{
    ck_assert_msg(strstr(said, text) != NULL, "\"%s\" is not in:\n%s", text, said);
}

static void expect_nothing_left(void)
{
    char *said = shell(0, "ls -A");
    ck_assert_str_eq(said, "");
    free(said);
}

// ---- What is written

static const char *const languages[] = {"c", "c++"};

START_TEST(three_clauses_fail)
{
    free(shell(0,
               "iscsidsc-tck init one --language %s && cmake -S one -B one/build && "
               "cmake --build one/build",
               languages[_i]));
    char *said = shell(8, "ctest --test-dir one/build --output-on-failure");
    expect_in(said, "BROKEN: what does not hold: ");
    free(said);
    // Whatever the scenario, nothing but these three fails or warns.
    char *clauses = shell(0, "python3 -c 'import json; print(sorted({(check[\"clause\"], "
                             "check[\"verdict\"]) for scenario in json.load(open(\"one/build/"
                             "results/iscsidsc-tck.starter.json\"))[\"scenarios\"] for check in "
                             "scenario[\"checks\"] if check[\"verdict\"] in (\"fail\", "
                             "\"warn\")}))'");
    ck_assert_str_eq(clauses, "[('BOUNDS-4', 'fail'), ('FAULT-1', 'fail'), ('SIZE-3', 'fail')]\n");
    free(clauses);
}
END_TEST

START_TEST(an_empty_folder_will_do)
{
    free(shell(0, "mkdir one && iscsidsc-tck init one/ && test -f one/.gitlab-ci.yml && "
                  "test -f one/.github/workflows/conformance.yml && test \"$(ls -A)\" = one"));
}
END_TEST

// ---- What is refused

static const struct refusal {
    const char *arguments;
    const char *words;
} refusals[] = {
    {"full", "full: is not empty, and nothing in it is overwritten"},
    {"file", "file: can't be made a folder"},
    {".", ".: is the current folder"},
    {"nowhere", "nowhere: is a symbolic link that leads nowhere; remove it"},
    {"nowhere/", "nowhere/: is a symbolic link that leads nowhere"},
    {"somewhere", "somewhere: is a symbolic link; give the folder that it leads to"},
    {"somewhere//", "somewhere//: is a symbolic link; give the folder"},
    {"none/one", "none/one: can't be made: No such file or directory"},
    {"one --language go", "--language go: there is no starter project in it; give c or c++"},
    {"one two", "two: one folder at a time"},
    {"", "where to? give a folder that is new or empty"},
    {"''", "can't be made a folder"},
};

enum { REFUSAL_COUNT = sizeof refusals / sizeof refusals[0] };

START_TEST(it_is_refused)
{
    const struct refusal *refusal = &refusals[_i];
    char *said = shell(2,
                       "mkdir full empty && echo mine >full/file && echo mine >file; "
                       "ln -s none nowhere; ln -s empty somewhere; "
                       "iscsidsc-tck init %s",
                       refusal->arguments);
    expect_in(said, refusal->words);
    free(said);
    said = shell(0, "ls -A . empty full; cat file full/file");
    ck_assert_str_eq(said, ".:\nempty\nfile\nfull\nnowhere\nsomewhere\n\nempty:\n\nfull:\nfile\n"
                           "mine\nmine\n");
    free(said);
}
END_TEST

// Files of at most 512 bytes can be written: the first ones can, and the source can't.
START_TEST(nothing_is_left_of_what_fails)
{
    char *said = shell(3, "ulimit -f 1; iscsidsc-tck init one");
    expect_in(said, "can't be written: File too large");
    free(said);
    expect_nothing_left();
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("init");
    TCase *tests = tcase_create("init");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, three_clauses_fail, 0, 2);
    tcase_add_test(tests, an_empty_folder_will_do);
    tcase_add_loop_test(tests, it_is_refused, 0, REFUSAL_COUNT);
    tcase_add_test(tests, nothing_is_left_of_what_fails);
    suite_add_tcase(suite, tests);
    return suite;
}
