// SPDX-License-Identifier: Apache-2.0
// The state of a run.
#ifndef TCK_RUNNING_H
#define TCK_RUNNING_H

#include "emulator/process/supervisor.h"
#include "harness/run/identity.h"
#include "harness/run/plan.h"
#include "harness/run/run_options.h"

// What is being done, for the reporter.
struct progress {
    const struct scenario_result *scenario; // NULL: nothing that is told
    char doing[64];
    const struct host *host; // whose calls count; NULL: there is none
};

struct running {
    const struct run_options *options;
    const char *folder; // private to the run
    const struct reporter *reporter;
    struct result *result;
    struct supervisor *supervisor;
    struct wine *wine;        // that runs the hosts; NULL: none does
    struct places *places;    // of faults; NULL: they are not looked for
    size_t *sources;          // for each scenario of the result, its index in the options
    struct hangs *hangs;      // calls that did not return in time, over all scenarios
    unsigned long long calls; // of the scenarios before
    struct progress progress; // see progress.h
    char ended[WHY_SIZE];     // why no further scenario is run; "": they are
    struct identity identity; // of the library; where it is on this machine
};

#endif
