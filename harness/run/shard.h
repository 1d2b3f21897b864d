// SPDX-License-Identifier: Apache-2.0
// How the plan of a run is split over machines.
#ifndef TCK_SHARD_H
#define TCK_SHARD_H

#include "harness/result/result.h"

// 0, or -1 with `failure` (STATUS_USAGE).
int shard_parse(struct shard *shard, const char *text, struct failure *failure);

// 16 hex digits over the bytes of the file at `path`: tells implementations apart. 0, or -1 with
// `failure` (STATUS_USAGE) when it can't be read.
int shard_digest_file(char digest[static 17], const char *path, struct failure *failure);

// Fills result->plan, except its `left_out`, which the caller has set. All checks of `result` must
// be planned (run_plan) and the digest of the implementation set. With shard->number 0 the plan is
// not split. Otherwise whole scenarios are distributed evenly by their expected cost, in the same
// way on every machine. 0; or -1 with `failure`: memory ran out, or there are fewer scenarios than
// shards (STATUS_USAGE).
int shard_plan(struct result *result, const struct shard *shard, struct failure *failure);

#endif
