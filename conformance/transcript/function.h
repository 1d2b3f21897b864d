// SPDX-License-Identifier: Apache-2.0
// The functions that the kit calls, described: which arguments each takes in which order, what its
// size counts, what strings it has. Host, probes, judges and words for people go by this table; a
// further function of the library is an entry here, an entry in enum charset, and its clauses.
#ifndef TCK_FUNCTION_H
#define TCK_FUNCTION_H

#include "conformance/transcript/call.h"

#include <stdbool.h>
#include <stdint.h>

// Functions with the same contract, in A and in W, or without strings.
enum family {
    FAMILY_LIST,       // GetIScsiSessionListA and W
    FAMILY_EX,         // GetIScsiSessionListEx
    FAMILY_TARGETS,    // ReportIScsiTargetsA and W
    FAMILY_DEVICES,    // GetDevicesForIScsiSessionA and W
    FAMILY_MAPPINGS,   // ReportActiveIScsiTargetMappingsA and W
    FAMILY_INITIATORS, // ReportIScsiInitiatorListA and W
    FAMILY_PORTALS,    // ReportIScsiSendTargetPortalsExA and W
    FAMILY_LOGINS,     // ReportIScsiPersistentLoginsA and W: no clauses
    FAMILIES,
};

enum strings {
    STRINGS_NONE,
    STRINGS_CHAR, // in the code page
    STRINGS_WIDE, // UTF-16
};

// What the ULONG says how many there are of: in, in the buffer; out, required or retrieved.
enum unit {
    UNIT_BYTES,
    UNIT_CHARACTERS,
    UNIT_ELEMENTS, // structures
};

enum parameter {
    PARAMETER_NONE,   // there are no more
    PARAMETER_SIZE,   // pointer to the ULONG that is counted in the function's unit
    PARAMETER_COUNT,  // pointer to a ULONG that counts structures beside a size
    PARAMETER_BUFFER, // pointer to the buffer
    PARAMETER_FLAG,   // a BOOLEAN: the first byte of call.subject
    PARAMETER_ID,     // pointer to the 16 bytes of call.subject
};

enum { PARAMETERS_MAX = 3 };

struct function {
    const char *name; // as it is exported
    const char *key;  // in transcripts: "A", "targets-W"
    enum family family;
    enum strings strings;
    enum parameter parameters[PARAMETERS_MAX];
    enum unit unit;
    uint32_t unit_size;     // bytes that one of the unit takes in the buffer
    bool double_terminator; // the strings stand one behind the other, and a NUL more ends them
    // Of a function that takes a count beside a size in bytes: the bytes of a structure where
    // pointers have 64 and 32 bits. 0: see judge/abi.h.
    uint32_t structure_size[2];
    const char *size; // what its documentation calls the parameters
    const char *count;
    const char *buffer;
};

// The description of a function; NULL for what is no charset.
const struct function *function_of(enum charset charset);

// "bytes", "characters", "structures"; "byte", ... where it is one.
const char *unit_name(enum unit unit, uint64_t count);

// The family's function with such strings; CHARSETS: there is none.
enum charset family_charset(enum family family, enum strings strings);

// Does the function take such an argument?
bool function_takes(const struct function *function, enum parameter parameter);

// The structure_size that is in force where pointers have so many bytes, 4 or 8.
uint32_t function_structure_size(const struct function *function, unsigned pointer_size);

// The bytes that the buffer of a call has, if it has one: it is offered in the function's unit.
uint64_t call_bytes(const struct call *call);

#endif
