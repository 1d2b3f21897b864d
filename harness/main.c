// SPDX-License-Identifier: Apache-2.0
// iscsidsc-tck: finds the command and hands over to it.
#include "harness/command/commands.h"
#include "harness/command/option_list.h"
#include "harness/report/wrapping.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

// Before argp sees a command line: -h becomes --help, and an option that there is not gets its
// nearest one. -1: that was said.
static int look_through(const char *name, const struct argp *argp, int argc, char **argv,
                        bool first, bool *help)
{
    struct failure failure = {0};
    struct option_list list = {0};
    enum option_scan scan = SCAN_WRONG;
    if (option_list_make(&list, argp, &failure) == 0)
        scan = option_list_scan(&list, argc, argv, first, NULL, NULL, &failure);
    option_list_free(&list);
    *help = *help || scan == SCAN_HELP;
    return scan == SCAN_WRONG ? -command_complain(name, &failure) : 0;
}

// The command's name with the kit's before it is what its messages and its help begin with.
static int start(const struct command *command, char *name, int argc, char **argv, bool help)
{
    char help_option[] = "--help";
    char *asking[] = {name, help_option, NULL};
    argv[0] = name;
    int status = look_through(name, command->argp, argc, argv, false, &help);
    if (status != 0)
        return -status;
    return help ? command->function(2, asking) : command->function(argc, argv);
}

static int start_choice(const struct command_choice *choice, int argc, char **argv)
{
    char *name = NULL;
    if (choice->version) {
        commands_print_version(stdout, NULL);
        return STATUS_HELD;
    }
    if (choice->command == NULL) { // help of all
        char help_option[] = "--help";
        char *asking[] = {argv[0], help_option, NULL};
        return command_parse(&commands_argp, 2, asking, 0, NULL, NULL) == 0 ? STATUS_HELD
                                                                            : STATUS_USAGE;
    }
    if (asprintf(&name, "%s %s", argv[0], choice->command->name) < 0)
        failure_no_memory();
    int status = start(choice->command, name, argc - choice->at, argv + choice->at, choice->help);
    free(name);
    return status;
}

int main(int argc, char **argv)
{
    struct command_choice choice = {0};
    command_open_standard();
    command_guard_memory();
    wrapping_begin();
    signal(SIGXFSZ, SIG_IGN); // a file that gets too large is an error like any other
    if (atexit(command_flush_at_exit) != 0)
        return STATUS_UNTRUSTED;
    argp_err_exit_status = STATUS_USAGE;
    argp_program_version_hook = commands_print_version;
    int status = look_through(argv[0], &commands_argp, argc, argv, true, &choice.help);
    if (status != 0)
        return -status;
    if (!choice.help &&
        command_parse(&commands_argp, argc, argv, ARGP_IN_ORDER, NULL, &choice) != 0)
        return STATUS_USAGE;
    return start_choice(&choice, argc, argv);
}
