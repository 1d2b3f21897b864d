// SPDX-License-Identifier: Apache-2.0
// The HTML page of several implementations: a column for each, where they differ, and then each by
// itself.
#include "harness/report/html/several_page.h"

#include "harness/report/html/answers.h"
#include "harness/report/html/matrix.h"
#include "harness/report/html/page.h"
#include "harness/report/html/sections.h"
#include "harness/report/html/verdicts.h"
#include "harness/report/report_file.h"
#include "harness/result/words.h"

#include <stdlib.h>
#include <string.h>

struct side_by_side {
    const struct comparison *comparison;
    const struct result *results;
    size_t count;
    struct clauses clauses;
    struct answers_table table;
    char **headings; // "[1] libx.so"
};

// ---- Made once -------------------------------------------------------------------------------

static const char *short_name(const struct result *result)
{
    const char *name = result->implementation == NULL ? "?" : result->implementation;
    const char *slash = strrchr(name, '/');
    return slash == NULL ? name : slash + 1;
}

static int open_several(struct side_by_side *several, const struct several_document *document)
{
    const struct comparison *comparison = document->comparison;
    size_t count = document->count;
    const struct result **list = calloc(count, sizeof(struct result *));
    several->comparison = comparison;
    several->results = document->results;
    several->count = count;
    several->headings = calloc(count, sizeof(char *));
    several->table = (struct answers_table){
        .width = count, .count = comparison->count, .rows = comparison->rows};
    int status = list == NULL || several->headings == NULL ? -1 : 0;
    for (size_t i = 0; status == 0 && i < count; i++) {
        list[i] = &document->results[i];
        if (asprintf(&several->headings[i], "[%zu] %s", i + 1, short_name(list[i])) < 0) {
            several->headings[i] = NULL;
            status = -1;
        }
    }
    if (status == 0)
        status = html_clauses(&several->clauses, list, count);
    several->table.headings = (const char *const *)several->headings;
    free(list);
    return status;
}

static void close_several(struct side_by_side *several)
{
    for (size_t i = 0; several->headings != NULL && i < several->count; i++)
        free(several->headings[i]);
    free(several->headings);
    free(several->clauses.items);
}

// ---- Which is which --------------------------------------------------------------------------

static void write_implementation(struct page *page, const struct result *result, size_t index)
{
    struct tally tally = result_tally(result, NULL);
    int status = result_exit_status(result);
    html_raw(page, "<tr><th scope=\"row\"><a href=\"#i%zu\">[%zu]</a></th><td>", index + 1,
             index + 1);
    html_implementation(page, result);
    html_raw(page, "</td><td><span class=\"badge %s\">",
             status == STATUS_HELD     ? "pass"
             : status == STATUS_BROKEN ? "fail"
                                       : "error");
    html_text(page, report_verdict_name(result));
    html_raw(page, "</span></td>");
    for (int kind = 0; kind <= VERDICT_ERROR; kind++)
        html_raw(page, "<td class=\"n\">%zu</td>", tally.of[kind]);
    html_raw(page, "</tr>\n");
}

static void write_implementations(struct page *page, const struct side_by_side *several)
{
    html_raw(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"the "
                   "implementations\"><table class=\"plain\"><thead><tr><th scope=\"col\"></th><th "
                   "scope=\"col\">Implementation</th><th scope=\"col\">Verdict</th>");
    for (int kind = 0; kind <= VERDICT_ERROR; kind++)
        html_raw(page, "<th scope=\"col\" class=\"n\">%s</th>",
                 verdict_kind_name((enum verdict_kind)kind));
    html_raw(page, "</tr></thead><tbody>");
    for (size_t i = 0; i < several->count; i++)
        write_implementation(page, &several->results[i], i);
    html_raw(page, "</tbody></table></div>");
}

// ---- Side by side ----------------------------------------------------------------------------

