// SPDX-License-Identifier: Apache-2.0
// Files in JSON Lines: an object a line, each line ended by a line feed.
#ifndef TCK_JSON_LINES_H
#define TCK_JSON_LINES_H

#include "conformance/base/json.h"

#include <stdio.h>

// A file that is read. It begins with its stream, which is the caller's, and is freed with
// json_lines_free.
struct json_lines {
    FILE *stream;
    bool open_end; // the last line need not end with a line feed
    char *bytes;   // the present line, without its line feed
    size_t size;
    size_t capacity;
};

void json_lines_free(struct json_lines *lines);

// Reads the next line, and counts it in reading->line. 1; 0 at the end of the file; -1 with the
// failure, also where the file ends within the line.
int json_lines_next(struct json_lines *lines, struct json_reading *reading);

// The present line as JSON, released by the caller; NULL with the failure.
json_t *json_lines_parse(const struct json_lines *lines, const struct json_reading *reading);

// Writes and releases `line`; NULL stands for memory that ran out while it was made. 0, or -1 with
// errno.
int json_lines_write(FILE *stream, json_t *line);

#endif
