// SPDX-License-Identifier: Apache-2.0
// Tables of answers side by side: of two results, or of several implementations.
#ifndef TCK_ANSWERS_H
#define TCK_ANSWERS_H

#include "harness/report/html/writer.h"
#include "harness/result/comparison.h"

struct answers_table {
    size_t width; // a column for each of so many results
    const char *const *headings;
    size_t count;
    const struct comparison_row *rows;
};
// Writes the rows of one subject.
void html_answers(struct page *page, const struct answers_table *table, const char *subject);
// Writes a subject as a heading, and as part of an element's identifier.
void html_subject(struct page *page, const char *subject);
void html_identifier(struct page *page, const char *subject);
// Were both subjects answered alike, in the same places?
bool html_subjects_alike(const struct answers_table *table, const char *one, const char *other);
// Is the row the first of its subject?
bool html_subject_is_new(const struct answers_table *table, size_t index);

#endif
