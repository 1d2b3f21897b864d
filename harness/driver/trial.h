// SPDX-License-Identifier: Apache-2.0
// Tries whether a program can be run on this machine.
#ifndef TCK_TRIAL_H
#define TCK_TRIAL_H

#include <stddef.h>

// Runs a program with these arguments, the first of which is its path, after the last NULL; without
// environment and output. 0 when it ended with 0; -1 when it ended otherwise, or was killed because
// it had not ended after ten seconds; else the errno with which it could not be started. ENOENT is
// also that of a program whose loader is missing.
int trial_run(const char *const *arguments);

// The same, with the begin of what it wrote to standard error as a string: up to 4096 bytes with
// the NUL are asked for in `size`.
int trial_run_and_read(const char *const *arguments, char *said, size_t size);

#endif
