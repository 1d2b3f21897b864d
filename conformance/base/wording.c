// SPDX-License-Identifier: Apache-2.0
// Quotes text for messages, and finds the word that was meant.
#include "conformance/base/wording.h"

#include "conformance/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct quoted quote(const char *text)
{
    enum { SHOWN_MAX = 100 };
    struct quoted quoted = {"\""};
    size_t used = 1;
    size_t size = strlen(text);
    size_t i = 0;
    while (i < size && used < SHOWN_MAX) {
        uint32_t code_point = 0;
        size_t length = utf8_decode((const uint8_t *)text + i, size - i, &code_point);
        if (length == 0 || code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)) {
            quoted.text[used++] = '?';
            i += length + (length == 0);
            continue;
        }
        memcpy(quoted.text + used, text + i, length);
        used += length;
        i += length;
    }
    snprintf(quoted.text + used, sizeof quoted.text - used, i < size ? "...\"" : "\"");
    return quoted;
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static bool is_same(char a, char b, bool ignore_case)
{
    return ignore_case ? tolower((unsigned char)a) == tolower((unsigned char)b) : a == b;
}

size_t edit_distance(const char *a, const char *b, bool ignore_case)
{
    size_t row[sizeof((struct choices *)0)->found];
    size_t columns = strlen(b);
    if (columns >= sizeof row / sizeof row[0])
        return SIZE_MAX;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j <= columns; j++) {
            size_t above = row[j];
            row[j] = least_of(above + 1, row[j - 1] + 1,
                              diagonal + (is_same(a[i], b[j - 1], ignore_case) ? 0 : 1));
            diagonal = above;
        }
    }
    return row[columns];
}

void choices_begin(struct choices *choices, const char *found)
{
    *choices = (struct choices){.nearest_distance = SIZE_MAX};
    if (strlen(found) < sizeof choices->found)
        memcpy(choices->found, found, strlen(found) + 1);
}

void choices_add(struct choices *choices, const char *word)
{
    size_t used = strlen(choices->words);
    size_t length = strlen(word);
    if (used + length + 3 > sizeof choices->words)
        choices->left_out++;
    else
        snprintf(choices->words + used, sizeof choices->words - used, "%s%s",
                 choices->count > 0 ? ", " : "", word);
    choices->count++;

    size_t found_length = strlen(choices->found);
    size_t difference = found_length > length ? found_length - length : length - found_length;
    if (found_length == 0 || difference >= choices->nearest_distance)
        return;
    size_t distance_to = edit_distance(choices->found, word, true);
    // A third of the letters wrong is a slip, more is another word.
    if (distance_to >= choices->nearest_distance || distance_to > 1 + found_length / 3 ||
        distance_to >= found_length)
        return;
    choices->nearest_distance = distance_to;
    memcpy(choices->nearest, word, length + 1);
}

// Begins the end of the message; how long it is then.
static int ask(const struct choices *choices, struct choices_text *end)
{
    if (choices->nearest_distance == SIZE_MAX)
        return 0;
    return snprintf(end->text, sizeof end->text, "; did you mean \"%s\"?", choices->nearest);
}

struct choices_text choices_hint(const struct choices *choices, const char *listing,
                                 const char *verb)
{
    struct choices_text end = {""};
    int used = ask(choices, &end);
    snprintf(end.text + used, sizeof end.text - (size_t)used, "%s \"%s\" %s", used == 0 ? ";" : "",
             listing, verb);
    return end;
}

struct choices_text choices_end(const struct choices *choices, const char *what)
{
    struct choices_text end = {""};
    int used = ask(choices, &end);
    char more[40] = "";
    if (choices->left_out > 0)
        snprintf(more, sizeof more, " and %zu more", choices->left_out);
    snprintf(end.text + used, sizeof end.text - (size_t)used, " (%s: %s%s)", what,
             choices->count > 0 ? choices->words : "none", more);
    return end;
}
