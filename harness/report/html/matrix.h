// SPDX-License-Identifier: Apache-2.0
// The matrix of the HTML report: clauses by scenarios, a column for A and one for W.
#ifndef TCK_MATRIX_H
#define TCK_MATRIX_H

#include "harness/report/html/writer.h"

// The clauses that were checked, each once, in the order of the contract.
struct clauses {
    size_t count;
    const struct clause **items; // owned by whoever listed them
};

// Lists those of several results; free clauses->items. 0, or -1 when memory ran out.
int html_clauses(struct clauses *clauses, const struct result *const *results, size_t count);
// Writes the heading of a group where the clause at `index` is its first. `columns`: those beside
// the clauses.
void html_group_row(struct page *page, const struct clauses *clauses, size_t index, size_t columns);
// Writes the first cell of a clause's row.
void html_clause_cell(struct page *page, const struct clause *clause);
// Writes the beginning of a matrix and its headings: the clauses, then A and W for each scenario.
void html_matrix_begin(struct page *page, const char *label, const char *const *scenarios,
                       size_t count);
void html_matrix(struct page *page, const struct clauses *clauses);
// How many bytes of the page it takes, about; 0: it is left out, as it takes too many.
size_t html_matrix_size(const struct page *page);

#endif
