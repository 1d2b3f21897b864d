// SPDX-License-Identifier: Apache-2.0
// The command `replay`: makes the calls of recorded transcripts again, of any implementation, and
// judges what comes of them. It needs no tgtd and no sessions.
#include "harness/command/isolation.h"

#include "conformance/base/text.h"
#include "harness/command/judging.h"

#include "conformance/base/clock.h"
#include "emulator/process/supervisor.h"
#include "harness/command/paths.h"
#include "harness/command/remote_host.h"
#include "harness/command/transcripts.h"
#include "harness/driver/places.h"
#include "harness/run/record.h"
#include "harness/run/replay.h"
#include "harness/run/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_key {
    OPTION_TIMEOUT = 0x200,
    OPTION_TRANSCRIPT,
};

static const char doc[] =
    "Makes the calls of transcripts again that `run --transcript` recorded, or those of cases that "
    "people or `fuzz` wrote, and judges what comes of them. The implementation finds the sessions "
    "in a session table: no tgtd is needed."
    "\v"
    "So a failure that was recorded elsewhere is repeated here with one file. What differs from "
    "the "
    "recorded answers is told behind the verdicts.\n"
    "\n"
    "Examples:\n"
    "  iscsidsc-tck replay single.jsonl                  (the library that was recorded)\n"
    "  iscsidsc-tck replay -i ./mended.so calls/*.jsonl\n"
    "  iscsidsc-tck replay -i ./mine.so -c SIZE --json x.json single.jsonl\n"
    "  iscsidsc-tck replay -i ./mine.so case.jsonl       (docs/case.md says how to write one)\n"
    "  iscsidsc-tck replay --host tcp://127.0.0.1:40123 --token-file token case.jsonl\n"
    "\n"
    "Exit status: as of run.\n";

static const struct argp_option options[] = {
    {"implementation", 'i', "PATH", 0,
     "The shared library or Windows DLL to call; without it, the one that was recorded", 0},
    {"scenario", 's', "NAME", 0, "Only the transcript of this scenario; may be repeated", 0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "For one call, and for loading; 10 by default", 0},
    {"transcript", OPTION_TRANSCRIPT, "DIR", 0,
     "Keep every call there, one file a scenario, as run does", 2},
    {0},
};

struct arguments {
    struct judged_files files; // first: judging_parse_files gets a pointer to it
    struct target_options target;
    struct remote_arguments remote;
    struct texts scenarios; // none: all
    const char *implementation;
    const char *timeout;
    const char *transcript_folder;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'i':
        arguments->implementation = argument;
        return 0;
    case 's':
        return texts_add(&arguments->scenarios, argument);
    case OPTION_TIMEOUT:
        arguments->timeout = argument;
        return 0;
    case OPTION_TRANSCRIPT:
        arguments->transcript_folder = argument;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[1] = &arguments->target;
        state->child_inputs[2] = &arguments->remote;
        return judging_parse_files(key, argument, state, NULL);
    default:
        return judging_parse_files(
            key, argument, state,
            "which transcripts or cases? `iscsidsc-tck run --transcript DIR` makes transcripts");
    }
}

struct job {
    const struct arguments *arguments;
    const char *name; // of the command, for messages
    struct transcripts recorded;
    const char **paths;           // of each
    struct transcript **replayed; // of each; kept until the reports are written
    char *implementation;
    char *command;   // that repeats it
    char *selection; // with this behind it, all of it
    struct target target;
    struct target_options target_options;
    struct isolation isolation;
    struct remote_options remote; // of --host
    char *remote_library;         // its path there; NULL: there is no --host
    unsigned timeout_ms;
    const struct clause **clauses;
    size_t clause_count;
    struct result result;
    struct excuses excuses;
};

// ---- Checks before anything is started

static char *describe_command(const struct job *job)
{
    const struct judging *judging = &job->arguments->files.judging;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    fputs(job->name, stream);
    if (job->remote_library == NULL)
        command_append(stream, "-i", job->implementation);
    remote_arguments_append(&job->arguments->remote, stream);
    if (strcmp(judging->profile, "documented") != 0)
        command_append(stream, "--profile", judging->profile);
    if (judging->strict)
        command_append(stream, "--strict", NULL);
    if (strcmp(job->arguments->timeout, "10") != 0)
        command_append(stream, "--timeout", job->arguments->timeout);
    target_options_append(&job->arguments->target, stream);
    for (size_t i = 0; i < job->arguments->files.paths.count; i++)
        command_append(stream, job->arguments->files.paths.items[i], NULL);
    return text_close(stream, &text) ? text : NULL;
}

