// SPDX-License-Identifier: Apache-2.0
// The events of a scenario, made with the kit's own initiators.
#ifndef TCK_EVENTS_H
#define TCK_EVENTS_H

#include "emulator/state.h"

// As emulator_event.
int events_make(struct emulator *emulator, const struct topology_event *event,
                struct failure *failure);

#endif
