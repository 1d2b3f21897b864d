// SPDX-License-Identifier: Apache-2.0
// Adds the targets to a topology.
#include "emulator/scenario/expand_targets.h"

#include "conformance/base/wording.h"
#include "emulator/scenario/expand_initiators.h"
#include "emulator/scenario/expand_instances.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static int add_parameters(struct expansion *expansion, struct topology_target *target, size_t entry)
{
    const struct parameters_node *node = expansion->node->targets[entry].parameters;
    if (node == NULL)
        return 0;
    target->parameters = expansion_array(expansion, PARAMETER_COUNT, sizeof *target->parameters);
    if (target->parameters == NULL)
        return -1;
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        const char *name = scenario_parameter_name((enum scenario_parameter)i);
        const char *value = node->values[i];
        char expected[128];
        if (value == NULL)
            continue;
        if (scenario_parameter_check((enum scenario_parameter)i, value, expected,
                                     sizeof expected) != 0)
            return expansion_problem(
                expansion, node_path("targets[%zu].parameters.%s", entry, name).text,
                "%s is not a value of %s: %s", quote(value).text, name, expected);
        struct topology_parameter *parameter = &target->parameters[target->parameter_count++];
        parameter->name = strdup(name);
        parameter->value = strdup(value);
        if (parameter->name == NULL || parameter->value == NULL)
            return expansion_no_memory(expansion);
    }
    return 0;
}

// How many bits the numeric address of `length` characters has; 0 when it isn't one.
static unsigned long address_bits(const char *address, size_t length)
{
    struct in6_addr bytes;
    char copy[INET6_ADDRSTRLEN];
    if (length >= sizeof copy)
        return 0;
    memcpy(copy, address, length);
    copy[length] = '\0';
    return inet_pton(AF_INET, copy, &bytes) == 1    ? 32
           : inet_pton(AF_INET6, copy, &bytes) == 1 ? 128
                                                    : 0;
}

// An address, a network (ADDRESS/BITS) or ALL: tgtd takes any text, and then lets nobody in.
static int check_allowed_address(const struct expansion *expansion, const char *address,
                                 const char *path)
{
    size_t length = strcspn(address, "/");
    const char *rest = address + length;
    unsigned long bits_max = address_bits(address, length);
    bool well_formed = bits_max > 0;
    if (*rest == '/') {
        size_t digits = strspn(rest + 1, "0123456789");
        well_formed = well_formed && digits > 0 && digits <= 3 && rest[1 + digits] == '\0' &&
                      strtoul(rest + 1, NULL, 10) <= bits_max;
    }
    if (well_formed || strcmp(address, "ALL") == 0)
        return 0;
    return expansion_problem(expansion, path,
                             "%s is neither an address, nor a network ADDRESS/BITS, nor ALL",
                             quote(address).text);
}

static int add_allowed_addresses(struct expansion *expansion, struct topology_target *target,
                                 size_t entry)
{
    const struct allow_node *allow = expansion->node->targets[entry].allow;
    target->allowed_addresses =
        expansion_array(expansion, allow->addresses_count, sizeof *target->allowed_addresses);
    if (target->allowed_addresses == NULL)
        return -1;
    for (size_t i = 0; i < allow->addresses_count; i++) {
        if (check_allowed_address(expansion, allow->addresses[i],
                                  node_path("targets[%zu].allow.addresses[%zu]", entry, i).text) !=
            0)
            return -1;
        char *address = strdup(allow->addresses[i]);
        if (address == NULL)
            return expansion_no_memory(expansion);
        target->allowed_addresses[target->allowed_address_count++] = address;
    }
    return 0;
}

