// SPDX-License-Identifier: Apache-2.0
// --isolation: whether the hosts of a run have rooms of their own (harness/driver/room.h).
#ifndef TCK_ISOLATION_H
#define TCK_ISOLATION_H

#include "harness/command/target.h"
#include "harness/driver/room.h"
#include "harness/result/result.h"

struct isolation {
    bool full;
    char *program; // that makes the rooms, under a name by which nobody can replace it
    char *programs;
    char *writable[3]; // the working folder, that of the library, that for temporary files
    bool has_networks; // see struct room
    struct room room;
    struct result_isolation result; // for reports
    char why[256];                  // why there is none; "": there is one
};

// What the run has to do with a host, which may rule a room out.
struct isolation_needs {
    const struct target_options *options;
    const struct target *targets;
    char *const *libraries;
    size_t count;   // of both
    bool is_remote; // it is behind a listener
    bool logs_in;   // by an initiator of the implementation's
};

// Decides, and tries whether this machine allows it. -1 with `failure`: `full` was asked for, and
// is not possible (STATUS_UNTRUSTED) or can't be with the other options (STATUS_USAGE).
int isolation_choose(struct isolation *isolation, const struct isolation_needs *needs,
                     struct failure *failure);

// The same for a command that has one library, and lets it log in to nothing.
int isolation_choose_alone(struct isolation *isolation, const struct target_options *options,
                           const struct target *target, char *const *library, bool is_remote,
                           struct failure *failure);

// The room for host_options; NULL: there is none. `folder` is the run's private one; `kept`:
// another that the library must not write to, or NULL.
const struct room *isolation_room(struct isolation *isolation, const char *folder,
                                  const char *kept);

// For a run whose targets nobody else is to reach: where its hosts have rooms, this process gets a
// network of its own (network_leave). 0, or -1 with `failure`.
int isolation_leave_network(struct isolation *isolation, struct failure *failure);

void isolation_clear(struct isolation *isolation);

#endif
