// Applies what holds for every judge: level, profile, and that nothing passes unseen.
#include "conformance/judge/judge.h"

#include "conformance/judge/deviation.h"
#include "conformance/judge/judging.h"

static const char UNTRIED[] =
    "calls that it needs were not made, because too many before them did not return";

static bool exported(const struct evidence *evidence)
{
    const struct hello *hello = &evidence->transcript->hello;
    return evidence->charset == CHARSET_A ? hello->has_a : hello->has_w;
}

// Were calls left out because too many before them did not return? A buffer of 4 GiB may also be
// left out because there is no room for it.
static bool gave_up(const struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->record_count; i++)
        if (transcript->records[i].outcome.kind == OUTCOME_NOT_TRIED &&
            !(transcript->records[i].call.flags & CALL_SPARSE))
            return true;
    return false;
}

// Counts the clause's records in a charset; `*untried` those that were not made after too many that
// did not return.
static size_t count_records(const struct evidence *evidence, size_t *untried)
{
    size_t count = 0;
    for (const struct record *record = evidence_next(evidence, NULL, NULL); record != NULL;
         record = evidence_next(evidence, record, NULL)) {
        count++;
        if (record->outcome.kind == OUTCOME_NOT_TRIED &&
            (!(record->call.flags & CALL_SPARSE) || gave_up(evidence->transcript)))
            ++*untried;
    }
    return count;
}

// True when there is something to judge; else says in the verdict why not. A clause without calls
// of its own (EXPORT-1) needs none.
static bool can_judge(const struct evidence *evidence, struct verdict *verdict, size_t *untried)
{
    const struct clause *clause = evidence->clause;
    if (clause->probe_sets[0] == NULL)
        return true;
    bool together = clause->charsets == JUDGED_TOGETHER;
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        if (!together && charset != (int)evidence->charset)
            continue;
        struct evidence one = evidence_of(evidence, (enum charset)charset);
        if (!exported(&one)) {
            verdict_block(verdict, "EXPORT-1", "GetIScsiSessionList%c is not exported",
                          charset == CHARSET_A ? 'A' : 'W');
            return false;
        }
        size_t before = *untried;
        size_t count = count_records(&one, untried);
        if (count == 0) {
            verdict_error(verdict, "none of the calls that it needs were made");
            return false;
        }
        if (*untried - before == count) {
            verdict_block(verdict, BLOCKED_BY_ANY, "%s", UNTRIED);
            return false;
        }
    }
    return true;
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

// Is what did not hold a call that was not made? It has no answer to be wrong.
static bool blames_untried(const struct verdict *verdict)
{
    return verdict->kind == VERDICT_FAIL && verdict->record != NULL &&
           verdict->record->outcome.kind == OUTCOME_NOT_TRIED;
}

void clause_judge(const struct clause *clause, const struct evidence *evidence,
                  const struct judge_options *options, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = VERDICT_PASS};
    struct evidence own = *evidence;
    own.clause = clause;
    size_t untried = 0;
    if (!was_possible(&own, verdict) || !can_judge(&own, verdict, &untried))
        return;
    clause->judge(&own, verdict);
    admit_unknown(&own, verdict);
    // What was not tried can't have been seen to hold or not to hold, nor be blamed on one clause.
    if (untried > 0 && (verdict->kind == VERDICT_PASS || blames_untried(verdict) ||
                        (verdict->kind == VERDICT_SKIP && verdict->blocked_by != NULL))) {
        *verdict = (struct verdict){.kind = VERDICT_SKIP};
        verdict_block(verdict, BLOCKED_BY_ANY, "%s", UNTRIED);
    }
    apply_level(clause, options, verdict);
}
