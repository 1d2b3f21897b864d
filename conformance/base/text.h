// UTF-8, strictly: what is read from files and goes into names.
#ifndef TCK_TEXT_H
#define TCK_TEXT_H

#include <stddef.h>
#include <stdint.h>

// The code point that begins at `bytes`, of which `size` are there. Returns its length in bytes, 1
// to 4, and stores it in `*code_point`; 0 when nothing well-formed begins here (cut short,
// overlong, a surrogate, beyond U+10FFFF) or `size` is 0.
size_t utf8_decode(const uint8_t *bytes, size_t size, uint32_t *code_point);

#endif
