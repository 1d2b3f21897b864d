// SPDX-License-Identifier: Apache-2.0
// SIZE: what *BufferSize says.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/judging.h"

#include <stdlib.h>

enum { PADDING_MAX = 7 }; // bytes that alignment to 8 explains, for each piece

static const char NO_SIZE[] = "no query was answered with the size required";

// The size that the implementation asked for; false, and says so, where it asked for none.
static bool find_required(const struct evidence *evidence, uint32_t *required,
                          struct verdict *verdict)
{
    if (evidence_required(evidence, required))
        return true;
    verdict_block(verdict, BLOCKED_BY_QUERY, "%s", NO_SIZE);
    return false;
}

// Where *SessionCount is honoured as a limit (COUNT-3), a sufficient buffer can be refused.
static bool is_too_small(const struct evidence *evidence, const struct record *record)
{
    uint32_t required = 0;
    bool offers = record->call.placement != PLACE_NULL || record->call.offered == 0;
    return offers && record_insufficient(record) && record_legitimate(record) &&
           (record->call.count_in >= evidence_truth(evidence, record)->session_count ||
            !evidence_asked(evidence, record, &required) || record->call.offered < required);
}

static bool judge_more_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    (void)context;
    if (!is_too_small(evidence, record))
        return false;
    if (record->outcome.size_out > record->call.offered)
        return true;
    verdict_fail(verdict, record, "insufficient, with *BufferSize = %u for %u bytes offered",
                 record->outcome.size_out, record->call.offered);
    verdict_expect(verdict, "*BufferSize is the size required, so more than was offered");
    return true;
}

void judge_more_than_offered(const struct evidence *evidence, struct verdict *verdict)
{
    if (judge_each_record(evidence, judge_more_of, NULL, verdict) == 0)
        verdict_block(verdict, "STATUS-2", "no call was answered with ERROR_INSUFFICIENT_BUFFER");
}

// An offer of exactly the size required, or of one byte less, and whether that is to be enough.
struct exact {
    bool enough;
    uint32_t required; // as it was told at the sessions of the last offer that was judged
};

static bool judge_exact_of(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    struct exact *exact = context;
    char text[128];
    uint32_t required = 0;
    if (!record_plain(record, evidence->abi) || !record_returned(record) ||
        !evidence_asked(evidence, record, &required) ||
        record->call.offered != required - !exact->enough)
        return false;
    exact->required = required;
    if (record_succeeded(record) == exact->enough)
        return true;
    error_code_describe(record->outcome.status, text, sizeof text);
    if (record_succeeded(record))
        verdict_deviates(evidence, "one-byte-less-is-enough", verdict, record, "%s for %u bytes",
                         text, record->call.offered);
    else
        verdict_fail(verdict, record, "%s for %u bytes", text, record->call.offered);
    return true;
}

void judge_required_is_enough(const struct evidence *evidence, struct verdict *verdict)
{
    struct exact exact = {.enough = true};
    if (!find_required(evidence, &exact.required, verdict))
        return;
    if (judge_each_record(evidence, judge_exact_of, &exact, verdict) == 0)
        verdict_block(verdict, BLOCKED_BY_ANY, "no call that offered the size required returned");
    else if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "0 (ERROR_SUCCESS): the query said that %u are required",
                       exact.required);
}

static void judge_less_is_not(const struct evidence *evidence, struct verdict *verdict)
{
    struct exact exact = {.enough = false};
    if (!find_required(evidence, &exact.required, verdict))
        return;
    if (judge_each_record(evidence, judge_exact_of, &exact, verdict) == 0)
        verdict_block(verdict, BLOCKED_BY_ANY, "no call that offered one byte less returned");
    else if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict,
                       "122 (ERROR_INSUFFICIENT_BUFFER): the query said that %u are required",
                       exact.required);
}

// Did only *SessionCount, honoured as a limit (COUNT-3), make the call insufficient, so that the
// size was left as it was offered?
static bool limited_by_count(const struct evidence *evidence, const struct record *record,
                             uint32_t required)
{
    return record->call.offered >= required && record->outcome.size_out == record->call.offered &&
           !record_usual_count(record, evidence->abi);
}

