// What a library was found to say of the sessions of a draft: the sizes required, and where the
// pieces of its lists end.
#ifndef TCK_FUZZ_LEARNED_H
#define TCK_FUZZ_LEARNED_H

#include "harness/fuzz/draft.h"

enum { LEARNED_ENDS = 256 };

// Of one state of the sessions, in one charset.
struct learned_list {
    uint32_t required; // 0: there are no sessions, or no query was told a size
    size_t end_count;
    uint32_t ends[LEARNED_ENDS]; // of structures, arrays and strings, as offsets
};

struct learned {
    size_t moment_count;
    struct learned_list (*lists)[2]; // of each moment: A and W
};

// Adds to a draft with moments the calls from which to learn.
void learned_ask(struct draft *draft);

// Learns from what came of these calls. 0, or -1 when memory ran out. Freed with learned_free.
int learned_take(struct learned *learned, const struct draft *draft,
                 const struct transcript *replayed);
void learned_free(struct learned *learned);

#endif
