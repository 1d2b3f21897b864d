// SPDX-License-Identifier: Apache-2.0
// The sessions of a scenario file.
#ifndef TCK_EXPAND_SESSIONS_H
#define TCK_EXPAND_SESSIONS_H

#include "emulator/scenario/names.h"

// Adds the sessions to the topology, which has its instances and targets. 0, or -1 with the
// expansion's failure.
int expand_sessions(struct expansion *expansion);

#endif
