// SPDX-License-Identifier: Apache-2.0
// A case: a transcript without outcomes. It says which sessions there are, which calls are made at
// them, and how the sessions change between the calls. A person or a fuzzer writes it.
//
// Its times are the places in it: a call meets the truth that was added last before it.
#ifndef TCK_CASE_H
#define TCK_CASE_H

#include "conformance/transcript/transcript.h"

enum { CASE_REPEAT_MAX = 1000000 };

// A new one without sessions and calls; NULL when memory ran out. Of which library, "" for none;
// what `replay` calls it; what it is about.
struct transcript *case_create(const char *implementation, const char *name, const char *summary);

// Says which sessions there are from here on. Shares `truth`, whose generation and times it sets:
// it must not belong to another case. 0, or -1 when memory ran out.
int case_add_truth(struct transcript *one, struct truth *truth);

// Adds a call, made by `threads` threads at once. `set`: the set of probes it belongs to, which
// decides what clauses take it for; NULL: that of case_set. 0, or -1 when memory ran out. More can
// be set in transcript_last.
int case_add_call(struct transcript *one, const struct call *call, const struct offer *offer,
                  unsigned threads, const char *set);

// The set of probes that such a call belongs to where nobody says it.
const char *case_set(const struct call *call, const struct offer *offer, unsigned threads);

#endif
