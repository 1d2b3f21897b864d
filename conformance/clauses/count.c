// SPDX-License-Identifier: Apache-2.0
// COUNT: what *SessionCount says.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/judging.h"

static void judge_number(const struct evidence *evidence, const struct record *record,
                         const struct listing *listing, struct verdict *verdict)
{
    size_t count = evidence_truth(evidence, record)->session_count;
    if (listing->claimed == count)
        return;
    verdict_fail(verdict, record, "*SessionCount = %u", listing->claimed);
    verdict_expect(verdict, "%zu, the number of active sessions", count);
}

void judge_count(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_number);
}

// What *SessionCount was after insufficient, over all such calls.
struct counts {
    size_t sessions;
    size_t unchanged;
    size_t zero;
    const struct record *wrong; // the first that was not the number of sessions
};

static bool read_count(const struct evidence *evidence, const struct record *record, void *context,
                       struct verdict *verdict)
{
    (void)verdict;
    struct counts *counts = context;
    if (!record_insufficient(record) || !record_legitimate(record))
        return false;
    size_t sessions = evidence_truth(evidence, record)->session_count;
    counts->unchanged += record->outcome.count_out == record->call.count_in;
    counts->zero += record->outcome.count_out == 0;
    if (record->outcome.count_out != sessions && counts->wrong == NULL) {
        counts->wrong = record;
        counts->sessions = sessions;
    }
    return true;
}

static void judge_after_insufficient(const struct evidence *evidence, struct verdict *verdict)
{
    struct counts counts = {0};
    size_t calls = judge_each_record(evidence, read_count, &counts, verdict);
    if (calls == 0) {
        verdict_block(verdict, "STATUS-2", "no call was answered with ERROR_INSUFFICIENT_BUFFER");
    } else if (counts.wrong != NULL) {
        verdict_fail(verdict, counts.wrong, "*SessionCount = %u after insufficient%s",
                     counts.wrong->outcome.count_out,
                     counts.unchanged == calls ? ", as it was before the call"
                     : counts.zero == calls    ? ", in every call"
                                               : "");
        verdict_expect(verdict, "%zu, the number of sessions that there are", counts.sessions);
    }
}

// Is the buffer known to be too small? Then what *SessionCount held on input did not decide.
static bool is_too_small(const struct evidence *evidence, const struct record *record)
{
    uint32_t required = 0;
    return evidence_asked(evidence, record, &required) && record->call.offered < required;
}

// Does every answer fit the reading that the input is a limit / that it is ignored?
struct readings {
    const struct record *against_ignored;
    const struct record *against_limit;
};

static bool read_answer(const struct evidence *evidence, const struct record *record, void *context,
                        struct verdict *verdict)
{
    (void)verdict;
    struct readings *readings = context;
    if (!record_returned(record) || record->call.placement == PLACE_NULL ||
        is_too_small(evidence, record))
        return false;
    bool few = record->call.count_in < evidence_truth(evidence, record)->session_count;
    if (!record_succeeded(record) && readings->against_ignored == NULL)
        readings->against_ignored = record;
    if ((few ? !record_insufficient(record) : !record_succeeded(record)) &&
        readings->against_limit == NULL)
        readings->against_limit = record;
    return true;
}

static void judge_input(const struct evidence *evidence, struct verdict *verdict)
{
    struct readings readings = {0};
    size_t calls = judge_each_record(evidence, read_answer, &readings, verdict);
    char text[128];
    if (calls == 0) {
        verdict_block(verdict, BLOCKED_BY_ANY, "no call with another *SessionCount returned");
    } else if (readings.against_ignored == NULL) {
        verdict_note(verdict, "the input value of *SessionCount is ignored");
    } else if (readings.against_limit == NULL) {
        verdict_note(verdict, "the input value of *SessionCount is honoured as a limit");
    } else {
        const struct record *record = readings.against_limit;
        verdict_fail(verdict, record, "%s with *SessionCount = %u in a sufficient buffer",
                     error_code_describe(record->outcome.status, text, sizeof text),
                     record->call.count_in);
        verdict_expect(verdict, "either success for every input value, or, always, 122 "
                                "(ERROR_INSUFFICIENT_BUFFER) for too small a one");
    }
}

