// SPDX-License-Identifier: Apache-2.0
// Checks options of `run` that are numbers or words.
#include "harness/command/run_checks.h"

#include "conformance/base/clock.h"
#include "conformance/base/wording.h"
#include "harness/command/command.h"
#include "harness/run/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int run_check_jobs(const char *text, unsigned *jobs, struct failure *failure)
{
    char *end = NULL;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || text[strspn(text, "0123456789")] != '\0' || number < 1 ||
        number > JOBS_MAX)
        return failure_set(failure, STATUS_USAGE,
                           "--jobs %s: give how many scenarios may run side by side, from 1 to %d",
                           text, JOBS_MAX);
    *jobs = (unsigned)number;
    return 0;
}

int run_check_choice(const char *option, const char *value, const char *const *allowed,
                     struct failure *failure)
{
    struct choices choices;
    choices_begin(&choices, value);
    for (size_t i = 0; allowed[i] != NULL; i++) {
        if (strcmp(value, allowed[i]) == 0)
            return 0;
        choices_add(&choices, allowed[i]);
    }
    return failure_set(failure, STATUS_USAGE, "%s %s: there is no such choice%s", option, value,
                       choices_end(&choices, "choices").text);
}

int run_check_single(const struct texts *implementations, const char *option, const char *value,
                     struct failure *failure)
{
    return implementations->count < 2 || value == NULL
               ? 0
               : failure_set(failure, STATUS_USAGE,
                             "%s %s: give one --implementation at a time with it", option, value);
}

static void set_limit(struct run_limit *limit, uint64_t seconds, const char *what)
{
    snprintf(limit->too_long, sizeof limit->too_long, "the run was not over after %llu s, %s",
             (unsigned long long)seconds, what);
    limit->deadline_ns = clock_now_ns() + seconds * UINT64_C(1000000000);
}

void run_usual_limit(struct run_limit *limit, const struct run_options *options, size_t count,
                     bool is_emulated)
{
    enum { LEAST = 600, FOR_SCENARIO = 120, TIMEOUT_MS = 10000 };
    uint64_t seconds = 0;
    for (size_t i = 0; i < options->scenario_count; i++)
        seconds += FOR_SCENARIO + options->scenarios[i]->topology.session_count;
    seconds *= strcmp(options->effort, "full") == 0 ? 4 : 1;
    seconds *= is_emulated ? 5 : 1;
    seconds *= options->timeout_ms > TIMEOUT_MS ? options->timeout_ms / TIMEOUT_MS + 1 : 1;
    seconds = (seconds < LEAST ? LEAST : seconds) * count;
    set_limit(limit, seconds, "far longer than usual; --time-limit gives it more");
}

int run_check_time_limit(const char *text, struct run_limit *limit, struct failure *failure)
{
    enum { WEEK = 7 * 86400 };
    uint64_t seconds = 0;
    *limit = (struct run_limit){0};
    if (text == NULL)
        return 0;
    if (command_number("--time-limit", text, 1, WEEK, &seconds, failure) != 0)
        return -1;
    set_limit(limit, seconds, "which is its --time-limit");
    return 0;
}
