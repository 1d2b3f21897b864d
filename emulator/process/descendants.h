// SPDX-License-Identifier: Apache-2.0
// The processes below this one.
#ifndef TCK_DESCENDANTS_H
#define TCK_DESCENDANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Children that are not to be touched.
struct spared {
    pid_t *pids;
    size_t count;
};

// All children of this process, dead ones included; -1 when memory ran out or /proc can't be read.
// The list is freed with free().
int descendants_children(struct spared *children);

// Stops all processes below this one (SIGSTOP), again and again until no new one appears, so that
// those that start others while they are killed can't; then kills its children, and reaps those
// that are dead. What they leave becomes this process's, a subreaper's, and goes the next time.
// Returns how many children there were, or -1 as above.
int descendants_kill(const struct spared *spared);

// Has the process none, dead ones included?
bool descendants_none(void);

// Is a process stopped by a signal, or by a tracer that is itself below this process? A debugger of
// somebody else's does not count.
bool descendants_stopped(pid_t pid);

#endif
