// Logging in by command: the command lines that the user gave for logging in, logging out and
// listing on an initiator that isn't the kit's, and what can be done with them.
#ifndef TCK_LOGIN_COMMAND_H
#define TCK_LOGIN_COMMAND_H

#include "conformance/base/failure.h"
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
    const char *can;     // words, with commas: what the initiator is said to do; NULL: none
    unsigned timeout_ms; // for one command
};

// Checked templates. Immutable, so that several emulators may share it.
struct login_command;

// Splits the templates into words and checks them: quoting, variables, words of `can`. Everything
// is copied. 0, or -1 with `failure` (STATUS_USAGE: which option, what is wrong with it, the
// nearest name).
int login_command_create(struct login_command **command, const struct login_options *options,
                         struct failure *failure);
void login_command_free(struct login_command *command); // NULL is allowed

// As it was given; NULL: it was not.
const char *login_command_template(const struct login_command *command, enum login_step step);
const char *login_command_can(const struct login_command *command);
unsigned login_command_timeout_ms(const struct login_command *command);

// Does the login template have that variable, as in "{isid}"?
bool login_command_passes(const struct login_command *command, const char *variable);
// Does the initiator keep a session whose connection the target has dropped, until it is told to
// log in again? (The user said so: `recovery`.)
bool login_command_recovers(const struct login_command *command);

// Can the sessions of that topology be made with it? False with the reason in `reason`: what the
// scenario has, and what would be needed for it.
bool login_command_suits(const struct login_command *command, const struct topology *topology,
                         char *reason, size_t size);

// What the variables stand for.
struct login_variables {
    const char *address; // of the portal; IPv6 without brackets
    const char *target;
    const char *initiator;
    uint8_t isid[6];
    uint16_t port;
    size_t session;     // the kit's handle, from 1 up
    size_t connections; // that the session is to have
    struct topology_secret chap;
    struct topology_secret mutual;
};

// The command as an argv for these variables: one block of memory, to be freed with
// free(). No shell sees it, so nothing in it is anything but an argument. NULL when memory ran out.
char **login_command_arguments(const struct login_command *command, enum login_step step,
                               const struct login_variables *variables);

#endif
