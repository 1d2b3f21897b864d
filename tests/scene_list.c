// SPDX-License-Identifier: Apache-2.0
// Writes lists of made-up sessions: structures, connections, strings, with nothing between and
// nothing shared.
#include "tests/scene_list.h"

#include "conformance/judge/abi.h"
#include "session_list_ex.h"

#include <stddef.h>
#include <string.h>

// Where the list grows. Without `bytes` it is only measured.
struct writer {
    uint8_t *bytes;
    uint64_t base;
    uint32_t end;
    enum charset charset;
};

static void put(struct writer *writer, uint32_t offset, uint64_t value, unsigned size)
{
    for (unsigned i = 0; writer->bytes != NULL && i < size; i++)
        writer->bytes[offset + i] = (uint8_t)(value >> (8 * i));
}

// The member at `offset` gets the text, which is ASCII.
static void put_text(struct writer *writer, uint32_t offset, const char *text)
{
    unsigned unit = writer->charset == CHARSET_A ? 1 : 2;
    put(writer, offset, writer->base + writer->end, 8);
    for (size_t i = 0; i <= strlen(text); i++, writer->end += unit)
        put(writer, writer->end, (uint8_t)text[i], unit);
}

static void put_bytes(struct writer *writer, uint32_t offset, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        put(writer, offset + (uint32_t)i, bytes[i], 1);
}

static void put_connection(struct writer *writer, const struct abi *abi, uint32_t at,
                           const struct truth_connection *connection)
{
    put(writer, at + abi->connection_id, connection->adapter_unique, 8);
    put(writer, at + abi->connection_id + 8, connection->adapter_specific, 8);
    if (!abi->has_texts) {
        put(writer, at + offsetof(iscsi_connection_info_ex, max_recv_data_segment_length), 8192, 4);
        return;
    }
    put_text(writer, at + abi->initiator_address, connection->initiator_address);
    put_text(writer, at + abi->target_address, connection->target_address);
    put(writer, at + abi->initiator_socket, connection->initiator_port, 2);
    put(writer, at + abi->target_socket, connection->target_port, 2);
    put(writer, at + abi->cid, connection->cid >> 8, 1);
    put(writer, at + abi->cid + 1, connection->cid & 0xFF, 1);
}

// A session's parameters as a login without any wishes leaves them.
static void put_parameters(struct writer *writer, uint32_t at, const struct truth_session *session)
{
    size_t connections = session->connection_count;
    put(writer, at + offsetof(iscsi_session_info_ex, immediate_data), 1, 1);
    put(writer, at + offsetof(iscsi_session_info_ex, data_sequence_in_order), 1, 1);
    put(writer, at + offsetof(iscsi_session_info_ex, data_pdu_in_order), 1, 1);
    put(writer, at + offsetof(iscsi_session_info_ex, max_outstanding_r2t), 1, 4);
    put(writer, at + offsetof(iscsi_session_info_ex, first_burst_length), 65536, 4);
    put(writer, at + offsetof(iscsi_session_info_ex, max_burst_length), 262144, 4);
    put(writer, at + offsetof(iscsi_session_info_ex, maximum_connections),
        connections > 1 ? connections : 1, 4);
}

static void put_session(struct writer *writer, const struct abi *abi, uint32_t at,
                        const struct truth_session *session)
{
    put(writer, at + abi->session_id, session->adapter_unique, 8);
    put(writer, at + abi->session_id + 8, session->adapter_specific, 8);
    put(writer, at + abi->connection_count, session->connection_count, 4);
    if (!abi->has_texts) {
        put_parameters(writer, at, session);
        return;
    }
    put_text(writer, at + abi->initiator_name, session->initiator_name);
    put_text(writer, at + abi->target_node_name, session->target_node_name);
    put_text(writer, at + abi->target_name, session->target_node_name);
    put_bytes(writer, at + abi->isid, session->isid, ISID_SIZE);
    put_bytes(writer, at + abi->tsid, session->tsid, TSID_SIZE);
}

uint32_t scene_list_write(const struct truth *truth, enum charset charset, uint64_t base,
                          uint8_t *bytes)
{
    const struct abi *abi = abi_of_function(8, charset);
    uint32_t arrays = (uint32_t)truth->session_count * abi->session_size;
    struct writer writer = {.bytes = bytes, .base = base, .end = arrays, .charset = charset};
    for (size_t i = 0; i < truth->session_count; i++)
        writer.end += (uint32_t)truth->sessions[i].connection_count * abi->connection_size;
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        uint32_t at = (uint32_t)i * abi->session_size;
        put_session(&writer, abi, at, session);
        if (session->connection_count > 0)
            put(&writer, at + abi->connections, base + arrays, 8);
        for (size_t j = 0; j < session->connection_count; j++, arrays += abi->connection_size)
            put_connection(&writer, abi, arrays, &session->connections[j]);
    }
    return writer.end;
}
