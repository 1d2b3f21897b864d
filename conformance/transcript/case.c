// SPDX-License-Identifier: Apache-2.0
// Cases in memory.
#include "conformance/transcript/case.h"

struct transcript *case_create(const char *implementation, const char *name, const char *summary)
{
    struct transcript *one = transcript_create(implementation, name, "", summary);
    if (one != NULL)
        one->calls_only = one->of_case = true;
    return one;
}

// The place of what is added next. No call is at 0, which stands for one that was not made.
static uint64_t next_place(const struct transcript *one)
{
    return one->truth_count + one->record_count + 1;
}

int case_add_truth(struct transcript *one, struct truth *truth)
{
    truth->generation = one->truth_count + 1;
    truth->began_ns = truth->settled_ns = next_place(one);
    return transcript_add_truth(one, truth);
}

static bool is_unaligned(const struct call *call, const struct offer *offer)
{
    return (call->placement == PLACE_MIDDLE && call->misalignment % 8 != 0) ||
           (call->placement == PLACE_EXACT && (offer->of_required || call->offered % 8 != 0));
}

const char *case_set(const struct call *call, const struct offer *offer, unsigned threads)
{
    if (threads > 1)
        return "threads";
    if ((call->flags & (CALL_SIZE_NULL | CALL_COUNT_NULL)) != 0)
        return "args";
    if ((call->flags & CALL_SPARSE) != 0)
        return "large";
    if ((call->flags & CALL_MEASURE) != 0)
        return "state";
    if (!offer->of_required && call->offered == 0)
        return "query";
    if (call->placement == PLACE_NULL)
        return "null";
    if (is_unaligned(call, offer))
        return "offsets";
    if (!offer->usual_count)
        return "counts";
    if (call->repeat > 1)
        return "repeat";
    if (!offer->of_required)
        return "sweep";
    return offer->beyond < 0 ? "short" : "fetch";
}

int case_add_call(struct transcript *one, const struct call *call, const struct offer *offer,
                  unsigned threads, const char *set)
{
    const uint64_t place = next_place(one);
    const struct outcome outcome = {
        .kind = OUTCOME_RETURNED,
        .inside = extent_none(),
        .before = extent_none(),
        .after = extent_none(),
        .began_ns = place,
        .ended_ns = place,
        .first_ended_ns = place,
        .last_began_ns = place,
        .repeats = call->repeat > 1 ? call->repeat : 1,
    };
    if (transcript_add(one, set != NULL ? set : case_set(call, offer, threads), call, &outcome,
                       NULL) != 0)
        return -1;
    struct record *record = transcript_last(one);
    record->threads = threads;
    record->offer = *offer;
    return 0;
}