static bool judge_same_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    (void)context;
    uint32_t required = 0;
    if (!record_insufficient(record) || !record_legitimate(record) ||
        !evidence_asked(evidence, record, &required) ||
        limited_by_count(evidence, record, required))
        return false;
    if (record->outcome.size_out == required)
        return true;
    verdict_fail(verdict, record, "*BufferSize = %u for %u bytes offered, after %u for none",
                 record->outcome.size_out, record->call.offered, required);
    verdict_expect(verdict, "the size required is the same whatever is offered, with and without "
                            "a buffer, whatever *SessionCount holds");
    return true;
}

void judge_same_required(const struct evidence *evidence, struct verdict *verdict)
{
    uint32_t required = 0;
    if (!evidence_required(evidence, &required))
        verdict_block(verdict, BLOCKED_BY_QUERY, "%s", NO_SIZE);
    else
        judge_each_record(evidence, judge_same_of, NULL, verdict);
}

// Two successes with the least and the most that *BufferSize was after one, at the same sessions.
struct range {
    const struct record *least; // NULL: there was none yet
    const struct record *most;
};

bool judge_within_offered(const struct record *record, struct verdict *verdict)
{
    if (record->outcome.size_out <= record->call.offered)
        return true;
    verdict_fail(verdict, record, "success with *BufferSize = %u, where %u bytes were offered",
                 record->outcome.size_out, record->call.offered);
    verdict_expect(verdict, "the size of what was retrieved, which can't be more than offered");
    return false;
}

static void judge_range(const struct evidence *evidence, const struct range *range,
                        struct verdict *verdict)
{
    if (range->least == NULL || range->least->outcome.size_out == range->most->outcome.size_out)
        return;
    if (verdict_deviates(evidence, "size-larger-than-used", verdict, range->most,
                         "*BufferSize = %u for %u bytes offered, %u for %u",
                         range->most->outcome.size_out, range->most->call.offered,
                         range->least->outcome.size_out, range->least->call.offered))
        verdict_expect(verdict, "the same size of what was retrieved for every sufficient buffer");
}

static bool judge_retrieved_of(const struct evidence *evidence, const struct record *record,
                               void *context, struct verdict *verdict)
{
    struct range *range = context;
    uint32_t size = record->outcome.size_out;
    if (!record_succeeded(record) || !record_legitimate(record) ||
        record->call.placement == PLACE_NULL)
        return false;
    if (!judge_within_offered(record, verdict))
        return true;
    bool others = range->least != NULL && !evidence_same_sessions(evidence, range->least, record);
    if (others) {
        judge_range(evidence, range, verdict);
        if (verdict->kind != VERDICT_PASS)
            return true;
    }
    if (range->least == NULL || others || size < range->least->outcome.size_out)
        range->least = record;
    if (range->most == NULL || others || size > range->most->outcome.size_out)
        range->most = record;
    return true;
}

static void judge_retrieved(const struct evidence *evidence, struct verdict *verdict)
{
    struct range range = {0};
    size_t seen = judge_each_record(evidence, judge_retrieved_of, &range, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_SUCCESS, "no call succeeded", verdict);
    if (verdict->kind == VERDICT_PASS)
        judge_range(evidence, &range, verdict);
}

// Calls `each` with every query that was told a size, once for the same sessions in a row, until it
// fails the verdict.
typedef void judge_asked(const struct evidence *evidence, const struct record *query,
                         uint32_t required, const struct measure *measure, struct verdict *verdict);
static void judge_each_asked(const struct evidence *evidence, judge_asked *each,
                             struct verdict *verdict)
{
    const struct record *last = NULL;
    struct measure measure;
    uint32_t required = 0;
    if (!find_required(evidence, &required, verdict))
        return;
    for (const struct record *query = evidence_next(evidence, NULL, "query");
         query != NULL && verdict->kind == VERDICT_PASS;
         query = evidence_next(evidence, query, "query")) {
        if ((last != NULL && evidence_same_sessions(evidence, last, query)) ||
            !evidence_asked(evidence, query, &required))
            continue;
        last = query;
        if (!judge_measure(evidence, query, &measure, verdict))
            return;
        each(evidence, query, required, &measure, verdict);
    }
}

