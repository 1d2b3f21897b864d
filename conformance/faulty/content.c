// SPDX-License-Identifier: Apache-2.0
// Faults in what is said of each session: the list is arranged as it should be and says something
// else.
#include "conformance/faulty/faulty.h"

#include <stdlib.h>
#include <string.h>

// --- CONTENT-1: every session once ---

static struct table_session *last_session(struct faulty_table *table)
{
    size_t count = table->known.session_count;
    return count > 0 ? &table->known.sessions[count - 1] : NULL;
}

static void drop_last(struct faulty_table *table)
{
    if (last_session(table))
        table->known.session_count--;
}

uint32_t fault_last_session_dropped(struct faulty_call *call)
{
    return faulty_edited(call, drop_last);
}

static void drop_first(struct faulty_table *table)
{
    if (!last_session(table))
        return;
    table->known.session_count--;
    memmove(table->known.sessions, table->known.sessions + 1,
            table->known.session_count * sizeof *table->known.sessions);
}

uint32_t fault_first_session_dropped(struct faulty_call *call)
{
    return faulty_edited(call, drop_first);
}

// Room for one session more; it shares its connections with the one that it is a copy of.
static struct table_session *add_copy_of_last(struct faulty_table *table)
{
    size_t count = table->known.session_count;
    if (count == 0)
        return NULL;
    struct table_session *sessions = realloc(table->known.sessions, (count + 1) * sizeof *sessions);
    if (!sessions)
        return NULL;
    table->known.sessions = sessions;
    sessions[count] = sessions[count - 1];
    // The writer makes room for as many connections as the table is said to have.
    table->known.session_count++;
    table->known.connection_count += sessions[count].connection_count;
    return &sessions[count];
}

static void repeat_last(struct faulty_table *table)
{
    (void)add_copy_of_last(table);
}

uint32_t fault_last_session_twice(struct faulty_call *call)
{
    return faulty_edited(call, repeat_last);
}

static void invent(struct faulty_table *table)
{
    struct table_session *session = add_copy_of_last(table);
    if (!session)
        return;
    session->adapter_specific ^= UINT64_C(1) << 63;
    session->isid[5] ^= 0x5A;
    session->tsid[1] ^= 0x5A;
    session->target_node_name = faulty_print(table, "iqn.2000-01.invalid:logged-out");
}

uint32_t fault_session_of_yesterday(struct faulty_call *call)
{
    return faulty_edited(call, invent);
}

static void first_for_all(struct faulty_table *table)
{
    for (size_t i = 1; i < table->known.session_count; i++)
        table->known.sessions[i] = table->known.sessions[0];
}

uint32_t fault_first_session_for_all(struct faulty_call *call)
{
    return faulty_edited(call, first_for_all);
}

// --- CONTENT-2 and 3: names ---

static struct text without_last(struct text text)
{
    return faulty_cut(text, text.length - 1);
}

static void initiator_cut(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        session->initiator_name = without_last(session->initiator_name);
    }
}

uint32_t fault_initiator_name_cut(struct faulty_call *call)
{
    return faulty_edited(call, initiator_cut);
}

static void initiator_empty(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        table->known.sessions[i].initiator_name.length = 0;
}

uint32_t fault_initiator_name_empty(struct faulty_call *call)
{
    return faulty_edited(call, initiator_empty);
}

static void initiator_is_target(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        session->initiator_name = session->target_node_name;
    }
}

uint32_t fault_initiator_name_is_target(struct faulty_call *call)
{
    return faulty_edited(call, initiator_is_target);
}

static void initiator_of_first(struct faulty_table *table)
{
    for (size_t i = 1; i < table->known.session_count; i++)
        table->known.sessions[i].initiator_name = table->known.sessions[0].initiator_name;
}

uint32_t fault_initiator_name_of_first(struct faulty_call *call)
{
    return faulty_edited(call, initiator_of_first);
}

static void node_name_cut(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        session->target_node_name = without_last(session->target_node_name);
    }
}

