// SPDX-License-Identifier: Apache-2.0
// Reads cases in binary form. What is read is checked as if an enemy had written it.
#include "conformance/transcript/case_binary.h"
#include "conformance/transcript/case_binary_format.h"

#include "conformance/base/text.h"
#include "conformance/transcript/case.h"
#include "conformance/transcript/case_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    STREAM_MAX = 1 << 30, // bytes of a file
    TOLD_SIZE = 16,
};

#define TOO_MANY "there are more sessions and connections than a case in this form can have"

// The first mistake is kept in `json`; after it, all that is read is 0.
struct reading {
    struct json_reading json;
    const uint8_t *begin;
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
    struct transcript *one;
    char **texts; // the table, owned
    size_t text_count;
    size_t text_capacity;
    struct truth_session *sessions; // those that are spelled out, owned
    size_t session_count;
    size_t session_capacity;
    uint8_t *used; // of each: is it in the present truth?
    size_t room;   // that is left of CASE_BINARY_ROOM
};

static void note_place(struct reading *reading)
{
    snprintf(reading->json.where, sizeof reading->json.where, "byte %zu",
             (size_t)(reading->at - reading->begin));
}

static void refuse(struct reading *reading, const char *what)
{
    note_place(reading);
    if (!reading->failed)
        json_refuse(&reading->json, "%s", what);
    reading->failed = true;
}

static void refuse_memory(struct reading *reading)
{
    if (!reading->failed)
        json_refuse_memory(&reading->json);
    reading->failed = true;
}

// ---- Numbers and bytes

// The next bytes; NULL where they are not there.
static const uint8_t *take(struct reading *reading, size_t size)
{
    if (!reading->failed && size > (size_t)(reading->end - reading->at))
        refuse(reading, "the case ends within this; it was cut short");
    if (reading->failed)
        return NULL;
    const uint8_t *bytes = reading->at;
    reading->at += size;
    return bytes;
}

static unsigned take_byte(struct reading *reading)
{
    const uint8_t *byte = take(reading, 1);
    return byte == NULL ? 0 : *byte;
}

static uint16_t take_16(struct reading *reading)
{
    const uint8_t *bytes = take(reading, 2);
    const unsigned value = bytes == NULL ? 0 : (unsigned)bytes[0] << 8 | bytes[1];
    return (uint16_t)value;
}

static uint64_t take_number(struct reading *reading, uint64_t most)
{
    uint64_t number = 0;
    unsigned byte = 128;
    for (unsigned shift = 0; (byte & 128) != 0; shift += 7) {
        byte = take_byte(reading);
        uint64_t part = byte & 127;
        if (shift > 63 || (part << shift) >> shift != part) {
            refuse(reading, "a number has more than 64 bits");
            return 0;
        }
        number |= part << shift;
    }
    if (number > most)
        refuse(reading, "a number is larger than it can be here");
    return reading->failed ? 0 : number;
}

static void take_into(struct reading *reading, uint8_t *into, size_t size)
{
    const uint8_t *bytes = take(reading, size);
    if (bytes != NULL)
        memcpy(into, bytes, size);
}

// ---- Texts

// A copy of the next bytes, of which none may be 0; NULL on failure.
static char *take_text(struct reading *reading, size_t size)
{
    const uint8_t *bytes = take(reading, size);
    char *text = bytes == NULL ? NULL : strndup((const char *)bytes, size);
    if (bytes != NULL && text == NULL)
        refuse_memory(reading);
    if (text != NULL && strlen(text) != size)
        refuse(reading, "a text has a byte 0");
    if (!reading->failed)
        return text;
    free(text);
    return NULL;
}

