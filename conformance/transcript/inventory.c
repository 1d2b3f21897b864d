// SPDX-License-Identifier: Apache-2.0
// A sorted list of targets, and portals.
#include "conformance/transcript/inventory.h"

#include <stdlib.h>
#include <string.h>

// Where a target of that name is, or belongs.
static size_t place_of(const struct inventory *inventory, const char *name)
{
    size_t first = 0;
    size_t end = inventory->target_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (strcmp(inventory->targets[middle].name, name) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

struct inventory_target *inventory_find(const struct inventory *inventory, const char *name)
{
    size_t place = place_of(inventory, name);
    return place < inventory->target_count && strcmp(inventory->targets[place].name, name) == 0
               ? &inventory->targets[place]
               : NULL;
}

int inventory_add(struct inventory *inventory, const char *name, bool known, uint32_t disk_count)
{
    struct inventory_target *same = inventory_find(inventory, name);
    if (same != NULL) {
        same->known = same->known || known;
        if (same->disk_count != disk_count)
            same->disk_count = DISKS_UNKNOWN;
        return 0;
    }
    struct inventory_target *grown =
        realloc(inventory->targets, (inventory->target_count + 1) * sizeof *grown);
    if (grown == NULL)
        return -1;
    inventory->targets = grown;
    size_t place = place_of(inventory, name);
    memmove(&grown[place + 1], &grown[place], (inventory->target_count - place) * sizeof *grown);
    grown[place] = (struct inventory_target){strdup(name), known, disk_count};
    inventory->target_count++;
    return grown[place].name == NULL ? -1 : 0;
}

int inventory_add_portal(struct inventory *inventory, const char *address, uint16_t port)
{
    for (size_t i = 0; i < inventory->portal_count; i++)
        if (inventory->portals[i].port == port &&
            strcmp(inventory->portals[i].address, address) == 0)
            return 0;
    struct inventory_portal *grown =
        realloc(inventory->portals, (inventory->portal_count + 1) * sizeof *grown);
    if (grown == NULL)
        return -1;
    inventory->portals = grown;
    grown[inventory->portal_count] = (struct inventory_portal){strdup(address), port};
    return grown[inventory->portal_count++].address == NULL ? -1 : 0;
}

static int copy_portals(struct inventory *copy, const struct inventory *inventory)
{
    copy->other_portals = inventory->other_portals;
    for (size_t i = 0; i < inventory->portal_count; i++)
        if (inventory_add_portal(copy, inventory->portals[i].address, inventory->portals[i].port) !=
            0)
            return -1;
    return 0;
}

struct inventory *inventory_copy(const struct inventory *inventory)
{
    struct inventory *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        return NULL;
    copy->others = inventory->others;
    for (size_t i = 0; i < inventory->target_count; i++) {
        const struct inventory_target *target = &inventory->targets[i];
        if (inventory_add(copy, target->name, target->known, target->disk_count) == 0)
            continue;
        inventory_free(copy);
        return NULL;
    }
    if (copy_portals(copy, inventory) != 0) {
        inventory_free(copy);
        return NULL;
    }
    return copy;
}

void inventory_free(struct inventory *inventory)
{
    if (inventory == NULL)
        return;
    for (size_t i = 0; i < inventory->target_count; i++)
        free(inventory->targets[i].name);
    for (size_t i = 0; i < inventory->portal_count; i++)
        free(inventory->portals[i].address);
    free(inventory->targets);
    free(inventory->portals);
    free(inventory);
}
