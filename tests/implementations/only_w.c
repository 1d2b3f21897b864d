// SPDX-License-Identifier: Apache-2.0
// A library that exports one of the two functions.
#include <stdint.h>

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer);

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)buffer;
    *size = 0;
    *count = 0;
    return 0;
}
