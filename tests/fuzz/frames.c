// SPDX-License-Identifier: Apache-2.0
// Frames, in both directions: what a host, into whose channel a library may write, says to the kit,
// and what the kit, or whoever connects to a listener, says to a host. The first byte chooses.
#include "harness/driver/frames.h"
#include "harness/driver/host_state.h"
#include "harness/host/relay.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { CALLS = 4, THREADS = 3 };

// What was received of a frame is used, and the next one begins.
static void use_frame(struct host *host)
{
    struct frame *frame = &host->frame;
    uint64_t told = 0;
    struct hello hello;
    struct login_answer answer;
    struct stack_image image;
    const uint8_t *payload = NULL;
    if (frame->has_outcome) {
        fuzz_expect(frame->thread < THREADS && frame->index < CALLS,
                    "an answer is one of a call that was made");
        fuzz_expect(frame->have <= host->batch.calls[frame->index].offered,
                    "no more bytes are taken than were offered");
        if (frame->header.type != FRAME_MORE)
            host->batch.progress[frame->thread].index++;
    } else if (frame->header.type != FRAME_DONE) {
        payload = frames_take(host, frame->header.payload_size);
    }
    if (frame->header.type == FRAME_HELLO)
        (void)hello_decode(&hello, payload, HELLO_SIZE);
    else if (frame->header.type == FRAME_CLOCK)
        (void)clock_decode(&told, payload, CLOCK_SIZE);
    else if (frame->header.type == FRAME_LOGGED)
        (void)login_answer_decode(&answer, payload, LOGGED_SIZE);
    else if (frame->header.type == FRAME_STACK)
        (void)stack_decode(&image, payload, frame->header.payload_size);
    free(frame->bytes);
    *frame = (struct frame){0};
}

static void receive(const uint8_t *bytes, size_t size, enum phase phase)
{
    static struct host host;
    static struct call calls[CALLS] = {
        {.placement = PLACE_NULL},
        {.placement = PLACE_END, .offered = 64, .repeat = 1000},
        {.placement = PLACE_END, .offered = 4096, .flags = CALL_MEASURE},
        {.placement = PLACE_START, .offered = 100000, .charset = CHARSET_W},
    };
    memset(&host, 0, offsetof(struct host, inbox));
    host.phase = phase;
    host.hello.own_clock = 1;
    host.batch.calls = calls;
    host.batch.count = host.batch.part = CALLS;
    host.batch.threads = THREADS;
    // The nonce is the input's own: to guess it is not what is tried here.
    if (size >= FRAME_HEADER_SIZE)
        memcpy(&host.nonce, bytes + 4, sizeof host.nonce);
    for (size_t at = 0; at < size;) {
        size_t part = size - at < INBOX_SIZE ? size - at : INBOX_SIZE;
        enum step step = STEP_TAKEN;
        size_t left = host.inbox_to - host.inbox_from;
        memmove(host.inbox, host.inbox + host.inbox_from, left);
        part = part < INBOX_SIZE - left ? part : INBOX_SIZE - left;
        if (part == 0)
            break;
        memcpy(host.inbox + left, bytes + at, part);
        host.inbox_from = 0;
        host.inbox_to = left + part;
        at += part;
        while (step == STEP_TAKEN || step == STEP_WHOLE) {
            step = frames_step(&host);
            if (step == STEP_WHOLE)
                use_frame(&host);
        }
        if (step == STEP_DAMAGED)
            break;
    }
    free(host.frame.bytes);
}

static void serve(const uint8_t *bytes, size_t size)
{
    struct frame_header header;
    struct call call;
    struct login_request login;
    struct relay_request request;
    struct relay_answer answer;
    struct relay_memory memory;
    struct relay_exit end;
    struct chunk_header chunk;
    uint8_t token[RELAY_TOKEN_MAX];
    char address[64];
    uint32_t number = 0;
    uint32_t other = 0;
    uint16_t port = 0;
    if (frame_header_decode(&header, bytes, size) > 0)
        fuzz_expect(header.type >= FRAME_HELLO && header.type <= FRAME_STACK, "a type is known");
    struct stack_image image;
    if (stack_decode(&image, bytes, size) > 0)
        fuzz_expect(image.maps_size <= size && image.stack_size <= size, "a stack is there");
    (void)calls_header_decode(&number, &other, bytes, size);
    if (call_decode(&call, bytes, size) > 0)
        fuzz_expect(call.charset < CHARSETS, "a call is of a function");
    (void)login_request_decode(&login, bytes, size);
    if (relay_request_decode(&request, &number, bytes, size) > RELAY_START_SIZE)
        fuzz_expect(memchr(request.table, 0, sizeof request.table) != NULL, "a text ends");
    if (relay_answer_decode(&answer, bytes, size) > 0 && answer.version == RELAY_VERSION)
        fuzz_expect(memchr(answer.library, 0, sizeof answer.library) != NULL, "a text ends");
    (void)relay_memory_decode(&memory, bytes, size);
    (void)relay_exit_decode(&end, bytes, size);
    if (chunk_header_decode(&chunk, bytes, size) > 0)
        fuzz_expect(chunk.size <= CHUNK_MAX, "a chunk has a bound");
    (void)relay_token_parse(token, (const char *)bytes, size);
    char *text = fuzz_text(bytes, size);
    (void)relay_address_split(text, address, sizeof address, &port);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum phase phases[] = {PHASE_LOADING, PHASE_CALLING, PHASE_LOGIN};
    if (size == 0)
        return 0;
    unsigned choice = bytes[0] % 4;
    if (choice < 3)
        receive(bytes + 1, size - 1, phases[choice]);
    else
        serve(bytes + 1, size - 1);
    return 0;
}
