// SPDX-License-Identifier: Apache-2.0
// The built-in fuzzer: it finds a seeded bug, what it finds is small and is found again by replay,
// what is right has no finding, the same seed gives the same cases, and what is wrong is refused.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REFERENCE TCK_LIBRARIES "/libiscsidsc-reference.so"
#define SEEDED(name) TCK_LIBRARIES "/libseeded-" name ".so"

// The only file in a folder; the path is the caller's.
static char *only_file(const char *folder)
{
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    char *path = NULL;
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (entry->d_name[0] == '.')
            continue;
        ck_assert_msg(path == NULL, "%s and %s", path, entry->d_name);
        ck_assert_int_gt(asprintf(&path, "%s/%s", folder, entry->d_name), 0);
    }
    closedir(entries);
    ck_assert_ptr_nonnull(path);
    return path;
}

static size_t count_lines(const char *path, const char *with)
{
    char line[4096];
    size_t count = 0;
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += strstr(line, with) != NULL;
    fclose(file);
    return count;
}

struct bug {
    const char *library;
    const char *clause; // that is broken
    size_t calls;       // of the finding at most
    const char *sessions;
};

static const struct bug bugs[] = {
    {SEEDED("name_of_96_bytes"), "CONTENT-2", 1, "at most 1 session\n"},
    {SEEDED("a_after_w"), "SIZE-4", 3, "at most 1 session\n"},
    {SEEDED("emptied_at_once"), "COUNT-1", 2, "at most 3 sessions\n"},
};

enum { BUGS = sizeof bugs / sizeof bugs[0] };

