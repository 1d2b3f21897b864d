// SPDX-License-Identifier: Apache-2.0
// Decodes recorded bytes into a list of sessions.
#include "conformance/judge/listing.h"

#include "conformance/base/text.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Converted texts live in blocks that are freed together with the listing.
struct arena {
    struct arena *next;
    size_t used;
    size_t size;
    char bytes[];
};

struct decoder {
    const struct record *record;
    const struct abi *abi;
    uint8_t *bytes; // not written to; iconv takes them without const
    uint32_t size;  // of `bytes`
    iconv_t converter;
    // How many bytes of strings may still be scanned: equal names may be shared, but a list that
    // makes every structure point to one endless string must not cost the square of its size.
    uint64_t budget;
    size_t connections_left;
    struct listing *listing;
    uint32_t code_page; // of the strings; 0: they are UTF-16
    bool out_of_memory;
};

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

static uint64_t read_integer(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static char *arena_take(struct listing *listing, size_t size)
{
    enum { BLOCK = 4096 };
    struct arena *arena = listing->arena;
    if (arena == NULL || arena->size - arena->used < size) {
        size_t block = size + BLOCK;
        arena = malloc(sizeof *arena + block);
        if (arena == NULL)
            return NULL;
        *arena = (struct arena){.next = listing->arena, .size = block};
        listing->arena = arena;
    }
    char *taken = arena->bytes + arena->used;
    arena->used += size;
    return taken;
}

// Finds the terminator from `offset` on; the string's size with it, or what is left without one.
static uint32_t scan_string(struct decoder *decoder, uint32_t offset, unsigned unit,
                            bool *terminated)
{
    uint32_t left = decoder->size - offset;
    uint32_t size = 0;
    *terminated = false;
    if (unit == 1) {
        const uint8_t *end = memchr(decoder->bytes + offset, 0, left);
        *terminated = end != NULL;
        size = end != NULL ? (uint32_t)(end - (decoder->bytes + offset)) + 1 : left;
    } else {
        while (left - size >= 2 && !*terminated) {
            *terminated =
                decoder->bytes[offset + size] == 0 && decoder->bytes[offset + size + 1] == 0;
            size += 2;
        }
    }
    decoder->budget = decoder->budget > size ? decoder->budget - size : 0;
    return size;
}

// Copies a text of ASCII characters alone, which needs no converter. False where there are others.
static bool copy_ascii(const uint8_t *in, size_t size, unsigned unit, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i += unit) {
        if (in[i] >= 0x80 || (unit == 2 && in[i + 1] != 0))
            return false;
        out[used++] = (char)in[i];
    }
    out[used] = '\0';
    return true;
}

// Converts to UTF-8; leaves text->well_formed false where the bytes aren't valid in their encoding.
static void convert_text(struct decoder *decoder, struct listed_text *text, unsigned unit)
{
    size_t in_left = text->size - unit;
    size_t out_size = in_left * 3 + 1;
    char *out = arena_take(decoder->listing, out_size);
    if (out == NULL) {
        decoder->out_of_memory = true;
        return;
    }
    char *in = (char *)decoder->bytes + text->offset;
    char *end = out;
    size_t out_left = out_size - 1;
    bool has_ascii = decoder->code_page == 0 || decoder->code_page == CODE_PAGE_UTF_8;
    if (has_ascii && copy_ascii((const uint8_t *)in, in_left, unit, out)) {
        out_left -= in_left / unit;
    } else {
        iconv(decoder->converter, NULL, NULL, NULL, NULL);
        if (iconv(decoder->converter, &in, &in_left, &end, &out_left) == (size_t)-1)
            return;
        *end = '\0';
    }
    text->well_formed = true;
    text->utf8 = out;
    // Give back what the estimate took too much.
    decoder->listing->arena->used -= out_left;
}

static struct listed_text decode_text(struct decoder *decoder, const uint8_t *member)
{
    unsigned unit = decoder->record->call.charset == CHARSET_W ? 2 : 1;
    struct listed_text text = {.pointer = read_integer(member, decoder->abi->pointer_size),
                               .code_page = decoder->code_page};
    uint64_t base = decoder->record->outcome.base;
    if (text.pointer - base >= decoder->size) // below `base`, too: it is unsigned
        return text;
    text.inside = true;
    text.offset = (uint32_t)(text.pointer - base);
    if (decoder->budget == 0) {
        decoder->listing->exhausted = true;
        return text;
    }
    text.size = scan_string(decoder, text.offset, unit, &text.terminated);
    if (text.terminated)
        convert_text(decoder, &text, unit);
    return text;
}

