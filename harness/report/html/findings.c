// SPDX-License-Identifier: Apache-2.0
// The findings of the HTML report: what did not hold, clause by clause, with pictures of it.
#include "harness/report/html/findings.h"

#include "conformance/transcript/describe.h"
#include "conformance/transcript/fault_stack.h"
#include "harness/report/html/bytes.h"
#include "harness/report/html/map.h"
#include "harness/report/html/scene.h"
#include "harness/report/html/sweep.h"
#include "harness/report/html/verdicts.h"
#include "harness/result/words.h"

#include <stdlib.h>
#include <string.h>

enum {
    PICTURES_OF_CLAUSE = 3, // so many of a clause's findings are drawn
    PRINTED_PICTURES = 3,   // so many clauses have their pictures on paper, too
};

// Does the size sweep show what was found?
static bool is_about_sizes(const struct check *check)
{
    const struct record *record = check->verdict.record;
    return check->clause->in_sweep ||
           (record != NULL && record->probe_set != NULL && strcmp(record->probe_set, "sweep") == 0);
}

static void draw_pictures(struct page *page, const struct scenario_result *scenario,
                          const struct check *check)
{
    bool exhausted = false;
    struct scene *scene = scene_create(page->result, scenario, check, &exhausted);
    page->failed = page->failed || exhausted;
    if (scene != NULL) {
        html_map(page, scene, check->clause->members);
        html_bytes(page, scene);
        scene_free(scene);
    }
    if (!is_about_sizes(check) || check->clause->family != FAMILY_LIST)
        return;
    if (check->charset != CHECK_W)
        html_scenario_sweep(page, scenario, CHARSET_A);
    if (check->charset != CHECK_A)
        html_scenario_sweep(page, scenario, CHARSET_W);
}

static void write_call(struct page *page, const struct check *check)
{
    const struct record *record = check->verdict.record;
    char text[1024];
    if (record == NULL)
        return;
    report_describe_call(record, text, sizeof text);
    html_term(page, "Call", text);
    html_term(page, "When", record->circumstance);
    report_describe_outcome(record, text, sizeof text);
    html_term(page, "What it did", text);
    if (record->source.stack != NULL) {
        char stack[STACK_WORDS_MAX];
        stack_describe(record->source.stack, stack, sizeof stack);
        html_raw(page, "<dt>Stack</dt><dd class=\"said mono\">");
        html_lines(page, stack);
        html_raw(page, "</dd>");
    }
    if (record->said == NULL || record->said[0] == '\0')
        return;
    html_raw(page, "<dt>It printed</dt><dd class=\"said mono\">");
    html_lines(page, record->said);
    html_raw(page, "</dd>");
}

static void write_deviation(struct page *page, const struct check *check)
{
    const struct deviation *known = check_deviation(check, page->result->profile);
    if (check->excuse.text != NULL) {
        html_raw(page, "<dt>Does not count</dt><dd>");
        html_text(page, check->excuse.text);
        html_raw(page, "</dd>");
    }
    if (known == NULL)
        return;
    html_raw(page, "<dt>Known of</dt><dd>");
    html_print(page, "%s; tolerated by --profile %s (%s)", known->what, known->profile,
               known->source);
    html_raw(page, "</dd>");
}