static bool judge_ignored_of(const struct evidence *evidence, const struct record *record,
                             void *context, struct verdict *verdict)
{
    (void)context;
    char text[128];
    if (!record_returned(record) || record->call.placement == PLACE_NULL ||
        is_too_small(evidence, record) ||
        record->call.count_in >= evidence_truth(evidence, record)->session_count)
        return false;
    if (record_succeeded(record))
        return true;
    verdict_fail(verdict, record, "%s with *SessionCount = %u in a sufficient buffer",
                 error_code_describe(record->outcome.status, text, sizeof text),
                 record->call.count_in);
    verdict_expect(verdict, "0 (ERROR_SUCCESS), whatever *SessionCount holds on input");
    return true;
}

static void judge_ignored(const struct evidence *evidence, struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_ignored_of, NULL, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no call with a small *SessionCount returned",
               verdict);
}

static void judge_room(const struct evidence *evidence, const struct record *record,
                       const struct listing *listing, struct verdict *verdict)
{
    uint64_t size = (uint64_t)listing->claimed * evidence->abi->session_size;
    if (size <= listing->size)
        return;
    verdict_fail(verdict, record, "*SessionCount = %u structures of %u bytes in *BufferSize = %u",
                 listing->claimed, evidence->abi->session_size, record->outcome.size_out);
    verdict_expect(verdict, "*BufferSize of at least %llu", (unsigned long long)size);
}

void judge_structures_fit(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_room);
}

static const char *const sets_success[] = {"fetch", "sweep", NULL};
static const char *const sets_insufficient[] = {"query", "short", NULL};
static const char *const sets_counts[] = {"counts", NULL};

static const struct clause clauses[] = {
    {.id = "COUNT-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "on success, *SessionCount is the number of active sessions",
     .source = SOURCE_PAGE_COUNT,
     .why = "Callers walk that many structures.",
     .passing = "4 where 4 sessions are active",
     .failing = "the number of targets or connections; one too many",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .judge = judge_count},
    {.id = "COUNT-2",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "after insufficient, *SessionCount is the number of sessions that there are",
     .source = "hpe-storage/common-host-libs before its pull request 2, and a block storage server "
               "in Go, take 0 there for \"no sessions\"; both worked against Windows",
     .why = "A caller that looks at the count before it looks at the size gives up, or sizes its "
            "buffer from it.",
     .passing = "122 with *SessionCount = 4 where 4 sessions are active",
     .failing = "122 with *SessionCount = 0, or left as it was",
     .probe_sets = sets_insufficient,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_after_insufficient},
    {.id = "COUNT-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "the input value of *SessionCount is either ignored, or honoured as a limit; "
                 "whichever, always the same",
     .source = SOURCE_PAGE_COUNT,
     .why =
         "The page says that it holds how many structures fit, and marks it as output only. Both "
         "readings are served; a mixture serves nobody.",
     .passing = "success for every input; or 122 whenever it is below the number of sessions",
     .failing = "failure for 0 only; a number of structures cut to the input with success",
     .probe_sets = sets_counts,
     .needs = NEEDS_SESSIONS,
     .judge = judge_input},
    {.id = "COUNT-4",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "*SessionCount structures fit in *BufferSize",
     .source = SOURCE_PAGE_INFO,
     .why = "Otherwise a caller reads structures behind the data.",
     .passing = "4 structures of 64 bytes, *BufferSize = 1,180",
     .failing = "10 structures, *BufferSize = 312",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .judge = judge_structures_fit},
    {.id = "COUNT-5",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "the input value of *SessionCount is ignored",
     .source = "11 of 14 calling styles found in public programs leave it 0 or unset",
     .why = "The page can be read otherwise, which COUNT-3 accepts; but three of those programs "
            "loop for ever where the value is honoured as a limit.",
     .passing = "success in a sufficient buffer with *SessionCount = 0",
     .failing = "122 as long as *SessionCount is below the number of sessions",
     .probe_sets = sets_counts,
     .needs = NEEDS_SESSIONS,
     .judge = judge_ignored},
};

const struct clause_group group_count = {
    .name = "COUNT",
    .title = "what *SessionCount says",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
