// SPDX-License-Identifier: Apache-2.0
// Judges that the groups TARGETS, DEVICES, MAPPINGS and INITIATORS share: what holds for a function
// with a size, told in whatever unit.
#ifndef TCK_ITEM_JUDGES_H
#define TCK_ITEM_JUDGES_H

#include "conformance/judge/clause.h"

// The sets of probes by what they are for; NULL-terminated.
extern const char *const items_sets_sufficient[];
extern const char *const items_sets_insufficient[];
extern const char *const items_sets_required[];
extern const char *const items_sets_fetch[];
extern const char *const items_sets_null[];
extern const char *const items_sets_repeat[];
extern const char *const items_sets_all[];

void judge_items_sufficient(const struct evidence *evidence, struct verdict *verdict);
void judge_items_insufficient(const struct evidence *evidence, struct verdict *verdict);
void judge_items_required(const struct evidence *evidence, struct verdict *verdict);
void judge_items_exact(const struct evidence *evidence, struct verdict *verdict);
void judge_items_null(const struct evidence *evidence, struct verdict *verdict);

// Do two calls that succeeded say the same? False when memory ran out, too.
typedef bool items_equal(const struct evidence *evidence, const struct record *one,
                         const struct record *other);

// Calls with the same arguments: the same status and size, and by `equal` the same content; also of
// those that only offer another size, as far as they succeed.
void judge_items_same(const struct evidence *evidence, items_equal *equal, struct verdict *verdict);

// A and W together: for each subject, do the first successes of both say the same?
void judge_items_agree(const struct evidence *evidence, items_equal *equal,
                       struct verdict *verdict);

// Calls `each` with every call that succeeded and had a buffer; it says whether there was something
// to judge. Blocks the verdict where there was nothing.
typedef bool judge_items(const struct evidence *evidence, const struct record *record,
                         struct verdict *verdict);
void judge_each_success(const struct evidence *evidence, judge_items *each,
                        struct verdict *verdict);

#endif
