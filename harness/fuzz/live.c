// SPDX-License-Identifier: Apache-2.0
// Makes cases with the sessions of a scenario.
#include "harness/fuzz/live.h"

#include "conformance/judge/abi.h"
#include "conformance/judge/evidence.h"
#include "conformance/transcript/circumstance.h"
#include "emulator/emulator.h"
#include "harness/fuzz/calls.h"
#include "harness/fuzz/learned.h"
#include "harness/probes/call_list.h"
#include "harness/probes/changes.h"
#include "harness/probes/probes.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CASES = 16,               // by one set of sessions; each change costs memory
    MORE_SESSIONS = 6,        // than the scenario has
    MOMENTS_MAX = 4,          // of one case
    CHANGING_CALLS = 1 << 13, // more than are made before the changes are over
    REPEATS = 3,              // fetches in a row meanwhile
};

struct live {
    const struct live_options *options;
    struct emulator *emulator; // NULL: nothing is up
    struct host *host;         // NULL: none was started yet
    size_t cases;              // with what is up
    size_t next_event;         // of the scenario
};

// One case, while its calls are made.
struct making {
    struct live *live;
    struct draws *draws;
    struct draft *draft;
    struct transcript *transcript;
    struct failure *failure;
    struct probing calling;    // of the calls under way
    struct probing probing[2]; // of A and of W: what suits each
    struct learned learned;    // of each moment
    size_t recorded;           // generations of the emulator that the transcript has
    char happened[256];        // the change that was made last
    unsigned changes_left;     // to be made during the calls under way
};

struct live *live_create(const struct live_options *options)
{
    struct live *live = calloc(1, sizeof *live);
    if (live != NULL)
        live->options = options;
    return live;
}

void live_renew(struct live *live)
{
    host_stop(live->host);
    live->host = NULL;
}

bool live_gave_up(const struct live *live, enum charset charset)
{
    return live->host != NULL && host_gave_up(live->host, charset);
}

static void take_down(struct live *live)
{
    live_renew(live); // it has the path of the session table
    emulator_stop(live->emulator);
    live->emulator = NULL;
    live->cases = 0;
}

void live_free(struct live *live)
{
    if (live != NULL)
        take_down(live);
    free(live);
}

static int fail_memory(const struct making *making)
{
    return failure_set(making->failure, STATUS_UNTRUSTED, "memory ran out");
}

// ---- Sessions

static const struct topology_event *next_event(const struct live *live)
{
    const struct topology *topology = live->options->topology;
    return live->next_event < topology->event_count ? &topology->events[live->next_event] : NULL;
}

static int bring_up(struct live *live, struct failure *failure)
{
    const struct live_options *options = live->options;
    struct host_options host = options->host;
    if (live->emulator == NULL && emulator_start(&live->emulator, options->supervisor,
                                                 options->topology, options->folder, failure) != 0)
        return -1;
    if (live->cases == 0) {
        live->next_event = 0;
        while (next_event(live) != NULL && next_event(live)->moment == MOMENT_BEFORE)
            live->next_event++;
    }
    host.session_table = emulator_session_table(live->emulator);
    return live->host != NULL ? 0 : host_start(&live->host, options->supervisor, &host, failure);
}

// Adds the generations of the sessions that the transcript does not have; of those before the case
// the last one. A transcript counts its own.
static int record_truths(struct making *making)
{
    struct emulator *emulator = making->live->emulator;
    for (; making->recorded < emulator_generation_count(emulator); making->recorded++) {
        struct truth *truth = truth_copy(emulator_generation(emulator, making->recorded));
        if (truth != NULL)
            truth->generation = making->transcript->truth_count + 1;
        int status = truth == NULL ? -1 : transcript_add_truth(making->transcript, truth);
        truth_free(truth);
        if (status != 0)
            return fail_memory(making);
    }
    return 0;
}

// A session at random among those that are logged in, with or without a connection. False: there is
// none.
static bool draw_session(struct making *making, bool connected, size_t *session)
{
    struct emulator *emulator = making->live->emulator;
    size_t count = emulator_session_count(emulator);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const struct truth_session *one = emulator_session(emulator, i);
        if (one != NULL && (one->connection_count > 0) == connected &&
            draw_below(making->draws, ++found) == 0)
            *session = i;
    }
    return found > 0;
}

static void tell(struct making *making, size_t session, const char *does)
{
    snprintf(making->happened, sizeof making->happened, "session %zu %s", session, does);
}

static int change_at_random(struct making *making)
{
    struct emulator *emulator = making->live->emulator;
    size_t most = making->live->options->topology->session_count + MORE_SESSIONS;
    size_t session = 0;
    uint64_t kind = draw_below(making->draws, 4);
    if (kind == 1 && draw_session(making, true, &session)) {
        tell(making, session, "logs out");
        return emulator_logout(emulator, session, making->failure);
    }
    if (kind == 2 && draw_session(making, true, &session)) {
        enum emulator_side side =
            draw_chance(making->draws, 50) ? EMULATOR_TARGET : EMULATOR_INITIATOR;
        tell(making, session, "loses its connections");
        return emulator_drop(emulator, session, side, making->failure);
    }
    if (kind == 3 && draw_session(making, draw_chance(making->draws, 30), &session)) {
        tell(making, session, "is reinstated");
        return emulator_reinstate(emulator, session, making->failure);
    }
    if (emulator_truth(emulator)->session_count >= most)
        return 0;
    if (emulator_login(emulator, &session, making->failure) != 0)
        return -1;
    tell(making, session, "logs in");
    return 0;
}

