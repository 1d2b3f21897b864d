// SPDX-License-Identifier: Apache-2.0
// The kit's side of a host: asks for calls, waits for what comes of them, and starts anew after
// whatever the library under test did. All of it happens in callbacks of the supervisor's loop, so
// that calls go on while the kit does something else there.
#include "harness/driver/host.h"

#include "conformance/base/text.h"
#include "emulator/service/initiator_service.h"
#include "emulator/table/session_table.h"
#include "harness/driver/batch.h"
#include "harness/driver/frames.h"
#include "harness/driver/host_process.h"
#include "harness/driver/logins.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    READS_MAX = 64,         // reads in one turn of the loop, even if there is more to read
    END_PATIENCE_MS = 2000, // from the end of the channel to that of the process
    TICK_MAX_MS = 100,      // how often the time waited for an answer is looked at
    TICKS_PER_TIMEOUT = 16,
};

static void on_process_ended(struct instance *process, void *argument);
static void on_readable(uv_poll_t *poll, int status, int events);
static void go_on(struct host *host);

// --- waiting

static uint64_t tick_ms(const struct host *host)
{
    uint64_t tick = host->timeout_ms / TICKS_PER_TIMEOUT;
    return tick < 1 ? 1 : tick > TICK_MAX_MS ? TICK_MAX_MS : tick;
}

static void on_tick(uv_timer_t *timer);

// Begins a phase; the time limit counts from now on.
static void wait_for(struct host *host, enum phase phase)
{
    host->phase = phase;
    host->waited_ms = 0;
    if (!uv_is_active((uv_handle_t *)host->clock)) {
        host->ticked_ns = uv_hrtime();
        uv_update_time(supervisor_loop(host->supervisor));
        uv_timer_start(host->clock, on_tick, tick_ms(host), tick_ms(host));
    }
    if (host->watch != NULL && phase != PHASE_ENDING && !uv_is_active((uv_handle_t *)host->watch))
        uv_poll_start(host->watch, UV_READABLE | UV_DISCONNECT, on_readable);
}

static bool is_receiving(const struct host *host)
{
    return host->phase != PHASE_IDLE && host->phase != PHASE_ENDING;
}

// Starts a process, whose HELLO is then waited for.
static int start(struct host *host, struct failure *failure)
{
    if (host_process_start(host, on_process_ended, failure) != 0)
        return -1;
    wait_for(host, PHASE_LOADING);
    return 0;
}

// The HELLO, answer or DONE that the phase waits for will not come.
static void fail_to_come(struct host *host, enum cause cause)
{
    bool loading = host->phase == PHASE_LOADING || (host->phase == PHASE_ENDING && host->loading);
    if (instance_lost(host->process, cause == CAUSE_LATE, &host->failure)) {
        host_process_drop(host);
        host->login = NULL;
        batch_end(host);
        return;
    }
    if (cause == CAUSE_ENDED && host_process_ran_out(host)) {
        host->login = NULL;
        batch_end(host);
        return;
    }
    if (!loading && host->login == NULL && batch_finished(&host->batch)) {
        // Only DONE is missing. If the process has ended, the next call finds that out.
        if (cause != CAUSE_ENDED)
            host_process_drop(host);
        host->batch.first += host->batch.part;
        go_on(host);
    } else if (cause == CAUSE_ENDED && host->phase != PHASE_ENDING &&
               instance_running(host->process)) {
        uv_poll_stop(host->watch);
        host->loading = loading;
        wait_for(host, PHASE_ENDING);
    } else if (loading && host_process_deserves_another(host, cause)) {
        host->started_again = true;
        host_process_drop(host);
        if (start(host, &host->failure) != 0)
            batch_end(host);
    } else if (loading) {
        host_process_describe_silence(host, cause);
        batch_end(host);
    } else if (host->login != NULL) {
        logins_conclude(host, cause);
    } else {
        batch_conclude(host, cause);
        go_on(host);
    }
}

// --- what comes

