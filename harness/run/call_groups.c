// SPDX-License-Identifier: Apache-2.0
// Finds the lists of calls in the records of a transcript.
#include "harness/run/call_groups.h"

#include "conformance/transcript/circumstance.h"
#include "harness/probes/callers.h"

#include <string.h>

static bool same_text(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

// The sessions that could be seen when the call began.
static size_t truth_at(const struct transcript *recorded, uint64_t began_ns)
{
    size_t index = 0;
    for (size_t i = 1; i < recorded->truth_count; i++)
        if (recorded->truths[i]->settled_ns <= began_ns)
            index = i;
    return index;
}

// A call that was not made met no sessions: it goes with those before.
static size_t truth_of(const struct transcript *recorded, const struct record *record,
                       size_t before)
{
    if (record->outcome.kind == OUTCOME_NOT_TRIED || record->outcome.began_ns == 0)
        return before;
    size_t index = truth_at(recorded, record->outcome.began_ns);
    return index > before ? index : before; // of several threads one may have begun earlier
}

// Of a case, calls of several sets go together: the host makes them without waiting for the kit.
static bool goes_with(const struct transcript *recorded, const struct record *first,
                      const struct record *record)
{
    return same_text(record->probe_set, first->probe_set) ||
           (recorded->calls_only && first->threads == 1 && first->circumstance == NULL &&
            !probe_is_caller(first->probe_set) && !probe_is_caller(record->probe_set));
}

// Does the call's size depend on what a query of the group is told? Then it is of the next group.
static bool waits_for_query(const struct transcript *recorded, const struct call_group *group,
                            const struct record *record)
{
    for (size_t i = group->first; record->offer.of_required && i < group->end; i++) {
        const struct record *query = &recorded->records[i];
        if (query->call.charset == record->call.charset && query->call.offered == 0 &&
            !query->offer.of_required)
            return true;
    }
    return false;
}

bool record_is_changing(const struct record *record)
{
    return same_text(record->circumstance, CIRCUMSTANCE_CHANGING);
}

struct call_group call_group_next(const struct transcript *recorded,
                                  const struct call_group *before)
{
    const struct record *first = &recorded->records[before->end];
    struct call_group group = {.first = before->end, .end = before->end};
    group.truth = truth_of(recorded, first, before->last);
    group.last = group.truth;
    for (; group.end < recorded->record_count; group.end++) {
        const struct record *record = &recorded->records[group.end];
        size_t truth = truth_of(recorded, record, group.last);
        if (!goes_with(recorded, first, record) || record->threads != first->threads ||
            !same_text(record->circumstance, first->circumstance) ||
            waits_for_query(recorded, &group, record) ||
            (truth != group.truth && !record_is_changing(first)))
            break;
        group.last = truth;
    }
    // The sessions went on to change where a call that did not return ended the others.
    if (record_is_changing(first) && group.end < recorded->record_count)
        group.last = truth_of(recorded, &recorded->records[group.end], group.last);
    return group;
}

static bool same_call(const struct call *one, const struct call *other)
{
    return one->charset == other->charset && one->placement == other->placement &&
           one->fill == other->fill && one->flags == other->flags &&
           one->offered == other->offered && one->count_in == other->count_in &&
           one->misalignment == other->misalignment && one->repeat == other->repeat &&
           memcmp(one->subject, other->subject, sizeof one->subject) == 0;
}

static size_t next_of_thread(const struct call_reading *reading, size_t at)
{
    while (at < reading->group->end && reading->recorded->records[at].thread != reading->thread)
        at++;
    return at;
}

// Reads the next call; false at the end.
bool call_reading_next(struct call_reading *reading)
{
    size_t at = next_of_thread(reading, reading->at);
    if (at >= reading->group->end)
        return false;
    const struct record *record = &reading->recorded->records[at];
    reading->origin = at;
    reading->call = record->call;
    reading->made = record->outcome.repeats;
    while (record->outcome.kind == OUTCOME_RETURNED && reading->made < reading->call.repeat) {
        size_t next = next_of_thread(reading, at + 1);
        if (next >= reading->group->end ||
            !same_call(&reading->recorded->records[next].call, &reading->call))
            break;
        at = next;
        record = &reading->recorded->records[at];
        reading->made += record->outcome.repeats;
    }
    reading->at = at + 1;
    if (reading->call.repeat == CALL_WITHOUT_END)
        reading->call.repeat = (uint32_t)reading->made;
    return true;
}

static size_t count_calls(const struct transcript *recorded, const struct call_group *group,
                          unsigned thread)
{
    struct call_reading reading = {recorded, group, thread, group->first, {0}, 0, 0};
    size_t count = 0;
    while (call_reading_next(&reading))
        count++;
    return count;
}

// All threads of a group made the same calls, but where they were stopped some made fewer.
unsigned call_group_thread(const struct transcript *recorded, const struct call_group *group,
                           size_t *count)
{
    unsigned longest = 0;
    unsigned threads = recorded->records[group->first].threads;
    *count = 0;
    for (unsigned thread = 0; thread < threads; thread++) {
        size_t calls = count_calls(recorded, group, thread);
        if (calls > *count) {
            *count = calls;
            longest = thread;
        }
    }
    return longest;
}
