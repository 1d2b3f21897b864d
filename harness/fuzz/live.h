// SPDX-License-Identifier: Apache-2.0
// Cases with real sessions: those of a scenario. The emulator logs them in, and between the calls
// and during them it logs sessions in and out and has connections lost; or, where the scenario has
// events, it makes these happen.
#ifndef TCK_FUZZ_LIVE_H
#define TCK_FUZZ_LIVE_H

#include "harness/driver/host.h"
#include "harness/fuzz/draft.h"
#include "harness/fuzz/draws.h"
#include "harness/probes/hangs.h"

struct topology;

struct live_options {
    struct supervisor *supervisor;
    const char *folder; // private to the run
    const struct topology *topology;
    struct host_options host; // its session_table is ignored
    const char *implementation;
    struct hangs *hangs;
};

struct live;

// The options must outlive it. NULL when memory ran out.
struct live *live_create(const struct live_options *options);

// Makes a case: draws which calls are made, makes them, and leaves in `draft` the sessions that
// there were and the calls that met them, but for the calls that met a change; in `*made` the
// transcript of all of them. Both are the caller's. The draws are the same for the same number;
// what the sessions are called by their target, and how far a call had come when they changed, is
// not. 0, or -1 with `failure` (STATUS_UNTRUSTED, or a signal), also where target and initiator no
// longer agree at the end of a scenario.
int live_make(struct live *live, struct draws *draws, struct draft *draft, struct transcript **made,
              struct failure *failure);

// The next calls are made by a new process, which knows nothing of those before.
void live_renew(struct live *live);

// Are calls of that function no longer made? See host_begin.
bool live_gave_up(const struct live *live, enum charset charset);

// Ends sessions, targets and the process. NULL is allowed.
void live_free(struct live *live);

#endif
