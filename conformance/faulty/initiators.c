// SPDX-License-Identifier: Apache-2.0
// Faults of ReportIScsiInitiatorList: status, size, what is touched, the list of names.
#include "conformance/faulty/faulty_items.h"

#include <string.h>

enum { CUT = 8, MORE_DATA = 234, TRUE_VALUE = 1 };

// --- INITIATORS-1: enough

uint32_t fault_initiators_success_is_true(struct faulty_call *call)
{
    uint32_t status = faulty_initiators_correct(call);
    return status == LIST_SUCCESS ? (uint32_t)TRUE_VALUE : status;
}

// --- INITIATORS-2: too small

uint32_t fault_initiators_insufficient_is_more_data(struct faulty_call *call)
{
    uint32_t status = faulty_initiators_correct(call);
    return status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)MORE_DATA : status;
}

uint32_t fault_initiators_query_succeeds(struct faulty_call *call)
{
    bool query = !call->info && *call->size == 0;
    uint32_t status = faulty_initiators_correct(call);
    return query && status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)LIST_SUCCESS : status;
}

// --- INITIATORS-3: what is required

uint32_t fault_initiators_required_not_set(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_initiators_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered > 0)
        *call->size = offered;
    return status;
}

// As the page has it, which speaks of elements: there is one.
uint32_t fault_initiators_required_is_their_number(struct faulty_call *call)
{
    uint32_t status = faulty_initiators_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size = 1;
    return status;
}

// --- INITIATORS-4: exactly that

uint32_t fault_initiators_exactly_is_not_enough(struct faulty_call *call)
{
    uint32_t required = faulty_initiators_required(call);
    if (call->info && required > 0 && *call->size == required)
        return LIST_INSUFFICIENT_BUFFER;
    return faulty_initiators_correct(call);
}

// --- INITIATORS-5: what is touched

uint32_t fault_initiators_room_taken_for_twice(struct faulty_call *call)
{
    if (call->info)
        faulty_items_zero(call->info, 0, faulty_character(call) * 2 * *call->size);
    return faulty_initiators_correct(call);
}

uint32_t fault_initiators_size_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_initiators_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        faulty_items_zero(call->size, sizeof *call->size, sizeof *call->size);
    return status;
}

// --- INITIATORS-6: a size without a buffer

uint32_t fault_initiators_sized_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_initiators_correct(call);
    bool enough = status == LIST_INSUFFICIENT_BUFFER && !call->info && offered >= *call->size;
    return enough ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_initiators_sized_null_faults(struct faulty_call *call)
{
    uint32_t required = faulty_initiators_required(call);
    if (!call->info && required > 0 && *call->size >= required)
        faulty_write_at(call->info);
    return faulty_initiators_correct(call);
}

// --- INITIATORS-7: the size after

uint32_t fault_initiators_size_after_is_their_number(struct faulty_call *call)
{
    uint32_t status = faulty_initiators_correct(call);
    if (status == LIST_SUCCESS)
        *call->size = 1;
    return status;
}

// --- INITIATORS-8: names and NULs

static void end_once(struct faulty_names *names, const struct faulty_call *call)
{
    (void)call;
    names->one_end = names->count > 0;
}

uint32_t fault_initiators_one_nul_at_the_end(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_initiators_correct, end_once);
}

// --- INITIATORS-9: which names

static void list_twice(struct faulty_names *names, const struct faulty_call *call)
{
    (void)call;
    if (names->count > 0 && names->count < FAULTY_NAMES_MAX)
        memcpy(names->names[names->count++], names->names[0], sizeof names->names[0]);
}

uint32_t fault_initiators_listed_twice(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_initiators_correct, list_twice);
}

static void list_none(struct faulty_names *names, const struct faulty_call *call)
{
    (void)call;
    names->count = 0;
}

uint32_t fault_initiators_none(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_initiators_correct, list_none);
}

// --- INITIATORS-10: A and W

static void cut_in_ansi(struct faulty_names *names, const struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_A)
        for (size_t i = 0; i < names->count; i++)
            names->names[i][CUT] = '\0';
}

uint32_t fault_initiators_cut_in_ansi(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_initiators_correct, cut_in_ansi);
}

// --- INITIATORS-11: the same again

static void another_name(struct faulty_names *names, const struct faulty_call *call)
{
    if (call->info && names->count > 0 && faulty_items_is_turn(3))
        names->names[0][0] = 'I';
}

uint32_t fault_initiators_third_call_differs(struct faulty_call *call)
{
    return faulty_names_edited(call, faulty_initiators_correct, another_name);
}

// --- INITIATORS-12: many threads

uint32_t fault_initiators_busy_among_threads(struct faulty_call *call)
{
    return faulty_items_alone_only(call, faulty_initiators_correct);
}

// --- INITIATORS-13: sessions come and go

uint32_t fault_initiators_refused_after_a_change(struct faulty_call *call)
{
    return faulty_items_settled_only(call, faulty_initiators_correct);
}
