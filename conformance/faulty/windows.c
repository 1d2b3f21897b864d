// SPDX-License-Identifier: Apache-2.0
// Faults that are near what Windows is seen to do, and none of it: the profile "windows" tolerates
// none of them.
#include "conformance/faulty/faulty.h"

enum { ERROR_INVALID_ADDRESS = 487, ERROR_NOACCESS = 998 };

static void without_target_name(iscsi_session_info_a *session, const struct faulty_call *call,
                                uint32_t index)
{
    (void)call;
    (void)index;
    session->target_name = NULL;
}

uint32_t fault_target_name_is_null(struct faulty_call *call)
{
    return faulty_sessions_changed(call, without_target_name);
}

static void empty_node_names(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        table->known.sessions[i].target_node_name.length = 0;
}

uint32_t fault_node_name_is_empty(struct faulty_call *call)
{
    return faulty_edited(call, empty_node_names);
}

static void unspecified_targets(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.connection_count; i++)
        table->known.connections[i].target_address = faulty_print(table, "0.0.0.0");
}

uint32_t fault_target_address_unspecified(struct faulty_call *call)
{
    return faulty_edited(call, unspecified_targets);
}

static void other_initiators(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.connection_count; i++)
        table->known.connections[i].initiator_address = faulty_print(table, "127.9.9.9");
}

uint32_t fault_initiator_address_is_loopback(struct faulty_call *call)
{
    return faulty_edited(call, other_initiators);
}

static void zero_tsids(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        if (session->connection_count == 1)
            session->tsid[0] = session->tsid[1] = 0;
    }
}

uint32_t fault_tsid_zero_with_connections(struct faulty_call *call)
{
    return faulty_edited(call, zero_tsids);
}

uint32_t fault_large_is_invalid_address(struct faulty_call *call)
{
    return *call->size >= 0x7FFFFFFF ? ERROR_INVALID_ADDRESS : faulty_correct(call);
}

uint32_t fault_page_has_no_access(struct faulty_call *call)
{
    return call->info && *call->size >= 100000 ? ERROR_NOACCESS : faulty_correct(call);
}

// Without sessions: 122 for a query.
static uint32_t ask_for(struct faulty_call *call, uint32_t size, uint32_t count)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status != LIST_SUCCESS || *call->count > 0 || offered > 0)
        return status;
    *call->size = size;
    *call->count = count;
    return LIST_INSUFFICIENT_BUFFER;
}

uint32_t fault_empty_asks_with_a_count(struct faulty_call *call)
{
    return ask_for(call, 64, 1);
}

// Asks for twice as much whenever it is offered what it asked for, up to 2,000 bytes.
uint32_t fault_empty_asks_for_ever_more(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t status = faulty_correct(call);
    if (status != LIST_SUCCESS || *call->count > 0 || offered >= 2000)
        return status;
    *call->size = offered < 64 ? 64 : 2 * offered;
    return LIST_INSUFFICIENT_BUFFER;
}

uint32_t fault_empty_asks_for_nothing(struct faulty_call *call)
{
    return ask_for(call, 0, 0);
}
