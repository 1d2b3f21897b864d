// SPDX-License-Identifier: Apache-2.0
// Makes a draft that breaks a clause smaller, as long as it breaks the clause in the same way:
// fewer calls, changes, sessions and connections, shorter names, usual numbers, and sizes said by
// what the library requires.
#ifndef TCK_FUZZ_MINIMISER_H
#define TCK_FUZZ_MINIMISER_H

#include "harness/fuzz/finding.h"
#include "harness/fuzz/trial.h"

struct minimiser {
    const struct trial_options *options;
    struct replayer *replayer;
    const struct clause *clause; // that is to stay broken
    enum symptom symptom;        // in this way
    size_t trials_left;
    uint64_t until_ns; // when to end at the latest, clock_now_ns
    struct failure *failure;
};

// Replaces the draft, which breaks the clause, by a smaller one. 0, or -1 with the failure.
int minimise(struct minimiser *minimiser, struct draft *draft);

#endif
