// Starts, watches and ends child processes.
#include "emulator/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OUTPUT_KEPT_DEFAULT = 4096,
    KILL_PATIENCE_MS = 10000, // how long an end after SIGKILL is waited for
};

// What a process printed: the last `limit` bytes, or, for process_run, all of it up to `limit`.
struct capture {
    char *bytes;
    size_t used;
    size_t capacity;
    size_t limit;
    size_t total; // ever printed
    bool whole;   // all is wanted: more than `limit` is an error, not a reason to forget the oldest
    bool cut;     // something was forgotten, or (whole) did not fit
    bool starving; // memory ran out
};

struct process {
    struct supervisor *supervisor;
    char *name; // for messages
    pid_t pid;
    int pidfd;
    int output;      // read end, non-blocking; -1 after end of file
    uv_poll_t ended; // watches pidfd
    uv_poll_t printed;
    unsigned open_handles;
    bool running;
    int wait_status;
    struct capture capture;
    char *said;
    void (*on_ended)(struct process *process, int wait_status, void *argument);
    void *argument;
};

// Everything the child needs between fork and exec, made before: there it may not allocate.
struct launch {
    char *path;
    char **arguments; // borrowed
    char **environment;
    int channel;
    int channel_as;
    int output;
    int report; // where the child writes errno when it can't become the program
    pid_t parent;
    size_t data_limit;
    bool many_descriptors;
};

// ---- what it printed

static int capture_reserve(struct capture *capture, size_t wanted)
{
    if (wanted <= capture->capacity)
        return 0;
    size_t capacity = capture->capacity == 0 ? 4096 : capture->capacity;
    while (capacity < wanted)
        capacity *= 2;
    char *bytes = realloc(capture->bytes, capacity);
    if (bytes == NULL) {
        capture->starving = true;
        return -1;
    }
    capture->bytes = bytes;
    capture->capacity = capacity;
    return 0;
}

static void capture_add(struct capture *capture, const char *bytes, size_t count)
{
    capture->total += count;
    if (capture->whole && count > capture->limit - capture->used) {
        count = capture->limit - capture->used;
        capture->cut = true;
    }
    if (!capture->whole && count > capture->limit) {
        bytes += count - capture->limit;
        count = capture->limit;
        capture->used = 0;
        capture->cut = true;
    }
    if (!capture->whole && capture->used + count > capture->limit) {
        size_t forgotten = capture->used + count - capture->limit;
        memmove(capture->bytes, capture->bytes + forgotten, capture->used - forgotten);
        capture->used -= forgotten;
        capture->cut = true;
    }
    if (count == 0 || capture_reserve(capture, capture->used + count) != 0)
        return;
    memcpy(capture->bytes + capture->used, bytes, count);
    capture->used += count;
}

static void process_free(struct process *process)
{
    free(process->capture.bytes);
    free(process->said);
    free(process->name);
    free(process);
}

static void on_closed(uv_handle_t *handle)
{
    struct process *process = handle->data;
    process->open_handles--;
    if (process->open_handles == 0)
        process_free(process);
}

// The handle goes first and for good: one that was only stopped would, when closed later, take
// whoever then has its descriptor's number out of the loop.
static void close_output(struct process *process)
{
    if (process->output < 0)
        return;
    if (process->open_handles > 1)
        uv_close((uv_handle_t *)&process->printed, on_closed);
    close(process->output);
    process->output = -1;
}

