// SPDX-License-Identifier: Apache-2.0
// Asks the targets for their side of the sessions, until it is the initiators' side as well.
#include "emulator/sessions/agreement.h"

#include "conformance/base/clock.h"
#include "emulator/sessions/comparison.h"

#include <stdlib.h>

static int read_reports(const struct emulator *emulator, struct tgtd_report *reports,
                        struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        const struct emulator_instance *instance = &emulator->instances[i];
        if (instance->state == INSTANCE_RUNNING &&
            tgtd_get_report(instance->tgtd, instance->target_count, &reports[i], failure) != 0)
            return -1;
    }
    return 0;
}

// 0: both sides agree. 1: they do not, with `difference`. -1 with `failure`.
static int check(const struct emulator *emulator, struct failure *difference,
                 struct failure *failure)
{
    size_t count = emulator->topology->instance_count;
    struct tgtd_report *reports = calloc(count + 1, sizeof *reports);
    if (reports == NULL)
        return emulator_fail_memory(failure);
    int result = read_reports(emulator, reports, failure);
    if (result == 0 && comparison_of_all(&emulator->sessions, reports, count, difference) != 0)
        result = 1;
    for (size_t i = 0; i < count; i++)
        tgtd_report_free(&reports[i]);
    free(reports);
    return result;
}

// The same for one target, from the short list of its connections.
static int check_target(const struct emulator *emulator, size_t instance, unsigned tid,
                        struct failure *difference, struct failure *failure)
{
    struct tgtd_report report;
    if (tgtd_get_connections(emulator->instances[instance].tgtd, tid, &report, failure) != 0)
        return -1;
    int result = comparison_of_target(&emulator->sessions, &report, instance, tid, difference);
    tgtd_report_free(&report);
    return result != 0 ? 1 : 0;
}

int emulator_check_agreement(struct emulator *emulator, struct failure *failure)
{
    return check(emulator, failure, failure) != 0 ? -1 : 0;
}

int emulator_await_agreement(struct emulator *emulator, struct failure *failure)
{
    uint64_t deadline = emulator_change_deadline_ns();
    for (;;) {
        struct failure difference = {0};
        int result = check(emulator, &difference, failure);
        if (result <= 0)
            return result;
        if (clock_now_ns() >= deadline)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
}

int emulator_await_target_agreement(struct emulator_session *session, struct failure *failure)
{
    uint64_t deadline = emulator_change_deadline_ns();
    for (;;) {
        struct failure difference = {0};
        int result =
            check_target(session->emulator, session->instance, session->tid, &difference, failure);
        if (result <= 0)
            return result;
        if (clock_now_ns() >= deadline)
            return failure_set(failure, difference.status, "%s", difference.text);
    }
}

int emulator_targets_agree(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++) {
        const struct emulator_instance *instance = &emulator->instances[i];
        for (unsigned tid = 1; tid <= instance->target_count; tid++) {
            if (instance->state != INSTANCE_RUNNING || instance->gone[tid])
                continue;
            int result = check_target(emulator, i, tid, NULL, failure);
            if (result != 0)
                return result < 0 ? -1 : 0;
        }
    }
    return 1;
}
