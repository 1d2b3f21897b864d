// SPDX-License-Identifier: Apache-2.0
// Faults of ReportActiveIScsiTargetMappings: status, size, what is touched, the mappings.
#include "conformance/faulty/faulty_items.h"

#include <string.h>

enum { MORE_DATA = 234, TRUE_VALUE = 1, UNWRITTEN = 0x2E };

// --- MAPPINGS-1: enough

uint32_t fault_mappings_success_is_true(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    return status == LIST_SUCCESS ? (uint32_t)TRUE_VALUE : status;
}

uint32_t fault_mappings_twice_the_size_refused(struct faulty_call *call)
{
    uint32_t required = faulty_mappings_required(call);
    if (call->info && required > 0 && *call->size >= 2 * required)
        return LIST_INVALID_PARAMETER;
    return faulty_mappings_correct(call);
}

// --- MAPPINGS-2: too small

uint32_t fault_mappings_insufficient_is_more_data(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    return status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)MORE_DATA : status;
}

uint32_t fault_mappings_query_succeeds(struct faulty_call *call)
{
    bool query = !call->info && *call->size == 0;
    uint32_t status = faulty_mappings_correct(call);
    return query && status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_mappings_none_for_a_short_buffer(struct faulty_call *call)
{
    bool buffer = call->info && *call->size > 0;
    uint32_t status = faulty_mappings_correct(call);
    if (status != LIST_INSUFFICIENT_BUFFER || !buffer)
        return status;
    *call->size = 0;
    *call->count = 0;
    return LIST_SUCCESS;
}

// --- MAPPINGS-3: what is required

uint32_t fault_mappings_structures_asked_for(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size = *call->count * (uint32_t)faulty_mapping_size(call);
    return status;
}

uint32_t fault_mappings_required_not_set(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_mappings_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered > 0)
        *call->size = offered;
    return status;
}

uint32_t fault_mappings_required_is_the_rest(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_mappings_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered < *call->size)
        *call->size -= offered;
    return status;
}

// --- MAPPINGS-4: exactly that

uint32_t fault_mappings_exactly_is_not_enough(struct faulty_call *call)
{
    uint32_t required = faulty_mappings_required(call);
    if (call->info && required > 0 && *call->size == required)
        return LIST_INSUFFICIENT_BUFFER;
    return faulty_mappings_correct(call);
}

// --- MAPPINGS-5: what is touched

uint32_t fault_mappings_cleared_first(struct faulty_call *call)
{
    uint32_t required = faulty_mappings_required(call);
    if (call->info)
        faulty_items_zero(call->info, 0, required);
    return faulty_mappings_correct(call);
}

uint32_t fault_mappings_count_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    if (status == LIST_SUCCESS)
        faulty_items_zero(call->count, sizeof *call->count, sizeof *call->count);
    return status;
}

uint32_t fault_mappings_end_behind_the_buffer(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_mappings_correct(call);
    if (faulty_items_filled(call, status) && *call->size == offered)
        faulty_items_zero(call->info, (ptrdiff_t)offered, sizeof(struct iscsi_lun));
    return status;
}

// --- MAPPINGS-6: a size without a buffer

uint32_t fault_mappings_sized_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_mappings_correct(call);
    bool enough = status == LIST_INSUFFICIENT_BUFFER && !call->info && offered >= *call->size;
    return enough ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_mappings_sized_null_faults(struct faulty_call *call)
{
    uint32_t required = faulty_mappings_required(call);
    if (!call->info && required > 0 && *call->size >= required)
        faulty_write_at(call->info);
    return faulty_mappings_correct(call);
}

// --- MAPPINGS-7: how many

uint32_t fault_mappings_count_of_units(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    uint32_t units = 0;
    for (uint32_t i = 0; faulty_items_filled(call, status) && i < *call->count; i++)
        units += *faulty_mapping_at(call, i).lun_count;
    if (units > 0)
        *call->count = units;
    return status;
}

uint32_t fault_mappings_size_after_is_zero(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    if (status == LIST_SUCCESS)
        *call->size = 0;
    return status;
}

uint32_t fault_mappings_size_after_is_more(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_mappings_correct(call);
    if (faulty_items_filled(call, status) && *call->size == offered)
        *call->size += sizeof(struct iscsi_lun);
    return status;
}

// --- MAPPINGS-8: which

// Later sessions of a target take the place of none: the structures behind them move up.
uint32_t fault_mappings_once_for_each_target(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    uint32_t kept = 0;
    size_t name = faulty_character(call) * ISCSI_NAME_SIZE;
    for (uint32_t i = 0; faulty_items_filled(call, status) && i < *call->count; i++) {
        struct faulty_mapping mapping = faulty_mapping_at(call, i);
        uint32_t same = 0;
        while (same < kept &&
               memcmp(faulty_mapping_at(call, same).target_name, mapping.target_name, name) != 0)
            same++;
        if (same == kept)
            memmove(faulty_mapping_at(call, kept++).structure, mapping.structure,
                    faulty_mapping_size(call));
    }
    if (kept > 0)
        *call->count = kept;
    return status;
}

// The numbers go on from session to session.
uint32_t fault_mappings_luns_counted_through(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    uint64_t next = 0;
    for (uint32_t i = 0; faulty_items_filled(call, status) && i < *call->count; i++) {
        struct faulty_mapping mapping = faulty_mapping_at(call, i);
        for (uint32_t unit = 0; unit < *mapping.lun_count; unit++)
            (*mapping.lun_list)[unit].target_lun = next++;
    }
    return status;
}

