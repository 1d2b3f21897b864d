// SPDX-License-Identifier: Apache-2.0
// The HTML page of what changed between two results, and the part of a run's page that says what
// became of its baseline and waivers.
#include "harness/report/html/diff_page.h"

#include "conformance/clauses/groups.h"
#include "harness/report/html/answers.h"
#include "harness/report/html/findings.h"
#include "harness/report/html/matrix.h"
#include "harness/report/html/verdicts.h"
#include "harness/report/report_file.h"
#include "harness/result/words.h"

#include <stdlib.h>
#include <string.h>

// The kinds of differences in the order of the page.
static const struct {
    enum difference_kind kind;
    const char *heading;
    const char *style;  // of a cell
    const char *letter; // in the matrix
    const char *meaning;
} kinds[] = {
    {DIFFERENCE_NEW, "New failures", "fail", "F", "fails now, and did not before"},
    {DIFFERENCE_FIXED, "Fixed", "pass", "H", "failed before, and holds now"},
    {DIFFERENCE_CHANGED, "Changed", "note", "C",
     "another verdict otherwise, or another observation"},
    {DIFFERENCE_GONE, "No longer run or tried", "warn", "X",
     "was judged before, and is not any more"},
    {DIFFERENCE_ADDED, "Newly run", "skip", "+",
     "is judged now, was not before, and does not fail"},
    {DIFFERENCE_KNOWN, "Still failing", "known", "=", "failed before, and still does"},
};
enum {
    KINDS = sizeof kinds / sizeof *kinds,
    CALLS_OF_CLAUSE = 3, // new failures of a clause that are shown with their calls
};

// ---- What differs, as rows -------------------------------------------------------------------

struct differences {
    const struct diff *diff;
    struct answers_table tables[KINDS]; // rows of each kind
    char **texts;                       // before and after of each difference
    struct comparison_row *rows;
    const struct result *after; // NULL: not at hand
};

static int open_differences(struct differences *all, const struct diff *diff)
{
    static const char *const headings[] = {"Before", "Now"};
    size_t used = 0;
    all->diff = diff;
    all->texts = calloc(2 * diff->count + 1, sizeof(char *));
    all->rows = calloc(diff->count + 1, sizeof *all->rows);
    if (all->texts == NULL || all->rows == NULL)
        return -1;
    for (size_t i = 0; i < KINDS; i++) {
        all->tables[i] =
            (struct answers_table){.width = 2, .headings = headings, .rows = &all->rows[used]};
        for (size_t j = 0; j < diff->count; j++) {
            const struct difference *item = &diff->items[j];
            if (item->kind != kinds[i].kind)
                continue;
            char **texts = &all->texts[2 * used];
            texts[0] = item->before;
            texts[1] = item->after;
            all->rows[used++] =
                (struct comparison_row){item->scenario, item->subject, item->charset, texts};
            all->tables[i].count++;
        }
    }
    return 0;
}

static void close_differences(struct differences *all)
{
    free(all->texts);
    free(all->rows);
}

// ---- The sections ----------------------------------------------------------------------------

static void write_tiles(struct page *page, const struct diff *diff)
{
    html_raw(page, "<ul class=\"tiles\">");
    for (size_t i = 0; i < KINDS; i++) {
        size_t count = diff->of[kinds[i].kind];
        html_raw(page, "<li class=\"%s\"><b>%zu</b>%s</li>", count == 0 ? "zero" : kinds[i].style,
                 count, kinds[i].heading);
    }
    html_raw(page, "</ul>");
}

static void write_remarks(struct page *page, const struct diff *diff)
{
    if (diff->remarks == NULL)
        return;
    html_raw(page, "<p><b>Mind:</b></p><p class=\"remarks\">");
    html_lines(page, diff->remarks);
    html_raw(page, "</p>");
}

