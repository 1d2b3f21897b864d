// SPDX-License-Identifier: Apache-2.0
// A case while it is made or made smaller: the states of the sessions, and the calls at each.
#ifndef TCK_FUZZ_DRAFT_H
#define TCK_FUZZ_DRAFT_H

#include "conformance/transcript/transcript.h"

struct draft_call {
    size_t moment; // the number of the sessions that it meets
    struct call call;
    struct offer offer;
    unsigned threads;
    const char *set; // static text
    unsigned event;  // it stands before or after the change with this number; 0: it does not
    bool after;
};

struct draft {
    struct truth **moments; // owned
    size_t moment_count;
    struct draft_call *calls; // by rising moment
    size_t call_count;
    size_t call_capacity;
    bool exhausted; // memory ran out: it is not what it should be
};

void draft_free(struct draft *draft); // all it holds; leaves it empty

// Adds another state of the sessions, and takes it over; NULL stands for memory that ran out.
void draft_add_moment(struct draft *draft, struct truth *truth);

// Adds a call at the last moment or one before; valid until the next one is added. NULL, and
// exhausted, when memory ran out.
struct draft_call *draft_add_call(struct draft *draft, const struct draft_call *call);

// A copy of it, and of another behind it.
struct draft draft_copy(const struct draft *draft);
void draft_append(struct draft *draft, const struct draft *other);

// Says under which circumstance the last record of a transcript, which is of that call, was made.
// 0, or -1 when memory ran out.
int draft_add_circumstance(struct transcript *transcript, const struct draft_call *call);

// The case, without the moments that no call meets. NULL when memory ran out.
struct transcript *draft_make_case(const struct draft *draft, const char *implementation,
                                   const char *name, const char *summary);

// The sessions and calls of a case. Sets that the fuzzer does not know become those of case_set,
// and circumstances but those around changes are left out. 0, or -1 when memory ran out; free it
// then, too.
int draft_of_case(struct draft *draft, const struct transcript *one);

// Adds the calls of another draft with as many moments, at each moment behind those that are there.
void draft_merge_calls(struct draft *draft, const struct draft *other);

#endif
