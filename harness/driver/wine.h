// SPDX-License-Identifier: Apache-2.0
// Wine, for libraries that are Windows DLLs: where it is, and for each run a prefix and a server of
// its own. Whatever Wine writes stands in the run's private folder and goes with it.
#ifndef TCK_WINE_H
#define TCK_WINE_H

#include "emulator/process/supervisor.h"

#include <stdbool.h>

struct wine;

// The parts of an installed Wine, absolute paths. Freed with wine_program_free.
struct wine_program {
    char *loader;   // the program that runs Windows programs
    char *server;   // wineserver, of 64 bits
    char *system32; // folder of Wine's 64-bit DLLs
    char *syswow64; // folder of its 32-bit ones; NULL: the loader is for 64 bits
};

struct wine_options {
    const struct wine_program *program;
    const char *keeper; // the host program, which also keeps the run's own prefix in use
    const char *prefix; // absolute path of the user's own prefix; NULL: one for this run
    unsigned code_page; // of A strings; 0: as Wine has it
};

// Finds the Wine that runs 64-bit or 32-bit programs, and tries whether this machine can. -1 with
// `failure` (STATUS_UNTRUSTED), which names the command that installs it.
int wine_find(struct wine_program *program, bool is_64_bit, struct failure *failure);
void wine_program_free(struct wine_program *program);

// Can Wine be asked for that code page? -1 with `failure` (STATUS_USAGE) where not. Those that it
// has besides UTF-8 follow the language of its environment.
int wine_check_code_page(unsigned code_page, struct failure *failure);

// Makes the prefix in `folder`, which is private, starts the server and waits until it answers. -1
// with `failure` (STATUS_UNTRUSTED).
int wine_start(struct wine **wine, struct supervisor *supervisor,
               const struct wine_options *options, const char *folder, struct failure *failure);

// What comes first on the command line of a Windows program, and "NAME=value" for its environment,
// NULL-terminated, WINE_VARIABLES at most. Valid as long as `wine`.
enum { WINE_VARIABLES = 8 };
const char *wine_loader(const struct wine *wine);
const char *const *wine_environment(const struct wine *wine);

// The path as Windows programs have it, "Z:\folder\file"; malloc'ed. NULL when memory ran out.
char *wine_path(const char *path);

// Ends the server, with which all programs end, and frees. NULL is allowed.
void wine_stop(struct wine *wine);

#endif
