// SPDX-License-Identifier: Apache-2.0
// The bytes around what is wrong with a call, as a hex dump with the wrong ones marked.
#include "harness/report/html/bytes.h"

#include "conformance/base/text.h"
#include "harness/report/html/marks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROW = 16,
    ROWS_MAX = 24,
    BYTES_OF_MARK = 5 * ROW,
};

struct rows {
    int64_t starts[ROWS_MAX];
    size_t count;
};

static int64_t row_start(int64_t offset)
{
    return offset >= 0 ? offset / ROW * ROW : -((-offset + ROW - 1) / ROW) * ROW;
}

static void add_row(struct rows *rows, int64_t start)
{
    size_t place = rows->count;
    while (place > 0 && rows->starts[place - 1] >= start)
        place--;
    if (rows->count == ROWS_MAX || (place < rows->count && rows->starts[place] == start))
        return;
    memmove(&rows->starts[place + 1], &rows->starts[place],
            (rows->count - place) * sizeof rows->starts[0]);
    rows->starts[place] = start;
    rows->count++;
}

// The rows to show: of each mark the row before it, its first rows, and its last.
static void find_rows(const struct scene *scene, struct rows *rows)
{
    for (size_t i = 0; i < scene->mark_count; i++) {
        const struct scene_mark *mark = &scene->marks[i];
        int64_t first = row_start(mark->first);
        for (int64_t row = first - ROW; row < mark->end && row < first + BYTES_OF_MARK; row += ROW)
            add_row(rows, row);
        if (mark->end - mark->first < INT32_MAX)
            add_row(rows, row_start(mark->end - 1));
    }
}

// The worst mark on a byte; NULL: none.
static const struct scene_mark *mark_at(const struct scene *scene, int64_t offset)
{
    const struct scene_mark *found = NULL;
    for (size_t i = 0; i < scene->mark_count; i++) {
        const struct scene_mark *mark = &scene->marks[i];
        if (offset < mark->first || offset >= mark->end)
            continue;
        if (mark_is_bad(mark->kind))
            return mark;
        found = mark;
    }
    return found;
}

static bool within(struct extent extent, int64_t offset)
{
    return offset >= extent.first && offset <= extent.last;
}

// Missing bytes have a style of their own: they are not wrong, they are not there.
static const char *mark_style(enum mark_kind kind)
{
    if (kind == MARK_MISSING)
        return "m";
    return mark_is_bad(kind) ? "x" : "o";
}

// Two letters: the byte's value, "??" where only a change of it is known, "XX" where the call
// faulted.
static void write_byte(struct page *page, const struct scene *scene, int64_t offset)
{
    const struct outcome *outcome = &scene->record->outcome;
    const struct scene_mark *mark = mark_at(scene, offset);
    uint8_t value = 0;
    bool own = false;
    bool known = scene_byte(scene, offset, &value, &own);
    bool written = outcome->kind == OUTCOME_RETURNED &&
                   (within(outcome->before, offset) || within(outcome->after, offset) ||
                    (!own && within(outcome->inside, offset)));
    char letters[3] = "\xC2\xB7";
    bool faulted = mark != NULL && mark->kind == MARK_FAULT;
    if (faulted)
        memcpy(letters, "XX", 3);
    else if (written)
        memcpy(letters, "??", 3);
    else if (known)
        snprintf(letters, sizeof letters, "%02x", value);
    const char *style = known && own ? "" : "g";
    if (mark != NULL)
        style = mark_style(mark->kind);
    if (style[0] != '\0')
        html_raw(page, "<span class=\"%s\">", style);
    html_raw(page, "%s%s", letters, known || written || faulted ? "" : "\xC2\xB7");
    if (style[0] != '\0')
        html_raw(page, "</span>");
}

static void write_letters(struct page *page, const struct scene *scene, int64_t start)
{
    char text[ROW + 1];
    for (int i = 0; i < ROW; i++) {
        uint8_t value = 0;
        bool own = false;
        bool known = scene_byte(scene, start + i, &value, &own) && own;
        text[i] = ' ';
        if (known)
            text[i] = value >= 0x20 && value < 0x7F ? (char)value : '.';
    }
    text[ROW] = '\0';
    html_raw(page, "  <span class=\"d\">");
    html_text(page, text);
    html_raw(page, "</span>");
}

