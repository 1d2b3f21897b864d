// SPDX-License-Identifier: Apache-2.0
// Libraries of 32-bit x86 Linux: the kit sees from the file which host it needs, the layout of
// include/session_list.h is right and the one that the compiler makes by itself is refused, and
// where nothing runs the host the user learns what to do.
//
// Where this machine runs no 32-bit programs, qemu-i386 does; where that is not there either, the
// test is skipped.
#include "tests/host_i386.h"
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST TCK_I386_FOLDER "/bin/iscsidsc-tck-host"
#define REFERENCE TCK_I386_FOLDER "/lib/libiscsidsc-reference.so"
#define LIBRARY(name) TCK_I386_FOLDER "/tests/" name ".so"

static const char *cpu_emulator; // NULL: the processor runs the host

int test_set_up(int argc, char **argv)
{
    enum { SKIPPED = 77 };
    (void)argc;
    (void)argv;
    return host_i386_find(HOST, &cpu_emulator) == 0 ? 0 : SKIPPED;
}

// Runs the library in `single`; `json` is where the result goes.
static void run_single(struct kit *kit, const char *library, const char *json)
{
    kit_run(kit, &place, "run", "-i", library, "-s", "single", "--strict", "--json", json,
            cpu_emulator != NULL ? "--cpu-emulator" : NULL, cpu_emulator, NULL);
}

// --- the layouts

START_TEST(the_windows_layout_is_right)
{
    char *path = place_path(&place, "result.json");
    struct kit kit;
    run_single(&kit, REFERENCE, path);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nHeld: every clause");
    json_t *result = kit_load_json(path);
    const json_t *host = json_object_get(result, "host");
    const char *platform = json_string_value(json_object_get(host, "platform"));
    ck_assert_str_eq(platform, cpu_emulator != NULL ? "linux i386 (qemu-i386)" : "linux i386");
    ck_assert_int_eq(json_integer_value(json_object_get(host, "pointer_size")), 4);
    ck_assert_int_eq(json_integer_value(json_object_get(host, "long_align")), 4);
    json_decref(result);
    kit_free(&kit);
    free(path);
}
END_TEST

static const struct {
    const char *library;
    const char *said[3];
} refused[] = {
    {LIBRARY("psabi"),
     {"\nFAIL  LAYOUT-1 ", "Connections of session 0 is at SessionInfo + 44",
      "structures of 48 bytes"}},
    {LIBRARY("psabi_shared"), {"FAIL  SIZE-6 ", "FAIL  LAYOUT-5 ", "159 bytes required"}},
};

START_TEST(the_layout_of_the_compiler_is_refused)
{
    char *path = place_path(&place, "result.json");
    struct kit kit;
    run_single(&kit, refused[_i].library, path);
    kit_expect_status(&kit, 1);
    for (size_t i = 0; i < 3; i++)
        kit_expect_said(&kit, refused[_i].said[i]);
    kit_free(&kit);
    free(path);
}
END_TEST

// --- what an emulated processor can't show

START_TEST(a_memory_that_is_not_known_is_said)
{
    struct kit kit;
    if (cpu_emulator == NULL)
        return;
    kit_run(&kit, &place, "run", "-i", REFERENCE, "-s", "single", "-c", "STABLE-4", "-c",
            "STATUS-1", "--cpu-emulator", cpu_emulator, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "the memory of this host can't be measured");
    kit_free(&kit);
}
END_TEST

// --- what is missing

// A copy of the kit without its host for 32 bits.
START_TEST(a_missing_host_is_said)
{
    char command[1024];
    int status = 0;
    snprintf(command, sizeof command,
             "cd %s && mkdir -p kit/bin kit/share && cp %s kit/bin/iscsidsc-tck && "
             "ln -s %s kit/bin/iscsidsc-tck-host && "
             "kit/bin/iscsidsc-tck run -i %s -s single 2>&1",
             place.folder, TCK_PROGRAM, TCK_OWN_HOST, REFERENCE);
    char *said = kit_shell(command, &status);
    ck_assert_msg(status == 3, "exit status %d:\n%s", status, said);
    ck_assert_msg(strstr(said, "the host program for 32-bit libraries was not found in") != NULL,
                  "%s", said);
    ck_assert_msg(strstr(said, "gcc-multilib") != NULL, "%s", said);
    free(said);
}
END_TEST

