// SPDX-License-Identifier: Apache-2.0
// The sets of probes that look for leaks: a call is made so often that what it leaves behind adds
// up.
#ifndef TCK_PROBES_ENDURANCE_H
#define TCK_PROBES_ENDURANCE_H

#include "harness/probes/probing.h"

// Return as probe_set.run does.
int probe_endurance(struct probing *probing);
int probe_endurance_failing(struct probing *probing);

#endif
