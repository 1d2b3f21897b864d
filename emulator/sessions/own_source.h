// SPDX-License-Identifier: Apache-2.0
// The kit's own initiators as the source of an emulator's sessions.
#ifndef TCK_OWN_SOURCE_H
#define TCK_OWN_SOURCE_H

#include "emulator/session_source.h"

extern const struct session_source own_source;

#endif
