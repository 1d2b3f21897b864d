// SPDX-License-Identifier: Apache-2.0
// Writes cases in binary form: the head, the table of all texts, then truths and calls. A session
// that an earlier truth has, too, is named by its number.
#include "conformance/transcript/case_binary.h"
#include "conformance/transcript/case_binary_format.h"

#include "conformance/base/hash.h"
#include "conformance/transcript/case.h"

#include <stdlib.h>
#include <string.h>

struct buffer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    bool exhausted; // memory ran out
};

// Numbers for byte strings, in the order in which they come: an open hash table.
struct numbered {
    uint64_t hash;
    size_t at; // in the pool
    size_t size;
    size_t number; // from 1; 0: the place is free
};

struct dictionary {
    struct buffer pool; // the byte strings, one after the other
    struct numbered *places;
    size_t capacity; // a power of two, or 0
    size_t count;
};

struct writing {
    struct buffer out;
    struct dictionary texts;
    struct dictionary sessions; // as they are written
    struct buffer session;      // the present one
};

// ---- Bytes

static void put_bytes(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size > buffer->capacity - buffer->size && !buffer->exhausted) {
        size_t capacity = 2 * (buffer->size + size) + 64;
        uint8_t *grown = realloc(buffer->bytes, capacity);
        buffer->exhausted = grown == NULL;
        if (grown != NULL) {
            buffer->bytes = grown;
            buffer->capacity = capacity;
        }
    }
    if (buffer->exhausted || size == 0)
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

static void put_byte(struct buffer *buffer, unsigned byte)
{
    put_bytes(buffer, &(uint8_t){(uint8_t)byte}, 1);
}

// Seven bits a byte, the lowest first; the top bit says that more follow.
static void put_number(struct buffer *buffer, uint64_t number)
{
    for (; number > 127; number >>= 7)
        put_byte(buffer, (unsigned)(number & 127) | 128);
    put_byte(buffer, (unsigned)number);
}

static void put_16(struct buffer *buffer, uint16_t number)
{
    put_byte(buffer, number >> 8);
    put_byte(buffer, number & 255);
}

static void put_text(struct buffer *buffer, const char *text)
{
    put_number(buffer, strlen(text));
    put_bytes(buffer, text, strlen(text));
}

// ---- Dictionaries

static struct numbered *find_place(const struct dictionary *dictionary, struct numbered *places,
                                   size_t capacity, const struct numbered *wanted,
                                   const uint8_t *bytes)
{
    size_t at = (size_t)wanted->hash & (capacity - 1);
    while (places[at].number != 0 &&
           (places[at].hash != wanted->hash || places[at].size != wanted->size ||
            memcmp(dictionary->pool.bytes + places[at].at, bytes, wanted->size) != 0))
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

static bool make_room(struct dictionary *dictionary)
{
    if (dictionary->count < dictionary->capacity / 4 * 3)
        return true;
    size_t capacity = dictionary->capacity == 0 ? 64 : dictionary->capacity * 2;
    struct numbered *places = calloc(capacity, sizeof *places);
    if (places == NULL)
        return false;
    for (size_t i = 0; i < dictionary->capacity; i++) {
        const struct numbered *old = &dictionary->places[i];
        if (old->number != 0)
            *find_place(dictionary, places, capacity, old, dictionary->pool.bytes + old->at) = *old;
    }
    free(dictionary->places);
    dictionary->places = places;
    dictionary->capacity = capacity;
    return true;
}

// The number of these bytes; 0 where they are new. They get the next number then, or memory ran
// out, and the pool is exhausted.
static size_t number_bytes(struct dictionary *dictionary, const void *bytes, size_t size)
{
    struct numbered wanted = {hash_bytes(HASH_BEGINNING, bytes, size), dictionary->pool.size, size,
                              dictionary->count + 1};
    if (!make_room(dictionary)) {
        dictionary->pool.exhausted = true;
        return 0;
    }
    struct numbered *place =
        find_place(dictionary, dictionary->places, dictionary->capacity, &wanted, bytes);
    if (place->number != 0)
        return place->number;
    put_bytes(&dictionary->pool, bytes, size);
    if (dictionary->pool.exhausted)
        return 0;
    *place = wanted;
    dictionary->count++;
    return 0;
}

static void dictionary_free(struct dictionary *dictionary)
{
    free(dictionary->pool.bytes);
    free(dictionary->places);
}

// ---- The table of texts: all are numbered before any is used

static void note_text(struct writing *writing, const char *text)
{
    struct dictionary *texts = &writing->texts;
    size_t before = texts->count;
    number_bytes(texts, text, strlen(text));
    if (texts->count > before)
        put_text(&writing->out, text);
}

static void note_truth(struct writing *writing, const struct truth *truth)
{
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        note_text(writing, session->initiator_name);
        note_text(writing, session->target_node_name);
        note_text(writing, session->target_name);
        for (size_t j = 0; j < session->connection_count; j++) {
            note_text(writing, session->connections[j].initiator_address);
            note_text(writing, session->connections[j].target_address);
        }
    }
}

