// SPDX-License-Identifier: Apache-2.0
// Applies what holds for every clause: that it could be tried, that its calls were made and
// returned, level and profile.
#include "conformance/judge/judge.h"

#include "conformance/base/text.h"
#include "conformance/judge/blame.h"
#include "conformance/judge/deviation.h"
#include "conformance/judge/items.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/symptom.h"
#include "conformance/transcript/describe.h"

#include <stdio.h>
#include <string.h>

// Counts the calls of the clause's own sets of probes, and those of them that were not made.
static void count_calls(const struct evidence *evidence, size_t *count, size_t *untried)
{
    for (const char *const *set = evidence->clause->probe_sets; *set != NULL; set++)
        for (const struct record *record = evidence_next(evidence, NULL, *set); record != NULL;
             record = evidence_next(evidence, record, *set)) {
            ++*count;
            *untried += record->outcome.kind == OUTCOME_NOT_TRIED;
        }
}

// The evidence of the charsets that the clause is judged in, one after the other: false when there
// are no more.
static bool next_charset(const struct evidence *evidence, int *charset, struct evidence *one)
{
    bool together = evidence->clause->charsets == JUDGED_TOGETHER;
    for (++*charset; *charset < CHARSETS; ++*charset) {
        bool own = function_of((enum charset) * charset)->family == evidence->clause->family;
        if (together ? !own : *charset != (int)evidence->charset)
            continue;
        *one = evidence_of(evidence, (enum charset) * charset);
        return true;
    }
    return false;
}

// False, and says so in the verdict, where a function that it is about is not exported. A clause
// without calls of its own (EXPORT-1) is about none.
static bool is_exported(const struct evidence *evidence, struct verdict *verdict)
{
    struct evidence one;
    if (evidence->clause->probe_sets[0] == NULL)
        return true;
    for (int charset = -1; next_charset(evidence, &charset, &one);)
        if (!hello_exports(&one.transcript->hello, one.charset)) {
            verdict_block(verdict, "EXPORT-1", "%s is not exported",
                          function_name((enum charset)charset));
            if (charset > CHARSET_W) // it need not be
                verdict->blocked_by = NULL;
            return false;
        }
    return true;
}

// How many of the calls that it needs were not made.
static size_t count_untried(const struct evidence *evidence)
{
    struct evidence one;
    size_t untried = 0;
    for (int charset = -1; next_charset(evidence, &charset, &one);) {
        size_t count = 0;
        count_calls(&one, &count, &untried);
    }
    return untried;
}

// A case need not have the calls that a run makes for the clause: one that it looks at is enough.
static bool has_some_call(const struct evidence *evidence)
{
    struct evidence one;
    for (int charset = -1; next_charset(evidence, &charset, &one);)
        if (evidence_next(&one, NULL, NULL) != NULL)
            return true;
    return false;
}

// True when there is something to judge; else says in the verdict why not.
static bool can_judge(const struct evidence *evidence, struct verdict *verdict)
{
    struct evidence one;
    if (evidence->clause->probe_sets[0] == NULL ||
        (evidence->transcript->of_case && has_some_call(evidence)))
        return true;
    for (int charset = -1; next_charset(evidence, &charset, &one);) {
        size_t count = 0;
        size_t untried = 0;
        count_calls(&one, &count, &untried);
        if (count == 0) {
            verdict_error(verdict, "none of the calls that it needs were made");
            return false;
        }
    }
    return true;
}

// Fails the clause for the first call that did not return and is its business; says in `blamed` all
// that there are.
static void judge_lost(const struct evidence *evidence, struct blamed *blamed,
                       struct verdict *verdict)
{
    struct evidence one;
    *blamed = (struct blamed){0};
    for (int charset = -1; next_charset(evidence, &charset, &one);)
        blame_count(&one, blamed);
    const struct record *lost = blamed->first;
    if (lost == NULL)
        return;
    verdict_fail(verdict, lost, "the call did not return");
    verdict_expect(verdict, lost->circumstance == NULL ? "a status" : "a status, %s",
                   lost->circumstance);
    for (unsigned bit = 0; bit < SYMPTOM_COUNT; bit++)
        if (blamed->count[bit] > 0)
            verdict->symptoms |= 1U << bit;
}

// False, and says so in the verdict, where the run could not do what the clause is about.
static bool was_possible(const struct evidence *evidence, struct verdict *verdict)
{
    unsigned lacks = evidence->transcript->lacks & evidence->clause->wants;
    if (lacks & LACKS_CHANGES)
        verdict_skip(verdict, "offline: the sessions are recorded ones, which can't change");
    else if (lacks & LACKS_SOURCE)
        verdict_skip(verdict,
                     "login by %s: the source of sessions is the implementation's own, and "
                     "can't be taken away here",
                     login_way_name(evidence->transcript->login));
    else if (lacks & LACKS_RECOVERY)
        verdict_skip(verdict,
                     "login by %s: what the initiator makes of a lost connection isn't known%s",
                     login_way_name(evidence->transcript->login),
                     evidence->transcript->login == LOGIN_COMMAND ? " (--login-can recovery)" : "");
    return lacks == 0;
}

