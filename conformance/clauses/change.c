// SPDX-License-Identifier: Apache-2.0
// CHANGE: sessions come and go.
#include "conformance/clauses/groups.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/quiet.h"
#include "conformance/judge/room.h"
#include "conformance/transcript/circumstance.h"

#include <string.h>

static const struct record *next_under(const struct evidence *evidence, const struct record *after,
                                       const char *circumstance)
{
    const struct record *record = evidence_next(evidence, after, NULL);
    while (record != NULL && !record_under(record, circumstance))
        record = evidence_next(evidence, record, NULL);
    return record;
}

static bool list_is_present(const struct evidence *evidence, const struct record *record,
                            struct verdict *verdict)
{
    const struct listing *listing = evidence_listing(evidence, record);
    struct mismatch mismatch = {0};
    if (listing != NULL &&
        listing_is_truth(evidence, listing, evidence_truth(evidence, record), &mismatch))
        return true;
    verdict_fail(verdict, record, "the list is not the present one: %s", mismatch.why);
    verdict->about = mismatch.about;
    verdict_expect(verdict, "the sessions as they are, %s", record->circumstance);
    return false;
}

// Did the call succeed? One that did not return is judged elsewhere, and that the size asked for is
// refused already while nothing changes is SIZE-2's business.
static bool succeeded(const struct quiet *quiet, const struct record *record, const char *expected,
                      struct verdict *verdict)
{
    char text[128];
    if (record_succeeded(record))
        return true;
    if (!record_returned(record) || quiet->required_is_not_enough)
        return false;
    verdict_fail(verdict, record, "%s for %u bytes, *BufferSize = %u",
                 error_code_describe(record->outcome.status, text, sizeof text),
                 record->call.offered, record->outcome.size_out);
    verdict_expect(verdict, "%s", expected);
    return false;
}

// A list that was fetched with the size asked for before something happened, or with the new one
// after that was refused: one of the two is to succeed with the present list.
struct refetch {
    const struct record *fetch; // with the size from before
    const struct record *again; // with the new size; NULL: it was not made
};

// The fetch was refused: the size that it asked for is to be more than was offered, and enough.
static void judge_refused(const struct evidence *evidence, const struct quiet *quiet,
                          const struct refetch *refetch, struct verdict *verdict)
{
    const struct outcome *outcome = &refetch->fetch->outcome;
    if (outcome->size_out <= refetch->fetch->call.offered) {
        verdict_fail(verdict, refetch->fetch, "*BufferSize = %u for %u bytes offered",
                     outcome->size_out, refetch->fetch->call.offered);
        verdict_expect(verdict, "the new, larger size required");
    } else if (refetch->again == NULL) {
        verdict_uncalled(verdict, "the new size was not offered");
    } else if (succeeded(quiet, refetch->again, "0 (ERROR_SUCCESS) for the new size", verdict)) {
        list_is_present(evidence, refetch->again, verdict);
    }
}

// After a login: insufficient; or success with the new list, where the size required was larger
// than what is used, so that the offer holds it.
static void judge_growth(const struct evidence *evidence, const struct quiet *quiet,
                         const struct refetch *refetch, struct verdict *verdict)
{
    const struct record *fetch = refetch->fetch;
    struct measure measure;
    char text[128];
    if (!record_returned(fetch))
        return;
    if (record_succeeded(fetch)) {
        if (evidence_measure(evidence, evidence_truth(evidence, fetch), &measure) != 0)
            verdict_exhaust(evidence, verdict);
        else if (fetch->call.offered < measure.least - measure.initiator_addresses) {
            verdict_fail(verdict, fetch, "0 (ERROR_SUCCESS) for %u bytes", fetch->call.offered);
            verdict_expect(verdict,
                           "122 (ERROR_INSUFFICIENT_BUFFER): a session was added since the "
                           "query, and the sessions take up at least %llu bytes now",
                           (unsigned long long)measure.least);
        } else {
            list_is_present(evidence, fetch, verdict);
        }
    } else if (quiet_insufficient(quiet, fetch)) {
        judge_refused(evidence, quiet, refetch, verdict);
    } else {
        verdict_fail(verdict, fetch, "%s for %u bytes",
                     error_code_describe(fetch->outcome.status, text, sizeof text),
                     fetch->call.offered);
        verdict_expect(verdict, "122 (ERROR_INSUFFICIENT_BUFFER): a session was added since the "
                                "query");
    }
}

