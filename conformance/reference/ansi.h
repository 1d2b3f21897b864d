// SPDX-License-Identifier: Apache-2.0
// The strings of A: UTF-8 on Unix, the ANSI code page of the process on Windows. ansi_unix.c and
// ansi_windows.c.
#ifndef TCK_REFERENCE_ANSI_H
#define TCK_REFERENCE_ANSI_H

#include "conformance/reference/text.h"

// The number of bytes that a valid text takes, without a terminator.
size_t ansi_length(struct text text);

// Writes a valid text; no terminator. `to` has room for ansi_length bytes.
void ansi_write(struct text text, unsigned char *to);

#endif
