// SPDX-License-Identifier: Apache-2.0
// The matrix of the HTML report: clauses by scenarios, a column for A and one for W.
#include "harness/report/html/matrix.h"

#include "conformance/clauses/groups.h"
#include "harness/report/html/verdicts.h"

#include <stdlib.h>
#include <string.h>

enum {
    CELL_SIZE = 120,   // bytes of the page, about
    FEW_SCENARIOS = 8, // so many leave room for the whole of a clause's sentence
};

// ---- The clauses that there are --------------------------------------------------------------

static size_t rank_of(const struct clause *clause)
{
    size_t rank = 0;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++, rank++)
            if (strcmp(clause_groups[i]->clauses[j].id, clause->id) == 0)
                return rank;
    return SIZE_MAX;
}

static bool is_listed(const struct clauses *clauses, const struct clause *clause)
{
    for (size_t i = 0; i < clauses->count; i++)
        if (strcmp(clauses->items[i]->id, clause->id) == 0)
            return true;
    return false;
}

static void list(struct clauses *clauses, const struct clause *clause)
{
    size_t place = clauses->count++;
    while (place > 0 && rank_of(clauses->items[place - 1]) > rank_of(clause)) {
        clauses->items[place] = clauses->items[place - 1];
        place--;
    }
    clauses->items[place] = clause;
}

int html_clauses(struct clauses *clauses, const struct result *const *results, size_t count)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        most += result_tally(results[i], NULL).planned;
    clauses->items = reallocarray(NULL, most + 1, sizeof(struct clause *));
    if (clauses->items == NULL)
        return -1;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < results[i]->scenario_count; j++) {
            const struct scenario_result *scenario = &results[i]->scenarios[j];
            for (size_t k = 0; k < scenario->check_count; k++)
                if (!is_listed(clauses, scenario->checks[k].clause))
                    list(clauses, scenario->checks[k].clause);
        }
    return 0;
}

static bool same_group(const struct clause *one, const struct clause *other)
{
    size_t length = strcspn(one->id, "-");
    return strncmp(one->id, other->id, length) == 0 && other->id[length] == '-';
}

// ---- The matrix ------------------------------------------------------------------------------

static const struct check *find_check(const struct scenario_result *scenario,
                                      const struct clause *clause, enum check_charset charset)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (scenario->checks[i].charset == charset &&
            strcmp(scenario->checks[i].clause->id, clause->id) == 0)
            return &scenario->checks[i];
    return NULL;
}

static void write_cell(struct page *page, size_t scenario_index, const struct check *check,
                       int span, bool first)
{
    const struct scenario_result *scenario = &page->result->scenarios[scenario_index];
    html_raw(page, "<td%s%s>", span == 2 ? " colspan=\"2\"" : "", first ? " class=\"first\"" : "");
    if (check == NULL) {
        html_raw(page, "</td>");
        return;
    }
    bool linked = html_is_finding(check);
    html_raw(page, linked ? "<a" : "<span");
    if (linked)
        html_raw(page, " href=\"#%sf%zu-%zu\"", page->prefix, scenario_index,
                 (size_t)(check - scenario->checks));
    html_raw(page, " class=\"v %s\" title=\"", html_verdict_class(check));
    html_print(page, "%s %s, %s: %s", check->clause->id, check_charset_name(check->charset),
               html_scenario_name(scenario),
               check->judged ? verdict_kind_name(check->verdict.kind) : "not judged");
    html_raw(page, "\">%s</%s></td>", html_verdict_letter(check), linked ? "a" : "span");
}

void html_clause_cell(struct page *page, const struct clause *clause)
{
    html_raw(page, "<th scope=\"row\" title=\"");
    html_text(page, clause->sentence);
    html_raw(page, "\"><div><b>");
    html_text(page, clause->id);
    html_raw(page, "</b><span>");
    html_text(page, clause->sentence);
    html_raw(page, "</span></div></th>");
}

static void write_row(struct page *page, const struct clause *clause)
{
    html_raw(page, "<tr>");
    html_clause_cell(page, clause);
    for (size_t i = 0; i < page->result->scenario_count; i++) {
        const struct scenario_result *scenario = &page->result->scenarios[i];
        const struct check *both = find_check(scenario, clause, CHECK_BOTH);
        if (both == NULL)
            both = find_check(scenario, clause, CHECK_EX);
        if (both != NULL) {
            write_cell(page, i, both, 2, true);
            continue;
        }
        write_cell(page, i, find_check(scenario, clause, CHECK_A), 1, true);
        write_cell(page, i, find_check(scenario, clause, CHECK_W), 1, false);
    }
    html_raw(page, "</tr>\n");
}

