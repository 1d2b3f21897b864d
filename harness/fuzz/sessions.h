// Makes sessions, and changes them, as real ones and none would be: none to thousands of sessions,
// none to hundreds of connections, names of every length and script, extreme numbers.
#ifndef TCK_FUZZ_SESSIONS_H
#define TCK_FUZZ_SESSIONS_H

#include "conformance/transcript/truth.h"
#include "harness/fuzz/draws.h"

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

#endif
