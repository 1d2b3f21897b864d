// SPDX-License-Identifier: Apache-2.0
// Is a list, as a whole, what was true at one moment?
#ifndef TCK_CONSISTENCY_H
#define TCK_CONSISTENCY_H

#include "conformance/judge/evidence.h"
#include "conformance/judge/room.h"

// Where a list differs from the truth.
struct mismatch {
    char why[512];     // in words
    const char *about; // see verdict.about
};

// Compares a list with one generation of the truth: every session once, every member of it and of
// its connections as far as it is known, identifiers that differ from each other and are those of
// the quiet topology's lists. Left out is what is wrong in every list of the quiet topology
// (quiet.h). True if it is that; else says where it differs. Where memory ran out: true, and
// evidence_exhausted.
bool listing_is_truth(const struct evidence *evidence, const struct listing *listing,
                      const struct truth *truth, struct mismatch *mismatch);

// Could a call that began and ended at these moments have seen that generation of the transcript?
bool generation_visible(const struct transcript *transcript, size_t generation, uint64_t began_ns,
                        uint64_t ended_ns);

// Judges one success that was made while the truth changed: is it one of the generations that could
// be seen? FAIL, with how it differs from the nearest, if it is none.
void judge_moment(const struct evidence *evidence, const struct record *record,
                  const struct listing *listing, struct verdict *verdict);

// Judges *BufferSize after a call that was made while the truth changed, and that succeeded or was
// insufficient: FAIL where it is that of no generation that could be seen. Nothing is said where it
// is wrong already on the quiet topology, which is a clause's failure of the group SIZE.
void judge_moment_size(const struct evidence *evidence, const struct room *room,
                       const struct record *record, struct verdict *verdict);

#endif