void html_group_row(struct page *page, const struct clauses *clauses, size_t index, size_t columns)
{
    const struct clause *clause = clauses->items[index];
    const struct clause_group *group = NULL;
    if (index > 0 && same_group(clauses->items[index - 1], clause))
        return;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        if (clause_groups[i]->count > 0 && same_group(&clause_groups[i]->clauses[0], clause))
            group = clause_groups[i];
    html_raw(page, "<tr class=\"group\"><th scope=\"rowgroup\"><div><b>");
    if (group != NULL)
        html_text(page, group->name);
    else
        html_print(page, "%.*s", (int)strcspn(clause->id, "-"), clause->id);
    html_raw(page, "</b><span>");
    html_text(page, group == NULL ? "" : group->title);
    html_raw(page, "</span></div></th><td colspan=\"%zu\"></td></tr>\n", columns);
}

void html_matrix_begin(struct page *page, const char *label, const char *const *scenarios,
                       size_t count)
{
    bool few = count <= FEW_SCENARIOS;
    html_raw(page,
             "<p class=\"hint%s\">The table is wider than the page: scroll it sideways, or "
             "press Tab until it has the focus and use the arrow keys.</p>",
             few ? " narrow" : "");
    html_raw(page,
             "<div class=\"scroll%s\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table "
             "class=\"matrix%s\">",
             few ? "" : " tall", label, few ? " few" : "");
    html_raw(page, "<thead><tr><th class=\"corner\" scope=\"col\" rowspan=\"2\">Clause</th>");
    for (size_t i = 0; i < count; i++) {
        html_raw(page, "<th class=\"scenario\" scope=\"colgroup\" colspan=\"2\"><span>");
        html_text(page, scenarios[i]);
        html_raw(page, "</span></th>");
    }
    html_raw(page, "</tr><tr>");
    for (size_t i = 0; i < count; i++)
        html_raw(page, "<th class=\"sub\" scope=\"col\">A</th><th class=\"sub\" "
                       "scope=\"col\">W</th>");
    html_raw(page, "</tr></thead>\n<tbody>");
}

static void write_table(struct page *page, const struct clauses *clauses)
{
    size_t count = page->result->scenario_count;
    const char **names = calloc(count + 1, sizeof(char *));
    if (names == NULL) {
        page->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        names[i] = html_scenario_name(&page->result->scenarios[i]);
    html_matrix_begin(page, "matrix of clauses by scenarios", names, count);
    free(names);
    for (size_t i = 0; i < clauses->count; i++) {
        html_group_row(page, clauses, i, 2 * count);
        write_row(page, clauses->items[i]);
    }
    html_raw(page, "</tbody></table></div></section>\n");
}

size_t html_matrix_size(const struct page *page)
{
    size_t size = result_tally(page->result, NULL).planned * CELL_SIZE;
    return size > page->share / 2 ? 0 : size;
}

void html_matrix(struct page *page, const struct clauses *clauses)
{
    html_raw(page, "<section id=\"%smatrix\"><h2>Clauses by scenarios</h2>", page->prefix);
    if (clauses->count == 0) {
        html_raw(page, "<p>No check was planned.</p></section>");
        return;
    }
    if (html_matrix_size(page) == 0) {
        html_raw(page, "<p>Left out, as the page would become too large.</p></section>");
        return;
    }
    html_raw(page,
             "<ul class=\"legend\"><li><span class=\"v pass\">P</span>pass</li><li><span "
             "class=\"v fail\">F</span>fail (a must)</li><li><span class=\"v "
             "warn\">W</span>warn (a should)</li><li><span class=\"v known\">K</span>known, "
             "tolerated</li><li><span class=\"v skip\">S</span>skip</li><li><span class=\"v "
             "note\">N</span>note</li><li><span class=\"v error\">E</span>error</li><li><span "
             "class=\"v none\">?</span>not judged</li></ul>");
    write_table(page, clauses);
}
