// SPDX-License-Identifier: Apache-2.0
// Text as it stands in the session table, UTF-8, and its way to UTF-16.
#ifndef TCK_REFERENCE_TEXT_H
#define TCK_REFERENCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A piece of somebody else's memory; not terminated.
struct text {
    const char *bytes;
    size_t length;
};

// Well-formed UTF-8: nothing overlong, no surrogates, nothing above U+10FFFF, and no NUL.
bool text_is_valid(struct text text);

// Takes the first character off a text that isn't empty; false where it is not well-formed: what
// was taken off then is not said.
bool text_take_character(struct text *text, uint32_t *character);

// The number of UTF-16 units that a valid text takes, without a terminator.
size_t text_utf16_length(struct text text);

// Writes a valid text as UTF-16 in the machine's byte order: two bytes a unit, no terminator. `to`
// may have any alignment, and has room for text_utf16_length units.
void text_utf16_write(struct text text, unsigned char *to);

#endif
