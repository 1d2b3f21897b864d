// SPDX-License-Identifier: Apache-2.0
// What the implementation gets wrong, and what it calls the sessions, while nothing changes. The
// clauses about changes, threads and repair judge only what can be seen nowhere else: what is wrong
// in every list of the quiet topology is another clause's failure, and left out there.
#ifndef TCK_QUIET_H
#define TCK_QUIET_H

#include "conformance/judge/difference.h"
#include "conformance/judge/evidence.h"

// What the implementation called a session or a connection of the truth in its first list.
struct identity {
    bool is_connection; // which of the two: their numbers may be the same
    uint64_t known;     // the truth's AdapterSpecific: one for the life of a session or connection
    uint64_t listed[2];
};

struct quiet {
    size_t lists;   // how many there were
    unsigned wrong; // enum member, or-ed: what is wrong in each of them
    bool later;     // there were no sessions, and `wrong` was learned from the lists of later ones
    bool sized;     // was there one at the sessions that the first query met?
    uint32_t size;  // *BufferSize after that success
    bool size_differs;     // that depends on what was offered
    uint32_t insufficient; // what a buffer that is too small is answered with, always: 122 if right
    bool required_is_not_enough; // the size that it asked for was refused
    bool size_is_wrong;          // *BufferSize can't be right after some call (room.h)
    size_t count;
    struct identity identities[]; // of sessions and connections, sorted by `known`
};

// Of the evidence's charset, found once for a transcript; NULL only when memory ran out, which the
// evidence knows then.
const struct quiet *quiet_of(const struct evidence *evidence);

// Is the call answered as one with too small a buffer is answered on the quiet topology?
bool quiet_insufficient(const struct quiet *quiet, const struct record *record);

// The identifiers of that session or connection in the first list; NULL: it wasn't in it.
const struct identity *quiet_identity(const struct quiet *quiet, bool is_connection,
                                      uint64_t known);

// The members that are to be unique in a list and are not.
unsigned list_repeats(const struct evidence *evidence, const struct listing *listing);

// Says in the verdict what was left out of its comparison; nothing where nothing was.
void quiet_tell(const struct quiet *quiet, struct verdict *verdict);

#endif
