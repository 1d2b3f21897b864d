// SPDX-License-Identifier: Apache-2.0
// The findings of the HTML report: what did not hold, clause by clause, with pictures of it.
#ifndef TCK_FINDINGS_H
#define TCK_FINDINGS_H

#include "harness/report/html/matrix.h"

void html_findings(struct page *page, const struct clauses *clauses);
// How a finding is shown.
struct finding_style {
    bool open;
    bool drawn;         // with pictures
    bool grouped;       // for all of the page's result that say the same of the clause
    const char *before; // what an earlier result says of it; NULL: nothing is said
};
void html_finding(struct page *page, size_t scenario_index, const struct check *check,
                  const struct finding_style *style);

#endif
