// A run: scenarios brought up one after the other, probed, judged.
#ifndef TCK_RUN_H
#define TCK_RUN_H

#include "conformance/judge/judge.h"
#include "emulator/scenario/scenario.h"
#include "harness/result/result.h"
#include "harness/run/shard.h"

struct run_options {
    const char *implementation; // absolute path of the library
    bool is_reference;
    const char *host_program;
    struct scenario *const *scenarios; // borrowed; at least one
    size_t scenario_count;
    const struct clause *const *clauses; // those selected, in the contract's order; at least one
    size_t clause_count;
    const struct login_command *login; // NULL: sessions reach it by the session table
    const char *effort;                // "quick", "standard", "full"
    const char *profile;               // an existing one
    bool strict;
    const char *implementation_digest; // see shard_digest_file; NULL: not known
    struct shard shard;                // which part of the plan is to be done; number 0: all of it
    // Which scenarios are to be run, by their place above; NULL: all. All are planned for: what is
    // checked in one may depend on which others there are.
    const bool *mine;
    unsigned hangs;                // calls that did not return in other runs of the same plan
    unsigned timeout_ms;           // for one call
    const char *transcript_folder; // NULL: none are kept
    const char *check_tap_file;    // where Check itself writes its TAP, XML; NULL: nowhere
    const char *check_xml_file;
};

// The run. Fills `result` (zeroed by the caller; freed with result_free) also when it could not be
// finished: result->failure says why. `folder` is private to the run (see sweeper.h). Returns the
// exit status.
int run(const struct run_options *options, const char *folder, const struct reporter *reporter,
        struct result *result);

// Only plans: fills `result` with what is to be checked, nothing judged. `sources` has room for
// options->scenario_count places, and gets that of each scenario in the result; it may be NULL. 0,
// or -1 with result->failure.
int run_plan(const struct run_options *options, struct result *result, size_t *sources);

// Judges a stored transcript with all of `clauses` that apply; one scenario_result is appended to
// `result`. 0, or -1 when memory ran out.
int run_judge(const struct transcript *transcript, const struct clause *const *clauses,
              size_t clause_count, const struct judge_options *options, struct result *result);

#endif
