// SPDX-License-Identifier: Apache-2.0
// What the judges share.
#include "conformance/judge/judging.h"

#include "conformance/judge/deviation.h"

#include <stdarg.h>
#include <stdio.h>

const char SOURCE_PAGE_SIZE[] = "GetIScsiSessionListA function, parameter BufferSize [in, out]";
const char SOURCE_PAGE_COUNT[] = "GetIScsiSessionListA function, parameter SessionCount [out]";
const char SOURCE_PAGE_INFO[] = "GetIScsiSessionListA function, parameter SessionInfo [out]";
const char SOURCE_PAGE_RETURNS[] = "GetIScsiSessionListA function, return value";
const char SOURCE_STRUCTURES[] =
    "ISCSI_SESSION_INFO and ISCSI_CONNECTION_INFO structures, iscsidsc.h";

static void say(char *text, size_t size, const char *format, va_list arguments)
{
    vsnprintf(text, size, format, arguments);
}

void verdict_fail(struct verdict *verdict, const struct record *record, const char *got, ...)
{
    verdict->kind = VERDICT_FAIL;
    verdict->record = record;
    va_list arguments;
    va_start(arguments, got);
    say(verdict->got, sizeof verdict->got, got, arguments);
    va_end(arguments);
}

void verdict_expect(struct verdict *verdict, const char *expected, ...)
{
    va_list arguments;
    va_start(arguments, expected);
    say(verdict->expected, sizeof verdict->expected, expected, arguments);
    va_end(arguments);
}

void verdict_point(struct verdict *verdict, size_t session, long connection, const char *name)
{
    verdict->wrong = (struct listed_member){name, (uint32_t)session, (int32_t)connection};
}

bool verdict_deviates(const struct evidence *evidence, const char *id, struct verdict *verdict,
                      const struct record *record, const char *got, ...)
{
    if (evidence->excused != NULL &&
        deviation_tolerated(id, evidence->clause->id, evidence->excused) != NULL)
        return false;
    verdict->kind = VERDICT_FAIL;
    verdict->record = record;
    verdict->deviation = id;
    va_list arguments;
    va_start(arguments, got);
    say(verdict->got, sizeof verdict->got, got, arguments);
    va_end(arguments);
    return true;
}

void verdict_note(struct verdict *verdict, const char *seen, ...)
{
    va_list arguments;
    va_start(arguments, seen);
    say(verdict->got, sizeof verdict->got, seen, arguments);
    va_end(arguments);
}

void verdict_block(struct verdict *verdict, const char *blocked_by, const char *reason, ...)
{
    verdict->kind = VERDICT_SKIP;
    verdict->blocked_by = blocked_by;
    va_list arguments;
    va_start(arguments, reason);
    say(verdict->got, sizeof verdict->got, reason, arguments);
    va_end(arguments);
}

void verdict_skip(struct verdict *verdict, const char *reason, ...)
{
    verdict->kind = VERDICT_SKIP;
    va_list arguments;
    va_start(arguments, reason);
    say(verdict->got, sizeof verdict->got, reason, arguments);
    va_end(arguments);
}

void verdict_error(struct verdict *verdict, const char *reason, ...)
{
    verdict->kind = VERDICT_ERROR;
    va_list arguments;
    va_start(arguments, reason);
    say(verdict->got, sizeof verdict->got, reason, arguments);
    va_end(arguments);
}

void verdict_uncalled(struct verdict *verdict, const char *reason, ...)
{
    verdict->kind = VERDICT_ERROR;
    verdict->blocked_by = BLOCKED_BY_ANY;
    va_list arguments;
    va_start(arguments, reason);
    say(verdict->got, sizeof verdict->got, reason, arguments);
    va_end(arguments);
}

void verdict_exhaust(const struct evidence *evidence, struct verdict *verdict)
{
    evidence_exhaust(evidence);
    verdict_error(verdict, "could not be judged: memory ran out");
}

bool judge_measure(const struct evidence *evidence, const struct record *record,
                   struct measure *measure, struct verdict *verdict)
{
    if (evidence_measure(evidence, evidence_truth(evidence, record), measure) == 0)
        return true;
    verdict_exhaust(evidence, verdict);
    return false;
}

struct lists {
    judge_listing *each;
};

static bool judge_list(const struct evidence *evidence, const struct record *record, void *context,
                       struct verdict *verdict)
{
    struct lists *lists = context;
    if (record->call.placement == PLACE_NULL || !record_legitimate(record))
        return false;
    const struct listing *listing = evidence_listing(evidence, record);
    if (listing == NULL)
        return false;
    if (evidence_is_example(evidence, record))
        lists->each(evidence, record, listing, verdict);
    return true;
}

void judge_each_listing(const struct evidence *evidence, struct verdict *verdict,
                        judge_listing *each)
{
    struct lists lists = {.each = each};
    size_t seen = judge_each_record(evidence, judge_list, &lists, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_SUCCESS,
               "no call succeeded, so there was no list to look at", verdict);
}

void judge_seen(const struct evidence *evidence, size_t seen, const char *blocked_by,
                const char *reason, struct verdict *verdict)
{
    if (evidence_exhausted(evidence))
        verdict_exhaust(evidence, verdict);
    else if (seen == 0 && verdict->kind == VERDICT_PASS)
        verdict_block(verdict, blocked_by, "%s", reason);
}
