// SPDX-License-Identifier: Apache-2.0
// Checks everything that `run` was given.
#include "harness/command/run_job.h"

#include "conformance/base/text.h"
#include "harness/command/option_list.h"
#include "harness/command/paths.h"
#include "harness/command/run_checks.h"
#include "harness/run/jobs.h"
#include "harness/run/plan.h"
#include "harness/run/record.h"
#include "harness/run/shard.h"

#include <stdlib.h>
#include <string.h>

// ---- Checks before anything is started

static int check_check_xml(const struct run_arguments *arguments, struct failure *failure)
{
    const char *path = arguments->check_xml_file;
    if (path != NULL && strcmp(path, "-") == 0)
        return failure_set(failure, STATUS_USAGE,
                           "--check-xml -: Check writes to a file only; give its name");
    return outputs_check_file("--check-xml", path, failure);
}

static int check_watch(const struct run_arguments *arguments, struct failure *failure)
{
    if (!arguments->watch)
        return 0;
    if (arguments->repeat != NULL || arguments->until_fail)
        return failure_set(failure, STATUS_USAGE,
                           "--watch: runs again when the library changes, %s without; give one of "
                           "the two",
                           arguments->repeat != NULL ? "--repeat" : "--until-fail");
    if (arguments->remote.host != NULL)
        return failure_set(failure, STATUS_USAGE,
                           "--watch: a library behind --host can't be watched; run it again by "
                           "hand, or without --host where the library's file is");
    return run_check_single(&arguments->implementations, "--watch", "", failure);
}

static int check_options(const struct run_arguments *arguments, struct failure *failure)
{
    if (arguments->selection.set != NULL && arguments->selection.names.count > 0)
        return failure_set(failure, STATUS_USAGE,
                           "--set %s: --scenario names what to run already; give one of the two",
                           arguments->selection.set);
    if (arguments->selection.set != NULL &&
        run_check_choice("--set", arguments->selection.set, option_words("set"), failure) != 0)
        return -1;
    if (run_check_choice("--effort", arguments->effort, option_words("effort"), failure) != 0)
        return -1;
    if (judging_check(&arguments->judging, failure) != 0)
        return -1;
    if (check_watch(arguments, failure) != 0)
        return -1;
    return check_check_xml(arguments, failure);
}

// What the user would type for the same run without its scenarios and clauses, which the report
// adds.
static char *describe_command(const struct run_arguments *arguments, const char *name,
                              const char *implementation, bool no_config)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    fputs(name, stream);
    if (no_config) // what follows is all that it said
        command_append(stream, "--no-config", NULL);
    if (implementation != NULL)
        command_append(stream, "-i", implementation);
    if (strcmp(arguments->effort, "standard") != 0)
        command_append(stream, "--effort", arguments->effort);
    if (strcmp(arguments->judging.profile, "documented") != 0)
        command_append(stream, "--profile", arguments->judging.profile);
    if (arguments->judging.strict)
        command_append(stream, "--strict", NULL);
    if (strcmp(arguments->timeout, "10") != 0)
        command_append(stream, "--timeout", arguments->timeout);
    if (arguments->offline)
        command_append(stream, "--offline", NULL);
    target_options_append(&arguments->target, stream);
    remote_arguments_append(&arguments->remote, stream);
    login_arguments_append(&arguments->login, stream);
    return text_close(stream, &text) ? text : NULL;
}

// What was selected of scenarios and clauses.
static char *describe_selection(const struct run_arguments *arguments)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    if (arguments->selection.set != NULL)
        command_append(stream, "--set", arguments->selection.set);
    command_append_each(stream, "-s", &arguments->selection.names);
    command_append_each(stream, "--exclude-scenario", &arguments->selection.excluded);
    judging_append_selection(&arguments->judging, stream);
    return text_close(stream, &text) ? text : NULL;
}

