// What a topology needs before anyone logs in: the folder, the descriptors, the tgtd instances with
// their targets, LUNs, access lists and accounts.
#include "emulator/process/descriptors.h"
#include "emulator/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t emulator_home(const struct topology_target *target)
{
    return target->redirect.is ? target->redirect.instance : target->instance;
}

int emulator_allocate(struct emulator *emulator, struct failure *failure)
{
    const struct topology *topology = emulator->topology;
    // One more than needed, because calloc may answer NULL to nothing.
    emulator->instances = calloc(topology->instance_count + 1, sizeof *emulator->instances);
    emulator->accounts = calloc(topology->instance_count + 1, sizeof *emulator->accounts);
    emulator->tids = calloc(topology->target_count + 1, sizeof *emulator->tids);
    emulator->door_tids = calloc(topology->target_count + 1, sizeof *emulator->door_tids);
    if (emulator->instances == NULL || emulator->accounts == NULL || emulator->tids == NULL ||
        emulator->door_tids == NULL)
        return emulator_fail_memory(failure);
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
            return emulator_fail_memory(failure);
    }
    for (size_t i = 0; i < topology->session_count; i++) {
        struct emulator_session *session =
            emulator_add_session(emulator, &emulator->sessions, &topology->sessions[i], NULL);
        if (session == NULL)
            return emulator_fail_memory(failure);
        session->ended = topology->sessions[i].later;
    }
    for (size_t i = 0; i < topology->unlisted_count; i++) {
        if (emulator_add_session(emulator, &emulator->asides, &topology->unlisted[i], NULL) == NULL)
            return emulator_fail_memory(failure);
    }
    return 0;
}

int emulator_make_folder(struct emulator *emulator, const char *folder, struct failure *failure)
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
    if (asprintf(&emulator->table, "%s/sessions", made) < 0) {
        emulator->table = NULL;
        return emulator_fail_memory(failure);
    }
    return 0;
}

int emulator_raise_descriptor_limit(const struct emulator *emulator, struct failure *failure)
{
    size_t connection_count = emulator->asides.count;
    for (size_t i = 0; i < emulator->sessions.count; i++) {
        const struct emulator_session *session = emulator->sessions.items[i];
        connection_count += session->ended ? 0 : 1 + session->further_count;
    }
    char needs[64];
    snprintf(needs, sizeof needs, "%zu connections need", connection_count);
    return descriptors_require(connection_count + DESCRIPTORS_SPARE, needs, failure);
}

int emulator_start_instance(struct emulator *emulator, size_t index, struct failure *failure)
{
    const struct topology_instance *plan = &emulator->topology->instances[index];
    struct emulator_instance *instance = &emulator->instances[index];
    instance->portals = calloc(plan->portal_count + 1, sizeof *instance->portals);
    if (instance->portals == NULL)
        return emulator_fail_memory(failure);
    instance->portal_count = plan->portal_count;
    for (size_t i = 0; i < plan->portal_count; i++) {
        struct tgtd_portal *portal = &instance->portals[i];
        int length =
            snprintf(portal->address, sizeof portal->address, "%s", plan->portals[i].address);
        if (length < 0 || (size_t)length >= sizeof portal->address)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "instance %s: portal address \"%s\" is "
                               "too long to be one",
                               plan->name, plan->portals[i].address);
        portal->port = plan->portals[i].port;
    }
    return tgtd_start(&instance->tgtd, emulator->supervisor, emulator->folder, plan->name,
                      instance->portals, instance->portal_count, failure);
}

// tgtd admits an initiator whose address is listed or whose name is, and nobody where nothing is
// listed: only a target without any restriction lists every address.
static int allow_access(struct tgtd *tgtd, unsigned tid, const struct topology_target *target,
                        struct failure *failure)
{
    bool open = target->allowed_address_count == 0 && target->allowed_initiator_count == 0;
    if (open && tgtd_allow_address(tgtd, tid, "ALL", failure) != 0)
        return -1;
    for (size_t i = 0; i < target->allowed_address_count; i++) {
        if (tgtd_allow_address(tgtd, tid, target->allowed_addresses[i], failure) != 0)
            return -1;
    }
    for (size_t i = 0; i < target->allowed_initiator_count; i++) {
        if (tgtd_allow_initiator(tgtd, tid, target->allowed_initiators[i], failure) != 0)
            return -1;
    }
    return 0;
}

static bool has_user(const struct topology_secret *secret, const char *user)
{
    return secret->user != NULL && strcmp(secret->user, user) == 0;
}

// Makes the account known to the instance of the target with that index, where no target before it
// did, and binds it to the target.
static int bind_account(struct emulator *emulator, size_t index,
                        const struct topology_secret *secret, bool outgoing,
                        struct failure *failure)
{
    const struct topology_target *targets = emulator->topology->targets;
    size_t instance = emulator_home(&targets[index]);
    struct tgtd *tgtd = emulator->instances[instance].tgtd;
    bool known = false;
    if (secret->user == NULL)
        return 0;
    for (size_t i = 0; i < index && !known; i++)
        known =
            emulator_home(&targets[i]) == instance && (has_user(&targets[i].chap, secret->user) ||
                                                       has_user(&targets[i].mutual, secret->user));
    if (!known && tgtd_new_account(tgtd, secret->user, secret->password, failure) != 0)
        return -1;
    return tgtd_bind_account(tgtd, emulator->tids[index], secret->user, outgoing, failure);
}

// The target of the same name that initiators come to, and that sends them on.
static int make_door(struct emulator *emulator, size_t index, struct failure *failure)
{
    const struct topology_target *target = &emulator->topology->targets[index];
    const struct topology_redirect *redirect = &target->redirect;
    struct tgtd *tgtd = emulator->instances[target->instance].tgtd;
    unsigned tid = emulator->door_tids[index];
    if (tgtd_new_target(tgtd, tid, target->name, failure) != 0 ||
        allow_access(tgtd, tid, target, failure) != 0)
        return -1;
    return tgtd_redirect(tgtd, tid,
                         &emulator->instances[redirect->instance].portals[redirect->portal],
                         redirect->permanent, failure);
}

static int make_target(struct emulator *emulator, size_t index, struct failure *failure)
{
    const struct topology_target *target = &emulator->topology->targets[index];
    struct tgtd *tgtd = emulator->instances[emulator_home(target)].tgtd;
    unsigned tid = emulator->tids[index];
    if (tgtd_new_target(tgtd, tid, target->name, failure) != 0)
        return -1;
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct topology_parameter *parameter = &target->parameters[i];
        if (tgtd_set_parameter(tgtd, tid, parameter->name, parameter->value, failure) != 0)
            return -1;
    }
    for (unsigned lun = 1; lun <= target->lun_count; lun++) {
        if (tgtd_new_lun(tgtd, tid, lun, failure) != 0)
            return -1;
    }
    if (bind_account(emulator, index, &target->chap, false, failure) != 0 ||
        bind_account(emulator, index, &target->mutual, true, failure) != 0)
        return -1;
    return allow_access(tgtd, tid, target, failure);
}

int emulator_make_targets(struct emulator *emulator, size_t instance, struct failure *failure)
{
    for (size_t i = 0; i < emulator->topology->target_count; i++) {
        const struct topology_target *target = &emulator->topology->targets[i];
        if (emulator_home(target) == instance && make_target(emulator, i, failure) != 0)
            return -1;
        if (target->redirect.is && target->instance == instance &&
            make_door(emulator, i, failure) != 0)
            return -1;
    }
    return 0;
}
