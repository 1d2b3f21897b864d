// SPDX-License-Identifier: Apache-2.0
// How an external initiator logs in and out: by commands, of which the user gave templates of the
// command lines that log in, log out and list its sessions; or by the implementation's own
// functions.
#ifndef TCK_LOGIN_COMMAND_H
#define TCK_LOGIN_COMMAND_H

#include "conformance/base/failure.h"
#include "emulator/external/login_variables.h"
#include "emulator/scenario/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum login_step {
    LOGIN_STEP_LOGIN,
    LOGIN_STEP_LOGOUT,
    LOGIN_STEP_LIST,
    LOGIN_STEPS,
};

struct login_options {
    const char *templates[LOGIN_STEPS]; // the list's may be NULL: there is none
    const char *can;     // abilities that the user says it has, with commas; NULL: none
    unsigned timeout_ms; // for one command
};

// Checked templates. Immutable, so that several emulators may share it.
struct login_command;

// Splits the templates into words and checks them: quoting, variables, words of `can`. Everything
// is copied. 0, or -1 with `failure` (STATUS_USAGE: which option, what is wrong with it, the
// nearest name).
int login_command_create(struct login_command **command, const struct login_options *options,
                         struct failure *failure);
// The same for an initiator whose sessions the implementation itself makes and ends (see
// login_agent.h): there are no templates.
int login_command_create_api(struct login_command **command, const struct login_options *options,
                             struct failure *failure);
void login_command_free(struct login_command *command); // NULL is allowed

bool login_command_is_api(const struct login_command *command);

// The template as the user gave it; NULL: there is none.
const char *login_command_template(const struct login_command *command, enum login_step step);
const char *login_command_can(const struct login_command *command);
unsigned login_command_timeout_ms(const struct login_command *command);

// Does the login template have that variable, as in "{isid}"? LoginIScsiTarget is given user and
// password.
bool login_command_passes(const struct login_command *command, const char *variable);
// Does the initiator keep a session whose connection the target has dropped, until its login
// command is run again? (The user said so: `recovery`.)
bool login_command_recovers(const struct login_command *command);

// Can the command make the sessions of that topology? False with the reason in `reason`: what the
// scenario has, and what the command lacks for it.
bool login_command_suits(const struct login_command *command, const struct topology *topology,
                         char *reason, size_t size);

// The command as an argv for these variables: one block of memory, to be freed with free(). It is
// run without a shell: each word is one argument, whatever is in it. NULL when memory ran out.
char **login_command_arguments(const struct login_command *command, enum login_step step,
                               const struct login_variables *variables);

#endif
