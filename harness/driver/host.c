// The kit's side of a host: starts it, asks for calls, checks what comes back, and starts anew
// after whatever the library under test did to it. All of it happens in callbacks of the
// supervisor's loop, so that calls go on while the kit does something else there.
#include "harness/driver/host.h"
#include "emulator/process/process.h"
#include "emulator/table/session_table.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    INBOX_SIZE = 256 * 1024,
    BATCH_MAX = 4096,       // calls asked for at once: they fit in a socket's buffer
    READS_MAX = 64,         // reads in one turn of the loop, even if there is more to read
    END_PATIENCE_MS = 2000, // from the end of the channel to that of the process
    CHANNEL_AS = 3,         // the host moves it elsewhere
    TICK_MAX_MS = 100,      // how often it is looked how long an answer has been waited for
    TICKS_PER_TIMEOUT = 16,
};

static const size_t data_limit = (size_t)2
                                 << 30; // a library that eats memory ends itself, not the kit

// What is waited for.
enum phase {
    PHASE_IDLE,    // nothing; there may be no process
    PHASE_LOADING, // the HELLO
    PHASE_CALLING, // answers, and DONE after them
    PHASE_ENDING,  // the end of the process, whose channel has ended
};

// Why what is waited for does not come.
enum cause {
    CAUSE_LATE,    // nothing came in time
    CAUSE_ENDED,   // the channel or the process ended
    CAUSE_DAMAGED, // what came is not what a host says
};

// Where one thread is in the part of the batch that was sent.
struct progress {
    size_t index;       // of the call under way, in the part
    uint32_t made;      // how often it was made, as far as is known
    unsigned waited_ms; // for an answer
    bool pending;       // an answer is held back, for more of the same may follow: this one
    struct outcome outcome;
    uint8_t *bytes;
};

struct batch {
    struct call *calls;
    size_t count;
    size_t first; // of the part under way
    size_t part;  // calls in it
    unsigned threads;
    unsigned deaths;
    bool stopping;
    host_receiver *receive;
    void *argument;
    struct progress progress[THREADS_MAX];
};

// How often one of the two functions died.
struct mortality {
    unsigned deaths;
    unsigned in_a_row; // since one of its calls returned
};

// The frame that is being received.
struct frame {
    bool has_header;
    struct frame_header header;
    bool has_outcome; // only its bytes are still to come
    uint32_t thread;
    uint32_t index;
    struct outcome outcome;
    uint8_t *bytes;
    size_t have; // of the bytes
};

struct host {
    struct supervisor *supervisor;
    char *program;
    char *library;
    char *environment; // of the session table: "NAME=value", or "NAME" to have none
    unsigned timeout_ms;
    struct hello hello;
    unsigned hangs;
    struct mortality mortality[CHARSET_W + 1];
    unsigned long long call_count;
    uint64_t peak_memory;
    char *said; // by the host that ended last

    enum phase phase;
    bool loading; // PHASE_ENDING: the HELLO had not come
    bool busy;    // a batch was begun and has not ended
    struct batch batch;
    struct failure failure; // what ended the last batch, or loading
    uv_timer_t *clock;
    uint64_t ticked_ns;
    unsigned waited_ms; // where it is not a thread that is waited for
    uint64_t last_ns;   // of the last answer, or when calls were sent

    // The present process; none while it is NULL.
    struct process *process;
    uv_poll_t *watch;
    int channel;
    uint64_t nonce;
    struct frame frame;
    size_t inbox_from;
    size_t inbox_to;
    uint8_t inbox[INBOX_SIZE];
};

static void on_process_ended(struct process *process, int wait_status, void *argument);
static void on_readable(uv_poll_t *poll, int status, int events);
static void go_on(struct host *host);

// --- waiting

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static uint64_t tick_ms(const struct host *host)
{
    uint64_t tick = host->timeout_ms / TICKS_PER_TIMEOUT;
    return tick < 1 ? 1 : tick > TICK_MAX_MS ? TICK_MAX_MS : tick;
}

static void on_tick(uv_timer_t *timer);

// Begins to wait for what the phase waits for, from now on.
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

static void wait_for_nothing(struct host *host)
{
    host->phase = PHASE_IDLE;
    uv_timer_stop(host->clock);
    if (host->watch != NULL)
        uv_poll_stop(host->watch);
}

static bool is_receiving(const struct host *host)
{
    return host->phase == PHASE_LOADING || host->phase == PHASE_CALLING;
}

