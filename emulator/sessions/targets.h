// SPDX-License-Identifier: Apache-2.0
// What sessions need before anyone logs in: the tgtd instances with their targets, LUNs, access
// lists and accounts. Each function returns 0, or -1 with `failure`.
#ifndef TCK_TARGETS_H
#define TCK_TARGETS_H

#include "emulator/state.h"

int emulator_start_instance(struct emulator *emulator, size_t index, struct failure *failure);

// Makes all targets that the topology has at that instance.
int emulator_make_targets(struct emulator *emulator, size_t instance, struct failure *failure);

#endif
