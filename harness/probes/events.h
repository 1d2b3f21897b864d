// The set of probes around the events of a scenario.
#ifndef TCK_PROBE_EVENTS_H
#define TCK_PROBE_EVENTS_H

#include "harness/probes/probing.h"

// Makes the scenario's events happen, except those before all calls, with the calls of each of
// `probings`, one for each charset, around them. Returns as probe_set's run does.
int probe_events(struct probing *probings, size_t count);

#endif
