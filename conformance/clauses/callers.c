// SPDX-License-Identifier: Apache-2.0
// CALLERS: programs that exist.
#include "conformance/clauses/groups.h"
#include "conformance/judge/caller.h"
#include "conformance/judge/consistency.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/quiet.h"
#include "conformance/transcript/circumstance.h"

#include <string.h>

// The program has a list: is it that of the sessions?
static void judge_list(const struct evidence *evidence, const struct caller *caller,
                       const struct record *last, struct verdict *verdict)
{
    const struct listing *listing = evidence_listing(evidence, last);
    struct mismatch mismatch = {0};
    if (listing == NULL)
        return; // memory ran out, or a success of a query without a list
    if (last->circumstance != NULL) {
        judge_moment(evidence, last, listing, verdict);
    } else if (!listing_is_truth(evidence, listing, evidence_truth(evidence, last), &mismatch)) {
        verdict_fail(verdict, last, "%s takes a list for complete that is not: %s", caller->program,
                     mismatch.why);
        verdict->about = mismatch.about;
        verdict_expect(verdict, "every session");
    }
}

static void judge_end(const struct evidence *evidence, const struct caller *caller,
                      enum caller_end end, const struct record *last, struct verdict *verdict)
{
    size_t sessions = evidence_truth(evidence, last)->session_count;
    char text[128];
    switch (end) {
    case CALLER_HAS_LIST:
        judge_list(evidence, caller, last, verdict);
        return;
    case CALLER_SEES_NONE:
        if (sessions == 0 || last->circumstance != NULL)
            return;
        verdict_fail(verdict, last, "%s takes *BufferSize = %u, *SessionCount = %u for no sessions",
                     caller->program, last->outcome.size_out, last->outcome.count_out);
        break;
    case CALLER_NEVER_ENDS:
        verdict_fail(verdict, last, "%s calls again and again: %d calls, the last of %u bytes",
                     caller->program, CALLER_CALLS_MAX, last->call.offered);
        break;
    default:
        // While sessions come and go, a program with one try is told the right thing by 122.
        if (last->circumstance != NULL && record_insufficient(last))
            return;
        verdict_fail(verdict, last, "%s gives up: %s for %u bytes, *BufferSize = %u",
                     caller->program, error_code_describe(last->outcome.status, text, sizeof text),
                     last->call.offered, last->outcome.size_out);
        break;
    }
    verdict_expect(verdict, "every session (%zu), in a bounded number of calls", sessions);
}

// The calls of one program that belong together: those from `*record` on under one circumstance.
// Leaves in `*record` the first that doesn't. True when they were judged.
static bool judge_calls(const struct evidence *evidence, const struct caller *caller,
                        const struct record **record, struct verdict *verdict)
{
    struct caller_state state = {.structure_size = evidence->abi->session_size};
    const struct record *last = NULL;
    const char *circumstance = (*record)->circumstance;
    enum caller_end end = CALLER_CALLS;
    evidence_required(evidence, &state.required);
    while (*record != NULL && (*record)->circumstance == circumstance) {
        struct call call;
        end = caller_next(caller, &state, &call);
        if (end != CALLER_CALLS || !record_returned(*record))
            break;
        last = *record;
        caller_answer(&state, &last->call, &last->outcome);
        *record = evidence_next(evidence, last, caller->probe_set);
    }
    if (last != NULL && *record != NULL && !record_returned(*record))
        last = NULL; // what did not return is judged elsewhere
    if (end == CALLER_CALLS && last != NULL) {
        struct call call;
        end = caller_next(caller, &state, &call);
    }
    while (*record != NULL && (*record)->circumstance == circumstance)
        *record = evidence_next(evidence, *record, caller->probe_set);
    if (last == NULL)
        return false;
    judge_end(evidence, caller, end, last, verdict);
    return true;
}

static void judge_caller(const struct evidence *evidence, struct verdict *verdict)
{
    const struct quiet *quiet = quiet_of(evidence);
    size_t judged = 0;
    if (quiet == NULL) {
        verdict_exhaust(evidence, verdict);
        return;
    }
    quiet_tell(quiet, verdict);
    for (const struct caller *caller = callers; caller->probe_set != NULL; caller++) {
        if (strcmp(caller->clause, evidence->clause->id) != 0)
            continue;
        for (const struct record *record = evidence_next(evidence, NULL, caller->probe_set);
             record != NULL && verdict->kind == VERDICT_PASS;)
            judged += judge_calls(evidence, caller, &record, verdict);
    }
    judge_seen(evidence, judged, BLOCKED_BY_ANY, "none of the program's calls returned", verdict);
}

