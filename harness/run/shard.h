// How the plan of a run is split over machines.
#ifndef TCK_SHARD_H
#define TCK_SHARD_H

#include "harness/result/result.h"

// 0, or -1 with `failure` (STATUS_USAGE).
int shard_parse(struct shard *shard, const char *text, struct failure *failure);

// 16 hex digits over the bytes of the file at `path`: tells implementations apart. 0, or -1 with
// `failure` (STATUS_USAGE) when it can't be read.
int shard_digest_file(char digest[static 17], const char *path, struct failure *failure);

// Fills result->plan, of which only `left_out` is there already, from a result of which all is
// planned (run_plan), and whose implementation's digest is filled in; with shard->number 0, of the
// whole. The split is by scenario, evenly by what they are expected to cost, and the same on every
// machine. 0; or -1 with `failure`: memory ran out, or there are fewer scenarios than shards
// (STATUS_USAGE).
int shard_plan(struct result *result, const struct shard *shard, struct failure *failure);

#endif
