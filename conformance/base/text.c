// SPDX-License-Identifier: Apache-2.0
// UTF-8, escapes and quotes.
#include "conformance/base/text.h"

#include "conformance/base/failure.h"

#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t utf8_decode(const uint8_t *bytes, size_t size, uint32_t *code_point)
{
    // The least code point that needs a length: less is an overlong form.
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (size == 0)
        return 0;
    if (bytes[0] < 0x80) {
        *code_point = bytes[0];
        return 1;
    }
    size_t length = (bytes[0] & 0xE0) == 0xC0   ? 2
                    : (bytes[0] & 0xF0) == 0xE0 ? 3
                    : (bytes[0] & 0xF8) == 0xF0 ? 4
                                                : 0;
    if (length == 0 || length > size)
        return 0;
    uint32_t code = bytes[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation(bytes[i]))
            return 0;
        code = code << 6 | (bytes[i] & 0x3FU);
    }
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *code_point = code;
    return length;
}

bool text_close(FILE *stream, char **text)
{
    bool whole = ferror(stream) == 0;
    whole = fclose(stream) == 0 && whole && *text != NULL;
    if (!whole) {
        free(*text);
        *text = NULL;
    }
    return whole;
}

void text_mend(char *text)
{
    size_t size = strlen(text);
    for (size_t at = 0; at < size;) {
        uint32_t code_point = 0;
        size_t length = utf8_decode((const uint8_t *)text + at, size - at, &code_point);
        if (length == 0)
            text[at] = '?';
        at += length == 0 ? 1 : length;
    }
}

void code_page_encoding(uint32_t code_page, char name[ENCODING_SIZE])
{
    if (code_page == CODE_PAGE_UTF_8)
        snprintf(name, ENCODING_SIZE, "UTF-8");
    else
        snprintf(name, ENCODING_SIZE, "CP%u", code_page);
}

bool code_page_known(uint32_t code_page)
{
    char name[ENCODING_SIZE];
    if (code_page == 0 || code_page == CODE_PAGE_UTF_8)
        return true;
    code_page_encoding(code_page, name);
    iconv_t converter = iconv_open("UTF-8", name);
    if (converter == (iconv_t)-1) { // NOLINT(performance-no-int-to-ptr): POSIX has it so
        if (errno == ENOMEM)
            failure_no_memory();
        return false;
    }
    iconv_close(converter);
    return true;
}

void report_append(char *text, size_t size, const char *format, ...)
{
    size_t used = strnlen(text, size);
    if (used >= size)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

// Does the character do something other than show itself: command a terminal, end a line, reorder
// its neighbours, or stand there unseen?
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0xAD || code == 0x61C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE007F);
}

static void escape_character(uint32_t code, char escaped[static ESCAPED_MAX])
{
    if (code == '\n')
        snprintf(escaped, ESCAPED_MAX, "\\n");
    else if (code == '\t')
        snprintf(escaped, ESCAPED_MAX, "\\t");
    else if (code < 0x80)
        snprintf(escaped, ESCAPED_MAX, "\\x%02" PRIx32, code);
    else if (code <= 0xFFFF)
        snprintf(escaped, ESCAPED_MAX, "\\u%04" PRIx32, code);
    else
        snprintf(escaped, ESCAPED_MAX, "\\U%08" PRIx32, code);
}

size_t escape_next(const char *text, size_t length, enum report_escape how,
                   char escaped[static ESCAPED_MAX])
{
    uint32_t code = 0;
    size_t taken = utf8_decode((const uint8_t *)text, length, &code);
    if (taken == 0) {
        snprintf(escaped, ESCAPED_MAX, "\\x%02x", (unsigned char)text[0]);
        return 1;
    }
    if (how == ESCAPE_CONTROLS && is_control(code))
        escape_character(code, escaped);
    else
        snprintf(escaped, ESCAPED_MAX, "%.*s", (int)taken, text);
    return taken;
}

char *report_escape(const char *text, enum report_escape how)
{
    size_t length = strlen(text);
    if (length > (SIZE_MAX - 1) / ESCAPED_MAX)
        return NULL;
    // No escape of a character is longer than four times its bytes.
    char *escaped = malloc(4 * length + ESCAPED_MAX);
    if (escaped == NULL)
        return NULL;
    char *to = escaped;
    for (const char *at = text, *end = text + length; at < end;) {
        at += escape_next(at, (size_t)(end - at), how, to);
        to += strlen(to);
    }
    *to = '\0';
    return escaped;
}

bool text_is_ci_command(const char *line)
{
    line += strspn(line, " \t");
    return strncmp(line, "::", 2) == 0 || strncmp(line, "##", 2) == 0;
}

const char *text_shorten(const char *text, char room[TEXT_SHORT_SIZE])
{
    enum { END = (TEXT_SHORT_SIZE - sizeof "...") / 2 };
    size_t length = strlen(text);
    if (length < TEXT_SHORT_SIZE)
        return text;
    size_t begin = END;
    size_t rest = length - END;
    while (begin > 0 && ((unsigned char)text[begin] & 0xC0) == 0x80)
        begin--;
    while (rest < length && ((unsigned char)text[rest] & 0xC0) == 0x80)
        rest++;
    snprintf(room, TEXT_SHORT_SIZE, "%.*s...%s", (int)begin, text, text + rest);
    return room;
}

void print_shell_word(FILE *stream, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-+=:,./@%";
    if (text[0] != '\0' && text[strspn(text, safe)] == '\0') {
        fputs(text, stream);
        return;
    }
    fputc('\'', stream);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'')
            fputs("'\\''", stream);
        else
            fputc(*at, stream);
    }
    fputc('\'', stream);
}
