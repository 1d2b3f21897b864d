// SIZE: what *BufferSize says.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"

#include <stdlib.h>

enum { PADDING_MAX = 7 }; // bytes that alignment to 8 explains, for each piece

static void judge_more_than_offered(const struct evidence *evidence, struct verdict *verdict)
{
    size_t seen = 0;
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (!record_insufficient(record))
            continue;
        seen++;
        if (record->outcome.size_out > record->call.offered)
            continue;
        verdict_fail(verdict, record, "insufficient, with *BufferSize = %u for %u bytes offered",
                     record->outcome.size_out, record->call.offered);
        verdict_expect(verdict, "*BufferSize is the size required, so more than was offered");
        return;
    }
    if (seen == 0)
        verdict_block(verdict, "STATUS-2", "no call was answered with ERROR_INSUFFICIENT_BUFFER");
}

// Judges the offers of exactly `size` bytes: true when there was one.
static bool judge_exact(const struct evidence *evidence, uint32_t size, bool enough,
                        struct verdict *verdict)
{
    bool tried = false;
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (record->call.offered != size || !record_plain(record, evidence->abi))
            continue;
        tried = true;
        if (fail_unless_returned(record, verdict))
            return true;
        if (!record_returned(record) || record_succeeded(record) == enough)
            continue;
        verdict_fail(verdict, record, "%s for %u bytes",
                     error_code_describe(record->outcome.status, text, sizeof text), size);
        return true;
    }
    return tried;
}

static void judge_required_is_enough(const struct evidence *evidence, struct verdict *verdict)
{
    uint32_t required = 0;
    if (!evidence_required(evidence, &required)) {
        verdict_block(verdict, BLOCKED_BY_QUERY, "no query was answered with the size required");
        return;
    }
    if (!judge_exact(evidence, required, true, verdict))
        verdict_error(verdict, "the size required was not offered");
    else if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "0 (ERROR_SUCCESS): the query said that %u are required", required);
}

static void judge_less_is_not(const struct evidence *evidence, struct verdict *verdict)
{
    uint32_t required = 0;
    if (!evidence_required(evidence, &required) || required == 0) {
        verdict_block(verdict, BLOCKED_BY_QUERY, "no query was answered with the size required");
        return;
    }
    if (!judge_exact(evidence, required - 1, false, verdict)) {
        verdict_error(verdict, "one byte less than required was not offered");
    } else if (verdict->kind == VERDICT_FAIL) {
        verdict_expect(verdict,
                       "122 (ERROR_INSUFFICIENT_BUFFER): the query said that %u are required",
                       required);
        if (record_succeeded(verdict->record))
            verdict->deviation = "one-byte-less-is-enough";
    }
}

static void judge_same_required(const struct evidence *evidence, struct verdict *verdict)
{
    uint32_t required = 0;
    if (!evidence_required(evidence, &required)) {
        verdict_block(verdict, BLOCKED_BY_QUERY, "no query was answered with the size required");
        return;
    }
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (!record_insufficient(record) || record->outcome.size_out == required)
            continue;
        verdict_fail(verdict, record, "*BufferSize = %u for %u bytes offered, after %u for none",
                     record->outcome.size_out, record->call.offered, required);
        verdict_expect(verdict,
                       "the size required is the same whatever is offered, with and without "
                       "a buffer, whatever *SessionCount holds");
        return;
    }
}

static void judge_retrieved(const struct evidence *evidence, struct verdict *verdict)
{
    const struct record *least = NULL;
    const struct record *most = NULL;
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (!record_succeeded(record) || !record_plain(record, evidence->abi))
            continue;
        uint32_t size = record->outcome.size_out;
        if (size > record->call.offered) {
            verdict_fail(verdict, record,
                         "success with *BufferSize = %u, where %u bytes were offered", size,
                         record->call.offered);
            verdict_expect(verdict,
                           "the size of what was retrieved, which can't be more than offered");
            return;
        }
        if (least == NULL || size < least->outcome.size_out)
            least = record;
        if (most == NULL || size > most->outcome.size_out)
            most = record;
    }
    if (least == NULL) {
        verdict_block(verdict, "STATUS-1", "no call succeeded");
        return;
    }
    if (least->outcome.size_out == most->outcome.size_out)
        return;
    verdict_fail(verdict, most, "*BufferSize = %u for %u bytes offered, %u for %u",
                 most->outcome.size_out, most->call.offered, least->outcome.size_out,
                 least->call.offered);
    verdict_expect(verdict, "the same size of what was retrieved for every sufficient buffer");
    verdict->deviation = "size-larger-than-used";
}