// The check of the later result that the row is of; `*scenario`: the index of its scenario. NULL:
// there is none.
static const struct check *check_of(const struct result *result, const struct comparison_row *row,
                                    size_t *scenario)
{
    const struct scenario_result *found =
        result == NULL ? NULL : scenario_result_find(result, row->scenario);
    for (size_t i = 0; found != NULL && i < found->check_count; i++) {
        const struct check *check = &found->checks[i];
        if (strcmp(check->clause->id, row->subject) != 0 || row->charset == NULL ||
            strcmp(check_charset_name(check->charset), row->charset) != 0)
            continue;
        *scenario = (size_t)(found - result->scenarios);
        return check;
    }
    return NULL;
}

// New failures are shown with their calls, the first few of a clause, where the later result is at
// hand.
static void write_failures(struct page *page, const struct differences *all,
                           const struct answers_table *table, const char *subject)
{
    size_t written = 0;
    for (size_t i = 0; i < table->count && written < CALLS_OF_CLAUSE && html_has_room(page); i++) {
        size_t scenario = 0;
        if (strcmp(table->rows[i].subject, subject) != 0)
            continue;
        const struct check *check = check_of(all->after, &table->rows[i], &scenario);
        const char *before = table->rows[i].answers[0];
        if (check == NULL)
            continue;
        html_finding(page, scenario, check,
                     &(struct finding_style){.open = written == 0,
                                             .drawn = html_used(page) < page->share / 4 * 3,
                                             .before = before == NULL ? "not run" : before});
        written++;
    }
}

static void write_kind(struct page *page, const struct differences *all, size_t index)
{
    const struct answers_table *table = &all->tables[index];
    const char *name = difference_name(kinds[index].kind);
    bool failures = kinds[index].kind == DIFFERENCE_NEW && all->after != NULL;
    if (table->count == 0)
        return;
    html_raw(page, "<section id=\"%s%s\"><h2>%s <span class=\"soft\">(%zu)</span></h2>",
             page->prefix, name, kinds[index].heading, table->count);
    for (size_t i = 0; i < table->count; i++) {
        if (!html_subject_is_new(table, i))
            continue;
        html_raw(page, "<section class=\"clause\" id=\"%s%s-", page->prefix, name);
        html_identifier(page, table->rows[i].subject);
        html_raw(page, "\">");
        html_subject(page, table->rows[i].subject);
        html_answers(page, table, table->rows[i].subject);
        if (failures)
            write_failures(page, all, table, table->rows[i].subject);
        html_raw(page, "</section>\n");
    }
    html_raw(page, "</section>\n");
}

// ---- The matrix ------------------------------------------------------------------------------

// The names of scenarios or subjects with differences, each once.
struct names {
    size_t count;
    const char **items;
};

static void add_name(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return;
    names->items[names->count++] = name;
}

// Known failures alone make no row and no column.
static int list_names(const struct differences *all, struct names *subjects,
                      struct names *scenarios)
{
    subjects->items = calloc(all->diff->count + 1, sizeof(char *));
    scenarios->items = calloc(all->diff->count + 1, sizeof(char *));
    if (subjects->items == NULL || scenarios->items == NULL)
        return -1;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            for (size_t k = 0; k < all->diff->count; k++)
                if (all->diff->items[k].kind != DIFFERENCE_KNOWN &&
                    strcmp(all->diff->items[k].subject, clause_groups[i]->clauses[j].id) == 0)
                    add_name(subjects, all->diff->items[k].subject);
    for (size_t i = 0; i < all->diff->count; i++)
        if (all->diff->items[i].kind != DIFFERENCE_KNOWN) {
            add_name(subjects, all->diff->items[i].subject);
            add_name(scenarios, all->diff->items[i].scenario);
        }
    return 0;
}

static size_t find_row(const struct differences *all, const char *subject, const char *scenario,
                       const char *charset)
{
    for (size_t i = 0; i < KINDS; i++)
        for (size_t j = 0; j < all->tables[i].count; j++) {
            const struct comparison_row *row = &all->tables[i].rows[j];
            if (strcmp(row->subject, subject) == 0 && strcmp(row->scenario, scenario) == 0 &&
                row->charset != NULL && strcmp(row->charset, charset) == 0)
                return i;
        }
    return KINDS;
}

