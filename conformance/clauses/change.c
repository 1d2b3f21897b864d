// CHANGE: sessions come and go.
#include "conformance/clauses/groups.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"
#include "conformance/transcript/circumstance.h"

#include <string.h>

static bool is_under(const struct record *record, const char *circumstance)
{
    return record->circumstance != NULL && strcmp(record->circumstance, circumstance) == 0;
}

static const struct record *next_under(const struct evidence *evidence, const struct record *after,
                                       const char *circumstance)
{
    const struct record *record = evidence_next(evidence, after, NULL);
    while (record != NULL && !is_under(record, circumstance))
        record = evidence_next(evidence, record, NULL);
    return record;
}

static bool list_is_present(const struct evidence *evidence, const struct record *record,
                            struct verdict *verdict)
{
    const struct listing *listing = evidence_listing(evidence, record);
    char why[512] = "";
    if (listing != NULL &&
        listing_is_truth(listing, evidence_truth(evidence, record), why, sizeof why))
        return true;
    verdict_fail(verdict, record, "the list is not the present one: %s", why);
    verdict_expect(verdict, "the sessions as they are, %s", record->circumstance);
    return false;
}

static bool returned_with(const struct record *record, bool (*right)(const struct record *),
                          const char *expected, struct verdict *verdict)
{
    char text[128];
    if (fail_unless_returned(record, verdict))
        return false;
    if (right(record))
        return true;
    verdict_fail(verdict, record, "%s for %u bytes, *BufferSize = %u",
                 error_code_describe(record->outcome.status, text, sizeof text),
                 record->call.offered, record->outcome.size_out);
    verdict_expect(verdict, "%s", expected);
    return false;
}

// The first fetch after a login offers the size from before it, the second what the first asked
// for.
static void judge_growth(const struct evidence *evidence, const struct record *fetch,
                         const struct record *again, struct verdict *verdict)
{
    if (!returned_with(fetch, record_insufficient,
                       "122 (ERROR_INSUFFICIENT_BUFFER): a session was added since the query",
                       verdict))
        return;
    if (fetch->outcome.size_out <= fetch->call.offered) {
        verdict_fail(verdict, fetch, "*BufferSize = %u for %u bytes offered",
                     fetch->outcome.size_out, fetch->call.offered);
        verdict_expect(verdict, "the new, larger size required");
        return;
    }
    if (again == NULL)
        verdict_error(verdict, "the new size was not offered");
    else if (returned_with(again, record_succeeded, "0 (ERROR_SUCCESS) for the new size", verdict))
        list_is_present(evidence, again, verdict);
}

static void judge_shrinkage(const struct evidence *evidence, const struct record *fetch,
                            struct verdict *verdict)
{
    if (!returned_with(fetch, record_succeeded, "0 (ERROR_SUCCESS): a session went since the query",
                       verdict) ||
        !list_is_present(evidence, fetch, verdict))
        return;
    if (fetch->outcome.size_out < fetch->call.offered)
        return;
    verdict_fail(verdict, fetch,
                 "*BufferSize = %u for %u bytes offered, with a session less than when "
                 "%u were required",
                 fetch->outcome.size_out, fetch->call.offered, fetch->call.offered);
    verdict_expect(verdict, "the smaller size of what was retrieved");
    if (fetch->outcome.size_out == fetch->call.offered)
        verdict->deviation = "size-larger-than-used";
}

// As many sessions as before, and some of them not as they were: what they take up now may be more
// or less.
static void judge_alteration(const struct evidence *evidence, const struct record *fetch,
                             const struct record *again, struct verdict *verdict)
{
    if (record_insufficient(fetch)) {
        if (fetch->outcome.size_out <= fetch->call.offered) {
            verdict_fail(verdict, fetch, "*BufferSize = %u for %u bytes offered, with 122",
                         fetch->outcome.size_out, fetch->call.offered);
            verdict_expect(verdict, "success, or 122 with a larger size");
            return;
        }
        fetch = again;
    }
    if (fetch == NULL)
        verdict_error(verdict, "the new size was not offered");
    else if (returned_with(fetch, record_succeeded, "0 (ERROR_SUCCESS)", verdict))
        list_is_present(evidence, fetch, verdict);
}

// One of the scenario's events: the query before it, and the fetches after.
struct event_calls {
    const struct record *query;
    const struct record *fetch;
    const struct record *again; // NULL: the first did not ask for more
};

static bool is_after_event(const struct record *record)
{
    return record->circumstance != NULL && strncmp(record->circumstance, CIRCUMSTANCE_AFTER_EVENT,
                                                   strlen(CIRCUMSTANCE_AFTER_EVENT)) == 0;
}

