// SPDX-License-Identifier: Apache-2.0
// Finds the clause that a call without an answer belongs to.
#include "conformance/judge/blame.h"

#include "conformance/judge/items.h"
#include "conformance/transcript/circumstance.h"

#include <string.h>

bool record_lost(const struct record *record)
{
    return record->outcome.kind != OUTCOME_RETURNED && record->outcome.kind != OUTCOME_NOT_TRIED;
}

// The clauses about what happens around a call, by the circumstance of the call or how that begins.
// What comes first counts.
static const struct {
    const char *circumstance;
    const char *clause;
} circumstances[] = {
    {CIRCUMSTANCE_DETAIL, "FAULT-3"},         {CIRCUMSTANCE_DAMAGED, "FAULT-1"},
    {CIRCUMSTANCE_MORE, "CHANGE-1"},          {CIRCUMSTANCE_LOGIN, "CHANGE-1"},
    {CIRCUMSTANCE_LOGOUT, "CHANGE-2"},        {CIRCUMSTANCE_DROP, "CHANGE-5"},
    {CIRCUMSTANCE_REINSTATEMENT, "CHANGE-5"}, {CIRCUMSTANCE_CHANGING, "CHANGE-3"},
    {CIRCUMSTANCE_SETTLED, "CHANGE-4"},       {CIRCUMSTANCE_BEFORE_EVENT, "CHANGE-5"},
    {CIRCUMSTANCE_AFTER_EVENT, "CHANGE-5"},
};

// The clauses of GetIScsiSessionListEx.
static const char *blame_of_ex(const struct record *record, uint32_t required)
{
    const struct call *call = &record->call;
    if (call->placement == PLACE_NULL)
        return call->offered == 0 ? "EX-2" : "EX-6";
    return call->offered < required ? "EX-2" : "EX-1";
}

// The clauses of the functions that tell of targets and devices.
static const char *blame_of_items(const struct evidence *evidence, const struct record *record)
{
    static const char *const clauses[FAMILIES][6] = {
        [FAMILY_TARGETS] = {"TARGETS-1", "TARGETS-2", "TARGETS-6", "TARGETS-2", "TARGETS-12",
                            "TARGETS-13"},
        [FAMILY_DEVICES] = {"DEVICES-1", "DEVICES-2", "DEVICES-6", "DEVICES-12", "DEVICES-14",
                            "DEVICES-15"},
        [FAMILY_MAPPINGS] = {"MAPPINGS-1", "MAPPINGS-2", "MAPPINGS-6", "MAPPINGS-2", "MAPPINGS-14",
                             "MAPPINGS-15"},
        [FAMILY_INITIATORS] = {"INITIATORS-1", "INITIATORS-2", "INITIATORS-6", "INITIATORS-2",
                               "INITIATORS-12", "INITIATORS-13"},
        [FAMILY_PORTALS] = {"PORTALS-1", "PORTALS-2", "PORTALS-6", "PORTALS-2", "PORTALS-14",
                            "PORTALS-15"},
    };
    enum { SUFFICIENT, INSUFFICIENT, WITHOUT_BUFFER, UNKNOWN, TOGETHER, CHANGING };
    const struct call *call = &record->call;
    int which = SUFFICIENT;
    if (strcmp(record->probe_set, "items-unknown") == 0)
        which = UNKNOWN;
    else if (record->threads > 1)
        which = TOGETHER;
    else if (record_under(record, CIRCUMSTANCE_CHANGING))
        which = CHANGING;
    else if (call->placement == PLACE_NULL)
        which = call->offered == 0 ? INSUFFICIENT : WITHOUT_BUFFER;
    else if (call->offered < items_required(evidence, call->subject))
        which = INSUFFICIENT;
    return clauses[function_of((enum charset)call->charset)->family][which];
}

static const char *blame_by_arguments(const struct record *record, uint32_t required)
{
    const struct call *call = &record->call;
    bool no_size = (call->flags & CALL_SIZE_NULL) != 0;
    bool no_count = (call->flags & CALL_COUNT_NULL) != 0;
    if (no_size && no_count)
        return "ARGS-3";
    if (no_size)
        return "ARGS-1";
    if (no_count)
        return "ARGS-2";
    if (call->placement == PLACE_NULL)
        return call->offered == 0 ? "BOUNDS-3" : "BOUNDS-4";
    if (!record_legitimate(record))
        return "BOUNDS-8";
    if ((call->flags & CALL_SPARSE) != 0)
        return "SIZE-10";
    return call->offered < required ? "STATUS-2" : "STATUS-1";
}

const char *blame_for(const struct evidence *evidence, const struct record *record)
{
    uint32_t required = 0;
    if (function_of((enum charset)record->call.charset)->family >= FAMILY_TARGETS)
        return blame_of_items(evidence, record);
    if (record->call.charset == CHARSET_EX) {
        evidence_required(evidence, &required);
        return blame_of_ex(record, required);
    }
    if (record->threads > 1)
        return strcmp(record->probe_set, PROBE_SET_THREADS_BOTH) == 0 ? "THREADS-2" : "THREADS-1";
    for (size_t i = 0; i < sizeof circumstances / sizeof circumstances[0]; i++)
        if (record_under_prefix(record, circumstances[i].circumstance))
            return circumstances[i].clause;
    if (evidence_truth(evidence, record)->session_count > 0)
        evidence_required(evidence, &required);
    return blame_by_arguments(record, required);
}

void blame_count(const struct evidence *evidence, struct blamed *blamed)
{
    const struct transcript *transcript = evidence->transcript;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (record->call.charset != evidence->charset || !record_lost(record) ||
            (evidence->only != NULL && !record_under(record, evidence->only)) ||
            strcmp(blame_for(evidence, record), evidence->clause->id) != 0)
            continue;
        if (blamed->first == NULL)
            blamed->first = record;
        blamed->count[symptom_bit(symptom_of(record))]++;
    }
}
