// The machine's monotonic clock.
#ifndef TCK_CLOCK_H
#define TCK_CLOCK_H

#include <stdint.h>

// CLOCK_MONOTONIC in nanoseconds: the clock of all moments that a transcript holds, the same in all
// processes of one machine.
uint64_t clock_now_ns(void);

#endif
