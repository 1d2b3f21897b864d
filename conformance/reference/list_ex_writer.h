// SPDX-License-Identifier: Apache-2.0
// Answers a call of GetIScsiSessionListEx from a session table, by the rules of list_writer.h.
#ifndef TCK_LIST_EX_WRITER_H
#define TCK_LIST_EX_WRITER_H

#include "conformance/reference/session_table_reader.h"
#include "session_list_ex.h"

// The bytes that the list takes: structures, then connections, session by session.
uint64_t list_ex_size(const struct session_table *table);

// Writes the list to `base`, which must have the room, and may have any alignment.
void list_ex_write(const struct session_table *table, unsigned char *base);

// The answer to a call, over one table: LIST_SUCCESS, LIST_INSUFFICIENT_BUFFER or
// LIST_ISCSI_OUT_OF_RESOURCES. `session_info` may be NULL; the other two may not.
uint32_t list_ex_answer(const struct session_table *table, uint32_t *buffer_size,
                        uint32_t *session_count, void *session_info);

#endif
