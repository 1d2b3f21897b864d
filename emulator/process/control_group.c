// SPDX-License-Identifier: Apache-2.0
// Reads files of the control groups.
#include "emulator/process/control_group.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

static const struct control_groups of_system = {"/sys/fs/cgroup", "/proc/self/cgroup"};

// The folder of one group: at first that of this process, then those around it.
struct group {
    char folder[PATH_SIZE];
    size_t root;  // bytes of the name of the outermost
    bool unified; // of version 2
};

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

// The line of version 1, "N:memory:/path", else that of version 2, "0::/path". False: not known.
static bool find_line(const char *own, const char *controller, char path[static PATH_SIZE],
                      bool *unified)
{
    char line[PATH_SIZE];
    bool found = false;
    FILE *file = fopen(own, "re");
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

// Where a container sees its own groups only, those of the path are not there, and its own is the
// outermost.
static bool find_group(const struct control_groups *groups, const char *controller,
                       struct group *group)
{
    char path[PATH_SIZE];
    const struct control_groups *from = groups != NULL ? groups : &of_system;
    if (!find_line(from->own, controller, path, &group->unified))
        return false;
    int root = snprintf(group->folder, PATH_SIZE, "%s%s%s", from->mounted,
                        group->unified ? "" : "/", group->unified ? "" : controller);
    group->root = (size_t)root;
    if (root >= PATH_SIZE)
        return false;
    int more = snprintf(group->folder + root, PATH_SIZE - group->root, "%s",
                        strcmp(path, "/") == 0 ? "" : path);
    return more < PATH_SIZE - root;
}

// Goes on to the group around it; false: there is none.
static bool leave_group(struct group *group)
{
    if (strlen(group->folder) <= group->root)
        return false;
    *strrchr(group->folder, '/') = '\0';
    return true;
}

// The number in such a file that stands behind `word` and a blank, or alone where that is "".
// False: there is none, as in "max".
static bool read_number(const struct group *group, const char *name, const char *word,
                        uint64_t *number)
{
    char path[PATH_SIZE + 64];
    char line[128];
    size_t length = strlen(word);
    bool found = false;
    snprintf(path, sizeof path, "%s/%s", group->folder, name);
    FILE *file = fopen(path, "re");
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

int control_group_require_processes(const struct control_groups *groups, unsigned needed,
                                    struct failure *failure)
{
    struct group group;
    uint64_t most = 0;
    uint64_t now = 0;
    for (bool any = find_group(groups, "pids", &group); any; any = leave_group(&group)) {
        if (!read_number(&group, "pids.current", "", &now) ||
            !read_number(&group, "pids.max", "", &most) || most >= now + needed)
            continue;
        return failure_set(failure, STATUS_UNTRUSTED,
                           "a run needs room for %u processes and threads; the control group has "
                           "%llu, and its limit (%.1024s/pids.max) is %llu: raise it to %llu",
                           needed, (unsigned long long)now, group.folder, (unsigned long long)most,
                           (unsigned long long)now + needed);
    }
    return 0;
}

// Of the innermost group that has the file.
static bool read_count(const struct control_groups *groups, const char *controller,
                       const char *name, const char *word, uint64_t *number)
{
    struct group group;
    for (bool any = find_group(groups, controller, &group); any; any = leave_group(&group))
        if (read_number(&group, name, word, number))
            return true;
    return false;
}

uint64_t control_group_memory_kills(const struct control_groups *groups)
{
    uint64_t kills = 0;
    if (!read_count(groups, "memory", "memory.events", "oom_kill", &kills) &&
        !read_count(groups, "memory", "memory.oom_control", "oom_kill", &kills))
        return 0;
    return kills;
}

uint64_t control_group_refusals(const struct control_groups *groups)
{
    // Some kernels count in the group whose limit it was, others in that of the process.
    struct group group;
    uint64_t refusals = 0;
    uint64_t number = 0;
    for (bool any = find_group(groups, "pids", &group); any; any = leave_group(&group))
        if (read_number(&group, "pids.events", "max", &number))
            refusals += number;
    return refusals;
}

void control_group_describe_memory(const struct control_groups *groups, char *text, size_t size)
{
    static const uint64_t no_limit = UINT64_C(1) << 62; // so version 1 says "max"
    struct group group;
    uint64_t least = no_limit;
    text[0] = '\0';
    for (bool any = find_group(groups, "memory", &group); any; any = leave_group(&group)) {
        const char *name = group.unified ? "memory.max" : "memory.limit_in_bytes";
        uint64_t most = 0;
        if (!read_number(&group, name, "", &most) || most >= least)
            continue;
        least = most;
        snprintf(text, size, "; %.512s/%s is %llu MiB", group.folder, name,
                 (unsigned long long)most >> 20);
    }
}
