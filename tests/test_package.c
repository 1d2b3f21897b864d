// SPDX-License-Identifier: Apache-2.0
// The installed kit, as a project outside uses it: installs the built kit to a folder of its own,
// configures and builds tests/package against it, runs that project's ctest, and reads the verdicts
// of its libraries, a good one and a faulty one. Then CI's script, and a run spread by GNU
// parallel.
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CANNOT_RUN = 77 }; // what ctest takes for a skip

static struct place place;
static char *prefix;  // where the kit is installed
static char *project; // where the outside project is built

// ---- Commands

// What a command line says, both ways, malloc'ed; fails unless it ends with `status`. It finds no
// kit but the installed one, and its temporary files are in the place.
__attribute__((format(printf, 2, 3))) static char *shell(int status, const char *format, ...)
{
    char *command = NULL;
    char *whole = NULL;
    int got = -1;
    va_list list;
    va_start(list, format);
    ck_assert_int_gt(vasprintf(&command, format, list), 0);
    va_end(list);
    ck_assert_int_gt(
        asprintf(&whole, "export TMPDIR=%s; { %s ; } </dev/null 2>&1", place.temporary, command),
        0);
    char *said = kit_shell(whole, &got);
    ck_assert_msg(got == status, "exit status %d, expected %d, of: %s\n%s", got, status, command,
                  said);
    free(command);
    free(whole);
    return said;
}

static void expect_in(const char *said, const char *text)
{
    ck_assert_msg(strstr(said, text) != NULL, "\"%s\" is not in:\n%s", text, said);
}

static void expect_file(const char *folder, const char *name)
{
    char *path = NULL;
    struct stat status;
    ck_assert_int_gt(asprintf(&path, "%s/%s", folder, name), 0);
    ck_assert_msg(stat(path, &status) == 0 && status.st_size > 0, "%s: missing or empty", path);
    free(path);
}

// ---- The place

static void install(void)
{
    place_open(&place);
    prefix = place_path(&place, "prefix");
    project = place_path(&place, "outside");
    free(shell(0, "cmake --install '%s' --prefix '%s'", TCK_BUILD_FOLDER, prefix));
    free(shell(0, "cmake -S '%s/tests/package' -B '%s' -G Ninja -DCMAKE_PREFIX_PATH='%s'",
               TCK_SOURCE_DIR, project, prefix));
    free(shell(0, "cmake --build '%s'", project));
}

static void uninstall(void)
{
    place_close(&place);
    free(prefix);
    free(project);
}

// ---- The kit itself

START_TEST(shells_find_the_completion)
{
    expect_file(prefix, "share/bash-completion/completions/iscsidsc-tck");
    expect_file(prefix, "share/zsh/site-functions/_iscsidsc-tck");
}
END_TEST

// A DLL needs the host for Windows, which is a part of its own.
START_TEST(the_installed_kit_judges_a_dll)
{
    static const char library[] = TCK_BUILD_FOLDER "/windows/x86_64/lib/iscsidsc-reference.dll";
    if (access(library, R_OK) != 0 || access("/usr/lib/wine/wine64", X_OK) != 0)
        return; // nothing was built for Windows, or there is no Wine
    char *said =
        shell(0, "'%s/bin/iscsidsc-tck' run -i '%s' -s single -c CHARSET-1", prefix, library);
    expect_in(said, "Held: every clause");
    free(said);
}
END_TEST

// ---- The outside project

// The exit status that the kit left in a report of the outside project.
static int reported_status(const char *test)
{
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/results/%s.json", project, test), 0);
    json_t *result = kit_load_json(path);
    int status = (int)json_integer_value(json_object_get(result, "exit_status"));
    json_decref(result);
    free(path);
    return status;
}

static char *run_ctest(int status, const char *test)
{
    return shell(status, "ctest --test-dir '%s' --no-tests=error --output-on-failure -R '^%s$'",
                 project, test);
}

START_TEST(a_good_library_passes)
{
    char *said = run_ctest(0, "iscsidsc-tck[.]good");
    expect_in(said, "\noutside ");
    ck_assert_int_eq(reported_status("iscsidsc-tck.good"), 0);
    expect_file(project, "results/iscsidsc-tck.good.junit.xml");
    expect_file(project, "results/iscsidsc-tck.good.html");
    free(said);
}
END_TEST

