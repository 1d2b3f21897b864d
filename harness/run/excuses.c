// SPDX-License-Identifier: Apache-2.0
// Applies waivers and a baseline to each scenario as it ends.
#include "harness/run/excuses.h"

static void begin_run(void *argument, const struct result *result)
{
    const struct regression *regression = argument;
    if (regression->next->run_begins != NULL)
        regression->next->run_begins(regression->next->argument, result);
}

static void begin_scenario(void *argument, const struct result *result,
                           const struct scenario_result *scenario)
{
    const struct regression *regression = argument;
    if (regression->next->scenario_begins != NULL)
        regression->next->scenario_begins(regression->next->argument, result, scenario);
}

static void progress(void *argument, const struct result *result,
                     const struct scenario_result *scenario, const char *doing,
                     unsigned long long calls)
{
    const struct regression *regression = argument;
    regression->next->progress(regression->next->argument, result, scenario, doing, calls);
}

static void calls_made(void *argument, const struct scenario_result *scenario, const char *calls)
{
    const struct regression *regression = argument;
    regression->next->calls_made(regression->next->argument, scenario, calls);
}

static void end_scenario(void *argument, const struct result *result,
                         const struct scenario_result *scenario)
{
    struct regression *regression = argument;
    // The same scenario, but writable. Waivers come first: they have a reason.
    struct scenario_result *own =
        &regression->result->scenarios[scenario - regression->result->scenarios];
    if ((regression->waivers != NULL && waivers_excuse(regression->waivers, own) != 0) ||
        (regression->baseline != NULL && baseline_excuse(regression->baseline, own) != 0))
        failure_set(&regression->result->failure, STATUS_UNTRUSTED, "memory ran out");
    if (regression->next->scenario_ends != NULL)
        regression->next->scenario_ends(regression->next->argument, result, scenario);
}

static void end_run(void *argument, const struct result *result)
{
    struct regression *regression = argument;
    struct result *own = regression->result;
    if ((regression->waivers != NULL && waivers_conclude(regression->waivers, own) != 0) ||
        (regression->baseline != NULL && baseline_conclude(regression->baseline, own) != 0))
        failure_set(&own->failure, STATUS_UNTRUSTED, "memory ran out");
    if (regression->next->run_ends != NULL)
        regression->next->run_ends(regression->next->argument, result);
}

void regression_reporter(struct reporter *reporter, struct regression *regression)
{
    *reporter = (struct reporter){
        .argument = regression,
        .run_begins = begin_run,
        .scenario_begins = begin_scenario,
        .progress = regression->next->progress == NULL ? NULL : progress,
        .calls_made = regression->next->calls_made == NULL ? NULL : calls_made,
        .scenario_ends = end_scenario,
        .run_ends = end_run,
    };
}

void regression_tell(const struct reporter *reporter, const struct result *result)
{
    if (reporter->run_begins != NULL)
        reporter->run_begins(reporter->argument, result);
    for (size_t i = 0; i < result->scenario_count; i++) {
        const struct scenario_result *scenario = &result->scenarios[i];
        if (scenario->check_count == 0)
            continue;
        if (reporter->scenario_begins != NULL)
            reporter->scenario_begins(reporter->argument, result, scenario);
        if (reporter->scenario_ends != NULL && scenario->finished)
            reporter->scenario_ends(reporter->argument, result, scenario);
    }
    if (reporter->run_ends != NULL)
        reporter->run_ends(reporter->argument, result);
}