static void judge_holds(const struct evidence *evidence, const struct record *query,
                        uint32_t required, const struct measure *of, struct verdict *verdict)
{
    const struct measure measure = *of;
    if (required >= measure.least)
        return;
    if (required + measure.initiator_addresses >= measure.least)
        verdict_deviates(evidence, "initiator-address-is-unspecified", verdict, query,
                         "%u bytes required", required);
    else
        verdict_fail(verdict, query, "%u bytes required", required);
    verdict_expect(
        verdict, "at least %llu: the structures, connections and strings of the sessions there are",
        (unsigned long long)measure.least);
}

static void judge_holds_all(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_asked(evidence, judge_holds, verdict);
}

static int compare_offers(const void *left, const void *right)
{
    const struct record *a = *(const struct record *const *)left;
    const struct record *b = *(const struct record *const *)right;
    if (a->call.offered != b->call.offered)
        return a->call.offered < b->call.offered ? -1 : 1;
    return (a > b) - (a < b);
}

// Is what the call offered enough, as far as that can be said: what the implementation asked for,
// or else the most that the sessions can take up?
static bool is_enough(const struct evidence *evidence, const struct record *record,
                      struct verdict *verdict)
{
    enum { ABSURD = 1 << 30 }; // no caller has so much
    struct measure measure;
    uint32_t required = 0;
    if (evidence_asked(evidence, record, &required) && required < ABSURD)
        return record->call.offered >= required;
    // Nobody had asked; by its own word it is not. That it requires so much is SIZE-8's business.
    if (record_insufficient(record) && record->outcome.size_out > record->call.offered &&
        record->outcome.size_out < ABSURD)
        return false;
    return judge_measure(evidence, record, &measure, verdict) &&
           record->call.offered >= measure.whole + PADDING_MAX * measure.pieces;
}

// Judges offers at the same sessions, by rising size. Returns how many calls returned.
static size_t judge_threshold_of(const struct evidence *evidence,
                                 const struct record *const *records, size_t count,
                                 struct verdict *verdict)
{
    const struct record *success = NULL;
    size_t returned = 0;
    char text[128];
    for (size_t i = 0; i < count; i++) {
        const struct record *record = records[i];
        if (!record_returned(record))
            continue;
        returned++;
        if (record_succeeded(record)) {
            success = record;
        } else if (success != NULL) {
            verdict_fail(verdict, record, "%s for %u bytes, though %u were enough",
                         error_code_describe(record->outcome.status, text, sizeof text),
                         record->call.offered, success->call.offered);
            verdict_expect(verdict, "success for every size from the first that succeeds on");
            return returned;
        } else if (!record_insufficient(record)) {
            verdict_fail(verdict, record, "%s for %u bytes",
                         error_code_describe(record->outcome.status, text, sizeof text),
                         record->call.offered);
            verdict_expect(verdict,
                           "122 (ERROR_INSUFFICIENT_BUFFER) below the threshold, 0 from it on");
            return returned;
        }
    }
    if (returned > 0 && success == NULL && is_enough(evidence, records[count - 1], verdict)) {
        verdict_fail(verdict, records[count - 1], "no size succeeded");
        verdict_expect(verdict, "success from the size required on");
    }
    return returned;
}

// At other sessions there is another threshold.
static void judge_thresholds(const struct evidence *evidence, const struct record **records,
                             size_t count, struct verdict *verdict)
{
    size_t returned = 0;
    for (size_t first = 0; first < count && verdict->kind == VERDICT_PASS;) {
        size_t end = first + 1;
        while (end < count && evidence_same_sessions(evidence, records[first], records[end]))
            end++;
        qsort(records + first, end - first, sizeof(const struct record *), compare_offers);
        if (evidence_truth(evidence, records[first])->session_count > 0)
            returned += judge_threshold_of(evidence, records + first, end - first, verdict);
        first = end;
    }
    if (returned == 0 && verdict->kind == VERDICT_PASS)
        verdict_block(verdict, BLOCKED_BY_ANY, "no call of the sweep returned");
}

