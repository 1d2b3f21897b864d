// From clauses and a transcript to judged checks: what the scripted run and the judging of stored
// transcripts have in common.
#ifndef TCK_JUDGEMENT_H
#define TCK_JUDGEMENT_H

#include "conformance/judge/judge.h"
#include "harness/result/result.h"

// Plans the checks of a scenario: those of `clauses` that apply to its traits, each in its
// charsets, in the order of the contract. `selected` may leave checks out (NULL: all are in). 0, or
// -1 when memory ran out.
typedef bool check_filter(const char *scenario, const struct clause *clause);
int judgement_plan(struct scenario_result *scenario, const struct clause *const *clauses,
                   size_t clause_count, const struct traits *traits, check_filter *selected);

// Leaves out, before they are judged, checks for which the transcript's run made no calls because
// their clauses had not been selected.
void judgement_drop_unprobed(struct scenario_result *scenario, const struct transcript *transcript);

// The name of a check within its scenario: "SIZE-3-W", "CHARSET-1".
void judgement_name(const struct check *check, char *name, size_t size);

// Judges one check.
void judgement_check(struct check *check, const struct transcript *transcript,
                     struct evidence_store *store, const struct judge_options *options);

// A skip that blames another clause's failure must be proved: that clause is judged too if it was
// not selected (the check is added), and if it did hold, the skip becomes an error. 0, or -1 when
// memory ran out.
int judgement_prove_skips(struct scenario_result *scenario, const struct transcript *transcript,
                          struct evidence_store *store, const struct judge_options *options);

// Keeps in the result, after all was judged, what reports draw and the transcript takes with it:
// the bytes of the evidence (within KEPT_BYTES_MAX and KEPT_BYTES_TOTAL_MAX), a list to compare
// with, the points of the size sweep. 0, or -1 when memory ran out.
int judgement_keep(struct scenario_result *scenario, const struct transcript *transcript);

#endif