// Does the list take up all that *BufferSize says, but for padding? Then that is its size, though
// as much was offered.
static bool is_filled(const struct evidence *evidence, const struct record *fetch)
{
    enum { PADDING_MAX = 7 };
    uint64_t end = 0;
    return size_fault_of_success(evidence, fetch, &end) == SIZE_FITS &&
           end + PADDING_MAX >= fetch->outcome.size_out;
}

// The last session went, and a buffer is asked for all the same: a known way of answering.
static bool asks_for_none(const struct evidence *evidence, const struct record *fetch,
                          struct verdict *verdict)
{
    if (evidence_truth(evidence, fetch)->session_count > 0 || !record_asks_for_none(fetch))
        return false;
    if (verdict_deviates(evidence, "empty-needs-a-buffer", verdict, fetch,
                         "122 (ERROR_INSUFFICIENT_BUFFER) with *SessionCount = 0 and *BufferSize = "
                         "%u for %u bytes",
                         fetch->outcome.size_out, fetch->call.offered))
        verdict_expect(verdict, "0 (ERROR_SUCCESS): there are no sessions any more");
    return true;
}

static void judge_shrinkage(const struct evidence *evidence, const struct quiet *quiet,
                            const struct record *fetch, struct verdict *verdict)
{
    if (asks_for_none(evidence, fetch, verdict))
        return;
    if (!succeeded(quiet, fetch, "0 (ERROR_SUCCESS): a session went since the query", verdict) ||
        !list_is_present(evidence, fetch, verdict) || quiet->size_differs ||
        fetch->outcome.size_out < fetch->call.offered || is_filled(evidence, fetch))
        return;
    if (fetch->outcome.size_out == fetch->call.offered)
        verdict_deviates(evidence, "size-larger-than-used", verdict, fetch,
                         "*BufferSize = %u, as when there was a session more",
                         fetch->outcome.size_out);
    else
        verdict_fail(verdict, fetch, "*BufferSize = %u for %u bytes offered",
                     fetch->outcome.size_out, fetch->call.offered);
    verdict_expect(verdict, "the smaller size of what was retrieved");
}

// As many sessions as before, and some of them not as they were: what they take up now may be more
// or less.
static void judge_alteration(const struct evidence *evidence, const struct quiet *quiet,
                             const struct refetch *refetch, struct verdict *verdict)
{
    if (quiet_insufficient(quiet, refetch->fetch))
        judge_refused(evidence, quiet, refetch, verdict);
    else if (succeeded(quiet, refetch->fetch, "0 (ERROR_SUCCESS)", verdict))
        list_is_present(evidence, refetch->fetch, verdict);
}

// One of the scenario's events: the query before it, and the fetches after.
struct event_calls {
    const struct record *query;
    struct refetch after;
};

static bool is_after_event(const struct record *record)
{
    return record_under_prefix(record, CIRCUMSTANCE_AFTER_EVENT);
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
        *calls = (struct event_calls){.query = before, .after.fetch = record};
        const struct record *next = evidence_next(evidence, record, PROBE_SET_EVENTS);
        if (next != NULL && record_under(next, record->circumstance))
            calls->after.again = next;
        return true;
    }
    return false;
}

// How the number of sessions changed with it: below 0, 0, above 0.
static int event_direction(const struct evidence *evidence, const struct event_calls *calls)
{
    size_t before = evidence_truth(evidence, calls->query)->session_count;
    size_t after = evidence_truth(evidence, calls->after.fetch)->session_count;
    return (after > before) - (after < before);
}

static bool same_session(const struct truth_session *one, const struct truth_session *other)
{
    bool same = one->adapter_specific == other->adapter_specific &&
                one->connection_count == other->connection_count;
    for (size_t i = 0; same && i < one->connection_count; i++)
        same = one->connections[i].adapter_specific == other->connections[i].adapter_specific;
    return same;
}

// Are the sessions after it some of those before, as they were and in their order? Else they may
// take up more, though they are fewer: one of them may have got connections.
static bool only_lost(const struct truth *before, const struct truth *after)
{
    size_t at = 0;
    for (size_t i = 0; i < after->session_count; i++) {
        while (at < before->session_count &&
               !same_session(&before->sessions[at], &after->sessions[i]))
            at++;
        if (at++ >= before->session_count)
            return false;
    }
    return true;
}

