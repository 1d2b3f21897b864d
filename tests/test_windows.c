// SPDX-License-Identifier: Apache-2.0
// Windows DLLs, run by Wine: the kit sees from the file which host it needs, judges what it judges
// of a native library, survives what a DLL does to its process, and leaves nothing of Wine behind.
//
// Where Wine is not there, or the compilers for Windows were not, the test is skipped; where this
// machine runs no 32-bit programs, that half of it.
#include "tests/main.h"
#include "tests/marked_line.h"
#include "tests/place.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct architecture {
    const char *name;
    const char *wine;
    bool runs;
};

static struct architecture architectures[] = {
    {"x86_64", "/usr/lib/wine/wine64", false},
    {"i686", "/usr/local/lib/iscsidsc-tck/wine32/usr/lib/wine/wine", false}, // ci/install-wine --32
};

enum { ARCHITECTURE_COUNT = sizeof architectures / sizeof *architectures };

int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    enum { SKIPPED = 77 };
    if (access(TCK_WINDOWS_FOLDER "/x86_64/bin/iscsidsc-tck-host.exe", R_OK) != 0) {
        (void)printf("skipped: nothing was built for Windows; ci/build installs the compilers\n");
        return SKIPPED;
    }
    for (size_t i = 0; i < ARCHITECTURE_COUNT; i++) {
        char command[256];
        snprintf(command, sizeof command, "%s --version >/dev/null 2>&1", architectures[i].wine);
        architectures[i].runs = system(command) == 0; // NOLINT(cert-env33-c): constant words
        if (!architectures[i].runs)
            (void)printf("skipped for %s: %s does not run here\n", architectures[i].name,
                         architectures[i].wine);
    }
    return architectures[0].runs || architectures[1].runs ? 0 : SKIPPED;
}

// The path of a library, malloc'ed.
static char *library_path(const struct architecture *architecture, const char *folder,
                          const char *name)
{
    char *path = NULL;
    ck_assert_int_gt(
        asprintf(&path, "%s/%s/%s/%s.dll", TCK_WINDOWS_FOLDER, architecture->name, folder, name),
        0);
    return path;
}

// --- the same verdicts

struct code_page {
    const char *option;
    int number;
};

static const struct code_page code_pages[] = {{"1252", 1252}, {"932", 932}, {"utf-8", 65001}};

enum { CODE_PAGE_COUNT = sizeof code_pages / sizeof *code_pages };

// Names in many scripts, in code pages that have some of them, and in the one that has all.
START_TEST(the_reference_holds)
{
    const struct architecture *architecture = &architectures[_i / CODE_PAGE_COUNT];
    const struct code_page *page = &code_pages[_i % CODE_PAGE_COUNT];
    if (!architecture->runs)
        return;
    char *library = library_path(architecture, "lib", "iscsidsc-reference");
    char *path = place_path(&place, "result.json");
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "--code-page", page->option, "-s", "scripts", "-s",
            "empty", "--effort", "quick", "--exclude", "STABLE", "--strict", "--json", path, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nHeld: every clause");
    json_t *result = kit_load_json(path);
    const json_t *host = json_object_get(result, "host");
    const char *platform = json_string_value(json_object_get(host, "platform"));
    ck_assert_int_eq(json_integer_value(json_object_get(host, "code_page")), page->number);
    ck_assert_ptr_nonnull(strstr(platform, architecture->name));
    ck_assert_ptr_nonnull(strstr(platform, "wine"));
    json_decref(result);
    kit_free(&kit);
    free(path);
    free(library);
}
END_TEST

// It keeps the session table from call to call. Here the next one has the same size, so that only
// its time tells, and either is there for longer than is needed to keep it.
START_TEST(a_table_of_the_same_size_is_read_anew)
{
    const struct architecture *architecture = &architectures[_i];
    if (!architecture->runs)
        return;
    char *library = library_path(architecture, "lib", "iscsidsc-reference");
    struct kit kit;
    kit_run(&kit, &place, "replay", "-i", library, TCK_SOURCE_DIR "/tests/windows/same_size.jsonl",
            NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nHeld: every clause");
    kit_free(&kit);
    free(library);
}
END_TEST

// The functions beside it, by the initiator service.
START_TEST(its_siblings_hold)
{
    if (!architectures[_i].runs)
        return;
    char *library = library_path(&architectures[_i], "lib", "iscsidsc-reference");
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "luns", "-s", "connections-4", "-c", "EX",
            "-c", "TARGETS", "-c", "DEVICES", "--effort", "quick", "--strict", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "\nHeld: every clause");
    kit_free(&kit);
    free(library);
}
END_TEST

