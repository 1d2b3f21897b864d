// SPDX-License-Identifier: Apache-2.0
// A program as an application would have it: makes a target's portal known, looks for targets, logs
// in, lists sessions and devices, and logs out, with the functions of a library.
//
//     caller LIBRARY ADDRESS PORT TARGET [USER PASSWORD]
//
// When the session is there it prints "logged in" and waits for a line on its standard input; when
// it has ended it prints "logged out". It ends with 0; or with 1 and a message, where something is
// not as it should be. caller.py and caller.go do the same.
#include "iscsi_login.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

enum {
    USER = 5, // of the arguments
    PASSWORD = 6,
    DEVICES_MOST = 16,
};

__attribute__((noreturn)) static void fail(const char *what, unsigned long got)
{
    fprintf(stderr, "caller: %s: got %lu (0x%lx)\n", what, got, got);
    exit(1);
}

static void expect(bool good, const char *what, unsigned long got)
{
    if (!good)
        fail(what, got);
}

// ---- the library ----

static struct functions {
    iscsi_session_list_a *list_a;
    iscsi_session_list_w *list_w;
    iscsi_login_target_a *login_a;
    iscsi_logout_target *logout;
    iscsi_add_portal_a *add_portal_a;
    iscsi_node_name_a *node_name_a;
    iscsi_version *version;
    iscsi_targets_a *targets_a;
    iscsi_targets_w *targets_w;
    iscsi_devices_a *devices_a;
} library;

static void find(void *handle, const char *name, void *function)
{
#ifdef _WIN32
    FARPROC found = GetProcAddress(handle, name);
#else
    void *found = dlsym(handle, name);
#endif
    if (!found)
        fail(name, 0);
    memcpy(function, &found, sizeof found);
}

static void load(const char *path)
{
#ifdef _WIN32
    void *handle = LoadLibraryA(path);
#else
    void *handle = dlopen(path, RTLD_NOW);
#endif
    if (!handle)
        fail(path, 0);
    find(handle, ISCSI_SESSION_LIST_NAME_A, &library.list_a);
    find(handle, ISCSI_SESSION_LIST_NAME_W, &library.list_w);
    find(handle, "LoginIScsiTargetA", &library.login_a);
    find(handle, "LogoutIScsiTarget", &library.logout);
    find(handle, "AddIScsiSendTargetPortalA", &library.add_portal_a);
    find(handle, "GetIScsiInitiatorNodeNameA", &library.node_name_a);
    find(handle, "GetIScsiVersionInformation", &library.version);
    find(handle, "ReportIScsiTargetsA", &library.targets_a);
    find(handle, "ReportIScsiTargetsW", &library.targets_w);
    find(handle, "GetDevicesForIScsiSessionA", &library.devices_a);
}

// ---- the steps ----

static void ask_names(void)
{
    struct iscsi_version_info version = {0};
    char name[ISCSI_NAME_SIZE];
    uint32_t status = library.version(&version);
    expect(status == LIST_SUCCESS, "GetIScsiVersionInformation", status);
    expect(version.major > 0, "the version", version.major);
    status = library.node_name_a(name);
    expect(status == LIST_SUCCESS, "GetIScsiInitiatorNodeNameA", status);
    printf("initiator %s\n", name);
}

static void add_portal(iscsi_target_portal_a *portal)
{
    uint32_t status = library.add_portal_a(NULL, ISCSI_ANY_PORT, NULL, 0, portal);
    expect(status == LIST_SUCCESS, "AddIScsiSendTargetPortalA", status);
}

static bool has_name(const char *names, const char *name)
{
    for (; *names != '\0'; names += strlen(names) + 1)
        if (strcmp(names, name) == 0)
            return true;
    return false;
}

static void look_for_target(const char *target)
{
    uint32_t size = 0;
    uint32_t size_w = 0;
    uint32_t status = library.targets_a(1, &size, NULL);
    expect(status == LIST_INSUFFICIENT_BUFFER, "ReportIScsiTargetsA for the size", status);
    status = library.targets_w(0, &size_w, NULL);
    expect(status == LIST_INSUFFICIENT_BUFFER, "ReportIScsiTargetsW for the size", status);
    expect(size_w == size, "the size of W, in characters", size_w);
    char *names = malloc(size);
    uint32_t room = size;
    status = names ? library.targets_a(0, &room, names) : LIST_OUT_OF_MEMORY;
    expect(status == LIST_SUCCESS, "ReportIScsiTargetsA", status);
    expect(room == size && names[size - 1] == '\0' && names[size - 2] == '\0', "the end", room);
    expect(has_name(names, target), "the target is not reported", 0);
    free(names);
}

