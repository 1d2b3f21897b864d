// SPDX-License-Identifier: Apache-2.0
// Draws numbers: pseudo-random ones (splitmix64), or bytes.
#include "harness/fuzz/draws.h"

static const uint64_t STEP = 0x9E3779B97F4A7C15;

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

struct draws draws_of(uint64_t seed, uint64_t number)
{
    return (struct draws){.state = mix(mix(seed + STEP) + number * STEP)};
}

struct draws draws_of_bytes(const uint8_t *bytes, size_t size)
{
    return (struct draws){.bytes = bytes, .left = size};
}

// A number of so many bytes.
static uint64_t take(struct draws *draws, unsigned count)
{
    uint64_t value = 0;
    for (; count > 0 && draws->left > 0; count--, draws->bytes++, draws->left--)
        value = value << 8 | *draws->bytes;
    return value;
}

uint64_t draw_bits(struct draws *draws)
{
    if (draws->bytes != NULL)
        return take(draws, 8);
    draws->state += STEP;
    return mix(draws->state);
}

uint64_t draw_below(struct draws *draws, uint64_t count)
{
    if (count == 0)
        return 0;
    if (draws->bytes != NULL)
        return take(draws, count == 1 ? 0 : count <= 1 << 8 ? 1 : count <= 1 << 16 ? 2 : 8) % count;
    return draw_bits(draws) % count;
}

uint64_t draw_from(struct draws *draws, uint64_t least, uint64_t most)
{
    return least + draw_below(draws, most - least + 1);
}

bool draw_chance(struct draws *draws, unsigned percent)
{
    return draw_below(draws, 100) < percent;
}
