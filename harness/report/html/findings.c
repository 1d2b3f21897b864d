// The findings of the HTML report: what did not hold, clause by clause, with pictures of it.
#include "harness/report/html/findings.h"

#include "conformance/transcript/describe.h"
#include "harness/report/html/bytes.h"
#include "harness/report/html/map.h"
#include "harness/report/html/scene.h"
#include "harness/report/html/sweep.h"
#include "harness/report/html/verdicts.h"
#include "harness/result/words.h"

#include <stdlib.h>
#include <string.h>

enum { PICTURES_OF_CLAUSE = 3 }; // so many of a clause's findings are drawn

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
    html_raw(page, "</b> <span class=\"soft\">");
    if (check_cause(scenario, check) != NULL)
        html_print(page, "probably because of %s: ", check->verdict.consequence_of);
    html_text(page, check->verdict.got);
    html_raw(page, "</span></summary><dl>");
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

static size_t count_findings(const struct page *page, const struct clause *clause)
{
    size_t count = 0;
    for (size_t i = 0; i < page->result->scenario_count; i++) {
        const struct scenario_result *scenario = &page->result->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++)
            count += html_is_finding(&scenario->checks[j]) &&
                     strcmp(scenario->checks[j].clause->id, clause->id) == 0;
    }
    return count;
}

static void write_clause_head(struct page *page, const struct clause *clause, size_t count)
{
    html_raw(page, "<section class=\"clause\" id=\"%sclause-%s\"><h3>", page->prefix, clause->id);
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

// Writes the target of the matrix's link to a finding that is left out.
static void write_left_out(struct page *page, const struct check *check, size_t scenario_index,
                           bool first)
{
    const struct scenario_result *scenario = &page->result->scenarios[scenario_index];
    html_raw(page, "%s<i id=\"%sf%zu-%zu\"></i>",
             first ? "<p>The others are left out, as the page would become too large; the JSON "
                     "result has them all."
                   : "",
             page->prefix, scenario_index, (size_t)(check - scenario->checks));
}

// `limit`: how much of the page the findings of this clause and of those before it may take. The
// first finding is written in any case, with pictures while the page has room for any.
static void write_findings_of(struct page *page, const struct clause *clause, size_t count,
                              size_t limit)
{
    size_t written = 0;
    size_t drawn = 0;
    size_t left_out = 0;
    write_clause_head(page, clause, count);
    for (size_t i = result_next_by_size(page->result, RESULT_NO_SCENARIO); i != RESULT_NO_SCENARIO;
         i = result_next_by_size(page->result, i)) {
        const struct scenario_result *scenario = &page->result->scenarios[i];
        for (size_t j = 0; j < scenario->check_count; j++) {
            const struct check *check = &scenario->checks[j];
            if (!html_is_finding(check) || strcmp(check->clause->id, clause->id) != 0)
                continue;
            if (written > 0 && (left_out > 0 || html_used(page) > limit)) {
                write_left_out(page, check, i, left_out++ == 0);
                continue;
            }
            bool draw = written == 0
                            ? html_used(page) < page->share / 4 * 3
                            : drawn < PICTURES_OF_CLAUSE && html_used(page) < limit / 4 * 3;
            html_finding(page, i, check,
                         &(struct finding_style){.open = written == 0, .drawn = draw});
            drawn += draw;
            written++;
        }
    }
    html_raw(page, "%s</section>\n", left_out > 0 ? "</p>" : "");
}

void html_findings(struct page *page, const struct clauses *clauses)
{
    size_t broken = 0;
    size_t told = 0;
    html_raw(page, "<section id=\"%sfindings\"><h2>Findings</h2>", page->prefix);
    size_t begin = html_used(page);
    size_t room = page->share > begin ? page->share - begin : 0;
    for (size_t i = 0; i < clauses->count; i++)
        broken += count_findings(page, clauses->items[i]) > 0;
    size_t part = broken == 0 ? 0 : room / broken;
    for (size_t i = 0; i < clauses->count; i++) {
        size_t count = count_findings(page, clauses->items[i]);
        if (count > 0)
            write_findings_of(page, clauses->items[i], count, begin + part * ++told);
    }
    if (broken == 0)
        html_raw(page, "<p>None: nothing failed, warned or had to be tolerated.</p>");
    html_raw(page, "</section>\n");
}
