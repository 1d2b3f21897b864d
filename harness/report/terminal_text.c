// SPDX-License-Identifier: Apache-2.0
// Writes text for a terminal: coloured, wrapped, and with foreign text made safe.
#include "harness/report/terminal_text.h"

#include "conformance/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

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
    struct winsize size = {0};
    int descriptor = fileno(out->stream);
    if (descriptor >= 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
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
