// Callers of the reference DLL under Wine, which reach the initiator service by TCP: caller.c built
// by mingw-w64, and caller.go built by Go.
//
// Where Wine is not there, or nothing was built for Windows, the test is skipped; where Go was not
// there, that half of it.
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

int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    enum { SKIPPED = 77 };
    struct failure failure = {0};
    if (access(TCK_WINDOWS_FOLDER "/bin/caller.exe", R_OK) != 0) {
        (void)printf("skipped: nothing was built for Windows; ci/build installs the compilers\n");
        return SKIPPED;
    }
    if (access(TCK_WINDOWS_FOLDER "/bin/caller-go.exe", R_OK) != 0)
        (void)printf("skipped for Go: the package golang-go was not there when this was built\n");
    if (wine_find(&wine_program, true, &failure) == 0) {
        wine_program_free(&wine_program);
        return 0;
    }
    (void)printf("skipped: %s\n", failure.text);
    return SKIPPED;
}

static void open_wine(void)
{
    struct failure failure = {0};
    serviced_open();
    serviced_start(true);
    ck_assert_msg(wine_find(&wine_program, true, &failure) == 0, "%s", failure.text);
    const struct wine_options options = {
        .program = &wine_program,
        .keeper = TCK_WINDOWS_FOLDER "/bin/iscsidsc-tck-host.exe",
    };
    snprintf(wine_folder, sizeof wine_folder, "%s/wine", folder);
    ck_assert_int_eq(mkdir(wine_folder, S_IRWXU), 0);
    ck_assert_msg(wine_start(&wine, supervisor, &options, wine_folder, &failure) == 0, "%s",
                  failure.text);
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

static void close_wine(void)
{
    wine_stop(wine);
    wine_program_free(&wine_program);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", wine_folder);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): constant words
    serviced_close();
}

static void run_caller(const char *program)
{
    char *library = wine_path(TCK_WINDOWS_FOLDER "/lib/iscsidsc-reference.dll");
    ck_assert_ptr_nonnull(library);
    const char *const arguments[] = {wine_loader(wine),   program, library, "127.0.0.1",
                                     service_port_text(), DISK,    NULL};
    serviced_run_sequence(arguments);
    const char *const with_chap[] = {
        wine_loader(wine),  program, library, "127.0.0.1", service_port_text(), SECRET_DISK, "user",
        "password-of-user", NULL};
    serviced_run_sequence(with_chap);
    free(library);
}

START_TEST(test_caller_in_c)
{
    run_caller(TCK_WINDOWS_FOLDER "/bin/caller.exe");
}
END_TEST

START_TEST(test_caller_in_go)
{
    run_caller(TCK_WINDOWS_FOLDER "/bin/caller-go.exe");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("service_windows");
    TCase *tests = tcase_create("service_windows");
    tcase_add_checked_fixture(tests, open_wine, close_wine);
    tcase_add_test(tests, test_caller_in_c);
    if (access(TCK_WINDOWS_FOLDER "/bin/caller-go.exe", R_OK) == 0)
        tcase_add_test(tests, test_caller_in_go);
    tcase_set_timeout(tests, 240);
    suite_add_tcase(suite, tests);
    return suite;
}
