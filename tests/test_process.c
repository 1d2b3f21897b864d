// SPDX-License-Identifier: Apache-2.0
// Child processes: how they start, what they have, and that nothing of them stays.
#include "emulator/process/process.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONG_MS = 60000, LIMIT = 1 << 20 };

// Runs a shell script to its end; its output, the caller's.
static char *shell(const char *script, const char *const *environment, int *wait_status)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    char *output = NULL;
    struct failure failure = {0};
    int result = process_run(supervisor, arguments, environment, LONG_MS, LIMIT, &output,
                             wait_status, &failure);
    ck_assert_msg(result == 0, "%s", failure.text);
    return output;
}

static struct process *start_shell(const char *script)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    const struct process_options options = {.arguments = arguments, .channel = -1};
    struct process *process = NULL;
    struct failure failure = {0};
    ck_assert_msg(process_start(&process, supervisor, &options, &failure) == 0, "%s", failure.text);
    return process;
}

static bool has_ended(void *argument)
{
    return !process_running(argument);
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

static bool has_spoken(void *argument)
{
    return process_said(argument)[0] != '\0';
}

// Is gone, or goes within a minute.
static bool is_gone(pid_t pid)
{
    int fd = pidfd_open(pid, PIDFD_NONBLOCK);
    if (fd < 0)
        return errno == ESRCH;
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    int count = poll(&wanted, 1, LONG_MS);
    close(fd);
    return count == 1;
}

static int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

START_TEST(test_output_and_status)
{
    int status = 0;
    char *output = shell("echo out; echo err >&2; exit 3", NULL, &status);
    ck_assert_str_eq(output, "out\nerr\n");
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    free(output);
    output = shell("kill -USR1 $$", NULL, &status);
    char text[64];
    process_describe_end(status, text, sizeof text);
    ck_assert_str_eq(text, "was killed by SIGUSR1");
    ck_assert_str_eq(output, "");
    free(output);
}
END_TEST

START_TEST(test_large_output)
{
    int status = 0;
    char *output = shell("head -c 1048576 /dev/zero | tr '\\0' x", NULL, &status);
    ck_assert_uint_eq(strlen(output), LIMIT);
    ck_assert_uint_eq(strspn(output, "x"), LIMIT);
    free(output);
}
END_TEST

START_TEST(test_too_much_output)
{
    const char *const arguments[] = {"yes", NULL};
    char *output = NULL;
    int status = 0;
    struct failure failure = {0};
    ck_assert_int_eq(
        process_run(supervisor, arguments, NULL, LONG_MS, 100000, &output, &status, &failure), -1);
    ck_assert_str_eq(failure.text, "yes: printed more than 100000 bytes");
    ck_assert_ptr_null(output);
}
END_TEST

START_TEST(test_no_end)
{
    const char *const arguments[] = {"sh", "-c", "echo begun; exec sleep 1000", NULL};
    char *output = NULL;
    int status = 0;
    struct failure failure = {0};
    ck_assert_int_eq(
        process_run(supervisor, arguments, NULL, 300, LIMIT, &output, &status, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_ptr_nonnull(strstr(failure.text, "did not end within 300 ms"));
    ck_assert_ptr_null(output);
}
END_TEST

START_TEST(test_trouble_ends_a_run)
{
    const char *const arguments[] = {"sleep", "1000", NULL};
    char *output = NULL;
    int status = 0;
    struct failure failure = {0};
    supervisor_trouble(supervisor, "something else broke");
    ck_assert_int_eq(
        process_run(supervisor, arguments, NULL, LONG_MS, LIMIT, &output, &status, &failure), -1);
    ck_assert_str_eq(failure.text, "something else broke");
}
END_TEST

static void expect_no_start(const char *program, const char *words)
{
    const char *const arguments[] = {program, NULL};
    const struct process_options options = {.arguments = arguments, .channel = -1};
    struct process *process = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(process_start(&process, supervisor, &options, &failure), -1);
    ck_assert_ptr_null(process);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, program) != NULL, "%s", failure.text);
    ck_assert_msg(strstr(failure.text, words) != NULL, "%s", failure.text);
}

START_TEST(test_cannot_start)
{
    char path[] = "/tmp/test_process-XXXXXX";
    int before = count_descriptors();
    expect_no_start("no-such-program-here", "no such program in PATH");
    expect_no_start("/nonexistent/program", strerror(ENOENT));
    expect_no_start("/etc", strerror(EACCES));
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "\1\2\3\4", 4), 4);
    fchmod(fd, 0700);
    close(fd);
    expect_no_start(path, strerror(ENOEXEC));
    unlink(path);
    supervisor_wait(supervisor, never, NULL, 0, NULL);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(test_environment)
{
    setenv("PROCESS_TEST_KEPT", "kept", 1);
    setenv("PROCESS_TEST_REPLACED", "old", 1);
    setenv("PROCESS_TEST_REMOVED", "there", 1);
    const char *const changes[] = {"PROCESS_TEST_REPLACED=new value=x", "PROCESS_TEST_ADDED=added",
                                   "PROCESS_TEST_REMOVED", NULL};
    int status = 0;
    char *output = shell("env | grep ^PROCESS_TEST_ | sort", changes, &status);
    ck_assert_str_eq(
        output,
        "PROCESS_TEST_ADDED=added\nPROCESS_TEST_KEPT=kept\nPROCESS_TEST_REPLACED=new value=x\n");
    free(output);
}
END_TEST

