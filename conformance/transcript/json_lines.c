// SPDX-License-Identifier: Apache-2.0
// Reads and writes files in JSON Lines.
#include "conformance/transcript/json_lines.h"

#include "conformance/transcript/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// The longest buffer in hex, and what stands around it.
enum { LINE_MAX_SIZE = 2 * BYTES_MAX + (1 << 20) };

void json_lines_free(struct json_lines *lines)
{
    free(lines->bytes);
}

static int grow_line(struct json_lines *lines, const struct json_reading *reading)
{
    if (lines->bytes != NULL && lines->size < lines->capacity)
        return 0;
    if (lines->capacity >= LINE_MAX_SIZE) {
        json_refuse(reading, "longer than any line of a transcript; this is no transcript");
        return -1;
    }
    size_t capacity = lines->capacity == 0 ? 4096 : lines->capacity * 2;
    char *bytes = realloc(lines->bytes, capacity);
    if (bytes == NULL) {
        json_refuse_memory(reading);
        return -1;
    }
    lines->bytes = bytes;
    lines->capacity = capacity;
    return 0;
}

int json_lines_next(struct json_lines *lines, struct json_reading *reading)
{
    lines->size = 0;
    reading->line++;
    for (;;) {
        int byte = getc_unlocked(lines->stream);
        if (byte == '\n')
            return 1;
        if (byte == EOF && ferror(lines->stream))
            return errno == ENOMEM ? json_refuse_memory(reading)
                                   : json_refuse(reading, "cannot be read: %s", strerror(errno));
        if (byte == EOF && lines->size > 0 && lines->open_end)
            return 1;
        if (byte == EOF && lines->size > 0)
            return json_refuse(reading,
                               "the file ends within this line; it was cut short: record it anew");
        if (byte == EOF)
            return 0;
        if (grow_line(lines, reading) != 0)
            return -1;
        lines->bytes[lines->size++] = (char)byte;
    }
}

json_t *json_lines_parse(const struct json_lines *lines, const struct json_reading *reading)
{
    json_error_t error;
    json_t *object = json_loadb(lines->bytes == NULL ? "" : lines->bytes, lines->size,
                                JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        json_refuse(reading, "not JSON: column %d: %s", error.column, error.text);
    return object;
}

int json_lines_write(FILE *stream, json_t *line)
{
    if (line == NULL) {
        errno = ENOMEM;
        return -1;
    }
    int result = json_dumpf(line, stream, JSON_COMPACT);
    json_decref(line);
    return result != 0 || putc('\n', stream) == EOF ? -1 : 0;
}
