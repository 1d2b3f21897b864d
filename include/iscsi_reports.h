// SPDX-License-Identifier: Apache-2.0
// The binary interface of those functions of the Microsoft iSCSI Discovery Library that report what
// an initiator has, beside its sessions, targets and devices: mappings of logical units,
// initiators, portals, and logins that are to be made anew at each start. Types, layouts,
// prototypes. Written for this project from the documented interface, under names of its own, for
// the ABIs of session_list.h. The kit calls the first three with -c MAPPINGS, -c INITIATORS and -c
// PORTALS.
#ifndef TCK_ISCSI_REPORTS_H
#define TCK_ISCSI_REPORTS_H

#include "iscsi_login.h"

#ifdef __cplusplus
#define ISCSI_ASSERT static_assert
extern "C" {
#else
#define ISCSI_ASSERT _Static_assert
#endif

// SCSI_LUN_LIST: the number of a logical unit in the operating system, and at its target. The
// documentation does not say how the eight bytes of the latter are read as an integer.
struct iscsi_lun {
    uint32_t os_lun;
    alignas(8) uint64_t target_lun;
};

// ISCSI_TARGET_MAPPINGA and W. All three texts end with NUL; the first is the name of the initiator
// as ReportIScsiInitiatorList has it. The units are in the caller's buffer.
typedef struct {
    char initiator_name[ISCSI_HBA_NAME_SIZE];
    char target_name[ISCSI_NAME_SIZE];
    char os_device_name[ISCSI_PATH_SIZE];
    struct iscsi_unique_id session_id;
    uint32_t os_bus_number;
    uint32_t os_target_number;
    uint32_t lun_count;
    struct iscsi_lun *lun_list;
} iscsi_target_mapping_a;

typedef struct {
    uint16_t initiator_name[ISCSI_HBA_NAME_SIZE];
    uint16_t target_name[ISCSI_NAME_SIZE];
    uint16_t os_device_name[ISCSI_PATH_SIZE];
    struct iscsi_unique_id session_id;
    uint32_t os_bus_number;
    uint32_t os_target_number;
    uint32_t lun_count;
    struct iscsi_lun *lun_list;
} iscsi_target_mapping_w;

// ISCSI_TARGET_PORTAL_INFO_EXA and W: a portal that the initiator asks for its targets.
typedef struct {
    char initiator_name[ISCSI_HBA_NAME_SIZE];
    uint32_t initiator_port; // ISCSI_ANY_PORT: any
    char symbolic_name[ISCSI_PORTAL_TEXT_SIZE];
    char address[ISCSI_PORTAL_TEXT_SIZE];
    uint16_t socket; // port, host order
    alignas(8) uint64_t security;
    struct iscsi_login_options options; // what it points to is in the caller's buffer
} iscsi_portal_info_ex_a;

typedef struct {
    uint16_t initiator_name[ISCSI_HBA_NAME_SIZE];
    uint32_t initiator_port;
    uint16_t symbolic_name[ISCSI_PORTAL_TEXT_SIZE];
    uint16_t address[ISCSI_PORTAL_TEXT_SIZE];
    uint16_t socket;
    alignas(8) uint64_t security;
    struct iscsi_login_options options;
} iscsi_portal_info_ex_w;

// PERSISTENT_ISCSI_LOGIN_INFOA and W.
typedef struct {
    char target_name[ISCSI_NAME_SIZE];
    uint8_t is_informational; // BOOLEAN
    char initiator_instance[ISCSI_HBA_NAME_SIZE];
    uint32_t initiator_port;
    iscsi_target_portal_a portal;
    alignas(8) uint64_t security;
    iscsi_target_mapping_a *mappings;
    struct iscsi_login_options options;
} iscsi_persistent_login_a;

typedef struct {
    uint16_t target_name[ISCSI_NAME_SIZE];
    uint8_t is_informational;
    uint16_t initiator_instance[ISCSI_HBA_NAME_SIZE];
    uint32_t initiator_port;
    iscsi_target_portal_w portal;
    alignas(8) uint64_t security;
    iscsi_target_mapping_w *mappings;
    struct iscsi_login_options options;
} iscsi_persistent_login_w;

// All return a status code. A size is, on input, what the buffer has; on output, what is required
// or was retrieved. The buffer may be NULL.

// ReportActiveIScsiTargetMappings: the size in bytes. `mapping_count` is output only.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_mappings_a(uint32_t *buffer_size,
                                                          uint32_t *mapping_count,
                                                          iscsi_target_mapping_a *mappings);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_mappings_w(uint32_t *buffer_size,
                                                          uint32_t *mapping_count,
                                                          iscsi_target_mapping_w *mappings);
// ReportIScsiInitiatorList: names, each with its NUL, and one NUL more; the size in characters.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_initiators_a(uint32_t *buffer_size, char *buffer);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_initiators_w(uint32_t *buffer_size,
                                                            uint16_t *buffer);
// ReportIScsiSendTargetPortalsEx: the count first, then the size in bytes.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_portals_ex_a(uint32_t *portal_count,
                                                            uint32_t *portal_info_size,
                                                            iscsi_portal_info_ex_a *portal_info);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_portals_ex_w(uint32_t *portal_count,
                                                            uint32_t *portal_info_size,
                                                            iscsi_portal_info_ex_w *portal_info);
