// SPDX-License-Identifier: Apache-2.0
// What `fuzz` says: a line while it goes on, a block for each finding, and what came of it all.
#ifndef TCK_FUZZ_REPORT_H
#define TCK_FUZZ_REPORT_H

#include "harness/fuzz/fuzzer.h"

#include <stdio.h>

struct fuzz_report {
    FILE *stream;
    bool terminal; // a line can be redrawn
    bool colour;
    bool drawn;          // such a line stands there
    size_t clause_count; // that can be tried
    bool real;           // sessions: no two runs have the same cases
    const char *replay;  // "iscsidsc-tck replay -i ./x.so", to which the case's path is added
};

void fuzz_report_progress(struct fuzz_report *report, const struct fuzz_stats *stats);
// `path`: of the case's file; NULL: it is not kept. 0, or -1 when memory ran out.
int fuzz_report_finding(struct fuzz_report *report, const struct fuzz_finding *finding,
                        const char *path);
void fuzz_report_end(struct fuzz_report *report, const struct fuzz_stats *stats, int status);

#endif