static void write_cell(struct page *page, size_t kind, const char *subject, int span, bool first)
{
    html_raw(page, "<td%s%s>", span == 2 ? " colspan=\"2\"" : "", first ? " class=\"first\"" : "");
    if (kind < KINDS) {
        html_raw(page, "<a class=\"v %s\" title=\"%s\" href=\"#%s%s-", kinds[kind].style,
                 kinds[kind].heading, page->prefix, difference_name(kinds[kind].kind));
        html_identifier(page, subject);
        html_raw(page, "\">%s</a>", kinds[kind].letter);
    }
    html_raw(page, "</td>");
}

static void write_matrix_row(struct page *page, const struct differences *all, const char *subject,
                             const struct names *scenarios)
{
    const struct clause *clause = clause_find(subject);
    const struct clause observed = {.id = subject, .sentence = "observed"};
    html_raw(page, "<tr>");
    html_clause_cell(page, clause == NULL ? &observed : clause);
    for (size_t i = 0; i < scenarios->count; i++) {
        size_t both = find_row(all, subject, scenarios->items[i], "A+W");
        if (both >= KINDS)
            both = find_row(all, subject, scenarios->items[i], "Ex");
        if (both < KINDS) {
            write_cell(page, both, subject, 2, true);
            continue;
        }
        write_cell(page, find_row(all, subject, scenarios->items[i], "A"), subject, 1, true);
        write_cell(page, find_row(all, subject, scenarios->items[i], "W"), subject, 1, false);
    }
    html_raw(page, "</tr>\n");
}

static void write_matrix(struct page *page, const struct differences *all)
{
    struct names subjects = {0};
    struct names scenarios = {0};
    if (list_names(all, &subjects, &scenarios) != 0) {
        page->failed = true;
        goto out;
    }
    html_raw(page, "<section id=\"%smatrix\"><h2>Where</h2><ul class=\"legend\">", page->prefix);
    for (size_t i = 0; i < KINDS; i++)
        html_raw(page, "<li><span class=\"v %s\">%s</span>%s</li>", kinds[i].style, kinds[i].letter,
                 kinds[i].meaning);
    html_raw(page, "</ul>");
    html_matrix_begin(page, "where something differs", scenarios.items, scenarios.count);
    for (size_t i = 0; i < subjects.count; i++)
        write_matrix_row(page, all, subjects.items[i], &scenarios);
    html_raw(page, "</tbody></table></div></section>\n");
out:
    free(subjects.items);
    free(scenarios.items);
}

static void write_differences(struct page *page, const struct differences *all)
{
    if (diff_differs(all->diff))
        write_matrix(page, all);
    for (size_t i = 0; i < KINDS; i++)
        write_kind(page, all, i);
}

// ---- The page --------------------------------------------------------------------------------

static void write_side(struct page *page, const char *term, const char *path,
                       const struct result *result)
{
    html_raw(page, "<dt>%s</dt><dd>", term);
    html_implementation(page, result);
    html_print(page, " in %s: %s, exit status %d", path, report_verdict_name(result),
               result_exit_status(result));
    html_raw(page, "</dd>");
}

static void write_banner(struct page *page, const struct diff *diff)
{
    size_t new = diff->of[DIFFERENCE_NEW];
    html_raw(page, "<div class=\"banner %s\">", new > 0 ? "broken" : "held");
    if (new > 0)
        html_raw(page, "%zu check%s now, and did not before", new, new == 1 ? " fails" : "s fail");
    else
        html_raw(page, "%s",
                 diff_differs(diff) ? "Nothing fails that did not before" : "Nothing differs");
    html_raw(page, "</div>");
}

