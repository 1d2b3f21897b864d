// SPDX-License-Identifier: Apache-2.0
// The contract in order: all groups of clauses.
#include "conformance/clauses/groups.h"

#include <strings.h>

const struct clause_group *const clause_groups[] = {
    &group_status,  &group_size,    &group_count,   &group_bounds,   &group_layout,
    &group_content, &group_charset, &group_stable,  &group_change,   &group_threads,
    &group_args,    &group_empty,   &group_export,  &group_fault,    &group_callers,
    &group_ex,      &group_targets, &group_devices, &group_mappings, &group_initiators,
    &group_portals, NULL,
};

const struct clause *clause_find(const char *id)
{
    for (const struct clause_group *const *group = clause_groups; *group != NULL; group++)
        for (size_t i = 0; i < (*group)->count; i++)
            if (strcasecmp((*group)->clauses[i].id, id) == 0)
                return &(*group)->clauses[i];
    return NULL;
}

const struct clause_group *clause_group_find(const char *name)
{
    for (const struct clause_group *const *group = clause_groups; *group != NULL; group++)
        if (strcasecmp((*group)->name, name) == 0)
            return *group;
    return NULL;
}

const struct clause_group *clause_group_of(const struct clause *clause)
{
    for (const struct clause_group *const *group = clause_groups; *group != NULL; group++)
        if (clause >= (*group)->clauses && clause < (*group)->clauses + (*group)->count)
            return *group;
    return NULL;
}