// A copy of the kit with a host whose loader is missing, and with one for another processor, which
// the kernel refuses as one without IA32 emulation refuses any of i386.
static const struct {
    const char *spoil; // the copy, which is standard input
    const char *said;
} spoilt[] = {
    {"sed 's|/lib/ld-linux.so.2|/lib/ld-absent.so.|'", "install the package libc6-i386"},
    {"(head -c 18; printf '\\050'; tail -c +2)", "this machine's kernel runs no 32-bit programs"},
};

START_TEST(why_a_host_can_not_be_run_is_said)
{
    char command[1024];
    int status = 0;
    if (_i == 0 && cpu_emulator != NULL)
        return; // the kernel does not get as far as the loader
    snprintf(command, sizeof command,
             "cd %s && mkdir -p kit/bin kit/share kit/i386/bin && cp %s kit/bin/iscsidsc-tck && "
             "%s < %s > kit/i386/bin/iscsidsc-tck-host && chmod +x kit/i386/bin/* && "
             "kit/bin/iscsidsc-tck run -i %s -s single 2>&1",
             place.folder, TCK_PROGRAM, spoilt[_i].spoil, HOST, REFERENCE);
    char *said = kit_shell(command, &status);
    ck_assert_msg(status == 3, "exit status %d:\n%s", status, said);
    ck_assert_msg(strstr(said, spoilt[_i].said) != NULL, "%s", said);
    free(said);
}
END_TEST

// Only where it is so.
START_TEST(a_processor_that_runs_no_such_programs_is_said)
{
    struct kit kit;
    if (cpu_emulator == NULL)
        return;
    kit_run(&kit, &place, "run", "-i", REFERENCE, "-s", "single", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_complained(&kit, "/iscsidsc-tck-host: can't be run: this machine's kernel runs no "
                                "32-bit programs");
    kit_expect_complained(&kit, "--cpu-emulator qemu-i386, which the package qemu-user has");
    ck_assert_str_eq(kit.said, "");
    kit_free(&kit);
}
END_TEST

static const struct {
    const char *library;
    const char *emulator;
    int status;
    const char *complaint;
} mistakes[] = {
    {REFERENCE, "/nowhere/qemu", 2,
     "--cpu-emulator /nowhere/qemu: No such file or directory; give"},
    {REFERENCE, "/etc", 2, "--cpu-emulator /etc: Permission denied; give"},
    {REFERENCE, "false", 3, "--cpu-emulator false: it can't run /"},
    {TCK_OWN_REFERENCE, "false", 2, "--cpu-emulator: it is for 32-bit Linux libraries, and no"},
};

START_TEST(a_wrong_emulator_is_said_before_anything_starts)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", mistakes[_i].library, "--cpu-emulator",
            mistakes[_i].emulator, NULL);
    kit_expect_status(&kit, mistakes[_i].status);
    kit_expect_complained(&kit, mistakes[_i].complaint);
    ck_assert_str_eq(kit.said, "");
    kit_free(&kit);
}
END_TEST

START_TEST(an_emulator_that_does_not_end_is_ended)
{
    struct kit kit;
    char *path = place_path(&place, "sleeper");
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("#!/bin/sh\nexec /bin/sleep infinity\n", file);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0700), 0);
    kit_run(&kit, &place, "run", "-i", REFERENCE, "--cpu-emulator", path, NULL);
    kit_expect_status(&kit, 3);
    kit_expect_complained(&kit, "/sleeper: it can't run /");
    kit_free(&kit);
    free(path);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("i386");
    TCase *tests = tcase_create("libraries");
    tcase_set_timeout(tests, 300);
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    // Of what takes half a minute, a run of all tests does one.
    bool whole = getenv("TCK_WHOLE_RUN") != NULL;
    tcase_add_loop_test(tests, the_layout_of_the_compiler_is_refused, whole ? 0 : 1,
                        sizeof refused / sizeof *refused);
    if (whole) {
        tcase_add_test(tests, the_windows_layout_is_right);
        tcase_add_test(tests, an_emulator_that_does_not_end_is_ended);
        tcase_add_test(tests, a_memory_that_is_not_known_is_said);
    }
    tcase_add_test(tests, a_missing_host_is_said);
    tcase_add_loop_test(tests, why_a_host_can_not_be_run_is_said, 0,
                        sizeof spoilt / sizeof *spoilt);
    tcase_add_test(tests, a_processor_that_runs_no_such_programs_is_said);
    tcase_add_loop_test(tests, a_wrong_emulator_is_said_before_anything_starts, 0,
                        sizeof mistakes / sizeof *mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