uint32_t fault_target_node_name_cut(struct faulty_call *call)
{
    return faulty_edited(call, node_name_cut);
}

static void target_name_empty(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        table->known.sessions[i].target_name.length = 0;
}

uint32_t fault_target_name_empty(struct faulty_call *call)
{
    return faulty_edited(call, target_name_empty);
}

static void target_name_tagged(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct text *name = &table->known.sessions[i].target_name;
        *name = faulty_print(table, "%.*s,t,0x0001", (int)name->length, name->bytes);
    }
}

uint32_t fault_target_name_with_portal_group(struct faulty_call *call)
{
    return faulty_edited(call, target_name_tagged);
}

static void target_alias_invented(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        table->known.sessions[i].target_name = faulty_print(table, "Disk %u", (unsigned)i + 1);
}

uint32_t fault_target_name_is_alias(struct faulty_call *call)
{
    return faulty_edited(call, target_alias_invented);
}

// --- CONTENT-4: ISID ---

static void isid_reversed(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        uint8_t *isid = table->known.sessions[i].isid;
        for (size_t k = 0; k < 3; k++) {
            uint8_t byte = isid[k];
            isid[k] = isid[5 - k];
            isid[5 - k] = byte;
        }
    }
}

uint32_t fault_isid_reversed(struct faulty_call *call)
{
    return faulty_edited(call, isid_reversed);
}

static void isid_zero(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        memset(table->known.sessions[i].isid, 0, 6);
}

uint32_t fault_isid_zero(struct faulty_call *call)
{
    return faulty_edited(call, isid_zero);
}

static void isid_shifted(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        uint8_t *isid = table->known.sessions[i].isid;
        memmove(isid, isid + 1, 5);
        isid[5] = 0;
    }
}

uint32_t fault_isid_shifted(struct faulty_call *call)
{
    return faulty_edited(call, isid_shifted);
}

static void isid_in_words(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        uint8_t *isid = table->known.sessions[i].isid;
        for (size_t k = 0; k < 6; k += 2) {
            uint8_t byte = isid[k];
            isid[k] = isid[k + 1];
            isid[k + 1] = byte;
        }
    }
}

uint32_t fault_isid_in_words(struct faulty_call *call)
{
    return faulty_edited(call, isid_in_words);
}

// --- CONTENT-5: TSID ---

static void tsid_zero(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        memset(table->known.sessions[i].tsid, 0, 2);
}

uint32_t fault_tsid_zero(struct faulty_call *call)
{
    return faulty_edited(call, tsid_zero);
}

static void tsid_mixed(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        uint8_t *tsid = table->known.sessions[i].tsid;
        if (i % 2 == 0 || tsid[0] == tsid[1])
            continue;
        uint8_t byte = tsid[0];
        tsid[0] = tsid[1];
        tsid[1] = byte;
    }
}

uint32_t fault_tsid_order_mixed(struct faulty_call *call)
{
    return faulty_edited(call, tsid_mixed);
}

static void tsid_own_number(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        uint8_t *tsid = table->known.sessions[i].tsid;
        tsid[0] = (uint8_t)(tsid[0] + 0x11);
        tsid[1] = (uint8_t)(tsid[1] + 0x22);
    }
}

uint32_t fault_tsid_is_own_number(struct faulty_call *call)
{
    return faulty_edited(call, tsid_own_number);
}

static void tsid_from_isid(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        memcpy(table->known.sessions[i].tsid, table->known.sessions[i].isid, 2);
}

uint32_t fault_tsid_is_start_of_isid(struct faulty_call *call)
{
    return faulty_edited(call, tsid_from_isid);
}

// --- CONTENT-6: connections ---

static void no_connections(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        table->known.sessions[i].connection_count = 0;
    table->known.connection_count = 0;
}

uint32_t fault_connections_left_out(struct faulty_call *call)
{
    return faulty_edited(call, no_connections);
}

static void cid_plus_one(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.connection_count; i++) {
        uint8_t *cid = table->known.connections[i].cid;
        cid[1]++;
        if (cid[1] == 0)
            cid[0]++;
    }
}

