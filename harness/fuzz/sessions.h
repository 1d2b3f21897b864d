// SPDX-License-Identifier: Apache-2.0
// Makes sessions, and changes them, as real ones and none would be: none to thousands of sessions,
// none to hundreds of connections, names of every length and script, extreme numbers.
#ifndef TCK_FUZZ_SESSIONS_H
#define TCK_FUZZ_SESSIONS_H

#include "conformance/transcript/truth.h"
#include "harness/fuzz/draws.h"

#include <stdbool.h>

// What the sessions of one case have in common.
struct sessions_made {
    uint32_t count; // of those made so far: no two have the same ISID or identifier
    size_t most;    // that there may be at a time
};

// Each a new truth, the caller's; NULL when memory ran out.
struct truth *sessions_make(struct draws *draws, struct sessions_made *made);
// The same sessions after something happened to some of them.
struct truth *sessions_change(struct draws *draws, struct sessions_made *made,
                              const struct truth *before);

// Says what sessions are there already, so that those made next differ from them.
void sessions_note(struct sessions_made *made, const struct truth *truth);
// Adds sessions until there are as many as a counter or an array may end at: up to 257. False when
// memory ran out.
bool sessions_grow(struct draws *draws, struct sessions_made *made, struct truth *truth);
// Changes one thing in place: a session more or less, other connections, or another name, number or
// address of one session. False when memory ran out.
bool sessions_vary(struct draws *draws, struct sessions_made *made, struct truth *truth);

#endif
