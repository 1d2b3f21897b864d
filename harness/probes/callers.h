// The calls of programs that exist (conformance/judge/caller.h).
#ifndef TCK_PROBES_CALLERS_H
#define TCK_PROBES_CALLERS_H

#include "harness/probes/probing.h"

// Makes the calls of the program whose set of probes is under way: on the topology as it is, and
// once more with a login and a logout between its calls. As probe_set's run.
int probe_caller(struct probing *probing);

#endif
