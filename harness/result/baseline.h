// SPDX-License-Identifier: Apache-2.0
// An earlier result that a run is held against: what failed there already is known and does not
// count; what fails only now does.
#ifndef TCK_BASELINE_H
#define TCK_BASELINE_H

#include "harness/result/result.h"

struct baseline;

// Reads the result at `path`. 0 and `*baseline`, owned by the caller; or -1 with `failure`
// (STATUS_USAGE): it can't be read, is no result, or is one of a run that can't be trusted.
int baseline_load(struct baseline **baseline, const char *path, struct failure *failure);
void baseline_free(struct baseline *baseline); // NULL is allowed

// Excuses the failures of a judged scenario that the baseline has too. 0, or -1 when memory ran
// out.
int baseline_excuse(const struct baseline *baseline, struct scenario_result *scenario);

// Compares the whole, once all is judged, and leaves the outcome in `result`. 0, or -1 when memory
// ran out.
int baseline_conclude(const struct baseline *baseline, struct result *result);

#endif
