// SPDX-License-Identifier: Apache-2.0
// A run: one scenario after the other is brought up, probed, judged and reported.
#ifndef TCK_RUN_H
#define TCK_RUN_H

#include "conformance/judge/judge.h"
#include "harness/run/run_options.h"

// The run. Fills `result` (zeroed by the caller; freed with result_free) also when it could not be
// finished: result->failure says why. `folder` is private to the run (see sweeper.h), and empty at
// the end. Returns the exit status.
int run(const struct run_options *options, const char *folder, const struct reporter *reporter,
        struct result *result);

// Removes what the run has put into its folder, before anybody is told how it ended: what can't be
// removed is a failure of the run.
void run_empty_folder(const char *folder, struct result *result);

// Judges a stored transcript with all of `clauses` that apply; one scenario_result is appended to
// `result`. 0, or -1 when memory ran out.
int run_judge(const struct transcript *transcript, const struct clause *const *clauses,
              size_t clause_count, const struct judge_options *options, struct result *result);

#endif
