// SPDX-License-Identifier: Apache-2.0
// Lets the targets of a topology listen on another address than loopback.
#include "emulator/scenario/listening.h"

#include "conformance/base/wording.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union endpoint {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};

// Reads a numeric address. False where it is none, or that of all addresses of the machine.
static bool read_address(const char *address, union endpoint *endpoint, bool *open)
{
    memset(endpoint, 0, sizeof *endpoint);
    if (inet_pton(AF_INET, address, &endpoint->four.sin_addr) == 1) {
        endpoint->four.sin_family = AF_INET;
        *open = ntohl(endpoint->four.sin_addr.s_addr) >> 24 != 127;
        return endpoint->four.sin_addr.s_addr != INADDR_ANY;
    }
    if (inet_pton(AF_INET6, address, &endpoint->six.sin6_addr) == 1) {
        endpoint->six.sin6_family = AF_INET6;
        *open = !IN6_IS_ADDR_LOOPBACK(&endpoint->six.sin6_addr);
        return !IN6_IS_ADDR_UNSPECIFIED(&endpoint->six.sin6_addr);
    }
    return false;
}

int listening_check(const char *address, bool *open, struct failure *failure)
{
    union endpoint endpoint;
    if (!read_address(address, &endpoint, open))
        return failure_set(failure, STATUS_USAGE,
                           "--listen %s: give one numeric address of this machine, such as "
                           "192.0.2.7; IPv6 without brackets",
                           quote(address).text);
    int fd = socket(endpoint.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 || bind(fd, &endpoint.any, sizeof endpoint) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (error == 0)
        return 0;
    return failure_set(failure, STATUS_USAGE, "--listen %s: nothing can listen there: %s%s",
                       address, strerror(error),
                       error == EADDRNOTAVAIL ? " (\"ip address\" shows those of this machine)"
                                              : "");
}

bool listening_suits(const struct topology *topology, const char *address, char *why, size_t size)
{
    const bool six = strchr(address, ':') != NULL;
    const char *found = NULL;
    for (size_t i = 0; i < topology->instance_count; i++)
        for (size_t j = 0; j < topology->instances[i].portal_count; j++)
            if ((strchr(topology->instances[i].portals[j].address, ':') != NULL) != six)
                found = six ? "IPv4 portals" : "IPv6 portals";
    for (size_t i = 0; i < topology->target_count; i++) {
        if (topology->targets[i].redirect.is)
            found = "targets that redirect to loopback addresses";
        if (topology->targets[i].allowed_address_count > 0)
            found = "access lists by loopback addresses";
    }
    snprintf(why, size, "%s%s%s%s", found != NULL ? "the scenario has " : "",
             found != NULL ? found : "", found != NULL ? ", and --listen says " : "",
             found != NULL ? address : "");
    return found == NULL;
}

int listening_apply(struct topology *topology, const char *address, struct failure *failure)
{
    for (size_t i = 0; i < topology->instance_count; i++) {
        for (size_t j = 0; j < topology->instances[i].portal_count; j++) {
            struct topology_portal *portal = &topology->instances[i].portals[j];
            char *replaced = strdup(address);
            if (replaced == NULL)
                return failure_set(failure, STATUS_UNTRUSTED, "out of memory");
            free(portal->address);
            portal->address = replaced;
        }
    }
    return 0;
}