static void judge_holds_all(const struct evidence *evidence, struct verdict *verdict)
{
    struct measure measure;
    uint32_t required = 0;
    if (!judge_measure(evidence, &measure, verdict))
        return;
    if (!evidence_required(evidence, &required)) {
        verdict_block(verdict, BLOCKED_BY_QUERY, "no query was answered with the size required");
        return;
    }
    if (required >= measure.least)
        return;
    verdict_fail(verdict, evidence_next(evidence, NULL, "query"), "%u bytes required", required);
    verdict_expect(
        verdict, "at least %llu: the structures, connections and strings of the sessions there are",
        (unsigned long long)measure.least);
}

static int compare_offers(const void *left, const void *right)
{
    const struct record *a = *(const struct record *const *)left;
    const struct record *b = *(const struct record *const *)right;
    if (a->call.offered != b->call.offered)
        return a->call.offered < b->call.offered ? -1 : 1;
    return (a > b) - (a < b);
}

static void judge_threshold_of(const struct record *const *records, size_t count,
                               struct verdict *verdict)
{
    const struct record *success = NULL;
    char text[128];
    for (size_t i = 0; i < count; i++) {
        const struct record *record = records[i];
        if (fail_unless_returned(record, verdict))
            return;
        if (!record_returned(record))
            continue;
        if (record_succeeded(record)) {
            success = record;
        } else if (success != NULL) {
            verdict_fail(verdict, record, "%s for %u bytes, though %u were enough",
                         error_code_describe(record->outcome.status, text, sizeof text),
                         record->call.offered, success->call.offered);
            verdict_expect(verdict, "success for every size from the first that succeeds on");
            return;
        } else if (!record_insufficient(record)) {
            verdict_fail(verdict, record, "%s for %u bytes",
                         error_code_describe(record->outcome.status, text, sizeof text),
                         record->call.offered);
            verdict_expect(verdict,
                           "122 (ERROR_INSUFFICIENT_BUFFER) below the threshold, 0 from it on");
            return;
        }
    }
    if (success == NULL) {
        verdict_fail(verdict, count > 0 ? records[count - 1] : NULL, "no size succeeded");
        verdict_expect(verdict, "success from the size required on");
    }
}

static void judge_threshold(const struct evidence *evidence, struct verdict *verdict)
{
    size_t count = 0;
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL))
        count++;
    // NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers
    const struct record **records = calloc(count + 1, sizeof *records);
    if (records == NULL) {
        verdict_error(verdict, "memory ran out");
        return;
    }
    count = 0;
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL))
        records[count++] = record;
    qsort(records, count, sizeof(const struct record *), compare_offers);
    judge_threshold_of(records, count, verdict);
    free(records);
}

static void judge_waste(const struct evidence *evidence, struct verdict *verdict)
{
    struct measure measure;
    uint32_t required = 0;
    if (!judge_measure(evidence, &measure, verdict))
        return;
    if (!evidence_required(evidence, &required)) {
        verdict_block(verdict, BLOCKED_BY_QUERY, "no query was answered with the size required");
        return;
    }
    uint64_t most = measure.whole + PADDING_MAX * measure.pieces;
    if (required <= most)
        return;
    verdict_fail(verdict, evidence_next(evidence, NULL, "query"), "%u bytes required", required);
    verdict_expect(verdict, "at most %llu: %llu bytes in %llu pieces, each padded by at most 7",
                   (unsigned long long)most, (unsigned long long)measure.whole,
                   (unsigned long long)measure.pieces);
}

static void judge_ends_within(const struct evidence *evidence, const struct record *record,
                              const struct listing *listing, struct verdict *verdict)
{
    struct piece *pieces = NULL;
    long count = listing_pieces(listing, evidence->abi, &pieces);
    if (count < 0) {
        verdict_error(verdict, "memory ran out");
        return;
    }
    for (long i = 0; i < count; i++) {
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

static void judge_large(const struct evidence *evidence, struct verdict *verdict)
{
    size_t tried = 0;
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (record->outcome.kind == OUTCOME_NOT_TRIED)
            continue;
        tried++;
        if (fail_unless_returned(record, verdict))
            return;
        if (record_succeeded(record))
            continue;
        verdict_fail(verdict, record, "%s for %u (0x%08X) bytes",
                     record_returned(record)
                         ? error_code_describe(record->outcome.status, text, sizeof text)
                         : "no status",
                     record->call.offered, record->call.offered);
        verdict_expect(verdict, "0 (ERROR_SUCCESS): the bytes are really there");
        return;
    }
    if (tried == 0)
        verdict_skip(verdict, "the host's machine has no address space for buffers of up to 4 GiB");
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
     .facts = FACT_TARGET_NAME | FACT_INITIATOR_ADDRESS | FACT_TARGET_ADDRESS,
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
     .facts = FACT_TARGET_NAME | FACT_INITIATOR_ADDRESS | FACT_TARGET_ADDRESS,
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
     .needs = NEEDS_SESSIONS,
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
