// SPDX-License-Identifier: Apache-2.0
// The transcripts that a command is given as arguments.
#ifndef TCK_COMMAND_TRANSCRIPTS_H
#define TCK_COMMAND_TRANSCRIPTS_H

#include "conformance/judge/clause.h"
#include "conformance/transcript/transcript.h"
#include "harness/command/command.h"

struct transcripts {
    struct transcript **items;
    size_t count;
};

// Loads one, which may be packed by gzip. 0, or -1 with `failure` (STATUS_USAGE) that names the
// file.
int transcripts_read(struct transcript **transcript, const char *path, struct failure *failure);

// Loads them all. -1 with `failure` (STATUS_USAGE) that names the file, also where they are of
// several implementations, or two of the same scenario: one result speaks of one implementation,
// and of each scenario once. Freed with transcripts_free in both cases.
int transcripts_load(struct transcripts *transcripts, const struct texts *paths,
                     struct failure *failure);
// Cases have no outcomes to judge. -1 with `failure` (STATUS_USAGE) where one of them is a case.
int transcripts_refuse_cases(const struct transcripts *transcripts, const struct texts *paths,
                             struct failure *failure);
void transcripts_free(struct transcripts *transcripts);

// Says on standard error if there are calls of a sibling of GetIScsiSessionList and `clauses` has
// none that judges them: they are judged where they are asked for only. `name` is the command's.
void transcripts_note_siblings(const struct transcripts *transcripts,
                               const struct clause *const *clauses, size_t count, const char *name);

#endif
