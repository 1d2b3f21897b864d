// SPDX-License-Identifier: Apache-2.0
// Starts child processes: finds the program, forks, and makes the child what it is to be.
#include "emulator/process/launch.h"

#include "emulator/process/descriptors.h"
#include "emulator/process/ending.h"
#include "emulator/process/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Everything the child needs between fork and exec, made before: there it may not allocate.
struct launch {
    char *path;
    char **arguments; // borrowed
    char **environment;
    int channel;
    int channel_as;
    int output;
    int word; // -1: none
    int network;
    int report; // where the child writes errno when it can't become the program
    pid_t parent;
    size_t data_limit;
    bool many_descriptors;
    bool fixed_addresses;
};

// ---- finding the program and making its environment

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static char *find_in(const char *name, const char *folders)
{
    while (folders != NULL && *folders != '\0') {
        size_t length = strcspn(folders, ":");
        char *path = NULL;
        // An empty entry means the working directory, where none of the programs are.
        if (length > 0 && asprintf(&path, "%.*s/%s", (int)length, folders, name) < 0)
            return NULL;
        if (path != NULL && is_program(path))
            return path;
        free(path);
        folders += length;
        folders += *folders == ':' ? 1 : 0;
    }
    return NULL;
}

char *process_find(const char *name, const char *more_folders)
{
    if (strchr(name, '/') != NULL)
        return strdup(name);
    const char *folders = getenv("PATH");
    char *path = find_in(name, folders != NULL ? folders : "/usr/local/bin:/usr/bin:/bin");
    return path != NULL ? path : find_in(name, more_folders);
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    return count;
}

static bool same_variable(const char *left, const char *right)
{
    size_t length = strcspn(left, "=");
    return length == strcspn(right, "=") && strncmp(left, right, length) == 0;
}

// The kit's environment with `changes`; the texts are borrowed, the array is the caller's.
static char **make_environment(const char *const *changes)
{
    size_t change_count = count_texts(changes);
    size_t own_count = count_texts((const char *const *)environ);
    const char **result = calloc(own_count + change_count + 1, sizeof *result);
    size_t used = 0;
    for (size_t i = 0; result != NULL && i < own_count; i++) {
        bool changed = false;
        for (size_t j = 0; j < change_count && !changed; j++)
            changed = same_variable(environ[i], changes[j]);
        if (!changed)
            result[used++] = environ[i];
    }
    for (size_t j = 0; result != NULL && j < change_count; j++) {
        if (strchr(changes[j], '=') != NULL)
            result[used++] = changes[j];
    }
    return (char **)result;
}

// ---- the child between fork and exec: async-signal-safe calls only

static void default_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &action, NULL); // fails for KILL, STOP and libc's own two: as it should
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_on_exec(int fd)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0)
        fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

// All descriptors from 3 up go at exec: those of the kit that were not opened so, too.
static void close_all_on_exec(void)
{
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    struct rlimit limit = {.rlim_cur = 65536};
    getrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 3; fd < 65536 && (rlim_t)fd < limit.rlim_cur; fd++)
        close_on_exec(fd);
}

// Gives the child's descriptors their numbers. All are first duplicated to higher numbers, so that
// none overwrites another.
static int place_descriptors(struct launch *launch)
{
    int above = launch->channel >= 0 && launch->channel_as > 2 ? launch->channel_as + 2 : 3;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0)
        return -1;
    null = fcntl(null, F_DUPFD_CLOEXEC, above);
    int output = fcntl(launch->output, F_DUPFD_CLOEXEC, above);
    int report = fcntl(launch->report, F_DUPFD_CLOEXEC, above);
    int channel = launch->channel < 0 ? 0 : fcntl(launch->channel, F_DUPFD_CLOEXEC, above);
    int word = launch->word < 0 ? 0 : fcntl(launch->word, F_DUPFD_CLOEXEC, above);
    if (null < 0 || output < 0 || report < 0 || channel < 0 || word < 0)
        return -1;
    launch->report = report;
    close_all_on_exec();
    if (dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        return -1;
    if (launch->channel >= 0 && dup2(channel, launch->channel_as) < 0)
        return -1;
    if (launch->word >= 0 && dup2(word, launch->channel_as + 1) < 0)
        return -1;
    return 0;
}

static int set_limits(const struct launch *launch)
{
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return -1;
    struct rlimit files;
    if (launch->many_descriptors && getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0)
            return -1;
    }
    struct rlimit data;
    if (launch->data_limit != 0) {
        if (getrlimit(RLIMIT_DATA, &data) != 0)
            return -1;
        data.rlim_cur = launch->data_limit < data.rlim_max ? launch->data_limit : data.rlim_max;
        data.rlim_max = data.rlim_cur;
        if (setrlimit(RLIMIT_DATA, &data) != 0)
            return -1;
    }
    return 0;
}

// Best effort: the filter of a container may not allow it.
static void fix_addresses(void)
{
    int now = personality(0xFFFFFFFF); // asks
    if (now >= 0)
        personality((unsigned long)now | ADDR_NO_RANDOMIZE);
}

