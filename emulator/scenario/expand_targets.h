// SPDX-License-Identifier: Apache-2.0
// The targets of a scenario file.
#ifndef TCK_EXPAND_TARGETS_H
#define TCK_EXPAND_TARGETS_H

#include "emulator/scenario/names.h"

// Adds the targets to the topology, which has its instances. 0, or -1 with the expansion's failure.
int expand_targets(struct expansion *expansion);

#endif
