// SPDX-License-Identifier: Apache-2.0
// --rerun-failed: what an earlier result says of what is to be run again.
#ifndef TCK_RERUN_H
#define TCK_RERUN_H

#include "harness/command/settings.h"

// Adds to `settings`, but for what is displaced there: the scenarios in which a check of the result
// at `path` failed or could not be judged, the clauses of these checks, and the options on which
// their verdicts depend: implementation, effort, profile, strict. `name` is the command's, for a
// note where that run was not finished. 0; or -1 with `failure`: there is nothing to run again, or
// the sessions came in a way that the command line must name, or the file can't be read.
int rerun_add(struct settings *settings, const char *path, const char *name,
              struct failure *failure);

#endif
