// SPDX-License-Identifier: Apache-2.0
// Counts kinds of answers to kinds of calls: how much of what a library does was seen.
#ifndef TCK_FUZZ_BEHAVIOURS_H
#define TCK_FUZZ_BEHAVIOURS_H

#include "conformance/transcript/transcript.h"

enum { BEHAVIOURS_SIZE = 1 << 16 };

struct behaviours {
    size_t count;
    uint8_t seen[BEHAVIOURS_SIZE];
};

// Adds those of the transcript's calls.
void behaviours_add(struct behaviours *behaviours, const struct transcript *transcript);

#endif
