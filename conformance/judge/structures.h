// SPDX-License-Identifier: Apache-2.0
// Reads structures with inline texts and pointers out of the bytes that a call left. The bytes may
// be anything.
#ifndef TCK_STRUCTURES_H
#define TCK_STRUCTURES_H

#include "conformance/judge/evidence.h"

// A text of a structure: its name, its bytes, how many a character has, and the characters that
// there is room for.
struct structure_text {
    const char *name;
    const uint8_t *bytes;
    uint32_t width;
    uint32_t room;
};

// Does the text of the call's function have characters of two bytes?
bool structure_is_wide(const struct record *record);

// Bytes of a structure of the call's function.
uint32_t structure_size(const struct evidence *evidence, const struct record *record);

// How many structures a success has, as far as they are all within the bytes retrieved; what is
// behind these is no answer.
uint32_t structure_count(const struct evidence *evidence, const struct record *record);

// A little-endian number of up to 8 bytes.
uint64_t structure_number(const uint8_t *bytes, unsigned size);

// The offset from the begin of the buffer of what a pointer at `bytes` points to; it may be
// anywhere. A pointer has as many bytes as in the host.
int64_t structure_pointer(const struct evidence *evidence, const struct record *record,
                          const uint8_t *bytes);
// Are so many bytes at that offset all within the bytes retrieved?
bool structure_holds(const struct record *record, int64_t offset, uint64_t size);

unsigned structure_character(const struct structure_text *text, uint32_t index);
// Is there a NUL?
bool structure_text_ends(const struct structure_text *text);
// Is it that iSCSI name? Case does not matter in one (RFC 7143, 4.2.7).
bool structure_text_names(const struct structure_text *text, const char *name);
// The same up to the NUL? Of A and W only as far as both are ASCII.
bool structure_texts_equal(const struct structure_text *one, const struct structure_text *other);

// Of a success: is the size no more than was offered, and do as many structures fit in it as were
// counted?
bool judge_structures_retrieved(const struct evidence *evidence, const struct record *record,
                                struct verdict *verdict);

#endif
