// SPDX-License-Identifier: Apache-2.0
// Loads scenarios: one from a file, one by its name, a whole set.
#include "emulator/scenario/scenario.h"

#include "conformance/base/wording.h"
#include "emulator/scenario/expansion.h"
#include "emulator/scenario/scenario_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char suffix[] = ".yaml";

static int no_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "memory ran out while reading scenarios");
}

// A copy without the line ends that a folded YAML text has behind it. NULL: memory ran out.
static char *copy_prose(const char *text)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        length--;
    return strndup(text, length);
}

static int take_texts(struct scenario *scenario, const struct scenario_file *file,
                      struct failure *failure)
{
    scenario->path = strdup(file->yaml.path);
    scenario->name = strdup(file->node->name);
    scenario->summary = copy_prose(file->node->summary);
    scenario->why = copy_prose(file->node->why);
    scenario->set = strdup(scenario_set_name(file->node->set));
    memcpy(scenario->digest, file->yaml.digest, sizeof scenario->digest);
    if (scenario->path == NULL || scenario->name == NULL || scenario->summary == NULL ||
        scenario->why == NULL || scenario->set == NULL)
        return no_memory(failure);
    return 0;
}

int scenario_load(struct scenario **scenario, const char *path, struct failure *failure)
{
    int result = -1;
    struct scenario_file file = {0};
    struct scenario *made = calloc(1, sizeof *made);
    if (made == NULL) {
        no_memory(failure);
        goto out;
    }
    if (scenario_file_read(&file, path, failure) != 0 ||
        expansion_make(&made->topology, &file, failure) != 0 ||
        take_texts(made, &file, failure) != 0)
        goto out;
    *scenario = made;
    made = NULL;
    result = 0;
out:
    scenario_file_clear(&file);
    scenario_free(made);
    return result;
}

void scenario_free(struct scenario *scenario)
{
    if (scenario == NULL)
        return;
    topology_free(&scenario->topology);
    free(scenario->path);
    free(scenario->name);
    free(scenario->summary);
    free(scenario->why);
    free(scenario->set);
    free(scenario);
}

static bool has_suffix(const char *name)
{
    size_t length = strlen(name);
    return length >= sizeof suffix && strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

static bool is_path(const char *text)
{
    return strchr(text, '/') != NULL || has_suffix(text);
}

// The names of the scenario files of a folder, in order, without the suffix.
struct scenario_names {
    struct dirent **entries;
    size_t count;
};

static void names_free(struct scenario_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->entries[i]);
    free(names->entries);
}

static int is_scenario_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && has_suffix(entry->d_name);
}

