// SPDX-License-Identifier: Apache-2.0
// The loop over the scenarios of a run.
#include "harness/run/run.h"

#include "conformance/base/clock.h"
#include "conformance/transcript/describe.h"
#include "emulator/emulator.h"
#include "emulator/process/process.h"
#include "emulator/process/removal.h"
#include "harness/driver/host.h"
#include "harness/driver/places.h"
#include "harness/driver/wine.h"
#include "harness/result/words.h"
#include "harness/run/call_groups.h"
#include "harness/run/judgement.h"
#include "harness/run/keep.h"
#include "harness/run/plan.h"
#include "harness/run/progress.h"
#include "harness/run/record.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Memory up to that is not given back between scenarios: the next one would only ask for it again.
enum { KEPT_MEMORY = 64 << 20 };

// How much was called while sessions came and went, for the report.
static void count_changes(const struct transcript *transcript, struct scenario_result *scenario)
{
    const struct record *before = NULL;
    scenario->generations = transcript->truth_count;
    for (size_t i = 0; i < transcript->record_count; i++) {
        const struct record *record = &transcript->records[i];
        if (record->threads > 1 || !record_is_changing(record)) {
            before = NULL;
            continue;
        }
        scenario->changing_calls += record->outcome.repeats;
        scenario->changing_ns +=
            record->outcome.ended_ns -
            (before != NULL ? before->outcome.ended_ns : record->outcome.began_ns);
        before = record;
    }
}

// Makes the transcript of a scenario and judges it. `source`: its index in the options.
static int make_scenario(struct running *running, struct scenario_result *scenario, size_t source,
                         struct transcript *transcript)
{
    const struct judge_options options = {.profile = running->options->profile,
                                          .strict = running->options->strict};
    if (record_scenario(running, scenario, source, transcript) != 0)
        return -1;
    running->calls += scenario->call_count;
    count_changes(transcript, scenario);
    progress_step(running, scenario, "judging");
    const struct selection selection = {running->options->clauses, running->options->clause_count};
    if (judgement_make(scenario, transcript, &selection, &options) != 0 ||
        keep_for_reports(scenario, transcript) != 0)
        return failure_set(&running->result->failure, STATUS_UNTRUSTED, "memory ran out");
    return 0;
}

// The scenario is not brought up: the run has ended, or it does not suit the way to log in, or
// after too many hangs nothing more is called. That they happened is in the scenarios before.
static void skip_scenario(const struct running *running, struct scenario_result *scenario,
                          const char *unsuited)
{
    char why[2 * WHY_SIZE];
    bool hangs = running->ended[0] == '\0' && unsuited[0] == '\0';
    if (hangs)
        snprintf(why, sizeof why,
                 "not tried: %u calls in the scenarios before did not return in time",
                 running->hangs->count);
    else if (running->ended[0] != '\0')
        snprintf(why, sizeof why, "%s", running->ended);
    else
        snprintf(why, sizeof why, "login by %s: %s", running->result->login.way, unsuited);
    plan_skip(scenario, why);
    for (size_t i = 0; hangs && i < scenario->check_count; i++)
        scenario->checks[i].verdict.blocked_by = BLOCKED_BY_ANY;
}

// The library's file is that of the run's begin; one behind a listener is not here.
static int check_library(struct running *running, bool end)
{
    return running->options->remote != NULL
               ? 0
               : identity_check(&running->identity, end, &running->result->failure);
}

// 0, or -1 with the result's failure; then no more scenario can be run.
static int run_scenario(struct running *running, struct scenario_result *scenario, size_t source)
{
    const struct reporter *reporter = running->reporter;
    char unsuited[WHY_SIZE];
    char *calls = NULL;
    if (reporter->scenario_begins != NULL)
        reporter->scenario_begins(reporter->argument, running->result, scenario);
    if (!plan_suits(running->options, running->options->scenarios[source], unsuited) ||
        running->hangs->count >= HANGS_MAX || running->ended[0] != '\0') {
        skip_scenario(running, scenario, unsuited);
    } else {
        process_forget_peak();
        struct transcript *transcript = transcript_create(
            running->options->implementation, scenario->name, scenario->digest, scenario->summary);
        int status = transcript == NULL ? failure_set(&running->result->failure, STATUS_UNTRUSTED,
                                                      "memory ran out")
                                        : make_scenario(running, scenario, source, transcript);
        if (status == 0)
            status = check_library(running, false);
        if (status == 0 && reporter->calls_made != NULL)
            calls = report_calls(transcript);
        transcript_free(transcript);
        if (status != 0)
            return -1;
    }
    progress_step(running, NULL, "");
    scenario->finished = true;
    scenario->memory.kit = process_peak_memory(getpid());
    if (scenario->memory.kit > KEPT_MEMORY)
        malloc_trim(0); // the memory that a large scenario took is not the next one's
    if (calls != NULL)
        reporter->calls_made(reporter->argument, scenario, calls);
    free(calls);
    if (reporter->scenario_ends != NULL)
        reporter->scenario_ends(reporter->argument, running->result, scenario);
    if (running->ended[0] == '\0')
        (void)plan_ends_with(running->options, scenario, running->ended);
    return 0;
}

// Places of faults are looked for where the files of the modules are on this machine. Where memory
// runs out, they are not.
static void prepare_places(struct running *running)
{
    const struct run_options *options = running->options;
    if (options->place_program != NULL && options->remote == NULL)
        running->places = places_create(options->place_program, options->implementation);
}

