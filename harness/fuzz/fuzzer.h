// SPDX-License-Identifier: Apache-2.0
// The built-in fuzzer: makes cases, has them called and judged, and makes what it finds small.
#ifndef TCK_FUZZER_H
#define TCK_FUZZER_H

#include "harness/fuzz/finding.h"
#include "harness/fuzz/live.h"
#include "harness/fuzz/trial.h"

struct fuzz_stats {
    uint64_t cases;
    uint64_t calls; // judged ones, each of a repetition counted
    uint64_t duration_ns;
    uint64_t digest; // of all cases: the same seed and library give the same, but for real sessions
    size_t clauses;  // that were judged at least once
    size_t behaviours; // answers of different kinds to calls of different kinds
    size_t findings;   // must clauses
    size_t warnings;   // should clauses
    size_t doubts;     // cases in which some call could not be judged
};

// What was found, made small.
struct fuzz_finding {
    struct finding_kind kind;
    char name[FINDING_NAME_SIZE];
    const struct transcript *one; // the case; what came of it, where it did not come again
    const struct result *result;  // its verdicts: one scenario with the name of the finding
    bool again;                   // it came again when the case was replayed
    bool history;    // the case has calls of cases before, without which it does not come
    size_t sessions; // the most that there are at a time
};

struct fuzz_options {
    struct trial_options trial;
    uint64_t seed;
    uint64_t cases;    // 0: no limit
    uint64_t time_ns;  // 0: no limit
    size_t sessions;   // the most at a time; SIZE_MAX: no limit
    struct live *live; // makes the cases, with real sessions; NULL: sessions are made up
    bool first;        // ends with the first finding of a must clause
    void *argument;
    // Called now and then.
    void (*progress)(void *argument, const struct fuzz_stats *stats);
    // Called for each finding. 0, or -1 with the failure.
    int (*found)(void *argument, const struct fuzz_finding *finding, struct failure *failure);
};

// Fills `stats`, also when it could not go on: -1 with `failure` (STATUS_UNTRUSTED, or a signal).
int fuzz(const struct fuzz_options *options, struct fuzz_stats *stats, struct failure *failure);

#endif
