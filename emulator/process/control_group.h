// SPDX-License-Identifier: Apache-2.0
// What the control groups (cgroup) that this process is in allow, by the files of version 2 or 1. A
// limit of a group binds the groups within it, too, so all of them up to the root are looked at.
#ifndef TCK_CONTROL_GROUP_H
#define TCK_CONTROL_GROUP_H

#include "conformance/base/failure.h"

#include <stddef.h>
#include <stdint.h>

// Where the groups are. NULL for one of these functions: where Linux has them.
struct control_groups {
    const char *mounted; // "/sys/fs/cgroup"
    const char *own;     // a file as /proc/self/cgroup
};

// Have the groups room for so many more processes and threads? Root has this limit, too. 0, also
// where nothing is known of it; or -1 with `failure` (STATUS_UNTRUSTED).
int control_group_require_processes(const struct control_groups *groups, unsigned needed,
                                    struct failure *failure);

// How many processes of the group the kernel has killed so far because memory ran out, and how many
// it has not let start because of pids.max; 0 where that is not known.
uint64_t control_group_memory_kills(const struct control_groups *groups);
uint64_t control_group_refusals(const struct control_groups *groups);

// The least memory that one of the groups may have, as "; PATH is 200 MiB", for a message; "" where
// there is no limit, or nothing is known of it.
void control_group_describe_memory(const struct control_groups *groups, char *text, size_t size);

#endif
