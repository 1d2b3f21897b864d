// SPDX-License-Identifier: Apache-2.0
// The size sweep as a plot: the sizes offered against the sizes returned. A right implementation
// has one threshold, one size required below it and one size returned above; whatever differs from
// that is circled and listed.
#include "harness/report/html/sweep.h"

#include "conformance/base/text.h"
#include "conformance/transcript/error_codes.h"
#include "harness/report/html/verdicts.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEFT = 62,
    RIGHT = 14,
    PLOT_WIDTH = 640,
    TOP = 34,
    PLOT_HEIGHT = 200,
    BAND = 16,      // the strip of statuses, below the plot
    RUNS_MAX = 400, // drawn one by one; of more, neighbours are drawn together
    CIRCLES_MAX = 120,
    COLUMN = 2, // pixels of the strip that are drawn together then
    DOT = 4,
    CIRCLE = 24,
    TOLD_MAX = 10,
    SUCCESS = 0,
    INSUFFICIENT = 122,
};

struct plot {
    struct page *page;
    const struct sweep *sweep;
    bool has_required;
    bool has_returned;
    uint32_t required;  // what most insufficient calls said
    uint32_t returned;  // what most successes said
    uint32_t threshold; // from here on calls should succeed
    bool has_threshold;
    uint32_t x_max;
    uint32_t y_max;
};

static bool is_success(const struct sweep_point *point)
{
    return point->kind == OUTCOME_RETURNED && point->status == SUCCESS;
}

static bool is_insufficient(const struct sweep_point *point)
{
    return point->kind == OUTCOME_RETURNED && point->status == INSUFFICIENT;
}

// The size that more than half of the points of the kind say, by a majority vote; any of the sizes
// where none has a majority. False: there are no points of the kind.
static bool usual_size(const struct sweep *sweep, bool (*of_kind)(const struct sweep_point *),
                       uint32_t *size)
{
    size_t votes = 0;
    bool found = false;
    for (size_t i = 0; i < sweep->count; i++) {
        const struct sweep_point *point = &sweep->points[i];
        if (!of_kind(point))
            continue;
        if (votes == 0)
            *size = point->size_out;
        votes = point->size_out == *size ? votes + 1 : votes - 1;
        found = true;
    }
    return found;
}

static void measure(struct plot *plot)
{
    const struct sweep *sweep = plot->sweep;
    plot->has_required = usual_size(sweep, is_insufficient, &plot->required);
    plot->has_returned = usual_size(sweep, is_success, &plot->returned);
    plot->has_threshold = plot->has_required;
    plot->threshold = plot->required;
    for (size_t i = 0; i < sweep->count && !plot->has_threshold; i++)
        if (is_success(&sweep->points[i])) {
            plot->has_threshold = true;
            plot->threshold = sweep->points[i].offered;
        }
    plot->x_max = sweep->points[sweep->count - 1].offered;
    if (plot->x_max == 0)
        plot->x_max = 1;
    // As high as the largest size offered or returned, but no more than twice the largest offered.
    plot->y_max = plot->x_max;
    for (size_t i = 0; i < sweep->count; i++) {
        const struct sweep_point *point = &sweep->points[i];
        if (point->kind == OUTCOME_RETURNED && point->size_out > plot->y_max)
            plot->y_max = point->size_out;
    }
    if (plot->y_max > plot->x_max && plot->y_max / 2 > plot->x_max)
        plot->y_max = plot->x_max > UINT32_MAX / 2 ? UINT32_MAX : plot->x_max * 2;
}

// What is odd about a point.
enum oddity {
    ODD_NOT,
    ODD_OUTCOME,
    ODD_STATUS,
    ODD_EARLY,
    ODD_LATE,
    ODD_SIZE,
};

static enum oddity oddity_of(const struct plot *plot, const struct sweep_point *point)
{
    if (point->kind == OUTCOME_NOT_TRIED)
        return ODD_NOT;
    if (point->kind != OUTCOME_RETURNED)
        return ODD_OUTCOME;
    if (is_success(point)) {
        if (plot->has_threshold && point->offered < plot->threshold)
            return ODD_EARLY;
        return point->size_out != plot->returned ? ODD_SIZE : ODD_NOT;
    }
    if (!is_insufficient(point))
        return ODD_STATUS;
    if (plot->has_threshold && point->offered >= plot->threshold)
        return ODD_LATE;
    return point->size_out != plot->required ? ODD_SIZE : ODD_NOT;
}

