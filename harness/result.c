// Counts a result and derives the exit status from it.
#include "harness/result.h"

#include <stdlib.h>
#include <string.h>

static void tally_scenario(struct tally *tally, const struct scenario_result *scenario)
{
    tally->planned += scenario->check_count;
    tally->calls += scenario->call_count;
    for (size_t i = 0; i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (!check->judged)
            continue;
        tally->judged++;
        // A kind that doesn't exist was never judged right: it must not vanish from the count.
        unsigned kind = (unsigned)check->verdict.kind;
        tally->of[kind <= VERDICT_ERROR ? kind : VERDICT_ERROR]++;
    }
}

struct tally result_tally(const struct result *result, const struct scenario_result *scenario)
{
    struct tally tally = {0};
    if (scenario != NULL) {
        tally_scenario(&tally, scenario);
        return tally;
    }
    for (size_t i = 0; i < result->scenario_count; i++)
        tally_scenario(&tally, &result->scenarios[i]);
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
    return tally.planned > 0 && tally.judged == tally.planned && tally.of[VERDICT_ERROR] == 0;
}

int result_exit_status(const struct result *result)
{
    // What ended the run early explains why the rest is missing, so it comes first.
    if (result->failure.status >= 128 || result->failure.status == STATUS_USAGE)
        return result->failure.status;
    if (!result_complete(result))
        return STATUS_UNTRUSTED;
    return result_tally(result, NULL).of[VERDICT_FAIL] > 0 ? STATUS_BROKEN : STATUS_HELD;
}

const char *check_charset_name(enum check_charset charset)
{
    switch (charset) {
    case CHECK_A:
        return "A";
    case CHECK_W:
        return "W";
    case CHECK_BOTH:
        return "A+W";
    }
    return "?";
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

static void scenario_result_clear(struct scenario_result *scenario)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        free(scenario->checks[i].evidence.said);
    free(scenario->checks);
    for (size_t i = 0; i < scenario->kept_count; i++)
        free(scenario->kept[i].bytes);
    free(scenario->kept);
    free(scenario->sweeps[CHARSET_A].points);
    free(scenario->sweeps[CHARSET_W].points);
    free(scenario->name);
    free(scenario->summary);
    free(scenario->path);
    free(scenario->digest);
}

void result_free(struct result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->scenario_count; i++)
        scenario_result_clear(&result->scenarios[i]);
    free(result->scenarios);
    free(result->implementation);
    result->scenarios = NULL;
    result->scenario_count = 0;
    result->implementation = NULL;
}
