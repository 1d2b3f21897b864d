// SPDX-License-Identifier: Apache-2.0
// Leaves nothing behind, whatever ends the kit.
//
//     kit (what the user started) -> sweeper -> worker (does the work) -> tgtd, tgtadm, hosts
//
// The sweeper makes the private folder, starts the worker and is the subreaper of all that the
// worker starts. When the worker ends for whatever reason, or the kit is killed, the sweeper kills
// every process left below it (also those that an implementation under test put in the background),
// removes the folder and ends. So the normal end and the violent one are cleaned up by the same
// code. When it is the sweeper that is killed, the worker dies with it and the kit sweeps.
#ifndef TCK_SWEEPER_H
#define TCK_SWEEPER_H

#include "conformance/base/failure.h"

#include <stdint.h>

// The work of a run. `folder` is its private folder (mode 0700), removed after. Returns an exit
// status.
typedef int sweeper_work(void *argument, const char *folder);

// Runs `work` in a worker process below a sweeper and returns its exit status when everything is
// cleaned up. SIGINT, SIGTERM and SIGHUP to the kit are handed on to the worker, which decides; at
// the third the worker is killed. 128 + signal, with `failure` saying so, when the worker then died
// of a signal; -1 with `failure` (STATUS_UNTRUSTED) when it died of one that nobody had sent to the
// kit. The folder is made in $TMPDIR, else /tmp, under a name that can't be foreseen; -1 with
// `failure` (STATUS_UNTRUSTED) when it can't be made, when something could not be cleaned up, or
// when the sweeper was killed.
//
// Sweeper and worker run in a session of their own, without a terminal that could send them
// signals. The worker ends with exit(), so what was registered with atexit runs there, too. Call it
// before any thread or loop exists and with stdio flushed.
//
// A worker that is not over some seconds after `deadline_ns` (clock_now_ns; 0: none) is killed,
// which is untrusted, too: it was to see to that itself.
int sweeper_run(sweeper_work *work, void *argument, uint64_t deadline_ns, struct failure *failure);

#endif
