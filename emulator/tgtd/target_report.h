// SPDX-License-Identifier: Apache-2.0
// What an instance reports of its sessions and connections.
#ifndef TCK_TARGET_REPORT_H
#define TCK_TARGET_REPORT_H

#include "conformance/base/failure.h"

#include <stddef.h>
#include <stdint.h>

struct tgtd;

// What the target's side knows of one connection.
struct tgtd_connection {
    unsigned tid;
    uint16_t tsih; // as tgtd numbers it ("I_T nexus: N", "Session: N"), in host order
    uint16_t cid;
    char initiator_name[256];
    char initiator_alias[256]; // of the session: the kit's handle; "" if none
    char initiator_address[64];
};

struct tgtd_report {
    size_t connection_count;
    struct tgtd_connection *connections; // malloc'ed; see tgtd_report_free
};

// Reads, for all `target_count` targets (tids 1..target_count) but those deleted, every connection
// of every session. Text that can't be understood is a failure, never skipped. 0, or -1 with
// `failure`.
int tgtd_get_report(struct tgtd *tgtd, unsigned target_count, struct tgtd_report *report,
                    struct failure *failure);
void tgtd_report_free(struct tgtd_report *report);

// Reads every connection of one target, with one request, for when only that target has changed.
// There the list has no aliases (they are left empty), and the address of a connection whose peer
// has just gone is empty. 0, or -1 with `failure`.
int tgtd_get_connections(struct tgtd *tgtd, unsigned tid, struct tgtd_report *report,
                         struct failure *failure);

#endif
