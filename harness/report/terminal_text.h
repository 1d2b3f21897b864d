// SPDX-License-Identifier: Apache-2.0
// Prints text on a terminal: in colours, wrapped, and with control characters escaped where the
// text comes from an implementation or a file ("foreign text").
#ifndef TCK_TERMINAL_TEXT_H
#define TCK_TERMINAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    LABEL_WIDTH = 12, // columns before a field's text
    NARROWEST = 40,   // text is not wrapped narrower than this
};

struct terminal_stream {
    FILE *stream;
    bool terminal; // its width is known, and lines can be redrawn
    bool colour;
};

enum terminal_colour { RED, GREEN, YELLOW, CYAN, BOLD, FAINT };

// The sequences that begin a colour and end it; "" without colours.
const char *terminal_paint(const struct terminal_stream *out, enum terminal_colour colour);
const char *terminal_plain(const struct terminal_stream *out);

const char *plural(unsigned long long count); // "s" or ""

// The columns of a line. Call it each time: a window may be resized.
size_t terminal_width(const struct terminal_stream *out);
// The columns that `text` takes, a character of UTF-8 as one.
size_t terminal_columns(const char *text, size_t length);

// Prints foreign text on the present line; NULL as "".
void terminal_print_safe(const struct terminal_stream *out, const char *text);

// Prints foreign text of one or several lines. All lines but the first are indented, so that text
// of an implementation can't look like a line of the report. `mark` is printed before each line.
// `at`: the columns after the indentation that are already used.
void terminal_print_lines(const struct terminal_stream *out, const char *text, const char *mark,
                          size_t at);

// Begins a field's line.
void terminal_print_label(const struct terminal_stream *out, const char *label);
// Prints a command for a shell from the column `indent` on. On a terminal that is too narrow it
// goes on in further lines, as a shell takes them: it can be copied. The command is not foreign
// text.
void terminal_print_command(const struct terminal_stream *out, size_t indent, const char *command);
// A whole field; nothing where `text` is NULL or "".
void terminal_print_field(const struct terminal_stream *out, const char *label, const char *text);

#endif
