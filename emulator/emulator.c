// SPDX-License-Identifier: Apache-2.0
// Brings a topology up and takes it down. What is done in between is the session source's.
#include "emulator/emulator.h"

#include "emulator/external/external.h"
#include "emulator/process/process.h"
#include "emulator/recorded/recorded.h"
#include "emulator/sessions/own_source.h"
#include "emulator/sessions/targets.h"
#include "emulator/state.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

enum { REMOVE_DESCRIPTORS = 16 }; // for walking the folder

// ---- what there is ----

const struct truth *emulator_truth(const struct emulator *emulator)
{
    size_t count = emulator->generation_count;
    return count == 0 ? NULL : emulator->generations[count - 1];
}

size_t emulator_generation_count(const struct emulator *emulator)
{
    return emulator->generation_count;
}

const struct truth *emulator_generation(const struct emulator *emulator, size_t index)
{
    return index < emulator->generation_count ? emulator->generations[index] : NULL;
}

size_t emulator_session_count(const struct emulator *emulator)
{
    return emulator->source->count(emulator);
}

const struct truth_session *emulator_session(const struct emulator *emulator, size_t session)
{
    const struct truth *truth = emulator_truth(emulator);
    if (truth == NULL || session >= emulator->source->count(emulator))
        return NULL;
    uint64_t specific = emulator->source->specific(emulator, session);
    for (size_t i = 0; i < truth->session_count; i++)
        if (truth->sessions[i].adapter_specific == specific)
            return &truth->sessions[i];
    return NULL;
}

const struct topology *emulator_topology(const struct emulator *emulator)
{
    return emulator->topology;
}

unsigned emulator_abilities(const struct emulator *emulator)
{
    return emulator->source->abilities(emulator);
}

const char *emulator_session_table(const struct emulator *emulator)
{
    return (emulator_abilities(emulator) & EMULATOR_HAS_TABLE) != 0 ? emulator->table : NULL;
}

// Has it been deleted?
static bool is_gone(const struct emulator *emulator, size_t target)
{
    const struct topology_target *plan = &emulator->topology->targets[target];
    return emulator->instances[emulator_home(plan)].gone[emulator->tids[target]];
}

static bool has_session_with(const struct truth *truth, const char *target)
{
    for (size_t i = 0; i < truth->session_count; i++)
        if (strcmp(truth->sessions[i].target_node_name, target) == 0)
            return true;
    return false;
}

// The portals of all connections.
static int add_portals(struct inventory *inventory, const struct truth *truth)
{
    for (size_t i = 0; i < truth->session_count; i++)
        for (size_t j = 0; j < truth->sessions[i].connection_count; j++) {
            const struct truth_connection *connection = &truth->sessions[i].connections[j];
            if (inventory_add_portal(inventory, connection->target_address,
                                     connection->target_port) != 0)
                return -1;
        }
    return 0;
}

struct inventory *emulator_inventory(const struct emulator *emulator, bool all_known, bool others)
{
    const struct topology *topology = emulator->topology;
    struct inventory *inventory = calloc(1, sizeof *inventory);
    if (inventory == NULL)
        return NULL;
    inventory->others = others && !all_known;
    inventory->other_portals = !all_known;
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        bool known = all_known || has_session_with(emulator_truth(emulator), target->name);
        if (is_gone(emulator, i) ||
            inventory_add(inventory, target->name, known, target->lun_count) == 0)
            continue;
        inventory_free(inventory);
        return NULL;
    }
    if (all_known && add_portals(inventory, emulator_truth(emulator)) != 0) {
        inventory_free(inventory);
        return NULL;
    }
    return inventory;
}

const struct tgtd *emulator_instance(const struct emulator *emulator, size_t index)
{
    return emulator->instances[index].tgtd;
}

const struct tgtd_portal *emulator_portals(const struct emulator *emulator, size_t index,
                                           size_t *count)
{
    *count = emulator->instances[index].portal_count;
    return emulator->instances[index].portals;
}

uint64_t emulator_peak_memory(const struct emulator *emulator)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (emulator->instances[i].state != INSTANCE_DOWN)
            sum += process_peak_memory(tgtd_pid(emulator->instances[i].tgtd));
    return sum;
}

// ---- changes ----

int emulator_login(struct emulator *emulator, size_t *session, struct failure *failure)
{
    return emulator->source->login(emulator, session, failure);
}

int emulator_logout(struct emulator *emulator, size_t session, struct failure *failure)
{
    return emulator->source->logout(emulator, session, failure);
}

int emulator_drop(struct emulator *emulator, size_t session, enum emulator_side side,
                  struct failure *failure)
{
    return emulator->source->drop(emulator, session, side, failure);
}

int emulator_reinstate(struct emulator *emulator, size_t session, struct failure *failure)
{
    return emulator->source->reinstate(emulator, session, failure);
}

int emulator_event(struct emulator *emulator, const struct topology_event *event,
                   struct failure *failure)
{
    if (emulator->source->event == NULL)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "an event can't be made with an initiator that isn't the kit's own");
    return emulator->source->event(emulator, event, failure);
}

int emulator_verify(struct emulator *emulator, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (emulator->instances[i].state == INSTANCE_RUNNING &&
            tgtd_ping(emulator->instances[i].tgtd, PING_TIMEOUT_MS, failure) != 0)
            return -1;
    return emulator->source->verify(emulator, failure);
}

int emulator_finish(struct emulator *emulator, struct failure *failure)
{
    return emulator->source->finish != NULL ? emulator->source->finish(emulator, failure) : 0;
}

// ---- start and stop ----

