// SPDX-License-Identifier: Apache-2.0
// Encodes and decodes what the kit and a listener say to each other. No I/O, no allocation.
#include "harness/host/relay.h"

#include <string.h>

static uint8_t *put(uint8_t *at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

static uint64_t get(const uint8_t **at, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value |= (uint64_t) * (*at)++ << (8 * i);
    return value;
}

// A text with zeros behind it.
static uint8_t *put_padded(uint8_t *at, const char *text, size_t size)
{
    size_t length = strnlen(text, size - 1);
    memset(at, 0, size);
    memcpy(at, text, length);
    return at + size;
}

// False when the text has no terminator.
static bool get_padded(const uint8_t **at, char *text, size_t size)
{
    memcpy(text, *at, size);
    *at += size;
    return memchr(text, '\0', size) != NULL;
}

int relay_request_encode(uint8_t *bytes, size_t size, const struct relay_request *request)
{
    if (size < RELAY_REQUEST_SIZE || request->table_is > RELAY_TABLE_SET ||
        request->seat >= RELAY_SEATS)
        return -1;
    uint8_t *at = put(bytes, RELAY_REQUEST_MAGIC, 4);
    at = put(at, RELAY_VERSION, 4);
    at = put(at, request->nonce, 8);
    memcpy(at, request->token, RELAY_TOKEN_MAX);
    at = put(at + RELAY_TOKEN_MAX, request->seat, 1);
    at = put(at, request->table_is, 1);
    at = put_padded(at, request->table, RELAY_TABLE_MAX);
    return (int)(at - bytes);
}

int relay_request_decode(struct relay_request *request, uint32_t *version, const uint8_t *bytes,
                         size_t size)
{
    const uint8_t *at = bytes;
    if (size < RELAY_START_SIZE || get(&at, 4) != RELAY_REQUEST_MAGIC)
        return -1;
    *version = (uint32_t)get(&at, 4);
    if (*version != RELAY_VERSION)
        return RELAY_START_SIZE;
    if (size < RELAY_REQUEST_SIZE)
        return -1;
    request->nonce = get(&at, 8);
    memcpy(request->token, at, RELAY_TOKEN_MAX);
    at += RELAY_TOKEN_MAX;
    request->seat = (uint8_t)get(&at, 1);
    request->table_is = (uint8_t)get(&at, 1);
    if (!get_padded(&at, request->table, RELAY_TABLE_MAX) || request->table_is > RELAY_TABLE_SET ||
        request->seat >= RELAY_SEATS)
        return -1;
    return (int)(at - bytes);
}

int relay_answer_encode(uint8_t *bytes, size_t size, const struct relay_answer *answer)
{
    if (size < RELAY_ANSWER_SIZE)
        return -1;
    uint8_t *at = put(bytes, RELAY_ANSWER_MAGIC, 4);
    at = put(at, RELAY_VERSION, 4);
    at = put(at, answer->status, 4);
    at = put_padded(at, answer->platform, HELLO_PLATFORM_MAX);
    at = put_padded(at, answer->library, RELAY_LIBRARY_MAX);
    return (int)(at - bytes);
}

int relay_answer_decode(struct relay_answer *answer, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size < RELAY_ANSWER_START || get(&at, 4) != RELAY_ANSWER_MAGIC)
        return -1;
    answer->version = (uint32_t)get(&at, 4);
    answer->status = (uint32_t)get(&at, 4);
    if (answer->version != RELAY_VERSION)
        return RELAY_ANSWER_START;
    if (size < RELAY_ANSWER_SIZE || answer->status >= RELAY_STATUS_COUNT ||
        !get_padded(&at, answer->platform, HELLO_PLATFORM_MAX) ||
        !get_padded(&at, answer->library, RELAY_LIBRARY_MAX))
        return -1;
    return (int)(at - bytes);
}

static bool size_fits(const struct chunk_header *header)
{
    switch (header->kind) {
    case CHUNK_FRAMES:
    case CHUNK_SAID:
        return header->size > 0 && header->size <= CHUNK_MAX;
    case CHUNK_MEMORY:
        return header->size == CHUNK_MEMORY_SIZE;
    case CHUNK_EXIT:
        return header->size == CHUNK_EXIT_SIZE;
    default:
        return false;
    }
}

int chunk_header_encode(uint8_t *bytes, size_t size, const struct chunk_header *header)
{
    if (size < CHUNK_HEADER_SIZE || !size_fits(header))
        return -1;
    put(put(bytes, header->kind, 4), header->size, 4);
    return CHUNK_HEADER_SIZE;
}

int chunk_header_decode(struct chunk_header *header, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size < CHUNK_HEADER_SIZE)
        return -1;
    header->kind = (uint32_t)get(&at, 4);
    header->size = (uint32_t)get(&at, 4);
    return size_fits(header) ? CHUNK_HEADER_SIZE : -1;
}

int relay_memory_encode(uint8_t *bytes, size_t size, const struct relay_memory *memory)
{
    if (size < CHUNK_MEMORY_SIZE)
        return -1;
    put(put(bytes, memory->now, 8), memory->peak, 8);
    return CHUNK_MEMORY_SIZE;
}

int relay_memory_decode(struct relay_memory *memory, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size < CHUNK_MEMORY_SIZE)
        return -1;
    memory->now = get(&at, 8);
    memory->peak = get(&at, 8);
    return CHUNK_MEMORY_SIZE;
}

int relay_exit_encode(uint8_t *bytes, size_t size, const struct relay_exit *end)
{
    if (size < CHUNK_EXIT_SIZE || end->how > RELAY_END_CHANNEL)
        return -1;
    put(put(bytes, end->how, 4), end->code, 4);
    return CHUNK_EXIT_SIZE;
}

int relay_exit_decode(struct relay_exit *end, const uint8_t *bytes, size_t size)
{
    const uint8_t *at = bytes;
    if (size < CHUNK_EXIT_SIZE)
        return -1;
    end->how = (uint32_t)get(&at, 4);
    end->code = (uint32_t)get(&at, 4);
    return end->how <= RELAY_END_CHANNEL ? CHUNK_EXIT_SIZE : -1;
}

// --- tokens and addresses

static bool is_blank(char character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

bool relay_token_parse(uint8_t token[RELAY_TOKEN_MAX], const char *text, size_t size)
{
    memset(token, 0, RELAY_TOKEN_MAX);
    while (size > 0 && is_blank(text[size - 1]))
        size--;
    while (size > 0 && is_blank(*text)) {
        text++;
        size--;
    }
    if (size < RELAY_TOKEN_MIN || size > RELAY_TOKEN_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    memcpy(token, text, size);
    return true;
}

bool relay_token_equal(const uint8_t left[RELAY_TOKEN_MAX], const uint8_t right[RELAY_TOKEN_MAX])
{
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < RELAY_TOKEN_MAX; i++)
        difference |= left[i] ^ right[i];
    return difference == 0;
}

static bool parse_port(const char *text, uint16_t *port)
{
    uint32_t number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (uint32_t)(*text - '0');
        if (number > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)number;
    return true;
}

bool relay_address_split(const char *text, char *address, size_t size, uint16_t *port)
{
    bool bracketed = *text == '[';
    const char *end = strchr(text, bracketed ? ']' : ':');
    if (end == NULL)
        return false;
    const char *start = text + bracketed;
    const char *colon = end + bracketed;
    size_t length = (size_t)(end - start);
    if (*colon != ':' || length == 0 || length >= size)
        return false;
    memcpy(address, start, length);
    address[length] = '\0';
    return parse_port(colon + 1, port);
}
