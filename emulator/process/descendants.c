// SPDX-License-Identifier: Apache-2.0
// Looks for processes in /proc.
#include "emulator/process/descendants.h"

#include "emulator/process/transfer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct entry {
    pid_t pid;
    pid_t parent;
    char state; // as in /proc/PID/stat: 'T' stopped, 't' stopped by a tracer, 'Z' dead
};

struct table {
    struct entry *entries;
    size_t count;
};

static bool read_text(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : transfer_read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

// Also of a dead one that nobody reaped yet.
static bool look_at(pid_t pid, struct entry *entry)
{
    char text[512];
    if (!read_text(pid, "stat", text, sizeof text))
        return false;
    // The name in parentheses may hold anything, parentheses included; state and parent follow it.
    const char *end = strrchr(text, ')');
    if (end == NULL || strlen(end) < strlen(") S 1"))
        return false;
    *entry = (struct entry){pid, (pid_t)strtol(end + strlen(") S "), NULL, 10), end[2]};
    return true;
}

static int read_table(struct table *table)
{
    *table = (struct table){0};
    DIR *folder = opendir("/proc");
    if (folder == NULL)
        return -1;
    int result = 0;
    for (struct dirent *file; result == 0 && (file = readdir(folder)) != NULL;) {
        struct entry entry;
        char *end = NULL;
        long pid = strtol(file->d_name, &end, 10);
        if (end == file->d_name || *end != '\0' || !look_at((pid_t)pid, &entry))
            continue;
        struct entry *more = reallocarray(table->entries, table->count + 1, sizeof *more);
        result = more == NULL ? -1 : 0;
        if (more != NULL) {
            table->entries = more;
            more[table->count++] = entry;
        }
    }
    closedir(folder);
    if (result != 0)
        free(table->entries);
    return result;
}

static bool is_spared(const struct spared *spared, pid_t pid)
{
    for (size_t i = 0; i < spared->count; i++)
        if (spared->pids[i] == pid)
            return true;
    return false;
}

static pid_t parent_in(const struct table *table, pid_t pid)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i].pid == pid)
            return table->entries[i].parent;
    return 0;
}

// Is it below `ancestor`, but not below one of those that are spared?
static bool is_below(const struct table *table, pid_t pid, pid_t ancestor,
                     const struct spared *spared)
{
    for (size_t steps = 0; pid > 1 && steps <= table->count; steps++) {
        if (is_spared(spared, pid))
            return false;
        pid = parent_in(table, pid);
        if (pid == ancestor)
            return true;
    }
    return false;
}

int descendants_children(struct spared *children)
{
    struct table table;
    *children = (struct spared){0};
    if (read_table(&table) != 0)
        return -1;
    children->pids = calloc(table.count + 1, sizeof *children->pids);
    for (size_t i = 0; children->pids != NULL && i < table.count; i++)
        if (table.entries[i].parent == getpid())
            children->pids[children->count++] = table.entries[i].pid;
    free(table.entries);
    return children->pids == NULL ? -1 : 0;
}

// A process that is not this one's child may be another by now: it is asked for once more, by a
// descriptor that stays its own.
static void stop(const struct entry *entry)
{
    struct entry now;
    int fd = pidfd_open(entry->pid, 0);
    bool without = fd < 0 && errno == ENOSYS;
    if (fd < 0 && !without)
        return;
    if (look_at(entry->pid, &now) && now.parent == entry->parent) {
        if (without)
            kill(entry->pid, SIGSTOP);
        else
            pidfd_send_signal(fd, SIGSTOP, NULL, 0);
    }
    if (!without)
        close(fd);
}

// Stops those that are not stopped yet; false when there were none, or the table can't be read.
static bool stop_new(const struct spared *spared)
{
    struct table table;
    bool any = false;
    if (read_table(&table) != 0)
        return false;
    for (size_t i = 0; i < table.count; i++) {
        const struct entry *entry = &table.entries[i];
        if (strchr("TtZXx", entry->state) != NULL ||
            !is_below(&table, entry->pid, getpid(), spared))
            continue;
        any = true;
        stop(entry);
    }
    free(table.entries);
    return any;
}

int descendants_kill(const struct spared *spared)
{
    enum { PASSES = 100 }; // one that can't be stopped, in the kernel, is none that starts others
    struct spared children;
    int found = 0;
    for (int i = 0; i < PASSES && stop_new(spared); i++) {
    }
    if (descendants_children(&children) != 0)
        return -1;
    for (size_t i = 0; i < children.count; i++) {
        if (is_spared(spared, children.pids[i]))
            continue;
        found++;
        // Not reaped yet: the number is still its own.
        kill(children.pids[i], SIGKILL);
        waitpid(children.pids[i], NULL, WNOHANG | __WALL);
    }
    free(children.pids);
    return found;
}

bool descendants_none(void)
{
    siginfo_t information;
    return waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT | __WALL) != 0 &&
           errno == ECHILD;
}

// The tracer of a process; 0: it has none.
static pid_t tracer_of(pid_t pid)
{
    static const char name[] = "\nTracerPid:";
    char text[4096];
    const char *line = read_text(pid, "status", text, sizeof text) ? strstr(text, name) : NULL;
    return line != NULL ? (pid_t)strtol(line + sizeof name - 1, NULL, 10) : 0;
}

bool descendants_stopped(pid_t pid)
{
    struct entry entry;
    struct table table;
    const struct spared nobody = {0};
    if (!look_at(pid, &entry) || (entry.state != 'T' && entry.state != 't'))
        return false;
    if (entry.state == 'T')
        return true;
    pid_t tracer = tracer_of(pid);
    if (tracer == 0 || read_table(&table) != 0)
        return false;
    bool below = is_below(&table, tracer, getpid(), &nobody);
    free(table.entries);
    return below;
}
