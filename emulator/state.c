// SPDX-License-Identifier: Apache-2.0
// Keeps what is up and what was true.
#include "emulator/state.h"

#include "conformance/base/clock.h"
#include "conformance/base/endpoint.h"
#include "emulator/process/descriptors.h"
#include "emulator/table/session_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Begins the aliases by which the target's side shows whose a connection is.
#define ALIAS_PREFIX "tck-"

// Who logs in where the topology has no session and the target lets everyone in.
static char own_initiator_name[] = "iqn.2024-01.test.iscsidsc-tck:initiator";

int emulator_fail_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

uint64_t emulator_change_deadline_ns(void)
{
    return clock_now_ns() + (uint64_t)CHANGE_TIMEOUT_MS * 1000000U;
}

// ---- what there is ----

size_t emulator_home(const struct topology_target *target)
{
    return target->redirect.is ? target->redirect.instance : target->instance;
}

const struct tgtd_portal *emulator_session_portal(const struct emulator *emulator,
                                                  const struct topology_session *plan)
{
    const struct topology_target *target = &emulator->topology->targets[plan->target];
    const struct emulator_instance *home = &emulator->instances[emulator_home(target)];
    return &home->portals[target->redirect.is ? target->redirect.portal : plan->portal];
}

// Numbers the targets of each instance.
static int allocate_targets(struct emulator *emulator)
{
    const struct topology *topology = emulator->topology;
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        emulator->tids[i] = ++emulator->instances[emulator_home(target)].target_count;
        if (target->redirect.is)
            emulator->door_tids[i] = ++emulator->instances[target->instance].target_count;
    }
    for (size_t i = 0; i < topology->instance_count; i++) {
        struct emulator_instance *instance = &emulator->instances[i];
        instance->gone = calloc(instance->target_count + 1, sizeof *instance->gone);
        if (instance->gone == NULL)
            return -1;
    }
    return 0;
}

static int allocate_sessions(struct emulator *emulator)
{
    const struct topology *topology = emulator->topology;
    for (size_t i = 0; i < topology->session_count; i++) {
        struct emulator_session *session =
            emulator_add_session(emulator, &emulator->sessions, &topology->sessions[i]);
        if (session == NULL)
            return -1;
        session->ended = topology->sessions[i].later;
    }
    for (size_t i = 0; i < topology->unlisted_count; i++)
        if (emulator_add_session(emulator, &emulator->unlisted, &topology->unlisted[i]) == NULL)
            return -1;
    return 0;
}

int emulator_allocate(struct emulator *emulator, struct failure *failure)
{
    const struct topology *topology = emulator->topology;
    // One more than needed, because calloc may answer NULL to nothing.
    emulator->instances = calloc(topology->instance_count + 1, sizeof *emulator->instances);
    emulator->tids = calloc(topology->target_count + 1, sizeof *emulator->tids);
    emulator->door_tids = calloc(topology->target_count + 1, sizeof *emulator->door_tids);
    if (emulator->instances == NULL || emulator->tids == NULL || emulator->door_tids == NULL ||
        allocate_targets(emulator) != 0 || allocate_sessions(emulator) != 0)
        return emulator_fail_memory(failure);
    return 0;
}

static void sessions_free(struct emulator_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        free(sessions->items[i]->further);
        free(sessions->items[i]);
    }
    free(sessions->items);
}

void emulator_release(struct emulator *emulator)
{
    for (size_t i = 0; emulator->instances != NULL && i < emulator->topology->instance_count; i++) {
        free(emulator->instances[i].portals);
        free(emulator->instances[i].gone);
    }
    for (size_t i = 0; i < emulator->generation_count; i++)
        truth_free(emulator->generations[i]);
    sessions_free(&emulator->sessions);
    sessions_free(&emulator->unlisted);
    free(emulator->generations);
    free(emulator->folder);
    free(emulator->table);
    free(emulator->instances);
    free(emulator->tids);
    free(emulator->door_tids);
    free(emulator);
}

