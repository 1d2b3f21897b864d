// SPDX-License-Identifier: Apache-2.0
// The lists of calls that a transcript was recorded from. A group is a list: records that follow
// each other, of one set of probes, under one circumstance, of as many threads, at the same
// sessions or while these changed.
#ifndef TCK_CALL_GROUPS_H
#define TCK_CALL_GROUPS_H

#include "conformance/transcript/transcript.h"

struct call_group {
    size_t first; // of the records
    size_t end;   // one past the last
    size_t truth; // the index of the sessions that it met,
    size_t last;  // and of the last that it met, where they changed meanwhile
};

// The group that comes after `before`; of {0}, the first. There is one if before->end is not the
// number of all records.
struct call_group call_group_next(const struct transcript *recorded,
                                  const struct call_group *before);

// Was the call made while sessions came and went?
bool record_is_changing(const struct record *record);

// The thread that made the most calls, and how many. All threads of a group made the same calls,
// but where they were stopped some made fewer.
unsigned call_group_thread(const struct transcript *recorded, const struct call_group *group,
                           size_t *count);

// The calls that one thread of a group made, one after the other. A repeated call has a record for
// each run of identical answers.
struct call_reading {
    const struct transcript *recorded;
    const struct call_group *group;
    unsigned thread;
    size_t at;        // the next record to look at: group->first to begin with
    struct call call; // the call read last,
    size_t origin;    // its first record,
    uint64_t made;    // and how often it was made
};

// Reads the next call; false at the end. One that was to be made without end is to be made as often
// as it was.
bool call_reading_next(struct call_reading *reading);

#endif
