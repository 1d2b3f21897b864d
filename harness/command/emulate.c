// SPDX-License-Identifier: Apache-2.0
// The command `emulate`: brings a scenario up, describes it so that a person can reach it with
// other tools, and holds it until a signal ends it.
#include "harness/command/command.h"

#include "emulator/emulator.h"
#include "emulator/process/sweeper.h"
#include "emulator/scenario/listening.h"
#include "emulator/table/session_table.h"
#include "harness/command/emulate_json.h"
#include "harness/command/login.h"
#include "harness/command/paths.h"
#include "harness/report/terminal_text.h"
#include "harness/report/wrapping.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OPTION_CHECK = 0x400,
    OPTION_JSON,
    SHOWN_MAX = 100, // sessions and targets that are printed
};

static const char doc[] =
    "Brings a scenario's targets and sessions up, prints how to reach them, "
    "and holds them until Ctrl-C. Of a scenario with events, Enter has the next "
    "one happen."
    "\v"
    "Examples:\n"
    "  iscsidsc-tck emulate single\n"
    "  iscsidsc-tck emulate ./my-scenario.yaml\n"
    "  iscsidsc-tck emulate --check ./my-scenario.yaml\n"
    "  iscsidsc-tck emulate --json single\n"
    "\n"
    "Exit status: 0 ended by SIGINT or SIGTERM, 2 the scenario is wrong, 3 "
    "it could not be brought up or "
    "held.\n";

static const struct argp_option options[] = {
    {"check", OPTION_CHECK, NULL, 0, "Only say whether the scenario is right; start nothing", 0},
    {"json", OPTION_JSON, NULL, 0,
     "For programs: one JSON object a line, when all is up and after each event", 0},
    {0},
};

struct arguments {
    const char *scenario;
    struct login_arguments login;
    bool check;
    bool json;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case OPTION_CHECK:
        arguments->check = true;
        return 0;
    case OPTION_JSON:
        arguments->json = true;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->login;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->scenario != NULL)
            argp_error(state, "%s: one scenario at a time", argument);
        arguments->scenario = argument;
        return 0;
    case ARGP_KEY_END:
        if (arguments->scenario == NULL)
            argp_error(state,
                       "which scenario? \"iscsidsc-tck list scenarios\" names those that ship");
        if (arguments->check && arguments->json)
            argp_error(state, "--json: with --check nothing comes up; give one of the two");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// ---- What is up

static void print_counts(const struct scenario *scenario)
{
    const struct topology *topology = &scenario->topology;
    printf("tgtd instances: %zu, targets: %zu, sessions: %zu\n", topology->instance_count,
           topology->target_count, topology->session_count);
}

static void print_rest(size_t count, const char *what)
{
    if (count > SHOWN_MAX)
        printf("  ... and %zu more %s\n", count - SHOWN_MAX, what);
}

// An IPv6 address needs brackets before a port.
static void print_endpoint(const char *before, const char *address, uint16_t port)
{
    bool brackets = strchr(address, ':') != NULL;
    printf("%s%s%s%s:%u", before, brackets ? "[" : "", address, brackets ? "]" : "", port);
}

// A command for a shell, on the rest of the line, whose first columns are taken.
static void print_command(size_t taken, const char *command)
{
    const struct terminal_stream out = {.stream = stdout, .terminal = wrapping_width(stdout) > 0};
    terminal_print_command(&out, taken, command);
    putchar('\n');
}

static void print_management(const struct tgtd *tgtd)
{
    char *command = NULL;
    if (asprintf(&command, "%s --lld iscsi --op show --mode target", tgtd_command(tgtd)) < 0)
        failure_no_memory();
    printf("  manage   ");
    print_command(11, command);
    free(command);
}

