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

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

void plan_describe_left_out(const struct left_out *left_out, char *text, size_t size)
{
    size_t clauses = left_out->clauses;
    size_t scenarios = left_out->scenarios;
    text[0] = '\0';
    if (clauses > 0 && scenarios > 0)
        snprintf(text, size, "left out: %zu clause%s, %zu scenario%s", clauses, plural(clauses),
                 scenarios, plural(scenarios));
    else if (clauses > 0)
        snprintf(text, size, "left out: %zu clause%s", clauses, plural(clauses));
    else if (scenarios > 0)
        snprintf(text, size, "left out: %zu scenario%s", scenarios, plural(scenarios));
    size_t used = strlen(text);
    if (left_out->unsuited > 0)
        snprintf(text + used, size - used, "%sno scenario here has what %zu clause%s need%s",
                 used > 0 ? "; " : "", left_out->unsuited, plural(left_out->unsuited),
                 left_out->unsuited == 1 ? "s" : "");
    used = strlen(text);
    if (left_out->impossible > 0)
        snprintf(text + used, size - used, "%sthe login can't bring up %zu scenario%s",
                 used > 0 ? "; " : "", left_out->impossible, plural(left_out->impossible));
}