static int add_allowed_initiators(struct expansion *expansion, struct topology_target *target,
                                  size_t entry)
{
    const struct allow_node *allow = expansion->node->targets[entry].allow;
    size_t entries[SCENARIO_ALLOW_MAX];
    size_t total = 0;
    for (size_t i = 0; i < allow->initiators_count; i++) {
        struct node_path path = node_path("targets[%zu].allow.initiators[%zu]", entry, i);
        if (names_find(expansion, &expansion->initiators, path.text, "initiator",
                       allow->initiators[i], &entries[i]) != 0)
            return -1;
        for (size_t j = 0; j < i; j++)
            if (strcmp(allow->initiators[j], allow->initiators[i]) == 0)
                return expansion_problem(expansion, path.text, "initiator %s is in this list twice",
                                         quote(allow->initiators[i]).text);
        total += expansion->initiators.groups[entries[i]].count;
    }
    expansion->allowed_count += total;
    if (expansion->allowed_count > TOPOLOGY_ALLOWED_MAX)
        return expansion_problem(expansion, node_path("targets[%zu].allow.initiators", entry).text,
                                 "%zu allowed initiators so far, over all targets; at most %d "
                                 "are allowed",
                                 expansion->allowed_count, TOPOLOGY_ALLOWED_MAX);
    target->allowed_initiators =
        expansion_array(expansion, total, sizeof *target->allowed_initiators);
    if (target->allowed_initiators == NULL)
        return -1;
    for (size_t i = 0; i < allow->initiators_count; i++) {
        const struct group *group = &expansion->initiators.groups[entries[i]];
        for (size_t j = 0; j < group->count; j++) {
            char *name = strdup(expansion->initiator_names[group->first + j]);
            if (name == NULL)
                return expansion_no_memory(expansion);
            target->allowed_initiators[target->allowed_initiator_count++] = name;
        }
    }
    return 0;
}

static int name_target(struct expansion *expansion, struct topology_target *target, size_t entry,
                       size_t number)
{
    const struct target_node *node = &expansion->node->targets[entry];
    const char *name_key = node->name != NULL ? "name" : "pattern";
    char problem[TOPOLOGY_PROBLEM_SIZE];
    target->name = node->name != NULL ? strdup(node->name) : pattern_fill(node->pattern, number);
    if (target->name == NULL)
        return expansion_no_memory(expansion);
    if (topology_check_target_name(target->name, problem) != 0)
        return expansion_problem(expansion, node_path("targets[%zu].%s", entry, name_key).text,
                                 "the target name %s %s", quote(target->name).text, problem);
    return 0;
}

// tgtd keeps CHAP accounts for an instance, not for a target.
static int check_account(const struct expansion *expansion, size_t entry, const char *key,
                         const struct secret_node *secret, const struct secret_node *other,
                         size_t other_entry)
{
    if (secret == NULL || other == NULL || strcmp(secret->user, other->user) != 0 ||
        strcmp(secret->password, other->password) == 0)
        return 0;
    return expansion_problem(
        expansion, node_path("targets[%zu].%s.password", entry, key).text,
        "user %s has another password in line %zu; one user has one "
        "password",
        quote(secret->user).text,
        expansion_line(expansion, node_path("targets[%zu]", other_entry).text));
}

static int check_target_secrets(const struct expansion *expansion, size_t entry)
{
    const struct target_node *node = &expansion->node->targets[entry];
    if (expansion_check_secrets(expansion, node_path("targets[%zu]", entry).text, node->chap,
                                node->mutual) != 0)
        return -1;
    if (node->mutual != NULL && strcmp(node->mutual->user, node->chap->user) == 0)
        return expansion_problem(expansion, node_path("targets[%zu].mutual.user", entry).text,
                                 "the target proves itself as %s, which is whom it asks its "
                                 "initiators to be; give it another user",
                                 quote(node->mutual->user).text);
    for (size_t i = 0; i < entry; i++) {
        const struct target_node *other = &expansion->node->targets[i];
        if (check_account(expansion, entry, "chap", node->chap, other->chap, i) != 0 ||
            check_account(expansion, entry, "chap", node->chap, other->mutual, i) != 0 ||
            check_account(expansion, entry, "mutual", node->mutual, other->chap, i) != 0 ||
            check_account(expansion, entry, "mutual", node->mutual, other->mutual, i) != 0)
            return -1;
    }
    return 0;
}

