// SPDX-License-Identifier: Apache-2.0
// The end of a connection: a numeric IP address and a port, as text and as socket calls take it.
#ifndef TCK_ENDPOINT_H
#define TCK_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 64 }; // of an address as text, with its terminator

// Writes the address in canonical form (that of inet_ntop: IPv6 without brackets). Returns 0; or
// -1, with "" in `canonical`, where `text` is NULL or not a numeric address.
int address_canonical(const char *text, char canonical[static ADDRESS_TEXT_SIZE]);

// Is `text` a numeric address in canonical form? Not where it is NULL.
bool address_is_canonical(const char *text);

// Are both the same numeric address, in whichever form each is written? False where one of them is
// NULL or not a numeric address.
bool address_same(const char *one, const char *other);

// "127.0.0.1:3260" or "[::1]:3260", cut to `size` bytes. 0, or -1 where the address is not numeric.
int endpoint_format(const char *address, unsigned port, char *text, size_t size);

struct socket_address {
    struct sockaddr_storage storage;
    socklen_t size;
};

// For bind and connect. 0, or -1 where the address is not numeric. The port is in host order.
int socket_address_make(struct socket_address *made, const char *address, uint16_t port);

// The reverse: address and port of what getsockname and getpeername give. 0, or -1 with errno
// EAFNOSUPPORT where it is not an IP address.
int socket_address_read(const struct sockaddr_storage *storage,
                        char address[static ADDRESS_TEXT_SIZE], uint16_t *port);

#endif