// ---- Runs ------------------------------------------------------------------------------------

// Neighbouring points that are alike: drawn and listed as one.
struct sweep_run {
    const struct sweep_point *first;
    const struct sweep_point *last;
    enum oddity oddity;
};

static bool same_kind(const struct plot *plot, const struct sweep_point *a,
                      const struct sweep_point *b)
{
    return a->kind == b->kind && (a->kind != OUTCOME_RETURNED || a->status == b->status) &&
           oddity_of(plot, a) == oddity_of(plot, b);
}

// Stores the run that begins at point `index` and returns the index behind it. With `lines`, the
// sizes returned in it are equal or grow with the size offered, so that a line can show them.
static size_t run_at(const struct plot *plot, size_t index, bool lines, struct sweep_run *run)
{
    const struct sweep *sweep = plot->sweep;
    const struct sweep_point *first = &sweep->points[index];
    int64_t slope = 0;
    size_t next = index + 1;
    while (next < sweep->count && same_kind(plot, first, &sweep->points[next])) {
        const struct sweep_point *before = &sweep->points[next - 1];
        const struct sweep_point *point = &sweep->points[next];
        int64_t rise = (int64_t)point->size_out - before->size_out;
        int64_t step = (int64_t)point->offered - before->offered;
        if (next == index + 1 && rise == step)
            slope = 1;
        if (lines && rise != slope * step)
            break;
        next++;
    }
    *run = (struct sweep_run){first, &sweep->points[next - 1], oddity_of(plot, first)};
    return next;
}

bool html_sweep_is_odd(const struct sweep *sweep)
{
    struct plot plot = {.sweep = sweep};
    if (sweep->count == 0)
        return false;
    measure(&plot);
    for (size_t i = 0; i < sweep->count; i++)
        if (oddity_of(&plot, &sweep->points[i]) != ODD_NOT)
            return true;
    return false;
}

// ---- Drawing ---------------------------------------------------------------------------------

static double x_of(const struct plot *plot, uint32_t offered)
{
    return LEFT + (double)offered * PLOT_WIDTH / plot->x_max;
}

static double y_of(const struct plot *plot, uint32_t size)
{
    uint32_t bounded = size < plot->y_max ? size : plot->y_max;
    return TOP + PLOT_HEIGHT - (double)bounded * PLOT_HEIGHT / plot->y_max;
}

static const char *colour_of(const struct sweep_point *point)
{
    if (point->kind == OUTCOME_NOT_TRIED)
        return "untried";
    if (point->kind != OUTCOME_RETURNED)
        return "crash";
    if (point->status == SUCCESS)
        return "ok";
    return point->status == INSUFFICIENT ? "short" : "odd";
}

static void describe_answer(const struct sweep_point *point, char *text, size_t size)
{
    static const char *const kinds[] = {"",          "a fault",   "ended the process",
                                        "no return", "not tried", "host damaged"};
    char status[128];
    if (point->kind == OUTCOME_RETURNED)
        snprintf(text, size, "%s", error_code_describe(point->status, status, sizeof status));
    else
        snprintf(text, size, "%s",
                 point->kind < sizeof kinds / sizeof *kinds ? kinds[point->kind] : "unknown");
}

static void describe_run(const struct sweep_run *run, char *text, size_t size)
{
    char answer[160];
    describe_answer(run->first, answer, sizeof answer);
    text[0] = '\0';
    if (run->first == run->last)
        report_append(text, size, "%" PRIu32 " bytes offered: %s", run->first->offered, answer);
    else
        report_append(text, size, "%" PRIu32 " to %" PRIu32 " bytes offered: %s",
                      run->first->offered, run->last->offered, answer);
    if (run->first->kind != OUTCOME_RETURNED)
        return;
    if (run->first->size_out == run->last->size_out)
        report_append(text, size, ", *BufferSize = %" PRIu32, run->first->size_out);
    else
        report_append(text, size, ", *BufferSize from %" PRIu32 " to %" PRIu32,
                      run->first->size_out, run->last->size_out);
}

static void write_title(const struct plot *plot, const struct sweep_run *run)
{
    char text[384];
    describe_run(run, text, sizeof text);
    html_raw(plot->page, "<title>");
    html_text(plot->page, text);
    html_raw(plot->page, "</title>");
}

