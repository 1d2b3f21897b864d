// SPDX-License-Identifier: Apache-2.0
// What a call of ReportActiveIScsiTargetMappings left in the buffer: an array of mappings, each
// with a list of logical units somewhere else in the buffer.
#ifndef TCK_MAPPINGS_H
#define TCK_MAPPINGS_H

#include "conformance/judge/structures.h"

enum { MAPPING_TEXTS = 3, MAPPING_TARGET_NAME = 1, MAPPING_UNIT_SIZE = 16 };

struct mapping {
    struct structure_text texts[MAPPING_TEXTS]; // that of MAPPING_TARGET_NAME is TargetName
    uint64_t session_id[2];
    uint32_t address[2]; // OSBusNumber, OSTargetNumber
    uint32_t unit_count;
    int64_t units_offset; // of LUNList from the begin of the buffer; it may be anywhere
    const uint8_t *units; // NULL: there are none, or they are not all within the bytes retrieved
};

// Reads one of the structures (structure_count).
void mapping_read(const struct evidence *evidence, const struct record *record, uint32_t index,
                  struct mapping *mapping);

// Of a unit: its number in the operating system, and the eight bytes of that at the target, read as
// a little-endian integer.
uint32_t mapping_os_lun(const struct mapping *mapping, uint32_t unit);
uint64_t mapping_target_lun(const struct mapping *mapping, uint32_t unit);

// Do two successes tell the same mappings, in whatever order? An items_equal.
bool mappings_equal(const struct evidence *evidence, const struct record *one,
                    const struct record *other);

#endif
