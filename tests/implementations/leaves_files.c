// SPDX-License-Identifier: Apache-2.0
// An implementation that finds the run's private folder by its session table, where it is not
// isolated, and leaves there what the environment variable LEFT_BEHIND says: "deep", folders within
// folders, or "mount", a file system that nobody can remove while it is there.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer);

static void leave_deep(const char *folder)
{
    enum { DEPTH = 20000 };
    int at = open(folder, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DEPTH && at >= 0 && mkdirat(at, "d", 0700) == 0; i++) {
        int inner = openat(at, "d", O_RDONLY | O_DIRECTORY);
        close(at);
        at = inner;
    }
    close(at);
}

uint32_t GetIScsiSessionListA(uint32_t *size, uint32_t *count, void *buffer)
{
    const char *left = getenv("LEFT_BEHIND");
    const char *table = getenv("ISCSIDSC_SESSION_TABLE");
    const char *path = table != NULL ? strchr(table, '/') : NULL;
    char folder[4096];
    (void)size;
    (void)count;
    (void)buffer;
    if (left == NULL || path == NULL || snprintf(folder, sizeof folder, "%s", path) < 0)
        return 1;
    for (int i = 0; i < 3; i++) // that of the table is in the scenario's, and that in the run's
        *strrchr(folder, '/') = '\0';
    strcat(folder, "/left");
    if (mkdir(folder, 0700) != 0)
        return 1; // it did so already
    if (strcmp(left, "deep") == 0)
        leave_deep(folder);
    else if (mount("none", folder, "tmpfs", 0, NULL) != 0)
        rmdir(folder);
    return 1;
}
