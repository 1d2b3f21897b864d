// SPDX-License-Identifier: Apache-2.0
// STATUS: what the function returns.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/deviation.h"
#include "conformance/judge/judging.h"

#include <stdlib.h>
#include <string.h>

// What a call needs, by the sessions that there were when it was made.
struct needs {
    const struct truth *truth; // of these
    uint64_t enough; // what the implementation asked for; where it asked for nothing then, the most
                     // that the sessions can take up
    bool asked;      // it did ask
    uint32_t for_none; // what it first asked for where there were no sessions; 0: it did not
    uint64_t least;    // the least that the sessions can take up
};

// Finds the needs of the record's moment, unless they are those of the last one. False when memory
// ran out.
static bool find_needs(const struct evidence *evidence, const struct record *record,
                       struct needs *needs, struct verdict *verdict)
{
    const struct truth *truth = evidence_truth(evidence, record);
    struct measure measure;
    uint32_t required = 0;
    if (needs->truth == truth)
        return true;
    if (evidence_measure(evidence, truth, &measure) != 0) {
        verdict_exhaust(evidence, verdict);
        return false;
    }
    bool asked = evidence_asked(evidence, record, &required);
    // A profile may let the initiators' addresses be left out.
    if (deviation_tolerated("initiator-address-is-unspecified", "CONTENT-7", evidence->profile) !=
        NULL)
        measure.least -= measure.initiator_addresses;
    *needs = (struct needs){.truth = truth,
                            .enough = asked ? required : measure.whole + 7 * measure.pieces,
                            .asked = asked,
                            .least = measure.least};
    return true;
}

// An implementation that honours *SessionCount as a limit (COUNT-3) may find it too small.
static bool limited_by_count(const struct evidence *evidence, const struct record *record)
{
    return record_insufficient(record) &&
           record->call.count_in < evidence_truth(evidence, record)->session_count;
}

// Very large offers are SIZE-10's business.
static bool is_offer(const struct record *record)
{
    return record->call.placement != PLACE_NULL && record_legitimate(record) &&
           (record->call.flags & CALL_SPARSE) == 0 && record_returned(record);
}

// Is it the known way of answering where there are no sessions, and for less than it asked for?
static bool asks_for_none(const struct record *record, struct needs *needs)
{
    if (needs->truth->session_count > 0 || needs->asked || !record_asks_for_none(record))
        return false; // what is below the size asked for by a query isn't judged at all
    if (needs->for_none == 0)
        needs->for_none = record->outcome.size_out;
    return record->call.offered < needs->for_none;
}

static bool judge_sufficient_of(const struct evidence *evidence, const struct record *record,
                                void *context, struct verdict *verdict)
{
    enum { ABSURD = 1 << 30 }; // no caller has so much
    struct needs *needs = context;
    char text[128];
    if (!is_offer(record) || !find_needs(evidence, record, needs, verdict) ||
        record->call.offered < needs->enough || limited_by_count(evidence, record))
        return false;
    if (record_succeeded(record))
        return true;
    // Nobody had asked it for the size at these sessions. That it requires more than they can take
    // up is SIZE-8's business.
    if (!needs->asked && needs->truth->session_count > 0 && record_insufficient(record) &&
        record->outcome.size_out > record->call.offered && record->outcome.size_out < ABSURD)
        return false;
    if (asks_for_none(record, needs)) {
        if (evidence_first_truth(evidence)->session_count == 0 && evidence->charset != CHARSET_EX)
            return false; // EMPTY-1's business
        if (verdict_deviates(evidence, "empty-needs-a-buffer", verdict, record,
                             "122 (ERROR_INSUFFICIENT_BUFFER) with *SessionCount = 0 and "
                             "*BufferSize = %u for %u bytes",
                             record->outcome.size_out, record->call.offered))
            verdict_expect(verdict, "0 (ERROR_SUCCESS): there are no sessions any more");
        return true;
    }
    verdict_fail(verdict, record, "%s for %u bytes, where %llu are enough",
                 error_code_describe(record->outcome.status, text, sizeof text),
                 record->call.offered, (unsigned long long)needs->enough);
    verdict_expect(verdict, "0 (ERROR_SUCCESS)");
    return true;
}

