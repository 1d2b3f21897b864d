// SPDX-License-Identifier: Apache-2.0
// What the functions about targets, devices and portals are judged by: the targets that there are,
// what they offer, and the portals that the initiator asks for targets. It says nothing of
// sessions, which are the truth's (truth.h).
#ifndef TCK_INVENTORY_H
#define TCK_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// In place of a number of disks that is not known.
#define DISKS_UNKNOWN UINT32_MAX

struct inventory_target {
    char *name;
    bool known; // to the initiator, for certain; else it may be
    // Logical units: LUN 0 is the controller, LUN 1 and so on are disks.
    uint32_t disk_count;
};

struct inventory_portal {
    char *address; // numeric
    uint16_t port;
};

struct inventory {
    bool others; // the initiator may know targets that are not the kit's
    size_t target_count;
    struct inventory_target *targets; // sorted by name; each name once
    bool other_portals;               // the initiator may ask portals that are not listed here
    size_t portal_count;
    struct inventory_portal *portals; // that it asks for certain; each once
};

// The target of that name; NULL: there is none.
struct inventory_target *inventory_find(const struct inventory *inventory, const char *name);

// Adds a target in its place, or joins it with that of the same name: what either says is known is,
// and where they differ in their disks, the number is not known. 0, or -1 when memory ran out.
int inventory_add(struct inventory *inventory, const char *name, bool known, uint32_t disk_count);

// Adds a portal, if it is not there yet. 0, or -1 when memory ran out.
int inventory_add_portal(struct inventory *inventory, const char *address, uint16_t port);

// A deep copy; NULL when memory ran out.
struct inventory *inventory_copy(const struct inventory *inventory);

// Frees all that it holds, and itself. NULL is allowed.
void inventory_free(struct inventory *inventory);

#endif
