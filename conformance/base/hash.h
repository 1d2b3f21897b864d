// SPDX-License-Identifier: Apache-2.0
// FNV-1a with 64 bits, to tell files, texts and states apart. It is not a cryptographic hash. It is
// in a header so that the host program, which does not link the kit, can use it.
#ifndef TCK_HASH_H
#define TCK_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BEGINNING UINT64_C(0xCBF29CE484222325)
#define HASH_PRIME UINT64_C(0x100000001B3)

// Adds `size` bytes to `hash`, which begins as HASH_BEGINNING.
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = (const uint8_t *)bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * HASH_PRIME;
    return hash;
}

#endif