static void decode_connection(struct decoder *decoder, struct listed_connection *connection,
                              uint32_t offset)
{
    const struct abi *abi = decoder->abi;
    const uint8_t *bytes = decoder->bytes + offset;
    connection->offset = offset;
    connection->id[0] = read_integer(bytes + abi->connection_id, 8);
    connection->id[1] = read_integer(bytes + abi->connection_id + 8, 8);
    if (!abi->has_texts)
        return;
    connection->initiator_address = decode_text(decoder, bytes + abi->initiator_address);
    connection->target_address = decode_text(decoder, bytes + abi->target_address);
    connection->initiator_port =
        (uint16_t)read_integer(bytes + abi->initiator_socket, sizeof connection->initiator_port);
    connection->target_port =
        (uint16_t)read_integer(bytes + abi->target_socket, sizeof connection->target_port);
    memcpy(connection->cid, bytes + abi->cid, sizeof connection->cid);
}

static int compare_connection_pointers(const void *left, const void *right)
{
    const struct listed_connection *a = *(const struct listed_connection *const *)left;
    const struct listed_connection *b = *(const struct listed_connection *const *)right;
    int order = memcmp(a->cid, b->cid, sizeof a->cid);
    return order != 0 ? order : memcmp(a->id, b->id, sizeof a->id);
}

static int compare_session_pointers(const void *left, const void *right)
{
    const struct listed_session *a = *(const struct listed_session *const *)left;
    const struct listed_session *b = *(const struct listed_session *const *)right;
    int order = memcmp(a->isid, b->isid, sizeof a->isid);
    if (order == 0)
        order = memcmp(a->tsid, b->tsid, sizeof a->tsid);
    return order != 0 ? order : memcmp(a->id, b->id, sizeof a->id);
}

static void decode_connections(struct decoder *decoder, struct listed_session *session)
{
    uint64_t base = decoder->record->outcome.base;
    uint64_t pointer = session->connections_pointer;
    if (pointer - base >= decoder->size)
        return;
    session->connections_inside = true;
    session->connections_offset = (uint32_t)(pointer - base);
    size_t count = least(session->connection_count, (decoder->size - session->connections_offset) /
                                                        decoder->abi->connection_size);
    if (count > decoder->connections_left) {
        // Arrays that don't overlap could not have this many.
        decoder->listing->exhausted = true;
        count = decoder->connections_left;
    }
    struct listing *listing = decoder->listing;
    session->connections = listing->connection_store + listing->connection_total;
    for (size_t i = 0; i < count; i++)
        decode_connection(decoder, &session->connections[i],
                          session->connections_offset +
                              (uint32_t)(i * decoder->abi->connection_size));
    session->connections_decoded = count;
    session->connections_sorted = listing->connections_sorted + listing->connection_total;
    for (size_t i = 0; i < count; i++)
        session->connections_sorted[i] = &session->connections[i];
    qsort(session->connections_sorted, count, sizeof(struct listed_connection *),
          compare_connection_pointers);
    listing->connection_total += count;
    decoder->connections_left -= count;
}

static void decode_session(struct decoder *decoder, struct listed_session *session, uint32_t offset)
{
    const struct abi *abi = decoder->abi;
    const uint8_t *bytes = decoder->bytes + offset;
    session->offset = offset;
    session->id[0] = read_integer(bytes + abi->session_id, 8);
    session->id[1] = read_integer(bytes + abi->session_id + 8, 8);
    if (abi->has_texts) {
        session->initiator_name = decode_text(decoder, bytes + abi->initiator_name);
        session->target_node_name = decode_text(decoder, bytes + abi->target_node_name);
        session->target_name = decode_text(decoder, bytes + abi->target_name);
        memcpy(session->isid, bytes + abi->isid, sizeof session->isid);
        memcpy(session->tsid, bytes + abi->tsid, sizeof session->tsid);
    }
    session->connection_count =
        (uint32_t)read_integer(bytes + abi->connection_count, sizeof session->connection_count);
    session->connections_pointer = read_integer(bytes + abi->connections, abi->pointer_size);
    decode_connections(decoder, session);
}

// To open a converter takes longer than to decode a short list: those of W and of one code page are
// kept for the next lists, to the end of the process.
static bool open_converter(struct decoder *decoder, uint32_t code_page)
{
    static struct kept {
        uint32_t code_page; // 0: UTF-16
        iconv_t converter;
        bool open;
    } kept[2];
    char name[ENCODING_SIZE] = "UTF-16LE";
    decoder->code_page = decoder->record->call.charset == CHARSET_A ? code_page : 0;
    struct kept *own = &kept[decoder->code_page != 0];
    if (decoder->code_page != 0)
        code_page_encoding(code_page, name);
    if (own->open && own->code_page != decoder->code_page) {
        iconv_close(own->converter);
        own->open = false;
    }
    if (!own->open) {
        *own =
            (struct kept){.code_page = decoder->code_page, .converter = iconv_open("UTF-8", name)};
        own->open =
            own->converter != (iconv_t)-1; // NOLINT(performance-no-int-to-ptr): POSIX has it so
    }
    decoder->converter = own->converter;
    return own->open;
}

