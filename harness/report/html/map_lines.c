// SPDX-License-Identifier: Apache-2.0
// Chooses and places the rows of a buffer's map.
#include "harness/report/html/map_lines.h"

#include <string.h>

enum {
    ROW_STEP = 46,
    GAP_STEP = 30,
    LABEL_ROOM = 14, // of a line of text between two rows
    SAME_MIN = 3,    // so many rows that look the same are drawn as one
    ROWS_MAX = 20,   // of a buffer that is not drawn whole
};

static int64_t smaller(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

struct row_choice {
    int64_t rows[ROWS_MAX];
    size_t count;
};

static void choose(const struct map *map, struct row_choice *choice, int64_t row)
{
    if (row < 0 || row >= map->row_count || choice->count == ROWS_MAX)
        return;
    size_t place = choice->count;
    while (place > 0 && choice->rows[place - 1] >= row)
        place--;
    if (place < choice->count && choice->rows[place] == row)
        return;
    memmove(&choice->rows[place + 1], &choice->rows[place],
            (choice->count - place) * sizeof choice->rows[0]);
    choice->rows[place] = row;
    choice->count++;
}

int64_t map_row_of(const struct map *map, int64_t offset)
{
    return (offset - map->base) / map->bytes;
}

// Chooses the rows of strings that the mark touches, and of the pointers to them.
static void choose_owners(const struct map *map, struct row_choice *choice,
                          const struct scene_mark *mark)
{
    enum { OWNERS_MAX = 3 };
    const struct scene *scene = map->scene;
    size_t found = 0;
    for (size_t i = 0; i < scene->part_count && found < OWNERS_MAX; i++) {
        const struct scene_part *part = &scene->parts[i];
        if (!part->pointer || !part->leads_inside || part->text == NULL || part->text->size == 0)
            continue;
        int64_t end = part->target + part->text->size;
        if (part->target < mark->end && end > mark->first) {
            choose(map, choice, map_row_of(map, part->first));
            choose(map, choice, map_row_of(map, part->target));
            found++;
        }
    }
}

static void choose_rows(const struct map *map, struct row_choice *choice)
{
    const struct scene *scene = map->scene;
    // The most useful rows first, as there is room for ROWS_MAX: where marks begin, the first and
    // the last row, the surroundings of marks, the pointers to them.
    for (size_t i = 0; i < scene->mark_count && i < 6; i++)
        choose(map, choice, map_row_of(map, scene->marks[i].first));
    choose(map, choice, map_row_of(map, 0));
    choose(map, choice, map->row_count - 1);
    for (size_t i = 0; i < scene->mark_count && i < 3; i++) {
        const struct scene_mark *mark = &scene->marks[i];
        choose(map, choice, map_row_of(map, mark->end - 1));
        choose(map, choice, map_row_of(map, mark->first) - 1);
        choose(map, choice, map_row_of(map, mark->end - 1) + 1);
        choose_owners(map, choice, mark);
    }
    if (scene->mark_count == 0)
        for (int64_t row = 0; row < ROWS_MAX / 2; row++)
            choose(map, choice, row);
    choose(map, choice, map_row_of(map, scene->returned));
    choose(map, choice, map_row_of(map, 0) + 1);
}

int64_t map_row_of_edge(const struct map *map, int64_t offset)
{
    if (offset < 0)
        return -1;
    return offset > map->base ? map_row_of(map, offset - 1) : 0;
}

// A label stands above the row in which the buffer ends, and below the one in which *BufferSize
// does: each has room of its own.
static void add_line(struct map *map, struct line line)
{
    const struct scene *scene = map->scene;
    bool above =
        line.row >= 0 && scene->has_buffer && map_row_of_edge(map, scene->offered) == line.row;
    bool below = line.row >= 0 && (map_row_of_edge(map, scene->returned) == line.row ||
                                   map_row_of_edge(map, scene->required) == line.row);
    map->height += above && map->line_count > 0 ? LABEL_ROOM : 0;
    line.y = map->height;
    map->lines[map->line_count++] = line;
    map->height += (line.row < 0 ? GAP_STEP : ROW_STEP) + (below ? LABEL_ROOM : 0);
}

// Does the part look the same in its row as the other in its own? Strings have words in them.
static bool same_look(const struct scene_part *one, int64_t one_start,
                      const struct scene_part *other, int64_t other_start)
{
    return one->kind == other->kind && one->kind != PART_STRING && one->ghost == other->ghost &&
           one->first - one_start == other->first - other_start &&
           one->end - one_start == other->end - other_start &&
           strcmp(one->member, other->member) == 0;
}

// The next part at or after `index` that is in the bytes from `start` on, as many as a row has.
static size_t next_in_row(const struct map *map, size_t index, int64_t start)
{
    const struct scene *scene = map->scene;
    while (index < scene->part_count &&
           (scene->parts[index].first >= start + map->bytes || scene->parts[index].end <= start))
        index++;
    return index;
}

// Does a row have a mark, an edge, or the begin of the buffer, which no other has?
static bool is_special(const struct map *map, int64_t row)
{
    const struct scene *scene = map->scene;
    int64_t start = map->base + row * map->bytes;
    int64_t end = start + map->bytes;
    for (size_t i = 0; i < scene->mark_count; i++)
        if (scene->marks[i].first < end && scene->marks[i].end > start)
            return true;
    return row == map_row_of(map, 0) || row == map_row_of_edge(map, scene->returned) ||
           row == map_row_of_edge(map, scene->required) ||
           (scene->has_buffer && row == map_row_of_edge(map, scene->offered));
}

static bool same_rows(const struct map *map, int64_t one, int64_t other)
{
    int64_t one_start = map->base + one * map->bytes;
    int64_t other_start = map->base + other * map->bytes;
    size_t i = next_in_row(map, 0, one_start);
    size_t j = next_in_row(map, 0, other_start);
    const struct scene *scene = map->scene;
    if (is_special(map, one) || is_special(map, other))
        return false;
    while (i < scene->part_count && j < scene->part_count) {
        if (!same_look(&scene->parts[i], one_start, &scene->parts[j], other_start))
            return false;
        i = next_in_row(map, i + 1, one_start);
        j = next_in_row(map, j + 1, other_start);
    }
    return i == scene->part_count && j == scene->part_count;
}

// Adds the row, and takes those after it that look the same for it. The last row that is said.
static int64_t add_rows(struct map *map, int64_t row)
{
    int64_t last = row;
    add_line(map, (struct line){.row = row});
    while (last + 1 < map->row_count && same_rows(map, row, last + 1))
        last++;
    if (last - row + 1 < SAME_MIN)
        return row;
    add_line(map, (struct line){.row = -1,
                                .same = last - row,
                                .gap_first = map->base + (row + 1) * map->bytes,
                                .gap_end = map->base + (last + 1) * map->bytes});
    return last;
}

void map_lay_out(struct map *map)
{
    struct row_choice choice = {0};
    if (map->row_count <= MAP_ALL_ROWS_MAX) {
        for (int64_t row = 0; row < map->row_count; row++)
            row = add_rows(map, row);
        return;
    }
    choose_rows(map, &choice);
    int64_t next = 0;
    for (size_t i = 0; i <= choice.count; i++) {
        int64_t row = i < choice.count ? choice.rows[i] : map->row_count;
        if (row > next)
            add_line(map, (struct line){
                              .row = -1,
                              .gap_first = map->base + next * map->bytes,
                              .gap_end = smaller(map->base + row * map->bytes, map->scene->end)});
        next = i < choice.count ? add_rows(map, row) + 1 : row;
        while (i + 1 < choice.count && choice.rows[i + 1] < next)
            i++; // said already
    }
}

const struct line *map_line_of(const struct map *map, int64_t row)
{
    for (size_t i = 0; i < map->line_count; i++)
        if (map->lines[i].row == row)
            return &map->lines[i];
    return NULL;
}
