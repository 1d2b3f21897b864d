// SPDX-License-Identifier: Apache-2.0
// What was found in one place is found in others: the cases of the seeded bugs (tests/cases) get
// the same verdicts of the library here, behind a listener, and as a DLL under Wine.
#include "tests/listening.h"
#include "tests/main.h"
#include "tests/place.h"
#include "tests/supervised.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CASES_MAX = 64 };

static struct listening listening;
static char *names[CASES_MAX]; // of the cases, and of the bugs that they show
static int name_count;

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

// A library of the bug: of this system, or a DLL.
static char *library_path(enum listening_kind kind, const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(kind == LISTENING_UNIX
                         ? asprintf(&path, TCK_LIBRARIES "/libseeded-%s.so", name)
                         : asprintf(&path, TCK_WINDOWS_LIBRARIES "/seeded-%s.dll", name),
                     0);
    ck_assert_msg(access(path, R_OK) == 0, "%s is not built", path);
    return path;
}

// The verdicts of a case, malloc'ed; of whom is said by these options.
static char *replay(const char *name, const char *const options[6])
{
    struct kit kit;
    char *path = NULL;
    char *json = place_path(&place, "result.json");
    ck_assert_int_gt(asprintf(&path, TCK_TEST_CASES "/%s.jsonl", name), 0);
    kit_run(&kit, &place, "replay", "--json", json, path, options[0], options[1], options[2],
            options[3], options[4], options[5], NULL);
    kit_expect_status(&kit, 1);
    json_t *result = kit_load_json(json);
    char *verdicts = kit_list_verdicts(result);
    ck_assert_ptr_nonnull(strstr(verdicts, " fail\n"));
    json_decref(result);
    kit_free(&kit);
    free(json);
    free(path);
    return verdicts;
}

static char *replay_file(const char *name, enum listening_kind kind)
{
    char *library = library_path(kind, name);
    // The code page that has all characters, as on this system.
    const char *const options[6] = {"-i", library, kind == LISTENING_WINDOWS ? "--code-page" : NULL,
                                    "utf-8"};
    char *verdicts = replay(name, options);
    free(library);
    return verdicts;
}

static char *replay_behind_listener(const char *name, enum listening_kind kind)
{
    char *library = library_path(kind, name);
    listening_start(&listening, kind, library);
    const char *const options[6] = {"--host", listening.address, "--token-file",
                                    listening.token_file};
    char *verdicts = replay(name, options);
    listening_stop(&listening);
    listening = (struct listening){0};
    free(library);
    return verdicts;
}

static void expect_the_same(const char *name, char *here, char *elsewhere)
{
    ck_assert_msg(strcmp(here, elsewhere) == 0, "%s: here\n%s\nelsewhere\n%s", name, here,
                  elsewhere);
    free(elsewhere);
}

START_TEST(behind_a_listener)
{
    char *here = replay_file(names[_i], LISTENING_UNIX);
    expect_the_same(names[_i], here, replay_behind_listener(names[_i], LISTENING_UNIX));
    free(here);
}
END_TEST

START_TEST(under_wine)
{
    if (!listening_can(LISTENING_WINDOWS))
        return;
    char *here = replay_file(names[_i], LISTENING_UNIX);
    expect_the_same(names[_i], here, replay_file(names[_i], LISTENING_WINDOWS));
    free(here);
}
END_TEST

// A listener has the code page that Wine has by itself, so this takes a case in ASCII.
START_TEST(behind_a_listener_under_wine)
{
    if (!listening_can(LISTENING_WINDOWS))
        return;
    char *here = replay_file("a_after_w", LISTENING_UNIX);
    expect_the_same("a_after_w", here, replay_behind_listener("a_after_w", LISTENING_WINDOWS));
    free(here);
}
END_TEST

int test_set_up(int argc, char **argv)
{
    struct dirent **entries = NULL;
    (void)argc;
    (void)argv;
    int count = scandir(TCK_TEST_CASES, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char *ending = strstr(entries[i]->d_name, ".jsonl");
        if (ending != NULL && name_count < CASES_MAX)
            names[name_count++] =
                strndup(entries[i]->d_name, (size_t)(ending - entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
    return name_count > 0 ? 0 : 1;
}

void test_clean_up(void)
{
    while (name_count > 0)
        free(names[--name_count]);
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("cases_elsewhere");
    TCase *all = tcase_create("cases_elsewhere");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_loop_test(all, behind_a_listener, 0, name_count);
    tcase_add_loop_test(all, under_wine, 0, name_count);
    tcase_add_test(all, behind_a_listener_under_wine);
    suite_add_tcase(suite, all);
    return suite;
}
