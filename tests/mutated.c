// SPDX-License-Identifier: Apache-2.0
// The main() of a test program whose judges ci/mutate has changed: runs the suite once as it is,
// then once for each mutant named on the command line, in a process of its own, up to the first
// test that fails. Prints a line for each: its number, "killed", "survived" or "invalid", and
// milliseconds.
#include "tests/main.h"

#include "conformance/base/clock.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// The mutant that the changed functions are; 0: none.
int tck_mutant;

// Reserved names are what the linker's --wrap asks for.
// NOLINTBEGIN(bugprone-reserved-identifier)
void __wrap__ck_assert_failed(const char *file, int line, const char *expression,
                              const char *message, ...) __attribute__((noreturn));
// NOLINTEND(bugprone-reserved-identifier)

enum { KILLED = 1, TIME_MAX_S = 3, NS_PER_MS = 1000000, HEAP_KEPT = 1 << 25 };

__attribute__((weak)) int test_set_up(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

__attribute__((weak)) void test_clean_up(void)
{
}

// The first failure is enough. Unmutated there must be none.
// NOLINTNEXTLINE(bugprone-reserved-identifier)
void __wrap__ck_assert_failed(const char *file, int line, const char *expression,
                              const char *message, ...)
{
    (void)message;
    if (tck_mutant == 0)
        fprintf(stderr, "%s:%d: fails without any mutant: %s\n", file, line, expression);
    _exit(KILLED);
}

static int run_suite(void)
{
    SRunner *runner = srunner_create(test_suite());
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : KILLED;
}

// How a mutant ended: one that never ends, or crashes, is killed like one that fails a test. One
// that leaves a function without its value (see ci/mutate) is no C program.
static const char *try_mutant(int mutant)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        const struct rlimit time = {TIME_MAX_S, TIME_MAX_S};
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CPU, &time);
        setrlimit(RLIMIT_CORE, &none);
        alarm(10 * TIME_MAX_S); // for one that waits
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(EXIT_FAILURE);
        tck_mutant = mutant;
        _exit(run_suite());
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("mutated test");
        exit(EXIT_FAILURE);
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGILL)
        return "invalid";
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS ? "survived" : "killed";
}

int main(int argc, char **argv)
{
    char *none[] = {argv[0], NULL};
    mallopt(M_TRIM_THRESHOLD,
            HEAP_KEPT); // a mutant's time went into getting memory from the system
    mallopt(M_MMAP_THRESHOLD, HEAP_KEPT);
    if (test_set_up(1, none) != EXIT_SUCCESS || run_suite() != EXIT_SUCCESS)
        return EXIT_FAILURE;
    for (int i = 1; i < argc; i++) {
        uint64_t began_ns = clock_now_ns();
        const char *state = try_mutant((int)strtol(argv[i], NULL, 10));
        printf("%s %s %llu\n", argv[i], state,
               (unsigned long long)((clock_now_ns() - began_ns) / NS_PER_MS));
        fflush(stdout);
    }
    test_clean_up();
    return EXIT_SUCCESS;
}