START_TEST(test_standard_input_is_empty)
{
    int status = 0;
    char *output = shell("cat; echo end", NULL, &status);
    ck_assert_str_eq(output, "end\n");
    free(output);
}
END_TEST

// What a child is born with, whatever the kit itself has.
START_TEST(test_born_clean)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGALRM, SIG_IGN);
    int leaked = dup(1); // without FD_CLOEXEC
    int status = 0;
    char *output = shell("ulimit -c; grep -E '^Sig(Blk|Ign)' /proc/self/status; "
                         "i=0; while [ $i -lt 1000 ]; do [ -e /proc/$$/fd/$i ] && echo $i; "
                         "i=$((i+1)); done; "
                         "read -r pid name state parent group session rest </proc/$$/stat; "
                         "[ $session = $$ ] && echo session",
                         NULL, &status);
    ck_assert_str_eq(output, "0\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
                             "0\n1\n2\nsession\n");
    free(output);
    output = shell("cat /proc/self/oom_score_adj", NULL, &status);
    ck_assert_str_eq(output, "1000\n");
    free(output);
    close(leaked);
}
END_TEST

// What it prints when it is started with these options, of which this sets the rest.
static void run_script(struct process_options options, const char *script, const char *expected)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    struct process *process = NULL;
    options.arguments = arguments;
    options.channel = -1;
    ck_assert_int_eq(process_start(&process, supervisor, &options, NULL), 0);
    ck_assert_int_eq(supervisor_wait(supervisor, has_ended, process, LONG_MS, NULL), 0);
    ck_assert_str_eq(process_said(process), expected);
    process_destroy(process);
}

START_TEST(test_limits)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = 1000;
    setrlimit(RLIMIT_NOFILE, &files);
    run_script((struct process_options){.data_limit = (size_t)64 << 20}, "ulimit -d; ulimit -n",
               "65536\n1000");
    run_script((struct process_options){.many_descriptors = true},
               "[ $(ulimit -Sn) = $(ulimit -Hn) ] && echo raised", "raised");
}
END_TEST

// The filter of a container may not allow it.
START_TEST(test_fixed_addresses)
{
    static const char script[] = "cat /proc/self/personality";
    int own = personality(0xFFFFFFFF);
    char usual[16];
    char fixed[16];
    bool allowed = personality((unsigned long)own | ADDR_NO_RANDOMIZE) >= 0;
    personality((unsigned long)own);
    snprintf(usual, sizeof usual, "%08x", (unsigned)own);
    snprintf(fixed, sizeof fixed, "%08x", (unsigned)own | (allowed ? ADDR_NO_RANDOMIZE : 0));
    run_script((struct process_options){.fixed_addresses = false}, script, usual);
    run_script((struct process_options){.fixed_addresses = true}, script, fixed);
}
END_TEST

