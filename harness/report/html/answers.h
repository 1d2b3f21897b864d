// Tables of answers side by side: of two results, or of several implementations.
#ifndef TCK_ANSWERS_H
#define TCK_ANSWERS_H

#include "harness/report/html/writer.h"

// Answers side by side, a column for each of `width` results.
struct answers {
    const char *scenario;
    const char *subject; // a clause's identifier, or what was observed
    const char *charset; // NULL: none
    char *const *texts;  // one for each result; NULL: not there
};
struct answers_table {
    size_t width;
    const char *const *headings;
    size_t count;
    const struct answers *rows;
};
// Those of one subject.
void html_answers(struct page *page, const struct answers_table *table, const char *subject);
// A subject as a heading; and as part of an identifier.
void html_subject(struct page *page, const char *subject);
void html_identifier(struct page *page, const char *subject);
// Is the row the first of its subject?
bool html_subject_is_new(const struct answers_table *table, size_t index);

#endif
