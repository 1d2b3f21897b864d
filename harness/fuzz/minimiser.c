// SPDX-License-Identifier: Apache-2.0
// Makes drafts smaller, one trial after the other. A step that keeps the clause broken is kept.
#include "harness/fuzz/minimiser.h"

#include "conformance/base/clock.h"
#include "conformance/transcript/case.h"
#include "harness/fuzz/edits.h"
#include "harness/fuzz/learned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The run of one minimisation.
struct run {
    struct minimiser *minimiser;
    struct draft *draft; // the smallest so far
    bool failed;
};

// Does the draft break the clause, made by a process that knows nothing of others? 1, 0, or -1 with
// the failure.
static int breaks_clause(struct minimiser *minimiser, const struct draft *draft)
{
    struct trial trial;
    replayer_renew(minimiser->replayer);
    int status = trial_make(&trial, minimiser->options, minimiser->replayer, draft, "trial",
                            &minimiser->clause, 1, minimiser->failure);
    if (status == 0)
        status =
            finding_check(trial_scenario(&trial), minimiser->clause, minimiser->symptom) != NULL;
    trial_free(&trial);
    return status;
}

// Is the run to go on?
static bool goes_on(const struct run *run)
{
    return !run->failed && run->minimiser->trials_left > 0 &&
           clock_now_ns() < run->minimiser->until_ns;
}

// Keeps the candidate, which it takes over, if it breaks the clause, too.
static bool keep(struct run *run, struct draft *candidate)
{
    int breaks = 0;
    if (goes_on(run) && candidate->call_count > 0) {
        run->minimiser->trials_left--;
        breaks = breaks_clause(run->minimiser, candidate);
    }
    run->failed |= breaks < 0;
    if (breaks <= 0) {
        draft_free(candidate);
        return false;
    }
    draft_free(run->draft);
    *run->draft = *candidate;
    return true;
}

// ---- Calls, moments, sessions

// Takes out as many calls as can be, first many at once.
static void drop_calls(struct run *run)
{
    for (size_t chunk = (run->draft->call_count + 1) / 2; chunk > 0; chunk /= 2)
        for (size_t at = run->draft->call_count; at > 0 && goes_on(run);) {
            at = at > chunk ? at - chunk : 0;
            if (at >= run->draft->call_count)
                continue;
            struct draft candidate = draft_copy(run->draft);
            edit_remove_calls(&candidate, at, chunk);
            keep(run, &candidate);
        }
}

static void join_moments(struct run *run)
{
    for (size_t moment = run->draft->moment_count; moment-- > 1 && goes_on(run);) {
        struct draft candidate = draft_copy(run->draft);
        edit_join_moments(&candidate, moment, moment - 1);
        if (keep(run, &candidate))
            continue;
        candidate = draft_copy(run->draft);
        edit_join_moments(&candidate, moment - 1, moment);
        keep(run, &candidate);
    }
}

static void drop_sessions(struct run *run)
{
    size_t count = 0;
    uint64_t *identifiers = edit_identifiers(run->draft, &count);
    run->failed |= identifiers == NULL;
    for (size_t chunk = (count + 1) / 2; chunk > 0; chunk /= 2)
        for (size_t at = 0; at < count && goes_on(run);) {
            size_t size = chunk < count - at ? chunk : count - at;
            struct draft candidate = draft_copy(run->draft);
            edit_remove_sessions(&candidate, identifiers + at, size);
            if (!keep(run, &candidate)) {
                at += size;
                continue;
            }
            count -= size;
            memmove(identifiers + at, identifiers + at + size, (count - at) * sizeof *identifiers);
        }
    free(identifiers);
}

static size_t most_connections(const struct draft *draft, uint64_t identifier)
{
    size_t most = 0;
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++) {
            const struct truth_session *session = &draft->moments[i]->sessions[j];
            if (session->adapter_specific == identifier && session->connection_count > most)
                most = session->connection_count;
        }
    return most;
}

static bool cut_connections_to(struct run *run, uint64_t identifier, size_t count)
{
    struct draft candidate = draft_copy(run->draft);
    edit_cut_connections(&candidate, identifier, count);
    return keep(run, &candidate);
}

// To the fewest: by halving what lies between too few and enough.
static void drop_connections_of(struct run *run, uint64_t identifier)
{
    size_t enough = most_connections(run->draft, identifier);
    size_t too_few = 0;
    if (enough == 0 || cut_connections_to(run, identifier, 0))
        return;
    while (enough > too_few + 1 && goes_on(run)) {
        size_t between = too_few + (enough - too_few) / 2;
        if (cut_connections_to(run, identifier, between))
            enough = between;
        else
            too_few = between;
    }
}

