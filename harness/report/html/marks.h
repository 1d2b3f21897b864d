// SPDX-License-Identifier: Apache-2.0
// Finds the bytes of a call's buffer that are wrong.
#ifndef TCK_MARKS_H
#define TCK_MARKS_H

#include "harness/report/html/parts.h"

// Marks what is wrong, of the parts that are listed already. 0, or -1 when memory ran out.
int scene_find_marks(struct scene *scene);

// Is it wrong in itself, rather than only remarkable?
bool mark_is_bad(enum mark_kind kind);

#endif
