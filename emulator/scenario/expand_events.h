// SPDX-License-Identifier: Apache-2.0
// The events of a scenario file: their references resolved, and the whole sequence played through
// (play_events.h), so that what can't happen is an error in the file.
#ifndef TCK_EXPAND_EVENTS_H
#define TCK_EXPAND_EVENTS_H

#include "emulator/scenario/names.h"

// Adds the file's events to the topology, which is complete but for them, and says of each session
// what it is like at first. 0, or -1 with the expansion's failure.
int expand_events(struct expansion *expansion);

#endif