static void drop_connections(struct run *run)
{
    size_t count = 0;
    uint64_t *identifiers = edit_identifiers(run->draft, &count);
    run->failed |= identifiers == NULL;
    for (size_t i = 0; i < count && goes_on(run); i++)
        drop_connections_of(run, identifiers[i]);
    free(identifiers);
}

// ---- Names and numbers

static bool rename_to(struct run *run, const char *from, const char *to)
{
    struct draft candidate = draft_copy(run->draft);
    edit_rename(&candidate, from, to);
    return keep(run, &candidate);
}

// Is it a name of initiators? Only then may it be the usual one of an initiator.
static bool is_initiator(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++)
            if (strcmp(draft->moments[i]->sessions[j].initiator_name, name) == 0)
                return true;
    return false;
}

// The first bytes of a name, without a character that would be cut in two.
static void cut_name(char *cut, const char *name, size_t length)
{
    while (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80)
        length--;
    memcpy(cut, name, length);
    cut[length] = '\0';
}

// Shortens a name as far as it goes, first by much.
static void shorten(struct run *run, const char *name)
{
    char present[256];
    char shorter[256];
    snprintf(present, sizeof present, "%s", name);
    for (size_t step = strlen(present) / 2; step > 0 && goes_on(run);) {
        size_t length = strlen(present);
        cut_name(shorter, present, length > step ? length - step : 1);
        if (shorter[0] != '\0' && strlen(shorter) < length && rename_to(run, present, shorter))
            memcpy(present, shorter, sizeof present);
        else
            step /= 2;
    }
}

// The usual name first; the number is the place of the first session with it.
static void simplify_name(struct run *run, const char *name, size_t number)
{
    char usual[64];
    if (is_initiator(run->draft, name))
        snprintf(usual, sizeof usual, "iqn.2024-01.test:host");
    else
        snprintf(usual, sizeof usual, "iqn.2024-01.test:disk-%zu", number);
    if (strcmp(name, usual) == 0 || rename_to(run, name, usual))
        return;
    shorten(run, name);
}

static size_t first_with(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->moments[0]->session_count; i++)
        if (strcmp(draft->moments[0]->sessions[i].target_node_name, name) == 0)
            return i + 1;
    return draft->moments[0]->session_count + 1;
}

static void simplify_names(struct run *run)
{
    size_t count = 0;
    const char **shared = edit_names(run->draft, &count);
    char **names = calloc(count + 1, sizeof *names);
    run->failed |= shared == NULL || names == NULL;
    for (size_t i = 0; i < count && !run->failed; i++) { // the draft's own texts change
        names[i] = strdup(shared[i]);
        run->failed |= names[i] == NULL;
    }
    for (size_t i = 0; i < count && goes_on(run); i++)
        simplify_name(run, names[i], first_with(run->draft, names[i]));
    for (size_t i = 0; names != NULL && i < count; i++)
        free(names[i]);
    free(names);
    free(shared);
}

static bool make_usual(struct run *run, unsigned which)
{
    struct draft candidate = draft_copy(run->draft);
    edit_usual(&candidate, which);
    return keep(run, &candidate);
}

// All at once, or else as much as goes.
static void simplify_sessions(struct run *run)
{
    if (make_usual(run, EDIT_NUMBERS | EDIT_NAMES))
        return;
    if (!make_usual(run, EDIT_NUMBERS))
        for (unsigned bit = 1; bit < EDIT_NUMBERS; bit <<= 1)
            make_usual(run, bit);
    if (!make_usual(run, EDIT_NAMES))
        simplify_names(run);
}

// ---- The calls' arguments

// Says sizes near the one required by it, so that they stay where they are when it changes.
static void say_sizes(struct run *run)
{
    enum { NEAR = 4096 };
    struct learned learned = {0};
    struct trial trial;
    struct draft asking = draft_copy(run->draft);
    asking.call_count = 0;
    learned_ask(&asking);
    replayer_renew(run->minimiser->replayer);
    if (trial_call(&trial, run->minimiser->options, run->minimiser->replayer, &asking, "learn",
                   run->minimiser->failure) != 0 ||
        learned_take(&learned, &asking, trial.replayed) != 0)
        run->failed = true;
    trial_free(&trial);
    draft_free(&asking);
    if (run->failed)
        return;
    struct draft candidate = draft_copy(run->draft);
    for (size_t i = 0; i < candidate.call_count; i++) {
        struct draft_call *call = &candidate.calls[i];
        int64_t required = learned.lists[call->moment][call->call.charset].required;
        int64_t beyond = call->call.offered - required;
        if (call->offer.of_required || call->call.offered == 0 || required == 0 ||
            call->event != 0 || beyond > NEAR || beyond < -NEAR)
            continue;
        call->offer.of_required = true;
        call->offer.beyond = (int32_t)beyond;
        call->call.offered = 0;
    }
    learned_free(&learned);
    keep(run, &candidate);
}

