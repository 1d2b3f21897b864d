// SPDX-License-Identifier: Apache-2.0
// Runs the work in a process of its own and cleans up behind it.
#include "emulator/process/sweeper.h"

#include "conformance/base/clock.h"
#include "emulator/process/descendants.h"
#include "emulator/process/descriptors.h"
#include "emulator/process/limits.h"
#include "emulator/process/process.h"
#include "emulator/process/removal.h"
#include "emulator/process/transfer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 10000,  // how long killed processes may take to be gone
    SIGNALS_TAKEN = 3,    // the one at which the worker is no longer asked
    GRACE_MS = 10000,     // after the deadline, for the worker to see it and clean up
    LOOK_EVERY_MS = 1000, // whether what is watched is stopped
};

// What the sweeper tells the kit at its end.
struct report {
    int status;
    struct failure failure;
};

// What the kit hands to the sweeper, which is forked with a copy.
struct sweeper {
    sweeper_work *work;
    void *argument;
    uint64_t deadline_ms; // 0: none
    char *folder;
    sigset_t mask; // the kit's own
    sigset_t deaf; // that and the signals that are taken from `signals`
    int kit;       // pidfd; -1 where the system has none: the end of `report` tells then
    int signals;   // signalfd; kit's and sweeper's, as each reads its own from it
    // Sockets, because others can open pipes by /proc/PID/fd.
    int report[2]; // what the sweeper tells the kit
    int word[2];   // the worker's exit status, said by itself
    bool was_subreaper;
    struct sigaction child_action; // the kit's own for SIGCHLD
    struct spared spared;          // children that the kit had before
};

static uint64_t now_ms(void)
{
    return clock_now_ns() / 1000000;
}

static int make_channel(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

// ---- processes

// Until nothing is left below this process. SIGCHLD is blocked.
static int sweep_processes(const struct sweeper *sweep, struct failure *failure)
{
    const struct timespec tick = {.tv_nsec = 10000000};
    uint64_t deadline = now_ms() + PATIENCE_MS;
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    for (;;) {
        if (descendants_none())
            return 0;
        int found = descendants_kill(&sweep->spared);
        if (found == 0)
            return 0;
        if (now_ms() >= deadline && found < 0)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "cleaning up: the processes that the run started cannot be found: "
                               "%s",
                               strerror(errno));
        if (now_ms() >= deadline)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "cleaning up: %d processes that the run started cannot be killed",
                               found);
        sigtimedwait(&child, NULL, &tick); // their ends, or a moment
    }
}

// ---- the folder

static int remove_folder(const struct sweeper *sweep, struct failure *failure)
{
    if (removal_tree(sweep->folder) == 0)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED, "cleaning up: %s cannot be removed: %s",
                       sweep->folder, strerror(errno));
}

// The folder's name, which both kit and sweeper know before it exists: whichever of them is killed,
// the other can remove it.
static char *choose_folder(struct failure *failure)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567"; // 32 of them
    unsigned char random[10];
    char name[sizeof random + 1] = "";
    const char *parent = getenv("TMPDIR");
    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        failure_set(failure, STATUS_UNTRUSTED, "no random name for a folder can be had: %s",
                    strerror(errno));
        return NULL;
    }
    for (size_t i = 0; i < sizeof random; i++)
        name[i] = letters[random[i] % 32];
    // What runs in it may change its working directory. Where there is none, making it will tell.
    char *absolute = *parent == '/' ? NULL : realpath(parent, NULL);
    char *folder = NULL;
    if (asprintf(&folder, "%s/iscsidsc-tck-%s", absolute != NULL ? absolute : parent, name) < 0) {
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        folder = NULL;
    }
    free(absolute);
    return folder;
}

// ---- the worker

