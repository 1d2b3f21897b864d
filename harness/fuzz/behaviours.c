// SPDX-License-Identifier: Apache-2.0
// Counts kinds of answers.
#include "harness/fuzz/behaviours.h"

#include "conformance/base/hash.h"

// 0, 1, 2 to 3, 4 to 7, ...
static uint8_t magnitude(uint32_t number)
{
    uint8_t bits = 0;
    for (; number > 0; number >>= 1)
        bits++;
    return bits;
}

static uint64_t kind_of(const struct record *record)
{
    const struct call *call = &record->call;
    const struct outcome *outcome = &record->outcome;
    const uint8_t kind[] = {
        call->charset,
        call->placement,
        call->flags,
        record->threads > 1,
        magnitude(call->offered),
        call->misalignment % 8 != 0,
        outcome->kind,
        (uint8_t)outcome->status,
        (uint8_t)(outcome->status >> 8),
        (uint8_t)(outcome->status >> 24),
        magnitude(outcome->size_out),
        outcome->size_out == call->offered,
        outcome->size_out > call->offered,
        magnitude(outcome->count_out),
        extent_empty(outcome->inside),
        extent_empty(outcome->before) && extent_empty(outcome->after),
    };
    return hash_bytes(HASH_BEGINNING, kind, sizeof kind);
}

void behaviours_add(struct behaviours *behaviours, const struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->record_count; i++) {
        uint64_t kind = kind_of(&transcript->records[i]);
        uint8_t *seen = &behaviours->seen[(kind ^ kind >> 32) % BEHAVIOURS_SIZE];
        behaviours->count += *seen == 0;
        *seen = 1;
    }
}
