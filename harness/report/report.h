// Calls and foreign text in words, for people.
#ifndef TCK_REPORT_H
#define TCK_REPORT_H

#include "conformance/transcript/transcript.h"

// The call of a record in C-like words with its arguments, for people:
// "GetIScsiSessionListW(&size = 312, &count = 4, buffer): the buffer of 312 bytes ends right at an
// inaccessible page, filled with zeros".
void report_describe_call(const struct record *record, char *text, size_t size);
// What came of it: "returned 0 (ERROR_SUCCESS), *BufferSize = 312, *SessionCount = 1",
// "SIGSEGV writing at SessionInfo + 312 (1 byte past the end)".
void report_describe_outcome(const struct record *record, char *text, size_t size);

// Every call of a transcript with its outcome, a line each. Malloc'ed, freed by the caller; NULL
// when memory ran out.
char *report_calls(const struct transcript *transcript);

// Foreign text made safe: what an implementation, a name or a file may hold. As `how` says, bytes
// that are not UTF-8 become \xNN, and control characters and those that reorder or hide what stands
// beside them become \n, \t, \xNN or \uNNNN. Malloc'ed, freed by the caller; NULL when memory ran
// out.
enum report_escape {
    ESCAPE_INVALID,  // what is not UTF-8 only
    ESCAPE_CONTROLS, // that, and everything that does more than show a character
};
char *report_escape(const char *text, enum report_escape how);

// Adds to the string in `text` of `size` bytes, cutting what does not fit.
void report_append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