__attribute__((noreturn)) static void be_worker(struct sweeper *sweep, pid_t sweeper)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != sweeper)
        _exit(STATUS_UNTRUSTED);
    if (sweep->kit >= 0)
        close(sweep->kit);
    close(sweep->signals);
    close(sweep->report[1]);
    close(sweep->word[0]);
    sigprocmask(SIG_SETMASK, &sweep->mask, NULL);
    int status = sweep->work(sweep->argument, sweep->folder);
    if (transfer_write(sweep->word[1], &status, sizeof status) != 0)
        status = STATUS_UNTRUSTED;
    exit(status); // NOLINT(concurrency-mt-unsafe)
}

// ---- the sweeper

// The worker as the sweeper sees it.
struct watched_worker {
    pid_t pid;
    bool running;
    bool stopped; // and killed for that
    bool late;    // likewise
    int wait_status;
    int signals; // handed on so far
};

// What is stopped is seen so twice before anything is done about it: who stops a process for a
// moment has a reason.
struct stillness {
    uint64_t looked_ms; // when last
    bool seen;
};

static bool is_still(struct stillness *stillness, pid_t pid)
{
    uint64_t now = now_ms();
    if (now < stillness->looked_ms + LOOK_EVERY_MS)
        return false;
    stillness->looked_ms = now;
    bool before = stillness->seen;
    stillness->seen = descendants_stopped(pid);
    return before && stillness->seen;
}

// Reaps the worker if it has ended, and orphans that have.
static void reap(struct watched_worker *worker)
{
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
        if (pid == worker->pid) {
            worker->running = false;
            worker->wait_status = status;
        }
    }
}

static void hand_on(struct watched_worker *worker, int signal_number)
{
    if (!worker->running)
        return;
    worker->signals++;
    kill(worker->pid, worker->signals < SIGNALS_TAKEN ? signal_number : SIGKILL);
}

// The next signal that came, or 0.
static int take_signal(int signals)
{
    struct signalfd_siginfo information;
    ssize_t count = read(signals, &information, sizeof information);
    return count == (ssize_t)sizeof information ? (int)information.ssi_signo : 0;
}

// Its end is not waited for: who traces it can delay that, until all that is left is swept.
static void end_worker(struct watched_worker *worker)
{
    kill(worker->pid, SIGKILL);
    worker->wait_status = SIGKILL;
    worker->running = false;
}

// Until the worker has ended or the kit is gone.
static void watch_worker(const struct sweeper *sweep, struct watched_worker *worker)
{
    struct pollfd watched[] = {
        {.fd = sweep->signals, .events = POLLIN},
        {.fd = sweep->kit >= 0 ? sweep->kit : sweep->report[1],
         .events = sweep->kit >= 0 ? POLLIN : 0},
    };
    struct stillness stillness = {.looked_ms = now_ms()};
    while (worker->running) {
        if (poll(watched, 2, LOOK_EVERY_MS) < 0 && errno != EINTR)
            break;
        worker->stopped = is_still(&stillness, worker->pid);
        worker->late = sweep->deadline_ms != 0 && now_ms() > sweep->deadline_ms;
        if (worker->stopped || worker->late) {
            end_worker(worker);
            return;
        }
        int number = 0;
        while ((number = take_signal(sweep->signals)) != 0) {
            if (number != SIGCHLD)
                hand_on(worker, number);
        }
        reap(worker);
        if (watched[1].revents != 0)
            break;
    }
}

// Makes the folder, runs the worker and cleans up behind it. 0, with the worker's end in `worker`;
// or -1 with `failure`.
static int supervise(struct sweeper *sweep, struct watched_worker *worker, struct failure *failure)
{
    if (mkdir(sweep->folder, 0700) != 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "the folder %s cannot be made: %s (set TMPDIR to a folder that can be "
                           "written to, and has room)",
                           sweep->folder, strerror(errno));
    pid_t self = getpid();
    worker->pid = fork();
    if (worker->pid == 0)
        be_worker(sweep, self);
    close(sweep->word[1]); // else what it did not say would be waited for
    int result = 0;
    if (worker->pid < 0) {
        result = failure_set(failure, STATUS_UNTRUSTED, "the worker cannot be started: %s",
                             strerror(errno));
    } else {
        worker->running = true;
        watch_worker(sweep, worker);
    }
    if (sweep_processes(sweep, failure) != 0)
        result = -1;
    if (remove_folder(sweep, failure) != 0)
        result = -1;
    return result;
}

