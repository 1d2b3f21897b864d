// SPDX-License-Identifier: Apache-2.0
// Makes the calls of a case: those around every edge of what was learned of a library.
#ifndef TCK_FUZZ_CALLS_H
#define TCK_FUZZ_CALLS_H

#include "harness/fuzz/draws.h"
#include "harness/fuzz/learned.h"

enum { CALLS_TUNED = 25 }; // of 100 cases, whose lists are to stand at a border (tuning.h)

// Adds the states of the sessions to an empty draft: at most `most` sessions at a time.
void calls_make_moments(struct draws *draws, struct draft *draft, size_t most);

// Adds calls at one moment.
void calls_make_at(struct draws *draws, struct draft *draft, const struct learned *learned,
                   size_t moment);
// Adds one call before the change after that moment, or after the change to it; 0 bytes: a query.
void calls_add_around(struct draft *draft, size_t moment, enum charset charset, uint32_t offered,
                      bool after);

// Adds calls at all moments of the draft, A and W in turn, and around the changes between them.
void calls_make(struct draws *draws, struct draft *draft, const struct learned *learned);

#endif
