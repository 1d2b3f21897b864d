// SPDX-License-Identifier: Apache-2.0
// Raises the limit of open files.
#include "emulator/process/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

int descriptors_require(size_t needed, const char *needs, struct failure *failure)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "getrlimit: %s", strerror(errno));
    if (limit.rlim_cur >= needed)
        return 0;
    if (limit.rlim_max < needed)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "%s %zu open files in one process; the hard limit (ulimit -Hn) is "
                           "%llu: raise it%s",
                           needs, needed, (unsigned long long)limit.rlim_max,
                           needed > DESCRIPTORS_SPARE ? ", or use a smaller scenario" : "");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return failure_set(failure, STATUS_UNTRUSTED,
                           "can't raise the open files limit to %llu: %s",
                           (unsigned long long)limit.rlim_max, strerror(errno));
    return 0;
}

void descriptors_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