// --- starting and ending a process

// Ends the present process, if there is one, and keeps what it said.
static void note_peak(struct host *host)
{
    uint64_t peak = host->process != NULL ? process_peak_memory(process_pid(host->process)) : 0;
    if (host->peak_memory < peak)
        host->peak_memory = peak;
}

static void drop_process(struct host *host)
{
    wait_for_nothing(host);
    note_peak(host);
    if (host->watch != NULL)
        uv_close((uv_handle_t *)host->watch, free_handle);
    host->watch = NULL;
    if (host->channel >= 0)
        close(host->channel);
    host->channel = -1;
    free(host->frame.bytes);
    host->frame = (struct frame){0};
    host->inbox_from = host->inbox_to = 0;
    if (host->process != NULL) {
        process_kill(host->process);
        free(host->said);
        host->said = strdup(process_said(host->process));
        process_destroy(host->process);
    }
    host->process = NULL;
}

static int watch_channel(struct host *host, struct failure *failure)
{
    uv_poll_t *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    int error = uv_poll_init(supervisor_loop(host->supervisor), watch, host->channel);
    if (error != 0) {
        free(watch);
        return failure_set(failure, STATUS_UNTRUSTED, "host: its channel can't be watched: %s",
                           uv_strerror(error));
    }
    watch->data = host;
    host->watch = watch;
    return 0;
}

// Starts one, whose HELLO is then waited for.
static int start_process(struct host *host, struct failure *failure)
{
    int pair[2];
    char channel[12];
    char nonce[17];
    if (getrandom(&host->nonce, sizeof host->nonce, 0) != (ssize_t)sizeof host->nonce ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "host: no channel can be made for it: %s",
                           strerror(errno));
    snprintf(channel, sizeof channel, "%d", CHANNEL_AS);
    snprintf(nonce, sizeof nonce, "%016llx", (unsigned long long)host->nonce);
    const char *const arguments[] = {host->program, channel, nonce, host->library, NULL};
    const char *const environment[] = {host->environment, NULL};
    struct process_options options = {.arguments = arguments,
                                      .environment = environment,
                                      .channel = pair[1],
                                      .channel_as = CHANNEL_AS,
                                      .data_limit = data_limit,
                                      .ended = on_process_ended,
                                      .argument = host};
    host->channel = pair[0];
    int result = process_start(&host->process, host->supervisor, &options, failure);
    if (result != 0)
        host->process = NULL;
    close(pair[1]);
    if (result == 0)
        result = watch_channel(host, failure);
    if (result != 0)
        drop_process(host);
    else
        wait_for(host, PHASE_LOADING);
    return result;
}

// Why there was no HELLO. Leaves no process.
static void describe_silence(struct host *host, enum cause cause)
{
    char what[256];
    if (cause == CAUSE_LATE)
        snprintf(what, sizeof what, "loading it did not end within %u ms", host->timeout_ms);
    else if (cause == CAUSE_DAMAGED)
        snprintf(what, sizeof what, "it wrote into the host's channel while it was loaded");
    else if (process_running(host->process))
        snprintf(what, sizeof what, "it closed the host's channel while it was loaded");
    else {
        char end[128];
        process_describe_end(process_wait_status(host->process), end, sizeof end);
        snprintf(what, sizeof what, "the host %s while it loaded it", end);
    }
    drop_process(host);
    const char *said = host->said != NULL ? host->said : "";
    failure_set(&host->failure, STATUS_UNTRUSTED, "%s: can't be used: %s%s%s", host->library, what,
                said[0] != '\0' ? "; it last printed:\n" : "", said);
}

// --- a batch

// Forgets the batch; a receiver hears no more of it.
static void end_batch(struct host *host)
{
    struct batch *batch = &host->batch;
    for (unsigned i = 0; i < batch->threads; i++)
        free(batch->progress[i].bytes);
    free(batch->calls);
    *batch = (struct batch){0};
    host->busy = false;
    wait_for_nothing(host);
}

static bool thread_finished(const struct batch *batch, unsigned thread)
{
    return batch->progress[thread].index >= batch->part;
}

static bool all_finished(const struct batch *batch)
{
    for (unsigned i = 0; i < batch->threads; i++) {
        if (!thread_finished(batch, i))
            return false;
    }
    return true;
}

static void deliver(const struct host *host, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    const struct batch *batch = &host->batch;
    batch->receive(batch->argument, batch->first + batch->progress[thread].index, thread, outcome,
                   bytes);
}

