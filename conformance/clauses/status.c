// STATUS: what the function returns.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"

#include <string.h>

enum {
    WIN32_CODE_MAX = 15999,
    ISCSI_CODE_PREFIX = 0xEFFF,
};

// What is certainly enough: what the implementation asked for; where it asked for nothing, the most
// that the truth can take up.
static uint64_t enough(const struct evidence *evidence, const struct measure *measure)
{
    uint32_t required = 0;
    if (evidence_required(evidence, &required))
        return required;
    return measure->whole + 7 * measure->pieces;
}

static void judge_sufficient(const struct evidence *evidence, struct verdict *verdict)
{
    struct measure measure;
    if (!judge_measure(evidence, &measure, verdict))
        return;
    uint64_t needed = enough(evidence, &measure);
    size_t tried = 0;
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (!record_plain(record, evidence->abi) || record->call.offered < needed)
            continue;
        tried++;
        if (fail_unless_returned(record, verdict))
            return;
        if (record_returned(record) && !record_succeeded(record)) {
            verdict_fail(verdict, record, "%s for %u bytes, where %llu are enough",
                         error_code_describe(record->outcome.status, text, sizeof text),
                         record->call.offered, (unsigned long long)needed);
            verdict_expect(verdict, "0 (ERROR_SUCCESS)");
            return;
        }
    }
    if (tried == 0)
        verdict_error(verdict, "no sufficient buffer was offered");
}

// What the truth can't possibly fit into is insufficient whatever the implementation says of it.
static void judge_insufficient(const struct evidence *evidence, struct verdict *verdict)
{
    struct measure measure;
    if (!judge_measure(evidence, &measure, verdict))
        return;
    uint32_t required = 0;
    bool known = evidence_required(evidence, &required);
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        uint64_t offered = record->call.placement == PLACE_NULL ? 0 : record->call.offered;
        bool impossible = offered < measure.least;
        if (!impossible && !(known && offered < required))
            continue;
        if (record->call.placement != PLACE_NULL ? !record_plain(record, evidence->abi)
                                                 : record->call.offered != 0)
            continue;
        if (fail_unless_returned(record, verdict))
            return;
        if (!record_returned(record) || record_insufficient(record))
            continue;
        if (record_succeeded(record) && !impossible)
            continue; // which of the two sizes is right is SIZE-3's and SIZE-7's business
        verdict_fail(verdict, record, "%s for %u bytes",
                     error_code_describe(record->outcome.status, text, sizeof text),
                     record->call.offered);
        verdict_expect(verdict,
                       "122 (ERROR_INSUFFICIENT_BUFFER): the sessions take up at least %llu bytes",
                       (unsigned long long)measure.least);
        return;
    }
}

static void judge_other_codes(const struct evidence *evidence, struct verdict *verdict)
{
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        uint32_t status = record->outcome.status;
        if (!record_returned(record) || status <= WIN32_CODE_MAX ||
            status >> 16 == ISCSI_CODE_PREFIX)
            continue;
        verdict_fail(verdict, record, "%s", error_code_describe(status, text, sizeof text));
        verdict_expect(verdict,
                       "a Win32 system error code (1 to 15999) or an iSCSI one (0xEFFFnnnn)");
        return;
    }
}

static void judge_repeated(const struct evidence *evidence, struct verdict *verdict)
{
    char first_text[128];
    char text[128];
    for (const struct record *first = evidence_next(evidence, NULL, NULL); first != NULL;
         first = evidence_next(evidence, first, NULL)) {
        if (!record_returned(first))
            continue;
        for (const struct record *record = evidence_next(evidence, first, NULL); record != NULL;
             record = evidence_next(evidence, record, NULL)) {
            if (!record_returned(record) ||
                memcmp(&record->call, &first->call, sizeof record->call) != 0 ||
                record->outcome.status == first->outcome.status)
                continue;
            verdict_fail(verdict, record, "%s, after %s for the same call",
                         error_code_describe(record->outcome.status, text, sizeof text),
                         error_code_describe(first->outcome.status, first_text, sizeof first_text));
            verdict_expect(verdict, "the same status as long as the sessions stay the same");
            return;
        }
    }
}

static void judge_unchanged(const struct evidence *evidence, struct verdict *verdict)
{
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        const struct outcome *outcome = &record->outcome;
        if (!record_returned(record) || record_succeeded(record))
            continue;
        verdict_expect(verdict, "a failing call changes nothing but *BufferSize, *SessionCount and "
                                "the buffer that it was given");
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
        else
            continue;
        return;
    }
    verdict->expected[0] = '\0';
}

static const char *const sets_sufficient[] = {"fetch", "repeat", "sweep", NULL};
static const char *const sets_insufficient[] = {"query", "short", "sweep", NULL};
static const char *const sets_all[] = {"query", "null",   "fetch", "short",   "repeat",
                                       "sweep", "counts", "fills", "offsets", NULL};
static const char *const sets_codes[] = {"query",  "null",  "fetch",   "short", "repeat", "sweep",
                                         "counts", "fills", "offsets", "args",  "damage", NULL};
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
     .needs = NEEDS_SESSIONS,
     .judge = judge_insufficient},
    {.id = "STATUS-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "any other failure is a Win32 system error code or an iSCSI one, 0xEFFFnnnn",
     .source = SOURCE_PAGE_RETURNS,
     .why = "Callers look the code up in these two ranges; an HRESULT or an errno says the wrong "
            "thing or nothing.",
     .passing = "0, 122, 87, 0xEFFF0013",
     .failing = "0x8007007A, 0xFFFFFFFF, 0xC0000023",
     .probe_sets = sets_codes,
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
     .probe_sets = sets_all,
     .judge = judge_unchanged},
};

const struct clause_group group_status = {
    .name = "STATUS",
    .title = "what the function returns",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
