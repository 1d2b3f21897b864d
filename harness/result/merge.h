// SPDX-License-Identifier: Apache-2.0
// Joins the results of shards, and proves that together they are the whole.
#ifndef TCK_MERGE_H
#define TCK_MERGE_H

#include "harness/result/result.h"

// Moves what `parts` hold into `merged` (zeroed before; freed with result_free), in the order of
// the plan; `paths` names them in messages. What waivers and baselines of the parts excused is as
// it was judged again: they belong to the whole. 0; or -1 with `failure` (STATUS_UNTRUSTED): a part
// is missing, there twice, of another plan, or not what the plan says; then `parts` are still to be
// freed, as they are in every case.
int merge_results(struct result *merged, struct result *parts, const char *const *paths,
                  size_t count, struct failure *failure);

// Hands the memory over that `part` owns (see result_own), so that what points to it lives as long
// as `merged`. 0, or -1 when memory ran out.
int merge_owned(struct result *merged, struct result *part);

#endif