static void deliver_pending(struct host *host, unsigned thread)
{
    struct progress *progress = &host->batch.progress[thread];
    if (!progress->pending)
        return;
    uint8_t *bytes = progress->bytes;
    progress->pending = false;
    progress->bytes = NULL;
    deliver(host, thread, &progress->outcome, bytes);
}

static void deliver_all_pending(struct host *host)
{
    for (unsigned i = 0; i < host->batch.threads; i++)
        deliver_pending(host, i);
}

static void deliver_not_tried(const struct host *host, unsigned thread)
{
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    outcome.inside = outcome.before = outcome.after = extent_none();
    outcome_single(&outcome);
    deliver(host, thread, &outcome, NULL);
}

// Of one thread: an outcome for each call that is left. Of several: one for each thread.
static void give_up_calls(struct host *host)
{
    struct batch *batch = &host->batch;
    for (unsigned i = 0; i < batch->threads; i++) {
        struct progress *progress = &batch->progress[i];
        for (; batch->first + progress->index < batch->count; progress->index++) {
            deliver_not_tried(host, i);
            if (batch->threads > 1)
                break;
        }
    }
}

static enum charset charset_of(const struct call *call)
{
    return call->charset == CHARSET_W ? CHARSET_W : CHARSET_A;
}

bool host_gave_up(const struct host *host, enum charset charset)
{
    const struct mortality *mortality = &host->mortality[charset];
    return host->hangs >= HOST_HANGS_MAX || mortality->in_a_row >= HOST_FAULTS_IN_A_ROW_MAX ||
           mortality->deaths >= HOST_FAULTS_LIFE_MAX;
}

static bool is_given_up(const struct host *host, const struct call *call)
{
    return host_gave_up(host, charset_of(call));
}

// The calls up to one of a function that was given up.
static void begin_part(struct host *host)
{
    struct batch *batch = &host->batch;
    size_t left = batch->count - batch->first;
    size_t most = left < BATCH_MAX ? left : BATCH_MAX;
    batch->part = 0;
    while (batch->part < most && !is_given_up(host, &batch->calls[batch->first + batch->part]))
        batch->part++;
    for (unsigned i = 0; i < batch->threads; i++)
        batch->progress[i] = (struct progress){0};
}

// Goes past the calls of a function that was given up, up to one of the other.
static void skip_given_up(struct host *host)
{
    struct batch *batch = &host->batch;
    for (; batch->first < batch->count && is_given_up(host, &batch->calls[batch->first]);
         batch->first++)
        deliver_not_tried(host, 0);
}

// Sends it all. It fits in the socket's buffer and the host reads before it does anything else, so
// this does not wait but when something is wrong; what that is, reading will tell.
static int send_all(const struct host *host, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(host->channel, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
            continue;
        }
        struct pollfd room = {.fd = host->channel, .events = POLLOUT};
        if (sent < 0 && errno != EINTR &&
            (errno != EAGAIN || poll(&room, 1, (int)(host->timeout_ms & INT_MAX)) <= 0))
            return -1;
    }
    return 0;
}

static int send_part(struct host *host, struct failure *failure)
{
    const struct batch *batch = &host->batch;
    size_t payload = CALLS_HEADER_SIZE + batch->part * CALL_SIZE;
    size_t size = FRAME_HEADER_SIZE + payload;
    struct frame_header header = {host->nonce, FRAME_CALLS, (uint32_t)payload};
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory for %zu calls",
                           batch->part);
    uint8_t *at = bytes;
    at += frame_header_encode(at, FRAME_HEADER_SIZE, &header);
    at += calls_header_encode(at, CALLS_HEADER_SIZE, batch->threads, (uint32_t)batch->part);
    for (size_t i = 0; i < batch->part; i++) {
        if (call_encode(at, CALL_SIZE, &batch->calls[batch->first + i]) < 0) {
            free(bytes);
            return failure_set(failure, STATUS_UNTRUSTED,
                               "host: call %zu of a batch is not one that it can be asked for",
                               batch->first + i);
        }
        at += CALL_SIZE;
    }
    (void)send_all(host, bytes, size);
    free(bytes);
    host->last_ns = uv_hrtime();
    return 0;
}

// --- when no answer comes

