// Runs scenarios side by side.
//
//     this process -+- runner: run() of one scenario after the other
//                   +- runner ...
//
// The runners are forked before anything is started, so that each has the plan, the scenarios and
// the clauses as this process has them, at the same addresses: what a scenario's result says in
// static text and of clauses comes back as it is, and only what a result owns has to be handed
// over. Whoever is free is given the next scenario; what comes back is told in the order of the
// plan.
#include "harness/run/jobs.h"

#include "conformance/base/clock.h"
#include "emulator/process/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    DOING_SIZE = 64,
    PATIENCE_MS = 20000, // how long a runner may take to clean up behind it
};

// What a runner is asked for.
struct order {
    size_t place; // of the scenario in the options
    unsigned hangs;
};

// What it answers: several of PROGRESS, then one DONE, which a parcel follows.
enum answer_kind {
    ANSWER_PROGRESS = 1,
    ANSWER_DONE,
};

struct answer {
    enum answer_kind kind;
    char doing[DOING_SIZE];
    unsigned long long calls;
    size_t size; // of the parcel
};

// libuv has made the descriptor one that does not wait: waits for the rest of what has begun.
static bool wait_for(int fd, short event)
{
    struct pollfd watched = {.fd = fd, .events = event};
    return errno == EINTR || ((errno == EAGAIN || errno == EWOULDBLOCK) &&
                              (poll(&watched, 1, -1) > 0 || errno == EINTR));
}

static int send_all(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0 && wait_for(fd, POLLOUT))
            continue;
        if (sent <= 0)
            return -1;
        at += sent;
        size -= (size_t)sent;
    }
    return 0;
}

// 0; -1 at the end or on an error.
static int receive_all(int fd, void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        ssize_t got = recv(fd, at, size, 0);
        if (got < 0 && wait_for(fd, POLLIN))
            continue;
        if (got <= 0)
            return -1;
        at += got;
        size -= (size_t)got;
    }
    return 0;
}

// ---- Parcels: a scenario's result, taken apart and put together again

struct parcel_head {
    struct hello hello;
    char tgtd_version[64];
    unsigned hangs;
    struct failure failure;
    bool has_scenario;
};

static void put(FILE *parcel, const void *bytes, size_t size)
{
    if (size > 0)
        fwrite(bytes, 1, size, parcel);
}

// A text that may be NULL: its size with the terminator, or 0.
static void put_text(FILE *parcel, const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text) + 1;
    put(parcel, &size, sizeof size);
    put(parcel, text, size);
}

static void put_scenario(FILE *parcel, const struct scenario_result *scenario)
{
    put(parcel, scenario, sizeof *scenario);
    put(parcel, scenario->checks, scenario->check_count * sizeof *scenario->checks);
    for (size_t i = 0; i < scenario->check_count; i++) {
        put_text(parcel, scenario->checks[i].evidence.said);
        put_text(parcel, scenario->checks[i].evidence.circumstance);
    }
    put(parcel, scenario->kept, scenario->kept_count * sizeof *scenario->kept);
    for (size_t i = 0; i < scenario->kept_count; i++)
        put(parcel, scenario->kept[i].bytes, scenario->kept[i].size);
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        const struct sweep *sweep = &scenario->sweeps[charset];
        put(parcel, sweep->points, sweep->count * sizeof *sweep->points);
        put_text(parcel, scenario->lists[charset].circumstance);
    }
}

struct unpacking {
    const char *at;
    size_t left;
    bool failed; // too short, or memory ran out
};

static void take(struct unpacking *parcel, void *bytes, size_t size)
{
    if (parcel->failed || size > parcel->left) {
        parcel->failed = true;
        memset(bytes, 0, size);
        return;
    }
    memcpy(bytes, parcel->at, size);
    parcel->at += size;
    parcel->left -= size;
}

// `count` of `size` bytes each, malloc'ed; NULL when there are none.
static void *take_array(struct unpacking *parcel, size_t count, size_t size)
{
    if (parcel->failed || count == 0)
        return NULL;
    void *array = count > parcel->left / size ? NULL : malloc(count * size);
    if (array == NULL)
        parcel->failed = true;
    else
        take(parcel, array, count * size);
    return array;
}

static char *take_text(struct unpacking *parcel)
{
    size_t size = 0;
    take(parcel, &size, sizeof size);
    char *text = take_array(parcel, size, 1);
    if (text != NULL)
        text[size - 1] = '\0';
    return text;
}

static const char *take_owned_text(struct unpacking *parcel, struct scenario_result *scenario)
{
    char *text = take_text(parcel);
    const char *owned = text == NULL ? NULL : scenario_result_own(scenario, text);
    if (text != NULL && owned == NULL)
        parcel->failed = true;
    free(text);
    return owned;
}

// The bytes that the runner had at `address`, where they are here.
static uint8_t *relocate(const struct scenario_result *scenario, const struct kept_bytes *theirs,
                         const uint8_t *address)
{
    for (size_t i = 0; i < scenario->kept_count && address != NULL; i++)
        if (theirs[i].bytes == address)
            return scenario->kept[i].bytes;
    return NULL;
}

