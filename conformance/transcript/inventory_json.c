// {"others": false, "targets": [{"name": "iqn...", "known": true, "disks": 1}]}
#include "conformance/transcript/inventory_json.h"

#include <stdlib.h>

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

int inventory_from_json(const struct json_reading *reading, const json_t *object,
                        struct inventory **inventory)
{
    static const char *const members[] = {"others", "targets", NULL};
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
        *inventory = made;
    else
        inventory_free(made);
    return result;
}
