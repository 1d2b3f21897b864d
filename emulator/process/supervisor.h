// The one event loop of a run, and the things that can end any wait in it: a signal to the kit, or
// trouble (tgtd died, a session was lost that nobody dropped). Whoever waits, for a login, a host's
// answer or a process's end, waits here, so that trouble is noticed at once wherever it occurs.
#ifndef TCK_SUPERVISOR_H
#define TCK_SUPERVISOR_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <uv.h>

struct supervisor;

// Creates the loop and begins to watch for SIGINT, SIGTERM and SIGHUP. Also ignores SIGPIPE for the
// process. Returns 0, or -1 with `failure`. The caller owns the result; see supervisor_destroy.
int supervisor_create(struct supervisor **supervisor, struct failure *failure);

// Stops watching and frees. Every handle that others opened in the loop must be closed before, or
// is closed here by running the loop until it is empty. NULL is allowed.
void supervisor_destroy(struct supervisor *supervisor);

uv_loop_t *supervisor_loop(struct supervisor *supervisor);

// Says that the run can't be trusted any more (status STATUS_UNTRUSTED). The first trouble is kept.
// Ends the wait under way and every later one.
void supervisor_trouble(struct supervisor *supervisor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The trouble, or the signal (status 128 + its number), that ended or will end all waits; NULL
// while there is none.
const struct failure *supervisor_failure(const struct supervisor *supervisor);

// While `tearing_down`, waits are not ended by trouble or by a signal that came before: what is
// left must be able to end in order. A signal that comes after is remembered for the exit status.
void supervisor_tear_down(struct supervisor *supervisor, bool tearing_down);

// Runs the loop until done(argument) is true. Returns 0; 1 after `timeout_ms` (UINT_MAX: no limit);
// -1 with `failure` when trouble or a signal ended the wait. `done` is asked first before anything
// is run, and after every turn of the loop.
int supervisor_wait(struct supervisor *supervisor, bool (*done)(void *argument), void *argument,
                    unsigned timeout_ms, struct failure *failure);

// Waits until `fd` can be read (or its other end is closed). Returns as supervisor_wait.
int supervisor_wait_readable(struct supervisor *supervisor, int fd, unsigned timeout_ms,
                             struct failure *failure);

#endif
