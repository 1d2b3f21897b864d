// SPDX-License-Identifier: Apache-2.0
// Faults in what GetIScsiSessionListEx lists: sessions, connections, parameters, all of them from
// call to call. Those in how it answers a call are in ex.c.
#include "conformance/faulty/faulty_ex.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSION = sizeof(iscsi_session_info_ex),
    CONNECTION = sizeof(iscsi_connection_info_ex),
};

// --- EX-8: which sessions ---

static void swap_halves(iscsi_session_info_ex *session, const struct faulty_call *call,
                        uint32_t index)
{
    (void)call;
    (void)index;
    const struct iscsi_unique_id id = session->session_id;
    session->session_id = (struct iscsi_unique_id){id.adapter_specific, id.adapter_unique};
}

uint32_t fault_ex_id_halves_swapped(struct faulty_call *call)
{
    return faulty_ex_changed(call, swap_halves);
}

uint32_t fault_ex_id_halves_swapped_for_odd_sizes(struct faulty_call *call)
{
    return *call->size % 2 == 1 ? fault_ex_id_halves_swapped(call) : faulty_ex_correct(call);
}

static void cut_unique(iscsi_session_info_ex *session, const struct faulty_call *call,
                       uint32_t index)
{
    (void)call;
    (void)index;
    session->session_id.adapter_unique &= UINT32_MAX;
}

uint32_t fault_ex_id_in_32_bits(struct faulty_call *call)
{
    return faulty_ex_changed(call, cut_unique);
}

static void repeat_last_but_one(iscsi_session_info_ex *session, const struct faulty_call *call,
                                uint32_t index)
{
    if (index > 0 && index == *call->count - 1)
        session->session_id = faulty_ex_session(call->info, index - 1).session_id;
}

uint32_t fault_ex_last_session_repeated(struct faulty_call *call)
{
    return faulty_ex_changed(call, repeat_last_but_one);
}

static void index_in_a_byte(iscsi_session_info_ex *session, const struct faulty_call *call,
                            uint32_t index)
{
    session->session_id = faulty_ex_session(call->info, index & UINT8_MAX).session_id;
}

uint32_t fault_ex_index_in_a_byte(struct faulty_call *call)
{
    return faulty_ex_changed(call, index_in_a_byte);
}

static void clear_idle_id(iscsi_session_info_ex *session, const struct faulty_call *call,
                          uint32_t index)
{
    (void)call;
    (void)index;
    if (session->connection_count == 0)
        session->session_id = (struct iscsi_unique_id){0, 0};
}

uint32_t fault_ex_idle_session_has_no_id(struct faulty_call *call)
{
    return faulty_ex_changed(call, clear_idle_id);
}

// --- EX-9: their connections ---

static void keep_four(iscsi_session_info_ex *session, const struct faulty_call *call,
                      uint32_t index)
{
    (void)call;
    (void)index;
    if (session->connection_count > 4)
        session->connection_count = 4;
}

uint32_t fault_ex_four_connections_at_most(struct faulty_call *call)
{
    return faulty_ex_changed(call, keep_four);
}

static void repeat_first(iscsi_session_info_ex *session, const struct faulty_call *call,
                         uint32_t index)
{
    (void)call;
    (void)index;
    for (uint32_t i = 1; i < session->connection_count; i++) {
        const iscsi_connection_info_ex first = faulty_ex_connection(session, 0);
        faulty_ex_set_connection(session, i, &first);
    }
}

uint32_t fault_ex_connections_are_the_first(struct faulty_call *call)
{
    return faulty_ex_changed(call, repeat_first);
}

static void move_last_elsewhere(iscsi_session_info_ex *session, const struct faulty_call *call,
                                uint32_t index)
{
    static iscsi_connection_info_ex elsewhere[16];
    uint32_t count = session->connection_count;
    if (index != *call->count - 1 || count == 0 || count > sizeof elsewhere / sizeof *elsewhere)
        return;
    memcpy(elsewhere, session->connections, count * sizeof *elsewhere);
    session->connections = elsewhere;
}

uint32_t fault_ex_last_connections_elsewhere(struct faulty_call *call)
{
    return faulty_ex_changed(call, move_last_elsewhere);
}

static void start_late(iscsi_session_info_ex *session, const struct faulty_call *call,
                       uint32_t index)
{
    if (index == *call->count - 1 && session->connection_count > 1)
        session->connections =
            (iscsi_connection_info_ex *)(void *)((unsigned char *)session->connections +
                                                 CONNECTION);
}

uint32_t fault_ex_last_connections_start_late(struct faulty_call *call)
{
    return faulty_ex_changed(call, start_late);
}

static void leave_offset(iscsi_session_info_ex *session, const struct faulty_call *call,
                         uint32_t index)
{
    (void)index;
    uintptr_t offset = (uintptr_t)session->connections - (uintptr_t)call->info;
    if (session->connection_count > 0) // NOLINTNEXTLINE(performance-no-int-to-ptr): it is the fault
        session->connections = (iscsi_connection_info_ex *)offset;
}

uint32_t fault_ex_offset_for_pointer(struct faulty_call *call)
{
    return faulty_ex_changed(call, leave_offset);
}