START_TEST(a_seeded_bug_is_found_and_found_again)
{
    const struct bug *bug = &bugs[_i];
    char *folder = place_path(&place, "findings");
    char expected[256];
    struct kit kit;
    kit_run(&kit, &place, "fuzz", "-i", bug->library, "-c", bug->clause, "--seed", "1", "--time",
            "60", "--first", "--findings", folder, NULL);
    kit_expect_status(&kit, 1);
    snprintf(expected, sizeof expected, "\nFAIL  %s  ", bug->clause);
    kit_expect_said(&kit, expected);
    kit_expect_said(&kit, bug->sessions);
    kit_expect_said(&kit, "\nFOUND: 1 failure");
    char *path = only_file(folder);
    snprintf(expected, sizeof expected, "/%s-", bug->clause);
    ck_assert_ptr_nonnull(strstr(path, expected));
    ck_assert_uint_le(count_lines(path, "\"type\":\"call\""), bug->calls);
    snprintf(expected, sizeof expected, "replay -i %s %s -s %s", bug->library, path, bug->clause);
    kit_expect_said(&kit, expected);
    kit_free(&kit);
    // Again, from the file alone, with the library that it names; and not of a right one.
    kit_run(&kit, &place, "replay", path, NULL);
    kit_expect_status(&kit, 1);
    snprintf(expected, sizeof expected, "\nFAIL  %s  ", bug->clause);
    kit_expect_said(&kit, expected);
    kit_free(&kit);
    kit_run(&kit, &place, "fuzz", "--regress", folder, "-i", bug->library, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, expected);
    kit_free(&kit);
    kit_run(&kit, &place, "fuzz", "--regress", folder, "-i", REFERENCE, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nHeld");
    kit_free(&kit);
    free(path);
    free(folder);
}
END_TEST

struct right {
    const char *library;
    const char *profile;
};

static const struct right right[] = {
    {REFERENCE, "documented"},
    {TCK_LIBRARIES "/libshape-everything.so", "documented"},
    {TCK_LIBRARIES "/libshape-windows_like.so", "windows"},
};

START_TEST(nothing_is_found_where_nothing_is_wrong)
{
    struct kit kit;
    char *folder = place_path(&place, "findings");
    kit_run(&kit, &place, "fuzz", "-i", right[_i].library, "--profile", right[_i].profile,
            "--strict", "--exclude", "COUNT-5", "--exclude", "COUNT-2", "--exclude", "BOUNDS-6",
            "--cases", "25", "--seed", "3", "--findings", folder, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nNothing found (exit status 0)\n  25 cases, ");
    ck_assert_str_eq(kit.complained, "");
    kit_free(&kit);
    free(folder);
}
END_TEST

static char *digest_of(const char *seed, const char *cases)
{
    struct kit kit;
    kit_run(&kit, &place, "fuzz", "--seed", seed, "--cases", cases, NULL);
    kit_expect_status(&kit, 0);
    static const char before[] = "digest of the cases ";
    char *at = strstr(kit.said, before);
    ck_assert_ptr_nonnull(at);
    char *digest = strndup(at + sizeof before - 1, 16);
    kit_free(&kit);
    return digest;
}

START_TEST(a_seed_gives_the_same_cases)
{
    char *first = digest_of("5", "12");
    char *again = digest_of("5", "12");
    char *other = digest_of("6", "12");
    char *fewer = digest_of("5", "11");
    ck_assert_str_eq(first, again);
    ck_assert_str_ne(first, other);
    ck_assert_str_ne(first, fewer);
    free(first);
    free(again);
    free(other);
    free(fewer);
}
END_TEST

struct refusal {
    const char *arguments[5];
    const char *complaint;
};

static const struct refusal refusals[] = {
    {{"--seed", "x"}, "--seed x: must be a number from 0"},
    {{"--seed", "-1"}, "--seed -1: must be a number from 0"},
    {{"--cases", "0"}, "--cases 0: must be a number from 1"},
    {{"--cases", "9999999999999999999999"}, "must be a number from 1"},
    {{"--sessions", "many"}, "--sessions many: must be a number from 0"},
    {{"--host", "here"}, "--host here: give also --token-file"},
    {{"--json", "/nowhere/x.json"}, "--json /nowhere/x.json"},
    {{"--time", "0"}, "--time 0: must be a number from 1 to 2592000"},
    {{"--time", "1m"}, "--time 1m: must be"},
    {{"--timeout", "never"}, "--timeout never"},
    {{"--profile", "mine"}, "--profile mine: no such profile"},
    {{"-c", "SIZE-99"}, "SIZE-99: no such clause"},
    {{"-c", "TARGETS"}, "fuzz calls GetIScsiSessionListA and -W only"},
    {{"-c", "EX"}, "fuzz calls GetIScsiSessionListA and -W only"},
    {{"-i", "/nowhere.so"}, "/nowhere.so"},
    {{"--findings", "/proc/findings"}, "--findings"},
    {{"--regress", "/nowhere"}, "--regress /nowhere: can't be read"},
    {{"--regress", "/proc/self/fdinfo"}, "holds no case (*.jsonl, *.case)"},
    {{"--regress", TCK_TEST_CASES, "--seed", "1"}, "makes no new cases; leave out --scenario"},
    {{"case.jsonl"}, "case.jsonl: fuzz takes no files"},
};

enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

START_TEST(wrong_options_are_refused)
{
    const char *const *given = refusals[_i].arguments;
    struct kit kit;
    kit_run(&kit, &place, "fuzz", given[0], given[1], given[2], given[3], NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, refusals[_i].complaint);
    ck_assert_str_eq(kit.said, "");
    kit_free(&kit);
}
END_TEST

START_TEST(a_library_that_cannot_be_loaded_proves_nothing)
{
    struct kit kit;
    kit_run(&kit, &place, "fuzz", "-i", TCK_TEST_LIBRARIES "/undefined.so", "--cases", "5", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "CAN'T BE TRUSTED");
    kit_expect_complained(&kit, "undefined symbol");
    kit_free(&kit);
}
END_TEST

// Nor do clauses that no case has calls for.
START_TEST(clauses_that_are_not_tried_prove_nothing)
{
    struct kit kit;
    kit_run(&kit, &place, "fuzz", "-c", "STABLE-4", "--cases", "3", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "\n  0 of 1 clauses tried");
    kit_expect_complained(&kit, "none of the clauses is about the calls that are made here");
    kit_free(&kit);
}
END_TEST

// What can't be kept is told all the same.
START_TEST(a_finding_that_cannot_be_kept_is_told)
{
    struct kit kit;
    char *faulty = kit_faulty("crashes");
    char *folder = place_path(&place, "findings");
    const char *const arguments[] = {"fuzz",       "-i",   faulty, "--time",   "60",
                                     "--findings", folder, "-c",   "STATUS-1", NULL};
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    kit_start(&kit, &place, arguments);
    while (place_processes(&place, "iscsidsc-tck-ho", NULL) == 0)
        ck_assert(!kit_ends_within(&kit, 1));
    ck_assert_int_eq(rmdir(folder), 0); // before anything was made small
    kit_wait(&kit);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "\nFAIL  STATUS-1  ");
    kit_expect_complained(&kit, folder);
    kit_free(&kit);
    free(folder);
    free(faulty);
}
END_TEST

// A crash of the library is a finding like any other.
START_TEST(a_crash_is_found)
{
    struct kit kit;
    char *faulty = kit_faulty("crashes");
    kit_run(&kit, &place, "fuzz", "-i", faulty, "--cases", "5", "--first", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "SIGSEGV");
    kit_free(&kit);
    free(faulty);
}
END_TEST

START_TEST(progress_is_told_on_a_terminal)
{
    struct kit kit;
    static const char *const arguments[] = {"fuzz", "--time", "1", NULL};
    kit_run_terminal(&kit, &place, arguments);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, " cases (");
    kit_expect_said(&kit, " calls/s, ");
    kit_expect_said(&kit, " clauses tried, ");
    kit_expect_said(&kit, " behaviours, 0 findings");
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("fuzz");
    TCase *tests = tcase_create("fuzz");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_seeded_bug_is_found_and_found_again, 0, BUGS);
    tcase_add_loop_test(tests, nothing_is_found_where_nothing_is_wrong, 0,
                        sizeof right / sizeof right[0]);
    tcase_add_test(tests, a_seed_gives_the_same_cases);
    tcase_add_loop_test(tests, wrong_options_are_refused, 0, REFUSALS);
    tcase_add_test(tests, a_library_that_cannot_be_loaded_proves_nothing);
    tcase_add_test(tests, clauses_that_are_not_tried_prove_nothing);
    tcase_add_test(tests, a_finding_that_cannot_be_kept_is_told);
    tcase_add_test(tests, a_crash_is_found);
    tcase_add_test(tests, progress_is_told_on_a_terminal);
    suite_add_tcase(suite, tests);
    return suite;
}
