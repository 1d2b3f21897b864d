// SPDX-License-Identifier: Apache-2.0
// Which faulty implementations prove that a clause can fail: the table of conformance/faulty, for
// those who doubt the judge.
#ifndef TCK_PROOF_H
#define TCK_PROOF_H

struct proof {
    const char *fault;    // the faulty implementation: libfaulty-<fault>.so
    const char *clause;   // that must catch it; "" for those that only have to be survived
    const char *charsets; // in which it is wrong: "A", "W", "AW", "EX"
    const char *sentence; // what an implementer got wrong
};

// Ended by an entry whose fault is NULL.
extern const struct proof proofs[];

// The next one of the clause `id` after `after` (NULL: the first); NULL at the end.
const struct proof *proof_next(const char *id, const struct proof *after);

#endif