// What to do about it, as far as the loader's words tell.
static const char *describe_remedy(const struct host *host, const char *error)
{
    if (strstr(error, "undefined symbol") != NULL)
        return host->sanitizer.found
                   ? "; it was built with a sanitizer whose runtime was not found: install it, or "
                     "name it in LD_PRELOAD"
                   : "; link it with the library that has the symbol (-Wl,-z,defs has the linker "
                     "say which are missing)";
    if (strstr(error, "cannot open shared object file") != NULL &&
        strncmp(error, host->library, strlen(host->library)) != 0)
        return "; it needs that library: name its folder in LD_LIBRARY_PATH, or link with -rpath";
    if (strstr(error, "version `") != NULL)
        return "; it was built for a newer system than this: build it here";
    return "";
}

// Keeps what the listener said of itself. False when memory ran out.
static bool note_listener(struct host *host)
{
    const struct relay_answer *answer = instance_listener(host->process);
    if (answer == NULL || host->remote_library != NULL)
        return true;
    host->remote_library = strdup(answer->library);
    return host->remote_library != NULL;
}

// "linux i386 (qemu-i386)": what is measured there is the emulator's, too.
static void add_cpu_emulator(const struct host *host, struct hello *hello)
{
    if (host->cpu_emulator == NULL)
        return;
    const char *slash = strrchr(host->cpu_emulator, '/');
    size_t used = strlen(hello->platform);
    snprintf(hello->platform + used, sizeof hello->platform - used, " (%s)",
             slash != NULL ? slash + 1 : host->cpu_emulator);
}

static bool take_hello(struct host *host)
{
    const uint8_t *payload = frames_take(host, HELLO_SIZE);
    struct hello hello = {0};
    host->frame = (struct frame){0};
    if (hello_decode(&hello, payload, HELLO_SIZE) < 0)
        return false;
    if (!note_listener(host))
        return false;
    if (hello.error[0] == '\0' && !code_page_known(hello.code_page)) {
        host_process_drop(host);
        failure_set(&host->failure, STATUS_UNTRUSTED,
                    "%s: its char strings are of code page %u, which this machine can't read "
                    "(iconv has no CP%u)",
                    host->library, hello.code_page, hello.code_page);
        batch_end(host);
        return true;
    }
    if (hello.error[0] == '\0') {
        add_cpu_emulator(host, &hello);
        host->hello = hello;
        host->started_again = false;
        host->loaded_said = instance_printed(host->process);
        host_wait_for_nothing(host);
        go_on(host);
        return true;
    }
    host_process_drop(host);
    failure_set(&host->failure, STATUS_UNTRUSTED, "%s: can't be loaded: %s%s", host->library,
                hello.error, describe_remedy(host, hello.error));
    host_add_said(host);
    host->failure.of = FAILURE_OF_IMPLEMENTATION;
    batch_end(host);
    return true;
}

// A whole frame is there. False when it can't be what the host has to say. May end the process and
// start another.
static bool take_frame(struct host *host)
{
    bool taken = false;
    if (host->phase == PHASE_LOGIN)
        return logins_take(host);
    switch (host->frame.header.type) {
    case FRAME_HELLO:
        return take_hello(host);
    case FRAME_CLOCK:
        return batch_take_clock(host);
    case FRAME_DONE:
        taken = batch_take_done(host);
        if (taken)
            go_on(host);
        return taken;
    case FRAME_STACK:
        taken = batch_take_stack(host);
        if (taken)
            go_on(host);
        return taken;
    default:
        return batch_take_answer(host);
    }
}

static void take_received(struct host *host)
{
    while (is_receiving(host)) {
        enum step step = frames_step(host);
        if (step == STEP_NEEDS_MORE)
            return;
        if (step == STEP_NO_MEMORY) {
            failure_set(&host->failure, STATUS_UNTRUSTED,
                        "host: out of memory for %u bytes of a result",
                        host->frame.outcome.byte_count);
            host_process_drop(host);
            batch_end(host);
        } else if (step == STEP_DAMAGED || (step == STEP_WHOLE && !take_frame(host))) {
            fail_to_come(host, CAUSE_DAMAGED);
            return;
        }
    }
}