// The events that are the clause's business: those that go into `direction`.
static void judge_events(const struct evidence *evidence, const struct quiet *quiet, int direction,
                         struct verdict *verdict)
{
    struct event_calls calls = {0};
    for (const struct record *last = NULL;
         verdict->kind == VERDICT_PASS && next_event(evidence, last, &calls);
         last = calls.after.again != NULL ? calls.after.again : calls.after.fetch) {
        // What the query should have said is other clauses' business.
        if (event_direction(evidence, &calls) != direction ||
            !(quiet_insufficient(quiet, calls.query) || record_succeeded(calls.query)))
            continue;
        if (direction > 0)
            judge_growth(evidence, quiet, &calls.after, verdict);
        else if (direction < 0 && only_lost(evidence_truth(evidence, calls.query),
                                            evidence_truth(evidence, calls.after.fetch)))
            judge_shrinkage(evidence, quiet, calls.after.fetch, verdict);
        else
            judge_alteration(evidence, quiet, &calls.after, verdict);
    }
}

// Is there an event that goes into that direction? A case may have no other change.
static bool has_events(const struct evidence *evidence, int direction)
{
    struct event_calls calls = {0};
    for (const struct record *last = NULL; next_event(evidence, last, &calls);
         last = calls.after.again != NULL ? calls.after.again : calls.after.fetch)
        if (event_direction(evidence, &calls) == direction)
            return true;
    return false;
}

// What the quiet topology's lists are like, and says in the verdict what is left out; NULL, and
// says so, where no list was ever right enough to compare with.
static const struct quiet *find_quiet(const struct evidence *evidence, struct verdict *verdict)
{
    const struct quiet *quiet = quiet_of(evidence);
    if (quiet == NULL) {
        verdict_exhaust(evidence, verdict);
        return NULL;
    }
    if (quiet->lists == 0) {
        verdict_block(verdict, BLOCKED_BY_SUCCESS, "no call succeeded before anything changed");
        return NULL;
    }
    quiet_tell(quiet, verdict);
    return quiet;
}

static void judge_login(const struct evidence *evidence, struct verdict *verdict)
{
    const struct quiet *quiet = find_quiet(evidence, verdict);
    struct refetch refetch = {.fetch = next_under(evidence, NULL, CIRCUMSTANCE_LOGIN)};
    if (quiet == NULL)
        return;
    if (refetch.fetch == NULL && !has_events(evidence, 1)) {
        verdict_uncalled(verdict, "no login was made between query and fetch");
        return;
    }
    if (refetch.fetch != NULL) {
        refetch.again = next_under(evidence, refetch.fetch, CIRCUMSTANCE_LOGIN);
        judge_growth(evidence, quiet, &refetch, verdict);
    }
    judge_events(evidence, quiet, 1, verdict);
}

static void judge_logout(const struct evidence *evidence, struct verdict *verdict)
{
    const struct quiet *quiet = find_quiet(evidence, verdict);
    const struct record *fetch = next_under(evidence, NULL, CIRCUMSTANCE_LOGOUT);
    if (quiet == NULL)
        return;
    if (fetch == NULL && !has_events(evidence, -1)) {
        verdict_uncalled(verdict, "no logout was made between query and fetch");
        return;
    }
    if (fetch != NULL)
        judge_shrinkage(evidence, quiet, fetch, verdict);
    judge_events(evidence, quiet, -1, verdict);
}

struct moments {
    const struct quiet *quiet;
    struct room room;
    size_t successes;
};

static bool judge_moment_of(const struct evidence *evidence, const struct record *record,
                            void *context, struct verdict *verdict)
{
    struct moments *moments = context;
    char text[128];
    if (!record_under(record, CIRCUMSTANCE_CHANGING) || !record_returned(record))
        return false;
    const struct listing *listing = evidence_listing(evidence, record);
    if (listing != NULL) {
        moments->successes++;
        judge_moment(evidence, record, listing, verdict);
    } else if (!quiet_insufficient(moments->quiet, record)) {
        verdict_fail(verdict, record, "%s",
                     error_code_describe(record->outcome.status, text, sizeof text));
        verdict_expect(verdict, "0 (ERROR_SUCCESS) or 122 (ERROR_INSUFFICIENT_BUFFER): the source "
                                "was there all the time");
    }
    judge_moment_size(evidence, &moments->room, record, verdict);
    return true;
}

