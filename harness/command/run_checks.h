// Checks options of `run` that are numbers or words. Each returns 0, or -1 with `failure`
// (STATUS_USAGE) naming option, value and remedy.
#ifndef TCK_RUN_CHECKS_H
#define TCK_RUN_CHECKS_H

#include "conformance/base/failure.h"

#include <stdint.h>

int run_check_jobs(const char *text, unsigned *jobs, struct failure *failure);

// `value` must be one of the choices, after which there is a NULL; `listed` names them.
int run_check_choice(const char *option, const char *value, const char *const *choices,
                     const char *listed, struct failure *failure);

struct run_limit {
    uint64_t deadline_ns; // clock_now_ns; 0: none
    char too_long[96];    // what is said then
};

// From now on; `text` may be NULL.
int run_check_time_limit(const char *text, struct run_limit *limit, struct failure *failure);

#endif
