// SPDX-License-Identifier: Apache-2.0
// Writes lists byte by byte.
#include "tests/list_record.h"

void put(uint8_t *bytes, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

void point(const struct abi *abi, uint8_t *member, uint64_t offset)
{
    put(member, LIST_BASE + offset, abi->pointer_size);
}

void swap_bytes(uint8_t *one, uint8_t *other, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = one[i];
        one[i] = other[i];
        other[i] = byte;
    }
}

struct record record_of(uint8_t *bytes, uint32_t size, uint32_t count, enum charset charset)
{
    struct record record = {.probe_set = "fetch", .bytes = bytes};
    record.call.charset = (uint8_t)charset;
    record.call.offered = size;
    record.outcome.kind = OUTCOME_RETURNED;
    record.outcome.size_out = size;
    record.outcome.count_out = count;
    record.outcome.base = LIST_BASE;
    record.outcome.byte_count = size;
    return record;
}
