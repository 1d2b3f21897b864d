// SPDX-License-Identifier: Apache-2.0
// What changed, for people: waivers, a baseline, two results, several implementations.
#include "harness/report/terminal_regression.h"

#include "conformance/base/text.h"
#include "harness/report/terminal_text.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MAX = 40,      // differences of one kind that are listed
    COLUMN_WIDTH = 24,   // of an implementation
    ANSWER_COLUMNS = 22, // what of an answer is shown in one
};

// ---- Two results

static const struct {
    const char *heading;
    enum terminal_colour colour;
} kinds[DIFFERENCE_KINDS] = {
    [DIFFERENCE_NEW] = {"new failure", RED},
    [DIFFERENCE_FIXED] = {"fixed", GREEN},
    [DIFFERENCE_KNOWN] = {"failed before, too", YELLOW},
    [DIFFERENCE_CHANGED] = {"changed", CYAN},
    [DIFFERENCE_GONE] = {"no longer run or tried", YELLOW},
    [DIFFERENCE_ADDED] = {"newly run", CYAN},
};

static void print_difference(const struct terminal_stream *out, const struct difference *item)
{
    fprintf(out->stream, "    %-14s", item->subject);
    terminal_print_safe(out, item->scenario);
    if (item->charset != NULL)
        fprintf(out->stream, " (%s)", item->charset);
    fputs(": ", out->stream);
    if (item->kind != DIFFERENCE_KNOWN) {
        terminal_print_safe(out, item->before == NULL ? "not run" : item->before);
        fputs(" -> ", out->stream);
    }
    terminal_print_safe(out, item->after == NULL ? "not run" : item->after);
    fputc('\n', out->stream);
}

// The number of items from `first` on that have its kind and scenario: they share a line.
static size_t same_scenario(const struct diff *diff, size_t first)
{
    size_t last = first;
    while (last < diff->count && diff->items[last].kind == diff->items[first].kind &&
           strcmp(diff->items[last].scenario, diff->items[first].scenario) == 0)
        last++;
    return last - first;
}

// Prints checks that came or went: of more than three in a scenario only the number.
static void print_counted(const struct terminal_stream *out, const struct diff *diff,
                          enum difference_kind kind)
{
    for (size_t i = 0; i < diff->count;) {
        if (diff->items[i].kind != kind) {
            i++;
            continue;
        }
        size_t count = same_scenario(diff, i);
        if (count <= 3) {
            for (size_t j = i; j < i + count; j++)
                print_difference(out, &diff->items[j]);
        } else {
            fprintf(out->stream, "    %-14s", "");
            terminal_print_safe(out, diff->items[i].scenario);
            fprintf(out->stream, ": %zu checks, %s to %s\n", count, diff->items[i].subject,
                    diff->items[i + count - 1].subject);
        }
        i += count;
    }
}

static void print_kind(const struct terminal_stream *out, const struct diff *diff,
                       enum difference_kind kind)
{
    size_t shown = 0;
    if (diff->of[kind] == 0)
        return;
    fprintf(out->stream, "  %s%s%s%s: %zu\n", terminal_paint(out, kinds[kind].colour),
            kinds[kind].heading, kind == DIFFERENCE_NEW ? plural(diff->of[kind]) : "",
            terminal_plain(out), diff->of[kind]);
    if (kind == DIFFERENCE_GONE || kind == DIFFERENCE_ADDED) {
        print_counted(out, diff, kind);
        return;
    }
    for (size_t i = 0; i < diff->count; i++)
        if (diff->items[i].kind == kind && shown++ < SHOWN_MAX)
            print_difference(out, &diff->items[i]);
    if (shown > SHOWN_MAX)
        fprintf(out->stream, "    ... and %zu more; --json has all\n", shown - SHOWN_MAX);
}

static void print_remarks(const struct terminal_stream *out, const char *remarks)
{
    for (const char *at = remarks; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\n");
        char *line = strndup(at, length);
        fputs("  mind: ", out->stream);
        terminal_print_safe(out, line);
        fputc('\n', out->stream);
        free(line);
        at += length + (at[length] == '\n');
    }
}

void report_diff(FILE *stream, const struct diff *diff, bool known, bool colour)
{
    const struct terminal_stream out = {.stream = stream, .colour = colour};
    print_remarks(&out, diff->remarks);
    for (int kind = 0; kind < DIFFERENCE_KINDS; kind++)
        if (kind != DIFFERENCE_KNOWN || known)
            print_kind(&out, diff, (enum difference_kind)kind);
    if (!diff_differs(diff))
        fprintf(stream, "  nothing differs\n");
}

// ---- Waivers and baseline

