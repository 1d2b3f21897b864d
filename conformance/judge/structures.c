// SPDX-License-Identifier: Apache-2.0
// Structures in a buffer.
#include "conformance/judge/structures.h"

#include "conformance/judge/judging.h"
#include "conformance/transcript/function.h"

#include <string.h>

static const struct function *function(const struct record *record)
{
    return function_of((enum charset)record->call.charset);
}

static unsigned pointer_size(const struct evidence *evidence)
{
    return evidence->transcript->hello.pointer_size;
}

static uint32_t retrieved(const struct record *record)
{
    const struct outcome *outcome = &record->outcome;
    return outcome->size_out < outcome->byte_count ? outcome->size_out : outcome->byte_count;
}

bool structure_is_wide(const struct record *record)
{
    return function(record)->strings == STRINGS_WIDE;
}

uint32_t structure_size(const struct evidence *evidence, const struct record *record)
{
    return function_structure_size(function(record), pointer_size(evidence));
}

uint32_t structure_count(const struct evidence *evidence, const struct record *record)
{
    uint32_t there = retrieved(record) / structure_size(evidence, record);
    return record->outcome.count_out < there ? record->outcome.count_out : there;
}

uint64_t structure_number(const uint8_t *bytes, unsigned size)
{
    uint64_t number = 0;
    for (unsigned i = size; i > 0; i--)
        number = number << 8 | bytes[i - 1];
    return number;
}

int64_t structure_pointer(const struct evidence *evidence, const struct record *record,
                          const uint8_t *bytes)
{
    return (int64_t)(structure_number(bytes, pointer_size(evidence)) - record->outcome.base);
}

bool structure_holds(const struct record *record, int64_t offset, uint64_t size)
{
    uint32_t there = retrieved(record);
    return offset >= 0 && (uint64_t)offset <= there && size <= there - (uint64_t)offset;
}

unsigned structure_character(const struct structure_text *text, uint32_t index)
{
    return (unsigned)structure_number(text->bytes + (size_t)index * text->width, text->width);
}

bool structure_text_ends(const struct structure_text *text)
{
    for (uint32_t i = 0; i < text->room; i++)
        if (structure_character(text, i) == 0)
            return true;
    return false;
}

static unsigned lowered(unsigned character)
{
    return character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character;
}

bool structure_text_names(const struct structure_text *text, const char *name)
{
    size_t length = strlen(name);
    for (uint32_t i = 0; i < text->room && i <= length; i++)
        if (lowered(structure_character(text, i)) != lowered((unsigned char)name[i]))
            return false;
    return length < text->room;
}

// What one of the two has beyond ASCII may be encoded in any way in the other charset.
bool structure_texts_equal(const struct structure_text *one, const struct structure_text *other)
{
    for (uint32_t i = 0; i < one->room; i++) {
        unsigned first = structure_character(one, i);
        unsigned second = structure_character(other, i);
        if (one->width != other->width && (first > 0x7F || second > 0x7F))
            return true;
        if (first != second)
            return false;
        if (first == 0)
            return true;
    }
    return true;
}

bool judge_structures_retrieved(const struct evidence *evidence, const struct record *record,
                                struct verdict *verdict)
{
    const struct function *called = function(record);
    uint32_t told = record->outcome.size_out;
    uint32_t count = record->outcome.count_out;
    uint32_t size = structure_size(evidence, record);
    if (told > record->call.offered) {
        verdict_fail(verdict, record, "success with *%s = %u, for %u bytes offered", called->size,
                     told, record->call.offered);
        verdict_expect(verdict, "the bytes retrieved: no more than offered");
    } else if ((uint64_t)count * size > told) {
        verdict_fail(verdict, record, "*%s = %u, with *%s = %u", called->count, count, called->size,
                     told);
        verdict_expect(verdict, "%llu bytes or more: a structure has %u",
                       (unsigned long long)count * size, size);
    }
    return true;
}
