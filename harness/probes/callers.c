// SPDX-License-Identifier: Apache-2.0
// Makes the calls of programs that exist.
#include "harness/probes/callers.h"

#include "conformance/judge/caller.h"
#include "conformance/transcript/circumstance.h"
#include "harness/probes/changes.h"

#include <string.h>

// The changes between the calls of a program, so that each call sees another list.
enum { CHANGES = 2 };

static const struct caller *find_caller(const char *probe_set)
{
    const struct caller *caller = callers;
    while (caller->probe_set != NULL && strcmp(caller->probe_set, probe_set) != 0)
        caller++;
    return caller;
}

bool probe_is_caller(const char *set)
{
    return find_caller(set)->probe_set != NULL;
}

// A session logs in, and later out again.
static int change_between(struct probing *probing, unsigned number, size_t *session)
{
    return number == 0 ? emulator_login(probing->emulator, session, probing->failure)
                       : emulator_logout(probing->emulator, *session, probing->failure);
}

int probe_as_caller(struct probing *probing, caller_change *change)
{
    const struct caller *caller = find_caller(probing->set);
    struct caller_state state = {.structure_size = probing->structure_size,
                                 .required = probing->required};
    size_t session = 0;
    unsigned changes = 0;
    for (;;) {
        struct call call = {.charset = (uint8_t)probing->charset};
        struct call_list calls = {0};
        if (caller_next(caller, &state, &call) != CALLER_CALLS)
            break;
        call_list_add(&calls, call);
        if (call_list_make(probing, &calls) != 0)
            return -1;
        const struct record *last = transcript_last(probing->transcript);
        if (last->outcome.kind != OUTCOME_RETURNED)
            break;
        caller_answer(&state, &call, &last->outcome);
        if (change != NULL && changes < CHANGES && change(probing, changes++, &session) != 0)
            return -1;
    }
    // The session that logged in must log out in any case.
    return changes == 1 ? change(probing, changes, &session) : 0;
}

int probe_caller(struct probing *probing)
{
    probing->circumstance = NULL;
    if (probe_as_caller(probing, NULL) != 0)
        return -1;
    if (!probe_can_change(probing))
        return 0;
    probing->circumstance = CIRCUMSTANCE_CHANGING;
    if (probe_as_caller(probing, change_between) != 0)
        return -1;
    return probe_record_truths(probing);
}
