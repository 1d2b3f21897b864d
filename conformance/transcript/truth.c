// SPDX-License-Identifier: Apache-2.0
// Copies and frees truths.
#include "conformance/transcript/truth.h"

#include "conformance/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void truth_session_clear(struct truth_session *session)
{
    free(session->initiator_name);
    free(session->target_node_name);
    free(session->target_name);
    free(session->connections);
    *session = (struct truth_session){0};
}

void truth_free(struct truth *truth)
{
    if (truth == NULL || truth->shares-- > 0)
        return;
    for (size_t i = 0; i < truth->session_count; i++)
        truth_session_clear(&truth->sessions[i]);
    free(truth->sessions);
    free(truth);
}

int truth_session_copy(struct truth_session *to, const struct truth_session *from)
{
    *to = *from;
    to->initiator_name = strdup(from->initiator_name);
    to->target_node_name = strdup(from->target_node_name);
    to->target_name = strdup(from->target_name);
    to->connections = NULL;
    if (from->connection_count > 0) {
        to->connections = calloc(from->connection_count, sizeof *to->connections);
        if (to->connections == NULL)
            return -1;
        memcpy(to->connections, from->connections,
               from->connection_count * sizeof *from->connections);
    }
    return to->initiator_name && to->target_node_name && to->target_name ? 0 : -1;
}

struct truth *truth_copy(const struct truth *truth)
{
    struct truth *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *truth;
    copy->shares = 0;
    copy->session_count = 0;
    copy->sessions = NULL;
    if (truth->session_count == 0)
        return copy;
    copy->sessions = calloc(truth->session_count, sizeof *copy->sessions);
    if (copy->sessions == NULL)
        goto failed;
    for (size_t i = 0; i < truth->session_count; i++) {
        copy->session_count = i + 1; // counted before it is complete: freeing takes NULL members
        if (truth_session_copy(&copy->sessions[i], &truth->sessions[i]) != 0)
            goto failed;
    }
    return copy;

failed:
    truth_free(copy);
    return NULL;
}

struct truth *truth_share(const struct truth *truth)
{
    struct truth *shared = (struct truth *)truth; // what it says stays
    shared->shares++;
    return shared;
}

unsigned truth_unknown(const struct truth *truth)
{
    unsigned unknown = 0;
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        unknown |= session->unknown;
        for (size_t j = 0; j < session->connection_count; j++)
            unknown |= session->connections[j].unknown;
    }
    return unknown;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text) + 1);
}

static uint64_t add_connection(uint64_t hash, const struct truth_connection *connection)
{
    const uint64_t numbers[] = {
        connection->adapter_unique, connection->adapter_specific, connection->cid,
        connection->initiator_port, connection->target_port,      connection->unknown};
    hash = hash_bytes(hash, numbers, sizeof numbers);
    hash = add_text(hash, connection->initiator_address);
    return add_text(hash, connection->target_address);
}

uint64_t truth_digest(const struct truth *truth)
{
    uint64_t hash = HASH_BEGINNING;
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        const uint64_t numbers[] = {session->adapter_unique, session->adapter_specific,
                                    session->connection_count, session->unknown};
        hash = hash_bytes(hash, numbers, sizeof numbers);
        hash = hash_bytes(hash, session->isid, sizeof session->isid);
        hash = hash_bytes(hash, session->tsid, sizeof session->tsid);
        hash = add_text(hash, session->initiator_name);
        hash = add_text(hash, session->target_node_name);
        hash = add_text(hash, session->target_name);
        for (size_t j = 0; j < session->connection_count; j++)
            hash = add_connection(hash, &session->connections[j]);
    }
    return hash;
}

void truth_fact_names(unsigned facts, char *text, size_t size)
{
    static const char *const names[] = {"TargetName",     "ISID",           "initiator address",
                                        "initiator port", "target address", "target port"};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0] && used < size; i++) {
        if ((facts >> i & 1) == 0)
            continue;
        int length = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", names[i]);
        used += length > 0 ? (size_t)length : 0;
    }
}
