// SPDX-License-Identifier: Apache-2.0
// --dry-run: prints what a run would do.
#ifndef TCK_DRY_RUN_H
#define TCK_DRY_RUN_H

#include "harness/command/run_job.h"
#include "harness/command/settings.h"

// Prints the plan of a job that was prepared with `dry`, and the options in force with the source
// of each. `config` is the configuration file; NULL: there is none. Starts nothing. An exit status;
// -1 with `failure`: nothing would be left to check.
int dry_run(const struct run_job *job, const struct settings *settings, const char *config,
            struct failure *failure);

#endif
