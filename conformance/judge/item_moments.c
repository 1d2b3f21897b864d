// SPDX-License-Identifier: Apache-2.0
// Calls at once, and calls amid changes.
#include "conformance/judge/item_moments.h"

#include "conformance/judge/judging.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/function.h"

#include <stdio.h>
#include <string.h>

const char *const items_sets_threads[] = {"items-threads", NULL};
const char *const items_sets_alone[] = {"items-repeat", NULL};
const char *const items_sets_changing[] = {"items-changing", NULL};

static bool same_arguments(const struct record *one, const struct record *other)
{
    return one->call.placement == other->call.placement &&
           one->call.offered == other->call.offered &&
           memcmp(one->call.subject, other->call.subject, SUBJECT_SIZE) == 0;
}

// The same call, made by one thread alone, if it returned; NULL: there is none.
static const struct record *find_alone(const struct evidence *evidence, const struct record *call)
{
    static const char *const sets[] = {"items-repeat", "items-query"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        for (const struct record *record = evidence_next(evidence, NULL, sets[i]); record != NULL;
             record = evidence_next(evidence, record, sets[i]))
            if (record_returned(record) && same_arguments(record, call))
                return record;
    return NULL;
}

static bool judge_together_of(const struct evidence *evidence, const struct record *record,
                              void *context, struct verdict *verdict)
{
    items_equal *const *equal = context;
    const struct record *alone = record_returned(record) ? find_alone(evidence, record) : NULL;
    char text[128];
    char before[128];
    if (alone == NULL)
        return false;
    if (record->outcome.status != alone->outcome.status) {
        verdict_fail(verdict, record, "%s among %u threads, and %s alone",
                     error_code_describe(record->outcome.status, text, sizeof text),
                     record->threads,
                     error_code_describe(alone->outcome.status, before, sizeof before));
    } else if (record->outcome.size_out != alone->outcome.size_out) {
        verdict_fail(verdict, record, "*%s = %u among %u threads, and %u alone",
                     function_of((enum charset)record->call.charset)->size,
                     record->outcome.size_out, record->threads, alone->outcome.size_out);
    } else if (alone->same_as != record->same_as && !(*equal)(evidence, alone, record)) {
        verdict_fail(verdict, record, "another content among %u threads than alone",
                     record->threads);
    }
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "what the same call gives alone, as nothing changed");
    return true;
}

void judge_items_together(const struct evidence *evidence, items_equal *equal,
                          struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_together_of, &equal, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call is like one that was made alone", verdict);
}

struct changing {
    judge_items *each;
};

static bool judge_changing_of(const struct evidence *evidence, const struct record *record,
                              void *context, struct verdict *verdict)
{
    const struct changing *changing = context;
    const struct outcome *outcome = &record->outcome;
    char text[128];
    if (!record_returned(record))
        return false;
    if (record_succeeded(record)) {
        if (record->call.placement != PLACE_NULL)
            changing->each(evidence, record, verdict);
    } else if (!record_insufficient(record)) {
        verdict_fail(verdict, record, "%s while sessions come and go",
                     error_code_describe(outcome->status, text, sizeof text));
        verdict_expect(verdict, "0 (ERROR_SUCCESS), or 122 (ERROR_INSUFFICIENT_BUFFER)");
    } else if (outcome->size_out <= record->call.offered) {
        verdict_fail(verdict, record, "insufficient, with *%s = %u for %u offered",
                     function_of((enum charset)record->call.charset)->size, outcome->size_out,
                     record->call.offered);
        verdict_expect(verdict, "a size that is larger than what was offered");
    }
    return true;
}

void judge_items_changing(const struct evidence *evidence, judge_items *each,
                          struct verdict *verdict)
{
    struct changing changing = {each};
    if (evidence->transcript->inventory == NULL)
        verdict_error(verdict, "the transcript does not say which targets there are");
    size_t seen = judge_each_record(evidence, judge_changing_of, &changing, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call returned while sessions came and went",
               verdict);
}
