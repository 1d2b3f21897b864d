// SPDX-License-Identifier: Apache-2.0
// The requests of the service, and its folder.
#include "emulator/service/initiator_service.h"

#include "conformance/base/text.h"
#include "emulator/service/clients.h"
#include "emulator/service/service_mappings.h"
#include "emulator/service/service_portals.h"
#include "emulator/service/service_sessions.h"
#include "session_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_SIZE = 128 };

struct initiator_service {
    char *folder; // NULL before it is made
    char *table;
    char *socket;
    struct service_sessions *sessions;
    struct service_portals *portals;
    struct clients *clients;
    struct service_told told; // without an inventory: nothing
};

void initiator_service_tell(struct initiator_service *service, const struct service_told *told)
{
    service->told = *told;
}

const char *initiator_service_address(const struct initiator_service *service)
{
    return clients_address(service->clients);
}

const char *initiator_service_table(const struct initiator_service *service)
{
    return service->table;
}

size_t initiator_service_session_count(const struct initiator_service *service)
{
    return service_sessions_count(service->sessions);
}

// ---- requests ----

static void login_done(uint32_t status, const struct truth_session *session, void *argument)
{
    char fields[ANSWER_SIZE] = "";
    if (session != NULL)
        snprintf(fields, sizeof fields,
                 "\t%016" PRIx64 "\t%016" PRIx64 "\t%016" PRIx64 "\t%016" PRIx64,
                 session->adapter_unique, session->adapter_specific,
                 session->connections[0].adapter_unique, session->connections[0].adapter_specific);
    client_answer(argument, status, fields);
}

// Address, port, user and password are the first fields.
static bool read_login(struct service_login *login, const char *const *fields)
{
    uint64_t port = 0;
    if (!request_number(fields[1], UINT16_MAX, &port))
        return false;
    *login = (struct service_login){.target = "",
                                    .address = fields[0],
                                    .port = (uint16_t)port,
                                    .user = fields[2],
                                    .password = fields[3]};
    return true;
}

// The client and what it asked for, while portals are asked for their targets.
struct pending_login {
    struct initiator_service *service;
    struct client *client;
    bool informational;
    char *target;
    char *user;
    char *password;
};

// A login that names no portal.
static void login_found(const struct pending_login *pending,
                        const struct initiator_endpoint *portal)
{
    const struct service_login login = {.target = pending->target,
                                        .address = portal->address,
                                        .port = portal->port,
                                        .user = pending->user,
                                        .password = pending->password,
                                        .informational = pending->informational};
    service_sessions_login(pending->service->sessions, &login, login_done, pending->client);
}

static void portals_updated(uint32_t status, void *argument)
{
    struct pending_login *pending = argument;
    const struct initiator_endpoint *portal =
        status == LIST_SUCCESS ? service_portals_find(pending->service->portals, pending->target)
                               : NULL;
    if (portal != NULL)
        login_found(pending, portal);
    else
        client_answer(pending->client, status == LIST_SUCCESS ? LIST_ISCSI_NOT_FOUND : status, "");
    free(pending->target);
    free(pending->user);
    free(pending->password);
    free(pending);
}

// Looks for the target in what the portals told, and asks them again if it isn't there.
static void login_anywhere(struct initiator_service *service, struct client *client,
                           const struct service_login *login)
{
    struct pending_login *pending = calloc(1, sizeof *pending);
    if (pending == NULL) {
        client_answer(client, LIST_ISCSI_OUT_OF_RESOURCES, "");
        return;
    }
    pending->service = service;
    pending->client = client;
    pending->informational = login->informational;
    pending->target = strdup(login->target);
    pending->user = strdup(login->user);
    pending->password = strdup(login->password);
    if (pending->target == NULL || pending->user == NULL || pending->password == NULL)
        portals_updated(LIST_ISCSI_OUT_OF_RESOURCES, pending);
    else if (service_portals_find(service->portals, login->target) != NULL)
        portals_updated(LIST_SUCCESS, pending);
    else
        service_portals_update(service->portals, portals_updated, pending);
}

static void take_login(struct initiator_service *service, struct client *client,
                       const char *const *fields)
{
    uint64_t informational = 0;
    struct service_login login;
    if (!read_login(&login, fields + 1) || !request_number(fields[5], 1, &informational)) {
        client_answer(client, LIST_INVALID_PARAMETER, "");
        return;
    }
    login.target = fields[0];
    login.informational = informational == 1;
    if (login.address[0] == '\0')
        login_anywhere(service, client, &login);
    else
        service_sessions_login(service->sessions, &login, login_done, client);
}

static void take_logout(struct initiator_service *service, struct client *client,
                        const char *const *fields)
{
    uint64_t identifier[2];
    if (request_identifier(fields[0], fields[1], identifier))
        service_sessions_logout(service->sessions, identifier, login_done, client);
    else
        client_answer(client, LIST_INVALID_PARAMETER, "");
}

