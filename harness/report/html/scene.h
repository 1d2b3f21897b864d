// SPDX-License-Identifier: Apache-2.0
// Makes the scene of a call: its parts and its marks.
#ifndef TCK_SCENE_H
#define TCK_SCENE_H

#include "harness/report/html/parts.h"
#include "harness/result/result.h"

// Of the call that `check` shows as its evidence; NULL when memory ran out, or nothing is known of
// that call's buffer (`*exhausted` tells which). Borrows from all three.
struct scene *scene_create(const struct result *result, const struct scenario_result *scenario,
                           const struct check *check, bool *exhausted);
void scene_free(struct scene *scene);

#endif
