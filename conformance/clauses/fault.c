// FAULT: the source of sessions fails.
#include "conformance/clauses/groups.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"
#include "conformance/transcript/circumstance.h"

#include <string.h>

static bool is_damaged(const struct record *record)
{
    return record->circumstance != NULL &&
           strncmp(record->circumstance, CIRCUMSTANCE_DAMAGED, strlen(CIRCUMSTANCE_DAMAGED)) == 0;
}

static void judge_damaged(const struct evidence *evidence, struct verdict *verdict)
{
    size_t tried = 0;
    for (const struct record *record = evidence_next(evidence, NULL, NULL);
         record != NULL && verdict->kind == VERDICT_PASS;
         record = evidence_next(evidence, record, NULL)) {
        if (!is_damaged(record))
            continue;
        tried++;
        if (fail_unless_returned(record, verdict)) {
            verdict_expect(verdict, "an error code; %s", record->circumstance);
        } else if (record_succeeded(record)) {
            verdict_fail(verdict, record, "0 (ERROR_SUCCESS), *SessionCount = %u",
                         record->outcome.count_out);
            verdict_expect(verdict, "an error code, such as 0xEFFF0013; %s", record->circumstance);
        } else if (record_insufficient(record)) {
            verdict_fail(verdict, record, "122 (ERROR_INSUFFICIENT_BUFFER), *BufferSize = %u",
                         record->outcome.size_out);
            verdict_expect(verdict, "another error code, such as 0xEFFF0013: no size is known; %s",
                           record->circumstance);
        } else if (record_returned(record) && !extent_empty(record->outcome.inside)) {
            verdict_fail(verdict, record, "bytes from SessionInfo + %lld to + %lld were written",
                         (long long)record->outcome.inside.first,
                         (long long)record->outcome.inside.last);
            verdict_expect(verdict, "nothing written; %s", record->circumstance);
        }
    }
    if (tried == 0)
        verdict_error(verdict, "the source was never damaged");
}

static void judge_repaired(const struct evidence *evidence, struct verdict *verdict)
{
    size_t tried = 0;
    char why[512] = "";
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (record->circumstance == NULL ||
            strcmp(record->circumstance, CIRCUMSTANCE_REPAIRED) != 0)
            continue;
        tried++;
        if (fail_unless_returned(record, verdict))
            return;
        if (!record_returned(record) ||
            (record->call.placement == PLACE_NULL && record_insufficient(record)))
            continue; // a query, answered
        const struct listing *listing = evidence_listing(evidence, record);
        if (listing != NULL &&
            listing_is_truth(listing, evidence_truth(evidence, record), why, sizeof why))
            continue;
        if (listing == NULL)
            error_code_describe(record->outcome.status, text, sizeof text);
        verdict_fail(verdict, record, "%s %s", listing == NULL ? text : "success, but", why);
        verdict_expect(verdict, "the sessions: their source is as good as before");
        return;
    }
    if (tried == 0)
        verdict_error(verdict, "the source was never repaired");
}

static const char *const sets[] = {"damage", NULL};

static const struct clause clauses[] = {
    {.id = "FAULT-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "when its source of sessions is gone, unreadable or damaged: an error code, no fault, "
         "no hang, nothing written",
     .source = SOURCE_PAGE_RETURNS,
     .why =
         "The service stops, the machine is short of descriptors, a file is half written. A caller "
         "that is told 'no sessions' then detaches its disks.",
     .passing = "0xEFFF0013 (ISDSC_SERVICE_UNAVAILABLE), the buffer as it was",
     .failing = "0 with no sessions, or with those before the damage; 122; a crash; a hang",
     .probe_sets = sets,
     .wants = LACKS_SOURCE,
     .judge = judge_damaged},
    {.id = "FAULT-2",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "when the source comes back, so do the sessions",
     .source = "services are restarted under running programs",
     .why = "A program should not have to be restarted because a service was.",
     .passing = "the list, at the first call after",
     .failing = "the error of before, remembered for ever",
     .probe_sets = sets,
     .wants = LACKS_SOURCE,
     .judge = judge_repaired},
};

const struct clause_group group_fault = {
    .name = "FAULT",
    .title = "the source of sessions fails",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
