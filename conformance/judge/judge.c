// Applies what holds for every clause: that it could be tried, that its calls were made and
// returned, level and profile.
#include "conformance/judge/judge.h"

#include "conformance/base/text.h"
#include "conformance/judge/blame.h"
#include "conformance/judge/deviation.h"
#include "conformance/judge/judging.h"

#include <stdio.h>
#include <string.h>

static bool exported(const struct evidence *evidence)
{
    const struct hello *hello = &evidence->transcript->hello;
    return evidence->charset == CHARSET_A ? hello->has_a : hello->has_w;
}

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
    for (++*charset; *charset <= CHARSET_W; ++*charset) {
        if (!together && *charset != (int)evidence->charset)
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
        if (!exported(&one)) {
            verdict_block(verdict, "EXPORT-1", "GetIScsiSessionList%c is not exported",
                          charset == CHARSET_A ? 'A' : 'W');
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

// True when there is something to judge; else says in the verdict why not.
static bool can_judge(const struct evidence *evidence, struct verdict *verdict)
{
    struct evidence one;
    if (evidence->clause->probe_sets[0] == NULL)
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

// Fails the clause for the first call that did not return and is its business.
static void judge_lost(const struct evidence *evidence, struct verdict *verdict)
{
    struct evidence one;
    for (int charset = -1;
         verdict->kind == VERDICT_PASS && next_charset(evidence, &charset, &one);) {
        const struct record *lost = blame_first(&one);
        if (lost == NULL)
            continue;
        verdict_fail(verdict, lost, "the call did not return");
        verdict_expect(verdict, lost->circumstance == NULL ? "a status" : "a status, %s",
                       lost->circumstance);
    }
}

// False, and says so in the verdict, where the run could not do what the clause is about.
static bool was_possible(const struct evidence *evidence, struct verdict *verdict)
{
    unsigned lacks = evidence->transcript->lacks & evidence->clause->wants;
    if (lacks & LACKS_SOURCE)
        verdict_skip(verdict, "login by command: the source of sessions is the implementation's "
                              "own, and can't be taken away here");
    else if (lacks & LACKS_RECOVERY)
        verdict_skip(verdict, "login by command: what the initiator makes of a lost connection "
                              "isn't known (--login-can recovery)");
    return lacks == 0;
}

// What holds as far as the truth is known was not seen to hold where some of it isn't.
static void admit_unknown(const struct evidence *evidence, struct verdict *verdict)
{
    unsigned unknown = 0;
    char names[128];
    for (size_t i = 0; i < evidence->transcript->truth_count; i++)
        unknown |= truth_unknown(evidence->transcript->truths[i]);
    unknown &= evidence->clause->facts;
    if (unknown == 0 || (verdict->kind != VERDICT_PASS && verdict->kind != VERDICT_NOTE))
        return;
    truth_fact_names(unknown, names, sizeof names);
    verdict_skip(verdict,
                 "login by command: neither the target's side nor the list command tells "
                 "of every session: %s",
                 names);
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
        judge_lost(&one, &own);
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

void clause_judge(const struct clause *clause, const struct evidence *evidence,
                  const struct judge_options *options, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = VERDICT_PASS};
    struct evidence own = *evidence;
    own.clause = clause;
    own.profile = options->profile;
    if (!was_possible(&own, verdict) || !is_exported(&own, verdict))
        return;
    size_t untried = count_untried(&own);
    judge_lost(&own, verdict);
    if (verdict->kind == VERDICT_PASS && can_judge(&own, verdict)) {
        judge_around(&own, options, verdict);
        if (evidence_exhausted(&own))
            verdict_error(verdict, "memory ran out while the lists were decoded");
    }
    if (verdict->kind == VERDICT_FAIL && clause->ways != NULL)
        list_ways(&own, verdict);
    admit_unknown(&own, verdict);
    // What was not called was not seen to hold; only what was called can have failed. Nor is it an
    // error that a judge found nothing where calls are known not to have been made.
    bool excused = deviation_tolerated(verdict->deviation, clause->id, options->profile) != NULL;
    if (untried > 0 && verdict->kind == VERDICT_FAIL && !excused) {
        verdict->blocked_by = BLOCKED_BY_ANY;
    } else if (untried > 0) {
        *verdict = (struct verdict){.kind = VERDICT_SKIP};
        verdict_block(verdict, BLOCKED_BY_ANY, "%zu of the calls that it needs were not made",
                      untried);
    }
    apply_level(clause, options, verdict);
}
