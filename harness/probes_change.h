// The sets of probes during which things happen: threads, changes of the topology, damage.
#ifndef TCK_PROBES_CHANGE_H
#define TCK_PROBES_CHANGE_H

#include "harness/probes.h"

int probe_threads(struct probing *probing);
int probe_steps(struct probing *probing);
int probe_changing(struct probing *probing);
int probe_damage(struct probing *probing);

#endif