static enum reading read_once(struct host *host)
{
    enum reading reading = frames_read(host);
    take_received(host);
    return reading;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status; // an error is found by reading
    (void)events;
    struct host *host = poll->data;
    for (int i = 0; i < READS_MAX && is_receiving(host) && host->watch == poll; i++) {
        enum reading reading = read_once(host);
        if (reading == READ_ENDED)
            fail_to_come(host, CAUSE_ENDED);
        if (reading != READ_SOME)
            return;
    }
}

// A child of the process may keep the channel open.
static void on_process_ended(struct instance *process, void *argument)
{
    struct host *host = argument;
    enum reading reading = READ_SOME;
    // What is read may start another process, which may have the old one's address, but not its
    // nonce.
    const uint64_t nonce = host->nonce;
    if (host->process != process)
        return;
    while (is_receiving(host) && host->nonce == nonce && reading != READ_ENDED) {
        reading = read_once(host);
        if (reading == READ_ALL) // what it wrote before its end is there by now
            break;
    }
    if (host->phase != PHASE_IDLE && host->process != NULL && host->nonce == nonce)
        fail_to_come(host, CAUSE_ENDED);
}

// Has the call under way in a thread touched more of its sparse memory since the last look? To
// touch each page of gigabytes takes a minute on some virtual machines, and is no hang.
static bool touches_more(struct host *host, unsigned thread)
{
    enum { MORE = 64 << 20 };
    struct batch *batch = &host->batch;
    struct progress *progress = &batch->progress[thread];
    if ((batch->calls[batch->first + progress->index].flags & CALL_SPARSE) == 0)
        return false;
    uint64_t resident = instance_memory(host->process);
    if (resident < progress->resident + MORE)
        return false;
    progress->resident = resident;
    progress->waited_ms = 0;
    return true;
}

// Adds to the time waited. True when that is too long.
static bool waited_too_long(struct host *host, unsigned elapsed_ms)
{
    struct batch *batch = &host->batch;
    host->waited_ms += elapsed_ms;
    if (host->phase == PHASE_ENDING)
        return host->waited_ms >= END_PATIENCE_MS;
    if (host->phase == PHASE_LOADING || host->phase == PHASE_LOGIN || batch_finished(batch))
        return host->waited_ms >= host->timeout_ms;
    host->waited_ms = 0;
    bool late = false;
    for (unsigned i = 0; i < batch->threads; i++) {
        if (thread_finished(batch, i))
            continue;
        batch->progress[i].waited_ms += elapsed_ms;
        late = late || (batch->progress[i].waited_ms >= host->timeout_ms && !touches_more(host, i));
    }
    return late;
}

// Only time in which the loop runs counts: an answer that is not fetched yet is not late.
static void on_tick(uv_timer_t *timer)
{
    struct host *host = timer->data;
    uint64_t now_ns = uv_hrtime();
    uint64_t elapsed_ms = (now_ns - host->ticked_ns) / 1000000;
    host->ticked_ns += elapsed_ms * 1000000;
    if (elapsed_ms > 2 * tick_ms(host))
        elapsed_ms = 2 * tick_ms(host);
    host_process_limit_memory(host);
    if (!waited_too_long(host, (unsigned)elapsed_ms))
        return;
    // The loop calls timers before it reads.
    const uint64_t nonce = host->nonce; // of this process and no other
    if (is_receiving(host)) {
        on_readable(host->watch, 0, 0);
        if (host->nonce != nonce || host->phase == PHASE_IDLE || !waited_too_long(host, 0))
            return;
    }
    fail_to_come(host, host->phase == PHASE_ENDING ? CAUSE_ENDED : CAUSE_LATE);
}

// --- calls

