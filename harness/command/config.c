// SPDX-License-Identifier: Apache-2.0
// Finds and reads the configuration file.
#include "harness/command/config.h"

#include "conformance/base/wording.h"
#include "emulator/scenario/yaml_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct yaml_form form = {
    .words = {.what = "a configuration file",
              .several = "configuration files",
              .one = "one configuration",
              .beginning = "implementation: ..."},
    .when_large = "it has options only",
};

static int no_memory(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
}

// ---- The file that is found

// Somebody else's file must not say what is started here: it could name a library or a command.
static int check_owner(const char *path, uid_t owner, mode_t mode, struct failure *failure)
{
    static const char remedy[] = "give --config with its path to use it, or --no-config";
    uid_t own = geteuid();
    if (owner != own && owner != 0)
        return failure_set(failure, STATUS_USAGE,
                           "%s: belongs to user %lu, who is neither you (user %lu) nor root, so it "
                           "is not used; %s",
                           path, (unsigned long)owner, (unsigned long)own, remedy);
    if ((mode & S_IWOTH) != 0 && !S_ISLNK(mode))
        return failure_set(failure, STATUS_USAGE,
                           "%s: every user can write to it, so it is not used; take that right "
                           "away (chmod o-w), or %s",
                           path, remedy);
    return 0;
}

// Of the file, and of a symbolic link to it.
static int check_found(const char *path, struct failure *failure)
{
    struct stat status;
    if (lstat(path, &status) == 0 && check_owner(path, status.st_uid, status.st_mode, failure) != 0)
        return -1;
    return stat(path, &status) != 0 ? 0 : check_owner(path, status.st_uid, status.st_mode, failure);
}

// Looks in the folder and those above it. In the working folder the name alone is the path. 0 with
// `*path` malloc'ed, or NULL where there is none.
static int find(char **path, struct failure *failure)
{
    struct stat status;
    char *folder = getcwd(NULL, 0);
    int result = 0;
    *path = NULL;
    if (folder == NULL)
        return 0; // the working folder was deleted: there is no file in it
    if (lstat(CONFIG_NAME, &status) == 0)
        result = (*path = strdup(CONFIG_NAME)) == NULL ? no_memory(failure) : 0;
    char *slash = NULL;
    while (result == 0 && *path == NULL && (slash = strrchr(folder, '/')) != NULL) {
        *slash = '\0';
        if (asprintf(path, "%s/" CONFIG_NAME, folder) < 0) {
            *path = NULL;
            result = no_memory(failure);
        } else if (lstat(*path, &status) != 0) {
            free(*path);
            *path = NULL;
        }
    }
    free(folder);
    return result;
}

// ---- What it says

struct reading {
    struct settings *settings;
    const struct yaml_file *file;
    struct failure *failure;
    char *folder; // of the file, with a slash; "": the working folder
};

// Is the value a path, to be taken relative to the file's folder?
static bool is_path(const struct option_entry *option, const char *value)
{
    static const char *const always[] = {"PATH", "FILE", "DIR"};
    if (value[0] == '\0' || value[0] == '/' || strcmp(value, "-") == 0)
        return false;
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        if (strcmp(option->argument, always[i]) == 0)
            return true;
    size_t length = strlen(value);
    bool looks_so = strchr(value, '/') != NULL && strstr(value, "://") == NULL;
    if (strstr(option->argument, "FILE") != NULL)
        return looks_so || (length > 5 && strcmp(value + length - 5, ".yaml") == 0);
    return strcmp(option->argument, "PROGRAM") == 0 && looks_so;
}

static int refuse(const struct reading *reading, const struct yaml_mark *mark, const char *text)
{
    return failure_set(reading->failure, STATUS_USAGE, "%s:%zu:%zu: %s", reading->file->path,
                       mark->line, mark->column, text);
}

static int refuse_value(const struct reading *reading, const struct yaml_node *node,
                        const char *option, const char *remedy)
{
    char text[1024];
    snprintf(text, sizeof text, "%s: %s: %s", option,
             node->kind == YAML_TEXT   ? quote(node->text).text
             : node->kind == YAML_LIST ? "a list"
                                       : "a mapping",
             remedy);
    return refuse(reading, &node->mark, text);
}

static int add_value(const struct reading *reading, const struct option_entry *option,
                     const struct yaml_node *node)
{
    char source[PATH_MAX + 32];
    char *value = NULL;
    if (node->kind != YAML_TEXT)
        return refuse_value(reading, node, option->name, "give a text");
    if (asprintf(&value, "%s%s", is_path(option, node->text) ? reading->folder : "", node->text) <
        0)
        return no_memory(reading->failure);
    snprintf(source, sizeof source, "%s:%zu", reading->file->path, node->mark.line);
    int status = settings_add(reading->settings, option, value, source, reading->failure);
    free(value);
    return status;
}

