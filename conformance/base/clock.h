// SPDX-License-Identifier: Apache-2.0
// The machine's monotonic clock.
#ifndef TCK_CLOCK_H
#define TCK_CLOCK_H

#include <stdint.h>

// CLOCK_MONOTONIC in nanoseconds, which is the same in all processes of a machine. All times in a
// transcript are taken from it.
uint64_t clock_now_ns(void);

#endif
