// SPDX-License-Identifier: Apache-2.0
// Takes answers in, and makes outcomes of calls without one. Nothing here begins the next part.
#include "harness/driver/batch.h"

#include "emulator/process/transfer.h"
#include "harness/driver/frames.h"
#include "harness/driver/host_process.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_MAX = 4096 }; // calls asked for at once: they fit in a socket's buffer

void batch_end(struct host *host)
{
    struct batch *batch = &host->batch;
    for (unsigned i = 0; i < batch->threads; i++)
        free(batch->progress[i].bytes);
    free(batch->calls);
    *batch = (struct batch){0};
    host->busy = false;
    host_wait_for_nothing(host);
}

bool batch_finished(const struct batch *batch)
{
    for (unsigned i = 0; i < batch->threads; i++) {
        if (!thread_finished(batch, i))
            return false;
    }
    return true;
}

// Gives the times of an answer by the kit's clock. What the comparison of the clocks leaves open,
// and what they may drift apart, makes the call longer: the begin is early, the end late.
static void convert_times(const struct batch *batch, struct outcome *outcome)
{
    enum { DRIFT_PER = 2000 }; // clocks that NTP slews differ by 500 ppm at most
    if (!batch->has_clock)
        return;
    uint64_t passed = outcome->ended_ns > batch->host_ns ? outcome->ended_ns - batch->host_ns : 0;
    uint64_t early = batch->asked_ns - batch->host_ns - passed / DRIFT_PER;
    uint64_t late = batch->told_ns - batch->host_ns + passed / DRIFT_PER;
    outcome->began_ns += early;
    outcome->last_began_ns += early;
    outcome->ended_ns += late;
    outcome->first_ended_ns += late;
}

bool batch_take_clock(struct host *host)
{
    struct batch *batch = &host->batch;
    const uint8_t *bytes = frames_take(host, CLOCK_SIZE);
    host->frame = (struct frame){0};
    batch->told_ns = uv_hrtime();
    batch->has_clock = true;
    return clock_decode(&batch->host_ns, bytes, CLOCK_SIZE) > 0;
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
    convert_times(&host->batch, &progress->outcome);
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

void batch_give_up(struct host *host)
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
    return call->charset < CHARSETS ? (enum charset)call->charset : CHARSET_A;
}

bool batch_gave_up(const struct host *host, enum charset charset)
{
    const struct mortality *mortality = &host->mortality[charset];
    return mortality->in_a_row >= HOST_FAULTS_IN_A_ROW_MAX ||
           mortality->deaths >= HOST_FAULTS_LIFE_MAX;
}

static bool is_given_up(const struct host *host, const struct call *call)
{
    return batch_gave_up(host, charset_of(call));
}

void batch_begin_part(struct host *host)
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

void batch_skip_given_up(struct host *host)
{
    struct batch *batch = &host->batch;
    for (; batch->first < batch->count && is_given_up(host, &batch->calls[batch->first]);
         batch->first++)
        deliver_not_tried(host, 0);
}

int host_send(const struct host *host, const uint8_t *bytes, size_t size)
{
    return transfer_send(host->channel, bytes, size, (int)(host->timeout_ms & INT_MAX));
}

int batch_send_part(struct host *host, struct failure *failure)
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
    host->batch.has_clock = false;
    host->batch.asked_ns = uv_hrtime();
    (void)host_send(host, bytes, size);
    free(bytes);
    for (unsigned i = 0; i < batch->threads; i++)
        host->batch.progress[i].last_ns = uv_hrtime();
    return 0;
}

static bool is_fault(int signal_number)
{
    return signal_number == SIGSEGV || signal_number == SIGBUS || signal_number == SIGFPE ||
           signal_number == SIGILL || signal_number == SIGABRT || signal_number == SIGSYS ||
           signal_number == SIGTRAP;
}

// On Windows an exception that nobody handled is the process's exit code. int 29h, by which a
// program ends itself when it finds its memory damaged, is one that no handler sees.
static bool is_exception(uint32_t exit_code)
{
    return exit_code >> 28 == 0xC;
}

// What the end of the process says of the call under way, where the host could not say it itself.
static void describe_end(struct outcome *outcome, struct instance *process)
{
    struct instance_end end = instance_how_ended(process);
    if (end.by_signal) {
        outcome->signal_number = end.signal_number;
        outcome->kind = is_fault(outcome->signal_number) ? OUTCOME_FAULT : OUTCOME_ENDED;
        outcome->exit_code = outcome->kind == OUTCOME_ENDED ? -1 : 0;
        outcome->memory_limit = end.memory_limit;
        return;
    }
    if (is_exception(end.exit_code)) {
        outcome->kind = OUTCOME_FAULT;
        outcome->exception = end.exit_code;
        outcome->signal_number = SIGABRT;
        return;
    }
    bool by_host = (end.exit_code == HOST_EXIT_CHANNEL || end.exit_code == HOST_EXIT_USAGE) &&
                   instance_host_said_why(process);
    outcome->kind = by_host ? OUTCOME_DAMAGED : OUTCOME_ENDED;
    outcome->exit_code = by_host ? 0 : (int32_t)end.exit_code;
}

