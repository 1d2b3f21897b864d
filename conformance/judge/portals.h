// SPDX-License-Identifier: Apache-2.0
// What a call of ReportIScsiSendTargetPortalsEx left in the buffer: an array of portals, with the
// options of the login at each, of which user name and password are somewhere else in the buffer.
#ifndef TCK_PORTALS_H
#define TCK_PORTALS_H

#include "conformance/judge/structures.h"

enum { PORTAL_TEXTS = 3, PORTAL_ADDRESS = 2, PORTAL_SECRETS = 2 };

// Bytes that a pointer and a length beside it tell of.
struct portal_secret {
    const char *name;
    uint32_t length;
    int64_t offset; // from the begin of the buffer; it may be anywhere
};

struct portal {
    struct structure_text texts[PORTAL_TEXTS]; // that of PORTAL_ADDRESS is Address
    uint32_t initiator_port;
    uint16_t socket;
    uint64_t security;
    struct portal_secret secrets[PORTAL_SECRETS];
};

// Reads one of the structures (structure_count).
void portal_read(const struct evidence *evidence, const struct record *record, uint32_t index,
                 struct portal *portal);

// Is it that portal? The address may be written in any form.
bool portal_is(const struct portal *portal, const char *address, uint16_t port);

// Do two successes tell the same portals, in whatever order? An items_equal.
bool portals_equal(const struct evidence *evidence, const struct record *one,
                   const struct record *other);

#endif
