// SPDX-License-Identifier: Apache-2.0
// Parts of messages about wrong input: the text that was found, quoted safely, and the words that
// are allowed in its place.
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

// The words that are allowed where another one was found, and which of them is most like it,
// whatever the case.
struct choices {
    char found[128]; // the word that was found; longer text counts as unlike every word
    char nearest[128];
    size_t nearest_distance;
    size_t count;
    size_t left_out;
    char words[480]; // "a, b, c"
};
void choices_begin(struct choices *choices, const char *found);
void choices_add(struct choices *choices, const char *word);

// The end of the message, by value: `; did you mean "b"? (keys here: a, b, c)`; `what` is "keys".
struct choices_text {
    char text[768];
};
struct choices_text choices_end(const struct choices *choices, const char *what);
// The same where they are too many to name: `; did you mean "b"? "LISTING" names all`, with the
// command that lists them, and a verb.
struct choices_text choices_hint(const struct choices *choices, const char *listing,
                                 const char *verb);

#endif
