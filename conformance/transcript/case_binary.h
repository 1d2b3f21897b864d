// SPDX-License-Identifier: Apache-2.0
// The compact binary form of cases, for fuzzers and for large cases. It says all that the text form
// (case_file.h) says, and nothing else: each can be made of the other without a loss. docs/case.md
// describes it.
#ifndef TCK_CASE_BINARY_H
#define TCK_CASE_BINARY_H

#include "conformance/transcript/transcript.h"

// What begins a case in this form; the last byte is the version. The first byte begins no text.
#define CASE_BINARY_MAGIC "\x89TCK\x01"
enum { CASE_BINARY_MAGIC_SIZE = sizeof CASE_BINARY_MAGIC - 1 };

// The most that one case may have, of all its truths together: sessions count four times,
// connections once. A few bytes can name a session again, so this bounds what reading takes: 250 MB
// at most.
enum { CASE_BINARY_ROOM = 1 << 20 };

// Do the bytes begin as a case in this form, of any version?
bool case_binary_begins(const uint8_t *bytes, size_t size);

// Reads one. Whatever the bytes are, they are a case, or -1 with `failure` (STATUS_USAGE) that
// names `path`, what is wrong and at which byte. `*one` is the caller's; NULL on failure.
int case_binary_decode(struct transcript **one, const uint8_t *bytes, size_t size, const char *path,
                       struct failure *failure);

// The same of all that is left of a stream.
int case_binary_read(struct transcript **one, FILE *stream, const char *path,
                     struct failure *failure);

// Writes one: `*bytes` is malloc'ed, the caller's. -1 with `failure`: STATUS_USAGE where the case
// has more than CASE_BINARY_ROOM or a fact that is not known, else STATUS_UNTRUSTED.
int case_binary_encode(const struct transcript *one, uint8_t **bytes, size_t *size,
                       struct failure *failure);

#endif
