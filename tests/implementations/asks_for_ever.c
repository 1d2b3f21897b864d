// SPDX-License-Identifier: Apache-2.0
// Says of every buffer that it is too small, and that 2 GiB would do.
#include <stdint.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *info);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *info);

static uint32_t answer(uint32_t *size)
{
    enum { INSUFFICIENT = 122, INVALID_PARAMETER = 87 };
    if (!size)
        return INVALID_PARAMETER;
    *size = INT32_MAX;
    return INSUFFICIENT;
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *info)
{
    (void)count;
    (void)info;
    return answer(size);
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *info)
{
    (void)count;
    (void)info;
    return answer(size);
}
