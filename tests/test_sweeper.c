// SPDX-License-Identifier: Apache-2.0
// Whatever ends the kit, its sweeper or its worker: no process and no folder is left.
#include "conformance/base/clock.h"
#include "emulator/process/process.h"
#include "emulator/process/sweeper.h"
#include "tests/main.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 60000 };

// What a worker tells the test.
struct word {
    pid_t sweeper;
    pid_t worker;
    pid_t child;  // started through process_start
    pid_t daemon; // twice forked, in a session of its own, deaf
    char folder[256];
};

enum manner {
    RETURN,       // the work returns 7 at once
    HOLD,         // it waits for a signal, and returns what the supervisor makes of it
    HOLD_DEAF,    // it hears no signal
    CRASH,        // SIGSEGV in the work
    CALL_EXIT,    // exit(9) in the work
    STOP,         // it stops itself
    STOP_SWEEPER, // and then hears no signal
    OUTSTAY,      // it does not end at its time limit, which is over
};

struct job {
    enum manner manner;
    int to_test; // write end
};

// A background process as a library under test may leave one. Returns its pid.
static pid_t start_daemon(void)
{
    int ends[2];
    pid_t pid = 0;
    if (pipe(ends) != 0)
        return -1;
    pid_t first = fork();
    if (first == 0) {
        setsid();
        for (int number = 1; number < NSIG; number++)
            signal(number, SIG_IGN);
        if (fork() > 0)
            _exit(0);
        pid = getpid();
        if (write(ends[1], &pid, sizeof pid) != sizeof pid)
            _exit(1);
        for (;;)
            pause();
    }
    waitpid(first, NULL, 0);
    ssize_t count = read(ends[0], &pid, sizeof pid);
    close(ends[0]);
    close(ends[1]);
    return count == sizeof pid ? pid : -1;
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

// Folders within folders, deeper than anybody would descend one by one.
static void nest(const char *folder)
{
    enum { DEEP = 300 };
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < DEEP; i++) {
        if (mkdirat(at, "within", 0700) != 0)
            _exit(1);
        int inner = openat(at, "within", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(at);
        at = inner;
    }
    close(openat(at, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0));
    fchmod(at, 0);
    close(at);
}

// Things in the folder that are not easily removed.
static void litter(const char *folder)
{
    char path[512];
    snprintf(path, sizeof path, "%s/locked", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/locked/file", folder);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0));
    snprintf(path, sizeof path, "%s/locked/link", folder);
    if (symlink("/tmp", path) != 0)
        _exit(1);
    snprintf(path, sizeof path, "%s/locked", folder);
    chmod(path, 0);
    nest(folder);
}

static int finish(const struct job *job, struct supervisor *supervisor)
{
    struct failure failure = {0};
    if (job->manner == STOP)
        raise(SIGSTOP);
    if (job->manner == STOP_SWEEPER)
        kill(getppid(), SIGSTOP);
    if (job->manner == HOLD_DEAF || job->manner == STOP_SWEEPER || job->manner == OUTSTAY) {
        for (;;)
            pause();
    }
    if (job->manner == HOLD)
        supervisor_wait(supervisor, never, NULL, UINT_MAX, &failure);
    if (job->manner == CRASH) {
        signal(SIGSEGV, SIG_DFL); // a sanitizer would make an exit of it
        raise(SIGSEGV);
    }
    if (job->manner == CALL_EXIT)
        exit(9);
    return job->manner == HOLD ? failure.status : 7;
}

static int work(void *argument, const char *folder)
{
    const struct job *job = argument;
    struct word word = {.sweeper = getppid(), .worker = getpid(), .daemon = start_daemon()};
    const char *const arguments[] = {"sleep", "1000", NULL};
    const struct process_options options = {.arguments = arguments, .channel = -1};
    struct supervisor *supervisor = NULL;
    struct process *process = NULL;
    snprintf(word.folder, sizeof word.folder, "%s", folder);
    litter(folder);
    if (job->manner == HOLD_DEAF || supervisor_create(&supervisor, NULL) != 0 ||
        process_start(&process, supervisor, &options, NULL) != 0)
        word.child = -1;
    else
        word.child = process_pid(process);
    if (write(job->to_test, &word, sizeof word) != sizeof word)
        return 1;
    int result = finish(job, supervisor);
    if (job->manner == RETURN)
        return result; // and all of it left to the sweeper
    process_destroy(process);
    supervisor_destroy(supervisor);
    return result;
}

// A kit in a process of its own, and pidfds of all that it started.
struct kit {
    pid_t pid;
    struct word word;
    int watched[4];
    int from_kit; // read end: what sweeper_run said in it
};

struct answer {
    int result;
    struct failure failure;
};

static int watch(pid_t pid)
{
    return pid > 0 ? pidfd_open(pid, PIDFD_NONBLOCK) : -1;
}

static struct kit start_kit(enum manner manner)
{
    struct kit kit = {0};
    int to_test[2];
    int answers[2];
    ck_assert_int_eq(pipe2(to_test, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(answers, O_CLOEXEC), 0);
    kit.pid = fork();
    if (kit.pid == 0) {
        struct job job = {.manner = manner, .to_test = to_test[1]};
        struct answer answer = {0};
        answer.result = sweeper_run(
            work, &job, manner == OUTSTAY ? clock_now_ns() - 8 * UINT64_C(1000000000) : 0,
            &answer.failure);
        _exit(write(answers[1], &answer, sizeof answer) == sizeof answer ? 0 : 1);
    }
    ck_assert_int_eq(read(to_test[0], &kit.word, sizeof kit.word), sizeof kit.word);
    kit.watched[0] = watch(kit.word.sweeper);
    kit.watched[1] = watch(kit.word.worker);
    kit.watched[2] = watch(kit.word.child);
    kit.watched[3] = watch(kit.word.daemon);
    close(to_test[0]);
    close(to_test[1]);
    close(answers[1]);
    kit.from_kit = answers[0];
    return kit;
}

// Waits for the end of everything; `answer` is NULL where the kit was killed.
static void expect_nothing_left(struct kit *kit, struct answer *answer)
{
    if (answer != NULL)
        ck_assert_int_eq(read(kit->from_kit, answer, sizeof *answer), sizeof *answer);
    for (int i = 0; i < 4; i++) {
        struct pollfd wanted = {.fd = kit->watched[i], .events = POLLIN};
        if (kit->watched[i] >= 0)
            ck_assert_msg(poll(&wanted, 1, LONG_MS) == 1, "process %d of %d stays", i, 4);
    }
    ck_assert_int_eq(waitpid(kit->pid, NULL, 0), kit->pid);
    ck_assert_msg(access(kit->word.folder, F_OK) != 0 && errno == ENOENT, "%s stays",
                  kit->word.folder);
    struct stat status;
    ck_assert_int_eq(stat("/tmp", &status), 0); // a link to it was in the folder
}

START_TEST(test_return)
{
    struct kit kit = start_kit(RETURN);
    struct answer answer;
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, 7);
    ck_assert_int_eq(answer.failure.status, 0);
    ck_assert_int_eq(strncmp(kit.word.folder, "/tmp/iscsidsc-tck-", 18), 0);
}
END_TEST

// Whatever ended it there, a library that reached into the kit perhaps: it is no verdict.
START_TEST(test_exit_in_the_work)
{
    struct kit kit = start_kit(CALL_EXIT);
    struct answer answer;
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, -1);
    ck_assert_int_eq(answer.failure.status, STATUS_UNTRUSTED);
    ck_assert_str_eq(answer.failure.text,
                     "the worker exited with status 9, which it did not decide itself");
}
END_TEST

START_TEST(test_crash_in_the_work)
{
    struct kit kit = start_kit(CRASH);
    struct answer answer;
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, -1);
    ck_assert_int_eq(answer.failure.status, STATUS_UNTRUSTED);
    ck_assert_str_eq(answer.failure.text,
                     "the worker was killed by SIGSEGV, which nobody asked the kit for");
}
END_TEST

