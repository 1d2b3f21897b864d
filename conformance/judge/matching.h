// SPDX-License-Identifier: Apache-2.0
// Which listed session is which of the truth's: by what identifies a session where it is right, by
// the rest of what is said of it where something is wrong, so that one wrong member is one wrong
// member and not a missing session and an invented one.
#ifndef TCK_MATCHING_H
#define TCK_MATCHING_H

#include "conformance/judge/listing.h"
#include "conformance/transcript/truth.h"

enum { NOT_MATCHED = -1 };

struct matching {
    size_t listed_count;
    long *truth_of; // for each listed session the index of the truth's, or NOT_MATCHED
    size_t truth_count;
    long *listed_of; // the other way round
};

// NULL only when memory ran out.
struct matching *matching_create(const struct listing *listing, const struct truth *truth);
void matching_free(struct matching *matching);

#endif
