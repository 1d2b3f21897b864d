// SPDX-License-Identifier: Apache-2.0
// Collects calls and makes them.
#include "harness/probes/call_list.h"

#include "conformance/transcript/describe.h"
#include "conformance/transcript/function.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void call_list_add(struct call_list *list, struct call call)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        struct call *grown = realloc(list->calls, capacity * sizeof *grown);
        if (grown == NULL) {
            list->out_of_memory = true;
            return;
        }
        list->calls = grown;
        list->capacity = capacity;
    }
    list->calls[list->count++] = call;
}

struct call call_usual(const struct probing *probing, uint32_t offered, enum placement placement)
{
    bool counts = function_takes(function_of(probing->charset), PARAMETER_COUNT);
    struct call call = {.charset = (uint8_t)probing->charset,
                        .placement = (uint8_t)placement,
                        .fill = FILL_HASH_0,
                        .offered = offered,
                        .count_in = counts ? offered / probing->structure_size : 0,
                        .repeat = 1};
    memcpy(call.subject, probing->subject, sizeof call.subject);
    return call;
}

void call_list_add_usual(struct call_list *list, const struct probing *probing, uint32_t offered,
                         enum placement placement)
{
    call_list_add(list, call_usual(probing, offered, placement));
}

struct receiving {
    struct probing *probing;
    const struct call *calls;
    unsigned threads;
    bool out_of_memory;
};

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    struct receiving *receiving = argument;
    struct probing *probing = receiving->probing;
    struct transcript *transcript = probing->transcript;
    if (transcript_add(transcript, probing->set, &receiving->calls[index], outcome, bytes) != 0) {
        receiving->out_of_memory = true;
        return;
    }
    struct record *record = &transcript->records[transcript->record_count - 1];
    record->thread = thread;
    record->threads = receiving->threads;
    record->circumstance = probing->circumstance;
    const char *said = host_said(probing->host);
    if (outcome->kind != OUTCOME_RETURNED && outcome->kind != OUTCOME_NOT_TRIED && said[0] != '\0')
        record->said = strdup(said);
    const char *path = host_fault_path(probing->host);
    if (outcome->fault_module[0] != '\0' && path[0] != '\0')
        record->source.module = transcript_intern(transcript, path);
    if (outcome->kind == OUTCOME_FAULT)
        record->stack_image = host_take_stack(probing->host, &record->stack_image_size);
}

int call_list_make(struct probing *probing, struct call_list *list)
{
    return call_list_make_while(probing, list, 1, NULL);
}

static struct call_kind kind_of(const struct probing *probing)
{
    return (struct call_kind){probing->charset, probing->set, probing->way, probing->hostile};
}

// Records that none of the calls is made, because a call of that kind hung before.
static int leave_out(struct receiving *receiving, size_t count)
{
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    outcome.inside = outcome.before = outcome.after = extent_none();
    outcome_single(&outcome);
    for (size_t i = 0; i < count && !receiving->out_of_memory; i++)
        receive(receiving, i, 0, &outcome, NULL);
    return 0;
}

static void describe_hang(struct probing *probing, const struct record *record)
{
    char call[256];
    report_describe_call(record, call, sizeof call);
    snprintf(probing->hangs->first, sizeof probing->hangs->first,
             "%s%s%s (scenario %.64s, calls \"%s\")", call,
             record->circumstance == NULL ? "" : ", ",
             record->circumstance == NULL ? "" : record->circumstance,
             probing->transcript->scenario, record->probe_set);
}

// Notes the hangs among the records from `first` on.
static void note_hangs(struct probing *probing, size_t first)
{
    const struct call_kind kind = kind_of(probing);
    for (size_t i = first; i < probing->transcript->record_count; i++) {
        const struct record *record = &probing->transcript->records[i];
        if (record->outcome.kind != OUTCOME_HUNG)
            continue;
        if (probing->hangs->first[0] == '\0')
            describe_hang(probing, record);
        hangs_note(probing->hangs, &kind);
    }
}

// The host goes on by itself until its channel is full.
static void work_meanwhile(struct probing *probing, size_t count)
{
    enum { WORTH_IT = 16 }; // of fewer calls the answers are there too soon
    void (*spare)(void *argument) = probing->spare;
    if (spare == NULL || count < WORTH_IT)
        return;
    probing->spare = NULL;
    spare(probing->spare_argument);
}

static int make(struct receiving *receiving, const struct call_list *list,
                int (*meanwhile)(struct probing *probing))
{
    struct probing *probing = receiving->probing;
    if (host_begin(probing->host, list->calls, list->count, receiving->threads, receive, receiving,
                   probing->failure) != 0)
        return -1;
    int result = meanwhile != NULL ? meanwhile(probing) : 0;
    if (meanwhile == NULL)
        work_meanwhile(probing, list->count);
    if (meanwhile != NULL)
        host_stop_calls(probing->host);
    // The calls in progress refer to the list and to this stack frame. So all of them must have
    // ended before this function returns, also after a failure.
    return host_finish(probing->host, probing->failure) != 0 ? -1 : result;
}

int call_list_make_while(struct probing *probing, struct call_list *list, unsigned threads,
                         int (*meanwhile)(struct probing *probing))
{
    struct receiving receiving = {.probing = probing, .calls = list->calls, .threads = threads};
    const struct call_kind kind = kind_of(probing);
    size_t first = probing->transcript->record_count;
    int result = -1;
    if (list->out_of_memory)
        failure_set(probing->failure, STATUS_UNTRUSTED, "memory ran out while calls were planned");
    else if (hangs_given_up(probing->hangs, &kind))
        result = leave_out(&receiving, list->count);
    else
        result = make(&receiving, list, meanwhile);
    note_hangs(probing, first);
    if (result == 0 && receiving.out_of_memory)
        result = failure_set(probing->failure, STATUS_UNTRUSTED,
                             "memory ran out while answers were recorded");
    free(list->calls);
    return result;
}

int call_list_leave_out(struct probing *probing, struct call_list *list)
{
    struct receiving receiving = {.probing = probing, .calls = list->calls, .threads = 1};
    int result = list->out_of_memory ? -1 : leave_out(&receiving, list->count);
    if (result != 0 || receiving.out_of_memory)
        result = failure_set(probing->failure, STATUS_UNTRUSTED, "memory ran out");
    free(list->calls);
    return result;
}
