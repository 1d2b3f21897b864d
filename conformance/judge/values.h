// SPDX-License-Identifier: Apache-2.0
// Says in words how two lists differ, or a list and the truth: which member, of which session or
// connection, with both values.
#ifndef TCK_VALUES_H
#define TCK_VALUES_H

#include "conformance/judge/clause.h"
#include "conformance/judge/difference.h"

// The first difference between two lists that are not equal (listing_equal): "TargetSocket of
// connection 0 of session 2 is 3261, was 3260". `*where`: the member in `now`; its name is NULL
// where it is the number of sessions that differs, or nothing does.
void listing_describe_change(const struct listing *before, const struct listing *now, char *text,
                             size_t size, struct listed_member *where);

// Of a member in which session_difference found that they differ: ": 3261 instead of 3260"; "" for
// those that have no value.
void session_describe_difference(const struct listed_session *listed,
                                 const struct truth_session *known, enum member member, char *text,
                                 size_t size);

#endif
