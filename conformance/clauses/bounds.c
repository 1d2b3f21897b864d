// SPDX-License-Identifier: Apache-2.0
// BOUNDS: what the function touches.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/values.h"
#include "conformance/transcript/function.h"

// How near a fault must be to the buffer to be blamed on running over its end.
enum { NEAR = 1 << 20 };

// Where a fault happened relative to SessionInfo; false when it isn't known or far away.
static bool fault_offset(const struct record *record, int64_t *offset)
{
    const struct outcome *outcome = &record->outcome;
    if (outcome->kind != OUTCOME_FAULT || !outcome->fault_has_address ||
        record->call.placement == PLACE_NULL)
        return false;
    uint64_t begin = outcome->base;
    uint64_t address = outcome->fault_address;
    if (address >= begin ? address - begin > call_bytes(&record->call) + NEAR
                         : begin - address > NEAR)
        return false;
    *offset = (int64_t)(address - begin);
    return true;
}

static bool wrote(const struct record *record)
{
    return record->outcome.direction != FAULT_READ && record->outcome.direction != FAULT_EXECUTE;
}

static bool judge_end_of(const struct evidence *evidence, const struct record *record,
                         void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)context;
    const struct outcome *outcome = &record->outcome;
    const struct function *function = function_of((enum charset)record->call.charset);
    const bool counts = function_takes(function, PARAMETER_COUNT);
    const int64_t bytes = (int64_t)call_bytes(&record->call);
    int64_t offset = 0;
    if (fault_offset(record, &offset) && wrote(record) && offset >= bytes)
        verdict_fail(verdict, record, "a write at %s + %lld, %lld byte%s past the last of %lld",
                     function->buffer, (long long)offset, (long long)(offset - bytes) + 1,
                     offset == bytes ? "" : "s", (long long)bytes);
    else if (record_returned(record) && !extent_empty(outcome->after))
        verdict_fail(verdict, record,
                     "bytes from %s + %lld to + %lld were written, %lld were offered",
                     function->buffer, (long long)outcome->after.first,
                     (long long)outcome->after.last, (long long)bytes);
    else if (record_returned(record) && outcome->size_cell_damaged)
        verdict_fail(verdict, record, "bytes beside the 4 of *%s were written", function->size);
    else if (record_returned(record) && outcome->count_cell_damaged && counts)
        verdict_fail(verdict, record, "bytes beside the 4 of *%s were written", function->count);
    else if (record_returned(record) && outcome->count_cell_damaged)
        verdict_fail(verdict, record, "*SessionId, or bytes beside it, were written");
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "nothing at or past %s + %s is written, nor beside %s",
                       function->buffer, function->size,
                       counts ? "the two ULONGs" : "the other arguments");
    return true;
}

void judge_end(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_record(evidence, judge_end_of, NULL, verdict);
}

static bool judge_begin_of(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    const char *buffer = function_of((enum charset)record->call.charset)->buffer;
    (void)evidence;
    (void)context;
    int64_t offset = 0;
    if (fault_offset(record, &offset) && wrote(record) && offset < 0)
        verdict_fail(verdict, record, "a write %lld bytes before %s", -(long long)offset, buffer);
    else if (record_returned(record) && !extent_empty(record->outcome.before))
        verdict_fail(verdict, record, "bytes from %s - %lld to - %lld were written", buffer,
                     -(long long)record->outcome.before.first,
                     -(long long)record->outcome.before.last);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "nothing before %s is written", buffer);
    return true;
}

void judge_begin(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_record(evidence, judge_begin_of, NULL, verdict);
}

void judge_outside(const struct evidence *evidence, struct verdict *verdict)
{
    judge_end(evidence, verdict);
    if (verdict->kind == VERDICT_PASS)
        judge_begin(evidence, verdict);
}

void judge_at_once(const struct evidence *evidence, items_equal *equal, struct verdict *verdict)
{
    judge_outside(evidence, verdict);
    if (verdict->kind == VERDICT_PASS)
        judge_items_together(evidence, equal, verdict);
}

void judge_amid_changes(const struct evidence *evidence, judge_items *each, struct verdict *verdict)
{
    judge_outside(evidence, verdict);
    if (verdict->kind == VERDICT_PASS)
        judge_items_changing(evidence, each, verdict);
}

static bool is_null_call(const struct record *record)
{
    return record->call.placement == PLACE_NULL && record_legitimate(record) &&
           record_returned(record);
}

static bool judge_query_of(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    (void)context;
    char text[128];
    if (!is_null_call(record) || record->call.offered != 0)
        return false;
    bool sessions = evidence_truth(evidence, record)->session_count > 0;
    // Without sessions, insufficient with a size is EMPTY-1's business.
    if (record_insufficient(record) || (!sessions && record_succeeded(record)))
        return true;
    verdict_fail(verdict, record, "%s",
                 error_code_describe(record->outcome.status, text, sizeof text));
    verdict_expect(verdict, sessions ? "122 (ERROR_INSUFFICIENT_BUFFER) with the size required"
                                     : "0 (ERROR_SUCCESS): there is nothing to report");
    return true;
}

