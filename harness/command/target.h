// SPDX-License-Identifier: Apache-2.0
// What runs an implementation: the host program of its kind; Wine for a Windows DLL; what emulates
// a processor, where the machine can't run a library's host by itself.
#ifndef TCK_TARGET_H
#define TCK_TARGET_H

#include "conformance/base/failure.h"
#include "harness/command/implementation.h"
#include "harness/driver/wine.h"

#include <argp.h>
#include <stdio.h>

// What the user asks for implementations of another kind than the kit's own, and what was found for
// them. Use target_argp as a child whose input this is. The texts are borrowed.
struct target_options {
    const char *code_page_text;      // of --code-page; NULL: not given
    const char *prefix_text;         // of --wine-prefix; NULL: not given
    const char *cpu_emulator_text;   // of --cpu-emulator; NULL: not given
    const char *isolation_text;      // of --isolation; NULL: not given
    unsigned code_page;              // 0: as Wine has it
    char *prefix;                    // absolute path; NULL: none
    char *cpu_emulator;              // absolute path; NULL: none
    struct wine_program programs[2]; // for 32 and 64 bits, where a DLL needs it
};

// Borrows from the struct target_options, but for the host program.
struct target {
    enum platform platform;
    char *host_program;
    char *place_program;      // that finds the places of its faults; NULL: there is none
    struct wine_options wine; // .program is NULL where it is no DLL
    const char *cpu_emulator; // that runs the host program; NULL: the processor does
};

extern const struct argp target_argp;

// Checks what was given. -1 with `failure` (STATUS_USAGE).
int target_options_check(struct target_options *options, struct failure *failure);

// Finds the host program for target->platform and what runs it, and tries whether that can be run.
// -1 with `failure`, which says what to do about it.
int target_find(struct target *target, struct target_options *options, struct failure *failure);

void target_clear(struct target *target); // frees all it holds

// What was given must not be lost in silence: -1 with `failure` (STATUS_USAGE) where none of the
// targets is of the kind that an option is for.
int target_options_check_needed(const struct target_options *options, const struct target *targets,
                                size_t count, struct failure *failure);

// Adds the options, as words of a command line.
void target_options_append(const struct target_options *options, FILE *stream);

void target_options_free(struct target_options *options);

#endif
