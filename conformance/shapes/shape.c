// SPDX-License-Identifier: Apache-2.0
// One writer for all shapes. As in the reference, one walk does the measuring and the writing.
#include "conformance/shapes/shape.h"

#include "conformance/base/hash.h"
#include "conformance/reference/ansi.h"
#include "conformance/shapes/cache.h"
#include "conformance/shapes/surroundings.h"
#include "conformance/system/system.h"
#include "session_list.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REMEMBERED = 16,             // strings that the next ones may share
    WINDOWS_SPARE = 16,          // asked for beyond what is used
    WINDOWS_EMPTY = 64,          // asked for where there is nothing
    WINDOWS_ACCESS = 0x7FFFFFFE, // the largest offer that is looked at
    PAGE = 4096,
};

struct writer {
    const struct shape *shape;
    const struct session_table *table;
    enum list_charset charset;
    unsigned char *base; // NULL: only measuring
    size_t structures;   // offsets of what comes next
    size_t connections;
    size_t strings;
    struct text remembered[REMEMBERED];
    size_t remembered_at[REMEMBERED];
    size_t remembered_count; // ever; the next one goes to this modulo REMEMBERED
};

// Takes `size` bytes off the area that begins at `*offset`.
static size_t take(const struct writer *writer, size_t *offset, size_t size, size_t alignment)
{
    size_t aligned = writer->shape->padded ? 8 : alignment;
    size_t at = (*offset + aligned - 1) / aligned * aligned;
    *offset = at + size;
    return at;
}

static void *place(const struct writer *writer, size_t offset)
{
    return writer->base ? writer->base + offset : NULL;
}

static bool recall(const struct writer *writer, struct text text, size_t *at)
{
    for (size_t i = 0; i < REMEMBERED && i < writer->remembered_count; i++) {
        const struct text *other = &writer->remembered[i];
        if (other->length != text.length || memcmp(other->bytes, text.bytes, text.length) != 0)
            continue;
        *at = writer->remembered_at[i];
        return true;
    }
    return false;
}

static void *write_text(struct writer *writer, struct text text)
{
    bool wide = writer->charset == LIST_CHARSET_W;
    size_t size = wide ? text_utf16_length(text) * 2 + 2 : ansi_length(text) + 1;
    size_t at = 0;
    if (writer->shape->shared && recall(writer, text, &at))
        return place(writer, at);
    at = take(writer, &writer->strings, size, wide ? 2 : 1);
    size_t slot = writer->remembered_count++ % REMEMBERED;
    writer->remembered[slot] = text;
    writer->remembered_at[slot] = at;
    unsigned char *to = place(writer, at);
    if (!to)
        return NULL;
    memset(to + size - (wide ? 2 : 1), 0, wide ? 2 : 1);
    if (wide)
        text_utf16_write(text, to);
    else
        ansi_write(text, to);
    return to;
}

static struct iscsi_unique_id own_identifier(const struct table_session *session,
                                             const struct table_connection *connection)
{
    uint64_t state = HASH_BEGINNING;
    state = hash_bytes(state, session->isid, sizeof session->isid);
    state = hash_bytes(state, session->tsid, sizeof session->tsid);
    state = hash_bytes(state, session->initiator_name.bytes, session->initiator_name.length);
    state = hash_bytes(state, session->target_node_name.bytes, session->target_node_name.length);
    uint64_t specific =
        connection ? (uint64_t)(connection->cid[0] << 8 | connection->cid[1]) + 1 : 0;
    return (struct iscsi_unique_id){state, specific};
}

static const struct text unspecified = {"0.0.0.0", sizeof "0.0.0.0" - 1};

