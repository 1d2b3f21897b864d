// SPDX-License-Identifier: Apache-2.0
// Verdicts, scenarios and implementations as the HTML pages show them.
#ifndef TCK_VERDICTS_H
#define TCK_VERDICTS_H

#include "harness/report/html/writer.h"

// A verdict's class in the style sheet, and its letter.
const char *html_verdict_class(const struct check *check);
const char *html_verdict_letter(const struct check *check);
// "fail: 3 bytes too many" with the verdict as a badge; any other text as it is. NULL: "not run".
void html_answer(struct page *page, const char *answer);
bool html_answer_is(const char *answer, const char *name); // does it begin with that verdict?
const char *html_scenario_name(const struct scenario_result *scenario);
bool html_is_finding(const struct check *check);

// Writes which implementation a result is about.
void html_implementation(struct page *page, const struct result *result);

#endif
