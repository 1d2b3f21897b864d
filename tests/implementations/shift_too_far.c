// SPDX-License-Identifier: Apache-2.0
// Shifts by more than the type has bits: what comes of it is undefined, and UBSan says so.
#include <stdint.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer);

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    volatile uint32_t bits = 33;
    (void)buffer;
    *count = 0;
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): it is the fault
    *size = 1U << bits; // cppcheck-suppress shiftTooManyBits
    return 0;
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer)
{
    return GetIScsiSessionListA(size, count, buffer);
}
