// SPDX-License-Identifier: Apache-2.0
// The binary interface of the functions of the Microsoft iSCSI Discovery Library with which a
// program makes and ends the sessions that GetIScsiSessionList reports: types, layouts, constants,
// prototypes. Written for this project from the documented interface, under names that do not clash
// with a platform's own headers, for the same three ABIs as session_list.h, and with the same
// checks. The kit calls some of them with --login api. The reference has them, but for
// RemoveIScsiSendTargetPortal.
#ifndef TCK_ISCSI_LOGIN_H
#define TCK_ISCSI_LOGIN_H

#include "session_list.h"

#ifdef __cplusplus
#define ISCSI_ASSERT static_assert
extern "C" {
#else
#define ISCSI_ASSERT _Static_assert
#endif

// Lengths of arrays, in characters, as the platform's headers have them.
enum {
    ISCSI_PORTAL_TEXT_SIZE = 256, // MAX_ISCSI_PORTAL_NAME_LEN, MAX_ISCSI_PORTAL_ADDRESS_LEN
    ISCSI_HBA_NAME_SIZE = 256,    // MAX_ISCSI_HBANAME_LEN
    ISCSI_NAME_SIZE = 224,        // MAX_ISCSI_NAME_LEN + 1
    ISCSI_PATH_SIZE = 260,        // MAX_PATH
};

// ISCSI_ANY_INITIATOR_PORT: the initiator chooses.
#define ISCSI_ANY_PORT 0xFFFFFFFFu

// Which members of the login options are set (ISCSI_LOGIN_OPTIONS_*).
enum {
    ISCSI_OPTION_HEADER_DIGEST = 0x01,
    ISCSI_OPTION_DATA_DIGEST = 0x02,
    ISCSI_OPTION_USERNAME = 0x20,
    ISCSI_OPTION_PASSWORD = 0x40,
    ISCSI_OPTION_AUTH_TYPE = 0x80,
};

// ISCSI_AUTH_TYPES.
enum { ISCSI_AUTH_NONE = 0, ISCSI_AUTH_CHAP = 1, ISCSI_AUTH_MUTUAL_CHAP = 2 };

// ISCSI_LOGIN_OPTIONS. Lengths in bytes; the two are the caller's, without a NUL.
struct iscsi_login_options {
    uint32_t version; // 0
    uint32_t information_specified;
    uint32_t login_flags;
    uint32_t auth_type;
    uint32_t header_digest; // 0 none, 1 CRC32C
    uint32_t data_digest;
    uint32_t maximum_connections;
    uint32_t default_time2wait;
    uint32_t default_time2retain;
    uint32_t username_length;
    uint32_t password_length;
    uint8_t *username;
    uint8_t *password;
};

// ISCSI_TARGET_PORTALA and W. Both texts end with NUL.
typedef struct {
    char symbolic_name[ISCSI_PORTAL_TEXT_SIZE];
    char address[ISCSI_PORTAL_TEXT_SIZE];
    uint16_t socket; // port, host order
} iscsi_target_portal_a;

typedef struct {
    uint16_t symbolic_name[ISCSI_PORTAL_TEXT_SIZE];
    uint16_t address[ISCSI_PORTAL_TEXT_SIZE];
    uint16_t socket;
} iscsi_target_portal_w;

// ISCSI_VERSION_INFO.
struct iscsi_version_info {
    uint32_t major;
    uint32_t minor;
    uint32_t build;
};

// SCSI_ADDRESS.
struct iscsi_scsi_address {
    uint32_t length; // of this structure, in bytes
    uint8_t port;
    uint8_t path;
    uint8_t target;
    uint8_t lun;
};

// STORAGE_DEVICE_NUMBER.
struct iscsi_device_number {
    uint32_t device_type; // 7: disk
    uint32_t device_number;
    uint32_t partition_number;
};

// ISCSI_DEVICE_ON_SESSIONA and W.
typedef struct {
    char initiator_name[ISCSI_HBA_NAME_SIZE];
    char target_name[ISCSI_NAME_SIZE];
    struct iscsi_scsi_address address;
    uint32_t interface_type[4]; // a GUID
    char interface_name[ISCSI_PATH_SIZE];
    char legacy_name[ISCSI_PATH_SIZE];
    struct iscsi_device_number number;
    uint32_t device_instance;
} iscsi_device_on_session_a;

typedef struct {
    uint16_t initiator_name[ISCSI_HBA_NAME_SIZE];
    uint16_t target_name[ISCSI_NAME_SIZE];
    struct iscsi_scsi_address address;
    uint32_t interface_type[4];
    uint16_t interface_name[ISCSI_PATH_SIZE];
    uint16_t legacy_name[ISCSI_PATH_SIZE];
    struct iscsi_device_number number;
    uint32_t device_instance;
} iscsi_device_on_session_w;

// All return a status code. BOOLEAN is a byte, a security flag a 64-bit integer.

// LoginIScsiTarget. Optional: `initiator`, `portal`, `mappings`, `options`, `key`. The two
// identifiers are those of the new session and of its leading connection.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_login_target_a(
    char *target_name, uint8_t is_informational, char *initiator, uint32_t initiator_port,
    iscsi_target_portal_a *portal, uint64_t security, void *mappings,
    struct iscsi_login_options *options, uint32_t key_size, char *key, uint8_t is_persistent,
    struct iscsi_unique_id *session_id, struct iscsi_unique_id *connection_id);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_login_target_w(
    uint16_t *target_name, uint8_t is_informational, uint16_t *initiator, uint32_t initiator_port,
    iscsi_target_portal_w *portal, uint64_t security, void *mappings,
    struct iscsi_login_options *options, uint32_t key_size, char *key, uint8_t is_persistent,
    struct iscsi_unique_id *session_id, struct iscsi_unique_id *connection_id);
