// SPDX-License-Identifier: Apache-2.0
// The size sweep as a figure: size offered against status and size returned.
#ifndef TCK_SWEEP_H
#define TCK_SWEEP_H

#include "harness/report/html/writer.h"

// Has a sweep anything but one threshold and two sizes?
bool html_sweep_is_odd(const struct sweep *sweep);
// The sweep of a scenario in a charset; nothing is written where none was made.
void html_scenario_sweep(struct page *page, const struct scenario_result *scenario,
                         enum charset charset);

#endif