static void print_instances(const struct emulator *emulator, const struct topology *topology)
{
    for (size_t i = 0; i < topology->instance_count; i++) {
        size_t count = 0;
        const struct tgtd *tgtd = emulator_instance(emulator, i);
        const struct tgtd_portal *portals = emulator_portals(emulator, i, &count);
        printf("\nInstance %s (tgtd, process %ld)\n", tgtd_name(tgtd), (long)tgtd_pid(tgtd));
        for (size_t j = 0; j < count; j++) {
            print_endpoint("  portal   ", portals[j].address, portals[j].port);
            print_endpoint("\n           iscsi-ls iscsi://", portals[j].address, portals[j].port);
            putchar('\n');
        }
        print_management(tgtd);
    }
}

static void print_targets(const struct topology *topology)
{
    printf("\nTargets\n");
    for (size_t i = 0; i < topology->target_count && i < SHOWN_MAX; i++) {
        const struct topology_target *target = &topology->targets[i];
        printf("  %s (instance %s, %u %s)\n", target->name,
               topology->instances[target->instance].name, target->lun_count,
               target->lun_count == 1 ? "LUN" : "LUNs");
    }
    print_rest(topology->target_count, "targets");
}

// Sessions of which something is not known are not shown.
static void print_known(unsigned unknown, unsigned facts, const char *before, const char *address,
                        uint16_t port)
{
    if (unknown & facts)
        printf("%sport not known", before);
    else
        print_endpoint(before, address, port);
}

static void print_session(const struct truth_session *session)
{
    printf("  %s -> %s\n    ISID ", session->initiator_name, session->target_node_name);
    for (size_t i = 0; i < ISID_SIZE && (session->unknown & FACT_ISID) == 0; i++)
        printf("%02x", session->isid[i]);
    if (session->unknown & FACT_ISID)
        printf("not known");
    printf(", TSIH on the wire %02x%02x", session->tsid[0], session->tsid[1]);
    for (size_t i = 0; i < session->connection_count; i++) {
        const struct truth_connection *connection = &session->connections[i];
        printf(", CID %u ", connection->cid);
        print_known(connection->unknown, FACT_INITIATOR_ADDRESS | FACT_INITIATOR_PORT, "",
                    connection->initiator_address, connection->initiator_port);
        print_known(connection->unknown, FACT_TARGET_ADDRESS | FACT_TARGET_PORT, " -> ",
                    connection->target_address, connection->target_port);
    }
    printf("%s\n", session->connection_count == 0 ? ", no connection" : "");
}

static void print_sessions(const struct truth *truth)
{
    printf("\nSessions\n");
    for (size_t i = 0; i < truth->session_count && i < SHOWN_MAX; i++)
        print_session(&truth->sessions[i]);
    print_rest(truth->session_count, "sessions; the session table has them all");
    if (truth->session_count == 0)
        printf("  none\n");
}

static void print_table(const char *path)
{
    char *command = NULL;
    if (asprintf(&command, "export %s=%s", SESSION_TABLE_VARIABLE, path) < 0)
        failure_no_memory();
    printf("\nSession table, for an implementation under test\n  ");
    print_command(2, command);
    free(command);
}

static void print_up(const struct scenario *scenario, const struct emulator *emulator)
{
    printf("%s: %s\n", scenario->name, scenario->summary);
    print_counts(scenario);
    print_instances(emulator, &scenario->topology);
    print_targets(&scenario->topology);
    print_sessions(emulator_truth(emulator));
    if (emulator_session_table(emulator) != NULL)
        print_table(emulator_session_table(emulator));
    else
        printf("\nLogged in by command: the implementation's source is its own initiator.\n");
    printf("\nUp. Ctrl-C ends it.\n");
}

// ---- Holding it

struct job {
    const char *name; // of the command
    struct scenario *scenario;
    struct login_command *login; // NULL: none
    bool json;                   // for programs
};

static int print_all(const struct job *job, const struct emulator *emulator,
                     struct failure *failure)
{
    if (job->json)
        return emulate_json_ready(stdout, job->scenario, emulator, failure);
    print_up(job->scenario, emulator);
    return 0;
}