// The session in a list of `buffer`; NULL: it isn't there.
static const iscsi_session_info_a *list(void *buffer, uint32_t size,
                                        const struct iscsi_unique_id *id)
{
    uint32_t count = 0;
    uint32_t count_w = 0;
    uint32_t status = library.list_a(&size, &count, buffer);
    expect(status == LIST_SUCCESS, "GetIScsiSessionListA", status);
    uint32_t size_w = 0;
    status = library.list_w(&size_w, &count_w, NULL);
    expect(status == LIST_SUCCESS || status == LIST_INSUFFICIENT_BUFFER, "GetIScsiSessionListW",
           status);
    const iscsi_session_info_a *sessions = buffer;
    for (uint32_t i = 0; i < count; i++)
        if (memcmp(&sessions[i].session_id, id, sizeof *id) == 0)
            return &sessions[i];
    return NULL;
}

struct ids {
    struct iscsi_unique_id session;
    struct iscsi_unique_id connection;
};

static struct ids login(char **arguments, bool chap)
{
    struct ids ids = {0};
    struct iscsi_login_options options = {0};
    if (chap) {
        options.information_specified =
            ISCSI_OPTION_AUTH_TYPE | ISCSI_OPTION_USERNAME | ISCSI_OPTION_PASSWORD;
        options.auth_type = ISCSI_AUTH_CHAP;
        options.username = (uint8_t *)arguments[USER];
        options.username_length = (uint32_t)strlen(arguments[USER]);
        options.password = (uint8_t *)arguments[PASSWORD];
        options.password_length = (uint32_t)strlen(arguments[PASSWORD]);
    }
    uint32_t status =
        library.login_a(arguments[4], 0, NULL, ISCSI_ANY_PORT, NULL, 0, NULL,
                        chap ? &options : NULL, 0, NULL, 0, &ids.session, &ids.connection);
    expect(status == LIST_SUCCESS, "LoginIScsiTargetA", status);
    return ids;
}

static void expect_listed(const struct ids *ids, const char *target,
                          const iscsi_target_portal_a *portal)
{
    static _Alignas(8) unsigned char buffer[1 << 16];
    const iscsi_session_info_a *session = list(buffer, sizeof buffer, &ids->session);
    expect(session != NULL, "the session is not listed", 0);
    expect(strcmp(session->target_node_name, target) == 0, "its target", 0);
    expect(session->connection_count == 1, "its connections", session->connection_count);
    const iscsi_connection_info_a *connection = session->connections;
    expect(memcmp(&connection->connection_id, &ids->connection, sizeof ids->connection) == 0,
           "its connection has another identifier", 0);
    expect(strcmp(connection->target_address, portal->address) == 0, "its portal", 0);
    expect(connection->target_socket == portal->socket, "its port", connection->target_socket);
}

static void ask_devices(struct ids *ids, const char *target)
{
    static iscsi_device_on_session_a devices[DEVICES_MOST];
    uint32_t count = 0;
    uint32_t status = library.devices_a(&ids->session, &count, NULL);
    expect(status == LIST_INSUFFICIENT_BUFFER, "GetDevicesForIScsiSessionA for the count", status);
    expect(count > 0 && count <= DEVICES_MOST, "the count of devices", count);
    uint32_t room = count;
    status = library.devices_a(&ids->session, &room, devices);
    expect(status == LIST_SUCCESS, "GetDevicesForIScsiSessionA", status);
    expect(room == count, "the count of devices", room);
    for (uint32_t i = 0; i < count; i++) {
        expect(strcmp(devices[i].target_name, target) == 0, "a device's target", i);
        printf("device lun %u type %lu\n", devices[i].address.lun,
               (unsigned long)devices[i].number.device_type);
    }
}

static void logout(struct ids *ids)
{
    static _Alignas(8) unsigned char buffer[1 << 16];
    uint32_t status = library.logout(&ids->session);
    expect(status == LIST_SUCCESS, "LogoutIScsiTarget", status);
    expect(list(buffer, sizeof buffer, &ids->session) == NULL, "the session is still listed", 0);
    status = library.logout(&ids->session);
    expect(status == LIST_ISCSI_INVALID_SESSION_ID, "LogoutIScsiTarget once more", status);
}

int main(int count, char **arguments)
{
    static iscsi_target_portal_a portal;
    char line[16];
    if (count != USER && count != PASSWORD + 1) {
        fprintf(stderr, "usage: caller LIBRARY ADDRESS PORT TARGET [USER PASSWORD]\n");
        return 2;
    }
    load(arguments[1]);
    snprintf(portal.address, sizeof portal.address, "%s", arguments[2]);
    portal.socket = (uint16_t)strtoul(arguments[3], NULL, 10);
    ask_names();
    add_portal(&portal);
    look_for_target(arguments[4]);
    struct ids ids = login(arguments, count > USER);
    expect_listed(&ids, arguments[4], &portal);
    ask_devices(&ids, arguments[4]);
    printf("logged in\n");
    fflush(stdout);
    expect(fgets(line, sizeof line, stdin) != NULL, "nobody said to go on", 0);
    logout(&ids);
    printf("logged out\n");
    return 0;
}
