// SPDX-License-Identifier: Apache-2.0
// Finds out what cases say by words.
#include "harness/run/told.h"

#include "conformance/judge/abi.h"
#include "conformance/judge/evidence.h"
#include "harness/probes/call_list.h"

bool told_is_needed(const struct transcript *recorded, const struct call_group *group,
                    enum charset charset)
{
    for (size_t i = group->first; i < group->end; i++) {
        const struct record *record = &recorded->records[i];
        if (record->offer.of_required && record->call.charset == charset)
            return true;
    }
    return false;
}

void told_note(struct told *told, const struct transcript *replayed, size_t first)
{
    for (size_t i = first; i < replayed->record_count; i++) {
        const struct record *record = &replayed->records[i];
        uint8_t charset = record->call.charset;
        if (told->was[charset] || record->circumstance != NULL || record->call.offered != 0 ||
            !record_legitimate(record) || !record_returned(record))
            continue;
        told->was[charset] = true;
        told->size[charset] = record_insufficient(record) ? record->outcome.size_out : 0;
    }
}

int told_ask(struct told *told, struct probing *probing, enum charset charset)
{
    struct call_list calls = {0};
    size_t before = probing->transcript->record_count;
    if (told->was[charset])
        return 0;
    probing->set = "query";
    probing->hostile = false;
    probing->charset = charset;
    probing->circumstance = NULL;
    call_list_add(&calls, (struct call){.charset = (uint8_t)charset, .repeat = 1});
    if (call_list_make(probing, &calls) != 0)
        return -1;
    told_note(told, probing->transcript, before);
    return 0;
}

void told_settle(const struct told *told, const struct record *record, uint8_t pointer_size,
                 struct call *call)
{
    const struct offer *offer = &record->offer;
    const struct abi *abi = abi_of_function(pointer_size, (enum charset)call->charset);
    if (offer->of_required) {
        int64_t offered = (int64_t)told->size[call->charset] + offer->beyond;
        call->offered = offered < 0 ? 0 : offered > UINT32_MAX ? UINT32_MAX : (uint32_t)offered;
    }
    if (offer->usual_count && abi != NULL)
        call->count_in = call->offered / abi->session_size;
}
