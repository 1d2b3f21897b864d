// SPDX-License-Identifier: Apache-2.0
// Checks options of `run` that are numbers or words. Each returns 0, or -1 with `failure`
// (STATUS_USAGE) naming option, value and remedy.
#ifndef TCK_RUN_CHECKS_H
#define TCK_RUN_CHECKS_H

#include "conformance/base/failure.h"
#include "harness/run/run_options.h"

#include <stdint.h>

int run_check_jobs(const char *text, unsigned *jobs, struct failure *failure);

// `value` must be one of the words, after which there is a NULL.
int run_check_choice(const char *option, const char *value, const char *const *allowed,
                     struct failure *failure);

// An option that has no meaning with several implementations; `value` may be NULL.
struct texts;
int run_check_single(const struct texts *implementations, const char *option, const char *value,
                     struct failure *failure);

struct run_limit {
    uint64_t deadline_ns; // clock_now_ns; 0: none
    char too_long[96];    // what is said then
};

// From now on; `text` may be NULL.
int run_check_time_limit(const char *text, struct run_limit *limit, struct failure *failure);

// Where no limit was given: more than ten times what these scenarios were seen to take with a slow
// library, with the same for each of `count` implementations, so that nothing that a library does
// makes a run endless. `is_emulated`: by Wine, another processor's emulator, or over a network.
void run_usual_limit(struct run_limit *limit, const struct run_options *options, size_t count,
                     bool is_emulated);

#endif
