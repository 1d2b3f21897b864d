// SPDX-License-Identifier: Apache-2.0
// STABLE: from call to call.
#include "conformance/clauses/groups.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/pairs.h"
#include "conformance/judge/values.h"
#include "conformance/transcript/circumstance.h"

#include <stdlib.h>
#include <string.h>

// The list that the others are compared with, as long as the sessions stay the same.
struct first_list {
    const struct listing *listing;
    const struct record *record;
};

static bool judge_same_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    struct first_list *first = context;
    const struct listing *listing =
        record_plain(record, evidence->abi) ? evidence_listing(evidence, record) : NULL;
    if (listing == NULL)
        return false;
    if (first->listing == NULL || !evidence_same_sessions(evidence, first->record, record)) {
        *first = (struct first_list){listing, record};
    } else if (!listing_equal(first->listing, listing)) {
        char change[256];
        struct listed_member where;
        listing_describe_change(first->listing, listing, change, sizeof change, &where);
        verdict_fail(verdict, record,
                     "another list than from the first call: %s then (%u bytes offered now, %u "
                     "then)",
                     change, record->call.offered, first->record->call.offered);
        verdict_expect(verdict, "the same list as long as the sessions stay the same");
        verdict->wrong = where;
    }
    return true;
}

static void judge_same_answer(const struct evidence *evidence, struct verdict *verdict)
{
    struct first_list first = {0};
    size_t seen = judge_each_record(evidence, judge_same_of, &first, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_SUCCESS, "no call succeeded", verdict);
}

// What an implementation called a session or a connection of the truth, in one list.
struct naming {
    uint64_t known; // the truth's identifier: one for the life of a session
    uint64_t listed[2];
    const struct record *record;
};

struct namings {
    struct naming *all;
    size_t count;
    size_t capacity;
    bool exhausted;
};

static void add_naming(struct namings *namings, uint64_t known, const uint64_t listed[2],
                       const struct record *record)
{
    if (namings->count == namings->capacity) {
        size_t capacity = namings->capacity == 0 ? 256 : namings->capacity * 2;
        struct naming *grown = realloc(namings->all, capacity * sizeof *grown);
        if (grown == NULL) {
            namings->exhausted = true;
            return;
        }
        namings->all = grown;
        namings->capacity = capacity;
    }
    namings->all[namings->count++] = (struct naming){known, {listed[0], listed[1]}, record};
}

struct both_namings {
    struct namings sessions;
    struct namings connections;
};

// The session that LoginIScsiTarget returned is the one that LogoutIScsiTarget is to be given.
static void compare_told(const struct truth_told *told, const char *what, const uint64_t listed[2],
                         const struct record *record, struct verdict *verdict)
{
    if (!told->is || memcmp(told->id, listed, sizeof told->id) == 0)
        return;
    verdict_fail(verdict, record, "%s %016llx-%016llx is %016llx-%016llx", what,
                 (unsigned long long)told->id[0], (unsigned long long)told->id[1],
                 (unsigned long long)listed[0], (unsigned long long)listed[1]);
    verdict_expect(verdict, "the identifier that LoginIScsiTarget returned");
}

static void collect_namings_of(const struct pair *pair, void *context, struct verdict *verdict)
{
    struct both_namings *both = context;
    const struct truth_session *known = pair->known;
    if (pair->record->threads > 1 || record_under(pair->record, CIRCUMSTANCE_CHANGING))
        return; // THREADS' and CHANGE-3's business
    compare_told(&known->told, "SessionId", pair->listed->id, pair->record, verdict);
    add_naming(&both->sessions, known->adapter_specific, pair->listed->id, pair->record);
    for (size_t i = 0; i < known->connection_count; i++) {
        const struct listed_connection *connection =
            find_connection(pair->listed, known, known->connections[i].cid, NULL);
        if (connection == NULL)
            continue;
        compare_told(&known->connections[i].told, "ConnectionId", connection->id, pair->record,
                     verdict);
        add_naming(&both->connections, known->connections[i].adapter_specific, connection->id,
                   pair->record);
    }
}

static int compare_namings(const void *left, const void *right)
{
    const struct naming *a = left;
    const struct naming *b = right;
    if (a->known != b->known)
        return a->known < b->known ? -1 : 1;
    return (a->record > b->record) - (a->record < b->record);
}

static void find_renamed(struct namings *namings, const char *what, struct verdict *verdict)
{
    if (verdict->kind != VERDICT_PASS || namings->count == 0)
        return;
    qsort(namings->all, namings->count, sizeof *namings->all, compare_namings);
    for (size_t i = 1; i < namings->count; i++) {
        const struct naming *before = &namings->all[i - 1];
        const struct naming *now = &namings->all[i];
        if (before->known != now->known ||
            memcmp(before->listed, now->listed, sizeof now->listed) == 0)
            continue;
        verdict_fail(verdict, now->record, "%s %016llx-%016llx was %016llx-%016llx before", what,
                     (unsigned long long)now->listed[0], (unsigned long long)now->listed[1],
                     (unsigned long long)before->listed[0], (unsigned long long)before->listed[1]);
        verdict_expect(verdict,
                       "the same as long as the session lasts, whatever else comes and goes");
        return;
    }
}