// The first event after the record `after`; false: there is none, or no more.
static bool next_event(const struct evidence *evidence, const struct record *after,
                       struct event_calls *calls)
{
    const struct record *before = after;
    for (const struct record *record = evidence_next(evidence, after, PROBE_SET_EVENTS);
         record != NULL; record = evidence_next(evidence, record, PROBE_SET_EVENTS)) {
        if (!is_after_event(record) || before == NULL || is_after_event(before)) {
            before = record;
            continue;
        }
        *calls = (struct event_calls){.query = before, .fetch = record};
        const struct record *next = evidence_next(evidence, record, PROBE_SET_EVENTS);
        if (next != NULL && is_under(next, record->circumstance))
            calls->again = next;
        return true;
    }
    return false;
}

// How the number of sessions changed with it: below 0, 0, above 0.
static int event_direction(const struct evidence *evidence, const struct event_calls *calls)
{
    size_t before = evidence_truth(evidence, calls->query)->session_count;
    size_t after = evidence_truth(evidence, calls->fetch)->session_count;
    return (after > before) - (after < before);
}

// The events that are the clause's business: those that go into `direction`.
static void judge_events(const struct evidence *evidence, int direction, struct verdict *verdict)
{
    struct event_calls calls = {0};
    for (const struct record *last = NULL;
         verdict->kind == VERDICT_PASS && next_event(evidence, last, &calls);
         last = calls.again != NULL ? calls.again : calls.fetch) {
        // What the query should have said is other clauses' business.
        if (event_direction(evidence, &calls) != direction ||
            !(record_insufficient(calls.query) || record_succeeded(calls.query)))
            continue;
        if (direction > 0)
            judge_growth(evidence, calls.fetch, calls.again, verdict);
        else if (direction < 0)
            judge_shrinkage(evidence, calls.fetch, verdict);
        else
            judge_alteration(evidence, calls.fetch, calls.again, verdict);
    }
}

static void judge_login(const struct evidence *evidence, struct verdict *verdict)
{
    const struct record *fetch = next_under(evidence, NULL, CIRCUMSTANCE_LOGIN);
    if (fetch == NULL) {
        verdict_error(verdict, "no login was made between query and fetch");
        return;
    }
    judge_growth(evidence, fetch, next_under(evidence, fetch, CIRCUMSTANCE_LOGIN), verdict);
    judge_events(evidence, 1, verdict);
}

static void judge_logout(const struct evidence *evidence, struct verdict *verdict)
{
    const struct record *fetch = next_under(evidence, NULL, CIRCUMSTANCE_LOGOUT);
    if (fetch == NULL) {
        verdict_error(verdict, "no logout was made between query and fetch");
        return;
    }
    judge_shrinkage(evidence, fetch, verdict);
    judge_events(evidence, -1, verdict);
}

static void judge_while_changing(const struct evidence *evidence, struct verdict *verdict)
{
    size_t successes = 0;
    char text[128];
    for (const struct record *record = evidence_next(evidence, NULL, NULL);
         record != NULL && verdict->kind == VERDICT_PASS;
         record = evidence_next(evidence, record, NULL)) {
        if (!is_under(record, CIRCUMSTANCE_CHANGING))
            continue;
        if (fail_unless_returned(record, verdict))
            return;
        if (record_succeeded(record)) {
            const struct listing *listing = evidence_listing(evidence, record);
            if (listing == NULL)
                continue;
            successes++;
            judge_moment(evidence, record, listing, verdict);
        } else if (record_returned(record) && !record_insufficient(record)) {
            verdict_fail(verdict, record, "%s",
                         error_code_describe(record->outcome.status, text, sizeof text));
            verdict_expect(verdict,
                           "0 (ERROR_SUCCESS) or 122 (ERROR_INSUFFICIENT_BUFFER): the source "
                           "was there all the time");
        }
    }
    if (evidence_exhausted(evidence))
        verdict_error(verdict, "memory ran out while the lists were decoded");
    else if (verdict->kind == VERDICT_PASS && successes == 0)
        verdict_fail(verdict, NULL, "no call succeeded while sessions came and went");
}

// Two rounds of query and fetch stand in a row under that circumstance, in each set of probes.
static void judge_settled_in(const struct evidence *evidence, const char *set, size_t *rounds,
                             struct verdict *verdict)
{
    const struct record *last = NULL;
    size_t successes = 0;
    for (const struct record *record = evidence_next(evidence, NULL, set); record != NULL;
         record = evidence_next(evidence, record, set)) {
        if (!is_under(record, CIRCUMSTANCE_SETTLED)) {
            if (last != NULL && successes == 0)
                break;
            last = NULL;
            successes = 0;
            continue;
        }
        last = record;
        ++*rounds;
        if (fail_unless_returned(record, verdict))
            return;
        // The query of an empty list succeeds too, and is no fetch.
        if (!record_succeeded(record) || record->call.placement == PLACE_NULL)
            continue;
        successes++;
        if (!list_is_present(evidence, record, verdict))
            return;
    }
    if (last != NULL && successes == 0) {
        verdict_fail(verdict, last, "query and fetch, twice, and neither fetch succeeded");
        verdict_expect(verdict, "a fetch that succeeds within two rounds");
    }
}