// Names the parts that begin in the row, and the strings that end in it.
static void write_names(struct page *page, const struct scene *scene, int64_t start)
{
    size_t count = 0;
    for (size_t i = 0; i < scene->part_count; i++) {
        const struct scene_part *part = &scene->parts[i];
        bool begins = part->first >= start && part->first < start + ROW;
        bool ends = part->kind == PART_STRING && part->end > start && part->end <= start + ROW;
        if (!begins && !ends)
            continue;
        if (count++ == 2) {
            html_raw(page, " \xE2\x80\xA6");
            return;
        }
        char name[160];
        scene_name_part(part, name, sizeof name);
        html_raw(page, "  <span class=\"d\">");
        html_print(page, "%s%s %s +%" PRId64, part->ghost ? "(in a full list: " : "", name,
                   begins ? "from" : "to", begins ? part->first : part->end - 1);
        html_raw(page, "%s</span>", part->ghost ? ")" : "");
    }
}

static void write_end(struct page *page, const struct scene *scene, int64_t start)
{
    if (!scene->has_buffer || scene->offered < start || scene->offered >= start + ROW)
        return;
    html_raw(page, "  <span class=\"d\">");
    html_print(page, "the buffer ends before +%" PRId64, scene->offered);
    html_raw(page, "</span>");
}

static void write_row(struct page *page, const struct scene *scene, int64_t start)
{
    for (int i = 0; i < ROW; i++) {
        // A bar where the buffer begins and ends.
        bool edge = scene->has_buffer && (start + i == scene->offered || start + i == 0);
        html_raw(page, "%s", edge ? "|" : " ");
        if (i == ROW / 2)
            html_raw(page, " ");
        write_byte(page, scene, start + i);
    }
    write_letters(page, scene, start);
    write_end(page, scene, start);
    write_names(page, scene, start);
    html_raw(page, "\n");
}

// Everything of a row but its offset, as markup; NULL when memory ran out. The caller frees it.
static char *make_row(struct page *page, const struct scene *scene, int64_t start)
{
    char *text = NULL;
    size_t size = 0;
    FILE *own = page->stream;
    page->stream = open_memstream(&text, &size);
    if (page->stream != NULL) {
        write_row(page, scene, start);
        text_close(page->stream, &text);
    }
    page->stream = own;
    page->failed = page->failed || text == NULL;
    return text;
}

static void end_same(struct page *page, size_t *same)
{
    if (*same > 0)
        html_raw(page, "<span class=\"off\">      \xE2\x8B\xAE such a row %zu times</span>\n",
                 *same + 1);
    *same = 0;
}

// Rows that are the same are written once, with their number.
static void write_rows(struct page *page, const struct scene *scene, const struct rows *rows)
{
    char *before = NULL;
    size_t same = 0;
    for (size_t i = 0; i < rows->count; i++) {
        char *row = make_row(page, scene, rows->starts[i]);
        bool next = i > 0 && rows->starts[i] == rows->starts[i - 1] + ROW;
        if (next && row != NULL && before != NULL && strcmp(row, before) == 0) {
            same++;
            free(row);
            continue;
        }
        end_same(page, &same);
        if (i > 0 && !next)
            html_raw(page, "<span class=\"off\">      \xE2\x8B\xAE</span>\n");
        html_raw(page, "<span class=\"off\">%+7" PRId64 "</span> %s", rows->starts[i],
                 row == NULL ? "\n" : row);
        free(before);
        before = row;
    }
    end_same(page, &same);
    free(before);
}

void html_bytes(struct page *page, const struct scene *scene)
{
    struct rows rows = {0};
    find_rows(scene, &rows);
    if (rows.count == 0)
        return;
    html_raw(
        page,
        "<figure><figcaption>The bytes there, 16 a row; wrong ones on red. <code>?\?</code>: "
        "changed, the value was not recorded. <code>XX</code>: the access that faulted. "
        "<code>\xC2\xB7\xC2\xB7</code>: not known. Slanted: what a call with room to spare "
        "has there. <code>|</code>: where the buffer begins and ends.</figcaption>"
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"bytes around what is "
        "wrong\"><pre class=\"bytes\">");
    write_rows(page, scene, &rows);
    html_raw(page, "</pre></div></figure>");
}
