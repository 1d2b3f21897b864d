// SPDX-License-Identifier: Apache-2.0
// Draws names: of every length that iSCSI allows, in many scripts.
#ifndef TCK_FUZZ_NAMES_H
#define TCK_FUZZ_NAMES_H

#include "harness/fuzz/draws.h"

enum { NAME_SIZE = 224 }; // of the longest name, with its terminator

void draw_name(struct draws *draws, char name[static NAME_SIZE]);

#endif
