// SPDX-License-Identifier: Apache-2.0
// The reference implementation of the functions that make and end sessions, and tell of targets and
// devices. It has no initiator: it asks the initiator service for each call, and keeps nothing from
// call to call.
#include "conformance/reference/export.h"
#include "conformance/reference/initiator_client.h"
#include "iscsi_login.h"

#include <stdio.h>
#include <string.h>

enum { SECRET_LIMIT = 254 }; // bytes of a user name or a password

// ---- what the caller gives ----

// A portal of A or of W.
struct caller_portal {
    enum list_charset charset;
    const void *address; // NULL: the caller gave none
    uint16_t port;
};

static struct caller_portal portal_a(const iscsi_target_portal_a *portal)
{
    return portal ? (struct caller_portal){LIST_CHARSET_A, portal->address, portal->socket}
                  : (struct caller_portal){0};
}

static struct caller_portal portal_w(const iscsi_target_portal_w *portal)
{
    return portal ? (struct caller_portal){LIST_CHARSET_W, portal->address, portal->socket}
                  : (struct caller_portal){0};
}

static void add_portal(struct initiator_request *request, const struct caller_portal *portal)
{
    if (portal->address)
        initiator_request_add_text(request, portal->charset, portal->address,
                                   ISCSI_PORTAL_TEXT_SIZE);
    else
        initiator_request_add_word(request, "");
    initiator_request_add_number(request, portal->port);
}

static void add_secret(struct initiator_request *request, bool specified, const uint8_t *bytes,
                       uint32_t length)
{
    if (!specified)
        initiator_request_add_word(request, "");
    else if (bytes && length <= SECRET_LIMIT)
        initiator_request_add(request, (struct text){(const char *)bytes, length});
    else
        request->good = false;
}

// User name and password, empty without CHAP. Mutual CHAP would need the initiator's own secret,
// which no function here sets.
static void add_options(struct initiator_request *request,
                        const struct iscsi_login_options *options)
{
    uint32_t specified = options ? options->information_specified : 0;
    uint32_t type = specified & ISCSI_OPTION_AUTH_TYPE ? options->auth_type : ISCSI_AUTH_NONE;
    if (type == ISCSI_AUTH_NONE) {
        initiator_request_add_word(request, "");
        initiator_request_add_word(request, "");
    } else if (type == ISCSI_AUTH_CHAP) {
        add_secret(request, specified & ISCSI_OPTION_USERNAME, options->username,
                   options->username_length);
        add_secret(request, specified & ISCSI_OPTION_PASSWORD, options->password,
                   options->password_length);
    } else {
        request->good = false;
    }
}

static void add_session(struct initiator_request *request, const struct iscsi_unique_id *session)
{
    initiator_request_add_id(request, session->adapter_unique);
    initiator_request_add_id(request, session->adapter_specific);
}

// Asks where nothing is awaited but the status.
static uint32_t ask(const struct initiator_request *request)
{
    struct initiator_answer answer;
    uint32_t status = initiator_ask(request, &answer);
    if (status == LIST_SUCCESS)
        initiator_answer_free(&answer);
    return status;
}

// ---- LoginIScsiTarget, LogoutIScsiTarget ----

static bool take_unique_id(struct initiator_answer *answer, struct iscsi_unique_id *id)
{
    return initiator_answer_take_id(answer, &id->adapter_unique) &&
           initiator_answer_take_id(answer, &id->adapter_specific);
}

struct caller_login {
    enum list_charset charset;
    const void *target;
    struct caller_portal portal;
    const struct iscsi_login_options *options;
    bool informational;
    bool persistent;
};