// What holds as far as the truth is known was not seen to hold where some of it isn't.
static void admit_unknown(const struct evidence *evidence, struct verdict *verdict)
{
    enum login_way way = evidence->transcript->login;
    unsigned unknown = 0;
    char names[128];
    for (size_t i = 0; i < evidence->transcript->truth_count; i++)
        unknown |= truth_unknown(evidence->transcript->truths[i]);
    unknown &= evidence->clause->facts;
    if (unknown == 0 || (verdict->kind != VERDICT_PASS && verdict->kind != VERDICT_NOTE))
        return;
    truth_fact_names(unknown, names, sizeof names);
    verdict_skip(
        verdict, "login by %s: neither the target's side nor %s tells of every session: %s",
        login_way_name(way), way == LOGIN_COMMAND ? "the list command" : "the login", names);
}

static void apply_level(const struct clause *clause, const struct judge_options *options,
                        struct verdict *verdict)
{
    if (verdict->kind == VERDICT_PASS && clause->level == LEVEL_NOTE)
        verdict->kind = VERDICT_NOTE;
    if (verdict->kind != VERDICT_FAIL)
        return;
    if (deviation_tolerated(verdict->deviation, clause->id, options->profile) != NULL)
        verdict->kind = VERDICT_KNOWN;
    else if (clause->level == LEVEL_SHOULD && !options->strict)
        verdict->kind = VERDICT_WARN;
    else if (clause->level == LEVEL_NOTE)
        verdict->kind = VERDICT_NOTE;
}

// Judges; where what fails is tolerated, once more without that, so that it hides nothing else.
static void judge_around(const struct evidence *evidence, const struct judge_options *options,
                         struct verdict *verdict)
{
    const struct clause *clause = evidence->clause;
    clause->judge(evidence, verdict);
    if (verdict->kind != VERDICT_FAIL ||
        deviation_tolerated(verdict->deviation, clause->id, options->profile) == NULL)
        return;
    struct verdict rest = {.kind = VERDICT_PASS};
    struct evidence excused = *evidence;
    excused.excused = options->profile;
    clause->judge(&excused, &rest);
    if (rest.kind == VERDICT_FAIL || rest.kind == VERDICT_ERROR)
        *verdict = rest;
}

// The next circumstance after the record `after` that is a way to fail of the clause; NULL: there
// is none.
static const struct record *next_way(const struct evidence *evidence, const struct record *after)
{
    const char *last = after == NULL ? "" : after->circumstance;
    const struct record *record = evidence_next(evidence, after, NULL);
    while (record != NULL && (!record_under_prefix(record, evidence->clause->ways) ||
                              strcmp(record->circumstance, last) == 0))
        record = evidence_next(evidence, record, NULL);
    return record;
}

// Adds to a failure all the ways in which the clause fails, of which there are several.
static void list_ways(const struct evidence *evidence, struct verdict *verdict)
{
    size_t prefix = strlen(evidence->clause->ways);
    size_t left_out = 0;
    size_t count = 0;
    for (const struct record *way = next_way(evidence, NULL); way != NULL;
         way = next_way(evidence, way)) {
        struct verdict own = {.kind = VERDICT_PASS};
        struct evidence one = *evidence;
        one.only = way->circumstance;
        struct blamed blamed;
        judge_lost(&one, &blamed, &own);
        if (own.kind == VERDICT_PASS)
            evidence->clause->judge(&one, &own);
        if (own.kind != VERDICT_FAIL)
            continue;
        size_t room = sizeof verdict->ways - strlen(verdict->ways);
        char line[256];
        snprintf(line, sizeof line, "%.120s: %.120s", way->circumstance + prefix, own.got);
        if (room > strlen(line) + 64)
            report_append(verdict->ways, sizeof verdict->ways, "%s%s", count == 0 ? "" : "\n",
                          line);
        else
            left_out++;
        count++;
    }
    if (left_out > 0)
        report_append(verdict->ways, sizeof verdict->ways, "\nand %zu more", left_out);
    if (count < 2)
        verdict->ways[0] = '\0';
}

