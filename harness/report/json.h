// SPDX-License-Identifier: Apache-2.0
// The complete result as a JSON file; docs/result-json.md describes it.
#ifndef TCK_REPORT_JSON_H
#define TCK_REPORT_JSON_H

#include "harness/result/comparison.h"
#include "harness/result/result.h"

#include <jansson.h>
#include <stdio.h>

// Writes a value in lines and releases it; NULL stands for memory that ran out while it was made.
// 0, or -1.
int report_json_value(FILE *stream, json_t *value);

// As report_write.
int report_json_write(const struct result *result, const char *path, struct failure *failure);

// Several implementations' results in one object: {"schema_version", "kit", "exit_status",
// "implementations": [as above], "differences"}. As report_write.
int report_json_several(const struct result *results, size_t count, int exit_status,
                        const struct comparison *comparison, const char *path,
                        struct failure *failure);

#endif
