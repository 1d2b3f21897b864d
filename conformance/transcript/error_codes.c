// SPDX-License-Identifier: Apache-2.0
// The table of status codes by name.
#include "conformance/transcript/error_codes.h"

#include <stdio.h>

struct error_code {
    uint32_t status;
    const char *name;
};

static const struct error_code error_codes[] = {
    // Win32 system error codes: those that implementations and their callers meet.
    {0, "ERROR_SUCCESS"},
    {1, "ERROR_INVALID_FUNCTION"},
    {2, "ERROR_FILE_NOT_FOUND"},
    {5, "ERROR_ACCESS_DENIED"},
    {6, "ERROR_INVALID_HANDLE"},
    {8, "ERROR_NOT_ENOUGH_MEMORY"},
    {13, "ERROR_INVALID_DATA"},
    {14, "ERROR_OUTOFMEMORY"},
    {31, "ERROR_GEN_FAILURE"},
    {50, "ERROR_NOT_SUPPORTED"},
    {87, "ERROR_INVALID_PARAMETER"},
    {111, "ERROR_BUFFER_OVERFLOW"},
    {120, "ERROR_CALL_NOT_IMPLEMENTED"},
    {122, "ERROR_INSUFFICIENT_BUFFER"},
    {127, "ERROR_PROC_NOT_FOUND"},
    {183, "ERROR_ALREADY_EXISTS"},
    {234, "ERROR_MORE_DATA"},
    {259, "ERROR_NO_MORE_ITEMS"},
    {487, "ERROR_INVALID_ADDRESS"},
    {534, "ERROR_ARITHMETIC_OVERFLOW"},
    {998, "ERROR_NOACCESS"},
    {1062, "ERROR_SERVICE_NOT_ACTIVE"},
    {1113, "ERROR_NO_UNICODE_TRANSLATION"},
    {1168, "ERROR_NOT_FOUND"},
    {1722, "RPC_S_SERVER_UNAVAILABLE"},
    {1780, "RPC_X_NULL_REF_POINTER"},
    {1784, "ERROR_INVALID_USER_BUFFER"},
    // iSCSI codes. Those of 0xAFFF report success with a reservation and are failures of no call.
    {0xEFFF0001, "ISDSC_NON_SPECIFIC_ERROR"},
    {0xEFFF0002, "ISDSC_LOGIN_FAILED"},
    {0xEFFF0003, "ISDSC_CONNECTION_FAILED"},
    {0xEFFF0004, "ISDSC_INITIATOR_NODE_ALREADY_EXISTS"},
    {0xEFFF0005, "ISDSC_INITIATOR_NODE_NOT_FOUND"},
    {0xEFFF0006, "ISDSC_TARGET_MOVED_TEMPORARILY"},
    {0xEFFF0007, "ISDSC_TARGET_MOVED_PERMANENTLY"},
    {0xEFFF0008, "ISDSC_INITIATOR_ERROR"},
    {0xEFFF0009, "ISDSC_AUTHENTICATION_FAILURE"},
    {0xEFFF000A, "ISDSC_AUTHORIZATION_FAILURE"},
    {0xEFFF000B, "ISDSC_NOT_FOUND"},
    {0xEFFF000C, "ISDSC_TARGET_REMOVED"},
    {0xEFFF000D, "ISDSC_UNSUPPORTED_VERSION"},
    {0xEFFF000E, "ISDSC_TOO_MANY_CONNECTIONS"},
    {0xEFFF000F, "ISDSC_MISSING_PARAMETER"},
    {0xEFFF0010, "ISDSC_CANT_INCLUDE_IN_SESSION"},
    {0xEFFF0011, "ISDSC_SESSION_TYPE_NOT_SUPPORTED"},
    {0xEFFF0012, "ISDSC_TARGET_ERROR"},
    {0xEFFF0013, "ISDSC_SERVICE_UNAVAILABLE"},
    {0xEFFF0014, "ISDSC_OUT_OF_RESOURCES"},
    {0xEFFF0015, "ISDSC_CONNECTION_ALREADY_EXISTS"},
    {0xEFFF0016, "ISDSC_SESSION_ALREADY_EXISTS"},
    {0xEFFF0017, "ISDSC_INITIATOR_INSTANCE_NOT_FOUND"},
    {0xEFFF0018, "ISDSC_TARGET_ALREADY_EXISTS"},
    {0xEFFF0019, "ISDSC_DRIVER_BUG"},
    {0xEFFF001A, "ISDSC_INVALID_TEXT_KEY"},
    {0xEFFF001B, "ISDSC_INVALID_SENDTARGETS_TEXT"},
    {0xEFFF001C, "ISDSC_INVALID_SESSION_ID"},
    {0xEFFF001D, "ISDSC_SCSI_REQUEST_FAILED"},
    {0xEFFF001E, "ISDSC_TOO_MANY_SESSIONS"},
    {0xEFFF001F, "ISDSC_SESSION_BUSY"},
    {0xEFFF0020, "ISDSC_TARGET_MAPPING_UNAVAILABLE"},
    {0xEFFF0021, "ISDSC_ADDRESS_TYPE_NOT_SUPPORTED"},
    {0xEFFF0022, "ISDSC_LOGON_FAILED"},
    {0xEFFF0023, "ISDSC_SEND_FAILED"},
    {0xEFFF0024, "ISDSC_TRANSPORT_ERROR"},
    {0xEFFF0025, "ISDSC_VERSION_MISMATCH"},
    {0xEFFF0026, "ISDSC_TARGET_MAPPING_OUT_OF_RANGE"},
    {0xEFFF0027, "ISDSC_TARGET_PRESHAREDKEY_UNAVAILABLE"},
    {0xEFFF0028, "ISDSC_TARGET_AUTHINFO_UNAVAILABLE"},
    {0xEFFF0029, "ISDSC_TARGET_NOT_FOUND"},
    {0xEFFF002A, "ISDSC_LOGIN_USER_INFO_BAD"},
    {0xEFFF002B, "ISDSC_TARGET_MAPPING_EXISTS"},
    {0xEFFF002C, "ISDSC_HBA_SECURITY_CACHE_FULL"},
    {0xEFFF002D, "ISDSC_INVALID_PORT_NUMBER"},
    {0xAFFF002E, "ISDSC_OPERATION_NOT_ALL_SUCCESS"},
    {0xEFFF002F, "ISDSC_HBA_SECURITY_CACHE_NOT_SUPPORTED"},
    {0xEFFF0030, "ISDSC_IKE_ID_PAYLOAD_TYPE_NOT_SUPPORTED"},
    {0xEFFF0031, "ISDSC_IKE_ID_PAYLOAD_INCORRECT_SIZE"},
    {0xEFFF0032, "ISDSC_TARGET_PORTAL_ALREADY_EXISTS"},
    {0xEFFF0033, "ISDSC_TARGET_ADDRESS_ALREADY_EXISTS"},
    {0xEFFF0034, "ISDSC_NO_AUTH_INFO_AVAILABLE"},
    {0xEFFF0035, "ISDSC_NO_TUNNEL_OUTER_MODE_ADDRESS"},
    {0xEFFF0036, "ISDSC_CACHE_CORRUPTED"},
    {0xEFFF0037, "ISDSC_REQUEST_NOT_SUPPORTED"},
    {0xEFFF0038, "ISDSC_TARGET_OUT_OF_RESORCES"}, // spelt so in the official header
    {0xEFFF0039, "ISDSC_SERVICE_DID_NOT_RESPOND"},
    {0xEFFF003A, "ISDSC_ISNS_SERVER_NOT_FOUND"},
    {0xAFFF003B, "ISDSC_OPERATION_REQUIRES_REBOOT"},
    {0xEFFF003C, "ISDSC_NO_PORTAL_SPECIFIED"},
    {0xEFFF003D, "ISDSC_CANT_REMOVE_LAST_CONNECTION"},
    {0xEFFF003E, "ISDSC_SERVICE_NOT_RUNNING"},
    {0xEFFF003F, "ISDSC_TARGET_ALREADY_LOGGED_IN"},
    {0xEFFF0040, "ISDSC_DEVICE_BUSY_ON_SESSION"},
    {0xEFFF0041, "ISDSC_COULD_NOT_SAVE_PERSISTENT_LOGIN_DATA"},
    {0xEFFF0042, "ISDSC_COULD_NOT_REMOVE_PERSISTENT_LOGIN_DATA"},
    {0xEFFF0043, "ISDSC_PORTAL_NOT_FOUND"},
    {0xEFFF0044, "ISDSC_INITIATOR_NOT_FOUND"},
    {0xEFFF0045, "ISDSC_DISCOVERY_MECHANISM_NOT_FOUND"},
    {0xEFFF0046, "ISDSC_IPSEC_NOT_SUPPORTED_ON_OS"},
    {0xEFFF0047, "ISDSC_PERSISTENT_LOGIN_TIMEOUT"},
    {0xAFFF0048, "ISDSC_SHORT_CHAP_SECRET"},
    {0xEFFF0049, "ISDSC_EVALUATION_PEROID_EXPIRED"}, // spelt so in the official header
    {0xEFFF004A, "ISDSC_INVALID_CHAP_SECRET"},
    {0xEFFF004B, "ISDSC_INVALID_TARGET_CHAP_SECRET"},
    {0xEFFF004C, "ISDSC_INVALID_INITIATOR_CHAP_SECRET"},
    {0xEFFF004D, "ISDSC_INVALID_CHAP_USER_NAME"},
    {0xEFFF004E, "ISDSC_INVALID_LOGON_AUTH_TYPE"},
    {0xEFFF004F, "ISDSC_INVALID_TARGET_MAPPING"},
    {0xEFFF0050, "ISDSC_INVALID_TARGET_ID"},
    {0xEFFF0051, "ISDSC_INVALID_ISCSI_NAME"},
    {0xEFFF0052, "ISDSC_INCOMPATIBLE_ISNS_VERSION"},
    {0xEFFF0053, "ISDSC_FAILED_TO_CONFIGURE_IPSEC"},
    {0xEFFF0054, "ISDSC_BUFFER_TOO_SMALL"},
    {0xEFFF0055, "ISDSC_INVALID_LOAD_BALANCE_POLICY"},
    {0xEFFF0056, "ISDSC_INVALID_PARAMETER"},
    {0xEFFF0057, "ISDSC_DUPLICATE_PATH_SPECIFIED"},
    {0xEFFF0058, "ISDSC_PATH_COUNT_MISMATCH"},
    {0xEFFF0059, "ISDSC_INVALID_PATH_ID"},
    {0xEFFF005A, "ISDSC_MULTIPLE_PRIMARY_PATHS_SPECIFIED"},
    {0xEFFF005B, "ISDSC_NO_PRIMARY_PATH_SPECIFIED"},
    {0xEFFF005C, "ISDSC_DEVICE_ALREADY_PERSISTENTLY_BOUND"},
    {0xEFFF005D, "ISDSC_DEVICE_NOT_FOUND"},
    {0xEFFF005E, "ISDSC_DEVICE_NOT_ISCSI_OR_PERSISTENT"},
    {0xEFFF005F, "ISDSC_DNS_NAME_UNRESOLVED"},
    {0xEFFF0060, "ISDSC_NO_CONNECTION_AVAILABLE"},
    {0xEFFF0061, "ISDSC_LB_POLICY_NOT_SUPPORTED"},
    {0xEFFF0062, "ISDSC_REMOVE_CONNECTION_IN_PROGRESS"},
    {0xEFFF0063, "ISDSC_INVALID_CONNECTION_ID"},
    {0xEFFF0064, "ISDSC_CANNOT_REMOVE_LEADING_CONNECTION"},
    {0xEFFF0065, "ISDSC_RESTRICTED_BY_GROUP_POLICY"},
    {0xEFFF0066, "ISDSC_ISNS_FIREWALL_BLOCKED"},
    {0xEFFF0067, "ISDSC_FAILURE_TO_PERSIST_LB_POLICY"},
    {0xEFFF0068, "ISDSC_INVALID_HOST"},
};

