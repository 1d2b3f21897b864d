// SPDX-License-Identifier: Apache-2.0
// Where an instance listens.
#ifndef TCK_PORTAL_H
#define TCK_PORTAL_H

#include <stdint.h>

struct tgtd_portal {
    char address[64]; // numeric, IPv6 without brackets
    uint16_t port;    // host order; before tgtd_start 0 for a free one; after it the one in use
};

#endif
