// SPDX-License-Identifier: Apache-2.0
// Runs scenarios side by side.
//
//     this process -+- runner: run() of one scenario after the other
//                   +- runner ...
//
// The runners are forked before anything is started, so that each has the options, the scenarios
// and the clauses. Whoever is free is given the next scenario; results are told in the order of
// the plan.
#include "harness/run/jobs.h"

#include "conformance/base/clock.h"
#include "emulator/process/supervisor.h"
#include "harness/result/merge.h"
#include "harness/result/result_read.h"
#include "harness/run/plan.h"
#include "harness/run/run.h"
#include "harness/run/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 }; // how long a runner may take to clean up behind it

struct job {
    struct jobs *jobs;
    pid_t pid; // 0: there is none (any more)
    int fd;
    bool polled;
    uv_poll_t poll;
    size_t index; // of its scenario in the result; SIZE_MAX: it has none
};

struct jobs {
    const struct run_options *options;
    const struct reporter *reporter;
    struct result *result;
    struct supervisor *supervisor;
    size_t *sources;
    char **calls; // in words, of each scenario whose result was received but not reported yet
    bool *back;   // of which scenarios the result was received
    size_t given; // how many scenarios were given to runners
    size_t told;  // how many were reported
    char ended[WHY_SIZE]; // why no further scenario is run; "": they are
    struct job *items;
    unsigned count;
};

static const char *scenario_name(const struct jobs *jobs, size_t index)
{
    return jobs->result->scenarios[index].name;
}

static void lose(struct job *job)
{
    if (job->polled)
        uv_poll_stop(&job->poll);
    if (job->index != SIZE_MAX)
        failure_set(&job->jobs->result->failure, STATUS_UNTRUSTED,
                    "the process that ran scenario %s ended without an answer",
                    scenario_name(job->jobs, job->index));
    else if (job->jobs->given < job->jobs->result->scenario_count)
        failure_set(&job->jobs->result->failure, STATUS_UNTRUSTED,
                    "a process for scenarios ended by itself");
    job->index = SIZE_MAX;
    job->jobs->given = job->jobs->result->scenario_count; // nothing more is begun
}

static void hand_out(struct job *job)
{
    struct jobs *jobs = job->jobs;
    const struct result *result = jobs->result;
    job->index = SIZE_MAX;
    // A scenario without checks is finished as it is.
    while (jobs->given < result->scenario_count && result->scenarios[jobs->given].check_count == 0)
        jobs->back[jobs->given++] = true;
    if (jobs->given == result->scenario_count || result->failure.status != 0 ||
        jobs->ended[0] != '\0')
        return;
    struct order order = {.place = jobs->sources[jobs->given]};
    job->index = jobs->given++;
    if (runner_send(job->fd, &order, sizeof order) != 0)
        lose(job);
}

// Reports the scenarios whose results were received, in the order of the plan.
static void tell(struct jobs *jobs)
{
    const struct reporter *reporter = jobs->reporter;
    for (; jobs->told < jobs->result->scenario_count && jobs->back[jobs->told]; jobs->told++) {
        const struct scenario_result *scenario = &jobs->result->scenarios[jobs->told];
        if (scenario->check_count == 0)
            continue; // as in a run of one at a time
        if (reporter->scenario_begins != NULL)
            reporter->scenario_begins(reporter->argument, jobs->result, scenario);
        if (jobs->calls[jobs->told] != NULL && reporter->calls_made != NULL)
            reporter->calls_made(reporter->argument, scenario, jobs->calls[jobs->told]);
        if (reporter->scenario_ends != NULL && scenario->finished)
            reporter->scenario_ends(reporter->argument, jobs->result, scenario);
        if (jobs->ended[0] == '\0')
            (void)plan_ends_with(jobs->options, scenario, jobs->ended);
    }
}

// Those that were not begun when the run ended with a failure.
static void skip_rest(struct jobs *jobs)
{
    for (; jobs->ended[0] != '\0' && jobs->given < jobs->result->scenario_count; jobs->given++) {
        plan_skip(&jobs->result->scenarios[jobs->given], jobs->ended);
        jobs->back[jobs->given] = true;
    }
    tell(jobs);
}

// Puts the scenario's result in the place of the planned one.
static int take_scenario(struct result *result, size_t index, struct result *part)
{
    struct scenario_result *planned = &result->scenarios[index];
    struct scenario_result *made = &part->scenarios[0];
    char *path = made->path; // JSON has it escaped
    made->path = planned->path;
    planned->path = path;
    scenario_result_clear(planned);
    *planned = *made;
    *made = (struct scenario_result){0};
    return merge_owned(result, part);
}

