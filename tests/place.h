// SPDX-License-Identifier: Apache-2.0
// The place of the test under way, for tests that run the kit: a fixture of Check.
#ifndef TCK_PLACE_H
#define TCK_PLACE_H

#include "tests/kit.h"

extern struct place place;

void place_set_up(void);
void place_tear_down(void);

#endif
