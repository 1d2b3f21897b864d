// What changed, for people: waivers, a baseline, two results, several implementations.
#include "harness/report/terminal_regression.h"

#include "harness/report/report.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MAX = 40,      // differences of one kind that are listed
    COLUMN_WIDTH = 24,   // of an implementation
    ANSWER_COLUMNS = 22, // what of an answer is shown in one
};

enum colour { RED, GREEN, YELLOW, CYAN };

static const char *paint(bool colour, enum colour which)
{
    static const char *const codes[] = {"\033[1;31m", "\033[32m", "\033[33m", "\033[36m"};
    return colour ? codes[which] : "";
}

static const char *plain(bool colour)
{
    return colour ? "\033[0m" : "";
}

static void print_safe(FILE *stream, const char *text)
{
    char *escaped = report_escape(text == NULL ? "" : text, ESCAPE_CONTROLS);
    fputs(escaped == NULL ? "(out of memory)" : escaped, stream);
    free(escaped);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

// ---- Two results

static const struct {
    const char *heading;
    enum colour colour;
} kinds[DIFFERENCE_KINDS] = {
    [DIFFERENCE_NEW] = {"new failure", RED},
    [DIFFERENCE_FIXED] = {"fixed", GREEN},
    [DIFFERENCE_KNOWN] = {"failed before, too", YELLOW},
    [DIFFERENCE_CHANGED] = {"changed", CYAN},
    [DIFFERENCE_GONE] = {"no longer run or tried", YELLOW},
    [DIFFERENCE_ADDED] = {"newly run", CYAN},
};

static void print_difference(FILE *stream, const struct difference *item)
{
    fprintf(stream, "    %-14s", item->subject);
    print_safe(stream, item->scenario);
    if (item->charset != NULL)
        fprintf(stream, " (%s)", item->charset);
    fputs(": ", stream);
    if (item->kind != DIFFERENCE_KNOWN) {
        print_safe(stream, item->before == NULL ? "not run" : item->before);
        fputs(" -> ", stream);
    }
    print_safe(stream, item->after == NULL ? "not run" : item->after);
    fputc('\n', stream);
}

// How many of the items that follow are of the same scenario: one line is enough for them.
static size_t same_scenario(const struct diff *diff, size_t first)
{
    size_t last = first;
    while (last < diff->count && diff->items[last].kind == diff->items[first].kind &&
           strcmp(diff->items[last].scenario, diff->items[first].scenario) == 0)
        last++;
    return last - first;
}

// What came and what went needs no words of its own, only its number.
static void print_counted(FILE *stream, const struct diff *diff, enum difference_kind kind)
{
    for (size_t i = 0; i < diff->count;) {
        if (diff->items[i].kind != kind) {
            i++;
            continue;
        }
        size_t count = same_scenario(diff, i);
        if (count <= 3) {
            for (size_t j = i; j < i + count; j++)
                print_difference(stream, &diff->items[j]);
        } else {
            fprintf(stream, "    %-14s", "");
            print_safe(stream, diff->items[i].scenario);
            fprintf(stream, ": %zu checks, %s to %s\n", count, diff->items[i].subject,
                    diff->items[i + count - 1].subject);
        }
        i += count;
    }
}

static void print_kind(FILE *stream, const struct diff *diff, enum difference_kind kind,
                       bool colour)
{
    size_t shown = 0;
    if (diff->of[kind] == 0)
        return;
    fprintf(stream, "  %s%s%s%s: %zu\n", paint(colour, kinds[kind].colour), kinds[kind].heading,
            kind == DIFFERENCE_NEW ? plural(diff->of[kind]) : "", plain(colour), diff->of[kind]);
    if (kind == DIFFERENCE_GONE || kind == DIFFERENCE_ADDED) {
        print_counted(stream, diff, kind);
        return;
    }
    for (size_t i = 0; i < diff->count; i++)
        if (diff->items[i].kind == kind && shown++ < SHOWN_MAX)
            print_difference(stream, &diff->items[i]);
    if (shown > SHOWN_MAX)
        fprintf(stream, "    ... and %zu more; --json has all\n", shown - SHOWN_MAX);
}

static void print_remarks(FILE *stream, const char *remarks)
{
    for (const char *at = remarks; at != NULL && *at != '\0';) {
        size_t length = strcspn(at, "\n");
        char *line = strndup(at, length);
        fputs("  mind: ", stream);
        print_safe(stream, line);
        fputc('\n', stream);
        free(line);
        at += length + (at[length] == '\n');
    }
}

void report_diff(FILE *stream, const struct diff *diff, bool known, bool colour)
{
    print_remarks(stream, diff->remarks);
    for (int kind = 0; kind < DIFFERENCE_KINDS; kind++)
        if (kind != DIFFERENCE_KNOWN || known)
            print_kind(stream, diff, (enum difference_kind)kind, colour);
    if (!diff_differs(diff))
        fprintf(stream, "  nothing differs\n");
}

// ---- Waivers and baseline

static void print_waiver(FILE *stream, const struct waiver_result *waiver, bool fails, bool colour)
{
    bool bad = waiver->state == WAIVER_EXPIRED || waiver->state == WAIVER_UNUSED;
    fprintf(stream, "%swaiver%s  ", paint(colour, bad ? (fails ? RED : YELLOW) : CYAN),
            plain(colour));
    print_safe(stream, waiver->place);
    fprintf(stream, ": %s of scenario ", waiver->clause);
    print_safe(stream, waiver->scenario);
    if (waiver->charset != NULL)
        fprintf(stream, " (%s)", waiver->charset);
    switch (waiver->state) {
    case WAIVER_USED:
        fprintf(stream, ": waives %zu check%s: ", waiver->used, plural(waiver->used));
        print_safe(stream, waiver->reason);
        break;
    case WAIVER_UNUSED:
        fputs(": unused: what it waives holds; remove it", stream);
        break;
    case WAIVER_EXPIRED:
        fprintf(stream, ": expired on %s, so it waives nothing any more; renew or remove it",
                waiver->expires == NULL ? "?" : waiver->expires);
        break;
    case WAIVER_NOT_TRIED:
        fputs(": nothing of what it waives was tried here", stream);
        break;
    }
    if (waiver->reference != NULL) {
        fputs(" (", stream);
        print_safe(stream, waiver->reference);
        fputc(')', stream);
    }
    fputs(bad && fails ? "; with --strict this fails\n" : "\n", stream);
}

void report_regression(FILE *stream, const struct result *result, bool colour)
{
    if (result->waiver_count > 0)
        fputc('\n', stream);
    for (size_t i = 0; i < result->waiver_count; i++)
        print_waiver(stream, &result->waivers[i], result->strict, colour);
    if (result->baseline == NULL)
        return;
    fputs("\nAgainst the baseline ", stream);
    print_safe(stream, result->baseline->path);
    fprintf(stream, ": %zu new, %zu fixed, %zu changed, %zu known from it, which don't count\n",
            result->baseline->diff.of[DIFFERENCE_NEW], result->baseline->diff.of[DIFFERENCE_FIXED],
            result->baseline->diff.of[DIFFERENCE_CHANGED],
            result->baseline->diff.of[DIFFERENCE_KNOWN]);
    report_diff(stream, &result->baseline->diff, true, colour);
}

// ---- Several implementations

// The first of a text's columns, then as many blanks as are missing.
static void print_cell(FILE *stream, const char *text)
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
    fprintf(stream, "%s%*s", cut, (int)(COLUMN_WIDTH - shown), "");
    free(escaped);
}

