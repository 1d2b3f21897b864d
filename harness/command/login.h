// SPDX-License-Identifier: Apache-2.0
// The options that `run` and `emulate` share: how sessions reach the implementation.
#ifndef TCK_LOGIN_H
#define TCK_LOGIN_H

#include "emulator/external/login_command.h"
#include "harness/command/files.h"
#include "harness/result/result.h"

#include <argp.h>
#include <stdio.h>

// As given; NULL: not given. Use login_argp as a child whose input this is.
struct login_arguments {
    const char *way;
    const char *templates[LOGIN_STEPS];
    const char *can;
    const char *timeout;
    const char *listen;
};

extern const struct argp login_argp;

// Checks them. `*command` is NULL for sessions by the session table, else the caller's, freed with
// login_command_free. 0, or -1 with `failure` (STATUS_USAGE).
int login_arguments_check(const struct login_arguments *arguments, struct login_command **command,
                          struct failure *failure);

// Checks --listen, of `run` or of `emulate`, and says on standard error what it opens to others. 0,
// or -1 with `failure` (STATUS_USAGE).
int login_check_listen(const struct login_arguments *arguments, bool run, struct failure *failure);

// Adds the files that are named in the commands.
void login_arguments_add_inputs(const struct login_arguments *arguments, struct files *files);

// Appends them to a command line for a shell.
void login_arguments_append(const struct login_arguments *arguments, FILE *stream);

#endif
