// SPDX-License-Identifier: Apache-2.0
// Finds the kit's own parts from where the running program is.
#include "harness/command/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The folders of an installation, relative to its prefix, as configured.
#ifndef TCK_LIBEXECDIR
#define TCK_LIBEXECDIR "libexec"
#endif
#ifndef TCK_LIBDIR
#define TCK_LIBDIR "lib"
#endif
#ifndef TCK_DATADIR
#define TCK_DATADIR "share"
#endif

struct part {
    const char *what;
    const char *variable;
    bool is_folder;
    int access_mode;
    const char *const *places; // relative to the prefix, in the order of search; NULL-terminated
    const char *needs;         // where there is no variable: what building it takes
};

static const char *const host_places[] = {"bin/iscsidsc-tck-host",
                                          TCK_LIBEXECDIR "/iscsidsc-tck/iscsidsc-tck-host", NULL};
static const char *const place_places[] = {"bin/iscsidsc-tck-place",
                                           TCK_LIBEXECDIR "/iscsidsc-tck/iscsidsc-tck-place", NULL};
static const char *const room_places[] = {"bin/iscsidsc-tck-room",
                                          TCK_LIBEXECDIR "/iscsidsc-tck/iscsidsc-tck-room", NULL};
static const char *const i386_host_places[] = {
    "i386/bin/iscsidsc-tck-host", TCK_LIBEXECDIR "/iscsidsc-tck/i386/iscsidsc-tck-host", NULL};
static const char *const reference_places[] = {
    "lib/libiscsidsc-reference.so", TCK_LIBDIR "/iscsidsc-tck/libiscsidsc-reference.so", NULL};
static const char *const starter_places[] = {TCK_DATADIR "/iscsidsc-tck/starter", NULL};
static const char *const scenario_places[] = {TCK_DATADIR "/iscsidsc-tck/scenarios", NULL};

// In the build tree each architecture has a tree of its own.
#define WINDOWS_PLACES(architecture, name)                                                         \
    {                                                                                              \
        "windows/" architecture "/bin/" name ".exe",                                               \
            TCK_LIBEXECDIR "/iscsidsc-tck/windows/" architecture "/" name ".exe", NULL             \
    }
static const char *const windows_places[2][2][3] = {
    {WINDOWS_PLACES("i686", "iscsidsc-tck-host"), WINDOWS_PLACES("i686", "iscsidsc-tck-host-utf8")},
    {WINDOWS_PLACES("x86_64", "iscsidsc-tck-host"),
     WINDOWS_PLACES("x86_64", "iscsidsc-tck-host-utf8")},
};

static const struct part host_part = {
    .what = "host program",
    .variable = PATHS_HOST_VARIABLE,
    .access_mode = X_OK,
    .places = host_places,
};
static const struct part place_part = {
    .what = "program that finds the places of faults",
    .access_mode = X_OK,
    .places = place_places,
};
static const struct part room_part = {
    .what = "program that isolates hosts",
    .access_mode = X_OK,
    .places = room_places,
    .needs = "",
};
static const struct part i386_host_part = {
    .what = "host program for 32-bit libraries",
    .access_mode = X_OK,
    .places = i386_host_places,
    .needs = ", with the package gcc-multilib there (ci/build installs it)",
};
static const struct part reference_part = {
    .what = "reference implementation",
    .variable = PATHS_REFERENCE_VARIABLE,
    .access_mode = R_OK,
    .places = reference_places,
};
static const struct part scenario_part = {
    .what = "folder of scenarios",
    .variable = PATHS_SCENARIOS_VARIABLE,
    .is_folder = true,
    .access_mode = R_OK | X_OK,
    .places = scenario_places,
};

static const struct part starter_part = {
    .what = "folder of starter projects",
    .is_folder = true,
    .access_mode = R_OK | X_OK,
    .places = starter_places,
    .needs = "",
};

// Is `path` what the part should be? With errno when not.
static bool fits(const struct part *part, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    if (part->is_folder != S_ISDIR(status.st_mode)) {
        errno = part->is_folder ? ENOTDIR : EISDIR;
        return false;
    }
    return access(path, part->access_mode) == 0;
}