// Links to the findings of which this one probably is a consequence, or that are its own.
static void write_relations(struct page *page, size_t scenario_index, const struct check *check)
{
    const struct scenario_result *scenario = &page->result->scenarios[scenario_index];
    const struct check *cause = check_cause(scenario, check);
    char text[1024];
    if (check->verdict.ways[0] != '\0') {
        html_raw(page, "<dt>In these ways</dt><dd>");
        html_lines(page, check->verdict.ways);
        html_raw(page, "</dd>");
    }
    html_term(page, "Also", check->verdict.also);
    html_term(page, "Left out", check->verdict.left_out);
    report_describe_cause(scenario, check, text, sizeof text);
    if (text[0] != '\0') {
        html_raw(page, "<dt>Probably because of</dt><dd>");
        if (cause != NULL)
            html_raw(page, "<a href=\"#%sf%zu-%zu\">", page->prefix, scenario_index,
                     (size_t)(cause - scenario->checks));
        html_text(page, text);
        html_raw(page, "%s</dd>", cause != NULL ? "</a>" : "");
    }
    report_describe_consequences(scenario, check, text, sizeof text);
    if (text[0] == '\0')
        return;
    html_raw(page, "<dt>Probable consequences</dt><dd>");
    for (size_t i = 0; i < scenario->check_count; i++)
        if (check_cause(scenario, &scenario->checks[i]) == check) {
            html_raw(page, "<a href=\"#%sf%zu-%zu\">", page->prefix, scenario_index, i);
            html_print(page, "%s (%s)", scenario->checks[i].clause->id,
                       check_charset_name(scenario->checks[i].charset));
            html_raw(page, "</a> ");
        }
    html_raw(page, "</dd>");
}

// Do both say the same of their clause?
static bool same_finding(const struct check *one, const struct check *other)
{
    return html_is_finding(other) && one->verdict.kind == other->verdict.kind &&
           strcmp(one->clause->id, other->clause->id) == 0 &&
           strcmp(one->verdict.got, other->verdict.got) == 0 &&
           strcmp(one->verdict.expected, other->verdict.expected) == 0 &&
           strcmp(one->verdict.ways, other->verdict.ways) == 0 &&
           report_same_text(one->excuse.text, other->excuse.text);
}

// A walk over the findings of a clause, those of the smallest scenario first.
struct walk {
    const struct result *result;
    const struct check *like; // only those that say the same as this one; NULL: all
    const struct clause *clause;
    size_t scenario;
    size_t next; // check
};

static struct walk walk_begin(const struct page *page, const struct clause *clause,
                              const struct check *like)
{
    size_t first = result_next_by_size(page->result, RESULT_NO_SCENARIO);
    return (struct walk){page->result, like, clause, first, 0};
}

// NULL after the last.
static const struct check *walk_next(struct walk *walk)
{
    for (; walk->scenario != RESULT_NO_SCENARIO;
         walk->scenario = result_next_by_size(walk->result, walk->scenario), walk->next = 0) {
        const struct scenario_result *scenario = &walk->result->scenarios[walk->scenario];
        while (walk->next < scenario->check_count) {
            const struct check *check = &scenario->checks[walk->next++];
            if (walk->like != NULL
                    ? same_finding(walk->like, check)
                    : html_is_finding(check) && strcmp(check->clause->id, walk->clause->id) == 0)
                return check;
        }
    }
    return NULL;
}

static size_t count_same(const struct page *page, const struct check *check)
{
    struct walk walk = walk_begin(page, check->clause, check);
    size_t count = 0;
    while (walk_next(&walk) != NULL)
        count++;
    return count;
}

// Is it the first of those that say the same?
static bool is_first(const struct page *page, const struct check *check)
{
    struct walk walk = walk_begin(page, check->clause, check);
    return walk_next(&walk) == check;
}

static void write_anchor(struct page *page, size_t scenario_index, const struct check *check)
{
    html_raw(page, "<i id=\"%sf%zu-%zu\"></i>", page->prefix, scenario_index,
             (size_t)(check - page->result->scenarios[scenario_index].checks));
}

// Where else the same was found; links to those lead here.
static void write_also_in(struct page *page, const struct check *check)
{
    struct walk walk = walk_begin(page, check->clause, check);
    size_t last = RESULT_NO_SCENARIO;
    html_raw(page, "<dt>The same in</dt><dd class=\"same-in\">");
    for (const struct check *other = walk_next(&walk); other != NULL; other = walk_next(&walk)) {
        if (other == check)
            continue;
        if (walk.scenario != last) {
            html_raw(page, "%s", last == RESULT_NO_SCENARIO ? "" : "), ");
            html_text(page, html_scenario_name(&page->result->scenarios[walk.scenario]));
        }
        write_anchor(page, walk.scenario, other);
        html_raw(page, "%s%s", walk.scenario != last ? " (" : ", ",
                 check_charset_name(other->charset));
        last = walk.scenario;
    }
    html_raw(page, ")</dd>");
}