static bool is_utf8(const char *text)
{
    size_t size = strlen(text);
    uint32_t code_point = 0;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_decode((const uint8_t *)text + at, size - at, &code_point);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

// Makes room for one more element of `size` bytes; what is new is zero.
static bool grow(struct reading *reading, void **items, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return true;
    size_t more = *capacity == 0 ? 16 : 2 * *capacity;
    void *grown = reallocarray(*items, more, size);
    if (grown == NULL) {
        refuse_memory(reading);
        return false;
    }
    memset((char *)grown + *capacity * size, 0, (more - *capacity) * size);
    *items = grown;
    *capacity = more;
    return true;
}

static void take_texts(struct reading *reading)
{
    size_t size = 0;
    while ((size = (size_t)take_number(reading, SIZE_MAX)) > 0) {
        char *text = take_text(reading, size);
        if (text != NULL && !is_utf8(text))
            refuse(reading, "a text is not UTF-8");
        if (reading->failed || !grow(reading, (void **)&reading->texts, &reading->text_capacity,
                                     reading->text_count, sizeof *reading->texts)) {
            free(text);
            return;
        }
        reading->texts[reading->text_count++] = text;
    }
}

// A text of the table; "" on failure.
static const char *take_known_text(struct reading *reading)
{
    size_t number = (size_t)take_number(reading, SIZE_MAX);
    if (!reading->failed && number >= reading->text_count)
        refuse(reading, "there is no text with that number");
    return reading->failed ? "" : reading->texts[number];
}

// ---- Truths

static bool take_told(struct reading *reading, struct truth_told *told)
{
    unsigned bits = take_byte(reading);
    if (bits > TOLD_BIT)
        refuse(reading, "neither 0 nor 1");
    return told->is = bits == TOLD_BIT;
}

static void take_identifiers(struct reading *reading, struct truth_told *told, uint64_t *unique,
                             uint64_t *specific)
{
    uint8_t bytes[TOLD_SIZE] = {0};
    bool is_told = take_told(reading, told);
    *unique = take_number(reading, UINT64_MAX);
    *specific = take_number(reading, UINT64_MAX);
    if (is_told)
        take_into(reading, bytes, sizeof bytes);
    for (size_t i = 0; i < TOLD_SIZE; i++)
        told->id[i / 8] = told->id[i / 8] << 8 | bytes[i];
}

static char *take_name(struct reading *reading)
{
    const char *text = take_known_text(reading);
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            refuse(reading, "a name has a control character");
    char *name = strdup(text);
    if (name == NULL)
        refuse_memory(reading);
    return name;
}

static void take_address(struct reading *reading, char address[ADDRESS_TEXT_SIZE])
{
    const char *text = take_known_text(reading);
    if (!reading->failed && !address_is_canonical(text))
        refuse(reading, "an address is not numeric, or not in canonical form");
    if (!reading->failed)
        snprintf(address, ADDRESS_TEXT_SIZE, "%s", text);
}

static uint16_t take_port(struct reading *reading)
{
    uint16_t port = take_16(reading);
    if (port == 0)
        refuse(reading, "a port is 0");
    return port;
}

static void take_connection(struct reading *reading, struct truth_connection *connection)
{
    take_identifiers(reading, &connection->told, &connection->adapter_unique,
                     &connection->adapter_specific);
    connection->cid = take_16(reading);
    take_address(reading, connection->initiator_address);
    connection->initiator_port = take_port(reading);
    take_address(reading, connection->target_address);
    connection->target_port = take_port(reading);
}

static void take_connections(struct reading *reading, struct truth_session *session)
{
    enum { LEAST = 11, COUNT_MAX = 65536 }; // bytes of a connection
    size_t count = (size_t)take_number(reading, COUNT_MAX);
    if (!reading->failed && count > (size_t)(reading->end - reading->at) / LEAST)
        refuse(reading, "there are more connections than bytes for them");
    if (reading->failed || count == 0)
        return;
    session->connections = calloc(count, sizeof *session->connections);
    if (session->connections == NULL) {
        refuse_memory(reading);
        return;
    }
    session->connection_count = count;
    for (size_t i = 0; i < count && !reading->failed; i++)
        take_connection(reading, &session->connections[i]);
}

// Adds a session that is spelled out; its number, from 0.
static size_t take_session(struct reading *reading)
{
    size_t number = reading->session_count;
    size_t used_capacity = reading->session_capacity;
    if (!grow(reading, (void **)&reading->used, &used_capacity, number, sizeof *reading->used) ||
        !grow(reading, (void **)&reading->sessions, &reading->session_capacity, number,
              sizeof *reading->sessions))
        return 0;
    struct truth_session *session = &reading->sessions[reading->session_count++];
    take_identifiers(reading, &session->told, &session->adapter_unique, &session->adapter_specific);
    session->initiator_name = take_name(reading);
    session->target_node_name = take_name(reading);
    session->target_name = take_name(reading);
    take_into(reading, session->isid, sizeof session->isid);
    take_into(reading, session->tsid, sizeof session->tsid);
    take_connections(reading, session);
    return number;
}

static void add_session(struct reading *reading, struct truth *truth)
{
    size_t number = (size_t)take_number(reading, reading->session_count);
    number = number == 0 ? take_session(reading) : number - 1;
    if (reading->failed)
        return;
    const struct truth_session *session = &reading->sessions[number];
    size_t room = 4 + session->connection_count;
    if (reading->used[number] != 0)
        refuse(reading, "a session is in one truth twice");
    else if (room > reading->room)
        refuse(reading, TOO_MANY);
    if (reading->failed)
        return;
    reading->used[number] = 1;
    reading->room -= room;
    if (truth_session_copy(&truth->sessions[truth->session_count++], session) != 0)
        refuse_memory(reading);
}

static struct truth *take_sessions(struct reading *reading)
{
    size_t count = (size_t)take_number(reading, INT32_MAX);
    if (!reading->failed && count > (size_t)(reading->end - reading->at))
        refuse(reading, "there are more sessions than bytes for them");
    if (!reading->failed && count > reading->room / 4)
        refuse(reading, TOO_MANY);
    struct truth *truth = reading->failed ? NULL : calloc(1, sizeof *truth);
    if (truth != NULL)
        truth->sessions = calloc(count + 1, sizeof *truth->sessions);
    if (truth == NULL || truth->sessions == NULL) {
        refuse_memory(reading);
        return truth;
    }
    if (reading->session_count > 0)
        memset(reading->used, 0, reading->session_count);
    for (size_t i = 0; i < count && !reading->failed; i++)
        add_session(reading, truth);
    return truth;
}

static void take_truth(struct reading *reading)
{
    struct truth *truth = take_sessions(reading);
    note_place(reading);
    if (!reading->failed)
        reading->failed = case_check_sessions(&reading->json, truth) != 0;
    if (!reading->failed && case_add_truth(reading->one, truth) != 0)
        refuse_memory(reading);
    truth_free(truth);
}

// ---- Calls

static void take_arguments(struct reading *reading, unsigned bits, struct call *call,
                           struct offer *offer)
{
    const unsigned flags = CALL_SIZE_NULL | CALL_COUNT_NULL | CALL_SPARSE | CALL_MEASURE;
    unsigned where = take_byte(reading);
    call->charset = (bits & CALL_BIT_WIDE) != 0 ? CHARSET_W : CHARSET_A;
    call->placement = where & PLACEMENT_MASK;
    call->fill = (uint8_t)(where >> FILL_SHIFT);
    call->flags = (uint8_t)take_byte(reading);
    if (call->placement > PLACE_EXACT || call->fill > FILL_ONES || (call->flags & ~flags) != 0)
        refuse(reading, "there is no such placement, fill or flag");
    offer->of_required = (bits & CALL_BIT_OF_REQUIRED) != 0;
    offer->usual_count = (bits & CALL_BIT_USUAL_COUNT) != 0;
    uint64_t size = take_number(reading, UINT32_MAX);
    if (offer->of_required)
        offer->beyond = (int32_t)((size & 1) != 0 ? -(int64_t)(size / 2) - 1 : (int64_t)(size / 2));
    else
        call->offered = (uint32_t)size;
    if (!offer->usual_count)
        call->count_in = (uint32_t)take_number(reading, UINT32_MAX);
    if (call->placement == PLACE_MIDDLE)
        call->misalignment = (uint32_t)take_number(reading, 15);
}

// The case's own copy of a text; NULL on failure.
static const char *take_word(struct reading *reading)
{
    const char *text = take_known_text(reading);
    const char *own = reading->failed ? NULL : transcript_intern(reading->one, text);
    if (own == NULL)
        refuse_memory(reading);
    return own;
}

static void take_call(struct reading *reading)
{
    struct call call = {.repeat = 1};
    struct offer offer = {0};
    const char *circumstance = NULL;
    const char *set = NULL;
    uint64_t threads = 1;
    unsigned bits = take_byte(reading);
    if (bits > CALL_BITS || reading->one->truth_count == 0)
        refuse(reading, bits > CALL_BITS ? "a call has an unknown bit"
                                         : "a call, and nothing before it says which sessions "
                                           "there are");
    take_arguments(reading, bits, &call, &offer);
    if ((bits & CALL_BIT_SET) != 0)
        set = take_word(reading);
    if ((bits & CALL_BIT_CIRCUMSTANCE) != 0)
        circumstance = take_word(reading);
    if ((bits & CALL_BIT_THREADS) != 0)
        threads = take_number(reading, THREADS_MAX);
    if ((bits & CALL_BIT_REPEAT) != 0)
        call.repeat = (uint32_t)take_number(reading, CASE_REPEAT_MAX);
    if (threads == 0)
        refuse(reading, "a call is made by no thread");
    note_place(reading);
    if (!reading->failed)
        reading->failed = case_check_call(&reading->json, &call) != 0;
    if (reading->failed)
        return;
    if (case_add_call(reading->one, &call, &offer, (unsigned)threads, set) != 0)
        refuse_memory(reading);
    else
        transcript_last(reading->one)->circumstance = circumstance;
}

// ---- All

static void take_entries(struct reading *reading)
{
    bool more = true;
    while (more && !reading->failed) {
        switch (take_byte(reading)) {
        case ENTRY_TRUTH:
            take_truth(reading);
            break;
        case ENTRY_CALL:
            take_call(reading);
            break;
        case ENTRY_END:
            more = false;
            break;
        default:
            refuse(reading, "neither sessions, nor a call, nor the end");
        }
    }
    if (reading->at != reading->end)
        refuse(reading, "something follows the end");
    if (reading->one != NULL && reading->one->record_count == 0)
        refuse(reading, "there is no call, so nothing to make");
}

static void take_head(struct reading *reading)
{
    const uint8_t *magic = take(reading, CASE_BINARY_MAGIC_SIZE);
    if (magic != NULL && memcmp(magic, CASE_BINARY_MAGIC, CASE_BINARY_MAGIC_SIZE) != 0)
        refuse(reading,
               "no case in binary form of version 1, which this kit (" TCK_VERSION ") reads");
    char *name = take_text(reading, (size_t)take_number(reading, SIZE_MAX));
    char *summary = take_text(reading, (size_t)take_number(reading, SIZE_MAX));
    char *implementation = take_text(reading, (size_t)take_number(reading, SIZE_MAX));
    unsigned width = take_byte(reading);
    if (width != 0 && width != 4 && width != 8)
        refuse(reading, "pointers have 4 or 8 bytes, or 0 where it does not matter");
    if (!reading->failed)
        reading->one = case_create(implementation, name, summary);
    if (reading->one == NULL)
        refuse_memory(reading);
    else
        reading->one->hello.pointer_size = (uint8_t)width;
    free(name);
    free(summary);
    free(implementation);
}

int case_binary_decode(struct transcript **one, const uint8_t *bytes, size_t size, const char *path,
                       struct failure *failure)
{
    struct reading reading = {.json = {.path = path, .failure = failure},
                              .begin = bytes,
                              .at = bytes,
                              .end = bytes + size,
                              .room = CASE_BINARY_ROOM};
    take_head(&reading);
    take_texts(&reading);
    take_entries(&reading);
    for (size_t i = 0; i < reading.text_count; i++)
        free(reading.texts[i]);
    for (size_t i = 0; i < reading.session_count; i++)
        truth_session_clear(&reading.sessions[i]);
    free(reading.texts);
    free(reading.sessions);
    free(reading.used);
    if (reading.failed) {
        transcript_free(reading.one);
        reading.one = NULL;
    }
    *one = reading.one;
    return reading.failed ? -1 : 0;
}

bool case_binary_begins(const uint8_t *bytes, size_t size)
{
    return size >= CASE_BINARY_MAGIC_SIZE &&
           memcmp(bytes, CASE_BINARY_MAGIC, CASE_BINARY_MAGIC_SIZE - 1) == 0;
}

int case_binary_read(struct transcript **one, FILE *stream, const char *path,
                     struct failure *failure)
{
    const struct json_reading json = {.path = path, .failure = failure};
    uint8_t *bytes = NULL;
    size_t size = 0;
    size_t capacity = 0;
    int status = 0;
    while (status == 0 && !feof(stream)) {
        size_t room = capacity == 0 ? 4096 : 2 * capacity;
        uint8_t *grown = room > STREAM_MAX ? NULL : realloc(bytes, room);
        if (grown == NULL) {
            status = room > STREAM_MAX ? json_refuse(&json, "larger than any case in binary form")
                                       : json_refuse_memory(&json);
            break;
        }
        bytes = grown;
        capacity = room;
        size += fread(bytes + size, 1, capacity - size, stream);
        if (ferror(stream))
            status = json_refuse(&json, "cannot be read: %s", strerror(errno));
    }
    *one = NULL;
    if (status == 0)
        status = case_binary_decode(one, bytes, size, path, failure);
    free(bytes);
    return status;
}