START_TEST(a_faulty_library_fails)
{
    char *said = run_ctest(8, "iscsidsc-tck[.]faulty");
    expect_in(said, "STATUS-2");
    ck_assert_int_eq(reported_status("iscsidsc-tck.faulty"), 1);
    free(said);
}
END_TEST

START_TEST(waivers_are_heeded)
{
    free(run_ctest(0, "waived"));
    ck_assert_int_eq(reported_status("waived"), 0);
}
END_TEST

START_TEST(cases_are_replayed)
{
    free(run_ctest(0, "cases"));
    expect_file(project, "results/cases.json");
    char *said = run_ctest(8, "cases-of-faulty");
    expect_in(said, "FAIL  STATUS-2");
    expect_in(said, "cases/short.jsonl");
    free(said);
}
END_TEST

// ---- Its fuzzers

START_TEST(without_clang_no_fuzzer_is_added)
{
    char *said = shell(0, "cmake '%s' && ctest --test-dir '%s' -N", project, project);
    expect_in(said, "no fuzzer of good: it takes Clang (CC=clang), and this is GNU");
    ck_assert_ptr_null(strstr(said, "iscsidsc-tck.fuzz"));
    free(said);
}
END_TEST

static bool has_libfuzzer(void)
{
    int status = -1;
    free(kit_shell("command -v clang && echo 'int LLVMFuzzerTestOneInput(const char *b, long s);"
                   "int LLVMFuzzerTestOneInput(const char *b, long s) { return b == 0 && s; }' | "
                   "clang -fsanitize=fuzzer,address -x c -o /dev/null - 2>&1",
                   &status));
    return status == 0;
}

// What a fuzzer finds in one process, replay finds by the library itself.
START_TEST(a_fuzzer_follows_a_library)
{
    if (!has_libfuzzer()) {
        printf("skipped: a fuzzer takes Clang and its libFuzzer: ci/install-packages fuzz\n");
        return;
    }
    free(shell(0,
               "CC=clang cmake -S '%s/tests/package' -B '%s/clang' -G Ninja "
               "-DCMAKE_PREFIX_PATH='%s' && cmake --build '%s/clang'",
               TCK_SOURCE_DIR, project, prefix, project));
    free(shell(0, "ctest --test-dir '%s/clang' -R 'iscsidsc-tck[.]fuzz[.]good'", project));
    char *said =
        shell(8, "ctest --test-dir '%s/clang' --output-on-failure -R fuzz-faulty", project);
    expect_in(said, "iscsidsc-tck: STATUS-2 is broken: an insufficient buffer gives");
    free(said);
    said = shell(1,
                 "'%s/bin/iscsidsc-tck' replay -i '%s/libfaulty.so' "
                 "'%s'/clang/fuzz-faulty.work/found/*.jsonl",
                 prefix, project, project);
    expect_in(said, "FAIL  STATUS-2");
    free(said);
}
END_TEST

START_TEST(each_scenario_has_its_test)
{
    char *said = run_ctest(0, "each[.].*");
    expect_in(said, "each.single");
    expect_in(said, "each.own");
    expect_in(said, "out of 2");
    free(said);
}
END_TEST

START_TEST(a_run_that_cannot_be_trusted_never_passes)
{
    free(run_ctest(8, "iscsidsc-tck[.]unloadable"));
    ck_assert_int_eq(reported_status("iscsidsc-tck.unloadable"), 3);
    char *said = run_ctest(0, "skipped");
    expect_in(said, "***Skipped");
    free(said);
}
END_TEST

START_TEST(the_standard_set_is_listed_by_the_kit)
{
    char *said =
        shell(0,
              "cmake -S '%s/tests/package' -B '%s/standard' -G Ninja "
              "-DCMAKE_PREFIX_PATH='%s' -DSTANDARD=ON && ctest --test-dir '%s/standard' -N",
              TCK_SOURCE_DIR, project, prefix, project);
    expect_in(said, "standard.empty");
    expect_in(said, "standard.sessions-64");
    free(said);
}
END_TEST

static const struct wrong_use {
    const char *name; // in tests/package/CMakeLists.txt
    const char *words;
} wrong_uses[] = {
    {"nothing", "say what to judge: either TARGET <target> or LIBRARY"},
    {"target", "TARGET god: no such target here; call this after add_library()"},
    {"static", "TARGET fixed: is a STATIC_LIBRARY; the kit loads libraries"},
    {"word", "SCENARIO single: no such argument"},
    {"choice", "EFFORT much: give one of quick, standard, full"},
    {"cases", "SET: has no meaning for CASES cases"},
    {"folder", "CASES nowhere: no such folder"},
    {"both", "SET all: SCENARIOS says what to run in already"},
};

