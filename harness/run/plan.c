// SPDX-License-Identifier: Apache-2.0
// Plans a run.
#include "harness/run/plan.h"

#include "emulator/emulator.h"
#include "emulator/scenario/listening.h"
#include "harness/run/judgement.h"
#include "harness/run/shard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct traits traits_of_topology(const struct topology *topology)
{
    struct traits traits = {0};
    for (size_t i = 0; i < topology->session_count; i++) {
        const struct topology_session *session = &topology->sessions[i];
        if (session->at_first != STATE_ABSENT)
            traits_add(&traits, session->initiator_name, topology->targets[session->target].name,
                       session->at_first == STATE_CONNECTIONLESS);
    }
    return traits;
}

bool plan_suits(const struct run_options *options, const struct scenario *scenario, char *why)
{
    why[0] = '\0';
    return (options->listen == NULL ||
            listening_suits(&scenario->topology, options->listen, why, WHY_SIZE)) &&
           (options->login == NULL ||
            login_command_suits(options->login, &scenario->topology, why, WHY_SIZE));
}

// The scenario with the fewest sessions that has any, of those that can be brought up; SIZE_MAX:
// none has.
static size_t find_smallest(const struct run_options *options)
{
    size_t smallest = SIZE_MAX;
    for (size_t i = 0; i < options->scenario_count; i++) {
        size_t count = topology_first_count(&options->scenarios[i]->topology);
        char why[WHY_SIZE];
        if (count > 0 && plan_suits(options, options->scenarios[i], why) &&
            (smallest == SIZE_MAX ||
             count < topology_first_count(&options->scenarios[smallest]->topology)))
            smallest = i;
    }
    return smallest;
}

static int plan_scenario(const struct run_options *options, const struct scenario *scenario,
                         bool smallest, struct scenario_result *result)
{
    *result = (struct scenario_result){
        .name = strdup(scenario->name),
        .summary = strdup(scenario->summary),
        .path = strdup(scenario->path),
        .digest = strdup(scenario->digest),
        .session_count = topology_first_count(&scenario->topology),
    };
    if (result->name == NULL || result->summary == NULL || result->path == NULL ||
        result->digest == NULL)
        return -1;
    struct traits traits = traits_of_topology(&scenario->topology);
    traits.smallest = smallest;
    if (judgement_plan(result, options->clauses, options->clause_count, &traits) != 0)
        return -1;
    result->planned_count = result->check_count;
    result->finished = result->check_count == 0;
    return 0;
}

// Leaves in the result the scenarios that this run has to do; `sources` gets their places in the
// options.
static void keep_own(const struct run_options *options, struct result *result, size_t *sources)
{
    size_t kept = 0;
    for (size_t i = 0; i < result->scenario_count; i++) {
        if (!shard_has(&result->plan, i) || (options->mine != NULL && !options->mine[i])) {
            scenario_result_clear(&result->scenarios[i]);
            continue;
        }
        result->scenarios[kept] = result->scenarios[i];
        if (sources != NULL)
            sources[kept] = i;
        kept++;
    }
    result->scenario_count = kept;
}

enum login_way plan_login_way(const struct run_options *options)
{
    if (options->recorded != NULL)
        return LOGIN_RECORDED;
    if (options->login == NULL)
        return LOGIN_TABLE;
    return login_command_is_api(options->login) ? LOGIN_API : LOGIN_COMMAND;
}

static struct result_login describe_login(const struct run_options *options)
{
    const struct login_command *command = options->login;
    struct result_login login = {.way = login_way_name(plan_login_way(options))};
    if (command == NULL)
        return login;
    login.can = login_command_can(command);
    for (int step = 0; step < LOGIN_STEPS; step++)
        login.commands[step] = login_command_template(command, (enum login_step)step);
    return login;
}

// How many of the selected clauses need what no scenario has.
static size_t count_unsuited(const struct run_options *options, const struct result *result)
{
    size_t unsuited = 0;
    for (size_t i = 0; i < options->clause_count; i++) {
        bool planned = false;
        for (size_t j = 0; j < result->scenario_count && !planned; j++)
            for (size_t k = 0; k < result->scenarios[j].check_count && !planned; k++)
                planned = result->scenarios[j].checks[k].clause == options->clauses[i];
        unsuited += !planned;
    }
    return unsuited;
}

// How many scenarios can't be brought up by the login that was asked for.
static size_t count_impossible(const struct run_options *options)
{
    size_t impossible = 0;
    char why[WHY_SIZE];
    for (size_t i = 0; i < options->scenario_count; i++)
        impossible += !plan_suits(options, options->scenarios[i], why);
    return impossible;
}

int run_plan(const struct run_options *options, struct result *result, size_t *sources)
{
    *result = (struct result){
        .implementation = strdup(options->implementation),
        .is_reference = options->is_reference,
        .profile = options->profile,
        .effort = options->effort,
        .strict = options->strict,
        .login = describe_login(options),
        .isolation = options->isolation,
        .plan.left_out = options->left_out,
        .scenarios = calloc(options->scenario_count, sizeof *result->scenarios),
    };
    if (result->implementation == NULL || result->scenarios == NULL)
        goto failed;
    size_t smallest = find_smallest(options);
    for (size_t i = 0; i < options->scenario_count; i++) {
        result->scenario_count++;
        if (plan_scenario(options, options->scenarios[i], i == smallest, &result->scenarios[i]) !=
            0)
            goto failed;
    }
    result->plan.left_out.unsuited = count_unsuited(options, result);
    result->plan.left_out.impossible = count_impossible(options);
    if (options->implementation_digest != NULL)
        snprintf(result->implementation_digest, sizeof result->implementation_digest, "%s",
                 options->implementation_digest);
    if (shard_plan(result, &options->shard, &result->failure) != 0)
        return -1;
    keep_own(options, result, sources);
    return 0;
failed:
    return failure_set(&result->failure, STATUS_UNTRUSTED,
                       "memory ran out while the run was planned");
}

int plan_check(struct result *result)
{
    if (result_tally(result, NULL).planned > 0)
        return 0;
    return failure_set(&result->failure, STATUS_USAGE,
                       "no check is left to make: none of the selected clauses applies to the "
                       "selected scenarios");
}

bool plan_ends_with(const struct run_options *options, const struct scenario_result *scenario,
                    char *why)
{
    for (size_t i = 0; options->fail_fast && i < scenario->check_count; i++) {
        const struct check *check = &scenario->checks[i];
        if (!check->judged || check->verdict.kind != VERDICT_FAIL)
            continue;
        snprintf(why, WHY_SIZE, "not run: --fail-fast ended the run after %s failed in scenario %s",
                 check->clause->id, scenario->name);
        return true;
    }
    return false;
}

void plan_skip(struct scenario_result *scenario, const char *why)
{
    for (size_t i = 0; i < scenario->check_count; i++) {
        struct check *check = &scenario->checks[i];
        check->judged = true;
        check->verdict = (struct verdict){.kind = VERDICT_SKIP};
        snprintf(check->verdict.got, sizeof check->verdict.got, "%s", why);
    }
    scenario->finished = true;
}