static int add_redirect(const struct expansion *expansion, struct topology_target *target,
                        size_t entry)
{
    const struct redirect_node *node = expansion->node->targets[entry].redirect;
    struct node_path path = node_path("targets[%zu].redirect", entry);
    struct topology_redirect *redirect = &target->redirect;
    if (node == NULL)
        return 0;
    redirect->is = true;
    redirect->permanent = node->permanent;
    if (expansion_find_instance(expansion, node->instance, node_path("%s.instance", path.text).text,
                                &redirect->instance) != 0)
        return -1;
    if (redirect->instance == target->instance)
        return expansion_problem(expansion, node_path("%s.instance", path.text).text,
                                 "the target is at instance %s itself; it can send its "
                                 "initiators to another one only",
                                 quote(node->instance).text);
    return expansion_find_portal(expansion, node->portal, redirect->instance,
                                 node_path("%s.portal", path.text).text, "", &redirect->portal);
}

static int add_target(struct expansion *expansion, size_t entry, size_t number)
{
    enum { LUNS_OF_ONE_MAX = 255 };
    const struct target_node *node = &expansion->node->targets[entry];
    struct topology_target *target =
        &expansion->topology->targets[expansion->topology->target_count++];
    if (name_target(expansion, target, entry, number) != 0 ||
        expansion_find_instance(expansion, node->instance,
                                node_path("targets[%zu].instance", entry).text,
                                &target->instance) != 0 ||
        expansion_number(expansion, node_path("targets[%zu].luns", entry).text, node->luns, 1, 0,
                         LUNS_OF_ONE_MAX, &target->lun_count) != 0 ||
        add_parameters(expansion, target, entry) != 0 ||
        (number == 1 && check_target_secrets(expansion, entry) != 0) ||
        expansion_copy_secret(expansion, node->chap, &target->chap) != 0 ||
        expansion_copy_secret(expansion, node->mutual, &target->mutual) != 0 ||
        add_redirect(expansion, target, entry) != 0)
        return -1;
    if (node->allow == NULL)
        return 0;
    if (node->allow->initiators_count == 0 && node->allow->addresses_count == 0)
        return expansion_problem(expansion, node_path("targets[%zu].allow", entry).text,
                                 "allows nobody in particular; leave \"allow\" out to let "
                                 "everyone in");
    if (add_allowed_initiators(expansion, target, entry) != 0)
        return -1;
    return add_allowed_addresses(expansion, target, entry);
}

static struct entry_naming naming_of(const struct scenario_node *node, size_t entry)
{
    const struct target_node *target = &node->targets[entry];
    return (struct entry_naming){target->id, target->name, target->pattern, target->count};
}

static const char *name_of(const struct expansion *expansion, size_t index)
{
    return expansion->topology->targets[index].name;
}

int expand_targets(struct expansion *expansion)
{
    struct topology *topology = expansion->topology;
    struct named_list *list = &expansion->targets;
    size_t luns = 0;
    *list = (struct named_list){.name = "targets",
                                .max = TOPOLOGY_TARGETS_MAX,
                                .entry_count = expansion->node->targets_count};
    if (names_measure(expansion, list, naming_of) != 0)
        return -1;
    topology->targets = expansion_array(expansion, list->total, sizeof *topology->targets);
    if (topology->targets == NULL)
        return -1;
    for (size_t i = 0; i < list->entry_count; i++)
        for (size_t n = 1; n <= list->groups[i].count; n++) {
            if (add_target(expansion, i, n) != 0)
                return -1;
            luns += topology->targets[topology->target_count - 1].lun_count;
            if (luns > TOPOLOGY_LUNS_MAX)
                return expansion_problem(expansion, node_path("targets[%zu].luns", i).text,
                                         "%zu LUNs so far; at most %d are allowed", luns,
                                         TOPOLOGY_LUNS_MAX);
        }
    return names_check_differ(expansion, list, name_of);
}
