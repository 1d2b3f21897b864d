// SPDX-License-Identifier: Apache-2.0
// From clauses and a transcript to judged checks: what a run and the judging of stored transcripts
// have in common.
#ifndef TCK_JUDGEMENT_H
#define TCK_JUDGEMENT_H

#include "conformance/judge/judge.h"
#include "harness/result/result.h"

// The clauses that the user selected.
struct selection {
    const struct clause *const *clauses;
    size_t count;
};

// Plans the checks of a scenario: those of `clauses` that apply to its traits, each in its
// charsets, in the order of the contract. 0, or -1 when memory ran out.
int judgement_plan(struct scenario_result *scenario, const struct clause *const *clauses,
                   size_t clause_count, const struct traits *traits);

// Leaves out, before they are judged, checks for which the transcript's run made no calls because
// their clauses had not been selected.
void judgement_drop_unprobed(struct scenario_result *scenario, const struct transcript *transcript);

// The name of a check within its scenario: "SIZE-3-W", "CHARSET-1".
void judgement_name(const struct check *check, char *name, size_t size);

// Judges all planned checks by the transcript, and behind them clauses that were not planned: what
// a skip names as its cause, what a call that did not return breaks, and, of those selected, what
// the lists of sessions break that came where there were none at first. A skip whose cause did hold
// becomes an error. 0, or -1 when memory ran out.
int judgement_make(struct scenario_result *scenario, const struct transcript *transcript,
                   const struct selection *selection, const struct judge_options *options);

// Does the clause not hold, whether that counts or is known?
bool judgement_broken(const struct check *check);

#endif
