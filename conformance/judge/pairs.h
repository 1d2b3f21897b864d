// SPDX-License-Identifier: Apache-2.0
// Each listed session beside the truth's, for the clauses about content.
#ifndef TCK_PAIRS_H
#define TCK_PAIRS_H

#include "conformance/judge/difference.h"
#include "conformance/judge/evidence.h"

struct pair {
    const struct evidence *evidence;
    const struct record *record;
    size_t index; // of the listed one
    const struct listed_session *listed;
    const struct truth_session *known;
};

// Calls `each` with every matched pair of every different list that a legitimate call left, until
// it fails the verdict. Those without a match are CONTENT-1's business. Says SKIP when there was
// none.
typedef void judge_pair(const struct pair *pair, struct verdict *verdict);
void judge_each_pair(const struct evidence *evidence, struct verdict *verdict, judge_pair *each);

// The same with a context, and without a word where there was none: how many there were.
typedef void visit_pair(const struct pair *pair, void *context, struct verdict *verdict);
size_t visit_each_pair(const struct evidence *evidence, visit_pair *each, void *context,
                       struct verdict *verdict);

#endif
