// SPDX-License-Identifier: Apache-2.0
// The HTML page of one result, for people, with pictures of the buffers and of the size sweeps. It
// loads nothing from elsewhere and runs no script.
#ifndef TCK_PAGE_H
#define TCK_PAGE_H

#include "harness/report/html/writer.h"

// As report_write.
int report_html_write(const struct result *result, const char *path, struct failure *failure);

// The verdict, numbers and facts of the page's result.
void html_summary(struct page *page);

#endif