// Sizes that are too small stay so, whatever the sessions are, where they are 1 byte; and calls of
// one size stay that. `all`: also sizes that are not near the one required.
static bool offer_little(struct run *run, bool all)
{
    struct draft candidate = draft_copy(run->draft);
    for (size_t i = 0; i < candidate.call_count; i++) {
        struct draft_call *call = &candidate.calls[i];
        bool too_small =
            call->offer.of_required ? call->offer.beyond < 0 : all && call->call.offered > 0;
        if (call->event != 0 || !too_small)
            continue;
        call->offer = (struct offer){.usual_count = call->offer.usual_count};
        call->call.offered = 1;
    }
    return keep(run, &candidate);
}

typedef bool edit_call(struct draft_call *call); // false: there is nothing to edit

static bool make_once(struct draft_call *call)
{
    bool more = call->call.repeat > 1;
    call->call.repeat = 1;
    return more;
}

static bool make_alone(struct draft_call *call)
{
    bool more = call->threads > 1;
    call->threads = 1;
    return more;
}

static bool make_in_two_threads(struct draft_call *call)
{
    bool more = call->threads > 2;
    call->threads = 2;
    return more;
}

static bool fill_usually(struct draft_call *call)
{
    bool other = call->call.fill != FILL_HASH_0;
    call->call.fill = FILL_HASH_0;
    return other;
}

static bool place_at_end(struct draft_call *call)
{
    bool other = call->call.placement != PLACE_END && call->call.placement != PLACE_NULL;
    call->call.placement = PLACE_END;
    call->call.misalignment = 0;
    return other;
}

static bool count_usually(struct draft_call *call)
{
    bool other = !call->offer.usual_count;
    call->offer.usual_count = true;
    return other;
}

static bool without_event(struct draft_call *call)
{
    bool other = call->event != 0;
    call->event = 0;
    return other;
}

static bool offer_one_byte(struct draft_call *call)
{
    bool other = call->event == 0 && call->call.placement != PLACE_NULL &&
                 (call->offer.of_required || call->call.offered > 1);
    call->offer.of_required = false;
    call->offer.beyond = 0;
    call->call.offered = 1;
    return other;
}

// Not where 1 byte was found to do.
static bool offer_required(struct draft_call *call)
{
    bool other = call->call.offered > 1 || call->offer.beyond != 0;
    call->offer.of_required = true;
    call->offer.beyond = 0;
    call->call.offered = 0;
    return other && call->call.placement != PLACE_NULL;
}

static bool offer_one_less(struct draft_call *call)
{
    bool other = offer_required(call);
    call->offer.beyond = -1;
    return other;
}

static bool offer_half_beyond(struct draft_call *call)
{
    bool other = call->offer.of_required && (call->offer.beyond > 1 || call->offer.beyond < -1);
    call->offer.beyond /= 2;
    return other;
}

static bool settle_set(struct draft_call *call)
{
    const char *set = case_set(&call->call, &call->offer, call->threads);
    bool other = call->event == 0 && strcmp(set, call->set) != 0;
    call->set = set;
    return other;
}

static edit_call *const edits[] = {
    make_once,         make_alone,        make_in_two_threads, fill_usually,   place_at_end,
    count_usually,     without_event,     offer_one_byte,      offer_required, offer_one_less,
    offer_half_beyond, offer_half_beyond, offer_half_beyond,   settle_set,
};

static void simplify_calls(struct run *run)
{
    for (size_t i = 0; i < run->draft->call_count; i++)
        for (size_t j = 0; j < sizeof edits / sizeof edits[0] && goes_on(run); j++) {
            struct draft_call edited = run->draft->calls[i];
            if (!edits[j](&edited))
                continue;
            struct draft candidate = draft_copy(run->draft);
            if (!candidate.exhausted)
                candidate.calls[i] = edited;
            keep(run, &candidate);
        }
}

// How large it is, in what the steps make less.
static size_t weigh(const struct draft *draft)
{
    size_t weight = draft->call_count;
    for (size_t i = 0; i < draft->moment_count; i++)
        weight += draft->moments[i]->session_count;
    return weight;
}

static void make_smaller(struct run *run)
{
    drop_calls(run);
    join_moments(run);
    if (goes_on(run))
        say_sizes(run);
    if (!offer_little(run, true))
        offer_little(run, false);
    drop_sessions(run);
    drop_calls(run);
    simplify_sessions(run);
    drop_connections(run);
    simplify_calls(run);
}

// Simpler calls may need fewer sessions, and so on.
int minimise(struct minimiser *minimiser, struct draft *draft)
{
    struct run run = {.minimiser = minimiser, .draft = draft};
    size_t before = 0;
    do {
        before = weigh(draft);
        make_smaller(&run);
        drop_sessions(&run);
        drop_calls(&run);
    } while (weigh(draft) < before && goes_on(&run));
    return run.failed ? -1 : 0;
}
