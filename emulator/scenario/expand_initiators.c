// SPDX-License-Identifier: Apache-2.0
// Reads the initiators of a scenario file.
#include "emulator/scenario/expand_initiators.h"

#include "conformance/base/wording.h"

#include <stdlib.h>
#include <string.h>

// Secrets.

static int check_secret(const struct expansion *expansion, const char *path, const char *text)
{
    char problem[TOPOLOGY_PROBLEM_SIZE];
    if (topology_check_secret(text, problem) == 0)
        return 0;
    return expansion_problem(expansion, path, "it %s", problem); // not what it is: a secret
}

int expansion_check_secrets(const struct expansion *expansion, const char *path,
                            const struct secret_node *chap, const struct secret_node *mutual)
{
    const struct secret_node *const nodes[] = {chap, mutual};
    static const char *const keys[] = {"chap", "mutual"};
    for (size_t i = 0; i < 2; i++)
        if (nodes[i] != NULL &&
            (check_secret(expansion, node_path("%s.%s.user", path, keys[i]).text, nodes[i]->user) !=
                 0 ||
             check_secret(expansion, node_path("%s.%s.password", path, keys[i]).text,
                          nodes[i]->password) != 0))
            return -1;
    if (mutual != NULL && chap == NULL)
        return expansion_problem(expansion, node_path("%s.mutual", path).text,
                                 "\"mutual\" without \"chap\": the target proves itself only "
                                 "where the initiator does; give both");
    return 0;
}

int expansion_copy_secret(const struct expansion *expansion, const struct secret_node *node,
                          struct topology_secret *secret)
{
    if (node == NULL)
        return 0;
    secret->user = strdup(node->user);
    secret->password = strdup(node->password);
    return secret->user == NULL || secret->password == NULL ? expansion_no_memory(expansion) : 0;
}

// Initiators.

static int add_initiator(struct expansion *expansion, size_t entry, size_t number)
{
    const struct initiator_node *node = &expansion->node->initiators[entry];
    char problem[TOPOLOGY_PROBLEM_SIZE];
    char *name = node->name != NULL ? strdup(node->name) : pattern_fill(node->pattern, number);
    if (name == NULL)
        return expansion_no_memory(expansion);
    expansion->initiator_names[expansion->initiators.groups[entry].first + number - 1] = name;
    if (topology_check_initiator_name(name, problem) == 0)
        return 0;
    return expansion_problem(
        expansion,
        node_path("initiators[%zu].%s", entry, node->name != NULL ? "name" : "pattern").text,
        "the initiator name %s %s", quote(name).text, problem);
}

static struct entry_naming naming_of(const struct scenario_node *node, size_t entry)
{
    const struct initiator_node *initiator = &node->initiators[entry];
    return (struct entry_naming){initiator->id, initiator->name, initiator->pattern,
                                 initiator->count};
}

static const char *name_of(const struct expansion *expansion, size_t index)
{
    return expansion->initiator_names[index];
}

int expand_initiators(struct expansion *expansion)
{
    const struct scenario_node *node = expansion->node;
    struct named_list *list = &expansion->initiators;
    *list = (struct named_list){.name = "initiators",
                                .max = TOPOLOGY_INITIATORS_MAX,
                                .entry_count = node->initiators_count};
    if (names_measure(expansion, list, naming_of) != 0)
        return -1;
    expansion->initiator_names =
        expansion_array(expansion, list->total, sizeof *expansion->initiator_names);
    if (expansion->initiator_names == NULL)
        return -1;
    for (size_t i = 0; i < list->entry_count; i++)
        for (size_t n = 1; n <= list->groups[i].count; n++)
            if (add_initiator(expansion, i, n) != 0)
                return -1;
    for (size_t i = 0; i < list->entry_count; i++)
        if (expansion_check_secrets(expansion, node_path("initiators[%zu]", i).text,
                                    node->initiators[i].chap, node->initiators[i].mutual) != 0)
            return -1;
    return names_check_differ(expansion, list, name_of);
}
