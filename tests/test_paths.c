// SPDX-License-Identifier: Apache-2.0
// The kit's own parts: what is said, and with which exit status, where a variable names what is
// none of them, or where they were not installed with it.
#include "harness/command/paths.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

// ---- Variables

struct given {
    const char *variable;
    const char *value;
    int (*find)(char **path, struct failure *failure);
    const char *said; // NULL: it is taken
};

static const struct given given[] = {
    {PATHS_HOST_VARIABLE, "/nowhere/host", paths_host,
     "ISCSIDSC_TCK_HOST=/nowhere/host: not usable as the host program: No such file or directory; "
     "correct or unset the variable"},
    {PATHS_HOST_VARIABLE, "/", paths_host,
     "ISCSIDSC_TCK_HOST=/: not usable as the host program: Is a directory; correct or unset the "
     "variable"},
    {PATHS_HOST_VARIABLE, __FILE__, paths_host,
     "ISCSIDSC_TCK_HOST=" __FILE__ ": not usable as the host program: Permission denied; correct "
     "or unset the variable"},
    {PATHS_HOST_VARIABLE, "/bin/sh", paths_host, NULL},
    {PATHS_SCENARIOS_VARIABLE, __FILE__, paths_scenarios,
     "ISCSIDSC_TCK_SCENARIOS=" __FILE__ ": not usable as the folder of scenarios: Not a directory; "
     "correct or unset the variable"},
    {PATHS_SCENARIOS_VARIABLE, "/", paths_scenarios, NULL},
    {PATHS_REFERENCE_VARIABLE, "/nowhere/x.so", paths_reference,
     "ISCSIDSC_TCK_REFERENCE=/nowhere/x.so: not usable as the reference implementation: No such "
     "file or directory; correct or unset the variable"},
};

START_TEST(a_variable_names_it)
{
    const struct given *one = &given[_i];
    char *path = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(setenv(one->variable, one->value, 1), 0);
    int found = one->find(&path, &failure);
    ck_assert_int_eq(unsetenv(one->variable), 0);
    if (one->said == NULL) {
        ck_assert_msg(found == 0, "%s", failure.text);
        char *real = realpath(one->value, NULL);
        ck_assert_str_eq(path, real);
        free(real);
    } else {
        ck_assert_int_eq(found, -1);
        ck_assert_ptr_null(path);
        ck_assert_str_eq(failure.text, one->said);
        ck_assert_int_eq(failure.status, STATUS_USAGE);
    }
    free(path);
}
END_TEST

// ---- A program without the rest of its installation

struct alone {
    const char *arguments;
    const char *said;   // up to the folder
    const char *behind; // it
};

static const struct alone alone[] = {
    {"list scenarios", "list: the folder of scenarios was not found in ",
     " as share/iscsidsc-tck/scenarios; build or install the kit whole, or set "
     "ISCSIDSC_TCK_SCENARIOS to its path"},
    {"run -s single", "run: the reference implementation was not found in ",
     " as lib/libiscsidsc-reference.so or lib/"},
    {"init new", "init: the folder of starter projects was not found in ",
     " as share/iscsidsc-tck/starter; build or install the kit whole\n"},
};

START_TEST(the_program_alone)
{
    char command[1024];
    char said[1024];
    int status = 0;
    snprintf(command, sizeof command,
             "cd '%s' && mkdir bin && cp '%s' bin/ && bin/iscsidsc-tck %s 2>&1", place.folder,
             TCK_PROGRAM, alone[_i].arguments);
    char *text = kit_shell(command, &status);
    char *folder = realpath(place.folder, NULL);
    snprintf(said, sizeof said, "%s%s%s", alone[_i].said, folder, alone[_i].behind);
    ck_assert_msg(strstr(text, said) != NULL, "%s", text);
    ck_assert_int_eq(status, STATUS_UNTRUSTED);
    free(folder);
    free(text);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("paths");
    TCase *tests = tcase_create("paths");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_add_loop_test(tests, a_variable_names_it, 0, (int)COUNT_OF(given));
    tcase_add_loop_test(tests, the_program_alone, 0, (int)COUNT_OF(alone));
    suite_add_tcase(suite, tests);
    return suite;
}
