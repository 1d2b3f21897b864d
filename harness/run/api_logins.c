// SPDX-License-Identifier: Apache-2.0
// Has the implementation make and end sessions by its own functions.
#include "harness/run/api_logins.h"

#include "conformance/base/endpoint.h"
#include "conformance/base/text.h"
#include "conformance/transcript/error_codes.h"
#include "harness/host/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PORTAL_TEXT_SIZE = 80,
    CODE_TEXT_SIZE = 128,
};

// A session that was made.
struct made {
    size_t number; // {session}
    struct iscsi_unique_id id;
};

// A portal that the implementation was told of.
struct portal {
    char address[LOGIN_ADDRESS_SIZE];
    uint16_t port;
    bool exported;
    uint32_t status; // what AddIScsiSendTargetPortal returned
};

struct api_logins {
    struct host *host;
    const char *library; // for messages
    struct login_agent agent;
    size_t made_count;
    struct made *made;
    size_t portal_count;
    struct portal *portals;
};

static int fail_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

__attribute__((format(printf, 2, 3))) static int fail(struct failure *failure, const char *format,
                                                      ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    failure_set(failure, STATUS_UNTRUSTED, "%s", text);
    failure->of = FAILURE_OF_LOGIN;
    return -1;
}

// Names as UTF-16. -1 for one that is too long or not UTF-8.
static int widen(const char *text, uint16_t *to, size_t size)
{
    size_t left = strlen(text);
    size_t count = 0;
    while (left > 0) {
        uint32_t point = 0;
        size_t length = utf8_decode((const uint8_t *)text, left, &point);
        if (length == 0 || count + 3 > size)
            return -1;
        if (point >= 0x10000) {
            to[count++] = (uint16_t)(0xD800 + ((point - 0x10000) >> 10));
            to[count++] = (uint16_t)(0xDC00 + ((point - 0x10000) & 0x3FF));
        } else {
            to[count++] = (uint16_t)point;
        }
        text += length;
        left -= length;
    }
    to[count] = 0;
    return 0;
}

// -1 for one that is too long.
static int copy_secret(const char *text, uint8_t *to, uint8_t *length)
{
    size_t size = text == NULL ? 0 : strlen(text);
    if (size > LOGIN_SECRET_MAX)
        return -1;
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)text[i];
    *length = (uint8_t)size;
    return 0;
}

// What may be told of a portal, without who logs in there.
static int fill_portal(struct login_request *request, const char *address, uint16_t port)
{
    request->port = port;
    return widen(address, request->address, LOGIN_ADDRESS_SIZE);
}

// Remembers the portal, and tells the implementation of it. The portal is NULL when memory ran out.
static int tell_of_portal(struct api_logins *logins, const struct login_variables *variables,
                          const struct portal **portal, struct failure *failure)
{
    struct login_request request = {.kind = LOGIN_ADD_PORTAL};
    struct login_answer answer = {0};
    for (size_t i = 0; i < logins->portal_count; i++) {
        *portal = &logins->portals[i];
        if (strcmp((*portal)->address, variables->address) == 0 &&
            (*portal)->port == variables->port)
            return 0;
    }
    struct portal *grown =
        reallocarray(logins->portals, logins->portal_count + 1, sizeof *logins->portals);
    if (grown == NULL)
        return fail_memory(failure);
    logins->portals = grown;
    if (fill_portal(&request, variables->address, variables->port) != 0)
        return fail(failure, "the address %s is too long", variables->address);
    if (host_login(logins->host, &request, &answer, failure) != 0)
        return -1;
    struct portal *added = &grown[logins->portal_count++];
    *added = (struct portal){
        .port = variables->port, .exported = answer.exported, .status = answer.status};
    snprintf(added->address, sizeof added->address, "%s", variables->address);
    *portal = added;
    return 0;
}

static int fill_login(struct login_request *request, const struct login_variables *variables,
                      struct failure *failure)
{
    if (fill_portal(request, variables->address, variables->port) != 0 ||
        widen(variables->target, request->target, ISCSI_NAME_SIZE) != 0)
        return fail(failure, "the name %s is too long", variables->target);
    if (copy_secret(variables->chap.user, request->user, &request->user_length) != 0 ||
        copy_secret(variables->chap.password, request->password, &request->password_length) != 0)
        return fail(failure, "a user's name or a password has more than %d bytes",
                    LOGIN_SECRET_MAX);
    return 0;
}

static int fail_not_exported(const struct api_logins *logins, const char *names,
                             struct failure *failure)
{
    return fail(failure, "%s does not export %s, by which sessions would be made and ended",
                logins->library, names);
}

static int fail_login(const struct login_variables *variables, uint32_t status,
                      const struct portal *portal, struct failure *failure)
{
    char code[CODE_TEXT_SIZE];
    char portal_code[CODE_TEXT_SIZE];
    char at[PORTAL_TEXT_SIZE] = "";
    char before[CODE_TEXT_SIZE + 64] = "";
    endpoint_format(variables->address, variables->port, at, sizeof at);
    if (portal->exported)
        snprintf(before, sizeof before, "; before it AddIScsiSendTargetPortal returned %s",
                 error_code_describe(portal->status, portal_code, sizeof portal_code));
    return fail(failure, "LoginIScsiTarget returned %s for %s at %s%s",
                error_code_describe(status, code, sizeof code), variables->target, at, before);
}

