// SPDX-License-Identifier: Apache-2.0
// Calls around the events of a scenario.
#include "harness/probes/events.h"

#include "conformance/judge/evidence.h"
#include "conformance/transcript/circumstance.h"
#include "harness/probes/changes.h"

#include <stdio.h>

enum {
    MANY = 1 << 16, // more calls than are made before the events are over
    REPEATS = 4,    // fetches in a row
    SETTLED_ROUNDS = 2,
    WAVE = 1000, // so many of the calls before an event are made in one list
};

// The circumstance "after event 2: session \"late\" logs in", owned by the transcript; NULL with
// the failure set.
static const char *circumstance_of(struct probing *probing, const char *when, size_t number,
                                   const struct topology_event *event)
{
    char text[512];
    snprintf(text, sizeof text, "%s%zu: %s", when, number, event->sentence);
    const char *kept = transcript_intern(probing->transcript, text);
    if (kept == NULL)
        failure_set(probing->failure, STATUS_UNTRUSTED, "memory ran out");
    return kept;
}

// Makes `count` calls, queries and fetches in turn.
static int make_calls(struct probing *probing, uint32_t count)
{
    for (uint32_t made = 0; made < count;) {
        struct call_list calls = {0};
        for (uint32_t i = 0; i < WAVE && made < count; i++, made++)
            call_list_add_usual(&calls, probing, made % 2 == 0 ? probing->required : 0,
                                made % 2 == 0 ? PLACE_END : PLACE_NULL);
        if (call_list_make(probing, &calls) != 0)
            return -1;
    }
    return 0;
}

// Makes the calls before the event. The last one is a query; `*size` becomes its answer.
static int call_before(struct probing *probing, size_t number, const struct topology_event *event,
                       uint32_t *size)
{
    probing->circumstance = circumstance_of(probing, CIRCUMSTANCE_BEFORE_EVENT, number, event);
    if (probing->circumstance == NULL ||
        make_calls(probing, event->moment == MOMENT_AFTER ? event->calls - 1 : 0) != 0)
        return -1;
    return probe_ask(probing, size);
}

static bool asked_for_more(const struct probing *probing)
{
    return record_insufficient(transcript_last(probing->transcript));
}

// Makes a fetch with the size from before the event. If that is not enough now, makes another with
// the new size, or with the old one again if the new one is absurd.
static int call_after(struct probing *probing, size_t number, const struct topology_event *event,
                      uint32_t size)
{
    probing->circumstance = circumstance_of(probing, CIRCUMSTANCE_AFTER_EVENT, number, event);
    if (probing->circumstance == NULL || probe_fetch(probing, &size) != 0)
        return -1;
    return asked_for_more(probing) ? probe_fetch(probing, &size) : 0;
}

static int probe_one(struct probing *probings, size_t count, size_t number,
                     const struct topology_event *event)
{
    uint32_t sizes[2] = {0, 0};
    for (size_t i = 0; i < count; i++)
        if (call_before(&probings[i], number, event, &sizes[i]) != 0)
            return -1;
    if (emulator_event(probings->emulator, event, probings->failure) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (call_after(&probings[i], number, event, sizes[i]) != 0)
            return -1;
    return 0;
}

static int make_events(struct probing *probing)
{
    for (size_t i = 0; i < probing->event_count; i++)
        if (probe_await_answer(probing) != 0 ||
            emulator_event(probing->emulator, &probing->events[i], probing->failure) != 0)
            return -1;
    return probe_await_answer(probing);
}

// Asks for the size required for the next calls, because earlier events may have added many
// sessions. An absurd answer is ignored.
static int ask_anew(struct probing *probing, size_t number, const struct topology_event *event)
{
    enum { GROWTH_MAX = 1 << 26 };
    uint32_t size = 0;
    probing->circumstance = circumstance_of(probing, CIRCUMSTANCE_BEFORE_EVENT, number, event);
    if (probing->circumstance == NULL || probe_ask(probing, &size) != 0)
        return -1;
    if (size < probing->required + GROWTH_MAX)
        probing->required = size;
    return 0;
}

// Makes the events happen that follow each other with MOMENT_DURING, while calls are made.
static int probe_during(struct probing *probings, size_t count, size_t number,
                        const struct topology_event *events, size_t event_count)
{
    struct call_list calls = {0};
    for (size_t i = 0; i < count; i++)
        if (ask_anew(&probings[i], number, events) != 0)
            return -1;
    while (calls.count < MANY)
        for (size_t i = 0; i < count; i++)
            probe_add_mixture(&probings[i], &calls, REPEATS);
    probings->events = events;
    probings->event_count = event_count;
    probings->circumstance = CIRCUMSTANCE_CHANGING;
    if (call_list_make_while(probings, &calls, 1, make_events) != 0)
        return -1;
    for (int round = 0; round < SETTLED_ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            uint32_t size = 0;
            probings[i].circumstance = CIRCUMSTANCE_SETTLED;
            if (probe_ask(&probings[i], &size) != 0 || probe_fetch(&probings[i], &size) != 0)
                return -1;
        }
    return 0;
}

int probe_events(struct probing *probings, size_t count)
{
    const struct topology *topology = emulator_topology(probings->emulator);
    for (size_t i = 0; i < count; i++)
        probings[i].set = PROBE_SET_EVENTS;
    for (size_t i = 0; i < topology->event_count;) {
        const struct topology_event *event = &topology->events[i];
        size_t in_a_row = 1;
        int result = 0;
        if (event->moment == MOMENT_DURING) {
            while (i + in_a_row < topology->event_count &&
                   topology->events[i + in_a_row].moment == MOMENT_DURING)
                in_a_row++;
            result = probe_during(probings, count, i + 1, event, in_a_row);
        } else if (event->moment != MOMENT_BEFORE) {
            result = probe_one(probings, count, i + 1, event);
        }
        if (result != 0)
            return -1;
        i += in_a_row;
    }
    return probe_record_truths(probings);
}
