// SPDX-License-Identifier: Apache-2.0
// Judges of calls that many threads make at once, and of calls while sessions come and go: those
// that the groups of the functions that tell of targets, devices and the like share.
#ifndef TCK_ITEM_MOMENTS_H
#define TCK_ITEM_MOMENTS_H

#include "conformance/judge/item_judges.h"

// The sets of probes; NULL-terminated. The second is called for the first, too.
extern const char *const items_sets_threads[];
extern const char *const items_sets_alone[];
extern const char *const items_sets_changing[];

// Does each call of many threads at once give what the same call alone gave: status, size, and by
// `equal` content?
void judge_items_together(const struct evidence *evidence, items_equal *equal,
                          struct verdict *verdict);

// While sessions come and go: is each answer a success, which `each` judges, or insufficient for a
// size that is larger than what was offered?
void judge_items_changing(const struct evidence *evidence, judge_items *each,
                          struct verdict *verdict);

#endif
