// The end of a connection: a numeric IP address and a port, as text and as socket calls take it.
#ifndef TCK_ENDPOINT_H
#define TCK_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 64 }; // of an address as text, with its terminator

// Writes the address in canonical form (inet_ntop's: IPv6 without brackets). 0; or -1 where `text`
// is NULL or no numeric address, with "" in `canonical`.
int address_canonical(const char *text, char canonical[static ADDRESS_TEXT_SIZE]);

// Is `text` a numeric address, and written in canonical form? NULL is none.
bool address_is_canonical(const char *text);

// Are both the same numeric address, in whichever form? False where one of them is NULL or none.
bool address_same(const char *one, const char *other);

// "127.0.0.1:3260" or "[::1]:3260", cut to `size` bytes. 0, or -1 where the address is not numeric.
int endpoint_format(const char *address, unsigned port, char *text, size_t size);

struct socket_address {
    struct sockaddr_storage storage;
    socklen_t size;
};

// For bind and connect. 0, or -1 where the address is not numeric. The port is in host order.
int socket_address_make(struct socket_address *made, const char *address, uint16_t port);

// The other way, of what getsockname and getpeername give. 0, or -1 with errno EAFNOSUPPORT where
// it is no IP address.
int socket_address_read(const struct sockaddr_storage *storage,
                        char address[static ADDRESS_TEXT_SIZE], uint16_t *port);

#endif
