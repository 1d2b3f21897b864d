// SPDX-License-Identifier: Apache-2.0
// Answers a call from a session table: measures the list and, where the buffer is large enough,
// writes it.
#ifndef TCK_LIST_WRITER_H
#define TCK_LIST_WRITER_H

#include "conformance/reference/session_table_reader.h"

enum list_charset {
    LIST_CHARSET_A, // strings of char: UTF-8, on Windows the ANSI code page
    LIST_CHARSET_W, // strings of UTF-16 units
};

// The bytes that the list takes at `base`; with `base` not NULL it is also written there, and must
// have the room. `base` may have any alignment.
uint64_t list_write(const struct session_table *table, enum list_charset charset,
                    unsigned char *base);

// The functions' contract for buffer and size, for a list of `required` bytes of one table: sets
// the two ULONGs. LIST_SUCCESS where the list fits, and is to be written then if it takes any
// bytes; LIST_INSUFFICIENT_BUFFER; or LIST_ISCSI_OUT_OF_RESOURCES, and neither is set.
// `session_info` may be NULL; the other two may not.
uint32_t list_offered(const struct session_table *table, uint64_t required, uint32_t *buffer_size,
                      uint32_t *session_count, const void *session_info);

// The whole answer of A and W to a call, over one table: LIST_SUCCESS,
// LIST_INSUFFICIENT_BUFFER or LIST_ISCSI_OUT_OF_RESOURCES. `session_info` may be NULL; the other
// two may not.
uint32_t list_answer(const struct session_table *table, enum list_charset charset,
                     uint32_t *buffer_size, uint32_t *session_count, void *session_info);

#endif
