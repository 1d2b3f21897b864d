// SPDX-License-Identifier: Apache-2.0
// Starts, watches and ends child processes.
#include "emulator/process/process.h"

#include "emulator/process/capture.h"
#include "emulator/process/descriptors.h"
#include "emulator/process/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OUTPUT_KEPT_DEFAULT = 4096,
    KILL_PATIENCE_MS = 10000, // how long an end after SIGKILL is waited for
    WORD_SIZE = 512,          // of process_word
};

struct process {
    struct supervisor *supervisor;
    char *name; // for messages
    pid_t pid;
    int end;    // readable once it has ended
    int output; // read end, non-blocking; -1 after end of file
    int word;   // likewise; -1: none, or it was read
    char word_text[WORD_SIZE];
    bool ends_whole; // see process_options
    bool whole;      // it has ended so
    uv_poll_t ended; // watches `end`
    uv_poll_t printed;
    unsigned open_handles;
    bool running;
    int wait_status;
    struct capture capture;
    char *said;
    void (*on_ended)(struct process *process, int wait_status, void *argument);
    void *argument;
};

// ---- what it printed

static void process_free(struct process *process)
{
    descriptors_close(process->word);
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

// The handle is closed before the descriptor. If it were only stopped and closed later, libuv would
// take the file that has the descriptor's number by then out of the loop.
static void close_output(struct process *process)
{
    if (process->output < 0)
        return;
    if (process->open_handles > 1)
        uv_close((uv_handle_t *)&process->printed, on_closed);
    close(process->output);
    process->output = -1;
}

// Reads what is there, up to `at_most` bytes: a process that prints without end must not block the
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

// A pipe holds at most 1 MiB unless it was enlarged, so this reads all that a process printed
// before its end.
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
    free(process->said);
    process->said = capture_text(&process->capture, mark);
    return process->said != NULL ? process->said : "";
}

const char *process_word(struct process *process)
{
    if (process->word >= 0) {
        ssize_t count =
            transfer_read(process->word, process->word_text, sizeof process->word_text - 1);
        process->word_text[count > 0 ? count : 0] = '\0';
        close(process->word);
        process->word = -1;
    }
    return process->word_text;
}

const char *process_said_first(struct process *process)
{
    drain_rest(process);
    return process->capture.head;
}

// ---- the end

// Takes note of the end that was announced. The group goes first, while the dead leader still
// holds its number: afterwards that number may be anyone's.
static void reap(struct process *process)
{
    int status = 0;
    kill(-process->pid, SIGKILL);
    process->wait_status = launch_await_end(process->pid, &status) ? status : SIGKILL;
    process->running = false;
    // Where it was killed itself, what it started is left to the kernel. Its own word for an end of
    // what it started looks the same.
    process->whole = process->ends_whole && process->wait_status != SIGKILL;
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

// A line of /proc/PID/FILE that gives KiB, in bytes; 0 where it can't be read.
static uint64_t read_figure(pid_t pid, const char *file, const char *name)
{
    char text[256];
    unsigned long long kib = 0;
    snprintf(text, sizeof text, "/proc/%ld/%s", (long)pid, file);
    FILE *status = fopen(text, "re");
    if (status == NULL)
        return 0;
    while (kib == 0 && fgets(text, sizeof text, status) != NULL)
        if (strncmp(text, name, strlen(name)) == 0)
            kib = strtoull(text + strlen(name), NULL, 10);
    fclose(status);
    return kib * 1024;
}

uint64_t process_peak_memory(pid_t pid)
{
    return read_figure(pid, "status", "VmHWM:");
}

uint64_t process_memory(pid_t pid)
{
    return read_figure(pid, "status", "VmRSS:");
}

uint64_t process_memory_once(pid_t pid)
{
    return read_figure(pid, "smaps_rollup", "Pss:");
}

uint64_t process_memory_mapped(pid_t pid)
{
    return read_figure(pid, "smaps_rollup", "Pss_Shmem:");
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
    if (process->running) // not reaped yet: the number is still its own
        kill(process->pid, signal_number);
}

// False where it has to be killed after all.
static bool end_whole(struct process *process)
{
    if (!process->ends_whole || kill(process->pid, SIGTERM) != 0 ||
        transfer_await(process->end, POLLIN, KILL_PATIENCE_MS) <= 0)
        return false;
    reap(process);
    process->whole = true;
    return true;
}

bool process_ended_whole(const struct process *process)
{
    return process->whole;
}

int process_kill(struct process *process)
{
    if (!process->running)
        return process->wait_status;
    uv_poll_stop(&process->ended);
    if (end_whole(process))
        return process->wait_status;
    kill(-process->pid, SIGKILL); // not reaped yet: the number is still its own
    kill(process->pid, SIGKILL);
    // Without the loop, which may be in no state to be run.
    if (transfer_await(process->end, POLLIN, KILL_PATIENCE_MS) > 0) {
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
    close(process->end); // out of the loop already; only the memory waits for its next turn
}

// ---- the start

static int watch_process(struct process *process, struct failure *failure)
{
    uv_loop_t *loop = supervisor_loop(process->supervisor);
    process->ended.data = process;
    process->printed.data = process;
    int error = uv_poll_init(loop, &process->ended, process->end);
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
    kill(-process->pid, SIGKILL);
    launch_await_end(process->pid, NULL);
    process->running = false;
    close_output(process);
    close(process->end);
    if (process->open_handles > 0)
        uv_close((uv_handle_t *)&process->ended, on_closed);
    else
        process_free(process);
}

static struct process *allocate_process(struct supervisor *supervisor,
                                        const struct process_options *options, bool whole)
{
    struct process *process = calloc(1, sizeof *process);
    if (process == NULL)
        return NULL;
    process->supervisor = supervisor;
    process->word = -1;
    process->ends_whole = options->ends_whole;
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

static int start(struct process **result, struct supervisor *supervisor,
                 const struct process_options *options, bool whole, struct failure *failure)
{
    struct launched launched;
    *result = NULL;
    if (options->channel >= 0 && options->channel_as < 3 && options->channel_as != STDOUT_FILENO)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: cannot be started: its channel cannot be descriptor %d",
                           options->arguments[0], options->channel_as);
    struct process *process = allocate_process(supervisor, options, whole);
    if (process == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: cannot be started: out of memory",
                           options->arguments[0]);
    if (launch_process(&launched, options, failure) != 0) {
        process_free(process);
        return -1;
    }
    process->pid = launched.pid;
    process->end = launched.ended;
    process->output = launched.output;
    process->word = launched.word;
    process->running = true;
    if (watch_process(process, failure) != 0) {
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

static int finish_run(struct process *process, const char *command, size_t output_limit,
                      char **output, int *wait_status, struct failure *failure)
{
    // Drained at the end once more, so only now is it known whether all of it fitted.
    if (process->capture.cut)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: printed more than %zu bytes", command,
                           output_limit);
    if (!process->capture.starving)
        *output = capture_copy(&process->capture);
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