static bool has_own_set(const struct record *record)
{
    return strcmp(record->probe_set, case_set(&record->call, &record->offer, record->threads)) != 0;
}

static void put_texts(struct writing *writing, const struct transcript *one)
{
    // An empty text ends the table: no text of it is empty.
    for (size_t i = 0; i < one->truth_count; i++)
        note_truth(writing, one->truths[i]);
    for (size_t i = 0; i < one->record_count; i++) {
        if (has_own_set(&one->records[i]))
            note_text(writing, one->records[i].probe_set);
        if (one->records[i].circumstance != NULL)
            note_text(writing, one->records[i].circumstance);
    }
    put_number(&writing->out, 0);
}

// Its number in the table, from 0.
static void put_known_text(struct buffer *buffer, struct writing *writing, const char *text)
{
    size_t number = number_bytes(&writing->texts, text, strlen(text));
    put_number(buffer, number == 0 ? 0 : number - 1);
}

// ---- Truths

static void put_told(struct buffer *buffer, const struct truth_told *told)
{
    for (size_t i = 0; told->is && i < 16; i++)
        put_byte(buffer, (unsigned)(told->id[i / 8] >> (56 - i % 8 * 8)) & 255);
}

static void put_connection(struct writing *writing, const struct truth_connection *connection)
{
    struct buffer *buffer = &writing->session;
    put_byte(buffer, connection->told.is ? TOLD_BIT : 0);
    put_number(buffer, connection->adapter_unique);
    put_number(buffer, connection->adapter_specific);
    put_told(buffer, &connection->told);
    put_16(buffer, connection->cid);
    put_known_text(buffer, writing, connection->initiator_address);
    put_16(buffer, connection->initiator_port);
    put_known_text(buffer, writing, connection->target_address);
    put_16(buffer, connection->target_port);
}

static void put_session(struct writing *writing, const struct truth_session *session)
{
    struct buffer *buffer = &writing->session;
    buffer->size = 0;
    put_byte(buffer, session->told.is ? TOLD_BIT : 0);
    put_number(buffer, session->adapter_unique);
    put_number(buffer, session->adapter_specific);
    put_told(buffer, &session->told);
    put_known_text(buffer, writing, session->initiator_name);
    put_known_text(buffer, writing, session->target_node_name);
    put_known_text(buffer, writing, session->target_name);
    put_bytes(buffer, session->isid, sizeof session->isid);
    put_bytes(buffer, session->tsid, sizeof session->tsid);
    put_number(buffer, session->connection_count);
    for (size_t i = 0; i < session->connection_count; i++)
        put_connection(writing, &session->connections[i]);
    size_t number =
        buffer->exhausted ? 0 : number_bytes(&writing->sessions, buffer->bytes, buffer->size);
    put_number(&writing->out, number);
    if (number == 0)
        put_bytes(&writing->out, buffer->bytes, buffer->size);
}

static void put_truth(struct writing *writing, const struct truth *truth)
{
    put_byte(&writing->out, ENTRY_TRUTH);
    put_number(&writing->out, truth->session_count);
    for (size_t i = 0; i < truth->session_count; i++)
        put_session(writing, &truth->sessions[i]);
}

// ---- Calls