// An implementation's verdicts on a clause, over all scenarios.
struct standing {
    const struct check *worst; // NULL: nothing was planned of it
    size_t alike;              // checks with the verdict of that one
    size_t count;
};

// The worst first; a check that was not judged is as bad as an error.
static unsigned rank_of(const struct check *check)
{
    static const unsigned ranks[] = {
        [VERDICT_ERROR] = 0, [VERDICT_FAIL] = 1, [VERDICT_WARN] = 2, [VERDICT_KNOWN] = 3,
        [VERDICT_NOTE] = 4,  [VERDICT_PASS] = 5, [VERDICT_SKIP] = 6};
    return check->judged ? ranks[check->verdict.kind] : 0;
}

static struct standing standing_of(const struct result *result, const struct clause *clause)
{
    struct standing standing = {0};
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            if (strcmp(check->clause->id, clause->id) != 0)
                continue;
            standing.count++;
            if (standing.worst == NULL || rank_of(check) < rank_of(standing.worst)) {
                standing.worst = check;
                standing.alike = 0;
            }
            standing.alike += rank_of(check) == rank_of(standing.worst);
        }
    return standing;
}

static void write_standing(struct page *page, const struct standing *standing,
                           const struct clause *clause, size_t index)
{
    const struct check *worst = standing->worst;
    html_raw(page, "<td class=\"first\">");
    if (worst != NULL) {
        bool linked = html_is_finding(worst);
        html_raw(page, linked ? "<a href=\"#i%zu-clause-%s\"" : "<span", index + 1, clause->id);
        html_raw(page, " class=\"v %s\">%s <small>%zu of %zu</small></%s>",
                 html_verdict_class(worst), html_verdict_letter(worst), standing->alike,
                 standing->count, linked ? "a" : "span");
    }
    html_raw(page, "</td>");
}

static bool differs(const struct side_by_side *several, const struct clause *clause)
{
    for (size_t i = 0; i < several->comparison->count; i++)
        if (strcmp(several->comparison->rows[i].subject, clause->id) == 0)
            return true;
    return false;
}

static void write_side_by_side(struct page *page, const struct side_by_side *several)
{
    html_raw(page,
             "<section id=\"matrix\"><h2>Side by side</h2><p>Of each clause the worst verdict, and "
             "how many of its checks have it. P pass, F fail, W warn, K known, S skip, N note, E "
             "error.</p><input type=\"checkbox\" id=\"only\"> <label for=\"only\">only where they "
             "differ</label><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"implementations side by side\"><table class=\"matrix side\"><thead><tr>"
             "<th class=\"corner\" scope=\"col\">Clause</th>");
    for (size_t i = 0; i < several->count; i++) {
        html_raw(page, "<th scope=\"col\">");
        html_text(page, several->headings[i]);
        html_raw(page, "</th>");
    }
    html_raw(page, "</tr></thead><tbody>");
    for (size_t i = 0; i < several->clauses.count; i++) {
        const struct clause *clause = several->clauses.items[i];
        html_group_row(page, &several->clauses, i, several->count);
        html_raw(page, "<tr%s>", differs(several, clause) ? "" : " class=\"same\"");
        html_clause_cell(page, clause);
        for (size_t j = 0; j < several->count; j++) {
            struct standing standing = standing_of(&several->results[j], clause);
            write_standing(page, &standing, clause, j);
        }
        html_raw(page, "</tr>\n");
    }
    html_raw(page, "</tbody></table></div></section>\n");
}

// ---- Where they differ -----------------------------------------------------------------------

// Does one of them fail there?
static bool has_failure(const struct answers_table *table, const char *subject)
{
    const char *name = verdict_kind_name(VERDICT_FAIL);
    for (size_t i = 0; i < table->count; i++)
        for (size_t j = 0; strcmp(table->rows[i].subject, subject) == 0 && j < table->width; j++)
            if (html_answer_is(table->rows[i].answers[j], name))
                return true;
    return false;
}

