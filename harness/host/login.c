// SPDX-License-Identifier: Apache-2.0
// Calls the library's own functions that make and end sessions.
#include "harness/host/login.h"

#include "harness/host/host_os.h"

#include <string.h>

enum { FUNCTION_NAME_SIZE = 40 };

// A function of the library, in one of its forms.
union function {
    session_list_function found;
    iscsi_login_target_a *login_a;
    iscsi_login_target_w *login_w;
    iscsi_logout_target *logout;
    iscsi_add_portal_a *add_portal_a;
    iscsi_add_portal_w *add_portal_w;
    iscsi_remove_portal_a *remove_portal_a;
    iscsi_remove_portal_w *remove_portal_w;
};

static session_list_function find(void *library, enum login_kind kind, const char *letter)
{
    char name[FUNCTION_NAME_SIZE];
    size_t length = strlen(login_function_name(kind));
    memcpy(name, login_function_name(kind), length);
    memcpy(name + length, letter, strlen(letter) + 1);
    return os_library_find(library, name);
}

// Names of targets and portals are ASCII where a library has only the A form.
static void narrow(const uint16_t *from, char *to, size_t size)
{
    size_t i = 0;
    for (; i + 1 < size && from[i] != 0; i++)
        to[i] = from[i] < 0x80 ? (char)from[i] : '?';
    to[i] = '\0';
}

// All that the functions are given: they may write to it.
struct parameters {
    uint16_t target_w[ISCSI_NAME_SIZE];
    char target_a[ISCSI_NAME_SIZE];
    iscsi_target_portal_w portal_w;
    iscsi_target_portal_a portal_a;
    uint8_t user[LOGIN_SECRET_MAX + 1];
    uint8_t password[LOGIN_SECRET_MAX + 1];
    struct iscsi_login_options options;
};

static void fill(struct parameters *parameters, const struct login_request *request)
{
    memset(parameters, 0, sizeof *parameters);
    memcpy(parameters->target_w, request->target, sizeof request->target);
    narrow(request->target, parameters->target_a, sizeof parameters->target_a);
    memcpy(parameters->portal_w.address, request->address, sizeof request->address);
    narrow(request->address, parameters->portal_a.address, sizeof parameters->portal_a.address);
    parameters->portal_w.socket = parameters->portal_a.socket = request->port;
    memcpy(parameters->user, request->user, request->user_length);
    memcpy(parameters->password, request->password, request->password_length);
    struct iscsi_login_options *options = &parameters->options;
    options->information_specified = ISCSI_OPTION_AUTH_TYPE;
    options->auth_type = ISCSI_AUTH_NONE;
    if (request->user_length == 0)
        return;
    options->information_specified |= ISCSI_OPTION_USERNAME | ISCSI_OPTION_PASSWORD;
    options->auth_type = ISCSI_AUTH_CHAP;
    options->username = parameters->user;
    options->username_length = request->user_length;
    options->password = parameters->password;
    options->password_length = request->password_length;
}

static uint32_t call_a(union function function, const struct login_request *request,
                       struct parameters *with, struct login_answer *answer)
{
    switch (request->kind) {
    case LOGIN_MAKE:
        return function.login_a(with->target_a, 0, NULL, ISCSI_ANY_PORT, &with->portal_a, 0, NULL,
                                &with->options, 0, NULL, 0, &answer->session, &answer->connection);
    case LOGIN_ADD_PORTAL:
        return function.add_portal_a(NULL, ISCSI_ANY_PORT, &with->options, 0, &with->portal_a);
    default:
        return function.remove_portal_a(NULL, ISCSI_ANY_PORT, &with->portal_a);
    }
}

static uint32_t call_w(union function function, const struct login_request *request,
                       struct parameters *with, struct login_answer *answer)
{
    switch (request->kind) {
    case LOGIN_MAKE:
        return function.login_w(with->target_w, 0, NULL, ISCSI_ANY_PORT, &with->portal_w, 0, NULL,
                                &with->options, 0, NULL, 0, &answer->session, &answer->connection);
    case LOGIN_ADD_PORTAL:
        return function.add_portal_w(NULL, ISCSI_ANY_PORT, &with->options, 0, &with->portal_w);
    default:
        return function.remove_portal_w(NULL, ISCSI_ANY_PORT, &with->portal_w);
    }
}

void login_call(void *library, const struct login_request *request, struct login_answer *answer)
{
    struct parameters parameters;
    struct iscsi_unique_id session = request->session;
    bool has_letter = request->kind != LOGIN_END;
    union function function = {find(library, request->kind, has_letter ? "W" : "")};
    memset(answer, 0, sizeof *answer);
    fill(&parameters, request);
    answer->exported = true;
    if (function.found != NULL && has_letter) {
        answer->status = call_w(function, request, &parameters, answer);
    } else if (function.found != NULL) {
        answer->status = function.logout(&session);
    } else if (has_letter && (function.found = find(library, request->kind, "A")) != NULL) {
        answer->status = call_a(function, request, &parameters, answer);
    } else {
        answer->exported = false;
    }
}