static void judge_query(const struct evidence *evidence, struct verdict *verdict)
{
    if (judge_each_record(evidence, judge_query_of, NULL, verdict) == 0)
        verdict_uncalled(verdict, "no query was answered");
}

static bool judge_null_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    (void)context;
    if (!is_null_call(record) || record->call.offered == 0)
        return false;
    if (!record_succeeded(record) || evidence_truth(evidence, record)->session_count == 0)
        return true;
    verdict_fail(verdict, record, "success without a buffer, *BufferSize = %u on input",
                 record->call.offered);
    verdict_expect(verdict, "an error code: there are sessions to report and nowhere to");
    return true;
}

void judge_null(const struct evidence *evidence, struct verdict *verdict)
{
    if (judge_each_record(evidence, judge_null_of, NULL, verdict) == 0)
        verdict_uncalled(verdict, "no call without a buffer was answered");
}

static bool differ_in_fill(const struct call *one, const struct call *other)
{
    return one->offered == other->offered && one->placement == other->placement &&
           one->count_in == other->count_in && one->flags == other->flags &&
           one->misalignment == other->misalignment;
}

// Compares each answer with that to the same call with another filling.
static void judge_old_content(const struct evidence *evidence, struct verdict *verdict)
{
    for (const struct record *first = evidence_next(evidence, NULL, NULL); first != NULL;
         first = evidence_next(evidence, first, NULL)) {
        const struct record *record = evidence_next(evidence, first, NULL);
        if (record == NULL || !differ_in_fill(&first->call, &record->call) ||
            !evidence_same_sessions(evidence, first, record))
            continue;
        const struct listing *one = evidence_listing(evidence, first);
        const struct listing *other = evidence_listing(evidence, record);
        const char *what = NULL;
        if (!record_returned(record) || !record_returned(first))
            continue;
        if (record->outcome.status != first->outcome.status)
            what = "the status";
        else if (record->outcome.size_out != first->outcome.size_out)
            what = "*BufferSize";
        else if (record->outcome.count_out != first->outcome.count_out)
            what = "*SessionCount";
        char change[256] = "";
        struct listed_member where = {0};
        if (what == NULL && one != NULL && other != NULL && !listing_equal(one, other)) {
            what = "the list";
            listing_describe_change(one, other, change, sizeof change, &where);
        }
        if (what == NULL)
            continue;
        verdict_fail(verdict, record, "%s depends on what the buffer held before the call%s%s",
                     what, change[0] != '\0' ? ": " : "", change);
        verdict->wrong = where;
        verdict_expect(verdict, "the same answer whatever the buffer held");
        return;
    }
    if (evidence_exhausted(evidence))
        verdict_exhaust(evidence, verdict);
}

struct touches {
    size_t touched;
};

static bool look_for_touch(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)verdict;
    struct touches *touches = context;
    if (!record_insufficient(record) || record->call.placement == PLACE_NULL)
        return false;
    touches->touched += !extent_empty(record->outcome.inside);
    return true;
}

static void judge_untouched(const struct evidence *evidence, struct verdict *verdict)
{
    struct touches touches = {0};
    if (judge_each_record(evidence, look_for_touch, &touches, verdict) == 0)
        verdict_block(verdict, "STATUS-2", "no call was answered with ERROR_INSUFFICIENT_BUFFER");
    else if (touches.touched == 0)
        verdict_note(verdict, "an insufficient call leaves the buffer untouched");
    else
        verdict_note(verdict, "an insufficient call may write to the buffer");
}

static bool judge_tail_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)context;
    const struct outcome *outcome = &record->outcome;
    if (!record_succeeded(record) || (record->call.flags & CALL_SIZE_NULL) != 0)
        return false;
    if (extent_empty(outcome->inside) || outcome->inside.last < outcome->size_out)
        return true;
    verdict_fail(verdict, record, "bytes up to SessionInfo + %lld were written, *BufferSize = %u",
                 (long long)outcome->inside.last, outcome->size_out);
    verdict_expect(verdict, "nothing is written between *BufferSize returned and offered");
    return true;
}

static void judge_tail(const struct evidence *evidence, struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_tail_of, NULL, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_SUCCESS, "no call succeeded", verdict);
}

