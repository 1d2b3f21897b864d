// SPDX-License-Identifier: Apache-2.0
// What fuzzing came to, as a JSON file; docs/fuzzing.md describes it.
#ifndef TCK_FUZZ_JSON_H
#define TCK_FUZZ_JSON_H

#include "harness/fuzz/fuzzer.h"

#include <jansson.h>

// Borrows all it has.
struct fuzz_document {
    const char *implementation;
    const char *profile;
    bool strict;
    uint64_t seed;
    const char *scenario; // whose sessions there were; NULL: they were made up
    const struct fuzz_stats *stats;
    size_t clause_count; // that could be tried
    json_t *findings;    // an array of what fuzz_json_finding made
    int exit_status;
    const char *reason; // why it can't be trusted or did not end by itself; NULL: it did
};

// `path`: of the case's file; NULL: it is not kept. NULL when memory ran out.
json_t *fuzz_json_finding(const struct fuzz_finding *finding, const char *path);

// Replaces the file; "-" is standard output. 0, or -1 with `failure`.
int fuzz_json_write(const struct fuzz_document *document, const char *path,
                    struct failure *failure);

#endif
