// SPDX-License-Identifier: Apache-2.0
// Compares the files of a command line.
#include "harness/command/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Where the file does not exist: its folder, and its name there. False when there is no such
// folder.
static bool identify_new(struct used_file *file)
{
    struct stat status;
    const char *slash = strrchr(file->path, '/');
    file->name = strdup(slash == NULL ? file->path : slash + 1);
    char *folder =
        slash == NULL ? strdup(".") : strndup(file->path, (size_t)(slash - file->path) + 1);
    bool found = file->name != NULL && folder != NULL && stat(folder, &status) == 0;
    free(folder);
    if (!found)
        return false;
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return true;
}

// False when there is nothing to compare.
static bool identify(struct used_file *file)
{
    struct stat status;
    file->exists = stat(file->path, &status) == 0;
    if (!file->exists)
        return file->output && identify_new(file);
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return S_ISREG(status.st_mode);
}

static void used_file_free(struct used_file *file)
{
    free(file->option);
    free(file->path);
    free(file->name);
}

static void add(struct files *files, const char *option, const char *path, bool output)
{
    if (path == NULL || strcmp(path, "-") == 0)
        return;
    struct used_file *items = reallocarray(files->items, files->count + 1, sizeof *items);
    struct used_file file = {.option = strdup(option), .path = strdup(path), .output = output};
    if (items != NULL)
        files->items = items;
    if (items == NULL || file.option == NULL || file.path == NULL) {
        files->no_memory = true;
        used_file_free(&file);
    } else if (!identify(&file)) {
        used_file_free(&file);
    } else {
        files->items[files->count++] = file;
    }
}

void files_add_input(struct files *files, const char *option, const char *path)
{
    add(files, option, path, false);
}

void files_add_output(struct files *files, const char *option, const char *path)
{
    add(files, option, path, true);
}

static bool is_same(const struct used_file *one, const struct used_file *other)
{
    return one->exists == other->exists && one->device == other->device &&
           one->inode == other->inode && (one->exists || strcmp(one->name, other->name) == 0);
}

// A run's result may become the baseline of the next, or what is to be run again.
static bool may_replace(const struct used_file *output, const struct used_file *input)
{
    return strcmp(output->option, "--json") == 0 && (strcmp(input->option, "--baseline") == 0 ||
                                                     strcmp(input->option, "--rerun-failed") == 0);
}

static int refuse(const struct used_file *output, const struct used_file *other,
                  struct failure *failure)
{
    if (other->output)
        return failure_set(failure, STATUS_USAGE,
                           "%s and %s both name %s; give each a file of its own", output->option,
                           other->option, output->path);
    return failure_set(failure, STATUS_USAGE,
                       "%s %s: would replace what %s reads (%s); give the report another name",
                       output->option, output->path, other->option, other->path);
}

int files_check(const struct files *files, struct failure *failure)
{
    if (files->no_memory)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    for (size_t i = 0; i < files->count; i++) {
        const struct used_file *output = &files->items[i];
        for (size_t j = 0; output->output && j < files->count; j++) {
            const struct used_file *other = &files->items[j];
            if (i == j || (other->output && j < i) || !is_same(output, other) ||
                may_replace(output, other))
                continue;
            return refuse(output, other, failure);
        }
    }
    return 0;
}

void files_free(struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        used_file_free(&files->items[i]);
    free(files->items);
    *files = (struct files){0};
}

static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int result = mkdir(path, 0777);
        *slash = '/';
        if (result != 0 && errno != EEXIST)
            return -1;
    }
    return mkdir(path, 0777) != 0 && errno != EEXIST ? -1 : 0;
}

int files_check_folder(const char *option, const char *folder, struct failure *failure)
{
    struct stat status;
    char *path = strdup(folder);
    if (path == NULL)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    int result = path[0] == '\0' ? -1 : make_folders(path);
    if (path[0] == '\0')
        errno = ENOENT;
    free(path);
    if (result == 0 && stat(folder, &status) == 0 && !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        result = -1;
    }
    if (result != 0 || access(folder, W_OK | X_OK) != 0)
        return failure_set(failure, failure_input_status(errno),
                           "%s %s: %s; name a folder that can be made or written to", option,
                           folder, strerror(errno));
    return 0;
}
