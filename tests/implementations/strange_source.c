// SPDX-License-Identifier: Apache-2.0
// An implementation that faults in a source file whose name has a line end in it.
#include <stdint.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer);

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer)
{
    return GetIScsiSessionListA(size, count, buffer);
}

#line 7 "/strange\n\033[31mname.c"
uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    static char *volatile nowhere = (char *)16;
    (void)size;
    (void)count;
    (void)buffer;
    *nowhere = 1;
    return 0;
}
