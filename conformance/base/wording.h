// Pieces of messages about input: text quoted safely, and the words that would have been right.
#ifndef TCK_WORDING_H
#define TCK_WORDING_H

#include <stdbool.h>
#include <stddef.h>

// Text of unknown origin as it can stand in a message: in double quotes, cut where it is long,
// control characters and what is not UTF-8 replaced. Returned by value: quote(text).text.
struct quoted {
    char text[128];
};
struct quoted quote(const char *text);

// How many letters must be added, removed or changed to make one of the other (Levenshtein).
// SIZE_MAX where `b` has 128 bytes or more.
size_t edit_distance(const char *a, const char *b, bool ignore_case);

// The words that would have been right instead of the one that was found, and the one of them that
// is nearest to it.
struct choices {
    char found[128]; // what is compared; longer text is like no word
    char nearest[128];
    size_t nearest_distance;
    size_t count;
    size_t left_out;
    char words[480]; // "a, b, c"
};
void choices_begin(struct choices *choices, const char *found);
void choices_add(struct choices *choices, const char *word);

// The end of a message about them, by value: `; did you mean "b"? (keys here: a, b, c)`.
struct choices_text {
    char text[768];
};
struct choices_text choices_end(const struct choices *choices, const char *what);

#endif
