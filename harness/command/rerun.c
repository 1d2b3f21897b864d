// SPDX-License-Identifier: Apache-2.0
// Makes options of the failures of an earlier result.
#include "harness/command/rerun.h"

#include "emulator/scenario/scenario.h"
#include "harness/command/command.h"
#include "harness/command/paths.h"
#include "harness/result/result_read.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rerun {
    struct settings *settings;
    const struct result *result;
    const char *path;
    struct failure *failure;
};

static int add(const struct rerun *rerun, const char *option, const char *value)
{
    const struct option_entry *entry = option_list_find(&rerun->settings->options, option);
    return settings_add(rerun->settings, entry, value, rerun->path, rerun->failure);
}

// Adds the option, unless it is displaced or that is its default.
static int add_other(const struct rerun *rerun, const char *option, const char *value,
                     const char *usual)
{
    return value == NULL || strcmp(value, usual) == 0 || settings_displaced(rerun->settings, option)
               ? 0
               : add(rerun, option, value);
}

static bool is_failed(const struct check *check)
{
    return check->judged &&
           (check->verdict.kind == VERDICT_FAIL || check->verdict.kind == VERDICT_ERROR);
}

static bool has_failed(const struct scenario_result *scenario, const char *clause)
{
    for (size_t i = 0; i < scenario->check_count; i++)
        if (is_failed(&scenario->checks[i]) &&
            (clause == NULL || strcmp(scenario->checks[i].clause->id, clause) == 0))
            return true;
    return false;
}

// Was that clause found before, in a scenario before `end` or among its checks before `checks`?
static bool is_known(const struct result *result, size_t end, size_t checks, const char *clause)
{
    for (size_t i = 0; i < end; i++)
        if (has_failed(&result->scenarios[i], clause))
            return true;
    for (size_t i = 0; i < checks; i++) {
        const struct check *check = &result->scenarios[end].checks[i];
        if (is_failed(check) && strcmp(check->clause->id, clause) == 0)
            return true;
    }
    return false;
}

static int add_clauses(const struct rerun *rerun)
{
    const struct result *result = rerun->result;
    for (size_t i = 0; i < result->scenario_count; i++)
        for (size_t j = 0; j < result->scenarios[i].check_count; j++) {
            const struct check *check = &result->scenarios[i].checks[j];
            if (is_failed(check) && !is_known(result, i, j, check->clause->id) &&
                add(rerun, "clause", check->clause->id) != 0)
                return -1;
        }
    return 0;
}

// Is the scenario of that name that ships the one of the result?
static bool ships(const char *folder, const struct scenario_result *scenario)
{
    struct failure unknown = {0};
    struct scenario *shipped = NULL;
    if (scenario_find(&shipped, folder, scenario->name, &unknown) != 0)
        return false;
    bool same = scenario->digest != NULL && strcmp(shipped->digest, scenario->digest) == 0;
    scenario_free(shipped);
    return same;
}

// One that ships has its name only, because that is the same on every machine.
static int add_scenario(const struct rerun *rerun, const struct scenario_result *scenario)
{
    char *folder = NULL;
    const char *path = scenario->path;
    if (paths_scenarios(&folder, rerun->failure) != 0)
        return -1;
    bool by_name = ships(folder, scenario);
    free(folder);
    if (by_name)
        return add(rerun, "scenario", scenario->name);
    if (path != NULL && access(path, R_OK) == 0)
        return add(rerun, "scenario", path);
    return failure_set(rerun->failure, STATUS_USAGE,
                       "--rerun-failed %s: scenario %s: its file%s%s is not here; name the "
                       "scenarios with --scenario",
                       rerun->path, scenario->name, path != NULL ? " " : "",
                       path != NULL ? path : "");
}

// Without a name it is not known what failed.
static int check_implementation(const struct rerun *rerun)
{
    if (rerun->result->is_reference || rerun->result->implementation != NULL ||
        settings_displaced(rerun->settings, "implementation"))
        return 0;
    return failure_set(rerun->failure, STATUS_USAGE,
                       "--rerun-failed %s: it does not say which implementation it is of; name it "
                       "with --implementation",
                       rerun->path);
}

static int add_scenarios(const struct rerun *rerun)
{
    const struct result *result = rerun->result;
    for (size_t i = 0; i < result->scenario_count; i++)
        if (has_failed(&result->scenarios[i], NULL) &&
            add_scenario(rerun, &result->scenarios[i]) != 0)
            return -1;
    return 0;
}

static bool any_failed(const struct result *result)
{
    for (size_t i = 0; i < result->scenario_count; i++)
        if (has_failed(&result->scenarios[i], NULL))
            return true;
    return false;
}

static void note_unfinished(const struct rerun *rerun, const char *name)
{
    struct failure note = {0};
    if (result_complete(rerun->result))
        return;
    failure_set(&note, STATUS_UNTRUSTED,
                "note: %s: that run was not finished, so it may not have all that fails",
                rerun->path);
    command_complain(name, &note);
}

static int check_any(const struct rerun *rerun)
{
    if (any_failed(rerun->result))
        return 0;
    return failure_set(
        rerun->failure, STATUS_USAGE,
        "--rerun-failed %s: no check failed there%s; leave the option out to run all", rerun->path,
        result_complete(rerun->result) ? "" : " until that run ended early");
}

// A result that came from elsewhere must not have commands started here.
static int check_login(const struct rerun *rerun)
{
    const char *way = rerun->result->login.way;
    if (way == NULL || (strcmp(way, "command") != 0 && strcmp(way, "api") != 0) ||
        settings_value(rerun->settings, "login") != NULL)
        return 0;
    return failure_set(rerun->failure, STATUS_USAGE,
                       "--rerun-failed %s: in that run sessions came by --login %s; give that and "
                       "what belongs to it again",
                       rerun->path, way);
}

static int add_offline(const struct rerun *rerun)
{
    const char *way = rerun->result->login.way;
    return way == NULL || strcmp(way, "recorded") != 0 ||
                   settings_displaced(rerun->settings, "offline")
               ? 0
               : add(rerun, "offline", NULL);
}

static int add_all(const struct rerun *rerun)
{
    const struct result *result = rerun->result;
    bool clauses = !settings_displaced(rerun->settings, "clause");
    bool scenarios = !settings_displaced(rerun->settings, "scenario");
    const char *implementation = result->is_reference ? NULL : result->implementation;
    return check_any(rerun) == 0 && check_login(rerun) == 0 && check_implementation(rerun) == 0 &&
                   add_other(rerun, "implementation", implementation, "") == 0 &&
                   add_other(rerun, "effort", result->effort, "standard") == 0 &&
                   add_other(rerun, "profile", result->profile, "documented") == 0 &&
                   (!result->strict || settings_displaced(rerun->settings, "strict") ||
                    add(rerun, "strict", NULL) == 0) &&
                   add_offline(rerun) == 0 && (!scenarios || add_scenarios(rerun) == 0) &&
                   (!clauses || add_clauses(rerun) == 0)
               ? 0
               : -1;
}

int rerun_add(struct settings *settings, const char *path, const char *name,
              struct failure *failure)
{
    struct result result = {0};
    struct rerun rerun = {settings, &result, path, failure};
    int status = result_read(&result, path, failure);
    if (status == 0)
        status = add_all(&rerun);
    if (status == 0)
        note_unfinished(&rerun, name);
    result_free(&result);
    return status;
}
