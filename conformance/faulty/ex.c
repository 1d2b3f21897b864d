// SPDX-License-Identifier: Apache-2.0
// Faults in how GetIScsiSessionListEx answers a call: status, sizes, count, what is touched. Those
// in what it lists are in ex_list.c.
#include "conformance/faulty/faulty_ex.h"

enum {
    SESSION = sizeof(iscsi_session_info_ex),
    CONNECTION = sizeof(iscsi_connection_info_ex),
    ERROR_OF_BUSY = 170,
};

static bool is_fetch(const struct faulty_call *call, uint32_t status)
{
    return status == LIST_SUCCESS && *call->size > 0;
}

// --- EX-1: success ---

uint32_t fault_ex_success_is_true(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    return status == LIST_SUCCESS ? 1 : status;
}

uint32_t fault_ex_third_fetch_busy(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    return is_fetch(call, status) && faulty_ex_is_turn(3) ? (uint32_t)ERROR_OF_BUSY : status;
}

uint32_t fault_ex_twice_the_size_refused(struct faulty_call *call)
{
    uint32_t required = faulty_ex_room().required;
    if (call->info && required > 0 && *call->size / 2 >= required)
        return LIST_INVALID_PARAMETER;
    return faulty_ex_correct(call);
}

uint32_t fault_ex_large_offer_refused(struct faulty_call *call)
{
    if (call->info && *call->size > UINT16_MAX)
        return LIST_INVALID_PARAMETER;
    return faulty_ex_correct(call);
}

// --- EX-2: an insufficient buffer ---

uint32_t fault_ex_insufficient_is_more_data(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    return status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)LIST_MORE_DATA : status;
}

uint32_t fault_ex_query_succeeds(struct faulty_call *call)
{
    bool query = !call->info && *call->size == 0;
    uint32_t status = faulty_ex_correct(call);
    return query && status == LIST_INSUFFICIENT_BUFFER ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_ex_connections_short_is_overflow(struct faulty_call *call)
{
    bool structures_fit = call->info && *call->size >= faulty_ex_room().structures;
    uint32_t status = faulty_ex_correct(call);
    bool told = status == LIST_INSUFFICIENT_BUFFER && structures_fit;
    return told ? (uint32_t)LIST_BUFFER_OVERFLOW : status;
}

static void keep_what_fits(struct session_table *table, const struct faulty_call *call)
{
    struct session_table kept = *table;
    while (kept.session_count > 0 && list_ex_size(&kept) > *call->size) {
        kept.session_count--;
        kept.connection_count -= kept.sessions[kept.session_count].connection_count;
    }
    if (call->info && kept.session_count > 0)
        *table = kept;
}

uint32_t fault_ex_sessions_that_fit(struct faulty_call *call)
{
    return faulty_ex_edited(call, keep_what_fits);
}

// --- EX-3: the size required ---

uint32_t fault_ex_required_not_set(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && call->info)
        *call->size = offered;
    return status;
}

uint32_t fault_ex_required_not_set_without_buffer(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && !call->info && offered != 0)
        *call->size = offered;
    return status;
}

uint32_t fault_ex_required_is_the_rest(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && offered < *call->size)
        *call->size -= offered;
    return status;
}

// First the room for the structures, then the room for all.
uint32_t fault_ex_required_in_two_steps(struct faulty_call *call)
{
    uint32_t structures = faulty_ex_room().structures;
    bool first_step = *call->size < structures;
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && first_step)
        *call->size = structures;
    return status;
}

uint32_t fault_ex_required_in_pages_unless_asked(struct faulty_call *call)
{
    bool asked = *call->size == 0;
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && !asked)
        *call->size = (*call->size / 4096 + 1) * 4096;
    return status;
}

// --- EX-4: exactly the size required ---

// Says 122 to less than `reserve` bytes beyond the size that it asks for.
static uint32_t with_reserve(const struct faulty_call *call, uint32_t reserve)
{
    uint32_t required = faulty_ex_room().required;
    bool short_of_reserve = *call->size >= required && *call->size - required < reserve;
    return faulty_ex_correct_for(call, short_of_reserve ? required - 1 : *call->size);
}

uint32_t fault_ex_exactly_is_not_enough(struct faulty_call *call)
{
    return faulty_ex_room().required > 0 ? with_reserve(call, 1) : faulty_ex_correct(call);
}