// The worker was killed: where the kit was asked to end, that is how it ended; else nobody knows
// why, and what was found until then proves nothing. The exit status, or -1.
static int describe_death(const struct watched_worker *worker, struct failure *failure)
{
    char end[64];
    int status = 128 + WTERMSIG(worker->wait_status);
    if (worker->stopped)
        return failure_set(
            failure, STATUS_UNTRUSTED,
            "the worker was stopped by a signal that nobody sent to the kit, and was "
            "killed");
    if (worker->late)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "the worker did not end at its time limit, and was killed");
    process_describe_end(worker->wait_status, end, sizeof end);
    if (worker->signals == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "the worker %s, which nobody asked the kit for", end);
    failure_set(failure, status, "the worker %s", end);
    return status;
}

// The worker has ended by itself, or somebody has ended it with a status of their own.
static int read_word(const struct sweeper *sweep, const struct watched_worker *worker,
                     struct failure *failure)
{
    int said = -1;
    int status = WEXITSTATUS(worker->wait_status);
    if (status > 128 && worker->signals == 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "the worker was asked to end by signal %d, which nobody sent to the kit",
                           status - 128);
    if (transfer_read(sweep->word[0], &said, sizeof said) == (ssize_t)sizeof said && said == status)
        return status;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "the worker exited with status %d, which it did not decide itself", status);
}

