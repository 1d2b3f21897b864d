// SPDX-License-Identifier: Apache-2.0
// Which rows of a buffer are drawn, and where: all of a small one; of a large one those around what
// is wrong. Rows that look the same are drawn as one.
#ifndef TCK_MAP_LINES_H
#define TCK_MAP_LINES_H

#include "harness/report/html/parts.h"
#include "harness/report/html/writer.h"

enum {
    MAP_ALL_ROWS_MAX = 24, // a buffer of more is not drawn whole
};

struct line {
    int64_t row;  // -1: a gap
    int64_t same; // so many rows of a gap look like the row before it; 0: it has other ones
    int64_t gap_first;
    int64_t gap_end;
    int y;
};

struct map {
    struct page *page;
    const struct scene *scene;
    const char *const *about;
    int64_t base;  // where row 0 begins
    int64_t bytes; // of a row
    int64_t row_count;
    size_t line_count;
    struct line lines[2 * MAP_ALL_ROWS_MAX + 2];
    int height;
};

// Fills in the lines, from map->height on, and adds their height to it.
void map_lay_out(struct map *map);
// The row of a byte; the row at whose end, or within which, an edge stands (-1: `offset` is
// negative, there is no such edge). An end at the very end of a row is drawn there, not at the
// start of the next one.
int64_t map_row_of(const struct map *map, int64_t offset);
int64_t map_row_of_edge(const struct map *map, int64_t offset);
// The line of a row; NULL: it is not drawn.
const struct line *map_line_of(const struct map *map, int64_t row);

#endif
