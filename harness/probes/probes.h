// SPDX-License-Identifier: Apache-2.0
// The sets of probes. A probe is a call of the function under test. A set is a list of such calls
// that is made for one purpose. Clauses name the sets whose calls they judge. A set is run once for
// each scenario and charset, even if several clauses need it.
#ifndef TCK_PROBES_H
#define TCK_PROBES_H

#include "conformance/transcript/circumstance.h"
#include "harness/probes/probing.h"

struct probe_set {
    const char *name;
    const char *sentence; // which calls it makes; the command `explain` prints this
    // Makes the calls and adds them to the transcript. 0, or -1 with probing->failure (the run
    // can't be trusted). NULL for the sets that call A and W together: PROBE_SET_EVENTS (see
    // events.h) and PROBE_SET_THREADS_BOTH (see changes.h).
    int (*run)(struct probing *probing);
    // An implementation may crash or hang in these calls. So the set is run for A and W when all
    // other sets have been run for both.
    bool last;
    // Of the functions that tell of targets and devices; all others are of the lists of sessions.
    bool of_items;
};

// The set that is always run first of a function, because the others need the size that it finds.
const struct probe_set *probe_set_first(enum charset charset);

// All sets, in the order in which they are run. The last entry has the name NULL.
extern const struct probe_set probe_sets[];

// Prepares `probing` for more sets when the scenario's events have changed the topology: takes the
// new truth, and asks for the new size required. 0, or -1 with probing->failure.
int probe_refresh(struct probing *probing);

const struct probe_set *probe_set_find(const char *name);

#endif
