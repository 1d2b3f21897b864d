// The plan of a run, and how it is split over machines.
#ifndef TCK_SHARD_H
#define TCK_SHARD_H

#include "harness/result/result.h"

// "2/3": this machine's part, of how many.
struct shard {
    unsigned number; // from 1; 0: not split
    unsigned count;
};

// 0, or -1 with `failure` (STATUS_USAGE).
int shard_parse(struct shard *shard, const char *text, struct failure *failure);

// 16 hex digits over the bytes of the file at `path`: tells implementations apart. 0, or -1 with
// `failure` (STATUS_USAGE) when it can't be read.
int shard_digest_file(char digest[static 17], const char *path, struct failure *failure);

// Makes result->plan from a result of which all is planned (run_plan), and whose implementation's
// digest is filled in; with shard->number 0, of the whole. The split is by scenario, evenly by what
// they are expected to cost, and the same on every machine. 0; or -1 with `failure`: memory ran
// out, or there are fewer scenarios than shards (STATUS_USAGE).
int shard_plan(struct result *result, const struct shard *shard, struct failure *failure);

// Does the scenario at `index` of the plan belong to its part?
bool shard_has(const struct plan *plan, size_t index);

// A copy in `copy`, to be freed with its result. 0, or -1 when memory ran out.
int plan_copy(struct plan *copy, const struct plan *plan);
void plan_clear(struct plan *plan);

#endif
