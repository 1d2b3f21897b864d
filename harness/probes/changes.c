// SPDX-License-Identifier: Apache-2.0
// Calls while sessions log in and out, from many threads, and with the source of sessions damaged.
#include "harness/probes/changes.h"

#include "conformance/judge/evidence.h"
#include "conformance/transcript/circumstance.h"
#include "emulator/table/damage.h"
#include "harness/probes/call_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GENEROUS = 16384,  // bytes more than required: room for sessions that log in meanwhile
    CHANGE_ROUNDS = 3, // of about ten changes each
    CHANGE_ROUNDS_QUICK = 1,
    CHANGE_ROUNDS_FULL = 10,
    THREAD_ROUNDS = 3,
    THREAD_REPEATS = 4, // fetches in a row
    MANY = 1 << 16,     // more calls than are made before the changes are over
    // So many ways of damage are tried, spread evenly over all; with the standard effort each that
    // is done once to a table, and so many of those that are done to every line.
    DAMAGES_OF_LINES = 24,
    DAMAGES_QUICK = 24,
    GROWTH_STEP = 1 << 14, // bytes by which a growing table grows at a time
    GROWTH_PAUSE_MS = 5,
};

static int rounds_of(const struct probing *probing)
{
    if (strcmp(probing->effort, "quick") == 0)
        return CHANGE_ROUNDS_QUICK;
    int rounds = strcmp(probing->effort, "full") == 0 ? CHANGE_ROUNDS_FULL : CHANGE_ROUNDS;
    return (int)probe_times(probing, (uint32_t)rounds, 1);
}

int probe_ask(struct probing *probing, uint32_t *size)
{
    struct call_list calls = {0};
    call_list_add_usual(&calls, probing, 0, PLACE_NULL);
    *size = probing->required;
    if (call_list_make(probing, &calls) != 0)
        return -1;
    const struct record *last = transcript_last(probing->transcript);
    uint32_t wanted = last->outcome.size_out;
    if (record_insufficient(last) && wanted > 0 && wanted < 1U << 30)
        *size = wanted;
    else if (record_succeeded(last))
        *size = 0;
    return 0;
}

int probe_fetch(struct probing *probing, uint32_t *size)
{
    struct call_list calls = {0};
    call_list_add_usual(&calls, probing, *size, PLACE_END);
    if (call_list_make(probing, &calls) != 0)
        return -1;
    const struct record *last = transcript_last(probing->transcript);
    if (record_insufficient(last) && last->outcome.size_out < 1U << 30)
        *size = last->outcome.size_out;
    return 0;
}

int probe_record_truths(struct probing *probing)
{
    struct transcript *transcript = probing->transcript;
    for (size_t i = transcript->truth_count; i < emulator_generation_count(probing->emulator); i++)
        if (transcript_add_truth(transcript, emulator_generation(probing->emulator, i)) != 0)
            return failure_set(probing->failure, STATUS_UNTRUSTED, "memory ran out");
    return 0;
}

static int query_and_fetch(struct probing *probing, const char *circumstance)
{
    uint32_t size = 0;
    probing->circumstance = circumstance;
    if (probe_ask(probing, &size) != 0)
        return -1;
    return probe_fetch(probing, &size);
}

static int step_login(struct probing *probing, uint32_t *size, size_t *session)
{
    probing->circumstance = CIRCUMSTANCE_MORE;
    if (probe_ask(probing, size) != 0 ||
        emulator_login(probing->emulator, session, probing->failure) != 0)
        return -1;
    probing->circumstance = CIRCUMSTANCE_LOGIN;
    if (probe_fetch(probing, size) != 0)
        return -1;
    return probe_fetch(probing, size);
}

