// SPDX-License-Identifier: Apache-2.0
// Cases while they are made.
#include "harness/fuzz/draft.h"

#include "conformance/transcript/case.h"
#include "conformance/transcript/circumstance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void draft_free(struct draft *draft)
{
    for (size_t i = 0; i < draft->moment_count; i++)
        truth_free(draft->moments[i]);
    free(draft->moments);
    free(draft->calls);
    *draft = (struct draft){0};
}

void draft_add_moment(struct draft *draft, struct truth *truth)
{
    struct truth **grown = truth == NULL ? NULL
                                         : reallocarray(draft->moments, draft->moment_count + 1,
                                                        sizeof(struct truth *));
    if (grown == NULL) {
        truth_free(truth);
        draft->exhausted = true;
        return;
    }
    draft->moments = grown;
    draft->moments[draft->moment_count++] = truth;
}

struct draft_call *draft_add_call(struct draft *draft, const struct draft_call *call)
{
    if (draft->call_count == draft->call_capacity) {
        size_t capacity = draft->call_capacity == 0 ? 256 : draft->call_capacity * 2;
        struct draft_call *grown = reallocarray(draft->calls, capacity, sizeof *grown);
        if (grown == NULL) {
            draft->exhausted = true;
            return NULL;
        }
        draft->calls = grown;
        draft->call_capacity = capacity;
    }
    draft->calls[draft->call_count] = *call;
    return &draft->calls[draft->call_count++];
}

void draft_append(struct draft *draft, const struct draft *other)
{
    size_t first = draft->moment_count;
    draft->exhausted |= other->exhausted;
    for (size_t i = 0; i < other->moment_count; i++)
        draft_add_moment(draft, truth_copy(other->moments[i]));
    for (size_t i = 0; i < other->call_count; i++) {
        struct draft_call *call = draft_add_call(draft, &other->calls[i]);
        if (call != NULL)
            call->moment += first;
    }
}

struct draft draft_copy(const struct draft *draft)
{
    struct draft copy = {0};
    draft_append(&copy, draft);
    return copy;
}

int draft_add_circumstance(struct transcript *transcript, const struct draft_call *call)
{
    char text[64];
    if (call->event == 0)
        return 0;
    snprintf(text, sizeof text, "%s%u: the sessions change",
             call->after ? CIRCUMSTANCE_AFTER_EVENT : CIRCUMSTANCE_BEFORE_EVENT, call->event);
    struct record *record = transcript_last(transcript);
    record->circumstance = transcript_intern(transcript, text);
    return record->circumstance != NULL ? 0 : -1;
}

static int add_moment(struct transcript *one, const struct truth *moment)
{
    struct truth *truth = truth_copy(moment); // a case sets its times
    int status = truth == NULL ? -1 : case_add_truth(one, truth);
    truth_free(truth);
    return status;
}

struct transcript *draft_make_case(const struct draft *draft, const char *implementation,
                                   const char *name, const char *summary)
{
    struct transcript *one = draft->exhausted ? NULL : case_create(implementation, name, summary);
    size_t moment = SIZE_MAX;
    int status = one == NULL ? -1 : 0;
    for (size_t i = 0; i < draft->call_count && status == 0; i++) {
        const struct draft_call *call = &draft->calls[i];
        if (call->moment != moment)
            status = add_moment(one, draft->moments[call->moment]);
        moment = call->moment;
        if (status == 0)
            status = case_add_call(one, &call->call, &call->offer, call->threads, call->set);
        if (status == 0)
            status = draft_add_circumstance(one, call);
    }
    if (status == 0)
        return one;
    transcript_free(one);
    return NULL;
}

// ---- Of a case

static const char *find_set(const struct record *record)
{
    static const char *const sets[] = {"query",  "sweep", "fetch", "short",  "null",    "offsets",
                                       "counts", "fills", "args",  "repeat", "threads", "events"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (strcmp(record->probe_set, sets[i]) == 0)
            return sets[i];
    return case_set(&record->call, &record->offer, record->threads);
}

static void read_circumstance(struct draft_call *call, const char *text)
{
    if (text == NULL)
        return;
    call->after = strncmp(text, CIRCUMSTANCE_AFTER_EVENT, strlen(CIRCUMSTANCE_AFTER_EVENT)) == 0;
    if (call->after ||
        strncmp(text, CIRCUMSTANCE_BEFORE_EVENT, strlen(CIRCUMSTANCE_BEFORE_EVENT)) == 0)
        call->event = (unsigned)strtoul(
            text + strlen(call->after ? CIRCUMSTANCE_AFTER_EVENT : CIRCUMSTANCE_BEFORE_EVENT), NULL,
            10);
}

int draft_of_case(struct draft *draft, const struct transcript *one)
{
    size_t truths = 0;
    *draft = (struct draft){0};
    for (size_t i = 0; i < one->record_count && !draft->exhausted; i++) {
        const struct record *record = &one->records[i];
        while (truths < one->truth_count &&
               one->truths[truths]->began_ns < record->outcome.began_ns)
            draft_add_moment(draft, truth_copy(one->truths[truths++]));
        if (draft->exhausted)
            break;
        struct draft_call call = {.moment = draft->moment_count - 1,
                                  .call = record->call,
                                  .offer = record->offer,
                                  .threads = record->threads,
                                  .set = find_set(record)};
        read_circumstance(&call, record->circumstance);
        draft_add_call(draft, &call);
    }
    return draft->exhausted ? -1 : 0;
}

// ---- Both

void draft_merge_calls(struct draft *draft, const struct draft *other)
{
    struct draft merged = {.exhausted = draft->exhausted || other->exhausted};
    size_t own = 0;
    size_t others = 0;
    for (size_t moment = 0; moment < draft->moment_count && !merged.exhausted; moment++) {
        while (own < draft->call_count && draft->calls[own].moment == moment)
            draft_add_call(&merged, &draft->calls[own++]);
        while (others < other->call_count && other->calls[others].moment == moment)
            draft_add_call(&merged, &other->calls[others++]);
    }
    free(draft->calls);
    draft->calls = merged.calls;
    draft->call_count = merged.call_count;
    draft->call_capacity = merged.call_capacity;
    draft->exhausted = merged.exhausted;
}
