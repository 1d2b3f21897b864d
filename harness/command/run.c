// SPDX-License-Identifier: Apache-2.0
// The command `run`: checks everything that the user gave, then runs in a worker below the sweeper.
#include "harness/run/run.h"
#include "emulator/tgtd/tgtd.h"
#include "harness/command/config.h"
#include "harness/command/dry_run.h"
#include "harness/command/rerun.h"
#include "harness/command/run_job.h"
#include "harness/command/settings.h"
#include "harness/command/watch.h"
#include "harness/run/jobs.h"
#include "harness/run/suite.h"

#include <stdlib.h>
#include <string.h>

static void note_version(const char *name, const char *version)
{
    struct failure note = {0};
    snprintf(note.text, sizeof note.text,
             "note: this tgtd is of version %s; the kit was tried with " TGTD_VERSION_TRIED,
             version);
    command_complain(name, &note);
}

// One implementation's run, with the report for people.
static int run_one(const struct run_job *job, size_t index, const char *folder,
                   struct result *result)
{
    struct judging_report report;
    struct judging judging = job->arguments->judging;
    judging.outputs.quiet = judging.outputs.quiet || job->repetition.made > 0; // it is known by now
    const struct run_options run_options = run_job_options(job, index);
    if (judging_report(&report, &judging, &job->excuses, result, job->commands[index]) != 0) {
        failure_set(&result->failure, STATUS_UNTRUSTED, "out of memory");
        return command_complain(job->name, &result->failure);
    }
    int status = job->jobs > 1 ? jobs_run(&run_options, job->jobs, folder, &report.reporter, result)
                               : run(&run_options, folder, &report.reporter, result);
    result->command = job->commands[index];
    result->selection = job->selection;
    if (suite_replay(result, job->arguments->check_xml_file, folder, &result->failure) != 0)
        status = result_exit_status(result);
    if (result->tgtd_version[0] != '\0' && strcmp(result->tgtd_version, TGTD_VERSION_TRIED) != 0)
        note_version(job->name, result->tgtd_version);
    judging_report_free(&report);
    return status;
}

// The reports are those of the first of the worst runs.
static int work_single(struct run_job *job, const char *folder)
{
    const struct outputs *outputs = &job->arguments->judging.outputs;
    struct repetition *repetition = &job->repetition;
    struct result worst = {0};
    int status = STATUS_HELD;
    int last = STATUS_HELD;
    do {
        struct result result = {0};
        repetition_announce(repetition, outputs_stream(outputs));
        if (repetition->wanted > 1)
            run_job_begin_limit(job);
        bool first = repetition->made == 0;
        last = run_one(job, 0, folder, &result);
        if (repetition_add(repetition, &result, last) != 0)
            last = STATUS_UNTRUSTED;
        if (first || command_worse(status, last) != status) {
            result_free(&worst);
            worst = result;
            status = last;
        } else {
            result_free(&result);
        }
    } while (repetition_goes_on(repetition, last));
    repetition_print(repetition, outputs_stream(outputs));
    status = outputs_write(outputs, job->name, &worst, status);
    result_free(&worst);
    return status;
}

// One after the other, so that none disturbs another's times.
static int work_several(const struct run_job *job, const char *folder)
{
    struct result *results = calloc(job->count, sizeof *results);
    const struct failure no_memory = {.status = STATUS_UNTRUSTED, .text = "out of memory"};
    int status = STATUS_HELD;
    if (results == NULL)
        return command_complain(job->name, &no_memory);
    for (size_t i = 0; i < job->count && status < 128; i++)
        status = command_worse(status, run_one(job, i, folder, &results[i]));
    if (status < 128)
        status = outputs_write_several(&job->arguments->judging.outputs, job->name, results,
                                       job->count, status);
    for (size_t i = 0; i < job->count; i++)
        result_free(&results[i]);
    free(results);
    return status;
}

static int work(void *argument, const char *folder)
{
    struct run_job *job = argument;
    struct failure failure = {0};
    job->options.room = isolation_room(&job->isolation, folder, job->arguments->transcript_folder);
    if (job->options.recorded == NULL && isolation_leave_network(&job->isolation, &failure) != 0)
        return command_complain(job->name, &failure);
    return job->count > 1 ? work_several(job, folder) : work_single(job, folder);
}