static int compare_names(const void *left, const void *right)
{
    const struct dirent *const *a = left;
    const struct dirent *const *b = right;
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int names_read(struct scenario_names *names, const char *folder, struct failure *failure)
{
    int count = scandir(folder, &names->entries, is_scenario_file, NULL);
    if (count < 0)
        return failure_set(failure, failure_input_status(errno),
                           "%s: can't open the folder of scenarios: %s", folder, strerror(errno));
    names->count = (size_t)count;
    for (size_t i = 0; i < names->count; i++) {
        char *name = names->entries[i]->d_name;
        name[strlen(name) - (sizeof suffix - 1)] = '\0';
    }
    // Without the suffix they sort otherwise than with it: "a" before "a-b".
    if (names->count > 0)
        qsort(names->entries, names->count, sizeof(struct dirent *), compare_names);
    return 0;
}

// A file of the folder, which has to be called what its scenario is called, so that a name from a
// report finds it again.
static int load_named(struct scenario **scenario, const char *folder, const char *name,
                      struct failure *failure)
{
    int result = -1;
    char *path = NULL;
    struct scenario *loaded = NULL;
    if (asprintf(&path, "%s/%s%s", folder, name, suffix) < 0) {
        path = NULL;
        no_memory(failure);
        goto out;
    }
    if (scenario_load(&loaded, path, failure) != 0)
        goto out;
    if (strcmp(loaded->name, name) != 0) {
        failure_set(failure, STATUS_USAGE,
                    "%s: its scenario is called %s; name the file %s%s, or the scenario %s", path,
                    quote(loaded->name).text, loaded->name, suffix, quote(name).text);
        goto out;
    }
    *scenario = loaded;
    loaded = NULL;
    result = 0;
out:
    scenario_free(loaded);
    free(path);
    return result;
}

int scenario_find(struct scenario **scenario, const char *folder, const char *name_or_path,
                  struct failure *failure)
{
    int result = -1;
    bool known = false;
    struct scenario_names names = {0};
    struct choices choices;
    if (is_path(name_or_path))
        return scenario_load(scenario, name_or_path, failure);
    if (names_read(&names, folder, failure) != 0)
        return -1;
    choices_begin(&choices, name_or_path);
    for (size_t i = 0; i < names.count; i++) {
        choices_add(&choices, names.entries[i]->d_name);
        known = known || strcmp(names.entries[i]->d_name, name_or_path) == 0;
    }
    if (known)
        result = load_named(scenario, folder, name_or_path, failure);
    else
        failure_set(failure, STATUS_USAGE, "unknown scenario %s%s; a path has a '/' or ends in %s",
                    quote(name_or_path).text,
                    choices_hint(&choices, "iscsidsc-tck list scenarios", "names all").text,
                    suffix);
    names_free(&names);
    return result;
}

static int compare_scenarios(const void *left, const void *right)
{
    const struct scenario *a = *(const struct scenario *const *)left;
    const struct scenario *b = *(const struct scenario *const *)right;
    if (a->topology.session_count != b->topology.session_count)
        return a->topology.session_count < b->topology.session_count ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int load_members(struct scenario **scenarios, size_t *count,
                        const struct scenario_names *names, const char *folder, const char *set,
                        struct failure *failure)
{
    for (size_t i = 0; i < names->count; i++) {
        struct scenario *scenario = NULL;
        if (load_named(&scenario, folder, names->entries[i]->d_name, failure) != 0)
            return -1;
        if (strcmp(set, "all") == 0 || strcmp(set, scenario->set) == 0)
            scenarios[(*count)++] = scenario;
        else
            scenario_free(scenario);
    }
    if (*count == 0)
        return failure_set(failure, STATUS_USAGE, "%s: no scenario of the set %s here", folder,
                           quote(set).text);
    return 0;
}

static int check_set(const char *set, struct failure *failure)
{
    struct choices choices;
    choices_begin(&choices, set);
    for (enum scenario_set i = SET_STANDARD; i <= SET_SCALE; i++) {
        if (strcmp(set, scenario_set_name(i)) == 0)
            return 0;
        choices_add(&choices, scenario_set_name(i));
    }
    choices_add(&choices, "all");
    if (strcmp(set, "all") == 0)
        return 0;
    return failure_set(failure, STATUS_USAGE, "unknown set of scenarios %s%s", quote(set).text,
                       choices_end(&choices, "sets").text);
}

int scenario_load_set(struct scenario ***scenarios, size_t *count, const char *folder,
                      const char *set, struct failure *failure)
{
    int result = -1;
    size_t made_count = 0;
    struct scenario **made = NULL;
    struct scenario_names names = {0};
    if (check_set(set, failure) != 0 || names_read(&names, folder, failure) != 0)
        return -1;
    made = calloc(names.count + 1, sizeof(struct scenario *));
    if (made == NULL) {
        no_memory(failure);
        goto out;
    }
    if (load_members(made, &made_count, &names, folder, set, failure) != 0)
        goto out;
    qsort(made, made_count, sizeof(struct scenario *), compare_scenarios);
    *scenarios = made;
    *count = made_count;
    result = 0;
out:
    for (size_t i = 0; result != 0 && i < made_count; i++)
        scenario_free(made[i]);
    if (result != 0)
        free(made);
    names_free(&names);
    return result;
}
