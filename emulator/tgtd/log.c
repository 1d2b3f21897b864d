// SPDX-License-Identifier: Apache-2.0
// Words about what went wrong with an instance, with what tgtd last said of it.
#include "emulator/tgtd/log.h"

#include "emulator/tgtd/instance.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { END_GRACE_MS = 1000 }; // how long explain_end waits for the end to be seen

// Parts of lines that tgtd prints on every start and that explain no failure.
static const char *const noise[] = {
    "Failed to initialize RDMA",    "can't adjust oom-killer",   "can't adjust nr_open",
    "use timer_fd based scheduler", "use signalfd notification", "device_mgmt(",
};

void tgtd_describe_log(struct tgtd *tgtd, size_t mark, char *text, size_t size)
{
    const char *line = tgtd->process == NULL ? "" : process_said_since(tgtd->process, mark);
    size_t used = 0;
    text[0] = '\0';
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        bool wanted = length > 0;
        for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
            wanted = wanted && memmem(line, length, noise[i], strlen(noise[i])) == NULL;
        // What does not fit pushes the oldest lines out: the last ones say most.
        if (wanted && used + length + 2 > size)
            used = 0;
        if (wanted && length + 2 <= size) {
            int count = snprintf(text + used, size - used, "%s%.*s", used == 0 ? "" : "\n",
                                 (int)length, line);
            used += count > 0 ? (size_t)count : 0;
        }
        line += length;
        line += *line == '\n' ? 1 : 0;
    }
    if (text[0] == '\0')
        snprintf(text, size, "nothing");
}

static bool has_ended(void *argument)
{
    return !process_running(argument);
}

// A tgtd that dies closes its sockets before its parent is told, so the first thing to fail is a
// request or a connection. Waits for the end to be seen. True, with `failure`, when tgtd ended or
// the supervisor has trouble: then that is the reason.
static bool explain_end(struct tgtd *tgtd, struct failure *failure)
{
    if (tgtd->process == NULL)
        return false;
    supervisor_wait(tgtd->supervisor, has_ended, tgtd->process, END_GRACE_MS, NULL);
    const struct failure *cause = supervisor_failure(tgtd->supervisor);
    if (cause != NULL) {
        failure_set(failure, cause->status, "%s", cause->text);
    } else if (!process_running(tgtd->process)) {
        char end[64];
        char log[1024];
        process_describe_end(process_wait_status(tgtd->process), end, sizeof end);
        tgtd_describe_log(tgtd, 0, log, sizeof log);
        failure_set(failure, STATUS_UNTRUSTED,
                    "tgtd \"%s\" (pid %d) %s while starting; it last said: %s", tgtd->name,
                    (int)tgtd->pid, end, log);
    }
    return cause != NULL || !process_running(tgtd->process);
}

int tgtd_fail(struct tgtd *tgtd, struct failure *failure, const char *format, ...)
{
    char text[2048];
    char log[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (explain_end(tgtd, failure))
        return -1;
    tgtd_describe_log(tgtd, tgtd->asked, log, sizeof log);
    return failure_set(failure, STATUS_UNTRUSTED, "tgtd \"%s\": %s; it logged: %s", tgtd->name,
                       text, log);
}

int tgtd_does_not_answer(struct tgtd *tgtd, struct failure *failure, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (explain_end(tgtd, failure))
        return -1;
    supervisor_trouble(tgtd->supervisor, "tgtd \"%s\" (pid %d) does not answer: %s", tgtd->name,
                       (int)tgtd->pid, text);
    const struct failure *cause = supervisor_failure(tgtd->supervisor);
    return failure_set(failure, cause->status, "%s", cause->text);
}
