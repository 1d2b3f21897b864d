// SPDX-License-Identifier: Apache-2.0
// Faults from call to call: another answer now and then, identifiers that don't last, what is left
// behind, what of the caller's is changed. What a fault here keeps between calls is the fault.
#include "conformance/faulty/faulty.h"

#include "conformance/system/system.h"

#include <fenv.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// A and W count apart.
static atomic_uint calls_made[2];

// Is this every `nth` call of its charset?
static bool every(const struct faulty_call *call, unsigned nth)
{
    return atomic_fetch_add(&calls_made[call->charset], 1) % nth == nth - 1;
}

// --- STABLE-1: another list now and then ---

static void drop_last_session(struct faulty_table *table)
{
    if (table->known.session_count > 0)
        table->known.session_count--;
}

// Would the whole list fit? Only then a session that is left out goes unnoticed.
static bool fits(const struct faulty_call *call)
{
    uint32_t size = *call->size;
    uint32_t count = *call->count;
    struct faulty_call query = {.charset = call->charset, .size = &size, .count = &count};
    size = 0;
    return call->info && faulty_correct(&query) == LIST_INSUFFICIENT_BUFFER && size <= *call->size;
}

uint32_t fault_every_second_list(struct faulty_call *call)
{
    if (fits(call) && every(call, 2))
        return faulty_edited(call, drop_last_session);
    return faulty_correct(call);
}

uint32_t fault_one_list_in_a_hundred(struct faulty_call *call)
{
    if (fits(call) && every(call, 100))
        return faulty_edited(call, drop_last_session);
    return faulty_correct(call);
}

// One in a hundred by a generator of its own, so the same ones in every run.
uint32_t fault_some_lists(struct faulty_call *call)
{
    static atomic_uint states[2];
    unsigned state = atomic_load(&states[call->charset]);
    if (!fits(call))
        return faulty_correct(call);
    state = state * 1103515245U + 12345U;
    atomic_store(&states[call->charset], state);
    if ((state >> 16) % 100 == 0)
        return faulty_edited(call, drop_last_session);
    return faulty_correct(call);
}

uint32_t fault_first_list_after_failure(struct faulty_call *call)
{
    static atomic_bool failed[2];
    if (!fits(call)) {
        atomic_store(&failed[call->charset], true);
        return faulty_correct(call);
    }
    if (atomic_exchange(&failed[call->charset], false))
        return faulty_edited(call, drop_last_session);
    return faulty_correct(call);
}

static void turn_a_port(struct faulty_table *table)
{
    if (table->known.connection_count == 0)
        return;
    struct table_connection *last = &table->known.connections[table->known.connection_count - 1];
    last->initiator_port = (uint16_t)(last->initiator_port << 8 | last->initiator_port >> 8);
}

uint32_t fault_port_now_and_then(struct faulty_call *call)
{
    if (fits(call) && every(call, 64))
        return faulty_edited(call, turn_a_port);
    return faulty_correct(call);
}

uint32_t fault_w_now_and_then(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_W && fits(call) && every(call, 50))
        return faulty_edited(call, drop_last_session);
    return faulty_correct(call);
}

// --- STABLE-2: identifiers that don't last ---

static void number_sessions(struct faulty_table *table, uint64_t unique, uint64_t first,
                            int direction)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        session->adapter_unique = unique;
        session->adapter_specific = direction > 0 ? first + i : first - i;
    }
}

static void by_index(struct faulty_table *table)
{
    number_sessions(table, 1, 1, 1);
}

uint32_t fault_ids_are_indexes(struct faulty_call *call)
{
    return faulty_edited(call, by_index);
}

static void from_the_end(struct faulty_table *table)
{
    number_sessions(table, 1, table->known.session_count, -1);
}

uint32_t fault_ids_count_from_the_end(struct faulty_call *call)
{
    return faulty_edited(call, from_the_end);
}

// The third field of the table's first line.
static void by_generation(struct faulty_table *table)
{
    const char *field = strchr(table->known.bytes, '\t');
    field = field ? strchr(field + 1, '\t') : NULL;
    number_sessions(table, field ? strtoull(field + 1, NULL, 10) : 0, 1, 1);
}

uint32_t fault_ids_have_generation(struct faulty_call *call)
{
    return faulty_edited(call, by_generation);
}

static void ever_new(struct faulty_table *table)
{
    static atomic_uint_fast64_t next = 1;
    uint64_t first = atomic_fetch_add(&next, table->known.session_count);
    number_sessions(table, 1, first, 1);
}

uint32_t fault_ids_are_new_each_call(struct faulty_call *call)
{
    return faulty_edited(call, ever_new);
}

