// SPDX-License-Identifier: Apache-2.0
// The scenarios of a run, as --scenario, --set and --exclude-scenario name them.
#ifndef TCK_SCENARIOS_H
#define TCK_SCENARIOS_H

#include "emulator/scenario/scenario.h"
#include "harness/command/command.h"

struct scenario_selection {
    struct texts names;
    struct texts excluded;
    const char *set; // where none is named; NULL: "standard"
};

struct scenarios {
    struct scenario **items;
    size_t count;
    size_t left_out;
};

// Fills `scenarios` (zeroed before; freed with scenarios_free in every case). 0, or -1 with
// `failure` (STATUS_USAGE where a name is unknown or given twice, or none is left).
int scenarios_select(struct scenarios *scenarios, const struct scenario_selection *selection,
                     struct failure *failure);
// Puts the targets of those that suit on `address`; NULL: nothing is done. 0, or -1 with `failure`.
int scenarios_listen(struct scenarios *scenarios, const char *address, struct failure *failure);
void scenarios_free(struct scenarios *scenarios);

#endif
