// SPDX-License-Identifier: Apache-2.0
// The connection to the initiator service on Unix.
#include "conformance/reference/initiator_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_S = 60 };

bool initiator_socket_variable(char value[INITIATOR_ADDRESS_SIZE])
{
    const char *found = getenv("ISCSIDSC_INITIATOR");
    if (!found || strlen(found) >= INITIATOR_ADDRESS_SIZE)
        return false;
    strcpy(value, found);
    return true;
}

static int open_socket(int family, const struct sockaddr *address, socklen_t size)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, address, size) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

intptr_t initiator_socket_open(const struct initiator_place *place)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    const struct sockaddr_in loopback = {.sin_family = AF_INET,
                                         .sin_port = htons(place->port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!place->path)
        return open_socket(AF_INET, (const struct sockaddr *)&loopback, sizeof loopback);
    if (strlen(place->path) >= sizeof local.sun_path)
        return -1;
    strcpy(local.sun_path, place->path);
    return open_socket(AF_UNIX, (const struct sockaddr *)&local, sizeof local);
}

bool initiator_socket_send(intptr_t socket, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send((int)socket, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
    }
    return true;
}

ptrdiff_t initiator_socket_receive(intptr_t socket, char *bytes, size_t size)
{
    ssize_t received = 0;
    do
        received = recv((int)socket, bytes, size, 0);
    while (received < 0 && errno == EINTR);
    return received;
}

void initiator_socket_close(intptr_t socket)
{
    (void)close((int)socket);
}
