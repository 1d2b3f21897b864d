// SPDX-License-Identifier: Apache-2.0
// Sessions of several connections (MC/S): what an implementer gets wrong whose machines have one
// connection a session.
#include "conformance/faulty/faulty.h"

#include "conformance/system/system.h"

#include <stdlib.h>
#include <string.h>

static struct table_connection *connections_of(struct faulty_table *table,
                                               const struct table_session *session)
{
    return &table->known.connections[session->first_connection];
}

static void cut_to(struct faulty_table *table, uint32_t most)
{
    for (size_t i = 0; i < table->known.session_count; i++)
        if (table->known.sessions[i].connection_count > most)
            table->known.sessions[i].connection_count = most;
}

static void first_only(struct faulty_table *table)
{
    cut_to(table, 1);
}

uint32_t fault_first_connection_only(struct faulty_call *call)
{
    return faulty_edited(call, first_only);
}

static void four_at_most(struct faulty_table *table)
{
    cut_to(table, 4);
}

uint32_t fault_four_connections_at_most(struct faulty_call *call)
{
    return faulty_edited(call, four_at_most);
}

static void cids_by_index(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        const struct table_session *session = &table->known.sessions[i];
        for (uint32_t j = 0; j < session->connection_count; j++) {
            uint8_t *cid = connections_of(table, session)[j].cid;
            cid[0] = (uint8_t)(j >> 8);
            cid[1] = (uint8_t)j;
        }
    }
}

uint32_t fault_cid_is_index(struct faulty_call *call)
{
    return faulty_edited(call, cids_by_index);
}

static void portal_of_first(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        const struct table_session *session = &table->known.sessions[i];
        struct table_connection *connections = connections_of(table, session);
        for (uint32_t j = 1; j < session->connection_count; j++) {
            connections[j].target_address = connections[0].target_address;
            connections[j].target_port = connections[0].target_port;
        }
    }
}

uint32_t fault_portal_of_first_connection(struct faulty_call *call)
{
    return faulty_edited(call, portal_of_first);
}

static void port_of_first_in_w(struct faulty_table *table)
{
    for (size_t i = 0; table->charset == LIST_CHARSET_W && i < table->known.session_count; i++) {
        const struct table_session *session = &table->known.sessions[i];
        struct table_connection *connections = connections_of(table, session);
        for (uint32_t j = 1; j < session->connection_count; j++)
            connections[j].initiator_port = connections[0].initiator_port;
    }
}

uint32_t fault_w_has_port_of_first_connection(struct faulty_call *call)
{
    return faulty_edited(call, port_of_first_in_w);
}

static void session_for_each(struct faulty_table *table)
{
    struct session_table *known = &table->known;
    size_t most = known->connection_count + known->session_count;
    struct table_session *sessions = calloc(most + 1, sizeof *sessions);
    size_t count = 0;
    if (!sessions)
        return;
    for (size_t i = 0; i < known->session_count; i++) {
        struct table_session session = known->sessions[i];
        size_t first = session.first_connection;
        uint32_t connections = session.connection_count;
        session.connection_count = connections > 0;
        for (uint32_t j = 0; j < (connections > 0 ? connections : 1); j++) {
            session.first_connection = first + j;
            sessions[count++] = session;
        }
    }
    free(known->sessions);
    known->sessions = sessions;
    known->session_count = count;
}

uint32_t fault_connection_is_session(struct faulty_call *call)
{
    return faulty_edited(call, session_for_each);
}

// How many connections there are beyond one for each session.
static uint32_t further_connections(void)
{
    struct session_table known;
    uint32_t further = 0;
    if (session_table_read(&known) != LIST_SUCCESS)
        return 0;
    for (size_t i = 0; i < known.session_count; i++)
        if (known.sessions[i].connection_count > 1)
            further += known.sessions[i].connection_count - 1;
    session_table_free(&known);
    return further;
}