static const struct {
    enum manner manner;
    const char *told;
} standstills[] = {
    {STOP, "the worker was stopped by a signal that nobody sent to the kit, and was killed"},
    {STOP_SWEEPER, "the sweeper was killed by SIGKILL before its time"},
    {OUTSTAY, "the worker did not end at its time limit, and was killed"},
};

START_TEST(test_standstill)
{
    struct kit kit = start_kit(standstills[_i].manner);
    struct answer answer;
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, -1);
    ck_assert_int_eq(answer.failure.status, STATUS_UNTRUSTED);
    ck_assert_str_eq(answer.failure.text, standstills[_i].told);
}
END_TEST

static const int handed_on[] = {SIGINT, SIGTERM, SIGHUP};

START_TEST(test_signal_to_the_kit)
{
    struct kit kit = start_kit(HOLD);
    struct answer answer;
    kill(kit.pid, handed_on[_i]);
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, 128 + handed_on[_i]);
}
END_TEST

START_TEST(test_signal_to_the_sweeper)
{
    struct kit kit = start_kit(HOLD);
    struct answer answer;
    kill(kit.word.sweeper, SIGUSR1);
    kill(kit.word.sweeper, handed_on[_i]);
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, 128 + handed_on[_i]);
}
END_TEST

START_TEST(test_worker_killed)
{
    struct kit kit = start_kit(HOLD);
    struct answer answer;
    kill(kit.word.worker, SIGKILL);
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, -1);
    ck_assert_int_eq(answer.failure.status, STATUS_UNTRUSTED);
    ck_assert_str_eq(answer.failure.text,
                     "the worker was killed by SIGKILL, which nobody asked the kit for");
}
END_TEST

