// SPDX-License-Identifier: Apache-2.0
// Loads the scenarios that were asked for, and takes those out that were excluded.
#include "harness/command/scenarios.h"

#include "conformance/base/wording.h"
#include "emulator/scenario/listening.h"
#include "harness/command/paths.h"

#include <stdlib.h>
#include <string.h>

enum { NAMED_MAX = 12 }; // scenarios that an error message names

static int check_distinct(const struct scenarios *scenarios, const struct texts *names,
                          struct failure *failure)
{
    for (size_t i = 0; i < scenarios->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(scenarios->items[i]->name, scenarios->items[j]->name) == 0)
                return failure_set(failure, STATUS_USAGE,
                                   "--scenario %s: a scenario named \"%s\" is given already (%s); "
                                   "results are told apart by name: leave one out or rename it",
                                   names->items[i], scenarios->items[i]->name,
                                   scenarios->items[j]->path);
    return 0;
}

static int load(struct scenarios *scenarios, const struct scenario_selection *selection,
                struct failure *failure)
{
    const struct texts *names = &selection->names;
    char *folder = NULL;
    int result = -1;
    if (paths_scenarios(&folder, failure) != 0)
        return -1;
    if (names->count == 0) {
        const char *set = selection->set == NULL ? "standard" : selection->set;
        result = scenario_load_set(&scenarios->items, &scenarios->count, folder, set, failure);
        goto out;
    }
    scenarios->items = calloc(names->count, sizeof(struct scenario *));
    if (scenarios->items == NULL) {
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        goto out;
    }
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        if (scenario_find(&scenarios->items[i], folder, name, failure) != 0)
            goto out;
        scenarios->count++;
    }
    result = check_distinct(scenarios, names, failure);
out:
    free(folder);
    return result;
}

static bool is_excluded(const struct texts *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

// Takes the scenario of that name out. 0, or -1 with `failure` where there is none.
static int exclude(struct scenarios *scenarios, const char *name, struct failure *failure)
{
    struct choices choices;
    choices_begin(&choices, name);
    for (size_t i = 0; i < scenarios->count; i++) {
        choices_add(&choices, scenarios->items[i]->name);
        if (strcmp(scenarios->items[i]->name, name) != 0)
            continue;
        scenario_free(scenarios->items[i]);
        scenarios->count--;
        for (size_t j = i; j < scenarios->count; j++)
            scenarios->items[j] = scenarios->items[j + 1];
        scenarios->left_out++;
        return 0;
    }
    const struct choices_text end =
        choices.count <= NAMED_MAX
            ? choices_end(&choices, "scenarios here")
            : choices_hint(&choices, "iscsidsc-tck list scenarios", "names all");
    return failure_set(failure, STATUS_USAGE, "--exclude-scenario %s: not a scenario of this run%s",
                       name, end.text);
}

static int exclude_all(struct scenarios *scenarios, const struct texts *names,
                       struct failure *failure)
{
    for (size_t i = 0; i < names->count; i++)
        if (!is_excluded(names, i, names->items[i]) &&
            exclude(scenarios, names->items[i], failure) != 0)
            return -1;
    if (scenarios->count > 0)
        return 0;
    return failure_set(failure, STATUS_USAGE,
                       "--exclude-scenario %s: no scenario is left to run in; leave out fewer",
                       names->items[names->count - 1]);
}

int scenarios_select(struct scenarios *scenarios, const struct scenario_selection *selection,
                     struct failure *failure)
{
    if (load(scenarios, selection, failure) != 0)
        return -1;
    return selection->excluded.count == 0 ? 0
                                          : exclude_all(scenarios, &selection->excluded, failure);
}

int scenarios_listen(struct scenarios *scenarios, const char *address, struct failure *failure)
{
    char why[256];
    for (size_t i = 0; address != NULL && i < scenarios->count; i++) {
        struct topology *topology = &scenarios->items[i]->topology;
        if (listening_suits(topology, address, why, sizeof why) &&
            listening_apply(topology, address, failure) != 0)
            return -1;
    }
    return 0;
}

void scenarios_free(struct scenarios *scenarios)
{
    for (size_t i = 0; i < scenarios->count; i++)
        scenario_free(scenarios->items[i]);
    free(scenarios->items);
}