// Each session of several connections has its end marked in the first draft, which is measured.
uint32_t fault_ex_end_marks_wanted(struct faulty_call *call)
{
    struct session_table table;
    uint32_t reserve = 0;
    if (session_table_read(&table) != LIST_SUCCESS)
        return faulty_ex_correct(call);
    for (size_t i = 0; i < table.session_count; i++)
        reserve += table.sessions[i].connection_count > 1 ? CONNECTION : 0;
    session_table_free(&table);
    return reserve > 0 ? with_reserve(call, reserve) : faulty_ex_correct(call);
}

// --- EX-5: outside of the buffer ---

// A store that the compiler may not leave out: to it, nobody reads there.
static void store_zeros(void *base, ptrdiff_t offset, size_t size)
{
    for (size_t i = 0; i < size; i++)
        faulty_write_at((unsigned char *)base + offset + i);
}

uint32_t fault_ex_structure_cleared_first(struct faulty_call *call)
{
    if (call->info && *call->size > 0 && faulty_ex_room().required > 0)
        store_zeros(call->info, 0, SESSION);
    return faulty_ex_correct(call);
}

// Notices at the end of the connections that they went past the end.
uint32_t fault_ex_connections_before_check(struct faulty_call *call)
{
    struct faulty_ex_room room = faulty_ex_room();
    uint32_t offered = *call->size;
    if (!call->info || offered < room.structures || offered >= room.required)
        return faulty_ex_correct(call);
    (void)faulty_ex_correct_for(call, room.required);
    return faulty_ex_correct_for(call, offered);
}

uint32_t fault_ex_size_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        store_zeros(call->size, 4, 4);
    return status;
}

uint32_t fault_ex_count_stored_as_64(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    if (is_fetch(call, status))
        store_zeros(call->count, 4, 4);
    return status;
}

uint32_t fault_ex_end_mark_after_list(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    if (is_fetch(call, status) &&
        faulty_ex_session(call->info, *call->count - 1).connection_count > 1)
        store_zeros(call->info, (ptrdiff_t)*call->size, CONNECTION);
    return status;
}

uint32_t fault_ex_header_before(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    if (is_fetch(call, status))
        store_zeros(call->info, -4, 4);
    return status;
}

uint32_t fault_ex_byte_before_near_miss(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && call->info && *call->size - offered < CONNECTION)
        store_zeros(call->info, -1, 1);
    return status;
}

// --- EX-6: a size without a buffer ---

uint32_t fault_ex_sized_null_faults(struct faulty_call *call)
{
    uint32_t required = faulty_ex_room().required;
    if (!call->info && required > 0 && *call->size >= required)
        faulty_write_at(call->info);
    return faulty_ex_correct(call);
}

uint32_t fault_ex_small_sized_null_faults(struct faulty_call *call)
{
    uint32_t required = faulty_ex_room().required;
    if (!call->info && *call->size > 0 && *call->size < required)
        faulty_write_at(call->info);
    return faulty_ex_correct(call);
}

uint32_t fault_ex_sized_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    bool taken_for_enough = status == LIST_INSUFFICIENT_BUFFER && !call->info;
    return taken_for_enough && offered >= *call->size ? (uint32_t)LIST_SUCCESS : status;
}

uint32_t fault_ex_exact_null_succeeds(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    bool taken_for_enough = status == LIST_INSUFFICIENT_BUFFER && !call->info;
    return taken_for_enough && offered == *call->size ? (uint32_t)LIST_SUCCESS : status;
}

// --- EX-7: how many ---

uint32_t fault_ex_count_is_connections(struct faulty_call *call)
{
    struct faulty_ex_room room = faulty_ex_room();
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_SUCCESS)
        *call->count = (room.required - room.structures) / CONNECTION;
    return status;
}

uint32_t fault_ex_count_on_query_only(struct faulty_call *call)
{
    uint32_t before = *call->count;
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_SUCCESS)
        *call->count = before;
    return status;
}

uint32_t fault_ex_count_in_a_byte(struct faulty_call *call)
{
    uint32_t status = faulty_ex_correct(call);
    if (status == LIST_SUCCESS)
        *call->count &= UINT8_MAX;
    return status;
}

uint32_t fault_ex_count_is_room(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    if (is_fetch(call, status))
        *call->count = offered / SESSION;
    return status;
}

uint32_t fault_ex_retrieved_is_the_rest(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    if (is_fetch(call, status))
        *call->size = offered - *call->size;
    return status;
}

uint32_t fault_ex_retrieved_is_more(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_ex_correct(call);
    if (is_fetch(call, status))
        *call->size = offered + 1;
    return status;
}
