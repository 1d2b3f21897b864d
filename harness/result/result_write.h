// SPDX-License-Identifier: Apache-2.0
// Writes a result as JSON: the complete record of a run for programs, described in
// docs/result-json.md and docs/result.schema.json.
#ifndef TCK_RESULT_WRITE_H
#define TCK_RESULT_WRITE_H

#include "harness/result/result.h"

#include <jansson.h>

enum { REPORT_JSON_VERSION = 1 }; // the member "schema_version"

// The names of the functions in the member "exports": bits, A first; ends with NULL.
extern const char *const result_exports[];

// A new reference; NULL when memory ran out.
json_t *report_json(const struct result *result);

#endif