static bool is_fault(int signal_number)
{
    return signal_number == SIGSEGV || signal_number == SIGBUS || signal_number == SIGFPE ||
           signal_number == SIGILL || signal_number == SIGABRT || signal_number == SIGSYS ||
           signal_number == SIGTRAP;
}

// What the process's end says of the call under way, where the host could not say it itself.
static void describe_end(struct outcome *outcome, int wait_status)
{
    if (WIFSIGNALED(wait_status)) {
        outcome->signal_number = WTERMSIG(wait_status);
        outcome->kind = is_fault(outcome->signal_number) ? OUTCOME_FAULT : OUTCOME_ENDED;
        outcome->exit_code = outcome->kind == OUTCOME_ENDED ? -1 : 0;
        return;
    }
    int code = WEXITSTATUS(wait_status);
    bool by_host = code == HOST_EXIT_CHANNEL || code == HOST_EXIT_USAGE;
    outcome->kind = by_host ? OUTCOME_DAMAGED : OUTCOME_ENDED;
    outcome->exit_code = by_host ? 0 : code;
}

// The thread whose call it was that ended the process, as far as can be told: the one that is
// silent for longest.
static unsigned find_victim(const struct batch *batch)
{
    unsigned victim = batch->threads;
    for (unsigned i = 0; i < batch->threads; i++) {
        if (!thread_finished(batch, i) &&
            (victim == batch->threads ||
             batch->progress[i].waited_ms > batch->progress[victim].waited_ms))
            victim = i;
    }
    return victim;
}

// The process is gone: `outcome` is that of the call that `thread` was in.
static void conclude_call(struct host *host, unsigned thread, const struct outcome *outcome)
{
    struct batch *batch = &host->batch;
    struct progress *progress = &batch->progress[thread];
    deliver_all_pending(host);
    host->call_count++;
    host->hangs += outcome->kind == OUTCOME_HUNG;
    if (outcome->kind != OUTCOME_HUNG) {
        const struct call *call = &batch->calls[batch->first + progress->index];
        struct mortality *mortality = &host->mortality[charset_of(call)];
        batch->deaths++;
        mortality->deaths++;
        mortality->in_a_row++;
    }
    deliver(host, thread, outcome, NULL);
    progress->index++;
    if (batch->threads > 1) {
        give_up_calls(host);
        end_batch(host);
        return;
    }
    batch->first += progress->index;
    go_on(host);
}

// Makes the outcome of a call without an answer.
static void conclude(struct host *host, enum cause cause)
{
    struct outcome outcome = {.began_ns = host->last_ns};
    unsigned victim = find_victim(&host->batch);
    outcome.inside = outcome.before = outcome.after = extent_none();
    outcome.kind = cause == CAUSE_LATE ? OUTCOME_HUNG : OUTCOME_DAMAGED;
    // A process that goes on without its channel has damaged it.
    if (cause == CAUSE_ENDED && !process_running(host->process))
        describe_end(&outcome, process_wait_status(host->process));
    drop_process(host);
    outcome.ended_ns = uv_hrtime();
    outcome_single(&outcome);
    conclude_call(host, victim, &outcome);
}

// What is waited for will not come.
static void fail_to_come(struct host *host, enum cause cause)
{
    bool loading = host->phase == PHASE_LOADING || (host->phase == PHASE_ENDING && host->loading);
    if (!loading && all_finished(&host->batch)) {
        // Only DONE is missing. A host that ended by now is found out by the next call, which is
        // then told of it.
        if (cause != CAUSE_ENDED)
            drop_process(host);
        host->batch.first += host->batch.part;
        go_on(host);
    } else if (cause == CAUSE_ENDED && host->phase != PHASE_ENDING &&
               process_running(host->process)) {
        uv_poll_stop(host->watch);
        host->loading = loading;
        wait_for(host, PHASE_ENDING);
    } else if (loading) {
        describe_silence(host, cause);
        end_batch(host);
    } else {
        conclude(host, cause);
    }
}

// --- what comes

static bool within(struct extent extent, int64_t lowest, int64_t highest)
{
    return extent_empty(extent) || (extent.first >= lowest && extent.last <= highest);
}