// Says what else goes wrong than `got` tells: in the calls that did not return, and in the answers
// of the rest, as the judge found them.
static void tell_also(const struct blamed *blamed, const struct verdict *answers,
                      struct verdict *verdict)
{
    static const char *const what[SYMPTOM_COUNT] = {"a wrong answer", "a fault",
                                                    "the end of the process", "a hang",
                                                    "damage of the host process"};
    unsigned others = verdict->symptoms & ~(unsigned)symptom_of(verdict->record);
    for (unsigned bit = 0; bit < SYMPTOM_COUNT; bit++) {
        if ((others >> bit & 1) == 0)
            continue;
        report_append(verdict->also, sizeof verdict->also, "%s%s",
                      verdict->also[0] == '\0' ? "" : "; ", what[bit]);
        if (blamed->count[bit] > 0)
            report_append(verdict->also, sizeof verdict->also, " in %zu call%s", blamed->count[bit],
                          blamed->count[bit] == 1 ? "" : "s");
        else if (answers != NULL && 1U << bit == (unsigned)symptom_of(answers->record))
            report_append(verdict->also, sizeof verdict->also, " (%.160s)", answers->got);
    }
}

// Judges by all calls that the clause looks at: those that did not return, then what the judge says
// of the rest. The first failure is the verdict; the symptoms are those of both.
static void judge_calls(const struct evidence *evidence, const struct judge_options *options,
                        struct verdict *verdict)
{
    const struct clause *clause = evidence->clause;
    struct blamed blamed;
    struct verdict answers = {.kind = VERDICT_PASS};
    judge_lost(evidence, &blamed, verdict);
    if (can_judge(evidence, &answers))
        judge_around(evidence, options, &answers);
    if (answers.kind == VERDICT_FAIL)
        answers.symptoms |= (unsigned)symptom_of(answers.record);
    if (verdict->kind != VERDICT_FAIL) {
        *verdict = answers;
        tell_also(&blamed, NULL, verdict);
        return;
    }
    if (answers.kind == VERDICT_FAIL &&
        deviation_tolerated(answers.deviation, clause->id, options->profile) == NULL)
        verdict->symptoms |= answers.symptoms;
    tell_also(&blamed, &answers, verdict);
}

void clause_judge(const struct clause *clause, const struct evidence *evidence,
                  const struct judge_options *options, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = VERDICT_PASS};
    struct evidence own = *evidence;
    if (clause->family != FAMILY_LIST)
        own =
            evidence_of(evidence, clause_charset(clause, function_of(evidence->charset)->strings));
    own.clause = clause;
    own.profile = options->profile;
    if (!was_possible(&own, verdict) || !is_exported(&own, verdict))
        return;
    evidence_recover(&own);
    size_t untried = count_untried(&own);
    judge_calls(&own, options, verdict);
    if (verdict->kind == VERDICT_FAIL && clause->ways != NULL)
        list_ways(&own, verdict);
    admit_unknown(&own, verdict);
    if (evidence_exhausted(&own)) { // whatever was found may be found wrongly
        *verdict = (struct verdict){.kind = VERDICT_PASS};
        verdict_exhaust(&own, verdict);
        return;
    }
    // What was not called was not seen to hold; only what was called can have failed. Nor is it an
    // error that there was no call to judge where calls are known not to have been made; any other
    // error stays one.
    bool excused = deviation_tolerated(verdict->deviation, clause->id, options->profile) != NULL;
    bool stays = verdict->kind == VERDICT_ERROR && verdict->blocked_by == NULL;
    if (untried > 0 && verdict->kind == VERDICT_FAIL && !excused) {
        verdict->blocked_by = BLOCKED_BY_ANY;
    } else if (untried > 0 && !stays) {
        *verdict = (struct verdict){.kind = VERDICT_SKIP};
        bool nobody = clause->family == FAMILY_DEVICES && !items_have_sessions(&own);
        verdict_block(verdict, BLOCKED_BY_ANY, "%zu of the calls that it needs were not made%s",
                      untried,
                      nobody ? ": GetIScsiSessionList gave no list to take a SessionId from" : "");
    } else if (verdict->kind == VERDICT_ERROR) {
        verdict->blocked_by = NULL;
    }
    // What blocks a clause of another function is a clause of that function.
    static const char *const blocked_by[FAMILIES] = {
        [FAMILY_EX] = BLOCKED_BY_EX,
        [FAMILY_TARGETS] = BLOCKED_BY_TARGETS,
        [FAMILY_DEVICES] = BLOCKED_BY_DEVICES,
        [FAMILY_MAPPINGS] = BLOCKED_BY_MAPPINGS,
        [FAMILY_INITIATORS] = BLOCKED_BY_INITIATORS,
        [FAMILY_PORTALS] = BLOCKED_BY_PORTALS,
    };
    if (clause->family != FAMILY_LIST && verdict->blocked_by != NULL &&
        strcmp(verdict->blocked_by, BLOCKED_BY_ANY) != 0)
        verdict->blocked_by = blocked_by[clause->family];
    apply_level(clause, options, verdict);
}
