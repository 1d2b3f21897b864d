// Calls that are made so often that what each leaves behind adds up.
#ifndef TCK_PROBES_ENDURANCE_H
#define TCK_PROBES_ENDURANCE_H

#include "harness/probes/probing.h"

// As probe_set's run.
int probe_endurance(struct probing *probing);
int probe_endurance_failing(struct probing *probing);

#endif
