// What differs between two results: the one place that decides what is new, fixed, changed or gone.
// Used by --baseline, by the command `diff`, and where several implementations are compared.
#ifndef TCK_DIFF_H
#define TCK_DIFF_H

#include "harness/result/result.h"

#include <jansson.h>

enum difference_kind {
    DIFFERENCE_NEW,     // fails now, and did not before
    DIFFERENCE_FIXED,   // failed before, and holds now
    DIFFERENCE_KNOWN,   // fails now as it did before: no difference, but not to be forgotten
    DIFFERENCE_CHANGED, // another verdict otherwise, or something else was observed
    DIFFERENCE_GONE,    // was judged before, and isn't any more
    DIFFERENCE_ADDED,   // is judged now, and wasn't before; and does not fail
};
enum { DIFFERENCE_KINDS = DIFFERENCE_ADDED + 1 };

struct difference {
    enum difference_kind kind;
    char *scenario;
    char *subject; // a clause's identifier, or what was observed: "required size"
    char *charset; // "A", "W", "A+W"; NULL where it is of the whole scenario
    char *before;  // the verdict and what was seen, in words; NULL: it was not there
    char *after;
};

// Borrows nothing from the results that it was made from.
struct diff {
    size_t count;
    struct difference
        *items; // by kind, then in the order of the new result; what is gone: of the old
    size_t of[DIFFERENCE_KINDS];
    char *remarks; // what makes the comparison less than fair, a line each; NULL: nothing
};

// Does a failure count as one, though it may have been excused by a baseline? What a waiver excused
// does not: the waiver, not the baseline, says for how long.
bool check_failing(const struct check *check);

// The check of another result that is the same one: by scenario's name, clause and charset. NULL:
// none.
const struct check *check_find(const struct result *result, const char *scenario,
                               const struct check *like);
const struct scenario_result *scenario_result_find(const struct result *result, const char *name);

// 0; or -1 when memory ran out, with nothing to free. What the plan of `after` leaves to other
// shards is not missed.
int diff_make(struct diff *diff, const struct result *before, const struct result *after);
void diff_free(struct diff *diff);

// Is there any difference? (What is known is none.)
bool diff_differs(const struct diff *diff);

const char *difference_name(enum difference_kind kind); // "new", "fixed", "known", "changed", ...

// As one object: a list for each kind, and the remarks. New reference; NULL when memory ran out.
json_t *diff_to_json(const struct diff *diff);
int diff_from_json(struct diff *diff, json_t *object); // 0, or -1: not one, or memory ran out

// Several results of the same plan side by side.
struct comparison_row {
    char *scenario;
    char *subject;
    char *charset;
    char **answers; // one for each result, in their order; NULL: not there
};

struct comparison {
    size_t width; // the number of results
    size_t count;
    struct comparison_row *rows; // where not all of them are the same
    size_t same;                 // the number of checks that are
};

// 0; or -1 when memory ran out, with nothing to free. `results` is not empty.
int comparison_make(struct comparison *comparison, const struct result *const *results,
                    size_t count);
void comparison_free(struct comparison *comparison);
json_t *comparison_to_json(const struct comparison *comparison);

#endif
