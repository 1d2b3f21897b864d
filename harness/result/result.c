// SPDX-License-Identifier: Apache-2.0
// What a result holds: counted, looked up and freed; and the exit status that follows from it.
#include "harness/result/result.h"

#include <stdlib.h>
#include <string.h>

static void tally_scenario(struct tally *tally, const struct scenario_result *scenario, bool strict)
{
    tally->planned += scenario->check_count;
    tally->calls += scenario->call_count;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (!check->judged)
            continue;
        enum level level = check->clause->level;
        bool needed = level == LEVEL_MUST || (strict && level == LEVEL_SHOULD);
        if (verdict_unjudged(&check->verdict)) {
            tally->unjudged++;
            tally->needed += needed;
        } else if (check->verdict.kind == VERDICT_SKIP) {
            tally->skipped++;
        } else {
            // An excused failure says nothing of those calls that were not made.
            bool in_part =
                check->verdict.kind == VERDICT_KNOWN && check->verdict.blocked_by != NULL;
            tally->judged++;
            tally->needed += needed && in_part;
        }
        // A kind that doesn't exist was never judged right: it must not vanish from the count.
        unsigned kind = (unsigned)check->verdict.kind;
        tally->of[kind <= VERDICT_ERROR ? kind : VERDICT_ERROR]++;
    }
}

struct tally result_tally(const struct result *result, const struct scenario_result *scenario)
{
    struct tally tally = {0};
    if (scenario != NULL) {
        tally_scenario(&tally, scenario, result->strict);
        return tally;
    }
    for (size_t i = 0; i < result->scenario_count; i++)
        tally_scenario(&tally, &result->scenarios[i], result->strict);
    return tally;
}

bool result_complete(const struct result *result)
{
    if (result->failure.status != 0)
        return false;
    for (size_t i = 0; i < result->scenario_count; i++)
        if (!result->scenarios[i].finished)
            return false;
    struct tally tally = result_tally(result, NULL);
    return tally.planned > 0 && tally_done(&tally) == tally.planned && tally.of[VERDICT_ERROR] == 0;
}

void result_note_noise(struct result *result, const char *line)
{
    if (result->noise[0] == '\0')
        snprintf(result->noise, sizeof result->noise, "%s", line);
}

// A shard may have the scenarios that can't be tried, and another the rest.
bool result_all_skipped(const struct result *result, const struct tally *tally)
{
    return tally->planned > 0 && tally->skipped == tally->planned && result->plan.shard == 0;
}

int result_exit_status(const struct result *result)
{
    // What ended the run early explains why the rest is missing, so it comes first.
    if (result->failure.status >= 128 || result->failure.status == STATUS_USAGE)
        return result->failure.status;
    if (!result_complete(result))
        return STATUS_UNTRUSTED;
    struct tally tally = result_tally(result, NULL);
    if (tally.of[VERDICT_FAIL] > 0 || (result->strict && result_waivers_fail(result)))
        return STATUS_BROKEN;
    // What was not called was not seen to hold, and nothing excuses that.
    return tally.needed > 0 || result_all_skipped(result, &tally) ? STATUS_UNTRUSTED : STATUS_HELD;
}

unsigned check_symptoms(const struct check *check)
{
    return check->verdict.symptoms != 0 ? check->verdict.symptoms
                                        : (unsigned)symptom_of(check->verdict.record);
}

bool check_failed_alike(const struct check *before, const struct check *now)
{
    return check_failing(before) && (check_symptoms(now) & ~check_symptoms(before)) == 0;
}

bool result_waivers_fail(const struct result *result)
{
    for (size_t i = 0; i < result->waiver_count; i++)
        if (result->waivers[i].state == WAIVER_EXPIRED || result->waivers[i].state == WAIVER_UNUSED)
            return true;
    return false;
}

const char *waiver_state_name(enum waiver_state state)
{
    switch (state) {
    case WAIVER_USED:
        return "used";
    case WAIVER_UNUSED:
        return "unused";
    case WAIVER_EXPIRED:
        return "expired";
    case WAIVER_NOT_TRIED:
        return "not tried";
    }
    return "?";
}

const char *check_charset_name(enum check_charset charset)
{
    static const char *const names[CHECK_CHARSETS] = {"A", "W", "A+W", "Ex"};
    return names[charset];
}

enum check_charset check_charset_find(const char *name)
{
    enum check_charset charset = CHECK_A;
    while (charset < CHECK_CHARSETS && strcmp(check_charset_name(charset), name) != 0)
        charset++;
    return charset;
}

enum check_charset check_charset_of(enum charset charset)
{
    static const enum check_charset charsets[] = {
        [STRINGS_NONE] = CHECK_EX, [STRINGS_CHAR] = CHECK_A, [STRINGS_WIDE] = CHECK_W};
    return charsets[function_of(charset)->strings];
}

bool check_failing(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL ||
            (check->verdict.kind == VERDICT_KNOWN && check->excuse.kind == EXCUSE_BASELINE));
}

const struct scenario_result *scenario_result_find(const struct result *result, const char *name)
{
    for (size_t i = 0; i < result->scenario_count; i++)
        if (name != NULL && result->scenarios[i].name != NULL &&
            strcmp(result->scenarios[i].name, name) == 0)
            return &result->scenarios[i];
    return NULL;
}

