// SPDX-License-Identifier: Apache-2.0
// The numbers that decide what a case is: pseudo-random ones, which are the same on every machine,
// or those of bytes that a fuzzer changes.
#ifndef TCK_FUZZ_DRAWS_H
#define TCK_FUZZ_DRAWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draws {
    uint64_t state;
    const uint8_t *bytes; // NULL: pseudo-random ones are drawn
    size_t left;
};

// Those of the case with that number: it can be made without the cases before.
struct draws draws_of(uint64_t seed, uint64_t number);

// Those of bytes, which must last; as few as a draw needs. When there are no more, each is 0.
struct draws draws_of_bytes(const uint8_t *bytes, size_t size);

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
