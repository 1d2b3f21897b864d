// SPDX-License-Identifier: Apache-2.0
// The place of the test under way.
#include "tests/place.h"

struct place place;

void place_set_up(void)
{
    place_open(&place);
}

void place_tear_down(void)
{
    place_close(&place);
}