// The folder above the one that the running program is in; malloc'ed, NULL with errno.
static char *find_prefix(void)
{
    char *program = realpath("/proc/self/exe", NULL);
    if (program == NULL)
        return NULL;
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(program, '/');
        if (slash != NULL)
            *slash = '\0';
    }
    return program;
}

static int find_given(const struct part *part, const char *given, char **path,
                      struct failure *failure)
{
    if (fits(part, given))
        *path = realpath(given, NULL);
    if (*path == NULL)
        return failure_set(failure, failure_input_status(errno),
                           "%s=%s: not usable as the %s: %s; correct or unset the variable",
                           part->variable, given, part->what, strerror(errno));
    return 0;
}

static int find_placed(const struct part *part, const char *prefix, char **path,
                       struct failure *failure)
{
    for (size_t i = 0; part->places[i] != NULL; i++) {
        char *candidate = NULL;
        if (asprintf(&candidate, "%s/%s", prefix, part->places[i]) < 0)
            return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
        if (fits(part, candidate))
            *path = realpath(candidate, NULL);
        int error = errno;
        free(candidate);
        errno = error;
        if (*path != NULL)
            return 0;
        if (errno == ENOMEM)
            return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
    }
    return failure_set(failure, STATUS_UNTRUSTED,
                       "the %s was not found in %s as %s%s%s; build or install the kit whole%s%s%s",
                       part->what, prefix, part->places[0], part->places[1] == NULL ? "" : " or ",
                       part->places[1] == NULL ? "" : part->places[1],
                       part->variable == NULL ? "" : ", or set ",
                       part->variable == NULL ? "" : part->variable,
                       part->variable == NULL ? part->needs : " to its path");
}

static int find_part(const struct part *part, char **path, struct failure *failure)
{
    *path = NULL;
    const char *given = part->variable != NULL ? getenv(part->variable) : NULL;
    if (given != NULL && given[0] != '\0')
        return find_given(part, given, path, failure);
    char *prefix = find_prefix();
    if (prefix == NULL)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "/proc/self/exe: cannot be read: %s; is /proc mounted?",
                           strerror(errno));
    int result = find_placed(part, prefix, path, failure);
    free(prefix);
    return result;
}

int paths_host(char **path, struct failure *failure)
{
    return find_part(&host_part, path, failure);
}

char *paths_place(void)
{
    struct failure ignored = {0};
    char *path = NULL;
    find_part(&place_part, &path, &ignored);
    return path;
}

int paths_room(char **path, struct failure *failure)
{
    return find_part(&room_part, path, failure);
}

char *paths_hold(char *path)
{
    enum { FREE_FOR_CHILDREN = 64 }; // lower numbers are given away when one is started
    char *held = NULL;
    int low = path != NULL ? open(path, O_PATH | O_CLOEXEC) : -1;
    int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, FREE_FOR_CHILDREN);
    if (low >= 0)
        close(low);
    if (fd < 0)
        return path;
    // It stays open as long as the process lives.
    if (asprintf(&held, "/proc/self/fd/%d", fd) < 0)
        held = NULL;
    free(path);
    return held;
}

int paths_windows_host(char **path, bool is_64_bit, bool utf8, struct failure *failure)
{
    const struct part part = {
        .what = is_64_bit ? "host program for 64-bit DLLs" : "host program for 32-bit DLLs",
        .access_mode = R_OK,
        .places = windows_places[is_64_bit][utf8],
        .needs = ", with the mingw-w64 compilers there (ci/build installs them)",
    };
    return find_part(&part, path, failure);
}

int paths_i386_host(char **path, struct failure *failure)
{
    return find_part(&i386_host_part, path, failure);
}

int paths_reference(char **path, struct failure *failure)
{
    return find_part(&reference_part, path, failure);
}

int paths_scenarios(char **path, struct failure *failure)
{
    return find_part(&scenario_part, path, failure);
}

int paths_starter(char **path, struct failure *failure)
{
    return find_part(&starter_part, path, failure);
}
