// SPDX-License-Identifier: Apache-2.0
// Writes text for a terminal: coloured, wrapped, and with foreign text made safe.
#include "harness/report/terminal_text.h"

#include "conformance/base/text.h"
#include "harness/report/wrapping.h"

#include <stdlib.h>
#include <string.h>

const char *terminal_paint(const struct terminal_stream *out, enum terminal_colour colour)
{
    static const char *const codes[] = {
        [RED] = "\033[1;31m", [GREEN] = "\033[32m", [YELLOW] = "\033[33m",
        [CYAN] = "\033[36m",  [BOLD] = "\033[1m",   [FAINT] = "\033[2m",
    };
    return out->colour ? codes[colour] : "";
}

const char *terminal_plain(const struct terminal_stream *out)
{
    return out->colour ? "\033[0m" : "";
}

const char *plural(unsigned long long count)
{
    return count == 1 ? "" : "s";
}

size_t terminal_width(const struct terminal_stream *out)
{
    size_t columns = wrapping_width(out->stream);
    return columns > 0 ? columns : 80;
}

size_t terminal_columns(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            count++;
    return count;
}

void terminal_print_safe(const struct terminal_stream *out, const char *text)
{
    char *escaped = report_escape(text == NULL ? "" : text, ESCAPE_CONTROLS);
    fputs(escaped == NULL ? "(out of memory)" : escaped, out->stream);
    free(escaped);
}

static void indent(const struct terminal_stream *out)
{
    fprintf(out->stream, "\n%*s", LABEL_WIDTH, "");
}

// Prints one line of safe text; on a terminal it is wrapped between words, and indented.
// `at`: columns behind the indentation that are taken already.
static void print_wrapped(const struct terminal_stream *out, const char *text, size_t at)
{
    size_t all = terminal_width(out);
    size_t room = all > LABEL_WIDTH + NARROWEST ? all - LABEL_WIDTH : NARROWEST;
    if (!out->terminal) {
        fputs(text, out->stream);
        return;
    }
    while (*text != '\0') {
        size_t spaces = strspn(text, " ");
        size_t word = strcspn(text + spaces, " ");
        size_t word_columns = terminal_columns(text + spaces, word);
        if (at > 0 && at + spaces + word_columns > room) {
            indent(out);
            text += spaces;
            spaces = 0;
            at = 0;
        }
        fwrite(text, 1, spaces + word, out->stream);
        at += spaces + word_columns;
        text += spaces + word;
    }
}

void terminal_print_lines(const struct terminal_stream *out, const char *text, const char *mark,
                          size_t at)
{
    for (bool first = true; first || *text != '\0'; first = false) {
        size_t length = strcspn(text, "\n");
        char *line = strndup(text, length);
        char *escaped = line == NULL ? NULL : report_escape(line, ESCAPE_CONTROLS);
        if (!first)
            indent(out);
        fputs(!first && text_is_ci_command(line == NULL ? "" : line) ? "| " : mark, out->stream);
        print_wrapped(out, escaped == NULL ? "(out of memory)" : escaped,
                      strlen(mark) + (first ? at : 0));
        free(escaped);
        free(line);
        text += length;
        text += *text == '\n';
    }
}

void terminal_print_label(const struct terminal_stream *out, const char *label)
{
    fprintf(out->stream, "  %s%-*s%s", terminal_paint(out, FAINT), LABEL_WIDTH - 2, label,
            terminal_plain(out));
}

void terminal_print_field(const struct terminal_stream *out, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    terminal_print_label(out, label);
    terminal_print_lines(out, text, "", 0);
    fputc('\n', out->stream);
}

// The bytes of a word of a shell's command: blanks in quotes belong to it.
static size_t shell_word_length(const char *command)
{
    bool quoted = false;
    size_t length = 0;
    for (; command[length] != '\0' && (quoted || command[length] != ' '); length++) {
        if (command[length] == '\'')
            quoted = !quoted;
        else if (!quoted && command[length] == '\\' && command[length + 1] != '\0')
            length++;
    }
    return length;
}

// Of an option and its value, where they fit into so many columns; else of the next word.
static size_t command_part_length(const char *command, size_t room)
{
    size_t word = shell_word_length(command);
    if (command[0] != '-' || command[word] != ' ' || command[word + 1] == '-')
        return word;
    size_t both = word + 1 + shell_word_length(command + word + 1);
    return terminal_columns(command, both) <= room ? both : word;
}

void terminal_print_command(const struct terminal_stream *out, size_t indent, const char *command)
{
    size_t all = terminal_width(out);
    size_t width = all < WRAPPING_NARROWEST ? WRAPPING_NARROWEST : all;
    size_t column = indent;
    if (!out->terminal) {
        fputs(command, out->stream);
        return;
    }
    for (bool first = true; *command != '\0'; first = false) {
        size_t length = command_part_length(command, width - indent - 4);
        size_t columns = terminal_columns(command, length);
        size_t behind = command[length] == '\0' ? 0 : 2; // the backslash of the next break
        if (!first && column + 1 + columns + behind > width) {
            fprintf(out->stream, " \\\n%*s", (int)indent + 2, "");
            column = indent + 2 + columns;
        } else {
            fputs(first ? "" : " ", out->stream);
            column += columns + !first;
        }
        fwrite(command, 1, length, out->stream);
        command += length + (command[length] == ' ');
    }
}
