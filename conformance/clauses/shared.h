// SPDX-License-Identifier: Apache-2.0
// Judges that serve more than one clause: what holds for buffer, size and count of
// GetIScsiSessionList holds for its sibling GetIScsiSessionListEx as well.
#ifndef TCK_CLAUSES_SHARED_H
#define TCK_CLAUSES_SHARED_H

#include "conformance/judge/clause.h"
#include "conformance/judge/item_moments.h"

void judge_sufficient(const struct evidence *evidence, struct verdict *verdict);   // STATUS-1
void judge_insufficient(const struct evidence *evidence, struct verdict *verdict); // STATUS-2
void judge_repeated(const struct evidence *evidence, struct verdict *verdict);     // STATUS-4
void judge_more_than_offered(const struct evidence *evidence,
                             struct verdict *verdict); // SIZE-1
void judge_required_is_enough(const struct evidence *evidence,
                              struct verdict *verdict);                             // SIZE-2
void judge_same_required(const struct evidence *evidence, struct verdict *verdict); // SIZE-4
// Of a call that succeeded: is *BufferSize no more than was offered? Fails the verdict if not (part
// of SIZE-5).
bool judge_within_offered(const struct record *record, struct verdict *verdict);
void judge_count(const struct evidence *evidence, struct verdict *verdict);          // COUNT-1
void judge_structures_fit(const struct evidence *evidence, struct verdict *verdict); // COUNT-4
void judge_end(const struct evidence *evidence, struct verdict *verdict);            // BOUNDS-1
void judge_begin(const struct evidence *evidence, struct verdict *verdict);          // BOUNDS-2
void judge_outside(const struct evidence *evidence, struct verdict *verdict);        // both of them
void judge_null(const struct evidence *evidence, struct verdict *verdict);           // BOUNDS-4

// Of the functions that tell of targets, devices and the like: nothing is written outside of the
// buffer, and what judge_items_together and judge_items_changing say.
void judge_at_once(const struct evidence *evidence, items_equal *equal, struct verdict *verdict);
void judge_amid_changes(const struct evidence *evidence, judge_items *each,
                        struct verdict *verdict);

#endif
