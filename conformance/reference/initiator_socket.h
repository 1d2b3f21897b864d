// SPDX-License-Identifier: Apache-2.0
// The connection to the initiator service, as the operating system has it: initiator_socket_unix.c
// and initiator_socket_windows.c.
#ifndef TCK_INITIATOR_SOCKET_H
#define TCK_INITIATOR_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where the service is: at `path`, or where that is NULL, at `port` of 127.0.0.1.
struct initiator_place {
    const char *path; // of a Unix socket
    uint16_t port;    // host order
};

enum { INITIATOR_ADDRESS_SIZE = 256 };

// The value of the environment variable ISCSIDSC_INITIATOR. False: it is unset, or too long.
bool initiator_socket_variable(char value[INITIATOR_ADDRESS_SIZE]);

// Connects; -1 where that is not possible. The caller closes it.
intptr_t initiator_socket_open(const struct initiator_place *place);

// Sends all bytes. False on an error, or after a minute.
bool initiator_socket_send(intptr_t socket, const char *bytes, size_t size);

// Receives up to `size` bytes, at least one. 0: the other end has closed. -1: an error, or nothing
// came for a minute.
ptrdiff_t initiator_socket_receive(intptr_t socket, char *bytes, size_t size);

void initiator_socket_close(intptr_t socket);

#endif
