// SPDX-License-Identifier: Apache-2.0
// A comparison of several results of the same plan: the checks and sizes in which they differ.
#ifndef TCK_COMPARISON_H
#define TCK_COMPARISON_H

#include "harness/result/result.h"

#include <jansson.h>

struct comparison_row {
    char *scenario;
    char *subject; // a clause's identifier, or what was observed: "required size"
    char *charset;
    char **answers; // one for each result, in their order; NULL: not there
};

// Are two rows of one subject, with the same answers? `width`: the number of answers of each.
bool comparison_rows_agree(const struct comparison_row *one, const struct comparison_row *other,
                           size_t width);

// Has copies of all texts, so the results may be freed.
struct comparison {
    size_t width; // the number of results
    size_t count;
    struct comparison_row *rows; // where not all of them are the same
    size_t same;                 // the number of checks and sizes that are the same in all
};

// 0; or -1 when memory ran out, with nothing to free. `results` is not empty.
int comparison_make(struct comparison *comparison, const struct result *const *results,
                    size_t count);
void comparison_free(struct comparison *comparison); // all it holds, not `comparison` itself
json_t *comparison_to_json(const struct comparison *comparison); // NULL when memory ran out

#endif
