// SPDX-License-Identifier: Apache-2.0
// The strings of A on Windows: in the ANSI code page of the process. A character that it doesn't
// have becomes what Windows takes for the nearest, or '?', as in every function whose name ends in
// A.
#include "conformance/reference/ansi.h"

#include <string.h>
#include <windows.h>

enum { CHARACTER_SIZE = 8 }; // more than a character takes in any code page

// Converts the first character of `text`. Returns the number of bytes.
static size_t convert_first(struct text *text, char bytes[CHARACTER_SIZE])
{
    unsigned char units[4];
    wchar_t wide[2];
    struct text first = *text;
    uint32_t character = 0;
    if (!text_take_character(text, &character)) {
        // Not valid: as if the byte were a character that nobody knows.
        *text = (struct text){first.bytes + 1, first.length - 1};
        bytes[0] = '?';
        return 1;
    }
    first.length -= text->length;
    size_t count = text_utf16_length(first);
    text_utf16_write(first, units);
    memcpy(wide, units, count * sizeof *wide);
    int length =
        WideCharToMultiByte(CP_ACP, 0, wide, (int)count, bytes, CHARACTER_SIZE, NULL, NULL);
    return length > 0 ? (size_t)length : 0;
}

// Measures the text, and writes it where `to` isn't NULL. Every code page begins with ASCII, and
// most texts hold nothing else.
static size_t convert(struct text text, unsigned char *to)
{
    char bytes[CHARACTER_SIZE];
    size_t done = 0;
    while (text.length > 0) {
        size_t length = 1;
        if ((unsigned char)*text.bytes < 0x80) {
            bytes[0] = *text.bytes++;
            text.length--;
        } else {
            length = convert_first(&text, bytes);
        }
        if (to)
            memcpy(to + done, bytes, length);
        done += length;
    }
    return done;
}

size_t ansi_length(struct text text)
{
    return convert(text, NULL);
}

void ansi_write(struct text text, unsigned char *to)
{
    (void)convert(text, to);
}
