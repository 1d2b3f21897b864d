// SPDX-License-Identifier: Apache-2.0
// A library that needs a symbol which nobody has.
#include <stdint.h>

int a_symbol_that_nobody_has(void);
uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)size;
    (void)count;
    (void)buffer;
    return (uint32_t)a_symbol_that_nobody_has();
}