int emulator_raise_descriptor_limit(const struct emulator *emulator, struct failure *failure)
{
    size_t connection_count = emulator->unlisted.count;
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        const struct emulator_session *session = emulator->sessions.items[i];
        connection_count += session->ended ? 0 : 1 + session->further_count;
    }
    char needs[64];
    snprintf(needs, sizeof needs, "%zu connections need", connection_count);
    return descriptors_require(connection_count + DESCRIPTORS_SPARE, needs, failure);
}

// ---- sessions ----

void emulator_identify(struct emulator_session *session)
{
    struct emulator *emulator = session->emulator;
    session->specific = ++emulator->sessions_identified;
    session->connection_specific = ++emulator->connections_identified;
    for (size_t i = 0; i < session->further_count; i++)
        session->further[i].specific = ++emulator->connections_identified;
}

static struct emulator_session *new_session(struct emulator *emulator,
                                            const struct topology_session *plan)
{
    struct emulator_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    session->emulator = emulator;
    session->plan = *plan;
    session->further = calloc(plan->further_count + 1, sizeof *session->further);
    if (session->further == NULL) {
        free(session);
        return NULL;
    }
    session->further_count = plan->further_count;
    for (size_t i = 0; i < session->further_count; i++) {
        session->further[i].session = session;
        session->further[i].plan = &plan->further[i];
    }
    return session;
}

struct emulator_session *emulator_add_session(struct emulator *emulator,
                                              struct emulator_sessions *sessions,
                                              const struct topology_session *plan)
{
    if (sessions->count == sessions->capacity) {
        size_t capacity = sessions->capacity == 0 ? 64 : sessions->capacity * 2;
        struct emulator_session **items =
            reallocarray(sessions->items, capacity, sizeof(struct emulator_session *));
        if (items == NULL)
            return NULL;
        sessions->items = items;
        sessions->capacity = capacity;
    }
    struct emulator_session *session = new_session(emulator, plan);
    if (session == NULL)
        return NULL;
    sessions->items[sessions->count++] = session;
    snprintf(session->alias, sizeof session->alias, ALIAS_PREFIX "%s%zu",
             sessions == &emulator->unlisted ? "unlisted-" : "", sessions->count);
    emulator_identify(session);
    return session;
}

void emulator_place(struct emulator_session *session)
{
    struct emulator *emulator = session->emulator;
    session->target = &emulator->topology->targets[session->plan.target];
    session->instance = emulator_home(session->target);
    const struct emulator_instance *home = &emulator->instances[session->instance];
    session->portal = emulator_session_portal(emulator, &session->plan);
    session->tid = emulator->tids[session->plan.target];
    for (size_t i = 0; i < session->further_count; i++)
        session->further[i].portal = &home->portals[session->further[i].plan->portal];
}

struct session_description emulator_describe(const struct emulator_session *session)
{
    struct session_description description;
    char line[64] = "added by a change";
    char portal[80] = "";
    if (session->plan.line != 0)
        snprintf(line, sizeof line, "scenario line %zu", session->plan.line);
    endpoint_format(session->portal->address, session->portal->port, portal, sizeof portal);
    snprintf(description.text, sizeof description.text,
             "session \"%s\" (%s) of initiator %s with target %s at portal %s of instance %s",
             session->alias, line, session->plan.initiator_name, session->target->name, portal,
             session->emulator->topology->instances[session->instance].name);
    return description;
}

struct emulator_session *emulator_session_by_alias(const struct emulator_sessions *sessions,
                                                   const char *alias, size_t *index)
{
    size_t prefix = strlen(ALIAS_PREFIX);
    if (strncmp(alias, ALIAS_PREFIX, prefix) != 0)
        return NULL;
    errno = 0;
    char *end = NULL;
    unsigned long number = strtoul(alias + prefix, &end, 10);
    if (errno != 0 || *end != '\0' || number < 1 || number > sessions->count)
        return NULL;
    *index = number - 1;
    struct emulator_session *session = sessions->items[*index];
    return strcmp(session->alias, alias) == 0 ? session : NULL;
}

// ---- sessions that changes add ----

// Can somebody log in to the target now?
static bool is_reachable(const struct emulator *emulator, size_t target)
{
    const struct topology_target *plan = &emulator->topology->targets[target];
    const struct emulator_instance *home = &emulator->instances[emulator_home(plan)];
    return home->state == INSTANCE_RUNNING && !home->gone[emulator->tids[target]] &&
           emulator->instances[plan->instance].state == INSTANCE_RUNNING;
}

