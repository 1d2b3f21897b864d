// SPDX-License-Identifier: Apache-2.0
// Lays the list out:
//
//     structures | connections, session by session | strings
//
// Structures and connections are multiples of 8 bytes, so in an aligned buffer every connection is
// aligned, and so is every UTF-16 string, without any padding. One walk does both the measuring and
// the writing: the size that is asked for and the size that is used can't differ.
//
// Who owns what: the pointers inside the list lead into the caller's buffer and nowhere else. So
// the caller frees all of it with its one buffer, and may keep it as long as it likes.
#include "conformance/reference/list_writer.h"

#include "conformance/reference/ansi.h"
#include "session_list.h"

#include <string.h>

// A and W differ in what the pointers point to, not in the layout, so one writer serves both.
_Static_assert(sizeof(iscsi_session_info_a) == sizeof(iscsi_session_info_w), "A and W differ");
_Static_assert(sizeof(iscsi_connection_info_a) == sizeof(iscsi_connection_info_w),
               "A and W differ");
_Static_assert(sizeof(iscsi_session_info_a) % 8 == 0, "connections would need padding before them");
_Static_assert(sizeof(iscsi_connection_info_a) % 8 == 0, "strings would need padding before them");

// Where the next piece of each kind goes, as offsets from `base`. 64 bits: the sum of all pieces of
// a table in memory fits, also where a pointer has 32.
struct writer {
    enum list_charset charset;
    unsigned char *base; // NULL: only measuring
    uint64_t session;
    uint64_t connection;
    uint64_t string;
};

// Takes `size` bytes off one of the three areas. NULL while measuring: there is no place yet, and a
// pointer outside any object may not even be computed.
static unsigned char *take(const struct writer *writer, uint64_t *offset, uint64_t size)
{
    unsigned char *place = writer->base ? writer->base + *offset : NULL;
    *offset += size;
    return place;
}

// The string with its terminator: one byte, or two.
static char *write_text(struct writer *writer, struct text text)
{
    if (writer->charset == LIST_CHARSET_A) {
        size_t bytes = ansi_length(text);
        unsigned char *place = take(writer, &writer->string, bytes + 1);
        if (place) {
            ansi_write(text, place);
            place[bytes] = 0;
        }
        return (char *)place;
    }
    size_t bytes = text_utf16_length(text) * 2;
    unsigned char *place = take(writer, &writer->string, bytes + 2);
    if (place) {
        text_utf16_write(text, place);
        memset(place + bytes, 0, 2);
    }
    return (char *)place;
}

// Structures are made beside the buffer and copied in: the buffer may be unaligned. They are
// cleared first, so that no byte of our stack leaves in their padding.
static void write_connection(struct writer *writer, const struct table_connection *from)
{
    iscsi_connection_info_a connection;
    memset(&connection, 0, sizeof connection);
    connection.connection_id.adapter_unique = from->adapter_unique;
    connection.connection_id.adapter_specific = from->adapter_specific;
    connection.initiator_address = write_text(writer, from->initiator_address);
    connection.target_address = write_text(writer, from->target_address);
    connection.initiator_socket = from->initiator_port;
    connection.target_socket = from->target_port;
    memcpy(connection.cid, from->cid, sizeof connection.cid);
    unsigned char *place = take(writer, &writer->connection, sizeof connection);
    if (place)
        memcpy(place, &connection, sizeof connection);
}

static void write_session(struct writer *writer, const struct session_table *table,
                          const struct table_session *from)
{
    iscsi_session_info_a session;
    memset(&session, 0, sizeof session);
    session.session_id.adapter_unique = from->adapter_unique;
    session.session_id.adapter_specific = from->adapter_specific;
    session.initiator_name = write_text(writer, from->initiator_name);
    session.target_node_name = write_text(writer, from->target_node_name);
    session.target_name = write_text(writer, from->target_name);
    memcpy(session.isid, from->isid, sizeof session.isid);
    memcpy(session.tsid, from->tsid, sizeof session.tsid);
    session.connection_count = from->connection_count;
    // Where there are none, nothing is pointed to.
    if (writer->base && from->connection_count > 0)
        session.connections =
            (iscsi_connection_info_a *)(void *)(writer->base + writer->connection);
    for (uint32_t i = 0; i < from->connection_count; i++)
        write_connection(writer, &table->connections[from->first_connection + i]);
    unsigned char *place = take(writer, &writer->session, sizeof session);
    if (place)
        memcpy(place, &session, sizeof session);
}

uint64_t list_write(const struct session_table *table, enum list_charset charset,
                    unsigned char *base)
{
    uint64_t sessions = (uint64_t)table->session_count * sizeof(iscsi_session_info_a);
    uint64_t connections = (uint64_t)table->connection_count * sizeof(iscsi_connection_info_a);
    struct writer writer = {
        .charset = charset,
        .base = base,
        .connection = sessions,
        .string = sessions + connections,
    };
    for (size_t i = 0; i < table->session_count; i++)
        write_session(&writer, table, &table->sessions[i]);
    return writer.string;
}

uint32_t list_offered(const struct session_table *table, uint64_t required, uint32_t *buffer_size,
                      uint32_t *session_count, const void *session_info)
{
    // BufferSize has 32 bits: a larger list can't even be asked for.
    if (required > UINT32_MAX)
        return LIST_ISCSI_OUT_OF_RESOURCES;
    // What *SessionCount holds on input is not looked at: *BufferSize alone says what fits. On
    // output it is the number of sessions whether they fit or not: programs take 0 after
    // ERROR_INSUFFICIENT_BUFFER for "no sessions".
    *session_count = (uint32_t)table->session_count;
    uint32_t offered = *buffer_size;
    *buffer_size = (uint32_t)required;
    // No buffer at all is no room, whatever its size is said to be; unless nothing is to be
    // written.
    if (required > offered || (required > 0 && !session_info))
        return LIST_INSUFFICIENT_BUFFER;
    return LIST_SUCCESS;
}

uint32_t list_answer(const struct session_table *table, enum list_charset charset,
                     uint32_t *buffer_size, uint32_t *session_count, void *session_info)
{
    uint64_t required = list_write(table, charset, NULL);
    uint32_t status = list_offered(table, required, buffer_size, session_count, session_info);
    if (status == LIST_SUCCESS && required > 0)
        list_write(table, charset, session_info);
    return status;
}
