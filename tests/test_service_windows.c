// SPDX-License-Identifier: Apache-2.0
// Callers of the reference DLL under Wine, which reach the initiator service by TCP: caller.c built
// by mingw-w64, and caller.go built by Go, each for 64 and for 32 bits.
//
// Where Wine is not there, or nothing was built for Windows, the test is skipped; where Go was not
// there, or Wine for 32 bits can't be run, that half of it.
#include "emulator/service/initiator_service.h"
#include "harness/driver/wine.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/serviced.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct wine *wine;
static struct wine_program wine_program;
static char wine_folder[80]; // Wine leaves files in it

static struct width {
    const char *name;
    bool is_64_bit;
    bool runs;
} widths[] = {{"x86_64", true, false}, {"i686", false, false}};

enum { WIDTHS = sizeof widths / sizeof *widths };

static char *file_of(const struct width *width, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, TCK_WINDOWS_FOLDER "/%s/%s", width->name, name) < 0)
        abort();
    return path;
}

static bool is_there(const struct width *width, const char *name)
{
    char *path = file_of(width, name);
    bool found = access(path, R_OK) == 0;
    free(path);
    return found;
}

int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    enum { SKIPPED = 77 };
    if (!is_there(&widths[0], "bin/caller.exe")) {
        (void)printf("skipped: nothing was built for Windows; ci/build installs the compilers\n");
        return SKIPPED;
    }
    if (!is_there(&widths[0], "bin/caller-go.exe"))
        (void)printf("skipped for Go: the package golang-go was not there when this was built\n");
    for (size_t i = 0; i < WIDTHS; i++) {
        struct failure failure = {0};
        widths[i].runs = wine_find(&wine_program, widths[i].is_64_bit, &failure) == 0;
        wine_program_free(&wine_program);
        if (!widths[i].runs)
            (void)printf("skipped for %s: %s\n", widths[i].name, failure.text);
    }
    return widths[0].runs || widths[1].runs ? 0 : SKIPPED;
}

static void start_wine(const struct width *width)
{
    struct failure failure = {0};
    char *keeper = file_of(width, "bin/iscsidsc-tck-host.exe");
    ck_assert_msg(wine_find(&wine_program, width->is_64_bit, &failure) == 0, "%s", failure.text);
    const struct wine_options options = {.program = &wine_program, .keeper = keeper};
    snprintf(wine_folder, sizeof wine_folder, "%s/wine", folder);
    ck_assert_int_eq(mkdir(wine_folder, S_IRWXU), 0);
    ck_assert_msg(wine_start(&wine, supervisor, &options, wine_folder, &failure) == 0, "%s",
                  failure.text);
    free(keeper);
    for (const char *const *variable = wine_environment(wine); *variable != NULL; variable++) {
        char *name = strdup(*variable);
        ck_assert_ptr_nonnull(name);
        char *equals = strchr(name, '=');
        if (equals == NULL) {
            ck_assert_int_eq(unsetenv(name), 0);
        } else {
            *equals = '\0';
            ck_assert_int_eq(setenv(name, equals + 1, 1), 0);
        }
        free(name);
    }
}

static void open_service(void)
{
    serviced_open();
    serviced_start(true);
}

static void stop_wine(void)
{
    wine_stop(wine);
    wine_program_free(&wine_program);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", wine_folder);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): constant words
}

static void run_caller(const struct width *width, const char *name)
{
    if (!width->runs || !is_there(width, name))
        return;
    char *program = file_of(width, name);
    char *path = file_of(width, "lib/iscsidsc-reference.dll");
    char *library = wine_path(path);
    ck_assert_ptr_nonnull(library);
    start_wine(width);
    const char *const arguments[] = {wine_loader(wine),   program, library, "127.0.0.1",
                                     service_port_text(), DISK,    NULL};
    serviced_run_sequence(arguments);
    const char *const with_chap[] = {
        wine_loader(wine),  program, library, "127.0.0.1", service_port_text(), SECRET_DISK, "user",
        "password-of-user", NULL};
    serviced_run_sequence(with_chap);
    stop_wine();
    free(library);
    free(path);
    free(program);
}

START_TEST(test_caller_in_c)
{
    run_caller(&widths[_i], "bin/caller.exe");
}
END_TEST

START_TEST(test_caller_in_go)
{
    run_caller(&widths[_i], "bin/caller-go.exe");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("service_windows");
    TCase *tests = tcase_create("service_windows");
    tcase_add_checked_fixture(tests, open_service, serviced_close);
    tcase_add_loop_test(tests, test_caller_in_c, 0, WIDTHS);
    tcase_add_loop_test(tests, test_caller_in_go, 0, WIDTHS);
    tcase_set_timeout(tests, 240);
    suite_add_tcase(suite, tests);
    return suite;
}