// The distance between grid lines: 1, 2 or 5 times a power of ten, so that there are at most eight.
static uint32_t tick_step(uint32_t most)
{
    uint64_t step = 1;
    static const uint64_t factors[] = {1, 2, 5};
    for (uint64_t power = 1; power <= UINT32_MAX; power *= 10)
        for (size_t i = 0; i < 3; i++) {
            step = power * factors[i];
            if (most / step < 7)
                return step > UINT32_MAX ? UINT32_MAX : (uint32_t)step;
        }
    return UINT32_MAX;
}

static void draw_axes(const struct plot *plot)
{
    struct page *page = plot->page;
    uint32_t step = tick_step(plot->y_max);
    for (uint64_t size = 0; size <= plot->y_max; size += step)
        html_raw(page,
                 "<path class=\"grid\" d=\"M%d %.1fh%d\"/><text class=\"dim\" x=\"%d\" y=\"%.1f\" "
                 "text-anchor=\"end\">%" PRIu64 "</text>",
                 LEFT, y_of(plot, (uint32_t)size), PLOT_WIDTH, LEFT - 6,
                 y_of(plot, (uint32_t)size) + 3, size);
    step = tick_step(plot->x_max);
    for (uint64_t size = 0; size <= plot->x_max; size += step)
        html_raw(page,
                 "<path class=\"grid\" d=\"M%.1f %dv%d\"/><text class=\"dim\" x=\"%.1f\" y=\"%d\" "
                 "text-anchor=\"middle\">%" PRIu64 "</text>",
                 x_of(plot, (uint32_t)size), TOP, PLOT_HEIGHT, x_of(plot, (uint32_t)size),
                 TOP + PLOT_HEIGHT + BAND + 22, size);
    html_raw(page, "<text class=\"dim\" x=\"%d\" y=\"%d\">*BufferSize after the call</text>", LEFT,
             TOP - 20);
    html_raw(page, "<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">bytes offered</text>",
             LEFT + PLOT_WIDTH, TOP + PLOT_HEIGHT + BAND + 36);
    html_raw(page, "<path class=\"diagonal\" d=\"M%d %dL%.1f %.1f\"/>", LEFT, TOP + PLOT_HEIGHT,
             x_of(plot, plot->x_max), y_of(plot, plot->x_max));
}

static void draw_threshold(const struct plot *plot)
{
    if (!plot->has_threshold || plot->threshold > plot->x_max)
        return;
    double x = x_of(plot, plot->threshold);
    html_raw(plot->page,
             "<path class=\"threshold\" d=\"M%.1f %dv%d\"/><text x=\"%.1f\" y=\"%d\" "
             "text-anchor=\"%s\">%s %" PRIu32 "</text>",
             x, TOP - 4, PLOT_HEIGHT + BAND + 10, x, TOP - 7,
             x > LEFT + PLOT_WIDTH * 0.75 ? "end" : "middle",
             plot->has_required ? "required:" : "first success:", plot->threshold);
}

// Draws a run of run_at with `lines`.
static void draw_run(const struct plot *plot, const struct sweep_run *run)
{
    struct page *page = plot->page;
    if (run->first->kind != OUTCOME_RETURNED)
        return;
    double x = x_of(plot, run->first->offered);
    double end = x_of(plot, run->last->offered);
    html_raw(page,
             "<g><path class=\"path %s\" stroke-linecap=\"round\" d=\"M%.1f %.1fL%.1f %.1f\"/>",
             colour_of(run->first), x, y_of(plot, run->first->size_out), end + 0.1,
             y_of(plot, run->last->size_out));
    write_title(plot, run);
    html_raw(page, "</g>");
}

static size_t count_runs(const struct plot *plot, bool lines, bool odd)
{
    struct sweep_run run = {0};
    size_t count = 0;
    for (size_t i = 0; i < plot->sweep->count;) {
        i = run_at(plot, i, lines, &run);
        count += !odd || run.oddity != ODD_NOT;
    }
    return count;
}

static double end_of(const struct plot *plot, const struct sweep_run *run, size_t next)
{
    // Up to the next size that was tried, so that there are no gaps between samples.
    return next < plot->sweep->count ? x_of(plot, plot->sweep->points[next].offered)
                                     : x_of(plot, run->last->offered);
}

// The heavier point is drawn where several share a column.
static int weight_of(const struct sweep_point *point)
{
    static const char *const order[] = {"untried", "ok", "short", "odd", "crash"};
    int weight = 0;
    for (int i = 0; i < (int)(sizeof order / sizeof *order); i++)
        if (strcmp(colour_of(point), order[i]) == 0)
            weight = i;
    return weight;
}

