// SPDX-License-Identifier: Apache-2.0
// Which failures probably are consequences of others, because both clauses look at the same thing.
// Decided here alone, by a table: reports only repeat it. A consequence counts as any failure does.
#ifndef TCK_CONSEQUENCE_H
#define TCK_CONSEQUENCE_H

#include "conformance/judge/clause.h"

// What fails: a clause, its verdict, and which call of the transcript is the evidence.
struct finding {
    const struct clause *clause;
    const struct verdict *verdict; // with its `record`, unless that is NULL
    size_t index;                  // of that record in the transcript
};

// Is the finding probably a consequence of the other, of the same scenario and charset? Only what
// fails or warns is or has a consequence, and what warns is no cause of a failure.
bool is_consequence(const struct finding *finding, const struct finding *cause);

#endif
