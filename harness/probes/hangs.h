// SPDX-License-Identifier: Apache-2.0
// Remembers which kinds of calls hung, so that they are not made again: each hang takes as long as
// the time limit of a call. A hang ends the calls of one kind only, not the run.
#ifndef TCK_PROBES_HANGS_H
#define TCK_PROBES_HANGS_H

#include "conformance/transcript/call.h"

#include <stdbool.h>

enum {
    // After so many hangs in the sets that come last (probe_set.last), each of these sets in which
    // something hung is given up as a whole.
    HANGS_HOSTILE = 2,
    HANGS_MAX = 16, // after so many hangs no more calls are made
};

// A kind of calls that hung.
struct hang {
    enum charset charset;
    const char *set; // static text
    char way[64];    // see call_kind; "": the set has none
};

// A kind of calls: those of one function, made by one set of probes, in one way. A hang in one way
// says nothing of the others. Texts are compared, not owned.
struct call_kind {
    enum charset charset;
    const char *set; // static text
    const char *way; // the kind of damage, or form of arguments; NULL: the set has none
    bool hostile;    // probe_set.last of the set
};

// The hangs in all scenarios of a run.
struct hangs {
    unsigned count;   // of calls that hung
    unsigned hostile; // those of them in sets that come last
    struct hang kinds[HANGS_MAX];
    char first[512]; // a description of the first; "": there is none
};

// Are calls of that kind no longer to be made?
bool hangs_given_up(const struct hangs *hangs, const struct call_kind *kind);

// Notes that a call of that kind hung.
void hangs_note(struct hangs *hangs, const struct call_kind *kind);

#endif
