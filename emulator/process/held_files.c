// SPDX-License-Identifier: Apache-2.0
// Looks through the descriptors of processes.
#include "emulator/process/held_files.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROCESSES_MAX = 64, FILES_MAX = 1024 };

struct look {
    pid_t processes[PROCESSES_MAX];
    size_t process_count;
    ino_t files[FILES_MAX]; // all of them are of one file system, the kernel's own
    size_t file_count;
    uint64_t bytes;
};

static void add_process(struct look *look, pid_t process)
{
    if (look->process_count < PROCESSES_MAX)
        look->processes[look->process_count++] = process;
}

static bool is_new(struct look *look, ino_t file)
{
    for (size_t i = 0; i < look->file_count; i++)
        if (look->files[i] == file)
            return false;
    if (look->file_count == FILES_MAX)
        return false;
    look->files[look->file_count++] = file;
    return true;
}

static void look_at_file(struct look *look, int at, const char *name)
{
    static const char begin[] = "/memfd:";
    enum { BLOCK = 512 }; // st_blocks are counted in these
    char target[sizeof begin];
    struct stat status;
    ssize_t size = readlinkat(at, name, target, sizeof target);
    if (size == (ssize_t)sizeof target && memcmp(target, begin, sizeof begin - 1) == 0 &&
        fstatat(at, name, &status, 0) == 0 && is_new(look, status.st_ino))
        look->bytes += (uint64_t)status.st_blocks * BLOCK;
}

// Calls `each` for every entry of /proc/PID/WHAT whose name is a number.
static void for_each(struct look *look, pid_t process, const char *what,
                     void (*each)(struct look *look, int at, const char *name))
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)process, what);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (isdigit((unsigned char)entry->d_name[0]))
            each(look, dirfd(folder), entry->d_name);
    closedir(folder);
}

static void add_children_of_thread(struct look *look, int at, const char *name)
{
    char path[300];
    char *child = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s/children", at, name);
    FILE *children = fopen(path, "re");
    if (children == NULL)
        return;
    while (getdelim(&child, &size, ' ', children) > 0)
        add_process(look, (pid_t)strtol(child, NULL, 10));
    free(child);
    fclose(children);
}

uint64_t held_files(pid_t process)
{
    struct look look = {.bytes = 0};
    add_process(&look, process);
    for (size_t i = 0; i < look.process_count; i++) {
        for_each(&look, look.processes[i], "fd", look_at_file);
        for_each(&look, look.processes[i], "task", add_children_of_thread);
    }
    return look.bytes;
}
