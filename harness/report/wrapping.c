// SPDX-License-Identifier: Apache-2.0
// Breaks lines between words: a stream above that of the terminal.
#include "harness/report/wrapping.h"

#include "conformance/base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    HANGING = 4,     // how much further in a broken line goes on,
    INDENTED = 8,    // but for one that begins so far in
    LABEL_MOST = 24, // columns of a label and the gap behind it
    ESCAPE = 033,
};

// The line that is being written.
struct line {
    size_t width;
    size_t column; // where the next letter stands
    size_t indent; // where the line goes on when it is broken
    bool begun;    // it has more than blanks
    bool labelled; // its first gap is behind it
};

// The bytes of a sequence that sets a colour or moves the cursor; 0: there is none.
static size_t sequence_length(const char *text, size_t size)
{
    if (size < 2 || text[0] != ESCAPE || text[1] != '[')
        return 0;
    for (size_t i = 2; i < size; i++)
        if (text[i] >= '@' && text[i] <= '~')
            return i + 1;
    return size;
}

static bool ends_word(char letter)
{
    return letter == ' ' || letter == '\n' || letter == '\r';
}

// A word in single quotes, as a shell takes it, may have blanks. 0: it does not end on the line.
static size_t quoted_length(const char *text, size_t size)
{
    bool quoted = false;
    for (size_t i = 0; i < size && text[i] != '\n'; i++) {
        if (text[i] == '\'')
            quoted = !quoted;
        else if (!quoted && text[i] == '\\')
            i++;
        else if (!quoted && ends_word(text[i]))
            return i;
    }
    return 0;
}

// The bytes of the word that begins there, and its columns: a character of UTF-8 as one.
static size_t word_length(const char *text, size_t size, size_t *columns)
{
    size_t quoted = text[0] == '\'' ? quoted_length(text, size) : 0;
    size_t length = 0;
    *columns = 0;
    while (length < size && (length < quoted || !ends_word(text[length]))) {
        size_t sequence = sequence_length(text + length, size - length);
        if (sequence == 0)
            *columns += ((unsigned char)text[length] & 0xC0) != 0x80;
        length += sequence == 0 ? 1 : sequence;
    }
    return length;
}

// A backslash before the line's end, which a shell needs there.
static bool continues(const char *text, size_t size)
{
    return size >= 2 && text[0] == '\\' && text[1] == '\n';
}

// The blanks before a word: written, or the line is broken there.
static void write_blanks(struct line *line, size_t blanks, size_t columns, FILE *out)
{
    if (!line->begun) {
        line->indent = blanks + (blanks < INDENTED ? HANGING : 0);
    } else if (!line->labelled && blanks >= 2) {
        line->labelled = true;
        if (line->column + blanks <= LABEL_MOST)
            line->indent = line->column + blanks;
    }
    if (line->begun && columns > 0 && line->column + blanks + columns > line->width &&
        line->column > line->indent) {
        fprintf(out, "\n%*s", (int)line->indent, "");
        line->column = line->indent;
        return;
    }
    fprintf(out, "%*s", (int)blanks, "");
    line->column += blanks;
}

static void write_wrapped(struct line *line, const char *text, size_t size, FILE *out)
{
    for (size_t at = 0; at < size;) {
        size_t columns = 0;
        size_t blanks = 0;
        if (text[at] == '\n' || text[at] == '\r') {
            putc(text[at++], out);
            *line = (struct line){.width = line->width};
            continue;
        }
        while (at + blanks < size && text[at + blanks] == ' ')
            blanks++;
        at += blanks;
        size_t length = at == size ? 0 : word_length(text + at, size - at, &columns);
        write_blanks(line, blanks, continues(text + at, size - at) ? 0 : columns, out);
        fwrite(text + at, 1, length, out);
        line->begun = line->begun || columns > 0;
        line->column += columns;
        at += length;
    }
}

char *wrapping_text(const char *text, size_t width)
{
    char *wrapped = NULL;
    size_t size = 0;
    struct line line = {.width = width};
    FILE *stream = open_memstream(&wrapped, &size);
    if (stream == NULL)
        return NULL;
    write_wrapped(&line, text, strlen(text), stream);
    return text_close(stream, &wrapped) ? wrapped : NULL;
}

// ---- The streams

static struct output {
    int descriptor;
    FILE **stream; // stdout or stderr
    FILE *plain;   // what it was; NULL: it is no terminal
    struct line line;
} outputs[] = {
    {.descriptor = STDOUT_FILENO, .stream = &stdout},
    {.descriptor = STDERR_FILENO, .stream = &stderr},
};

enum { OUTPUTS = sizeof outputs / sizeof outputs[0] };

static size_t columns_of(int descriptor)
{
    struct winsize size = {0};
    return descriptor >= 0 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int wrapping_descriptor(FILE *stream)
{
    for (size_t i = 0; i < OUTPUTS; i++)
        if (stream == *outputs[i].stream)
            return outputs[i].descriptor;
    return fileno(stream);
}

size_t wrapping_width(FILE *stream)
{
    return columns_of(wrapping_descriptor(stream));
}

static bool write_all(int descriptor, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

// 0: it could not be written.
static ssize_t on_write(void *cookie, const char *bytes, size_t size)
{
    struct output *output = cookie;
    char *wrapped = NULL;
    size_t length = 0;
    size_t columns = columns_of(output->descriptor);
    FILE *stream = columns == 0 ? NULL : open_memstream(&wrapped, &length);
    output->line.width = columns < WRAPPING_NARROWEST ? WRAPPING_NARROWEST : columns;
    if (stream != NULL)
        write_wrapped(&output->line, bytes, size, stream);
    bool whole = stream != NULL && text_close(stream, &wrapped);
    bool done = whole ? write_all(output->descriptor, wrapped, length)
                      : write_all(output->descriptor, bytes, size);
    int error = errno;
    free(wrapped);
    errno = error;
    return done ? (ssize_t)size : 0;
}

void wrapping_begin(void)
{
    for (size_t i = 0; i < OUTPUTS; i++) {
        struct output *output = &outputs[i];
        if (columns_of(output->descriptor) == 0)
            continue;
        FILE *stream = fopencookie(output, "w", (cookie_io_functions_t){.write = on_write});
        if (stream == NULL)
            continue;
        setvbuf(stream, NULL, _IOLBF, BUFSIZ);
        output->plain = *output->stream;
        *output->stream = stream;
    }
}

void wrapping_end(void)
{
    if (outputs[0].plain == NULL)
        return;
    fflush(stdout);
    stdout = outputs[0].plain;
    outputs[0].plain = NULL;
}
