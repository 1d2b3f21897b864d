// SPDX-License-Identifier: Apache-2.0
// The session table, from which an implementation without an initiator of its own learns the
// sessions. docs/session-table.md describes its format, which is fixed.
#ifndef TCK_SESSION_TABLE_H
#define TCK_SESSION_TABLE_H

#include "conformance/transcript/truth.h"

// The environment variable that names the table's path.
#define SESSION_TABLE_VARIABLE "ISCSIDSC_SESSION_TABLE"

// The whole table as text, a string of `*size` bytes, malloc'ed and the caller's; NULL with
// `failure` (STATUS_UNTRUSTED).
char *session_table_text(const struct truth *truth, size_t *size, struct failure *failure);

// Writes the table whole into a new file beside `path` and renames it over `path`, so that a reader
// sees the old or the new one and nothing between. 0, or -1 with `failure` (STATUS_UNTRUSTED).
int session_table_write(const char *path, const struct truth *truth, struct failure *failure);

#endif
