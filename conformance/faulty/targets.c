// SPDX-License-Identifier: Apache-2.0
// Faults of ReportIScsiTargets: status, size, what is touched, the list of names.
#include "conformance/faulty/faulty_items.h"

#include <stdlib.h>
#include <string.h>

enum { CUT = 31, MORE_DATA = 234, TRUE_VALUE = 1 };

// --- TARGETS-1: enough

uint32_t fault_targets_success_is_true(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    return status == LIST_SUCCESS ? (uint32_t)TRUE_VALUE : status;
}

uint32_t fault_targets_twice_the_size_refused(struct faulty_call *call)
{
    uint32_t required = faulty_targets_required(call);
    if (call->info && required > 0 && *call->size >= 2 * required)
        return LIST_INVALID_PARAMETER;
    return faulty_targets_correct(call);
}

// --- TARGETS-2: too small

uint32_t fault_targets_insufficient_is_more_data(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    return status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)MORE_DATA : status;
}

uint32_t fault_targets_query_succeeds(struct faulty_call *call)
{
    bool query = !call->info && *call->size == 0;
    uint32_t status = faulty_targets_correct(call);
    return query && status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)LIST_SUCCESS : status;
}

static void keep_what_fits(struct faulty_names *names, const struct faulty_call *call)
{
    size_t room = *call->size;
    size_t kept = 0;
    size_t units = 1;
    while (kept < names->count && units + strlen(names->names[kept]) + 1 <= room)
        units += strlen(names->names[kept++]) + 1;
    if (call->info && kept > 0)
        names->count = kept;
}

uint32_t fault_targets_that_fit(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, keep_what_fits);
}

// --- TARGETS-3: what is required

uint32_t fault_targets_required_in_bytes(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size *= (uint32_t)faulty_character(call);
    return status;
}

uint32_t fault_targets_required_not_set(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered > 0)
        *call->size = offered;
    return status;
}

uint32_t fault_targets_required_is_the_rest(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered < *call->size)
        *call->size -= offered;
    return status;
}

uint32_t fault_targets_required_of_one_name(struct faulty_call *call)
{
    enum { NAME_WITH_NULS = 25 };
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && *call->size > NAME_WITH_NULS)
        *call->size = NAME_WITH_NULS;
    return status;
}

// --- TARGETS-4: exactly that

uint32_t fault_targets_exactly_is_not_enough(struct faulty_call *call)
{
    uint32_t required = faulty_targets_required(call);
    if (call->info && required > 0 && *call->size == required)
        return LIST_INSUFFICIENT_BUFFER;
    return faulty_targets_correct(call);
}

uint32_t fault_targets_end_not_asked_for(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        --*call->size;
    return status;
}

// --- TARGETS-5: what is touched

uint32_t fault_targets_room_taken_for_twice(struct faulty_call *call)
{
    if (call->info)
        faulty_items_zero(call->info, 0, faulty_character(call) * 2 * *call->size);
    return faulty_targets_correct(call);
}

uint32_t fault_targets_size_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        faulty_items_zero(call->size, sizeof *call->size, sizeof *call->size);
    return status;
}

uint32_t fault_targets_end_behind_the_buffer(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_targets_correct(call);
    if (faulty_items_filled(call, status) && *call->size == offered)
        faulty_items_zero(call->info, (ptrdiff_t)(offered * faulty_character(call)), 1);
    return status;
}

uint32_t fault_targets_byte_before(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    if (faulty_items_filled(call, status))
        faulty_items_zero(call->info, -1, 1);
    return status;
}

// --- TARGETS-6: a size without a buffer

uint32_t fault_targets_sized_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_targets_correct(call);
    bool enough = status == LIST_INSUFFICIENT_BUFFER && !call->info && offered >= *call->size;
    return enough ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_targets_sized_null_faults(struct faulty_call *call)
{
    uint32_t required = faulty_targets_required(call);
    if (!call->info && required > 0 && *call->size >= required)
        faulty_write_at(call->info);
    return faulty_targets_correct(call);
}

// --- TARGETS-7: the size after

uint32_t fault_targets_size_after_is_zero(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_SUCCESS)
        *call->size = 0;
    return status;
}

uint32_t fault_targets_size_after_in_bytes(struct faulty_call *call)
{
    uint32_t status = faulty_targets_correct(call);
    if (status == LIST_SUCCESS)
        *call->size *= (uint32_t)faulty_character(call);
    return status;
}

// --- TARGETS-8: names and NULs

static void end_once(struct faulty_names *names, const struct faulty_call *call)
{
    (void)call;
    names->one_end = names->count > 0;
}

uint32_t fault_targets_one_nul_at_the_end(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, end_once);
}

// --- TARGETS-9: which names

static void put_commas(struct faulty_names *names, const struct faulty_call *call)
{
    (void)call;
    names->between = ',';
}

uint32_t fault_targets_between_commas(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, put_commas);
}

static void list_twice(struct faulty_names *names, const struct faulty_call *call)
{
    (void)call;
    for (size_t i = names->count; i-- > 0 && names->count < FAULTY_NAMES_MAX;)
        memcpy(names->names[names->count++], names->names[i], ISCSI_NAME_SIZE);
}

uint32_t fault_targets_once_for_each_portal(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, list_twice);
}

static void drop_last(struct faulty_names *names, const struct faulty_call *call)
{
    (void)call;
    if (names->count > 1)
        names->count--;
}

uint32_t fault_targets_last_left_out(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, drop_last);
}

static void drop_unless_updated(struct faulty_names *names, const struct faulty_call *call)
{
    if (!call->update)
        drop_last(names, call);
}

uint32_t fault_targets_all_after_update_only(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, drop_unless_updated);
}

static void invent_one(struct faulty_names *names, const struct faulty_call *call)
{
    static const char name[] = "iqn.1991-05.com.microsoft:left-over";
    (void)call;
    if (names->count < FAULTY_NAMES_MAX)
        memcpy(names->names[names->count++], name, sizeof name);
}

uint32_t fault_targets_forgotten_one_kept(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, invent_one);
}

// --- TARGETS-10: A and W

static void cut_names(struct faulty_names *names, const struct faulty_call *call)
{
    if (call->charset != LIST_CHARSET_A)
        return;
    for (size_t i = 0; i < names->count; i++)
        names->names[i][CUT] = '\0';
}

uint32_t fault_targets_cut_in_ansi(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, cut_names);
}

// --- TARGETS-11: the same again

static void drop_each_third(struct faulty_names *names, const struct faulty_call *call)
{
    if (call->info && faulty_items_is_turn(3))
        drop_last(names, call);
}

uint32_t fault_targets_third_call_short(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_targets_correct, drop_each_third);
}

// --- TARGETS-12: many threads

uint32_t fault_targets_busy_among_threads(struct faulty_call *call)
{
    return faulty_items_alone_only(call, faulty_targets_correct);
}

// --- TARGETS-13: sessions come and go

uint32_t fault_targets_refused_after_a_change(struct faulty_call *call)
{
    return faulty_items_settled_only(call, faulty_targets_correct);
}