// Begins the next part of the batch, with a new process if needed, or ends the batch.
static void go_on(struct host *host)
{
    struct batch *batch = &host->batch;
    if (!host->busy)
        return;
    if (batch->stopping || batch->first >= batch->count) {
        batch_end(host);
        return;
    }
    batch_begin_part(host);
    if (batch->deaths >= HOST_FAULTS_MAX || (batch->part == 0 && batch->threads > 1)) {
        batch_give_up(host);
        batch_end(host);
    } else if (batch->part == 0) {
        batch_skip_given_up(host);
        go_on(host);
    } else if (host->process == NULL) {
        if (start(host, &host->failure) != 0)
            batch_end(host);
    } else if (batch_send_part(host, &host->failure) != 0) {
        batch_end(host);
    } else {
        wait_for(host, PHASE_CALLING);
        if (!instance_running(host->process)) // it ended between two batches
            fail_to_come(host, CAUSE_ENDED);
    }
}

// The failure that ended loading or the batch, if there was one.
static int take_failure(struct host *host, struct failure *failure)
{
    if (host->failure.status == 0)
        return 0;
    if (failure->status == 0)
        *failure = host->failure;
    host->failure = (struct failure){0};
    return -1;
}

int host_begin(struct host *host, const struct call *calls, size_t count, unsigned threads,
               host_receiver *receive, void *argument, struct failure *failure)
{
    if (host->busy || threads < 1 || threads > THREADS_MAX)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "host: calls by %u threads can't be begun: %s", threads,
                           host->busy ? "others are under way" : "it makes them by 1 to 64");
    struct call *copy = calloc(count + 1, sizeof *copy);
    if (copy == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory for %zu calls", count);
    if (count > 0)
        memcpy(copy, calls, count * sizeof *copy);
    host->batch = (struct batch){.calls = copy,
                                 .count = count,
                                 .threads = threads,
                                 .receive = receive,
                                 .argument = argument};
    host->failure = (struct failure){0};
    host->busy = true;
    go_on(host);
    return take_failure(host, failure);
}

bool host_gave_up(const struct host *host, enum charset charset)
{
    return batch_gave_up(host, charset);
}

bool host_done(const struct host *host)
{
    return !host->busy;
}

static bool calls_done(void *argument)
{
    return host_done(argument);
}

int host_finish(struct host *host, struct failure *failure)
{
    if (supervisor_wait(host->supervisor, calls_done, host, UINT_MAX, failure) != 0) {
        host_process_drop(host);
        batch_end(host);
        return -1;
    }
    return take_failure(host, failure);
}

int host_stop_calls(struct host *host)
{
    if (!host->busy)
        return 0;
    host->batch.stopping = true;
    if (host->phase != PHASE_CALLING)
        return 0;
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header = {host->nonce, FRAME_STOP, 0};
    if (frame_header_encode(bytes, sizeof bytes, &header) < 0)
        return -1;
    return host_send(host, bytes, sizeof bytes);
}

int host_calls(struct host *host, const struct call *calls, size_t count, host_receiver *receive,
               void *argument, struct failure *failure)
{
    if (host_begin(host, calls, count, 1, receive, argument, failure) != 0)
        return -1;
    return host_finish(host, failure);
}

// --- a host's life

// A Windows program is given the path as Windows has it.
static char *table_environment(const struct host *host, const char *table)
{
    char *text = NULL;
    bool is_windows = host->wine != NULL || (host->remote != NULL && host->remote->is_windows);
    char *path = table == NULL ? strdup("") : is_windows ? wine_path(table) : strdup(table);
    if (path == NULL ||
        asprintf(&text, "%s%s%s", SESSION_TABLE_VARIABLE, table != NULL ? "=" : "", path) < 0)
        text = NULL;
    free(path);
    return text;
}

static bool loading_done(void *argument)
{
    const struct host *host = argument;
    return host->phase == PHASE_IDLE;
}

// Starts a process and takes its HELLO. On failure there is no process.
static int greet(struct host *host, struct failure *failure)
{
    if (start(host, failure) != 0)
        return -1;
    if (supervisor_wait(host->supervisor, loading_done, host, UINT_MAX, failure) != 0) {
        host_process_drop(host);
        return -1;
    }
    return take_failure(host, failure);
}