static int step_loss(struct probing *probing, enum emulator_side side)
{
    size_t session = 0;
    struct emulator *emulator = probing->emulator;
    // A fetch lists the session with its connection first, so that an implementation that remembers
    // the connection is caught.
    if (emulator_login(emulator, &session, probing->failure) != 0 ||
        query_and_fetch(probing, CIRCUMSTANCE_MORE) != 0 ||
        emulator_drop(emulator, session, side, probing->failure) != 0 ||
        query_and_fetch(probing, CIRCUMSTANCE_DROP) != 0 ||
        emulator_reinstate(emulator, session, probing->failure) != 0 ||
        query_and_fetch(probing, CIRCUMSTANCE_REINSTATEMENT) != 0)
        return -1;
    return emulator_logout(emulator, session, probing->failure);
}

// The losses of a connection that can be made: an external initiator may not be able to lose any.
static int step_losses(struct probing *probing)
{
    unsigned abilities = emulator_abilities(probing->emulator);
    if (abilities & EMULATOR_CAN_LOSE && step_loss(probing, EMULATOR_TARGET) != 0)
        return -1;
    return abilities & EMULATOR_CAN_LOSE_BY_ITSELF ? step_loss(probing, EMULATOR_INITIATOR) : 0;
}

bool probe_can_change(const struct probing *probing)
{
    return (emulator_abilities(probing->emulator) & EMULATOR_IS_LIVE) != 0;
}

int probe_steps(struct probing *probing)
{
    uint32_t size = 0;
    size_t first = 0;
    size_t second = 0;
    struct emulator *emulator = probing->emulator;
    if (!probe_can_change(probing))
        return 0;
    // A session before the last one logs out, so that another moves up in the list.
    if (emulator_login(emulator, &first, probing->failure) != 0 ||
        step_login(probing, &size, &second) != 0 ||
        emulator_logout(emulator, first, probing->failure) != 0)
        return -1;
    probing->circumstance = CIRCUMSTANCE_LOGOUT;
    if (probe_fetch(probing, &size) != 0 ||
        emulator_logout(emulator, second, probing->failure) != 0 || step_losses(probing) != 0)
        return -1;
    return probe_record_truths(probing);
}

// What probe_await_answer waits for: one answer more than there were.
struct answers {
    const struct probing *probing;
    size_t before;
};

static bool has_answered(void *argument)
{
    const struct answers *answers = argument;
    return answers->probing->transcript->record_count > answers->before ||
           host_done(answers->probing->host);
}

int probe_await_answer(struct probing *probing)
{
    struct answers answers = {probing, probing->transcript->record_count};
    // No time limit: the host ends a call that does not return.
    return supervisor_wait(probing->supervisor, has_answered, &answers, UINT_MAX,
                           probing->failure) == 0
               ? 0
               : -1;
}

// A session loses its connection (`lose`) and is reinstated (`regain`). Where the initiator can't
// do that, nothing happens.
static int lose(struct probing *probing, size_t session, enum emulator_side side)
{
    return emulator_abilities(probing->emulator) & EMULATOR_CAN_LOSE
               ? emulator_drop(probing->emulator, session, side, probing->failure)
               : 0;
}

static int regain(struct probing *probing, size_t session)
{
    return emulator_abilities(probing->emulator) & EMULATOR_CAN_LOSE
               ? emulator_reinstate(probing->emulator, session, probing->failure)
               : 0;
}

enum change {
    CHANGE_LOGIN,
    CHANGE_LOGOUT,
    CHANGE_DROP_BY_TARGET,
    CHANGE_DROP_BY_INITIATOR,
    CHANGE_REINSTATE,
};

static int change_one(struct probing *probing, enum change change, size_t *session)
{
    struct emulator *emulator = probing->emulator;
    struct failure *failure = probing->failure;
    bool by_itself = (emulator_abilities(emulator) & EMULATOR_CAN_LOSE_BY_ITSELF) != 0;
    switch (change) {
    case CHANGE_LOGIN:
        return emulator_login(emulator, session, failure);
    case CHANGE_LOGOUT:
        return emulator_logout(emulator, *session, failure);
    case CHANGE_DROP_BY_TARGET:
        return lose(probing, *session, EMULATOR_TARGET);
    case CHANGE_DROP_BY_INITIATOR:
        return lose(probing, *session, by_itself ? EMULATOR_INITIATOR : EMULATOR_TARGET);
    default:
        return regain(probing, *session);
    }
}

