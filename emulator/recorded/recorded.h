// SPDX-License-Identifier: Apache-2.0
// Recorded sessions as the source of an emulator's sessions: those that an earlier run had. There
// are no targets and no initiators; the implementation learns the sessions from a session table as
// ever. They can't change.
#ifndef TCK_RECORDED_H
#define TCK_RECORDED_H

#include "emulator/session_source.h"

// The source_data of an emulator whose source it is: a share of the truth with the sessions
// (truth_share), which `stop` frees.
extern const struct session_source recorded_source;

#endif
