// The requests of the service, and its folder.
#include "emulator/service/initiator_service.h"

#include "emulator/service/clients.h"
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
    struct clients *clients;
};

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

static void take_login(struct initiator_service *service, struct client *client,
                       const char *const *fields)
{
    uint64_t port = 0;
    uint64_t informational = 0;
    if (!request_number(fields[2], UINT16_MAX, &port) ||
        !request_number(fields[5], 1, &informational)) {
        client_answer(client, LIST_INVALID_PARAMETER, "");
        return;
    }
    const struct service_login login = {
        .target = fields[0],
        .address = fields[1],
        .port = (uint16_t)port,
        .user = fields[3],
        .password = fields[4],
        .informational = informational == 1,
    };
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

static const struct verb {
    const char *name;
    size_t fields; // that follow it
    void (*take)(struct initiator_service *service, struct client *client,
                 const char *const *fields);
} verbs[] = {
    {"login", 6, take_login},
    {"logout", 2, take_logout},
    {"name", 0, take_name},
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
        clients_start(&service->clients, supervisor_loop(supervisor), tcp ? NULL : service->socket,
                      take_request, service, failure) != 0) {
        initiator_service_stop(service);
        return -1;
    }
    *result = service;
    return 0;
}

void initiator_service_stop(struct initiator_service *service)
{
    if (service == NULL)
        return;
    clients_stop(service->clients);
    service_sessions_stop(service->sessions);
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
