// SPDX-License-Identifier: Apache-2.0
// Where the kit's own parts are: the host program, the reference implementation, the scenarios that
// ship. A build tree and an install prefix have the same layout, so that all of them are found from
// the path of the running program; an environment variable overrides each.
#ifndef TCK_PATHS_H
#define TCK_PATHS_H

#include "conformance/base/failure.h"

#include <stdbool.h>

#define PATHS_HOST_VARIABLE "ISCSIDSC_TCK_HOST"
#define PATHS_REFERENCE_VARIABLE "ISCSIDSC_TCK_REFERENCE"
#define PATHS_SCENARIOS_VARIABLE "ISCSIDSC_TCK_SCENARIOS"

// Each: 0 with an absolute path in `*path` (malloc'ed, the caller frees); or -1 with `failure` that
// lists where it was looked for (STATUS_USAGE when the environment variable is wrong, else
// STATUS_UNTRUSTED).
int paths_host(char **path, struct failure *failure);
// The host programs for Windows; the environment variable is for the other one only. `utf8`: whose
// A strings are UTF-8.
int paths_windows_host(char **path, bool is_64_bit, bool utf8, struct failure *failure);
// The program that finds the places of faults in the source code (malloc'ed); NULL: it is not
// there, and nothing needs it. No environment variable is for it.
char *paths_place(void);
// The program that makes the room of a host.
int paths_room(char **path, struct failure *failure);
// Takes over a program's path (malloc'ed; NULL is allowed) and gives one by which this process and
// its children start that very file, whatever is put in its place. Where the file can't be held,
// the path stays. NULL: memory ran out.
char *paths_hold(char *path);
// The host program for 32-bit x86 Linux; likewise.
int paths_i386_host(char **path, struct failure *failure);
int paths_reference(char **path, struct failure *failure);
int paths_scenarios(char **path, struct failure *failure);
// The starter projects of the command `init`.
int paths_starter(char **path, struct failure *failure);

#endif
