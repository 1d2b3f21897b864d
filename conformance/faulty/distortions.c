// SPDX-License-Identifier: Apache-2.0
// What the first fault of a pair makes of the sessions: the linker puts it between the second fault
// and the reader of the session table (--wrap), so that all that the second one does is done to
// sessions that are wrong already. Compiled once for each pair, with -DDISTORTION=<name>.
#include "conformance/reference/session_table_reader.h"
#include "session_list.h"

#include <string.h>

// What the linker calls them.
// NOLINTBEGIN(bugprone-reserved-identifier)
uint32_t __real_session_table_read(struct session_table *table);
uint32_t __wrap_session_table_read(struct session_table *table);
// NOLINTEND(bugprone-reserved-identifier)

enum distorted {
    initiator_name_cut,
    node_name_cut,
    target_name_cut,
    isid_reversed,
    tsid_zero,
    ports_swapped,
    cid_odd,
    address_cut,
};

static void cut(struct text *text)
{
    text->length -= text->length > 0;
}

static void reverse(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        uint8_t byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

static uint16_t swapped(uint16_t port)
{
    return (uint16_t)(port << 8 | port >> 8);
}

static void distort_session(struct table_session *session, enum distorted what)
{
    if (what == initiator_name_cut)
        cut(&session->initiator_name);
    else if (what == node_name_cut)
        cut(&session->target_node_name);
    else if (what == target_name_cut)
        cut(&session->target_name);
    else if (what == isid_reversed)
        reverse(session->isid, sizeof session->isid);
    else if (what == tsid_zero)
        memset(session->tsid, 0, sizeof session->tsid);
}

static void distort_connection(struct table_connection *connection, enum distorted what)
{
    if (what == cid_odd)
        memset(connection->cid, 0x5A, sizeof connection->cid);
    else if (what == address_cut)
        cut(&connection->target_address);
    else if (what == ports_swapped) {
        connection->initiator_port = swapped(connection->initiator_port);
        connection->target_port = swapped(connection->target_port);
    }
}

// NOLINTNEXTLINE(bugprone-reserved-identifier)
uint32_t __wrap_session_table_read(struct session_table *table)
{
    uint32_t status = __real_session_table_read(table);
    if (status != LIST_SUCCESS)
        return status;
    for (size_t i = 0; i < table->session_count; i++)
        distort_session(&table->sessions[i], DISTORTION);
    for (size_t i = 0; i < table->connection_count; i++)
        distort_connection(&table->connections[i], DISTORTION);
    return status;
}