static void talk_over_channel(int channel_as)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    char script[128];
    // Asked one by one: listing the folder would open one more.
    snprintf(
        script, sizeof script,
        "echo hello >&%d; for i in {0..1000}; do [ -e /proc/$$/fd/$i ] && echo -n \"$i \"; done",
        channel_as);
    const char *const arguments[] = {"bash", "-c", script, NULL};
    const struct process_options options = {
        .arguments = arguments,
        .channel = ends[1],
        .channel_as = channel_as,
    };
    struct process *process = NULL;
    struct failure failure = {0};
    ck_assert_msg(process_start(&process, supervisor, &options, &failure) == 0, "%s", failure.text);
    close(ends[1]);
    ck_assert_int_eq(supervisor_wait_readable(supervisor, ends[0], LONG_MS, NULL), 0);
    char text[16] = "";
    ck_assert_int_eq(read(ends[0], text, sizeof text - 1), 6);
    ck_assert_str_eq(text, "hello\n");
    ck_assert_int_eq(supervisor_wait(supervisor, has_ended, process, LONG_MS, NULL), 0);
    char expected[32];
    snprintf(expected, sizeof expected, "0 1 2 %d ", channel_as);
    ck_assert_str_eq(process_said(process), expected);
    process_destroy(process);
    close(ends[0]);
}

START_TEST(test_channel)
{
    talk_over_channel(3);
    talk_over_channel(9);
    talk_over_channel(900);
    // The kit's own lowest descriptors may be closed, and the channel be one of them.
    close(0);
    talk_over_channel(3);
}
END_TEST

START_TEST(test_channel_refused)
{
    const char *const arguments[] = {"true", NULL};
    const struct process_options options = {.arguments = arguments, .channel = 1, .channel_as = 2};
    struct process *process = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(process_start(&process, supervisor, &options, &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "descriptor 2"));
}
END_TEST

START_TEST(test_last_words)
{
    // "é" is two bytes, and an odd number of bytes follows it, so that the cut is within one.
    const char *script = "i=0; while [ $i -lt 3000 ]; do printf 'éé'; i=$((i+1)); done; "
                         "printf 'a\\033[1mb\\tc\\001\\n\\n'";
    struct process *process = start_shell(script);
    ck_assert_int_eq(supervisor_wait(supervisor, has_ended, process, LONG_MS, NULL), 0);
    const char *said = process_said(process);
    const char *end = "éa?[1mb\tc?";
    ck_assert_uint_le(strlen(said), 4096);
    ck_assert_uint_ge(strlen(said), 4090);
    ck_assert_str_eq(said + strlen(said) - strlen(end), end);
    ck_assert_int_eq(strncmp(said, "é", strlen("é")), 0);
    size_t mark = process_printed(process);
    ck_assert_str_eq(process_said_since(process, mark), "");
    ck_assert_str_eq(process_said_since(process, mark - 4), "c?");
    process_destroy(process);
}
END_TEST

struct ending {
    int count;
    int wait_status;
    bool destroy;
};

static void on_ended(struct process *process, int wait_status, void *argument)
{
    struct ending *ending = argument;
    ending->count++;
    ending->wait_status = wait_status;
    if (ending->destroy)
        process_destroy(process);
}

static bool ending_seen(void *argument)
{
    return ((struct ending *)argument)->count > 0;
}

static struct process *start_with_ending(const char *script, struct ending *ending)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    const struct process_options options = {
        .arguments = arguments, .channel = -1, .ended = on_ended, .argument = ending};
    struct process *process = NULL;
    ck_assert_int_eq(process_start(&process, supervisor, &options, NULL), 0);
    return process;
}

START_TEST(test_end_is_told)
{
    struct ending ending = {0};
    struct process *process = start_with_ending("exit 5", &ending);
    ck_assert(process_running(process));
    ck_assert_int_eq(supervisor_wait(supervisor, ending_seen, &ending, LONG_MS, NULL), 0);
    ck_assert(!process_running(process));
    ck_assert_int_eq(WEXITSTATUS(ending.wait_status), 5);
    ck_assert_int_eq(process_wait_status(process), ending.wait_status);
    ck_assert_int_eq(process_kill(process), ending.wait_status);
    process_signal(process, SIGTERM); // nothing happens
    process_destroy(process);
    ck_assert_int_eq(ending.count, 1);
    ending = (struct ending){.destroy = true};
    start_with_ending("exit 6", &ending);
    ck_assert_int_eq(supervisor_wait(supervisor, ending_seen, &ending, LONG_MS, NULL), 0);
    ck_assert_int_eq(WEXITSTATUS(ending.wait_status), 6);
}
END_TEST