static int create_clock(struct host *host, struct failure *failure)
{
    host->clock = calloc(1, sizeof *host->clock);
    if (host->clock == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    int error = uv_timer_init(supervisor_loop(host->supervisor), host->clock);
    if (error != 0) {
        free(host->clock);
        host->clock = NULL;
        return failure_set(failure, STATUS_UNTRUSTED, "host: it can't be timed: %s",
                           uv_strerror(error));
    }
    host->clock->data = host;
    return 0;
}

int host_start(struct host **result, struct supervisor *supervisor,
               const struct host_options *options, struct failure *failure)
{
    *result = NULL;
    struct host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    host->supervisor = supervisor;
    host->channel = -1;
    host->timeout_ms = options->timeout_ms;
    host->memory_max = options->memory_max != 0 ? options->memory_max : HOST_MEMORY_MAX;
    host->wine = options->wine;
    host->cpu_emulator = options->cpu_emulator;
    host->remote = options->remote;
    host->seat = options->for_logins ? RELAY_SEAT_LOGINS : RELAY_SEAT_CALLS;
    host->program = strdup(options->program);
    host->library = strdup(options->library);
    if (!options->own_environment)
        host->environment = table_environment(host, options->session_table);
    if (options->initiator != NULL &&
        asprintf(&host->initiator, "%s=%s", INITIATOR_SERVICE_VARIABLE, options->initiator) < 0)
        host->initiator = NULL;
    host->room = options->room;
    host->shown[0] = host_process_folder_of(options->session_table);
    host->shown[1] = host_process_folder_of(options->initiator);
    int status = create_clock(host, failure);
    if (host->program == NULL || host->library == NULL ||
        (host->initiator == NULL && options->initiator != NULL) ||
        (host->environment == NULL && !options->own_environment))
        status = failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    if (status == 0 && host->wine == NULL && host->remote == NULL &&
        sanitizer_detect(&host->sanitizer, host->library) != 0)
        status = failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    if (status == 0)
        status = greet(host, failure);
    if (status != 0) {
        host_stop(host);
        return -1;
    }
    *result = host;
    return 0;
}

int host_login(struct host *host, const struct login_request *request, struct login_answer *answer,
               struct failure *failure)
{
    if (host->busy || host->login != NULL)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "host: it can't log in while calls are under way");
    host->failure = (struct failure){0};
    if (host->process == NULL && greet(host, failure) != 0)
        return -1;
    if (logins_send(host, request, failure) != 0)
        return -1;
    host->login = answer;
    wait_for(host, PHASE_LOGIN);
    if (!instance_running(host->process)) // it ended before
        fail_to_come(host, CAUSE_ENDED);
    if (supervisor_wait(host->supervisor, loading_done, host, UINT_MAX, failure) != 0) {
        host_process_drop(host);
        host->login = NULL;
        return -1;
    }
    return take_failure(host, failure);
}

int host_renew(struct host *host, struct failure *failure)
{
    if (host->busy)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "host: it can't be ended while calls are under way");
    host_process_drop(host);
    return 0;
}

int host_set_session_table(struct host *host, const char *session_table, struct failure *failure)
{
    if (host_renew(host, failure) != 0)
        return -1;
    char *environment = table_environment(host, session_table);
    if (environment == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    free(host->environment);
    host->environment = environment;
    return 0;
}

void host_stop(struct host *host)
{
    if (host == NULL)
        return;
    if (host->clock != NULL) {
        host_process_drop(host);
        batch_end(host);
        uv_close((uv_handle_t *)host->clock, host_free_handle);
    }
    sanitizer_free(&host->sanitizer);
    free(host->program);
    free(host->library);
    free(host->remote_library);
    free(host->environment);
    free(host->initiator);
    host_process_free_room(host);
    free(host->said);
    free(host->stack);
    free(host);
}
