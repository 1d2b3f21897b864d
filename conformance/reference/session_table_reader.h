// SPDX-License-Identifier: Apache-2.0
// Reads the session table, the file that says which sessions exist, into memory.
#ifndef TCK_SESSION_TABLE_READER_H
#define TCK_SESSION_TABLE_READER_H

#include "conformance/reference/text.h"

struct table_connection {
    uint64_t adapter_unique;
    uint64_t adapter_specific;
    struct text initiator_address;
    struct text target_address;
    uint16_t initiator_port; // host order
    uint16_t target_port;
    uint8_t cid[2];
};

struct table_session {
    uint64_t adapter_unique;
    uint64_t adapter_specific;
    struct text initiator_name;
    struct text target_node_name;
    struct text target_name;
    uint8_t isid[6];
    uint8_t tsid[2];
    size_t first_connection; // an index: its connections stand one after the other from there
    uint32_t connection_count;
};

// One moment. Every text points into `bytes`, so that a table of any size takes a few allocations.
struct session_table {
    char *bytes;
    size_t session_count;
    struct table_session *sessions;
    size_t connection_count;
    struct table_connection *connections;
};

// Reads the table that the environment names. LIST_SUCCESS and `*table`, to be freed by the caller
// with session_table_free; or, with nothing to free, LIST_ISCSI_SERVICE_UNAVAILABLE when the
// variable is unset, the file can't be read or is not a table from its first line to its last, and
// LIST_NOT_ENOUGH_MEMORY. It never waits, whatever the path leads to, and leaves no descriptor
// open.
uint32_t session_table_read(struct session_table *table);

// Frees what the table holds, not `table` itself.
void session_table_free(struct session_table *table);

#endif
