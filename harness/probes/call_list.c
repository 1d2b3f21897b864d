// Collects calls and makes them.
#include "harness/probes/call_list.h"

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
    return (struct call){.charset = (uint8_t)probing->charset,
                         .placement = (uint8_t)placement,
                         .fill = FILL_HASH_0,
                         .offered = offered,
                         .count_in = offered / probing->structure_size,
                         .repeat = 1};
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
}

int call_list_make(struct probing *probing, struct call_list *list)
{
    return call_list_make_while(probing, list, 1, NULL);
}

int call_list_make_while(struct probing *probing, struct call_list *list, unsigned threads,
                         int (*meanwhile)(struct probing *probing))
{
    struct receiving receiving = {.probing = probing, .calls = list->calls, .threads = threads};
    int result = -1;
    if (list->out_of_memory) {
        failure_set(probing->failure, STATUS_UNTRUSTED, "memory ran out while calls were planned");
        goto out;
    }
    if (host_begin(probing->host, list->calls, list->count, threads, receive, &receiving,
                   probing->failure) != 0)
        goto out;
    result = meanwhile != NULL ? meanwhile(probing) : 0;
    if (meanwhile != NULL)
        host_stop_calls(probing->host);
    // The calls point to the list and to this stack frame, so they must end first, whatever
    // happened.
    if (host_finish(probing->host, probing->failure) != 0)
        result = -1;
    if (result == 0 && receiving.out_of_memory)
        result = failure_set(probing->failure, STATUS_UNTRUSTED,
                             "memory ran out while answers were recorded");
out:
    free(list->calls);
    return result;
}