static void print_waiver(const struct terminal_stream *out, const struct waiver_result *waiver,
                         bool fails)
{
    bool bad = waiver->state == WAIVER_EXPIRED || waiver->state == WAIVER_UNUSED;
    fprintf(out->stream, "%swaiver%s  ", terminal_paint(out, bad ? (fails ? RED : YELLOW) : CYAN),
            terminal_plain(out));
    terminal_print_safe(out, waiver->place);
    fprintf(out->stream, ": %s of scenario ", waiver->clause);
    terminal_print_safe(out, waiver->scenario);
    if (waiver->charset != NULL)
        fprintf(out->stream, " (%s)", waiver->charset);
    switch (waiver->state) {
    case WAIVER_USED:
        fprintf(out->stream, ": waives %zu check%s: ", waiver->used, plural(waiver->used));
        terminal_print_safe(out, waiver->reason);
        break;
    case WAIVER_UNUSED:
        fputs(": unused: what it waives holds; remove it", out->stream);
        break;
    case WAIVER_EXPIRED:
        fprintf(out->stream, ": expired on %s, so it waives nothing any more; renew or remove it",
                waiver->expires == NULL ? "?" : waiver->expires);
        break;
    case WAIVER_NOT_TRIED:
        fputs(": nothing of what it waives was tried here", out->stream);
        break;
    }
    if (waiver->reference != NULL) {
        fputs(" (", out->stream);
        terminal_print_safe(out, waiver->reference);
        fputc(')', out->stream);
    }
    fputs(bad && fails ? "; with --strict this fails\n" : "\n", out->stream);
}

void report_regression(FILE *stream, const struct result *result, bool colour)
{
    const struct terminal_stream out = {.stream = stream, .colour = colour};
    if (result->waiver_count > 0)
        fputc('\n', stream);
    for (size_t i = 0; i < result->waiver_count; i++)
        print_waiver(&out, &result->waivers[i], result->strict);
    if (result->baseline == NULL)
        return;
    fputs("\nAgainst the baseline ", stream);
    terminal_print_safe(&out, result->baseline->path);
    fprintf(stream, ": %zu new, %zu fixed, %zu changed, %zu known from it, which don't count\n",
            result->baseline->diff.of[DIFFERENCE_NEW], result->baseline->diff.of[DIFFERENCE_FIXED],
            result->baseline->diff.of[DIFFERENCE_CHANGED],
            result->baseline->diff.of[DIFFERENCE_KNOWN]);
    report_diff(stream, &result->baseline->diff, true, colour);
}

// ---- Several implementations

// Prints a text, cut or padded to the width of a column.
static void print_cell(const struct terminal_stream *out, const char *text)
{
    char cut[ANSWER_COLUMNS * 4 + 8] = "";
    char *escaped = report_escape(text == NULL ? "-" : text, ESCAPE_CONTROLS);
    size_t used = 0;
    size_t length = 0;
    for (const char *at = escaped; at != NULL && *at != '\0' && length + 1 < sizeof cut; at++) {
        if (((unsigned char)*at & 0xC0) != 0x80 && used++ == ANSWER_COLUMNS)
            break;
        cut[length++] = *at;
    }
    cut[length] = '\0';
    size_t shown = used > ANSWER_COLUMNS ? ANSWER_COLUMNS : used;
    fprintf(out->stream, "%s%*s", cut, (int)(COLUMN_WIDTH - shown), "");
    free(escaped);
}

static bool seen_before(const struct comparison *comparison, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (comparison_rows_agree(&comparison->rows[i], &comparison->rows[index],
                                  comparison->width))
            return true;
    return false;
}

// Prints one line for all rows that agree with this one.
static void print_row(const struct terminal_stream *out, const struct comparison *comparison,
                      size_t index)
{
    const struct comparison_row *row = &comparison->rows[index];
    size_t more = 0;
    fprintf(out->stream, "  %-16s", row->subject);
    for (size_t i = 0; i < comparison->width; i++)
        print_cell(out, row->answers[i]);
    terminal_print_safe(out, row->scenario);
    fprintf(out->stream, " (%s)", row->charset);
    for (size_t i = index + 1; i < comparison->count; i++)
        more += comparison_rows_agree(row, &comparison->rows[i], comparison->width);
    if (more > 0)
        fprintf(out->stream, " and %zu more", more);
    fputc('\n', out->stream);
}

void report_comparison(FILE *stream, const struct comparison *comparison, const char *const *names,
                       bool colour)
{
    const struct terminal_stream out = {.stream = stream, .colour = colour};
    fprintf(stream, "\nThe implementations side by side: %zu difference%s, %zu the same\n",
            comparison->count, plural(comparison->count), comparison->same);
    for (size_t i = 0; i < comparison->width; i++) {
        fprintf(stream, "  %s[%zu]%s ", terminal_paint(&out, CYAN), i + 1, terminal_plain(&out));
        terminal_print_safe(&out, names[i]);
        fputc('\n', stream);
    }
    if (comparison->count == 0)
        return;
    fprintf(stream, "\n  %-16s", "");
    for (size_t i = 0; i < comparison->width; i++)
        fprintf(stream, "[%zu]%*s", i + 1, COLUMN_WIDTH - (i < 9 ? 3 : 4), "");
    fprintf(stream, "where\n");
    for (size_t i = 0; i < comparison->count; i++)
        if (!seen_before(comparison, i))
            print_row(&out, comparison, i);
}