START_TEST(test_kill)
{
    struct ending ending = {0};
    struct process *process =
        start_with_ending("trap '' TERM INT HUP; echo up; sleep 1000 & wait", &ending);
    ck_assert_int_eq(supervisor_wait(supervisor, has_spoken, process, LONG_MS, NULL), 0);
    process_signal(process, SIGTERM);
    process_signal(process, SIGSTOP);
    int status = process_kill(process);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert(!process_running(process));
    ck_assert_str_eq(process_said(process), "up");
    process_destroy(process);
    supervisor_wait(supervisor, never, NULL, 0, NULL);
    ck_assert_int_eq(ending.count, 0);
}
END_TEST

static pid_t said_pid(struct process *process)
{
    ck_assert_int_eq(supervisor_wait(supervisor, has_spoken, process, LONG_MS, NULL), 0);
    return (pid_t)strtol(process_said(process), NULL, 10);
}

// It sees to the end of what it started, if it is given the time.
static struct process *start_whole(const char *script)
{
    int ends[2];
    const char *const arguments[] = {"sh", "-c", script, NULL};
    struct process *process = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const struct process_options options = {.arguments = arguments,
                                            .channel = ends[1],
                                            .channel_as = 3,
                                            .ends_whole = true,
                                            .has_word = true};
    ck_assert_msg(process_start(&process, supervisor, &options, &failure) == 0, "%s", failure.text);
    close(ends[0]);
    close(ends[1]);
    return process;
}

START_TEST(test_asked_to_end)
{
    struct failure failure = {0};
    struct process *process =
        start_whole("trap 'exit 7' TERM; echo up; while :; do sleep 0.02; done");
    ck_assert_int_eq(supervisor_wait(supervisor, has_spoken, process, LONG_MS, &failure), 0);
    ck_assert(!process_ended_whole(process));
    int status = process_kill(process);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    ck_assert(process_ended_whole(process));
    ck_assert_str_eq(process_word(process), "");
    process_destroy(process);
}
END_TEST

START_TEST(test_killed_by_others)
{
    struct failure failure = {0};
    struct process *process = start_whole("kill -9 $$");
    ck_assert_int_eq(supervisor_wait(supervisor, has_ended, process, LONG_MS, &failure), 0);
    ck_assert(!process_ended_whole(process));
    process_destroy(process);
}
END_TEST

START_TEST(test_word)
{
    struct failure failure = {0};
    struct process *process = start_whole("printf 'no room' >&4; exit 125");
    ck_assert_int_eq(supervisor_wait(supervisor, has_ended, process, LONG_MS, &failure), 0);
    ck_assert_str_eq(process_word(process), "no room");
    ck_assert(process_ended_whole(process));
    process_destroy(process);
}
END_TEST

START_TEST(test_group_goes_with_it)
{
    struct process *process = start_shell("sleep 1000 & echo $!; wait");
    pid_t other = said_pid(process);
    ck_assert_int_gt(other, 1);
    process_kill(process);
    process_destroy(process);
    ck_assert(is_gone(other));
    // Also when it ends of its own.
    process = start_shell("sleep 1000 & echo $!");
    ck_assert_int_eq(supervisor_wait(supervisor, has_ended, process, LONG_MS, NULL), 0);
    other = said_pid(process);
    ck_assert_int_gt(other, 1);
    ck_assert(is_gone(other));
    process_destroy(process);
}
END_TEST

// What took another session still holds the output open: the end is seen all the same.
START_TEST(test_output_held_open)
{
    int status = 0;
    char *output = shell("setsid sleep 1000 & echo $!", NULL, &status);
    pid_t other = (pid_t)strtol(output, NULL, 10);
    ck_assert_int_gt(other, 1);
    kill(other, SIGKILL);
    free(output);
}
END_TEST

