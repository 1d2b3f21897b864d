// SPDX-License-Identifier: Apache-2.0
// The command `judge`: recorded transcripts are judged again. Nothing is started, no implementation
// is needed.
#include "harness/command/judging.h"

#include "conformance/base/clock.h"
#include "conformance/base/text.h"
#include "harness/command/transcripts.h"
#include "harness/run/run.h"

#include <stdlib.h>
#include <string.h>

static const char doc[] =
    "Judges transcripts again that `run --transcript` recorded: elsewhere, by a newer kit, under "
    "another profile. The verdicts are those of the run, as far as its calls go."
    "\v"
    "Examples:\n"
    "  iscsidsc-tck judge calls/*.jsonl\n"
    "  iscsidsc-tck judge --profile windows -c SIZE calls/single.jsonl\n"
    "\n"
    "Exit status: as of run.\n";

static error_t parse(int key, char *argument, struct argp_state *state)
{
    return judging_parse_files(key, argument, state,
                               "which transcripts? `iscsidsc-tck run --transcript DIR` makes them");
}

struct job {
    const struct judged_files *arguments;
    const char *name;
    const struct clause **clauses;
    size_t clause_count;
    // Kept until the reports are written: the evidence in the result borrows from them.
    struct transcripts transcripts;
    struct result result;
    struct excuses excuses;
};

static int judge(struct job *job, struct failure *failure)
{
    const struct judging *judging = &job->arguments->judging;
    const struct judge_options options = {.profile = judging->profile, .strict = judging->strict};
    struct result *result = &job->result;
    uint64_t began = clock_now_ns();
    result->implementation = strdup(job->transcripts.items[0]->implementation);
    if (result->implementation == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    result->profile = judging->profile;
    result->effort = NULL; // not recorded: what was tried is in the transcript itself
    result->strict = judging->strict;
    result->hello = job->transcripts.items[0]->hello;
    for (size_t i = 0; i < job->transcripts.count; i++)
        if (run_judge(job->transcripts.items[i], job->clauses, job->clause_count, &options,
                      result) != 0)
            return failure_set(failure, STATUS_UNTRUSTED, "%s: out of memory",
                               job->arguments->paths.items[i]);
    result->duration_ns = clock_now_ns() - began;
    return 0;
}

static bool are_of_cases(const struct transcripts *transcripts)
{
    for (size_t i = 0; i < transcripts->count; i++)
        if (!transcripts->items[i]->of_case)
            return false;
    return true;
}

// How the calls can be made again: with the same implementation, if it is where it was. Of a case
// there is no scenario.
static char *describe_command(const struct job *job)
{
    const struct texts *paths = &job->arguments->paths;
    bool replays = are_of_cases(&job->transcripts);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    fputs(replays ? "iscsidsc-tck replay" : "iscsidsc-tck run", stream);
    command_append(stream, "-i", job->result.implementation);
    for (size_t i = 0; i < paths->count && replays; i++)
        command_append(stream, paths->items[i], NULL);
    return text_close(stream, &text) ? text : NULL;
}

static int report(struct job *job, struct failure *failure)
{
    const struct judging *judging = &job->arguments->judging;
    struct judging_report reports;
    char *command = describe_command(job);
    if (command == NULL ||
        judging_report(&reports, judging, &job->excuses, &job->result, command) != 0) {
        free(command);
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        return command_complain(job->name, failure);
    }
    regression_tell(&reports.reporter, &job->result);
    job->result.command = command;
    int status =
        outputs_write(&judging->outputs, job->name, &job->result, result_exit_status(&job->result));
    judging_report_free(&reports);
    free(command);
    return status;
}

static void job_free(struct job *job)
{
    result_free(&job->result);
    excuses_free(&job->excuses);
    transcripts_free(&job->transcripts);
    free(job->clauses);
}

static const struct argp_child children[] = {{&judging_argp, 0, NULL, 0}, {0}};
const struct argp command_judge_argp = {.parser = parse,
                                        .args_doc = "TRANSCRIPT...",
                                        .doc = doc,
                                        .help_filter = command_filter_help,
                                        .children = children};

int command_judge(int argc, char **argv)
{
    struct judged_files arguments = {0};
    struct job job = {.arguments = &arguments, .name = argv[0]};
    struct failure failure = {0};
    int status = STATUS_USAGE;
    if (command_parse(&command_judge_argp, argc, argv, 0, NULL, &arguments) != 0)
        goto out;
    if (judging_check(&arguments.judging, &failure) != 0 ||
        judging_check_files(&arguments.judging, "TRANSCRIPT", &arguments.paths, &failure) != 0 ||
        judging_excuses(&arguments.judging, &job.excuses, &failure) != 0 ||
        judging_clauses(&arguments.judging, &job.clauses, &job.clause_count,
                        &job.result.plan.left_out.clauses, &failure) != 0 ||
        transcripts_load(&job.transcripts, &arguments.paths, &failure) != 0 ||
        transcripts_refuse_cases(&job.transcripts, &arguments.paths, &failure) != 0 ||
        judge(&job, &failure) != 0) {
        status = command_complain(argv[0], &failure);
    } else {
        status = report(&job, &failure);
        transcripts_note_siblings(&job.transcripts, job.clauses, job.clause_count, argv[0]);
    }
out:
    job_free(&job);
    texts_free(&arguments.paths);
    judging_free(&arguments.judging);
    return status;
}