static unsigned bits_of(const struct record *record)
{
    unsigned bits = 0;
    bits |= record->call.charset == CHARSET_W ? CALL_BIT_WIDE : 0;
    bits |= record->offer.of_required ? CALL_BIT_OF_REQUIRED : 0;
    bits |= record->offer.usual_count ? CALL_BIT_USUAL_COUNT : 0;
    bits |= has_own_set(record) ? CALL_BIT_SET : 0;
    bits |= record->circumstance != NULL ? CALL_BIT_CIRCUMSTANCE : 0;
    bits |= record->threads > 1 ? CALL_BIT_THREADS : 0;
    return bits | (record->call.repeat > 1 ? CALL_BIT_REPEAT : 0);
}

// The sign in the lowest bit.
static uint64_t fold_sign(int32_t number)
{
    return number < 0 ? (uint64_t)(-(int64_t)number) * 2 - 1 : (uint64_t)number * 2;
}

static void put_call(struct writing *writing, const struct record *record)
{
    const struct call *call = &record->call;
    struct buffer *out = &writing->out;
    unsigned bits = bits_of(record);
    put_byte(out, ENTRY_CALL);
    put_byte(out, bits);
    put_byte(out, call->placement | (unsigned)call->fill << FILL_SHIFT);
    put_byte(out, call->flags);
    put_number(out, (bits & CALL_BIT_OF_REQUIRED) != 0 ? fold_sign(record->offer.beyond)
                                                       : call->offered);
    if ((bits & CALL_BIT_USUAL_COUNT) == 0)
        put_number(out, call->count_in);
    if (call->placement == PLACE_MIDDLE)
        put_number(out, call->misalignment);
    if ((bits & CALL_BIT_SET) != 0)
        put_known_text(out, writing, record->probe_set);
    if ((bits & CALL_BIT_CIRCUMSTANCE) != 0)
        put_known_text(out, writing, record->circumstance);
    if ((bits & CALL_BIT_THREADS) != 0)
        put_number(out, record->threads);
    if ((bits & CALL_BIT_REPEAT) != 0)
        put_number(out, call->repeat);
}

// ---- All

static int check(const struct transcript *one, struct failure *failure)
{
    size_t room = 0;
    for (size_t i = 0; i < one->truth_count; i++) {
        const struct truth *truth = one->truths[i];
        if (truth_unknown(truth) != 0)
            return failure_set(failure, STATUS_USAGE,
                               "its sessions were made by another initiator, and not all of them "
                               "is known, as a case must say it");
        room += 4 * truth->session_count;
        for (size_t j = 0; j < truth->session_count; j++)
            room += truth->sessions[j].connection_count;
    }
    return room <= CASE_BINARY_ROOM
               ? 0
               : failure_set(failure, STATUS_USAGE,
                             "it has more sessions and connections than the binary form can have; "
                             "keep it as text");
}

static void put_head(struct writing *writing, const struct transcript *one)
{
    put_bytes(&writing->out, CASE_BINARY_MAGIC, CASE_BINARY_MAGIC_SIZE);
    put_text(&writing->out, one->scenario);
    put_text(&writing->out, one->scenario_summary);
    put_text(&writing->out, one->implementation);
    put_byte(&writing->out, one->hello.pointer_size);
}

// Truths and calls in the order of their places.
static void put_entries(struct writing *writing, const struct transcript *one)
{
    size_t truths = 0;
    for (size_t i = 0; i <= one->record_count; i++) {
        uint64_t place = i < one->record_count ? one->records[i].outcome.began_ns : UINT64_MAX;
        for (; truths < one->truth_count && one->truths[truths]->began_ns < place; truths++)
            put_truth(writing, one->truths[truths]);
        if (i < one->record_count)
            put_call(writing, &one->records[i]);
    }
    put_byte(&writing->out, ENTRY_END);
}

int case_binary_encode(const struct transcript *one, uint8_t **bytes, size_t *size,
                       struct failure *failure)
{
    struct writing writing = {0};
    *bytes = NULL;
    if (check(one, failure) != 0)
        return -1;
    put_head(&writing, one);
    put_texts(&writing, one);
    put_entries(&writing, one);
    bool good = !writing.out.exhausted && !writing.session.exhausted &&
                !writing.texts.pool.exhausted && !writing.sessions.pool.exhausted;
    dictionary_free(&writing.texts);
    dictionary_free(&writing.sessions);
    free(writing.session.bytes);
    if (!good) {
        free(writing.out.bytes);
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out while a case was written");
    }
    *bytes = writing.out.bytes;
    *size = writing.out.size;
    return 0;
}