// How many connections the list claims, and can have.
static size_t count_connections(const struct decoder *decoder, size_t sessions)
{
    const struct abi *abi = decoder->abi;
    size_t most = decoder->size / abi->connection_size;
    size_t count = 0;
    for (size_t i = 0; i < sessions && count < most; i++) {
        const uint8_t *member = decoder->bytes + i * abi->session_size + abi->connection_count;
        count += least(most - count, (uint32_t)read_integer(member, sizeof(uint32_t)));
    }
    return count;
}

struct listing *listing_decode(const struct record *record, const struct abi *abi,
                               uint32_t code_page)
{
    const struct outcome *outcome = &record->outcome;
    struct decoder decoder = {.record = record,
                              .abi = abi,
                              .bytes = record->bytes,
                              .size = record->bytes != NULL ? outcome->byte_count : 0};
    if (!open_converter(&decoder, code_page))
        return NULL;
    struct listing *listing = calloc(1, sizeof *listing);
    if (listing == NULL)
        goto out;
    decoder.listing = listing;
    decoder.budget = (uint64_t)decoder.size * 64 + (4 << 20);
    listing->claimed = outcome->count_out;
    listing->size = (uint32_t)least(outcome->size_out, record->call.offered);
    size_t count = least(listing->claimed, decoder.size / abi->session_size);
    decoder.connections_left = count_connections(&decoder, count);
    listing->sessions = calloc(count + 1, sizeof *listing->sessions);
    listing->sessions_sorted = calloc(count + 1, sizeof(struct listed_session *));
    listing->connection_store =
        calloc(decoder.connections_left + 1, sizeof *listing->connection_store);
    listing->connections_sorted =
        calloc(decoder.connections_left + 1, sizeof(struct listed_connection *));
    if (listing->sessions == NULL || listing->sessions_sorted == NULL ||
        listing->connection_store == NULL || listing->connections_sorted == NULL) {
        decoder.out_of_memory = true;
        goto out;
    }
    listing->session_count = count;
    for (size_t i = 0; i < count; i++) {
        decode_session(&decoder, &listing->sessions[i], (uint32_t)(i * abi->session_size));
        listing->sessions_sorted[i] = &listing->sessions[i];
    }
    qsort(listing->sessions_sorted, count, sizeof(struct listed_session *),
          compare_session_pointers);
out:
    if (decoder.out_of_memory) {
        listing_free(listing);
        listing = NULL;
    }
    return listing;
}

void listing_free(struct listing *listing)
{
    if (listing == NULL)
        return;
    for (struct arena *arena = listing->arena, *next = NULL; arena != NULL; arena = next) {
        next = arena->next;
        free(arena);
    }
    free(listing->sessions);
    free(listing->sessions_sorted);
    free(listing->connection_store);
    free(listing->connections_sorted);
    free(listing);
}

static int compare_pieces(const void *left, const void *right)
{
    const struct piece *a = left;
    const struct piece *b = right;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return 0;
}

static void add_text(struct piece *pieces, size_t *count, const struct listed_text *text,
                     const char *member, size_t session, size_t connection)
{
    if (text->inside)
        pieces[(*count)++] = (struct piece){.kind = PIECE_STRING,
                                            .offset = text->offset,
                                            .size = text->size,
                                            .session = session,
                                            .connection = connection,
                                            .member = member};
}

static void add_session(struct piece *pieces, size_t *count, const struct listed_session *session,
                        size_t index, const struct abi *abi)
{
    add_text(pieces, count, &session->initiator_name, "InitiatorName", index, 0);
    add_text(pieces, count, &session->target_node_name, "TargetNodeName", index, 0);
    add_text(pieces, count, &session->target_name, "TargetName", index, 0);
    if (session->connections_inside && session->connection_count > 0)
        pieces[(*count)++] =
            (struct piece){.kind = PIECE_CONNECTIONS,
                           .offset = session->connections_offset,
                           .size = (uint64_t)session->connection_count * abi->connection_size,
                           .session = index,
                           .member = "Connections"};
    for (size_t i = 0; i < session->connections_decoded; i++) {
        const struct listed_connection *connection = &session->connections[i];
        add_text(pieces, count, &connection->initiator_address, "InitiatorAddress", index, i);
        add_text(pieces, count, &connection->target_address, "TargetAddress", index, i);
    }
}

