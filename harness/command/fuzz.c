// SPDX-License-Identifier: Apache-2.0
// The command `fuzz`: seeks calls and sessions with which an implementation breaks the contract.
#include "harness/fuzz/fuzzer.h"

#include "conformance/base/json.h"
#include "conformance/base/text.h"
#include "emulator/process/supervisor.h"
#include "emulator/process/sweeper.h"
#include "harness/command/files.h"
#include "harness/command/fuzz_json.h"
#include "harness/command/fuzz_regress.h"
#include "harness/command/fuzz_report.h"
#include "harness/command/isolation.h"
#include "harness/command/judging.h"
#include "harness/command/paths.h"
#include "harness/command/remote_host.h"
#include "harness/command/scenarios.h"
#include "harness/report/report_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum option_key {
    OPTION_SEED = 0x800,
    OPTION_TIME,
    OPTION_CASES,
    OPTION_SESSIONS,
    OPTION_FIRST,
    OPTION_FINDINGS,
    OPTION_REGRESS,
    OPTION_TIMEOUT,
    OPTION_JSON,
};

static const char doc[] =
    "Seeks failures that no set of probes thought of: makes cases, which are sessions, calls, and "
    "changes between them, has an implementation called, and judges it by the clauses of the "
    "contract. The implementation reads the sessions from a session table: no tgtd is needed."
    "\v"
    "What is found is made as small as it goes and printed as run prints a failure. With "
    "--findings it is kept as a case, which replay makes again.\n"
    "\n"
    "Examples:\n"
    "  iscsidsc-tck fuzz -i ./libx.so                            (for a minute)\n"
    "  iscsidsc-tck fuzz -i ./libx.so --time 3600 --findings cases\n"
    "  iscsidsc-tck fuzz -i ./libx.so --seed 7 --cases 1000 --first\n"
    "  iscsidsc-tck fuzz -i ./libx.so --regress cases\n"
    "\n"
    "Exit status: 0 nothing was found, 1 a must clause is broken (with --strict also a should "
    "clause), 2 the command line is wrong, 3 the implementation could not be called.\n";