static void judge_identity(const struct evidence *evidence, struct verdict *verdict)
{
    struct both_namings both = {0};
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        struct evidence one = evidence_of(evidence, (enum charset)charset);
        visit_each_pair(&one, collect_namings_of, &both, verdict);
    }
    find_renamed(&both.sessions, "SessionId", verdict);
    find_renamed(&both.connections, "ConnectionId", verdict);
    if (both.sessions.exhausted || both.connections.exhausted)
        verdict_exhaust(evidence, verdict);
    judge_seen(evidence, both.sessions.count, BLOCKED_BY_LIST,
               "no list had a session in it that exists", verdict);
    free(both.sessions.all);
    free(both.connections.all);
}

static bool is_same_session(const struct listed_session *a, const struct listed_session *b)
{
    return memcmp(a->isid, b->isid, sizeof a->isid) == 0 &&
           memcmp(a->tsid, b->tsid, sizeof a->tsid) == 0;
}

// Where the session stands in the list, looked for from `from` on, then from the beginning; the
// number of sessions where it does not.
static size_t find_session(const struct listing *listing, const struct listed_session *session,
                           size_t from)
{
    size_t count = listing->session_count;
    for (size_t i = 0; i < count; i++) {
        size_t at = from + i < count ? from + i : from + i - count;
        if (is_same_session(&listing->sessions[at], session))
            return at;
    }
    return count;
}

// Are the sessions that both lists have in the same order in both?
static bool keeps_order(const struct listing *a, const struct listing *b)
{
    size_t next = 0; // in `b`, behind the one found before: where the next is if the order is kept
    for (size_t i = 0; i < a->session_count; i++) {
        size_t at = find_session(b, &a->sessions[i], next);
        if (at < next)
            return false;
        if (at < b->session_count)
            next = at + 1;
    }
    return true;
}

struct order {
    const struct listing *before;
    bool changed;
};

static bool look_for_order(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    (void)verdict;
    struct order *order = context;
    const struct listing *listing =
        record_plain(record, evidence->abi) ? evidence_listing(evidence, record) : NULL;
    if (listing == NULL)
        return false;
    order->changed =
        order->changed || (order->before != NULL && !keeps_order(order->before, listing));
    order->before = listing;
    return true;
}

static void judge_order(const struct evidence *evidence, struct verdict *verdict)
{
    struct order order = {0};
    size_t lists = judge_each_record(evidence, look_for_order, &order, verdict);
    if (order.changed)
        verdict_note(verdict, "the order of sessions changes from call to call");
    else if (lists >= 2)
        verdict_note(verdict, "sessions keep their order while others come and go");
    judge_seen(evidence, lists / 2, BLOCKED_BY_SUCCESS, "fewer than two calls succeeded", verdict);
}

// Growth between two measurements, each after half of the calls, that only a leak explains. Memory:
// an allocator's smallest piece is 16 bytes or more, so one lost by each of 5,000 calls is at least
// 80,000; pages that are touched late and an allocator's own reserves stay below.
enum {
    LEAK_BYTES = 65536,
    LEAK_MAPPED = 16 << 20, // a page for each of 5,000 calls is more
    LEAK_DESCRIPTORS = 8,
    LEAK_THREADS = 4,
    KEPT_CHILDREN = 4, // that an implementation may start and keep
    KEPT_THREADS = 34, // likewise, with those of the host
};

// The measured record before `record` of the same kind of call, under the same circumstance.
static const struct record *measured_before(const struct evidence *evidence,
                                            const struct record *record)
{
    const struct record *found = NULL;
    for (const struct record *other = evidence_next(evidence, NULL, NULL); other < record;
         other = evidence_next(evidence, other, NULL))
        if (other->outcome.has_state && record_returned(other) &&
            memcmp(&other->call, &record->call, sizeof other->call) == 0 &&
            other->circumstance == record->circumstance)
            found = other;
    return found;
}

// What no cache explains: threads and child processes, of which the host has none of its own.
static void judge_left_behind(const struct record *record, struct verdict *verdict)
{
    const struct process_state *state = &record->outcome.state_after;
    if (state->children > KEPT_CHILDREN)
        verdict_fail(verdict, record, "%u child processes, ended ones among them", state->children);
    else if (state->threads > KEPT_THREADS)
        verdict_fail(verdict, record, "%u threads", state->threads);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "at most %d child processes and %d threads kept", KEPT_CHILDREN,
                       KEPT_THREADS);
}

