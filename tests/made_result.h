// Results that a test makes by hand, and differences in words.
#ifndef TCK_TESTS_MADE_RESULT_H
#define TCK_TESTS_MADE_RESULT_H

#include "harness/result/diff.h"
#include "harness/result/result.h"

// A check, judged.
struct planned {
    const char *scenario;
    const char *clause;
    enum check_charset charset;
    enum verdict_kind kind;
    const char *got;
};

// A finished result with these checks, which is the caller's.
struct result make_result(const struct planned *planned, size_t count);

// "new SIZE-1 one A", line by line. Malloc'ed.
char *list_differences(const struct diff *diff);

#endif
