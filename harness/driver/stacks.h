// SPDX-License-Identifier: Apache-2.0
// Follows the stacks of calls that faulted. A program of the kit's own, iscsidsc-tck-place, does
// it, for the reasons that places.h has.
#ifndef TCK_STACKS_H
#define TCK_STACKS_H

#include "conformance/transcript/transcript.h"
#include "emulator/process/supervisor.h"

// Adds to the faults of the transcript the frames of their stacks (source.stack), and frees the
// images. What can't be followed is left unknown: that is no failure. Runs the supervisor's loop.
void stacks_resolve(const char *program, struct supervisor *supervisor,
                    struct transcript *transcript);

#endif
