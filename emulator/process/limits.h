// SPDX-License-Identifier: Apache-2.0
// What a process may have on this machine (ulimit). Where it is less than a run needs, calls fail
// for that reason, and an implementation would be blamed.
#ifndef TCK_LIMITS_H
#define TCK_LIMITS_H

#include "conformance/base/failure.h"

// Sees to it that this process, and those that it starts, may have what a run takes of address
// space, data, files and processes: soft limits that are too low are raised to the hard ones. 0, or
// -1 with `failure` (STATUS_UNTRUSTED), which names the limit and what is needed.
int limits_require(struct failure *failure);

#endif