// ReportIScsiPersistentLogins: the size, in bytes, comes last.
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_persistent_logins_a(uint32_t *count,
                                                                   iscsi_persistent_login_a *info,
                                                                   uint32_t *buffer_size);
typedef uint32_t ISCSI_SESSION_LIST_CALL iscsi_persistent_logins_w(uint32_t *count,
                                                                   iscsi_persistent_login_w *info,
                                                                   uint32_t *buffer_size);

iscsi_mappings_a ReportActiveIScsiTargetMappingsA;
iscsi_mappings_w ReportActiveIScsiTargetMappingsW;
iscsi_initiators_a ReportIScsiInitiatorListA;
iscsi_initiators_w ReportIScsiInitiatorListW;
iscsi_portals_ex_a ReportIScsiSendTargetPortalsExA;
iscsi_portals_ex_w ReportIScsiSendTargetPortalsExW;
iscsi_persistent_logins_a ReportIScsiPersistentLoginsA;
iscsi_persistent_logins_w ReportIScsiPersistentLoginsW;

// The sizes of the structures where pointers have 64 and 32 bits.
enum {
    ISCSI_LUN_SIZE = 16,
    ISCSI_MAPPING_A_SIZE_64 = 784,
    ISCSI_MAPPING_A_SIZE_32 = 776,
    ISCSI_MAPPING_W_SIZE_64 = 1520,
    ISCSI_MAPPING_W_SIZE_32 = 1512,
    ISCSI_PORTAL_A_SIZE_64 = 848,
    ISCSI_PORTAL_A_SIZE_32 = 840,
    ISCSI_PORTAL_W_SIZE_64 = 1616,
    ISCSI_PORTAL_W_SIZE_32 = 1608,
    ISCSI_PERSISTENT_A_SIZE_64 = 1088,
    ISCSI_PERSISTENT_A_SIZE_32 = 1072,
    ISCSI_PERSISTENT_W_SIZE_64 = 2080,
    ISCSI_PERSISTENT_W_SIZE_32 = 2064,
};

#if UINTPTR_MAX > 0xFFFFFFFFu
#define ISCSI_LAYOUT(wide, narrow) (wide)
#else
#define ISCSI_LAYOUT(wide, narrow) (narrow)
#endif
ISCSI_ASSERT(sizeof(struct iscsi_lun) == ISCSI_LUN_SIZE, "size");
ISCSI_ASSERT(offsetof(struct iscsi_lun, target_lun) == 8, "offset");
ISCSI_ASSERT(sizeof(iscsi_target_mapping_a) ==
                 ISCSI_LAYOUT(ISCSI_MAPPING_A_SIZE_64, ISCSI_MAPPING_A_SIZE_32),
             "size");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_a, os_device_name) == 480, "offset");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_a, session_id) == 744, "offset");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_a, os_bus_number) == 760, "offset");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_a, lun_count) == 768, "offset");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_a, lun_list) == ISCSI_LAYOUT(776, 772), "offset");
ISCSI_ASSERT(sizeof(iscsi_target_mapping_w) ==
                 ISCSI_LAYOUT(ISCSI_MAPPING_W_SIZE_64, ISCSI_MAPPING_W_SIZE_32),
             "size");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_w, session_id) == 1480, "offset");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_w, lun_count) == 1504, "offset");
ISCSI_ASSERT(offsetof(iscsi_target_mapping_w, lun_list) == ISCSI_LAYOUT(1512, 1508), "offset");
ISCSI_ASSERT(sizeof(iscsi_portal_info_ex_a) ==
                 ISCSI_LAYOUT(ISCSI_PORTAL_A_SIZE_64, ISCSI_PORTAL_A_SIZE_32),
             "size");
ISCSI_ASSERT(offsetof(iscsi_portal_info_ex_a, security) == 776, "offset");
ISCSI_ASSERT(offsetof(iscsi_portal_info_ex_a, options) == 784, "offset");
ISCSI_ASSERT(sizeof(iscsi_portal_info_ex_w) ==
                 ISCSI_LAYOUT(ISCSI_PORTAL_W_SIZE_64, ISCSI_PORTAL_W_SIZE_32),
             "size");
ISCSI_ASSERT(offsetof(iscsi_portal_info_ex_w, options) == 1552, "offset");
ISCSI_ASSERT(sizeof(iscsi_persistent_login_a) ==
                 ISCSI_LAYOUT(ISCSI_PERSISTENT_A_SIZE_64, ISCSI_PERSISTENT_A_SIZE_32),
             "size");
ISCSI_ASSERT(offsetof(iscsi_persistent_login_a, options) == ISCSI_LAYOUT(1024, 1020), "offset");
ISCSI_ASSERT(sizeof(iscsi_persistent_login_w) ==
                 ISCSI_LAYOUT(ISCSI_PERSISTENT_W_SIZE_64, ISCSI_PERSISTENT_W_SIZE_32),
             "size");
ISCSI_ASSERT(offsetof(iscsi_persistent_login_w, options) == ISCSI_LAYOUT(2016, 2012), "offset");
#undef ISCSI_LAYOUT
#undef ISCSI_ASSERT

#ifdef __cplusplus
}
#endif

#endif
