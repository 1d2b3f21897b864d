// SPDX-License-Identifier: Apache-2.0
// Has the kit's own initiators make the sessions.
//
// Both sides are compared before any connection is dropped on purpose: only then does the target's
// side still show the TSIH of each session.
#include "emulator/sessions/own_source.h"

#include "emulator/sessions/agreement.h"
#include "emulator/sessions/changes.h"
#include "emulator/sessions/events.h"
#include "emulator/sessions/logins.h"

#include <stdlib.h>
#include <string.h>

static unsigned abilities(const struct emulator *emulator)
{
    (void)emulator;
    return EMULATOR_CAN_LOSE | EMULATOR_CAN_LOSE_BY_ITSELF | EMULATOR_HAS_TABLE | EMULATOR_IS_LIVE;
}

// ---- bringing up ----

static int make_first_events(struct emulator *emulator, struct failure *failure)
{
    const struct topology *topology = emulator->topology;
    for (size_t i = 0; i < topology->event_count; i++)
        if (topology->events[i].moment == MOMENT_BEFORE &&
            events_make(emulator, &topology->events[i], failure) != 0)
            return -1;
    return 0;
}

static int bring_up(struct emulator *emulator, struct failure *failure)
{
    if (emulator_log_in_all(emulator, failure) != 0 ||
        emulator_check_agreement(emulator, failure) != 0 ||
        emulator_open_all_further(emulator, failure) != 0 ||
        emulator_log_in_unlisted(emulator, failure) != 0 ||
        change_drop_planned(emulator, failure) != 0 || make_first_events(emulator, failure) != 0)
        return -1;
    emulator->publishes = true;
    return emulator_publish(emulator, 0, failure);
}

// ---- what is true ----

static size_t count(const struct emulator *emulator)
{
    return emulator->sessions.count;
}

static uint64_t specific(const struct emulator *emulator, size_t session)
{
    const struct emulator_session *found = emulator->sessions.items[session];
    return found->ended ? 0 : found->specific;
}

static void tell_connection(struct truth_connection *connection,
                            const struct initiator_endpoint *local,
                            const struct initiator_endpoint *remote)
{
    memcpy(connection->initiator_address, local->address, sizeof connection->initiator_address);
    memcpy(connection->target_address, remote->address, sizeof connection->target_address);
    connection->initiator_port = local->port;
    connection->target_port = remote->port;
}

static int tell_connections(const struct emulator_session *session, struct truth_session *truth)
{
    struct truth_connection *connections = calloc(1 + session->further_count, sizeof *connections);
    if (connections == NULL)
        return -1;
    truth->connections = connections;
    truth->connection_count = 1;
    connections[0].adapter_specific = session->connection_specific;
    connections[0].cid = initiator_cid(session->initiator);
    tell_connection(connections, initiator_local(session->initiator),
                    initiator_remote(session->initiator));
    for (size_t i = 0; i < session->further_count; i++) {
        const struct emulator_connection *further = &session->further[i];
        if (further->dropped)
            continue;
        struct truth_connection *connection = &connections[truth->connection_count++];
        connection->adapter_specific = further->specific;
        connection->cid = connection_cid(further->connection);
        tell_connection(connection, connection_local(further->connection),
                        connection_remote(further->connection));
    }
    for (size_t i = 0; i < truth->connection_count; i++)
        connections[i].adapter_unique = session->emulator->adapter_unique;
    return 0;
}

static int tell(const struct emulator *emulator, size_t session, struct truth_session *truth)
{
    const struct emulator_session *found = emulator->sessions.items[session];
    truth->adapter_unique = emulator->adapter_unique;
    truth->adapter_specific = found->specific;
    truth->initiator_name = strdup(found->plan.initiator_name);
    truth->target_node_name = strdup(found->target->name);
    truth->target_name = strdup(found->target->name);
    memcpy(truth->isid, found->plan.isid, sizeof truth->isid);
    // tgtd copies its number into the login response as it stands in memory, without turning it to
    // the network's order; it runs on this machine, so this is what went over the wire.
    memcpy(truth->tsid, &found->tsih, sizeof truth->tsid);
    if (truth->initiator_name == NULL || truth->target_node_name == NULL ||
        truth->target_name == NULL)
        return -1;
    return found->dropped ? 0 : tell_connections(found, truth);
}

// ---- the end ----

static int verify(struct emulator *emulator, struct failure *failure)
{
    if (emulator_check_lost(emulator, failure) != 0)
        return -1;
    // Whole reports take a tgtadm for each instance, and longer lists. They are read for the text
    // of the failure, where something is wrong.
    int agree = emulator_targets_agree(emulator, failure);
    if (agree != 0)
        return agree < 0 ? -1 : 0;
    return emulator_check_agreement(emulator, failure);
}

static void close_sessions(const struct emulator_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        struct emulator_session *session = sessions->items[i];
        change_forget_replaced(session);
        initiator_destroy(session->initiator);
        for (size_t j = 0; j < session->further_count; j++)
            connection_destroy(session->further[j].connection);
    }
}

static void stop(struct emulator *emulator)
{
    close_sessions(&emulator->sessions);
    close_sessions(&emulator->unlisted);
}

const struct session_source own_source = {
    .abilities = abilities,
    .bring_up = bring_up,
    .count = count,
    .specific = specific,
    .tell = tell,
    .login = change_login,
    .logout = change_logout,
    .drop = change_drop,
    .reinstate = change_reinstate,
    .event = events_make,
    .verify = verify,
    .stop = stop,
};
