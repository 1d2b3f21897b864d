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

#endif