// Chooses a number that no other emulator of this or an earlier run has: so an implementation that
// kept an identifier of another scenario is found out.
static int choose_adapter(struct emulator *emulator, struct failure *failure)
{
    while (emulator->adapter_unique == 0) {
        ssize_t size = getrandom(&emulator->adapter_unique, sizeof emulator->adapter_unique, 0);
        if (size != (ssize_t)sizeof emulator->adapter_unique && errno != EINTR)
            return failure_set(failure, STATUS_UNTRUSTED, "getrandom: %s", strerror(errno));
    }
    return 0;
}

// The table has a folder to itself: that is what an isolated host may see.
static int make_table_folder(struct emulator *emulator, struct failure *failure)
{
    char *folder = NULL;
    if (asprintf(&folder, "%s/table", emulator->folder) < 0)
        return emulator_fail_memory(failure);
    int status = mkdir(folder, 0700);
    if (status != 0)
        failure_set(failure, STATUS_UNTRUSTED, "can't make the folder %s: %s%s", folder,
                    strerror(errno), failure_room(errno));
    else if (asprintf(&emulator->table, "%s/sessions", folder) < 0) {
        emulator->table = NULL;
        status = emulator_fail_memory(failure);
    }
    free(folder);
    return status;
}

static int make_folder(struct emulator *emulator, const char *folder, struct failure *failure)
{
    char *made = NULL;
    if (asprintf(&made, "%s/emulator-XXXXXX", folder) < 0)
        return emulator_fail_memory(failure);
    if (mkdtemp(made) == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "can't make a folder in %s: %s%s", folder,
                    strerror(errno), failure_room(errno));
        free(made);
        return -1;
    }
    emulator->folder = made;
    return make_table_folder(emulator, failure);
}

static int start_instances(struct emulator *emulator, struct failure *failure)
{
    bool is_live = (emulator_abilities(emulator) & EMULATOR_IS_LIVE) != 0;
    for (size_t i = 0; i < emulator->topology->instance_count && !is_live; i++)
        emulator->instances[i].state = INSTANCE_DOWN;
    if (!is_live)
        return 0;
    if (emulator_raise_descriptor_limit(emulator, failure) != 0)
        return -1;
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (emulator_start_instance(emulator, i, failure) != 0)
            return -1;
    for (size_t i = 0; i < emulator->topology->instance_count; i++)
        if (emulator_make_targets(emulator, i, failure) != 0)
            return -1;
    return 0;
}

static int bring_up(struct emulator *emulator, const char *folder, struct failure *failure)
{
    if (choose_adapter(emulator, failure) != 0 || emulator_allocate(emulator, failure) != 0 ||
        make_folder(emulator, folder, failure) != 0 || start_instances(emulator, failure) != 0)
        return -1;
    return emulator->source->bring_up(emulator, failure);
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle);
}

// Nothing of it is up yet, and its source is still to be set. NULL when memory ran out.
static struct emulator *create(struct supervisor *supervisor, const struct topology *topology)
{
    struct emulator *created = calloc(1, sizeof *created);
    uv_timer_t *grace = calloc(1, sizeof *grace);
    if (created == NULL || grace == NULL) {
        free(created);
        free(grace);
        return NULL;
    }
    created->supervisor = supervisor;
    created->topology = topology;
    uv_timer_init(supervisor_loop(supervisor), grace); // can't fail
    grace->data = created;
    created->grace = grace;
    return created;
}

static int start(struct emulator **emulator, struct emulator *created, const char *folder,
                 struct failure *failure)
{
    if (bring_up(created, folder, failure) != 0) {
        emulator_stop(created);
        return -1;
    }
    *emulator = created;
    return 0;
}

int emulator_start(struct emulator **emulator, struct supervisor *supervisor,
                   const struct topology *topology, const char *folder, struct failure *failure)
{
    struct emulator *created = create(supervisor, topology);
    if (created == NULL)
        return emulator_fail_memory(failure);
    created->source = &own_source;
    return start(emulator, created, folder, failure);
}

int emulator_start_recorded(struct emulator **emulator, struct supervisor *supervisor,
                            const struct topology *topology, const char *folder,
                            const struct truth *recorded, struct failure *failure)
{
    struct emulator *created = create(supervisor, topology);
    if (created == NULL)
        return emulator_fail_memory(failure);
    created->source = &recorded_source;
    created->source_data = truth_share(recorded);
    return start(emulator, created, folder, failure);
}

int emulator_start_external(struct emulator **emulator, struct supervisor *supervisor,
                            const struct topology *topology, const char *folder,
                            const struct login_command *command, const struct login_agent *agent,
                            struct failure *failure)
{
    struct emulator *created = create(supervisor, topology);
    struct external *external = created != NULL ? external_create(created, command, agent) : NULL;
    if (external == NULL) {
        if (created != NULL)
            uv_close((uv_handle_t *)created->grace, on_timer_closed);
        free(created);
        return emulator_fail_memory(failure);
    }
    created->source = &external_source;
    created->source_data = external;
    return start(emulator, created, folder, failure);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    remove(path); // what can't be removed is left, and goes with the run's folder
    return 0;
}

void emulator_stop(struct emulator *emulator)
{
    if (emulator == NULL)
        return;
    // Sessions first: logout commands need the targets, and while instances are being stopped the
    // loop runs, so that a session whose end is then seen would look lost.
    emulator->source->stop(emulator);
    uv_close((uv_handle_t *)emulator->grace, on_timer_closed);
    for (size_t i = 0; emulator->instances != NULL && i < emulator->topology->instance_count; i++)
        tgtd_stop(emulator->instances[i].tgtd);
    if (emulator->folder != NULL)
        nftw(emulator->folder, remove_entry, REMOVE_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    emulator_release(emulator);
}
