// SPDX-License-Identifier: Apache-2.0
// What was found: which clause is broken, how, and by which kind of call. Findings alike are one.
#ifndef TCK_FUZZ_FINDING_H
#define TCK_FUZZ_FINDING_H

#include "harness/fuzz/draft.h"
#include "harness/result/result.h"

enum {
    FINDING_SHAPE_SIZE = 96,
    FINDING_NAME_SIZE = 48,
};

// What two findings must have in common to be one.
struct finding_kind {
    const struct clause *clause;
    enum symptom symptom;
    char shape[FINDING_SHAPE_SIZE]; // of the call: "end, exact", "null, 0 bytes"
};

// The kind of a check that is broken. `replayed`: the transcript that it was judged by.
struct finding_kind finding_kind_of(const struct check *check, const struct transcript *replayed);

// Tells kinds apart; and names a file: "SIZE-3-1f00c3a9".
uint64_t finding_digest(const struct finding_kind *kind);
void finding_name(const struct finding_kind *kind, char name[static FINDING_NAME_SIZE]);

// Is it a failure by itself, and not probably a consequence of another?
bool finding_is_cause(const struct check *check);

// The check of that clause that is broken by that symptom; NULL: there is none.
const struct check *finding_check(const struct scenario_result *scenario,
                                  const struct clause *clause, enum symptom symptom);

// Kinds that were seen.
struct findings_seen {
    uint64_t *digests;
    size_t count;
};

// Was that kind seen before? From now on it was. `*exhausted` is set when memory ran out.
bool findings_note(struct findings_seen *seen, const struct finding_kind *kind, bool *exhausted);
bool findings_have(const struct findings_seen *seen, const struct finding_kind *kind);
void findings_free(struct findings_seen *seen);

#endif