void html_finding(struct page *page, size_t scenario_index, const struct check *check,
                  const struct finding_style *style)
{
    const struct scenario_result *scenario = &page->result->scenarios[scenario_index];
    html_raw(page, "<details id=\"%sf%zu-%zu\"%s><summary><span class=\"badge %s\">%s</span><b>",
             page->prefix, scenario_index, (size_t)(check - scenario->checks),
             style->open ? " open" : "", html_verdict_class(check), html_verdict_class(check));
    html_print(page, "%s, %s", html_scenario_name(scenario),
               check->charset == CHECK_BOTH ? "A and W together"
                                            : check_charset_name(check->charset));
    html_raw(page, "</b> ");
    size_t times = style->grouped ? count_same(page, check) : 1;
    if (times > 1)
        html_raw(page, "<b class=\"times\">%zu times</b> ", times);
    html_raw(page, "<span class=\"soft\">");
    if (check_cause(scenario, check) != NULL)
        html_print(page, "probably because of %s: ", check->verdict.consequence_of);
    html_text(page, check->verdict.got);
    html_raw(page, "</span></summary><dl>");
    if (times > 1)
        write_also_in(page, check);
    html_term(page, "Before", style->before);
    html_raw(page, "<dt>Got</dt><dd class=\"got\">");
    html_text(page, check->verdict.got);
    html_raw(page, "</dd>");
    html_term(page, "Expected", check->verdict.expected);
    write_call(page, check);
    write_relations(page, scenario_index, check);
    write_deviation(page, check);
    if (page->result->command != NULL) {
        char *repeat = report_repeat(page->result->command, scenario, check);
        page->failed = page->failed || repeat == NULL;
        html_raw(page, "<dt>Repeat</dt><dd><code>");
        html_text(page, repeat);
        html_raw(page, "</code></dd>");
        free(repeat);
    }
    html_raw(page, "</dl>");
    if (style->drawn)
        draw_pictures(page, scenario, check);
    else if (style->before == NULL && check->verdict.record != NULL)
        html_raw(page,
                 "<p class=\"soft\">Not drawn, as others of this clause are. The command above "
                 "with <code>--html</code> draws it.</p>");
    html_raw(page, "</details>\n");
}

// The worst verdict of the clause's findings; VERDICT_PASS: it has none.
static enum verdict_kind worst_of(const struct page *page, const struct clause *clause)
{
    static const enum verdict_kind order[] = {VERDICT_FAIL, VERDICT_ERROR, VERDICT_WARN,
                                              VERDICT_KNOWN};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct walk walk = walk_begin(page, clause, NULL);
        for (const struct check *check = walk_next(&walk); check != NULL; check = walk_next(&walk))
            if (check->verdict.kind == order[i])
                return order[i];
    }
    return VERDICT_PASS;
}

static size_t count_findings(const struct page *page, const struct clause *clause)
{
    struct walk walk = walk_begin(page, clause, NULL);
    size_t count = 0;
    while (walk_next(&walk) != NULL)
        count++;
    return count;
}

static void write_clause_head(struct page *page, const struct clause *clause, size_t count,
                              bool printed)
{
    html_raw(page, "<section class=\"clause%s\" id=\"%sclause-", printed ? "" : " more",
             page->prefix);
    html_text(page, clause->id);
    html_raw(page, "\"><h3>");
    html_print(page, "%s: %s", clause->id, clause->sentence);
    html_raw(page, "</h3><dl>");
    char text[128];
    snprintf(text, sizeof text, "%s, %s; %zu finding%s", level_name(clause->level),
             basis_name(clause->basis), count, count == 1 ? "" : "s");
    html_term(page, "Level, basis", text);
    html_term(page, "Source", clause->source);
    html_term(page, "Why", clause->why);
    html_raw(page, "</dl>");
}

