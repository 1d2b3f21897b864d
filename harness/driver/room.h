// SPDX-License-Identifier: Apache-2.0
// A room for a host: namespaces of its own, in which the library can't see, signal or read the
// kit's processes, nor find its files (harness/room/room_main.c).
#ifndef TCK_ROOM_H
#define TCK_ROOM_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// How the hosts of a run are isolated. The texts are borrowed.
struct room {
    const char *program;  // iscsidsc-tck-room
    const char *folder;   // private to the run: the host sees of it only what it is to read
    const char *kept;     // a folder that the host must not write to; NULL: none
    const char *programs; // that of the kit's own programs, likewise
    bool has_networks;    // each host gives the room a network, as this process can make some
    // All that it can write to; NULLs are left out.
    const char *writable[3];
};

enum {
    ROOM_SHOWN_MAX = 2,
    ROOM_ARGUMENTS_MAX = 20 + 2 * ROOM_SHOWN_MAX, // that room_arguments sets
};

// The command line before that of the host's program. `shown`: folders within the run's that the
// host may read; NULLs are left out. `word`: the descriptor of process_options' has_word, as text;
// NULL: none. Returns how many arguments there are.
size_t room_arguments(const struct room *room, const char *const shown[ROOM_SHOWN_MAX],
                      const char *word, const char *arguments[ROOM_ARGUMENTS_MAX]);

// The host that runs in the room whose first process is `room`; 0: it can't be found.
pid_t room_tenant(pid_t room);

// Sees whether this machine allows such a room, in which `library` can be read. 0, or -1 with the
// reason in `failure` (STATUS_UNTRUSTED).
int room_try(const struct room *room, const char *library, struct failure *failure);

#endif
