// SPDX-License-Identifier: Apache-2.0
// The recorded sessions of scenarios, for `run --offline`: a transcript of each, in the folder
// "recorded" beside the scenario's file.
#ifndef TCK_RECORDINGS_H
#define TCK_RECORDINGS_H

#include "conformance/transcript/truth.h"
#include "harness/command/files.h"
#include "harness/command/scenarios.h"

struct recordings {
    struct truth **items; // of each scenario: the sessions that it was brought up with
    char **paths;         // of each: the file
    size_t count;
};

// Loads those of all scenarios. 0, or -1 with `failure` (STATUS_USAGE) where there is none, or it
// is of another version of the scenario. Freed with recordings_free in both cases.
int recordings_load(struct recordings *recordings, const struct scenarios *scenarios,
                    struct failure *failure);
void recordings_add_inputs(const struct recordings *recordings, struct files *files);
void recordings_free(struct recordings *recordings);

#endif
