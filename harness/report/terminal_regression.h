// What a run came to beside other results, for people. `colour`: as a terminal takes it.
#ifndef TCK_TERMINAL_REGRESSION_H
#define TCK_TERMINAL_REGRESSION_H

#include "harness/result/comparison.h"
#include "harness/result/differences.h"
#include "harness/result/result.h"

#include <stdbool.h>
#include <stdio.h>

// What waivers and a baseline came to; nothing where there are none.
void report_regression(FILE *stream, const struct result *result, bool colour);

// What differs between two results: a section for each kind of difference. With `known`, also what
// failed and still does.
void report_diff(FILE *stream, const struct diff *diff, bool known, bool colour);

// Where implementations differ from each other, a column for each. `names`: theirs.
void report_comparison(FILE *stream, const struct comparison *comparison, const char *const *names,
                       bool colour);

#endif
