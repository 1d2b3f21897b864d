// SPDX-License-Identifier: Apache-2.0
// Notices a tgtd that hangs, whatever the kit is doing: while the loop runs, tgtd is asked for a
// sign of life each second, without blocking.
#ifndef TCK_HEARTBEAT_H
#define TCK_HEARTBEAT_H

#include "emulator/process/supervisor.h"

struct heartbeat;

enum {
    HEARTBEAT_SILENCE_S = 5, // without a sign of life for so long, `silent` is called
};

// Begins to ask the process that listens on the Unix socket at `path`, which is copied. `silent` is
// called from the loop, once, when it did not answer. 0, or -1 with `failure`.
int heartbeat_start(struct heartbeat **heartbeat, struct supervisor *supervisor, const char *path,
                    void (*silent)(void *argument), void *argument, struct failure *failure);

// Ends it; its handles are freed at the loop's next turn. NULL is allowed.
void heartbeat_stop(struct heartbeat *heartbeat);

#endif