// The kernel takes it first when memory runs out. Best effort: not every container allows it.
static void volunteer_for_oom(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "1000", 4);
    (void)written;
    close(fd);
}

__attribute__((noreturn)) static void become(struct launch *launch)
{
    // If the parent had died before the request was made, the signal would never come.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != launch->parent)
        _exit(127);
    bool failed = (launch->network > 0 && setns(launch->network, CLONE_NEWNET) != 0) ||
                  setsid() < 0 || place_descriptors(launch) != 0 || set_limits(launch) != 0;
    if (!failed) {
        volunteer_for_oom("/proc/self/oom_score_adj");
        if (launch->fixed_addresses)
            fix_addresses();
        default_signals();
        execve(launch->path, launch->arguments, launch->environment);
    }
    int error = errno;
    ssize_t written = write(launch->report, &error, sizeof error);
    (void)written;
    _exit(127);
}

// ---- the start

bool launch_await_end(pid_t pid, int *status)
{
    pid_t reaped = 0;
    do
        reaped = waitpid(pid, status, 0);
    while (reaped < 0 && errno == EINTR);
    return reaped == pid;
}

// Reads what the child reports; end of file, exec having closed it, is success.
static int read_report(int report)
{
    int error = 0;
    ssize_t count = transfer_read(report, &error, sizeof error);
    if (count == 0)
        return 0;
    return count == (ssize_t)sizeof error && error != 0 ? error : EIO;
}

void launch_guard(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}

// Forks with every signal held back: a signal that met the child while it still has the kit's
// handlers would be taken for one to the kit. By vfork, which lends the child the kit's memory
// until it becomes the program: a kit that holds the answers of 10,000 sessions takes some 100 ms
// to copy. What the child writes there is of no use to the kit any more: the launch, and errno.
static pid_t fork_quietly(struct launch *launch)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    launch->parent = getpid();
    pid_t pid = vfork(); // NOLINT(clang-analyzer-security.insecureAPI.vfork): see above
    if (pid == 0)
        become(launch); // NOLINT(clang-analyzer-unix.Vfork): it makes system calls only
    int error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

// Forks and execs; the pid, or -1 with errno.
static pid_t launch_child(struct launch *launch)
{
    int report[2];
    char path[64];
    if (pipe2(report, O_CLOEXEC) != 0)
        return -1;
    launch->report = report[1];
    pid_t pid = fork_quietly(launch);
    int error = errno;
    close(report[1]);
    if (pid > 0) {
        error = read_report(report[0]);
        if (error != 0) {
            launch_await_end(pid, NULL);
            pid = -1;
        } else {
            // It can't say so itself where it was still a part of a guarded process.
            snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)pid);
            volunteer_for_oom(path);
        }
    }
    close(report[0]);
    errno = error;
    return pid;
}

int launch_process(struct launched *launched, const struct process_options *options,
                   struct failure *failure)
{
    const char *name = options->arguments[0];
    int result = -1;
    errno = 0;
    int output[2] = {-1, -1};
    int word[2] = {-1, -1};
    struct launch launch = {
        .path = process_find(name, NULL),
        .arguments = (char **)options->arguments,
        .environment = make_environment(options->environment),
        .channel = options->channel,
        .channel_as = options->channel_as,
        .word = -1,
        .network = options->network,
        .data_limit = options->data_limit,
        .many_descriptors = options->many_descriptors,
        .fixed_addresses = options->fixed_addresses,
    };
    *launched = (struct launched){.pid = -1, .ended = -1, .output = -1, .word = -1};
    if (launch.environment == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "%s: cannot be started: out of memory", name);
        goto out;
    }
    if (launch.path == NULL && errno == ENOMEM) {
        failure_set(failure, STATUS_UNTRUSTED, "%s: cannot be started: out of memory", name);
        goto out;
    }
    if (launch.path == NULL) {
        failure_set(failure, STATUS_UNTRUSTED,
                    "%s: cannot be started: there is no such program in PATH", name);
        goto out;
    }
    if (pipe2(output, O_CLOEXEC) != 0 || fcntl(output[0], F_SETFL, O_NONBLOCK) != 0)
        goto errno_out;
    if (options->has_word &&
        (pipe2(word, O_CLOEXEC) != 0 || fcntl(word[0], F_SETFL, O_NONBLOCK) != 0))
        goto errno_out;
    launch.output = output[1];
    launch.word = word[1];
    launched->pid = launch_child(&launch);
    if (launched->pid > 0)
        launched->ended = ending_open(launched->pid);
    if (launched->ended < 0)
        goto errno_out;
    launched->output = output[0];
    launched->word = word[0];
    result = 0;
    goto out;
errno_out:
    failure_set(failure, STATUS_UNTRUSTED, "%s: cannot be started: %s", launch.path,
                strerror(errno));
    if (launched->pid > 0) {
        kill(-launched->pid, SIGKILL);
        launch_await_end(launched->pid, NULL);
    }
    descriptors_close(output[0]);
    descriptors_close(word[0]);
out:
    descriptors_close(output[1]);
    descriptors_close(word[1]);
    free(launch.path);
    free(launch.environment);
    return result;
}
