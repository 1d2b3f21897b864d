// SPDX-License-Identifier: Apache-2.0
// What the control group (cgroup) of this process allows, by the files of version 2 or 1.
#ifndef TCK_CONTROL_GROUP_H
#define TCK_CONTROL_GROUP_H

#include "conformance/base/failure.h"

#include <stdint.h>

// Has the group room for so many more processes and threads? Root has this limit, too. 0, also
// where nothing is known of it; or -1 with `failure` (STATUS_UNTRUSTED).
int control_group_require_processes(unsigned needed, struct failure *failure);

// How many processes of the group the kernel has killed so far because memory ran out; 0 where that
// is not known.
uint64_t control_group_memory_kills(void);

#endif
