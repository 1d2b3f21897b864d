// THREADS: many calls at once.
#include "conformance/clauses/groups.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"

// Was a buffer of that size enough for one thread alone?
static bool succeeded_alone(const struct evidence *evidence, uint32_t offered)
{
    for (const struct record *record = evidence_next(evidence, NULL, "short"); record != NULL;
         record = evidence_next(evidence, record, "short"))
        if (record->call.offered == offered && record_plain(record, evidence->abi) &&
            record_succeeded(record))
            return true;
    return false;
}

static void judge_threads(const struct evidence *evidence, struct verdict *verdict)
{
    uint32_t required = 0;
    bool known = evidence_required(evidence, &required);
    size_t successes = 0;
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, "threads");
         record != NULL && verdict->kind == VERDICT_PASS;
         record = evidence_next(evidence, record, "threads")) {
        if (fail_unless_returned(record, verdict))
            return;
        if (!record_returned(record))
            continue;
        bool changing = record->circumstance != NULL;
        bool enough = !known || record->call.offered >= required ||
                      succeeded_alone(evidence, record->call.offered);
        bool right = changing ? record_succeeded(record) || record_insufficient(record)
                     : enough ? record_succeeded(record)
                              : record_insufficient(record);
        if (!right) {
            verdict_fail(verdict, record, "%s in thread %u of %u for %u bytes",
                         error_code_describe(record->outcome.status, text, sizeof text),
                         record->thread + 1, record->threads, record->call.offered);
            verdict_expect(verdict, "what one thread alone gets");
        } else if (record_insufficient(record) && !changing &&
                   record->outcome.size_out != required) {
            verdict_fail(verdict, record, "*BufferSize = %u in thread %u of %u",
                         record->outcome.size_out, record->thread + 1, record->threads);
            verdict_expect(verdict, "%u, as in one thread alone", required);
        } else if (record_succeeded(record)) {
            const struct listing *listing = evidence_listing(evidence, record);
            if (listing == NULL)
                continue;
            successes++;
            judge_moment(evidence, record, listing, verdict);
        }
    }
    if (evidence_exhausted(evidence))
        verdict_error(verdict, "memory ran out while the lists were decoded");
    else if (evidence_next(evidence, NULL, "threads") == NULL)
        verdict_error(verdict, "nothing was called in threads");
    else if (verdict->kind == VERDICT_PASS && successes == 0)
        verdict_fail(verdict, NULL, "no call succeeded in any thread");
}

static const char *const sets[] = {"short", "threads", NULL};

static const struct clause clauses[] = {
    {.id = "THREADS-1",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "calls from many threads at once each give what one alone gives",
     .source = "a Win32 function without a word about threads may be called from any",
     .why = "Services ask from several threads. State that calls share turns up as somebody else's "
            "list, once a week.",
     .passing = "each of 32 threads gets its own, right list",
     .failing = "strings in static memory; a table that one call frees while another reads it",
     .probe_sets = sets,
     .judge = judge_threads},
};

const struct clause_group group_threads = {
    .name = "THREADS",
    .title = "many calls at once",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
