// SPDX-License-Identifier: Apache-2.0
// Receives and checks frames. The implementation may have written into the host's memory, so
// nothing that a frame says is trusted.
#include "harness/driver/frames.h"

#include "conformance/base/text.h"
#include "conformance/transcript/function.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool within(struct extent extent, int64_t lowest, int64_t highest)
{
    return extent_empty(extent) || (extent.first >= lowest && extent.last <= highest);
}

// Can a RESULT be the answer to `call`? Judges rely on what is checked here.
static bool result_fits(const struct call *call, const struct outcome *outcome, size_t payload_size)
{
    bool returned = outcome->kind == OUTCOME_RETURNED;
    uint64_t there = call->placement == PLACE_NULL ? 0 : call_bytes(call);
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
           within(outcome->before, INT64_MIN, -1) &&
           within(outcome->after, (int64_t)there, INT64_MAX);
}

const uint8_t *frames_take(struct host *host, size_t size)
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
    const uint8_t *bytes = frames_take(host, FRAME_HEADER_SIZE);
    if (bytes == NULL)
        return STEP_NEEDS_MORE;
    if (frame_header_decode(header, bytes, FRAME_HEADER_SIZE) < 0 || header->nonce != host->nonce)
        return STEP_DAMAGED;
    host->frame.has_header = true;
    uint32_t size = header->payload_size;
    bool loading = host->phase == PHASE_LOADING;
    bool login = host->phase == PHASE_LOGIN;
    bool calling = !loading && !login;
    bool fits = false;
    if (host->told.is)
        fits = header->type == FRAME_STACK && size >= STACK_HEADER_SIZE;
    else if (header->type == FRAME_HELLO)
        fits = loading && size == HELLO_SIZE;
    else if (header->type == FRAME_RESULT)
        fits = calling && size >= OUTCOME_SIZE;
    else if (header->type == FRAME_MORE)
        fits = calling && size == OUTCOME_SIZE;
    else if (header->type == FRAME_FAULT)
        fits = !loading && size == FAULT_SIZE;
    else if (header->type == FRAME_CLOCK)
        fits = calling && size == CLOCK_SIZE && host->hello.own_clock;
    else if (header->type == FRAME_DONE)
        fits = calling;
    else if (header->type == FRAME_LOGGED)
        fits = login && size == LOGGED_SIZE;
    return fits ? STEP_TAKEN : STEP_DAMAGED;
}

static bool outcome_fits(const struct host *host)
{
    const struct batch *batch = &host->batch;
    const struct frame *frame = &host->frame;
    if (host->phase == PHASE_LOGIN)
        return frame->thread == 0 && frame->index == 0 && frame->outcome.kind == OUTCOME_FAULT;
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

// The memory measured is the emulator's too, which grows with all that it translates.
static void forget_memory(struct outcome *outcome)
{
    struct process_state *const states[] = {&outcome->state_before, &outcome->state_after};
    for (size_t i = 0; i < 2; i++)
        states[i]->memory_bytes = states[i]->mapped_bytes = MEMORY_UNKNOWN;
}

static enum step step_outcome(struct host *host)
{
    struct frame *frame = &host->frame;
    bool fault = frame->header.type == FRAME_FAULT;
    const uint8_t *bytes = frames_take(host, fault ? FAULT_SIZE : OUTCOME_SIZE);
    if (bytes == NULL)
        return STEP_NEEDS_MORE;
    int decoded =
        fault ? fault_decode(&frame->outcome, host->fault_path, &frame->thread, &frame->index,
                             bytes, FAULT_SIZE)
              : outcome_decode(&frame->outcome, &frame->thread, &frame->index, bytes, OUTCOME_SIZE);
    if (decoded < 0 || !outcome_fits(host))
        return STEP_DAMAGED;
    frame->has_outcome = true;
    text_mend(frame->outcome.fault_module);
    if (host->cpu_emulator != NULL)
        forget_memory(&frame->outcome);
    if (frame->header.type != FRAME_RESULT || frame->outcome.byte_count == 0)
        return STEP_WHOLE;
    frame->bytes = malloc(frame->outcome.byte_count);
    return frame->bytes != NULL ? STEP_TAKEN : STEP_NO_MEMORY;
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
    return frame->have < frame->outcome.byte_count ? STEP_NEEDS_MORE : STEP_WHOLE;
}

enum step frames_step(struct host *host)
{
    const struct frame *frame = &host->frame;
    if (!frame->has_header)
        return step_header(host);
    if (frame->has_outcome)
        return step_bytes(host);
    if (frame->header.type == FRAME_DONE)
        return STEP_WHOLE;
    if (frame->header.type != FRAME_HELLO && frame->header.type != FRAME_CLOCK &&
        frame->header.type != FRAME_LOGGED && frame->header.type != FRAME_STACK)
        return step_outcome(host);
    return host->inbox_to - host->inbox_from < frame->header.payload_size ? STEP_NEEDS_MORE
                                                                          : STEP_WHOLE;
}

enum reading frames_read(struct host *host)
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
    ssize_t got = instance_receive(host->process, host->channel, into, room);
    if (got < 0)
        return errno == EINTR ? READ_SOME : errno == EAGAIN ? READ_ALL : READ_ENDED;
    if (got == 0)
        return READ_ENDED;
    if (direct)
        frame->have += (size_t)got;
    else
        host->inbox_to += (size_t)got;
    return READ_SOME;
}
