// SPDX-License-Identifier: Apache-2.0
// What both forms of a case, text and binary, demand of sessions and calls.
#ifndef TCK_CASE_CHECK_H
#define TCK_CASE_CHECK_H

#include "conformance/base/json.h"
#include "conformance/transcript/call.h"
#include "conformance/transcript/truth.h"

// Two sessions that a list can't tell apart, two connections with one CID, a target with two names,
// or a name that is too long, would be taken for faults of the implementation. 0, or -1 with the
// failure.
int case_check_sessions(const struct json_reading *reading, const struct truth *truth);

// Only A and W, repeated at most CASE_REPEAT_MAX times; misaligned only where it can be. 0, or -1
// with the failure.
int case_check_call(const struct json_reading *reading, const struct call *call);

#endif