enum { WRONG_USE_COUNT = sizeof wrong_uses / sizeof wrong_uses[0] };

START_TEST(wrong_uses_are_refused)
{
    const struct wrong_use *use = &wrong_uses[_i];
    // CMake breaks the lines of its messages.
    char *said = shell(0,
                       "cmake -S '%s/tests/package' -B '%s/%s' -G Ninja -DCMAKE_PREFIX_PATH='%s' "
                       "-DWRONG=%s 2>&1 | tr -s '\\n ' '  '",
                       TCK_SOURCE_DIR, project, use->name, prefix, use->name);
    expect_in(said, use->words);
    expect_in(said, "Configuring incomplete, errors occurred!");
    free(said);
}
END_TEST

START_TEST(a_package_torn_apart_is_not_found)
{
    char *said = shell(0,
                       "mv '%s/lib' '%s/lib.whole' && cp -r '%s/lib.whole' '%s/lib' && "
                       "find '%s/lib' -name 'libiscsidsc-reference*' -delete && "
                       "cmake -S '%s/tests/package' -B '%s/torn' -G Ninja "
                       "-DCMAKE_PREFIX_PATH='%s' 2>&1 | tr -s '\\n ' '  '; "
                       "rm -r '%s/lib' && mv '%s/lib.whole' '%s/lib'",
                       prefix, prefix, prefix, prefix, prefix, TCK_SOURCE_DIR, project, prefix,
                       prefix, prefix, prefix);
    expect_in(said, "is not whole; install it again");
    free(said);
}
END_TEST

START_TEST(what_was_installed_is_removed)
{
    char *said = shell(0,
                       "cmake --install '%s' --prefix '%s/other' && "
                       "'%s/other/bin/iscsidsc-tck' init '%s/starter' && "
                       "test -f '%s/starter/session_list.c' && "
                       "touch '%s/other/share/iscsidsc-tck/mine' && "
                       "cmake -D FOLDER='%s' -P '%s/cmake/uninstall.cmake' && "
                       "cd '%s/other' && find . -type f -o -type l -o -path '*iscsidsc-tck*'",
                       TCK_BUILD_FOLDER, project, project, project, project, project,
                       TCK_BUILD_FOLDER, TCK_SOURCE_DIR, project);
    const char *left = strstr(said, "\n./share");
    ck_assert_ptr_nonnull(left);
    // What somebody else put there stays, and nothing but that.
    ck_assert_str_eq(left, "\n./share/iscsidsc-tck\n./share/iscsidsc-tck/mine\n");
    ck_assert_ptr_null(strstr(said, "\n./bin"));
    ck_assert_ptr_null(strstr(said, "\n./lib"));
    free(said);
}
END_TEST

// ---- CI's script

START_TEST(a_ci_job_is_told_by_its_environment)
{
    char *said = shell(1,
                       "cd '%s' && TCK_IMPLEMENTATION=libfaulty.so TCK_SCENARIOS='single empty' "
                       "TCK_CLAUSES=STATUS TCK_EFFORT=quick TCK_OUTPUT=job "
                       "GITHUB_STEP_SUMMARY=summary.md '%s/share/iscsidsc-tck/ci/judge'",
                       project, prefix);
    expect_in(said, "STATUS-2");
    expect_file(project, "job/result.json");
    expect_file(project, "job/junit.xml");
    expect_file(project, "job/report.html");
    free(said);
    said = shell(0, "cat '%s/summary.md'", project);
    expect_in(said, "The implementation broke a clause.");
    expect_in(said, "\nsingle: STATUS-2 (W)");
    free(said);
}
END_TEST

