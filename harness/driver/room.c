// SPDX-License-Identifier: Apache-2.0
// The command line of a room, and what the kit sees of one.
#include "harness/driver/room.h"

#include "harness/driver/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Nothing where there is no folder.
static size_t add(const char **arguments, size_t count, const char *option, const char *folder)
{
    if (folder == NULL)
        return count;
    arguments[count] = option;
    arguments[count + 1] = folder;
    return count + 2;
}

size_t room_arguments(const struct room *room, const char *const shown[ROOM_SHOWN_MAX],
                      const char *word, const char *arguments[ROOM_ARGUMENTS_MAX])
{
    size_t count = 0;
    arguments[count++] = room->program;
    if (!room->has_networks)
        arguments[count++] = "--no-network";
    count = add(arguments, count, "--word", word);
    count = add(arguments, count, "--hide", room->folder);
    for (size_t i = 0; i < ROOM_SHOWN_MAX; i++)
        count = add(arguments, count, "--show", shown[i]);
    for (size_t i = 0; i < sizeof room->writable / sizeof *room->writable; i++)
        count = add(arguments, count, "--writable", room->writable[i]);
    count = add(arguments, count, "--read-only", room->programs);
    count = add(arguments, count, "--read-only", room->kept);
    arguments[count++] = "--";
    return count;
}

// The oldest child of a process; 0: there is none, or /proc does not tell.
static pid_t first_child(pid_t pid)
{
    char path[64];
    char list[64]; // begins with it
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)pid, (long)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    bool any = fgets(list, sizeof list, file) != NULL;
    fclose(file);
    return any ? (pid_t)strtol(list, NULL, 10) : 0;
}

pid_t room_tenant(pid_t room)
{
    pid_t init = first_child(room);
    return init > 0 ? first_child(init) : 0;
}

int room_try(const struct room *room, const char *library, struct failure *failure)
{
    static const char prefix[] = "iscsidsc-tck-room: ";
    char said[512] = "";
    const char *const shown[ROOM_SHOWN_MAX] = {NULL};
    const char *arguments[ROOM_ARGUMENTS_MAX + 2];
    size_t count = room_arguments(room, shown, NULL, arguments);
    arguments[count - 1] = "--try"; // in place of "--"
    arguments[count] = library;
    arguments[count + 1] = NULL;
    int error = trial_run_and_read(arguments, said, sizeof said);
    said[strcspn(said, "\n")] = '\0';
    if (error == 0)
        return 0;
    if (error > 0)
        return failure_set(failure, STATUS_UNTRUSTED, "%s: %s", room->program, strerror(error));
    bool known = strncmp(said, prefix, sizeof prefix - 1) == 0;
    return failure_set(failure, STATUS_UNTRUSTED, "%s",
                       known ? said + sizeof prefix - 1 : "it could not be tried");
}