static void take_name(struct initiator_service *service, struct client *client,
                      const char *const *fields)
{
    (void)service;
    (void)fields;
    client_answer(client, LIST_SUCCESS, "\t" SERVICE_INITIATOR_NAME);
}

static void portal_added(uint32_t status, void *argument)
{
    client_answer(argument, status, "");
}

static void take_add_portal(struct initiator_service *service, struct client *client,
                            const char *const *fields)
{
    struct service_login login;
    if (read_login(&login, fields))
        service_portals_add(service->portals, &login, portal_added, client);
    else
        client_answer(client, LIST_INVALID_PARAMETER, "");
}

// ---- targets and devices: answers of any length ----

// Answers with what was written to a stream of open_memstream.
static void answer_stream(struct client *client, FILE *stream, char **text)
{
    bool good = stream != NULL && text_close(stream, text);
    client_answer(client, good ? LIST_SUCCESS : LIST_ISCSI_OUT_OF_RESOURCES, good ? *text : "");
    free(*text);
}

static void answer_told_targets(const struct inventory *inventory, struct client *client)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 0; stream != NULL && i < inventory->target_count; i++)
        if (inventory->targets[i].known)
            fprintf(stream, "\t%s", inventory->targets[i].name);
    answer_stream(client, stream, &text);
}

// The client that waits for targets, and the service that it asked.
struct pending_targets {
    struct initiator_service *service;
    struct client *client;
};

static void targets_updated(uint32_t status, void *argument)
{
    struct pending_targets *pending = argument;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = status == LIST_SUCCESS ? open_memstream(&text, &size) : NULL;
    if (stream != NULL && service_portals_print(pending->service->portals, stream) != 0) {
        (void)fclose(stream);
        stream = NULL;
    }
    answer_stream(pending->client, stream, &text);
    free(pending);
}

static void take_targets(struct initiator_service *service, struct client *client,
                         const char *const *fields)
{
    uint64_t update = 0;
    struct pending_targets *pending = calloc(1, sizeof *pending);
    if (pending == NULL || !request_number(fields[0], 1, &update)) {
        free(pending);
        client_answer(client, LIST_INVALID_PARAMETER, "");
        return;
    }
    *pending = (struct pending_targets){service, client};
    if (service->told.inventory != NULL) {
        answer_told_targets(service->told.inventory, client);
        free(pending);
    } else if (update == 1) {
        service_portals_update(service->portals, targets_updated, pending);
    } else {
        targets_updated(LIST_SUCCESS, pending);
    }
}

static void devices_told(uint32_t status, const char *target, const struct lun *luns, size_t count,
                         void *argument)
{
    if (status != LIST_SUCCESS) {
        client_answer(argument, status, "");
        return;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream != NULL) {
        fprintf(stream, "\t%s", target);
        for (size_t i = 0; i < count; i++)
            fprintf(stream, "\t%u\t%u", luns[i].number, luns[i].type);
    }
    answer_stream(argument, stream, &text);
}

enum { LUNS_MAX = 256 };

// LUN 0, the controller, and the disks of the session's target. 0: the session has none that could
// be reached.
static size_t list_told_units(const struct inventory *inventory,
                              const struct truth_session *session, struct lun luns[LUNS_MAX])
{
    enum { DISK = 0x00, CONTROLLER = 0x0C };
    const struct inventory_target *target = inventory_find(inventory, session->target_node_name);
    size_t count = 1;
    if (target == NULL || session->connection_count == 0)
        return 0;
    luns[0] = (struct lun){.number = 0, .type = CONTROLLER};
    for (; count < LUNS_MAX && count <= target->disk_count; count++)
        luns[count] = (struct lun){(uint16_t)count, DISK};
    return count;
}

static void answer_told_devices(const struct inventory *inventory,
                                const struct truth_session *session, struct client *client)
{
    struct lun luns[LUNS_MAX];
    size_t count = list_told_units(inventory, session, luns);
    devices_told(count > 0 ? LIST_SUCCESS : LIST_ISCSI_CONNECTION_FAILED, session->target_node_name,
                 luns, count, client);
}

// The session of that identifier among those that the service was told of; NULL: there is none.
static const struct truth_session *find_told(const struct service_told *told,
                                             const uint64_t identifier[2])
{
    const struct truth *truth = told->inventory == NULL ? NULL : told->truth(told->argument);
    for (size_t i = 0; truth != NULL && i < truth->session_count; i++)
        if (truth->sessions[i].adapter_unique == identifier[0] &&
            truth->sessions[i].adapter_specific == identifier[1])
            return &truth->sessions[i];
    return NULL;
}