static void by_address(iscsi_session_info_a *session, const struct faulty_call *call,
                       uint32_t index)
{
    session->session_id.adapter_unique = (uintptr_t)call->info + index * sizeof *session;
    session->session_id.adapter_specific = 0;
}

uint32_t fault_ids_are_addresses(struct faulty_call *call)
{
    return faulty_sessions_changed(call, by_address);
}

uint32_t fault_w_ids_are_addresses(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_A)
        return faulty_correct(call);
    return faulty_sessions_changed(call, by_address);
}

static void connections_by_index(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.connection_count; i++) {
        table->known.connections[i].adapter_unique = 1;
        table->known.connections[i].adapter_specific = i + 1;
    }
}

uint32_t fault_connection_ids_are_indexes(struct faulty_call *call)
{
    return faulty_edited(call, connections_by_index);
}

// --- STABLE-4: what is left behind ---

// Takes memory and loses it. What was lost last is kept in sight of the compiler, which would leave
// it out.
static void lose(size_t size)
{
    static _Atomic(unsigned char *) last;
    unsigned char *lost = malloc(size);
    if (lost)
        *lost = 1;
    atomic_store(&last, lost);
}

uint32_t fault_memory_lost(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS)
        lose(*call->size + 1);
    return status;
}

uint32_t fault_memory_lost_on_failure(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        lose(64);
    return status;
}

uint32_t fault_few_bytes_lost(struct faulty_call *call)
{
    lose(24);
    return faulty_correct(call);
}

uint32_t fault_w_conversion_lost(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_W)
        lose(128);
    return faulty_correct(call);
}

uint32_t fault_mapping_left(struct faulty_call *call)
{
    enum { PAGE = 4096 };
    unsigned char *page = system_pages_take(PAGE);
    if (page)
        *(volatile unsigned char *)page = 1;
    return faulty_correct(call);
}

uint32_t fault_untouched_mapping_left(struct faulty_call *call)
{
    enum { PAGE = 4096 };
    (void)system_pages_take(PAGE);
    return faulty_correct(call);
}

uint32_t fault_guarded_page_left(struct faulty_call *call)
{
    system_leave_guarded_page();
    return faulty_correct(call);
}

uint32_t fault_few_bytes_lost_without_source(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_ISCSI_SERVICE_UNAVAILABLE)
        lose(48);
    return status;
}

uint32_t fault_descriptor_left(struct faulty_call *call)
{
    return system_leave_handle() ? faulty_correct(call) : (uint32_t)LIST_ISCSI_OUT_OF_RESOURCES;
}

uint32_t fault_descriptor_left_on_failure(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status != LIST_INSUFFICIENT_BUFFER)
        return status;
    return system_leave_handle() ? status : (uint32_t)LIST_ISCSI_OUT_OF_RESOURCES;
}

uint32_t fault_descriptor_left_now_and_then(struct faulty_call *call)
{
    if (every(call, 100))
        (void)system_leave_handle();
    return faulty_correct(call);
}

// Every hundredth call only: what is to be seen is that they become more, not what becomes of a
// machine with ten thousand.
uint32_t fault_thread_left(struct faulty_call *call)
{
    if (every(call, 100))
        system_leave_thread();
    return faulty_correct(call);
}

// --- STABLE-5: what is the caller's ---

uint32_t fault_low_descriptors_closed(struct faulty_call *call)
{
    system_close_handles(3, 31);
    return faulty_correct(call);
}

uint32_t fault_standard_input_closed(struct faulty_call *call)
{
    system_close_standard_input();
    return faulty_correct(call);
}

uint32_t fault_standard_error_redirected(struct faulty_call *call)
{
    system_redirect_standard_error();
    return faulty_correct(call);
}

uint32_t fault_handler_reset_on_failure(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER)
        system_reset_handler();
    return status;
}

uint32_t fault_directory_left(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    return system_leave_directory() ? status : (uint32_t)LIST_ACCESS_DENIED;
}

uint32_t fault_rounding_changed(struct faulty_call *call)
{
    (void)fesetround(FE_TOWARDZERO);
    return faulty_correct(call);
}

// As code does that was compiled for speed.
uint32_t fault_denormals_flushed(struct faulty_call *call)
{
#if defined(__SSE__)
    enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x40 };
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
#else
    (void)fesetround(FE_UPWARD); // elsewhere, what every C library can change
#endif
    return faulty_correct(call);
}

uint32_t fault_w_rounding_changed(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_W)
        (void)fesetround(FE_DOWNWARD);
    return faulty_correct(call);
}