static bool same_answers(const struct comparison *comparison, size_t one, size_t other)
{
    const struct comparison_row *a = &comparison->rows[one];
    const struct comparison_row *b = &comparison->rows[other];
    if (strcmp(a->subject, b->subject) != 0)
        return false;
    for (size_t i = 0; i < comparison->width; i++)
        if ((a->answers[i] == NULL) != (b->answers[i] == NULL) ||
            (a->answers[i] != NULL && strcmp(a->answers[i], b->answers[i]) != 0))
            return false;
    return true;
}

static bool seen_before(const struct comparison *comparison, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (same_answers(comparison, i, index))
            return true;
    return false;
}

// One line for all rows that say the same of the same clause.
static void print_row(FILE *stream, const struct comparison *comparison, size_t index)
{
    const struct comparison_row *row = &comparison->rows[index];
    size_t more = 0;
    fprintf(stream, "  %-16s", row->subject);
    for (size_t i = 0; i < comparison->width; i++)
        print_cell(stream, row->answers[i]);
    print_safe(stream, row->scenario);
    fprintf(stream, " (%s)", row->charset);
    for (size_t i = index + 1; i < comparison->count; i++)
        more += same_answers(comparison, index, i);
    if (more > 0)
        fprintf(stream, " and %zu more", more);
    fputc('\n', stream);
}

void report_comparison(FILE *stream, const struct comparison *comparison, const char *const *names,
                       bool colour)
{
    fprintf(stream, "\nThe implementations side by side: %zu difference%s, %zu the same\n",
            comparison->count, plural(comparison->count), comparison->same);
    for (size_t i = 0; i < comparison->width; i++) {
        fprintf(stream, "  %s[%zu]%s ", paint(colour, CYAN), i + 1, plain(colour));
        print_safe(stream, names[i]);
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
            print_row(stream, comparison, i);
}