// Every signal is blocked from before the fork on, so that none can end the sweeper but SIGKILL.
__attribute__((noreturn)) static void be_sweeper(struct sweeper *sweep)
{
    struct report report = {.status = -1};
    struct watched_worker worker = {0};
    close(sweep->report[0]);
    if (make_channel(sweep->word) != 0)
        _exit(1);
    sweep->spared.count = 0; // those are the kit's
    prctl(PR_SET_NAME, "tck-sweeper");
    if (setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        failure_set(&report.failure, STATUS_UNTRUSTED, "the sweeper cannot be set up: %s",
                    strerror(errno));
    else if (supervise(sweep, &worker, &report.failure) != 0)
        report.status = -1;
    else if (WIFSIGNALED(worker.wait_status))
        report.status = describe_death(&worker, &report.failure);
    else
        report.status = read_word(sweep, &worker, &report.failure);
    // Whoever stopped it: there is nothing to wait for any more.
    if (sweep->kit >= 0)
        pidfd_send_signal(sweep->kit, SIGCONT, NULL, 0);
    else
        kill(getppid(), SIGCONT);
    _exit(transfer_write(sweep->report[1], &report, sizeof report) == 0 ? 0 : 1);
}

// ---- the kit

// Hands signals on until the sweeper has ended. Returns its wait status.
static int watch_sweeper(const struct sweeper *sweep, pid_t sweeper)
{
    int status = 0;
    struct stillness stillness = {.looked_ms = now_ms()};
    for (;;) {
        pid_t ended = waitpid(sweeper, &status, WNOHANG);
        if (ended == sweeper)
            return status;
        if (ended < 0 && errno != EINTR)
            return SIGKILL; // somebody else reaped it: no word from it can be trusted
        struct pollfd watched = {.fd = sweep->signals, .events = POLLIN};
        if (poll(&watched, 1, LOOK_EVERY_MS) < 0 && errno != EINTR)
            return SIGKILL;
        if (is_still(&stillness, sweeper))
            kill(sweeper, SIGKILL);
        int number = 0;
        while ((number = take_signal(sweep->signals)) != 0) {
            if (number != SIGCHLD)
                kill(sweeper, number); // not reaped yet: the number is still its own
        }
    }
}

// The sweeper was killed, and the worker with it. The kit is a subreaper for this case: what they
// leave are its children now.
static int sweep_instead(const struct sweeper *sweep, int wait_status, struct failure *failure)
{
    char end[64];
    process_describe_end(wait_status, end, sizeof end);
    failure_set(failure, STATUS_UNTRUSTED, "the sweeper %s before its time", end);
    sweep_processes(sweep, failure);
    remove_folder(sweep, failure);
    return -1;
}

static int read_report(const struct sweeper *sweep, struct report *report)
{
    if (transfer_read(sweep->report[0], report, sizeof *report) != (ssize_t)sizeof *report)
        return -1;
    report->failure.text[sizeof report->failure.text - 1] = '\0';
    return 0;
}

static int start_and_watch(struct sweeper *sweep, struct failure *failure)
{
    pid_t sweeper = fork();
    if (sweeper == 0)
        be_sweeper(sweep);
    if (sweeper < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "the sweeper cannot be started: %s",
                           strerror(errno));
    sigprocmask(SIG_SETMASK, &sweep->deaf, NULL);
    close(sweep->report[1]); // else its end would never be seen in the pipe
    sweep->report[1] = -1;
    int status = watch_sweeper(sweep, sweeper);
    struct report report;
    if (!WIFEXITED(status) || read_report(sweep, &report) != 0)
        return sweep_instead(sweep, status, failure);
    if (report.failure.status != 0)
        failure_set(failure, report.failure.status, "%s", report.failure.text);
    return report.status;
}

// Blocks all signals, so that the sweeper is born deaf, and makes what both share.
static int open_sweep(struct sweeper *sweep, struct failure *failure)
{
    static const int taken_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};
    struct sigaction default_action = {.sa_handler = SIG_DFL};
    sigset_t all;
    sigset_t taken;
    int subreaper = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    sweep->was_subreaper = subreaper != 0;
    sigfillset(&all);
    sigemptyset(&taken);
    sigprocmask(SIG_SETMASK, &all, &sweep->mask);
    sweep->deaf = sweep->mask;
    for (size_t i = 0; i < sizeof taken_signals / sizeof *taken_signals; i++) {
        sigaddset(&taken, taken_signals[i]);
        sigaddset(&sweep->deaf, taken_signals[i]);
    }
    sigaction(SIGCHLD, &default_action,
              &sweep->child_action); // ignored ones are never to be waited for
    sweep->signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    sweep->kit = pidfd_open(getpid(), 0);
    if (sweep->signals < 0 || (sweep->kit < 0 && errno != ENOSYS) ||
        make_channel(sweep->report) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 ||
        descendants_children(&sweep->spared) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "the sweeper cannot be set up: %s",
                           strerror(errno));
    sweep->folder = choose_folder(failure);
    return sweep->folder == NULL ? -1 : 0;
}

static void close_sweep(struct sweeper *sweep)
{
    prctl(PR_SET_CHILD_SUBREAPER, sweep->was_subreaper ? 1 : 0);
    descriptors_close(sweep->signals);
    descriptors_close(sweep->kit);
    descriptors_close(sweep->report[0]);
    descriptors_close(sweep->report[1]);
    free(sweep->spared.pids);
    free(sweep->folder);
    sigaction(SIGCHLD, &sweep->child_action, NULL);
    sigprocmask(SIG_SETMASK, &sweep->mask, NULL);
}

int sweeper_run(sweeper_work *work, void *argument, uint64_t deadline_ns, struct failure *failure)
{
    struct sweeper sweep = {
        .work = work,
        .argument = argument,
        .deadline_ms = deadline_ns == 0 ? 0 : deadline_ns / 1000000 + GRACE_MS,
        .kit = -1,
        .signals = -1,
        .report = {-1, -1},
    };
    // Before anything is opened: with too few, what comes first fails, for a reason that says
    // little.
    if (descriptors_require(DESCRIPTORS_SPARE, "the kit needs", failure) != 0 ||
        limits_require(failure) != 0)
        return -1;
    int result = open_sweep(&sweep, failure);
    if (result == 0)
        result = start_and_watch(&sweep, failure);
    close_sweep(&sweep);
    return result;
}
