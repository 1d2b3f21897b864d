// SPDX-License-Identifier: Apache-2.0
// The client of the initiator service: one connection for each request, one line in each direction.
#include "conformance/reference/initiator_client.h"

#include "conformance/reference/initiator_socket.h"
#include "session_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_SIZE = 4096,
    ANSWER_LIMIT = 1 << 24, // bytes
};

// ---- requests ----

void initiator_request_begin(struct initiator_request *request, const char *verb)
{
    request->size = strlen(verb);
    request->good = true;
    memcpy(request->line, verb, request->size);
}

static bool is_field(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte < ' ' || byte == 0x7F)
            return false;
    }
    return text_is_valid(text);
}

void initiator_request_add(struct initiator_request *request, struct text field)
{
    // There is room for the TAB before it and the end of the line.
    if (!request->good || field.length > sizeof request->line - request->size - 2 ||
        !is_field(field)) {
        request->good = false;
        return;
    }
    request->line[request->size++] = '\t';
    memcpy(request->line + request->size, field.bytes, field.length);
    request->size += field.length;
}

void initiator_request_add_word(struct initiator_request *request, const char *field)
{
    initiator_request_add(request, (struct text){field, strlen(field)});
}

void initiator_request_add_number(struct initiator_request *request, uint32_t number)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%" PRIu32, number);
    initiator_request_add_word(request, digits);
}

void initiator_request_add_id(struct initiator_request *request, uint64_t number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%016" PRIx64, number);
    initiator_request_add_word(request, digits);
}

void initiator_request_add_text(struct initiator_request *request, enum list_charset charset,
                                const void *from, size_t limit)
{
    char utf8[INITIATOR_LINE_SIZE];
    if (caller_text_read(charset, from, limit, utf8, sizeof utf8))
        initiator_request_add_word(request, utf8);
    else
        request->good = false;
}

// ---- the connection ----

// Splits "unix:PATH" or "tcp:127.0.0.1:PORT:SECRET", which is changed. `secret` is NULL where there
// is none.
static bool find_place(char *value, struct initiator_place *place, const char **secret)
{
    static const char loopback[] = "tcp:127.0.0.1:";
    *place = (struct initiator_place){0};
    *secret = NULL;
    if (strncmp(value, "unix:", 5) == 0) {
        place->path = value + 5;
        return true;
    }
    if (strncmp(value, loopback, strlen(loopback)) != 0)
        return false;
    char *end = NULL;
    unsigned long port = strtoul(value + strlen(loopback), &end, 10);
    if (port == 0 || port > UINT16_MAX || *end != ':')
        return false;
    place->port = (uint16_t)port;
    *secret = end + 1;
    return true;
}

static bool send_request(intptr_t socket, const struct initiator_request *request,
                         const char *secret)
{
    char line[INITIATOR_ADDRESS_SIZE + INITIATOR_LINE_SIZE];
    int size = snprintf(line, sizeof line, "%s%s%.*s\n", secret ? secret : "", secret ? "\t" : "",
                        (int)request->size, request->line);
    return initiator_socket_send(socket, line, (size_t)size);
}

// Reads all that comes, malloc'ed, with a NUL behind it. NULL on an error.
static char *receive_all(intptr_t socket, size_t *size)
{
    char *bytes = NULL;
    ptrdiff_t received = 0;
    *size = 0;
    do {
        char *larger = *size < ANSWER_LIMIT ? realloc(bytes, *size + PIECE_SIZE + 1) : NULL;
        if (!larger) {
            received = -1;
            break;
        }
        bytes = larger;
        received = initiator_socket_receive(socket, bytes + *size, PIECE_SIZE);
        if (received > 0)
            *size += (size_t)received;
    } while (received > 0);
    if (received < 0) {
        free(bytes);
        return NULL;
    }
    bytes[*size] = '\0';
    return bytes;
}

// ---- answers ----

// One line, with a status and then fields. False where it is none.
static bool read_answer(char *bytes, size_t size, uint32_t *status, struct initiator_answer *answer)
{
    char *end = NULL;
    if (size == 0 || memchr(bytes, '\n', size) != bytes + size - 1 || memchr(bytes, 0, size))
        return false;
    bytes[size - 1] = '\0';
    unsigned long long value = strtoull(bytes, &end, 0);
    if (end == bytes || value > UINT32_MAX || (*end != '\t' && *end != '\0'))
        return false;
    *status = (uint32_t)value;
    answer->bytes = bytes;
    answer->rest = (struct text){end, size - 1 - (size_t)(end - bytes)};
    return text_is_valid(answer->rest);
}

static uint32_t exchange(intptr_t socket, const struct initiator_request *request,
                         const char *secret, struct initiator_answer *answer)
{
    size_t size = 0;
    uint32_t status = LIST_ISCSI_SERVICE_UNAVAILABLE;
    char *bytes = send_request(socket, request, secret) ? receive_all(socket, &size) : NULL;
    if (bytes && read_answer(bytes, size, &status, answer) && status == LIST_SUCCESS)
        return LIST_SUCCESS;
    free(bytes);
    return status == LIST_SUCCESS ? LIST_ISCSI_SERVICE_UNAVAILABLE : status;
}

uint32_t initiator_ask(const struct initiator_request *request, struct initiator_answer *answer)
{
    char value[INITIATOR_ADDRESS_SIZE];
    struct initiator_place place;
    const char *secret = NULL;
    if (!request->good)
        return LIST_INVALID_PARAMETER;
    if (!initiator_socket_variable(value) || !find_place(value, &place, &secret))
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    intptr_t socket = initiator_socket_open(&place);
    if (socket == -1)
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    uint32_t status = exchange(socket, request, secret, answer);
    initiator_socket_close(socket);
    return status;
}

void initiator_answer_free(struct initiator_answer *answer)
{
    free(answer->bytes);
}

bool initiator_answer_take(struct initiator_answer *answer, struct text *field)
{
    if (answer->rest.length == 0)
        return false;
    const char *begin = answer->rest.bytes + 1; // behind the TAB
    size_t left = answer->rest.length - 1;
    const char *tab = memchr(begin, '\t', left);
    size_t length = tab ? (size_t)(tab - begin) : left;
    *field = (struct text){begin, length};
    answer->rest = (struct text){begin + length, left - length};
    return true;
}

bool initiator_answer_take_id(struct initiator_answer *answer, uint64_t *number)
{
    struct text field;
    char *end = NULL;
    if (!initiator_answer_take(answer, &field) || field.length != 16)
        return false;
    *number = strtoull(field.bytes, &end, 16);
    return end == field.bytes + field.length;
}

bool initiator_answer_take_number(struct initiator_answer *answer, uint32_t *number)
{
    enum { DIGITS = 5 };
    struct text field;
    char *end = NULL;
    if (!initiator_answer_take(answer, &field) || field.length == 0 || field.length > DIGITS)
        return false;
    *number = (uint32_t)strtoul(field.bytes, &end, 10);
    return end == field.bytes + field.length;
}

bool initiator_answer_take_byte(struct initiator_answer *answer, uint8_t *number)
{
    uint32_t value = 0;
    if (!initiator_answer_take_number(answer, &value) || value > UINT8_MAX)
        return false;
    *number = (uint8_t)value;
    return true;
}
