// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations of ReportIScsiTargets, GetDevicesForIScsiSession,
// ReportActiveIScsiTargetMappings, ReportIScsiInitiatorList and ReportIScsiSendTargetPortalsEx
// share: the groups "targets", "devices", "mappings", "initiators" and "portals". Their functions
// get a struct faulty_call as all do: `size` is BufferSize, DeviceCount or PortalInfoSize, `count`
// is MappingCount or PortalCount, `info` the buffer; `update` and `session` are the first argument
// of the first two.
#ifndef TCK_FAULTY_ITEMS_H
#define TCK_FAULTY_ITEMS_H

#include "conformance/faulty/faulty.h"
#include "conformance/reference/inventory.h"
#include "conformance/reference/reports.h"

// The reference's answers.
uint32_t faulty_targets_correct(const struct faulty_call *call);
uint32_t faulty_devices_correct(const struct faulty_call *call);
uint32_t faulty_mappings_correct(const struct faulty_call *call);
uint32_t faulty_initiators_correct(const struct faulty_call *call);
uint32_t faulty_portals_correct(const struct faulty_call *call);

// What the right answer requires; 0 where there is none.
uint32_t faulty_targets_required(const struct faulty_call *call);
uint32_t faulty_devices_required(const struct faulty_call *call);
uint32_t faulty_mappings_required(const struct faulty_call *call);
uint32_t faulty_initiators_required(const struct faulty_call *call);
uint32_t faulty_portals_required(const struct faulty_call *call);

// Bytes of a character of the call, and of its structure.
size_t faulty_character(const struct faulty_call *call);
size_t faulty_device_size(const struct faulty_call *call);
size_t faulty_mapping_size(const struct faulty_call *call);

// Was the call answered with content?
bool faulty_items_filled(const struct faulty_call *call, uint32_t status);

// Writes `count` zeros `offset` bytes past `base`, whatever is there.
void faulty_items_zero(void *base, ptrdiff_t offset, size_t count);

// Is this one of every `period` calls that ask here?
bool faulty_items_is_turn(unsigned period);

// The answer `correct`, but an error code where another call is under way; or once after the
// sessions have changed.
typedef uint32_t faulty_answer(const struct faulty_call *call);
uint32_t faulty_items_alone_only(const struct faulty_call *call, faulty_answer *correct);
uint32_t faulty_items_settled_only(const struct faulty_call *call, faulty_answer *correct);

// The names, to be changed.
enum { FAULTY_NAMES_MAX = 64 };
struct faulty_names {
    size_t count;
    char names[FAULTY_NAMES_MAX][ISCSI_NAME_SIZE];
    char between; // what ends each name: NUL in a right list
    bool one_end; // the list has no NUL more
};

// The answer to a call if the right names, those of `correct`, were as `edit` leaves them.
typedef void faulty_names_edit(struct faulty_names *names, const struct faulty_call *call);
uint32_t faulty_names_edited(const struct faulty_call *call, faulty_answer *correct,
                             faulty_names_edit *edit);

// Changes each structure that a right call has just put into the caller's array. What both
// charsets have at the same place can be changed in the structure of A's head (see devices.c).
typedef void faulty_device_change(void *device, const struct faulty_call *call, uint32_t index);
uint32_t faulty_devices_changed(const struct faulty_call *call, faulty_device_change *change);

// The members of a structure of the call's charset.
struct iscsi_scsi_address *faulty_device_address(const struct faulty_call *call, void *device);
struct iscsi_device_number *faulty_device_number(const struct faulty_call *call, void *device);

// The members of a mapping in the caller's buffer, of the call's charset.
struct faulty_mapping {
    void *structure;
    void *initiator_name;
    void *target_name;
    void *os_device_name;
    struct iscsi_unique_id *session_id;
    uint32_t *os_bus_number;
    uint32_t *lun_count;
    struct iscsi_lun **lun_list;
};
struct faulty_mapping faulty_mapping_at(const struct faulty_call *call, uint32_t index);

// Changes each mapping that a right call has just put into the caller's buffer.
typedef void faulty_mapping_change(const struct faulty_mapping *mapping,
                                   const struct faulty_call *call, uint32_t index);
uint32_t faulty_mappings_changed(const struct faulty_call *call, faulty_mapping_change *change);

// The same of portals.
struct faulty_portal {
    void *initiator_name;
    uint32_t *initiator_port;
    void *symbolic_name;
    void *address;
    uint16_t *socket;
    struct iscsi_login_options *options;
};
struct faulty_portal faulty_portal_at(const struct faulty_call *call, uint32_t index);
typedef void faulty_portal_change(const struct faulty_portal *portal,
                                  const struct faulty_call *call, uint32_t index);
uint32_t faulty_portals_changed(const struct faulty_call *call, faulty_portal_change *change);

#endif
