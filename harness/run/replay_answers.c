// SPDX-License-Identifier: Apache-2.0
// Compares answers to calls that were made again with the recorded ones.
#include "harness/run/replay_answers.h"

#include "conformance/transcript/describe.h"

#include <stdio.h>

static bool same_answer(const struct outcome *one, const struct outcome *other)
{
    return one->kind == other->kind && one->status == other->status &&
           one->size_out == other->size_out && one->count_out == other->count_out &&
           one->signal_number == other->signal_number;
}

void replay_compare(struct replay_difference *difference, const struct record *recorded,
                    const struct record *replayed)
{
    difference->compared += replayed->outcome.repeats;
    if (same_answer(&recorded->outcome, &replayed->outcome))
        return;
    difference->other += replayed->outcome.repeats;
    if (difference->first[0] != '\0')
        return;
    char call[160];
    char before[120];
    char now[120];
    report_describe_call(recorded, call, sizeof call);
    report_describe_outcome(recorded, before, sizeof before);
    report_describe_outcome(replayed, now, sizeof now);
    snprintf(difference->first, sizeof difference->first, "%s (calls \"%s\"): %s; recorded: %s",
             call, recorded->probe_set, now, before);
}

bool record_met_a_change(const struct transcript *recorded, const struct outcome *outcome)
{
    for (size_t i = 0; i < recorded->truth_count; i++)
        if (recorded->truths[i]->settled_ns > outcome->began_ns &&
            recorded->truths[i]->began_ns <= outcome->ended_ns)
            return true;
    return false;
}