static void write_connection(struct writer *writer, const struct table_session *session,
                             const struct table_connection *from, size_t at)
{
    iscsi_connection_info_a connection;
    memset(&connection, 0, sizeof connection);
    connection.connection_id =
        (struct iscsi_unique_id){from->adapter_unique, from->adapter_specific};
    if (writer->shape->own_identifiers)
        connection.connection_id = own_identifier(session, from);
    connection.initiator_address =
        write_text(writer, writer->shape->no_initiator ? unspecified : from->initiator_address);
    connection.target_address = write_text(writer, from->target_address);
    connection.initiator_socket = from->initiator_port;
    connection.target_socket = from->target_port;
    for (size_t i = 0; i < sizeof connection.cid; i++)
        connection.cid[i] = from->cid[writer->shape->cid_reversed ? 1 - i : i];
    if (writer->base)
        memcpy(writer->base + at, &connection, sizeof connection);
}

static void *write_connections(struct writer *writer, const struct table_session *session)
{
    size_t *area = writer->shape->interleaved ? &writer->strings : &writer->connections;
    size_t size = session->connection_count * sizeof(iscsi_connection_info_a);
    if (size == 0)
        return NULL;
    size_t at = take(writer, area, size, alignof(iscsi_connection_info_a));
    bool reverses = writer->shape->w_reverses_connections && writer->charset == LIST_CHARSET_W;
    for (uint32_t i = 0; i < session->connection_count; i++) {
        uint32_t index = reverses ? session->connection_count - 1 - i : i;
        write_connection(writer, session,
                         &writer->table->connections[session->first_connection + index],
                         at + i * sizeof(iscsi_connection_info_a));
    }
    return place(writer, at);
}

static void write_session(struct writer *writer, const struct table_session *from)
{
    iscsi_session_info_a session;
    memset(&session, 0, sizeof session);
    session.session_id = (struct iscsi_unique_id){from->adapter_unique, from->adapter_specific};
    if (writer->shape->own_identifiers)
        session.session_id = own_identifier(from, NULL);
    session.connections = write_connections(writer, from);
    session.initiator_name = write_text(writer, from->initiator_name);
    if (!writer->shape->no_node_name)
        session.target_node_name = write_text(writer, from->target_node_name);
    session.target_name = write_text(writer, from->target_name);
    memcpy(session.isid, from->isid, sizeof session.isid);
    bool has_tsid = !writer->shape->no_tsid || from->connection_count > 0;
    for (size_t i = 0; i < sizeof session.tsid && has_tsid; i++)
        session.tsid[i] = from->tsid[writer->shape->tsid_reversed ? 1 - i : i];
    session.connection_count = from->connection_count;
    if (writer->base)
        memcpy(writer->base + writer->structures, &session, sizeof session);
    writer->structures += sizeof session;
}

// Measures the list, and writes it where `base` isn't NULL.
static size_t write_list(const struct shape *shape, const struct session_table *table,
                         enum list_charset charset, size_t first, unsigned char *base)
{
    struct writer writer = {.shape = shape, .table = table, .charset = charset, .base = base};
    writer.connections = table->session_count * sizeof(iscsi_session_info_a);
    writer.strings = writer.connections;
    if (!shape->interleaved)
        writer.strings += table->connection_count * sizeof(iscsi_connection_info_a);
    for (size_t i = 0; i < table->session_count; i++) {
        size_t index = shape->reversed ? table->session_count - 1 - i : i;
        index = (index + first) % table->session_count;
        write_session(&writer, &table->sessions[index]);
    }
    return writer.strings;
}

// The list as far as it fits; the pointers in it may lead beyond the buffer.
static void write_part(const struct shape *shape, const struct session_table *table,
                       enum list_charset charset, unsigned char *base, size_t room, size_t required)
{
    unsigned char *whole = malloc(required + 1);
    if (!whole)
        return;
    (void)write_list(shape, table, charset, 0, whole);
    memcpy(base, whole, room < required ? room : required);
    free(whole);
}

// What the shape says is required for a list that takes `used` bytes.
static size_t asked_for(const struct shape *shape, size_t used)
{
    if (used == 0)
        return shape->wants_room ? WINDOWS_EMPTY : 0;
    return shape->spare ? used + WINDOWS_SPARE : used;
}