static int log_in(struct api_logins *logins, const struct login_variables *variables,
                  struct login_told *told, struct failure *failure)
{
    struct login_request request = {.kind = LOGIN_MAKE};
    struct login_answer answer = {0};
    const struct portal *portal = NULL;
    if (fill_login(&request, variables, failure) != 0 ||
        tell_of_portal(logins, variables, &portal, failure) != 0)
        return -1;
    struct made *grown = reallocarray(logins->made, logins->made_count + 1, sizeof *logins->made);
    if (grown == NULL)
        return fail_memory(failure);
    logins->made = grown;
    if (host_login(logins->host, &request, &answer, failure) != 0)
        return -1;
    if (!answer.exported)
        return fail_not_exported(logins, "LoginIScsiTargetW or LoginIScsiTargetA", failure);
    if (answer.status != LIST_SUCCESS)
        return fail_login(variables, answer.status, portal, failure);
    logins->made[logins->made_count++] = (struct made){variables->session, answer.session};
    *told = (struct login_told){
        .session = {answer.session.adapter_unique, answer.session.adapter_specific},
        .connection = {answer.connection.adapter_unique, answer.connection.adapter_specific}};
    return 0;
}

static int log_out(struct api_logins *logins, const struct login_variables *variables,
                   struct failure *failure)
{
    struct login_request request = {.kind = LOGIN_END};
    struct login_answer answer = {0};
    char code[CODE_TEXT_SIZE];
    size_t at = 0;
    while (at < logins->made_count && logins->made[at].number != variables->session)
        at++;
    if (at == logins->made_count)
        return 0; // its login failed
    request.session = logins->made[at].id;
    logins->made[at] = logins->made[--logins->made_count];
    if (host_login(logins->host, &request, &answer, failure) != 0)
        return -1;
    if (!answer.exported)
        return fail_not_exported(logins, "LogoutIScsiTarget", failure);
    if (answer.status != LIST_SUCCESS)
        return fail(failure, "LogoutIScsiTarget returned %s for the session {%llx, %llx} with %s",
                    error_code_describe(answer.status, code, sizeof code),
                    (unsigned long long)request.session.adapter_unique,
                    (unsigned long long)request.session.adapter_specific, variables->target);
    return 0;
}

static int agent_login(void *argument, const struct login_variables *variables,
                       struct login_told *told, bool *gave_up, struct failure *failure)
{
    int result = log_in(argument, variables, told, failure);
    (void)gave_up; // who can't log in may well log out
    return result;
}

static int agent_logout(void *argument, const struct login_variables *variables, bool *gave_up,
                        struct failure *failure)
{
    int result = log_out(argument, variables, failure);
    *gave_up = *gave_up || result != 0;
    return result;
}

int api_logins_start(struct api_logins **result, struct supervisor *supervisor,
                     const struct host_options *options, struct failure *failure)
{
    struct api_logins *logins = calloc(1, sizeof *logins);
    if (logins == NULL)
        return fail_memory(failure);
    logins->library = options->library;
    logins->agent =
        (struct login_agent){.login = agent_login, .logout = agent_logout, .argument = logins};
    if (host_start(&logins->host, supervisor, options, failure) != 0) {
        free(logins);
        return -1;
    }
    *result = logins;
    return 0;
}

const struct login_agent *api_logins_agent(const struct api_logins *logins)
{
    return &logins->agent;
}

static bool was_taken(const struct portal *portal)
{
    return portal->exported && portal->status == LIST_SUCCESS;
}

int api_logins_list_portals(const struct api_logins *logins, struct inventory *inventory)
{
    for (size_t i = 0; i < logins->portal_count; i++) {
        const struct portal *portal = &logins->portals[i];
        if (was_taken(portal) &&
            inventory_add_portal(inventory, portal->address, portal->port) != 0)
            return -1;
    }
    return 0;
}

// As far as that goes: nothing can be done about a failure.
static void forget_portals(struct api_logins *logins)
{
    for (size_t i = 0; i < logins->portal_count; i++) {
        const struct portal *portal = &logins->portals[i];
        struct login_request request = {.kind = LOGIN_REMOVE_PORTAL};
        struct login_answer answer;
        struct failure unheeded = {0};
        if (!was_taken(portal) || fill_portal(&request, portal->address, portal->port) != 0)
            continue;
        if (host_login(logins->host, &request, &answer, &unheeded) != 0)
            return;
    }
}

void api_logins_stop(struct api_logins *logins)
{
    if (logins == NULL)
        return;
    forget_portals(logins);
    host_stop(logins->host);
    free(logins->made);
    free(logins->portals);
    free(logins);
}