static void judge_threshold(const struct evidence *evidence, struct verdict *verdict)
{
    size_t count = 0;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers
    const struct record **records = calloc(evidence->transcript->record_count + 1, sizeof *records);
    if (records == NULL) {
        verdict_exhaust(evidence, verdict);
        return;
    }
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL))
        records[count++] = record;
    judge_thresholds(evidence, records, count, verdict);
    free(records);
}

// What is asked for where there are no sessions is EMPTY-1's business.
static void judge_no_waste(const struct evidence *evidence, const struct record *query,
                           uint32_t required, const struct measure *measure,
                           struct verdict *verdict)
{
    uint64_t most = measure->whole + PADDING_MAX * measure->pieces;
    if (measure->pieces > 0 && required > most &&
        verdict_deviates(evidence, "required-larger-than-used", verdict, query, "%u bytes required",
                         required))
        verdict_expect(verdict, "at most %llu: %llu bytes in %llu pieces, each padded by at most 7",
                       (unsigned long long)most, (unsigned long long)measure->whole,
                       (unsigned long long)measure->pieces);
}

static void judge_waste(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_asked(evidence, judge_no_waste, verdict);
}

static void judge_ends_within(const struct evidence *evidence, const struct record *record,
                              const struct listing *listing, struct verdict *verdict)
{
    struct piece *pieces = NULL;
    size_t count = evidence_pieces(evidence, listing, &pieces);
    for (size_t i = 0; i < count; i++) {
        uint64_t end = pieces[i].offset + pieces[i].size;
        if (end <= listing->size)
            continue;
        verdict_fail(verdict, record, "%s of session %zu ends at byte %llu, *BufferSize = %u",
                     pieces[i].member, pieces[i].session, (unsigned long long)end,
                     record->outcome.size_out);
        verdict_expect(verdict, "everything that the structures point to ends within *BufferSize");
        break;
    }
    free(pieces);
}

static void judge_within(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_ends_within);
}

static bool judge_large_of(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    (void)context;
    char text[128];
    if (!record_returned(record))
        return false;
    if (record_succeeded(record))
        return true;
    error_code_describe(record->outcome.status, text, sizeof text);
    if (record->outcome.status == ERROR_NOACCESS)
        verdict_deviates(evidence, "large-offer-has-no-access", verdict, record,
                         "%s for %u (0x%08X) bytes", text, record->call.offered,
                         record->call.offered);
    else
        verdict_fail(verdict, record, "%s for %u (0x%08X) bytes", text, record->call.offered,
                     record->call.offered);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "0 (ERROR_SUCCESS): the bytes are really there");
    return true;
}

static void judge_large(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_record(evidence, judge_large_of, NULL, verdict);
}

static const char *const sets_insufficient[] = {"query", "short", "sweep", NULL};
static const char *const sets_exact[] = {"fetch", "sweep", NULL};
static const char *const sets_short[] = {"short", "sweep", NULL};
static const char *const sets_required[] = {"query", "null", "short", "sweep", "counts", NULL};
static const char *const sets_success[] = {"fetch", "sweep", NULL};
static const char *const sets_query[] = {"query", NULL};
static const char *const sets_sweep[] = {"sweep", NULL};
static const char *const sets_large[] = {"large", NULL};

