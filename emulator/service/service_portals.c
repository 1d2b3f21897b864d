// SPDX-License-Identifier: Apache-2.0
// Portals and their targets. Each question to a portal is a discovery session of its own.
#include "emulator/service/service_portals.h"

#include "conformance/base/endpoint.h"
#include "emulator/service/request.h"
#include "session_list.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
    PORTALS_LIMIT = 4096,
    ISID_RANDOM = 0x80, // the type of an ISID
    ISID_PORTALS = 0xFF // tells those of discovery sessions from others
};

// How a portal is asked.
struct access {
    char *address;
    uint16_t port;
    char *user;
    char *password;
};

struct portal {
    TAILQ_ENTRY(portal) entry;
    struct access access;
    struct discovered targets;
};

// A question under way.
struct question {
    TAILQ_ENTRY(question) entry;
    struct service_portals *portals;
    struct access access;
    struct discovery *discovery;
    service_portals_done *done;
    void *argument;
};

// All portals are asked anew.
struct update {
    size_t pending; // questions, and one while they are begun
    service_portals_done *done;
    void *argument;
};

struct service_portals {
    struct supervisor *supervisor;
    uint16_t asked; // makes ISIDs
    size_t count;
    TAILQ_HEAD(, portal) all;
    TAILQ_HEAD(, question) questions;
};

static void access_clear(struct access *access)
{
    free(access->address);
    free(access->user);
    free(access->password);
}

static bool access_make(struct access *access, const struct service_login *login)
{
    access->address = strdup(login->address);
    access->port = login->port;
    access->user = strdup(login->user);
    access->password = strdup(login->password);
    return access->address != NULL && access->user != NULL && access->password != NULL;
}

// ---- what portals tell ----

static struct portal *find_portal(const struct service_portals *portals,
                                  const struct access *access)
{
    struct portal *portal = NULL;
    TAILQ_FOREACH(portal, &portals->all, entry)
    {
        if (portal->access.port == access->port &&
            strcmp(portal->access.address, access->address) == 0)
            break;
    }
    return portal;
}

// Takes the access and the targets of a portal that has answered.
static uint32_t keep(struct service_portals *portals, struct access *access,
                     struct discovered *targets)
{
    struct portal *portal = find_portal(portals, access);
    if (portal == NULL) {
        portal = portals->count < PORTALS_LIMIT ? calloc(1, sizeof *portal) : NULL;
        if (portal == NULL)
            return LIST_ISCSI_OUT_OF_RESOURCES;
        TAILQ_INSERT_TAIL(&portals->all, portal, entry);
        portals->count++;
    }
    access_clear(&portal->access);
    portal->access = *access;
    *access = (struct access){0};
    discovered_clear(&portal->targets);
    portal->targets = *targets;
    *targets = (struct discovered){0};
    return LIST_SUCCESS;
}

static void question_end(struct question *question, uint32_t status)
{
    service_portals_done *done = question->done;
    void *argument = question->argument;
    TAILQ_REMOVE(&question->portals->questions, question, entry);
    discovery_destroy(question->discovery);
    access_clear(&question->access);
    free(question);
    done(status, argument);
}

static void answered(struct discovery *discovery, void *argument)
{
    struct question *question = argument;
    uint16_t status = 0;
    if (discovery_succeeded(discovery, &status))
        question_end(question,
                     keep(question->portals, &question->access, discovery_targets(discovery)));
    else
        question_end(question, service_login_status(status));
}

// ---- questions ----

static uint32_t question_begin(struct question *question)
{
    struct service_portals *portals = question->portals;
    const struct access *access = &question->access;
    uint16_t number = ++portals->asked;
    const uint8_t isid[6] = {ISID_RANDOM, ISID_PORTALS,           ISID_PORTALS,
                             0,           (uint8_t)(number >> 8), (uint8_t)number};
    const struct service_login login = {.target = "",
                                        .address = access->address,
                                        .port = access->port,
                                        .user = access->user,
                                        .password = access->password};
    struct initiator_options options;
    if (!service_login_options(&options, &login, isid, "tck-service-discovery"))
        return LIST_INVALID_PARAMETER;
    if (discovery_begin(&question->discovery, portals->supervisor, &options, answered, question,
                        NULL) != 0)
        return LIST_ISCSI_OUT_OF_RESOURCES;
    return LIST_SUCCESS;
}

