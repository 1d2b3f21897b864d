// SPDX-License-Identifier: Apache-2.0
// {"others": false, "targets": [{"name": "iqn...", "known": true, "disks": 1}],
//  "other_portals": false, "portals": [{"address": "127.0.0.1", "port": 3260}]}
// An older transcript has no portals: then any may be asked.
#include "conformance/transcript/inventory_json.h"

#include <stdlib.h>

static json_t *portals_to_json(const struct inventory *inventory)
{
    json_t *portals = json_array();
    for (size_t i = 0; portals != NULL && i < inventory->portal_count; i++) {
        json_t *entry = json_object();
        object_add(&entry, "address", text_to_json(inventory->portals[i].address));
        object_add(&entry, "port", number_to_json(inventory->portals[i].port));
        if (entry == NULL || json_array_append_new(portals, entry) != 0) {
            json_decref(portals);
            portals = NULL;
        }
    }
    return portals;
}

json_t *inventory_to_json(const struct inventory *inventory)
{
    json_t *object = json_object();
    json_t *targets = json_array();
    object_add(&object, "others", json_boolean(inventory->others));
    for (size_t i = 0; i < inventory->target_count; i++) {
        const struct inventory_target *target = &inventory->targets[i];
        json_t *entry = json_object();
        object_add(&entry, "name", exact_text_to_json(target->name));
        object_add(&entry, "known", json_boolean(target->known));
        if (target->disk_count != DISKS_UNKNOWN)
            object_add(&entry, "disks", number_to_json(target->disk_count));
        if (entry == NULL || json_array_append_new(targets, entry) != 0) {
            json_decref(targets);
            targets = NULL;
        }
    }
    object_add(&object, "targets", targets);
    object_add(&object, "other_portals", json_boolean(inventory->other_portals));
    object_add(&object, "portals", portals_to_json(inventory));
    return object;
}

static int read_target(const struct json_reading *reading, const json_t *entry,
                       struct inventory *inventory)
{
    static const char *const members[] = {"name", "known", "?disks", NULL};
    char *name = NULL;
    bool known = false;
    uint32_t disks = DISKS_UNKNOWN;
    if (json_check_members(reading, entry, members) != 0 ||
        json_read_bool(reading, entry, "known", &known) != 0 ||
        (json_object_get(entry, "disks") != NULL &&
         json_read_u32(reading, entry, "disks", &disks) != 0) ||
        json_read_needed_text(reading, entry, "name", &name) != 0)
        return -1;
    int result = inventory_add(inventory, name, known, disks);
    free(name);
    return result == 0 ? 0 : json_refuse_memory(reading);
}

static int read_portal(const struct json_reading *reading, const json_t *entry,
                       struct inventory *inventory)
{
    static const char *const members[] = {"address", "port", NULL};
    char *address = NULL;
    uint32_t port = 0;
    if (json_check_members(reading, entry, members) != 0 ||
        json_read_u32(reading, entry, "port", &port) != 0)
        return -1;
    if (port > UINT16_MAX)
        return json_refuse_member(reading, "port", "a port");
    if (json_read_needed_text(reading, entry, "address", &address) != 0)
        return -1;
    int result = inventory_add_portal(inventory, address, (uint16_t)port);
    free(address);
    return result == 0 ? 0 : json_refuse_memory(reading);
}

static int read_portals(const struct json_reading *reading, const json_t *object,
                        struct inventory *inventory)
{
    const json_t *portals = json_object_get(object, "portals");
    inventory->other_portals = true;
    if (portals == NULL)
        return 0;
    if (!json_is_array(portals))
        return json_refuse_member(reading, "portals", "an array");
    if (json_read_bool(reading, object, "other_portals", &inventory->other_portals) != 0)
        return -1;
    for (size_t i = 0; i < json_array_size(portals); i++)
        if (read_portal(reading, json_array_get(portals, i), inventory) != 0)
            return -1;
    return 0;
}

int inventory_from_json(const struct json_reading *reading, const json_t *object,
                        struct inventory **inventory)
{
    static const char *const members[] = {"others", "targets", "?other_portals", "?portals", NULL};
    *inventory = NULL;
    if (object == NULL)
        return 0;
    struct inventory *made = calloc(1, sizeof *made);
    if (made == NULL)
        return json_refuse_memory(reading);
    const json_t *targets = json_object_get(object, "targets");
    int result = json_check_members(reading, object, members) != 0 ||
                         json_read_bool(reading, object, "others", &made->others) != 0
                     ? -1
                     : 0;
    if (result == 0 && !json_is_array(targets))
        result = json_refuse_member(reading, "targets", "an array");
    for (size_t i = 0; result == 0 && i < json_array_size(targets); i++)
        result = read_target(reading, json_array_get(targets, i), made);
    if (result == 0)
        result = read_portals(reading, object, made);
    if (result == 0)
        *inventory = made;
    else
        inventory_free(made);
    return result;
}
