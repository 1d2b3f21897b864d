// SPDX-License-Identifier: Apache-2.0
// What a scenario file means: references resolved, patterns and counts spelled out, everything
// checked that the schema can't. The rules are in docs/scenarios.md.
#ifndef TCK_EXPANSION_H
#define TCK_EXPANSION_H

#include "emulator/scenario/scenario_file.h"
#include "emulator/scenario/topology.h"

// Fills `topology`, which the caller frees with topology_free. 0; or -1 with `failure`
// (STATUS_USAGE, of the form "PATH:LINE:COLUMN: ...") and `topology` empty.
int expansion_make(struct topology *topology, const struct scenario_file *file,
                   struct failure *failure);

#endif