long listing_pieces(const struct listing *listing, const struct abi *abi, struct piece **pieces)
{
    size_t most = 1 + listing->session_count * 4 + listing->connection_total * 2;
    struct piece *all = calloc(most, sizeof *all);
    if (all == NULL)
        return -1;
    size_t count = 0;
    if (listing->claimed > 0)
        all[count++] = (struct piece){.kind = PIECE_STRUCTURES,
                                      .offset = 0,
                                      .size = (uint64_t)listing->claimed * abi->session_size,
                                      .member = "SessionInfo"};
    for (size_t i = 0; i < listing->session_count; i++)
        add_session(all, &count, &listing->sessions[i], i, abi);
    qsort(all, count, sizeof *all, compare_pieces);
    *pieces = all;
    return (long)count;
}

static bool text_equal(const struct listed_text *a, const struct listed_text *b)
{
    if (a->utf8 == NULL || b->utf8 == NULL)
        return a->utf8 == b->utf8;
    return strcmp(a->utf8, b->utf8) == 0;
}

static bool connection_equal(const struct listed_connection *a, const struct listed_connection *b)
{
    return a->id[0] == b->id[0] && a->id[1] == b->id[1] &&
           text_equal(&a->initiator_address, &b->initiator_address) &&
           text_equal(&a->target_address, &b->target_address) &&
           a->initiator_port == b->initiator_port && a->target_port == b->target_port &&
           memcmp(a->cid, b->cid, sizeof a->cid) == 0;
}

static bool connections_equal(const struct listed_session *a, const struct listed_session *b)
{
    for (size_t i = 0; i < a->connections_decoded; i++)
        if (!connection_equal(a->connections_sorted[i], b->connections_sorted[i]))
            return false;
    return true;
}

static bool session_equal(const struct listed_session *a, const struct listed_session *b)
{
    return a->id[0] == b->id[0] && a->id[1] == b->id[1] &&
           text_equal(&a->initiator_name, &b->initiator_name) &&
           text_equal(&a->target_node_name, &b->target_node_name) &&
           text_equal(&a->target_name, &b->target_name) &&
           memcmp(a->isid, b->isid, sizeof a->isid) == 0 &&
           memcmp(a->tsid, b->tsid, sizeof a->tsid) == 0 &&
           a->connection_count == b->connection_count &&
           a->connections_decoded == b->connections_decoded && connections_equal(a, b);
}

bool listing_equal(const struct listing *a, const struct listing *b)
{
    if (a->claimed != b->claimed || a->session_count != b->session_count)
        return false;
    for (size_t i = 0; i < a->session_count; i++)
        if (!session_equal(a->sessions_sorted[i], b->sessions_sorted[i]))
            return false;
    return true;
}

bool listing_same_order(const struct listing *a, const struct listing *b)
{
    if (a->session_count != b->session_count)
        return false;
    for (size_t i = 0; i < a->session_count; i++)
        if (memcmp(a->sessions[i].isid, b->sessions[i].isid, sizeof a->sessions[i].isid) != 0 ||
            memcmp(a->sessions[i].tsid, b->sessions[i].tsid, sizeof a->sessions[i].tsid) != 0)
            return false;
    return true;
}

static bool text_at_same_place(const struct listed_text *a, const struct listed_text *b)
{
    return a->inside == b->inside && a->offset == b->offset;
}

static bool session_same_arrangement(const struct listed_session *a, const struct listed_session *b)
{
    if (!text_at_same_place(&a->initiator_name, &b->initiator_name) ||
        !text_at_same_place(&a->target_node_name, &b->target_node_name) ||
        !text_at_same_place(&a->target_name, &b->target_name) ||
        a->connections_decoded != b->connections_decoded ||
        (a->connections_decoded > 0 && a->connections_offset != b->connections_offset))
        return false;
    for (size_t i = 0; i < a->connections_decoded; i++)
        if (!text_at_same_place(&a->connections[i].initiator_address,
                                &b->connections[i].initiator_address) ||
            !text_at_same_place(&a->connections[i].target_address,
                                &b->connections[i].target_address))
            return false;
    return true;
}

bool listing_same_arrangement(const struct listing *a, const struct listing *b)
{
    if (a->claimed != b->claimed || a->session_count != b->session_count)
        return false;
    for (size_t i = 0; i < a->session_count; i++)
        if (!session_same_arrangement(&a->sessions[i], &b->sessions[i]))
            return false;
    return true;
}
