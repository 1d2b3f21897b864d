// SPDX-License-Identifier: Apache-2.0
// Plans, judges and proves.
#include "harness/run/judgement.h"

#include "conformance/clauses/groups.h"
#include "conformance/judge/blame.h"
#include "conformance/judge/consequence.h"
#include "conformance/judge/quiet.h"
#include "conformance/transcript/circumstance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKS_LEAST = 16 }; // that there is room for; a power of two

// Room for one more, which is doubled whenever the count is a power of two: a check is large.
static int make_room(struct scenario_result *scenario)
{
    size_t count = scenario->check_count;
    if (count > 0 && (count < CHECKS_LEAST || (count & (count - 1)) != 0))
        return 0;
    size_t room = count < CHECKS_LEAST ? CHECKS_LEAST : 2 * count;
    struct check *grown = reallocarray(scenario->checks, room, sizeof *grown);
    if (grown == NULL)
        return -1;
    // A verdict points to the evidence beside it, which has moved.
    for (size_t i = 0; i < count; i++)
        if (grown[i].verdict.record != NULL)
            grown[i].verdict.record = &grown[i].evidence;
    scenario->checks = grown;
    return 0;
}

static int add_check(struct scenario_result *scenario, const struct clause *clause,
                     enum check_charset charset)
{
    if (make_room(scenario) != 0)
        return -1;
    scenario->checks[scenario->check_count++] =
        (struct check){.clause = clause, .charset = charset};
    return 0;
}

static int add_checks(struct scenario_result *scenario, const struct clause *clause)
{
    switch (clause->charsets) {
    case JUDGED_TOGETHER:
        return add_check(scenario, clause, CHECK_BOTH);
    case JUDGED_WIDE:
        return add_check(scenario, clause, CHECK_W);
    case JUDGED_EX:
        return add_check(scenario, clause, CHECK_EX);
    case JUDGED_EACH:
        break;
    }
    if (add_check(scenario, clause, CHECK_A) != 0)
        return -1;
    return add_check(scenario, clause, CHECK_W);
}

int judgement_plan(struct scenario_result *scenario, const struct clause *const *clauses,
                   size_t clause_count, const struct traits *traits)
{
    for (size_t i = 0; i < clause_count; i++)
        if (clause_applies(clauses[i], traits) && add_checks(scenario, clauses[i]) != 0)
            return -1;
    return 0;
}

void judgement_name(const struct check *check, char *name, size_t size)
{
    if (check->charset == CHECK_BOTH)
        snprintf(name, size, "%s", check->clause->id);
    else
        snprintf(name, size, "%s-%s", check->clause->id, check_charset_name(check->charset));
}

// The function that is checked; of two, the first.
static enum charset charset_of(const struct check *check)
{
    static const enum strings strings[] = {[CHECK_A] = STRINGS_CHAR,
                                           [CHECK_W] = STRINGS_WIDE,
                                           [CHECK_BOTH] = STRINGS_CHAR,
                                           [CHECK_EX] = STRINGS_NONE};
    return clause_charset(check->clause, strings[check->charset]);
}

// The evidence outlives the transcript: a copy, to which keep_for_reports adds the buffer's bytes.
static void keep_evidence(struct check *check, const struct transcript *transcript)
{
    const struct record *record = check->verdict.record;
    if (record == NULL)
        return;
    check->evidence = *record;
    check->evidence.bytes = NULL;
    check->evidence.said = record->said != NULL ? strdup(record->said) : NULL;
    check->evidence_index = (size_t)(record - transcript->records);
    check->verdict.record = &check->evidence;
}

static void judge_check(struct check *check, const struct transcript *transcript,
                        struct evidence_store *store, const struct judge_options *options,
                        bool later)
{
    struct evidence evidence = {
        .later = later,
        .transcript = transcript,
        .charset = charset_of(check),
        .abi = abi_of_function(transcript->hello.pointer_size, charset_of(check)),
        .store = store,
    };
    if (evidence.abi == NULL) {
        check->verdict = (struct verdict){.kind = VERDICT_ERROR};
        snprintf(check->verdict.got, sizeof check->verdict.got,
                 "no layout for pointers of %u bytes", transcript->hello.pointer_size);
    } else {
        clause_judge(check->clause, &evidence, options, &check->verdict);
    }
    keep_evidence(check, transcript);
    check->judged = true;
}

bool judgement_broken(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN ||
            check->verdict.kind == VERDICT_KNOWN);
}

