// The set of probes that makes the calls of programs that exist (conformance/judge/caller.h).
#ifndef TCK_PROBES_CALLERS_H
#define TCK_PROBES_CALLERS_H

#include "harness/probes/probing.h"

// Makes the calls of the program that probing->set belongs to: first on the unchanged topology,
// then with a login and a logout between the calls. Returns as probe_set.run does.
int probe_caller(struct probing *probing);

#endif
