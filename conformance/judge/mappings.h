// What a call of ReportActiveIScsiTargetMappings left in the buffer: an array of mappings, each
// with a list of logical units somewhere else in the buffer. The buffer may hold anything.
#ifndef TCK_MAPPINGS_H
#define TCK_MAPPINGS_H

#include "conformance/judge/evidence.h"

enum { MAPPING_TEXTS = 3, MAPPING_UNIT_SIZE = 16 };

// A text of a structure: its name, its bytes, and the characters that it has room for.
struct mapping_text {
    const char *name;
    const uint8_t *bytes;
    uint32_t room;
};

struct mapping {
    uint32_t width; // bytes of a character
    struct mapping_text texts[MAPPING_TEXTS];
    uint64_t session_id[2];
    uint32_t address[2]; // OSBusNumber, OSTargetNumber
    uint32_t unit_count;
    int64_t units_offset; // of LUNList from the begin of the buffer; it may be anywhere
    const uint8_t *units; // NULL: there are none, or they are not all within the bytes retrieved
};

// The text that is TargetName.
enum { MAPPING_TARGET_NAME = 1 };

// How many structures a success has, as far as they are all within the bytes retrieved.
uint32_t mapping_count(const struct evidence *evidence, const struct record *record);
// Bytes of one of them.
uint32_t mapping_size(const struct evidence *evidence, const struct record *record);
// Reads one of them.
void mapping_read(const struct evidence *evidence, const struct record *record, uint32_t index,
                  struct mapping *mapping);

// A character of a text.
unsigned mapping_character(const struct mapping *mapping, const struct mapping_text *text,
                           uint32_t index);

// Of a unit: its number in the operating system, and the eight bytes of that at the target, read as
// a little-endian integer.
uint32_t mapping_os_lun(const struct mapping *mapping, uint32_t unit);
uint64_t mapping_target_lun(const struct mapping *mapping, uint32_t unit);

// Do two successes tell the same mappings, in whatever order? Texts of A and of W are compared as
// far as they are ASCII.
bool mappings_equal(const struct evidence *evidence, const struct record *one,
                    const struct record *other);

#endif
