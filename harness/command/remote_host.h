// SPDX-License-Identifier: Apache-2.0
// An implementation behind a listener: --host of run, replay and fuzz.
#ifndef TCK_REMOTE_HOST_H
#define TCK_REMOTE_HOST_H

#include "harness/driver/remote.h"

#include <argp.h>
#include <stdio.h>

// What the user asks for. Use remote_argp as a child whose input this is. The texts are borrowed.
struct remote_arguments {
    const char *host; // NULL: none
    const char *token_file;
};

extern const struct argp remote_argp;

// Reads both and has the listener load its library once, so that all that can be wrong is said
// before a scenario is brought up. `*library` is its path there (malloc'ed). Nothing is done
// without --host. -1 with `failure`: STATUS_USAGE, or STATUS_UNTRUSTED where the listener or the
// library is of no use.
//
// With `dry` the listener is not asked, and its own name stands for the library.
//
// `implementation` and `jobs` are what the user gave besides that can't be had with --host, or
// NULL.
int remote_host_check(const struct remote_arguments *arguments, const char *implementation,
                      const char *jobs, unsigned timeout_ms, bool dry,
                      struct remote_options *options, char **library, struct failure *failure);

// What stands for its file, which is not here, and for the host program: both malloc'ed. 0, or -1
// with `failure`.
int remote_host_name(const char *library, char **implementation, char **host_program,
                     struct failure *failure);

// Says on standard error what can't work where the listener is on another machine. `name` is the
// command's.
void remote_host_note(const struct remote_options *options, const char *name);

// Adds the options to a command line.
void remote_arguments_append(const struct remote_arguments *arguments, FILE *stream);

#endif