// Whether a RESULT can be the answer to `call`: an implementation may have written into the host's
// memory, and judges rely on what is promised of an outcome.
static bool result_fits(const struct call *call, const struct outcome *outcome, size_t payload_size)
{
    bool returned = outcome->kind == OUTCOME_RETURNED;
    uint32_t there = call->placement == PLACE_NULL ? 0 : call->offered;
    if (!returned && outcome->kind != OUTCOME_NOT_TRIED)
        return false;
    if (outcome->has_state && (!returned || (call->flags & CALL_MEASURE) == 0))
        return false;
    if (outcome->byte_count > there || payload_size != OUTCOME_SIZE + (size_t)outcome->byte_count)
        return false;
    if (outcome->byte_count > 0 && (!returned || outcome->status != 0))
        return false;
    if (call->placement == PLACE_NULL &&
        !(extent_empty(outcome->before) && extent_empty(outcome->after)))
        return false;
    return within(outcome->inside, 0, (int64_t)there - 1) &&
           within(outcome->before, INT64_MIN, -1) && within(outcome->after, there, INT64_MAX);
}

static bool same_extent(struct extent left, struct extent right)
{
    return left.first == right.first && left.last == right.last;
}

// Whether MORE says of its calls what the RESULT before it said.
static bool more_fits(const struct outcome *result, const struct outcome *more)
{
    return more->kind == OUTCOME_RETURNED && more->status == result->status &&
           more->size_out == result->size_out && more->count_out == result->count_out &&
           more->size_cell_damaged == result->size_cell_damaged &&
           more->count_cell_damaged == result->count_cell_damaged &&
           same_extent(more->inside, result->inside) && same_extent(more->before, result->before) &&
           same_extent(more->after, result->after) && more->byte_count == result->byte_count &&
           more->began_ns >= result->ended_ns;
}

static uint32_t times_wanted(const struct call *call)
{
    return call->repeat > 1 ? call->repeat : 1;
}

// Takes note that the call under way was made so many times more. Whether it was not too often.
static bool count_made(struct host *host, unsigned thread, uint32_t repeats)
{
    const struct batch *batch = &host->batch;
    struct progress *progress = &host->batch.progress[thread];
    const struct call *call = &batch->calls[batch->first + progress->index];
    uint32_t wanted = times_wanted(call);
    if (repeats > wanted - progress->made)
        return false;
    progress->made += repeats;
    host->call_count += repeats;
    host->mortality[charset_of(call)].in_a_row = 0;
    return true;
}

// Goes on to the thread's next call if the one under way was made as often as it should.
static void finish_call(struct host *host, unsigned thread)
{
    const struct batch *batch = &host->batch;
    struct progress *progress = &host->batch.progress[thread];
    if (progress->made < times_wanted(&batch->calls[batch->first + progress->index]))
        return;
    deliver_pending(host, thread);
    progress->index++;
    progress->made = 0;
}

static bool take_result(struct host *host, struct frame *frame)
{
    struct progress *progress = &host->batch.progress[frame->thread];
    deliver_pending(host, frame->thread);
    if (frame->outcome.kind == OUTCOME_NOT_TRIED) {
        if (progress->made > 0)
            return false;
        deliver(host, frame->thread, &frame->outcome, NULL);
        progress->index++;
        return true;
    }
    if (!count_made(host, frame->thread, frame->outcome.repeats))
        return false;
    progress->pending = true;
    progress->outcome = frame->outcome;
    progress->bytes = frame->bytes;
    frame->bytes = NULL;
    finish_call(host, frame->thread);
    return true;
}

static bool take_more(struct host *host, const struct frame *frame)
{
    struct progress *progress = &host->batch.progress[frame->thread];
    struct outcome *pending = &progress->outcome;
    const struct outcome *more = &frame->outcome;
    if (!progress->pending || !more_fits(pending, more) ||
        !count_made(host, frame->thread, more->repeats))
        return false;
    pending->repeats += more->repeats;
    pending->last_began_ns = more->last_began_ns;
    pending->ended_ns = more->ended_ns;
    pending->has_state = more->has_state;
    pending->state_before = more->state_before;
    pending->state_after = more->state_after;
    finish_call(host, frame->thread);
    return true;
}

static bool take_fault(struct host *host, const struct frame *frame)
{
    struct progress *progress = &host->batch.progress[frame->thread];
    struct outcome outcome = frame->outcome;
    uint32_t unsent = outcome.repeats - 1;
    if (unsent > 0) {
        // When exactly those calls were made, nobody knows: before this one.
        if (!progress->pending || !count_made(host, frame->thread, unsent) ||
            outcome.began_ns < progress->outcome.ended_ns)
            return false;
        progress->outcome.repeats += unsent;
        progress->outcome.last_began_ns = progress->outcome.ended_ns = outcome.began_ns;
    }
    outcome_single(&outcome);
    drop_process(host);
    conclude_call(host, frame->thread, &outcome);
    return true;
}

