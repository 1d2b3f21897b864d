// SPDX-License-Identifier: Apache-2.0
// Asks a portal for its targets. libiscsi's answer comes while libiscsi works, so it is only copied
// then; the logout that follows ends the discovery.
#include "emulator/initiator/discovery.h"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 20000 };

struct discovery {
    struct initiator_session *initiator;
    uv_timer_t *timer; // of its own: it is freed when the loop has closed it
    bool told;
    struct discovered targets;
    discovery_done *done;
    void *argument;
};

void discovered_clear(struct discovered *discovered)
{
    for (size_t i = 0; i < discovered->count; i++)
        free(discovered->targets[i].name);
    free(discovered->targets);
    *discovered = (struct discovered){0};
}

bool discovery_succeeded(const struct discovery *discovery, uint16_t *status)
{
    *status = initiator_login_status(discovery->initiator);
    return discovery->told;
}

struct discovered *discovery_targets(struct discovery *discovery)
{
    return &discovery->targets;
}

// ---- what the portal tells ----

static int add_target(struct discovered *discovered, const char *name, const char *text)
{
    struct discovered_target *larger =
        realloc(discovered->targets, (discovered->count + 1) * sizeof *larger);
    if (larger == NULL)
        return -1;
    discovered->targets = larger;
    struct discovered_target *target = &larger[discovered->count];
    unsigned port = 0;
    login_parse_target_address(text, target->portal.address, sizeof target->portal.address, &port);
    target->portal.port = (uint16_t)port;
    target->name = strdup(name);
    if (target->name == NULL)
        return -1;
    discovered->count++;
    return 0;
}

static bool copy_targets(struct discovered *discovered,
                         const struct iscsi_discovery_address *address)
{
    for (; address != NULL; address = address->next)
        for (const struct iscsi_target_portal *portal = address->portals; portal != NULL;
             portal = portal->next)
            if (add_target(discovered, address->target_name, portal->portal) != 0)
                return false;
    return true;
}

static void targets_told(struct iscsi_context *context, int status, void *data, void *argument)
{
    (void)context;
    struct discovery *discovery = argument;
    if (status == SCSI_STATUS_CANCELLED)
        return; // it is being destroyed
    if (status == SCSI_STATUS_GOOD)
        discovery->told = copy_targets(&discovery->targets, data);
    (void)initiator_logout(discovery->initiator, NULL); // if it can't, time runs out
}

// ---- the session ----

static void end(struct discovery *discovery)
{
    (void)uv_timer_stop(discovery->timer);
    discovery->done(discovery, discovery->argument);
}

static void changed(struct initiator_session *initiator, void *argument)
{
    struct discovery *discovery = argument;
    if (initiator_state(initiator) != INITIATOR_LOGGED_IN ||
        iscsi_discovery_async(initiator_context(initiator), targets_told, discovery) != 0 ||
        initiator_update(initiator, NULL) != 0)
        end(discovery);
}

static void patience_ended(uv_timer_t *timer)
{
    end(timer->data);
}

int discovery_begin(struct discovery **result, struct supervisor *supervisor,
                    const struct initiator_options *options, discovery_done *done, void *argument,
                    struct failure *failure)
{
    *result = NULL;
    struct discovery *discovery = calloc(1, sizeof *discovery);
    uv_timer_t *timer = calloc(1, sizeof *timer);
    if (discovery == NULL || timer == NULL ||
        uv_timer_init(supervisor_loop(supervisor), timer) != 0) {
        free(discovery);
        free(timer);
        return failure_set(failure, STATUS_UNTRUSTED, "discovery: out of memory");
    }
    timer->data = discovery;
    discovery->timer = timer;
    discovery->done = done;
    discovery->argument = argument;
    struct initiator_options own = *options;
    own.discovery = true;
    own.reads_responses = true;
    own.changed = changed;
    own.argument = discovery;
    if (initiator_login(&discovery->initiator, supervisor, &own, failure) != 0) {
        discovery_destroy(discovery);
        return -1;
    }
    (void)uv_timer_start(timer, patience_ended, PATIENCE_MS, 0);
    *result = discovery;
    return 0;
}

static void timer_closed(uv_handle_t *timer)
{
    free(timer);
}

void discovery_destroy(struct discovery *discovery)
{
    if (discovery == NULL)
        return;
    initiator_destroy(discovery->initiator);
    uv_close((uv_handle_t *)discovery->timer, timer_closed);
    discovered_clear(&discovery->targets);
    free(discovery);
}