// One run, or what it would do. Notes in `watch` what is to be watched from then on.
static int run_once(const struct run_arguments *arguments, const struct settings *settings,
                    const char *name, const char *config, struct watch *watch,
                    struct failure *failure)
{
    struct run_job job = {.arguments = arguments,
                          .name = name,
                          .dry = arguments->dry_run,
                          .config = config,
                          .no_config = settings_value(settings, "no-config") != NULL,
                          .rerun = settings_value(settings, "rerun-failed")};
    int status = run_job_prepare(&job, failure);
    if (status != 0)
        goto out;
    if (arguments->dry_run) {
        status = dry_run(&job, settings, config, failure);
        goto out;
    }
    if (arguments->watch && watch_note(watch, arguments->implementations.count == 0
                                                  ? job.implementations[0]
                                                  : arguments->implementations.items[0]) != 0) {
        status = failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        goto out;
    }
    if (job.remote_library != NULL)
        remote_host_note(&job.remote, name);
    for (size_t i = 0; i < job.count && job.remote_library == NULL; i++)
        implementation_note_names(job.implementations[i], name);
    status = outputs_run(&(struct outputs_work){.outputs = &arguments->judging.outputs,
                                                .name = name,
                                                .implementations = job.implementations,
                                                .count = job.count,
                                                .kept = arguments->judging.baseline_file,
                                                .work = work,
                                                .argument = &job,
                                                .deadline_ns = job.limit.deadline_ns});
out:
    run_job_free(&job);
    return status;
}

// Run again and again, until a signal ends it: the exit status. What was wrong with the library is
// told, and the next one waited for.
static int run_watched(const struct run_arguments *arguments, const struct settings *settings,
                       const char *name, const char *config, struct failure *failure)
{
    struct watch watch = {0};
    int status = run_once(arguments, settings, name, config, &watch, failure);
    while (arguments->watch && watch.path != NULL && status < 128) {
        if (failure->status != 0)
            command_complain(name, failure);
        *failure = (struct failure){0};
        status = watch_wait(&watch, outputs_stream(&arguments->judging.outputs));
        if (status != 0)
            break;
        if (watch_note(&watch, watch.path) != 0)
            status = failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        else
            status = run_once(arguments, settings, name, config, &watch, failure);
    }
    watch_free(&watch);
    return status;
}

// All options, whatever they come from.
static int collect(struct settings *settings, int argc, char **argv, char **config,
                   struct failure *failure)
{
    if (settings_begin(settings, &command_run_argp, argc, argv, failure) != 0)
        return -1;
    if (settings_value(settings, "help") != NULL || settings_value(settings, "usage") != NULL ||
        settings_value(settings, "version") != NULL) // whatever a file says
        return settings_words(settings, argc, argv, failure);
    const char *earlier = settings_value(settings, "rerun-failed");
    if (earlier != NULL && rerun_add(settings, earlier, argv[0], failure) != 0)
        return -1;
    return config_add(settings, config, failure) != 0 ||
                   settings_words(settings, argc, argv, failure) != 0
               ? -1
               : 0;
}

// So that nobody wonders why another run has other scenarios or clauses.
static void tell_config(const char *name, const char *config)
{
    struct failure note = {0};
    failure_set(&note, STATUS_UNTRUSTED, "note: %s: its options are in force (see --dry-run)",
                config);
    command_complain(name, &note);
}

int command_run(int argc, char **argv)
{
    struct run_arguments arguments = {.effort = "standard", .timeout = "10", .jobs = "1"};
    struct settings settings = {0};
    struct failure failure = {0};
    char *config = NULL;
    int status = collect(&settings, argc, argv, &config, &failure);
    if (status == 0 && command_parse(&command_run_argp, (int)settings.word_count, settings.words, 0,
                                     NULL, &arguments) != 0)
        status = STATUS_USAGE;
    if (status == 0 && config != NULL && !arguments.dry_run)
        tell_config(argv[0], config);
    if (status == 0)
        status = run_watched(&arguments, &settings, argv[0], config, &failure);
    if (failure.status != 0) {
        settings_blame(&settings, &failure);
        status = command_complain(argv[0], &failure);
    }
    run_arguments_free(&arguments);
    settings_free(&settings);
    free(config);
    return status;
}