// The strip of statuses where there are too many runs to draw: the worst point of each column.
static void draw_columns(const struct plot *plot)
{
    enum { COLUMNS = PLOT_WIDTH / COLUMN };
    const struct sweep_point *worst[COLUMNS + 1] = {0};
    struct sweep_run run = {0};
    for (size_t i = 0; i < plot->sweep->count;) {
        i = run_at(plot, i, false, &run);
        size_t first = (size_t)(x_of(plot, run.first->offered) - LEFT) / COLUMN;
        size_t last = (size_t)(end_of(plot, &run, i) - LEFT) / COLUMN;
        for (size_t j = first; j <= last && j <= COLUMNS; j++)
            if (worst[j] == NULL || weight_of(run.first) > weight_of(worst[j]))
                worst[j] = run.first;
    }
    for (size_t i = 0; i < COLUMNS;) {
        size_t end = i + 1;
        while (end < COLUMNS && worst[i] != NULL && worst[end] != NULL &&
               weight_of(worst[end]) == weight_of(worst[i]))
            end++;
        if (worst[i] != NULL)
            html_raw(plot->page,
                     "<rect class=\"%s\" x=\"%zu\" y=\"%d\" width=\"%zu\" height=\"%d\"/>",
                     colour_of(worst[i]), LEFT + i * COLUMN, TOP + PLOT_HEIGHT + 6,
                     (end - i) * COLUMN, BAND - 4);
        i = end;
    }
}

static void draw_band(const struct plot *plot)
{
    struct sweep_run run = {0};
    if (count_runs(plot, false, false) > RUNS_MAX) {
        draw_columns(plot);
        return;
    }
    for (size_t i = 0; i < plot->sweep->count;) {
        i = run_at(plot, i, false, &run);
        double x = x_of(plot, run.first->offered);
        double end = end_of(plot, &run, i);
        html_raw(plot->page,
                 "<g><rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                 colour_of(run.first), x, TOP + PLOT_HEIGHT + 6, end - x < 1.5 ? 1.5 : end - x,
                 BAND - 4);
        write_title(plot, &run);
        html_raw(plot->page, "</g>");
    }
}

// Is the square of that size around the point taken already? Takes it.
static bool is_taken(const struct plot *plot, const struct sweep_point *point, int square,
                     bool *squares)
{
    size_t column = (size_t)(x_of(plot, point->offered) - LEFT) / (size_t)square;
    size_t row = (size_t)(y_of(plot, point->size_out) - TOP) / (size_t)square;
    bool *taken = &squares[row * (PLOT_WIDTH / (size_t)square + 1) + column];
    bool was = *taken;
    *taken = true;
    return was;
}

// The plot where there are too many runs to draw: one dot for all points of a status that fall
// into the same square.
static void draw_dots(const struct plot *plot)
{
    static const char *const colours[] = {"ok", "short", "odd"};
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
        bool squares[(PLOT_WIDTH / DOT + 1) * (PLOT_HEIGHT / DOT + 1)] = {0};
        html_raw(plot->page, "<path class=\"path %s\" stroke-linecap=\"round\" d=\"M0 0",
                 colours[i]);
        for (size_t j = 0; j < plot->sweep->count; j++) {
            const struct sweep_point *point = &plot->sweep->points[j];
            if (strcmp(colour_of(point), colours[i]) == 0 && !is_taken(plot, point, DOT, squares))
                html_raw(plot->page, "M%.0f %.0fh.1", x_of(plot, point->offered),
                         y_of(plot, point->size_out));
        }
        html_raw(plot->page, "\"/>");
    }
}

static void draw_paths(const struct plot *plot)
{
    struct sweep_run run = {0};
    if (count_runs(plot, true, false) > RUNS_MAX) {
        draw_dots(plot);
        return;
    }
    for (size_t i = 0; i < plot->sweep->count;) {
        i = run_at(plot, i, true, &run);
        draw_run(plot, &run);
    }
}