static int find_remote(struct run_job *job, struct failure *failure)
{
    job->commands[0] =
        describe_command(job->arguments, job->name, NULL, job->config != NULL || job->no_config);
    if (job->commands[0] == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    return remote_host_name(job->remote_library, &job->implementations[0],
                            &job->targets[0].host_program, failure);
}

static int find_implementation(struct run_job *job, const char *given, size_t index,
                               struct failure *failure)
{
    char **found = &job->implementations[index];
    if (job->remote_library != NULL)
        return find_remote(job, failure);
    struct target *target = &job->targets[index];
    int status = given == NULL ? paths_reference(found, failure)
                               : implementation_check(given, found, &target->platform, failure);
    if (status != 0 || target_find(target, &job->target, failure) != 0 ||
        shard_digest_file(job->digests[index], *found, failure) != 0)
        return -1;
    job->commands[index] =
        describe_command(job->arguments, job->name, given, job->config != NULL || job->no_config);
    if (job->commands[index] == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    return 0;
}

static int find_implementations(struct run_job *job, struct failure *failure)
{
    const struct texts *given = &job->arguments->implementations;
    size_t count = given->count == 0 ? 1 : given->count;
    job->implementations = calloc(count, sizeof(char *));
    job->digests = calloc(count, sizeof *job->digests);
    job->commands = calloc(count, sizeof(char *));
    job->selection = describe_selection(job->arguments);
    job->targets = calloc(count, sizeof *job->targets);
    if (job->implementations == NULL || job->digests == NULL || job->commands == NULL ||
        job->selection == NULL || job->targets == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    job->count = count;
    for (size_t i = 0; i < count; i++)
        if (find_implementation(job, given->count == 0 ? NULL : given->items[i], i, failure) != 0)
            return -1;
    return 0;
}

static int check_parallel(struct run_job *job, struct failure *failure)
{
    const struct run_arguments *arguments = job->arguments;
    if (run_check_jobs(arguments->jobs, &job->jobs, failure) != 0)
        return -1;
    return arguments->shard == NULL ? 0
                                    : shard_parse(&job->options.shard, arguments->shard, failure);
}

static int check_remote(struct run_job *job, struct failure *failure)
{
    const struct run_arguments *arguments = job->arguments;
    const struct texts *given = &arguments->implementations;
    return remote_host_check(&arguments->remote, given->count > 0 ? given->items[0] : NULL,
                             job->jobs > 1 ? arguments->jobs : NULL, job->options.timeout_ms,
                             job->dry, &job->remote, &job->remote_library, failure);
}

static int check_login(struct run_job *job, struct failure *failure)
{
    if (login_arguments_check(&job->arguments->login, &job->login, failure) != 0)
        return -1;
    // Scenarios side by side would see each other's sessions.
    if (job->login != NULL && job->jobs > 1)
        return failure_set(failure, STATUS_USAGE,
                           "--jobs %s: with --login %s all scenarios share one initiator; "
                           "leave --jobs out",
                           job->arguments->jobs, job->arguments->login.way);
    job->options.login = job->login;
    job->options.listen = job->arguments->login.listen;
    return login_check_listen(&job->arguments->login, true, failure);
}

// At least one scenario must be possible with the login that was asked for.
static int check_suits(const struct run_job *job, struct failure *failure)
{
    char why[WHY_SIZE] = "";
    for (size_t i = 0; i < job->scenarios.count; i++)
        if (plan_suits(&job->options, job->scenarios.items[i], why))
            return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--login %s: none of the scenarios can be brought up in that way: %s",
                       job->arguments->login.way, why);
}

static int find_recordings(struct run_job *job, struct failure *failure)
{
    const struct login_arguments *login = &job->arguments->login;
    if (!job->arguments->offline)
        return 0;
    if (login->way != NULL || login->listen != NULL || job->remote_library != NULL)
        return failure_set(failure, STATUS_USAGE,
                           "--offline: there are no targets then; leave --login, --listen and "
                           "--host out");
    int status = recordings_load(&job->recordings, &job->scenarios, failure);
    job->options.recorded = job->recordings.items;
    return status;
}

static void add_inputs(const struct run_job *job, struct files *files)
{
    const struct run_arguments *arguments = job->arguments;
    for (size_t i = 0; i < job->count && job->remote_library == NULL; i++)
        files_add_input(files, "--implementation", job->implementations[i]);
    files_add_input(files, "--token-file", arguments->remote.token_file);
    for (size_t i = 0; i < job->scenarios.count; i++)
        files_add_input(files, "--scenario", job->scenarios.items[i]->path);
    files_add_input(files, "the configuration file", job->config);
    files_add_input(files, "--rerun-failed", job->rerun);
    recordings_add_inputs(&job->recordings, files);
    judging_add_inputs(&arguments->judging, files);
    login_arguments_add_inputs(&arguments->login, files);
    for (size_t i = 0; i < job->count && job->remote_library == NULL; i++)
        files_add_input(files, "the host program", job->targets[i].host_program);
    files_add_input(files, "the kit itself", "/proc/self/exe");
}

static void add_transcripts(const struct run_job *job, struct files *files)
{
    const char *folder = job->arguments->transcript_folder;
    for (size_t i = 0; folder != NULL && i < job->scenarios.count; i++) {
        char *path = record_path(folder, job->scenarios.items[i]->name);
        if (path == NULL)
            files->no_memory = true;
        else
            files_add_output(files, "--transcript", path);
        free(path);
    }
}

static int check_files(const struct run_job *job, struct failure *failure)
{
    struct files files = {0};
    outputs_add_files(&job->arguments->judging.outputs, job->count, &files);
    files_add_output(&files, "--check-xml", job->arguments->check_xml_file);
    add_transcripts(job, &files);
    add_inputs(job, &files);
    int status = files_check(&files, failure);
    files_free(&files);
    return status;
}

enum { LIMITED_MAX = 1000 }; // so many runs have a usual limit together

// Where the user gave none: for so many runs.
static void set_usual_limit(struct run_job *job, size_t runs)
{
    if (job->arguments->time_limit == NULL)
        run_usual_limit(&job->limit, &job->options, runs,
                        job->targets[0].wine.program != NULL ||
                            job->targets[0].cpu_emulator != NULL || job->remote_library != NULL);
}

void run_job_begin_limit(struct run_job *job)
{
    set_usual_limit(job, 1);
    job->options.deadline_ns = job->limit.deadline_ns;
}

// That tries whether the machine allows it, so a dry run doesn't.
static int choose_isolation(struct run_job *job, struct failure *failure)
{
    const struct isolation_needs needs = {.options = &job->target,
                                          .targets = job->targets,
                                          .libraries = job->implementations,
                                          .count = job->count,
                                          .is_remote = job->remote_library != NULL,
                                          .logs_in = job->login != NULL};
    return job->dry ? 0 : isolation_choose(&job->isolation, &needs, failure);
}

int run_job_prepare(struct run_job *job, struct failure *failure)
{
    const struct run_arguments *arguments = job->arguments;
    job->target = arguments->target;
    if (check_options(arguments, failure) != 0 ||
        command_timeout(arguments->timeout, &job->options.timeout_ms, failure) != 0 ||
        run_check_time_limit(arguments->time_limit, &job->limit, failure) != 0 ||
        judging_clauses(&arguments->judging, &job->clauses, &job->options.clause_count,
                        &job->options.left_out.clauses, failure) != 0 ||
        repetition_parse(&job->repetition, arguments->repeat, arguments->until_fail, failure) !=
            0 ||
        run_check_single(&arguments->implementations, "--repeat", arguments->repeat, failure) !=
            0 ||
        run_check_single(&arguments->implementations, "--until-fail",
                         arguments->until_fail ? "" : NULL, failure) != 0 ||
        run_check_single(&arguments->implementations, "--shard", arguments->shard, failure) != 0 ||
        run_check_single(&arguments->implementations, "--transcript", arguments->transcript_folder,
                         failure) != 0 ||
        run_check_single(&arguments->implementations, "--check-xml", arguments->check_xml_file,
                         failure) != 0 ||
        check_parallel(job, failure) != 0 || check_login(job, failure) != 0 ||
        target_options_check(&job->target, failure) != 0 || check_remote(job, failure) != 0 ||
        judging_excuses(&arguments->judging, &job->excuses, failure) != 0 ||
        find_implementations(job, failure) != 0 ||
        target_options_check_needed(&job->target, job->targets, job->count, failure) != 0 ||
        scenarios_select(&job->scenarios, &arguments->selection, failure) != 0 ||
        scenarios_listen(&job->scenarios, job->options.listen, failure) != 0 ||
        choose_isolation(job, failure) != 0 || check_suits(job, failure) != 0 ||
        find_recordings(job, failure) != 0 || check_files(job, failure) != 0)
        return -1;
    job->options.isolation = job->isolation.result;
    // Last, because only this check changes something.
    if (arguments->transcript_folder != NULL && !job->dry &&
        files_check_folder("--transcript", arguments->transcript_folder, failure) != 0)
        return -1;
    job->options.is_reference =
        arguments->implementations.count == 0 && job->remote_library == NULL;
    job->options.scenarios = job->scenarios.items;
    job->options.scenario_count = job->scenarios.count;
    job->options.effort = arguments->effort;
    bool many = job->repetition.wanted > LIMITED_MAX;
    set_usual_limit(job, job->count * (many ? 1 : job->repetition.wanted));
    if (arguments->time_limit == NULL && many)
        job->limit.deadline_ns = 0; // of all runs; each has its own
    job->options.deadline_ns = job->limit.deadline_ns;
    job->options.too_long = job->limit.too_long;
    job->options.left_out.scenarios = job->scenarios.left_out;
    job->options.clauses = job->clauses;
    job->options.profile = arguments->judging.profile;
    job->options.strict = arguments->judging.strict;
    job->options.fail_fast = arguments->fail_fast;
    job->options.transcript_folder = arguments->transcript_folder;
    return 0;
}

struct run_options run_job_options(const struct run_job *job, size_t index)
{
    struct run_options options = job->options;
    options.implementation = job->implementations[index];
    options.implementation_digest = job->digests[index];
    options.host_program = job->targets[index].host_program;
    options.place_program = job->targets[index].place_program;
    if (job->remote_library != NULL)
        options.remote = &job->remote;
    if (job->targets[index].wine.program != NULL)
        options.wine = &job->targets[index].wine;
    options.cpu_emulator = job->targets[index].cpu_emulator;
    return options;
}

void run_job_free(struct run_job *job)
{
    scenarios_free(&job->scenarios);
    repetition_free(&job->repetition);
    recordings_free(&job->recordings);
    free(job->clauses);
    for (size_t i = 0; i < job->count; i++) {
        free(job->implementations[i]);
        free(job->commands[i]);
        target_clear(&job->targets[i]);
    }
    free(job->targets);
    target_options_free(&job->target);
    isolation_clear(&job->isolation);
    free(job->remote_library);
    free(job->implementations);
    free(job->digests);
    free(job->commands);
    free(job->selection);
    login_command_free(job->login);
    excuses_free(&job->excuses);
}
