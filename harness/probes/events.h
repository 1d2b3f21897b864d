// SPDX-License-Identifier: Apache-2.0
// The set of probes around the events that a scenario file lists.
#ifndef TCK_PROBE_EVENTS_H
#define TCK_PROBE_EVENTS_H

#include "harness/probes/probing.h"

// Makes the scenario's events happen, except those of MOMENT_BEFORE, and makes calls around them
// for each of the `count` charsets in `probings`. Returns as probe_set.run does.
int probe_events(struct probing *probings, size_t count);

#endif
