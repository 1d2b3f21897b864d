// SPDX-License-Identifier: Apache-2.0
// How often probes are repeated.
#include "harness/probes/probing.h"

uint32_t probe_times(const struct probing *probing, uint32_t times, uint32_t least)
{
    if (probing->required <= LARGE_LIST)
        return times;
    uint64_t share = (uint64_t)times * LARGE_LIST / probing->required;
    return share < least ? least : (uint32_t)share;
}
