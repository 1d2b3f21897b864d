// SPDX-License-Identifier: Apache-2.0
// Faults in what is said of sessions that were dropped, or reinstated.
#include "conformance/faulty/faulty.h"

#include "conformance/base/hash.h"
#include "conformance/system/system.h"

#include <stdlib.h>
#include <string.h>

// --- CHANGE-5: dropped and reinstated ---

enum { SEEN_MAX = 1024 };

// A session as it was when it was seen first.
struct seen {
    uint64_t who; // of initiator, target and ISID
    uint8_t tsid[2];
    bool connected; // with what follows
    struct table_connection connection;
    char initiator_address[64];
    char target_address[64];
};

static void copy_address(char to[64], struct text *text)
{
    struct text cut = faulty_cut(*text, 63);
    memcpy(to, cut.bytes, cut.length);
    *text = (struct text){to, cut.length};
}

static void see_connection(struct seen *seen, const struct session_table *table,
                           const struct table_session *session)
{
    if (seen->connected || session->connection_count == 0)
        return;
    seen->connected = true;
    seen->connection = table->connections[session->first_connection];
    copy_address(seen->initiator_address, &seen->connection.initiator_address);
    copy_address(seen->target_address, &seen->connection.target_address);
}

// What was seen first of that session; NULL when too many were.
static struct seen *recall(const struct session_table *table, const struct table_session *session,
                           enum list_charset charset)
{
    static struct seen seen[2][SEEN_MAX];
    uint64_t who = hash_bytes(HASH_BEGINNING, session->isid, sizeof session->isid);
    who = hash_bytes(who, session->initiator_name.bytes, session->initiator_name.length);
    who = hash_bytes(who, session->target_node_name.bytes, session->target_node_name.length) | 1;
    for (size_t i = 0; i < SEEN_MAX; i++) {
        struct seen *one = &seen[charset][i];
        if (one->who != 0 && one->who != who)
            continue;
        if (one->who == 0)
            memcpy(one->tsid, session->tsid, sizeof one->tsid);
        one->who = who;
        see_connection(one, table, session);
        return one;
    }
    return NULL;
}

// The right answer to a table that `edit` has changed from memory: one call at a time.
static uint32_t edited_from_memory(const struct faulty_call *call, faulty_edit *edit)
{
    static struct system_lock locks[2] = {SYSTEM_LOCK_INITIALIZER, SYSTEM_LOCK_INITIALIZER};
    system_lock_take(&locks[call->charset]);
    uint32_t status = faulty_edited(call, edit);
    system_lock_release(&locks[call->charset]);
    return status;
}

static void tsid_seen_first(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        struct table_session *session = &table->known.sessions[i];
        const struct seen *seen = recall(&table->known, session, table->charset);
        if (seen)
            memcpy(session->tsid, seen->tsid, sizeof session->tsid);
    }
}

uint32_t fault_tsid_remembered_by_isid(struct faulty_call *call)
{
    return edited_from_memory(call, tsid_seen_first);
}

uint32_t fault_w_tsid_remembered_by_isid(struct faulty_call *call)
{
    return call->charset == LIST_CHARSET_W ? edited_from_memory(call, tsid_seen_first)
                                           : faulty_correct(call);
}

// Its ports are those of the first connection that the session had.
static void ports_seen_first(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        const struct table_session *session = &table->known.sessions[i];
        const struct seen *seen = recall(&table->known, session, table->charset);
        if (!seen || !seen->connected || session->connection_count == 0)
            continue;
        struct table_connection *connection = &table->known.connections[session->first_connection];
        connection->initiator_port = seen->connection.initiator_port;
    }
}

uint32_t fault_ports_remembered_by_isid(struct faulty_call *call)
{
    return edited_from_memory(call, ports_seen_first);
}

// Its target's address is that of the first connection that the session had.
static void addresses_seen_first(struct faulty_table *table)
{
    for (size_t i = 0; i < table->known.session_count; i++) {
        const struct table_session *session = &table->known.sessions[i];
        const struct seen *seen = recall(&table->known, session, table->charset);
        if (!seen || !seen->connected || session->connection_count == 0)
            continue;
        table->known.connections[session->first_connection].target_address =
            seen->connection.target_address;
    }
}

uint32_t fault_addresses_remembered_by_isid(struct faulty_call *call)
{
    return edited_from_memory(call, addresses_seen_first);
}

// A connection that was lost is still listed.
static void connections_seen_first(struct faulty_table *table)
{
    struct session_table *known = &table->known;
    size_t most = known->connection_count + known->session_count;
    struct table_connection *connections =
        realloc(known->connections, (most + 1) * sizeof *connections);
    if (!connections)
        return;
    known->connections = connections;
    for (size_t i = 0; i < known->session_count; i++) {
        struct table_session *session = &known->sessions[i];
        const struct seen *seen = recall(known, session, table->charset);
        if (!seen || !seen->connected || session->connection_count > 0)
            continue;
        session->first_connection = known->connection_count;
        session->connection_count = 1;
        connections[known->connection_count++] = seen->connection;
    }
}

uint32_t fault_lost_connection_listed(struct faulty_call *call)
{
    return edited_from_memory(call, connections_seen_first);
}

static void connected_only(struct faulty_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->known.session_count; i++)
        if (table->known.sessions[i].connection_count > 0)
            table->known.sessions[kept++] = table->known.sessions[i];
    table->known.session_count = kept;
}

uint32_t fault_dropped_session_left_out(struct faulty_call *call)
{
    return faulty_edited(call, connected_only);
}
