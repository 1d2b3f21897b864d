// SPDX-License-Identifier: Apache-2.0
// A host program that makes no calls. It answers the repeated call that it is asked for by a RESULT
// and a MORE frame, and can lie in the MORE frame or about its clock.
#include "tests/lying_host.h"
#include "harness/host/protocol.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct channel {
    int descriptor;
    uint64_t nonce;
};

static void send_frame(const struct channel *channel, uint16_t type, const uint8_t *payload,
                       size_t size)
{
    uint8_t header[FRAME_HEADER_SIZE];
    struct frame_header said = {channel->nonce, type, (uint32_t)size};
    if (frame_header_encode(header, sizeof header, &said) < 0 ||
        write(channel->descriptor, header, sizeof header) != (ssize_t)sizeof header ||
        (size > 0 && write(channel->descriptor, payload, size) != (ssize_t)size))
        _exit(1);
}

static void send_outcome(const struct channel *channel, uint16_t type, uint32_t index,
                         const struct outcome *outcome)
{
    uint8_t payload[OUTCOME_SIZE + 64] = {0};
    if (outcome_encode(payload, OUTCOME_SIZE, 0, index, outcome) < 0)
        _exit(2);
    size_t bytes = type == FRAME_RESULT ? outcome->byte_count : 0;
    send_frame(channel, type, payload, OUTCOME_SIZE + bytes);
}

static bool has_clock(enum lie lie)
{
    return lie > LIE_COUNT_OF_THEM;
}

static void send_clock(const struct channel *channel)
{
    uint8_t payload[CLOCK_SIZE];
    if (clock_encode(payload, sizeof payload, LYING_CLOCK_NS) < 0)
        _exit(5);
    send_frame(channel, FRAME_CLOCK, payload, sizeof payload);
}

static void send_hello(const struct channel *channel, enum lie lie)
{
    uint8_t payload[HELLO_SIZE];
    const struct hello hello = {.pointer_size = 8,
                                .long_align = 8,
                                .has_a = 1,
                                .has_w = 1,
                                .own_clock = has_clock(lie) && lie != CLOCK_UNASKED,
                                .page_size = 4096,
                                .platform = "none"};
    if (hello_encode(payload, sizeof payload, &hello) < 0)
        _exit(3);
    send_frame(channel, FRAME_HELLO, payload, sizeof payload);
}

static void receive_calls(const struct channel *channel, size_t count)
{
    uint8_t frame[FRAME_HEADER_SIZE + CALLS_HEADER_SIZE + 2 * CALL_SIZE];
    size_t size = sizeof frame - (2 - count) * CALL_SIZE;
    for (size_t have = 0; have < size;) {
        ssize_t got = read(channel->descriptor, frame + have, size - have);
        if (got <= 0)
            _exit(0);
        have += (size_t)got;
    }
}

static void receive_nonce(struct channel *channel)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header header;
    if (recv(channel->descriptor, bytes, sizeof bytes, MSG_WAITALL) != (ssize_t)sizeof bytes ||
        frame_header_decode(&header, bytes, sizeof bytes) < 0)
        _exit(5);
    channel->nonce = header.nonce;
}

static void lie_in(struct outcome *more, enum lie lie)
{
    switch (lie) {
    case LIE_KIND:
        more->kind = OUTCOME_NOT_TRIED;
        break;
    case LIE_STATUS:
        more->status++;
        break;
    case LIE_SIZE:
        more->size_out++;
        break;
    case LIE_COUNT:
        more->count_out++;
        break;
    case LIE_SIZE_CELL:
        more->size_cell_damaged = true;
        break;
    case LIE_COUNT_CELL:
        more->count_cell_damaged = true;
        break;
    case LIE_INSIDE:
        more->inside.last++;
        break;
    case LIE_BEFORE:
        more->before = (struct extent){-1, -1};
        break;
    case LIE_AFTER:
        more->after = (struct extent){64, 64};
        break;
    case LIE_BYTE_COUNT:
        more->byte_count++;
        break;
    case LIE_BEGAN:
        more->began_ns -= 20;
        break;
    case LIE_TOO_OFTEN:
        more->repeats = 3;
        break;
    default:
        break;
    }
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 4;
    struct channel channel = {.descriptor = (int)strtol(argv[1], NULL, 10)};
    enum lie lie = (enum lie)strtol(argv[2], NULL, 10);
    receive_nonce(&channel);
    send_hello(&channel, lie);
    receive_calls(&channel, lie == LIE_FIRST ? 2 : 1);
    struct outcome result = {.kind = OUTCOME_RETURNED,
                             .size_out = 8,
                             .inside = {0, 7},
                             .before = extent_none(),
                             .after = extent_none(),
                             .began_ns = 100 + (lie == CLOCK_AGO ? LYING_AGO_NS : 0),
                             .byte_count = 8};
    result.ended_ns = result.began_ns + 10;
    if (lie == LIE_KIND || lie == LIE_STATUS) { // which have no bytes
        result.status = 122;
        result.byte_count = 0;
    }
    outcome_single(&result);
    struct outcome more = result;
    more.began_ns = result.began_ns + 20;
    more.first_ended_ns = result.began_ns + 30;
    more.last_began_ns = result.began_ns + 40;
    more.ended_ns = result.began_ns + 50;
    more.repeats = 2;
    lie_in(&more, lie);
    if (has_clock(lie) && lie != CLOCK_LATE)
        send_clock(&channel);
    send_outcome(&channel, FRAME_RESULT, 0, &result);
    send_outcome(&channel, FRAME_MORE, lie == LIE_FIRST ? 1 : 0, &more);
    if (lie == CLOCK_LATE)
        send_clock(&channel);
    send_frame(&channel, FRAME_DONE, NULL, 0);
    pause(); // until the kit ends it
    return 0;
}
