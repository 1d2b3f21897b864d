// SPDX-License-Identifier: Apache-2.0
// What a case says of a call's numbers depends on the library: the size that it requires, as a
// query at the same sessions was told.
#ifndef TCK_TOLD_H
#define TCK_TOLD_H

#include "harness/probes/probing.h"
#include "harness/run/call_groups.h"

// At one state of the sessions.
struct told {
    bool was[CHARSETS]; // a query was told
    uint32_t size[CHARSETS];
};

// Does a call of the group, in that charset, say its size by the one required?
bool told_is_needed(const struct transcript *recorded, const struct call_group *group,
                    enum charset charset);

// Keeps what the first query was told, if it is among the records from `first` on.
void told_note(struct told *told, const struct transcript *replayed, size_t first);

// Asks, unless a query was told already. 0, or -1 with probing->failure.
int told_ask(struct told *told, struct probing *probing, enum charset charset);

// Fills in the numbers of the call that is made for the case's record.
void told_settle(const struct told *told, const struct record *record, uint8_t pointer_size,
                 struct call *call);

#endif
