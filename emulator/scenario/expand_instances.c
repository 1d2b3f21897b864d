// SPDX-License-Identifier: Apache-2.0
// Adds the instances to a topology.
#include "emulator/scenario/expand_instances.h"

#include "conformance/base/wording.h"

#include <stdlib.h>
#include <string.h>

static int add_portal(struct expansion *expansion, struct topology_instance *instance,
                      const char *address, const uint32_t *port, const char *path)
{
    char canonical[64];
    char problem[TOPOLOGY_PROBLEM_SIZE];
    uint32_t number = 0;
    if (topology_check_address(address, canonical, problem) != 0)
        return expansion_problem(expansion, node_path("%s.address", path).text, "%s %s",
                                 quote(address).text, problem);
    if (expansion_number(expansion, node_path("%s.port", path).text, port, 0, 0, 65535, &number) !=
        0)
        return -1;
    for (size_t i = 0; i <= (size_t)(instance - expansion->topology->instances); i++) {
        const struct topology_instance *other = &expansion->topology->instances[i];
        for (size_t j = 0; number != 0 && j < other->portal_count; j++)
            if (other->portals[j].port == number &&
                strcmp(other->portals[j].address, canonical) == 0)
                return expansion_problem(expansion, node_path("%s.port", path).text,
                                         "another portal has port %u of %s already; leave the "
                                         "port out to have a free one",
                                         number, canonical);
    }
    struct topology_portal *portal = &instance->portals[instance->portal_count];
    portal->address = strdup(canonical);
    if (portal->address == NULL)
        return expansion_no_memory(expansion);
    portal->port = (uint16_t)number;
    instance->portal_count++;
    return 0;
}

static int add_instance(struct expansion *expansion, const struct instance_node *node, size_t entry)
{
    // The portal of an instance for which the file names none.
    char address[] = "127.0.0.1";
    struct portal_node fallback = {.address = address};
    const struct portal_node *portals = node->portals_count > 0 ? node->portals : &fallback;
    size_t count = node->portals_count > 0 ? node->portals_count : 1;

    struct topology *topology = expansion->topology;
    struct topology_instance *instance = &topology->instances[topology->instance_count++];
    instance->name = strdup(node->name);
    instance->portals = expansion_array(expansion, count, sizeof *instance->portals);
    if (instance->name == NULL || instance->portals == NULL)
        return expansion_no_memory(expansion);
    for (size_t i = 0; i < count; i++)
        if (add_portal(expansion, instance, portals[i].address, portals[i].port,
                       node_path("instances[%zu].portals[%zu]", entry, i).text) != 0)
            return -1;
    return 0;
}

static int check_instance(const struct expansion *expansion, size_t entry)
{
    const struct instance_node *instances = expansion->node->instances;
    struct node_path path = node_path("instances[%zu].name", entry);
    if (names_check_label(expansion, path.text, instances[entry].name) != 0)
        return -1;
    for (size_t i = 0; i < entry; i++)
        if (strcmp(instances[i].name, instances[entry].name) == 0)
            return expansion_problem(expansion, path.text, "two instances are called %s",
                                     quote(instances[entry].name).text);
    return 0;
}

int expand_instances(struct expansion *expansion)
{
    // The instance of a file that names none.
    char name[] = "default";
    struct instance_node fallback = {.name = name};
    const struct scenario_node *node = expansion->node;
    struct topology *topology = expansion->topology;
    topology->instances =
        expansion_array(expansion, node->instances_count + 1, sizeof *topology->instances);
    if (topology->instances == NULL)
        return -1;
    if (node->instances_count == 0)
        return add_instance(expansion, &fallback, 0);
    for (size_t i = 0; i < node->instances_count; i++)
        if (check_instance(expansion, i) != 0 ||
            add_instance(expansion, &node->instances[i], i) != 0)
            return -1;
    return 0;
}

int expansion_find_instance(const struct expansion *expansion, const char *name, const char *path,
                            size_t *instance)
{
    struct choices choices;
    *instance = 0;
    if (name == NULL)
        return 0;
    choices_begin(&choices, name);
    for (size_t i = 0; i < expansion->topology->instance_count; i++) {
        const char *candidate = expansion->topology->instances[i].name;
        choices_add(&choices, candidate);
        // The analyzer does not follow expand_instances far enough to see that each has a name.
        // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
        if (strcmp(candidate, name) == 0) {
            *instance = i;
            return 0;
        }
    }
    return expansion_problem(expansion, path, "unknown instance %s%s", quote(name).text,
                             choices_end(&choices, "instances here").text);
}

int expansion_find_portal(const struct expansion *expansion, const char *wanted, size_t index,
                          const char *path, const char *hint, size_t *portal)
{
    const struct topology_instance *instance = &expansion->topology->instances[index];
    char canonical[64];
    char problem[TOPOLOGY_PROBLEM_SIZE];
    if (topology_check_address(wanted, canonical, problem) != 0)
        return expansion_problem(expansion, path, "%s %s%s", quote(wanted).text, problem, hint);
    struct choices choices;
    choices_begin(&choices, canonical);
    for (size_t i = 0; i < instance->portal_count; i++) {
        choices_add(&choices, instance->portals[i].address);
        if (strcmp(instance->portals[i].address, canonical) == 0) {
            *portal = i;
            return 0;
        }
    }
    choices.nearest_distance = SIZE_MAX; // an address is no misspelling of another one
    return expansion_problem(
        expansion, path, "instance %s, where the target is, has no portal %s%s",
        quote(instance->name).text, canonical, choices_end(&choices, "its portals").text);
}