void judge_sufficient(const struct evidence *evidence, struct verdict *verdict)
{
    struct needs needs = {0};
    size_t seen = judge_each_record(evidence, judge_sufficient_of, &needs, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call with a sufficient buffer returned",
               verdict);
}

// What the truth can't possibly fit into is insufficient whatever the implementation says of it.
static bool judge_insufficient_of(const struct evidence *evidence, const struct record *record,
                                  void *context, struct verdict *verdict)
{
    struct needs *needs = context;
    char text[128];
    if (!record_returned(record) || !record_legitimate(record) ||
        (record->call.placement == PLACE_NULL && record->call.offered != 0) ||
        evidence_truth(evidence, record)->session_count == 0 ||
        !find_needs(evidence, record, needs, verdict))
        return false;
    bool below = needs->asked && record->call.offered < needs->enough;
    // A size required that is too small is SIZE-6's business.
    bool impossible = record->call.offered < needs->least && (below || !needs->asked);
    if (!impossible && !below)
        return false;
    // Which of two sizes is right is SIZE-3's and SIZE-7's business.
    if (record_insufficient(record) || (record_succeeded(record) && !impossible))
        return true;
    verdict_fail(verdict, record, "%s for %u bytes",
                 error_code_describe(record->outcome.status, text, sizeof text),
                 record->call.offered);
    verdict_expect(verdict,
                   "122 (ERROR_INSUFFICIENT_BUFFER): the sessions take up at least %llu bytes",
                   (unsigned long long)needs->least);
    return true;
}

void judge_insufficient(const struct evidence *evidence, struct verdict *verdict)
{
    struct needs needs = {0};
    judge_each_record(evidence, judge_insufficient_of, &needs, verdict);
}

static bool judge_code_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)context;
    uint32_t status = record->outcome.status;
    char text[128];
    if (!record_returned(record) || status == ERROR_SUCCESS || error_code_exists(status))
        return true;
    verdict_fail(verdict, record, "%s", error_code_describe(status, text, sizeof text));
    verdict_expect(verdict, "a Win32 system error code (1 to 15999) or one of the iSCSI codes that "
                            "exist (0xEFFF0001 to 0xEFFF0068)");
    return true;
}

static void judge_other_codes(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_record(evidence, judge_code_of, NULL, verdict);
}

static int compare_records(const void *left, const void *right)
{
    const struct record *a = *(const struct record *const *)left;
    const struct record *b = *(const struct record *const *)right;
    int order = memcmp(&a->call, &b->call, sizeof a->call);
    return order != 0 ? order : (a > b) - (a < b);
}

// Equal calls stand side by side in `records`, in the order in which they were made.
static void find_unsteady(const struct evidence *evidence, const struct record *const *records,
                          size_t count, struct verdict *verdict)
{
    char before[128];
    char text[128];
    for (size_t i = 1; i < count; i++) {
        const struct outcome *first = &records[i - 1]->outcome;
        const struct record *record = records[i];
        if (memcmp(&record->call, &records[i - 1]->call, sizeof record->call) != 0 ||
            record->outcome.status == first->status ||
            !evidence_same_sessions(evidence, record, records[i - 1]))
            continue;
        verdict_fail(verdict, record, "%s, after %s for the same call",
                     error_code_describe(record->outcome.status, text, sizeof text),
                     error_code_describe(first->status, before, sizeof before));
        verdict_expect(verdict, "the same status as long as the sessions stay the same");
        return;
    }
}

void judge_repeated(const struct evidence *evidence, struct verdict *verdict)
{
    // NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers
    const struct record **records = calloc(evidence->transcript->record_count + 1, sizeof *records);
    size_t count = 0;
    if (records == NULL) {
        verdict_exhaust(evidence, verdict);
        return;
    }
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL))
        if (record_returned(record))
            records[count++] = record;
    qsort(records, count, sizeof(const struct record *), compare_records);
    find_unsteady(evidence, records, count, verdict);
    free(records);
}