// Is `clause` among those that a skip blames? ("STATUS-1", or several with commas, or any)
static bool is_blamed(const char *blamed, const struct clause *clause)
{
    size_t length = strlen(clause->id);
    for (const char *at = strstr(blamed, clause->id); at != NULL; at = strstr(at + 1, clause->id))
        if ((at == blamed || at[-1] == ' ') && (at[length] == '\0' || at[length] == ','))
            return true;
    return false;
}

// Is there a check of the clause, in that charset or over both?
static bool is_planned(const struct scenario_result *scenario, const struct clause *clause,
                       enum check_charset charset)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (scenario->checks[i].clause == clause &&
            check_charsets_meet(scenario->checks[i].charset, charset))
            return true;
    return false;
}

// Does the transcript have calls of that set in that charset?
static bool has_set(const struct transcript *transcript, const char *set, enum charset charset)
{
    for (size_t i = 0; i < transcript->record_count; i++)
        if (transcript->records[i].call.charset == charset &&
            strcmp(transcript->records[i].probe_set, set) == 0)
            return true;
    return false;
}

// Were all sets called that the check needs, of the functions that it is about?
static bool has_own_sets(const struct check *check, const struct transcript *transcript)
{
    for (int charset = 0; charset < CHARSETS; charset++) {
        bool own = check->charset == CHECK_BOTH
                       ? function_of((enum charset)charset)->family == check->clause->family
                       : (enum charset)charset == charset_of(check);
        if (!own)
            continue;
        if (!hello_exports(&transcript->hello, (enum charset)charset))
            return false;
        for (const char *const *set = check->clause->probe_sets; *set != NULL; set++)
            if (!has_set(transcript, *set, (enum charset)charset))
                return false;
    }
    return true;
}

// Of a sibling of GetIScsiSessionList. What its calls are held against is not there where neither A
// nor W is exported, which is no reason to leave it out.
static bool sibling_was_probed(const struct check *check, const struct transcript *transcript)
{
    for (const char *const *set = check->clause->list_sets; set != NULL && *set != NULL; set++)
        if (!has_set(transcript, *set, CHARSET_W) && !has_set(transcript, *set, CHARSET_A) &&
            (transcript->hello.has_a || transcript->hello.has_w))
            return false;
    return has_own_sets(check, transcript);
}

// Were all the sets run that the check needs? For a function that is not exported, the other
// charset's calls tell. The set of events does not count: not every scenario has events.
static bool was_probed(const struct check *check, const struct transcript *transcript)
{
    const bool exported[] = {transcript->hello.has_a, transcript->hello.has_w};
    const bool both = exported[CHARSET_A] && exported[CHARSET_W];
    if (check->clause->family != FAMILY_LIST)
        return sibling_was_probed(check, transcript);
    if (!exported[CHARSET_A] && !exported[CHARSET_W])
        return true; // nothing could be called, which EXPORT-1 says
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        if (check->charset != CHECK_BOTH && check->charset != (enum check_charset)charset)
            continue;
        int called = exported[charset] ? charset : CHARSET_A + CHARSET_W - charset;
        for (const char *const *set = check->clause->probe_sets; *set != NULL; set++)
            if (strcmp(*set, PROBE_SET_EVENTS) != 0 &&
                !has_set(transcript, *set, (enum charset)called) &&
                !(strcmp(*set, PROBE_SET_THREADS_BOTH) == 0 &&
                  (!both || has_set(transcript, *set, CHARSET_A))))
                return false;
    }
    return true;
}

void judgement_drop_unprobed(struct scenario_result *scenario, const struct transcript *transcript)
{
    size_t kept = 0;
    for (size_t i = 0; i < scenario->check_count; i++)
        if (was_probed(&scenario->checks[i], transcript))
            scenario->checks[kept++] = scenario->checks[i];
    scenario->check_count = kept;
}

static bool is_proved(const struct scenario_result *scenario, const struct check *skipped)
{
    const char *blamed = skipped->verdict.blocked_by;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (check != skipped && judgement_broken(check) && is_blamed(blamed, check->clause) &&
            checks_meet(check, skipped))
            return true;
    }
    return false;
}

