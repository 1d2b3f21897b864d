// SPDX-License-Identifier: Apache-2.0
// Prints how results differ, for people. `colour`: with the escape sequences of a terminal.
#ifndef TCK_TERMINAL_REGRESSION_H
#define TCK_TERMINAL_REGRESSION_H

#include "harness/result/comparison.h"
#include "harness/result/differences.h"
#include "harness/result/result.h"

#include <stdbool.h>
#include <stdio.h>

// Prints which waivers were used and how the run differs from its baseline; nothing without them.
void report_regression(FILE *stream, const struct result *result, bool colour);

// Prints the differences between two results, a section for each kind. With `known`, also the
// failures that both have.
void report_diff(FILE *stream, const struct diff *diff, bool known, bool colour);

// Prints where implementations differ, with a column for each. `names`: one for each of them.
void report_comparison(FILE *stream, const struct comparison *comparison, const char *const *names,
                       bool colour);

#endif