// While the scenario is held, each line on the standard input makes its next event happen.
struct holding {
    uv_poll_t poll;
    struct emulator *emulator;
    bool json;    // for programs
    size_t next;  // event
    size_t lines; // read and not yet followed
};

static void on_input(uv_poll_t *poll, int status, int events)
{
    struct holding *holding = poll->data;
    char text[256];
    (void)events;
    ssize_t size = status < 0 ? 0 : read(STDIN_FILENO, text, sizeof text);
    if (size <= 0) {
        uv_poll_stop(poll);
        return;
    }
    for (ssize_t i = 0; i < size; i++)
        holding->lines += text[i] == '\n';
}

static bool has_line(void *argument)
{
    const struct holding *holding = argument;
    return holding->lines > 0;
}

static void skip_first_events(struct holding *holding, const struct topology *topology)
{
    while (holding->next < topology->event_count &&
           topology->events[holding->next].moment == MOMENT_BEFORE)
        holding->next++;
}

static void print_next_event(const struct holding *holding, const struct topology *topology)
{
    if (holding->next < topology->event_count && !holding->json)
        printf("\nEvent %zu of %zu with Enter: %s\n", holding->next + 1, topology->event_count,
               topology->events[holding->next].sentence);
    fflush(stdout);
}

static int follow_line(struct holding *holding, const struct topology *topology,
                       struct failure *failure)
{
    holding->lines--;
    if (holding->next >= topology->event_count)
        return 0;
    const struct topology_event *event = &topology->events[holding->next++];
    if (emulator_event(holding->emulator, event, failure) != 0)
        return -1;
    if (holding->json)
        return emulate_json_event(stdout, holding->emulator, holding->next, failure);
    printf("%s.\n", event->sentence);
    print_sessions(emulator_truth(holding->emulator));
    print_next_event(holding, topology);
    return 0;
}

// Watches the standard input for lines. libuv makes it non-blocking for all processes that share
// it, the calling shell among them, so that is undone: reading what is readable does not block.
// False where it can't be watched: a regular file, or closed.
static bool watch_input(struct holding *holding, struct supervisor *supervisor)
{
    int flags = fcntl(STDIN_FILENO, F_GETFL);
    if (flags < 0 || uv_poll_init(supervisor_loop(supervisor), &holding->poll, STDIN_FILENO) != 0)
        return false;
    (void)fcntl(STDIN_FILENO, F_SETFL, flags);
    signal(SIGTTIN, SIG_IGN); // in the background of a terminal, reading must not stop the kit
    holding->poll.data = holding;
    uv_poll_start(&holding->poll, UV_READABLE, on_input);
    return true;
}

// Ends only by a signal or a failure; a signal is what the user asked for.
static int hold(struct supervisor *supervisor, struct emulator *emulator, bool json,
                struct failure *failure)
{
    const struct topology *topology = emulator_topology(emulator);
    struct holding holding = {.emulator = emulator, .json = json};
    skip_first_events(&holding, topology);
    bool polled = holding.next < topology->event_count && watch_input(&holding, supervisor);
    if (polled)
        print_next_event(&holding, topology);
    int result = 0;
    while (result == 0) {
        result = supervisor_wait(supervisor, has_line, &holding, UINT_MAX, failure);
        if (result == 0)
            result = follow_line(&holding, topology, failure);
    }
    if (polled) {
        uv_close((uv_handle_t *)&holding.poll, NULL);
        uv_run(supervisor_loop(supervisor), UV_RUN_NOWAIT); // the handle is on this stack
    }
    if (failure->status != 128 + SIGINT && failure->status != 128 + SIGTERM)
        return -1;
    *failure = (struct failure){0};
    if (json)
        return emulate_json_ending(stdout, failure);
    printf("Ending.\n");
    return 0;
}

