// SPDX-License-Identifier: Apache-2.0
// The table of the commands: main() starts them; manual pages and completion are made from it.
#ifndef TCK_COMMANDS_H
#define TCK_COMMANDS_H

#include "harness/command/command.h"

struct command {
    const char *name;
    const char *arguments; // "SCENARIO"; "": none but options
    const char *summary;   // a few words
    int (*function)(int argc, char **argv);
    const struct argp *argp;
};

extern const struct command commands[]; // in the order of the help; ends with a name of NULL

// "help" and "version", which are no commands of their own: without function and argp.
extern const struct command command_words[]; // ends with a name of NULL

// The argp of the program itself, whose options come before the command's name. Its parser gets an
// argument that is the command's name; `input` is a struct command_choice.
extern const struct argp commands_argp;

// The text behind its options, with the commands behind the heading for them; malloc'ed, NULL when
// memory ran out.
char *commands_fill_help(const char *text);

struct command_choice {
    const struct command *command; // NULL: none yet
    bool version;                  // asked for as a command
    bool help;                     // of the command or, where there is none, of all
    int at;                        // of its name in argv
};

// Writes the name of the program and its version.
void commands_print_version(FILE *stream, struct argp_state *state);

#endif
