// SPDX-License-Identifier: Apache-2.0
// Faults in the arrangement: where the pieces stand and where the pointers lead.
#include "conformance/faulty/faulty.h"

#include <string.h>

// --- LAYOUT-1: structures one behind the other, from the beginning ---

static bool with_header(struct faulty_list *list)
{
    return faulty_list_open(list, 0, 24);
}

uint32_t fault_header_in_front(struct faulty_call *call)
{
    return faulty_list_edited(call, with_header);
}

// Each structure with 24 bytes of the implementation's own behind it.
static bool with_private_parts(struct faulty_list *list)
{
    enum { PRIVATE = 24 };
    if (!faulty_list_open(list, faulty_list_structures_end(list), PRIVATE * list->count))
        return false;
    for (uint32_t i = list->count; i-- > 0;) {
        unsigned char *from = list->bytes + (size_t)i * list->stride;
        memmove(list->bytes + (size_t)i * (list->stride + PRIVATE), from, list->stride);
    }
    list->stride += PRIVATE;
    return true;
}

uint32_t fault_structures_apart(struct faulty_call *call)
{
    return faulty_list_edited(call, with_private_parts);
}

// Where there are several, the last one stands behind all the rest.
static bool with_last_elsewhere(struct faulty_list *list)
{
    uint32_t end = faulty_list_structures_end(list);
    if (!faulty_list_open(list, list->size, list->stride))
        return false;
    unsigned char *last = list->bytes + end - list->stride;
    memcpy(list->bytes + list->size - list->stride, last, list->stride);
    iscsi_session_info_a none;
    memset(&none, 0, sizeof none);
    none.connection_count = 0;
    memcpy(last, &none, sizeof none);
    // What is no structure any more has no pointers to follow the list.
    list->count--;
    return true;
}

uint32_t fault_last_structure_elsewhere(struct faulty_call *call)
{
    uint32_t status = faulty_list_edited(call, with_last_elsewhere);
    if (status == LIST_SUCCESS && *call->size > 0)
        ++*call->count;
    return status;
}

// --- LAYOUT-2: pointers lead into the buffer ---

// A pointer that leads nowhere in particular.
static void *pointer_to(uintptr_t address)
{
    void *pointer = NULL;
    memcpy(&pointer, &address, sizeof pointer);
    return pointer;
}

static void *moved(const void *pointer, uintptr_t by)
{
    return pointer_to((uintptr_t)pointer + by);
}

static void relative(iscsi_session_info_a *session, const struct faulty_call *call, uint32_t index)
{
    (void)index;
    uintptr_t by = (uintptr_t)0 - (uintptr_t)call->info;
    session->initiator_name = moved(session->initiator_name, by);
    session->target_node_name = moved(session->target_node_name, by);
    session->target_name = moved(session->target_name, by);
    if (session->connection_count > 0)
        session->connections = moved(session->connections, by);
}

uint32_t fault_pointers_are_offsets(struct faulty_call *call)
{
    return faulty_sessions_changed(call, relative);
}

static void name_in_static_memory(iscsi_session_info_a *session, const struct faulty_call *call,
                                  uint32_t index)
{
    (void)index;
    static _Alignas(2) unsigned char name[1024];
    uint32_t size = faulty_string_size(session->target_node_name, call->charset);
    memcpy(name, session->target_node_name, size < sizeof name ? size : sizeof name);
    session->target_node_name = (char *)name;
}

uint32_t fault_name_in_static_memory(struct faulty_call *call)
{
    return faulty_sessions_changed(call, name_in_static_memory);
}

static void connections_in_static_memory(iscsi_session_info_a *session,
                                         const struct faulty_call *call, uint32_t index)
{
    (void)call;
    (void)index;
    static iscsi_connection_info_a connections[1];
    if (session->connection_count == 0)
        return;
    connections[0] = faulty_connection(session, 0);
    session->connections = connections;
}

uint32_t fault_connections_in_static_memory(struct faulty_call *call)
{
    return faulty_sessions_changed(call, connections_in_static_memory);
}

static void name_is_null(iscsi_session_info_a *session, const struct faulty_call *call,
                         uint32_t index)
{
    (void)call;
    (void)index;
    session->target_name = NULL;
}

uint32_t fault_name_is_null(struct faulty_call *call)
{
    return faulty_sessions_changed(call, name_is_null);
}