// What the calls that fail have left in their second halves: of each kind fewer are made than of
// the others, so a small loss shows in all of them together only.
struct losses {
    uint64_t memory;
    uint64_t mapped;
    uint32_t calls;
};

static uint64_t growth(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

// The growth of memory that no leak is needed for. How much of it a C library keeps for each of the
// threads that were there at a time depends on how they came into each other's way; the calls that
// they made are measured by one more call.
static uint64_t memory_slack(const struct record *record)
{
    enum { THREADS = 8 };
    return LEAK_BYTES + (record->call.repeat > 1 ? 0 : (uint64_t)THREADS * record->call.offered);
}

static void judge_growth(const struct record *record, const struct process_state *from,
                         struct verdict *verdict)
{
    const struct process_state *to = &record->outcome.state_after;
    uint32_t calls = record->call.repeat;
    if (growth(from->memory_bytes, to->memory_bytes) > memory_slack(record))
        verdict_fail(verdict, record, "the process grew from %llu to %llu bytes over %u such calls",
                     (unsigned long long)from->memory_bytes, (unsigned long long)to->memory_bytes,
                     calls);
    // Threads that end leave their stacks to the C library, which keeps some.
    else if (calls > 1 && growth(from->mapped_bytes, to->mapped_bytes) > LEAK_MAPPED)
        verdict_fail(
            verdict, record, "the process had %llu bytes mapped, and %llu after %u such calls",
            (unsigned long long)from->mapped_bytes, (unsigned long long)to->mapped_bytes, calls);
    else if (to->descriptors > from->descriptors + LEAK_DESCRIPTORS)
        verdict_fail(verdict, record, "from %u to %u open descriptors over %u such calls",
                     from->descriptors, to->descriptors, calls);
    else if (to->threads > from->threads + LEAK_THREADS)
        verdict_fail(verdict, record, "from %u to %u threads over %u such calls", from->threads,
                     to->threads, calls);
}

static void judge_losses(const struct record *record, const struct process_state *from,
                         struct losses *losses, struct verdict *verdict)
{
    const struct process_state *to = &record->outcome.state_after;
    if (strcmp(record->probe_set, "endure-failing") != 0)
        return;
    losses->memory += growth(from->memory_bytes, to->memory_bytes);
    losses->mapped += growth(from->mapped_bytes, to->mapped_bytes);
    losses->calls += record->call.repeat;
    if (verdict->kind == VERDICT_PASS &&
        (losses->memory > LEAK_BYTES || losses->mapped > LEAK_MAPPED))
        verdict_fail(verdict, record,
                     "the process grew by %llu bytes, and %llu mapped ones, over %u calls that "
                     "failed in different ways",
                     (unsigned long long)losses->memory, (unsigned long long)losses->mapped,
                     losses->calls);
}

static bool judge_leak_of(const struct evidence *evidence, const struct record *record,
                          void *context, struct verdict *verdict)
{
    if (!record->outcome.has_state || !record_returned(record))
        return false;
    judge_left_behind(record, verdict);
    const struct record *before = measured_before(evidence, record);
    if (verdict->kind != VERDICT_PASS)
        return true;
    if (before == NULL)
        return false;
    judge_growth(record, &before->outcome.state_after, verdict);
    judge_losses(record, &before->outcome.state_after, context, verdict);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(
            verdict, "at most %llu bytes, %d mapped ones, %d descriptors and %d threads more",
            (unsigned long long)memory_slack(record), LEAK_MAPPED, LEAK_DESCRIPTORS, LEAK_THREADS);
    return true;
}

// False where a host runs on an emulated processor.
static bool memory_known(const struct evidence *evidence)
{
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL))
        if (record->outcome.has_state && record->outcome.state_after.memory_bytes == MEMORY_UNKNOWN)
            return false;
    return true;
}

static void judge_leak(const struct evidence *evidence, struct verdict *verdict)
{
    struct losses losses = {0};
    size_t compared = judge_each_record(evidence, judge_leak_of, &losses, verdict);
    judge_seen(evidence, compared, BLOCKED_BY_ANY, "the host's state was not measured twice",
               verdict);
    if (verdict->kind == VERDICT_PASS && !memory_known(evidence))
        verdict_skip(verdict, "the memory of this host can't be measured; descriptors, threads "
                              "and child processes were compared, and stayed the same");
}

static const char *changed_state(const struct process_state *before,
                                 const struct process_state *after)
{
    if (before->caller_descriptors != after->caller_descriptors)
        return "descriptors of the caller's were closed or point elsewhere";
    if (before->signal_mask != after->signal_mask)
        return "the signal mask was changed";
    if (before->signal_handlers != after->signal_handlers)
        return "signal handlers were changed";
    if (before->directory != after->directory)
        return "the working directory was changed";
    if (before->umask != after->umask)
        return "the umask was changed";
    if (before->timers != after->timers)
        return "a timer was set or removed";
    if (before->limits != after->limits)
        return "a resource limit was changed";
    if (before->floating_point != after->floating_point)
        return "the floating-point mode was changed";
    return NULL;
}