static bool has_some_set(const struct transcript *transcript, const struct clause *clause)
{
    for (const char *const *set = clause->probe_sets; *set != NULL; set++) {
        if (strcmp(*set, PROBE_SET_EVENTS) == 0)
            continue;
        for (int charset = 0; charset < CHARSETS; charset++)
            if (function_of((enum charset)charset)->family == clause->family &&
                has_set(transcript, *set, (enum charset)charset))
                return true;
    }
    return clause->probe_sets[0] == NULL;
}

// Takes out the checks from `first` on that could not be judged by the few calls that were made:
// they were added only to explain a skip.
static void drop_unjudged(struct scenario_result *scenario, size_t first)
{
    size_t kept = first;
    for (size_t i = first; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[kept];
        if (scenario->checks[i].verdict.kind == VERDICT_ERROR)
            continue;
        *check = scenario->checks[i];
        if (check->verdict.record != NULL)
            check->verdict.record = &check->evidence;
        kept++;
    }
    scenario->check_count = kept;
}

// Judges the blamed clauses that were not planned, by the calls that were made for others.
static int add_blamed(struct scenario_result *scenario, const char *blamed,
                      const struct transcript *transcript, struct evidence_store *store,
                      const struct judge_options *options)
{
    struct traits traits = traits_of_truth(transcript->truths[0]);
    for (const struct clause_group *const *group = clause_groups; *group != NULL; group++)
        for (size_t i = 0; i < (*group)->count; i++) {
            const struct clause *clause = &(*group)->clauses[i];
            if (!is_blamed(blamed, clause) || is_planned(scenario, clause, CHECK_BOTH) ||
                !clause_applies(clause, &traits) || !has_some_set(transcript, clause))
                continue;
            size_t first = scenario->check_count;
            if (add_checks(scenario, clause) != 0)
                return -1;
            for (size_t j = first; j < scenario->check_count; j++)
                judge_check(&scenario->checks[j], transcript, store, options, false);
            drop_unjudged(scenario, first);
        }
    return 0;
}

// A skip that blames another clause's failure must be proved: that clause is judged too if it was
// not selected (the check is added), and if it did hold, the skip becomes an error. 0, or -1 when
// memory ran out.
static int prove_skips(struct scenario_result *scenario, const struct transcript *transcript,
                       struct evidence_store *store, const struct judge_options *options)
{
    // The loop reaches the added checks, too: a blamed clause may itself have been blocked.
    for (size_t i = 0; i < scenario->check_count; i++) {
        if (scenario->checks[i].verdict.kind != VERDICT_SKIP ||
            scenario->checks[i].verdict.blocked_by == NULL ||
            strcmp(scenario->checks[i].verdict.blocked_by, BLOCKED_BY_ANY) == 0 ||
            is_proved(scenario, &scenario->checks[i]))
            continue;
        if (add_blamed(scenario, scenario->checks[i].verdict.blocked_by, transcript, store,
                       options) != 0)
            return -1;
        struct check *check = &scenario->checks[i];
        if (is_proved(scenario, check))
            continue;
        char text[sizeof check->verdict.got];
        snprintf(text, sizeof text, "%.900s; but nothing that explains it was found broken",
                 check->verdict.got);
        memcpy(check->verdict.got, text, sizeof text);
        check->verdict.kind = VERDICT_ERROR;
    }
    return 0;
}

// Is that clause broken, in a check of that charset?
static bool is_broken_clause(const struct scenario_result *scenario, const struct clause *clause,
                             enum check_charset charset)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (scenario->checks[i].clause == clause && judgement_broken(&scenario->checks[i]) &&
            check_charsets_meet(scenario->checks[i].charset, charset))
            return true;
    return false;
}

// Adds the check of a clause that is to explain something, unless it is planned; judges it, and
// leaves it in only where it is broken.
static int add_explanation(struct scenario_result *scenario, const struct clause *clause,
                           const struct transcript *transcript, struct evidence_store *store,
                           const struct judge_options *options)
{
    size_t first = scenario->check_count;
    if (is_planned(scenario, clause, CHECK_BOTH))
        return 0;
    if (add_checks(scenario, clause) != 0)
        return -1;
    size_t kept = first;
    for (size_t i = first; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[i];
        judge_check(check, transcript, store, options, false);
        if (!judgement_broken(check))
            continue;
        scenario->checks[kept] = *check;
        if (check->verdict.record != NULL)
            scenario->checks[kept].verdict.record = &scenario->checks[kept].evidence;
        kept++;
    }
    scenario->check_count = kept;
    return 0;
}