static const char *const sets_1[] = {"fetch", "caller-os-win", NULL};
static const char *const sets_2[] = {"fetch", "caller-go-win-iscsidsc",
                                     "caller-go-win-iscsidsc-small", NULL};
static const char *const sets_3[] = {"fetch", "caller-hpe", NULL};
static const char *const sets_4[] = {"fetch", "caller-flydisk", NULL};
static const char *const sets_5[] = {"fetch", "caller-go-server", NULL};
static const char *const sets_6[] = {"fetch", "caller-lisp", NULL};
static const char *const sets_7[] = {"fetch", "caller-reservations", NULL};
static const char *const sets_8[] = {"fetch", "caller-replication", NULL};

static const char passing[] = "every session, or the right error, in a bounded number of calls";

static const struct clause clauses[] = {
    {.id = "CALLERS-1",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that begins with 0 bytes, a buffer that isn't NULL and *SessionCount 0, and "
         "asks again with the size it was told while the status AND 0xFFFF is 122, is served",
     .source = "os-win (OpenStack)",
     .why = "An implementation that keeps saying 122 loops it for ever; it finds its session by "
            "TargetName.",
     .passing = passing,
     .failing = "122 for ever, because *SessionCount is honoured as a limit",
     .probe_sets = sets_1,
     .judge = judge_caller},
    {.id = "CALLERS-2",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that begins with 100,001 bytes (or 2) and *SessionCount 0, and refuses a "
         "size that doesn't grow on 122 or is above its own on success, is served",
     .source = "go-win-iscsidsc",
     .why = "It is the library that Go programs list iSCSI sessions with.",
     .passing = passing,
     .failing = "*BufferSize above what was offered, on success",
     .probe_sets = sets_2,
     .judge = judge_caller},
    {.id = "CALLERS-3",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that queries with NULL and 0, expects *SessionCount above 0 where there are "
         "sessions, then offers 16 KiB more than it was told, at most 5 times, is served",
     .source = "hpe-storage/common-host-libs",
     .why = "It met a list that grew between the calls while an array failed over.",
     .passing = passing,
     .failing = "*SessionCount 0 after the query",
     .probe_sets = sets_3,
     .judge = judge_caller},
    {.id = "CALLERS-4",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that queries with NULL and 0, sets *SessionCount to the size divided by the "
         "size of a structure, and fetches once with exactly that size, is served",
     .source = "FlyDisk; Vanara",
     .why = "It has one try.",
     .passing = passing,
     .failing = "122 for exactly the size that was asked for",
     .probe_sets = sets_4,
     .judge = judge_caller},
    {.id = "CALLERS-5",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that queries with NULL and 0 and takes size 0 or count 0 for \"none\" sees "
         "that there are sessions",
     .source = "a block storage server in Go",
     .why = "It detaches what it thinks is gone.",
     .passing = "122 with the size and *SessionCount above 0",
     .failing = "122 with the size and *SessionCount 0",
     .probe_sets = sets_5,
     .judge = judge_caller},
    {.id = "CALLERS-6",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that makes one call with 32 KiB, *SessionCount unset, and takes anything but "
         "0 for an error, is served",
     .source = "a Lisp binding",
     .why = "It has one try.",
     .passing = passing,
     .failing = "122 because of what *SessionCount happened to hold",
     .probe_sets = sets_6,
     .judge = judge_caller},
    {.id = "CALLERS-7",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that begins with room for 50 structures, and asks again while it is told 122, "
         "is served",
     .source = "a persistent reservation tool",
     .why = "It goes on as long as it is told to.",
     .passing = passing,
     .failing = "122 for ever",
     .probe_sets = sets_7,
     .judge = judge_caller},
    {.id = "CALLERS-8",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence =
         "a program that begins with 1 KiB, never sets *SessionCount, and asks again while it is "
         "told 122, is served",
     .source = "a replication agent",
     .why = "It goes on as long as it is told to.",
     .passing = passing,
     .failing = "122 for ever, because *SessionCount is honoured as a limit",
     .probe_sets = sets_8,
     .judge = judge_caller},
};

const struct clause_group group_callers = {
    .name = "CALLERS",
    .title = "programs that exist",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
