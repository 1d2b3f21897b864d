// SPDX-License-Identifier: Apache-2.0
// The event loop of a run. Every wait, for a login, an answer of the host or the end of a process,
// is a wait in this loop. Two things end any wait at once: a signal to the kit, and trouble.
// Trouble is what makes the run untrusted: a tgtd died, or a session was lost that nobody dropped.
#ifndef TCK_SUPERVISOR_H
#define TCK_SUPERVISOR_H

#include "conformance/base/failure.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct supervisor;

// Creates the loop and begins to watch for SIGINT, SIGTERM and SIGHUP. Also ignores SIGPIPE for the
// process. Returns 0, or -1 with `failure`. The caller owns the result; see supervisor_destroy.
int supervisor_create(struct supervisor **supervisor, struct failure *failure);

// Stops watching and frees. Handles that are still open in the loop are closed, without a callback.
// NULL is allowed.
void supervisor_destroy(struct supervisor *supervisor);

uv_loop_t *supervisor_loop(struct supervisor *supervisor);

// Says that the run can't be trusted any more (status STATUS_UNTRUSTED). The first trouble is kept.
// Ends the present wait and every later one.
void supervisor_trouble(struct supervisor *supervisor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// At that time (clock_now_ns) it is trouble that the run still goes on, which `text`, which must
// last, says. 0: there is no such time.
void supervisor_limit(struct supervisor *supervisor, uint64_t deadline_ns, const char *text);

// From now on calls tell(argument) so often while a wait lasts, until the supervisor is destroyed.
// `tell` must not wait. For one at a time.
void supervisor_every(struct supervisor *supervisor, unsigned period_ms,
                      void (*tell)(void *argument), void *argument);

// The trouble, or the signal (status 128 + its number), that ended or will end all waits; NULL
// while there is none.
const struct failure *supervisor_failure(const struct supervisor *supervisor);

// With `tearing_down` true, neither trouble nor a signal ends a wait, so that all processes can be
// ended in order. A signal that arrives meanwhile still counts for the exit status.
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
