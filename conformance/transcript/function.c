// SPDX-License-Identifier: Apache-2.0
// The table of the functions. The host programs use it too, so it needs nothing.
#include "conformance/transcript/function.h"

#include "iscsi_reports.h"

#include <stddef.h>

// What A and W of a function have alike.
#define LIST                                                                                       \
    .parameters = {PARAMETER_SIZE, PARAMETER_COUNT, PARAMETER_BUFFER}, .unit = UNIT_BYTES,         \
    .unit_size = 1, .size = "BufferSize", .count = "SessionCount", .buffer = "SessionInfo"
#define TARGETS                                                                                    \
    .family = FAMILY_TARGETS, .parameters = {PARAMETER_FLAG, PARAMETER_SIZE, PARAMETER_BUFFER},    \
    .unit = UNIT_CHARACTERS, .double_terminator = true, .size = "BufferSize", .buffer = "Buffer"
#define DEVICES                                                                                    \
    .family = FAMILY_DEVICES, .parameters = {PARAMETER_ID, PARAMETER_SIZE, PARAMETER_BUFFER},      \
    .unit = UNIT_ELEMENTS, .size = "DeviceCount", .buffer = "Devices"
#define MAPPINGS                                                                                   \
    .family = FAMILY_MAPPINGS, .parameters = {PARAMETER_SIZE, PARAMETER_COUNT, PARAMETER_BUFFER},  \
    .unit = UNIT_BYTES, .unit_size = 1, .size = "BufferSize", .count = "MappingCount",             \
    .buffer = "Mappings"
#define INITIATORS                                                                                 \
    .family = FAMILY_INITIATORS, .parameters = {PARAMETER_SIZE, PARAMETER_BUFFER},                 \
    .unit = UNIT_CHARACTERS, .double_terminator = true, .size = "BufferSize", .buffer = "Buffer"
#define PORTALS                                                                                    \
    .family = FAMILY_PORTALS, .parameters = {PARAMETER_COUNT, PARAMETER_SIZE, PARAMETER_BUFFER},   \
    .unit = UNIT_BYTES, .unit_size = 1, .size = "PortalInfoSize", .count = "PortalCount",          \
    .buffer = "PortalInfo"
#define LOGINS                                                                                     \
    .family = FAMILY_LOGINS, .parameters = {PARAMETER_COUNT, PARAMETER_BUFFER, PARAMETER_SIZE},    \
    .unit = UNIT_BYTES, .unit_size = 1, .size = "BufferSizeInBytes", .count = "Count",             \
    .buffer = "PersistentLoginInfo"

static const struct function functions[CHARSETS] = {
    [CHARSET_A] = {LIST, .name = "GetIScsiSessionListA", .key = "A", .strings = STRINGS_CHAR},
    [CHARSET_W] = {LIST, .name = "GetIScsiSessionListW", .key = "W", .strings = STRINGS_WIDE},
    [CHARSET_EX] = {LIST, .name = "GetIScsiSessionListEx", .key = "Ex", .family = FAMILY_EX},
    [CHARSET_TARGETS_A] = {TARGETS, .name = "ReportIScsiTargetsA", .key = "targets-A",
                           .strings = STRINGS_CHAR, .unit_size = 1},
    [CHARSET_TARGETS_W] = {TARGETS, .name = "ReportIScsiTargetsW", .key = "targets-W",
                           .strings = STRINGS_WIDE, .unit_size = 2},
    [CHARSET_DEVICES_A] = {DEVICES, .name = "GetDevicesForIScsiSessionA", .key = "devices-A",
                           .strings = STRINGS_CHAR, .unit_size = sizeof(iscsi_device_on_session_a)},
    [CHARSET_DEVICES_W] = {DEVICES, .name = "GetDevicesForIScsiSessionW", .key = "devices-W",
                           .strings = STRINGS_WIDE, .unit_size = sizeof(iscsi_device_on_session_w)},
    [CHARSET_MAPPINGS_A] = {MAPPINGS, .name = "ReportActiveIScsiTargetMappingsA",
                            .key = "mappings-A", .strings = STRINGS_CHAR,
                            .structure_size = {ISCSI_MAPPING_A_SIZE_64, ISCSI_MAPPING_A_SIZE_32}},
    [CHARSET_MAPPINGS_W] = {MAPPINGS, .name = "ReportActiveIScsiTargetMappingsW",
                            .key = "mappings-W", .strings = STRINGS_WIDE,
                            .structure_size = {ISCSI_MAPPING_W_SIZE_64, ISCSI_MAPPING_W_SIZE_32}},
    [CHARSET_INITIATORS_A] = {INITIATORS, .name = "ReportIScsiInitiatorListA",
                              .key = "initiators-A", .strings = STRINGS_CHAR, .unit_size = 1},
    [CHARSET_INITIATORS_W] = {INITIATORS, .name = "ReportIScsiInitiatorListW",
                              .key = "initiators-W", .strings = STRINGS_WIDE, .unit_size = 2},
    [CHARSET_PORTALS_A] = {PORTALS, .name = "ReportIScsiSendTargetPortalsExA", .key = "portals-A",
                           .strings = STRINGS_CHAR,
                           .structure_size = {ISCSI_PORTAL_A_SIZE_64, ISCSI_PORTAL_A_SIZE_32}},
    [CHARSET_PORTALS_W] = {PORTALS, .name = "ReportIScsiSendTargetPortalsExW", .key = "portals-W",
                           .strings = STRINGS_WIDE,
                           .structure_size = {ISCSI_PORTAL_W_SIZE_64, ISCSI_PORTAL_W_SIZE_32}},
    [CHARSET_LOGINS_A] = {LOGINS, .name = "ReportIScsiPersistentLoginsA", .key = "logins-A",
                          .strings = STRINGS_CHAR,
                          .structure_size = {ISCSI_PERSISTENT_A_SIZE_64,
                                             ISCSI_PERSISTENT_A_SIZE_32}},
    [CHARSET_LOGINS_W] = {LOGINS, .name = "ReportIScsiPersistentLoginsW", .key = "logins-W",
                          .strings = STRINGS_WIDE,
                          .structure_size = {ISCSI_PERSISTENT_W_SIZE_64,
                                             ISCSI_PERSISTENT_W_SIZE_32}},
};

const struct function *function_of(enum charset charset)
{
    return charset < CHARSETS ? &functions[charset] : NULL;
}

const char *unit_name(enum unit unit, uint64_t count)
{
    static const char *const one[] = {"byte", "character", "structure"};
    static const char *const several[] = {"bytes", "characters", "structures"};
    return count == 1 ? one[unit] : several[unit];
}

enum charset family_charset(enum family family, enum strings strings)
{
    int charset = 0;
    while (charset < CHARSETS &&
           (functions[charset].family != family || functions[charset].strings != strings))
        charset++;
    return (enum charset)charset;
}

bool function_takes(const struct function *function, enum parameter parameter)
{
    for (int i = 0; i < PARAMETERS_MAX; i++)
        if (function->parameters[i] == parameter)
            return true;
    return false;
}

uint32_t function_structure_size(const struct function *function, unsigned pointer_size)
{
    return function->structure_size[pointer_size == 4];
}

uint64_t call_bytes(const struct call *call)
{
    uint32_t unit = call->charset < CHARSETS ? functions[call->charset].unit_size : 1;
    return (uint64_t)call->offered * unit;
}
