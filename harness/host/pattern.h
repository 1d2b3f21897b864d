// SPDX-License-Identifier: Apache-2.0
// The patterns that buffers are filled with and compared to.
#ifndef TCK_PATTERN_H
#define TCK_PATTERN_H

#include "conformance/transcript/call.h"

#include <stddef.h>
#include <stdint.h>

enum {
    PATTERN_PERIOD = 16384, // bytes; small enough to stay in the cache
    PATTERN_COUNT = FILL_ONES + 1,
};

struct pattern {
    uint8_t table[PATTERN_COUNT][PATTERN_PERIOD]; // by enum fill
};

// Whole pages, read-only, so that the library can't change what it is measured by. Shared by all
// threads, never freed. NULL when memory ran out.
struct pattern *pattern_create(void);

// Fills `size` bytes. `phase` is the place in the pattern of the first of them: its distance from
// SessionInfo modulo PATTERN_PERIOD, so that the same call finds the same bytes wherever its buffer
// stands.
void pattern_fill(const uint8_t *table, uint8_t *into, size_t size, size_t phase);

// The extent of the changed bytes among `size` at `bytes`, whose first has the place `phase` in the
// pattern and the offset `offset` from SessionInfo.
struct extent pattern_changes(const uint8_t *table, const uint8_t *bytes, size_t size, size_t phase,
                              int64_t offset);

#endif
