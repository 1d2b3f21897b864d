// SPDX-License-Identifier: Apache-2.0
// Takes the calls of a transcript, group by group, without their outcomes.
#include "harness/run/case_of.h"

#include "conformance/judge/abi.h"
#include "conformance/transcript/case.h"
#include "conformance/transcript/case_check.h"
#include "harness/run/call_groups.h"

struct making {
    const struct transcript *recorded;
    struct transcript *one;
    size_t truths; // of the recorded ones, that the case has
};

// Has the sessions be those with that index: those between are left out, as no call met them.
static int publish(struct making *making, size_t index)
{
    if (making->truths == index + 1)
        return 0;
    struct truth *truth = truth_copy(making->recorded->truths[index]); // a case sets its times
    int status = truth == NULL ? -1 : case_add_truth(making->one, truth);
    truth_free(truth);
    making->truths = index + 1;
    return status;
}

static int add_call(struct making *making, const struct call_reading *reading)
{
    const struct record *record = &making->recorded->records[reading->origin];
    struct call call = reading->call;
    uint32_t size = abi_of(making->recorded->hello.pointer_size)->session_size;
    const struct offer offer = {.usual_count = call.count_in == call.offered / size};
    const char *set = transcript_intern(making->one, record->probe_set);
    if (call.repeat > CASE_REPEAT_MAX)
        call.repeat = CASE_REPEAT_MAX;
    if (call.repeat == 0)
        call.repeat = 1;
    if (call.placement != PLACE_MIDDLE)
        call.misalignment = 0;
    if (set == NULL || case_add_call(making->one, &call, &offer, record->threads, set) != 0)
        return -1;
    if (record->circumstance == NULL)
        return 0;
    struct record *added = transcript_last(making->one);
    added->circumstance = transcript_intern(making->one, record->circumstance);
    return added->circumstance != NULL ? 0 : -1;
}

static int add_group(struct making *making, const struct call_group *group)
{
    size_t count = 0;
    unsigned thread = call_group_thread(making->recorded, group, &count);
    struct call_reading reading = {making->recorded, group, thread, group->first, {0}, 0, 0};
    if (making->recorded->records[group->first].call.charset > CHARSET_W)
        return 0;
    int status = publish(making, group->truth);
    while (status == 0 && call_reading_next(&reading))
        status = add_call(making, &reading);
    return status;
}

static int add_all(struct making *making)
{
    struct call_group group = {0};
    int status = 0;
    while (status == 0 && group.end < making->recorded->record_count) {
        group = call_group_next(making->recorded, &group);
        status = add_group(making, &group);
    }
    return status;
}

// A query and a fetch of W and A at the first sessions.
static int add_usual(struct making *making)
{
    int status = publish(making, 0);
    for (unsigned i = 0; i < 4 && status == 0; i++) {
        const struct call call = {.charset = i / 2 == 0 ? CHARSET_W : CHARSET_A,
                                  .placement = i % 2 == 0 ? PLACE_NULL : PLACE_END,
                                  .repeat = 1};
        const struct offer offer = {.of_required = i % 2 == 1, .usual_count = true};
        status = case_add_call(making->one, &call, &offer, 1, NULL);
    }
    return status;
}

static int check(const struct transcript *one, const char *path, struct failure *failure)
{
    const struct json_reading reading = {.failure = failure, .path = path};
    for (size_t i = 0; i < one->truth_count; i++) {
        if (truth_unknown(one->truths[i]) != 0)
            return failure_set(failure, STATUS_USAGE,
                               "%s: its sessions were made by another initiator, and the "
                               "transcript does not have all that a case says of them",
                               path);
        if (case_check_sessions(&reading, one->truths[i]) != 0)
            return -1;
    }
    return 0;
}

int case_of_transcript(struct transcript **one, const struct transcript *recorded, const char *path,
                       struct failure *failure)
{
    struct making making = {.recorded = recorded,
                            .one = case_create(recorded->implementation, recorded->scenario,
                                               recorded->scenario_summary)};
    *one = NULL;
    if (making.one == NULL || add_all(&making) != 0 ||
        (making.one->record_count == 0 && add_usual(&making) != 0)) {
        transcript_free(making.one);
        return failure_set(failure, STATUS_UNTRUSTED, "%s: out of memory", path);
    }
    // Sizes in words suit any library.
    if (recorded->record_count > 0)
        making.one->hello.pointer_size = recorded->hello.pointer_size;
    if (check(making.one, path, failure) != 0) {
        transcript_free(making.one);
        return -1;
    }
    *one = making.one;
    return 0;
}