// Something went wrong, and no clause is broken by it: the kit can't say what holds.
static int add_doubt(struct scenario_result *scenario, const struct clause *clause,
                     enum check_charset charset, const char *doubt)
{
    if (add_check(scenario, clause, charset) != 0)
        return -1;
    struct check *check = &scenario->checks[scenario->check_count - 1];
    check->judged = true;
    check->verdict.kind = VERDICT_ERROR;
    snprintf(check->verdict.got, sizeof check->verdict.got, "%s", doubt);
    return 0;
}

// Every call that was made and did not return breaks the clause that it is the business of; if that
// clause was not selected, it is judged all the same. 0, or -1 when memory ran out.
static int prove_lost(struct scenario_result *scenario, const struct transcript *transcript,
                      struct evidence_store *store, const struct judge_options *options)
{
    struct evidence evidence = {
        .transcript = transcript, .abi = abi_of(transcript->hello.pointer_size), .store = store};
    for (size_t i = 0; evidence.abi != NULL && i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (!record_lost(record))
            continue;
        evidence.charset = (enum charset)record->call.charset;
        evidence.abi = abi_of_function(transcript->hello.pointer_size, evidence.charset);
        const struct clause *clause = clause_find(blame_for(&evidence, record));
        enum check_charset charset = check_charset_of(evidence.charset);
        if (is_broken_clause(scenario, clause, charset))
            continue;
        if (add_explanation(scenario, clause, transcript, store, options) != 0)
            return -1;
        if (is_broken_clause(scenario, clause, charset))
            continue;
        char doubt[128];
        snprintf(doubt, sizeof doubt,
                 "call %zu did not return, and no clause is found broken by it", i + 1);
        return add_doubt(scenario, clause, charset, doubt);
    }
    return 0;
}

// ---- A scenario that begins without sessions
//
// The clauses about lists are not planned there. But sessions come while it is probed, and what is
// wrong in every list of them is left out where such lists are compared (quiet.h). So that it does
// not go unnoticed, these clauses are judged by the lists of those sessions.

// Is the clause about one of the members?
static bool is_of_member(const struct clause *clause, unsigned members)
{
    for (; members != 0; members &= members - 1)
        if (strcmp(member_clause(member_first(members)), clause->id) == 0)
            return true;
    return false;
}

// Judges the selected clauses in one charset by the later lists; leaves in the checks of those that
// are broken. What is wrong in every list and breaks none of them makes a doubt.
static int judge_later_in(struct scenario_result *scenario, const struct evidence *evidence,
                          const struct selection *selection, const struct judge_options *options)
{
    enum check_charset charset = check_charset_of(evidence->charset);
    const struct quiet *quiet = quiet_of(evidence);
    const struct clause *unexplained = NULL;
    bool explained = false;
    if (quiet == NULL)
        return -1;
    for (size_t i = 0; quiet->later && i < selection->count; i++) {
        const struct clause *clause = selection->clauses[i];
        bool of_member = is_of_member(clause, quiet->wrong);
        if (is_planned(scenario, clause, charset) || (!of_member && !clause->of_one_list))
            continue;
        if (add_check(scenario, clause, charset) != 0)
            return -1;
        struct check *check = &scenario->checks[scenario->check_count - 1];
        judge_check(check, evidence->transcript, evidence->store, options, true);
        if (judgement_broken(check) || check->verdict.kind == VERDICT_ERROR) {
            explained = true;
            continue;
        }
        scenario->check_count--;
        if (of_member)
            unexplained = clause;
    }
    return unexplained == NULL || explained
               ? 0
               : add_doubt(scenario, unexplained, charset,
                           "wrong in every list of the sessions that came later, and no clause is "
                           "found broken by that");
}

static int judge_later(struct scenario_result *scenario, const struct transcript *transcript,
                       struct evidence_store *store, const struct selection *selection,
                       const struct judge_options *options)
{
    struct evidence evidence = {.transcript = transcript,
                                .profile = options->profile,
                                .abi = abi_of(transcript->hello.pointer_size),
                                .store = store};
    int status = 0;
    if (evidence.abi == NULL || transcript->truths[0]->session_count > 0)
        return 0;
    for (int charset = CHARSET_A; charset <= CHARSET_W && status == 0; charset++) {
        evidence.charset = (enum charset)charset;
        evidence_recover(&evidence);
        if (hello_exports(&transcript->hello, (enum charset)charset))
            status = judge_later_in(scenario, &evidence, selection, options);
    }
    return status;
}

