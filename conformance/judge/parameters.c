// SPDX-License-Identifier: Apache-2.0
// Compares the parameters in two lists of GetIScsiSessionListEx.
#include "conformance/judge/parameters.h"

#include "session_list_ex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Integers of the lists are little-endian. Up to Connections, they stand at the same place whatever
// the size of a pointer is.
struct lasting {
    const char *name;
    uint32_t offset;
    uint32_t size;
};

static const struct lasting of_session[] = {
    {"InitialR2t", offsetof(iscsi_session_info_ex, initial_r2t), 1},
    {"ImmediateData", offsetof(iscsi_session_info_ex, immediate_data), 1},
    {"Type", offsetof(iscsi_session_info_ex, type), 1},
    {"DataSequenceInOrder", offsetof(iscsi_session_info_ex, data_sequence_in_order), 1},
    {"DataPduInOrder", offsetof(iscsi_session_info_ex, data_pdu_in_order), 1},
    {"ErrorRecoveryLevel", offsetof(iscsi_session_info_ex, error_recovery_level), 1},
    {"MaxOutstandingR2t", offsetof(iscsi_session_info_ex, max_outstanding_r2t), 4},
    {"FirstBurstLength", offsetof(iscsi_session_info_ex, first_burst_length), 4},
    {"MaxBurstLength", offsetof(iscsi_session_info_ex, max_burst_length), 4},
    {"MaximumConnections", offsetof(iscsi_session_info_ex, maximum_connections), 4},
};

// How fast a connection is, what it is doing, and the room of a datagram may change.
static const struct lasting of_connection[] = {
    {"HeaderDigest", offsetof(iscsi_connection_info_ex, header_digest), 1},
    {"DataDigest", offsetof(iscsi_connection_info_ex, data_digest), 1},
    {"MaxRecvDataSegmentLength", offsetof(iscsi_connection_info_ex, max_recv_data_segment_length),
     4},
    {"AuthType", offsetof(iscsi_connection_info_ex, auth_type), 4},
};

enum {
    OF_SESSION = sizeof of_session / sizeof of_session[0],
    OF_CONNECTION = sizeof of_connection / sizeof of_connection[0],
};

static uint32_t read_value(const uint8_t *structure, const struct lasting *lasting)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < lasting->size; i++)
        value |= (uint32_t)structure[lasting->offset + i] << (8 * i);
    return value;
}

static const struct lasting *find_change(const struct lasting *parameters, size_t count,
                                         const uint8_t *before, const uint8_t *now)
{
    for (size_t i = 0; i < count; i++)
        if (read_value(before, &parameters[i]) != read_value(now, &parameters[i]))
            return &parameters[i];
    return NULL;
}

static void describe(const struct lasting *changed, const uint8_t *before, const uint8_t *now,
                     char *text, size_t size, struct listed_member *where)
{
    char connection[32] = "";
    where->name = changed->name;
    if (where->connection >= 0)
        snprintf(connection, sizeof connection, "connection %" PRId32 " of ", where->connection);
    snprintf(text, size, "%s of %ssession %" PRIu32 " is %" PRIu32 ", was %" PRIu32, changed->name,
             connection, where->session, read_value(now, changed), read_value(before, changed));
}

bool parameters_describe_change(const struct record *before, const struct listing *listed_before,
                                const struct record *now, const struct listing *listed_now,
                                char *text, size_t size, struct listed_member *where)
{
    for (size_t i = 0; i < listed_now->session_count; i++) {
        const struct listed_session *was = listed_before->sessions_sorted[i];
        const struct listed_session *is = listed_now->sessions_sorted[i];
        const uint8_t *at_was = before->bytes + was->offset;
        const uint8_t *at_is = now->bytes + is->offset;
        const struct lasting *changed = find_change(of_session, OF_SESSION, at_was, at_is);
        *where = (struct listed_member){.session = (uint32_t)(is - listed_now->sessions),
                                        .connection = -1};
        for (size_t j = 0; changed == NULL && j < is->connections_decoded; j++) {
            at_was = before->bytes + was->connections_sorted[j]->offset;
            at_is = now->bytes + is->connections_sorted[j]->offset;
            changed = find_change(of_connection, OF_CONNECTION, at_was, at_is);
            where->connection = (int32_t)(is->connections_sorted[j] - is->connections);
        }
        if (changed != NULL) {
            describe(changed, at_was, at_is, text, size, where);
            return true;
        }
    }
    return false;
}
