// The sets of probes: which calls are made for which purpose. A set is named by the clauses that
// need it, and run once per scenario and charset however many need it.
#ifndef TCK_PROBES_H
#define TCK_PROBES_H

#include "conformance/transcript/circumstance.h"
#include "harness/probes/probing.h"

struct probe_set {
    const char *name;
    const char *sentence; // what is called, for `explain`
    // Makes its calls into the transcript. 0, or -1 with probing->failure (the run can't be
    // trusted). NULL: PROBE_SET_EVENTS, see events.h.
    int (*run)(struct probing *probing);
    // An implementation may hang or crash over it: it is run after all else, for both functions.
    bool last;
};

// In the order in which they are run; ended by an entry whose name is NULL. The first is "query",
// which is always run: the others build on the size that it finds.
extern const struct probe_set probe_sets[];

// Takes what the scenario's events left behind for the topology that the probes to come are made
// on.
int probe_refresh(struct probing *probing);

const struct probe_set *probe_set_find(const char *name);

#endif
