// SPDX-License-Identifier: Apache-2.0
// Results that a test makes by hand, what is done with them, and a file to write them to.
#ifndef TCK_TESTS_MADE_RESULT_H
#define TCK_TESTS_MADE_RESULT_H

#include "harness/result/diff.h"
#include "harness/result/result.h"
#include "harness/run/excuses.h"

// A check, judged.
struct planned {
    const char *scenario;
    const char *clause;
    enum check_charset charset;
    enum verdict_kind kind;
    const char *got;
};

// A finished result with these checks, which is the caller's. Whoever reads beyond the last check
// of a scenario crashes.
struct result make_result(const struct planned *planned, size_t count);

// "new SIZE-1 one A", line by line. Malloc'ed.
char *list_differences(const struct diff *diff);

// Applies waivers, a baseline or both to the result, as at the end of a run.
void excuse(struct result *result, const struct waivers *waivers, const struct baseline *baseline);

// Where a test may write its file, anew each time.
extern char made_file[64];

#endif
