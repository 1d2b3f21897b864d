// SPDX-License-Identifier: Apache-2.0
// Changes to a draft's sessions that make it smaller.
#ifndef TCK_FUZZ_EDITS_H
#define TCK_FUZZ_EDITS_H

#include "harness/fuzz/draft.h"

// The identifiers of all sessions that the draft has at some moment, each once, in the order in
// which they come; malloc'ed. NULL when memory ran out.
uint64_t *edit_identifiers(const struct draft *draft, size_t *count);

// Takes the sessions with these identifiers out of all moments.
void edit_remove_sessions(struct draft *draft, const uint64_t *identifiers, size_t count);
// Leaves `count` connections to the session, wherever it has more.
void edit_cut_connections(struct draft *draft, uint64_t identifier, size_t count);

// All different names; the texts are the draft's. NULL when memory ran out.
const char **edit_names(const struct draft *draft, size_t *count);
// Replaces a name by another wherever it stands. False when memory ran out.
bool edit_rename(struct draft *draft, const char *from, const char *to);

// What of sessions and connections becomes what it is by default.
enum edit_usual {
    EDIT_IDENTIFIERS = 1,
    EDIT_ISIDS = 2,
    EDIT_TSIDS = 4,
    EDIT_CIDS = 8,
    EDIT_ADDRESSES = 16,
    EDIT_PORTS = 32,
    EDIT_NUMBERS = 63,
    EDIT_NAMES = 64,
};
void edit_usual(struct draft *draft, unsigned which);

// Adds `by` to all identifiers of sessions and connections (AdapterSpecific).
void edit_shift_identifiers(struct draft *draft, uint64_t by);

// Takes out the calls from `first` on, and the moments that no call meets then.
void edit_remove_calls(struct draft *draft, size_t first, size_t count);
void edit_remove_unmet(struct draft *draft);
// Has the calls of the moment meet another, which is one before or after it.
void edit_join_moments(struct draft *draft, size_t moment, size_t other);

#endif
