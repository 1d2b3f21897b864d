// SPDX-License-Identifier: Apache-2.0
// Makes lists whose sizes stand at a border: it lengthens names until what a library requires is a
// multiple of a page, or a few bytes more or less.
#ifndef TCK_FUZZ_TUNING_H
#define TCK_FUZZ_TUNING_H

#include "harness/fuzz/draws.h"
#include "harness/fuzz/learned.h"

// Lengthens names of initiators, wherever the sessions are, so that the size required by A or W at
// the first moment is likely to be at such a border. False where the names can't be so long, and
// nothing was changed.
bool tune(struct draws *draws, struct draft *draft, const struct learned *learned);

#endif
