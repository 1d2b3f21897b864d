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

// A session logs in, and later out again.
static int change_between(struct probing *probing, unsigned number, size_t *session)
{
    if (number == 0)
        return emulator_login(probing->emulator, session, probing->failure);
    return number == 1 ? emulator_logout(probing->emulator, *session, probing->failure) : 0;
}

// Makes the calls of a program. When a call did not return, the program makes no more.
static int call_as(struct probing *probing, const struct caller *caller, bool changing)
{
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
        if (changing && changes < CHANGES && change_between(probing, changes++, &session) != 0)
            return -1;
    }
    // The session that logged in must log out in any case.
    return changes == 1 ? change_between(probing, changes, &session) : 0;
}

int probe_caller(struct probing *probing)
{
    const struct caller *caller = find_caller(probing->set);
    probing->circumstance = NULL;
    if (call_as(probing, caller, false) != 0)
        return -1;
    probing->circumstance = CIRCUMSTANCE_CHANGING;
    if (call_as(probing, caller, true) != 0)
        return -1;
    return probe_record_truths(probing);
}
