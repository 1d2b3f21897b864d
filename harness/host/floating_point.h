// SPDX-License-Identifier: Apache-2.0
// The floating-point modes of a thread: rounding, masks, precision; not the exception flags. And
// the mode bits that round up, which hardly any library sets.
#ifndef TCK_FLOATING_POINT_H
#define TCK_FLOATING_POINT_H

#include <stdint.h>

// Also where a compiler for 32 bits does not count on SSE: whatever runs the host has it.
#if defined(__x86_64__) || defined(__i386__)
enum { EXCEPTION_FLAGS = 0x3F, SSE_ROUNDS_UP = 0x4000, X87_ROUNDS_UP = 0x0800, X87_SHIFT = 32 };

static const uint64_t floating_point_rounds_up = SSE_ROUNDS_UP | (uint64_t)X87_ROUNDS_UP
                                                                     << X87_SHIFT;

static inline uint64_t floating_point_mode(void)
{
    uint32_t sse = 0;
    uint16_t x87 = 0;
    __asm__ volatile("stmxcsr %0" : "=m"(sse));
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    return (sse & ~(uint32_t)EXCEPTION_FLAGS) | (uint64_t)x87 << X87_SHIFT;
}

static inline void set_floating_point_mode(uint64_t mode)
{
    uint32_t sse = (uint32_t)mode;
    uint16_t x87 = (uint16_t)(mode >> X87_SHIFT);
    __asm__ volatile("fnclex\n\tfldcw %0" : : "m"(x87));
    __asm__ volatile("ldmxcsr %0" : : "m"(sse));
}
#elif defined(__aarch64__)
static const uint64_t floating_point_rounds_up = 0x400000;

static inline uint64_t floating_point_mode(void)
{
    uint64_t mode = 0;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}

static inline void set_floating_point_mode(uint64_t mode)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}
#else
static const uint64_t floating_point_rounds_up = 0;

static inline uint64_t floating_point_mode(void)
{
    return 0;
}

static inline void set_floating_point_mode(uint64_t mode)
{
    (void)mode;
}
#endif

#endif
