// SPDX-License-Identifier: Apache-2.0
// Looks at the file by its path again and again. inotify would say sooner that something has
// happened, but it watches a folder or file that a build may remove and make anew, and it says
// nothing on network file systems; and whether a file is complete takes a second look anyhow.
#include "harness/command/watch.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_EVERY_NS = 250000000 };

static bool is_same(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
           one->st_size == other->st_size && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
           one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

static struct stat look(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status : (struct stat){0};
}

int watch_note(struct watch *watch, const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL)
        return -1;
    free(watch->path);
    watch->path = copy;
    watch->seen = look(copy);
    return 0;
}

void watch_free(struct watch *watch)
{
    free(watch->path);
    watch->path = NULL;
}

// Until it has changed and two looks are the same; or a signal of `taken`, which is returned.
static int wait_for_change(const struct watch *watch, const sigset_t *taken)
{
    const struct timespec tick = {.tv_nsec = LOOK_EVERY_NS};
    struct stat last = watch->seen;
    for (;;) {
        int number = sigtimedwait(taken, NULL, &tick);
        if (number > 0)
            return number;
        struct stat now = look(watch->path);
        if (now.st_size > 0 && !is_same(&now, &watch->seen) && is_same(&now, &last))
            return 0;
        last = now;
    }
}

int watch_wait(struct watch *watch, FILE *stream)
{
    sigset_t taken;
    sigset_t before;
    sigemptyset(&taken);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGTERM);
    sigaddset(&taken, SIGHUP);
    sigprocmask(SIG_BLOCK, &taken, &before);
    fprintf(stream, "\nRun %zu is over. Waiting until %s changes; Ctrl-C ends it.\n", ++watch->runs,
            watch->path);
    fflush(stream);
    int number = wait_for_change(watch, &taken);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (number == 0)
        fprintf(stream, "It has changed. Run %zu:\n", watch->runs + 1);
    else
        fputs("Ending.\n", stream);
    fflush(stream);
    return number == 0 ? 0 : 128 + number;
}
