// SPDX-License-Identifier: Apache-2.0
// The command line of `fuzz`, and its half that makes no new cases: --regress.
#ifndef TCK_FUZZ_REGRESS_H
#define TCK_FUZZ_REGRESS_H

#include "harness/command/judging.h"
#include "harness/command/remote_host.h"
#include "harness/command/target.h"

struct fuzz_arguments {
    struct judging judging;
    struct target_options target;
    struct remote_arguments remote;
    const char *implementation;
    const char *scenario;
    const char *seed;
    const char *time;
    const char *cases;
    const char *sessions;
    const char *findings;
    const char *regress;
    const char *timeout;
    bool first;
    bool quiet;
};

// `replay` of all cases of the folder, with what else was given. Its exit status, or -1 with
// `failure`.
int fuzz_regress(const char *name, const struct fuzz_arguments *arguments, struct failure *failure);

#endif
