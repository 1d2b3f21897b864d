// COUNT: what *SessionCount says.
#include "conformance/clauses/groups.h"
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

static void judge_count(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_number);
}

static void judge_after_insufficient(const struct evidence *evidence, struct verdict *verdict)
{
    size_t calls = 0;
    size_t unchanged = 0;
    size_t number = 0;
    size_t zero = 0;
    size_t sessions = evidence_first_truth(evidence)->session_count;
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (!record_insufficient(record))
            continue;
        calls++;
        unchanged += record->outcome.count_out == record->call.count_in;
        number += record->outcome.count_out == sessions;
        zero += record->outcome.count_out == 0;
    }
    if (calls == 0)
        verdict_block(verdict, "STATUS-2", "no call was answered with ERROR_INSUFFICIENT_BUFFER");
    else if (unchanged == calls)
        verdict_note(verdict, "after insufficient, *SessionCount is left as it was");
    else if (number == calls)
        verdict_note(verdict, "after insufficient, *SessionCount is the number of sessions");
    else if (zero == calls)
        verdict_note(verdict, "after insufficient, *SessionCount is 0");
    else
        verdict_note(verdict, "after insufficient, *SessionCount follows no simple rule");
}

// Does every answer fit the reading that the input is a limit / that it is ignored?
struct readings {
    size_t calls;
    const struct record *against_ignored;
    const struct record *against_limit;
};

static void read_answer(struct readings *readings, const struct record *record, size_t sessions)
{
    bool few = record->call.count_in < sessions;
    readings->calls++;
    if (!record_succeeded(record) && readings->against_ignored == NULL)
        readings->against_ignored = record;
    if ((few ? !record_insufficient(record) : !record_succeeded(record)) &&
        readings->against_limit == NULL)
        readings->against_limit = record;
}

static void judge_input(const struct evidence *evidence, struct verdict *verdict)
{
    struct readings readings = {0};
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        if (fail_unless_returned(record, verdict))
            return;
        if (!record_returned(record) || record->call.placement == PLACE_NULL)
            continue;
        read_answer(&readings, record, evidence_truth(evidence, record)->session_count);
    }
    char text[128];
    if (readings.calls == 0) {
        verdict_error(verdict, "*SessionCount was not varied");
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

static void judge_structures_fit(const struct evidence *evidence, struct verdict *verdict)
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
     .judge = judge_count},
    {.id = "COUNT-2",
     .level = LEVEL_NOTE,
     .basis = BASIS_PRACTICE,
     .sentence = "what *SessionCount holds after insufficient",
     .source = "one known caller sizes its buffer from it; the documentation is silent",
     .why = "A caller that multiplies it by the size of the structure works with some "
            "implementations only.",
     .passing = "anything: recorded, never judged",
     .failing = "nothing fails",
     .probe_sets = sets_insufficient,
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
     .judge = judge_structures_fit},
};

const struct clause_group group_count = {
    .name = "COUNT",
    .title = "what *SessionCount says",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
