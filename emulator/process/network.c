// SPDX-License-Identifier: Apache-2.0
// A network namespace.
#include "emulator/process/network.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return written;
}

// The user stays who it is.
static bool leave_as_user(void)
{
    char users[64];
    char groups[64];
    snprintf(users, sizeof users, "%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
    snprintf(groups, sizeof groups, "%u %u 1", (unsigned)getegid(), (unsigned)getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 &&
           write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", users) &&
           write_file("/proc/self/gid_map", groups);
}

static bool raise_loopback(void)
{
    struct ifreq interface = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool raised = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &interface) == 0;
    if (fd >= 0)
        close(fd);
    return raised;
}

int network_leave(struct failure *failure)
{
    pid_t parent = getppid();
    // With the rights of root no other namespace is needed.
    if ((unshare(CLONE_NEWNET) != 0 && !leave_as_user()) || !raise_loopback() ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return failure_set(failure, STATUS_UNTRUSTED, "no network of the run's own can be made: %s",
                           strerror(errno));
    if (getppid() != parent)
        return failure_set(failure, STATUS_UNTRUSTED, "the sweeper has ended");
    return prctl(PR_SET_DUMPABLE, 1) == 0
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "prctl: %s", strerror(errno));
}