static char *describe_selection(const struct arguments *arguments)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    command_append_each(stream, "-s", &arguments->scenarios);
    judging_append_selection(&arguments->files.judging, stream);
    return text_close(stream, &text) ? text : NULL;
}

// The lists of a library of another kind have other sizes: its calls would be others.
static int check_kind(const struct job *job, struct failure *failure)
{
    enum platform platform = job->target.platform;
    unsigned size = platform == PLATFORM_WINDOWS_32 || platform == PLATFORM_LINUX_32 ? 4 : 8;
    if (job->remote_library != NULL)
        size = job->remote.pointer_size;
    for (size_t i = 0; i < job->recorded.count; i++)
        if (job->recorded.items[i]->hello.pointer_size != size &&
            job->recorded.items[i]->hello.pointer_size != 0) // a case of any library
            return failure_set(
                failure, STATUS_USAGE,
                "%s: recorded from a library with pointers of %u bytes, and those of "
                "%s have %u; replay it with a library of the same kind",
                job->paths[i], (unsigned)job->recorded.items[i]->hello.pointer_size,
                job->implementation, size);
    return 0;
}

static int find_remote(struct job *job, struct failure *failure)
{
    return remote_host_name(job->remote_library, &job->implementation, &job->target.host_program,
                            failure) != 0
               ? -1
               : check_kind(job, failure);
}

static int find_file(struct job *job, struct failure *failure)
{
    const char *given = job->arguments->implementation;
    if (given == NULL)
        given = job->recorded.items[0]->implementation;
    if (given[0] == '\0')
        return failure_set(failure, STATUS_USAGE,
                           "%s: the case names no implementation; name one with -i", job->paths[0]);
    return implementation_check(given, &job->implementation, &job->target.platform, failure) != 0 ||
                   check_kind(job, failure) != 0
               ? -1
               : target_find(&job->target, &job->target_options, failure);
}