// What is not in the code page may be replaced by anything; what is in it may not.
START_TEST(a_wrong_name_is_found_in_every_code_page)
{
    char *library = library_path(&architectures[0], "lib", "faulty-initiator_name_cut");
    if (access(library, R_OK) != 0) {
        free(library);
        return; // the target windows_implementations was not built
    }
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "--code-page", code_pages[_i].option, "-s",
            "scripts", "-c", "CONTENT", NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    free(library);
}
END_TEST

// --- what a DLL does to its process

struct survival {
    const char *library;
    const char *clause; // of which few calls are made
    int status;
    const char *said;
    bool only_32_bit;
};

static const struct survival survivals[] = {
    {"handles_own_exceptions", "CHARSET-1", 0, "\nHeld: every clause", false},
    {"prints_3000_lines", "CHARSET-1", 0, "first: line 0 of what nobody wants to know", false},
    {"closes_all_handles", "CHARSET-1", 0, "\nHeld: every clause", false},
    {"closes_all_handles", "STABLE-5", 0, "\nwarn  STABLE-5", false},
    {"exits", "CHARSET-1", 1, "ended the process inside the call: exit(3)", false},
    {"terminates", "CHARSET-1", 1, "ended the process inside the call: exit(42)", false},
    {"ends_thread", "CHARSET-1", 1, "ended the process inside the call: exit(114)", false},
    {"raises", "CHARSET-1", 1, "exception 0xE06D7363 (a C++ exception that nobody caught)", false},
    {"fails_fast", "CHARSET-1", 1, "ended the process inside the call", false},
    {"divides_by_zero", "CHARSET-1", 1, "divides_by_zero.dll + 0x", false},
    {"overflows_stack", "CHARSET-1", 1, "exception 0xC00000FD (stack overflow)", false},
    {"crashes_in_own_thread", "CHARSET-1", 1,
     "exception 0xC0000005 (access violation) writing at address 0x10", false},
    {"hangs", "CHARSET-1", 1, "did not return within 1.", false},
    {"misses_a_library", "CHARSET-1", 3, "it needs needed.dll, which can't be loaded", false},
    {"cdecl", "CHARSET-1", 1, "declare it WINAPI", true},
    {"decorated", "EXPORT-1", 1, "but GetIScsiSessionListA@12", true},
    {"decorated_by_microsoft", "EXPORT-1", 1, "but _GetIScsiSessionListA@12", true},
};

enum { SURVIVAL_COUNT = sizeof survivals / sizeof *survivals };

START_TEST(a_dll_cannot_end_the_run)
{
    const struct architecture *architecture = &architectures[_i / SURVIVAL_COUNT];
    const struct survival *survival = &survivals[_i % SURVIVAL_COUNT];
    if (!architecture->runs || (survival->only_32_bit && architecture == &architectures[0]))
        return;
    char *library = library_path(architecture, "hostile", survival->library);
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "-c", survival->clause, "--timeout",
            strcmp(survival->library, "hangs") == 0 ? "1" : "10", NULL);
    kit_expect_status(&kit, survival->status);
    kit_expect_said(&kit, survival->said);
    ck_assert_str_eq(kit.complained, "");
    place_expect_nothing_left(&place);
    kit_free(&kit);
    free(library);
}
END_TEST

// --- where a fault was

struct fault {
    const char *library;
    const char *function;
    const char *mark;
};

static const struct fault faults[] = {
    {"divides_by_zero", "divides_by_zero", "// divided by zero"},
    {"crashes_in_own_thread", "fault", "// in a thread"},
};

enum { FAULT_COUNT = sizeof faults / sizeof *faults };

START_TEST(the_line_of_a_fault_is_said)
{
    const struct architecture *architecture = &architectures[_i / FAULT_COUNT];
    const struct fault *fault = &faults[_i % FAULT_COUNT];
    if (!architecture->runs)
        return;
    char *library = library_path(architecture, "hostile", fault->library);
    char said[256];
    struct kit kit;
    snprintf(said, sizeof said, "in hostile.c:%u (%s), %s.dll + 0x",
             marked_line(TCK_SOURCE_DIR "/tests/windows/hostile.c", fault->mark), fault->function,
             fault->library);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "-c", "CHARSET-1", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, said);
    kit_free(&kit);
    free(library);
}
END_TEST

// --- the end of the kit

// At any moment: the hosts and Wine's server end with it.
static const char *const moments[] = {"scenario", "ok ", "single"};

enum { MOMENT_COUNT = sizeof moments / sizeof *moments };