static int add_switch(const struct reading *reading, const struct option_entry *option,
                      const struct yaml_node *node, bool displaced)
{
    char source[PATH_MAX + 32];
    bool on = node->kind == YAML_TEXT && strcmp(node->text, "true") == 0;
    if (!on && (node->kind != YAML_TEXT || strcmp(node->text, "false") != 0))
        return refuse_value(reading, node, option->name, "give true or false");
    if (!on || displaced)
        return 0;
    snprintf(source, sizeof source, "%s:%zu", reading->file->path, node->mark.line);
    return settings_add(reading->settings, option, NULL, source, reading->failure);
}

static int add_option(const struct reading *reading, const struct option_entry *option,
                      const struct yaml_node *node, bool displaced)
{
    if (option->argument == NULL)
        return add_switch(reading, option, node, displaced);
    if (node->kind == YAML_LIST && !settings_repeats(option->name))
        return refuse_value(reading, node, option->name, "it takes one value, which is a text");
    if (node->kind == YAML_LIST && node->count == 0)
        return refuse_value(reading, node, option->name, "give at least one, or leave it out");
    if (displaced)
        return 0;
    if (node->kind != YAML_LIST)
        return add_value(reading, option, node);
    for (size_t i = 0; i < node->count; i++)
        if (add_value(reading, option, &node->entries[i]) != 0)
            return -1;
    return 0;
}

// Options that say what becomes of this one call of the program, and would be wrong in all others.
static bool is_of_command_line(const char *name)
{
    static const char *const names[] = {"config", "no-config", "dry-run",      "help",
                                        "usage",  "version",   "rerun-failed", "watch"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static const struct option_entry *find_option(const struct reading *reading,
                                              const struct yaml_node *node)
{
    const struct option_list *options = &reading->settings->options;
    const struct option_entry *option = option_list_find(options, node->key);
    char text[1024];
    struct choices choices;
    if (option != NULL && !is_of_command_line(option->name))
        return option;
    if (option != NULL) {
        snprintf(text, sizeof text, "%s: only on the command line", option->name);
        refuse(reading, &node->key_mark, text);
        return NULL;
    }
    choices_begin(&choices, node->key);
    for (size_t i = 0; i < options->count; i++)
        if (!is_of_command_line(options->items[i].name))
            choices_add(&choices, options->items[i].name);
    snprintf(text, sizeof text, "unknown option %s%s", quote(node->key).text,
             choices_hint(&choices, "iscsidsc-tck run --help", "lists all").text);
    refuse(reading, &node->key_mark, text);
    return NULL;
}

// What is displaced is decided before the first is added, as they may displace each other.
static int add_all(const struct reading *reading, const struct yaml_node *top)
{
    bool *displaced = calloc(top->count + 1, sizeof *displaced);
    int status = 0;
    if (displaced == NULL)
        return no_memory(reading->failure);
    for (size_t i = 0; i < top->count; i++)
        displaced[i] = settings_displaced(reading->settings, top->entries[i].key);
    for (size_t i = 0; status == 0 && i < top->count; i++) {
        const struct option_entry *option = find_option(reading, &top->entries[i]);
        status = option == NULL ? -1 : add_option(reading, option, &top->entries[i], displaced[i]);
    }
    free(displaced);
    return status;
}

static int read_file(struct settings *settings, const char *path, bool named,
                     struct failure *failure)
{
    struct yaml_file file;
    const char *slash = strrchr(path, '/');
    if (yaml_file_read(&file, &form, path, failure) != 0)
        return -1;
    struct reading reading = {
        .settings = settings,
        .file = &file,
        .failure = failure,
        .folder = strndup(path, slash == NULL ? 0 : (size_t)(slash - path) + 1),
    };
    int status = reading.folder == NULL ? no_memory(failure) : 0;
    if (status == 0 && !named) // again: of the very file that was read
        status = check_owner(path, file.owner, file.mode, failure);
    if (status == 0)
        status = add_all(&reading, &file.top);
    free(reading.folder);
    yaml_file_clear(&file);
    return status;
}

int config_add(struct settings *settings, char **path, struct failure *failure)
{
    const char *named = settings_value(settings, "config");
    bool none = settings_value(settings, "no-config") != NULL;
    *path = NULL;
    if (named != NULL && none)
        return failure_set(failure, STATUS_USAGE,
                           "--config %s: --no-config says that there is none; give one of the two",
                           named);
    if (none)
        return 0;
    if (named != NULL)
        *path = strdup(named);
    else if (find(path, failure) != 0 || (*path != NULL && check_found(*path, failure) != 0))
        return -1;
    if (named != NULL && *path == NULL)
        return no_memory(failure);
    return *path == NULL ? 0 : read_file(settings, *path, named != NULL, failure);
}
