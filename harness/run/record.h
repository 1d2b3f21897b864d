// SPDX-License-Identifier: Apache-2.0
// Brings a scenario up and makes its calls.
#ifndef TCK_RECORD_H
#define TCK_RECORD_H

#include "harness/run/running.h"

// Brings up the scenario at the index `source` of the options, makes the calls that the checks of
// `scenario` need, verifies that the sessions are still as they were, and takes it down: what is
// left is `transcript` (created before, empty), and the scenario's times, memory and calls. 0, or
// -1 with the result's failure.
int record_scenario(struct running *running, struct scenario_result *scenario, size_t source,
                    struct transcript *transcript);

// Where the calls of a scenario are kept in a folder; malloc'ed, NULL when memory ran out.
char *record_path(const char *folder, const char *scenario);

// Keeps them there; NULL: nowhere. 0, or -1 with `failure` (STATUS_UNTRUSTED).
int record_save(const struct transcript *transcript, const char *folder, struct failure *failure);

#endif
