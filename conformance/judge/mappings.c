// SPDX-License-Identifier: Apache-2.0
// Reads mappings.
#include "conformance/judge/mappings.h"

#include "iscsi_reports.h"

#include <string.h>

// Where the members stand. The pointer is the last one, and the first that depends on its size.
struct layout {
    uint32_t width;
    uint32_t initiator_name, target_name, device_name, session_id, bus, unit_count;
    uint32_t units[2]; // with pointers of 64 and 32 bits
};

#define LAYOUT(of, bytes, wide, narrow)                                                            \
    {                                                                                              \
        .width = (bytes), .initiator_name = offsetof(of, initiator_name),                          \
        .target_name = offsetof(of, target_name), .device_name = offsetof(of, os_device_name),     \
        .session_id = offsetof(of, session_id), .bus = offsetof(of, os_bus_number),                \
        .unit_count = offsetof(of, lun_count), .units = {                                          \
            (wide),                                                                                \
            (narrow)                                                                               \
        }                                                                                          \
    }

static const struct layout *layout_of(const struct record *record)
{
    static const struct layout narrow = LAYOUT(iscsi_target_mapping_a, 1, 776, 772);
    static const struct layout wide = LAYOUT(iscsi_target_mapping_w, 2, 1512, 1508);
    return structure_is_wide(record) ? &wide : &narrow;
}

void mapping_read(const struct evidence *evidence, const struct record *record, uint32_t index,
                  struct mapping *mapping)
{
    const struct layout *layout = layout_of(record);
    const uint8_t *bytes = record->bytes + (size_t)index * structure_size(evidence, record);
    bool small = evidence->transcript->hello.pointer_size == 4;
    uint32_t width = layout->width;
    *mapping = (struct mapping){
        .texts = {{"InitiatorName", bytes + layout->initiator_name, width, ISCSI_HBA_NAME_SIZE},
                  {"TargetName", bytes + layout->target_name, width, ISCSI_NAME_SIZE},
                  {"OSDeviceName", bytes + layout->device_name, width, ISCSI_PATH_SIZE}},
        .address = {(uint32_t)structure_number(bytes + layout->bus, 4),
                    (uint32_t)structure_number(bytes + layout->bus + 4, 4)},
        .unit_count = (uint32_t)structure_number(bytes + layout->unit_count, 4),
        .units_offset = structure_pointer(evidence, record, bytes + layout->units[small]),
    };
    memcpy(mapping->session_id, bytes + layout->session_id, sizeof mapping->session_id);
    uint64_t size = (uint64_t)mapping->unit_count * MAPPING_UNIT_SIZE;
    if (size > 0 && structure_holds(record, mapping->units_offset, size))
        mapping->units = record->bytes + mapping->units_offset;
}

uint32_t mapping_os_lun(const struct mapping *mapping, uint32_t unit)
{
    return (uint32_t)structure_number(mapping->units + (size_t)unit * MAPPING_UNIT_SIZE, 4);
}

uint64_t mapping_target_lun(const struct mapping *mapping, uint32_t unit)
{
    return structure_number(mapping->units + (size_t)unit * MAPPING_UNIT_SIZE +
                                offsetof(struct iscsi_lun, target_lun),
                            8);
}

// ---- The same

// The same units, in whatever order?
static bool same_units(const struct mapping *one, const struct mapping *other)
{
    if (one->unit_count != other->unit_count || (one->units == NULL) != (other->units == NULL))
        return false;
    for (uint32_t i = 0; one->units != NULL && i < one->unit_count; i++) {
        bool found = false;
        // Most often they are in the same order.
        for (uint32_t j = 0; j < other->unit_count && !found; j++) {
            uint32_t candidate = (i + j) % other->unit_count;
            found = mapping_os_lun(one, i) == mapping_os_lun(other, candidate) &&
                    mapping_target_lun(one, i) == mapping_target_lun(other, candidate);
        }
        if (!found)
            return false;
    }
    return true;
}

static bool same_mapping(const struct mapping *one, const struct mapping *other)
{
    if (memcmp(one->session_id, other->session_id, sizeof one->session_id) != 0 ||
        memcmp(one->address, other->address, sizeof one->address) != 0)
        return false;
    for (int i = 0; i < MAPPING_TEXTS; i++)
        if (!structure_texts_equal(&one->texts[i], &other->texts[i]))
            return false;
    return same_units(one, other);
}

bool mappings_equal(const struct evidence *evidence, const struct record *one,
                    const struct record *other)
{
    uint32_t count = structure_count(evidence, one);
    if (count != structure_count(evidence, other))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct mapping mapping;
        struct mapping candidate;
        bool found = false;
        mapping_read(evidence, one, i, &mapping);
        for (uint32_t j = 0; j < count && !found; j++) {
            mapping_read(evidence, other, (i + j) % count, &candidate);
            found = same_mapping(&mapping, &candidate);
        }
        if (!found)
            return false;
    }
    return true;
}
