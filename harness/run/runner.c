// SPDX-License-Identifier: Apache-2.0
// Takes orders, runs, answers.
#include "harness/run/runner.h"

#include "conformance/base/text.h"
#include "emulator/process/transfer.h"
#include "harness/result/result_write.h"
#include "harness/result/words.h"
#include "harness/run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int runner_send(int fd, const void *bytes, size_t size)
{
    return transfer_send(fd, bytes, size, -1);
}

int runner_receive(int fd, void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t got = recv(fd, at, size, 0);
        // libuv has made the parent's descriptor one that does not wait.
        if (got < 0 && (errno == EINTR || (errno == EAGAIN && transfer_await(fd, POLLIN, -1) > 0)))
            continue;
        if (got <= 0)
            return -1;
        at += got;
        size -= (size_t)got;
    }
    return 0;
}

struct runner_report {
    int fd;
    char *calls; // of the scenario, in words
};

static void tell_progress(void *argument, const struct result *result,
                          const struct scenario_result *scenario, const char *doing,
                          unsigned long long calls)
{
    const struct runner_report *report = argument;
    struct answer answer = {.kind = ANSWER_PROGRESS, .calls = calls};
    (void)result;
    (void)scenario;
    snprintf(answer.doing, sizeof answer.doing, "%s", doing);
    // A parent that is gone takes this process with it.
    (void)runner_send(report->fd, &answer, sizeof answer);
}

static void keep_calls(void *argument, const struct scenario_result *scenario, const char *calls)
{
    struct runner_report *report = argument;
    (void)scenario;
    free(report->calls);
    report->calls = strdup(calls);
}

static json_t *calls_to_json(const char *calls)
{
    char *escaped = calls == NULL ? NULL : report_escape(calls, ESCAPE_INVALID);
    json_t *value = escaped == NULL ? json_null() : json_string(escaped);
    free(escaped);
    return value;
}

static int send_result(int fd, const struct result *result, const char *calls)
{
    json_t *object = report_json(result);
    json_t *more =
        json_pack("{s:I, s:o}", "hangs", (json_int_t)result->hangs, "calls", calls_to_json(calls));
    bool complete = json_object_set_new(object, RUNNER_MEMBER, more) == 0;
    char *text = complete ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text == NULL)
        return -1;
    struct answer answer = {.kind = ANSWER_DONE, .size = strlen(text)};
    int status = runner_send(fd, &answer, sizeof answer);
    if (status == 0)
        status = runner_send(fd, text, answer.size);
    free(text);
    return status;
}

static int run_one(const struct run_options *options, const struct order *order, const char *folder,
                   struct runner_report *report, const struct reporter *for_whom)
{
    struct reporter reporter = {.argument = report,
                                .progress = for_whom->progress == NULL ? NULL : tell_progress,
                                .calls_made = for_whom->calls_made == NULL ? NULL : keep_calls};
    struct run_options own = *options;
    struct result result = {0};
    bool *mine = calloc(options->scenario_count, sizeof *mine);
    if (mine == NULL || order->place >= options->scenario_count) {
        free(mine);
        return -1;
    }
    mine[order->place] = true;
    own.mine = mine;
    own.shard = (struct shard){0};
    run(&own, folder, &reporter, &result);
    int status = send_result(report->fd, &result, report->calls);
    free(report->calls);
    report->calls = NULL;
    result_free(&result);
    free(mine);
    return status;
}

_Noreturn void runner_main(const struct run_options *options, const char *folder, int fd,
                           pid_t parent, const struct reporter *for_whom)
{
    struct runner_report report = {.fd = fd};
    struct run_options own = *options;
    struct hangs hangs = {0};
    struct order order;
    own.hangs = &hangs;
    // A process group of its own: a signal to the parent's group is the parent's to handle.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || setpgid(0, 0) != 0)
        _exit(STATUS_UNTRUSTED);
    if (mkdir(folder, 0700) != 0)
        _exit(STATUS_UNTRUSTED);
    while (runner_receive(fd, &order, sizeof order) == 0)
        if (run_one(&own, &order, folder, &report, for_whom) != 0)
            exit(STATUS_UNTRUSTED); // NOLINT(concurrency-mt-unsafe)
    exit(0);                        // NOLINT(concurrency-mt-unsafe)
}