// A kit that is killed takes its processes along.
START_TEST(test_dies_with_the_kit)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t kit = fork();
    if (kit == 0) {
        struct supervisor *own = NULL;
        struct process *process = NULL;
        const char *const arguments[] = {"sleep", "1000", NULL};
        const struct process_options options = {.arguments = arguments, .channel = -1};
        if (supervisor_create(&own, NULL) != 0 || process_start(&process, own, &options, NULL) != 0)
            _exit(1);
        pid_t pid = process_pid(process);
        if (write(ends[1], &pid, sizeof pid) != sizeof pid)
            _exit(1);
        for (;;)
            pause();
    }
    pid_t pid = 0;
    ck_assert_int_eq(read(ends[0], &pid, sizeof pid), sizeof pid);
    int fd = pidfd_open(pid, PIDFD_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    kill(kit, SIGKILL);
    ck_assert_int_eq(waitpid(kit, NULL, 0), kit);
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    ck_assert_int_eq(poll(&wanted, 1, LONG_MS), 1);
    close(fd);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

// Started, ended, destroyed in every order; descriptors come and go and nobody takes another's
// events.
START_TEST(test_many)
{
    enum { COUNT = 60 };
    int before = count_descriptors();
    struct process *processes[COUNT];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++)
            processes[i] = start_shell(i % 3 == 0 ? "exec >&- 2>&-; sleep 1000" : "echo x; exit 1");
        for (int i = COUNT - 1; i >= 0; i--) {
            if (i % 3 == 1)
                ck_assert_int_eq(
                    supervisor_wait(supervisor, has_ended, processes[i], LONG_MS, NULL), 0);
            process_destroy(processes[i]);
        }
    }
    process_destroy(NULL);
    supervisor_destroy(supervisor);
    supervised_open();
    ck_assert_int_le(count_descriptors(),
                     before + 2); // the last one's, given up with its supervisor
}
END_TEST

START_TEST(test_find)
{
    char *path = process_find("sh", NULL);
    ck_assert_ptr_nonnull(path);
    ck_assert_int_eq(path[0], '/');
    free(path);
    setenv("PATH", "/nonexistent::/etc", 1);
    ck_assert_ptr_null(process_find("sh", NULL));
    ck_assert_ptr_null(process_find("passwd", "/etc")); // no program
    path = process_find("sh", "/nonexistent:/bin");
    ck_assert_str_eq(path, "/bin/sh");
    free(path);
    path = process_find("./x", NULL);
    ck_assert_str_eq(path, "./x");
    free(path);
}
END_TEST

static TCase *make_cases(void)
{
    TCase *tests = tcase_create("process");
    tcase_add_checked_fixture(tests, supervised_open, supervised_close);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_output_and_status);
    tcase_add_test(tests, test_large_output);
    tcase_add_test(tests, test_too_much_output);
    tcase_add_test(tests, test_no_end);
    tcase_add_test(tests, test_trouble_ends_a_run);
    tcase_add_test(tests, test_cannot_start);
    tcase_add_test(tests, test_environment);
    tcase_add_test(tests, test_standard_input_is_empty);
    tcase_add_test(tests, test_born_clean);
    tcase_add_test(tests, test_limits);
    tcase_add_test(tests, test_fixed_addresses);
    tcase_add_test(tests, test_channel);
    tcase_add_test(tests, test_channel_refused);
    tcase_add_test(tests, test_last_words);
    tcase_add_test(tests, test_end_is_told);
    tcase_add_test(tests, test_kill);
    tcase_add_test(tests, test_asked_to_end);
    tcase_add_test(tests, test_killed_by_others);
    tcase_add_test(tests, test_word);
    tcase_add_test(tests, test_group_goes_with_it);
    tcase_add_test(tests, test_output_held_open);
    tcase_add_test(tests, test_dies_with_the_kit);
    tcase_add_test(tests, test_many);
    tcase_add_test(tests, test_find);
    return tests;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("process");
    suite_add_tcase(suite, make_cases());
    return suite;
}
