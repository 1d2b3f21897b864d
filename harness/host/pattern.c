// SPDX-License-Identifier: Apache-2.0
// Fills and compares.
#include "harness/host/pattern.h"

#include "harness/host/host_os.h"

#include <string.h>

struct pattern *pattern_create(void)
{
    struct pattern *pattern = os_reserve(sizeof *pattern);
    if (pattern == NULL || os_protect(pattern, sizeof *pattern, OS_ACCESS_ALL) != 0)
        return NULL;
    uint64_t state = 0x9E3779B97F4A7C15;
    for (size_t i = 0; i < PATTERN_PERIOD; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // Never 0 or 0xFF, what overruns write most often; 255 - x is never x.
        uint8_t byte = (uint8_t)(1 + (state >> 32) % 254);
        pattern->table[FILL_HASH_0][i] = byte;
        pattern->table[FILL_HASH_1][i] = (uint8_t)(255 - byte);
        pattern->table[FILL_ZERO][i] = 0;
        pattern->table[FILL_ONES][i] = 0xFF;
    }
    if (os_protect(pattern, sizeof *pattern, OS_ACCESS_READ) != 0)
        return NULL;
    return pattern;
}

void pattern_fill(const uint8_t *table, uint8_t *into, size_t size, size_t phase)
{
    while (size > 0) {
        size_t part = PATTERN_PERIOD - phase < size ? PATTERN_PERIOD - phase : size;
        memcpy(into, table + phase, part);
        into += part;
        size -= part;
        phase = 0;
    }
}

static size_t first_difference(const uint8_t *left, const uint8_t *right, size_t size)
{
    enum { CHUNK = 256 };
    size_t at = 0;
    while (size - at > CHUNK && memcmp(left + at, right + at, CHUNK) == 0)
        at += CHUNK;
    while (at < size && left[at] == right[at])
        at++;
    return at;
}

// One past the last byte that differs; 0 when none does.
static size_t last_difference(const uint8_t *left, const uint8_t *right, size_t size)
{
    enum { CHUNK = 256 };
    while (size > CHUNK && memcmp(left + size - CHUNK, right + size - CHUNK, CHUNK) == 0)
        size -= CHUNK;
    while (size > 0 && left[size - 1] == right[size - 1])
        size--;
    return size;
}

struct extent pattern_changes(const uint8_t *table, const uint8_t *bytes, size_t size, size_t phase,
                              int64_t offset)
{
    size_t first = 0;
    while (first < size) {
        size_t at = (phase + first) % PATTERN_PERIOD;
        size_t part = PATTERN_PERIOD - at < size - first ? PATTERN_PERIOD - at : size - first;
        size_t equal = first_difference(bytes + first, table + at, part);
        first += equal;
        if (equal < part)
            break;
    }
    if (first == size)
        return extent_none();
    size_t end = size;
    while (end > first) {
        size_t at = (phase + end - 1) % PATTERN_PERIOD + 1; // in the period, of the end
        size_t part = at < end - first ? at : end - first;
        size_t rest = last_difference(bytes + end - part, table + at - part, part);
        end -= part - rest;
        if (rest > 0)
            break;
    }
    return (struct extent){offset + (int64_t)first, offset + (int64_t)end - 1};
}