// Makes ten changes of two sessions, after which the topology is as before. Each change waits until
// a call has been answered since the last one: on a busy machine the host may not have run.
static int change_round(struct probing *probing)
{
    static const struct {
        enum change change;
        size_t session;
    } round[] = {
        {CHANGE_LOGIN, 0},
        {CHANGE_LOGIN, 1},
        {CHANGE_LOGOUT, 0},
        {CHANGE_LOGIN, 0},
        {CHANGE_DROP_BY_TARGET, 1},
        {CHANGE_REINSTATE, 1},
        {CHANGE_DROP_BY_INITIATOR, 0},
        {CHANGE_LOGOUT, 1},
        {CHANGE_REINSTATE, 0},
        {CHANGE_LOGOUT, 0},
    };
    size_t sessions[2] = {0, 0};
    for (size_t i = 0; i < sizeof round / sizeof round[0]; i++)
        if (probe_await_answer(probing) != 0 ||
            change_one(probing, round[i].change, &sessions[round[i].session]) != 0)
            return -1;
    return probe_await_answer(probing);
}

static int change(struct probing *probing)
{
    int rounds = rounds_of(probing);
    for (int i = 0; i < rounds; i++)
        if (change_round(probing) != 0)
            return -1;
    return 0;
}

int probe_make_while_changing(struct probing *probing, struct call_list *calls)
{
    probing->circumstance = CIRCUMSTANCE_CHANGING;
    return call_list_make_while(probing, calls, 1, change) != 0 ? -1 : probe_record_truths(probing);
}

void probe_add_mixture(struct probing *probing, struct call_list *calls, uint32_t repeat)
{
    struct call generous = call_usual(probing, probing->required + GENEROUS, PLACE_END);
    generous.repeat = repeat;
    call_list_add(calls, generous);
    call_list_add_usual(calls, probing, probing->required, PLACE_END);
    call_list_add_usual(calls, probing, 0, PLACE_NULL);
}

int probe_changing(struct probing *probing)
{
    struct call_list calls = {0};
    if (!probe_can_change(probing))
        return 0;
    for (int i = 0; i < MANY; i += THREAD_REPEATS + 2)
        probe_add_mixture(probing, &calls, THREAD_REPEATS);
    if (probe_make_while_changing(probing, &calls) != 0)
        return -1;
    // The list now has another size than before the changes, so that a remembered answer is wrong.
    size_t session = 0;
    if (emulator_login(probing->emulator, &session, probing->failure) != 0)
        return -1;
    for (int round = 0; round < 2; round++)
        if (query_and_fetch(probing, CIRCUMSTANCE_SETTLED) != 0)
            return -1;
    if (emulator_logout(probing->emulator, session, probing->failure) != 0)
        return -1;
    return probe_record_truths(probing);
}

int probe_threads(struct probing *probing)
{
    static const unsigned threads[] = {2, 8, 32};
    uint32_t most =
        probe_times(probing, threads[sizeof threads / sizeof threads[0] - 1], threads[0]);
    uint32_t rounds = probe_times(probing, THREAD_ROUNDS, 1);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0] && threads[i] <= most; i++) {
        struct call_list calls = {0};
        for (uint32_t round = 0; round < rounds; round++) {
            probe_add_mixture(probing, &calls, THREAD_REPEATS);
            if (probing->required > 0)
                call_list_add_usual(&calls, probing, probing->required - 1, PLACE_END);
        }
        probing->circumstance = NULL;
        if (call_list_make_while(probing, &calls, threads[i], NULL) != 0)
            return -1;
    }
    struct call_list calls = {0};
    if (!probe_can_change(probing))
        return 0;
    for (int i = 0; i < MANY / 8; i += THREAD_REPEATS + 2)
        probe_add_mixture(probing, &calls, THREAD_REPEATS);
    probing->circumstance = CIRCUMSTANCE_CHANGING;
    if (call_list_make_while(probing, &calls, most < 8 ? most : 8, change_round) != 0)
        return -1;
    return probe_record_truths(probing);
}

