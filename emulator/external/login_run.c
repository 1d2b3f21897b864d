// SPDX-License-Identifier: Apache-2.0
// Runs the commands that log in, log out and list.
#include "emulator/external/login_run.h"

#include "conformance/base/text.h"
#include "emulator/process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    SAID_KEPT = 2048,    // bytes of what a command said
    LIST_MAX = 64 << 20, // bytes that a list may have
    COMMAND_TEXT_SIZE = 1024,
};

struct run {
    struct process *process;
    char **arguments;
    const struct login_variables *variables; // NULL: none
};

struct runs {
    size_t count;
    struct run items[LOGIN_RUN_MAX];
};

static bool have_ended(void *argument)
{
    const struct runs *runs = argument;
    for (size_t i = 0; i < runs->count; i++)
        if (process_running(runs->items[i].process))
            return false;
    return true;
}

static const char *step_name(enum login_step step)
{
    static const char *const names[LOGIN_STEPS] = {"login", "logout", "list"};
    return names[step];
}

// Adds text without the secrets in it, as a message can end up in any log.
static void append_masked(char *into, size_t size, const char *text, const struct run *run)
{
    const char *const secrets[] = {run->variables != NULL ? run->variables->chap.password : NULL,
                                   run->variables != NULL ? run->variables->mutual.password : NULL};
    while (*text != '\0') {
        size_t length = 0;
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets && length == 0; i++)
            if (secrets[i] != NULL && secrets[i][0] != '\0' &&
                strncmp(text, secrets[i], strlen(secrets[i])) == 0)
                length = strlen(secrets[i]);
        if (length > 0)
            report_append(into, size, "***");
        else
            report_append(into, size, "%c", *text);
        text += length > 0 ? length : 1;
    }
}

// Fails with how a command ended and what it said.
static int fail_run(const struct run *run, enum login_step step, const char *how,
                    struct failure *failure)
{
    char command[COMMAND_TEXT_SIZE] = "";
    char said[SAID_KEPT + 1] = "";
    for (size_t i = 0; run->arguments[i] != NULL; i++) {
        report_append(command, sizeof command, "%s", i == 0 ? "" : " ");
        append_masked(command, sizeof command, run->arguments[i], run);
    }
    append_masked(said, sizeof said, process_said(run->process), run);
    return failure_set(failure, STATUS_UNTRUSTED, "the %s command %s: %s\n%s%s", step_name(step),
                       how, command, said[0] != '\0' ? "it said: " : "it said nothing", said);
}

static int start_run(struct run *run, struct supervisor *supervisor,
                     const struct login_command *command, enum login_step step,
                     const struct login_variables *variables, int output, struct failure *failure)
{
    struct failure cause = {0};
    run->variables = variables;
    run->arguments = login_command_arguments(command, step, variables);
    if (run->arguments == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    const struct process_options options = {
        .arguments = (const char *const *)run->arguments,
        .channel = output,
        .channel_as = STDOUT_FILENO,
        .output_kept = SAID_KEPT,
    };
    if (process_start(&run->process, supervisor, &options, &cause) == 0)
        return 0;
    return failure_set(failure, cause.status, "the %s command: %s", step_name(step), cause.text);
}

static void end_runs(struct runs *runs)
{
    for (size_t i = 0; i < LOGIN_RUN_MAX; i++) {
        process_destroy(runs->items[i].process);
        free(runs->items[i].arguments);
    }
}

// Fails for the first that did not end with status 0.
static int check_runs(const struct runs *runs, enum login_step step, struct failure *failure)
{
    for (size_t i = 0; i < runs->count; i++) {
        const struct run *run = &runs->items[i];
        int status = process_wait_status(run->process);
        char how[64];
        process_describe_end(status, how, sizeof how);
        if (status != 0)
            return fail_run(run, step, how, failure);
    }
    return 0;
}

// Fails for the first that still runs when the time is up.
static int fail_late(const struct runs *runs, enum login_step step, unsigned timeout_ms,
                     struct failure *failure)
{
    char how[64];
    size_t late = 0;
    while (late + 1 < runs->count && !process_running(runs->items[late].process))
        late++;
    snprintf(how, sizeof how, "did not end within %g seconds", timeout_ms / 1000.0);
    return fail_run(&runs->items[late], step, how, failure);
}

static int await_runs(struct runs *runs, struct supervisor *supervisor,
                      const struct login_command *command, enum login_step step, bool *timed_out,
                      struct failure *failure)
{
    unsigned timeout_ms = login_command_timeout_ms(command);
    int result = supervisor_wait(supervisor, have_ended, runs, timeout_ms, failure);
    if (result < 0)
        return -1;
    if (result == 0)
        return check_runs(runs, step, failure);
    *timed_out = true;
    return fail_late(runs, step, timeout_ms, failure);
}

int login_run(struct supervisor *supervisor, const struct login_command *command,
              enum login_step step, const struct login_variables *variables, size_t count,
              bool *timed_out, struct failure *failure)
{
    struct runs runs = {0};
    int result = 0;
    while (runs.count < count && runs.count < LOGIN_RUN_MAX && result == 0) {
        result = start_run(&runs.items[runs.count], supervisor, command, step,
                           &variables[runs.count], -1, failure);
        runs.count += result == 0;
    }
    if (result == 0)
        result = await_runs(&runs, supervisor, command, step, timed_out, failure);
    end_runs(&runs);
    return result;
}

// ---- the list ----

// A file in memory that cannot grow: a command that prints without end fails instead of taking all
// memory. The command shares the file's offset, which shows how much was printed.
static int make_list_file(struct failure *failure)
{
    int fd = memfd_create("list", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && ftruncate(fd, LIST_MAX) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0)
        return fd;
    failure_set(failure, STATUS_UNTRUSTED, "can't make a file in memory: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int read_list_file(int fd, char **text, struct failure *failure)
{
    off_t size = lseek(fd, 0, SEEK_CUR);
    if (size < 0 || size >= LIST_MAX)
        return failure_set(failure, STATUS_UNTRUSTED, "the list command printed more than %d bytes",
                           LIST_MAX);
    char *read = calloc(1, (size_t)size + 1);
    if (read == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (off_t at = 0; at < size;) {
        ssize_t count = pread(fd, read + at, (size_t)(size - at), at);
        if (count <= 0) {
            failure_set(failure, STATUS_UNTRUSTED, "the list can't be read: %s", strerror(errno));
            free(read);
            return -1;
        }
        at += count;
    }
    *text = read;
    return 0;
}

int login_run_list(struct supervisor *supervisor, const struct login_command *command, char **text,
                   struct failure *failure)
{
    struct runs runs = {0};
    bool timed_out = false;
    int fd = make_list_file(failure);
    if (fd < 0)
        return -1;
    int result = start_run(&runs.items[0], supervisor, command, LOGIN_STEP_LIST, NULL, fd, failure);
    runs.count = result == 0;
    if (result == 0)
        result = await_runs(&runs, supervisor, command, LOGIN_STEP_LIST, &timed_out, failure);
    if (result == 0)
        result = read_list_file(fd, text, failure);
    end_runs(&runs);
    close(fd);
    return result;
}
