// SPDX-License-Identifier: Apache-2.0
// --repeat and --until-fail: the same run several times, and which clauses failed how often.
#ifndef TCK_REPETITION_H
#define TCK_REPETITION_H

#include "harness/result/result.h"

#include <stdio.h>

struct repetition {
    size_t wanted;    // runs; SIZE_MAX: until one fails
    bool until_fail;  // end after the first run whose exit status is not 0
    size_t made;      // that were not interrupted
    bool interrupted; // one more was
    size_t broken;
    size_t untrusted;
    struct repeated_clause *clauses; // that failed, in the order in which they first did
    size_t clause_count;
};

// From the options; `repeat` may be NULL. 0, or -1 with `failure` (STATUS_USAGE).
int repetition_parse(struct repetition *repetition, const char *repeat, bool until_fail,
                     struct failure *failure);
void repetition_free(struct repetition *repetition);

// Counts a run. 0, or -1 when memory ran out.
int repetition_add(struct repetition *repetition, const struct result *result, int status);

// Is another run to be made after one that ended with `status`?
bool repetition_goes_on(const struct repetition *repetition, int status);

// Says which run begins, where there are several: "Run 2 of 10:".
void repetition_announce(const struct repetition *repetition, FILE *stream);
// Says how often what failed, where there were several.
void repetition_print(const struct repetition *repetition, FILE *stream);

#endif
