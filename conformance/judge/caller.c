// SPDX-License-Identifier: Apache-2.0
// The calling styles found in public programs.
#include "conformance/judge/caller.h"

#include "conformance/transcript/error_codes.h"

#include <stddef.h>

// A call with the program's variables as they are.
static enum caller_end make(struct caller_state *state, struct call *call, enum placement placement)
{
    call->placement = (uint8_t)placement;
    call->offered = state->size;
    call->count_in = state->count;
    return CALLER_CALLS;
}

static enum caller_end query(struct caller_state *state, struct call *call)
{
    state->size = 0;
    state->count = 0;
    return make(state, call, PLACE_NULL);
}

// Begins with a buffer of `size` bytes; `count` is what *SessionCount holds.
static enum caller_end begin(struct caller_state *state, struct call *call, uint32_t size,
                             uint32_t count)
{
    state->size = size;
    state->count = count;
    return make(state, call, PLACE_END);
}

// Asks again with the size that it was told as long as that was too small.
static enum caller_end repeat_while_insufficient(struct caller_state *state, struct call *call)
{
    if (state->status == ERROR_SUCCESS)
        return CALLER_HAS_LIST;
    return state->status == ERROR_INSUFFICIENT_BUFFER ? make(state, call, PLACE_END)
                                                      : CALLER_GIVES_UP;
}

static enum caller_end next_os_win(struct caller_state *state, struct call *call)
{
    if (state->made == 0)
        return begin(state, call, 0, 0);
    if ((state->status & 0xFFFF) == ERROR_INSUFFICIENT_BUFFER)
        return make(state, call, PLACE_END);
    return state->status == ERROR_SUCCESS ? CALLER_HAS_LIST : CALLER_GIVES_UP;
}

static enum caller_end go_on_checking(struct caller_state *state, struct call *call)
{
    if (state->status == ERROR_INSUFFICIENT_BUFFER)
        return state->size > state->offered ? make(state, call, PLACE_END) : CALLER_GIVES_UP;
    return state->status == ERROR_SUCCESS && state->size <= state->offered ? CALLER_HAS_LIST
                                                                           : CALLER_GIVES_UP;
}

static enum caller_end next_go_win_iscsidsc(struct caller_state *state, struct call *call)
{
    enum { FIRST = 100001 };
    return state->made == 0 ? begin(state, call, FIRST, 0) : go_on_checking(state, call);
}

static enum caller_end next_go_win_iscsidsc_small(struct caller_state *state, struct call *call)
{
    enum { FIRST = 2 };
    return state->made == 0 ? begin(state, call, FIRST, 0) : go_on_checking(state, call);
}

static enum caller_end next_hpe(struct caller_state *state, struct call *call)
{
    enum { MORE = 16384, ROUNDS = 5 };
    if (state->made == 0)
        return query(state, call);
    if (state->made > 1 && state->status == ERROR_SUCCESS)
        return CALLER_HAS_LIST;
    if (state->status != ERROR_SUCCESS && state->status != ERROR_INSUFFICIENT_BUFFER)
        return CALLER_GIVES_UP;
    if (state->count == 0)
        return CALLER_SEES_NONE;
    if (state->made > ROUNDS)
        return CALLER_GIVES_UP;
    state->size += MORE;
    return make(state, call, PLACE_END);
}

static enum caller_end next_flydisk(struct caller_state *state, struct call *call)
{
    if (state->made == 0)
        return query(state, call);
    if (state->made > 1)
        return state->status == ERROR_SUCCESS ? CALLER_HAS_LIST : CALLER_GIVES_UP;
    if (state->size == 0)
        return CALLER_SEES_NONE;
    state->count = state->size / state->structure_size;
    return make(state, call, PLACE_END);
}

static enum caller_end next_go_server(struct caller_state *state, struct call *call)
{
    if (state->made == 0)
        return query(state, call);
    if (state->made > 1)
        return repeat_while_insufficient(state, call);
    if (state->size == 0 || state->count == 0)
        return CALLER_SEES_NONE;
    return make(state, call, PLACE_END);
}

static enum caller_end next_lisp(struct caller_state *state, struct call *call)
{
    enum { FIRST = 32768, SPARE = 4096 };
    const uint32_t unset = 0xCDCDCDCD;
    if (state->made == 0)
        return begin(state, call, state->required + SPARE > FIRST ? state->required + SPARE : FIRST,
                     unset);
    return state->status == ERROR_SUCCESS ? CALLER_HAS_LIST : CALLER_GIVES_UP;
}

static enum caller_end next_reservations(struct caller_state *state, struct call *call)
{
    enum { STRUCTURES = 50 };
    if (state->made == 0)
        return begin(state, call, STRUCTURES * state->structure_size, STRUCTURES);
    return repeat_while_insufficient(state, call);
}

static enum caller_end next_replication(struct caller_state *state, struct call *call)
{
    enum { FIRST = 1024 };
    return state->made == 0 ? begin(state, call, FIRST, 0) : repeat_while_insufficient(state, call);
}

const struct caller callers[] = {
    {"caller-os-win", "os-win (OpenStack)", "CALLERS-1", next_os_win},
    {"caller-go-win-iscsidsc", "go-win-iscsidsc", "CALLERS-2", next_go_win_iscsidsc},
    {"caller-go-win-iscsidsc-small", "go-win-iscsidsc, its test", "CALLERS-2",
     next_go_win_iscsidsc_small},
    {"caller-hpe", "hpe-storage/common-host-libs", "CALLERS-3", next_hpe},
    {"caller-flydisk", "FlyDisk, Vanara", "CALLERS-4", next_flydisk},
    {"caller-go-server", "a block storage server in Go", "CALLERS-5", next_go_server},
    {"caller-lisp", "a Lisp binding", "CALLERS-6", next_lisp},
    {"caller-reservations", "a persistent reservation tool", "CALLERS-7", next_reservations},
    {"caller-replication", "a replication agent", "CALLERS-8", next_replication},
    {NULL, NULL, NULL, NULL},
};

enum caller_end caller_next(const struct caller *caller, struct caller_state *state,
                            struct call *call)
{
    call->fill = FILL_HASH_0;
    call->repeat = 1;
    enum caller_end end = caller->next(state, call);
    if (end == CALLER_CALLS && state->made >= CALLER_CALLS_MAX)
        return CALLER_NEVER_ENDS;
    return end;
}

void caller_answer(struct caller_state *state, const struct call *call,
                   const struct outcome *outcome)
{
    state->made++;
    state->offered = call->offered;
    state->size = outcome->size_out;
    state->count = outcome->count_out;
    state->status = outcome->status;
}
