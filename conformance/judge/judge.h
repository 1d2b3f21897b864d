// SPDX-License-Identifier: Apache-2.0
// Judges one clause by its evidence.
#ifndef TCK_JUDGE_H
#define TCK_JUDGE_H

#include "conformance/judge/evidence.h"

// Judges: evidence of one scenario; `charset` is ignored where the clause is judged together. The
// profile ("documented", "windows") decides which failures are VERDICT_KNOWN. With `strict`,
// shoulds fail.
struct judge_options {
    const char *profile;
    bool strict;
};
void clause_judge(const struct clause *clause, const struct evidence *evidence,
                  const struct judge_options *options, struct verdict *verdict);

#endif
