// SPDX-License-Identifier: Apache-2.0
// Runs several scenarios at a time: this process plans the run and forks worker processes, each of
// which runs one scenario after the other.
#ifndef TCK_JOBS_H
#define TCK_JOBS_H

#include "harness/run/run.h"

enum { JOBS_MAX = 64 };

// As run(), with up to `jobs` scenarios at a time. The result, and what `reporter` is told, are in
// the order of the plan, as run() has them; but a reporter's calls_made is told of a scenario when
// that has ended. Call it where no thread and no loop exists yet.
int jobs_run(const struct run_options *options, unsigned jobs, const char *folder,
             const struct reporter *reporter, struct result *result);

#endif
