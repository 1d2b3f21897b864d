// What the files of the HTML report share: writing escaped text, and the pictures.
#ifndef TCK_HTML_PAGE_H
#define TCK_HTML_PAGE_H

#include "harness/report/html/scene.h"
#include "harness/result/result.h"

#include <stdbool.h>
#include <stdio.h>

struct page {
    FILE *stream; // in memory, so that its size is known at any time
    const struct result *result;
    // Of a page on which several results share the room: what each identifier begins with ("i2-"),
    // where the result's share begins, and how large it is before pictures are left out.
    char prefix[24];
    size_t begin;
    size_t share;
    bool failed; // memory ran out
};

// The clauses that results have checks of, in the order of the contract, each once.
struct clauses {
    size_t count;
    const struct clause **items; // owned by whoever listed them
};

// Markup, as it is; only numbers and constants go in.
void html_raw(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Text, foreign or not: escaped, controls made visible. NULL is nothing.
void html_text(struct page *page, const char *text);
void html_print(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A text of several lines, each escaped, ends kept.
void html_lines(struct page *page, const char *text);
// A term and what there is to say of it; nothing where that is NULL or "".
void html_term(struct page *page, const char *term, const char *text);
size_t html_size(const struct page *page);
// How much of the present result's share is used; and whether more may be told in words.
size_t html_used(const struct page *page);
bool html_has_room(const struct page *page);

// Makes the page with `body` and writes it to `stream`; 0, or -1 when memory ran out.
typedef void html_body(struct page *page, const void *document);
int html_make(FILE *stream, html_body *body, const void *document);
// From the document type to the opened header with its heading; from the closed main part to the
// end. A page closes the header and opens the main part itself.
void html_begin(struct page *page, const char *title, const char *heading);
void html_end(struct page *page, const char *made_of);

// A verdict's class in the style sheet, and its letter.
const char *html_verdict_class(const struct check *check);
const char *html_verdict_letter(const struct check *check);
// "fail: 3 bytes too many" with the verdict as a badge; any other text as it is. NULL: "-".
void html_answer(struct page *page, const char *answer);
const char *html_scenario_name(const struct scenario_result *scenario);
bool html_is_finding(const struct check *check);

// What a page says of one result: which implementation it is of; its verdict, numbers and facts;
// and all the rest.
void html_implementation(struct page *page, const struct result *result);
void html_summary(struct page *page);
void html_sections(struct page *page, const struct clauses *clauses);

// 0, or -1 when memory ran out.
int html_clauses(struct clauses *clauses, const struct result *const *results, size_t count);
// The row that begins a group, where `clause` is the first of one; over so many columns beside the
// first.
void html_group_row(struct page *page, const struct clauses *clauses, size_t index, size_t columns);
// The first cell of a clause's row.
void html_clause_cell(struct page *page, const struct clause *clause);
// A matrix up to its first row: a column for clauses, and two, A and W, for each name.
void html_matrix_begin(struct page *page, const char *label, const char *const *scenarios,
                       size_t count);
void html_matrix(struct page *page, const struct clauses *clauses);

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

// What became of the waivers and the baseline of the result; nothing where there are none.
void html_regression(struct page *page);

void html_findings(struct page *page, const struct clauses *clauses);
// How a finding is shown.
struct finding_style {
    bool open;
    bool drawn;         // with pictures
    const char *before; // what an earlier result says of it; NULL: nothing is said
};
void html_finding(struct page *page, size_t scenario_index, const struct check *check,
                  const struct finding_style *style);

// The style sheet and the few shapes that all pictures use.
extern const char html_style[];

// The map of a buffer as a figure. `about`: members that the clause is about, NULL-terminated; may
// be NULL.
void html_map(struct page *page, const struct scene *scene, const char *const *about);
// The bytes around the marks as a figure; nothing where there are no marks.
void html_bytes(struct page *page, const struct scene *scene);

// Has a sweep anything but one threshold and two sizes?
bool html_sweep_is_odd(const struct sweep *sweep);
// Of a scenario in a charset, with a title of its own.
void html_scenario_sweep(struct page *page, const struct scenario_result *scenario,
                         enum charset charset);
// The sweep as a figure: size offered against status and size returned.
void html_sweep(struct page *page, const struct sweep *sweep, const char *title);

#endif
