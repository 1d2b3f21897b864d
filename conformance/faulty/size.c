// SPDX-License-Identifier: Apache-2.0
// Faults in BufferSize: what is required, what was retrieved, what is accepted.
#include "conformance/faulty/faulty.h"

#include <string.h>

// What the list is made of, in bytes of each kind. Zeroes when it can't be had.
struct parts {
    uint32_t structures;
    uint32_t connections;
    uint32_t strings;
    uint32_t string_count;
    uint32_t unit; // bytes of a character
};

static struct parts measure(const struct faulty_call *call)
{
    struct parts parts = {.unit = call->charset == LIST_CHARSET_W ? 2 : 1};
    struct session_table table;
    if (session_table_read(&table) != LIST_SUCCESS)
        return parts;
    uint32_t sessions = (uint32_t)table.session_count;
    uint32_t connections = (uint32_t)table.connection_count;
    parts.structures = sessions * (uint32_t)sizeof(iscsi_session_info_a);
    parts.connections = connections * (uint32_t)sizeof(iscsi_connection_info_a);
    uint32_t whole = (uint32_t)list_write(&table, call->charset, NULL);
    parts.strings = whole - parts.structures - parts.connections;
    parts.string_count = 3 * sessions + 2 * connections;
    session_table_free(&table);
    return parts;
}

// A right call, but for the size that insufficient reports, from which `missing` is taken.
static uint32_t required_less(const struct faulty_call *call, uint32_t missing)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size -= missing;
    return status;
}

// A right call, but for the size that insufficient reports, to which `spare` is added.
static uint32_t required_more(const struct faulty_call *call, uint32_t spare)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size += spare;
    return status;
}

// A right call, but for the size that success reports.
static uint32_t returned_as(const struct faulty_call *call, uint32_t size)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && *call->size > 0)
        *call->size = size;
    return status;
}

static uint32_t offered_to(const struct faulty_call *call)
{
    return *call->size;
}

// What the list takes, and no list: 0.
static uint32_t required_by(const struct faulty_call *call)
{
    struct parts parts = measure(call);
    return parts.structures + parts.connections + parts.strings;
}

// --- SIZE-1: more than was offered ---

uint32_t fault_required_not_set(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size = offered;
    return status;
}

uint32_t fault_required_is_zero(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && call->info)
        *call->size = 0;
    return status;
}

uint32_t fault_required_is_the_rest(struct faulty_call *call)
{
    return required_less(call, offered_to(call));
}

uint32_t fault_required_on_query_only(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered > 0)
        *call->size = offered;
    return status;
}

// --- SIZE-2: exactly that is enough ---

uint32_t fault_exactly_is_not_enough(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    return faulty_correct_for(call, offered > 0 ? offered - 1 : 0);
}

uint32_t fault_wants_room_for_one_more(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t slack = (uint32_t)sizeof(iscsi_session_info_a);
    return faulty_correct_for(call, offered > slack ? offered - slack : 0);
}

uint32_t fault_required_without_last_terminator(struct faulty_call *call)
{
    return required_less(call, measure(call).unit);
}

uint32_t fault_required_rounded_down(struct faulty_call *call)
{
    uint32_t excess = required_by(call) % 16;
    return required_less(call, excess > 0 ? excess : 16);
}

uint32_t fault_required_without_connections(struct faulty_call *call)
{
    return required_less(call, measure(call).connections);
}

uint32_t fault_required_without_terminators(struct faulty_call *call)
{
    struct parts parts = measure(call);
    return required_less(call, parts.string_count * parts.unit);
}

uint32_t fault_required_in_characters(struct faulty_call *call)
{
    struct parts parts = measure(call);
    return required_less(call, parts.strings - parts.strings / parts.unit);
}

// --- SIZE-3: less is not enough ---

// One byte less is accepted, and the last byte left out.
uint32_t fault_one_less_is_enough(struct faulty_call *call)
{
    struct faulty_list list;
    if (!call->info || faulty_list_take(&list, call->charset) != LIST_SUCCESS)
        return faulty_correct(call);
    uint32_t status = LIST_SUCCESS;
    if (list.size > 0 && *call->size == list.size - 1) {
        faulty_list_point(&list, (uintptr_t)call->info);
        memcpy(call->info, list.bytes, list.size - 1);
        *call->count = list.count;
    } else {
        status = faulty_correct(call);
    }
    faulty_list_free(&list);
    return status;
}

uint32_t fault_required_one_too_many(struct faulty_call *call)
{
    return required_more(call, 1);
}

uint32_t fault_required_rounded_up(struct faulty_call *call)
{
    uint32_t required = required_by(call);
    return required_more(call, 8 - required % 8);
}

// --- SIZE-4: the same whatever is offered ---

uint32_t fault_required_grows_with_offer(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    return required_more(call, offered % 4);
}

uint32_t fault_required_doubles_offer(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && *call->size < offered * 2 && call->info)
        *call->size = offered * 2;
    return status;
}

uint32_t fault_required_differs_for_null(struct faulty_call *call)
{
    return call->info ? faulty_correct(call) : required_more(call, 8);
}

uint32_t fault_required_follows_count(struct faulty_call *call)
{
    return required_more(call, *call->count & 1 ? 0 : (uint32_t)sizeof(iscsi_session_info_a));
}

