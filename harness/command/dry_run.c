// SPDX-License-Identifier: Apache-2.0
// Prints the plan of a run.
#include "harness/command/dry_run.h"

#include "harness/command/paths.h"
#include "harness/report/terminal_text.h"
#include "harness/run/plan.h"

#include <stdlib.h>
#include <string.h>

static const struct terminal_stream *out(void)
{
    static struct terminal_stream stream;
    stream.stream = stdout;
    return &stream;
}

static void print_count(const char *label, size_t count)
{
    printf("%-16s%zu\n", label, count);
}

static void print_implementations(const struct run_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        printf("%-16s", i == 0 ? "implementation" : "");
        terminal_print_safe(out(), job->implementations[i]);
        puts(job->options.is_reference ? " (the reference)" : "");
    }
}

static size_t count_clauses(const struct result *plan, const struct run_options *options)
{
    size_t count = 0;
    for (size_t i = 0; i < options->clause_count; i++) {
        bool planned = false;
        for (size_t j = 0; j < plan->scenario_count && !planned; j++)
            for (size_t k = 0; k < plan->scenarios[j].check_count && !planned; k++)
                planned = plan->scenarios[j].checks[k].clause == options->clauses[i];
        count += planned;
    }
    return count;
}

static void print_scenarios(const struct result *plan, const struct run_options *options)
{
    char why[WHY_SIZE];
    print_count("scenarios", plan->scenario_count);
    for (size_t i = 0; i < plan->scenario_count; i++) {
        const struct scenario_result *scenario = &plan->scenarios[i];
        fputs("  ", stdout);
        terminal_print_safe(out(), scenario->name);
        printf(": %zu session%s, %zu check%s\n", scenario->session_count,
               plural(scenario->session_count), scenario->check_count,
               plural(scenario->check_count));
    }
    for (size_t i = 0; i < options->scenario_count; i++)
        if (!plan_suits(options, options->scenarios[i], why)) {
            fputs("  not possible: ", stdout);
            terminal_print_safe(out(), options->scenarios[i]->name);
            printf(": %s\n", why);
        }
}

static void print_clauses(const struct result *plan, const struct run_options *options)
{
    const struct left_out *left_out = &plan->plan.left_out;
    print_count("clauses", count_clauses(plan, options));
    if (left_out->clauses > 0)
        print_count("  left out", left_out->clauses);
    if (left_out->unsuited > 0)
        printf("  unsuited      %zu clause%s: no scenario of the run has what they need\n",
               left_out->unsuited, plural(left_out->unsuited));
}

static void print_checks(const struct result *plan)
{
    size_t checks = 0;
    for (size_t i = 0; i < plan->scenario_count; i++)
        checks += plan->scenarios[i].check_count;
    print_count("checks", checks);
    if (plan->plan.shard > 0)
        printf("%-16s%u of %u; the counts are those of this part\n", "shard", plan->plan.shard,
               plan->plan.shard_count);
}

// ---- Options

static void print_setting(const char *name, const char *value, const char *source)
{
    printf("  --%s", name);
    if (value != NULL) {
        putchar(' ');
        terminal_print_safe(out(), value);
    }
    fputs("  (", stdout);
    terminal_print_safe(out(), source);
    puts(")");
}

static void print_defaults(const struct settings *settings)
{
    static const struct {
        const char *option;
        const char *value;
    } defaults[] = {
        {"set", "standard"}, {"effort", "standard"}, {"profile", "documented"}, {"timeout", "10"},
        {"jobs", "1"},       {"login", "table"},     {"isolation", "auto"},     {"color", "auto"},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        if (!settings_displaced(settings, defaults[i].option))
            print_setting(defaults[i].option, defaults[i].value, "default");
}

static void print_environment(void)
{
    static const char *const variables[] = {PATHS_HOST_VARIABLE, PATHS_REFERENCE_VARIABLE,
                                            PATHS_SCENARIOS_VARIABLE};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value == NULL)
            continue;
        printf("  %s=", variables[i]);
        terminal_print_safe(out(), value);
        puts("  (environment)");
    }
}

static void print_options(const struct settings *settings, const char *config)
{
    printf("%-16s", "configuration");
    terminal_print_safe(out(), config == NULL ? "no file" : config);
    puts("\noptions");
    for (size_t i = 0; i < settings->count; i++)
        print_setting(settings->items[i].option->name, settings->items[i].value,
                      settings->items[i].source);
    print_defaults(settings);
    print_environment();
}

int dry_run(const struct run_job *job, const struct settings *settings, const char *config,
            struct failure *failure)
{
    struct result plan = {0};
    const struct run_options options = run_job_options(job, 0);
    int status = -1;
    if (run_plan(&options, &plan, NULL) != 0 || plan_check(&plan) != 0) {
        *failure = plan.failure;
        goto out;
    }
    puts("Dry run: no library is loaded, no target is started, no file is written.\n");
    print_implementations(job);
    print_scenarios(&plan, &options);
    print_clauses(&plan, &options);
    print_checks(&plan);
    print_options(settings, config);
    status = command_flush(job->name, STATUS_HELD);
out:
    result_free(&plan);
    return status;
}
