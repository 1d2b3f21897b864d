// SPDX-License-Identifier: Apache-2.0
// Holds a run against an earlier result.
#include "harness/result/baseline.h"

#include "harness/result/diff.h"
#include "harness/result/result_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct baseline {
    char *path;
    struct result result;
};

int baseline_load(struct baseline **baseline, const char *path, struct failure *failure)
{
    struct baseline *made = calloc(1, sizeof *made);
    *baseline = NULL;
    if (made == NULL || (made->path = strdup(path)) == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "%s: memory ran out while reading it", path);
        goto failed;
    }
    if (result_read(&made->result, path, failure) != 0)
        goto failed;
    if (!result_complete(&made->result) || result_exit_status(&made->result) == STATUS_UNTRUSTED) {
        failure_set(failure, STATUS_USAGE,
                    "%s: the run that it records can't be trusted (exit status %d); a baseline has "
                    "to be the result of a complete run",
                    path, result_exit_status(&made->result));
        goto failed;
    }
    *baseline = made;
    return 0;
failed:
    baseline_free(made);
    return -1;
}

void baseline_free(struct baseline *baseline)
{
    if (baseline == NULL)
        return;
    result_free(&baseline->result);
    free(baseline->path);
    free(baseline);
}

// What was judged before and is not any more is a failure, and a new one.
static void fail_unjudged(struct check *check)
{
    struct verdict *verdict = &check->verdict;
    char reason[sizeof verdict->got];
    snprintf(reason, sizeof reason, "%s", verdict->got);
    snprintf(verdict->got, sizeof verdict->got,
             "not judged any more, as it was in the baseline: %.900s", reason);
    verdict->kind = VERDICT_FAIL;
    verdict->blocked_by = NULL;
}

int baseline_excuse(const struct baseline *baseline, struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[i];
        const struct check *before = check_find(&baseline->result, scenario->name, check);
        if (!check->judged || before == NULL || !before->judged)
            continue;
        if (verdict_unjudged(&check->verdict) && check->clause->level == LEVEL_MUST &&
            !verdict_unjudged(&before->verdict)) {
            fail_unjudged(check); // nothing excuses that
            continue;
        }
        // A wrong answer then does not excuse a crash now.
        if (check->verdict.kind != VERDICT_FAIL || !check_failed_alike(before, check))
            continue;
        char *text = NULL;
        if (asprintf(&text, "it failed in the baseline %s, too", baseline->path) < 0)
            return -1;
        check->excuse = (struct excuse){EXCUSE_BASELINE, check->verdict.kind, text};
        check->verdict.kind = VERDICT_KNOWN;
    }
    return 0;
}

int baseline_conclude(const struct baseline *baseline, struct result *result)
{
    struct baseline_result *made = calloc(1, sizeof *made);
    if (made == NULL || (made->path = strdup(baseline->path)) == NULL ||
        diff_make(&made->diff, &baseline->result, result) != 0) {
        baseline_result_free(made);
        return -1;
    }
    baseline_result_free(result->baseline);
    result->baseline = made;
    return 0;
}
