// SPDX-License-Identifier: Apache-2.0
// Lays the list of GetIScsiSessionListEx out:
//
//     structures | connections, session by session
//
// Both are multiples of 8 bytes, so in an aligned buffer every connection is aligned without any
// padding. The pointers lead into the caller's buffer and nowhere else, as in list_writer.c.
//
// What the session table does not tell of a session, its parameters, is reported as what RFC 7143
// (chapter 13) has two sides agree upon that negotiate nothing.
#include "conformance/reference/list_ex_writer.h"

#include "conformance/reference/list_writer.h"

#include <string.h>

_Static_assert(sizeof(iscsi_session_info_ex) % 8 == 0,
               "connections would need padding before them");
_Static_assert(sizeof(iscsi_connection_info_ex) % 8 == 0, "connections would need padding between");

enum {
    DEFAULT_MAX_OUTSTANDING_R2T = 1,
    DEFAULT_FIRST_BURST_LENGTH = 65536,
    DEFAULT_MAX_BURST_LENGTH = 262144,
    DEFAULT_MAX_RECV_DATA_SEGMENT_LENGTH = 8192,
};

uint64_t list_ex_size(const struct session_table *table)
{
    return (uint64_t)table->session_count * sizeof(iscsi_session_info_ex) +
           (uint64_t)table->connection_count * sizeof(iscsi_connection_info_ex);
}

// Structures are made beside the buffer and copied in: the buffer may be unaligned. They are
// cleared first, so that no byte of our stack leaves in their padding; what is 0 is not set again:
// of a connection its state, protocol, digests, kind of authentication, throughput and datagrams.
static void write_connection(const struct table_connection *from, unsigned char *place)
{
    iscsi_connection_info_ex connection;
    memset(&connection, 0, sizeof connection);
    connection.connection_id.adapter_unique = from->adapter_unique;
    connection.connection_id.adapter_specific = from->adapter_specific;
    connection.max_recv_data_segment_length = DEFAULT_MAX_RECV_DATA_SEGMENT_LENGTH;
    memcpy(place, &connection, sizeof connection);
}

// Of a session these are 0: its type, a normal session's; its level of error recovery.
static void write_session(const struct table_session *from, unsigned char *connections,
                          unsigned char *place)
{
    iscsi_session_info_ex session;
    memset(&session, 0, sizeof session);
    session.session_id.adapter_unique = from->adapter_unique;
    session.session_id.adapter_specific = from->adapter_specific;
    session.initial_r2t = 1;
    session.immediate_data = 1;
    session.data_sequence_in_order = 1;
    session.data_pdu_in_order = 1;
    session.max_outstanding_r2t = DEFAULT_MAX_OUTSTANDING_R2T;
    session.first_burst_length = DEFAULT_FIRST_BURST_LENGTH;
    session.max_burst_length = DEFAULT_MAX_BURST_LENGTH;
    // A session may have as many connections as it has, and one even if it has lost that.
    session.maximum_connections = from->connection_count > 0 ? from->connection_count : 1;
    session.connection_count = from->connection_count;
    // Where there are none, nothing is pointed to.
    if (from->connection_count > 0)
        session.connections = (iscsi_connection_info_ex *)(void *)connections;
    memcpy(place, &session, sizeof session);
}

void list_ex_write(const struct session_table *table, unsigned char *base)
{
    unsigned char *connection = base + table->session_count * sizeof(iscsi_session_info_ex);
    for (size_t i = 0; i < table->session_count; i++) {
        const struct table_session *session = &table->sessions[i];
        write_session(session, connection, base + i * sizeof(iscsi_session_info_ex));
        for (uint32_t k = 0; k < session->connection_count; k++) {
            write_connection(&table->connections[session->first_connection + k], connection);
            connection += sizeof(iscsi_connection_info_ex);
        }
    }
}

uint32_t list_ex_answer(const struct session_table *table, uint32_t *buffer_size,
                        uint32_t *session_count, void *session_info)
{
    uint64_t required = list_ex_size(table);
    uint32_t status = list_offered(table, required, buffer_size, session_count, session_info);
    if (status == LIST_SUCCESS && required > 0)
        list_ex_write(table, session_info);
    return status;
}