static int start(struct emulator **emulator, const struct job *job, struct supervisor *supervisor,
                 const char *folder, struct failure *failure)
{
    const struct topology *topology = &job->scenario->topology;
    return job->login == NULL ? emulator_start(emulator, supervisor, topology, folder, failure)
                              : emulator_start_external(emulator, supervisor, topology, folder,
                                                        job->login, NULL, failure);
}

static int work(void *argument, const char *folder)
{
    const struct job *job = argument;
    struct supervisor *supervisor = NULL;
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    int status = STATUS_HELD;
    if (supervisor_create(&supervisor, &failure) != 0 ||
        start(&emulator, job, supervisor, folder, &failure) != 0 ||
        print_all(job, emulator, &failure) != 0)
        goto out;
    // A reader at the end of a pipe waits for this.
    status = command_flush(job->name, status);
    if (status == STATUS_HELD)
        hold(supervisor, emulator, job->json, &failure);
out:
    if (failure.status != 0)
        status = command_complain(job->name, &failure);
    if (supervisor != NULL)
        supervisor_tear_down(supervisor, true);
    emulator_stop(emulator);
    supervisor_destroy(supervisor);
    fflush(stdout);
    return status;
}

static int check_login(const struct arguments *arguments, struct job *job, struct failure *failure)
{
    char why[256];
    if (login_arguments_check(&arguments->login, &job->login, failure) != 0)
        return -1;
    if (job->login != NULL && login_command_is_api(job->login))
        return failure_set(failure, STATUS_USAGE,
                           "--login api: only with run, because here is no implementation");
    const char *address = arguments->login.listen;
    if (login_check_listen(&arguments->login, false, failure) != 0)
        return -1;
    if (address != NULL && !listening_suits(&job->scenario->topology, address, why, sizeof why))
        return failure_set(failure, STATUS_USAGE, "%s: %s", job->scenario->name, why);
    if (address != NULL && listening_apply(&job->scenario->topology, address, failure) != 0)
        return -1;
    if (job->login == NULL ||
        login_command_suits(job->login, &job->scenario->topology, why, sizeof why))
        return 0;
    return failure_set(failure, STATUS_USAGE, "%s: can't be brought up by command: %s",
                       job->scenario->name, why);
}

static int emulate(const struct arguments *arguments, struct job *job, struct failure *failure)
{
    char *folder = NULL;
    int status = -1;
    // A file can be checked even where the scenarios that ship can't be found.
    bool is_path = strchr(arguments->scenario, '/') != NULL;
    if (!is_path && paths_scenarios(&folder, failure) != 0)
        return -1;
    if (scenario_find(&job->scenario, is_path ? "" : folder, arguments->scenario, failure) != 0)
        goto out;
    if (check_login(arguments, job, failure) != 0)
        goto out;
    if (arguments->check) {
        printf("%s: right. ", job->scenario->path);
        print_counts(job->scenario);
        status = command_flush(job->name, STATUS_HELD);
        goto out;
    }
    fflush(NULL); // the worker must not inherit what is not yet written
    status = sweeper_run(work, job, 0, failure);
out:
    free(folder);
    return status;
}

static const struct argp_child children[] = {{&login_argp, 0, NULL, 0}, {0}};
const struct argp command_emulate_argp = {.options = options,
                                          .parser = parse,
                                          .args_doc = "SCENARIO",
                                          .doc = doc,
                                          .help_filter = command_filter_help,
                                          .children = children};

int command_emulate(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct job job = {.name = argv[0]};
    struct failure failure = {0};
    if (command_parse(&command_emulate_argp, argc, argv, 0, NULL, &arguments) != 0)
        return STATUS_USAGE;
    job.json = arguments.json;
    if (job.json)
        wrapping_end();
    int status = emulate(&arguments, &job, &failure);
    if (failure.status != 0) // also where a signal ended the worker, which then said nothing itself
        status = command_complain(argv[0], &failure);
    login_command_free(job.login);
    scenario_free(job.scenario);
    return status;
}