// What happens next: an event of the scenario, where it has any.
static int change(struct making *making)
{
    struct live *live = making->live;
    snprintf(making->happened, sizeof making->happened, "nothing happens");
    const struct topology_event *event = next_event(live);
    if (live->options->topology->event_count == 0)
        return change_at_random(making);
    if (event == NULL)
        return 0;
    live->next_event++;
    snprintf(making->happened, sizeof making->happened, "%s", event->sentence);
    return emulator_event(live->emulator, event, making->failure);
}

// ---- Calls

static struct making *making_of(struct probing *probing)
{
    return (struct making *)((char *)probing - offsetof(struct making, calling));
}

// The call with its numbers, where the draft leaves them to what is required.
static struct call settle(const struct making *making, const struct draft_call *made)
{
    struct call call = made->call;
    const struct learned_list *list = &making->learned.lists[made->moment][call.charset];
    if (made->offer.of_required)
        call.offered = (uint32_t)((int64_t)list->required + made->offer.beyond);
    if (made->offer.usual_count)
        call.count_in =
            call.offered / abi_of(host_hello(making->live->host)->pointer_size)->session_size;
    return call;
}

// Do the calls differ in nothing that is said of all calls of a list?
static bool goes_with(const struct draft_call *call, const struct draft_call *other)
{
    return call->threads == other->threads && call->event == other->event &&
           call->after == other->after && strcmp(call->set, other->set) == 0;
}

static int describe(struct making *making, const struct draft_call *call)
{
    struct probing *probing = &making->calling;
    const struct probe_set *set = probe_set_find(call->set);
    char text[sizeof making->happened + 32];
    probing->set = set->name;
    probing->hostile = set->last;
    probing->charset = (enum charset)call->call.charset;
    probing->circumstance = NULL;
    if (call->event == 0)
        return 0;
    // Before it happens nobody knows what it will be; the number tells that it is the same.
    snprintf(text, sizeof text, "%s%u: %s",
             call->after ? CIRCUMSTANCE_AFTER_EVENT : CIRCUMSTANCE_BEFORE_EVENT, call->event,
             call->after ? making->happened : "the sessions change");
    probing->circumstance = transcript_intern(making->transcript, text);
    return probing->circumstance != NULL ? 0 : fail_memory(making);
}

static bool is_exported(const struct making *making, uint8_t charset)
{
    return hello_exports(host_hello(making->live->host), (enum charset)charset);
}

// Makes those from `first` on, but for calls of a function that is not there.
static int make_calls(struct making *making, size_t first)
{
    const struct draft *draft = making->draft;
    for (size_t at = first; at < draft->call_count;) {
        const struct draft_call *one = &draft->calls[at];
        struct call_list calls = {0};
        for (; at < draft->call_count && goes_with(&draft->calls[at], one); at++)
            if (is_exported(making, draft->calls[at].call.charset))
                call_list_add(&calls, settle(making, &draft->calls[at]));
        int status = describe(making, one);
        if (status != 0 || (calls.count == 0 && !calls.out_of_memory))
            free(calls.calls);
        else
            status = call_list_make_while(&making->calling, &calls, one->threads, NULL);
        if (status != 0)
            return -1;
    }
    return draft->exhausted ? fail_memory(making) : 0;
}

// What the library says of the sessions as they are: a query and a fetch of A and of W.
static int learn(struct making *making, size_t moment)
{
    const struct transcript *transcript = making->transcript;
    size_t first = making->draft->call_count;
    size_t before = transcript->record_count;
    for (unsigned step = 0; step < 2; step++) {
        for (unsigned charset = CHARSET_A; charset <= CHARSET_W; charset++)
            learned_ask_at(making->draft, moment, (enum charset)charset, step > 0);
        if (make_calls(making, first) != 0)
            return -1;
        first = making->draft->call_count;
        for (; before < transcript->record_count; before++) {
            const struct record *record = &transcript->records[before];
            learned_note(&making->learned.lists[moment][record->call.charset], record, transcript);
        }
    }
    for (unsigned charset = CHARSET_A; charset <= CHARSET_W; charset++)
        making->probing[charset].required = making->learned.lists[moment][charset].required;
    return 0;
}

static int change_meanwhile(struct probing *probing)
{
    struct making *making = making_of(probing);
    for (; making->changes_left > 0; making->changes_left--)
        if (probe_await_answer(probing) != 0 || change(making) != 0)
            return -1;
    return probe_await_answer(probing);
}