static void judge_settled(const struct evidence *evidence, struct verdict *verdict)
{
    size_t rounds = 0;
    judge_settled_in(evidence, "changing", &rounds, verdict);
    if (rounds == 0 && verdict->kind == VERDICT_PASS)
        verdict_error(verdict, "nothing was called after the changes stopped");
    if (verdict->kind == VERDICT_PASS)
        judge_settled_in(evidence, PROBE_SET_EVENTS, &rounds, verdict);
}

// Each time a query and then the fetch of what it asked for: nothing happens between the two.
static void judge_dropped(const struct evidence *evidence, struct verdict *verdict)
{
    static const char *const circumstances[] = {CIRCUMSTANCE_DROP, CIRCUMSTANCE_REINSTATEMENT};
    for (size_t i = 0; i < sizeof circumstances / sizeof circumstances[0]; i++) {
        size_t fetches = 0;
        for (const struct record *record = next_under(evidence, NULL, circumstances[i]);
             record != NULL; record = next_under(evidence, record, circumstances[i])) {
            if (record->call.placement == PLACE_NULL)
                continue;
            fetches++;
            if (!returned_with(record, record_succeeded, "0 (ERROR_SUCCESS)", verdict) ||
                !list_is_present(evidence, record, verdict))
                return;
        }
        if (fetches == 0) {
            verdict_error(verdict, "nothing was called %s", circumstances[i]);
            return;
        }
    }
    judge_events(evidence, 0, verdict);
}

static const char *const sets_steps[] = {"steps", PROBE_SET_EVENTS, NULL};
static const char *const sets_changing[] = {"changing", PROBE_SET_EVENTS, NULL};

static const struct clause clauses[] = {
    {.id = "CHANGE-1",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "a login between the size query and the fetch: insufficient, with the new size",
     .source =
         "a storage vendor met this while an array failed over (hpe-storage/common-host-libs)",
     .why = "The list grows between the two calls of every caller sooner or later. A caller that "
            "is told "
            "the new size asks again and succeeds.",
     .passing = "122 with the new size, then success with one session more",
     .failing = "a list cut to the old size, with success; the old size again",
     .probe_sets = sets_steps,
     .judge = judge_login},
    {.id = "CHANGE-2",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence =
         "a logout between the size query and the fetch: success, with the smaller size and "
         "count",
     .source = SOURCE_PAGE_SIZE,
     .why =
         "The buffer is larger than needed, which is no error; a session that has gone must not be "
         "reported.",
     .passing = "0, one session less",
     .failing = "the list of before, from a cache",
     .probe_sets = sets_steps,
     .judge = judge_logout},
    {.id = "CHANGE-3",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence =
         "while sessions come and go, every success is one consistent moment: count, structures "
         "and size agree, and every session in it existed",
     .source = SOURCE_PAGE_INFO,
     .why = "A list put together from two moments has sessions that never were, or twice, or with "
            "another's connections.",
     .passing = "each list is that of one generation that could be seen during the call",
     .failing = "the count of one moment and the sessions of the next; a list of long ago",
     .probe_sets = sets_changing,
     .judge = judge_while_changing},
    {.id = "CHANGE-4",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "once changes stop, query and fetch succeed within two rounds",
     .source = SOURCE_PAGE_RETURNS,
     .why =
         "os-win asks as long as it is told that the buffer is too small: it must come to an end.",
     .passing = "122 with the size, then 0",
     .failing = "122 for ever, because the size comes from a cache and the check from the source",
     .probe_sets = sets_changing,
     .judge = judge_settled},
    {.id = "CHANGE-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "a session that was dropped, and one that was reinstated under a new TSIH, are reported "
         "as they now are",
     .source = "the page: the active login sessions",
     .why = "After a failover the handles and addresses of before lead nowhere.",
     .passing = "no connection while there is none; the new TSIH and the new connection after",
     .failing = "the TSID of before; the lost connection still listed",
     .probe_sets = sets_steps,
     .wants = LACKS_RECOVERY,
     .judge = judge_dropped},
};

const struct clause_group group_change = {
    .name = "CHANGE",
    .title = "sessions come and go",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