static const struct clause clauses[] = {
    {.id = "SIZE-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "on insufficient, *BufferSize is the size required, so more than was offered",
     .source = SOURCE_PAGE_SIZE,
     .why = "Callers enlarge the buffer to what they are told. Told no more than they have, they "
            "loop for ever (os-win does) or give up.",
     .passing = "122 with *BufferSize = 312 for 311 bytes offered",
     .failing = "122 with *BufferSize unchanged or 0",
     .in_sweep = true,
     .probe_sets = sets_insufficient,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_more_than_offered},
    {.id = "SIZE-2",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "exactly the size required is enough",
     .source = SOURCE_PAGE_SIZE,
     .why = "A caller allocates what the query asked for. If that isn't enough, a careful caller "
            "fails and a patient one loops.",
     .passing = "a query says 312, and 312 bytes succeed",
     .failing = "a query says 312, and 312 bytes are insufficient (often < where <= was meant)",
     .in_sweep = true,
     .probe_sets = sets_exact,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_required_is_enough},
    {.id = "SIZE-3",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "one byte less than required is not enough",
     .source = SOURCE_PAGE_SIZE,
     .why =
         "If less than what is required suffices, either the size is not what is required, or the "
         "last byte is written past the end or left out.",
     .passing = "a query says 312, and 311 bytes are insufficient",
     .failing = "a query says 312, and 311 bytes succeed",
     .in_sweep = true,
     .probe_sets = sets_short,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_less_is_not},
    {.id = "SIZE-4",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence =
         "the size required does not depend on the size offered, on SessionInfo being NULL, "
         "or on *SessionCount",
     .source = SOURCE_PAGE_SIZE,
     .why = "What the sessions take up depends on the sessions.",
     .passing = "312, whether 0, 1 or 311 bytes are offered",
     .failing = "312 for a query with NULL, 376 for one with a buffer",
     .in_sweep = true,
     .probe_sets = sets_required,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_same_required},
    {.id = "SIZE-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "on success *BufferSize is the size of what was retrieved: not more than was "
                 "offered, and the same for every sufficient offer",
     .source = SOURCE_PAGE_SIZE,
     .why = "Callers check pointers against it and copy that many bytes; go-win-iscsidsc refuses a "
            "size above what it offered.",
     .passing = "312 for 312, 376 and 100,000 bytes offered",
     .failing = "*BufferSize left at what was offered",
     .in_sweep = true,
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_retrieved},
    {.id = "SIZE-6",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "the size required holds every structure, connection and string there is",
     .source = SOURCE_PAGE_SIZE,
     .why = "A size without room for the terminators, the connections or the strings is one that "
            "the list is then written past, or left out of.",
     .passing = "at least the bytes of all structures and of all different strings",
     .failing = "the structures alone; strings counted in characters; terminators left out",
     .in_sweep = true,
     .probe_sets = sets_query,
     .needs = NEEDS_SESSIONS,
     .facts = FACT_INITIATOR_ADDRESS | FACT_TARGET_ADDRESS,
     .judge = judge_holds_all},
    {.id = "SIZE-7",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "over all sizes there is one threshold: insufficient below it, success from it on",
     .source = SOURCE_PAGE_RETURNS,
     .why = "A size check that is only right at some sizes was written with some sizes in mind.",
     .passing = "122 for 0 to 311 bytes, 0 for 312 and more",
     .failing = "success at 64, insufficient at 65, success at 312; a crash at one size",
     .in_sweep = true,
     .probe_sets = sets_sweep,
     .needs = NEEDS_SESSIONS,
     .judge = judge_threshold},
    {.id = "SIZE-8",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "the size required wastes no more than alignment explains: at most 7 bytes for each "
         "structure array, connection array and string",
     .source = "callers that allocate what the query asks for, with many sessions",
     .why =
         "An estimate with fixed-size names makes a list of 10,000 sessions five times as large.",
     .passing = "at most the bytes of all pieces, each padded by 7",
     .failing = "256 bytes for every name however short",
     .in_sweep = true,
     .probe_sets = sets_query,
     .needs = NEEDS_SESSIONS,
     .facts = FACT_INITIATOR_ADDRESS | FACT_TARGET_ADDRESS,
     .judge = judge_waste},
    {.id = "SIZE-9",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "all that the structures point to ends within *BufferSize",
     .source = SOURCE_PAGE_SIZE,
     .why =
         "*BufferSize is the size of the data retrieved: a caller that copies that many bytes must "
         "have all of them.",
     .passing = "the last terminator is at or before byte *BufferSize - 1",
     .failing = "*BufferSize counts the structures only",
     .in_sweep = true,
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_within},
    {.id = "SIZE-10",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "offers of 0x7FFFFFFF, 0x80000000 and 0xFFFFFFFF bytes, really there, succeed",
     .source = SOURCE_PAGE_SIZE,
     .why =
         "The size is a ULONG: compared as a signed number, or added to, a large one turns small "
         "or negative.",
     .passing = "0 for each",
     .failing = "122 or 487 from 0x80000000 on",
     .in_sweep = true,
     .probe_sets = sets_large,
     .judge = judge_large},
};

const struct clause_group group_size = {
    .name = "SIZE",
    .title = "what *BufferSize says",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