const char *error_code_name(uint32_t status)
{
    for (size_t i = 0; i < sizeof error_codes / sizeof *error_codes; i++)
        if (error_codes[i].status == status)
            return error_codes[i].name;
    return NULL;
}

bool error_code_is_system(uint32_t status)
{
    return status >= 1 && status <= 15999;
}

bool error_code_is_iscsi(uint32_t status)
{
    return status >> 16 == 0xEFFF && (status & 0xFFFF) != 0;
}

// What a code outside both ranges looks like: the usual mistakes, so that the reader sees the
// cause.
static void describe_foreign(uint32_t status, char *text, size_t size)
{
    const char *wrapped = error_code_name(status & 0xFFFF);
    if (status >> 16 == 0x8007 && wrapped != NULL)
        snprintf(text, size, "0x%08X (%u, %s, wrapped in an HRESULT)", status, status & 0xFFFF,
                 wrapped);
    else if (status >> 16 == 0x8007)
        snprintf(text, size, "0x%08X (%u wrapped in an HRESULT)", status, status & 0xFFFF);
    else if (status >= 0xFFFFF000)
        snprintf(text, size, "0x%08X (%d, as a negative errno; not a Win32 or iSCSI code)", status,
                 (int)status);
    else if (status >> 28 == 0xC)
        snprintf(text, size, "0x%08X (looks like an NTSTATUS; not a Win32 or iSCSI code)", status);
    else
        snprintf(text, size, "0x%08X (not a Win32 or iSCSI code)", status);
}

bool error_code_exists(uint32_t status)
{
    return error_code_is_system(status) ||
           (error_code_is_iscsi(status) && error_code_name(status) != NULL);
}

const char *error_code_describe(uint32_t status, char *text, size_t size)
{
    const char *name = error_code_name(status);
    if (name != NULL && status <= 15999)
        snprintf(text, size, "%u (%s)", status, name);
    else if (name != NULL)
        snprintf(text, size, "0x%08X (%s)", status, name);
    else if (error_code_is_system(status))
        snprintf(text, size, "%u (a Win32 error code)", status);
    else if (error_code_is_iscsi(status))
        snprintf(text, size, "0x%08X (an iSCSI error code)", status);
    else
        describe_foreign(status, text, size);
    return text;
}
