// SPDX-License-Identifier: Apache-2.0
// What a library was found to say of the sessions of a draft: the sizes required, and where the
// pieces of its lists end.
#ifndef TCK_FUZZ_LEARNED_H
#define TCK_FUZZ_LEARNED_H

#include "harness/fuzz/draft.h"

enum {
    LEARNED_ENDS = 256,
    LEARNED_MAX = 1 << 26, // bytes; a library that requires more is wrong
};

// Of one state of the sessions, in one charset.
struct learned_list {
    uint32_t required; // 0: there are no sessions, or no query was told a size
    size_t end_count;
    uint32_t ends[LEARNED_ENDS]; // of structures, arrays and strings, as offsets
};

struct learned {
    size_t moment_count;
    struct learned_list (*lists)[2]; // of each moment: A and W
    uint64_t buffer_max;             // the largest buffer that there can be, in bytes; 0: not known
};

// Adds to a draft with moments the calls from which to learn.
void learned_ask(struct draft *draft);
// One of them: a query, or a fetch of the size that it is told.
void learned_ask_at(struct draft *draft, size_t moment, enum charset charset, bool fetch);

// Learns from what came of these calls. 0, or -1 when memory ran out. Freed with learned_free.
int learned_take(struct learned *learned, const struct draft *draft,
                 const struct transcript *replayed);
// The same of one call at the sessions that the list is of.
void learned_note(struct learned_list *list, const struct record *record,
                  const struct transcript *transcript);
void learned_free(struct learned *learned);

#endif
