// SPDX-License-Identifier: Apache-2.0
// The options of a run.
#ifndef TCK_RUN_OPTIONS_H
#define TCK_RUN_OPTIONS_H

#include "emulator/scenario/scenario.h"
#include "harness/probes/hangs.h"
#include "harness/result/result.h"

struct run_options {
    const char *implementation; // absolute path of the library
    bool is_reference;
    const char *host_program;
    const char *place_program;           // see places.h; NULL: none, and places stay unknown
    const struct wine_options *wine;     // the implementation is a Windows DLL; NULL: it is not
    const char *cpu_emulator;            // runs the host program; NULL: the processor does
    const struct remote_options *remote; // it is behind a listener; NULL: it is not
    const struct room *room;             // what its hosts run in; NULL: they are not isolated
    struct result_isolation isolation;   // for reports
    struct scenario *const *scenarios;   // borrowed; at least one
    size_t scenario_count;
    const struct clause *const *clauses; // those selected, in the contract's order; at least one
    size_t clause_count;
    const struct login_command *login; // NULL: it learns the sessions from the session table
    // The sessions of each of `scenarios`, recorded in an earlier run: nothing is brought up. NULL:
    // real ones are made.
    struct truth *const *recorded;
    const char *listen;  // the address that the targets listen on; NULL: loopback ones
    const char *effort;  // "quick", "standard", "full"
    const char *profile; // an existing one
    bool strict;
    bool fail_fast; // after a scenario in which a check failed, the others are not run
    const char *implementation_digest; // see shard_digest_file; NULL: not known
    struct shard shard;                // the part of the plan to run; number 0: all of it
    struct left_out left_out; // what --exclude and --exclude-scenario removed from the above
    // For each of `scenarios`, whether it is to be run; NULL: all are. The plan has all of them,
    // because the checks of one may depend on which others there are.
    const bool *mine;
    struct hangs *hangs;           // of all runs of this process; NULL: it makes only one
    unsigned timeout_ms;           // for one call
    uint64_t deadline_ns;          // clock_now_ns, when the run is to be over; 0: whenever
    const char *too_long;          // what is said where it is not
    const char *transcript_folder; // NULL: none are kept
};

#endif
