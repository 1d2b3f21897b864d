// The matrix of the HTML report: clauses by scenarios, a column for A and one for W.
#ifndef TCK_MATRIX_H
#define TCK_MATRIX_H

#include "harness/report/html/writer.h"

// The clauses that results have checks of, in the order of the contract, each once.
struct clauses {
    size_t count;
    const struct clause **items; // owned by whoever listed them
};

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

#endif
