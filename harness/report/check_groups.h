// SPDX-License-Identifier: Apache-2.0
// Groups of checks that have something in common, which a report prints once for the group.
#ifndef TCK_CHECK_GROUPS_H
#define TCK_CHECK_GROUPS_H

#include "harness/result/result.h"

#include <stdbool.h>

// Are two checks of one group?
typedef bool check_same(const struct check *one, const struct check *other);
check_same same_clause;
check_same same_reason; // the same words, blocked by the same clauses
check_same same_note;   // the same words about the same clause
check_same same_deviation;

// Which checks a walk visits.
enum check_walk_part {
    WALK_ALL,
    WALK_CAUSES,       // those that are not listed under a cause
    WALK_CONSEQUENCES, // those that are listed under one clause
};

// A walk over the judged checks with one verdict, those of the smallest scenario first.
struct check_walk {
    const struct result *result;
    enum verdict_kind kind;
    const struct check *like; // only the group of this one; NULL: all
    check_same *same;
    enum check_walk_part part;
    const struct clause *cause; // of WALK_CONSEQUENCES
    size_t scenario;            // where the walk is
    size_t check;               // the one after the present
};

struct check_walk check_walk_begin(const struct result *result, enum verdict_kind kind,
                                   const struct check *like, check_same *same);
// The same over a part: `cause` with WALK_CONSEQUENCES only.
struct check_walk check_walk_part_begin(const struct result *result, enum verdict_kind kind,
                                        enum check_walk_part part, const struct clause *cause);
// The next check; NULL after the last.
const struct check *check_walk_next(struct check_walk *walk);
// The next check that is the first of its group; NULL after the last.
const struct check *check_walk_next_group(struct check_walk *walk);

// The number of checks with the verdict of `like` in its group.
size_t check_group_size(const struct result *result, const struct check *like, check_same *same);
// The number of different notes on the clause of `like`.
size_t check_count_notes(const struct result *result, const struct check *like);

#endif