// The thread whose call ended the process, as far as can be told: the one that has been silent
// longest.
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
    if (outcome->kind != OUTCOME_HUNG) {
        const struct call *call = &batch->calls[batch->first + progress->index];
        struct mortality *mortality = &host->mortality[charset_of(call)];
        batch->deaths++;
        mortality->deaths++;
        mortality->in_a_row++;
    }
    deliver(host, thread, outcome, NULL);
    progress->index++;
    if (batch->threads > 1 || outcome->kind == OUTCOME_HUNG) {
        if (!batch->stopping) // else the rest was not to be made any more
            batch_give_up(host);
        batch_end(host);
        return;
    }
    batch->first += progress->index;
}

// The process that told of a fault has said all, or will not say more.
static void conclude_fault(struct host *host)
{
    const struct told_fault told = host->told;
    host_process_drop(host);
    conclude_call(host, told.thread, &told.outcome);
}

void batch_conclude(struct host *host, enum cause cause)
{
    if (host->told.is) {
        conclude_fault(host);
        return;
    }
    free(host->stack); // of an earlier fault
    host->stack = NULL;
    unsigned victim = find_victim(&host->batch);
    struct outcome outcome = {.began_ns = host->batch.progress[victim].last_ns};
    outcome.inside = outcome.before = outcome.after = extent_none();
    outcome.kind = cause == CAUSE_LATE ? OUTCOME_HUNG : OUTCOME_DAMAGED;
    // A process that goes on without its channel has damaged it.
    if (cause == CAUSE_ENDED && !instance_running(host->process))
        describe_end(&outcome, host->process);
    host_process_drop(host);
    outcome.ended_ns = uv_hrtime();
    outcome_single(&outcome);
    conclude_call(host, victim, &outcome);
}

static bool same_extent(struct extent left, struct extent right)
{
    return left.first == right.first && left.last == right.last;
}

// Does MORE say of its calls what the RESULT before it said?
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

// Notes that the call under way was made `repeats` times more. False when that is too often.
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
        // When exactly those calls were made is not known: before this one.
        if (!progress->pending || !count_made(host, frame->thread, unsent) ||
            outcome.began_ns < progress->outcome.ended_ns)
            return false;
        progress->outcome.repeats += unsent;
        progress->outcome.last_began_ns = progress->outcome.ended_ns = outcome.began_ns;
    }
    outcome_single(&outcome);
    convert_times(&host->batch, &outcome);
    host->told = (struct told_fault){true, frame->thread, outcome};
    free(host->stack);
    host->stack = NULL;
    host->stack_size = 0;
    return true;
}

bool batch_take_stack(struct host *host)
{
    struct stack_image image;
    size_t size = host->frame.header.payload_size;
    const uint8_t *payload = frames_take(host, size);
    host->frame = (struct frame){0};
    if (stack_decode(&image, payload, size) < 0)
        return false;
    // The files that are mapped on another machine are not at hand.
    bool follow = image.machine != 0 && host->remote == NULL;
    host->stack = follow ? malloc(size) : NULL;
    if (host->stack != NULL) {
        memcpy(host->stack, payload, size);
        host->stack_size = size;
    }
    conclude_fault(host);
    return true;
}

// Keeps the first line printed. Called only when all calls of a part have returned: before, it may
// be the last word of one that does not, which is no noise.
static void hear(struct host *host)
{
    if (host->noise[0] != '\0' || instance_printed(host->process) <= host->loaded_said)
        return;
    const char *said = host->loaded_said == 0
                           ? instance_said_first(host->process)
                           : instance_said_since(host->process, host->loaded_said);
    said += strspn(said, "\n");
    snprintf(host->noise, sizeof host->noise, "%.*s", (int)strcspn(said, "\n"), said);
}

bool batch_take_answer(struct host *host)
{
    if (host->hello.own_clock && !host->batch.has_clock)
        return false; // the frame goes with the process
    struct frame frame = host->frame;
    host->frame = (struct frame){0};
    host->batch.progress[frame.thread].last_ns = uv_hrtime();
    host->batch.progress[frame.thread].waited_ms = 0;
    host->batch.progress[frame.thread].resident = 0;
    bool taken = frame.header.type == FRAME_RESULT ? take_result(host, &frame)
                 : frame.header.type == FRAME_MORE ? take_more(host, &frame)
                                                   : take_fault(host, &frame);
    free(frame.bytes);
    return taken;
}

bool batch_take_done(struct host *host)
{
    host->frame = (struct frame){0};
    if (!host->batch.stopping && !batch_finished(&host->batch))
        return false;
    hear(host);
    deliver_all_pending(host);
    host->batch.first += host->batch.part;
    return true;
}