uint32_t fault_required_for_one_connection(struct faulty_call *call)
{
    uint32_t offered = *call->size;
    uint32_t forgotten = further_connections() * (uint32_t)sizeof(iscsi_connection_info_a);
    uint32_t status = faulty_correct(call);
    if (status == LIST_INSUFFICIENT_BUFFER && *call->size - forgotten > offered)
        *call->size -= forgotten;
    return status;
}

// ---- What was once a connection of a session, by its CID ----

enum { SEEN_MAX = 4096 };

struct seen {
    uint8_t isid[6];
    uint8_t tsid[2];
    uint8_t cid[2];
    uint16_t initiator_port;
    uint16_t target_port;
};

static struct system_lock lock = SYSTEM_LOCK_INITIALIZER;
static struct seen seen[SEEN_MAX];
static size_t seen_count;

static bool is_of(const struct seen *one, const struct table_session *session)
{
    return memcmp(one->isid, session->isid, sizeof one->isid) == 0 &&
           memcmp(one->tsid, session->tsid, sizeof one->tsid) == 0;
}

static void remember(const struct table_session *session, const struct table_connection *connection)
{
    for (size_t i = 0; i < seen_count; i++)
        if (is_of(&seen[i], session) && memcmp(seen[i].cid, connection->cid, 2) == 0) {
            seen[i].initiator_port = connection->initiator_port;
            seen[i].target_port = connection->target_port;
            return;
        }
    if (seen_count == SEEN_MAX)
        return;
    struct seen *one = &seen[seen_count++];
    memcpy(one->isid, session->isid, sizeof one->isid);
    memcpy(one->tsid, session->tsid, sizeof one->tsid);
    memcpy(one->cid, connection->cid, sizeof one->cid);
    one->initiator_port = connection->initiator_port;
    one->target_port = connection->target_port;
}

static bool has_cid(const struct table_connection *connections, uint32_t count,
                    const uint8_t cid[2])
{
    for (uint32_t i = 0; i < count; i++)
        if (memcmp(connections[i].cid, cid, 2) == 0)
            return true;
    return false;
}

// Adds to the session, which has a connection, those that it had.
static void add_lost(struct session_table *known, struct table_session *session)
{
    size_t first = known->connection_count;
    memcpy(&known->connections[first], &known->connections[session->first_connection],
           session->connection_count * sizeof *known->connections);
    session->first_connection = first;
    known->connection_count += session->connection_count;
    for (size_t i = 0; i < seen_count; i++) {
        if (!is_of(&seen[i], session) ||
            has_cid(&known->connections[first], session->connection_count, seen[i].cid))
            continue;
        struct table_connection *lost = &known->connections[known->connection_count++];
        *lost = known->connections[first];
        lost->adapter_specific += 1000 + i;
        memcpy(lost->cid, seen[i].cid, sizeof lost->cid);
        lost->initiator_port = seen[i].initiator_port;
        lost->target_port = seen[i].target_port;
        session->connection_count++;
    }
}

static void add_all_lost(struct faulty_table *table)
{
    struct session_table *known = &table->known;
    size_t most = 2 * known->connection_count + SEEN_MAX;
    struct table_connection *connections =
        realloc(known->connections, (most + 1) * sizeof *connections);
    if (!connections)
        return;
    known->connections = connections;
    system_lock_take(&lock);
    for (size_t i = 0; i < known->session_count; i++)
        for (uint32_t j = 0; j < known->sessions[i].connection_count; j++)
            remember(&known->sessions[i], &connections[known->sessions[i].first_connection + j]);
    for (size_t i = 0; i < known->session_count; i++)
        if (known->sessions[i].connection_count > 0)
            add_lost(known, &known->sessions[i]);
    system_lock_release(&lock);
}

uint32_t fault_lost_of_several_listed(struct faulty_call *call)
{
    return faulty_edited(call, add_all_lost);
}
