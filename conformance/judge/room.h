// SPDX-License-Identifier: Apache-2.0
// Can what a call says in *BufferSize be right, whatever the arrangement of the list?
#ifndef TCK_ROOM_H
#define TCK_ROOM_H

#include "conformance/judge/evidence.h"

enum size_fault {
    SIZE_FITS,
    SIZE_NOT_MORE,      // insufficient, and no more than was offered: SIZE-1
    SIZE_HOLDS_LESS,    // insufficient, and less than the sessions take up: SIZE-6
    SIZE_ABOVE_OFFERED, // success, and more than was offered: SIZE-5
    SIZE_CUTS_LIST,     // success, and less than the list that was left: SIZE-9
};

// What lists of the generations of the truth take up at the least.
struct room {
    uint64_t *least; // by generation, in bytes; 0: not measured yet
};

// False when memory ran out, which the evidence knows then. Closed in any case.
bool room_open(struct room *room, const struct evidence *evidence);
void room_close(struct room *room);

// The bytes that a list of that generation takes up at the least, in the evidence's charset. The
// initiators' addresses are not counted: a profile may let them be left out.
uint64_t room_least(const struct room *room, const struct evidence *evidence, size_t generation);
// The same of the generation that was in force when the record's call was made.
uint64_t room_least_of(const struct room *room, const struct evidence *evidence,
                       const struct record *record);

// What is wrong with *BufferSize after a call that was insufficient, where lists take up at least
// `least` bytes.
enum size_fault size_fault_of_insufficient(const struct record *record, uint64_t least);
// What is wrong with it after a success. `*end`: where the list ends.
enum size_fault size_fault_of_success(const struct evidence *evidence, const struct record *record,
                                      uint64_t *end);

#endif
