// SPDX-License-Identifier: Apache-2.0
// What a run has to do: all that was given, checked, and everything that is needed found.
#ifndef TCK_RUN_JOB_H
#define TCK_RUN_JOB_H

#include "harness/command/isolation.h"
#include "harness/command/recordings.h"
#include "harness/command/repetition.h"
#include "harness/command/run_arguments.h"
#include "harness/command/run_checks.h"

struct run_job {
    const struct run_arguments *arguments; // set by the caller, as are the next five
    const char *name;                      // of the command, for messages
    const char *config;                    // the configuration file that was read; NULL: none
    bool no_config;                        // none was to be read
    const char *rerun;                     // the file of --rerun-failed; NULL: none
    bool dry; // nothing will be started: only what the files say is checked
    struct run_options options;
    struct run_limit limit;
    struct repetition repetition;
    size_t count; // of implementations, at least 1
    char **implementations;
    char (*digests)[17];    // of each
    char **commands;        // that repeats the run of each,
    char *selection;        // with this behind it
    struct target *targets; // of each: what runs it
    unsigned jobs;
    struct excuses excuses;
    struct target_options target;
    struct isolation isolation;
    struct remote_options remote; // of --host
    char *remote_library;         // its path there; NULL: there is no --host
    struct login_command *login;  // NULL: none
    const struct clause **clauses;
    struct scenarios scenarios;
    struct recordings recordings;
};

// Fills the job. 0; or -1 with `failure`, and nothing was started. Freed with run_job_free, also
// after a failure.
int run_job_prepare(struct run_job *job, struct failure *failure);
void run_job_free(struct run_job *job);

// Where no limit was given, the usual one of one run begins now.
void run_job_begin_limit(struct run_job *job);

// The options of the run of that implementation.
struct run_options run_job_options(const struct run_job *job, size_t index);

#endif
