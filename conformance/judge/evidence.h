// SPDX-License-Identifier: Apache-2.0
// What a judge sees: the records of one transcript, by the clause's sets of probes and charset,
// with their lists decoded and matched to the truth on demand.
#ifndef TCK_EVIDENCE_H
#define TCK_EVIDENCE_H

#include "conformance/judge/abi.h"
#include "conformance/judge/clause.h"
#include "conformance/judge/listing.h"
#include "conformance/judge/matching.h"
#include "conformance/judge/measure.h"

struct quiet;
struct evidence_store; // decoded lists and matches, kept for all judges of a transcript

// Remembers nothing but what was decoded. The transcript must outlive it and not grow meanwhile.
// NULL when memory ran out.
struct evidence_store *evidence_store_create(const struct transcript *transcript);
void evidence_store_free(struct evidence_store *store);

struct evidence {
    const struct transcript *transcript;
    const struct clause *clause; // only records of its sets of probes, and its scope, are seen
    enum charset charset;        // only records of this charset are seen
    const struct abi *abi;
    struct evidence_store *store;
    bool new_process;    // identifiers need not be those of the quiet topology's lists
    const char *profile; // what it tolerates is left out where lists are compared; NULL: nothing is
    const char *excused; // the profile whose known deviations are passed over; NULL: none is
    bool later;          // the scope SCOPE_QUIET is that of calls made since sessions came, instead
    const char *only;    // the circumstance whose records alone are seen; NULL: all are
};

// The next record after `after` (NULL: the first) that this evidence shows; with `set`, those of
// that set of probes instead, whatever the clause. NULL at the end.
const struct record *evidence_next(const struct evidence *evidence, const struct record *after,
                                   const char *set);

// Calls `each` with every record that the evidence shows, until it fails the verdict; from there
// on, with those records that went wrong in another way, to find all of the verdict's symptoms.
// `each` says whether the record was one to judge; how many were, up to the failure, is returned.
typedef bool judge_record(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict);
size_t judge_each_record(const struct evidence *evidence, judge_record *each, void *context,
                         struct verdict *verdict);

// The same evidence for the other charset, or for a charset.
struct evidence evidence_of(const struct evidence *evidence, enum charset charset);

// The truth that was in force when the record's call was made.
const struct truth *evidence_truth(const struct evidence *evidence, const struct record *record);

// The truth before anything changed: what the scenario brought up.
const struct truth *evidence_first_truth(const struct evidence *evidence);

// The truth at the first query in the evidence's charset.
const struct truth *evidence_query_truth(const struct evidence *evidence);

// Were both calls made at the same sessions? Others may have come and gone between.
bool evidence_same_sessions(const struct evidence *evidence, const struct record *one,
                            const struct record *other);

// Were the sessions, when the record's call was made, those at that query? A scenario's events may
// have changed them, and calls are made after these.
bool evidence_as_queried(const struct evidence *evidence, const struct record *record);

// What the implementation says is required for the sessions at which the record's call was made:
// the size that its first insufficient query at these sessions gave. False if there is none, which
// may be because no such query was made.
bool evidence_asked(const struct evidence *evidence, const struct record *record,
                    uint32_t *required);

// What the implementation says is required: the size that its first insufficient query gave. False
// if no query was answered so, which is STATUS-2's or SIZE-1's failure where there are sessions
// (BLOCKED_BY_QUERY). Looks at the set "query", whatever the clause.
bool evidence_required(const struct evidence *evidence, uint32_t *required);

// Measures the truth in the evidence's charset and code page. 0, or -1 when memory ran out.
int evidence_measure(const struct evidence *evidence, const struct truth *truth,
                     struct measure *measure);

// The list that a successful call left, decoded; NULL if the call did not succeed (or memory ran
// out: evidence_exhausted then).
const struct listing *evidence_listing(const struct evidence *evidence,
                                       const struct record *record);
// The sessions of that list matched to those of the truth; NULL as above.
const struct matching *evidence_matching(const struct evidence *evidence,
                                         const struct record *record);
// The pieces of such a list, as listing_pieces gives them. 0 also when memory ran out:
// evidence_exhausted then.
size_t evidence_pieces(const struct evidence *evidence, const struct listing *listing,
                       struct piece **pieces);
// Where what was learned of the quiet topology in the evidence's charset is kept (see quiet.h): one
// block of memory, freed with the store.
struct quiet **evidence_quiet(const struct evidence *evidence);
// The first record that left the same list, at the same place, against the same truth. Is it that
// itself? What was judged of it need not be judged of the others.
const struct record *evidence_example(const struct evidence *evidence, const struct record *record);
bool evidence_is_example(const struct evidence *evidence, const struct record *record);
// Memory ran out, in one of them or elsewhere: what the clause's judge says is worth nothing then,
// and its verdict becomes ERROR, whatever it is (judge.c).
void evidence_exhaust(const struct evidence *evidence);
bool evidence_exhausted(const struct evidence *evidence);
void evidence_recover(const struct evidence *evidence); // for the next clause

// What kind of call or answer is it?
bool record_returned(const struct record *record);
bool record_succeeded(const struct record *record);    // returned 0
bool record_insufficient(const struct record *record); // returned 122
// Wants a buffer though it counts no sessions: 122, *SessionCount 0, a size larger than offered?
bool record_asks_for_none(const struct record *record);
// Made by one thread alone, while nothing changed and the source of sessions was as it should be?
bool record_quiet(const struct record *record);
// Made by one thread alone, while the sessions and their source stayed as they were, whatever had
// changed before?
bool record_settled(const struct record *record);
// Was it made under that circumstance? With `prefix`: under one that begins so.
bool record_under(const struct record *record, const char *circumstance);
bool record_under_prefix(const struct record *record, const char *prefix);
// All pointers are given and the buffer, if there is one, is aligned to 8: what a caller may do.
bool record_legitimate(const struct record *record);
// A call as a careful caller makes it: a real buffer, aligned, all pointers given, *SessionCount
// what the buffer can hold.
bool record_plain(const struct record *record, const struct abi *abi);
// *SessionCount on input is BufferSize divided by the size of the structure.
bool record_usual_count(const struct record *record, const struct abi *abi);

#endif
