// SPDX-License-Identifier: Apache-2.0
// Decides what is new, fixed, changed or gone from one result to another, for --baseline and the
// command `diff`.
#ifndef TCK_DIFF_H
#define TCK_DIFF_H

#include "harness/result/result.h"

// 0; or -1 when memory ran out, with nothing to free. `diff` has copies of all texts; free it with
// diff_free. Scenarios that other shards run, by the plan of `after`, don't count as gone.
int diff_make(struct diff *diff, const struct result *before, const struct result *after);

#endif
