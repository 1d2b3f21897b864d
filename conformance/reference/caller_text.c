// SPDX-License-Identifier: Apache-2.0
// Strings of the caller.
#include "conformance/reference/caller_text.h"

#include "conformance/reference/ansi.h"

#include <string.h>

// Takes a character off the units. False where they are not well-formed.
static bool take_utf16(const uint16_t **units, const uint16_t *end, uint32_t *character)
{
    *character = *(*units)++;
    if (*character < 0xD800 || *character > 0xDFFF)
        return true;
    if (*character > 0xDBFF || *units == end || **units < 0xDC00 || **units > 0xDFFF)
        return false;
    *character = 0x10000 + ((*character - 0xD800) << 10) + (*(*units)++ - 0xDC00U);
    return true;
}

// Returns the number of bytes.
static size_t put_utf8(char bytes[4], uint32_t character)
{
    if (character < 0x80) {
        bytes[0] = (char)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    bytes[0] = (char)((0xF00U >> length & 0xF0U) | character);
    return length;
}

bool caller_text_read_utf16(const uint16_t *from, size_t limit, char *utf8, size_t size)
{
    size_t done = 0;
    size_t count = 0;
    while (count < limit && from[count] != 0)
        count++;
    if (count == limit)
        return false;
    for (const uint16_t *at = from; at < from + count;) {
        uint32_t character = 0;
        char bytes[4];
        if (!take_utf16(&at, from + count, &character))
            return false;
        size_t length = put_utf8(bytes, character);
        if (size - done <= length)
            return false;
        memcpy(utf8 + done, bytes, length);
        done += length;
    }
    utf8[done] = '\0';
    return done < size;
}

bool caller_text_read(enum list_charset charset, const void *from, size_t limit, char *utf8,
                      size_t size)
{
    return charset == LIST_CHARSET_A ? caller_text_read_ansi(from, limit, utf8, size)
                                     : caller_text_read_utf16(from, limit, utf8, size);
}

size_t caller_text_units(enum list_charset charset, struct text text)
{
    return 1 + (charset == LIST_CHARSET_A ? ansi_length(text) : text_utf16_length(text));
}

void *caller_text_write(enum list_charset charset, struct text text, void *to)
{
    size_t unit = charset == LIST_CHARSET_A ? 1 : 2;
    unsigned char *end = (unsigned char *)to + (caller_text_units(charset, text) - 1) * unit;
    if (charset == LIST_CHARSET_A)
        ansi_write(text, to);
    else
        text_utf16_write(text, to);
    memset(end, 0, unit);
    return end + unit;
}