static const struct argp_option options[] = {
    {"implementation", 'i', "PATH", 0,
     "The shared library or Windows DLL to call; without it, the reference", 0},
    {"scenario", 's', "NAME|FILE", 0,
     "Real sessions, those of this scenario, which log in and out during the calls: takes tgtd", 0},
    {"seed", OPTION_SEED, "N", 0, "Another seed gives other cases; 1 by default", 0},
    {"time", OPTION_TIME, "SECONDS", 0, "For so long; 60 by default, without --cases", 0},
    {"cases", OPTION_CASES, "N", 0, "So many cases", 0},
    {"sessions", OPTION_SESSIONS, "N", 0, "At most so many sessions at a time", 0},
    {"first", OPTION_FIRST, NULL, 0, "End with the first failure of a must clause", 0},
    {"findings", OPTION_FINDINGS, "DIR", 0, "Keep each finding there as a case", 0},
    {"regress", OPTION_REGRESS, "DIR", 0,
     "Make no new cases: replay those that are kept there (*.jsonl, *.case)", 0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "For one call, and for loading; 10 by default", 0},
    {"json", OPTION_JSON, "FILE", 0, "Write what came of it there, - for standard output", 2},
    {"quiet", 'q', NULL, 0, "Only what was found, and the end", 2},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct fuzz_arguments *arguments = state->input;
    switch (key) {
    case 'i':
        arguments->implementation = argument;
        return 0;
    case 's':
        if (arguments->scenario != NULL)
            argp_error(state, "--scenario %s: one at a time; it is %s already", argument,
                       arguments->scenario);
        arguments->scenario = argument;
        return 0;
    case OPTION_SEED:
        arguments->seed = argument;
        return 0;
    case OPTION_TIME:
        arguments->time = argument;
        return 0;
    case OPTION_CASES:
        arguments->cases = argument;
        return 0;
    case OPTION_SESSIONS:
        arguments->sessions = argument;
        return 0;
    case OPTION_FIRST:
        arguments->first = true;
        return 0;
    case OPTION_FINDINGS:
        arguments->findings = argument;
        return 0;
    case OPTION_REGRESS:
        arguments->regress = argument;
        return 0;
    case OPTION_TIMEOUT:
        arguments->timeout = argument;
        return 0;
    case OPTION_JSON:
        arguments->judging.outputs.json_file = argument;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->judging;
        state->child_inputs[1] = &arguments->target;
        state->child_inputs[2] = &arguments->remote;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: fuzz takes no files; --regress DIR replays the cases of a folder",
                   argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

struct job {
    const struct fuzz_arguments *arguments;
    const char *name; // of the command, for messages
    char *implementation;
    char *replay; // the command that replays, without the case
    struct target target;
    struct target_options target_options;
    struct isolation isolation;
    struct remote_options remote; // of --host
    char *remote_library;         // its path there; NULL: there is no --host
    const struct clause **clauses;
    size_t clause_count;
    unsigned timeout_ms;
    uint64_t seed;
    uint64_t seconds; // 0: no limit
    uint64_t cases;   // 0: no limit
    uint64_t sessions;
    struct scenarios scenarios; // one at most
    struct fuzz_report report;
    json_t *findings; // for --json
};

// ---- Checks before anything is started

static int check_bounds(struct job *job, struct failure *failure)
{
    enum { TIME_MAX = 30 * 24 * 3600, TIME_USUAL = 60 };
    const struct fuzz_arguments *arguments = job->arguments;
    job->seed = 1;
    job->sessions = SIZE_MAX;
    job->seconds = arguments->cases == NULL ? TIME_USUAL : 0;
    if ((arguments->seed != NULL &&
         command_number("--seed", arguments->seed, 0, INT64_MAX, &job->seed, failure) != 0) ||
        (arguments->time != NULL &&
         command_number("--time", arguments->time, 1, TIME_MAX, &job->seconds, failure) != 0) ||
        (arguments->cases != NULL &&
         command_number("--cases", arguments->cases, 1, INT64_MAX, &job->cases, failure) != 0) ||
        (arguments->sessions != NULL && command_number("--sessions", arguments->sessions, 0,
                                                       INT32_MAX, &job->sessions, failure) != 0))
        return -1;
    return command_timeout(arguments->timeout, &job->timeout_ms, failure);
}

// What a replay of a finding is given, too.
static char *describe_replay(const struct job *job)
{
    const struct fuzz_arguments *arguments = job->arguments;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    const char *blank = strrchr(job->name, ' '); // before the command's own name
    fprintf(stream, "%.*s replay", (int)(blank - job->name), job->name);
    if (job->remote_library == NULL)
        command_append(stream, "-i", job->implementation);
    remote_arguments_append(&arguments->remote, stream);
    if (strcmp(arguments->judging.profile, "documented") != 0)
        command_append(stream, "--profile", arguments->judging.profile);
    if (arguments->judging.strict)
        command_append(stream, "--strict", NULL);
    target_options_append(&arguments->target, stream);
    return text_close(stream, &text) ? text : NULL;
}

static int find_file(struct job *job, struct failure *failure)
{
    const char *given = job->arguments->implementation;
    char *reference = NULL;
    int status = given == NULL ? paths_reference(&reference, failure) : 0;
    if (status == 0)
        status = implementation_check(given == NULL ? reference : given, &job->implementation,
                                      &job->target.platform, failure);
    free(reference);
    return status != 0 ? -1 : target_find(&job->target, &job->target_options, failure);
}

static int find_implementation(struct job *job, struct failure *failure)
{
    const struct fuzz_arguments *arguments = job->arguments;
    if (remote_host_check(&arguments->remote, arguments->implementation, NULL, job->timeout_ms,
                          false, &job->remote, &job->remote_library, failure) != 0 ||
        (job->remote_library != NULL ? remote_host_name(job->remote_library, &job->implementation,
                                                        &job->target.host_program, failure)
                                     : find_file(job, failure)) != 0 ||
        target_options_check_needed(&job->target_options, &job->target, 1, failure) != 0 ||
        isolation_choose_alone(&job->isolation, &job->target_options, &job->target,
                               &job->implementation, job->remote_library != NULL, failure) != 0)
        return -1;
    job->replay = describe_replay(job);
    return job->replay != NULL ? 0 : failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

// Clauses of other functions have no calls here.
static int check_clauses(struct job *job, struct failure *failure)
{
    for (size_t i = 0; i < job->clause_count; i++)
        if (job->clauses[i]->family != FAMILY_LIST)
            return failure_set(failure, STATUS_USAGE,
                               "--clause %s: fuzz calls GetIScsiSessionListA and -W only; run "
                               "judges that clause",
                               job->clauses[i]->id);
    return 0;
}

static int find_scenario(struct job *job, struct failure *failure)
{
    const struct fuzz_arguments *arguments = job->arguments;
    struct scenario_selection selection = {0};
    if (arguments->scenario == NULL)
        return 0;
    if (arguments->sessions != NULL)
        return failure_set(failure, STATUS_USAGE,
                           "--sessions %s: the scenario says how many there are; leave it out",
                           arguments->sessions);
    int status = texts_add(&selection.names, arguments->scenario) != 0
                     ? failure_set(failure, STATUS_UNTRUSTED, "out of memory")
                     : scenarios_select(&job->scenarios, &selection, failure);
    texts_free(&selection.names);
    return status;
}

// The JSON file must not replace what is read.
static int check_files(const struct job *job, struct failure *failure)
{
    struct files files = {0};
    files_add_output(&files, "--json", job->arguments->judging.outputs.json_file);
    if (job->remote_library == NULL)
        files_add_input(&files, "--implementation", job->implementation);
    files_add_input(&files, "--token-file", job->arguments->remote.token_file);
    for (size_t i = 0; i < job->scenarios.count; i++)
        files_add_input(&files, "--scenario", job->scenarios.items[i]->path);
    int status = files_check(&files, failure);
    files_free(&files);
    return status;
}

static int prepare(struct job *job, struct failure *failure)
{
    const struct fuzz_arguments *arguments = job->arguments;
    size_t left_out = 0;
    job->target_options = arguments->target;
    if (check_bounds(job, failure) != 0 || find_scenario(job, failure) != 0 ||
        judging_check(&arguments->judging, failure) != 0 ||
        target_options_check(&job->target_options, failure) != 0 ||
        judging_clauses(&arguments->judging, &job->clauses, &job->clause_count, &left_out,
                        failure) != 0 ||
        check_clauses(job, failure) != 0 || find_implementation(job, failure) != 0 ||
        check_files(job, failure) != 0)
        return -1;
    return arguments->findings == NULL
               ? 0
               : files_check_folder("--findings", arguments->findings, failure);
}

// ---- The work

static void progress(void *argument, const struct fuzz_stats *stats)
{
    struct job *job = argument;
    if (!job->arguments->quiet)
        fuzz_report_progress(&job->report, stats);
}

static int found(void *argument, const struct fuzz_finding *finding, struct failure *failure)
{
    struct job *job = argument;
    char *path = NULL;
    if (job->arguments->findings != NULL &&
        asprintf(&path, "%s/%s.jsonl", job->arguments->findings, finding->name) < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int status = path == NULL ? 0 : transcript_save(finding->one, path, failure);
    if (status != 0) { // it is told all the same, and then why it is not kept
        free(path);
        path = NULL;
    }
    if (job->arguments->judging.outputs.json_file != NULL)
        list_add(&job->findings, fuzz_json_finding(finding, path));
    if (fuzz_report_finding(&job->report, finding, path) != 0)
        status = failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    free(path);
    return status;
}

static int fuzz_by(struct job *job, struct supervisor *supervisor, const struct wine *wine,
                   const char *folder, struct fuzz_stats *stats, struct failure *failure)
{
    struct hangs hangs = {0};
    const struct host_options host = {.program = job->target.host_program,
                                      .library = job->implementation,
                                      .timeout_ms = job->timeout_ms,
                                      .wine = wine,
                                      .cpu_emulator = job->target.cpu_emulator,
                                      .room = isolation_room(&job->isolation, folder, NULL),
                                      .remote = job->remote_library != NULL ? &job->remote : NULL};
    const struct live_options live_options = {
        .supervisor = supervisor,
        .folder = folder,
        .host = host,
        .implementation = job->implementation,
        .hangs = &hangs,
        .topology = job->scenarios.count > 0 ? &job->scenarios.items[0]->topology : NULL};
    struct fuzz_options fuzz_options = {
        .trial =
            {.replay = {.supervisor = supervisor, .folder = folder, .hangs = &hangs, .host = host},
             .implementation = job->implementation,
             .clauses = job->clauses,
             .clause_count = job->clause_count,
             .judge = {.profile = job->arguments->judging.profile,
                       .strict = job->arguments->judging.strict}},
        .seed = job->seed,
        .cases = job->cases,
        .sessions = job->sessions,
        .time_ns = job->seconds * 1000000000,
        .first = job->arguments->first,
        .argument = job,
        .progress = progress,
        .found = found,
    };
    if (live_options.topology != NULL) {
        fuzz_options.live = live_create(&live_options);
        if (fuzz_options.live == NULL)
            return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    }
    int status = fuzz(&fuzz_options, stats, failure);
    live_free(fuzz_options.live);
    return status;
}

// False, after saying why, where it could not be written.
static bool write_json(const struct job *job, const struct fuzz_stats *stats, int exit_status,
                       const char *reason)
{
    const struct judging *judging = &job->arguments->judging;
    const struct fuzz_document document = {
        .implementation = job->implementation,
        .profile = judging->profile,
        .strict = judging->strict,
        .seed = job->seed,
        .scenario = job->scenarios.count > 0 ? job->scenarios.items[0]->name : NULL,
        .stats = stats,
        .clause_count = job->clause_count,
        .findings = job->findings,
        .exit_status = exit_status,
        .reason = reason};
    struct failure failure = {0};
    if (judging->outputs.json_file != NULL)
        fuzz_json_write(&document, judging->outputs.json_file, &failure);
    if (failure.status != 0)
        command_complain(job->name, &failure);
    return failure.status == 0;
}

static int status_of(const struct fuzz_stats *stats, const struct failure *failure)
{
    if (failure->status != 0)
        return failure->status;
    if (stats->findings > 0)
        return STATUS_BROKEN;
    return stats->doubts > 0 || stats->cases == 0 ? STATUS_UNTRUSTED : STATUS_HELD;
}

static int work(void *argument, const char *folder)
{
    struct job *job = argument;
    struct failure failure = {0};
    struct supervisor *supervisor = NULL;
    struct wine *wine = NULL;
    struct fuzz_stats stats = {0};
    const struct outputs *outputs = &job->arguments->judging.outputs;
    job->findings = json_array();
    // A run that is killed leaves no earlier result.
    if (outputs->json_file != NULL && report_replaces(outputs->json_file) &&
        !write_json(job, &stats, STATUS_UNTRUSTED, "it has not finished, or it was killed"))
        return STATUS_UNTRUSTED;
    job->report = (struct fuzz_report){.stream = outputs_stream(outputs),
                                       .terminal = outputs_terminal(outputs),
                                       .colour = outputs_colour(outputs),
                                       .clause_count = job->clause_count,
                                       .real = job->scenarios.count > 0,
                                       .replay = job->replay};
    if (supervisor_create(&supervisor, &failure) == 0 &&
        (job->target.wine.program == NULL ||
         wine_start(&wine, supervisor, &job->target.wine, folder, &failure) == 0))
        (void)fuzz_by(job, supervisor, wine, folder, &stats, &failure);
    wine_stop(wine);
    supervisor_destroy(supervisor);
    if (stats.cases > 0 && stats.clauses == 0)
        failure_set(&failure, STATUS_UNTRUSTED,
                    "none of the clauses is about the calls that are made here; `run` tries them");
    int status = status_of(&stats, &failure);
    fuzz_report_end(&job->report, &stats, status);
    if (failure.status != 0)
        command_complain(job->name, &failure);
    if (!write_json(job, &stats, status, failure.status != 0 ? failure.text : NULL) &&
        status < STATUS_UNTRUSTED)
        status = STATUS_UNTRUSTED;
    json_decref(job->findings);
    return command_flush(job->name, status);
}

static void job_free(struct job *job)
{
    scenarios_free(&job->scenarios);
    target_clear(&job->target);
    target_options_free(&job->target_options);
    isolation_clear(&job->isolation);
    free(job->implementation);
    free(job->remote_library);
    free(job->replay);
    free(job->clauses);
}

static int run_job(struct job *job, struct failure *failure)
{
    if (prepare(job, failure) != 0)
        return -1;
    if (job->remote_library != NULL)
        remote_host_note(&job->remote, job->name);
    else
        implementation_note_names(job->implementation, job->name);
    fflush(NULL); // the worker must not inherit what is not yet written
    return sweeper_run(work, job, 0, failure);
}

static const struct argp_child children[] = {
    {&selecting_argp, 0, NULL, 0}, {&target_argp, 0, NULL, 0}, {&remote_argp, 0, NULL, 0}, {0}};
const struct argp command_fuzz_argp = {.options = options,
                                       .parser = parse,
                                       .doc = doc,
                                       .help_filter = command_filter_help,
                                       .children = children};

int command_fuzz(int argc, char **argv)
{
    struct fuzz_arguments arguments = {.timeout = "10"};
    struct job job = {.arguments = &arguments, .name = argv[0]};
    struct failure failure = {0};
    int status = STATUS_USAGE;
    if (command_parse(&command_fuzz_argp, argc, argv, 0, NULL, &arguments) == 0)
        status = arguments.regress != NULL ? fuzz_regress(argv[0], &arguments, &failure)
                                           : run_job(&job, &failure);
    if (failure.status != 0)
        status = command_complain(argv[0], &failure);
    job_free(&job);
    judging_free(&arguments.judging);
    return status;
}