static void write_page(struct page *page, const void *argument)
{
    const struct diff_document *document = argument;
    struct differences all = {.after = document->after};
    if (open_differences(&all, document->diff) != 0) {
        page->failed = true;
        goto out;
    }
    page->result = document->after;
    html_begin(page, "what changed", "What changed from one run to another");
    html_raw(page, "<dl>");
    write_side(page, "Before", document->before_path, document->before);
    write_side(page, "Now", document->after_path, document->after);
    html_raw(page, "</dl>");
    write_banner(page, document->diff);
    write_tiles(page, document->diff);
    write_remarks(page, document->diff);
    html_raw(page, "</header><main id=\"findings\">");
    write_differences(page, &all);
    html_end(page, "the results of two runs");
out:
    close_differences(&all);
}

static int write_html(FILE *stream, const void *document)
{
    return html_make(stream, write_page, document);
}

int report_html_diff(const struct diff_document *document, const char *path,
                     struct failure *failure)
{
    return report_write_document(path, write_html, document, failure);
}

// ---- Of a run with a baseline or waivers -----------------------------------------------------

static void write_waiver(struct page *page, const struct waiver_result *waiver, bool strict)
{
    static const struct {
        const char *style;
        const char *words;
    } states[] = {[WAIVER_USED] = {"known", "used"},
                  [WAIVER_UNUSED] = {"warn", "unused: what it waives holds"},
                  [WAIVER_EXPIRED] = {"warn", "expired"},
                  [WAIVER_NOT_TRIED] = {"skip", "not tried here"}};
    bool fails = strict && (waiver->state == WAIVER_UNUSED || waiver->state == WAIVER_EXPIRED);
    html_raw(page, "<tr><td><span class=\"badge %s\">%s</span></td><th scope=\"row\">",
             fails ? "fail" : states[waiver->state].style, states[waiver->state].words);
    html_print(page, "%s, %s%s%s", waiver->clause, waiver->scenario,
               waiver->charset == NULL ? "" : ", ", waiver->charset == NULL ? "" : waiver->charset);
    html_raw(page, "</th><td class=\"wrap\">");
    html_print(page, "%s%s%s", waiver->reason, waiver->reference == NULL ? "" : "; ",
               waiver->reference == NULL ? "" : waiver->reference);
    html_raw(page, "</td><td>");
    html_text(page, waiver->expires == NULL ? "never" : waiver->expires);
    html_raw(page, "</td><td class=\"n\">%zu</td></tr>\n", waiver->used);
}

static void write_waivers(struct page *page)
{
    const struct result *result = page->result;
    html_raw(page,
             "<section id=\"%swaivers\"><h2>Waivers</h2><div class=\"scroll\" tabindex=\"0\" "
             "role=\"region\" aria-label=\"waivers\"><table class=\"plain\"><thead><tr><th "
             "scope=\"col\">State</th><th scope=\"col\">Of</th><th scope=\"col\">Reason</th><th "
             "scope=\"col\">Expires</th><th scope=\"col\" class=\"n\">Checks</th></tr></thead>"
             "<tbody>",
             page->prefix);
    for (size_t i = 0; i < result->waiver_count && html_has_room(page); i++)
        write_waiver(page, &result->waivers[i], result->strict);
    html_raw(page, "</tbody></table></div></section>\n");
}

void html_regression(struct page *page)
{
    const struct baseline_result *baseline = page->result->baseline;
    struct differences all = {0};
    if (page->result->waiver_count > 0)
        write_waivers(page);
    if (baseline == NULL)
        return;
    if (open_differences(&all, &baseline->diff) == 0) {
        html_raw(page, "<section id=\"%sbaseline\"><h2>Against the baseline</h2><p class=\"wrap\">",
                 page->prefix);
        html_text(page, baseline->path);
        html_raw(page, "</p>");
        write_tiles(page, &baseline->diff);
        write_remarks(page, &baseline->diff);
        for (size_t i = 0; i < KINDS; i++)
            write_kind(page, &all, i);
        html_raw(page, "</section>\n");
    } else {
        page->failed = true;
    }
    close_differences(&all);
}