START_TEST(nothing_is_left_of_a_killed_kit)
{
    const struct architecture *architecture = &architectures[_i / MOMENT_COUNT];
    if (!architecture->runs)
        return;
    char *library = library_path(architecture, "lib", "iscsidsc-reference");
    const char *const arguments[] = {"run", "-i",     library, "-s",       "empty",
                                     "-s",  "single", "-c",    "STATUS-1", NULL};
    struct kit kit;
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    kit_start_piped(&kit, &place, arguments);
    ck_assert(kit_await(&kit, moments[_i % MOMENT_COUNT]));
    kill(kit.pid, SIGKILL);
    kit_wait(&kit);
    kit_expect_status(&kit, 128 + SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    place_expect_nothing_left(&place);
    kit_free(&kit);
    free(library);
}
END_TEST

// --- bad input

struct mistake {
    const char *option;
    const char *value;
    const char *complaint;
};

static const struct mistake mistakes[] = {
    {"--code-page", "866", "--code-page 866: not one that Wine can be asked for"},
    {"--code-page", "latin1", "--code-page latin1: give a number such as 1252, or utf-8"},
    {"--wine-prefix", "/nowhere", "--wine-prefix /nowhere: No such file or directory"},
    {"--wine-prefix", "/etc/passwd", "--wine-prefix /etc/passwd: not a folder"},
};

START_TEST(a_mistake_is_said_before_anything_starts)
{
    char *library = library_path(&architectures[0], "lib", "iscsidsc-reference");
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, mistakes[_i].option, mistakes[_i].value, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, mistakes[_i].complaint);
    kit_free(&kit);
    free(library);
}
END_TEST

START_TEST(options_for_dlls_need_one)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "--code-page", "1252", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "--code-page: it is for Windows DLLs, and no --implementation is");
    kit_free(&kit);
}
END_TEST

// The first bytes of a file that is no DLL.
static void refuse_file(const void *bytes, size_t size, const char *complaint)
{
    char *path = place_path(&place, "wrong.dll");
    FILE *file = fopen(path, "we");
    struct kit kit;
    ck_assert(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    kit_run(&kit, &place, "run", "-i", path, NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, complaint);
    kit_free(&kit);
    free(path);
}

START_TEST(what_is_no_dll_is_said)
{
    unsigned char file[256] = "MZ";
    unsigned char *header = file + 0x80;
    refuse_file(file, 2, "is a program for DOS, or a damaged one for Windows");
    file[0x3C] = 0x80;
    memcpy(header, "PE\0", 4);
    refuse_file(file, sizeof file, "is a Windows program, not a DLL");
    header[23] = 0x20;
    refuse_file(file, sizeof file, "is a Windows DLL for another kind of machine");
    file[0x3F] = 0xFF; // far beyond the end
    refuse_file(file, sizeof file, "is a program for DOS, or a damaged one for Windows");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("windows");
    TCase *tests = tcase_create("dlls");
    tcase_set_timeout(tests, 300);
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    // For a run of all tests, what takes seconds of each kind.
    if (getenv("TCK_FEW") != NULL) {
        for (int i = 0; i < ARCHITECTURE_COUNT; i++) {
            int page = i * CODE_PAGE_COUNT;
            int cdecl_and_decorated = i * SURVIVAL_COUNT + SURVIVAL_COUNT - 3;
            tcase_add_loop_test(tests, the_reference_holds, page, page + 1);
            tcase_add_loop_test(tests, a_table_of_the_same_size_is_read_anew, i, i + 1);
            tcase_add_loop_test(tests, a_dll_cannot_end_the_run, cdecl_and_decorated,
                                cdecl_and_decorated + 3);
            tcase_add_loop_test(tests, nothing_is_left_of_a_killed_kit, i * MOMENT_COUNT,
                                i * MOMENT_COUNT + 1);
        }
        suite_add_tcase(suite, tests);
        return suite;
    }
    tcase_add_loop_test(tests, the_reference_holds, 0, ARCHITECTURE_COUNT * CODE_PAGE_COUNT);
    tcase_add_loop_test(tests, its_siblings_hold, 0, ARCHITECTURE_COUNT);
    tcase_add_loop_test(tests, a_table_of_the_same_size_is_read_anew, 0, ARCHITECTURE_COUNT);
    tcase_add_loop_test(tests, a_wrong_name_is_found_in_every_code_page, 0, CODE_PAGE_COUNT);
    tcase_add_loop_test(tests, a_dll_cannot_end_the_run, 0, ARCHITECTURE_COUNT * SURVIVAL_COUNT);
    tcase_add_loop_test(tests, the_line_of_a_fault_is_said, 0, ARCHITECTURE_COUNT * FAULT_COUNT);
    tcase_add_loop_test(tests, nothing_is_left_of_a_killed_kit, 0,
                        ARCHITECTURE_COUNT * MOMENT_COUNT);
    tcase_add_loop_test(tests, a_mistake_is_said_before_anything_starts, 0,
                        sizeof mistakes / sizeof *mistakes);
    tcase_add_test(tests, options_for_dlls_need_one);
    tcase_add_test(tests, what_is_no_dll_is_said);
    suite_add_tcase(suite, tests);
    return suite;
}
