// What the faulty implementations of ReportIScsiTargets and GetDevicesForIScsiSession share: the
// groups "targets" and "devices". Their functions get a struct faulty_call as all do: `size` is
// BufferSize or DeviceCount, `info` the buffer, `update` and `session` are the first argument.
#ifndef TCK_FAULTY_ITEMS_H
#define TCK_FAULTY_ITEMS_H

#include "conformance/faulty/faulty.h"
#include "conformance/reference/inventory.h"

// The reference's answers.
uint32_t faulty_targets_correct(const struct faulty_call *call);
uint32_t faulty_devices_correct(const struct faulty_call *call);

// What the right answer requires; 0 where there is none.
uint32_t faulty_targets_required(const struct faulty_call *call);
uint32_t faulty_devices_required(const struct faulty_call *call);

// Bytes of a character of the call, and of its structure.
size_t faulty_character(const struct faulty_call *call);
size_t faulty_device_size(const struct faulty_call *call);

// Was the call answered with content?
bool faulty_items_filled(const struct faulty_call *call, uint32_t status);

// Writes `count` zeros `offset` bytes past `base`, whatever is there.
void faulty_items_zero(void *base, ptrdiff_t offset, size_t count);

// Is this one of every `period` calls that ask here?
bool faulty_items_is_turn(unsigned period);

// The names, to be changed.
enum { FAULTY_NAMES_MAX = 64 };
struct faulty_names {
    size_t count;
    char names[FAULTY_NAMES_MAX][ISCSI_NAME_SIZE];
    char between; // what ends each name: NUL in a right list
    bool one_end; // the list has no NUL more
};

// The answer to a call if the right names were as `edit` leaves them.
typedef void faulty_names_edit(struct faulty_names *names, const struct faulty_call *call);
uint32_t faulty_names_edited(const struct faulty_call *call, faulty_names_edit *edit);

// Changes each structure that a right call has just put into the caller's array. What both
// charsets have at the same place can be changed in the structure of A's head (see devices.c).
typedef void faulty_device_change(void *device, const struct faulty_call *call, uint32_t index);
uint32_t faulty_devices_changed(const struct faulty_call *call, faulty_device_change *change);

// The members of a structure of the call's charset.
struct iscsi_scsi_address *faulty_device_address(const struct faulty_call *call, void *device);
struct iscsi_device_number *faulty_device_number(const struct faulty_call *call, void *device);

#endif
