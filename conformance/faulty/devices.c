// SPDX-License-Identifier: Apache-2.0
// Faults of GetDevicesForIScsiSession: status, count, what is touched, the devices.
#include "conformance/faulty/faulty_items.h"

#include <stdatomic.h>
#include <string.h>

enum { MORE_DATA = 234, TRUE_VALUE = 1, UNWRITTEN = 0x2E };

// --- DEVICES-1: enough

uint32_t fault_devices_success_is_true(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    return status == LIST_SUCCESS ? (uint32_t)TRUE_VALUE : status;
}

uint32_t fault_devices_more_refused(struct faulty_call *call)
{
    uint32_t required = faulty_devices_required(call);
    if (call->info && required > 0 && *call->size > required)
        return LIST_INVALID_PARAMETER;
    return faulty_devices_correct(call);
}

// --- DEVICES-2: too small

uint32_t fault_devices_insufficient_is_more_data(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    return status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)MORE_DATA : status;
}

uint32_t fault_devices_query_succeeds(struct faulty_call *call)
{
    bool query = !call->info && *call->size == 0;
    uint32_t status = faulty_devices_correct(call);
    return query && status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_devices_none_for_a_short_array(struct faulty_call *call)
{
    bool array = call->info && *call->size > 0;
    uint32_t status = faulty_devices_correct(call);
    if (status != LIST_INSUFFICIENT_BUFFER || !array)
        return status;
    *call->size = 0;
    return LIST_SUCCESS;
}

// --- DEVICES-3: what is required

uint32_t fault_devices_required_in_bytes(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size *= (uint32_t)faulty_device_size(call);
    return status;
}

uint32_t fault_devices_required_not_set(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered > 0)
        *call->size = offered;
    return status;
}

uint32_t fault_devices_required_is_the_rest(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered < *call->size)
        *call->size -= offered;
    return status;
}

// --- DEVICES-4: exactly that

uint32_t fault_devices_exactly_is_not_enough(struct faulty_call *call)
{
    uint32_t required = faulty_devices_required(call);
    if (call->info && required > 0 && *call->size == required)
        return LIST_INSUFFICIENT_BUFFER;
    return faulty_devices_correct(call);
}

// --- DEVICES-5: what is touched

uint32_t fault_devices_cleared_first(struct faulty_call *call)
{
    uint32_t required = faulty_devices_required(call);
    if (call->info)
        faulty_items_zero(call->info, 0, required * faulty_device_size(call));
    return faulty_devices_correct(call);
}

uint32_t fault_devices_count_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_SUCCESS)
        faulty_items_zero(call->size, sizeof *call->size, sizeof *call->size);
    return status;
}

uint32_t fault_devices_session_id_cleared(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_SUCCESS)
        memset(call->session, 0, sizeof *call->session);
    return status;
}

// --- DEVICES-6: a count without an array

uint32_t fault_devices_sized_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_devices_correct(call);
    bool enough = status == LIST_INSUFFICIENT_BUFFER && !call->info && offered >= *call->size;
    return enough ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_devices_sized_null_faults(struct faulty_call *call)
{
    uint32_t required = faulty_devices_required(call);
    if (!call->info && required > 0 && *call->size >= required)
        faulty_write_at(call->info);
    return faulty_devices_correct(call);
}

// --- DEVICES-7: how many

uint32_t fault_devices_count_is_room(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_SUCCESS)
        *call->size = offered;
    return status;
}

uint32_t fault_devices_count_after_in_bytes(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_SUCCESS)
        *call->size *= (uint32_t)faulty_device_size(call);
    return status;
}

// --- DEVICES-8: which

uint32_t fault_devices_of_the_first_session(struct faulty_call *call)
{
    static _Atomic uint64_t first_unique;
    static _Atomic uint64_t first_specific;
    if (faulty_devices_required(call) == 0)
        return faulty_devices_correct(call);
    if (atomic_load(&first_specific) == 0) {
        atomic_store(&first_unique, call->session->adapter_unique);
        atomic_store(&first_specific, call->session->adapter_specific);
    }
    struct iscsi_unique_id first = {atomic_load(&first_unique), atomic_load(&first_specific)};
    struct faulty_call other = *call;
    other.session = &first;
    return faulty_devices_correct(&other);
}

static void put_lun_elsewhere(void *device, const struct faulty_call *call, uint32_t index)
{
    struct iscsi_scsi_address *address = faulty_device_address(call, device);
    (void)index;
    address->target = address->lun;
    address->lun = 0;
}