// The row of each subject's first row: that of the first subject which was answered alike. Other
// rows have none, which is `table->count`.
static size_t *find_alike(const struct answers_table *table)
{
    size_t *first = calloc(table->count + 1, sizeof *first);
    for (size_t i = 0; first != NULL && i < table->count; i++) {
        first[i] = html_subject_is_new(table, i) ? i : table->count;
        for (size_t j = 0; j < i && first[i] == i; j++)
            if (first[j] == j &&
                html_subjects_alike(table, table->rows[j].subject, table->rows[i].subject))
                first[i] = j;
    }
    return first;
}

// What was answered alike stands once, under the headings of all: where one crashed, dozens of
// clauses were not judged.
static void write_alike(struct page *page, const struct answers_table *table, const size_t *first,
                        size_t index)
{
    html_raw(page, "<section class=\"clause\">");
    for (size_t i = index; i < table->count; i++)
        if (first[i] == index)
            html_subject(page, table->rows[i].subject);
    html_answers(page, table, table->rows[index].subject);
    html_raw(page, "</section>\n");
}

// Those that fail somewhere come first.
static void write_differences(struct page *page, const struct side_by_side *several)
{
    const struct answers_table *table = &several->table;
    html_raw(page,
             "<section id=\"differences\"><h2>Where they differ</h2><p>%zu check%s and "
             "observation%s; %zu are the same for all.</p>",
             table->count, table->count == 1 ? "" : "s", table->count == 1 ? "" : "s",
             several->comparison->same);
    size_t *first = find_alike(table);
    page->failed |= first == NULL;
    for (int failing = 1; first != NULL && failing >= 0; failing--)
        for (size_t i = 0; i < table->count; i++)
            if (first[i] == i && has_failure(table, table->rows[i].subject) == (failing == 1))
                write_alike(page, table, first, i);
    free(first);
    html_raw(page, "</section>\n");
}

// ---- The page --------------------------------------------------------------------------------

static void write_own(struct page *page, const struct side_by_side *several)
{
    for (size_t i = 0; i < several->count; i++) {
        size_t used = html_size(page);
        page->result = &several->results[i];
        page->begin = used;
        size_t left = used < REPORT_HTML_SIZE ? REPORT_HTML_SIZE - used : 0;
        page->share = left / (several->count - i);
        snprintf(page->prefix, sizeof page->prefix, "i%zu-", i + 1);
        html_raw(page, "<section class=\"own\" id=\"i%zu\"><h2>[%zu] ", i + 1, i + 1);
        html_implementation(page, page->result);
        html_raw(page, "</h2>");
        html_summary(page);
        html_sections(page, &several->clauses);
        html_raw(page, "</section>\n");
    }
}

static void write_page(struct page *page, const void *document)
{
    struct side_by_side several = {0};
    if (open_several(&several, document) != 0) {
        page->failed = true;
        goto out;
    }
    html_begin(page, "implementations side by side", "Implementations of GetIScsiSessionList");
    write_implementations(page, &several);
    html_raw(page, "<nav aria-label=\"sections\"><a href=\"#matrix\">Side by side</a><a "
                   "href=\"#differences\">Where they differ</a>");
    for (size_t i = 0; i < several.count; i++) {
        html_raw(page, "<a href=\"#i%zu\">", i + 1);
        html_text(page, several.headings[i]);
        html_raw(page, "</a>");
    }
    html_raw(page, "</nav></header><main id=\"findings\">");
    write_side_by_side(page, &several);
    page->share = REPORT_HTML_SIZE / 4;
    write_differences(page, &several);
    write_own(page, &several);
    html_end(page, "the verdicts of one run");
out:
    close_several(&several);
}

static int write_html(FILE *stream, const void *document)
{
    return html_make(stream, write_page, document);
}

int report_html_several(const struct several_document *document, const char *path,
                        struct failure *failure)
{
    return report_write_document(path, write_html, document, failure);
}