// The list is made elsewhere and copied, and the pointers still lead there.
uint32_t fault_pointers_into_freed_copy(struct faulty_call *call)
{
    struct faulty_list list;
    if (faulty_list_take(&list, call->charset) != LIST_SUCCESS)
        return faulty_correct(call);
    uint32_t status = faulty_list_answer(call, &list);
    if (status == LIST_SUCCESS && list.size > 0) {
        faulty_list_point(&list, (uintptr_t)list.bytes);
        memcpy(call->info, list.bytes, list.size);
    }
    faulty_list_free(&list);
    return status;
}

static void low_half(iscsi_session_info_a *session, const struct faulty_call *call, uint32_t index)
{
    (void)call;
    (void)index;
    session->initiator_name = pointer_to((uintptr_t)session->initiator_name & UINT32_MAX);
}

uint32_t fault_pointers_cut(struct faulty_call *call)
{
    return faulty_sessions_changed(call, low_half);
}

static void address_is_null(iscsi_session_info_a *session, const struct faulty_call *call,
                            uint32_t index)
{
    (void)call;
    (void)index;
    for (uint32_t i = 0; i < session->connection_count; i++) {
        iscsi_connection_info_a connection = faulty_connection(session, i);
        connection.initiator_address = NULL;
        faulty_set_connection(session, i, &connection);
    }
}

uint32_t fault_address_is_null(struct faulty_call *call)
{
    return faulty_sessions_changed(call, address_is_null);
}

// --- LAYOUT-3: strings end ---

static void unit_set(void *string, uint32_t offset, enum list_charset charset)
{
    memset((unsigned char *)string + offset, 'x', charset == LIST_CHARSET_W ? 2 : 1);
}

uint32_t fault_last_terminator_missing(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    uint32_t unit = call->charset == LIST_CHARSET_W ? 2 : 1;
    if (status == LIST_SUCCESS && *call->size > 0)
        unit_set(call->info, *call->size - unit, call->charset);
    return status;
}

static void without_terminators(iscsi_session_info_a *session, const struct faulty_call *call,
                                uint32_t index)
{
    (void)index;
    char *strings[] = {session->initiator_name, session->target_node_name, session->target_name};
    uint32_t unit = call->charset == LIST_CHARSET_W ? 2 : 1;
    for (size_t i = 0; i < 3; i++)
        unit_set(strings[i], faulty_string_size(strings[i], call->charset) - unit, call->charset);
    for (uint32_t k = 0; k < session->connection_count; k++) {
        iscsi_connection_info_a connection = faulty_connection(session, k);
        char *addresses[] = {connection.initiator_address, connection.target_address};
        for (size_t i = 0; i < 2; i++)
            unit_set(addresses[i], faulty_string_size(addresses[i], call->charset) - unit,
                     call->charset);
    }
}

uint32_t fault_no_terminators(struct faulty_call *call)
{
    return faulty_sessions_changed(call, without_terminators);
}

// W: the terminator has one byte, the other is whatever follows.
uint32_t fault_terminator_of_one_byte(struct faulty_call *call)
{
    uint32_t status = faulty_correct(call);
    if (status == LIST_SUCCESS && *call->size > 0 && call->charset == LIST_CHARSET_W)
        ((unsigned char *)call->info)[*call->size - 1] = 0xCD;
    return status;
}

// --- LAYOUT-4: connections inside ---

static void connections_at_end(iscsi_session_info_a *session, const struct faulty_call *call,
                               uint32_t index)
{
    (void)index;
    uintptr_t end = ((uintptr_t)call->info + *call->size) & ~(uintptr_t)7;
    if (session->connection_count > 0)
        session->connections = pointer_to(end - 8);
}

uint32_t fault_connections_at_the_end(struct faulty_call *call)
{
    return faulty_sessions_changed(call, connections_at_end);
}

static void count_unset(iscsi_session_info_a *session, const struct faulty_call *call,
                        uint32_t index)
{
    (void)call;
    (void)index;
    if (session->connection_count > 0)
        session->connection_count = 0xCDCDCDCD;
}

uint32_t fault_connection_count_unset(struct faulty_call *call)
{
    return faulty_sessions_changed(call, count_unset);
}

static void count_is_end(iscsi_session_info_a *session, const struct faulty_call *call,
                         uint32_t index)
{
    (void)index;
    if (session->connection_count > 0)
        session->connection_count = *call->size;
}

uint32_t fault_connection_count_in_bytes(struct faulty_call *call)
{
    return faulty_sessions_changed(call, count_is_end);
}

// --- LAYOUT-5: pieces apart ---

