// SPDX-License-Identifier: Apache-2.0
// Reads a result from the JSON that a run left (docs/result-json.md). Nothing that the file says is
// trusted: numbers are checked against their range, names against the tables, and indices against
// the number of entries.
#ifndef TCK_RESULT_READ_H
#define TCK_RESULT_READ_H

#include "harness/result/result.h"

#include <jansson.h>

// Fills `result` (zeroed before; freed with result_free) from the file at `path`. What the file
// says of clauses that this kit does not have is kept. 0; or -1 with `failure`, "PATH: ..."
// (STATUS_USAGE), when it can't be read, is no such JSON or one of another schema version.
int result_read(struct result *result, const char *path, struct failure *failure);

// The same from a JSON value; `path` is for messages only.
int result_from_json(struct result *result, const json_t *object, const char *path,
                     struct failure *failure);

#endif