static void number_session(const struct faulty_mapping *mapping, const struct faulty_call *call,
                           uint32_t index)
{
    (void)call;
    *mapping->session_id = (struct iscsi_unique_id){0, index + 1};
}

uint32_t fault_mappings_sessions_numbered(struct faulty_call *call)
{
    return faulty_mappings_changed(call, number_session);
}

static void name_initiator(const struct faulty_mapping *mapping, const struct faulty_call *call,
                           uint32_t index)
{
    (void)index;
    memcpy(mapping->target_name, mapping->initiator_name, faulty_character(call) * ISCSI_NAME_SIZE);
}

uint32_t fault_mappings_names_swapped(struct faulty_call *call)
{
    return faulty_mappings_changed(call, name_initiator);
}

static void drop_last_unit(const struct faulty_mapping *mapping, const struct faulty_call *call,
                           uint32_t index)
{
    (void)call;
    (void)index;
    if (*mapping->lun_count > 0)
        --*mapping->lun_count;
}

uint32_t fault_mappings_last_unit_left_out(struct faulty_call *call)
{
    return faulty_mappings_changed(call, drop_last_unit);
}

// The number where the middle bytes of a LUN are: no form of addressing has it there.
static void shift_luns(const struct faulty_mapping *mapping, const struct faulty_call *call,
                       uint32_t index)
{
    enum { MIDDLE = 32 };
    (void)call;
    (void)index;
    for (uint32_t unit = 0; unit < *mapping->lun_count; unit++)
        (*mapping->lun_list)[unit].target_lun <<= MIDDLE;
}

uint32_t fault_mappings_luns_in_the_middle(struct faulty_call *call)
{
    return faulty_mappings_changed(call, shift_luns);
}

// --- MAPPINGS-9: where the units are

enum { OWN_UNITS = 256 };

static struct iscsi_lun *own_units(void)
{
    static struct iscsi_lun units[OWN_UNITS];
    return units;
}

static void move_units_home(const struct faulty_mapping *mapping, const struct faulty_call *call,
                            uint32_t index)
{
    (void)call;
    (void)index;
    *mapping->lun_list = own_units();
}

uint32_t fault_mappings_units_of_the_library(struct faulty_call *call)
{
    return faulty_mappings_changed(call, move_units_home);
}

static void share_last_unit(const struct faulty_mapping *mapping, const struct faulty_call *call,
                            uint32_t index)
{
    (void)call;
    if (index > 0)
        --*mapping->lun_list;
}

uint32_t fault_mappings_units_overlap(struct faulty_call *call)
{
    return faulty_mappings_changed(call, share_last_unit);
}

// --- MAPPINGS-10: texts

static void leave_device_name(const struct faulty_mapping *mapping, const struct faulty_call *call,
                              uint32_t index)
{
    (void)index;
    memset(mapping->os_device_name, UNWRITTEN, faulty_character(call) * ISCSI_PATH_SIZE);
}

uint32_t fault_mappings_device_name_not_ended(struct faulty_call *call)
{
    return faulty_mappings_changed(call, leave_device_name);
}

// --- MAPPINGS-11: A and W

static void number_bus_in_ansi(const struct faulty_mapping *mapping, const struct faulty_call *call,
                               uint32_t index)
{
    (void)index;
    if (call->charset == LIST_CHARSET_A)
        *mapping->os_bus_number = 1;
}

uint32_t fault_mappings_bus_differs_in_ansi(struct faulty_call *call)
{
    return faulty_mappings_changed(call, number_bus_in_ansi);
}

// --- MAPPINGS-12: the same again

uint32_t fault_mappings_third_call_short(struct faulty_call *call)
{
    uint32_t status = faulty_mappings_correct(call);
    if (faulty_items_filled(call, status) && faulty_items_is_turn(3))
        --*call->count;
    return status;
}

// --- MAPPINGS-13: numbers in the operating system

static void forget_numbers(const struct faulty_mapping *mapping, const struct faulty_call *call,
                           uint32_t index)
{
    (void)call;
    (void)index;
    for (uint32_t unit = 0; unit < *mapping->lun_count; unit++)
        (*mapping->lun_list)[unit].os_lun = 0;
}

uint32_t fault_mappings_os_lun_is_zero(struct faulty_call *call)
{
    return faulty_mappings_changed(call, forget_numbers);
}

// --- MAPPINGS-14: many threads

uint32_t fault_mappings_busy_among_threads(struct faulty_call *call)
{
    return faulty_items_alone_only(call, faulty_mappings_correct);
}

// --- MAPPINGS-15: sessions come and go

enum { KNOWN_MAX = 64 };

static bool is_new(const struct iscsi_unique_id *id, const struct iscsi_unique_id *known,
                   uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (memcmp(id, &known[i], sizeof *id) == 0)
            return false;
    return true;
}

// The last unit of a new session has the number of the first one. Sessions of the first answer are
// not new.
uint32_t fault_mappings_new_session_unit_twice(struct faulty_call *call)
{
    static struct iscsi_unique_id known[KNOWN_MAX];
    static uint32_t count;
    uint32_t status = faulty_mappings_correct(call);
    bool first = count == 0;
    for (uint32_t i = 0; faulty_items_filled(call, status) && i < *call->count; i++) {
        struct faulty_mapping mapping = faulty_mapping_at(call, i);
        if (first && count < KNOWN_MAX)
            known[count++] = *mapping.session_id;
        else if (!first && *mapping.lun_count > 0 && is_new(mapping.session_id, known, count))
            (*mapping.lun_list)[*mapping.lun_count - 1].target_lun =
                (*mapping.lun_list)[0].target_lun;
    }
    return status;
}
