// SPDX-License-Identifier: Apache-2.0
// Reads files of the control group.
#include "emulator/process/control_group.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

static const char mount_point[] = "/sys/fs/cgroup";

// Is the controller one of a line's names, "cpu,memory"?
static bool has_name(const char *names, const char *controller)
{
    size_t length = strlen(controller);
    while (*names != '\0') {
        size_t size = strcspn(names, ",");
        if (size == length && strncmp(names, controller, size) == 0)
            return true;
        names += size + (names[size] == ',');
    }
    return false;
}

// The group of version 1, "N:memory:/path", else of version 2, "0::/path": its path, and the folder
// in which the controller's groups are. False: not known.
static bool find_group(const char *controller, char path[static PATH_SIZE], bool *unified)
{
    char line[PATH_SIZE];
    bool found = false;
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *names = strchr(line, ':');
        char *group = names != NULL ? strchr(names + 1, ':') : NULL;
        if (group == NULL)
            continue;
        *group++ = '\0';
        bool is_unified = names[1] == '\0';
        if ((is_unified && !found) || has_name(names + 1, controller)) {
            *unified = is_unified;
            snprintf(path, PATH_SIZE, "%s", group);
            found = true;
        }
    }
    if (file != NULL)
        fclose(file);
    return found;
}

// A file of the group. Where a container sees its own groups only, they are at the mount point.
// NULL: there is none.
static FILE *open_file(const char *controller, const char *name, char path[static PATH_SIZE])
{
    char group[PATH_SIZE];
    bool unified = false;
    if (!find_group(controller, group, &unified))
        return NULL;
    const char *separator = unified ? "" : "/";
    const char *folder = unified ? "" : controller;
    for (const char *at = group;; at = "") {
        int size = snprintf(path, PATH_SIZE, "%s%s%s%s/%s", mount_point, separator, folder,
                            strcmp(at, "/") == 0 ? "" : at, name);
        FILE *file = size < PATH_SIZE ? fopen(path, "re") : NULL;
        if (file != NULL || *at == '\0')
            return file;
    }
}

// The number in such a file that stands behind `word` and a blank, or alone where that is "".
// False: there is none, as in "max".
static bool read_number(const char *controller, const char *name, const char *word,
                        char path[static PATH_SIZE], uint64_t *number)
{
    char line[128];
    size_t length = strlen(word);
    bool found = false;
    FILE *file = open_file(controller, name, path);
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        const char *digits = line + length + (length > 0);
        if (strncmp(line, word, length) != 0 || (length > 0 && line[length] != ' ') ||
            *digits < '0' || *digits > '9')
            continue;
        *number = strtoull(digits, NULL, 10);
        found = true;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

int control_group_require_processes(unsigned needed, struct failure *failure)
{
    char path[PATH_SIZE];
    uint64_t most = 0;
    uint64_t now = 0;
    if (!read_number("pids", "pids.current", "", path, &now) ||
        !read_number("pids", "pids.max", "", path, &most) || most >= now + needed)
        return 0;
    return failure_set(failure, STATUS_UNTRUSTED,
                       "a run needs room for %u processes and threads; the control group has %llu, "
                       "and its limit (%.1024s) is %llu: raise it to %llu",
                       needed, (unsigned long long)now, path, (unsigned long long)most,
                       (unsigned long long)now + needed);
}

uint64_t control_group_memory_kills(void)
{
    char path[PATH_SIZE];
    uint64_t kills = 0;
    if (!read_number("memory", "memory.events", "oom_kill", path, &kills) &&
        !read_number("memory", "memory.oom_control", "oom_kill", path, &kills))
        return 0;
    return kills;
}
