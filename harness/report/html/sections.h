// SPDX-License-Identifier: Apache-2.0
// The sections of a result's HTML page.
#ifndef TCK_SECTIONS_H
#define TCK_SECTIONS_H

#include "harness/report/html/matrix.h"

// All that a page says of its result below the summary.
void html_sections(struct page *page, const struct clauses *clauses);

#endif
