// SPDX-License-Identifier: Apache-2.0
// What the command `run` is given.
#ifndef TCK_RUN_ARGUMENTS_H
#define TCK_RUN_ARGUMENTS_H

#include "harness/command/judging.h"
#include "harness/command/login.h"
#include "harness/command/remote_host.h"
#include "harness/command/scenarios.h"
#include "harness/command/target.h"

// The input of command_run_argp. The texts are borrowed from the command line.
struct run_arguments {
    struct judging judging;
    struct login_arguments login;
    struct remote_arguments remote;
    struct texts implementations;
    struct scenario_selection selection;
    const char *jobs;
    const char *shard;
    const char *effort;
    const char *timeout;
    const char *time_limit; // NULL: none
    const char *check_xml_file;
    const char *transcript_folder;
    bool offline;
    bool dry_run;
    bool fail_fast;
    bool until_fail;
    bool watch;
    const char *repeat; // NULL: not given
    struct target_options target;
};

void run_arguments_free(struct run_arguments *arguments);

#endif
