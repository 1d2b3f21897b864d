// SPDX-License-Identifier: Apache-2.0
// A call and what came of it, in words for people.
#ifndef TCK_DESCRIBE_H
#define TCK_DESCRIBE_H

#include "conformance/transcript/transcript.h"

#include <stddef.h>

// The call of a record in C-like words with its arguments, cut to fit:
// "GetIScsiSessionListW(&size = 312, &count = 4, buffer): the buffer of 312 bytes ends right at an
// inaccessible page, filled with zeros".
void report_describe_call(const struct record *record, char *text, size_t size);
// "GetIScsiSessionListW"
const char *function_name(enum charset charset);
// What came of it: "returned 0 (ERROR_SUCCESS), *BufferSize = 312, *SessionCount = 1",
// "SIGSEGV writing at SessionInfo + 312 (1 byte past the end), in list_writer.c:123
// (write_session), libmine.so + 0x1a2b".
void report_describe_outcome(const struct record *record, char *text, size_t size);

// Every call of a transcript with its outcome, a line each. Malloc'ed, freed by the caller; NULL
// when memory ran out.
char *report_calls(const struct transcript *transcript);

#endif
