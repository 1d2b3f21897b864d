// SPDX-License-Identifier: Apache-2.0
// The sections of a result's HTML page; those that are not written here are only called in order.
#include "harness/report/html/sections.h"

#include "harness/report/html/diff_page.h"
#include "harness/report/html/digest.h"
#include "harness/report/html/findings.h"
#include "harness/report/html/sweep.h"
#include "harness/report/html/verdicts.h"

#include <string.h>

static void write_sweeps(struct page *page)
{
    size_t written = 0;
    html_raw(page,
             "<section id=\"%ssweeps\" class=\"sweeps\"><h2>Size sweeps</h2><p>Each size offered "
             "against what came back: below the size required insufficient, from it on "
             "success.</p>",
             page->prefix);
    for (size_t i = 0; i < page->result->scenario_count; i++)
        for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
            const struct scenario_result *scenario = &page->result->scenarios[i];
            const struct sweep *sweep = &scenario->sweeps[charset];
            if (sweep->count == 0 || !html_has_room(page))
                continue;
            bool odd = html_sweep_is_odd(sweep);
            html_raw(page, "<details%s><summary><b>", odd || written == 0 ? " open" : "");
            html_print(page, "%s, %c", html_scenario_name(scenario),
                       charset == CHARSET_W ? 'W' : 'A');
            html_raw(page, "</b>%s</summary>", odd ? " <span class=\"badge fail\">odd</span>" : "");
            html_scenario_sweep(page, scenario, (enum charset)charset);
            html_raw(page, "</details>\n");
            written++;
        }
    if (written == 0)
        html_raw(page, "<p>No sweep was made.</p>");
    html_raw(page, "</section>\n");
}

static bool is_remark(const struct check *check)
{
    return check->judged && check->verdict.got[0] != '\0' &&
           (check->verdict.kind == VERDICT_NOTE || check->verdict.kind == VERDICT_SKIP);
}

static bool same_remark(const struct check *one, const struct check *other)
{
    return is_remark(other) && one->verdict.kind == other->verdict.kind &&
           strcmp(one->clause->id, other->clause->id) == 0 &&
           strcmp(one->verdict.got, other->verdict.got) == 0;
}

// How many say the same; 0: one before this did already.
static size_t count_same(const struct result *result, size_t scenario, size_t index)
{
    const struct check *check = &result->scenarios[scenario].checks[index];
    size_t count = 0;
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            if (!same_remark(check, &result->scenarios[i].checks[j]))
                continue;
            if (i < scenario || (i == scenario && j < index))
                return 0;
            count++;
        }
    return count;
}

static void write_remark(struct page *page, const struct check *check, size_t count)
{
    html_raw(page, "<tr><td><span class=\"badge %s\">%s</span></td><th scope=\"row\">",
             html_verdict_class(check), html_verdict_class(check));
    html_text(page, check->clause->id);
    html_raw(page, "</th><td class=\"wrap\">");
    html_text(page, check->verdict.got);
    if (check->verdict.blocked_by != NULL && strcmp(check->verdict.blocked_by, BLOCKED_BY_ANY) != 0)
        html_print(page, " (blocked by %s)", check->verdict.blocked_by);
    html_raw(page, "</td><td class=\"n\">%zu</td></tr>\n", count);
}

static void write_remarks(struct page *page)
{
    enum { FEW = 40 }; // more are folded
    const struct result *result = page->result;
    struct tally tally = result_tally(result, NULL);
    bool few = tally.of[VERDICT_NOTE] + tally.of[VERDICT_SKIP] <= FEW;
    html_raw(page,
             "<section id=\"%snotes\"><h2>Notes and skips</h2><details%s><summary>%zu notes, %zu "
             "skips</summary><div class=\"scroll\" "
             "tabindex=\"0\" role=\"region\" aria-label=\"notes and skips\"><table "
             "class=\"plain\"><thead><tr><th scope=\"col\">Verdict</th><th "
             "scope=\"col\">Clause</th><th scope=\"col\">What was seen, or why not tried</th>"
             "<th scope=\"col\" class=\"n\">Checks</th></tr></thead><tbody>",
             page->prefix, few ? " open" : "", tally.of[VERDICT_NOTE], tally.of[VERDICT_SKIP]);
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            size_t count = is_remark(check) ? count_same(result, i, j) : 0;
            if (count > 0 && html_has_room(page))
                write_remark(page, check, count);
        }
    html_raw(page, "</tbody></table></div></details></section>\n");
}

static void write_scenario(struct page *page, const struct scenario_result *scenario)
{
    struct tally tally = result_tally(page->result, scenario);
    html_raw(page, "<tr><th scope=\"row\">");
    html_text(page, html_scenario_name(scenario));
    html_raw(page, "</th><td class=\"wide wrap\">");
    html_text(page, scenario->summary);
    html_raw(page,
             "</td><td class=\"n\">%zu</td><td class=\"n\">%llu</td><td class=\"n\">%zu</td><td "
             "class=\"n\">%zu</td><td class=\"n\">%.2f</td><td>%s</td></tr>\n",
             scenario->session_count, scenario->call_count, tally.judged, tally.of[VERDICT_FAIL],
             (double)(scenario->bring_up_ns + scenario->probes_ns) / 1e9,
             scenario->finished ? "yes" : "<b>no</b>");
}

static void write_scenarios(struct page *page)
{
    html_raw(page,
             "<section id=\"%sscenarios\"><h2>Scenarios</h2><div class=\"scroll\" "
             "tabindex=\"0\" role=\"region\" aria-label=\"scenarios\"><table "
             "class=\"plain\"><thead><tr><th scope=\"col\">Scenario</th><th scope=\"col\" "
             "class=\"wide\">What it is</th><th scope=\"col\" class=\"n\">Sessions</th><th "
             "scope=\"col\" class=\"n\">Calls</th><th scope=\"col\" class=\"n\">Checks</th><th "
             "scope=\"col\" class=\"n\">Failed</th><th scope=\"col\" class=\"n\">Seconds</th>"
             "<th scope=\"col\">Finished</th></tr></thead><tbody>",
             page->prefix);
    for (size_t i = 0; i < page->result->scenario_count; i++)
        write_scenario(page, &page->result->scenarios[i]);
    html_raw(page, "</tbody></table></div></section>\n");
}

void html_sections(struct page *page, const struct clauses *clauses)
{
    html_digest(page);
    html_findings(page, clauses);
    html_matrix(page, clauses);
    html_regression(page);
    write_sweeps(page);
    write_remarks(page);
    write_scenarios(page);
}