static void take_devices(struct initiator_service *service, struct client *client,
                         const char *const *fields)
{
    uint64_t identifier[2];
    if (!request_identifier(fields[0], fields[1], identifier)) {
        client_answer(client, LIST_INVALID_PARAMETER, "");
        return;
    }
    const struct truth_session *session = find_told(&service->told, identifier);
    if (session != NULL)
        answer_told_devices(service->told.inventory, session, client);
    else
        service_sessions_devices(service->sessions, identifier, devices_told, client);
}

// All from one moment of the truth.
static void answer_told_mappings(const struct service_told *told, struct client *client)
{
    char *text = NULL;
    size_t size = 0;
    const struct truth *truth = told->truth(told->argument);
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 0; stream != NULL && truth != NULL && i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        const uint64_t identifier[2] = {session->adapter_unique, session->adapter_specific};
        struct lun luns[LUNS_MAX];
        size_t count = list_told_units(told->inventory, session, luns);
        if (count > 0)
            service_mappings_print(stream, identifier, session->target_node_name, luns, count);
    }
    answer_stream(client, stream, &text);
}

static void take_mappings(struct initiator_service *service, struct client *client,
                          const char *const *fields)
{
    (void)fields;
    if (service->told.inventory != NULL)
        answer_told_mappings(&service->told, client);
    else
        service_mappings_ask(service->sessions, client);
}

static void take_portals(struct initiator_service *service, struct client *client,
                         const char *const *fields)
{
    char *text = NULL;
    size_t size = 0;
    const struct inventory *told = service->told.inventory;
    FILE *stream = open_memstream(&text, &size);
    (void)fields;
    if (stream != NULL && told == NULL)
        service_portals_list(service->portals, stream);
    for (size_t i = 0; stream != NULL && told != NULL && i < told->portal_count; i++)
        fprintf(stream, "\t%s\t%u", told->portals[i].address, told->portals[i].port);
    answer_stream(client, stream, &text);
}

// ---- dispatch ----

static const struct verb {
    const char *name;
    size_t fields; // that follow it
    void (*take)(struct initiator_service *service, struct client *client,
                 const char *const *fields);
} verbs[] = {
    {"add-portal", 4, take_add_portal}, {"devices", 2, take_devices},   {"login", 6, take_login},
    {"logout", 2, take_logout},         {"mappings", 0, take_mappings}, {"name", 0, take_name},
    {"portals", 0, take_portals},       {"targets", 1, take_targets},
};

static void take_request(struct client *client, const struct request *request, void *argument)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (request->count == verbs[i].fields + 1 &&
            strcmp(request->fields[0], verbs[i].name) == 0) {
            verbs[i].take(argument, client, request->fields + 1);
            return;
        }
    }
    client_answer(client, LIST_INVALID_PARAMETER, "");
}

// ---- start and stop ----

static int make_folder(struct initiator_service *service, const char *folder,
                       struct failure *failure)
{
    char *made = NULL;
    if (asprintf(&made, "%s/service-XXXXXX", folder) < 0)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    if (mkdtemp(made) == NULL) { // which gives it mode 0700
        failure_set(failure, STATUS_UNTRUSTED, "can't make a folder in %s: %s%s", folder,
                    strerror(errno), failure_room(errno));
        free(made);
        return -1;
    }
    service->folder = made;
    if (asprintf(&service->table, "%s/sessions", made) < 0)
        service->table = NULL;
    if (asprintf(&service->socket, "%s/socket", made) < 0)
        service->socket = NULL;
    if (service->table == NULL || service->socket == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    return 0;
}

int initiator_service_start(struct initiator_service **result, struct supervisor *supervisor,
                            const char *folder, bool tcp, struct failure *failure)
{
    *result = NULL;
    struct initiator_service *service = calloc(1, sizeof *service);
    if (service == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    if (make_folder(service, folder, failure) != 0 ||
        service_sessions_start(&service->sessions, supervisor, service->table, failure) != 0 ||
        (service->portals = service_portals_start(supervisor)) == NULL ||
        clients_start(&service->clients, supervisor_loop(supervisor), tcp ? NULL : service->socket,
                      take_request, service, failure) != 0) {
        initiator_service_stop(service);
        return failure_set(failure, STATUS_UNTRUSTED, "initiator service: out of memory");
    }
    *result = service;
    return 0;
}

void initiator_service_stop(struct initiator_service *service)
{
    if (service == NULL)
        return;
    service_portals_stop(service->portals); // its last answers may begin logins
    service_sessions_stop(service->sessions);
    clients_stop(service->clients);
    if (service->table != NULL)
        unlink(service->table);
    if (service->socket != NULL)
        unlink(service->socket);
    if (service->folder != NULL)
        rmdir(service->folder);
    free(service->table);
    free(service->socket);
    free(service->folder);
    free(service);
}
