// SPDX-License-Identifier: Apache-2.0
// What went wrong, in words for a person, and the exit status that it leads to. Every module
// reports through this; nothing prints and nothing exits on its own.
#ifndef TCK_FAILURE_H
#define TCK_FAILURE_H

// The kit's exit status. UNTRUSTED outranks BROKEN. The signals' are 128 + the signal's number.
enum exit_status {
    STATUS_HELD = 0,      // every `must` clause held
    STATUS_BROKEN = 1,    // the implementation broke one
    STATUS_USAGE = 2,     // the command line, a scenario or another input file is wrong
    STATUS_UNTRUSTED = 3, // the run can't be trusted
};

// What failed.
enum failure_of {
    FAILURE_OF_KIT,            // or of the machine, or of the user's input
    FAILURE_OF_IMPLEMENTATION, // it could not be loaded
    FAILURE_OF_EMULATOR,
    FAILURE_OF_LOGIN, // the implementation's own functions that log in and out
};

struct failure {
    int status;      // an exit status; 0 while nothing failed
    char text[4096]; // one or several lines, without a trailing newline
    enum failure_of of;
};

// Records a failure, unless one is recorded already: the first is the cause, and what follows are
// its effects. `failure` may be NULL. Always returns -1, for `return failure_set(...)`.
int failure_set(struct failure *failure, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The status of a failure to open or read an input: STATUS_USAGE, as the input is wrong; but
// STATUS_UNTRUSTED where `error` (an errno) says that memory or descriptors ran out.
int failure_input_status(int error);

// Ends the process with STATUS_UNTRUSTED, and says that memory ran out. For places that can't hand
// a failure on: what is half done there would be taken for done.
__attribute__((noreturn)) void failure_no_memory(void);

// The end of a message about a file in the run's private folder. If `error` (an errno) says that no
// space was left: what the user can do. Else "".
const char *failure_room(int error);

#endif
