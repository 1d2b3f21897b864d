// SPDX-License-Identifier: Apache-2.0
// The differences between two results, as a list of its own that points into neither.
#ifndef TCK_DIFFERENCES_H
#define TCK_DIFFERENCES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum difference_kind {
    DIFFERENCE_NEW,     // fails now, and did not before
    DIFFERENCE_FIXED,   // failed before, and holds now
    DIFFERENCE_KNOWN,   // fails now as it did before; counts as no difference
    DIFFERENCE_CHANGED, // any other change of the verdict, or of what was observed
    DIFFERENCE_GONE,    // was judged before, and isn't any more
    DIFFERENCE_ADDED,   // is judged now, and wasn't before; and does not fail
};
enum { DIFFERENCE_KINDS = DIFFERENCE_ADDED + 1 };

struct difference {
    enum difference_kind kind;
    char *scenario;
    char *subject; // a clause's identifier, or what was observed: "required size"
    char *charset; // "A", "W", "A+W"; NULL where it concerns the whole scenario
    char *before;  // the verdict and what was seen, in words; NULL: it was not there
    char *after;
};

struct diff {
    size_t count;
    struct difference *items; // see diff_sort
    size_t of[DIFFERENCE_KINDS];
    char *remarks; // what makes the two results hard to compare, a line each; NULL: nothing
};

const char *difference_name(enum difference_kind kind); // "new", "fixed", "known", "changed", ...

// Is there any difference but known ones?
bool diff_differs(const struct diff *diff);

// Adds a difference with copies of all texts. 0, or -1 when memory ran out.
int diff_add(struct diff *diff, enum difference_kind kind, const char *scenario,
             const char *subject, const char *charset, const char *before, const char *after);
// Sorts by kind; differences of one kind keep their order. 0, or -1 when memory ran out.
int diff_sort(struct diff *diff);
void diff_free(struct diff *diff); // all it holds, not `diff` itself

// As one object: a list for each kind, and the remarks. New reference; NULL when memory ran out.
json_t *diff_to_json(const struct diff *diff);
int diff_from_json(struct diff *diff, json_t *object); // 0, or -1: not one, or memory ran out

#endif