static bool judge_caller_state_of(const struct evidence *evidence, const struct record *record,
                                  void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)context;
    if (!record_returned(record) || !record->outcome.has_state)
        return false;
    const char *changed =
        changed_state(&record->outcome.state_before, &record->outcome.state_after);
    if (changed == NULL)
        return true;
    verdict_fail(verdict, record, "%s", changed);
    verdict_expect(verdict,
                   "what is the caller's is as before the call: descriptors, signal mask and "
                   "handlers, timers, resource limits, working directory, umask and "
                   "floating-point mode");
    return true;
}

static void judge_caller_state(const struct evidence *evidence, struct verdict *verdict)
{
    size_t seen = judge_each_record(evidence, judge_caller_state_of, NULL, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_ANY, "no measured call returned", verdict);
}

static const char *const sets_repeat[] = {"repeat", NULL};
static const char *const sets_steps[] = {"fetch", "steps", NULL};
static const char *const sets_life[] = {"fetch", "steps", PROBE_SET_EVENTS, NULL};
static const char *const sets_endure[] = {"endure", "endure-failing", NULL};
static const char *const sets_state[] = {"state", NULL};
static const char *const sets_failing[] = {"args", "damage-details", "damage", NULL};

static const struct clause clauses[] = {
    {.id = "STABLE-1",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "two successes on an unchanged topology say the same",
     .source = SOURCE_PAGE_INFO,
     .why = "What is true does not depend on how often it is asked for.",
     .passing = "the same list, a thousand times",
     .failing = "every hundredth list lacks a session",
     .probe_sets = sets_repeat,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_same_answer},
    {.id = "STABLE-2",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence =
         "SessionId and ConnectionId of a session last as long as it does, whatever else comes "
         "and goes, are the same in A and W, and, with --login api, those that LoginIScsiTarget "
         "returned",
     .source = SOURCE_STRUCTURES,
     .why = "Callers keep them and log out with them later: an identifier that moves logs out "
            "somebody "
            "else's session.",
     .passing = "the same identifiers before and after another session's login and logout",
     .failing = "the index in the list as the identifier",
     .members = (const char *const[]){"SessionId", "ConnectionId", NULL},
     .probe_sets = sets_life,
     .wants = LACKS_CHANGES,
     .scope = SCOPE_QUIET,
     .charsets = JUDGED_TOGETHER,
     .judge = judge_identity},
    {.id = "STABLE-3",
     .level = LEVEL_NOTE,
     .basis = BASIS_PRACTICE,
     .sentence = "whether the order of sessions lasts",
     .source = "the documentation is silent",
     .why = "A caller that remembers an index works with some implementations only.",
     .passing = "anything: recorded, never judged",
     .failing = "nothing fails",
     .probe_sets = sets_steps,
     .wants = LACKS_CHANGES,
     .judge = judge_order},
    {.id = "STABLE-4",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "10,000 calls of a kind leave no memory, mapping, descriptor, thread or child "
                 "process behind",
     .source = "services that ask every few seconds for months",
     .why =
         "A lost block for each call takes the service down after a while. Measured is the host's "
         "private memory, its descriptors and threads, before, after half of the calls and after "
         "all; what the first half takes may be caches, so the growth over the second half counts: "
         "more than 65,536 bytes (13 for each call, less than the smallest block of an allocator), "
         "16 MiB of mappings that nothing was written to, 8 descriptors or 4 threads is a leak. Of "
         "calls that fail fewer are made of each kind, and their growth is added up.",
     .passing = "as much memory after 10,000 calls as after 5,000",
     .failing = "a file opened and not closed; a block not freed when the buffer is too small",
     .probe_sets = sets_endure,
     .needs = NEEDS_ONCE,
     .judge = judge_leak},
    {.id = "STABLE-5",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "a call, of whatever kind and outcome, closes and changes nothing that is its "
                 "caller's: open "
                 "descriptors, signal mask and handlers, timers, resource limits, working "
                 "directory, umask, "
                 "floating-point mode",
     .source = "they belong to the process, so to the program",
     .why =
         "A program whose rounding mode or SIGPIPE handler changes under it fails somewhere else, "
         "long after.",
     .passing = "all as before the call",
     .failing = "closefrom(3); signal(SIGPIPE, SIG_IGN); chdir",
     .probe_sets = sets_state,
     .more_sets = sets_failing,
     .scope = SCOPE_EVERY,
     .judge = judge_caller_state},
};

const struct clause_group group_stable = {
    .name = "STABLE",
    .title = "from call to call",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