static void judge_while_changing(const struct evidence *evidence, struct verdict *verdict)
{
    struct moments moments = {.quiet = find_quiet(evidence, verdict)};
    if (moments.quiet == NULL || !room_open(&moments.room, evidence))
        return;
    size_t calls = judge_each_record(evidence, judge_moment_of, &moments, verdict);
    room_close(&moments.room);
    judge_seen(evidence, calls, BLOCKED_BY_ANY, "nothing returned while sessions came and went",
               verdict);
    if (verdict->kind == VERDICT_PASS && moments.successes == 0)
        verdict_fail(verdict, NULL, "no call succeeded while sessions came and went");
}

// Two rounds of query and fetch stand in a row under that circumstance, in each set of probes.
static void judge_settled_in(const struct evidence *evidence, const struct quiet *quiet,
                             const char *set, size_t *rounds, struct verdict *verdict)
{
    const struct record *last = NULL;
    size_t successes = 0;
    for (const struct record *record = evidence_next(evidence, NULL, set); record != NULL;
         record = evidence_next(evidence, record, set)) {
        if (!record_under(record, CIRCUMSTANCE_SETTLED)) {
            if (last != NULL && successes == 0)
                break;
            last = NULL;
            successes = 0;
            continue;
        }
        last = record;
        ++*rounds;
        // The query of an empty list succeeds too, and is no fetch.
        if (!record_succeeded(record) || record->call.placement == PLACE_NULL)
            continue;
        successes++;
        if (!list_is_present(evidence, record, verdict))
            return;
    }
    if (last != NULL && successes == 0 && record_returned(last) && !quiet->required_is_not_enough) {
        verdict_fail(verdict, last, "query and fetch, twice, and neither fetch succeeded");
        verdict_expect(verdict, "a fetch that succeeds within two rounds");
    }
}

static void judge_settled(const struct evidence *evidence, struct verdict *verdict)
{
    const struct quiet *quiet = find_quiet(evidence, verdict);
    size_t rounds = 0;
    if (quiet == NULL)
        return;
    judge_settled_in(evidence, quiet, "changing", &rounds, verdict);
    if (rounds == 0 && verdict->kind == VERDICT_PASS)
        verdict_uncalled(verdict, "nothing was called after the changes stopped");
    if (verdict->kind == VERDICT_PASS)
        judge_settled_in(evidence, quiet, PROBE_SET_EVENTS, &rounds, verdict);
}

// Each time a query and then the fetch of what it asked for: nothing happens between the two.
static void judge_dropped(const struct evidence *evidence, struct verdict *verdict)
{
    static const char *const circumstances[] = {CIRCUMSTANCE_DROP, CIRCUMSTANCE_REINSTATEMENT};
    const struct quiet *quiet = find_quiet(evidence, verdict);
    if (quiet == NULL)
        return;
    for (size_t i = 0; i < sizeof circumstances / sizeof circumstances[0]; i++) {
        size_t fetches = 0;
        for (const struct record *record = next_under(evidence, NULL, circumstances[i]);
             record != NULL; record = next_under(evidence, record, circumstances[i])) {
            if (record->call.placement == PLACE_NULL)
                continue;
            fetches++;
            if (succeeded(quiet, record, "0 (ERROR_SUCCESS)", verdict))
                list_is_present(evidence, record, verdict);
            if (verdict->kind == VERDICT_FAIL)
                return;
        }
        if (fetches == 0 && !has_events(evidence, 0)) {
            verdict_uncalled(verdict, "nothing was called %s", circumstances[i]);
            return;
        }
    }
    judge_events(evidence, quiet, 0, verdict);
}

static const char *const sets_steps[] = {"fetch", "steps", PROBE_SET_EVENTS, NULL};
static const char *const sets_changing[] = {"fetch", "changing", PROBE_SET_EVENTS, NULL};

static const struct clause clauses[] = {
    {.id = "CHANGE-1",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence =
         "a login between the size query and the fetch: insufficient, with the new size; or, "
         "where the offer holds it, success with the new list",
     .source =
         "a storage vendor met this while an array failed over (hpe-storage/common-host-libs)",
     .why = "The list grows between the two calls of every caller sooner or later. A caller that "
            "is told "
            "the new size asks again and succeeds.",
     .passing = "122 with the new size, then success with one session more",
     .failing = "a list cut to the old size, with success; the old size again",
     .probe_sets = sets_steps,
     .wants = LACKS_CHANGES,
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
     .wants = LACKS_CHANGES,
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
     .wants = LACKS_CHANGES,
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
     .wants = LACKS_CHANGES,
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
     .wants = LACKS_RECOVERY | LACKS_CHANGES,
     .judge = judge_dropped},
};

const struct clause_group group_change = {
    .name = "CHANGE",
    .title = "sessions come and go",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