static void connections_over_names(iscsi_session_info_a *session, const struct faulty_call *call,
                                   uint32_t index)
{
    (void)call;
    (void)index;
    if (session->connection_count == 0)
        return;
    // Eight bytes too far: the last one's end lies in what comes next.
    iscsi_connection_info_a last = faulty_connection(session, session->connection_count - 1);
    session->connections = moved(session->connections, 8);
    faulty_set_connection(session, session->connection_count - 1, &last);
}

uint32_t fault_connections_over_strings(struct faulty_call *call)
{
    return faulty_sessions_changed(call, connections_over_names);
}

static void name_in_name(iscsi_session_info_a *session, const struct faulty_call *call,
                         uint32_t index)
{
    (void)index;
    session->target_name =
        moved(session->target_node_name, call->charset == LIST_CHARSET_W ? 2 : 1);
}

uint32_t fault_names_overlap(struct faulty_call *call)
{
    return faulty_sessions_changed(call, name_in_name);
}

static void name_in_structure(iscsi_session_info_a *session, const struct faulty_call *call,
                              uint32_t index)
{
    session->initiator_name =
        (char *)call->info + index * sizeof *session + offsetof(iscsi_session_info_a, isid);
}

uint32_t fault_name_inside_structure(struct faulty_call *call)
{
    return faulty_sessions_changed(call, name_in_structure);
}

static void first_connections(iscsi_session_info_a *session, const struct faulty_call *call,
                              uint32_t index)
{
    (void)index;
    if (session->connection_count > 0)
        session->connections = faulty_session(call->info, 0).connections;
}

uint32_t fault_connections_of_first_for_all(struct faulty_call *call)
{
    return faulty_sessions_changed(call, first_connections);
}

// --- LAYOUT-6: alignment ---

static bool with_odd_connections(struct faulty_list *list)
{
    return faulty_list_open(list, faulty_list_structures_end(list), 4);
}

uint32_t fault_connections_unaligned(struct faulty_call *call)
{
    return faulty_list_edited(call, with_odd_connections);
}

static bool with_odd_strings(struct faulty_list *list)
{
    iscsi_session_info_a first = faulty_session(list->bytes, 0);
    return faulty_list_open(list, (uint32_t)(uintptr_t)first.initiator_name, 1);
}

uint32_t fault_wide_strings_unaligned(struct faulty_call *call)
{
    if (call->charset == LIST_CHARSET_A)
        return faulty_correct(call);
    return faulty_list_edited(call, with_odd_strings);
}

// --- LAYOUT-7: the same wherever the buffer stands ---

// Before the strings comes a gap of `before` bytes, behind them the rest of `gap`: the size is
// always the same, the offsets are not.
static uint32_t arranged(const struct faulty_call *call, uint32_t gap,
                         uint32_t (*before)(uintptr_t base, uint32_t strings))
{
    struct faulty_list list;
    if (faulty_list_take(&list, call->charset) != LIST_SUCCESS)
        return faulty_correct(call);
    uint32_t status = LIST_NOT_ENOUGH_MEMORY;
    if (list.count == 0) {
        status = faulty_list_answer(call, &list);
    } else {
        uint32_t strings = (uint32_t)(uintptr_t)faulty_session(list.bytes, 0).initiator_name;
        uint32_t first = before((uintptr_t)call->info, strings);
        if (faulty_list_open(&list, list.size, gap - first) &&
            faulty_list_open(&list, strings, first))
            status = faulty_list_answer(call, &list);
    }
    faulty_list_free(&list);
    return status;
}

enum { LINE = 64 };

// So that the strings begin with a cache line.
static uint32_t up_to_line(uintptr_t base, uint32_t strings)
{
    return (uint32_t)(((uintptr_t)0 - base - strings) % LINE);
}

uint32_t fault_arranged_by_cache_line(struct faulty_call *call)
{
    return arranged(call, LINE, up_to_line);
}

static uint32_t on_page(uintptr_t base, uint32_t strings)
{
    (void)strings;
    return base % 4096 == 0 ? 8 : 0;
}

static uint32_t on_sixteen(uintptr_t base, uint32_t strings)
{
    (void)strings;
    return base % 16 == 8 ? 8 : 0;
}

uint32_t fault_arranged_by_sixteen(struct faulty_call *call)
{
    return arranged(call, 8, on_sixteen);
}

uint32_t fault_arranged_by_page(struct faulty_call *call)
{
    return arranged(call, 8, on_page);
}
