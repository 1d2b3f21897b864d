// The command `run`: checks everything that the user gave, then runs in a worker below the sweeper.
#include "harness/command/judging.h"

#include "conformance/base/text.h"
#include "emulator/tgtd/tgtd.h"
#include "harness/command/isolation.h"
#include "harness/command/login.h"
#include "harness/command/paths.h"
#include "harness/command/recordings.h"
#include "harness/command/remote_host.h"
#include "harness/command/run_checks.h"
#include "harness/command/scenarios.h"
#include "harness/command/target.h"
#include "harness/report/terminal.h"
#include "harness/result/words.h"
#include "harness/run/jobs.h"
#include "harness/run/plan.h"
#include "harness/run/record.h"
#include "harness/run/run.h"
#include "harness/run/shard.h"
#include "harness/run/suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum option_key {
    OPTION_SET = 0x200,
    OPTION_EFFORT,
    OPTION_CHECK_XML,
    OPTION_TRANSCRIPT,
    OPTION_TIMEOUT,
    OPTION_TIME_LIMIT,
    OPTION_SHARD,
    OPTION_EXCLUDE_SCENARIO,
    OPTION_OFFLINE,
};

static const char doc[] =
    "Judges an implementation of GetIScsiSessionListA and GetIScsiSessionListW in scenarios."
    "\v"
    "The implementation learns the sessions from the file that the environment variable "
    "ISCSIDSC_SESSION_TABLE names (docs/session-table.md). It is loaded in a process of its own: a "
    "crash, a hang or an exit in it is a finding, not the end of the run.\n"
    "\n"
    "Examples:\n"
    "  iscsidsc-tck run                               (judges the reference)\n"
    "  iscsidsc-tck run -i ./libx.so --json x.json\n"
    "  iscsidsc-tck run -i ./libx.so -s single -c SIZE -c BOUNDS-1\n"
    "  iscsidsc-tck run -i ./libx.so -j 2 --baseline last.json\n"
    "  iscsidsc-tck run -i ./old.so -i ./new.so       (and where they differ)\n"
    "  iscsidsc-tck run -i ./libx.so --offline        (where tgtd can't run)\n"
    "  iscsidsc-tck run -i ./libx.so --shard 1/3 --json 1.json\n"
    "  iscsidsc-tck run -i ./iscsidsc.dll             (a Windows DLL, by Wine)\n"
    "  iscsidsc-tck run --host tcp://127.0.0.1:40123 --token-file token\n"
    "  iscsidsc-tck run -i ./libx.so --login command \\\n"
    "    --login-command 'xadm login {target} {portal}' --logout-command 'xadm logout {target}'\n"
    "\n"
    "Exit status: 0 every must clause held, 1 one was broken, 2 the command line or a scenario is "
    "wrong, 3 the run can't be trusted.\n";

static const struct argp_option options[] = {
    {"implementation", 'i', "PATH", 0,
     "The shared library or Windows DLL to judge; without it, the reference; may be repeated, to "
     "compare them",
     0},
    {"scenario", 's', "NAME|FILE", 0, "Run in this scenario; may be repeated", 0},
    {"exclude-scenario", OPTION_EXCLUDE_SCENARIO, "NAME", 0,
     "Leave this scenario out; may be repeated", 0},
    {"set", OPTION_SET, "NAME", 0, "Run in a set of scenarios: standard (default), scale or all",
     0},
    {"effort", OPTION_EFFORT, "HOW", 0, "How many sizes are tried: quick, standard (default), full",
     0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0, "For one call, and for loading; 10 by default", 0},
    {"time-limit", OPTION_TIME_LIMIT, "SECONDS", 0,
     "For all: a run that takes longer ends with exit status 3; by default far more than it needs",
     0},
    {"jobs", 'j', "N", 0, "So many scenarios side by side; 1 by default", 0},
    {"offline", OPTION_OFFLINE, NULL, 0,
     "Where tgtd can't run: with the sessions that an earlier run had, which can't change", 0},
    {"shard", OPTION_SHARD, "I/N", 0,
     "Only this machine's part of the run; the command merge joins the results", 0},
    {"verbose", 'v', NULL, 0, "Every call, with what came of it", 2},
    {"check-xml", OPTION_CHECK_XML, "FILE", 0, "Have Check write its own XML", 2},
    {"transcript", OPTION_TRANSCRIPT, "DIR", 0,
     "Keep every call there, one file a scenario, for the command judge", 2},
    {0},
};