static void take_checks(struct unpacking *parcel, struct scenario_result *scenario, size_t count)
{
    scenario->checks = take_array(parcel, count, sizeof *scenario->checks);
    if (scenario->checks == NULL)
        return;
    for (size_t i = 0; i < count; i++) {
        struct check *check = &scenario->checks[i];
        check->evidence.said = NULL;
        check->evidence.circumstance = NULL;
        check->excuse = (struct excuse){0};
        if (check->verdict.record != NULL)
            check->verdict.record = &check->evidence;
    }
    scenario->check_count = count;
    for (size_t i = 0; i < count; i++) {
        scenario->checks[i].evidence.said = take_text(parcel);
        scenario->checks[i].evidence.circumstance = take_owned_text(parcel, scenario);
    }
}

static void take_kept(struct unpacking *parcel, struct scenario_result *scenario, size_t count)
{
    struct kept_bytes *theirs = take_array(parcel, count, sizeof *theirs);
    scenario->kept = theirs == NULL ? NULL : calloc(count, sizeof *scenario->kept);
    if (count > 0 && scenario->kept == NULL)
        parcel->failed = true;
    for (size_t i = 0; !parcel->failed && i < count; i++) {
        scenario->kept[i] = theirs[i];
        scenario->kept[i].bytes = take_array(parcel, theirs[i].size, 1);
        scenario->kept_count++;
    }
    for (size_t i = 0; !parcel->failed && i < scenario->check_count; i++) {
        struct record *evidence = &scenario->checks[i].evidence;
        evidence->bytes = relocate(scenario, theirs, evidence->bytes);
    }
    for (int charset = CHARSET_A; !parcel->failed && charset <= CHARSET_W; charset++)
        scenario->lists[charset].bytes = relocate(scenario, theirs, scenario->lists[charset].bytes);
    free(theirs);
}

// Into a scenario that is planned only. What names it stays.
static void take_scenario(struct unpacking *parcel, struct scenario_result *planned)
{
    struct scenario_result theirs;
    take(parcel, &theirs, sizeof theirs);
    if (parcel->failed)
        return;
    struct scenario_result made = theirs;
    made.name = planned->name;
    made.summary = planned->summary;
    made.path = planned->path;
    made.digest = planned->digest;
    made.checks = NULL;
    made.check_count = 0;
    made.kept = NULL;
    made.kept_count = 0;
    made.texts = NULL;
    made.text_count = 0;
    take_checks(parcel, &made, theirs.check_count);
    take_kept(parcel, &made, theirs.kept_count);
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        made.sweeps[charset].points =
            take_array(parcel, theirs.sweeps[charset].count, sizeof *made.sweeps[charset].points);
        made.lists[charset].circumstance = take_owned_text(parcel, &made);
    }
    made.finished = made.finished && !parcel->failed;
    free(planned->checks);
    *planned = made;
}

// ---- The runner

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
    (void)send_all(report->fd, &answer, sizeof answer);
}

static void keep_calls(void *argument, const struct scenario_result *scenario, const char *calls)
{
    struct runner_report *report = argument;
    (void)scenario;
    free(report->calls);
    report->calls = strdup(calls);
}

static int send_parcel(int fd, const struct result *result, const char *calls)
{
    struct parcel_head head = {.hello = result->hello,
                               .hangs = result->hangs,
                               .failure = result->failure,
                               .has_scenario = result->scenario_count == 1};
    memcpy(head.tgtd_version, result->tgtd_version, sizeof head.tgtd_version);
    char *bytes = NULL;
    size_t size = 0;
    FILE *parcel = open_memstream(&bytes, &size);
    if (parcel == NULL)
        return -1;
    put(parcel, &head, sizeof head);
    put_text(parcel, calls);
    if (head.has_scenario)
        put_scenario(parcel, &result->scenarios[0]);
    int status = fclose(parcel) == 0 ? 0 : -1;
    struct answer answer = {.kind = ANSWER_DONE, .size = size};
    if (status == 0 &&
        (send_all(fd, &answer, sizeof answer) != 0 || send_all(fd, bytes, size) != 0))
        status = -1;
    free(bytes);
    return status;
}

static int run_one(const struct run_options *options, const struct order *order, const char *folder,
                   struct runner_report *report, bool want_calls)
{
    struct reporter reporter = {.argument = report,
                                .progress = tell_progress,
                                .calls_made = want_calls ? keep_calls : NULL};
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
    own.hangs = order->hangs;
    run(&own, folder, &reporter, &result);
    int status = send_parcel(report->fd, &result, report->calls);
    free(report->calls);
    report->calls = NULL;
    result_free(&result);
    free(mine);
    return status;
}

