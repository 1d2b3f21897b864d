// SPDX-License-Identifier: Apache-2.0
// The truth as JSON, as a transcript holds it (docs/transcript.md).
#ifndef TCK_TRUTH_JSON_H
#define TCK_TRUTH_JSON_H

#include "conformance/base/failure.h"
#include "conformance/transcript/truth.h"

#include <jansson.h>

// A new reference; NULL when memory ran out. What is not known is null.
json_t *truth_to_json(const struct truth *truth);

// Checks every type, length and range. 0, with a truth that the caller owns; or -1 with `failure`
// (STATUS_USAGE), which names session, connection and member.
int truth_from_json(struct truth **truth, const json_t *object, struct failure *failure);

#endif