// LogoutIScsiTarget: all connections of the session.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_logout_target(struct iscsi_unique_id *session_id);
// AddIScsiSendTargetPortal: makes a portal known and asks it for its targets.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_add_portal_a(char *initiator,
                                                            uint32_t initiator_port,
                                                            struct iscsi_login_options *options,
                                                            uint64_t security,
                                                            iscsi_target_portal_a *portal);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_add_portal_w(uint16_t *initiator,
                                                            uint32_t initiator_port,
                                                            struct iscsi_login_options *options,
                                                            uint64_t security,
                                                            iscsi_target_portal_w *portal);
// RemoveIScsiSendTargetPortal: forgets a portal.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_remove_portal_a(char *initiator,
                                                               uint32_t initiator_port,
                                                               iscsi_target_portal_a *portal);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_remove_portal_w(uint16_t *initiator,
                                                               uint32_t initiator_port,
                                                               iscsi_target_portal_w *portal);
// GetIScsiInitiatorNodeName: into ISCSI_NAME_SIZE characters.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_node_name_a(char *name);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_node_name_w(uint16_t *name);
// GetIScsiVersionInformation.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_version(struct iscsi_version_info *version);
// ReportIScsiTargets: names, each with its NUL, and one NUL more. BufferSize in characters: in,
// what the buffer has; out, what was needed.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_targets_a(uint8_t force_update,
                                                         uint32_t *buffer_size, char *buffer);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_targets_w(uint8_t force_update,
                                                         uint32_t *buffer_size, uint16_t *buffer);
// GetDevicesForIScsiSession. DeviceCount in structures: in, what the array has; out, how many there
// are.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_devices_a(struct iscsi_unique_id *session_id,
                                                         uint32_t *device_count,
                                                         iscsi_device_on_session_a *devices);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_devices_w(struct iscsi_unique_id *session_id,
                                                         uint32_t *device_count,
                                                         iscsi_device_on_session_w *devices);

iscsi_login_target_a LoginIScsiTargetA;
iscsi_login_target_w LoginIScsiTargetW;
iscsi_logout_target LogoutIScsiTarget;
iscsi_add_portal_a AddIScsiSendTargetPortalA;
iscsi_add_portal_w AddIScsiSendTargetPortalW;
iscsi_remove_portal_a RemoveIScsiSendTargetPortalA;
iscsi_remove_portal_w RemoveIScsiSendTargetPortalW;
iscsi_node_name_a GetIScsiInitiatorNodeNameA;
iscsi_node_name_w GetIScsiInitiatorNodeNameW;
iscsi_version GetIScsiVersionInformation;
iscsi_targets_a ReportIScsiTargetsA;
iscsi_targets_w ReportIScsiTargetsW;
iscsi_devices_a GetDevicesForIScsiSessionA;
iscsi_devices_w GetDevicesForIScsiSessionW;

// The layouts, 64-bit and 32-bit.
#if UINTPTR_MAX > 0xFFFFFFFFu
#define ISCSI_LAYOUT(wide, narrow) (wide)
#else
#define ISCSI_LAYOUT(wide, narrow) (narrow)
#endif
ISCSI_ASSERT(sizeof(struct iscsi_login_options) == ISCSI_LAYOUT(64, 52), "login options differ");
ISCSI_ASSERT(offsetof(struct iscsi_login_options, username) == ISCSI_LAYOUT(48, 44),
             "the user name is elsewhere");
ISCSI_ASSERT(sizeof(iscsi_target_portal_a) == 514, "the portal differs");
ISCSI_ASSERT(sizeof(iscsi_target_portal_w) == 1026, "the portal differs");
ISCSI_ASSERT(sizeof(struct iscsi_version_info) == 12, "the version differs");
ISCSI_ASSERT(sizeof(iscsi_device_on_session_a) == 1040, "the device differs");
ISCSI_ASSERT(sizeof(iscsi_device_on_session_w) == 2040, "the device differs");
#undef ISCSI_LAYOUT
#undef ISCSI_ASSERT

#ifdef __cplusplus
}
#endif

#endif