// Served: with the whole right list; but for what is wrong in every aligned buffer, too.
static bool judge_unaligned_of(const struct evidence *evidence, const struct record *record,
                               void *context, struct verdict *verdict)
{
    (void)context;
    const struct listing *listing = evidence_listing(evidence, record);
    struct mismatch mismatch = {0};
    if (record_legitimate(record) || record->call.flags != 0 || listing == NULL)
        return record_returned(record);
    if (listing_is_truth(evidence, listing, evidence_truth(evidence, record), &mismatch))
        return true;
    verdict_fail(verdict, record, "success, but %s", mismatch.why);
    verdict->about = mismatch.about;
    verdict_expect(verdict, "served with the list as in an aligned buffer; or refused");
    return true;
}

static void judge_unaligned(const struct evidence *evidence, struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_unaligned_of, NULL, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call with an unaligned buffer returned",
               verdict);
}

static const char *const sets_all[] = {"query", "null",   "fetch", "short", "repeat",
                                       "sweep", "counts", "fills", NULL};
static const char *const sets_query[] = {"query", NULL};
static const char *const sets_null[] = {"null", NULL};
static const char *const sets_fills[] = {"fills", NULL};
static const char *const sets_short[] = {"short", NULL};
static const char *const sets_success[] = {"fetch", "fills", "sweep", NULL};
static const char *const sets_offsets[] = {"fetch", "offsets", NULL};

static const struct clause clauses[] = {
    {.id = "BOUNDS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "never writes at or past SessionInfo + BufferSize, on success or failure, at any size",
     .source = SOURCE_PAGE_SIZE,
     .why =
         "It is the caller's memory. The two ULONGs count too: what is written beside them is the "
         "caller's.",
     .passing = "the bytes behind the buffer are as they were, at every size",
     .failing = "one terminator too many; structures written before the size is checked",
     .probe_sets = sets_all,
     .scope = SCOPE_EVERY,
     .judge = judge_end},
    {.id = "BOUNDS-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "never writes before SessionInfo",
     .source = SOURCE_PAGE_INFO,
     .why = "It is the caller's memory.",
     .passing = "the bytes before the buffer are as they were",
     .failing = "a header in front of the first structure",
     .probe_sets = sets_all,
     .scope = SCOPE_EVERY,
     .judge = judge_begin},
    {.id = "BOUNDS-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "SessionInfo NULL with BufferSize 0 is a query: insufficient with the size, or "
                 "success when there is nothing to report",
     .source = "iscsidsc.h marks SessionInfo as optional",
     .why = "It is how most callers begin.",
     .passing = "122 with the size required",
     .failing = "87; a crash",
     .probe_sets = sets_query,
     .scope = SCOPE_QUIET,
     .judge = judge_query},
    {.id = "BOUNDS-4",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence =
         "SessionInfo NULL with BufferSize not 0: no fault, no success unless there is nothing "
         "to report",
     .source = "iscsidsc.h marks SessionInfo as optional",
     .why =
         "Callers pass a size left over from an earlier call; a crash or a success without a list "
         "are the two wrong answers.",
     .passing = "122 with the size required, or 87",
     .failing = "a write through NULL; 0",
     .probe_sets = sets_null,
     .scope = SCOPE_QUIET,
     .judge = judge_null},
    {.id = "BOUNDS-5",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "never reads the buffer's old content: the result is the same whatever it held",
     .source = "callers pass uninitialised memory",
     .why = "What was in the buffer before is nobody's business, and differs from run to run.",
     .passing = "the same answer for a buffer of zeros, of ones, of noise",
     .failing = "members left as they were, and right only in a zeroed buffer",
     .probe_sets = sets_fills,
     .judge = judge_old_content},
    {.id = "BOUNDS-6",
     .level = LEVEL_NOTE,
     .basis = BASIS_PRACTICE,
     .sentence = "whether an insufficient call leaves the buffer untouched",
     .source = "the documentation is silent",
     .why = "A caller that keeps an older list in the buffer loses it with some implementations.",
     .passing = "anything: recorded, never judged",
     .failing = "nothing fails",
     .probe_sets = sets_short,
     .needs = NEEDS_SESSIONS,
     .judge = judge_untouched},
    {.id = "BOUNDS-7",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "bytes between the *BufferSize returned and the BufferSize offered stay untouched",
     .source = "callers that keep other data behind the list, and large buffers",
     .why =
         "Wiping a buffer of 4 GiB to fill 300 bytes of it takes seconds and commits the memory.",
     .passing = "the last byte written is before *BufferSize",
     .failing = "memset over the whole buffer first",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .judge = judge_tail},
    {.id = "BOUNDS-8",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "an unaligned SessionInfo is served, with the whole right list, or refused with an error "
         "code, without a fault",
     .source = "callers that place the list behind a header of their own",
     .why = "A caller can be told; it can't be told by a crash.",
     .passing = "the same list, or an error code",
     .failing = "SIGBUS from an aligned vector store",
     .probe_sets = sets_offsets,
     .judge = judge_unaligned},
};

const struct clause_group group_bounds = {
    .name = "BOUNDS",
    .title = "what the function touches",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
