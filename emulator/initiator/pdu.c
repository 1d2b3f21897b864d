// SPDX-License-Identifier: Apache-2.0
// Sends and receives PDUs. Nothing that a peer sends is trusted: a PDU has the length that it may
// have, or ends the stream with words.
#include "emulator/initiator/pdu.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    DATA_LIMIT = 8192,    // of a PDU to us: MaxRecvDataSegmentLength is left at its default
    WAITING_LIMIT = 8192, // bytes that the peer has not yet taken: an answer is 48
};

int pdu_refuse(struct pdu_stream *stream, const char *format, ...)
{
    va_list arguments;
    if (stream->error[0] != '\0')
        return -1;
    va_start(arguments, format);
    vsnprintf(stream->error, sizeof stream->error, format, arguments);
    va_end(arguments);
    return -1;
}

int pdu_note_drop(struct pdu_stream *stream, const char *error)
{
    stream->dropped = true;
    return error == NULL ? pdu_refuse(stream, "the target closed the connection%s", stream->when)
                         : pdu_refuse(stream, "the connection failed%s: %s", stream->when, error);
}

uint16_t pdu_get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

uint32_t pdu_get32(const uint8_t *bytes)
{
    return (uint32_t)pdu_get16(bytes) << 16 | pdu_get16(bytes + 2);
}

void pdu_put16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

void pdu_put32(uint8_t *bytes, uint32_t value)
{
    pdu_put16(bytes, (uint16_t)(value >> 16));
    pdu_put16(bytes + 2, (uint16_t)value);
}

static size_t padded(size_t size)
{
    return (size + 3) / 4 * 4;
}

int pdu_flush(struct pdu_stream *stream)
{
    size_t sent = 0;
    while (sent < stream->waiting_size) {
        ssize_t count = send(stream->fd, stream->waiting + sent, stream->waiting_size - sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (count < 0)
            return pdu_note_drop(stream, strerror(errno));
        sent += (size_t)count;
    }
    stream->waiting_size -= sent;
    if (stream->waiting_size == 0) {
        free(stream->waiting);
        stream->waiting = NULL;
    } else {
        memmove(stream->waiting, stream->waiting + sent, stream->waiting_size);
    }
    return 0;
}

int pdu_send(struct pdu_stream *stream, uint8_t header[PDU_HEADER_SIZE], const void *data,
             size_t size)
{
    size_t end = stream->waiting_size;
    size_t more = PDU_HEADER_SIZE + padded(size);
    if (end > WAITING_LIMIT)
        return pdu_refuse(stream, "the target asks and does not read the answers");
    uint8_t *waiting = realloc(stream->waiting, end + more);
    if (waiting == NULL)
        return pdu_refuse(stream, "out of memory");
    stream->waiting = waiting;
    stream->waiting_size = end + more;
    header[5] = (uint8_t)(size >> 16);
    pdu_put16(header + 6, (uint16_t)size);
    pdu_put32(header + 24, stream->command_number);
    pdu_put32(header + 28, stream->status_number);
    memset(waiting + end, 0, more);
    memcpy(waiting + end, header, PDU_HEADER_SIZE);
    if (size > 0)
        memcpy(waiting + end + PDU_HEADER_SIZE, data, size);
    return pdu_flush(stream);
}

// The header is complete: how much data follows?
static int begin_data(struct pdu_stream *stream)
{
    const uint8_t *header = stream->header;
    size_t size = (size_t)header[5] << 16 | pdu_get16(header + 6);
    if (header[4] != 0)
        return pdu_refuse(stream,
                          "the target sent a PDU (opcode 0x%02x) with %u additional header "
                          "words, and none may be here",
                          header[0], header[4]);
    if (size > DATA_LIMIT)
        return pdu_refuse(stream,
                          "the target sent a PDU (opcode 0x%02x) with %zu bytes of data, "
                          "and at most %d may be",
                          header[0], size, DATA_LIMIT);
    stream->data_size = size;
    stream->data = malloc(padded(size) + 1);
    return stream->data == NULL ? pdu_refuse(stream, "out of memory") : 0;
}

// One recv of what the present PDU lacks. 1: go on; 0: nothing more is there; -1: it is over.
static int receive(struct pdu_stream *stream)
{
    bool in_header = stream->have < PDU_HEADER_SIZE;
    uint8_t *to =
        in_header ? stream->header + stream->have : stream->data + (stream->have - PDU_HEADER_SIZE);
    size_t want = in_header ? PDU_HEADER_SIZE - stream->have
                            : PDU_HEADER_SIZE + padded(stream->data_size) - stream->have;
    ssize_t count = recv(stream->fd, to, want, MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
                   ? 0
                   : pdu_note_drop(stream, strerror(errno));
    if (count == 0)
        return pdu_note_drop(stream, NULL);
    stream->have += (size_t)count;
    if (in_header && stream->have == PDU_HEADER_SIZE && begin_data(stream) != 0)
        return -1;
    return 1;
}

int pdu_receive(struct pdu_stream *stream)
{
    int result = 1;
    while (result > 0 && (stream->have < PDU_HEADER_SIZE ||
                          stream->have < PDU_HEADER_SIZE + padded(stream->data_size)))
        result = receive(stream);
    return result;
}

void pdu_forget(struct pdu_stream *stream)
{
    free(stream->data);
    stream->data = NULL;
    stream->data_size = 0;
    stream->have = 0;
}
