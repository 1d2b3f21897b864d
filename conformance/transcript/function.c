// The table of the functions. The host programs use it too, so it needs nothing.
#include "conformance/transcript/function.h"

#include "iscsi_login.h"

#include <stddef.h>

// GetIScsiSessionList and its sibling: bytes, a count beside them.
#define LIST_PARAMETERS                                                                            \
    {                                                                                              \
        PARAMETER_SIZE, PARAMETER_COUNT, PARAMETER_BUFFER                                          \
    }

static const struct function functions[CHARSETS] = {
    [CHARSET_A] = {"GetIScsiSessionListA", "A", FAMILY_LIST, STRINGS_CHAR, LIST_PARAMETERS,
                   UNIT_BYTES, 1, false, "BufferSize", "SessionInfo"},
    [CHARSET_W] = {"GetIScsiSessionListW", "W", FAMILY_LIST, STRINGS_WIDE, LIST_PARAMETERS,
                   UNIT_BYTES, 1, false, "BufferSize", "SessionInfo"},
    [CHARSET_EX] = {"GetIScsiSessionListEx", "Ex", FAMILY_EX, STRINGS_NONE, LIST_PARAMETERS,
                    UNIT_BYTES, 1, false, "BufferSize", "SessionInfo"},
    [CHARSET_TARGETS_A] = {"ReportIScsiTargetsA",
                           "targets-A",
                           FAMILY_TARGETS,
                           STRINGS_CHAR,
                           {PARAMETER_FLAG, PARAMETER_SIZE, PARAMETER_BUFFER},
                           UNIT_CHARACTERS,
                           1,
                           true,
                           "BufferSize",
                           "Buffer"},
    [CHARSET_TARGETS_W] = {"ReportIScsiTargetsW",
                           "targets-W",
                           FAMILY_TARGETS,
                           STRINGS_WIDE,
                           {PARAMETER_FLAG, PARAMETER_SIZE, PARAMETER_BUFFER},
                           UNIT_CHARACTERS,
                           2,
                           true,
                           "BufferSize",
                           "Buffer"},
    [CHARSET_DEVICES_A] = {"GetDevicesForIScsiSessionA",
                           "devices-A",
                           FAMILY_DEVICES,
                           STRINGS_CHAR,
                           {PARAMETER_ID, PARAMETER_SIZE, PARAMETER_BUFFER},
                           UNIT_ELEMENTS,
                           sizeof(iscsi_device_on_session_a),
                           false,
                           "DeviceCount",
                           "Devices"},
    [CHARSET_DEVICES_W] = {"GetDevicesForIScsiSessionW",
                           "devices-W",
                           FAMILY_DEVICES,
                           STRINGS_WIDE,
                           {PARAMETER_ID, PARAMETER_SIZE, PARAMETER_BUFFER},
                           UNIT_ELEMENTS,
                           sizeof(iscsi_device_on_session_w),
                           false,
                           "DeviceCount",
                           "Devices"},
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

uint64_t call_bytes(const struct call *call)
{
    return (uint64_t)call->offered * functions[call->charset].unit_size;
}
