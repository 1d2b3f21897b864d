// SPDX-License-Identifier: Apache-2.0
// Decides whether hosts have rooms of their own.
#include "harness/command/isolation.h"

#include "emulator/process/launch.h"
#include "emulator/process/network.h"
#include "harness/command/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *ruled_out(const struct isolation_needs *needs)
{
    if (needs->is_remote)
        return "the host is behind a listener";
    if (needs->logs_in)
        return "the library has to reach its initiator for --login";
    for (size_t i = 0; i < needs->count; i++)
        if (needs->targets[i].wine.program != NULL)
            return "a DLL runs under Wine, whose server has to see its processes";
    return NULL;
}

// The folder that a file is in; NULL: memory ran out.
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

// Several implementations may lie in several folders: then only what all of them need is writable.
static int find_folders(struct isolation *isolation, const struct isolation_needs *needs)
{
    const char *temporary = getenv("TMPDIR");
    isolation->programs = folder_of(isolation->program);
    isolation->writable[0] = getcwd(NULL, 0);
    isolation->writable[1] = needs->count == 1 ? folder_of(needs->libraries[0]) : NULL;
    isolation->writable[2] =
        realpath(temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp", NULL);
    isolation->program = paths_hold(isolation->program);
    return isolation->programs != NULL && isolation->program != NULL ? 0 : -1;
}

static void settle(struct isolation *isolation, const char *folder, const char *kept)
{
    isolation->room =
        (struct room){isolation->program,
                      folder,
                      kept,
                      isolation->programs,
                      isolation->has_networks,
                      {isolation->writable[0], isolation->writable[1], isolation->writable[2]}};
}

static int try_rooms(struct isolation *isolation, const struct isolation_needs *needs,
                     struct failure *failure)
{
    if (paths_room(&isolation->program, failure) != 0)
        return -1;
    if (find_folders(isolation, needs) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    settle(isolation, NULL, NULL);
    for (size_t i = 0; i < needs->count; i++)
        if (room_try(&isolation->room, needs->libraries[i], failure) != 0)
            return -1;
    isolation->full = true;
    isolation->result.mode = "full";
    return 0;
}

// What can be done then.
static int go_without(struct isolation *isolation, const char *begin, const char *why)
{
    launch_guard();
    snprintf(isolation->why, sizeof isolation->why, "%s%.200s", begin, why);
    isolation->result = (struct result_isolation){"none", isolation->why};
    return 0;
}

int isolation_choose(struct isolation *isolation, const struct isolation_needs *needs,
                     struct failure *failure)
{
    const char *asked = needs->options->isolation_text;
    bool must = asked != NULL && strcmp(asked, "full") == 0;
    const char *out = ruled_out(needs);
    struct failure refused = {0};
    *isolation = (struct isolation){0};
    if (asked != NULL && strcmp(asked, "none") == 0)
        return go_without(isolation, "", "--isolation none");
    if (must && out != NULL)
        return failure_set(failure, STATUS_USAGE, "--isolation full: not possible here: %s", out);
    if (out != NULL)
        return go_without(isolation, "", out);
    if (try_rooms(isolation, needs, &refused) == 0)
        return 0;
    if (must)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "--isolation full: this machine does not allow it: %s; leave the option "
                           "out, or see docs/trust.md for what it needs",
                           refused.text);
    return go_without(isolation, "this machine does not allow it: ", refused.text);
}

int isolation_choose_alone(struct isolation *isolation, const struct target_options *options,
                           const struct target *target, char *const *library, bool is_remote,
                           struct failure *failure)
{
    const struct isolation_needs needs = {.options = options,
                                          .targets = target,
                                          .libraries = library,
                                          .count = 1,
                                          .is_remote = is_remote};
    return isolation_choose(isolation, &needs, failure);
}

const struct room *isolation_room(struct isolation *isolation, const char *folder, const char *kept)
{
    if (!isolation->full)
        return NULL;
    settle(isolation, folder, kept);
    return &isolation->room;
}

int isolation_leave_network(struct isolation *isolation, struct failure *failure)
{
    if (!isolation->full)
        return 0;
    isolation->room.has_networks = isolation->has_networks = true;
    return network_leave(failure);
}

void isolation_clear(struct isolation *isolation)
{
    free(isolation->program);
    free(isolation->programs);
    for (size_t i = 0; i < sizeof isolation->writable / sizeof *isolation->writable; i++)
        free(isolation->writable[i]);
    *isolation = (struct isolation){0};
}
