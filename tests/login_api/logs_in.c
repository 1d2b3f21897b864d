// SPDX-License-Identifier: Apache-2.0
// An implementation with an initiator that isn't the kit's, for the test of --login api: with the
// reference's GetIScsiSessionList, and functions that log in and out by tests/login_tool.c.
//
// LOGS_IN_FOLDER names the tool's folder, in which a file "portals" has a line for each portal that
// was added or removed. Built with LOGS_IN_A, it has the A forms of the functions, else the W
// forms.
//  LOGS_IN_FAULT makes it a bad implementation: login-fails,
// login-crashes, login-exits, login-hangs, login-lies, login-prints, login-other-session,
// login-other-connection, portal-fails, logout-fails, logout-crashes, logout-lies.
#include "conformance/reference/export.h"
#include "iscsi_login.h"

#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_SIZE = 512 };

#ifdef LOGS_IN_A
#define FORM(name) name##A
typedef char letter;
typedef iscsi_target_portal_a target_portal;
#else
#define FORM(name) name##W
typedef uint16_t letter;
typedef iscsi_target_portal_w target_portal;
#endif

// Where the tool's identifiers come from: see write_session in login_tool.c.
static const uint64_t session_unique = 0x7001700100000001;
static const uint64_t connection_unique = 0x7001700100000002;

static bool has_fault(const char *fault)
{
    const char *given = getenv("LOGS_IN_FAULT");
    return given != NULL && strcmp(given, fault) == 0;
}

// The tool's exit status.
static int run_tool(char *const *arguments)
{
    pid_t pid = 0;
    int status = 0;
    if (posix_spawn(&pid, TCK_LOGIN_TOOL, NULL, NULL, arguments, environ) != 0)
        return 127;
    while (waitpid(pid, &status, 0) < 0) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static char *narrow(const letter *from, char to[TEXT_SIZE])
{
    size_t i = 0;
    for (; i + 1 < TEXT_SIZE && from[i] != 0; i++)
        to[i] = (char)from[i];
    to[i] = '\0';
    return to;
}

static char *secret(const uint8_t *bytes, uint32_t length, char to[TEXT_SIZE])
{
    snprintf(to, TEXT_SIZE, "%.*s", (int)length, (const char *)bytes);
    return to;
}

static uint32_t log_in(unsigned number, const letter *target, const target_portal *portal,
                       const struct iscsi_login_options *options)
{
    char texts[6][TEXT_SIZE];
    char address[TEXT_SIZE];
    bool chap = options != NULL && options->auth_type == ISCSI_AUTH_CHAP;
    snprintf(texts[0], TEXT_SIZE, "%u", number);
    narrow(portal->address, address);
    snprintf(texts[1], TEXT_SIZE, strchr(address, ':') != NULL ? "[%s]:%u" : "%s:%u", address,
             portal->socket);
    snprintf(texts[2], TEXT_SIZE, "00023d%06x", number);
    char *arguments[] = {"login_tool",
                         "--folder",
                         getenv("LOGS_IN_FOLDER"),
                         "login",
                         "--session",
                         texts[0],
                         "--portal",
                         texts[1],
                         "--target",
                         narrow(target, texts[3]),
                         "--initiator",
                         "iqn.2024-01.test:logs-in",
                         "--isid",
                         texts[2],
                         chap ? "--user" : NULL,
                         chap ? secret(options->username, options->username_length, texts[4]) : 0,
                         "--password",
                         chap ? secret(options->password, options->password_length, texts[5]) : 0,
                         NULL};
    return run_tool(arguments) == 0 ? LIST_SUCCESS : LIST_ISCSI_CONNECTION_FAILED;
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL FORM(LoginIScsiTarget)(
    letter *target_name, uint8_t is_informational, letter *initiator, uint32_t initiator_port,
    target_portal *portal, uint64_t security, void *mappings, struct iscsi_login_options *options,
    uint32_t key_size, char *key, uint8_t is_persistent, struct iscsi_unique_id *session_id,
    struct iscsi_unique_id *connection_id)
{
    static unsigned numbers;
    volatile int *nowhere = NULL;
    (void)initiator;
    (void)mappings;
    (void)key;
    if (is_informational || initiator_port != ISCSI_ANY_PORT || security != 0 || key_size != 0 ||
        is_persistent || portal == NULL)
        return LIST_INVALID_PARAMETER;
    if (has_fault("login-fails"))
        return LIST_ISCSI_CONNECTION_FAILED;
    if (has_fault("login-crashes"))
        *nowhere = 1;
    if (has_fault("login-exits"))
        exit(0);
    while (has_fault("login-hangs"))
        pause();
    if (has_fault("login-prints"))
        puts("logging in");
    // One process logs in all sessions of a scenario, and the tool has their numbers.
    unsigned number = ++numbers;
    *session_id = (struct iscsi_unique_id){session_unique, (uint64_t)number << 16 | 1};
    *connection_id = (struct iscsi_unique_id){connection_unique, (uint64_t)number << 16 | 1};
    session_id->adapter_specific += has_fault("login-other-session");
    connection_id->adapter_specific += has_fault("login-other-connection");
    return has_fault("login-lies") ? LIST_SUCCESS : log_in(number, target_name, portal, options);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL LogoutIScsiTarget(struct iscsi_unique_id *session_id)
{
    char number[TEXT_SIZE];
    if (session_id->adapter_unique != session_unique)
        return LIST_ISCSI_INVALID_SESSION_ID;
    if (has_fault("logout-fails"))
        return LIST_ISCSI_NON_SPECIFIC;
    if (has_fault("logout-crashes"))
        abort();
    if (has_fault("logout-lies"))
        return LIST_SUCCESS;
    snprintf(number, sizeof number, "%llu", (unsigned long long)session_id->adapter_specific >> 16);
    char *arguments[] = {"login_tool", "--folder", getenv("LOGS_IN_FOLDER"), "logout", "--session",
                         number,       NULL};
    return run_tool(arguments) == 0 ? LIST_SUCCESS : LIST_ISCSI_INVALID_SESSION_ID;
}

static void note_portal(char sign, const target_portal *portal)
{
    char path[TEXT_SIZE];
    char address[TEXT_SIZE];
    snprintf(path, sizeof path, "%s/portals", getenv("LOGS_IN_FOLDER"));
    FILE *file = fopen(path, "ae");
    if (file == NULL)
        return;
    fprintf(file, "%c %s %u\n", sign, narrow(portal->address, address), portal->socket);
    fclose(file);
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL FORM(AddIScsiSendTargetPortal)(
    letter *initiator, uint32_t initiator_port, struct iscsi_login_options *options,
    uint64_t security, target_portal *portal)
{
    (void)initiator;
    (void)options;
    if (initiator_port != ISCSI_ANY_PORT || security != 0 || portal->address[0] == 0)
        return LIST_INVALID_PARAMETER;
    if (has_fault("portal-fails"))
        return LIST_ISCSI_CONNECTION_FAILED;
    note_portal('+', portal);
    return LIST_SUCCESS;
}

EXPORT uint32_t ISCSI_SESSION_LIST_CALL FORM(RemoveIScsiSendTargetPortal)(letter *initiator,
                                                                          uint32_t initiator_port,
                                                                          target_portal *portal)
{
    (void)initiator;
    if (initiator_port != ISCSI_ANY_PORT)
        return LIST_INVALID_PARAMETER;
    note_portal('-', portal);
    return LIST_SUCCESS;
}