START_TEST(waivers_apply_to_the_whole_of_its_shards)
{
    char *said = shell(0,
                       "cd '%s' && export TCK_IMPLEMENTATION=libfaulty.so "
                       "TCK_SCENARIOS='single empty' TCK_CLAUSES=STATUS TCK_EFFORT=quick "
                       "TCK_OUTPUT=shards TCK_WAIVERS='%s/tests/package/waivers.yaml' && "
                       "judge='%s/share/iscsidsc-tck/ci/judge' && for part in 1 2; do "
                       "TCK_SHARD=$part/2 $judge || [ $? -eq 1 ]; done && "
                       "$judge merge shards/result-*.json",
                       project, TCK_SOURCE_DIR, prefix);
    expect_in(said, "2 scenarios");
    expect_file(project, "shards/result.json");
    free(said);
    said = shell(3,
                 "cd '%s' && TCK_OUTPUT=alone '%s/share/iscsidsc-tck/ci/judge' merge "
                 "shards/result-1.json",
                 project, prefix);
    expect_in(said, "shards missing");
    free(said);
}
END_TEST

START_TEST(a_ci_job_that_is_told_wrongly_says_so)
{
    char *said = shell(2, "cd '%s' && '%s/share/iscsidsc-tck/ci/judge'", project, prefix);
    expect_in(said, "TCK_IMPLEMENTATION: set it to the library's path");
    free(said);
    said = shell(2,
                 "cd '%s' && TCK_IMPLEMENTATION=libgood.so TCK_STRICT=maybe "
                 "'%s/share/iscsidsc-tck/ci/judge'",
                 project, prefix);
    expect_in(said, "TCK_STRICT=maybe: give true or false");
    free(said);
}
END_TEST

// ---- GNU parallel

static bool has_parallel(void)
{
    int status = -1;
    free(kit_shell("parallel --version 2>/dev/null | grep -q '^GNU parallel'", &status));
    return status == 0;
}

START_TEST(a_run_is_spread_by_parallel)
{
    if (!has_parallel()) {
        printf("skipped: a_run_is_spread_by_parallel: GNU parallel is not installed\n");
        return;
    }
    // HOME: where it keeps its own files.
    char *said =
        shell(0,
              "cd '%s' && HOME='%s' '%s/share/iscsidsc-tck/ci/parallel' "
              "-k '%s/bin/iscsidsc-tck' -i libgood.so -n 2 -o spread -- -s single -s empty "
              "-c STATUS -c EMPTY --effort quick",
              project, project, prefix, prefix);
    expect_in(said, "2 scenarios");
    expect_file(project, "spread/part-1.json");
    expect_file(project, "spread/part-2.json");
    expect_file(project, "spread/report.html");
    free(said);
    // More parts than there is to split.
    said = shell(2,
                 "cd '%s' && HOME='%s' '%s/share/iscsidsc-tck/ci/parallel' "
                 "-k '%s/bin/iscsidsc-tck' -i libgood.so -n 2 -o spread -- -s single",
                 project, project, prefix, prefix);
    expect_in(said, "give at most that many parts");
    free(said);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("package");
    TCase *tests = tcase_create("package");
    tcase_add_unchecked_fixture(tests, install, uninstall);
    tcase_set_timeout(tests, 240);
    tcase_add_test(tests, shells_find_the_completion);
    tcase_add_test(tests, the_installed_kit_judges_a_dll);
    tcase_add_test(tests, a_good_library_passes);
    tcase_add_test(tests, a_faulty_library_fails);
    tcase_add_test(tests, waivers_are_heeded);
    tcase_add_test(tests, cases_are_replayed);
    tcase_add_test(tests, without_clang_no_fuzzer_is_added);
    tcase_add_test(tests, a_fuzzer_follows_a_library);
    tcase_add_test(tests, each_scenario_has_its_test);
    tcase_add_test(tests, a_run_that_cannot_be_trusted_never_passes);
    tcase_add_test(tests, the_standard_set_is_listed_by_the_kit);
    tcase_add_loop_test(tests, wrong_uses_are_refused, 0, WRONG_USE_COUNT);
    tcase_add_test(tests, a_package_torn_apart_is_not_found);
    tcase_add_test(tests, what_was_installed_is_removed);
    tcase_add_test(tests, a_ci_job_is_told_by_its_environment);
    tcase_add_test(tests, waivers_apply_to_the_whole_of_its_shards);
    tcase_add_test(tests, a_ci_job_that_is_told_wrongly_says_so);
    tcase_add_test(tests, a_run_is_spread_by_parallel);
    suite_add_tcase(suite, tests);
    return suite;
}

int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    if (access(TCK_BUILD_FOLDER, W_OK) == 0)
        return 0;
    printf("skipped: %s can't be written to, and cmake --install lists there what it did\n",
           TCK_BUILD_FOLDER);
    return CANNOT_RUN;
}