// ---- Cases
//
// A case has some calls, and not all that a clause needs. What they say is judged; what they don't
// say is left out, so that neither a pass nor a doubt comes of it.

// Did some call of the check's functions not return, or was not made, so that it stays open what
// holds?
static bool is_open(const struct check *check, const struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (record->outcome.kind != OUTCOME_RETURNED &&
            check_charsets_meet(check_charset_of((enum charset)record->call.charset),
                                check->charset))
            return true;
    }
    return false;
}

static bool says_something(const struct scenario_result *scenario, const struct check *check,
                           const struct transcript *transcript)
{
    const struct verdict *verdict = &check->verdict;
    if (verdict->kind == VERDICT_ERROR)
        return false;
    if (verdict->kind != VERDICT_SKIP || verdict->blocked_by == NULL)
        return true;
    return strcmp(verdict->blocked_by, BLOCKED_BY_ANY) == 0 ? is_open(check, transcript)
                                                            : is_proved(scenario, check);
}

static void drop_silent(struct scenario_result *scenario, const struct transcript *transcript)
{
    bool *says = calloc(scenario->check_count + 1, sizeof *says);
    size_t kept = 0;
    for (size_t i = 0; says != NULL && i < scenario->check_count; i++)
        says[i] = says_something(scenario, &scenario->checks[i], transcript);
    for (size_t i = 0; says != NULL && i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[kept];
        if (!says[i])
            continue;
        *check = scenario->checks[i];
        if (check->verdict.record != NULL)
            check->verdict.record = &check->evidence;
        kept++;
    }
    if (says != NULL)
        scenario->planned_count = scenario->check_count = kept;
    free(says);
}

static int judge_case(struct scenario_result *scenario, const struct transcript *transcript,
                      struct evidence_store *store, const struct judge_options *options)
{
    const struct evidence evidence = {.transcript = transcript, .store = store};
    for (size_t i = 0; i < scenario->check_count; i++) {
        judge_check(&scenario->checks[i], transcript, store, options, false);
        if (evidence_exhausted(&evidence))
            return -1;
    }
    drop_silent(scenario, transcript);
    return prove_lost(scenario, transcript, store, options);
}

// ---- Causes

// What the check is a consequence of by itself; NULL: of nothing.
static const struct check *find_cause(const struct scenario_result *scenario,
                                      const struct check *check)
{
    const struct finding own = {check->clause, &check->verdict, check->evidence_index};
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *other = &scenario->checks[i];
        const struct finding cause = {other->clause, &other->verdict, other->evidence_index};
        if (other->judged && checks_meet(check, other) && is_consequence(&own, &cause))
            return other;
    }
    return NULL;
}

// The same, through all causes of the cause: what is no consequence itself.
static const struct check *find_first_cause(const struct scenario_result *scenario,
                                            const struct check *check)
{
    const struct check *cause = NULL;
    for (size_t i = 0; i <= scenario->check_count; i++) {
        const struct check *before = find_cause(scenario, cause == NULL ? check : cause);
        if (before == NULL)
            return cause;
        cause = before;
    }
    return NULL; // each is a consequence of the next: none can be told to be the cause
}

static void mark_consequences(struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[i];
        const struct check *cause = check->judged ? find_first_cause(scenario, check) : NULL;
        check->verdict.consequence_of = cause == NULL ? NULL : cause->clause->id;
    }
}

static int judge_scenario(struct scenario_result *scenario, const struct transcript *transcript,
                          struct evidence_store *store, const struct selection *selection,
                          const struct judge_options *options)
{
    for (size_t i = 0; i < scenario->planned_count; i++)
        judge_check(&scenario->checks[i], transcript, store, options, false);
    int status = judge_later(scenario, transcript, store, selection, options);
    if (status == 0)
        status = prove_lost(scenario, transcript, store, options);
    return status != 0 ? status : prove_skips(scenario, transcript, store, options);
}

int judgement_make(struct scenario_result *scenario, const struct transcript *transcript,
                   const struct selection *selection, const struct judge_options *options)
{
    struct evidence_store *store = evidence_store_create(transcript);
    if (store == NULL)
        return -1;
    int status = transcript->of_case
                     ? judge_case(scenario, transcript, store, options)
                     : judge_scenario(scenario, transcript, store, selection, options);
    if (status == 0)
        mark_consequences(scenario);
    evidence_store_free(store);
    return status;
}