// A whole RESULT, MORE or FAULT has come. False when it can't be.
static bool take_answer(struct host *host)
{
    struct frame frame = host->frame;
    host->frame = (struct frame){0};
    host->last_ns = uv_hrtime();
    host->batch.progress[frame.thread].waited_ms = 0;
    bool taken = frame.header.type == FRAME_RESULT ? take_result(host, &frame)
                 : frame.header.type == FRAME_MORE ? take_more(host, &frame)
                                                   : take_fault(host, &frame);
    free(frame.bytes);
    return taken;
}

static bool take_hello(struct host *host, const uint8_t *payload)
{
    struct hello hello = {0};
    host->frame = (struct frame){0};
    if (hello_decode(&hello, payload, HELLO_SIZE) < 0)
        return false;
    if (hello.error[0] == '\0') {
        host->hello = hello;
        wait_for_nothing(host);
        go_on(host);
        return true;
    }
    drop_process(host);
    const char *said = host->said != NULL ? host->said : "";
    failure_set(&host->failure, STATUS_UNTRUSTED, "%s: can't be loaded: %s%s%s", host->library,
                hello.error, said[0] != '\0' ? "; it last printed:\n" : "", said);
    end_batch(host);
    return true;
}

static bool take_done(struct host *host)
{
    host->frame = (struct frame){0};
    if (!host->batch.stopping && !all_finished(&host->batch))
        return false;
    deliver_all_pending(host);
    host->batch.first += host->batch.part;
    go_on(host);
    return true;
}

// --- receiving

enum step { STEP_TAKEN, STEP_NEEDS_MORE, STEP_DAMAGED };

// The next `size` bytes of what was received; NULL while they are not there.
static const uint8_t *inbox_take(struct host *host, size_t size)
{
    if (host->inbox_to - host->inbox_from < size)
        return NULL;
    const uint8_t *bytes = host->inbox + host->inbox_from;
    host->inbox_from += size;
    return bytes;
}

static enum step step_header(struct host *host)
{
    struct frame_header *header = &host->frame.header;
    const uint8_t *bytes = inbox_take(host, FRAME_HEADER_SIZE);
    if (bytes == NULL)
        return STEP_NEEDS_MORE;
    if (frame_header_decode(header, bytes, FRAME_HEADER_SIZE) < 0 || header->nonce != host->nonce)
        return STEP_DAMAGED;
    host->frame.has_header = true;
    uint32_t size = header->payload_size;
    bool loading = host->phase == PHASE_LOADING;
    bool fits = false;
    if (header->type == FRAME_HELLO)
        fits = loading && size == HELLO_SIZE;
    else if (header->type == FRAME_RESULT)
        fits = !loading && size >= OUTCOME_SIZE;
    else if (header->type == FRAME_MORE || header->type == FRAME_FAULT)
        fits = !loading && size == OUTCOME_SIZE;
    else if (header->type == FRAME_DONE)
        fits = !loading;
    return fits ? STEP_TAKEN : STEP_DAMAGED;
}

static bool outcome_fits(const struct host *host)
{
    const struct batch *batch = &host->batch;
    const struct frame *frame = &host->frame;
    if (frame->thread >= batch->threads || thread_finished(batch, frame->thread) ||
        frame->index != batch->progress[frame->thread].index)
        return false;
    if (frame->header.type == FRAME_FAULT)
        return frame->outcome.kind == OUTCOME_FAULT && frame->outcome.byte_count == 0;
    size_t size = frame->header.payload_size;
    if (frame->header.type == FRAME_MORE) // its bytes are those of the RESULT
        size += frame->outcome.byte_count;
    return result_fits(&batch->calls[batch->first + frame->index], &frame->outcome, size);
}

static enum step step_outcome(struct host *host)
{
    struct frame *frame = &host->frame;
    const uint8_t *bytes = inbox_take(host, OUTCOME_SIZE);
    if (bytes == NULL)
        return STEP_NEEDS_MORE;
    if (outcome_decode(&frame->outcome, &frame->thread, &frame->index, bytes, OUTCOME_SIZE) < 0 ||
        !outcome_fits(host))
        return STEP_DAMAGED;
    frame->has_outcome = true;
    if (frame->header.type != FRAME_RESULT || frame->outcome.byte_count == 0)
        return take_answer(host) ? STEP_TAKEN : STEP_DAMAGED;
    frame->bytes = malloc(frame->outcome.byte_count);
    if (frame->bytes != NULL)
        return STEP_TAKEN;
    failure_set(&host->failure, STATUS_UNTRUSTED, "host: out of memory for %u bytes of a result",
                frame->outcome.byte_count);
    drop_process(host);
    end_batch(host);
    return STEP_TAKEN;
}