// Counts the calls, so that each list can begin with another session.
static size_t next_first(const struct shape *shape, const struct session_table *table)
{
    static atomic_size_t lists;
    if (!shape->rotates || table->session_count == 0)
        return 0;
    return atomic_fetch_add(&lists, 1) % table->session_count;
}

static uint32_t insufficient(const struct shape *shape, const struct session_table *table,
                             const struct shape_call *call, size_t used)
{
    if (shape->partial && call->info)
        write_part(shape, table, call->charset, call->info, *call->size, used);
    *call->count = (uint32_t)table->session_count;
    *call->size = (uint32_t)asked_for(shape, used);
    return LIST_INSUFFICIENT_BUFFER;
}

static uint32_t answer_with(const struct shape *shape, const struct session_table *table,
                            const struct shape_call *call)
{
    size_t first = next_first(shape, table);
    size_t used = write_list(shape, table, call->charset, first, NULL);
    size_t asked = asked_for(shape, used);
    // Windows wants a buffer even for nothing, if only one byte.
    size_t needed = shape->wants_room && used == 0 ? 1 : used;
    bool few = shape->count_is_limit && *call->count < table->session_count;
    if (asked > UINT32_MAX)
        return LIST_ISCSI_OUT_OF_RESOURCES;
    if (needed > *call->size || few || (needed > 0 && !call->info))
        return insufficient(shape, table, call, used);
    if (used > 0)
        (void)write_list(shape, table, call->charset, first, call->info);
    if (asked < *call->size)
        *call->size = (uint32_t)asked;
    *call->count = (uint32_t)table->session_count;
    return LIST_SUCCESS;
}

static uint32_t answer(const struct shape *shape, const struct shape_call *call)
{
    if (shape->cached)
        return cache_answer(shape, call, answer_with);
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return status;
    status = answer_with(shape, &table, call);
    session_table_free(&table);
    return status;
}

// --- In a thread of its own ---

struct work {
    const struct shape *shape;
    const struct shape_call *call;
    uint32_t status;
};

static void do_work(void *argument)
{
    struct work *work = argument;
    work->status = answer(work->shape, work->call);
}

static uint32_t answer_in_thread(const struct shape *shape, const struct shape_call *call)
{
    struct work work = {shape, call, LIST_ISCSI_OUT_OF_RESOURCES};
    // Where there is no thread, the status stays.
    (void)system_work_in_thread(do_work, &work);
    return work.status;
}

// Now and then long enough for much to change meanwhile.
static void dawdle(void)
{
    static atomic_uint calls;
    if (atomic_fetch_add(&calls, 1) % 32 == 0)
        system_sleep(5000000);
}

// Reads a byte of each page and writes it back.
static void probe_pages(void *info, uint32_t size)
{
    volatile unsigned char *bytes = info;
    for (uint64_t at = 0; at < size; at += PAGE)
        bytes[at] ^= 0;
    if (size > 0)
        bytes[size - 1] ^= 0;
}

uint32_t shape_answer(const struct shape *shape, const struct shape_call *call)
{
    if (shape->noisy) {
        (void)printf("GetIScsiSessionList: %u bytes at %p\n", *call->size, call->info);
        (void)fprintf(stderr, "GetIScsiSessionList: charset %d\n", (int)call->charset);
    }
    if (shape->slow)
        dawdle();
    if (shape->strict && (uintptr_t)call->info % 8 != 0)
        return LIST_NO_ACCESS;
    if (shape->strict && !call->info && *call->size > 0)
        return LIST_INVALID_PARAMETER;
    if (shape->no_access_to_large && *call->size > WINDOWS_ACCESS)
        return LIST_NO_ACCESS;
    if (shape->probes && call->info)
        probe_pages(call->info, *call->size);
    if (shape->restores)
        surroundings_change();
    uint32_t status = shape->threaded ? answer_in_thread(shape, call) : answer(shape, call);
    if (shape->restores)
        surroundings_restore();
    return status;
}
