// SPDX-License-Identifier: Apache-2.0
// How libFuzzer and AFL++ change inputs: as cases, whatever their bytes are. libFuzzer finds its
// entries in the program; AFL++ loads this library itself (AFL_CUSTOM_MUTATOR_LIBRARY). Nothing
// here calls the library under test.
#include "conformance/base/hash.h"
#include "harness/fuzz/mutator.h"

#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed);
EXPORT size_t LLVMFuzzerCustomCrossOver(const uint8_t *bytes, size_t size, const uint8_t *other,
                                        size_t other_size, uint8_t *out, size_t most,
                                        unsigned seed);
EXPORT void *afl_custom_init(void *fuzzer, unsigned seed);
EXPORT size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out,
                              uint8_t *other, size_t other_size, size_t most);
EXPORT void afl_custom_deinit(void *data);

enum {
    TRIES = 4,   // at one that is not too large
    JOINED = 10, // of 100 inputs that AFL++ gives another to
    AFL_MOST = 1 << 20,
};

// The same for the same input and seed.
static struct draws draws_for(const uint8_t *bytes, size_t size, unsigned seed)
{
    return draws_of(seed, hash_bytes(HASH_BEGINNING, bytes, size));
}

// Makes another input of the bytes. How many it has; 0 where none is small enough.
static size_t change(struct draws *draws, const uint8_t *bytes, size_t size, uint8_t *out,
                     size_t most)
{
    size_t made = 0;
    for (int i = 0; i < TRIES && made == 0; i++) {
        struct input input;
        if (input_decode(&input, bytes, size))
            mutator_change(draws, &input);
        else
            mutator_make(draws, &input);
        if (!input.draft.exhausted && !input_is_large(&input))
            made = input_encode(&input, out, most);
        input_free(&input);
    }
    return made;
}

static size_t join(struct draws *draws, const uint8_t *bytes, size_t size, const uint8_t *other,
                   size_t other_size, uint8_t *out, size_t most)
{
    struct input one;
    struct input two;
    size_t made = 0;
    if (!input_decode(&one, bytes, size))
        return 0;
    if (input_decode(&two, other, other_size)) {
        mutator_join(draws, &one, &two);
        if (!one.draft.exhausted && !input_is_large(&one))
            made = input_encode(&one, out, most);
        input_free(&two);
    }
    input_free(&one);
    return made;
}

// ---- libFuzzer

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    struct draws draws = draws_for(bytes, size, seed);
    size_t made = change(&draws, bytes, size, bytes, most);
    return made > 0 ? made : size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *bytes, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t most, unsigned seed)
{
    struct draws draws = draws_for(bytes, size, seed);
    return join(&draws, bytes, size, other, other_size, out, most);
}

// ---- AFL++

struct afl {
    struct draws seeds;
    uint8_t *out;
};

void *afl_custom_init(void *fuzzer, unsigned seed)
{
    struct afl *afl = calloc(1, sizeof *afl);
    (void)fuzzer;
    if (afl == NULL)
        return NULL;
    afl->seeds = draws_of(seed, 0);
    afl->out = malloc(AFL_MOST);
    if (afl->out != NULL)
        return afl;
    free(afl);
    return NULL;
}

size_t afl_custom_fuzz(void *data, uint8_t *bytes, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t most)
{
    struct afl *afl = data;
    struct draws draws = draws_for(bytes, size, (unsigned)draw_bits(&afl->seeds));
    size_t made = 0;
    if (most > AFL_MOST)
        most = AFL_MOST;
    if (other != NULL && draw_chance(&draws, JOINED))
        made = join(&draws, bytes, size, other, other_size, afl->out, most);
    if (made == 0)
        made = change(&draws, bytes, size, afl->out, most);
    *out = made > 0 ? afl->out : bytes;
    return made > 0 ? made : size;
}

void afl_custom_deinit(void *data)
{
    struct afl *afl = data;
    free(afl->out);
    free(afl);
}
