// SPDX-License-Identifier: Apache-2.0
// Text of unknown origin: decoded as UTF-8, escaped for people, quoted for a shell.
#ifndef TCK_TEXT_H
#define TCK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// The code point that begins at `bytes`, of which `size` are there. Returns its length in bytes, 1
// to 4, and stores it in `*code_point`; 0 when nothing well-formed begins here (cut short,
// overlong, a surrogate, beyond U+10FFFF) or `size` is 0.
size_t utf8_decode(const uint8_t *bytes, size_t size, uint32_t *code_point);

// Puts '?' in place of each byte that is no part of well-formed UTF-8, in place: for names that may
// have been cut within a character, and are to be text in files.
void text_mend(char *text);

// Closes a stream of open_memstream (not NULL) that writes to `*text`. True if all is there; else
// memory ran out, and `*text` is freed and NULL. To ask fclose alone is not enough: glibc's
// succeeds also where the text could not be handed over, and where some of it was lost before.
bool text_close(FILE *stream, char **text);

// The name that iconv has for a code page of Windows, in `name`: "UTF-8" for 65001, "CP1252".
enum { CODE_PAGE_UTF_8 = 65001, ENCODING_SIZE = 16 };
void code_page_encoding(uint32_t code_page, char name[ENCODING_SIZE]);
// Can texts of that code page be read on this machine? 0, for none, can.
bool code_page_known(uint32_t code_page);

// Appends to the string in `text`, which has room for `size` bytes. What does not fit is cut off.
void report_append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// A copy of text of unknown origin that is safe to print. Bytes that are not UTF-8 become \xNN.
// With ESCAPE_CONTROLS, control characters, and characters that reorder or hide the text beside
// them, become \n, \t, \xNN, \uNNNN or \UNNNNNNNN. Malloc'ed, freed by the caller; NULL when memory
// ran out.
enum report_escape {
    ESCAPE_INVALID,  // bytes that are not UTF-8
    ESCAPE_CONTROLS, // these, control characters, and characters that reorder or hide text
};
char *report_escape(const char *text, enum report_escape how);
// The same of the first character of `text`, which has at least one: in `escaped`, with its length
// returned. `length` is that of the whole text in bytes.
enum { ESCAPED_MAX = 12 }; // the longest escape with its end: "\U000e0041"
size_t escape_next(const char *text, size_t length, enum report_escape how,
                   char escaped[static ESCAPED_MAX]);

// Is it a line that a CI system takes for a command to it, wherever it comes from: "::error::",
// "##[group]", "##teamcity[...]", with or without blanks before?
bool text_is_ci_command(const char *line);

// Returns `text`; if it does not fit into `room`, its beginning and its end with "..." between
// them, in `room`. So a message that quotes long text has room for the rest. No character is cut in
// two.
enum { TEXT_SHORT_SIZE = 72 };
const char *text_shorten(const char *text, char room[TEXT_SHORT_SIZE]);

// Writes `text` as one word for a shell: in single quotes, unless it consists of letters, digits
// and punctuation without a meaning in any shell.
void print_shell_word(FILE *stream, const char *text);

#endif
