// SPDX-License-Identifier: Apache-2.0
// The list at the top of an HTML page: each clause that does not hold, what was seen, how often,
// and, below it, what it probably entails.
#include "harness/report/html/digest.h"

#include "harness/report/check_groups.h"
#include "harness/report/html/verdicts.h"

#include <string.h>

static const enum verdict_kind kinds[] = {VERDICT_FAIL, VERDICT_ERROR, VERDICT_WARN};
enum { KINDS = sizeof kinds / sizeof *kinds };

bool html_has_digest(const struct result *result)
{
    struct tally tally = result_tally(result, NULL);
    for (size_t i = 0; i < KINDS; i++)
        if (tally.of[kinds[i]] > 0)
            return true;
    return false;
}

// "12 checks in 6 scenarios", of those that the walk visits.
static void write_count(struct page *page, struct check_walk walk)
{
    size_t checks = 0;
    size_t scenarios = 0;
    size_t last = SIZE_MAX;
    while (check_walk_next(&walk) != NULL) {
        checks++;
        scenarios += walk.scenario != last;
        last = walk.scenario;
    }
    html_raw(page, "<span class=\"soft\">%zu check%s in %zu scenario%s</span>", checks,
             checks == 1 ? "" : "s", scenarios, scenarios == 1 ? "" : "s");
}

static void write_clause(struct page *page, const struct clause *clause)
{
    html_raw(page, "<a href=\"#%sclause-", page->prefix);
    html_text(page, clause->id);
    html_raw(page, "\"><b>");
    html_text(page, clause->id);
    html_raw(page, "</b></a> ");
}

// `all`: the walk that `check` is the first of its group in, `at` where that walk is.
static void write_line(struct page *page, const struct check_walk *at, const struct check *check)
{
    const struct scenario_result *scenario = &page->result->scenarios[at->scenario];
    struct check_walk own = check_walk_part_begin(page->result, at->kind, at->part, at->cause);
    own.like = check;
    html_raw(page, "<span class=\"badge %s\">%s</span>", html_verdict_class(check),
             html_verdict_class(check));
    write_clause(page, check->clause);
    // A consequence has a line, which need not say again what its clause demands.
    bool cause = at->part == WALK_CAUSES;
    html_text(page, cause ? check->clause->sentence : NULL);
    html_raw(page, cause ? "<div class=\"wrap\">" : "<span class=\"wrap\">");
    html_text(page, check->verdict.got);
    html_raw(page, " <a href=\"#%sf%zu-%zu\">", page->prefix, at->scenario,
             (size_t)(check - scenario->checks));
    html_print(page, "(%s, %s)", html_scenario_name(scenario), check_charset_name(check->charset));
    html_raw(page, "</a> ");
    write_count(page, own);
    html_raw(page, cause ? "</div>" : "</span>");
}

// What is listed under the clause as its probable consequences.
static void write_consequences(struct page *page, const struct clause *cause)
{
    bool any = false;
    for (size_t i = 0; i < KINDS; i++) {
        struct check_walk walk =
            check_walk_part_begin(page->result, kinds[i], WALK_CONSEQUENCES, cause);
        for (const struct check *check = check_walk_next_group(&walk); check != NULL;
             check = check_walk_next_group(&walk)) {
            html_raw(page, "%s<li>", any ? "" : "<p>Probably because of it:</p><ul>");
            write_line(page, &walk, check);
            html_raw(page, "</li>");
            any = true;
        }
    }
    html_raw(page, "%s", any ? "</ul>" : "");
}

void html_digest(struct page *page)
{
    if (!html_has_digest(page->result))
        return;
    html_raw(page, "<section id=\"%sbroken\" class=\"digest\"><h2>What does not hold</h2><ol>",
             page->prefix);
    for (size_t i = 0; i < KINDS; i++) {
        struct check_walk walk = check_walk_part_begin(page->result, kinds[i], WALK_CAUSES, NULL);
        for (const struct check *check = check_walk_next_group(&walk); check != NULL;
             check = check_walk_next_group(&walk)) {
            html_raw(page, "<li>");
            write_line(page, &walk, check);
            write_consequences(page, check->clause);
            html_raw(page, "</li>\n");
        }
    }
    html_raw(page, "</ol></section>\n");
}