static enum step step_bytes(struct host *host)
{
    struct frame *frame = &host->frame;
    size_t count = host->inbox_to - host->inbox_from;
    size_t wanted = frame->outcome.byte_count - frame->have;
    count = count < wanted ? count : wanted;
    memcpy(frame->bytes + frame->have, host->inbox + host->inbox_from, count);
    host->inbox_from += count;
    frame->have += count;
    if (frame->have < frame->outcome.byte_count)
        return STEP_NEEDS_MORE;
    return take_answer(host) ? STEP_TAKEN : STEP_DAMAGED;
}

static enum step step(struct host *host)
{
    const struct frame *frame = &host->frame;
    if (!frame->has_header)
        return step_header(host);
    if (frame->has_outcome)
        return step_bytes(host);
    if (frame->header.type == FRAME_DONE)
        return take_done(host) ? STEP_TAKEN : STEP_DAMAGED;
    if (frame->header.type != FRAME_HELLO)
        return step_outcome(host);
    const uint8_t *payload = inbox_take(host, HELLO_SIZE);
    if (payload == NULL)
        return STEP_NEEDS_MORE;
    return take_hello(host, payload) ? STEP_TAKEN : STEP_DAMAGED;
}

// Takes all that was received. A step may end the process and start another.
static void take_received(struct host *host)
{
    while (is_receiving(host)) {
        enum step result = step(host);
        if (result == STEP_DAMAGED)
            fail_to_come(host, CAUSE_DAMAGED);
        if (result != STEP_TAKEN)
            return;
    }
}

enum reading { READ_ALL, READ_SOME, READ_ENDED }; // READ_ALL: nothing more is there

