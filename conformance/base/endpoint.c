// SPDX-License-Identifier: Apache-2.0
// Reads and writes numeric addresses.
#include "conformance/base/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

// The family of the address, whose bytes go to the beginning of `binary`; AF_UNSPEC where it is no
// numeric address.
static int parse(const char *text, struct in6_addr *binary)
{
    memset(binary, 0, sizeof *binary);
    if (text == NULL)
        return AF_UNSPEC;
    if (inet_pton(AF_INET, text, binary) == 1)
        return AF_INET;
    return inet_pton(AF_INET6, text, binary) == 1 ? AF_INET6 : AF_UNSPEC;
}

int address_canonical(const char *text, char canonical[static ADDRESS_TEXT_SIZE])
{
    struct in6_addr binary;
    int family = parse(text, &binary);
    canonical[0] = '\0';
    if (family == AF_UNSPEC)
        return -1;
    return inet_ntop(family, &binary, canonical, ADDRESS_TEXT_SIZE) == NULL ? -1 : 0;
}

bool address_is_canonical(const char *text)
{
    char canonical[ADDRESS_TEXT_SIZE];
    return address_canonical(text, canonical) == 0 && strcmp(canonical, text) == 0;
}

bool address_same(const char *one, const char *other)
{
    struct in6_addr first;
    struct in6_addr second;
    int family = parse(one, &first);
    return family != AF_UNSPEC && family == parse(other, &second) &&
           memcmp(&first, &second, sizeof first) == 0;
}

int endpoint_format(const char *address, unsigned port, char *text, size_t size)
{
    struct in6_addr binary;
    int family = parse(address, &binary);
    if (family == AF_UNSPEC)
        return -1;
    snprintf(text, size, family == AF_INET ? "%s:%u" : "[%s]:%u", address, port);
    return 0;
}

int socket_address_make(struct socket_address *made, const char *address, uint16_t port)
{
    struct in6_addr binary;
    struct sockaddr_in *four = (struct sockaddr_in *)&made->storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&made->storage;
    int family = parse(address, &binary);
    *made = (struct socket_address){.storage.ss_family = (sa_family_t)family};
    if (family == AF_INET) {
        memcpy(&four->sin_addr, &binary, sizeof four->sin_addr);
        four->sin_port = htons(port);
        made->size = sizeof *four;
    } else if (family == AF_INET6) {
        six->sin6_addr = binary;
        six->sin6_port = htons(port);
        made->size = sizeof *six;
    }
    return family == AF_UNSPEC ? -1 : 0;
}

int socket_address_read(const struct sockaddr_storage *storage,
                        char address[static ADDRESS_TEXT_SIZE], uint16_t *port)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)storage;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)storage;
    bool is_four = storage->ss_family == AF_INET;
    const void *binary = is_four ? (const void *)&four->sin_addr : &six->sin6_addr;
    *port = ntohs(is_four ? four->sin_port : six->sin6_port);
    // Says EAFNOSUPPORT of any other family, without a look at the address.
    return inet_ntop(storage->ss_family, binary, address, ADDRESS_TEXT_SIZE) == NULL ? -1 : 0;
}
