// SPDX-License-Identifier: Apache-2.0
// Exports the two functions as a C++ compiler names them.
#include <stdint.h>

uint32_t list_a(uint32_t *size, uint32_t *count,
                void *buffer) __asm__("_Z20GetIScsiSessionListAPjS_Pv");
uint32_t list_w(uint32_t *size, uint32_t *count,
                void *buffer) __asm__("_Z20GetIScsiSessionListWPjS_Pv");

uint32_t list_a(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)buffer;
    *size = 0;
    *count = 0;
    return 0;
}

uint32_t list_w(uint32_t *size, uint32_t *count, void *buffer)
{
    return list_a(size, count, buffer);
}