static void run_scenarios(struct running *running)
{
    struct result *result = running->result;
    mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY);
    mallopt(M_MMAP_THRESHOLD, KEPT_MEMORY / 2); // the most that glibc takes
    mallopt(M_TOP_PAD, KEPT_MEMORY / 64);
    for (size_t i = 0; i < result->scenario_count; i++) {
        if (result->scenarios[i].check_count > 0 &&
            run_scenario(running, &result->scenarios[i], running->sources[i]) != 0)
            return;
    }
    (void)check_library(running, true);
}

void run_empty_folder(const char *folder, struct result *result)
{
    if (removal_content(folder) != 0)
        failure_set(&result->failure, STATUS_UNTRUSTED,
                    "cleaning up: what the run left in %s cannot be removed: %s", folder,
                    strerror(errno));
}

int run(const struct run_options *options, const char *folder, const struct reporter *reporter,
        struct result *result)
{
    struct hangs own_hangs = {0};
    struct running running = {
        .options = options,
        .folder = folder,
        .reporter = reporter,
        .result = result,
        .sources = calloc(options->scenario_count, sizeof *running.sources),
        .hangs = options->hangs != NULL ? options->hangs : &own_hangs,
    };
    unsigned hangs_before = running.hangs->count;
    uint64_t began = clock_now_ns();
    if (running.sources == NULL) {
        failure_set(&result->failure, STATUS_UNTRUSTED, "memory ran out while the run was planned");
        goto out;
    }
    if ((options->remote == NULL &&
         identity_take(&running.identity, options->implementation, options->implementation_digest,
                       &result->failure) != 0) ||
        run_plan(options, result, running.sources) != 0 ||
        supervisor_create(&running.supervisor, &result->failure) != 0)
        goto out;
    supervisor_limit(running.supervisor, options->deadline_ns, options->too_long);
    progress_begin(&running);
    prepare_places(&running);
    if (reporter->run_begins != NULL)
        reporter->run_begins(reporter->argument, result);
    if ((options->recorded != NULL ||
         tgtd_version(running.supervisor, result->tgtd_version, sizeof result->tgtd_version,
                      &result->failure) == 0) &&
        plan_check(result) == 0 &&
        (options->wine == NULL || wine_start(&running.wine, running.supervisor, options->wine,
                                             folder, &result->failure) == 0))
        run_scenarios(&running);
out:
    places_free(running.places);
    wine_stop(running.wine);
    supervisor_destroy(running.supervisor);
    free(running.sources);
    run_empty_folder(folder, result);
    result->hangs = running.hangs->count - hangs_before;
    if (result->hangs > 0)
        snprintf(result->first_hang, sizeof result->first_hang, "%s", running.hangs->first);
    result->duration_ns = clock_now_ns() - began;
    if (reporter->run_ends != NULL)
        reporter->run_ends(reporter->argument, result);
    return result_exit_status(result);
}

// A case may have sessions of every kind one after the other.
static int plan_case(struct scenario_result *scenario, const struct clause *const *clauses,
                     size_t clause_count, const struct transcript *transcript)
{
    bool *applies = calloc(clause_count + 1, sizeof *applies);
    int status = applies == NULL ? -1 : 0;
    for (size_t i = 0; status == 0 && i < transcript->truth_count; i++) {
        struct traits traits = traits_of_truth(transcript->truths[i]);
        for (size_t j = 0; j < clause_count; j++)
            applies[j] = applies[j] || clause_applies(clauses[j], &traits);
    }
    const struct traits any = {
        .sessions = true, .connectionless = true, .long_names = true, .smallest = true};
    const struct traits none = {0};
    for (size_t j = 0; status == 0 && j < clause_count; j++)
        if (applies[j])
            status = judgement_plan(scenario, &clauses[j], 1,
                                    (clauses[j]->needs & NEEDS_NO_SESSIONS) != 0 ? &none : &any);
    free(applies);
    return status;
}

static int plan_judging(struct scenario_result *scenario, const struct clause *const *clauses,
                        size_t clause_count, const struct transcript *transcript)
{
    if (transcript->of_case)
        return plan_case(scenario, clauses, clause_count, transcript);
    struct traits traits = traits_of_truth(transcript->truths[0]);
    if (judgement_plan(scenario, clauses, clause_count, &traits) != 0)
        return -1;
    judgement_drop_unprobed(scenario, transcript);
    return 0;
}

int run_judge(const struct transcript *transcript, const struct clause *const *clauses,
              size_t clause_count, const struct judge_options *options, struct result *result)
{
    struct scenario_result *grown =
        realloc(result->scenarios, (result->scenario_count + 1) * sizeof *result->scenarios);
    if (grown == NULL)
        return -1;
    result->scenarios = grown;
    struct scenario_result *scenario = &result->scenarios[result->scenario_count++];
    *scenario = (struct scenario_result){
        .name = strdup(transcript->scenario),
        .summary = strdup(transcript->scenario_summary),
        .path = strdup(""),
        .digest = strdup(transcript->scenario_digest),
        .session_count = transcript->truths[0]->session_count,
    };
    for (size_t i = 0; i < transcript->record_count; i++)
        if (transcript->records[i].outcome.kind != OUTCOME_NOT_TRIED)
            scenario->call_count += transcript->records[i].outcome.repeats;
    if (scenario->name == NULL || scenario->summary == NULL || scenario->path == NULL ||
        scenario->digest == NULL || plan_judging(scenario, clauses, clause_count, transcript) != 0)
        return -1;
    result->hello = transcript->hello;
    result->login.way = login_way_name(transcript->login);
    scenario->planned_count = scenario->check_count;
    const struct selection selection = {clauses, clause_count};
    if (judgement_make(scenario, transcript, &selection, options) != 0 ||
        keep_for_reports(scenario, transcript) != 0)
        return -1;
    scenario->finished = true;
    return 0;
}