void service_portals_add(struct service_portals *portals, const struct service_login *login,
                         service_portals_done *done, void *argument)
{
    struct question *question = calloc(1, sizeof *question);
    if (question == NULL) {
        done(LIST_ISCSI_OUT_OF_RESOURCES, argument);
        return;
    }
    question->portals = portals;
    question->done = done;
    question->argument = argument;
    TAILQ_INSERT_TAIL(&portals->questions, question, entry);
    uint32_t status = access_make(&question->access, login) ? question_begin(question)
                                                            : LIST_ISCSI_OUT_OF_RESOURCES;
    if (status != LIST_SUCCESS)
        question_end(question, status);
}

static void updated_one(uint32_t status, void *argument)
{
    (void)status;
    struct update *update = argument;
    if (--update->pending > 0)
        return;
    update->done(LIST_SUCCESS, update->argument);
    free(update);
}

void service_portals_update(struct service_portals *portals, service_portals_done *done,
                            void *argument)
{
    struct update *update = calloc(1, sizeof *update);
    if (update == NULL) {
        done(LIST_ISCSI_OUT_OF_RESOURCES, argument);
        return;
    }
    *update = (struct update){.pending = 1, .done = done, .argument = argument};
    const struct portal *portal = NULL;
    TAILQ_FOREACH(portal, &portals->all, entry)
    {
        const struct service_login login = {.address = portal->access.address,
                                            .port = portal->access.port,
                                            .user = portal->access.user,
                                            .password = portal->access.password};
        update->pending++;
        service_portals_add(portals, &login, updated_one, update);
    }
    updated_one(LIST_SUCCESS, update);
}

// ---- what is known ----

const struct initiator_endpoint *service_portals_find(const struct service_portals *portals,
                                                      const char *target)
{
    const struct initiator_endpoint *found = NULL;
    const struct portal *portal = NULL;
    TAILQ_FOREACH(portal, &portals->all, entry)
    {
        for (size_t i = 0; i < portal->targets.count; i++) {
            const struct discovered_target *offer = &portal->targets.targets[i];
            if (strcmp(offer->name, target) != 0)
                continue;
            if (offer->portal.port == portal->access.port &&
                address_same(offer->portal.address, portal->access.address))
                return &offer->portal;
            if (found == NULL)
                found = &offer->portal;
        }
    }
    return found;
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

void service_portals_list(const struct service_portals *portals, FILE *stream)
{
    const struct portal *portal = NULL;
    TAILQ_FOREACH(portal, &portals->all, entry)
    {
        fprintf(stream, "\t%s\t%u", portal->access.address, portal->access.port);
    }
}

int service_portals_print(const struct service_portals *portals, FILE *stream)
{
    size_t count = 0;
    const struct portal *portal = NULL;
    TAILQ_FOREACH(portal, &portals->all, entry)
    {
        count += portal->targets.count;
    }
    const char **names = calloc(count + 1, sizeof *names);
    if (names == NULL)
        return -1;
    count = 0;
    TAILQ_FOREACH(portal, &portals->all, entry)
    {
        for (size_t i = 0; i < portal->targets.count; i++) {
            const char *name = portal->targets.targets[i].name;
            if (request_is_field(name, strlen(name))) // a target may call itself anything
                names[count++] = name;
        }
    }
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
            fprintf(stream, "\t%s", names[i]);
    free(names);
    return 0;
}

// ---- start and stop ----

struct service_portals *service_portals_start(struct supervisor *supervisor)
{
    struct service_portals *portals = calloc(1, sizeof *portals);
    if (portals == NULL)
        return NULL;
    portals->supervisor = supervisor;
    TAILQ_INIT(&portals->all);
    TAILQ_INIT(&portals->questions);
    return portals;
}

void service_portals_stop(struct service_portals *portals)
{
    if (portals == NULL)
        return;
    struct question *question = NULL;
    while ((question = TAILQ_FIRST(&portals->questions)) != NULL)
        question_end(question, LIST_ISCSI_SERVICE_UNAVAILABLE);
    struct portal *portal = NULL;
    while ((portal = TAILQ_FIRST(&portals->all)) != NULL) {
        TAILQ_REMOVE(&portals->all, portal, entry);
        access_clear(&portal->access);
        discovered_clear(&portal->targets);
        free(portal);
    }
    free(portals);
}
