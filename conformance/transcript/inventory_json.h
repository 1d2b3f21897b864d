// SPDX-License-Identifier: Apache-2.0
// The inventory of targets, to and from JSON, as the head of a transcript has it.
#ifndef TCK_INVENTORY_JSON_H
#define TCK_INVENTORY_JSON_H

#include "conformance/base/json.h"
#include "conformance/transcript/inventory.h"

json_t *inventory_to_json(const struct inventory *inventory);

// Makes one of the object, for the caller to free; of NULL none. 0, or -1 with the reading's
// failure.
int inventory_from_json(const struct json_reading *reading, const json_t *object,
                        struct inventory **inventory);

#endif