uint32_t fault_devices_lun_in_target(struct faulty_call *call)
{
    return faulty_devices_changed(call, put_lun_elsewhere);
}

static void number_through(void *device, const struct faulty_call *call, uint32_t index)
{
    faulty_device_address(call, device)->lun = (uint8_t)(index + 1);
}

uint32_t fault_devices_luns_counted_from_one(struct faulty_call *call)
{
    return faulty_devices_changed(call, number_through);
}

static void name_initiator(void *device, const struct faulty_call *call, uint32_t index)
{
    iscsi_device_on_session_a *narrow = device;
    iscsi_device_on_session_w *wide = device;
    (void)index;
    if (call->charset == LIST_CHARSET_A)
        memcpy(narrow->target_name, narrow->initiator_name, sizeof narrow->target_name);
    else
        memcpy(wide->target_name, wide->initiator_name, sizeof wide->target_name);
}

uint32_t fault_devices_names_swapped(struct faulty_call *call)
{
    return faulty_devices_changed(call, name_initiator);
}

// --- DEVICES-9: texts

static void leave_legacy_name(void *device, const struct faulty_call *call, uint32_t index)
{
    iscsi_device_on_session_a *narrow = device;
    iscsi_device_on_session_w *wide = device;
    (void)index;
    if (call->charset == LIST_CHARSET_A)
        memset(narrow->legacy_name, UNWRITTEN, sizeof narrow->legacy_name);
    else
        memset(wide->legacy_name, UNWRITTEN, sizeof wide->legacy_name);
}

uint32_t fault_devices_legacy_name_not_ended(struct faulty_call *call)
{
    return faulty_devices_changed(call, leave_legacy_name);
}

// --- DEVICES-10: numbers

static void take_peripheral_type(void *device, const struct faulty_call *call, uint32_t index)
{
    (void)index;
    faulty_device_number(call, device)->device_type = 0;
}

uint32_t fault_devices_type_of_scsi(struct faulty_call *call)
{
    return faulty_devices_changed(call, take_peripheral_type);
}

static void forget_length(void *device, const struct faulty_call *call, uint32_t index)
{
    (void)index;
    faulty_device_address(call, device)->length = 0;
}

uint32_t fault_devices_address_without_length(struct faulty_call *call)
{
    return faulty_devices_changed(call, forget_length);
}

// --- DEVICES-11: A and W

static void number_in_ansi(void *device, const struct faulty_call *call, uint32_t index)
{
    if (call->charset == LIST_CHARSET_A)
        faulty_device_number(call, device)->device_number = index + 100;
}

uint32_t fault_devices_numbers_differ_in_ansi(struct faulty_call *call)
{
    return faulty_devices_changed(call, number_in_ansi);
}

// --- DEVICES-12: no such session

uint32_t fault_devices_of_no_session_are_none(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    if (status != LIST_ISCSI_INVALID_SESSION_ID)
        return status;
    *call->size = 0;
    return LIST_SUCCESS;
}

// Knows sessions by the second half of their identifiers.
uint32_t fault_devices_half_of_the_identifier(struct faulty_call *call)
{
    static _Atomic uint64_t unique;
    struct iscsi_unique_id id = *call->session;
    struct faulty_call other = *call;
    if (faulty_devices_required(call) > 0)
        atomic_store(&unique, id.adapter_unique);
    id.adapter_unique = atomic_load(&unique);
    other.session = &id;
    return faulty_devices_correct(&other);
}

uint32_t fault_devices_array_cleared_for_no_session(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_devices_correct(call);
    if (status == LIST_ISCSI_INVALID_SESSION_ID && call->info)
        faulty_items_zero(call->info, 0, offered * faulty_device_size(call));
    return status;
}

// --- DEVICES-13: the same again

uint32_t fault_devices_third_call_short(struct faulty_call *call)
{
    uint32_t status = faulty_devices_correct(call);
    if (faulty_items_filled(call, status) && faulty_items_is_turn(3))
        --*call->size;
    return status;
}

// --- DEVICES-14: many threads

uint32_t fault_devices_busy_among_threads(struct faulty_call *call)
{
    return faulty_items_alone_only(call, faulty_devices_correct);
}

// --- DEVICES-15: sessions come and go

uint32_t fault_devices_refused_after_a_change(struct faulty_call *call)
{
    return faulty_items_settled_only(call, faulty_devices_correct);
}
