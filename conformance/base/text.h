// Text of unknown origin: decoded as UTF-8, escaped for people, quoted for a shell.
#ifndef TCK_TEXT_H
#define TCK_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// The code point that begins at `bytes`, of which `size` are there. Returns its length in bytes, 1
// to 4, and stores it in `*code_point`; 0 when nothing well-formed begins here (cut short,
// overlong, a surrogate, beyond U+10FFFF) or `size` is 0.
size_t utf8_decode(const uint8_t *bytes, size_t size, uint32_t *code_point);

// Adds to the string in `text` of `size` bytes, cutting what does not fit.
void report_append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Text made safe that an implementation, a name or a file may hold: bytes that are not UTF-8 become
// \xNN, and with ESCAPE_CONTROLS control characters and those that reorder or hide what stands
// beside them become \n, \t, \xNN, \uNNNN or \UNNNNNNNN. Malloc'ed, freed by the caller; NULL when
// memory ran out.
enum report_escape {
    ESCAPE_INVALID,  // only what is not UTF-8
    ESCAPE_CONTROLS, // that, and everything that does more than show a character
};
char *report_escape(const char *text, enum report_escape how);

// `text`, or where it is long, its begin and its end with "..." between, in `room`: so that what is
// said behind it is not cut off. Characters stay whole.
enum { TEXT_SHORT_SIZE = 72 };
const char *text_shorten(const char *text, char room[TEXT_SHORT_SIZE]);

// Writes `text` as one word for a shell: in single quotes where it holds more than letters, digits
// and the punctuation that no shell takes for its own.
void print_shell_word(FILE *stream, const char *text);

#endif
