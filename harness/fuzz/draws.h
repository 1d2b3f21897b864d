// Pseudo-random numbers that are the same on every machine: a seed gives the same cases anywhere.
#ifndef TCK_FUZZ_DRAWS_H
#define TCK_FUZZ_DRAWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draws {
    uint64_t state;
};

// Those of the case with that number: it can be made without the cases before.
struct draws draws_of(uint64_t seed, uint64_t number);

uint64_t draw_bits(struct draws *draws);
// 0 to count - 1; 0 where `count` is 0.
uint64_t draw_below(struct draws *draws, uint64_t count);
// `least` to `most`.
uint64_t draw_from(struct draws *draws, uint64_t least, uint64_t most);
// True in so many of 100 draws.
bool draw_chance(struct draws *draws, unsigned percent);

// One of the numbers of an array.
#define DRAW_ONE(draws, array) ((array)[draw_below(draws, sizeof(array) / sizeof(array)[0])])

#endif
