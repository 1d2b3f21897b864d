// SPDX-License-Identifier: Apache-2.0
// Prints what the variables of command templates stand for.
#include "emulator/external/login_variables.h"

#include "conformance/base/endpoint.h"

#include <string.h>

static void print_portal(FILE *stream, const struct login_variables *variables)
{
    char portal[80] = "";
    endpoint_format(variables->address, variables->port, portal, sizeof portal);
    fputs(portal, stream);
}

static void print_port(FILE *stream, const struct login_variables *variables)
{
    fprintf(stream, "%u", variables->port);
}

static void print_isid(FILE *stream, const struct login_variables *variables)
{
    for (size_t i = 0; i < sizeof variables->isid; i++)
        fprintf(stream, "%02x", variables->isid[i]);
}

static void print_session(FILE *stream, const struct login_variables *variables)
{
    fprintf(stream, "%zu", variables->session);
}

static void print_connections(FILE *stream, const struct login_variables *variables)
{
    fprintf(stream, "%zu", variables->connections);
}

struct login_variable {
    const char *name;
    void (*print)(FILE *stream, const struct login_variables *variables); // NULL: prints the text
    size_t text; // offset of a string in struct login_variables, which may be NULL there
};

static const struct login_variable known[] = {
    {"portal", .print = print_portal},
    {"address", .text = offsetof(struct login_variables, address)},
    {"port", .print = print_port},
    {"target", .text = offsetof(struct login_variables, target)},
    {"initiator", .text = offsetof(struct login_variables, initiator)},
    {"isid", .print = print_isid},
    {"session", .print = print_session},
    {"connections", .print = print_connections},
    {"user", .text = offsetof(struct login_variables, chap.user)},
    {"password", .text = offsetof(struct login_variables, chap.password)},
    {"mutual-user", .text = offsetof(struct login_variables, mutual.user)},
    {"mutual-password", .text = offsetof(struct login_variables, mutual.password)},
};

enum { KNOWN = sizeof known / sizeof known[0] };

const struct login_variable *login_variable_find(const char *name, size_t length)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (strlen(known[i].name) == length && strncmp(known[i].name, name, length) == 0)
            return &known[i];
    return NULL;
}

const char *login_variable_name(size_t index)
{
    return index < KNOWN ? known[index].name : NULL;
}

void login_variable_print(const struct login_variable *variable, FILE *stream,
                          const struct login_variables *variables)
{
    const char *text = NULL;
    if (variable->print != NULL) {
        variable->print(stream, variables);
        return;
    }
    memcpy(&text, (const char *)variables + variable->text, sizeof text);
    fputs(text != NULL ? text : "", stream);
}