// Reads what is there. A bounded amount, so that a process that prints without end can't hold the
// loop.
static void drain(struct process *process, size_t at_most)
{
    char bytes[16384];
    size_t total = 0;
    while (process->output >= 0 && total < at_most) {
        ssize_t count = read(process->output, bytes, sizeof bytes);
        if (count > 0) {
            capture_add(&process->capture, bytes, (size_t)count);
            total += (size_t)count;
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            close_output(process);
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

static void on_printed(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    drain(handle->data, 65536);
}

// A pipe holds a mebibyte at most unless someone made it larger: enough for all that was printed
// before the end of a process.
static void drain_rest(struct process *process)
{
    drain(process, 4U << 20);
}

size_t process_printed(struct process *process)
{
    drain_rest(process);
    return process->capture.total;
}

const char *process_said(struct process *process)
{
    return process_said_since(process, 0);
}

const char *process_said_since(struct process *process, size_t mark)
{
    drain_rest(process);
    const struct capture *capture = &process->capture;
    size_t wanted = capture->total > mark ? capture->total - mark : 0;
    size_t end = capture->used;
    size_t first = end > wanted ? end - wanted : 0;
    // Where the beginning was forgotten, don't start in the middle of a character.
    while (capture->cut && first < end && ((unsigned char)capture->bytes[first] & 0xC0) == 0x80)
        first++;
    while (end > first && (capture->bytes[end - 1] == '\n' || capture->bytes[end - 1] == '\r'))
        end--;
    free(process->said);
    process->said = malloc(end - first + 1);
    if (process->said == NULL)
        return "";
    for (size_t i = first; i < end; i++) {
        unsigned char byte = (unsigned char)capture->bytes[i];
        bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        process->said[i - first] = control ? '?' : (char)byte;
    }
    process->said[end - first] = '\0';
    return process->said;
}

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
        // An empty entry would mean the working directory; nothing of ours lives there.
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

// Puts the child's descriptors in their places. Everything is first moved out of the way of the
// places, so that the order of the moves does not matter.
static int place_descriptors(struct launch *launch)
{
    int above = launch->channel >= 0 && launch->channel_as > 2 ? launch->channel_as + 1 : 3;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0)
        return -1;
    null = fcntl(null, F_DUPFD_CLOEXEC, above);
    int output = fcntl(launch->output, F_DUPFD_CLOEXEC, above);
    int report = fcntl(launch->report, F_DUPFD_CLOEXEC, above);
    int channel = launch->channel < 0 ? 0 : fcntl(launch->channel, F_DUPFD_CLOEXEC, above);
    if (null < 0 || output < 0 || report < 0 || channel < 0)
        return -1;
    launch->report = report;
    close_all_on_exec();
    if (dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        return -1;
    if (launch->channel >= 0 && dup2(channel, launch->channel_as) < 0)
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

static void volunteer_for_oom(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "1000", 4); // best effort: not every container allows it
    (void)written;
    close(fd);
}

__attribute__((noreturn)) static void become(struct launch *launch)
{
    // With a parent that died before the request was made, the signal would never come.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != launch->parent)
        _exit(127);
    bool failed = setsid() < 0 || place_descriptors(launch) != 0 || set_limits(launch) != 0;
    if (!failed) {
        volunteer_for_oom();
        default_signals();
        execve(launch->path, launch->arguments, launch->environment);
    }
    int error = errno;
    ssize_t written = write(launch->report, &error, sizeof error);
    (void)written;
    _exit(127);
}

// ---- the end

// False when the system has no such child any more.
static bool await_reaping(pid_t pid, int *status)
{
    pid_t reaped = 0;
    do
        reaped = waitpid(pid, status, 0);
    while (reaped < 0 && errno == EINTR);
    return reaped == pid;
}

// Takes note of the end that pidfd announced. The group goes first, while the dead leader still
// holds its number: afterwards that number may be anyone's.
static void reap(struct process *process)
{
    int status = 0;
    kill(-process->pid, SIGKILL);
    process->wait_status = await_reaping(process->pid, &status) ? status : SIGKILL;
    process->running = false;
    drain_rest(process);
}

static void on_ended(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    struct process *process = handle->data;
    uv_poll_stop(handle);
    if (!process->running)
        return;
    reap(process);
    if (process->on_ended != NULL)
        process->on_ended(process, process->wait_status, process->argument); // may destroy it
}

pid_t process_pid(const struct process *process)
{
    return process->pid;
}

bool process_running(const struct process *process)
{
    return process->running;
}

static bool is_stopped(const struct process *process)
{
    siginfo_t state = {0};
    return process->running &&
           waitid(P_PID, (id_t)process->pid, &state, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           state.si_pid == process->pid;
}

const char *process_describe_stop(const struct process *process)
{
    return is_stopped(process)
               ? "; it is stopped, by a signal or a debugger, and would go on with SIGCONT"
               : "";
}

int process_wait_status(const struct process *process)
{
    return process->wait_status;
}

uint64_t process_peak_memory(pid_t pid)
{
    char text[256];
    unsigned long long kib = 0;
    snprintf(text, sizeof text, "/proc/%ld/status", (long)pid);
    FILE *status = fopen(text, "re");
    if (status == NULL)
        return 0;
    while (kib == 0 && fgets(text, sizeof text, status) != NULL)
        if (strncmp(text, "VmHWM:", strlen("VmHWM:")) == 0)
            kib = strtoull(text + strlen("VmHWM:"), NULL, 10);
    fclose(status);
    return kib * 1024;
}

void process_forget_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written =
        write(fd, "5", 1); // best effort: then the peak of the time before counts, too
    (void)written;
    close(fd);
}

void process_describe_end(int wait_status, char *text, size_t size)
{
    const char *name = WIFSIGNALED(wait_status) ? sigabbrev_np(WTERMSIG(wait_status)) : NULL;
    if (name != NULL)
        snprintf(text, size, "was killed by SIG%s", name);
    else if (WIFSIGNALED(wait_status))
        snprintf(text, size, "was killed by signal %d", WTERMSIG(wait_status));
    else
        snprintf(text, size, "exited with status %d", WEXITSTATUS(wait_status));
}

void process_signal(struct process *process, int signal_number)
{
    if (process->running)
        pidfd_send_signal(process->pidfd, signal_number, NULL, 0);
}

// Waits without the loop, which may be in no state to be run.
static bool await_end(int pidfd, unsigned patience_ms)
{
    uint64_t deadline = uv_hrtime() / 1000000 + patience_ms;
    for (;;) {
        uint64_t now = uv_hrtime() / 1000000;
        struct pollfd wanted = {.fd = pidfd, .events = POLLIN};
        int count = poll(&wanted, 1, now < deadline ? (int)(deadline - now) : 0);
        if (count > 0)
            return true;
        if (count == 0 || errno != EINTR)
            return false;
    }
}

int process_kill(struct process *process)
{
    if (!process->running)
        return process->wait_status;
    uv_poll_stop(&process->ended);
    kill(-process->pid, SIGKILL); // not reaped yet: the number is still its own
    pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
    if (await_end(process->pidfd, KILL_PATIENCE_MS)) {
        reap(process);
    } else { // stuck in the kernel: it goes when it can, and the sweeper reaps it
        process->running = false;
        process->wait_status = SIGKILL;
    }
    return process->wait_status;
}

void process_destroy(struct process *process)
{
    if (process == NULL)
        return;
    process_kill(process);
    close_output(process);
    uv_close((uv_handle_t *)&process->ended, on_closed);
    close(process->pidfd); // out of the loop already; only the memory waits for its next turn
}

// ---- the start

// Reads what the child reports; end of file, exec having closed it, is success.
static int read_report(int report)
{
    int error = 0;
    ssize_t count = 0;
    do
        count = read(report, &error, sizeof error);
    while (count < 0 && errno == EINTR);
    if (count == 0)
        return 0;
    return count == (ssize_t)sizeof error && error != 0 ? error : EIO;
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
    if (pipe2(report, O_CLOEXEC) != 0)
        return -1;
    launch->report = report[1];
    pid_t pid = fork_quietly(launch);
    int error = errno;
    close(report[1]);
    if (pid > 0) {
        error = read_report(report[0]);
        if (error != 0) {
            await_reaping(pid, NULL);
            pid = -1;
        }
    }
    close(report[0]);
    errno = error;
    return pid;
}

static int watch_process(struct process *process, struct failure *failure)
{
    uv_loop_t *loop = supervisor_loop(process->supervisor);
    process->ended.data = process;
    process->printed.data = process;
    int error = uv_poll_init(loop, &process->ended, process->pidfd);
    if (error == 0) {
        process->open_handles = 1;
        error = uv_poll_init(loop, &process->printed, process->output);
    }
    if (error == 0) {
        process->open_handles = 2;
        error = uv_poll_start(&process->ended, UV_READABLE, on_ended);
    }
    if (error == 0)
        error = uv_poll_start(&process->printed, UV_READABLE, on_printed);
    if (error == 0)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED, "%s: cannot be watched: %s", process->name,
                       uv_strerror(error));
}

// Ends a process that was started but can't be watched.
static void abandon(struct process *process)
{
    if (process->pid > 0) {
        kill(-process->pid, SIGKILL);
        await_reaping(process->pid, NULL);
    }
    process->running = false;
    close_output(process);
    if (process->open_handles > 0)
        uv_close((uv_handle_t *)&process->ended, on_closed);
    if (process->pidfd >= 0)
        close(process->pidfd);
    if (process->open_handles == 0)
        process_free(process);
}

static struct process *allocate_process(struct supervisor *supervisor,
                                        const struct process_options *options, bool whole)
{
    struct process *process = calloc(1, sizeof *process);
    if (process == NULL)
        return NULL;
    process->supervisor = supervisor;
    process->pidfd = -1;
    process->output = -1;
    process->on_ended = options->ended;
    process->argument = options->argument;
    process->capture.limit = options->output_kept != 0 ? options->output_kept : OUTPUT_KEPT_DEFAULT;
    process->capture.whole = whole;
    process->name = strdup(options->arguments[0]);
    if (process->name == NULL) {
        free(process);
        return NULL;
    }
    return process;
}

static int launch_process(struct process *process, const struct process_options *options,
                          struct failure *failure)
{
    const char *name = options->arguments[0];
    int result = -1;
    int output[2] = {-1, -1};
    struct launch launch = {
        .path = process_find(name, NULL),
        .arguments = (char **)options->arguments,
        .environment = make_environment(options->environment),
        .channel = options->channel,
        .channel_as = options->channel_as,
        .data_limit = options->data_limit,
        .many_descriptors = options->many_descriptors,
    };
    if (launch.environment == NULL) {
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
    launch.output = output[1];
    process->output = output[0];
    process->pid = launch_child(&launch);
    if (process->pid < 0)
        goto errno_out;
    process->pidfd = pidfd_open(process->pid, 0);
    if (process->pidfd < 0)
        goto errno_out;
    process->running = true;
    result = 0;
    goto out;
errno_out:
    failure_set(failure, STATUS_UNTRUSTED, "%s: cannot be started: %s", launch.path,
                strerror(errno));
    if (process->output < 0 && output[0] >= 0)
        close(output[0]);
out:
    if (output[1] >= 0)
        close(output[1]);
    free(launch.path);
    free(launch.environment);
    return result;
}

static int start(struct process **result, struct supervisor *supervisor,
                 const struct process_options *options, bool whole, struct failure *failure)
{
    *result = NULL;
    if (options->channel >= 0 && options->channel_as < 3 && options->channel_as != STDOUT_FILENO)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: cannot be started: its channel cannot be descriptor %d",
                           options->arguments[0], options->channel_as);
    struct process *process = allocate_process(supervisor, options, whole);
    if (process == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: cannot be started: out of memory",
                           options->arguments[0]);
    if (launch_process(process, options, failure) != 0 || watch_process(process, failure) != 0) {
        abandon(process);
        return -1;
    }
    *result = process;
    return 0;
}

int process_start(struct process **process, struct supervisor *supervisor,
                  const struct process_options *options, struct failure *failure)
{
    return start(process, supervisor, options, false, failure);
}

// ---- a command to its end

static bool run_done(void *argument)
{
    const struct process *process = argument;
    return !process->running || process->capture.cut || process->capture.starving;
}

// The command as one line, for messages.
static void describe_command(const char *const *arguments, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; arguments[i] != NULL && used < size; i++) {
        int count = snprintf(text + used, size - used, "%s%s", i == 0 ? "" : " ", arguments[i]);
        used += count > 0 ? (size_t)count : 0;
    }
}

// Hands over what was printed, as a string.
static char *take_output(struct capture *capture)
{
    char *text = malloc(capture->used + 1);
    if (text == NULL)
        return NULL;
    if (capture->used > 0)
        memcpy(text, capture->bytes, capture->used);
    text[capture->used] = '\0';
    return text;
}

static int finish_run(struct process *process, const char *command, size_t output_limit,
                      char **output, int *wait_status, struct failure *failure)
{
    // Drained at the end once more, so only now is it known whether all of it fitted.
    if (process->capture.cut)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: printed more than %zu bytes", command,
                           output_limit);
    if (!process->capture.starving)
        *output = take_output(&process->capture);
    if (*output == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: out of memory for its output", command);
    *wait_status = process->wait_status;
    return 0;
}

static int explain_delay(struct process *process, const char *command, unsigned timeout_ms,
                         struct failure *failure)
{
    const char *said = process_said(process);
    return failure_set(failure, STATUS_UNTRUSTED, "%s: did not end within %u ms and said: %s%s",
                       command, timeout_ms, said[0] == '\0' ? "nothing" : said,
                       process_describe_stop(process));
}

int process_run(struct supervisor *supervisor, const char *const *arguments,
                const char *const *environment, unsigned timeout_ms, size_t output_limit,
                char **output, int *wait_status, struct failure *failure)
{
    struct process *process = NULL;
    struct process_options options = {
        .arguments = arguments,
        .environment = environment,
        .channel = -1,
        .output_kept = output_limit,
    };
    char command[512];
    describe_command(arguments, command, sizeof command);
    *output = NULL;
    *wait_status = 0;
    if (start(&process, supervisor, &options, true, failure) != 0 || process == NULL)
        return -1;
    int result = supervisor_wait(supervisor, run_done, process, timeout_ms, failure);
    if (result == 0)
        result = finish_run(process, command, output_limit, output, wait_status, failure);
    else if (result > 0)
        result = explain_delay(process, command, timeout_ms, failure);
    process_destroy(process);
    return result;
}
