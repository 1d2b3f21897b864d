// SPDX-License-Identifier: Apache-2.0
// A process that runs scenarios for its parent, one at a time, and hands over their results.
#ifndef TCK_RUNNER_H
#define TCK_RUNNER_H

#include "harness/run/run_options.h"

#include <jansson.h>
#include <sys/types.h>

// What a runner is asked for.
struct order {
    size_t place; // of the scenario in the options
};

// What it answers: several of PROGRESS, then one DONE, which the result follows, as JSON.
enum answer_kind {
    ANSWER_PROGRESS = 1,
    ANSWER_DONE,
};

struct answer {
    enum answer_kind kind;
    char doing[64];
    unsigned long long calls;
    size_t size; // of the JSON, in bytes
};

// In the result's JSON (report_json) there is one member more, for what no report has:
// {"hangs": number of calls that did not return, "calls": all calls in words, or null}
#define RUNNER_MEMBER "runner"

// Send or receive all of a message. 0; -1 at the end of the connection or on an error.
int runner_send(int fd, const void *bytes, size_t size);
int runner_receive(int fd, void *bytes, size_t size);

// The life of such a process, forked by `parent`: takes orders from `fd` until it is closed there.
// `folder` is made; what is left in it is the sweeper's to remove. `for_whom`: the
// reporter of the parent; what it does not want to know is not handed over.
_Noreturn void runner_main(const struct run_options *options, const char *folder, int fd,
                           pid_t parent, const struct reporter *for_whom);

#endif
