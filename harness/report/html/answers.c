// SPDX-License-Identifier: Apache-2.0
// Tables of answers side by side: of two results, or of several implementations. Checks of a
// clause that were answered alike share a row.
#include "harness/report/html/answers.h"

#include "conformance/clauses/groups.h"
#include "harness/report/html/verdicts.h"
#include "harness/result/words.h"

#include <ctype.h>
#include <string.h>

// Does an earlier row have the same answers?
static bool is_told(const struct answers_table *table, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (comparison_rows_agree(&table->rows[i], &table->rows[index], table->width))
            return true;
    return false;
}

// "single A, W; two A": where the answers are those of that row.
static void write_places(struct page *page, const struct answers_table *table, size_t index)
{
    const char *scenario = NULL;
    for (size_t i = index; i < table->count; i++) {
        const struct comparison_row *row = &table->rows[i];
        if (!comparison_rows_agree(&table->rows[index], row, table->width))
            continue;
        if (report_same_text(scenario, row->scenario)) {
            html_raw(page, ", ");
        } else {
            html_raw(page, "%s", scenario == NULL ? "" : "; ");
            html_text(page, row->scenario);
            html_raw(page, " ");
        }
        html_text(page, row->charset);
        scenario = row->scenario;
    }
}

static void write_row(struct page *page, const struct answers_table *table, size_t index)
{
    html_raw(page, "<tr><th scope=\"row\" class=\"wrap\">");
    write_places(page, table, index);
    html_raw(page, "</th>");
    for (size_t i = 0; i < table->width; i++) {
        html_raw(
            page,
            "<td class=\"wrap\"><span class=\"who\">"); // instead of the head, where it is narrow
        html_text(page, table->headings[i]);
        html_raw(page, "</span>");
        html_answer(page, table->rows[index].answers[i]);
        html_raw(page, "</td>");
    }
    html_raw(page, "</tr>\n");
}

void html_answers(struct page *page, const struct answers_table *table, const char *subject)
{
    size_t left_out = 0;
    html_raw(page,
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"answers side "
             "by side\"><table class=\"plain answers\"><thead><tr><th scope=\"col\">Where</th>");
    for (size_t i = 0; i < table->width; i++) {
        html_raw(page, "<th scope=\"col\">");
        html_text(page, table->headings[i]);
        html_raw(page, "</th>");
    }
    html_raw(page, "</tr></thead><tbody>");
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->rows[i].subject, subject) != 0 || is_told(table, i))
            continue;
        if (html_has_room(page))
            write_row(page, table, i);
        else
            left_out++;
    }
    html_raw(page, "</tbody></table></div>");
    if (left_out > 0)
        html_raw(page, "<p>%zu more are left out here; the JSON has them all.</p>", left_out);
}

void html_subject(struct page *page, const char *subject)
{
    const struct clause *clause = clause_find(subject);
    html_raw(page, "<h3>");
    html_text(page, subject);
    if (clause != NULL)
        html_print(page, ": %s", clause->sentence);
    html_raw(page, "</h3>");
}

void html_identifier(struct page *page, const char *subject)
{
    for (const char *at = subject; *at != '\0'; at++)
        html_raw(page, "%c", isalnum((unsigned char)*at) ? *at : '-');
}

// Is there a row of that subject which answers the same in the same place?
static bool has_row(const struct answers_table *table, const char *subject,
                    const struct comparison_row *wanted)
{
    for (size_t i = 0; i < table->count; i++) {
        struct comparison_row row = table->rows[i];
        bool here = strcmp(row.subject, subject) == 0 &&
                    report_same_text(row.scenario, wanted->scenario) &&
                    report_same_text(row.charset, wanted->charset);
        row.subject = wanted->subject;
        if (here && comparison_rows_agree(&row, wanted, table->width))
            return true;
    }
    return false;
}

static bool has_rows_of(const struct answers_table *table, const char *subject, const char *other)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].subject, other) == 0 && !has_row(table, subject, &table->rows[i]))
            return false;
    return true;
}

bool html_subjects_alike(const struct answers_table *table, const char *one, const char *other)
{
    return has_rows_of(table, one, other) && has_rows_of(table, other, one);
}

bool html_subject_is_new(const struct answers_table *table, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(table->rows[i].subject, table->rows[index].subject) == 0)
            return false;
    return true;
}