uint32_t fault_cid_counts_from_one(struct faulty_call *call)
{
    return faulty_edited(call, cid_plus_one);
}

static void cid_unset(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.connection_count; i++)
        memset(table->known.connections[i].cid, 0xFF, 2);
}

uint32_t fault_cid_unset(struct faulty_call *call)
{
    return faulty_edited(call, cid_unset);
}

// The source knows each connection from both of its ends.
static void connections_twice(struct faulty_table *table)
{
    size_t count = table->known.connection_count;
    struct table_connection *twice = malloc((2 * count + 1) * sizeof *twice);
    if (!twice)
        return;
    for (size_t i = 0; i < count; i++)
        twice[2 * i] = twice[2 * i + 1] = table->known.connections[i];
    free(table->known.connections);
    table->known.connections = twice;
    table->known.connection_count *= 2;
    for (size_t i = 0; i < table->known.session_count; i++) {
        table->known.sessions[i].first_connection *= 2;
        table->known.sessions[i].connection_count *= 2;
    }
}

uint32_t fault_connections_twice(struct faulty_call *call)
{
    return faulty_edited(call, connections_twice);
}

// --- CONTENT-8: identifiers ---

static void session_ids_zero(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        table->known.sessions[i].adapter_unique = 0;
        table->known.sessions[i].adapter_specific = 0;
    }
}

uint32_t fault_session_ids_zero(struct faulty_call *call)
{
    return faulty_edited(call, session_ids_zero);
}

static void connection_ids_zero(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.connection_count; i++) {
        table->known.connections[i].adapter_unique = 0;
        table->known.connections[i].adapter_specific = 0;
    }
}

uint32_t fault_connection_ids_zero(struct faulty_call *call)
{
    return faulty_edited(call, connection_ids_zero);
}

static void connection_ids_are_cids(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.connection_count; i++) {
        struct table_connection *connection = &table->known.connections[i];
        connection->adapter_unique = 1;
        connection->adapter_specific = (uint64_t)(connection->cid[0] << 8 | connection->cid[1]);
    }
}

uint32_t fault_connection_ids_are_cids(struct faulty_call *call)
{
    return faulty_edited(call, connection_ids_are_cids);
}

static void session_ids_halved(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        table->known.sessions[i].adapter_unique = 1;
        table->known.sessions[i].adapter_specific = i / 2;
    }
}

uint32_t fault_session_ids_in_pairs(struct faulty_call *call)
{
    return faulty_edited(call, session_ids_halved);
}

// --- CONTENT-9: without connections ---

static void one_connection_at_least(struct faulty_table *table)
{
    size_t count = table->known.connection_count;
    size_t sessions = table->known.session_count;
    struct table_connection *more = realloc(table->known.connections, (count + 1) * sizeof *more);
    if (!more)
        return;
    table->known.connections = more;
    struct text none = faulty_print(table, "0.0.0.0");
    more[count] = (struct table_connection){.initiator_address = none, .target_address = none};
    for (size_t i = 0; i < sessions; i++) {
        if (table->known.sessions[i].connection_count > 0)
            continue;
        table->known.sessions[i].first_connection = count;
        table->known.sessions[i].connection_count = 1;
        table->known.connection_count++;
    }
}

uint32_t fault_always_one_connection(struct faulty_call *call)
{
    return faulty_edited(call, one_connection_at_least);
}

// Another session's connection in place of the one that was lost.
static void old_connection(iscsi_session_info_a *session, const struct faulty_call *call,
                           uint32_t index)
{
    (void)index;
    if (session->connection_count > 0)
        return;
    for (uint32_t i = 0; i < *call->count; i++) {
        iscsi_session_info_a other = faulty_session(call->info, i);
        if (other.connection_count == 0)
            continue;
        session->connections = other.connections;
        session->connection_count = 1;
        return;
    }
}

uint32_t fault_lost_connection_remembered(struct faulty_call *call)
{
    return faulty_sessions_changed(call, old_connection);
}
