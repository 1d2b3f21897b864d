// SPDX-License-Identifier: Apache-2.0
// What is said of implementations that can't be loaded, that print, and that were built with a
// sanitizer.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY(name) TCK_TEST_LIBRARIES "/" name ".so"

static json_t *run_json(struct kit *kit, const char *library, const char *clause)
{
    char *path = place_path(&place, "result.json");
    kit_run(kit, &place, "run", "-i", library, "-s", "single", "-c", clause, "--json", path, NULL);
    json_t *result = kit->status == 2 ? NULL : kit_load_json(path);
    free(path);
    return result;
}

static const char *text_at(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text == NULL ? "" : text;
}

static const struct {
    const char *library;
    const char *why;
    const char *remedy;
} unloadable[] = {
    {LIBRARY("undefined"), "undefined symbol: a_symbol_that_nobody_has", "link it with"},
    {LIBRARY("load_crash"), "SIGSEGV", ""},
    {LIBRARY("load_exit"), "exited with status 5", ""},
};

START_TEST(what_can_t_be_loaded_is_blamed_itself)
{
    struct kit kit;
    json_t *result = run_json(&kit, unloadable[_i].library, "SIZE-3");
    const json_t *failure = json_object_get(result, "failure");
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "CAN'T BE TRUSTED: the implementation could not be loaded");
    kit_expect_said(&kit, unloadable[_i].remedy);
    ck_assert_str_eq(text_at(failure, "of"), "implementation");
    ck_assert_ptr_nonnull(strstr(text_at(failure, "text"), unloadable[_i].why));
    json_decref(result);
    kit_free(&kit);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    const char *why;
} not_libraries[] = {
    {"!<arch>\n", 8, "static archive"},
    {"INPUT(libx.so)\n", 15, "text"},
    {"MZ\x90\0\3", 5, "damaged one for Windows"},
    {"\x7F"
     "ELF\1\1\1",
     7, "not an ELF shared library"},
    {"\x7F"
     "ELF\1\1\1\0\0\0\0\0\0\0\0\0\3\0\x28\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
     "\0\0\0\0\0\0\0\0",
     52, "another kind of machine"},
    {"\x7F"
     "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\xF3\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
     "\0\0\0\0\0\0\0\0",
     52, "another kind of machine"},
};

START_TEST(what_is_no_library_is_refused_by_reading)
{
    struct kit kit;
    char *path = place_path(&place, "x.so");
    FILE *file = fopen(path, "w");
    ck_assert(file != NULL &&
              fwrite(not_libraries[_i].bytes, 1, not_libraries[_i].size, file) > 0 &&
              fclose(file) == 0);
    ck_assert_ptr_null(run_json(&kit, path, "SIZE-3"));
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, not_libraries[_i].why);
    kit_free(&kit);
    free(path);
}
END_TEST

START_TEST(a_cxx_name_is_noted_and_export_fails)
{
    struct kit kit;
    json_decref(run_json(&kit, LIBRARY("cxx_names"), "EXPORT-1"));
    kit_expect_status(&kit, 1);
    kit_expect_complained(&kit, "_Z20GetIScsiSessionListAPjS_Pv, a C++ name of");
    kit_expect_said(&kit, "EXPORT-1");
    kit_free(&kit);
}
END_TEST

START_TEST(noise_is_noted_once)
{
    struct kit kit;
    char *library = kit_faulty("prints");
    json_t *result = run_json(&kit, library, "SIZE-3");
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "note: it prints during calls that return, first: GetIScsiSessionList: "
                          "SessionInfo");
    ck_assert_ptr_nonnull(strstr(text_at(result, "noise"), "GetIScsiSessionList: SessionInfo"));
    json_decref(result);
    kit_free(&kit);
    result = run_json(&kit, LIBRARY("sanitized-reference"), "SIZE-3");
    ck_assert(json_is_null(json_object_get(result, "noise")));
    json_decref(result);
    kit_free(&kit);
    free(library);
}
END_TEST

START_TEST(a_sanitized_reference_holds)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", LIBRARY("sanitized-reference"), "-s", "single", "--strict",
            "-c", "SIZE", "-c", "STATUS", "-c", "CONTENT", "-c", "BOUNDS", "-c", "STABLE-4", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
}
END_TEST

// LeakSanitizer reports at the end of the process what was lost before any call: no clause fails.
START_TEST(a_reference_with_leak_sanitizer_holds)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", LIBRARY("sanitized-leak-reference"), "-s", "single",
            "--effort", "quick", "--strict", "-c", "SIZE", "-c", "STATUS", "-c", "CONTENT", "-c",
            "THREADS", "-c", "STABLE-4", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "Held: every clause");
    kit_free(&kit);
}
END_TEST

// ThreadSanitizer's runtime does not start on every kernel; then that is said, and nothing judged.
START_TEST(a_reference_with_thread_sanitizer_holds_or_is_not_judged)
{
    struct kit kit;
    int status = 0;
    free(kit_shell("LD_PRELOAD=$(gcc -print-file-name=libtsan.so) /bin/true", &status));
    kit_run(&kit, &place, "run", "-i", LIBRARY("sanitized-thread-reference"), "-s", "single",
            "--effort", "quick", "--strict", "-c", "STATUS", "-c", "CONTENT-1", NULL);
    kit_expect_status(&kit, status == 0 ? 0 : 3);
    if (status != 0)
        kit_expect_said(&kit, "it was built with a sanitizer");
    kit_free(&kit);
}
END_TEST

static const struct {
    const char *library;
    const char *said[2];
} sanitized[] = {
    {LIBRARY("sanitized-heap_overflow"), {"AddressSanitizer", "heap-buffer-overflow"}},
    {LIBRARY("sanitized-shift_too_far"), {"runtime error", "shift exponent 33"}},
#if TCK_HAS_CLANG
    {LIBRARY("clang-heap_overflow"), {"AddressSanitizer", "heap-buffer-overflow"}},
    {LIBRARY("clang-shift_too_far"), {"UndefinedBehaviorSanitizer", "undefined-behavior"}},
#endif
};

START_TEST(a_sanitizer_s_report_is_the_evidence)
{
    struct kit kit;
    json_t *result = run_json(&kit, sanitized[_i].library, "STATUS-1");
    kit_expect_status(&kit, 1);
    char *text = json_dumps(json_object_get(result, "scenarios"), 0);
    for (int i = 0; i < 2; i++) {
        kit_expect_said(&kit, sanitized[_i].said[i]);
        ck_assert_ptr_nonnull(strstr(text, sanitized[_i].said[i]));
    }
    ck_assert_ptr_nonnull(strstr(text, "    #0 "));
    free(text);
    json_decref(result);
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("loading");
    TCase *tests = tcase_create("loading");
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, what_can_t_be_loaded_is_blamed_itself, 0,
                        sizeof unloadable / sizeof *unloadable);
    tcase_add_loop_test(tests, what_is_no_library_is_refused_by_reading, 0,
                        sizeof not_libraries / sizeof *not_libraries);
    tcase_add_test(tests, a_cxx_name_is_noted_and_export_fails);
    tcase_add_test(tests, noise_is_noted_once);
    tcase_add_test(tests, a_sanitized_reference_holds);
    tcase_add_test(tests, a_reference_with_leak_sanitizer_holds);
    tcase_add_test(tests, a_reference_with_thread_sanitizer_holds_or_is_not_judged);
    tcase_add_loop_test(tests, a_sanitizer_s_report_is_the_evidence, 0,
                        sizeof sanitized / sizeof *sanitized);
    suite_add_tcase(suite, tests);
    return suite;
}
