// SPDX-License-Identifier: Apache-2.0
// Known deviations: what callers have reported of an implementation, tolerated under its profile.
#ifndef TCK_DEVIATION_H
#define TCK_DEVIATION_H

struct deviation {
    const char *id;      // what judges name, e.g. "one-byte-less-is-enough"
    const char *clause;  // the clause it breaks
    const char *profile; // under which it is tolerated
    const char *what;    // in a sentence
    const char *source;  // who reported it
};

// Ended by an entry whose id is NULL.
extern const struct deviation deviations[];

// The deviation `id` if `profile` tolerates it for `clause`, else NULL. `id` may be NULL.
const struct deviation *deviation_tolerated(const char *id, const char *clause,
                                            const char *profile);

// Is there a profile of that name? ("documented" and every one in the table)
int profile_exists(const char *profile);

#endif
