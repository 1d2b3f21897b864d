// SPDX-License-Identifier: Apache-2.0
// Changes sessions and calls of inputs.
#include "harness/fuzz/mutator.h"

#include "conformance/transcript/case.h"
#include "harness/fuzz/calls.h"
#include "harness/fuzz/edits.h"
#include "harness/fuzz/learned.h"
#include "harness/fuzz/sessions.h"

#include <stdlib.h>

enum {
    NEW_ONES = 40,    // of 100 inputs
    GROWN = 8,        // of 100 of these
    MOMENTS_MAX = 6,  // states of the sessions
    CALLS_MAX = 1000, // more are not added to
    STRUCTURE = 64,   // bytes of an element of the list, where pointers have 8
    PAGE = 4096,
};

typedef void change(struct draws *draws, struct input *input);

// ---- Sessions

static struct sessions_made sessions_of(const struct draft *draft)
{
    struct sessions_made made = {.most = SIZE_MAX};
    for (size_t i = 0; i < draft->moment_count; i++)
        sessions_note(&made, draft->moments[i]);
    return made;
}

// Has the session with the same identifier be the same at the moment.
static void follow(struct draft *draft, size_t moment, const struct truth_session *session)
{
    struct truth *truth = draft->moments[moment];
    for (size_t i = 0; i < truth->session_count; i++) {
        struct truth_session copy = {0};
        if (truth->sessions[i].adapter_specific != session->adapter_specific)
            continue;
        if (truth_session_copy(&copy, session) != 0) {
            truth_session_clear(&copy);
            draft->exhausted = true;
            return;
        }
        truth_session_clear(&truth->sessions[i]);
        truth->sessions[i] = copy;
    }
}

// One thing at one moment; mostly the sessions that it and the moments after it share stay alike.
static void vary_sessions(struct draws *draws, struct input *input)
{
    struct draft *draft = &input->draft;
    struct sessions_made made = sessions_of(draft);
    size_t moment = draw_below(draws, draft->moment_count);
    draft->exhausted |= !sessions_vary(draws, &made, draft->moments[moment]);
    if (draw_chance(draws, 30))
        return;
    const struct truth *truth = draft->moments[moment];
    for (size_t other = moment + 1; other < draft->moment_count; other++)
        for (size_t i = 0; i < truth->session_count && !draft->exhausted; i++)
            follow(draft, other, &truth->sessions[i]);
}

// The calls that ask and fetch, at the last moment.
static void ask(struct draft *draft)
{
    struct draft asked = {.moments = &draft->moments[draft->moment_count - 1], .moment_count = 1};
    learned_ask(&asked);
    draft->exhausted |= asked.exhausted;
    for (size_t i = 0; i < asked.call_count; i++) {
        asked.calls[i].moment = draft->moment_count - 1;
        draft_add_call(draft, &asked.calls[i]);
    }
    free(asked.calls);
}

static void add_moment(struct draws *draws, struct input *input)
{
    struct draft *draft = &input->draft;
    struct sessions_made made = sessions_of(draft);
    if (draft->moment_count >= MOMENTS_MAX)
        return;
    // Back to what was before, or on.
    size_t before =
        draw_chance(draws, 20) ? draw_below(draws, draft->moment_count) : draft->moment_count - 1;
    struct truth *next = before + 1 < draft->moment_count
                             ? truth_copy(draft->moments[before])
                             : sessions_change(draws, &made, draft->moments[before]);
    draft_add_moment(draft, next);
    if (!draft->exhausted)
        ask(draft);
}

static void join_moments(struct draws *draws, struct input *input)
{
    struct draft *draft = &input->draft;
    if (draft->moment_count < 2)
        return;
    size_t moment = draw_below(draws, draft->moment_count - 1);
    if (draw_chance(draws, 50))
        edit_join_moments(draft, moment, moment + 1);
    else
        edit_join_moments(draft, moment + 1, moment);
}

// ---- Calls

static struct draft_call *any_call(struct draws *draws, struct draft *draft)
{
    return &draft->calls[draw_below(draws, draft->call_count)];
}

static int32_t draw_beside(struct draws *draws)
{
    static const int8_t steps[] = {-64, -16, -9, -8, -7, -4, -3, -2, -1, 0,
                                   0,   0,   1,  2,  3,  4,  7,  8,  16, 64};
    return DRAW_ONE(draws, steps);
}

// Near what is required, near the end of a structure or of a page, or near what it was.
static void vary_size(struct draws *draws, struct draft_call *call)
{
    uint64_t kind = draw_below(draws, 4);
    int64_t size = kind == 0   ? (int64_t)call->call.offered
                   : kind == 1 ? STRUCTURE * (int64_t)draw_below(draws, 40)
                               : PAGE * (int64_t)draw_from(draws, 1, 8);
    call->offer.of_required = kind == 3 || (kind == 0 && call->offer.of_required);
    call->offer.beyond = call->offer.of_required ? draw_beside(draws) : 0;
    size += draw_beside(draws);
    call->call.offered = call->offer.of_required || size < 0 ? 0 : (uint32_t)size;
}

static void vary_place(struct draws *draws, struct draft_call *call)
{
    static const enum placement placements[] = {PLACE_END, PLACE_START, PLACE_MIDDLE, PLACE_EXACT,
                                                PLACE_NULL};
    call->call.placement = (uint8_t)DRAW_ONE(draws, placements);
    call->call.misalignment =
        call->call.placement == PLACE_MIDDLE ? (uint32_t)draw_below(draws, 16) : 0;
}

