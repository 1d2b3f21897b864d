// SPDX-License-Identifier: Apache-2.0
// Makes and judges drafts.
#include "harness/fuzz/trial.h"

#include "harness/run/run.h"

int trial_call(struct trial *trial, const struct trial_options *options, struct replayer *replayer,
               const struct draft *draft, const char *name, struct failure *failure)
{
    struct replay_difference difference;
    *trial = (struct trial){0};
    // A call that hangs is not made again while a run goes on; each draft is a run of its own.
    *options->replay.hangs = (struct hangs){0};
    struct transcript *one = draft_make_case(draft, options->implementation, name, "");
    if (one == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out while a case was made");
    int status = replayer_run(replayer, one, &trial->replayed, &difference, failure);
    transcript_free(one);
    return status;
}

int trial_judge(struct trial *trial, const struct trial_options *options,
                const struct clause *const *clauses, size_t clause_count, struct failure *failure)
{
    if (run_judge(trial->replayed, clauses, clause_count, &options->judge, &trial->result) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out while a case was judged");
    return 0;
}

int trial_make(struct trial *trial, const struct trial_options *options, struct replayer *replayer,
               const struct draft *draft, const char *name, const struct clause *const *clauses,
               size_t clause_count, struct failure *failure)
{
    if (trial_call(trial, options, replayer, draft, name, failure) != 0)
        return -1;
    return trial_judge(trial, options, clauses, clause_count, failure);
}

void trial_free(struct trial *trial)
{
    transcript_free(trial->replayed);
    result_free(&trial->result);
    *trial = (struct trial){0};
}

const struct scenario_result *trial_scenario(const struct trial *trial)
{
    return &trial->result.scenarios[0];
}