static bool isid_is_planned(const struct topology *topology, const uint8_t isid[ISID_SIZE])
{
    for (size_t i = 0; i < topology->session_count; i++)
        if (memcmp(topology->sessions[i].isid, isid, ISID_SIZE) == 0)
            return true;
    return false;
}

// The ISID has the random form, which leaves 32 bits to count in.
static void make_isid(struct emulator *emulator, uint8_t isid[ISID_SIZE])
{
    do {
        uint32_t number = ++emulator->isids_made;
        const uint8_t made[ISID_SIZE] = {(uint8_t)(ISID_RANDOM << 6), 'k',
                                         (uint8_t)(number >> 24),     (uint8_t)(number >> 16),
                                         (uint8_t)(number >> 8),      (uint8_t)number};
        memcpy(isid, made, sizeof made);
    } while (isid_is_planned(emulator->topology, isid));
}

static bool choose_plan(const struct emulator *emulator, struct topology_session *plan)
{
    const struct topology *topology = emulator->topology;
    for (size_t i = 0; i < topology->session_count; i++) {
        if (!is_reachable(emulator, topology->sessions[i].target))
            continue;
        *plan = topology->sessions[i];
        plan->recovering = false;
        plan->line = 0;
        return true;
    }
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        if (!is_reachable(emulator, i))
            continue;
        *plan = (struct topology_session){
            .initiator_name = target->allowed_initiator_count > 0 ? target->allowed_initiators[0]
                                                                  : own_initiator_name,
            .target = i,
            .chap = target->chap,
        };
        return true;
    }
    return false;
}

int emulator_further_plan(struct emulator *emulator, struct topology_session *plan,
                          struct failure *failure)
{
    if (!choose_plan(emulator, plan))
        return failure_set(failure, STATUS_UNTRUSTED,
                           "a session can't be added: there is no target that can be reached");
    make_isid(emulator, plan->isid);
    return 0;
}

// ---- the history ----

// What is true now, as the source tells it; NULL when memory ran out.
static struct truth *make_truth(const struct emulator *emulator)
{
    const struct session_source *source = emulator->source;
    struct truth *truth = calloc(1, sizeof *truth);
    if (truth == NULL)
        return NULL;
    size_t count = source->count(emulator);
    truth->generation = emulator->generation_count + 1;
    truth->sessions = calloc(count + 1, sizeof *truth->sessions);
    bool good = truth->sessions != NULL;
    for (size_t i = 0; good && i < count; i++)
        if (source->specific(emulator, i) != 0)
            good = source->tell(emulator, i, &truth->sessions[truth->session_count++]) == 0;
    if (good)
        return truth;
    truth_free(truth);
    return NULL;
}

static int make_generation_room(struct emulator *emulator, struct failure *failure)
{
    if (emulator->generation_count < emulator->generation_capacity)
        return 0;
    size_t capacity = emulator->generation_capacity == 0 ? 16 : emulator->generation_capacity * 2;
    struct truth **generations =
        reallocarray(emulator->generations, capacity, sizeof(struct truth *));
    if (generations == NULL)
        return emulator_fail_memory(failure);
    emulator->generations = generations;
    emulator->generation_capacity = capacity;
    return 0;
}

int emulator_publish(struct emulator *emulator, uint64_t began_ns, struct failure *failure)
{
    bool has_table = (emulator->source->abilities(emulator) & EMULATOR_HAS_TABLE) != 0;
    if (!emulator->publishes)
        return 0;
    if (make_generation_room(emulator, failure) != 0)
        return -1;
    struct truth *truth = make_truth(emulator);
    if (truth == NULL)
        return emulator_fail_memory(failure);
    truth->began_ns = began_ns != 0 ? began_ns : clock_now_ns();
    if (has_table && session_table_write(emulator->table, truth, failure) != 0) {
        truth_free(truth);
        return -1;
    }
    truth->settled_ns = clock_now_ns();
    emulator->generations[emulator->generation_count++] = truth;
    return 0;
}
