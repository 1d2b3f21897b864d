// SPDX-License-Identifier: Apache-2.0
// What is broken, in short: the first thing on a page.
#ifndef TCK_DIGEST_H
#define TCK_DIGEST_H

#include "harness/report/html/writer.h"

// Does anything fail, warn or defy being judged?
bool html_has_digest(const struct result *result);
// Writes a line for each clause that does not hold, failures first, with links to the findings.
// Nothing where there is none.
void html_digest(struct page *page);

#endif