static bool judge_unchanged_of(const struct evidence *evidence, const struct record *record,
                               void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)context;
    const struct outcome *outcome = &record->outcome;
    if (!record_returned(record) || record_succeeded(record))
        return false;
    if (outcome->size_cell_damaged)
        verdict_fail(verdict, record, "bytes beside the 4 of *BufferSize were changed");
    else if (outcome->count_cell_damaged)
        verdict_fail(verdict, record, "bytes beside the 4 of *SessionCount were changed");
    else if (!extent_empty(outcome->before))
        verdict_fail(verdict, record, "bytes from SessionInfo %lld to %lld were changed",
                     (long long)outcome->before.first, (long long)outcome->before.last);
    else if (!extent_empty(outcome->after))
        verdict_fail(verdict, record, "bytes from SessionInfo + %lld to + %lld were changed",
                     (long long)outcome->after.first, (long long)outcome->after.last);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "a failing call changes nothing but *BufferSize, *SessionCount and "
                                "the buffer that it was given");
    return true;
}

static void judge_unchanged(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_record(evidence, judge_unchanged_of, NULL, verdict);
}

static const char *const sets_sufficient[] = {"fetch", "repeat", "sweep", NULL};
static const char *const sets_insufficient[] = {"query", "short", "sweep", NULL};
static const char *const sets_codes[] = {"query", "fetch", "short", NULL};
static const char *const sets_failing[] = {"args", "damage", NULL};
static const char *const sets_repeat[] = {"repeat", NULL};

static const struct clause clauses[] = {
    {.id = "STATUS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "a sufficient buffer gives ERROR_SUCCESS",
     .source = SOURCE_PAGE_RETURNS,
     .why = "A caller that did everything right must get the list, at every size that is large "
            "enough. A call that crashes, hangs or ends the process has given no status either.",
     .passing = "0 for every buffer at least as large as the size required",
     .failing = "122, or any other code, for a buffer of the size that a query asked for",
     .in_sweep = true,
     .probe_sets = sets_sufficient,
     .scope = SCOPE_QUIET,
     .judge = judge_sufficient},
    {.id = "STATUS-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "an insufficient buffer gives ERROR_INSUFFICIENT_BUFFER, 122 itself",
     .source = SOURCE_PAGE_RETURNS,
     .why =
         "Callers compare with 122 to know that they must enlarge the buffer. 0x8007007A, "
         "ERROR_MORE_DATA (234) and ERROR_BUFFER_OVERFLOW (111) make them give up; success for a "
         "list that can't fit makes them read what isn't there.",
     .passing = "122 for a query with size 0, and for every buffer too small for the sessions",
     .failing = "234, 111, 0x8007007A; or 0 for fewer bytes than the sessions can take up",
     .in_sweep = true,
     .probe_sets = sets_insufficient,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_insufficient},
    {.id = "STATUS-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "any other failure is a Win32 system error code or one of the iSCSI codes that exist",
     .source = SOURCE_PAGE_RETURNS,
     .why = "Callers look the code up in these two ranges; an HRESULT or an errno says the wrong "
            "thing or nothing.",
     .passing = "0, 122, 87, 0xEFFF0013",
     .failing = "0x8007007A, 0xFFFFFFFF, 0xC0000023, 0xEFFF0000",
     .probe_sets = sets_codes,
     .more_sets = sets_failing,
     .scope = SCOPE_EVERY,
     .judge = judge_other_codes},
    {.id = "STATUS-4",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "the same call on an unchanged topology gives the same status",
     .source = SOURCE_PAGE_RETURNS,
     .why = "A query and a fetch are two calls. If the answer depends on how often was asked, no "
            "caller can rely on either.",
     .passing = "122, 122, 122 for the same small buffer",
     .failing = "122, then 0, for the same small buffer",
     .probe_sets = sets_repeat,
     .scope = SCOPE_QUIET,
     .judge = judge_repeated},
    {.id = "STATUS-5",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "a call that fails changes nothing but *BufferSize, *SessionCount and the buffer",
     .source = SOURCE_PAGE_SIZE,
     .why =
         "What a failing call writes elsewhere is the caller's memory: a 64-bit store through the "
         "pointer to a ULONG is enough.",
     .passing = "the bytes beside the two ULONGs and around the buffer are as they were",
     .failing = "the 4 bytes behind *BufferSize are zero after a query",
     .probe_sets = sets_codes,
     .more_sets = sets_failing,
     .scope = SCOPE_EVERY,
     .judge = judge_unchanged},
};

const struct clause_group group_status = {
    .name = "STATUS",
    .title = "what the function returns",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
