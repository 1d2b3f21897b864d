// SPDX-License-Identifier: Apache-2.0
// THREADS: many calls at once.
#include "conformance/clauses/groups.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/quiet.h"
#include "conformance/transcript/circumstance.h"

// What became of one thread alone that offered as much as the call, at the same sessions.
enum alone {
    ALONE_UNKNOWN, // none did
    ALONE_REFUSED,
    ALONE_SUCCEEDED,
};

static enum alone answer_alone(const struct evidence *evidence, const struct record *call)
{
    enum alone answer = ALONE_UNKNOWN;
    for (const struct record *record = evidence_next(evidence, NULL, "short"); record != NULL;
         record = evidence_next(evidence, record, "short")) {
        if (record->call.offered != call->call.offered || !record_plain(record, evidence->abi) ||
            !record_returned(record) || !evidence_same_sessions(evidence, record, call))
            continue;
        if (record_succeeded(record))
            return ALONE_SUCCEEDED;
        answer = ALONE_REFUSED;
    }
    return answer;
}

// May the call have succeeded, though it offered less than was asked for? Whether less is enough is
// SIZE-3's business, but not that the list was written where it can't fit.
static bool may_fit(const struct evidence *evidence, const struct record *record)
{
    struct measure measure;
    if (evidence_measure(evidence, evidence_truth(evidence, record), &measure) == 0)
        return record->call.offered >= measure.least - measure.initiator_addresses;
    evidence_exhaust(evidence);
    return true;
}

struct together {
    const struct quiet *quiet;
    bool queried;      // one thread alone has asked what is required
    uint32_t required; // what the implementation first said then; 0: nothing
    size_t successes;
    bool enough;               // some call offered what is required, as far as that is known
    const struct truth *truth; // of the record looked at last
    bool others;               // that has other sessions than the first query met
};

// Were the sessions others than those that one thread alone was asked about, or is that not known?
// Others of which a list takes the least that these take may still require another size: where each
// string begins depends on those before it. It is found out once for each state of the sessions.
static bool other_sessions(const struct evidence *evidence, struct together *together,
                           const struct record *record)
{
    const struct truth *truth = evidence_truth(evidence, record);
    if (record_under(record, CIRCUMSTANCE_CHANGING) || !together->queried)
        return true;
    if (together->truth != truth)
        together->others = !evidence_as_queried(evidence, record);
    together->truth = truth;
    return together->others;
}

static bool is_right(const struct evidence *evidence, struct together *together,
                     const struct record *record)
{
    bool insufficient = quiet_insufficient(together->quiet, record);
    bool succeeded = record_succeeded(record);
    if (other_sessions(evidence, together, record))
        return succeeded || insufficient;
    if (record->call.offered >= together->required && together->quiet->required_is_not_enough)
        return true; // SIZE-2's business
    if (record->call.offered >= together->required)
        return succeeded;
    switch (answer_alone(evidence, record)) {
    case ALONE_SUCCEEDED:
        return succeeded;
    case ALONE_REFUSED:
        return insufficient;
    default:
        return insufficient || (succeeded && may_fit(evidence, record));
    }
}

// Is it the known way of answering where more is asked for than is used: the size that was offered,
// which was enough though it is less than asked for (SIZE-3's business) or though there are no
// sessions (EMPTY-1's)?
static bool repeats_offer(const struct evidence *evidence, const struct together *together,
                          const struct record *record)
{
    return record->outcome.size_out == record->call.offered &&
           (record->call.offered < together->required ||
            (together->required > 0 && evidence_truth(evidence, record)->session_count == 0));
}

static bool judge_thread_of(const struct evidence *evidence, const struct record *record,
                            void *context, struct verdict *verdict)
{
    struct together *together = context;
    char text[128];
    if (record->threads <= 1 || !record_returned(record))
        return false;
    const struct listing *listing = evidence_listing(evidence, record);
    together->enough |=
        !other_sessions(evidence, together, record) && record->call.offered >= together->required;
    if (!is_right(evidence, together, record)) {
        verdict_fail(verdict, record, "%s in thread %u of %u for %u bytes",
                     error_code_describe(record->outcome.status, text, sizeof text),
                     record->thread + 1, record->threads, record->call.offered);
        verdict_expect(verdict, "what one thread alone gets");
    } else if (record_insufficient(record) && !other_sessions(evidence, together, record) &&
               record->outcome.size_out != together->required) {
        verdict_fail(verdict, record, "*BufferSize = %u in thread %u of %u",
                     record->outcome.size_out, record->thread + 1, record->threads);
        verdict_expect(verdict, "%u, as in one thread alone", together->required);
    } else if (record_succeeded(record) && !other_sessions(evidence, together, record) &&
               together->quiet->sized && !together->quiet->size_differs &&
               !repeats_offer(evidence, together, record) &&
               record->outcome.size_out != together->quiet->size) {
        verdict_fail(verdict, record, "success with *BufferSize = %u in thread %u of %u",
                     record->outcome.size_out, record->thread + 1, record->threads);
        verdict_expect(verdict, "%u, as in one thread alone", together->quiet->size);
    } else if (listing != NULL) {
        struct evidence one = *evidence;
        one.new_process = record_under(record, CIRCUMSTANCE_FIRST);
        together->successes++;
        judge_moment(&one, record, listing, verdict);
    }
    return true;
}

static void judge_threads(const struct evidence *evidence, struct verdict *verdict)
{
    struct together together = {.quiet = quiet_of(evidence)};
    if (together.quiet == NULL) {
        verdict_exhaust(evidence, verdict);
        return;
    }
    if (together.quiet->lists == 0) {
        verdict_block(verdict, BLOCKED_BY_SUCCESS, "no call succeeded in one thread alone");
        return;
    }
    quiet_tell(together.quiet, verdict);
    const struct record *query = evidence_next(evidence, NULL, "query");
    together.queried = query != NULL;
    if (query != NULL)
        evidence_asked(evidence, query, &together.required);
    size_t calls = judge_each_record(evidence, judge_thread_of, &together, verdict);
    judge_seen(evidence, calls, BLOCKED_BY_ANY, "no call in threads returned", verdict);
    if (verdict->kind == VERDICT_PASS && together.successes == 0 && together.enough)
        verdict_fail(verdict, NULL, "no call succeeded in any thread");
}

static void judge_both(const struct evidence *evidence, struct verdict *verdict)
{
    for (int charset = CHARSET_A; charset <= CHARSET_W && verdict->kind == VERDICT_PASS;
         charset++) {
        struct evidence one = evidence_of(evidence, (enum charset)charset);
        judge_threads(&one, verdict);
    }
}

static const char *const sets[] = {"fetch", "short", "threads", "threads-first", NULL};
static const char *const sets_both[] = {"fetch", "short", PROBE_SET_THREADS_BOTH, NULL};

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
    {.id = "THREADS-2",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "calls of A in some threads and of W in others at once each give what one alone "
                 "gives",
     .source =
         "state shared between two functions behind two locks: giampaolo/psutil issue 2627 is "
         "of that kind",
     .why = "A program and a library that it loads may well use one each.",
     .passing = "each of 16 threads gets its own, right list in its own character set",
     .failing = "one cache for both, with a lock for each",
     .probe_sets = sets_both,
     .charsets = JUDGED_TOGETHER,
     .judge = judge_both},
};

const struct clause_group group_threads = {
    .name = "THREADS",
    .title = "many calls at once",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
