// SPDX-License-Identifier: Apache-2.0
// Whether a target lets an initiator in.
#include "emulator/scenario/admission.h"

#include "emulator/scenario/topology.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static bool is_named(const struct allow_node *allow, const char *initiator)
{
    for (size_t i = 0; i < allow->initiators_count; i++)
        if (strcmp(allow->initiators[i], initiator) == 0)
            return true;
    return false;
}

// Does an entry of "addresses", an address, a network or ALL, have the address that a connection
// over IPv4 or IPv6 comes from: 127.0.0.1 or ::1? tgtd masks the sender and compares it with the
// entry as it is written, so that nobody is in 127.0.0.9/8. Of masks of 0 and 32 bits and of
// networks of IPv6 it makes something else: 127.0.0.1 is in ::/64, and not in 127.0.0.1/32.
static enum admission has_sender(const char *entry, bool six)
{
    char address[INET6_ADDRSTRLEN] = "";
    struct in_addr four;
    struct in6_addr whole;
    size_t length = strcspn(entry, "/");
    const char *bits = entry[length] == '/' ? entry + length + 1 : NULL;
    if (strcmp(entry, "ALL") == 0)
        return ADMITTED;
    memcpy(address, entry, length < sizeof address ? length : sizeof address - 1);
    if (inet_pton(AF_INET, address, &four) == 1) {
        unsigned long kept = bits != NULL ? strtoul(bits, NULL, 10) : 32;
        if (bits != NULL && (kept == 0 || kept == 32))
            return ADMISSION_UNKNOWN;
        uint32_t sender = INADDR_LOOPBACK & UINT32_MAX << (32 - kept);
        return !six && ntohl(four.s_addr) == sender ? ADMITTED : TURNED_AWAY;
    }
    if (bits != NULL)
        return ADMISSION_UNKNOWN;
    return six && inet_pton(AF_INET6, address, &whole) == 1 &&
                   memcmp(&whole, &in6addr_loopback, sizeof whole) == 0
               ? ADMITTED
               : TURNED_AWAY;
}

enum admission admission_of(const struct allow_node *allow, const char *initiator,
                            const char *address)
{
    enum admission result = TURNED_AWAY;
    bool six = strchr(address, ':') != NULL;
    if (allow == NULL || is_named(allow, initiator))
        return ADMITTED;
    for (size_t i = 0; i < allow->addresses_count; i++) {
        enum admission one = has_sender(allow->addresses[i], six);
        if (one == ADMITTED)
            return ADMITTED;
        if (one == ADMISSION_UNKNOWN)
            result = one;
    }
    return result;
}
