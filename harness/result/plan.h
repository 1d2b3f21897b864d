// SPDX-License-Identifier: Apache-2.0
// The plan of a run: which scenarios, with how many checks. If the run is split over machines
// (--shard), each machine has the whole plan and runs its part.
#ifndef TCK_PLAN_H
#define TCK_PLAN_H

#include <stdbool.h>
#include <stddef.h>

// The part of this machine (--shard): "2/3" is number 2 of 3.
struct shard {
    unsigned number; // from 1; 0: not split
    unsigned count;
};

// How much of the contract and of the scenarios is no part of the run: the user left it out
// (--exclude, --exclude-scenario); or no scenario of the run has what the clauses need.
struct left_out {
    size_t clauses;
    size_t scenarios;
    size_t unsuited;   // clauses
    size_t impossible; // scenarios of the run that the implementation's logins can't bring up
};

struct plan_entry {
    char *scenario;
    size_t check_count;
    unsigned shard; // the part that runs it, from 1; 0 where the run is not split
};

struct plan {
    char digest[17]; // over everything that decides what is checked, and how; "": no plan is known
    size_t count;
    struct plan_entry *entries;
    unsigned shard; // this part, from 1; 0: the whole
    unsigned shard_count;
    struct left_out left_out;
};

// Does the scenario at `index` of the plan belong to its part?
bool shard_has(const struct plan *plan, size_t index);

// A copy in `copy`, to be freed with its result. 0, or -1 when memory ran out.
int plan_copy(struct plan *copy, const struct plan *plan);
void plan_clear(struct plan *plan);

#endif
