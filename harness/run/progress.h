// SPDX-License-Identifier: Apache-2.0
// How far a run is: told at each step, and again and again while a step lasts.
#ifndef TCK_PROGRESS_H
#define TCK_PROGRESS_H

#include "harness/run/running.h"

// From now on the reporter is told while the supervisor waits, until that is destroyed; nothing
// where the reporter does not want to know.
void progress_begin(struct running *running);

// A step begins, and is told: "judging". NULL `scenario`: nothing is told until the next one.
void progress_step(struct running *running, const struct scenario_result *scenario,
                   const char *doing);

#endif