const struct check *check_find_in(const struct scenario_result *scenario, const struct check *like)
{
    for (size_t i = 0; scenario != NULL && i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (check->charset == like->charset && strcmp(check->clause->id, like->clause->id) == 0)
            return check;
    }
    return NULL;
}

const struct check *check_find(const struct result *result, const char *scenario,
                               const struct check *like)
{
    return check_find_in(scenario_result_find(result, scenario), like);
}

bool check_charsets_meet(enum check_charset one, enum check_charset other)
{
    return one == other || (one == CHECK_BOTH && other != CHECK_EX) ||
           (other == CHECK_BOTH && one != CHECK_EX);
}

bool checks_meet(const struct check *one, const struct check *other)
{
    return one->clause->family == other->clause->family &&
           check_charsets_meet(one->charset, other->charset);
}

static bool counts(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_WARN);
}

const struct check *check_cause(const struct scenario_result *scenario, const struct check *check)
{
    if (!counts(check) || check->verdict.consequence_of == NULL)
        return NULL;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *cause = &scenario->checks[i];
        if (cause != check && counts(cause) &&
            strcmp(cause->clause->id, check->verdict.consequence_of) == 0 &&
            checks_meet(cause, check))
            return cause;
    }
    return NULL;
}

// Does the scenario at `one` come before that at `other`, by size?
static bool is_smaller(const struct result *result, size_t one, size_t other)
{
    size_t a = result->scenarios[one].session_count;
    size_t b = result->scenarios[other].session_count;
    return a != b ? a < b : one < other;
}

size_t result_next_by_size(const struct result *result, size_t scenario)
{
    size_t next = RESULT_NO_SCENARIO;
    for (size_t i = 0; i < result->scenario_count; i++)
        if ((scenario == RESULT_NO_SCENARIO || is_smaller(result, scenario, i)) &&
            (next == RESULT_NO_SCENARIO || is_smaller(result, i, next)))
            next = i;
    return next;
}

const struct deviation *check_deviation(const struct check *check, const char *profile)
{
    if (check->verdict.deviation == NULL)
        return NULL;
    const struct deviation *found = NULL;
    for (const struct deviation *each = deviations; each->id != NULL; each++) {
        if (strcmp(each->id, check->verdict.deviation) != 0 ||
            strcmp(each->clause, check->clause->id) != 0)
            continue;
        if (profile != NULL && strcmp(each->profile, profile) == 0)
            return each;
        if (found == NULL)
            found = each;
    }
    return found;
}

void scenario_result_clear(struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        free(scenario->checks[i].evidence.said);
        free(scenario->checks[i].excuse.text);
    }
    free(scenario->checks);
    for (size_t i = 0; i < scenario->kept_count; i++)
        free(scenario->kept[i].bytes);
    free(scenario->kept);
    for (size_t i = 0; i < scenario->text_count; i++)
        free(scenario->texts[i]);
    free(scenario->texts);
    free(scenario->sweeps[CHARSET_A].points);
    free(scenario->sweeps[CHARSET_W].points);
    free(scenario->name);
    free(scenario->summary);
    free(scenario->path);
    free(scenario->digest);
    *scenario = (struct scenario_result){0};
}

const char *scenario_result_own(struct scenario_result *scenario, const char *text)
{
    for (size_t i = 0; i < scenario->text_count; i++)
        if (strcmp(scenario->texts[i], text) == 0)
            return scenario->texts[i];
    char **grown = reallocarray(scenario->texts, scenario->text_count + 1, sizeof *grown);
    if (grown == NULL)
        return NULL;
    scenario->texts = grown;
    char *copy = strdup(text);
    if (copy != NULL)
        scenario->texts[scenario->text_count++] = copy;
    return copy;
}

static void waiver_result_clear(struct waiver_result *waiver)
{
    free(waiver->place);
    free(waiver->clause);
    free(waiver->scenario);
    free(waiver->charset);
    free(waiver->reason);
    free(waiver->reference);
    free(waiver->expires);
}

void baseline_result_free(struct baseline_result *baseline)
{
    if (baseline == NULL)
        return;
    diff_free(&baseline->diff);
    free(baseline->path);
    free(baseline);
}

void *result_own(struct result *result, void *memory)
{
    if (memory == NULL)
        return NULL;
    void **grown = reallocarray(result->owned, result->owned_count + 1, sizeof *grown);
    if (grown == NULL) {
        free(memory);
        return NULL;
    }
    result->owned = grown;
    result->owned[result->owned_count++] = memory;
    return memory;
}

void result_free(struct result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->scenario_count; i++)
        scenario_result_clear(&result->scenarios[i]);
    free(result->scenarios);
    free(result->implementation);
    plan_clear(&result->plan);
    for (size_t i = 0; i < result->waiver_count; i++)
        waiver_result_clear(&result->waivers[i]);
    free(result->waivers);
    baseline_result_free(result->baseline);
    for (size_t i = 0; i < result->owned_count; i++)
        free(result->owned[i]);
    free(result->owned);
    result->waiver_count = 0;
    result->waivers = NULL;
    result->baseline = NULL;
    result->owned_count = 0;
    result->owned = NULL;
    result->scenarios = NULL;
    result->scenario_count = 0;
    result->implementation = NULL;
}