// Copies a list with `gap` bytes between structures and connections, without its last `cut` bytes.
static void copy_rearranged(unsigned char *to, const unsigned char *list,
                            struct faulty_ex_room room, uint32_t gap, uint32_t cut)
{
    for (uint32_t i = 0; i < room.structures / SESSION; i++) {
        iscsi_session_info_ex session = faulty_ex_session(list, i);
        ptrdiff_t offset = (unsigned char *)session.connections - list;
        if (session.connection_count > 0)
            session.connections = (iscsi_connection_info_ex *)(void *)(to + offset + gap);
        faulty_ex_set_session(to, i, &session);
    }
    memset(to + room.structures, 0xA5, gap);
    memcpy(to + room.structures + gap, list + room.structures,
           room.required - room.structures - cut);
}

// The answer where the list has such a gap, and such an end; without connections it has neither.
static uint32_t rearranged(const struct faulty_call *call, uint32_t gap, uint32_t cut)
{
    struct faulty_ex_room room = faulty_ex_room();
    if (room.required == room.structures)
        return faulty_ex_correct(call);
    unsigned char *list = malloc(room.required);
    if (!list)
        return LIST_NOT_ENOUGH_MEMORY;
    uint32_t size = room.required;
    struct faulty_call aside = {.size = &size, .count = call->count, .info = list};
    uint32_t status = faulty_ex_correct(&aside);
    uint32_t offered = *call->size;
    *call->size = room.required + gap - cut;
    if (status == LIST_SUCCESS && call->info && offered >= *call->size)
        copy_rearranged(call->info, list, room, gap, cut);
    else
        status = LIST_INSUFFICIENT_BUFFER;
    free(list);
    return status;
}

uint32_t fault_ex_connections_behind_a_ulong(struct faulty_call *call)
{
    return rearranged(call, sizeof(uint32_t), 0);
}

// The last four bytes of the last connection are padding.
uint32_t fault_ex_last_padding_saved(struct faulty_call *call)
{
    return rearranged(call, 0,
                      CONNECTION - offsetof(iscsi_connection_info_ex, max_datagram_size) -
                          sizeof(uint32_t));
}

// --- EX-10: parameters ---

static void set_true_as_minus_one(iscsi_session_info_ex *session, const struct faulty_call *call,
                                  uint32_t index)
{
    (void)call;
    (void)index;
    session->initial_r2t = UINT8_MAX;
    session->immediate_data = UINT8_MAX;
}

uint32_t fault_ex_true_is_minus_one(struct faulty_call *call)
{
    return faulty_ex_changed(call, set_true_as_minus_one);
}

// As the second bit of a word in which DataSequenceInOrder is the first.
static void set_order_as_bit(iscsi_session_info_ex *session, const struct faulty_call *call,
                             uint32_t index)
{
    (void)call;
    (void)index;
    session->data_pdu_in_order = 2;
}

uint32_t fault_ex_order_is_a_bit(struct faulty_call *call)
{
    return faulty_ex_changed(call, set_order_as_bit);
}

// Levels 0 and 1.
static void set_levels_as_bits(iscsi_session_info_ex *session, const struct faulty_call *call,
                               uint32_t index)
{
    (void)call;
    (void)index;
    session->error_recovery_level = 3;
}

uint32_t fault_ex_recovery_levels_are_bits(struct faulty_call *call)
{
    return faulty_ex_changed(call, set_levels_as_bits);
}

static void swap_bursts(iscsi_session_info_ex *session, const struct faulty_call *call,
                        uint32_t index)
{
    (void)call;
    (void)index;
    uint32_t first = session->first_burst_length;
    session->first_burst_length = session->max_burst_length;
    session->max_burst_length = first;
}

uint32_t fault_ex_bursts_swapped(struct faulty_call *call)
{
    return faulty_ex_changed(call, swap_bursts);
}

// 16 MiB, and not the byte less that is allowed.
static void raise_last_burst(iscsi_session_info_ex *session, const struct faulty_call *call,
                             uint32_t index)
{
    if (index == *call->count - 1)
        session->max_burst_length = 1u << 24;
}

uint32_t fault_ex_last_burst_of_16_mib(struct faulty_call *call)
{
    return faulty_ex_changed(call, raise_last_burst);
}

static void allow_one_connection(iscsi_session_info_ex *session, const struct faulty_call *call,
                                 uint32_t index)
{
    (void)call;
    (void)index;
    session->maximum_connections = 1;
}

uint32_t fault_ex_maximum_is_one(struct faulty_call *call)
{
    return faulty_ex_changed(call, allow_one_connection);
}

static void forget_idle_parameters(iscsi_session_info_ex *session, const struct faulty_call *call,
                                   uint32_t index)
{
    (void)call;
    (void)index;
    if (session->connection_count == 0)
        session->max_outstanding_r2t = 0;
}

uint32_t fault_ex_idle_session_has_no_r2t(struct faulty_call *call)
{
    return faulty_ex_changed(call, forget_idle_parameters);
}

// --- EX-3 and EX-11: the same call again ---

uint32_t fault_ex_third_query_larger(struct faulty_call *call)
{
    bool larger = !call->info && faulty_ex_is_turn(3);
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && larger)
        *call->size += SESSION;
    return status;
}

// Up to MaxBurstLength, so that each is a possible one.
static void grow_first_burst(iscsi_session_info_ex *session, const struct faulty_call *call,
                             uint32_t index)
{
    static atomic_uint lists;
    (void)call;
    uint32_t list = index == 0 ? atomic_fetch_add(&lists, 1) : atomic_load(&lists) - 1;
    session->first_burst_length += list % 256 * 512;
}

uint32_t fault_ex_first_burst_grows(struct faulty_call *call)
{
    return faulty_ex_changed(call, grow_first_burst);
}
