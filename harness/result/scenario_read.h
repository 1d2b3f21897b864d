// SPDX-License-Identifier: Apache-2.0
// Reads the scenarios of a result from JSON; a part of result_read.h.
#ifndef TCK_SCENARIO_READ_H
#define TCK_SCENARIO_READ_H

#include "conformance/base/json.h"
#include "harness/result/result.h"

struct result_reading {
    struct json_reading json; // lenient: older kits did not write all members
    struct result *result;
};

// From the result's object, with its members "scenarios" and "clauses". Clauses that this kit does
// not have are made from what the file says of them. 0, or -1 with the failure.
int scenario_results_read(struct result_reading *reading, const json_t *object);

// A text that the result owns; NULL where it is missing or null. 0, or -1 with the failure.
int result_read_shared_text(const struct result_reading *reading, const json_t *object,
                            const char *name, const char **text);

#endif
