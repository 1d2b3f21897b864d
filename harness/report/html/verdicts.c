// SPDX-License-Identifier: Apache-2.0
// Verdicts, scenarios and implementations as the HTML pages show them.
#include "harness/report/html/verdicts.h"

#include <string.h>

const char *html_verdict_class(const struct check *check)
{
    return check->judged ? verdict_kind_name(check->verdict.kind) : "none";
}

const char *html_verdict_letter(const struct check *check)
{
    static const char *const letters[] = {"P", "F", "W", "K", "S", "N", "E"};
    if (!check->judged || (size_t)check->verdict.kind >= sizeof letters / sizeof *letters)
        return "?";
    return letters[check->verdict.kind];
}

bool html_is_finding(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN ||
            check->verdict.kind == VERDICT_KNOWN || check->verdict.kind == VERDICT_ERROR);
}

const char *html_scenario_name(const struct scenario_result *scenario)
{
    return scenario->name == NULL ? "(without a name)" : scenario->name;
}

bool html_answer_is(const char *answer, const char *name)
{
    size_t length = strlen(name);
    return answer != NULL && strncmp(answer, name, length) == 0 &&
           strchr(": (", answer[length]) != NULL;
}

void html_answer(struct page *page, const char *answer)
{
    for (int kind = 0; answer != NULL && kind <= VERDICT_ERROR; kind++) {
        const char *name = verdict_kind_name((enum verdict_kind)kind);
        size_t length = strlen(name);
        if (!html_answer_is(answer, name))
            continue;
        html_raw(page, "<span class=\"badge %s\">%s</span>", name, name);
        answer += length + (answer[length] == ':');
        break;
    }
    html_text(page, answer == NULL ? "not run" : answer);
}

void html_implementation(struct page *page, const struct result *result)
{
    html_raw(page, "<span class=\"wrap mono\">");
    html_text(page, result->implementation == NULL ? "?" : result->implementation);
    html_raw(page, "</span>%s",
             result->is_reference ? " <span class=\"soft\">(the kit's own "
                                    "reference implementation)</span>"
                                  : "");
}
