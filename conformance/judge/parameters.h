// SPDX-License-Identifier: Apache-2.0
// The parameters of sessions and connections that GetIScsiSessionListEx lists, as far as they last
// as long as the session.
#ifndef TCK_PARAMETERS_H
#define TCK_PARAMETERS_H

#include "conformance/judge/clause.h"
#include "conformance/judge/listing.h"
#include "conformance/transcript/transcript.h"

// Are they others in `now` than in `before`, two lists of the same sessions and connections
// (listing_equal)? Then `text` says the first that is ("MaxBurstLength of session 1 is 512, was
// 262144"), and `*where` which member of `now` it is. The records have the lists' bytes.
bool parameters_describe_change(const struct record *before, const struct listing *listed_before,
                                const struct record *now, const struct listing *listed_now,
                                char *text, size_t size, struct listed_member *where);

#endif