static void vary_count(struct draws *draws, struct draft_call *call)
{
    static const uint32_t counts[] = {0, 1, 2, 255, 256, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    call->offer.usual_count = draw_chance(draws, 30);
    call->call.count_in = call->offer.usual_count ? 0 : DRAW_ONE(draws, counts);
}

static void vary_call(struct draws *draws, struct input *input)
{
    struct draft_call *call = any_call(draws, &input->draft);
    uint64_t kind = draw_below(draws, 20);
    if (kind < 8)
        vary_size(draws, call);
    else if (kind < 12)
        vary_place(draws, call);
    else if (kind < 16)
        call->call.charset = call->call.charset == CHARSET_A ? CHARSET_W : CHARSET_A;
    else if (kind < 17)
        vary_count(draws, call);
    else if (kind < 18)
        call->call.fill = (uint8_t)draw_below(draws, FILL_ONES + 1);
    else if (kind < 19)
        call->call.repeat = (uint32_t)draw_from(draws, 1, 8);
    else
        call->call.flags = (uint8_t)draw_below(draws, (CALL_SIZE_NULL | CALL_COUNT_NULL) + 1);
    call->set = case_set(&call->call, &call->offer, call->threads);
    call->event = 0;
}

// Inserts copies of a call, in a row or one after each call that follows.
static void repeat_call(struct draws *draws, struct input *input)
{
    struct draft *draft = &input->draft;
    const struct draft_call copy = *any_call(draws, draft);
    size_t count = draw_from(draws, 1, 8);
    struct draft copies = {.moments = draft->moments, .moment_count = draft->moment_count};
    if (draft->call_count > CALLS_MAX)
        return;
    for (size_t i = 0; i < count; i++)
        draft_add_call(&copies, &copy);
    if (draw_chance(draws, 40)) // and one of its moment that may be of the other function
        for (size_t i = 0; i < 8; i++) {
            const struct draft_call *other = any_call(draws, draft);
            if (other->moment == copy.moment)
                draft_add_call(&copies, other);
        }
    draft_merge_calls(draft, &copies);
    free(copies.calls);
}

static void swap_calls(struct draws *draws, struct input *input)
{
    struct draft_call *one = any_call(draws, &input->draft);
    struct draft_call *other = any_call(draws, &input->draft);
    const struct draft_call kept = *one;
    if (one->moment != other->moment)
        return;
    *one = *other;
    *other = kept;
}

static void remove_calls(struct draws *draws, struct input *input)
{
    struct draft *draft = &input->draft;
    size_t first = draw_below(draws, draft->call_count);
    size_t count = draw_chance(draws, 50) ? 1 : draw_from(draws, 1, draft->call_count);
    if (count < draft->call_count)
        edit_remove_calls(draft, first, count);
}

// ---- All

void mutator_make(struct draws *draws, struct input *input)
{
    struct draft *draft = &input->draft;
    input_free(input);
    calls_make_moments(draws, draft, SIZE_MAX);
    struct sessions_made made = sessions_of(draft);
    if (!draft->exhausted && draw_chance(draws, GROWN))
        draft->exhausted |= !sessions_grow(draws, &made, draft->moments[0]);
    learned_ask(draft);
    input->more = true;
    input->seed = draw_bits(draws);
}

static bool is_good(const struct input *input)
{
    return !input->draft.exhausted && input->draft.call_count > 0;
}

void mutator_change(struct draws *draws, struct input *input)
{
    static change *const changes[] = {vary_sessions, vary_sessions, vary_sessions, add_moment,
                                      join_moments,  vary_call,     vary_call,     vary_call,
                                      repeat_call,   swap_calls,    remove_calls};
    if (draw_chance(draws, NEW_ONES)) {
        mutator_make(draws, input);
        return;
    }
    for (uint64_t count = draw_from(draws, 1, 4); count > 0 && is_good(input); count--)
        DRAW_ONE(draws, changes)(draws, input);
    input->more = draw_chance(draws, 80);
    input->seed = draw_bits(draws);
}

// Gives sessions and connections other identifiers than those that are there.
static void renumber(struct draft *draft, uint32_t beyond)
{
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++) {
            struct truth_session *session = &draft->moments[i]->sessions[j];
            session->adapter_specific += beyond;
            for (size_t k = 0; k < session->connection_count; k++)
                session->connections[k].adapter_specific += beyond;
        }
}

// The calls of the other at these sessions: at the same moment, or the last one.
static void take_calls(struct input *input, const struct draft *other)
{
    struct draft calls = {.moments = input->draft.moments,
                          .moment_count = input->draft.moment_count};
    for (size_t i = 0; i < other->call_count; i++) {
        struct draft_call call = other->calls[i];
        if (call.moment >= calls.moment_count)
            call.moment = calls.moment_count - 1;
        draft_add_call(&calls, &call);
    }
    draft_merge_calls(&input->draft, &calls);
    free(calls.calls);
}

void mutator_join(struct draws *draws, struct input *input, const struct input *other)
{
    struct draft *draft = &input->draft;
    input->seed = draw_bits(draws);
    if (draft->call_count + other->draft.call_count > CALLS_MAX)
        return;
    if (draw_chance(draws, 50) || draft->moment_count + other->draft.moment_count > MOMENTS_MAX) {
        take_calls(input, &other->draft);
        return;
    }
    struct draft behind = draft_copy(&other->draft);
    renumber(&behind, sessions_of(draft).count);
    draft_append(draft, &behind);
    draft_free(&behind);
}