struct arguments {
    struct judging judging;
    struct login_arguments login;
    struct remote_arguments remote;
    struct texts implementations;
    struct scenario_selection selection;
    const char *jobs;
    const char *shard;
    const char *effort;
    const char *timeout;
    const char *time_limit; // NULL: none
    const char *check_xml_file;
    const char *transcript_folder;
    bool offline;
    struct target_options target;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'i':
        return texts_add(&arguments->implementations, argument);
    case 'j':
        arguments->jobs = argument;
        return 0;
    case OPTION_SHARD:
        arguments->shard = argument;
        return 0;
    case 'v':
        arguments->judging.outputs.verbose = true;
        return 0;
    case 's':
        return texts_add(&arguments->selection.names, argument);
    case OPTION_EXCLUDE_SCENARIO:
        return texts_add(&arguments->selection.excluded, argument);
    case OPTION_SET:
        arguments->selection.set = argument;
        return 0;
    case OPTION_EFFORT:
        arguments->effort = argument;
        return 0;
    case OPTION_TIMEOUT:
        arguments->timeout = argument;
        return 0;
    case OPTION_TIME_LIMIT:
        arguments->time_limit = argument;
        return 0;
    case OPTION_CHECK_XML:
        arguments->check_xml_file = argument;
        return 0;
    case OPTION_TRANSCRIPT:
        arguments->transcript_folder = argument;
        return 0;
    case OPTION_OFFLINE:
        arguments->offline = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->judging;
        state->child_inputs[1] = &arguments->login;
        state->child_inputs[2] = &arguments->target;
        state->child_inputs[3] = &arguments->remote;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state,
                   "%s: run takes options only; an implementation is given with -i, a scenario "
                   "with -s",
                   argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// ---- Checks before anything is started

static int check_check_xml(const struct arguments *arguments, struct failure *failure)
{
    const char *path = arguments->check_xml_file;
    if (path != NULL && strcmp(path, "-") == 0)
        return failure_set(failure, STATUS_USAGE,
                           "--check-xml -: Check writes to a file only; give its name");
    return outputs_check_file("--check-xml", path, failure);
}

static int check_options(const struct arguments *arguments, struct failure *failure)
{
    static const char *const efforts[] = {"quick", "standard", "full", NULL};
    static const char *const sets[] = {"standard", "scale", "all", NULL};
    if (arguments->selection.set != NULL && arguments->selection.names.count > 0)
        return failure_set(failure, STATUS_USAGE,
                           "--set %s: --scenario names what to run already; give one of the two",
                           arguments->selection.set);
    if (arguments->selection.set != NULL &&
        run_check_choice("--set", arguments->selection.set, sets, "standard, scale or all",
                         failure) != 0)
        return -1;
    if (run_check_choice("--effort", arguments->effort, efforts, "quick, standard or full",
                         failure) != 0)
        return -1;
    if (judging_check(&arguments->judging, failure) != 0)
        return -1;
    return check_check_xml(arguments, failure);
}

// ---- The job

struct job {
    const struct arguments *arguments;
    const char *name; // of the command, for messages
    struct run_options options;
    struct run_limit limit;
    size_t count; // of implementations, at least 1
    char **implementations;
    char (*digests)[17];    // of each
    char **commands;        // that repeats the run of each
    struct target *targets; // of each: what runs it
    unsigned jobs;
    struct excuses excuses;
    struct target_options target;
    struct isolation isolation;
    struct remote_options remote; // of --host
    char *remote_library;         // its path there; NULL: there is no --host
    struct login_command *login;  // NULL: none
    const struct clause **clauses;
    struct scenarios scenarios;
    struct recordings recordings;
};

// What the user would type for the same run without its scenarios and clauses, which the report
// adds.
static char *describe_command(const struct arguments *arguments, const char *name,
                              const char *implementation)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    fputs(name, stream);
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
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int find_remote(struct job *job, struct failure *failure)
{
    job->commands[0] = describe_command(job->arguments, job->name, NULL);
    if (job->commands[0] == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    return remote_host_name(job->remote_library, &job->implementations[0],
                            &job->targets[0].host_program, failure);
}

static int find_implementation(struct job *job, const char *given, size_t index,
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
    job->commands[index] = describe_command(job->arguments, job->name, given);
    if (job->commands[index] == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    return 0;
}

static int find_implementations(struct job *job, struct failure *failure)
{
    const struct texts *given = &job->arguments->implementations;
    size_t count = given->count == 0 ? 1 : given->count;
    job->implementations = calloc(count, sizeof(char *));
    job->digests = calloc(count, sizeof *job->digests);
    job->commands = calloc(count, sizeof(char *));
    job->targets = calloc(count, sizeof *job->targets);
    if (job->implementations == NULL || job->digests == NULL || job->commands == NULL ||
        job->targets == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    job->count = count;
    for (size_t i = 0; i < count; i++)
        if (find_implementation(job, given->count == 0 ? NULL : given->items[i], i, failure) != 0)
            return -1;
    return 0;
}

static int check_parallel(struct job *job, struct failure *failure)
{
    const struct arguments *arguments = job->arguments;
    if (run_check_jobs(arguments->jobs, &job->jobs, failure) != 0)
        return -1;
    return arguments->shard == NULL ? 0
                                    : shard_parse(&job->options.shard, arguments->shard, failure);
}

static int check_remote(struct job *job, struct failure *failure)
{
    const struct arguments *arguments = job->arguments;
    const struct texts *given = &arguments->implementations;
    return remote_host_check(&arguments->remote, given->count > 0 ? given->items[0] : NULL,
                             job->jobs > 1 ? arguments->jobs : NULL, job->options.timeout_ms,
                             &job->remote, &job->remote_library, failure);
}

static int check_login(struct job *job, struct failure *failure)
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
static int check_suits(const struct job *job, struct failure *failure)
{
    char why[WHY_SIZE] = "";
    for (size_t i = 0; i < job->scenarios.count; i++)
        if (plan_suits(&job->options, job->scenarios.items[i], why))
            return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--login %s: none of the scenarios can be brought up in that way: %s",
                       job->arguments->login.way, why);
}

static int find_recordings(struct job *job, struct failure *failure)
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

static void add_inputs(const struct job *job, struct files *files)
{
    const struct arguments *arguments = job->arguments;
    for (size_t i = 0; i < job->count && job->remote_library == NULL; i++)
        files_add_input(files, "--implementation", job->implementations[i]);
    files_add_input(files, "--token-file", arguments->remote.token_file);
    for (size_t i = 0; i < job->scenarios.count; i++)
        files_add_input(files, "--scenario", job->scenarios.items[i]->path);
    recordings_add_inputs(&job->recordings, files);
    judging_add_inputs(&arguments->judging, files);
    login_arguments_add_inputs(&arguments->login, files);
    for (size_t i = 0; i < job->count && job->remote_library == NULL; i++)
        files_add_input(files, "the host program", job->targets[i].host_program);
    files_add_input(files, "the kit itself", "/proc/self/exe");
}

static void add_transcripts(const struct job *job, struct files *files)
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

static int check_files(const struct job *job, struct failure *failure)
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

static int prepare(struct job *job, struct failure *failure)
{
    const struct arguments *arguments = job->arguments;
    job->target = arguments->target;
    if (check_options(arguments, failure) != 0 ||
        command_timeout(arguments->timeout, &job->options.timeout_ms, failure) != 0 ||
        run_check_time_limit(arguments->time_limit, &job->limit, failure) != 0 ||
        judging_clauses(&arguments->judging, &job->clauses, &job->options.clause_count,
                        &job->options.left_out.clauses, failure) != 0 ||
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
        isolation_choose(&job->isolation,
                         &(struct isolation_needs){.options = &job->target,
                                                   .targets = job->targets,
                                                   .libraries = job->implementations,
                                                   .count = job->count,
                                                   .is_remote = job->remote_library != NULL,
                                                   .logs_in = job->login != NULL},
                         failure) != 0 ||
        check_suits(job, failure) != 0 || find_recordings(job, failure) != 0 ||
        check_files(job, failure) != 0)
        return -1;
    job->options.isolation = job->isolation.result;
    // Last, because only this check changes something.
    if (arguments->transcript_folder != NULL &&
        files_check_folder("--transcript", arguments->transcript_folder, failure) != 0)
        return -1;
    job->options.is_reference =
        arguments->implementations.count == 0 && job->remote_library == NULL;
    job->options.scenarios = job->scenarios.items;
    job->options.scenario_count = job->scenarios.count;
    job->options.effort = arguments->effort;
    if (arguments->time_limit == NULL)
        run_usual_limit(&job->limit, &job->options, job->count,
                        job->targets[0].wine.program != NULL ||
                            job->targets[0].cpu_emulator != NULL || job->remote_library != NULL);
    job->options.deadline_ns = job->limit.deadline_ns;
    job->options.too_long = job->limit.too_long;
    job->options.left_out.scenarios = job->scenarios.left_out;
    job->options.clauses = job->clauses;
    job->options.profile = arguments->judging.profile;
    job->options.strict = arguments->judging.strict;
    job->options.transcript_folder = arguments->transcript_folder;
    return 0;
}

static void note_version(const char *name, const char *version)
{
    struct failure note = {0};
    snprintf(note.text, sizeof note.text,
             "note: this tgtd is of version %s; the kit was tried with " TGTD_VERSION_TRIED,
             version);
    command_complain(name, &note);
}

// One implementation's run, with the report for people.
static int run_one(const struct job *job, size_t index, const char *folder, struct result *result)
{
    struct judging_report report;
    struct run_options run_options = job->options;
    run_options.implementation = job->implementations[index];
    run_options.implementation_digest = job->digests[index];
    run_options.host_program = job->targets[index].host_program;
    run_options.place_program = job->targets[index].place_program;
    if (job->remote_library != NULL)
        run_options.remote = &job->remote;
    if (job->targets[index].wine.program != NULL)
        run_options.wine = &job->targets[index].wine;
    run_options.cpu_emulator = job->targets[index].cpu_emulator;
    if (judging_report(&report, &job->arguments->judging, &job->excuses, result,
                       job->commands[index]) != 0) {
        failure_set(&result->failure, STATUS_UNTRUSTED, "out of memory");
        return command_complain(job->name, &result->failure);
    }
    int status = job->jobs > 1 ? jobs_run(&run_options, job->jobs, folder, &report.reporter, result)
                               : run(&run_options, folder, &report.reporter, result);
    result->command = job->commands[index];
    if (suite_replay(result, job->arguments->check_xml_file, folder, &result->failure) != 0)
        status = result_exit_status(result);
    if (result->tgtd_version[0] != '\0' && strcmp(result->tgtd_version, TGTD_VERSION_TRIED) != 0)
        note_version(job->name, result->tgtd_version);
    judging_report_free(&report);
    return status;
}

static int work_single(const struct job *job, const char *folder)
{
    struct result result = {0};
    int status = run_one(job, 0, folder, &result);
    status = outputs_write(&job->arguments->judging.outputs, job->name, &result, status);
    result_free(&result);
    return status;
}

// One after the other, so that none disturbs another's times.
static int work_several(const struct job *job, const char *folder)
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
    struct job *job = argument;
    struct failure failure = {0};
    if (job->options.recorded == NULL && isolation_leave_network(&job->isolation, &failure) != 0)
        return command_complain(job->name, &failure);
    job->options.room = isolation_room(&job->isolation, folder, job->arguments->transcript_folder);
    return job->count > 1 ? work_several(job, folder) : work_single(job, folder);
}

static void job_free(struct job *job)
{
    scenarios_free(&job->scenarios);
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
    login_command_free(job->login);
    excuses_free(&job->excuses);
}

int command_run(int argc, char **argv)
{
    static const struct argp_child children[] = {{&judging_argp, 0, NULL, 0},
                                                 {&login_argp, 0, NULL, 0},
                                                 {&target_argp, 0, NULL, 0},
                                                 {&remote_argp, 0, NULL, 0},
                                                 {0}};
    static const struct argp run_argp = {
        .options = options, .parser = parse, .doc = doc, .children = children};
    struct arguments arguments = {.effort = "standard", .timeout = "10", .jobs = "1"};
    struct job job = {.arguments = &arguments, .name = argv[0]};
    struct failure failure = {0};
    int status = STATUS_USAGE;
    if (command_parse(&run_argp, argc, argv, 0, NULL, &arguments) != 0)
        goto out;
    if (prepare(&job, &failure) != 0) {
        status = command_complain(argv[0], &failure);
        goto out;
    }
    if (job.remote_library != NULL)
        remote_host_note(&job.remote, argv[0]);
    for (size_t i = 0; i < job.count && job.remote_library == NULL; i++)
        implementation_note_names(job.implementations[i], argv[0]);
    status = outputs_run(&(struct outputs_work){.outputs = &arguments.judging.outputs,
                                                .name = argv[0],
                                                .implementations = job.implementations,
                                                .count = job.count,
                                                .kept = arguments.judging.baseline_file,
                                                .work = work,
                                                .argument = &job,
                                                .deadline_ns = job.limit.deadline_ns});
out:
    job_free(&job);
    texts_free(&arguments.implementations);
    texts_free(&arguments.selection.names);
    judging_free(&arguments.judging);
    texts_free(&arguments.selection.excluded);
    return status;
}
