// SPDX-License-Identifier: Apache-2.0
// Replays the cases of a folder.
#include "harness/command/fuzz_regress.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int is_case(const struct dirent *entry)
{
    const char *ending = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && ending != NULL &&
           (strcmp(ending, ".jsonl") == 0 || strcmp(ending, ".case") == 0);
}

// The words of the command line, but for those that make new cases, and the paths of the cases.
struct words {
    char **items;
    size_t count;
};

static bool add_word(struct words *words, const char *text)
{
    char *copy = text == NULL ? NULL : strdup(text);
    char **grown =
        copy == NULL ? NULL : reallocarray(words->items, words->count + 2, sizeof *grown);
    if (grown == NULL) {
        free(copy);
        return false;
    }
    words->items = grown;
    words->items[words->count++] = copy;
    words->items[words->count] = NULL;
    return true;
}

static bool add_option(struct words *words, const char *option, const char *value)
{
    return value == NULL || (add_word(words, option) && add_word(words, value));
}

static bool add_options(struct words *words, const struct fuzz_arguments *arguments)
{
    const struct judging *judging = &arguments->judging;
    bool good = add_option(words, "-i", arguments->implementation) &&
                add_option(words, "--host", arguments->remote.host) &&
                add_option(words, "--token-file", arguments->remote.token_file) &&
                add_option(words, "--profile", judging->profile) &&
                add_option(words, "--timeout", arguments->timeout) &&
                add_option(words, "--wine-prefix", arguments->target.prefix_text) &&
                add_option(words, "--code-page", arguments->target.code_page_text) &&
                add_option(words, "--cpu-emulator", arguments->target.cpu_emulator_text);
    for (size_t i = 0; i < judging->clause_names.count && good; i++)
        good = add_option(words, "-c", judging->clause_names.items[i]);
    for (size_t i = 0; i < judging->excluded_names.count && good; i++)
        good = add_option(words, "--exclude", judging->excluded_names.items[i]);
    good = good && add_option(words, "--json", judging->outputs.json_file);
    if (judging->strict)
        good = good && add_word(words, "--strict");
    if (arguments->quiet)
        good = good && add_word(words, "-q");
    return good;
}

static bool add_cases(struct words *words, const char *folder, struct dirent **entries, int count)
{
    bool good = add_word(words, "--");
    for (int i = 0; i < count && good; i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
            path = NULL;
        good = add_word(words, path);
        free(path);
    }
    return good;
}

// `replay` of all of them, with what else was given here.
int fuzz_regress(const char *name, const struct fuzz_arguments *arguments, struct failure *failure)
{
    struct dirent **entries = NULL;
    struct words words = {0};
    const char *folder = arguments->regress;
    int count = scandir(folder, &entries, is_case, alphasort);
    int status = -1;
    if (count < 0)
        return failure_set(failure, failure_input_status(errno),
                           "--regress %s: can't be read: %s; give a folder", folder,
                           strerror(errno));
    if (count == 0)
        failure_set(
            failure, STATUS_USAGE,
            "--regress %s: holds no case (*.jsonl, *.case); fuzz --findings keeps them in a folder",
            folder);
    else if (arguments->seed != NULL || arguments->time != NULL || arguments->cases != NULL ||
             arguments->sessions != NULL || arguments->scenario != NULL || arguments->first ||
             arguments->findings != NULL)
        failure_set(failure, STATUS_USAGE,
                    "--regress %s: makes no new cases; leave out --scenario, --seed, --time, "
                    "--cases, --sessions, --first and --findings",
                    folder);
    else if (!add_word(&words, name) || !add_options(&words, arguments) ||
             !add_cases(&words, folder, entries, count))
        failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    else
        status = command_replay((int)words.count, words.items);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    for (size_t i = 0; i < words.count; i++)
        free(words.items[i]);
    free(words.items);
    return status;
}
