// SPDX-License-Identifier: Apache-2.0
// The sets of probes of the functions that tell of targets, of a session's devices and the like:
// their size counts bytes, characters or structures, and a call may be about something
// (call.subject).
#ifndef TCK_PROBES_ITEMS_H
#define TCK_PROBES_ITEMS_H

#include "harness/probes/probing.h"

// The set that is made first: the others need the sizes that it finds.
#define PROBE_SET_ITEMS_QUERY "items-query"

// Is it one of these functions?
bool probe_is_of_items(enum charset charset);

// Finds what the calls are to be about: both values of ForceUpdate, or sessions of the list that
// GetIScsiSessionList gave before, at most SUBJECTS_MAX of those with a connection; or nothing. 0,
// or -1 with probing->failure.
int probe_begin_items(struct probing *probing);

// Is that identifier one of the list that GetIScsiSessionList gave before? False also when memory
// ran out.
bool probe_lists_session(const struct probing *probing, const uint8_t *subject);

int probe_items_query(struct probing *probing);
int probe_items_null(struct probing *probing);
int probe_items_fetch(struct probing *probing);
int probe_items_short(struct probing *probing);
int probe_items_repeat(struct probing *probing);
int probe_items_sweep(struct probing *probing);
int probe_items_unknown(struct probing *probing);
int probe_items_threads(struct probing *probing);
int probe_items_changing(struct probing *probing);

#endif
