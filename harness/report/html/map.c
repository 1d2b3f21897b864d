// SPDX-License-Identifier: Apache-2.0
// The map of a buffer: rows as wide as a session's structure, the parts where they stand, pointers
// as arrows, what is wrong in red. A large buffer is drawn as a strip of all of it and the rows
// around what is wrong.
#include "harness/report/html/map.h"

#include "harness/report/html/map_lines.h"
#include "harness/report/html/marks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    GUTTER = 74,
    WIDTH = 768, // of a row
    ROW_HEIGHT = 26,
    STRIP_HEIGHT = 18,
    STRIP_STEP = 58,
    PARTS_OF_ROW = 96, // drawn at most; a row has room for fewer unless they overlap
    ARROWS_MAX = 40,
    BUCKETS = 384,
    LETTER = 6, // the width of one at the pictures' font size
    MARGIN = 3, // before a label
};

static double x_of(const struct map *map, int64_t column)
{
    return GUTTER + (double)column * WIDTH / (double)map->bytes;
}

static int64_t larger(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static int64_t smaller(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

// ---- Rows ------------------------------------------------------------------------------------

static const char *part_class(enum part_kind kind)
{
    switch (kind) {
    case PART_SESSION:
        return "session";
    case PART_CONNECTION:
        return "connection";
    case PART_STRING:
        break;
    }
    return "string";
}

static bool is_about(const struct map *map, const struct scene_part *part)
{
    for (const char *const *member = map->about; member != NULL && *member != NULL; member++)
        if (strcmp(*member, part->member) == 0)
            return true;
    return false;
}

static void draw_title(const struct map *map, const struct scene_part *part)
{
    char name[160];
    char value[256];
    scene_name_part(part, name, sizeof name);
    scene_describe_part(map->scene, part, value, sizeof value);
    html_raw(map->page, "<title>");
    html_print(map->page, "%s%s: bytes %" PRId64 " to %" PRId64 " (%" PRId64 "): %s",
               part->ghost ? "in the list of a call with room to spare: " : "", name, part->first,
               part->end - 1, part->end - part->first, value);
    html_raw(map->page, "</title>");
}

// A string's value or a member's name, cut to fit the width.
static void draw_label(const struct map *map, const struct scene_part *part, double x, double width,
                       int y)
{
    char text[160];
    char value[256];
    size_t room = width < 2 * MARGIN ? 0 : (size_t)((width - MARGIN) / LETTER);
    if (room < 3)
        return;
    if (part->kind == PART_STRING) {
        scene_describe_part(map->scene, part, value, sizeof value);
        snprintf(text, sizeof text, "%.150s", value);
    } else {
        snprintf(text, sizeof text, "%s", part->member);
    }
    html_raw(map->page, "<text x=\"%.0f\" y=\"%d\">", x + MARGIN, y + 17);
    if (strlen(text) > room) {
        // Cut between characters of UTF-8.
        size_t cut = room - 1;
        while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
            cut--;
        text[cut] = '\0';
        html_text(map->page, text);
        html_text(map->page, "\xE2\x80\xA6");
    } else {
        html_text(map->page, text);
    }
    html_raw(map->page, "</text>");
}

// Is it the same string as the part before? One that several pointers lead to is drawn once.
static bool is_shared(const struct scene *scene, size_t index)
{
    const struct scene_part *part = &scene->parts[index];
    const struct scene_part *before = index > 0 ? &scene->parts[index - 1] : NULL;
    return before != NULL && part->kind == PART_STRING && before->kind == PART_STRING &&
           part->first == before->first && part->end == before->end && part->ghost == before->ghost;
}

static void draw_part(const struct map *map, const struct scene_part *part, const struct line *line)
{
    int64_t start = map->base + line->row * map->bytes;
    int64_t first = larger(part->first, start);
    int64_t end = smaller(part->end, start + map->bytes);
    double x = x_of(map, first - start);
    double width = x_of(map, end - start) - x;
    html_raw(map->page,
             "<g><rect class=\"%s%s%s\" x=\"%.0f\" y=\"%d\" width=\"%.0f\" height=\"%d\"/>",
             part_class(part->kind), part->ghost ? " ghost" : "",
             is_about(map, part) ? " about" : "", x, line->y, width, ROW_HEIGHT);
    draw_title(map, part);
    // A part that goes on in the next row has its label in the longer of the two halves.
    if (part->first >= start || (part->first < start && start - part->first < end - start &&
                                 start - part->first < map->bytes))
        draw_label(map, part, x, width, line->y);
    html_raw(map->page, "</g>");
}

static void draw_background(const struct map *map, const struct line *line)
{
    int64_t start = map->base + line->row * map->bytes;
    html_raw(map->page, "<rect class=\"outside\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
             GUTTER, line->y, WIDTH, ROW_HEIGHT);
    int64_t room = map->scene->has_buffer ? map->scene->offered : map->scene->end;
    int64_t first = larger(start, 0);
    int64_t end = smaller(start + map->bytes, room);
    if (end > first)
        html_raw(map->page,
                 "<rect class=\"room\" x=\"%.0f\" y=\"%d\" width=\"%.0f\" height=\"%d\"/>",
                 x_of(map, first - start), line->y,
                 x_of(map, end - start) - x_of(map, first - start), ROW_HEIGHT);
    html_raw(map->page,
             "<text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%+" PRId64 "</text>",
             GUTTER - 6, line->y + 17, start);
}

static void draw_edge(const struct map *map, int64_t offset, const char *label, bool above)
{
    if (offset < 0)
        return;
    int64_t row = map_row_of_edge(map, offset);
    const struct line *line = map_line_of(map, row);
    if (line == NULL)
        return;
    double x = x_of(map, offset - map->base - row * map->bytes);
    bool left = x > GUTTER + WIDTH / 2.0;
    html_raw(map->page, "<path class=\"edge\" d=\"M%.1f %dV%d\"/>", x, line->y - 6,
             line->y + ROW_HEIGHT + 6);
    html_raw(map->page, "<text class=\"dim halo\" x=\"%.0f\" y=\"%d\" text-anchor=\"%s\">",
             x + (left ? -4 : 4), above ? line->y - 5 : line->y + ROW_HEIGHT + 11,
             left ? "end" : "start");
    html_print(map->page, "%s = %" PRId64, label, offset);
    html_raw(map->page, "</text>");
}

static const char *mark_class(enum mark_kind kind)
{
    if (kind == MARK_MISSING)
        return "mark missing";
    return mark_is_bad(kind) ? "mark" : "mark odd";
}

static void draw_mark(const struct map *map, const struct scene_mark *mark, const struct line *line)
{
    int64_t start = map->base + line->row * map->bytes;
    int64_t first = larger(mark->first, start);
    int64_t end = smaller(mark->end, start + map->bytes);
    if (first >= end)
        return;
    double x = x_of(map, first - start);
    html_raw(map->page,
             "<g><rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/><title>",
             mark_class(mark->kind), x, line->y - 3, x_of(map, end - start) - x, ROW_HEIGHT + 6);
    html_text(map->page, mark->what);
    html_raw(map->page, "</title></g>");
}

static void draw_gap(const struct map *map, const struct line *line)
{
    const struct scene *scene = map->scene;
    size_t members = 0;
    size_t strings = 0;
    for (size_t i = 0; i < scene->part_count; i++) {
        const struct scene_part *part = &scene->parts[i];
        if (part->first < line->gap_first || part->first >= line->gap_end)
            continue;
        strings += part->kind == PART_STRING;
        members += part->kind != PART_STRING && (strcmp(part->member, "SessionId") == 0 ||
                                                 strcmp(part->member, "ConnectionId") == 0);
    }
    html_raw(map->page, "<text class=\"dim halo\" x=\"%d\" y=\"%d\">", GUTTER + 4,
             line->same > 0 ? line->y - 8 : line->y + 12);
    if (line->same > 0)
        html_print(map->page,
                   "\xE2\x8B\xAE  such a row %" PRId64 " times: bytes %" PRId64 " to %" PRId64
                   " look like it",
                   line->same + 1, line->gap_first, line->gap_end - 1);
    else
        html_print(map->page,
                   "\xE2\x8B\xAE  bytes %" PRId64 " to %" PRId64 ": %zu structures, %zu strings",
                   line->gap_first, line->gap_end - 1, members, strings);
    html_raw(map->page, "</text>");
}

// ---- Arrows ----------------------------------------------------------------------------------

static bool touches_mark(const struct scene *scene, int64_t first, int64_t end)
{
    for (size_t i = 0; i < scene->mark_count; i++)
        if (scene->marks[i].first < end && scene->marks[i].end > first)
            return true;
    return false;
}

static void draw_lost(const struct map *map, double x, int y)
{
    html_raw(map->page, "<path class=\"lost\" d=\"M%.0f %dv9m-4 -4l8 8m0 -8l-8 8\"/>", x,
             y + ROW_HEIGHT);
}

static void draw_arrow(const struct map *map, const struct scene_part *part, bool crowded)
{
    const struct line *from = map_line_of(map, map_row_of(map, part->first));
    if (from == NULL)
        return;
    int64_t column = (part->first - map->base) % map->bytes;
    double x1 = x_of(map, column) + x_of(map, part->end - part->first) / 2 - GUTTER / 2.0;
    if (!part->leads_inside) {
        if (touches_mark(map->scene, part->first, part->end))
            draw_lost(map, x1, from->y);
        return;
    }
    const struct line *to = map_line_of(map, map_row_of(map, part->target));
    int64_t end = part->target + (part->text != NULL ? (int64_t)part->text->size : 1);
    if (to == NULL || (crowded && !touches_mark(map->scene, part->target, end)))
        return;
    double x2 = x_of(map, (part->target - map->base) % map->bytes) + 3;
    bool down = to->y > from->y;
    int y1 = down ? from->y + ROW_HEIGHT : from->y;
    int y2 = to->y;
    int bend = down ? 14 : -14;
    html_raw(map->page,
             "<g class=\"pointer\"><path class=\"arrow\" d=\"M%.0f %dC%.0f %d %.0f %d %.0f %d\"/>"
             "<path class=\"tip\" d=\"M%.0f %dl-3 -6h6z\"/>",
             x1, y1, x1, y1 + bend, x2, y2 - 16, x2, y2 - 4, x2, y2);
    draw_title(map, part);
    html_raw(map->page, "</g>");
}

static void draw_arrows(const struct map *map)
{
    const struct scene *scene = map->scene;
    size_t count = 0;
    for (size_t i = 0; i < scene->part_count; i++)
        count += scene->parts[i].pointer &&
                 map_line_of(map, map_row_of(map, scene->parts[i].first)) != NULL;
    for (size_t i = 0; i < scene->part_count; i++)
        if (scene->parts[i].pointer)
            draw_arrow(map, &scene->parts[i], count > ARROWS_MAX);
}

// ---- The strip -------------------------------------------------------------------------------

static double strip_x(const struct map *map, int64_t offset)
{
    int64_t all = map->row_count * map->bytes;
    return GUTTER + (double)(offset - map->base) * WIDTH / (double)all;
}

// The kind of part that takes up most of each bucket of the strip; -1: none.
static void fill_buckets(const struct map *map, int kinds[static BUCKETS])
{
    double taken[BUCKETS][PART_STRING + 1] = {0};
    double per_bucket = (double)(map->row_count * map->bytes) / BUCKETS;
    for (size_t i = 0; i < map->scene->part_count; i++) {
        const struct scene_part *part = &map->scene->parts[i];
        double first = (double)(part->first - map->base) / per_bucket;
        double end = (double)(part->end - map->base) / per_bucket;
        for (size_t b = (size_t)first; b < BUCKETS && (double)b < end; b++) {
            double from = first > (double)b ? first : (double)b;
            double to = end < (double)(b + 1) ? end : (double)(b + 1);
            taken[b][part->kind] += to - from;
        }
    }
    for (size_t b = 0; b < BUCKETS; b++) {
        kinds[b] = -1;
        for (int kind = 0; kind <= PART_STRING; kind++)
            if (taken[b][kind] > 0 && (kinds[b] < 0 || taken[b][kind] > taken[b][kinds[b]]))
                kinds[b] = kind;
    }
}

static void draw_buckets(const struct map *map, int y)
{
    int kinds[BUCKETS];
    fill_buckets(map, kinds);
    for (size_t b = 0; b < BUCKETS;) {
        size_t end = b + 1;
        while (end < BUCKETS && kinds[end] == kinds[b])
            end++;
        if (kinds[b] >= 0)
            html_raw(map->page,
                     "<rect class=\"%s\" stroke=\"none\" x=\"%zu\" y=\"%d\" width=\"%zu\" "
                     "height=\"%d\" style=\"stroke:none\"/>",
                     part_class((enum part_kind)kinds[b]), GUTTER + b * (WIDTH / BUCKETS), y,
                     (end - b) * (WIDTH / BUCKETS), STRIP_HEIGHT);
        b = end;
    }
}

static void draw_strip(const struct map *map)
{
    const struct scene *scene = map->scene;
    const int y = 16;
    html_raw(map->page, "<rect class=\"room\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
             GUTTER, y, WIDTH, STRIP_HEIGHT);
    draw_buckets(map, y);
    for (size_t i = 0; i < map->line_count; i++) {
        const struct line *line = &map->lines[i];
        if (line->row < 0)
            continue;
        double x = strip_x(map, map->base + line->row * map->bytes);
        double width = strip_x(map, map->base + (line->row + 1) * map->bytes) - x;
        html_raw(map->page, "<path class=\"window\" d=\"M%.1f %dh%.1f\"/>", x, y + STRIP_HEIGHT + 4,
                 width < 2 ? 2 : width);
    }
    for (size_t i = 0; i < scene->mark_count; i++) {
        const struct scene_mark *mark = &scene->marks[i];
        double x = strip_x(map, mark->first);
        double width = strip_x(map, smaller(mark->end, scene->end)) - x;
        html_raw(map->page,
                 "<g><rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/><title>",
                 mark_class(mark->kind), x, y - 4, width < 2 ? 2 : width, STRIP_HEIGHT + 8);
        html_text(map->page, mark->what);
        html_raw(map->page, "</title></g>");
    }
    html_raw(map->page,
             "<text class=\"dim\" x=\"%d\" y=\"%d\">%+" PRId64
             "</text><text class=\"dim\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%+" PRId64 "</text>",
             GUTTER, y - 6, map->base, GUTTER + WIDTH, y - 6, scene->end);
}

// ---- The figure ------------------------------------------------------------------------------

static void draw_lines(const struct map *map)
{
    const struct scene *scene = map->scene;
    for (size_t i = 0; i < map->line_count; i++) {
        const struct line *line = &map->lines[i];
        if (line->row < 0) {
            draw_gap(map, line);
            continue;
        }
        int64_t start = map->base + line->row * map->bytes;
        draw_background(map, line);
        size_t drawn = 0;
        for (size_t j = 0; j < scene->part_count && drawn < PARTS_OF_ROW; j++) {
            const struct scene_part *part = &scene->parts[j];
            if (part->first >= start + map->bytes || part->end <= start || is_shared(scene, j))
                continue;
            draw_part(map, part, line);
            drawn++;
        }
    }
    draw_arrows(map);
    for (size_t i = 0; i < map->line_count; i++)
        for (size_t j = 0; j < scene->mark_count && map->lines[i].row >= 0; j++)
            draw_mark(map, &scene->marks[j], &map->lines[i]);
    if (scene->has_buffer)
        draw_edge(map, scene->offered, "the buffer ends: offered", true);
    if (scene->returned >= 0 && scene->returned != scene->offered)
        draw_edge(map, scene->returned, "*BufferSize returned", false);
    if (scene->required >= 0)
        draw_edge(map, scene->required, "*BufferSize required", false);
}

static void write_marks(struct page *page, const struct scene *scene)
{
    if (scene->mark_count == 0)
        return;
    html_raw(page, "<ul class=\"marks\">");
    for (size_t i = 0; i < scene->mark_count; i++) {
        html_raw(page, "<li class=\"%s\">", mark_is_bad(scene->marks[i].kind) ? "bad" : "odd");
        html_text(page, scene->marks[i].what);
        html_raw(page, "</li>");
    }
    if (scene->unmarked > 0)
        html_raw(page, "<li>and %zu more</li>", scene->unmarked);
    html_raw(page, "</ul>");
}

static void write_keys(const struct map *map)
{
    const struct scene *scene = map->scene;
    struct page *page = map->page;
    bool ghosts = false;
    bool about = false;
    for (size_t i = 0; i < scene->part_count; i++) {
        ghosts = ghosts || scene->parts[i].ghost;
        about = about || is_about(map, &scene->parts[i]);
    }
    html_raw(page,
             "<ul class=\"keys\"><li><i class=\"session\"></i>session structures</li>"
             "<li><i class=\"connection\"></i>connections</li>"
             "<li><i class=\"string\"></i>strings</li><li><i class=\"room\"></i>gaps, room</li>"
             "<li><i class=\"outside\"></i>not the buffer's</li>");
    if (ghosts)
        html_raw(page, "<li><i class=\"ghost\"></i>pale: as a call with room to spare has it</li>");
    if (about)
        html_raw(page, "<li><i class=\"about\"></i>framed: what the clause is about</li>");
    if (scene->mark_count > 0)
        html_raw(page, "<li><i class=\"mark\"></i>wrong</li>");
    html_raw(page, "</ul>");
}

void html_map(struct page *page, const struct scene *scene, const char *const *about)
{
    struct map map = {.page = page, .scene = scene, .about = about};
    map.bytes = scene->abi->session_size;
    // Rounded down to a whole row; scene->first is 0 or negative.
    map.base = -((-scene->first + map.bytes - 1) / map.bytes) * map.bytes;
    map.row_count = larger(1, (scene->end - map.base + map.bytes - 1) / map.bytes);
    bool strip = map.row_count > MAP_ALL_ROWS_MAX;
    map.height = strip ? STRIP_STEP + 8 : 18;
    map_lay_out(&map);
    html_raw(page,
             "<figure><figcaption>The buffer, %" PRId64
             " bytes a row, offsets from SessionInfo%s. Point at a part for its name and "
             "value.</figcaption><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
             "aria-label=\"map of the buffer\"><svg class=\"map\" viewBox=\"0 0 %d %d\" "
             "role=\"img\"><title>map of the buffer; what is wrong is listed below</title>",
             map.bytes, strip ? "; on top all of it, below the rows that matter" : "",
             GUTTER + WIDTH + 10, map.height);
    if (strip)
        draw_strip(&map);
    draw_lines(&map);
    html_raw(page, "</svg></div>");
    write_keys(&map);
    write_marks(page, scene);
    html_raw(page, "</figure>");
}
