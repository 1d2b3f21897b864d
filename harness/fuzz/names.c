// SPDX-License-Identifier: Apache-2.0
// Draws names.
#include "harness/fuzz/names.h"

#include <string.h>

// Letters of one script, which take up so many bytes in UTF-8. Those of four are surrogate pairs in
// UTF-16.
struct script {
    uint32_t first;
    uint32_t last;
};

static const struct script scripts[] = {
    {0xC0, 0x24F},      // Latin with accents
    {0x3B1, 0x3C9},     // Greek
    {0x410, 0x44F},     // Cyrillic
    {0x5D0, 0x5EA},     // Hebrew
    {0x905, 0x939},     // Devanagari
    {0x4E00, 0x9FA5},   // Chinese
    {0xAC00, 0xD7A3},   // Korean
    {0x1F600, 0x1F64F}, // faces
    {0x1D400, 0x1D454}, // mathematical letters
    {0x20000, 0x2A6D6}, // rare Chinese
};

// Lengths in bytes at which buffers and counters end.
static const uint8_t lengths[] = {1,  2,  3,  7,  8,   15,  16,  17,  31,  32,  33,
                                  63, 64, 65, 95, 127, 128, 129, 191, 192, 222, 223};

static size_t encode(uint32_t code_point, char bytes[4])
{
    if (code_point < 0x80) {
        bytes[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        bytes[0] = (char)(0xC0 | code_point >> 6);
        bytes[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        bytes[0] = (char)(0xE0 | code_point >> 12);
        bytes[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | code_point >> 18);
    bytes[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

static uint32_t draw_ascii(struct draws *draws)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-.:";
    return (uint32_t)letters[draw_below(draws, sizeof letters - 1)];
}

// Where the letters of the script stand among the ASCII ones.
enum manner {
    MANNER_ASCII,
    MANNER_ALL,
    MANNER_MIXED,
    MANNER_LAST,
    MANNER_FIRST,
    MANNERS,
};

static bool is_of_script(struct draws *draws, enum manner manner, size_t used, size_t left,
                         size_t width)
{
    switch (manner) {
    case MANNER_ALL:
        return true;
    case MANNER_MIXED:
        return draw_chance(draws, 30);
    case MANNER_LAST:
        return left == width;
    case MANNER_FIRST:
        return used == 0;
    default:
        return false;
    }
}

static size_t draw_length(struct draws *draws)
{
    if (draw_chance(draws, 40))
        return DRAW_ONE(draws, lengths);
    return draw_chance(draws, 70) ? draw_from(draws, 4, 40) : draw_from(draws, 1, NAME_SIZE - 1);
}

void draw_name(struct draws *draws, char name[static NAME_SIZE])
{
    static const char prefix[] = "iqn.2024-01.";
    const struct script *script = &DRAW_ONE(draws, scripts);
    enum manner manner =
        draw_chance(draws, 50) ? MANNER_ASCII : (enum manner)draw_below(draws, MANNERS);
    size_t length = draw_length(draws);
    char letter[4];
    size_t width = encode(script->first, letter);
    size_t used = 0;
    if (length > sizeof prefix && draw_chance(draws, 60)) {
        memcpy(name, prefix, sizeof prefix - 1);
        used = sizeof prefix - 1;
    }
    while (used < length) {
        uint32_t code_point = draw_ascii(draws);
        if (length - used >= width && is_of_script(draws, manner, used, length - used, width))
            code_point = (uint32_t)draw_from(draws, script->first, script->last);
        size_t size = encode(code_point, letter);
        memcpy(name + used, letter, size);
        used += size;
    }
    name[used] = '\0';
}