// Reads once: long ones not by way of the inbox.
static enum reading read_once(struct host *host)
{
    struct frame *frame = &host->frame;
    size_t left = host->inbox_to - host->inbox_from;
    memmove(host->inbox, host->inbox + host->inbox_from, left);
    host->inbox_from = 0;
    host->inbox_to = left;
    size_t wanted = frame->has_outcome ? frame->outcome.byte_count - frame->have : 0;
    bool direct = left == 0 && wanted >= INBOX_SIZE;
    uint8_t *into = direct ? frame->bytes + frame->have : host->inbox + left;
    size_t room = direct ? wanted : INBOX_SIZE - left;
    ssize_t got = recv(host->channel, into, room, MSG_DONTWAIT);
    if (got < 0)
        return errno == EINTR ? READ_SOME : errno == EAGAIN ? READ_ALL : READ_ENDED;
    if (got == 0)
        return READ_ENDED;
    if (direct)
        frame->have += (size_t)got;
    else
        host->inbox_to += (size_t)got;
    bool all = (size_t)got < room;
    take_received(host);
    return all ? READ_ALL : READ_SOME;
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
static void on_process_ended(struct process *process, int wait_status, void *argument)
{
    (void)wait_status;
    struct host *host = argument;
    enum reading reading = READ_SOME;
    while (is_receiving(host) && host->process == process && reading != READ_ENDED) {
        reading = read_once(host);
        if (reading == READ_ALL) // what it wrote before its end is there by now
            break;
    }
    if (host->phase != PHASE_IDLE && host->process == process)
        fail_to_come(host, CAUSE_ENDED);
}

// Adds to what has been waited for, and says whether that is too long.
static bool waited_too_long(struct host *host, unsigned elapsed_ms)
{
    struct batch *batch = &host->batch;
    host->waited_ms += elapsed_ms;
    if (host->phase == PHASE_ENDING)
        return host->waited_ms >= END_PATIENCE_MS;
    if (host->phase == PHASE_LOADING || all_finished(batch))
        return host->waited_ms >= host->timeout_ms;
    host->waited_ms = 0;
    bool late = false;
    for (unsigned i = 0; i < batch->threads; i++) {
        if (thread_finished(batch, i))
            continue;
        batch->progress[i].waited_ms += elapsed_ms;
        late = late || batch->progress[i].waited_ms >= host->timeout_ms;
    }
    return late;
}

// Only the time in which the loop was run counts: an answer that nobody fetches is not late.
static void on_tick(uv_timer_t *timer)
{
    struct host *host = timer->data;
    uint64_t now_ns = uv_hrtime();
    uint64_t elapsed_ms = (now_ns - host->ticked_ns) / 1000000;
    host->ticked_ns += elapsed_ms * 1000000;
    if (elapsed_ms > 2 * tick_ms(host))
        elapsed_ms = 2 * tick_ms(host);
    if (!waited_too_long(host, (unsigned)elapsed_ms))
        return;
    // The loop looks at clocks before it looks at what can be read.
    const struct process *process = host->process;
    if (is_receiving(host)) {
        on_readable(host->watch, 0, 0);
        if (host->process != process || host->phase == PHASE_IDLE || !waited_too_long(host, 0))
            return;
    }
    fail_to_come(host, host->phase == PHASE_ENDING ? CAUSE_ENDED : CAUSE_LATE);
}

// --- calls

// Does what comes next: the next part of the batch, with a new process if need be, or the end.
static void go_on(struct host *host)
{
    struct batch *batch = &host->batch;
    if (!host->busy)
        return;
    if (batch->stopping || batch->first >= batch->count) {
        end_batch(host);
        return;
    }
    begin_part(host);
    if (batch->deaths >= HOST_FAULTS_MAX || (batch->part == 0 && batch->threads > 1)) {
        give_up_calls(host);
        end_batch(host);
    } else if (batch->part == 0) {
        skip_given_up(host);
        go_on(host);
    } else if (host->process == NULL) {
        if (start_process(host, &host->failure) != 0)
            end_batch(host);
    } else if (send_part(host, &host->failure) != 0) {
        end_batch(host);
    } else {
        wait_for(host, PHASE_CALLING);
        if (!process_running(host->process)) // its end was seen while nobody waited for it
            fail_to_come(host, CAUSE_ENDED);
    }
}

// The failure that ended loading or the batch, if there was one.
static int take_failure(struct host *host, struct failure *failure)
{
    if (host->failure.status == 0)
        return 0;
    failure_set(failure, host->failure.status, "%s", host->failure.text);
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
        drop_process(host);
        end_batch(host);
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
    return send_all(host, bytes, sizeof bytes);
}

int host_calls(struct host *host, const struct call *calls, size_t count, host_receiver *receive,
               void *argument, struct failure *failure)
{
    if (host_begin(host, calls, count, 1, receive, argument, failure) != 0)
        return -1;
    return host_finish(host, failure);
}

// --- a host's life

static char *table_environment(const char *table)
{
    char *text = NULL;
    if (asprintf(&text, "%s%s%s", SESSION_TABLE_VARIABLE, table != NULL ? "=" : "",
                 table != NULL ? table : "") < 0)
        return NULL;
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
    if (start_process(host, failure) != 0)
        return -1;
    if (supervisor_wait(host->supervisor, loading_done, host, UINT_MAX, failure) != 0) {
        drop_process(host);
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
    host->program = strdup(options->program);
    host->library = strdup(options->library);
    if (!options->own_environment)
        host->environment = table_environment(options->session_table);
    int status = create_clock(host, failure);
    if (host->program == NULL || host->library == NULL ||
        (host->environment == NULL && !options->own_environment))
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

int host_set_session_table(struct host *host, const char *session_table, struct failure *failure)
{
    if (host->busy)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "host: its session table can't be set while calls are under way");
    char *environment = table_environment(session_table);
    if (environment == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "host: out of memory");
    drop_process(host);
    free(host->environment);
    host->environment = environment;
    return 0;
}

const struct hello *host_hello(const struct host *host)
{
    return &host->hello;
}

const char *host_said(const struct host *host)
{
    if (host->process != NULL)
        return process_said(host->process);
    return host->said != NULL ? host->said : "";
}

unsigned long long host_call_count(const struct host *host)
{
    return host->call_count;
}

uint64_t host_peak_memory(struct host *host)
{
    note_peak(host);
    return host->peak_memory;
}

void host_stop(struct host *host)
{
    if (host == NULL)
        return;
    if (host->clock != NULL) {
        drop_process(host);
        end_batch(host);
        uv_close((uv_handle_t *)host->clock, free_handle);
    }
    free(host->program);
    free(host->library);
    free(host->environment);
    free(host->said);
    free(host);
}