// Writes the targets of the matrix's links to a finding that is left out, and to those like it.
static void write_left_out(struct page *page, const struct check *check, bool first)
{
    struct walk walk = walk_begin(page, check->clause, check);
    if (first)
        html_raw(page, "<p>The others are left out, as the page would become too large; the JSON "
                       "result has them all.");
    for (const struct check *other = walk_next(&walk); other != NULL; other = walk_next(&walk))
        write_anchor(page, walk.scenario, other);
}

// `limit`: how much of the page the findings of this clause and of those before it may take. The
// first finding is written in any case, with pictures while the page has room for any.
static void write_findings_of(struct page *page, const struct clause *clause, size_t limit,
                              bool printed)
{
    struct walk walk = walk_begin(page, clause, NULL);
    size_t written = 0;
    size_t drawn = 0;
    size_t left_out = 0;
    write_clause_head(page, clause, count_findings(page, clause), printed);
    for (const struct check *check = walk_next(&walk); check != NULL; check = walk_next(&walk)) {
        if (!is_first(page, check))
            continue;
        if (written > 0 && (left_out > 0 || html_used(page) > limit)) {
            write_left_out(page, check, left_out++ == 0);
            continue;
        }
        bool draw = written == 0 ? html_used(page) < page->share / 4 * 3
                                 : drawn < PICTURES_OF_CLAUSE && html_used(page) < limit / 4 * 3;
        html_finding(page, walk.scenario, check,
                     &(struct finding_style){.open = written == 0, .drawn = draw, .grouped = true});
        drawn += draw;
        written++;
    }
    html_raw(page, "%s</section>\n", left_out > 0 ? "</p>" : "");
}

// The findings of a page in the order of the contract: what failed first, then the rest.
static const struct {
    enum verdict_kind worst;
    const char *heading;
} parts[] = {{VERDICT_FAIL, "Failures"},
             {VERDICT_ERROR, "Errors: could not be judged"},
             {VERDICT_WARN, "Warnings"},
             {VERDICT_KNOWN, "Known and tolerated"}};

// The room that the findings have.
struct budget {
    size_t begin;
    size_t part; // of a clause
    size_t told; // clauses
};

static void write_part(struct page *page, const struct clauses *clauses, size_t part,
                       struct budget *budget)
{
    bool any = false;
    for (size_t i = 0; i < clauses->count; i++) {
        const struct clause *clause = clauses->items[i];
        if (worst_of(page, clause) != parts[part].worst)
            continue;
        if (!any)
            html_raw(page, "<h2>%s</h2>", parts[part].heading);
        any = true;
        budget->told++;
        write_findings_of(page, clause, budget->begin + budget->part * budget->told,
                          budget->told <= PRINTED_PICTURES);
    }
}

void html_findings(struct page *page, const struct clauses *clauses)
{
    size_t broken = 0;
    html_raw(page, "<section id=\"%sfindings\">", page->prefix);
    struct budget budget = {.begin = html_used(page)};
    size_t taken = budget.begin + html_matrix_size(page);
    size_t room = page->share > taken ? page->share - taken : 0;
    for (size_t i = 0; i < clauses->count; i++)
        broken += worst_of(page, clauses->items[i]) != VERDICT_PASS;
    budget.part = broken == 0 ? 0 : room / broken;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        write_part(page, clauses, i, &budget);
    if (broken == 0)
        html_raw(page, "<h2>Findings</h2><p>None: nothing failed, warned or had to be "
                       "tolerated.</p>");
    html_raw(page, "</section>\n");
}
