// SPDX-License-Identifier: Apache-2.0
// Tells the reporter how far the run is. While a step lasts, a timer of the supervisor's loop does.
#include "harness/run/progress.h"

#include "harness/driver/host.h"

#include <stdio.h>

enum { PERIOD_MS = 100 }; // the reporter decides how often it shows anything

static void tell(void *argument)
{
    const struct running *running = argument;
    const struct progress *progress = &running->progress;
    if (progress->scenario == NULL)
        return;
    unsigned long long calls = progress->host == NULL ? 0 : host_call_count(progress->host);
    running->reporter->progress(running->reporter->argument, running->result, progress->scenario,
                                progress->doing, running->calls + calls);
}

void progress_begin(struct running *running)
{
    if (running->reporter->progress != NULL)
        supervisor_every(running->supervisor, PERIOD_MS, tell, running);
}

void progress_step(struct running *running, const struct scenario_result *scenario,
                   const char *doing)
{
    running->progress.scenario = scenario;
    snprintf(running->progress.doing, sizeof running->progress.doing, "%s", doing);
    if (running->reporter->progress != NULL)
        tell(running);
}
