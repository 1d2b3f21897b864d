// SPDX-License-Identifier: Apache-2.0
// EMPTY: no sessions.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"

#define RIGHT "0 (ERROR_SUCCESS), *SessionCount = 0, *BufferSize = 0"

struct empty {
    const struct record *asked; // the first that asked for a buffer
};

static bool judge_success_of(const struct evidence *evidence, const struct record *record,
                             void *context, struct verdict *verdict)
{
    struct empty *empty = context;
    const struct outcome *outcome = &record->outcome;
    char text[128];
    // NULL with a size above 0 may be refused (BOUNDS-4).
    if (!record_returned(record) || !record_legitimate(record) ||
        (record->call.placement == PLACE_NULL && record->call.offered > 0) ||
        evidence_truth(evidence, record)->session_count > 0) // an event brought them
        return false;
    if (outcome->status == ERROR_NOACCESS && (record->call.flags & CALL_SPARSE) != 0) {
        if (verdict_deviates(evidence, "large-offer-has-no-access", verdict, record,
                             "998 (ERROR_NOACCESS) for %u (0x%08X) bytes", record->call.offered,
                             record->call.offered))
            verdict_expect(verdict, RIGHT);
        return true;
    }
    bool right = outcome->status == ERROR_SUCCESS && outcome->count_out == 0;
    if (right && outcome->size_out == 0)
        return true;
    // With a size above 0 asked for, a success may repeat that size.
    bool too_small = empty->asked == NULL || record->call.offered < empty->asked->outcome.size_out;
    if ((record_asks_for_none(record) && too_small) ||
        (empty->asked != NULL && right && outcome->size_out <= record->call.offered)) {
        if (empty->asked == NULL)
            empty->asked = record;
        return true;
    }
    verdict_fail(verdict, record, "%s, *SessionCount = %u, *BufferSize = %u",
                 error_code_describe(outcome->status, text, sizeof text), outcome->count_out,
                 outcome->size_out);
    verdict_expect(verdict, RIGHT);
    return true;
}

static void judge_success(const struct evidence *evidence, struct verdict *verdict)
{
    struct empty empty = {0};
    judge_each_record(evidence, judge_success_of, &empty, verdict);
    if (empty.asked == NULL || verdict->kind != VERDICT_PASS)
        return;
    if (verdict_deviates(evidence, "empty-needs-a-buffer", verdict, empty.asked,
                         "122 (ERROR_INSUFFICIENT_BUFFER) with *SessionCount = 0 and "
                         "*BufferSize = %u for a query",
                         empty.asked->outcome.size_out))
        verdict_expect(verdict, RIGHT);
}

static bool judge_nothing_written_of(const struct evidence *evidence, const struct record *record,
                                     void *context, struct verdict *verdict)
{
    (void)context;
    if (!record_returned(record) || extent_empty(record->outcome.inside) ||
        evidence_truth(evidence, record)->session_count > 0)
        return true;
    verdict_fail(verdict, record, "bytes from SessionInfo + %lld to + %lld were written",
                 (long long)record->outcome.inside.first, (long long)record->outcome.inside.last);
    verdict_expect(verdict, "no byte: there is nothing to report");
    return true;
}

static void judge_nothing_written(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_record(evidence, judge_nothing_written_of, NULL, verdict);
}

static const char *const sets[] = {"query", "fetch", "short", "repeat", "sweep", NULL};

static const struct clause clauses[] = {
    {.id = "EMPTY-1",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "without sessions, any BufferSize: success, count 0, size 0",
     .source = SOURCE_PAGE_RETURNS,
     .why = "Every buffer is large enough for nothing. A caller that is told to come back with a "
            "larger one takes it for a list that grows.",
     .passing = "0, *SessionCount = 0, *BufferSize = 0",
     .failing = "122; 1168 (ERROR_NOT_FOUND); *SessionCount left as it was",
     .probe_sets = sets,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_NO_SESSIONS,
     .judge = judge_success},
    {.id = "EMPTY-2",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "without sessions, nothing is written to the buffer",
     .source = "callers that pass a buffer of size 0 that isn't NULL",
     .why = "There is nothing to write.",
     .passing = "the buffer is as it was",
     .failing = "one structure of zeros",
     .probe_sets = sets,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_NO_SESSIONS,
     .judge = judge_nothing_written},
};

const struct clause_group group_empty = {
    .name = "EMPTY",
    .title = "no sessions",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
