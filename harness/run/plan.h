// SPDX-License-Identifier: Apache-2.0
// Plans a run: which scenarios, and which checks in each.
#ifndef TCK_RUN_PLAN_H
#define TCK_RUN_PLAN_H

#include "harness/run/run_options.h"

enum { WHY_SIZE = 256 };

// Can the scenario's sessions be made in the way that the options ask for? If not, `why` has
// WHY_SIZE bytes and gets the reason; else it gets "".
bool plan_suits(const struct run_options *options, const struct scenario *scenario, char *why);

// How the implementation learns the sessions in such a run.
enum login_way plan_login_way(const struct run_options *options);

// Fills `result` with what is to be checked, nothing judged; a scenario without checks is finished.
// `sources` has room for options->scenario_count places, and gets that of each scenario in the
// result; it may be NULL. 0, or -1 with result->failure.
int run_plan(const struct run_options *options, struct result *result, size_t *sources);

// Is there a check to make? 0, or -1 with result->failure (STATUS_USAGE).
int plan_check(struct result *result);

// Which check of the scenario failed first, where the run is to end with that: how the others are
// told ("not run: ..."), at most WHY_SIZE bytes in `why`. False: the run goes on. Ask when waivers
// and baseline were applied.
bool plan_ends_with(const struct run_options *options, const struct scenario_result *scenario,
                    char *why);

// The scenario is not run, for that reason: all its checks are skipped.
void plan_skip(struct scenario_result *scenario, const char *why);

#endif
