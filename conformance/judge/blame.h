// SPDX-License-Identifier: Apache-2.0
// Which clause a call that did not return is the failure of. Every call that was made and did not
// return has one, whatever the call was made for: one place decides, so that none goes unblamed and
// none is counted as many failures.
#ifndef TCK_BLAME_H
#define TCK_BLAME_H

#include "conformance/judge/evidence.h"
#include "conformance/judge/symptom.h"

// Was the call made, and did not return: a fault, the end of the process, a hang, an answer of the
// host that could not be understood?
bool record_lost(const struct record *record);

// The id of the clause that a call like this record's, in the evidence's charset, is the business
// of if it does not return. Static text. Looks at all of the transcript, whatever the evidence's
// clause.
const char *blame_for(const struct evidence *evidence, const struct record *record);

// The calls in the evidence's charset, whatever their sets of probes, that did not return and are
// blamed on the evidence's clause.
struct blamed {
    const struct record *first;  // NULL: there are none
    size_t count[SYMPTOM_COUNT]; // of each symptom, by its bit
};
// Adds them to what `blamed` holds.
void blame_count(const struct evidence *evidence, struct blamed *blamed);

#endif
