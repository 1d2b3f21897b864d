// SPDX-License-Identifier: Apache-2.0
// The caller's strings of A on Windows: in the ANSI code page of the process.
#include "conformance/reference/caller_text.h"

#include <string.h>
#include <windows.h>

enum { UNITS_LIMIT = 4096 };

bool caller_text_read_ansi(const char *from, size_t limit, char *utf8, size_t size)
{
    wchar_t wide[UNITS_LIMIT];
    uint16_t units[UNITS_LIMIT];
    size_t length = strnlen(from, limit);
    if (length == limit || length >= UNITS_LIMIT)
        return false;
    int count = MultiByteToWideChar(CP_ACP, 0, from, (int)length + 1, wide, UNITS_LIMIT);
    if (count <= 0)
        return false;
    memcpy(units, wide, (size_t)count * sizeof *units); // other types, the same size
    return caller_text_read_utf16(units, (size_t)count, utf8, size);
}