static void draw_circles(const struct plot *plot)
{
    bool squares[(PLOT_WIDTH / CIRCLE + 1) * (PLOT_HEIGHT / CIRCLE + 1)] = {0};
    bool many = count_runs(plot, false, true) > CIRCLES_MAX;
    struct sweep_run run = {0};
    for (size_t i = 0; i < plot->sweep->count;) {
        i = run_at(plot, i, false, &run);
        bool returned = run.first->kind == OUTCOME_RETURNED;
        if (run.oddity == ODD_NOT || (many && is_taken(plot, run.first, CIRCLE, squares)))
            continue;
        double y = returned ? y_of(plot, run.first->size_out) : TOP + PLOT_HEIGHT + BAND / 2.0 + 4;
        html_raw(plot->page, "<g><circle class=\"circle\" cx=\"%.1f\" cy=\"%.1f\" r=\"6\"/>",
                 x_of(plot, run.first->offered), y);
        write_title(plot, &run);
        html_raw(plot->page, "</g>");
    }
}

static const char *oddity_words(enum oddity oddity)
{
    switch (oddity) {
    case ODD_NOT:
    case ODD_OUTCOME:
        break;
    case ODD_STATUS:
        return " - neither success nor insufficient";
    case ODD_EARLY:
        return " - success below the size required";
    case ODD_LATE:
        return " - insufficient, though the size required was offered";
    case ODD_SIZE:
        return " - another size than from the other calls";
    }
    return "";
}

// How many runs of sizes have the answer of the one that begins there; 0: an earlier one has it.
static size_t count_alike(const struct plot *plot, size_t begin)
{
    struct sweep_run run = {0};
    size_t count = 0;
    for (size_t i = 0; i < plot->sweep->count;) {
        bool earlier = i < begin;
        i = run_at(plot, i, false, &run);
        if (!same_kind(plot, run.first, &plot->sweep->points[begin]))
            continue;
        if (earlier)
            return 0;
        count++;
    }
    return count;
}

static void write_oddities(const struct plot *plot)
{
    struct page *page = plot->page;
    struct sweep_run run = {0};
    size_t found = 0;
    for (size_t i = 0; i < plot->sweep->count;) {
        size_t begin = i;
        i = run_at(plot, i, false, &run);
        size_t times = run.oddity == ODD_NOT ? 0 : count_alike(plot, begin);
        if (times == 0 || found++ >= TOLD_MAX)
            continue;
        char text[384];
        describe_run(&run, text, sizeof text);
        html_raw(page, "%s<li class=\"bad\">", found == 1 ? "<ul class=\"marks\">" : "");
        html_text(page, text);
        html_text(page, oddity_words(run.oddity));
        if (times > 1)
            html_raw(page, "; such an answer to %zu ranges of sizes, of which this is the first",
                     times);
        html_raw(page, "</li>");
    }
    if (found > TOLD_MAX)
        html_raw(page, "<li>and %zu more such answers</li>", found - TOLD_MAX);
    html_raw(page, "%s", found > 0 ? "</ul>" : "");
}

static void write_sweep(struct page *page, const struct sweep *sweep, const char *title)
{
    struct plot plot = {.page = page, .sweep = sweep};
    if (sweep->count == 0)
        return;
    measure(&plot);
    html_raw(page, "<figure><figcaption>");
    html_text(page, title);
    html_raw(
        page,
        "</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"plot of "
        "the size sweep\"><svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\"><title>",
        LEFT + PLOT_WIDTH + RIGHT, TOP + PLOT_HEIGHT + BAND + 44);
    html_text(page, title);
    html_raw(page, "</title>");
    draw_axes(&plot);
    draw_threshold(&plot);
    draw_paths(&plot);
    draw_band(&plot);
    draw_circles(&plot);
    html_raw(page,
             "</svg></div><ul class=\"keys\"><li><i style=\"background:var(--accent)\"></i>122, "
             "insufficient</li><li><i style=\"background:var(--pass)\"></i>0, success</li>"
             "<li><i style=\"background:var(--warn)\"></i>another status</li>"
             "<li><i style=\"background:var(--bad)\"></i>did not return</li>"
             "<li><i style=\"background:var(--line2)\"></i>not tried</li>"
             "<li>dotted: *BufferSize as it was offered</li><li>%zu sizes tried</li></ul>",
             sweep->count);
    write_oddities(&plot);
    html_raw(page, "</figure>");
}

void html_scenario_sweep(struct page *page, const struct scenario_result *scenario,
                         enum charset charset)
{
    char title[256];
    snprintf(title, sizeof title, "Size sweep of GetIScsiSessionList%c in %.150s",
             charset == CHARSET_W ? 'W' : 'A', html_scenario_name(scenario));
    write_sweep(page, &scenario->sweeps[charset], title);
}
