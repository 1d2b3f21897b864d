// SPDX-License-Identifier: Apache-2.0
// Goes through a result's checks of one verdict in groups of those that say the same.
#include "harness/report/check_groups.h"

#include "harness/result/words.h"

#include <string.h>

bool same_clause(const struct check *one, const struct check *other)
{
    return one->clause == other->clause;
}

bool same_reason(const struct check *one, const struct check *other)
{
    return report_same_text(one->verdict.got, other->verdict.got) &&
           report_same_text(one->verdict.blocked_by, other->verdict.blocked_by);
}

bool same_note(const struct check *one, const struct check *other)
{
    return same_clause(one, other) && report_same_text(one->verdict.got, other->verdict.got);
}

bool same_deviation(const struct check *one, const struct check *other)
{
    return same_clause(one, other) && report_same_text(one->excuse.text, other->excuse.text) &&
           report_same_text(one->verdict.deviation, other->verdict.deviation);
}

struct check_walk check_walk_begin(const struct result *result, enum verdict_kind kind,
                                   const struct check *like, check_same *same)
{
    return (struct check_walk){.result = result,
                               .kind = kind,
                               .like = like,
                               .same = same,
                               .scenario = result_next_by_size(result, RESULT_NO_SCENARIO)};
}

struct check_walk check_walk_part_begin(const struct result *result, enum verdict_kind kind,
                                        enum check_walk_part part, const struct clause *cause)
{
    struct check_walk walk = check_walk_begin(result, kind, NULL, same_clause);
    walk.part = part;
    walk.cause = cause;
    return walk;
}

static bool is_of_part(const struct check_walk *walk, const struct check *check)
{
    if (walk->part == WALK_ALL)
        return true;
    const struct check *cause = check_cause(&walk->result->scenarios[walk->scenario], check);
    return walk->part == WALK_CAUSES ? cause == NULL
                                     : cause != NULL && cause->clause == walk->cause;
}

const struct check *check_walk_next(struct check_walk *walk)
{
    for (; walk->scenario != RESULT_NO_SCENARIO;
         walk->scenario = result_next_by_size(walk->result, walk->scenario), walk->check = 0) {
        const struct scenario_result *scenario = &walk->result->scenarios[walk->scenario];
        while (walk->check < scenario->check_count) {
            const struct check *check = &scenario->checks[walk->check++];
            if (check->judged && check->verdict.kind == walk->kind &&
                (walk->like == NULL || walk->same(walk->like, check)) && is_of_part(walk, check))
                return check;
        }
    }
    return NULL;
}

const struct check *check_walk_next_group(struct check_walk *walk)
{
    for (const struct check *check = check_walk_next(walk); check != NULL;
         check = check_walk_next(walk)) {
        struct check_walk before = check_walk_begin(walk->result, walk->kind, check, walk->same);
        before.part = walk->part;
        before.cause = walk->cause;
        if (check_walk_next(&before) == check)
            return check;
    }
    return NULL;
}

size_t check_group_size(const struct result *result, const struct check *like, check_same *same)
{
    struct check_walk walk = check_walk_begin(result, like->verdict.kind, like, same);
    size_t count = 0;
    while (check_walk_next(&walk) != NULL)
        count++;
    return count;
}

size_t check_count_notes(const struct result *result, const struct check *like)
{
    struct check_walk walk = check_walk_begin(result, VERDICT_NOTE, NULL, same_note);
    size_t count = 0;
    for (const struct check *check = check_walk_next_group(&walk); check != NULL;
         check = check_walk_next_group(&walk))
        count += same_clause(like, check);
    return count;
}
