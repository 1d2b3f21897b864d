// SPDX-License-Identifier: Apache-2.0
// Makes and judges drafts, and says what they break.
#ifndef TCK_FUZZ_TRIAL_H
#define TCK_FUZZ_TRIAL_H

#include "conformance/judge/judge.h"
#include "harness/fuzz/draft.h"
#include "harness/run/replay.h"

// How calls are made and judged.
struct trial_options {
    struct replay_options replay;
    const char *implementation; // as files and reports name it
    const struct clause *const *clauses;
    size_t clause_count;
    struct judge_options judge;
};

// What came of one draft. Freed with trial_free.
struct trial {
    struct transcript *replayed;
    struct result result; // of one scenario
};

// Replays the draft by `replayer` and judges it by `clauses`. Hangs of drafts before count for
// nothing. 0, or -1 with `failure` (STATUS_UNTRUSTED, or a signal).
int trial_make(struct trial *trial, const struct trial_options *options, struct replayer *replayer,
               const struct draft *draft, const char *name, const struct clause *const *clauses,
               size_t clause_count, struct failure *failure);
// Only makes the calls; and only judges what came of them.
int trial_call(struct trial *trial, const struct trial_options *options, struct replayer *replayer,
               const struct draft *draft, const char *name, struct failure *failure);
int trial_judge(struct trial *trial, const struct trial_options *options,
                const struct clause *const *clauses, size_t clause_count, struct failure *failure);
void trial_free(struct trial *trial);

// The checks of a trial.
const struct scenario_result *trial_scenario(const struct trial *trial);

#endif
