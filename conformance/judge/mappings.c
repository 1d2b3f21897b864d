// Reads mappings.
#include "conformance/judge/mappings.h"

#include "conformance/transcript/function.h"
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
    return function_of((enum charset)record->call.charset)->strings == STRINGS_WIDE ? &wide
                                                                                    : &narrow;
}

static bool has_small_pointers(const struct evidence *evidence)
{
    return evidence->transcript->hello.pointer_size == 4;
}

static uint64_t read_number(const uint8_t *bytes, unsigned size)
{
    uint64_t number = 0;
    for (unsigned i = size; i > 0; i--)
        number = number << 8 | bytes[i - 1];
    return number;
}

// The bytes that were retrieved: what is behind them is no answer.
static uint32_t retrieved(const struct record *record)
{
    const struct outcome *outcome = &record->outcome;
    return outcome->size_out < outcome->byte_count ? outcome->size_out : outcome->byte_count;
}

uint32_t mapping_size(const struct evidence *evidence, const struct record *record)
{
    return function_structure_size(function_of((enum charset)record->call.charset),
                                   evidence->transcript->hello.pointer_size);
}

uint32_t mapping_count(const struct evidence *evidence, const struct record *record)
{
    uint32_t there = retrieved(record) / mapping_size(evidence, record);
    return record->outcome.count_out < there ? record->outcome.count_out : there;
}

void mapping_read(const struct evidence *evidence, const struct record *record, uint32_t index,
                  struct mapping *mapping)
{
    const struct layout *layout = layout_of(record);
    const uint8_t *bytes = record->bytes + (size_t)index * mapping_size(evidence, record);
    bool small = has_small_pointers(evidence);
    *mapping = (struct mapping){
        .width = layout->width,
        .texts = {{"InitiatorName", bytes + layout->initiator_name, ISCSI_HBA_NAME_SIZE},
                  {"TargetName", bytes + layout->target_name, ISCSI_NAME_SIZE},
                  {"OSDeviceName", bytes + layout->device_name, ISCSI_PATH_SIZE}},
        .address = {(uint32_t)read_number(bytes + layout->bus, 4),
                    (uint32_t)read_number(bytes + layout->bus + 4, 4)},
        .unit_count = (uint32_t)read_number(bytes + layout->unit_count, 4),
    };
    memcpy(mapping->session_id, bytes + layout->session_id, sizeof mapping->session_id);
    uint64_t pointer = read_number(bytes + layout->units[small], small ? 4 : 8);
    uint64_t size = (uint64_t)mapping->unit_count * MAPPING_UNIT_SIZE;
    mapping->units_offset = (int64_t)(pointer - record->outcome.base);
    if (size > 0 && mapping->units_offset >= 0 &&
        (uint64_t)mapping->units_offset + size <= retrieved(record))
        mapping->units = record->bytes + mapping->units_offset;
}

unsigned mapping_character(const struct mapping *mapping, const struct mapping_text *text,
                           uint32_t index)
{
    return (unsigned)read_number(text->bytes + (size_t)index * mapping->width, mapping->width);
}

uint32_t mapping_os_lun(const struct mapping *mapping, uint32_t unit)
{
    return (uint32_t)read_number(mapping->units + (size_t)unit * MAPPING_UNIT_SIZE, 4);
}

uint64_t mapping_target_lun(const struct mapping *mapping, uint32_t unit)
{
    return read_number(mapping->units + (size_t)unit * MAPPING_UNIT_SIZE +
                           offsetof(struct iscsi_lun, target_lun),
                       8);
}

// ---- The same

// What one of the two has beyond ASCII may be encoded in any way in the other charset.
static bool same_text(const struct mapping *one, const struct mapping *other, int which)
{
    const struct mapping_text *text = &one->texts[which];
    for (uint32_t i = 0; i < text->room; i++) {
        unsigned first = mapping_character(one, text, i);
        unsigned second = mapping_character(other, &other->texts[which], i);
        if (one->width != other->width && (first > 0x7F || second > 0x7F))
            return true;
        if (first != second)
            return false;
        if (first == 0)
            return true;
    }
    return true;
}

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
        if (!same_text(one, other, i))
            return false;
    return same_units(one, other);
}

bool mappings_equal(const struct evidence *evidence, const struct record *one,
                    const struct record *other)
{
    uint32_t count = mapping_count(evidence, one);
    if (count != mapping_count(evidence, other))
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
