// SPDX-License-Identifier: Apache-2.0
// The HTML page of several implementations: a column for each, where they differ, and then each by
// itself.
#ifndef TCK_SEVERAL_PAGE_H
#define TCK_SEVERAL_PAGE_H

#include "harness/result/comparison.h"
#include "harness/result/result.h"

struct several_document {
    const struct comparison *comparison;
    const struct result *results;
    size_t count;
};

// As report_write.
int report_html_several(const struct several_document *document, const char *path,
                        struct failure *failure);

#endif
