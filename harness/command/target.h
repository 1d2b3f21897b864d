// What runs an implementation: the host program of its kind, and Wine for a Windows DLL.
#ifndef TCK_TARGET_H
#define TCK_TARGET_H

#include "conformance/base/failure.h"
#include "harness/command/implementation.h"
#include "harness/driver/wine.h"

#include <stdio.h>

// What the user asks for DLLs, and the Wine that was found. The texts are borrowed.
struct windows {
    const char *code_page_text;      // of --code-page; NULL: not given
    const char *prefix_text;         // of --wine-prefix; NULL: not given
    unsigned code_page;              // 0: as Wine has it
    char *prefix;                    // absolute path; NULL: none
    struct wine_program programs[2]; // for 32 and 64 bits, where a DLL needs it
};

struct target {
    enum platform platform;
    char *host_program;
    char *place_program;      // that finds the places of its faults; NULL: there is none
    struct wine_options wine; // where it is a DLL; borrows from the struct windows
};

// Checks what was given. -1 with `failure` (STATUS_USAGE).
int windows_check(struct windows *windows, struct failure *failure);

// Finds the host program for target->platform, and Wine. -1 with `failure`.
int target_find(struct target *target, struct windows *windows, struct failure *failure);

void target_clear(struct target *target); // frees all it holds

// What is for DLLs only must not be lost in silence: -1 with `failure` (STATUS_USAGE) where
// something was given and none of the targets is a DLL.
int windows_check_needed(const struct windows *windows, const struct target *targets, size_t count,
                         struct failure *failure);

// Adds the options, as words of a command line.
void windows_append(const struct windows *windows, FILE *stream);

void windows_free(struct windows *windows);

#endif
