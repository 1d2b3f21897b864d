// SPDX-License-Identifier: Apache-2.0
// What the faulty implementations of GetIScsiSessionListEx share.
#include "conformance/faulty/faulty_ex.h"

#include <stdatomic.h>
#include <string.h>

static void edit_nothing(struct session_table *table, const struct faulty_call *call)
{
    (void)table;
    (void)call;
}

uint32_t faulty_ex_edited(const struct faulty_call *call, faulty_ex_edit *edit)
{
    struct session_table table;
    uint32_t status = session_table_read(&table);
    if (status != LIST_SUCCESS)
        return status;
    edit(&table, call);
    status = list_ex_answer(&table, call->size, call->count, call->info);
    session_table_free(&table);
    return status;
}

uint32_t faulty_ex_correct(const struct faulty_call *call)
{
    return faulty_ex_edited(call, edit_nothing);
}

uint32_t faulty_ex_correct_for(const struct faulty_call *call, uint32_t offered)
{
    *call->size = offered;
    return faulty_ex_correct(call);
}

struct faulty_ex_room faulty_ex_room(void)
{
    struct session_table table;
    if (session_table_read(&table) != LIST_SUCCESS)
        return (struct faulty_ex_room){0, 0};
    struct faulty_ex_room room = {
        .required = (uint32_t)list_ex_size(&table),
        .structures = (uint32_t)(table.session_count * sizeof(iscsi_session_info_ex)),
    };
    session_table_free(&table);
    return room;
}

bool faulty_ex_is_turn(unsigned period)
{
    static atomic_uint turns;
    return (atomic_fetch_add(&turns, 1) + 1) % period == 0;
}

iscsi_session_info_ex faulty_ex_session(const void *list, uint32_t index)
{
    iscsi_session_info_ex session;
    memcpy(&session, (const unsigned char *)list + index * sizeof session, sizeof session);
    return session;
}

void faulty_ex_set_session(void *list, uint32_t index, const iscsi_session_info_ex *session)
{
    memcpy((unsigned char *)list + index * sizeof *session, session, sizeof *session);
}

iscsi_connection_info_ex faulty_ex_connection(const iscsi_session_info_ex *session, uint32_t index)
{
    iscsi_connection_info_ex connection;
    memcpy(&connection, (const unsigned char *)session->connections + index * sizeof connection,
           sizeof connection);
    return connection;
}

void faulty_ex_set_connection(const iscsi_session_info_ex *session, uint32_t index,
                              const iscsi_connection_info_ex *connection)
{
    memcpy((unsigned char *)session->connections + index * sizeof *connection, connection,
           sizeof *connection);
}

uint32_t faulty_ex_changed(const struct faulty_call *call, faulty_ex_change *change)
{
    uint32_t status = faulty_ex_correct(call);
    if (status != LIST_SUCCESS)
        return status;
    for (uint32_t i = 0; i < *call->count; i++) {
        iscsi_session_info_ex session = faulty_ex_session(call->info, i);
        change(&session, call, i);
        faulty_ex_set_session(call->info, i, &session);
    }
    return status;
}