static int find_implementation(struct job *job, struct failure *failure)
{
    const struct arguments *arguments = job->arguments;
    if (remote_host_check(&arguments->remote, arguments->implementation, NULL, job->timeout_ms,
                          false, &job->remote, &job->remote_library, failure) != 0 ||
        (job->remote_library != NULL ? find_remote(job, failure) : find_file(job, failure)) != 0 ||
        target_options_check_needed(&job->target_options, &job->target, 1, failure) != 0 ||
        isolation_choose_alone(&job->isolation, &job->target_options, &job->target,
                               &job->implementation, job->remote_library != NULL, failure) != 0)
        return -1;
    job->command = describe_command(job);
    job->selection = describe_selection(arguments);
    return job->command != NULL && job->selection != NULL
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

static bool is_wanted(const struct texts *scenarios, const char *name)
{
    for (size_t i = 0; i < scenarios->count; i++)
        if (strcmp(scenarios->items[i], name) == 0)
            return true;
    return scenarios->count == 0;
}

// Leaves out those that --scenario does not name, and their paths.
static int select_scenarios(struct job *job, struct failure *failure)
{
    const struct texts *wanted = &job->arguments->scenarios;
    struct transcripts *recorded = &job->recorded;
    for (size_t i = 0; i < wanted->count; i++) {
        bool found = false;
        for (size_t j = 0; j < recorded->count && !found; j++)
            found = strcmp(wanted->items[i], recorded->items[j]->scenario) == 0;
        if (!found)
            return failure_set(
                failure, STATUS_USAGE,
                "--scenario %s: none of the transcripts is of that scenario; the first "
                "is of %s",
                wanted->items[i], recorded->items[0]->scenario);
    }
    size_t kept = 0;
    for (size_t i = 0; i < recorded->count; i++) {
        if (is_wanted(wanted, recorded->items[i]->scenario)) {
            job->paths[kept] = job->arguments->files.paths.items[i];
            recorded->items[kept++] = recorded->items[i];
        } else {
            transcript_free(recorded->items[i]);
        }
    }
    recorded->count = kept;
    return 0;
}

static int load(struct job *job, struct failure *failure)
{
    const struct texts *paths = &job->arguments->files.paths;
    job->paths = calloc(paths->count, sizeof(char *));
    if (job->paths == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    if (transcripts_load(&job->recorded, paths, failure) != 0 ||
        select_scenarios(job, failure) != 0)
        return -1;
    for (size_t i = 0; i < job->recorded.count; i++)
        if (replay_check(job->recorded.items[i], job->paths[i], failure) != 0)
            return -1;
    job->replayed = calloc(job->recorded.count, sizeof(struct transcript *));
    return job->replayed != NULL ? 0 : failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

// The reports must not replace what is read.
static int check_files(const struct job *job, struct failure *failure)
{
    const struct arguments *arguments = job->arguments;
    const struct judging *judging = &arguments->files.judging;
    struct files files = {0};
    outputs_add_files(&judging->outputs, 1, &files);
    for (size_t i = 0; arguments->transcript_folder != NULL && i < job->recorded.count; i++) {
        char *path = record_path(arguments->transcript_folder, job->recorded.items[i]->scenario);
        if (path == NULL)
            files.no_memory = true;
        else
            files_add_output(&files, "--transcript", path);
        free(path);
    }
    for (size_t i = 0; i < arguments->files.paths.count; i++)
        files_add_input(&files, "TRANSCRIPT", arguments->files.paths.items[i]);
    if (job->remote_library == NULL) {
        files_add_input(&files, "--implementation", job->implementation);
        files_add_input(&files, "the host program", job->target.host_program);
    }
    files_add_input(&files, "--token-file", arguments->remote.token_file);
    files_add_input(&files, "the kit itself", "/proc/self/exe");
    judging_add_inputs(judging, &files);
    int status = files_check(&files, failure);
    files_free(&files);
    if (status == 0 && arguments->transcript_folder != NULL)
        status = files_check_folder("--transcript", arguments->transcript_folder, failure);
    return status;
}

static int prepare(struct job *job, struct failure *failure)
{
    const struct arguments *arguments = job->arguments;
    const struct judging *judging = &arguments->files.judging;
    job->target_options = arguments->target;
    return judging_check(judging, failure) != 0 ||
                   command_timeout(arguments->timeout, &job->timeout_ms, failure) != 0 ||
                   target_options_check(&job->target_options, failure) != 0 ||
                   judging_excuses(judging, &job->excuses, failure) != 0 ||
                   judging_clauses(judging, &job->clauses, &job->clause_count,
                                   &job->result.plan.left_out.clauses, failure) != 0 ||
                   load(job, failure) != 0 || find_implementation(job, failure) != 0 ||
                   check_files(job, failure) != 0
               ? -1
               : 0;
}

// ---- The work

static int replay_one(struct job *job, const struct replay_options *how, struct places *places,
                      size_t index)
{
    const struct judging *judging = &job->arguments->files.judging;
    const struct judge_options judge_options = {.profile = judging->profile,
                                                .strict = judging->strict};
    struct failure *failure = &job->result.failure;
    struct transcript **replayed = &job->replayed[index];
    struct replay_difference difference = {0};
    if (replay_transcript(job->recorded.items[index], how, replayed, &difference, failure) != 0)
        return -1;
    if (places != NULL)
        places_resolve(places, how->supervisor, *replayed);
    if (run_judge(*replayed, job->clauses, job->clause_count, &judge_options, &job->result) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "memory ran out");
    struct scenario_result *scenario = &job->result.scenarios[job->result.scenario_count - 1];
    if (scenario->check_count == 0 && (*replayed)->of_case)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s: none of the clauses is about the calls of this case",
                           job->paths[index]);
    scenario->replayed = !job->recorded.items[index]->calls_only;
    scenario->replay = difference;
    return record_save(*replayed, job->arguments->transcript_folder, failure);
}

static int replay(struct job *job, const char *folder)
{
    struct failure *failure = &job->result.failure;
    struct hangs hangs = {0};
    struct supervisor *supervisor = NULL;
    struct wine *wine = NULL;
    struct places *places = NULL;
    int status = -1;
    if (supervisor_create(&supervisor, failure) != 0 ||
        (job->target.wine.program != NULL &&
         wine_start(&wine, supervisor, &job->target.wine, folder, failure) != 0))
        goto out;
    if (job->target.place_program != NULL)
        places = places_create(job->target.place_program, job->implementation);
    const struct replay_options replay_options = {
        .supervisor = supervisor,
        .folder = folder,
        .hangs = &hangs,
        .host = {.program = job->target.host_program,
                 .library = job->implementation,
                 .timeout_ms = job->timeout_ms,
                 .wine = wine,
                 .cpu_emulator = job->target.cpu_emulator,
                 .room = isolation_room(&job->isolation, folder, job->arguments->transcript_folder),
                 .remote = job->remote_library != NULL ? &job->remote : NULL},
    };
    status = 0;
    for (size_t i = 0; i < job->recorded.count && status == 0; i++)
        status = replay_one(job, &replay_options, places, i);
    job->result.hangs = hangs.count;
    snprintf(job->result.first_hang, sizeof job->result.first_hang, "%s", hangs.first);
out:
    places_free(places);
    wine_stop(wine);
    supervisor_destroy(supervisor);
    return status;
}

// What differs from the recorded answers is no verdict, so it stands behind them.
static void tell_differences(const struct job *job)
{
    FILE *stream = outputs_stream(&job->arguments->files.judging.outputs);
    for (size_t i = 0; i < job->result.scenario_count; i++) {
        const struct scenario_result *scenario = &job->result.scenarios[i];
        const struct replay_difference *difference = &scenario->replay;
        if (!scenario->replayed)
            continue;
        fprintf(stream,
                "\nreplayed %s: %" PRIu64 " calls, of which %" PRIu64 " were answered otherwise "
                "than in the transcript",
                scenario->name, difference->compared, difference->other);
        if (difference->first[0] != '\0')
            fprintf(stream, "\n  first: %s", difference->first);
        if (difference->left_out > 0)
            fprintf(stream, "\n  %" PRIu64 " calls were left out: %s", difference->left_out,
                    difference->left_why);
    }
    fputc('\n', stream);
}

static int work(void *argument, const char *folder)
{
    struct job *job = argument;
    struct result *result = &job->result;
    struct judging_report reports;
    uint64_t began = clock_now_ns();
    result->implementation = strdup(job->implementation);
    result->profile = job->arguments->files.judging.profile;
    result->strict = job->arguments->files.judging.strict;
    result->isolation = job->isolation.result;
    if (result->implementation == NULL ||
        judging_report(&reports, &job->arguments->files.judging, &job->excuses, result,
                       job->command) != 0) {
        failure_set(&result->failure, STATUS_UNTRUSTED, "out of memory");
        return command_complain(job->name, &result->failure);
    }
    // A result that is not finished has its failure, and so the exit status.
    (void)replay(job, folder);
    result->duration_ns = clock_now_ns() - began;
    regression_tell(&reports.reporter, result);
    result->command = job->command;
    result->selection = job->selection;
    tell_differences(job);
    transcripts_note_siblings(&job->recorded, job->clauses, job->clause_count, job->name);
    int status = outputs_write(&job->arguments->files.judging.outputs, job->name, result,
                               result_exit_status(result));
    judging_report_free(&reports);
    return status;
}

static void job_free(struct job *job)
{
    result_free(&job->result);
    excuses_free(&job->excuses);
    for (size_t i = 0; job->replayed != NULL && i < job->recorded.count; i++)
        transcript_free(job->replayed[i]);
    free(job->replayed);
    free(job->paths);
    transcripts_free(&job->recorded);
    target_clear(&job->target);
    target_options_free(&job->target_options);
    isolation_clear(&job->isolation);
    free(job->implementation);
    free(job->remote_library);
    free(job->command);
    free(job->selection);
    free(job->clauses);
}

static const struct argp_child children[] = {
    {&judging_argp, 0, NULL, 0}, {&target_argp, 0, NULL, 0}, {&remote_argp, 0, NULL, 0}, {0}};
const struct argp command_replay_argp = {.options = options,
                                         .parser = parse,
                                         .args_doc = "TRANSCRIPT...",
                                         .doc = doc,
                                         .help_filter = command_filter_help,
                                         .children = children};

int command_replay(int argc, char **argv)
{
    struct arguments arguments = {.timeout = "10"};
    struct job job = {.arguments = &arguments, .name = argv[0]};
    struct failure failure = {0};
    int status = STATUS_USAGE;
    if (command_parse(&command_replay_argp, argc, argv, 0, NULL, &arguments) != 0)
        goto out;
    if (prepare(&job, &failure) != 0) {
        status = command_complain(argv[0], &failure);
        goto out;
    }
    if (job.remote_library != NULL)
        remote_host_note(&job.remote, argv[0]);
    else
        implementation_note_names(job.implementation, argv[0]);
    status = outputs_run(&(struct outputs_work){.outputs = &arguments.files.judging.outputs,
                                                .name = argv[0],
                                                .implementations = &job.implementation,
                                                .count = 1,
                                                .kept = arguments.files.judging.baseline_file,
                                                .work = work,
                                                .argument = &job});
out:
    job_free(&job);
    texts_free(&arguments.files.paths);
    texts_free(&arguments.scenarios);
    judging_free(&arguments.files.judging);
    return status;
}