static int take_result(struct job *job, json_t *object)
{
    struct result *result = job->jobs->result;
    struct result part = {0};
    struct failure failure = {0};
    json_t *more = json_object_get(object, RUNNER_MEMBER);
    const char *calls = json_string_value(json_object_get(more, "calls"));
    unsigned hangs = (unsigned)json_integer_value(json_object_get(more, "hangs"));
    int status = result_from_json(&part, object, scenario_name(job->jobs, job->index), &failure);
    if (status == 0 && part.scenario_count == 1)
        status = take_scenario(result, job->index, &part);
    if (status == 0 && calls != NULL)
        status = (job->jobs->calls[job->index] = strdup(calls)) == NULL ? -1 : 0;
    if (part.hello.pointer_size != 0)
        result->hello = part.hello;
    if (part.tgtd_version[0] != '\0')
        memcpy(result->tgtd_version, part.tgtd_version, sizeof result->tgtd_version);
    result->hangs += hangs;
    if (part.failure.status != 0 && result->failure.status == 0)
        result->failure = part.failure;
    if (result->first_hang[0] == '\0')
        memcpy(result->first_hang, part.first_hang, sizeof result->first_hang);
    if (part.noise[0] != '\0' && result->noise[0] == '\0')
        memcpy(result->noise, part.noise, sizeof result->noise);
    if (failure.status != 0)
        failure_set(&result->failure, STATUS_UNTRUSTED, "%s", failure.text);
    result_free(&part);
    return status;
}

static int receive_result(struct job *job, size_t size)
{
    char *bytes = malloc(size + 1);
    json_t *object = NULL;
    if (bytes != NULL && runner_receive(job->fd, bytes, size) == 0)
        object = json_loadb(bytes, size, 0, NULL);
    free(bytes);
    int status = object == NULL ? -1 : take_result(job, object);
    json_decref(object);
    if (status != 0)
        return -1;
    job->jobs->back[job->index] = true;
    job->index = SIZE_MAX;
    tell(job->jobs);
    hand_out(job);
    return 0;
}

static void on_readable(uv_poll_t *handle, int status, int events)
{
    struct job *job = handle->data;
    const struct reporter *reporter = job->jobs->reporter;
    struct answer answer;
    (void)events;
    if (status < 0 || runner_receive(job->fd, &answer, sizeof answer) != 0 ||
        job->index == SIZE_MAX) {
        lose(job);
    } else if (answer.kind == ANSWER_DONE) {
        if (receive_result(job, answer.size) != 0)
            lose(job);
    } else if (reporter->progress != NULL) {
        answer.doing[sizeof answer.doing - 1] = '\0';
        reporter->progress(reporter->argument, job->jobs->result,
                           &job->jobs->result->scenarios[job->index], answer.doing,
                           result_tally(job->jobs->result, NULL).calls + answer.calls);
    }
}

static bool all_idle(void *argument)
{
    const struct jobs *jobs = argument;
    for (unsigned i = 0; i < jobs->count; i++)
        if (jobs->items[i].index != SIZE_MAX)
            return false;
    return true;
}

