// Which clause a call that did not return is the failure of. Every call that was made and did not
// return has one, whatever the call was made for: one place decides, so that none goes unblamed and
// none is counted as many failures.
#ifndef TCK_BLAME_H
#define TCK_BLAME_H

#include "conformance/judge/evidence.h"

// Was the call made, and did not return: a fault, the end of the process, a hang, an answer of the
// host that could not be understood?
bool record_lost(const struct record *record);

// The id of the clause that a call like this record's, in the evidence's charset, is the business
// of if it does not return. Static text. Looks at all of the transcript, whatever the evidence's
// clause.
const char *blame_for(const struct evidence *evidence, const struct record *record);

// The first call in the evidence's charset, whatever its set of probes, that did not return and is
// blamed on the evidence's clause; NULL: there is none.
const struct record *blame_first(const struct evidence *evidence);

#endif
