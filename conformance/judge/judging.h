// SPDX-License-Identifier: Apache-2.0
// What the judges of all groups share: saying what was got and expected, and the few questions that
// many clauses ask.
#ifndef TCK_JUDGING_H
#define TCK_JUDGING_H

#include "conformance/judge/clause.h"
#include "conformance/judge/evidence.h"
#include "conformance/judge/measure.h"
#include "conformance/transcript/error_codes.h"

// Where demands come from, for clause tables.
extern const char SOURCE_PAGE_SIZE[];    // the page, parameter BufferSize
extern const char SOURCE_PAGE_COUNT[];   // the page, parameter SessionCount
extern const char SOURCE_PAGE_INFO[];    // the page, parameter SessionInfo
extern const char SOURCE_PAGE_RETURNS[]; // the page, return value
extern const char SOURCE_STRUCTURES[];   // the pages of the two structures

// Says FAIL with the evidence; `got` is what was seen, with the numbers.
void verdict_fail(struct verdict *verdict, const struct record *record, const char *got, ...)
    __attribute__((format(printf, 3, 4)));
void verdict_expect(struct verdict *verdict, const char *expected, ...)
    __attribute__((format(printf, 2, 3)));
// Says of a failure which member of the record's list is wrong, for pictures: that of the session
// with that index, or of its connection (-1: of none). `name` is static text.
void verdict_point(struct verdict *verdict, size_t session, long connection, const char *name);
// Fails the verdict as verdict_fail does, for something that is the known deviation `id` of
// deviation.h. Where that is passed over, so that the rest can be seen: nothing, and false.
bool verdict_deviates(const struct evidence *evidence, const char *id, struct verdict *verdict,
                      const struct record *record, const char *got, ...)
    __attribute__((format(printf, 5, 6)));
// Says NOTE (or leaves PASS) with what was seen.
void verdict_note(struct verdict *verdict, const char *seen, ...)
    __attribute__((format(printf, 2, 3)));
// Says SKIP because the clause `blocked_by` must have failed.
void verdict_block(struct verdict *verdict, const char *blocked_by, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
// Says SKIP because of what the scenario or the machine is; nobody's failure.
void verdict_skip(struct verdict *verdict, const char *reason, ...)
    __attribute__((format(printf, 2, 3)));
// Says ERROR: could not be judged.
void verdict_error(struct verdict *verdict, const char *reason, ...)
    __attribute__((format(printf, 2, 3)));

// Says ERROR: there was no call to judge. Where calls are known not to have been made, the check is
// not judged instead (judge.c).
void verdict_uncalled(struct verdict *verdict, const char *reason, ...)
    __attribute__((format(printf, 2, 3)));
// Says ERROR: could not be judged, because memory ran out.
void verdict_exhaust(const struct evidence *evidence, struct verdict *verdict);

// Measures, in the evidence's charset, the sessions that there were when the record's call was
// made; false (and ERROR) when memory ran out.
bool judge_measure(const struct evidence *evidence, const struct record *record,
                   struct measure *measure, struct verdict *verdict);

// Calls `each` with every different list that a legitimate call left, until it fails the verdict;
// see judge_seen for when there was none.
typedef void judge_listing(const struct evidence *evidence, const struct record *record,
                           const struct listing *listing, struct verdict *verdict);
void judge_each_listing(const struct evidence *evidence, struct verdict *verdict,
                        judge_listing *each);

// After records were judged, of which `seen` had something to judge: says ERROR when memory ran out
// meanwhile, SKIP (blocked by those clauses) when there was none and nothing failed.
void judge_seen(const struct evidence *evidence, size_t seen, const char *blocked_by,
                const char *reason, struct verdict *verdict);

#endif
