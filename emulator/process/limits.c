// SPDX-License-Identifier: Apache-2.0
// Looks at the limits of resources, and raises them where that is possible.
#include "emulator/process/limits.h"

#include "emulator/process/control_group.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROCESSES = 96 }; // and threads: 32 of one batch, as many of a library's own, and the kit's

static const rlim_t MIB = 1 << 20;

// Measured with the standard set; the largest buffer that is offered (SIZE-10) is the greatest
// need.
static const struct {
    __rlimit_resource_t resource;
    const char *what;
    const char *option; // of ulimit
    rlim_t mebibytes;
} needs[] = {
    {RLIMIT_AS, "address space", "-v", 6144},
    {RLIMIT_DATA, "data", "-d", 1024},
    {RLIMIT_FSIZE, "file size", "-f", 5120},
    {RLIMIT_STACK, "stack", "-s", 1},
};

// Raises the soft limit to the hard one if it is less. 0 or -1 with `failure`; `*enough` says
// whether it is `needed` then.
static int raise_limit(__rlimit_resource_t resource, const char *what, rlim_t needed, bool *enough,
                       struct rlimit *limit, struct failure *failure)
{
    if (getrlimit(resource, limit) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "getrlimit: %s", strerror(errno));
    *enough = limit->rlim_cur == RLIM_INFINITY || limit->rlim_cur >= needed;
    if (*enough || (limit->rlim_max != RLIM_INFINITY && limit->rlim_max < needed))
        return 0;
    limit->rlim_cur = limit->rlim_max;
    *enough = true;
    return setrlimit(resource, limit) == 0
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "can't raise the limit of %s: %s", what,
                             strerror(errno));
}

// At the soft limit a process gets SIGXCPU, by which it is known, and at the hard one SIGKILL,
// which tells nothing.
static int require_processor(struct failure *failure)
{
    enum { SECONDS = 60 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "getrlimit: %s", strerror(errno));
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < SECONDS)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "a run needs %d seconds of processor time in one process; the hard "
                           "limit (ulimit -Ht) is %llu: raise it",
                           SECONDS, (unsigned long long)limit.rlim_max);
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? limit.rlim_max : limit.rlim_max - 1;
    return setrlimit(RLIMIT_CPU, &limit) == 0
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "can't raise the limit of %s: %s",
                             "processor time", strerror(errno));
}

// The threads of a process; 1 where it has ended meanwhile.
static unsigned long threads_of(const char *pid)
{
    char path[64];
    char text[1024] = "";
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 1;
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    // Behind the name, which may hold anything, come 17 fields, and then the number of threads.
    const char *at = strrchr(text, ')');
    for (int field = 0; at != NULL && field < 18; field++)
        at = strchr(at + 1, ' ');
    unsigned long threads = at == NULL ? 1 : strtoul(at, NULL, 10);
    return threads == 0 ? 1 : threads;
}

// All processes and threads of this user, which the kernel's limit is about.
static unsigned long count_processes(void)
{
    unsigned long count = 0;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        return 0;
    for (const struct dirent *entry = readdir(processes); entry != NULL;
         entry = readdir(processes)) {
        struct stat status;
        if (isdigit((unsigned char)entry->d_name[0]) &&
            fstatat(dirfd(processes), entry->d_name, &status, 0) == 0 && status.st_uid == getuid())
            count += threads_of(entry->d_name);
    }
    closedir(processes);
    return count;
}

// Root has none but that of the control group.
static int require_processes(struct failure *failure)
{
    struct rlimit limit;
    bool enough = true;
    if (control_group_require_processes(NULL, PROCESSES, failure) != 0)
        return -1;
    if (getuid() == 0)
        return 0;
    rlim_t needed = count_processes() + PROCESSES;
    if (raise_limit(RLIMIT_NPROC, "processes", needed, &enough, &limit, failure) != 0)
        return -1;
    return enough
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED,
                             "a run needs room for %d processes and threads; this user has %llu, "
                             "and the hard limit (ulimit -Hu) is %llu: raise it to %llu",
                             PROCESSES, (unsigned long long)needed - PROCESSES,
                             (unsigned long long)limit.rlim_max, (unsigned long long)needed);
}

int limits_require(struct failure *failure)
{
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        struct rlimit limit;
        bool enough = false;
        if (raise_limit(needs[i].resource, needs[i].what, needs[i].mebibytes * MIB, &enough, &limit,
                        failure) != 0)
            return -1;
        if (!enough)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "a run needs %llu MiB of %s in one process; the hard limit "
                               "(ulimit -H%c) is %llu MiB: raise it",
                               (unsigned long long)needs[i].mebibytes, needs[i].what,
                               needs[i].option[1], (unsigned long long)(limit.rlim_max / MIB));
    }
    return require_processor(failure) != 0 ? -1 : require_processes(failure);
}
