// SPDX-License-Identifier: Apache-2.0
// Changes inputs so that they stay cases: other sessions and other calls, but well formed ones.
#ifndef TCK_FUZZ_MUTATOR_H
#define TCK_FUZZ_MUTATOR_H

#include "harness/fuzz/draws.h"
#include "harness/fuzz/input.h"

// An input with sessions of its own, of which all calls are drawn.
void mutator_make(struct draws *draws, struct input *input);

// Changes one that is not empty, or makes another in its place. Memory that ran out leaves the
// draft exhausted.
void mutator_change(struct draws *draws, struct input *input);

// Joins two: what is in `other` comes behind, or its calls are made at the sessions of `input`.
void mutator_join(struct draws *draws, struct input *input, const struct input *other);

#endif
