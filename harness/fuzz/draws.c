// Draws pseudo-random numbers (splitmix64).
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
    return (struct draws){mix(mix(seed + STEP) + number * STEP)};
}

uint64_t draw_bits(struct draws *draws)
{
    draws->state += STEP;
    return mix(draws->state);
}

uint64_t draw_below(struct draws *draws, uint64_t count)
{
    return count == 0 ? 0 : draw_bits(draws) % count;
}

uint64_t draw_from(struct draws *draws, uint64_t least, uint64_t most)
{
    return least + draw_below(draws, most - least + 1);
}

bool draw_chance(struct draws *draws, unsigned percent)
{
    return draw_below(draws, 100) < percent;
}
