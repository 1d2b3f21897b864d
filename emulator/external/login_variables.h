// SPDX-License-Identifier: Apache-2.0
// The variables of command templates, as in "{portal}". docs/login-command.md lists them.
#ifndef TCK_LOGIN_VARIABLES_H
#define TCK_LOGIN_VARIABLES_H

#include "emulator/scenario/topology.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// What the variables stand for in one command.
struct login_variables {
    const char *address; // of the portal; IPv6 without brackets
    const char *target;
    const char *initiator;
    uint8_t isid[6];
    uint16_t port;
    size_t session;     // the kit's number of the session, from 1 up
    size_t connections; // how many the session is to have
    struct topology_secret chap;
    struct topology_secret mutual;
};

struct login_variable;

// The variable with that name (`length` bytes, without braces); NULL: there is none.
const struct login_variable *login_variable_find(const char *name, size_t length);

// The name of each, by index; NULL after the last.
const char *login_variable_name(size_t index);

void login_variable_print(const struct login_variable *variable, FILE *stream,
                          const struct login_variables *variables);

#endif