static uint32_t login(const struct caller_login *login, struct iscsi_unique_id *session_id,
                      struct iscsi_unique_id *connection_id)
{
    struct initiator_request request;
    struct initiator_answer answer;
    struct iscsi_unique_id session;
    struct iscsi_unique_id connection;
    if (!login->target || !session_id || !connection_id)
        return LIST_INVALID_PARAMETER;
    if (login->persistent) // nothing here outlives the service
        return LIST_CALL_NOT_IMPLEMENTED;
    initiator_request_begin(&request, "login");
    initiator_request_add_text(&request, login->charset, login->target, ISCSI_NAME_SIZE);
    add_portal(&request, &login->portal);
    add_options(&request, login->options);
    initiator_request_add_number(&request, login->informational);
    uint32_t status = initiator_ask(&request, &answer);
    if (status != LIST_SUCCESS)
        return status;
    bool complete = take_unique_id(&answer, &session) && take_unique_id(&answer, &connection);
    initiator_answer_free(&answer);
    if (!complete)
        return LIST_ISCSI_SERVICE_UNAVAILABLE;
    *session_id = session;
    *connection_id = connection;
    return LIST_SUCCESS;
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL LoginIScsiTargetA(
    char *target_name, uint8_t is_informational, char *initiator, uint32_t initiator_port,
    iscsi_target_portal_a *portal, uint64_t security, void *mappings,
    struct iscsi_login_options *options, uint32_t key_size, char *key, uint8_t is_persistent,
    struct iscsi_unique_id *session_id, struct iscsi_unique_id *connection_id)
{
    (void)initiator, (void)initiator_port, (void)security, (void)mappings;
    (void)key_size, (void)key;
    const struct caller_login wanted = {LIST_CHARSET_A, target_name,           portal_a(portal),
                                        options,        is_informational != 0, is_persistent != 0};
    return login(&wanted, session_id, connection_id);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL LoginIScsiTargetW(
    uint16_t *target_name, uint8_t is_informational, uint16_t *initiator, uint32_t initiator_port,
    iscsi_target_portal_w *portal, uint64_t security, void *mappings,
    struct iscsi_login_options *options, uint32_t key_size, char *key, uint8_t is_persistent,
    struct iscsi_unique_id *session_id, struct iscsi_unique_id *connection_id)
{
    (void)initiator, (void)initiator_port, (void)security, (void)mappings;
    (void)key_size, (void)key;
    const struct caller_login wanted = {LIST_CHARSET_W, target_name,           portal_w(portal),
                                        options,        is_informational != 0, is_persistent != 0};
    return login(&wanted, session_id, connection_id);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL LogoutIScsiTarget(struct iscsi_unique_id *session_id)
{
    struct initiator_request request;
    if (!session_id)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "logout");
    add_session(&request, session_id);
    return ask(&request);
}

// ---- AddIScsiSendTargetPortal ----

static uint32_t add_send_target_portal(const struct caller_portal *portal,
                                       const struct iscsi_login_options *options)
{
    struct initiator_request request;
    if (!portal->address)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "add-portal");
    add_portal(&request, portal);
    add_options(&request, options);
    return ask(&request);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL AddIScsiSendTargetPortalA(
    char *initiator, uint32_t initiator_port, struct iscsi_login_options *options,
    uint64_t security, iscsi_target_portal_a *portal)
{
    (void)initiator, (void)initiator_port, (void)security;
    const struct caller_portal wanted = portal_a(portal);
    return add_send_target_portal(&wanted, options);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL AddIScsiSendTargetPortalW(
    uint16_t *initiator, uint32_t initiator_port, struct iscsi_login_options *options,
    uint64_t security, iscsi_target_portal_w *portal)
{
    (void)initiator, (void)initiator_port, (void)security;
    const struct caller_portal wanted = portal_w(portal);
    return add_send_target_portal(&wanted, options);
}

// ---- GetIScsiInitiatorNodeName, GetIScsiVersionInformation ----

static uint32_t node_name(enum list_charset charset, void *name)
{
    struct initiator_request request;
    struct initiator_answer answer;
    struct text text;
    if (!name)
        return LIST_INVALID_PARAMETER;
    initiator_request_begin(&request, "name");
    uint32_t status = initiator_ask(&request, &answer);
    if (status != LIST_SUCCESS)
        return status;
    if (!initiator_answer_take(&answer, &text) ||
        caller_text_units(charset, text) > ISCSI_NAME_SIZE)
        status = LIST_ISCSI_SERVICE_UNAVAILABLE;
    else
        (void)caller_text_write(charset, text, name);
    initiator_answer_free(&answer);
    return status;
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiInitiatorNodeNameA(char *name)
{
    return node_name(LIST_CHARSET_A, name);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL GetIScsiInitiatorNodeNameW(uint16_t *name)
{
    return node_name(LIST_CHARSET_W, name);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL
GetIScsiVersionInformation(struct iscsi_version_info *version)
{
    if (!version)
        return LIST_INVALID_PARAMETER;
    *version = (struct iscsi_version_info){.major = 1, .minor = 0, .build = 0};
    return LIST_SUCCESS;
}
