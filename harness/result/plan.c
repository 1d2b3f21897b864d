// SPDX-License-Identifier: Apache-2.0
// Plans: copied, freed, described.
#include "harness/result/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool shard_has(const struct plan *plan, size_t index)
{
    return plan->shard == 0 || plan->entries[index].shard == plan->shard;
}

int plan_copy(struct plan *copy, const struct plan *plan)
{
    *copy = *plan;
    copy->count = 0;
    copy->entries = calloc(plan->count + 1, sizeof *copy->entries);
    if (copy->entries == NULL) {
        *copy = (struct plan){0};
        return -1;
    }
    for (size_t i = 0; i < plan->count; i++) {
        copy->entries[i] = plan->entries[i];
        copy->entries[i].scenario = strdup(plan->entries[i].scenario);
        if (copy->entries[i].scenario == NULL) {
            plan_clear(copy);
            return -1;
        }
        copy->count++;
    }
    return 0;
}

void plan_clear(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        free(plan->entries[i].scenario);
    free(plan->entries);
    *plan = (struct plan){0};
}
