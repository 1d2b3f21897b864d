// SPDX-License-Identifier: Apache-2.0
// Ports for an instance: kept free for it until it listens, and whether it does.
#include "emulator/tgtd/ports.h"

#include "conformance/base/endpoint.h"
#include "emulator/tgtd/instance.h"
#include "emulator/tgtd/log.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Binds a socket to the portal, without listening. As long as it is open the kernel gives the port
// to nobody who asks for a free one; tgtd can bind it too, because both set SO_REUSEADDR. Returns
// the socket, with the port filled in; or -1 with errno.
static int reserve(struct tgtd_portal *portal)
{
    struct socket_address endpoint;
    if (socket_address_make(&endpoint, portal->address, portal->port) != 0) {
        errno = EINVAL;
        return -1;
    }
    int fd = socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    struct sockaddr *address = (struct sockaddr *)&endpoint.storage;
    bool bound = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (bound && address->sa_family == AF_INET6)
        bound = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    bound = bound && bind(fd, address, endpoint.size) == 0 &&
            getsockname(fd, address, &endpoint.size) == 0;
    if (!bound) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    portal->port =
        ntohs(address->sa_family == AF_INET6 ? ((struct sockaddr_in6 *)address)->sin6_port
                                             : ((struct sockaddr_in *)address)->sin_port);
    return fd;
}

void tgtd_release_ports(int *sockets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sockets[i] >= 0)
            close(sockets[i]);
        sockets[i] = -1;
    }
}

int tgtd_reserve_ports(const struct tgtd *tgtd, struct tgtd_portal *portals, size_t count,
                       int *sockets, struct failure *failure)
{
    for (size_t i = 0; i < count; i++)
        sockets[i] = -1;
    for (size_t i = 0; i < count; i++) {
        sockets[i] = reserve(&portals[i]);
        if (sockets[i] >= 0)
            continue;
        int error = errno;
        tgtd_release_ports(sockets, count);
        if (error == EINVAL)
            return failure_set(failure, STATUS_UNTRUSTED,
                               "tgtd \"%s\": portal \"%s\" is no numeric IPv4 or IPv6 address",
                               tgtd->name, portals[i].address);
        return failure_set(
            failure, STATUS_UNTRUSTED, "tgtd \"%s\": portal %s port %u cannot be had: %s%s",
            tgtd->name, portals[i].address, portals[i].port, strerror(error),
            error == EADDRINUSE ? " (choose another port, or 0 for a free one)" : "");
    }
    return 0;
}

// ---- Which process listens on a portal?

// One line of the kernel's list of TCP sockets: 0 with its inode if it listens on `wanted`, else
// -1.
static int match_listener(char *line, const char *wanted, unsigned long *inode)
{
    // sl local remote state queues timer retransmits uid timeout inode
    enum { LOCAL = 1, STATE = 3, INODE = 9, FIELDS };
    char *fields[FIELDS] = {NULL};
    size_t count = 0;
    char *field = NULL;
    while (count < FIELDS && (field = strsep(&line, " \n")) != NULL) {
        if (*field != '\0')
            fields[count++] = field;
    }
    if (count < FIELDS || strcmp(fields[LOCAL], wanted) != 0 || strcmp(fields[STATE], "0A") != 0)
        return -1; // 0A is LISTEN
    *inode = strtoul(fields[INODE], NULL, 10);
    return 0;
}

// The inode of the socket that listens on the portal, in the network that process `pid` is in. 0,
// or -1 when there is none.
static int find_listener(pid_t pid, const struct tgtd_portal *portal, unsigned long *inode)
{
    struct socket_address endpoint;
    if (socket_address_make(&endpoint, portal->address, portal->port) != 0)
        return -1;
    bool six = endpoint.storage.ss_family == AF_INET6;
    uint32_t words[4] = {((struct sockaddr_in *)&endpoint.storage)->sin_addr.s_addr};
    if (six)
        memcpy(words, &((struct sockaddr_in6 *)&endpoint.storage)->sin6_addr, sizeof words);
    char wanted[64];
    if (six)
        snprintf(wanted, sizeof wanted, "%08X%08X%08X%08X:%04X", words[0], words[1], words[2],
                 words[3], portal->port);
    else
        snprintf(wanted, sizeof wanted, "%08X:%04X", words[0], portal->port);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, six ? "tcp6" : "tcp");
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    char line[512];
    int result = -1;
    while (result != 0 && fgets(line, sizeof line, file) != NULL)
        result = match_listener(line, wanted, inode);
    fclose(file);
    return result;
}

static bool has_socket(pid_t pid, unsigned long inode)
{
    char path[64];
    char wanted[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    bool found = false;
    struct dirent *entry = NULL;
    while (!found && (entry = readdir(folder)) != NULL) {
        char link[128];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, link, sizeof link - 1);
        if (length <= 0)
            continue;
        link[length] = '\0';
        found = strcmp(link, wanted) == 0;
    }
    closedir(folder);
    return found;
}

size_t tgtd_find_deaf_portal(pid_t pid, const struct tgtd_portal *portals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned long inode = 0;
        if (find_listener(pid, &portals[i], &inode) != 0 || !has_socket(pid, inode))
            return i;
    }
    return count;
}

int tgtd_knock(struct tgtd *tgtd, const struct tgtd_portal *portal, struct failure *failure)
{
    struct socket_address endpoint;
    if (socket_address_make(&endpoint, portal->address, portal->port) != 0)
        return tgtd_fail(tgtd, failure, "portal %s: no address", portal->address);
    int fd = socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return tgtd_fail(tgtd, failure, "portal %s: %s", portal->address, strerror(errno));
    int result = connect(fd, (struct sockaddr *)&endpoint.storage, endpoint.size);
    int error = result == 0 || errno == EINPROGRESS ? 0 : errno;
    if (error == 0) {
        result = supervisor_wait_readable(tgtd->supervisor, fd, START_TIMEOUT_MS, failure);
        socklen_t size = sizeof error;
        if (result == 0)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    close(fd);
    if (result > 0)
        return tgtd_fail(tgtd, failure, "portal %s port %u took no connection within %d s%s",
                         portal->address, portal->port, START_TIMEOUT_MS / 1000,
                         process_describe_stop(tgtd->process));
    if (error != 0)
        return tgtd_fail(tgtd, failure, "portal %s port %u: %s", portal->address, portal->port,
                         strerror(error));
    return result;
}
