// SPDX-License-Identifier: Apache-2.0
// Faults of ReportIScsiSendTargetPortalsEx: status, size, what is touched, the portals.
#include "conformance/faulty/faulty_items.h"

#include <string.h>

enum { MORE_DATA = 234, TRUE_VALUE = 1, UNWRITTEN = 0x2E };

// --- PORTALS-1: enough

uint32_t fault_portals_success_is_true(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    return status == LIST_SUCCESS ? (uint32_t)TRUE_VALUE : status;
}

uint32_t fault_portals_more_refused(struct faulty_call *call)
{
    uint32_t required = faulty_portals_required(call);
    if (call->info && required > 0 && *call->size > required)
        return LIST_INVALID_PARAMETER;
    return faulty_portals_correct(call);
}

// --- PORTALS-2: too small

uint32_t fault_portals_insufficient_is_more_data(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    return status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)MORE_DATA : status;
}

uint32_t fault_portals_query_succeeds(struct faulty_call *call)
{
    bool query = !call->info && *call->size == 0;
    uint32_t status = faulty_portals_correct(call);
    return query && status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)LIST_SUCCESS : status;
}

// --- PORTALS-3: what is required

uint32_t fault_portals_required_not_set(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_portals_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered > 0)
        *call->size = offered;
    return status;
}

uint32_t fault_portals_required_is_their_number(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->size = *call->count;
    return status;
}

// --- PORTALS-4: exactly that

uint32_t fault_portals_exactly_is_not_enough(struct faulty_call *call)
{
    uint32_t required = faulty_portals_required(call);
    if (call->info && required > 0 && *call->size == required)
        return LIST_INSUFFICIENT_BUFFER;
    return faulty_portals_correct(call);
}

// --- PORTALS-5: what is touched

uint32_t fault_portals_cleared_first(struct faulty_call *call)
{
    uint32_t required = faulty_portals_required(call);
    if (call->info)
        faulty_items_zero(call->info, 0, required);
    return faulty_portals_correct(call);
}

uint32_t fault_portals_count_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    if (status == LIST_SUCCESS)
        faulty_items_zero(call->count, sizeof *call->count, sizeof *call->count);
    return status;
}

// --- PORTALS-6: a size without a buffer

uint32_t fault_portals_sized_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_portals_correct(call);
    bool enough = status == LIST_INSUFFICIENT_BUFFER && !call->info && offered >= *call->size;
    return enough ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_portals_sized_null_faults(struct faulty_call *call)
{
    uint32_t required = faulty_portals_required(call);
    if (!call->info && required > 0 && *call->size >= required)
        faulty_write_at(call->info);
    return faulty_portals_correct(call);
}

// --- PORTALS-7: how many

uint32_t fault_portals_count_and_size_swapped(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    if (status == LIST_SUCCESS) {
        uint32_t count = *call->count;
        *call->count = *call->size;
        *call->size = count;
    }
    return status;
}

uint32_t fault_portals_size_after_is_zero(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    if (status == LIST_SUCCESS)
        *call->size = 0;
    return status;
}

// --- PORTALS-8: which

uint32_t fault_portals_last_left_out(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    if (faulty_items_filled(call, status))
        --*call->count;
    return status;
}

static void swap_port(const struct faulty_portal *portal, const struct faulty_call *call,
                      uint32_t index)
{
    (void)call;
    (void)index;
    *portal->socket = (uint16_t)(*portal->socket << 8 | *portal->socket >> 8);
}

uint32_t fault_portals_port_in_network_order(struct faulty_call *call)
{
    return faulty_portals_changed(call, swap_port);
}

static void tell_address_as_name(const struct faulty_portal *portal, const struct faulty_call *call,
                                 uint32_t index)
{
    size_t size = faulty_character(call) * ISCSI_PORTAL_TEXT_SIZE;
    (void)index;
    memcpy(portal->symbolic_name, portal->address, size);
    memset(portal->address, 0, size);
}

uint32_t fault_portals_address_in_symbolic_name(struct faulty_call *call)
{
    return faulty_portals_changed(call, tell_address_as_name);
}

// --- PORTALS-9: texts

static void leave_symbolic_name(const struct faulty_portal *portal, const struct faulty_call *call,
                                uint32_t index)
{
    (void)index;
    memset(portal->symbolic_name, UNWRITTEN, faulty_character(call) * ISCSI_PORTAL_TEXT_SIZE);
}

uint32_t fault_portals_symbolic_name_not_ended(struct faulty_call *call)
{
    return faulty_portals_changed(call, leave_symbolic_name);
}

// --- PORTALS-10: options

static void tell_own_user(const struct faulty_portal *portal, const struct faulty_call *call,
                          uint32_t index)
{
    static uint8_t user[] = {'u', 's', 'e', 'r'};
    (void)call;
    (void)index;
    portal->options->information_specified = ISCSI_OPTION_USERNAME;
    portal->options->username = user;
    portal->options->username_length = sizeof user;
}

uint32_t fault_portals_user_of_the_library(struct faulty_call *call)
{
    return faulty_portals_changed(call, tell_own_user);
}

// --- PORTALS-11: A and W

static void number_port_in_ansi(const struct faulty_portal *portal, const struct faulty_call *call,
                                uint32_t index)
{
    (void)index;
    if (call->charset == LIST_CHARSET_A)
        *portal->initiator_port = 0;
}

uint32_t fault_portals_initiator_port_differs_in_ansi(struct faulty_call *call)
{
    return faulty_portals_changed(call, number_port_in_ansi);
}

// --- PORTALS-12: the same again

static void spell_otherwise(const struct faulty_portal *portal, const struct faulty_call *call,
                            uint32_t index)
{
    (void)call;
    if (index == 0 && faulty_items_is_turn(3))
        *(char *)portal->initiator_name = 'I';
}

uint32_t fault_portals_third_call_differs(struct faulty_call *call)
{
    return faulty_portals_changed(call, spell_otherwise);
}

// --- PORTALS-13: how many there would be

uint32_t fault_portals_none_counted_by_a_query(struct faulty_call *call)
{
    uint32_t status = faulty_portals_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        *call->count = 0;
    return status;
}

// --- PORTALS-14: many threads

uint32_t fault_portals_busy_among_threads(struct faulty_call *call)
{
    return faulty_items_alone_only(call, faulty_portals_correct);
}

// --- PORTALS-15: sessions come and go

uint32_t fault_portals_refused_after_a_change(struct faulty_call *call)
{
    return faulty_items_settled_only(call, faulty_portals_correct);
}