// Until the parent has nothing more to do. What is left behind is the sweeper's to clean up.
__attribute__((noreturn)) static void be_runner(const struct run_options *options,
                                                const char *folder, int fd, pid_t parent,
                                                bool want_calls)
{
    struct runner_report report = {.fd = fd};
    struct order order;
    // A group of its own: whoever signals the parent's lets that one decide what becomes of this.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || setpgid(0, 0) != 0)
        _exit(STATUS_UNTRUSTED);
    if (mkdir(folder, 0700) != 0)
        _exit(STATUS_UNTRUSTED);
    while (receive_all(fd, &order, sizeof order) == 0)
        if (run_one(options, &order, folder, &report, want_calls) != 0)
            exit(STATUS_UNTRUSTED); // NOLINT(concurrency-mt-unsafe)
    exit(0);                        // NOLINT(concurrency-mt-unsafe)
}

// ---- This process

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
    char **calls; // of each scenario that has come back and was not told yet
    bool *back;   // which scenarios have come back
    size_t given; // so many scenarios were handed out
    size_t told;  // so many were told
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
    // What nothing was selected of is finished as it is.
    while (jobs->given < result->scenario_count &&
           result->scenarios[jobs->given].check_count == 0) {
        result->scenarios[jobs->given].finished = true;
        jobs->back[jobs->given++] = true;
    }
    if (jobs->given == result->scenario_count || result->failure.status != 0)
        return;
    struct order order = {.place = jobs->sources[jobs->given], .hangs = result->hangs};
    job->index = jobs->given++;
    if (send_all(job->fd, &order, sizeof order) != 0)
        lose(job);
}

// Tells of all scenarios that are back and whose turn it is.
static void tell(struct jobs *jobs)
{
    const struct reporter *reporter = jobs->reporter;
    for (; jobs->told < jobs->result->scenario_count && jobs->back[jobs->told]; jobs->told++) {
        const struct scenario_result *scenario = &jobs->result->scenarios[jobs->told];
        if (scenario->check_count == 0)
            continue; // as of a run of one at a time, which does not come to it
        if (reporter->scenario_begins != NULL)
            reporter->scenario_begins(reporter->argument, jobs->result, scenario);
        if (jobs->calls[jobs->told] != NULL && reporter->calls_made != NULL)
            reporter->calls_made(reporter->argument, scenario, jobs->calls[jobs->told]);
        if (reporter->scenario_ends != NULL && scenario->finished)
            reporter->scenario_ends(reporter->argument, jobs->result, scenario);
    }
}

static int unpack(struct job *job, const char *bytes, size_t size)
{
    struct result *result = job->jobs->result;
    struct unpacking parcel = {.at = bytes, .left = size};
    struct parcel_head head;
    take(&parcel, &head, sizeof head);
    if (parcel.failed)
        return -1;
    job->jobs->calls[job->index] = take_text(&parcel);
    if (head.has_scenario)
        take_scenario(&parcel, &result->scenarios[job->index]);
    if (head.hello.pointer_size != 0)
        result->hello = head.hello;
    if (head.tgtd_version[0] != '\0')
        memcpy(result->tgtd_version, head.tgtd_version, sizeof result->tgtd_version);
    // It was told of those before.
    if (head.hangs > result->hangs)
        result->hangs = head.hangs;
    if (head.failure.status != 0)
        failure_set(&result->failure, head.failure.status, "%s", head.failure.text);
    return parcel.failed ? -1 : 0;
}

static int take_parcel(struct job *job, size_t size)
{
    char *bytes = malloc(size + 1);
    int status = bytes == NULL ? -1 : receive_all(job->fd, bytes, size);
    if (status == 0)
        status = unpack(job, bytes, size);
    free(bytes);
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
    if (status < 0 || receive_all(job->fd, &answer, sizeof answer) != 0 || job->index == SIZE_MAX) {
        lose(job);
    } else if (answer.kind == ANSWER_DONE) {
        if (take_parcel(job, answer.size) != 0)
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
        // With the other runners' ends open here, none of them would see the parent's close.
        for (unsigned i = 0; i < number; i++)
            close(jobs->items[i].fd);
        be_runner(jobs->options, own, pair[1], parent, jobs->reporter->calls_made != NULL);
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
    (void)handle; // the wait asks for the ends of all after each turn of the loop
    (void)signal_number;
}

// Each takes down what it had up: told to by the end of its orders, or, in the midst of one, by a
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
        // Its answer is wanted no more, so a runner must not wait for it to be read.
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
    for (size_t i = 0; i < result->scenario_count; i++)
        result->scenarios[i].planned_count = result->scenarios[i].check_count;
    if (result_tally(result, NULL).planned == 0)
        return failure_set(&result->failure, STATUS_USAGE,
                           "no check is left to make: none of the selected clauses applies to the "
                           "selected scenarios");
    return 0;
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
    if (reporter->run_begins != NULL)
        reporter->run_begins(reporter->argument, result);
    work(&jobs);
out:
    end_runners(&jobs);
    result->duration_ns = clock_now_ns() - began;
    if (reporter->run_ends != NULL)
        reporter->run_ends(reporter->argument, result);
    jobs_free(&jobs);
    return result_exit_status(result);
}
