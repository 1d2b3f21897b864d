// iscsidsc-tck: finds the command and hands over to it.
#include "harness/command/command.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct command {
    const char *name;
    int (*function)(int argc, char **argv);
};

static const struct command commands[] = {
    {"run", command_run},         {"list", command_list},       {"explain", command_explain},
    {"judge", command_judge},     {"emulate", command_emulate}, {"diff", command_diff},
    {"merge", command_merge},     {"replay", command_replay},   {"fuzz", command_fuzz},
    {"convert", command_convert}, {"init", command_init},
};

static const char doc[] =
    "Technology compatibility kit for GetIScsiSessionListA and GetIScsiSessionListW: brings real "
    "iSCSI "
    "sessions up (tgtd and libiscsi), calls an implementation in a process of its own through "
    "every edge "
    "of the buffer contract, and judges what came back, clause by clause."
    "\v"
    "Commands:\n"
    "  init DIR             write a starter project, to judge and to mend\n"
    "  run                  judge an implementation in scenarios\n"
    "  list                 the clauses, or the scenarios\n"
    "  explain CLAUSE       what a clause demands, why, and how it is tried\n"
    "  judge TRANSCRIPT...  judge recorded calls again, without an implementation\n"
    "  replay TRANSCRIPT... make recorded calls again, without tgtd\n"
    "  fuzz                 seek failures that no set of probes thought of\n"
    "  convert FILE         turn a case into its other form, text or binary\n"
    "  emulate SCENARIO     hold a scenario's targets and sessions up\n"
    "  diff OLD NEW         what changed between two results\n"
    "  merge RESULT...      join the results of shards\n"
    "Each of them answers --help.\n"
    "\n"
    "Examples:\n"
    "  iscsidsc-tck run -i ./libiscsidsc.so\n"
    "  iscsidsc-tck run -i ./libiscsidsc.so -s single -c SIZE-3 --json x.json\n"
    "  iscsidsc-tck explain SIZE-3\n"
    "\n"
    "Exit status:\n"
    "  0  every must clause held\n"
    "  1  the implementation broke one\n"
    "  2  the command line, a scenario or another input file is wrong\n"
    "  3  the run can't be trusted: the emulator failed, the implementation could\n"
    "     not be loaded, or fewer checks ran than were planned\n"
    "  128 + N  signal N ended it\n";

struct choice {
    const struct command *command;
    int at; // of its name in argv
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct choice *choice = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
            if (strcmp(argument, commands[i].name) == 0)
                choice->command = &commands[i];
        if (choice->command == NULL)
            argp_error(state,
                       "%s: no such command; the commands are run, list, explain, judge, replay, "
                       "fuzz, convert, emulate, diff, merge and init",
                       argument);
        // All that follows is the command's own.
        choice->at = state->next - 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state,
                   "which command? run, list, explain, judge, replay, fuzz, convert, emulate, "
                   "diff, merge or init");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_version(FILE *stream, struct argp_state *state)
{
    (void)state;
    fprintf(stream, "iscsidsc-tck %s\n", TCK_VERSION);
}

int main(int argc, char **argv)
{
    static const struct argp top = {
        .parser = parse, .args_doc = "COMMAND [ARGUMENT...]", .doc = doc};
    struct choice choice = {0};
    command_open_standard();
    command_guard_memory();
    signal(SIGXFSZ, SIG_IGN); // a file that gets too large is an error like any other
    if (atexit(command_flush_at_exit) != 0)
        return STATUS_UNTRUSTED;
    argp_err_exit_status = STATUS_USAGE;
    argp_program_version_hook = print_version;
    if (command_parse(&top, argc, argv, ARGP_IN_ORDER, NULL, &choice) != 0 ||
        choice.command == NULL)
        return STATUS_USAGE;
    // The command's name with the kit's before it is what its messages and its help begin with.
    char *name = NULL;
    if (asprintf(&name, "%s %s", argv[0], choice.command->name) < 0)
        failure_no_memory();
    argv[choice.at] = name;
    int status = choice.command->function(argc - choice.at, argv + choice.at);
    free(name);
    return status;
}
