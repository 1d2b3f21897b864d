// The sets of probes with threads, changes of the topology, or a damaged source.
#ifndef TCK_PROBES_CHANGES_H
#define TCK_PROBES_CHANGES_H

#include "harness/probes/call_list.h"

int probe_threads(struct probing *probing);
int probe_steps(struct probing *probing);
int probe_changing(struct probing *probing);
int probe_damage(struct probing *probing);
int probe_damage_details(struct probing *probing);
int probe_threads_first(struct probing *probing);
// Of A and W together: `probings` are those of the two.
int probe_threads_both(struct probing *probings);

// Their parts. Each int: 0, or -1 with probing->failure.

// Damages the session table in one way; circumstance and way of the calls to come say so. 1: that
// can't be done here, and nothing is said.
int probe_damaged(struct probing *probing, size_t index);

// Makes a query; `*size` becomes the size that it says is required, 0 if there is nothing to
// report, and probing->required where the answer is of no use.
int probe_ask(struct probing *probing, uint32_t *size);

// Makes a fetch with `*size` bytes; where that is not enough, `*size` becomes the size required.
int probe_fetch(struct probing *probing, uint32_t *size);

// While calls are under way: waits until one more of them was answered, or all are over.
int probe_await_answer(struct probing *probing);

// Adds fetches in a large buffer, `repeat` times, one in a buffer of the size required before, and
// a query.
void probe_add_mixture(struct probing *probing, struct call_list *calls, uint32_t repeat);

// Adds to the transcript the generations of the truth that are new.
int probe_record_truths(struct probing *probing);

#endif