// Some changes while calls of A and W are made without pause. The draft does not have these calls:
// which of them met a change can't be told to a library again.
static int change_under_calls(struct making *making)
{
    struct probing *probing = &making->calling;
    struct call_list calls = {0};
    while (calls.count < CHANGING_CALLS && !calls.out_of_memory)
        for (unsigned charset = CHARSET_A; charset <= CHARSET_W; charset++)
            if (is_exported(making, (uint8_t)charset))
                probe_add_mixture(&making->probing[charset], &calls, REPEATS);
    probing->set = probe_set_find("changing")->name;
    probing->circumstance = CIRCUMSTANCE_CHANGING;
    making->changes_left = (unsigned)draw_from(making->draws, 1, 3);
    return call_list_make_while(probing, &calls, 1, change_meanwhile);
}

// A query before the change.
static int call_before(struct making *making, size_t moment)
{
    size_t first = making->draft->call_count;
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++)
        calls_add_around(making->draft, moment, (enum charset)charset, 0, false);
    return make_calls(making, first);
}

// A fetch with the size from before; where that is not enough now, one with the size that it was
// told.
static int call_after(struct making *making, size_t moment, enum charset charset)
{
    size_t first = making->draft->call_count;
    if (!is_exported(making, (uint8_t)charset))
        return 0;
    calls_add_around(making->draft, moment, charset,
                     making->learned.lists[moment - 1][charset].required, true);
    if (make_calls(making, first) != 0)
        return -1;
    const struct record *last = transcript_last(making->transcript);
    if (!record_insufficient(last) || last->outcome.size_out > LEARNED_MAX)
        return 0;
    first = making->draft->call_count;
    calls_add_around(making->draft, moment, charset, last->outcome.size_out, true);
    return make_calls(making, first);
}

// From one moment to the next.
static int go_on(struct making *making, size_t moment)
{
    bool around = draw_chance(making->draws, 60);
    bool meanwhile = !around && draw_chance(making->draws, 50);
    if ((around && call_before(making, moment) != 0) ||
        (meanwhile ? change_under_calls(making) : change(making)) != 0 ||
        record_truths(making) != 0)
        return -1;
    draft_add_moment(making->draft, truth_copy(emulator_truth(making->live->emulator)));
    for (int charset = CHARSET_A; charset <= CHARSET_W && around; charset++)
        if (call_after(making, moment + 1, (enum charset)charset) != 0)
            return -1;
    return 0;
}

static int make_moments(struct making *making)
{
    size_t moments = draw_from(making->draws, 1, MOMENTS_MAX);
    draft_add_moment(making->draft, truth_copy(emulator_truth(making->live->emulator)));
    for (size_t moment = 0; moment < moments; moment++) {
        if (learn(making, moment) != 0)
            return -1;
        size_t first = making->draft->call_count;
        calls_make_at(making->draws, making->draft, &making->learned, moment);
        if (make_calls(making, first) != 0 || (moment + 1 < moments && go_on(making, moment) != 0))
            return -1;
    }
    return 0;
}

// ---- A case

static int prepare(struct making *making)
{
    const struct live *live = making->live;
    const struct abi *abi = abi_of(host_hello(live->host)->pointer_size);
    making->learned.lists = calloc(MOMENTS_MAX, sizeof *making->learned.lists);
    if (making->transcript == NULL || making->learned.lists == NULL)
        return fail_memory(making);
    making->learned.moment_count = MOMENTS_MAX;
    making->transcript->of_case = true;
    making->transcript->hello = *host_hello(live->host);
    making->recorded = emulator_generation_count(live->emulator) - 1;
    for (unsigned charset = CHARSET_A; charset <= CHARSET_W; charset++)
        making->probing[charset] = (struct probing){.host = live->host,
                                                    .emulator = live->emulator,
                                                    .supervisor = live->options->supervisor,
                                                    .transcript = making->transcript,
                                                    .truth = emulator_truth(live->emulator),
                                                    .charset = (enum charset)charset,
                                                    .effort = "standard",
                                                    .structure_size = abi->session_size,
                                                    .hangs = live->options->hangs,
                                                    .failure = making->failure};
    making->calling = making->probing[CHARSET_A];
    return record_truths(making);
}

// Both sides are to agree before what the sessions were is forgotten.
static int finish(struct live *live, struct failure *failure)
{
    const struct topology *topology = live->options->topology;
    bool over = topology->event_count > 0 && next_event(live) == NULL;
    if (++live->cases < CASES && !over)
        return 0;
    int status = emulator_verify(live->emulator, failure);
    take_down(live);
    return status;
}

int live_make(struct live *live, struct draws *draws, struct draft *draft, struct transcript **made,
              struct failure *failure)
{
    struct making making = {.live = live, .draws = draws, .draft = draft, .failure = failure};
    *made = NULL;
    // A call that hangs is not made again while a run goes on; each case is a run of its own.
    *live->options->hangs = (struct hangs){0};
    if (bring_up(live, failure) != 0)
        return -1;
    making.transcript = transcript_create(live->options->implementation, "case", "", "");
    int status = prepare(&making) != 0 || make_moments(&making) != 0 ? -1 : finish(live, failure);
    learned_free(&making.learned);
    if (status == 0) {
        *made = making.transcript;
        return 0;
    }
    transcript_free(making.transcript);
    return -1;
}
