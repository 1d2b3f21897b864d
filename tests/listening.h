// SPDX-License-Identifier: Apache-2.0
// A listener of the host program, started by a test: an ELF program of 64 or 32 bits, or one of
// those for Windows by Wine.
//
// Whatever fails here fails the test under way.
#ifndef TCK_LISTENING_H
#define TCK_LISTENING_H

#include "harness/driver/remote.h"
#include "harness/driver/wine.h"

#include <stdbool.h>
#include <sys/types.h>

enum listening_kind { LISTENING_UNIX, LISTENING_WINDOWS, LISTENING_WINDOWS_32, LISTENING_UNIX_32 };
enum { LISTENING_KINDS = LISTENING_UNIX_32 + 1 };

struct listening {
    enum listening_kind kind;
    pid_t pid;
    char folder[64]; // its own, which no other process has in its environment
    char token_file[96];
    char address[64]; // "tcp://127.0.0.1:40123"
    struct remote_options remote;
    struct wine *wine;
    struct wine_program wine_program;
};

// Is the program there, and what runs it? Says so where not.
bool listening_can(enum listening_kind kind);
bool listening_is_windows(enum listening_kind kind);

// Starts it with a library, which is a file of this system, and waits until it listens. The
// supervisor of tests/supervised.h is there.
void listening_start(struct listening *listening, enum listening_kind kind, const char *library);

// A socket that is connected to it.
int listening_connect(const struct listening *listening);

// How many processes there are of it: itself, its children, and what those have left.
size_t listening_processes(const struct listening *listening);
// Waits until there are so many; fails after 10 seconds.
void listening_await_processes(const struct listening *listening, size_t wanted);

// Sends it a signal and waits for its end: the wait status.
int listening_end(struct listening *listening, int signal_number);

// Ends it, if it still runs; fails if one of its processes is left.
void listening_stop(struct listening *listening);

#endif