// --- SIZE-5: what was retrieved ---

uint32_t fault_returned_is_offered(struct faulty_call *call)
{
    return returned_as(call, offered_to(call));
}

uint32_t fault_returned_is_what_is_left(struct faulty_call *call)
{
    return returned_as(call, offered_to(call) - required_by(call));
}

uint32_t fault_returned_more_than_offered(struct faulty_call *call)
{
    return returned_as(call, required_by(call) + 16);
}

uint32_t fault_returned_rounded_to_offer(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t rounded = required_by(call) / 64 * 64 + 64;
    return returned_as(call, rounded < offered ? rounded : offered);
}

// --- SIZE-6: room for everything ---

uint32_t fault_required_structures_only(struct faulty_call *call)
{
    struct parts parts = measure(call);
    return required_less(call, parts.connections + parts.strings);
}

uint32_t fault_required_without_strings(struct faulty_call *call)
{
    return required_less(call, measure(call).strings);
}

uint32_t fault_required_in_structures(struct faulty_call *call)
{
    uint32_t required = required_by(call);
    return required_less(call, required - required / (uint32_t)sizeof(iscsi_session_info_a));
}

uint32_t fault_required_in_8_bits(struct faulty_call *call)
{
    return required_less(call, required_by(call) & ~0xFFu);
}

uint32_t fault_required_one_structure(struct faulty_call *call)
{
    uint32_t required = required_by(call);
    return required_less(call, required - (uint32_t)sizeof(iscsi_session_info_a));
}

// --- SIZE-7: one threshold ---

// The size is compared for equality first, and a little more is taken for too little.
uint32_t fault_little_more_is_too_little(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t required = required_by(call);
    bool little_more = offered > required && offered - required < 8;
    return faulty_correct_for(call, little_more ? required - 1 : offered);
}

uint32_t fault_odd_sizes_refused(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    uint32_t required = required_by(call);
    bool refused = offered % 2 != 0 && offered > required;
    return faulty_correct_for(call, refused ? required - 1 : offered);
}

uint32_t fault_small_sizes_are_invalid(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    bool small = offered > 0 && offered < sizeof(iscsi_session_info_a);
    if (small && call->info && required_by(call) > 0)
        return LIST_INVALID_PARAMETER;
    return faulty_correct(call);
}

// Success for a whole number of structures, and the structures only.
uint32_t fault_structures_alone_succeed(struct faulty_call *call)
{
    struct parts parts = measure(call);
    uint32_t status = LIST_SUCCESS;
    if (!call->info || parts.structures == 0 || *call->size != parts.structures)
        status = faulty_correct(call);
    else
        memset(call->info, 0, parts.structures);
    return status;
}

// --- SIZE-8: no waste ---

// So much more is asked for, needed and reported.
static uint32_t with_waste(const struct faulty_call *call, uint32_t waste)
{
    if (required_by(call) == 0)
        return faulty_correct(call);
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct_for(call, offered > waste ? offered - waste : 0);
    if (status == LIST_SUCCESS || status == LIST_INSUFFICIENT_BUFFER)
        *call->size += waste;
    return status;
}

uint32_t fault_wastes_a_page(struct faulty_call *call)
{
    return with_waste(call, 4096);
}

uint32_t fault_wastes_full_names(struct faulty_call *call)
{
    struct parts parts = measure(call);
    return with_waste(call, parts.string_count * 224 * parts.unit);
}

uint32_t fault_wastes_wide_characters(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_W)
        return faulty_correct(call);
    return with_waste(call, measure(call).strings);
}

// --- SIZE-9: everything within ---

uint32_t fault_returned_structures_only(struct faulty_call *call)
{
    return returned_as(call, measure(call).structures);
}

uint32_t fault_returned_without_last_terminator(struct faulty_call *call)
{
    return returned_as(call, required_by(call) - measure(call).unit);
}

uint32_t fault_returned_in_characters(struct faulty_call *call)
{
    struct parts parts = measure(call);
    return returned_as(call, parts.structures + parts.connections + parts.strings / parts.unit);
}

uint32_t fault_returned_without_strings(struct faulty_call *call)
{
    struct parts parts = measure(call);
    return returned_as(call, parts.structures + parts.connections);
}

// --- SIZE-10: large offers ---

uint32_t fault_offer_is_signed(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    return faulty_correct_for(call, offered > INT32_MAX ? 0 : offered);
}

uint32_t fault_offer_has_16_bits(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    return faulty_correct_for(call, offered >> 24 ? offered & 0xFFFF : offered);
}

uint32_t fault_offer_has_31_bits(struct faulty_call *call)
{
    return faulty_correct_for(call, offered_to(call) & INT32_MAX);
}

uint32_t fault_offer_rounded_up(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    // Wraps around to 0 where no multiple of 8 follows.
    return faulty_correct_for(call, ((offered + 7) & ~7u) == 0 ? 0 : offered);
}

uint32_t fault_offer_is_limited(struct faulty_call *call)
{
    return offered_to(call) > 64u << 20 ? LIST_NO_ACCESS : faulty_correct(call);
}

uint32_t fault_offer_in_bits(struct faulty_call *call)
{
    uint32_t offered = offered_to(call);
    return faulty_correct_for(call, offered * 8 / 8);
}