START_TEST(test_kit_killed)
{
    struct kit kit = start_kit(_i == 0 ? HOLD : HOLD_DEAF);
    kill(kit.pid, SIGKILL);
    expect_nothing_left(&kit, NULL);
}
END_TEST

START_TEST(test_kit_quits)
{
    struct kit kit = start_kit(HOLD);
    kill(kit.pid, SIGQUIT);
    expect_nothing_left(&kit, NULL);
}
END_TEST

START_TEST(test_sweeper_killed)
{
    struct kit kit = start_kit(HOLD);
    struct answer answer;
    kill(kit.word.sweeper, SIGKILL);
    expect_nothing_left(&kit, &answer);
    ck_assert_int_eq(answer.result, -1);
    ck_assert_int_eq(answer.failure.status, STATUS_UNTRUSTED);
    ck_assert_str_eq(answer.failure.text, "the sweeper was killed by SIGKILL before its time");
}
END_TEST

// A worker that hears nothing is killed at the third signal.
START_TEST(test_stuck_worker)
{
    struct kit kit = start_kit(HOLD_DEAF);
    struct answer answer;
    kill(kit.word.worker, SIGSTOP);
    kill(kit.pid, SIGINT);
    kill(kit.pid, SIGTERM);
    kill(kit.pid, SIGHUP);
    expect_nothing_left(&kit, &answer);
    ck_assert_int_gt(answer.result, 128);
}
END_TEST

static int return_argument(void *argument, const char *folder)
{
    struct stat status;
    if (stat(folder, &status) != 0 || (status.st_mode & 07777) != 0700)
        return 99;
    return *(int *)argument;
}

START_TEST(test_folder)
{
    char parent[] = "/tmp/test_sweeper-XXXXXX";
    int seven = 7;
    struct failure failure = {0};
    ck_assert_ptr_nonnull(mkdtemp(parent));
    setenv("TMPDIR", parent, 1);
    ck_assert_int_eq(sweeper_run(return_argument, &seven, 0, &failure), 7);
    ck_assert_int_eq(rmdir(parent), 0); // empty again
    ck_assert_int_eq(sweeper_run(return_argument, &seven, 0, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_ptr_nonnull(strstr(failure.text, parent));
    ck_assert_ptr_nonnull(strstr(failure.text, "TMPDIR"));
}
END_TEST

// The kit is as it was before, its own children included.
START_TEST(test_nothing_of_the_kit_changes)
{
    int zero = 0;
    sigset_t before;
    sigset_t after;
    pid_t own = fork();
    if (own == 0) {
        for (;;)
            pause();
    }
    signal(SIGCHLD, SIG_IGN);
    sigprocmask(SIG_BLOCK, NULL, &before);
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(sweeper_run(return_argument, &zero, 0, NULL), 0);
    sigprocmask(SIG_BLOCK, NULL, &after);
    for (int number = 1; number < NSIG; number++)
        ck_assert_int_eq(sigismember(&before, number), sigismember(&after, number));
    ck_assert_ptr_eq(signal(SIGCHLD, SIG_DFL), SIG_IGN);
    ck_assert_int_eq(kill(own, 0), 0);
    kill(own, SIGKILL);
    ck_assert_int_eq(waitpid(own, NULL, 0), own);
    int fd = dup(0);
    ck_assert_int_lt(fd, 10); // no descriptor stays open
    close(fd);
}
END_TEST

START_TEST(test_side_by_side)
{
    enum { COUNT = 20 };
    struct kit kits[COUNT];
    for (int i = 0; i < COUNT; i++)
        kits[i] = start_kit(HOLD);
    for (int i = 0; i < COUNT; i++)
        kill(kits[i].pid, i % 2 == 0 ? SIGKILL : SIGTERM);
    for (int i = 0; i < COUNT; i++)
        expect_nothing_left(&kits[i], NULL);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("sweeper");
    TCase *tests = tcase_create("sweeper");
    unsetenv("TMPDIR");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_return);
    tcase_add_test(tests, test_exit_in_the_work);
    tcase_add_test(tests, test_crash_in_the_work);
    tcase_add_loop_test(tests, test_standstill, 0,
                        (int)(sizeof standstills / sizeof standstills[0]));
    tcase_add_loop_test(tests, test_signal_to_the_kit, 0, 3);
    tcase_add_loop_test(tests, test_signal_to_the_sweeper, 0, 3);
    tcase_add_test(tests, test_worker_killed);
    tcase_add_loop_test(tests, test_kit_killed, 0, 2);
    tcase_add_test(tests, test_kit_quits);
    tcase_add_test(tests, test_sweeper_killed);
    tcase_add_test(tests, test_stuck_worker);
    tcase_add_test(tests, test_folder);
    tcase_add_test(tests, test_nothing_of_the_kit_changes);
    tcase_add_test(tests, test_side_by_side);
    suite_add_tcase(suite, tests);
    return suite;
}
