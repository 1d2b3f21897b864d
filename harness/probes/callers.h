// SPDX-License-Identifier: Apache-2.0
// The set of probes that makes the calls of programs that exist (conformance/judge/caller.h).
#ifndef TCK_PROBES_CALLERS_H
#define TCK_PROBES_CALLERS_H

#include "harness/probes/probing.h"

// Makes the calls of the program that probing->set belongs to: first on the unchanged topology,
// then, where sessions can, with a login and a logout between the calls. Returns as probe_set.run
// does.
int probe_caller(struct probing *probing);

// Is it the set of such a program?
bool probe_is_caller(const char *set);

// A change of the sessions between two calls of a program: the first (`number` 0), which keeps in
// `*session` what the second needs. 0, or -1 with probing->failure.
typedef int caller_change(struct probing *probing, unsigned number, size_t *session);

// Makes the program's calls once; each follows from the answers before. `change` comes after the
// first call and the second; NULL: the sessions stay. When a call did not return, the program makes
// no more. 0, or -1 with probing->failure.
int probe_as_caller(struct probing *probing, caller_change *change);

#endif
