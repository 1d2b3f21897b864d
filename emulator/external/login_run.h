// SPDX-License-Identifier: Apache-2.0
// Runs the commands of an external initiator as processes: several at once, each within its time.
#ifndef TCK_LOGIN_RUN_H
#define TCK_LOGIN_RUN_H

#include "emulator/external/login_command.h"
#include "emulator/process/supervisor.h"

enum { LOGIN_RUN_MAX = 8 }; // commands at once: tools take locks, and machines have few cores

// Runs the step's command once for each of the `count` (up to LOGIN_RUN_MAX) sets of variables, all
// at once, until all have ended. 0 when all ended with status 0; else -1 with `failure`
// (STATUS_UNTRUSTED: the command line, how it ended and what it said). None runs any more then.
// `*timed_out` is set to true where one was killed because its time was up; else it is not changed.
int login_run(struct supervisor *supervisor, const struct login_command *command,
              enum login_step step, const struct login_variables *variables, size_t count,
              bool *timed_out, struct failure *failure);

// Runs the list command. 0 with what it printed on standard output in `*text`, a string, malloc'ed;
// or -1 with `failure`. What it prints on standard error is used in the failure's text only.
int login_run_list(struct supervisor *supervisor, const struct login_command *command, char **text,
                   struct failure *failure);

#endif
