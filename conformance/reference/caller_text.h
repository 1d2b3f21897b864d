// SPDX-License-Identifier: Apache-2.0
// The caller's strings, on their way to UTF-8 and back: char or UTF-16, with a NUL at the end.
#ifndef TCK_CALLER_TEXT_H
#define TCK_CALLER_TEXT_H

#include "conformance/reference/list_writer.h"

// The text of at most `limit` characters at `from`, as UTF-8 with a NUL in `utf8`, which has `size`
// bytes. False: no NUL within the limit, not well-formed, or no room.
bool caller_text_read(enum list_charset charset, const void *from, size_t limit, char *utf8,
                      size_t size);

// The same of strings of A: caller_text_unix.c and caller_text_windows.c.
bool caller_text_read_ansi(const char *from, size_t limit, char *utf8, size_t size);
// The same of strings of W.
bool caller_text_read_utf16(const uint16_t *from, size_t limit, char *utf8, size_t size);

// How many characters a valid text takes for the caller, with its NUL.
size_t caller_text_units(enum list_charset charset, struct text text);

// Writes a valid text with its NUL. Returns where it ends.
void *caller_text_write(enum list_charset charset, struct text text, void *to);

#endif