static int start_runner(struct jobs *jobs, unsigned number, const char *folder)
{
    struct job *job = &jobs->items[number];
    int pair[2];
    char own[4096];
    int length = snprintf(own, sizeof own, "%s/job-%u", folder, number + 1);
    if (length < 0 || (size_t)length >= sizeof own ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failure_set(&jobs->result->failure, STATUS_UNTRUSTED,
                           "a process for scenarios cannot be started: %s", strerror(errno));
    pid_t parent = getpid();
    fflush(NULL); // it must not inherit what is not yet written
    job->pid = fork();
    if (job->pid == 0) {
        close(pair[0]);
        // The other runners would not notice the parent's close while these are open here.
        for (unsigned i = 0; i < number; i++)
            close(jobs->items[i].fd);
        runner_main(jobs->options, own, pair[1], parent, jobs->reporter);
    }
    close(pair[1]);
    job->fd = pair[0];
    if (job->pid < 0) {
        job->pid = 0;
        return failure_set(&jobs->result->failure, STATUS_UNTRUSTED,
                           "a process for scenarios cannot be started: %s", strerror(errno));
    }
    return 0;
}

static int watch_runner(struct jobs *jobs, struct job *job)
{
    int error = uv_poll_init(supervisor_loop(jobs->supervisor), &job->poll, job->fd);
    job->poll.data = job;
    job->polled = error == 0;
    if (error == 0)
        error = uv_poll_start(&job->poll, UV_READABLE, on_readable);
    if (error == 0)
        return 0;
    return failure_set(&jobs->result->failure, STATUS_UNTRUSTED, "event loop: %s",
                       uv_strerror(error));
}

// Does the process live? Reaps it when not.
static bool still_there(struct job *job)
{
    if (job->pid > 0 && waitpid(job->pid, NULL, WNOHANG) == job->pid)
        job->pid = 0;
    return job->pid > 0;
}

static bool all_ended(void *argument)
{
    struct jobs *jobs = argument;
    bool ended = true;
    for (unsigned i = 0; i < jobs->count; i++)
        ended = !still_there(&jobs->items[i]) && ended;
    return ended;
}

static void on_child(uv_signal_t *handle, int signal_number)
{
    (void)handle; // all_ended is asked after each turn of the loop
    (void)signal_number;
}

// Each takes down what it had up when its connection is closed or, while it runs a scenario, at a
// signal.
static void end_runners(struct jobs *jobs)
{
    uv_signal_t children;
    if (jobs->items == NULL)
        return;
    for (unsigned i = 0; i < jobs->count; i++) {
        struct job *job = &jobs->items[i];
        if (job->polled)
            uv_poll_stop(&job->poll);
        if (job->pid > 0 && job->index != SIZE_MAX)
            kill(job->pid, SIGTERM);
        // A runner must not wait for its answer to be read.
        if (job->fd >= 0)
            shutdown(job->fd, SHUT_RDWR);
    }
    if (jobs->supervisor != NULL &&
        uv_signal_init(supervisor_loop(jobs->supervisor), &children) == 0) {
        struct failure ignored = {0};
        supervisor_tear_down(jobs->supervisor, true);
        if (uv_signal_start(&children, on_child, SIGCHLD) == 0)
            supervisor_wait(jobs->supervisor, all_ended, jobs, PATIENCE_MS, &ignored);
        supervisor_tear_down(jobs->supervisor, false);
        uv_signal_stop(&children);
        uv_close((uv_handle_t *)&children, NULL);
        uv_run(supervisor_loop(jobs->supervisor), UV_RUN_NOWAIT);
    }
    for (unsigned i = 0; i < jobs->count; i++)
        if (still_there(&jobs->items[i])) {
            kill(jobs->items[i].pid, SIGKILL);
            waitpid(jobs->items[i].pid, NULL, 0);
        }
}

static int work(struct jobs *jobs)
{
    struct failure *failure = &jobs->result->failure;
    for (unsigned i = 0; i < jobs->count; i++)
        if (watch_runner(jobs, &jobs->items[i]) != 0)
            return -1;
    for (unsigned i = 0; i < jobs->count; i++)
        hand_out(&jobs->items[i]);
    tell(jobs);
    if (supervisor_wait(jobs->supervisor, all_idle, jobs, UINT_MAX, failure) != 0)
        return -1;
    skip_rest(jobs);
    return 0;
}

static int allocate(struct jobs *jobs)
{
    size_t scenarios = jobs->result->scenario_count;
    jobs->items = calloc(jobs->count, sizeof *jobs->items);
    jobs->calls = calloc(scenarios + 1, sizeof *jobs->calls);
    jobs->back = calloc(scenarios + 1, sizeof *jobs->back);
    if (jobs->items == NULL || jobs->calls == NULL || jobs->back == NULL) {
        jobs->count = 0;
        return failure_set(&jobs->result->failure, STATUS_UNTRUSTED, "memory ran out");
    }
    for (unsigned i = 0; i < jobs->count; i++)
        jobs->items[i] = (struct job){.jobs = jobs, .fd = -1, .index = SIZE_MAX};
    return 0;
}

static int plan(struct jobs *jobs)
{
    struct result *result = jobs->result;
    jobs->sources = calloc(jobs->options->scenario_count, sizeof *jobs->sources);
    if (jobs->sources == NULL)
        return failure_set(&result->failure, STATUS_UNTRUSTED, "memory ran out");
    if (run_plan(jobs->options, result, jobs->sources) != 0)
        return -1;
    return plan_check(result);
}

static void jobs_free(struct jobs *jobs)
{
    for (size_t i = 0; jobs->calls != NULL && i < jobs->result->scenario_count; i++)
        free(jobs->calls[i]);
    supervisor_destroy(jobs->supervisor); // closes the handles in `items`, too
    for (unsigned i = 0; jobs->items != NULL && i < jobs->count; i++)
        if (jobs->items[i].fd >= 0)
            close(jobs->items[i].fd);
    free(jobs->calls);
    free(jobs->back);
    free(jobs->items);
    free(jobs->sources);
}

int jobs_run(const struct run_options *options, unsigned jobs_count, const char *folder,
             const struct reporter *reporter, struct result *result)
{
    struct jobs jobs = {
        .options = options, .reporter = reporter, .result = result, .count = jobs_count};
    uint64_t began = clock_now_ns();
    if (plan(&jobs) != 0 || allocate(&jobs) != 0)
        goto out;
    if (jobs.count > result->scenario_count)
        jobs.count = (unsigned)result->scenario_count;
    for (unsigned i = 0; i < jobs.count; i++)
        if (start_runner(&jobs, i, folder) != 0)
            goto out;
    if (supervisor_create(&jobs.supervisor, &result->failure) != 0)
        goto out;
    supervisor_limit(jobs.supervisor, options->deadline_ns, options->too_long);
    if (reporter->run_begins != NULL)
        reporter->run_begins(reporter->argument, result);
    work(&jobs);
out:
    end_runners(&jobs);
    run_empty_folder(folder, result);
    result->duration_ns = clock_now_ns() - began;
    if (reporter->run_ends != NULL)
        reporter->run_ends(reporter->argument, result);
    jobs_free(&jobs);
    return result_exit_status(result);
}
