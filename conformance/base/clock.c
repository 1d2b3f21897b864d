// SPDX-License-Identifier: Apache-2.0
// Reads the monotonic clock.
#include "conformance/base/clock.h"

#include <time.h>

uint64_t clock_now_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}