int probe_threads_first(struct probing *probing)
{
    enum { THREADS = 8 };
    struct call_list calls = {0};
    if (host_renew(probing->host, probing->failure) != 0)
        return -1;
    probe_add_mixture(probing, &calls, 1);
    probe_add_mixture(probing, &calls, 1);
    probing->circumstance = CIRCUMSTANCE_FIRST;
    return call_list_make_while(probing, &calls, THREADS, NULL);
}

// All threads make calls of both functions, in runs of different lengths, so that at any moment
// some are in one and some in the other.
int probe_threads_both(struct probing *probings)
{
    enum { THREADS = 16, RUN_A = 7, RUN_W = 5 };
    struct call_list calls = {0};
    uint32_t rounds = probe_times(probings, THREAD_ROUNDS, 1);
    for (uint32_t round = 0; round < rounds; round++) {
        probe_add_mixture(&probings[CHARSET_A], &calls, RUN_A);
        probe_add_mixture(&probings[CHARSET_W], &calls, RUN_W);
    }
    probings->circumstance = NULL;
    return call_list_make_while(probings, &calls, THREADS, NULL);
}

// ---- Damage

// Adds a query and two fetches; `flags` are enum call_flag, or-ed.
static void add_all_ways(struct probing *probing, struct call_list *calls, unsigned flags)
{
    struct call variants[] = {call_usual(probing, 0, PLACE_NULL),
                              call_usual(probing, probing->required, PLACE_END),
                              call_usual(probing, probing->required + GENEROUS, PLACE_MIDDLE)};
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        variants[i].flags = (uint8_t)flags;
        call_list_add(calls, variants[i]);
    }
}

static int call_all_ways(struct probing *probing, const char *circumstance, unsigned flags)
{
    struct call_list calls = {0};
    add_all_ways(probing, &calls, flags);
    probing->circumstance = circumstance;
    return call_list_make(probing, &calls);
}

// "the source is damaged: SENTENCE", kept by the transcript; NULL when memory ran out.
static const char *damaged(struct probing *probing, bool detail, const char *sentence)
{
    char text[DAMAGE_SENTENCE_SIZE + sizeof CIRCUMSTANCE_DETAIL];
    snprintf(text, sizeof text, "%s%s", detail ? CIRCUMSTANCE_DETAIL : CIRCUMSTANCE_DAMAGED,
             sentence);
    const char *kept = transcript_intern(probing->transcript, text);
    if (kept == NULL)
        failure_set(probing->failure, STATUS_UNTRUSTED, "memory ran out");
    return kept;
}

static int repair(struct probing *probing)
{
    if (damage_repair(emulator_session_table(probing->emulator), probing->truth,
                      probing->failure) != 0)
        return -1;
    return call_all_ways(probing, CIRCUMSTANCE_REPAIRED, 0);
}

int probe_damaged(struct probing *probing, size_t index)
{
    char sentence[DAMAGE_SENTENCE_SIZE];
    int applied = damage_apply(emulator_session_table(probing->emulator), probing->truth, index,
                               sentence, sizeof sentence, probing->failure);
    if (applied != 0)
        return applied;
    probing->circumstance = damaged(probing, damage_is_detail(probing->truth, index), sentence);
    probing->way = damage_name(probing->truth, index);
    return probing->circumstance == NULL ? -1 : 0;
}

// The process is measured with each damage that is done once. Those that any line can have are
// many, and meet the same ways of failing.
static unsigned measured(const struct probing *probing, size_t index)
{
    bool every = strcmp(probing->effort, "full") == 0;
    return every || index < damage_once_count() ? CALL_MEASURE : 0;
}

