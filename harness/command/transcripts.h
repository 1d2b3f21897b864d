// The transcripts that a command is given as arguments.
#ifndef TCK_COMMAND_TRANSCRIPTS_H
#define TCK_COMMAND_TRANSCRIPTS_H

#include "conformance/transcript/transcript.h"
#include "harness/command/command.h"

struct transcripts {
    struct transcript **items;
    size_t count;
};

// Loads them all. -1 with `failure` (STATUS_USAGE) that names the file, also where they are of
// several implementations, or two of the same scenario: one result speaks of one implementation,
// and of each scenario once. Freed with transcripts_free in both cases.
int transcripts_load(struct transcripts *transcripts, const struct texts *paths,
                     struct failure *failure);
void transcripts_free(struct transcripts *transcripts);

#endif
