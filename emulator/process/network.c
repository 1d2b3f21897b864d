// SPDX-License-Identifier: Apache-2.0
// A network namespace.
#include "emulator/process/network.h"

#include "emulator/process/descriptors.h"

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

static int refuse(struct failure *failure)
{
    return failure_set(failure, STATUS_UNTRUSTED, "no network of the run's own can be made: %s",
                       strerror(errno));
}

int network_leave(struct failure *failure)
{
    pid_t parent = getppid();
    // With the rights of root no other namespace is needed.
    if ((unshare(CLONE_NEWNET) != 0 && !leave_as_user()) || !raise_loopback() ||
        prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return refuse(failure);
    if (getppid() != parent)
        return failure_set(failure, STATUS_UNTRUSTED, "the sweeper has ended");
    return prctl(PR_SET_DUMPABLE, 1) == 0
               ? 0
               : failure_set(failure, STATUS_UNTRUSTED, "prctl: %s", strerror(errno));
}

// ---- a network for others

static int open_here(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

// The first line of sockstat has the number of sockets; what is below it is about all networks of
// the machine. All of dev counts: whatever went over the interface.
static bool read_figures(const struct network *network, char figures[static NETWORK_FIGURES])
{
    ssize_t size = pread(network->sockets, figures, NETWORK_FIGURES / 2, 0);
    const char *end = size > 0 ? memchr(figures, '\n', (size_t)size) : NULL;
    if (end == NULL)
        return false;
    size_t used = (size_t)(end - figures) + 1;
    size = pread(network->traffic, figures + used, NETWORK_FIGURES - used - 1, 0);
    figures[used + (size > 0 ? (size_t)size : 0)] = '\0';
    return size > 0;
}

// From within, where these files are its own.
static bool open_network(struct network *network)
{
    network->space = open_here("/proc/thread-self/ns/net");
    network->sockets = open_here("/proc/thread-self/net/sockstat");
    network->traffic = open_here("/proc/thread-self/net/dev");
    return network->space >= 0 && network->sockets >= 0 && network->traffic >= 0 &&
           read_figures(network, network->fresh);
}

int network_make(struct network *network, struct failure *failure)
{
    *network = (struct network){.space = -1, .traffic = -1, .sockets = -1};
    int own = open_here("/proc/thread-self/ns/net");
    bool made = own >= 0 && unshare(CLONE_NEWNET) == 0;
    bool opened = made && raise_loopback() && open_network(network);
    bool back = !made || setns(own, CLONE_NEWNET) == 0;
    int result = opened && back ? 0 : refuse(failure);
    descriptors_close(own);
    if (result != 0)
        network_drop(network);
    return result;
}

bool network_is_fresh(const struct network *network)
{
    char figures[NETWORK_FIGURES];
    return read_figures(network, figures) && strcmp(figures, network->fresh) == 0;
}

void network_drop(struct network *network)
{
    if (network->space != 0) {
        descriptors_close(network->space);
        descriptors_close(network->sockets);
        descriptors_close(network->traffic);
    }
    *network = (struct network){0};
}
