// SPDX-License-Identifier: Apache-2.0
// What changed between two results, as a page, and as a section of a result's own page.
#ifndef TCK_DIFF_PAGE_H
#define TCK_DIFF_PAGE_H

#include "harness/report/html/writer.h"
#include "harness/result/differences.h"

struct diff_document {
    const struct diff *diff;
    const struct result *before;
    const struct result *after;
    const char *before_path;
    const char *after_path;
};

// As report_write.
int report_html_diff(const struct diff_document *document, const char *path,
                     struct failure *failure);

// What became of the waivers and the baseline of the page's result; nothing where there are none.
void html_regression(struct page *page);

#endif
