// SPDX-License-Identifier: Apache-2.0
// The sets of probes with several threads, with changes of the topology, or with a damaged source
// of sessions.
#ifndef TCK_PROBES_CHANGES_H
#define TCK_PROBES_CHANGES_H

#include "harness/probes/call_list.h"

int probe_threads(struct probing *probing);
int probe_steps(struct probing *probing);
int probe_changing(struct probing *probing);
int probe_damage(struct probing *probing);
int probe_damage_details(struct probing *probing);
int probe_threads_first(struct probing *probing);
// Calls A and W together; `probings` has one for each of them.
int probe_threads_both(struct probing *probings);

// Can sessions come and go? Where not, probe_steps and probe_changing make no calls.
bool probe_can_change(const struct probing *probing);

// ---- Parts of these, for other sets of probes. Each returns 0, or -1 with probing->failure.

// Damages the session table in the way that has this index (emulator/table/damage.h), and sets
// circumstance and way of `probing` for the next calls. Returns 1, and changes nothing, where this
// damage can't be done.
int probe_damaged(struct probing *probing, size_t index);

// Makes a query. `*size` becomes the size that it says is required, 0 if there is nothing to
// report, and probing->required if the answer is neither.
int probe_ask(struct probing *probing, uint32_t *size);

// Makes a fetch with `*size` bytes. If they are not enough, `*size` becomes the size required.
int probe_fetch(struct probing *probing, uint32_t *size);

// Makes the calls in one thread until the changes are over: rounds of logins, logouts and losses of
// two sessions beside those of the scenario, after which the topology is as before. Takes the
// calls.
int probe_make_while_changing(struct probing *probing, struct call_list *calls);

// While calls are being made: waits until one more of them has been answered, or all have ended.
int probe_await_answer(struct probing *probing);

// Lets the table of probing->growth grow until all calls have ended. An implementation that reads
// what is there soon reaches the end. One that waits for the last line keeps reading, and its call
// hangs. 0, or -1 with probing->failure.
int probe_grow(struct probing *probing);

// Adds `repeat` fetches with a large buffer, one fetch with a buffer of probing->required bytes,
// and one query.
void probe_add_mixture(struct probing *probing, struct call_list *calls, uint32_t repeat);

// Adds to the transcript the generations of the truth that it does not have yet.
int probe_record_truths(struct probing *probing);

#endif
