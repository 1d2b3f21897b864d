// SPDX-License-Identifier: Apache-2.0
// How a child process becomes its program.
#ifndef TCK_LAUNCH_H
#define TCK_LAUNCH_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process;

struct process_options {
    const char *const *arguments;   // argv, NULL-terminated; [0] is looked up in PATH
    const char *const *environment; // "NAME=value" to add to or replace in the kit's own; a bare
                                    // "NAME" removes it; NULL-terminated; NULL: none
    int channel;                    // a descriptor that the child keeps, or -1
    int channel_as; // under which number (from 3 up) the child has it; every other one is closed.
                    // 1: as its standard output, which is then not drained
    int network;    // a network that the child enters (network.h); 0: the kit's own
    size_t data_limit;     // RLIMIT_DATA in bytes, or 0: the kit's own
    size_t output_kept;    // how much of the end of its output is kept; 0: 4096 bytes
    bool many_descriptors; // RLIMIT_NOFILE is raised to its hard limit
    bool ends_whole;       // at SIGTERM it ends everything that it started, and then itself
    bool has_word;         // descriptor channel_as + 1 is a pipe's, for process_word
    bool fixed_addresses;  // the kernel does not draw where its memory lies, where that is allowed

    // Called from the loop when the process has ended, with waitpid's status; not for an end that
    // process_kill or process_destroy brought about. May destroy the process. May be NULL.
    void (*ended)(struct process *process, int wait_status, void *argument);
    void *argument;
};

// A process that was started; the descriptors are the caller's.
struct launched {
    pid_t pid;
    int ended;  // see ending_open
    int output; // read end of what it prints, non-blocking
    int word;   // likewise that of has_word; -1: none
};

// Starts one as process_start does, without watching it. 0, or -1 with `failure` and nothing left
// of it.
int launch_process(struct launched *launched, const struct process_options *options,
                   struct failure *failure);

// From now on no other process of this user can trace this one, or read and write its memory (its
// children are not meant: they become programs of their own). Root can.
void launch_guard(void);

// Waits for the end of a child. False when the system has no such child any more. `status` may be
// NULL.
bool launch_await_end(pid_t pid, int *status);

// Finds the program `name` in PATH, then in `more_folders` (colon-separated; NULL: none). A name
// with a '/' is taken as it is. Returns its path (malloc'ed, the caller frees), or NULL when there
// is none.
char *process_find(const char *name, const char *more_folders);

#endif