static int probe_one_damage(struct probing *probing, size_t index)
{
    int applied = probe_damaged(probing, index);
    if (applied != 0)
        return applied < 0 ? -1 : 0; // this damage can't be made here
    int result = call_all_ways(probing, probing->circumstance, measured(probing, index));
    probing->way = NULL;
    return result != 0 ? -1 : repair(probing);
}

static bool has_ended(void *argument)
{
    return host_done(((const struct probing *)argument)->host);
}

int probe_grow(struct probing *probing)
{
    int grown = 0;
    int waited = 1;
    while (grown == 0 && waited == 1) {
        grown = damage_grow_step(probing->growth, GROWTH_STEP, probing->failure);
        if (grown == 0)
            waited = supervisor_wait(probing->supervisor, has_ended, probing, GROWTH_PAUSE_MS,
                                     probing->failure);
    }
    return grown < 0 || waited < 0 ? -1 : 0;
}

static int probe_growth(struct probing *probing)
{
    struct damage_growth *growth = NULL;
    if (damage_grow_begin(&growth, emulator_session_table(probing->emulator), probing->truth,
                          probing->failure) != 0)
        return -1;
    probing->growth = growth;
    struct call_list calls = {0};
    add_all_ways(probing, &calls, 0);
    probing->circumstance = CIRCUMSTANCE_GROWING;
    probing->way = "growing";
    int result = call_list_make_while(probing, &calls, 1, probe_grow);
    probing->way = NULL;
    damage_grow_end(growth);
    probing->growth = NULL;
    return repair(probing) != 0 ? -1 : result;
}

static int probe_unset(struct probing *probing)
{
    if (host_set_session_table(probing->host, NULL, probing->failure) != 0 ||
        call_all_ways(probing, CIRCUMSTANCE_UNSET, CALL_MEASURE) != 0 ||
        host_set_session_table(probing->host, emulator_session_table(probing->emulator),
                               probing->failure) != 0)
        return -1;
    return 0;
}

// Tries the ways of damage from `first` to before `end`, at most `most` of them, that concern a
// detail, or the others.
static int probe_some_damages(struct probing *probing, bool details, size_t first, size_t end,
                              size_t most)
{
    size_t step = end - first <= most ? 1 : (end - first + most - 1) / most;
    for (size_t i = first; i < end; i += step)
        if (damage_is_detail(probing->truth, i) == details && probe_one_damage(probing, i) != 0)
            return -1;
    return 0;
}

static int probe_damages(struct probing *probing, bool details)
{
    size_t count = damage_count(probing->truth);
    size_t once = damage_once_count();
    size_t of_lines = DAMAGES_OF_LINES;
    if (strcmp(probing->effort, "full") == 0)
        of_lines = probe_times(probing, (uint32_t)(count - once), DAMAGES_OF_LINES);
    else if (strcmp(probing->effort, "quick") == 0 || probing->required > LARGE_LIST)
        return probe_some_damages(probing, details, 0, count, DAMAGES_QUICK);
    return probe_some_damages(probing, details, 0, once, once) != 0
               ? -1
               : probe_some_damages(probing, details, once, count, of_lines);
}

// Can the source of sessions be damaged? If not, the transcript records that these calls were not
// made, so that a later judgement knows it.
static bool can_be_damaged(const struct probing *probing)
{
    return (emulator_abilities(probing->emulator) & EMULATOR_HAS_TABLE) != 0;
}

int probe_damage(struct probing *probing)
{
    if (!can_be_damaged(probing))
        return call_all_ways(probing, NULL, 0);
    return probe_damages(probing, false) != 0 ? -1 : probe_unset(probing);
}

int probe_damage_details(struct probing *probing)
{
    if (!can_be_damaged(probing))
        return call_all_ways(probing, NULL, 0);
    return probe_damages(probing, true) != 0 ? -1 : probe_growth(probing);
}
