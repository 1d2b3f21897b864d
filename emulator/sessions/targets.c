// SPDX-License-Identifier: Apache-2.0
// Starts the instances and makes their targets.
#include "emulator/sessions/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

// Makes the account at the instance of the target with that index, unless it was made for a target
// before it, and binds it to the target.
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

// Makes the target of the same name that initiators come to, and that redirects them.
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
