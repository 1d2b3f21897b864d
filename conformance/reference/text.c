// SPDX-License-Identifier: Apache-2.0
// UTF-8 to UTF-16 in a few lines of our own: the C library's conversions depend on the locale,
// which is the caller's.
#include "conformance/reference/text.h"

#include <string.h>

// What one lead byte says of the character that it begins.
struct lead {
    uint32_t mask;     // these bits...
    uint32_t value;    // ...are this
    uint32_t length;   // bytes of the character
    uint32_t smallest; // what is smaller takes fewer bytes: overlong
};
static const struct lead leads[] = {
    {0x80, 0x00, 1, 0x1}, // from 1: a NUL would end the string early
    {0xE0, 0xC0, 2, 0x80},
    {0xF0, 0xE0, 3, 0x800},
    {0xF8, 0xF0, 4, 0x10000},
};

// How many ASCII characters `text` begins with. Most texts hold nothing else, so a list is as fast
// as these are.
static size_t ascii_length(struct text text)
{
    size_t length = 0;
    while (length < text.length && (signed char)text.bytes[length] > 0)
        length++;
    return length;
}

static void skip(struct text *text, size_t length)
{
    text->bytes += length;
    text->length -= length;
}

bool text_take_character(struct text *text, uint32_t *character)
{
    const unsigned char *bytes = (const unsigned char *)text->bytes;
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
        const struct lead *lead = &leads[i];
        if ((bytes[0] & lead->mask) != lead->value)
            continue;
        if (text->length < lead->length)
            return false;
        uint32_t value = bytes[0] & ~lead->mask;
        for (size_t k = 1; k < lead->length; k++) {
            if ((bytes[k] & 0xC0) != 0x80)
                return false;
            value = value << 6 | (bytes[k] & 0x3F);
        }
        skip(text, lead->length);
        *character = value;
        bool surrogate = value >= 0xD800 && value <= 0xDFFF;
        return value >= lead->smallest && value <= 0x10FFFF && !surrogate;
    }
    return false;
}

bool text_is_valid(struct text text)
{
    uint32_t character = 0;
    for (;;) {
        skip(&text, ascii_length(text));
        if (text.length == 0)
            return true;
        if (!text_take_character(&text, &character))
            return false;
    }
}

size_t text_utf16_length(struct text text)
{
    size_t units = ascii_length(text);
    uint32_t character = 0;
    skip(&text, units);
    while (text.length > 0 && text_take_character(&text, &character))
        units += character > 0xFFFF ? 2 : 1;
    return units;
}

static unsigned char *put_unit(unsigned char *to, uint32_t unit)
{
    uint16_t value = (uint16_t)unit;
    memcpy(to, &value, sizeof value); // the place may be unaligned
    return to + sizeof value;
}

void text_utf16_write(struct text text, unsigned char *to)
{
    size_t ascii = ascii_length(text);
    for (size_t i = 0; i < ascii; i++)
        to = put_unit(to, (unsigned char)text.bytes[i]);
    skip(&text, ascii);
    uint32_t character = 0;
    while (text.length > 0 && text_take_character(&text, &character)) {
        if (character > 0xFFFF) {
            to = put_unit(to, 0xD800 + ((character - 0x10000) >> 10));
            character = 0xDC00 + (character & 0x3FF);
        }
        to = put_unit(to, character);
    }
}
