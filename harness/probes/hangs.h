// Which kinds of calls hung before, and so are not made any more. A hang costs its own set of
// probes, or the one way of damage or form of arguments that it was seen with, not the run.
#ifndef TCK_PROBES_HANGS_H
#define TCK_PROBES_HANGS_H

#include "conformance/transcript/call.h"

#include <stdbool.h>

enum {
    HANGS_HOSTILE = 2, // calls of the sets that come last that may hang before those of these sets
                       // that did hang are given up as a whole
    HANGS_MAX = 16,    // calls that may hang before nothing more is called
};

// One kind: a function's calls of one set of probes, of one way. Texts are compared, not owned.
struct hang {
    enum charset charset;
    const char *set; // static text
    char way[64];    // "": the set has no ways
};

// What a call is made for.
struct call_kind {
    enum charset charset;
    const char *set; // static text
    const char *way; // of damage, or form of arguments; NULL: the set has none
    bool hostile;    // the set is one of those that come last
};

// Over all scenarios of a run.
struct hangs {
    unsigned count;   // of calls that hung
    unsigned hostile; // of them: of sets that come last
    struct hang kinds[HANGS_MAX];
    char first[512]; // the first of them in words; "": there is none
};

// Are calls of that kind not made any more?
bool hangs_given_up(const struct hangs *hangs, const struct call_kind *kind);

// Notes that a call of that kind hung.
void hangs_note(struct hangs *hangs, const struct call_kind *kind);

#endif
