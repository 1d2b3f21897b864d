// SPDX-License-Identifier: Apache-2.0
// Makes drafts smaller.
#include "harness/fuzz/edits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PORT_OF_INITIATORS = 49152, // of the first; as case_defaults.c has it
    PORTS = 16384,
    PORT_OF_TARGETS = 3260,
};

static bool is_among(uint64_t identifier, const uint64_t *identifiers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (identifiers[i] == identifier)
            return true;
    return false;
}

uint64_t *edit_identifiers(const struct draft *draft, size_t *count)
{
    size_t most = 0;
    *count = 0;
    for (size_t i = 0; i < draft->moment_count; i++)
        most += draft->moments[i]->session_count;
    uint64_t *identifiers = calloc(most + 1, sizeof *identifiers);
    for (size_t i = 0; identifiers != NULL && i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++) {
            uint64_t identifier = draft->moments[i]->sessions[j].adapter_specific;
            if (i == 0 || !is_among(identifier, identifiers, *count))
                identifiers[(*count)++] = identifier;
        }
    return identifiers;
}

void edit_remove_sessions(struct draft *draft, const uint64_t *identifiers, size_t count)
{
    for (size_t i = 0; i < draft->moment_count; i++) {
        struct truth *truth = draft->moments[i];
        size_t kept = 0;
        for (size_t j = 0; j < truth->session_count; j++) {
            if (is_among(truth->sessions[j].adapter_specific, identifiers, count))
                truth_session_clear(&truth->sessions[j]);
            else
                truth->sessions[kept++] = truth->sessions[j];
        }
        truth->session_count = kept;
    }
}

void edit_cut_connections(struct draft *draft, uint64_t identifier, size_t count)
{
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++) {
            struct truth_session *session = &draft->moments[i]->sessions[j];
            if (session->adapter_specific == identifier && session->connection_count > count)
                session->connection_count = count;
        }
}

// ---- Names

static void note_name(const char **names, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return;
    names[(*count)++] = name;
}

const char **edit_names(const struct draft *draft, size_t *count)
{
    size_t most = 0;
    *count = 0;
    for (size_t i = 0; i < draft->moment_count; i++)
        most += 2 * draft->moments[i]->session_count;
    const char **names = calloc(most + 1, sizeof(char *));
    for (size_t i = 0; names != NULL && i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++) {
            note_name(names, count, draft->moments[i]->sessions[j].initiator_name);
            note_name(names, count, draft->moments[i]->sessions[j].target_node_name);
        }
    return names;
}

static bool rename_one(char **name, const char *from, const char *to)
{
    if (strcmp(*name, from) != 0)
        return true;
    free(*name);
    *name = strdup(to);
    return *name != NULL;
}

bool edit_rename(struct draft *draft, const char *from, const char *to)
{
    bool good = true;
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count && good; j++) {
            struct truth_session *session = &draft->moments[i]->sessions[j];
            good = rename_one(&session->initiator_name, from, to) &&
                   rename_one(&session->target_node_name, from, to) &&
                   rename_one(&session->target_name, from, to);
        }
    draft->exhausted |= !good;
    return good;
}

// ---- Numbers

static void usual_connection(struct truth_connection *connection, size_t number, size_t index,
                             unsigned which)
{
    if ((which & EDIT_IDENTIFIERS) != 0) {
        connection->adapter_unique = 1;
        connection->adapter_specific = (uint64_t)number << 16 | index;
    }
    if ((which & EDIT_CIDS) != 0)
        connection->cid = (uint16_t)index;
    if ((which & EDIT_ADDRESSES) != 0) {
        strcpy(connection->initiator_address, "127.0.0.1");
        strcpy(connection->target_address, "127.0.0.1");
    }
    if ((which & EDIT_PORTS) != 0) {
        connection->initiator_port = (uint16_t)(PORT_OF_INITIATORS + (number - 1 + index) % PORTS);
        connection->target_port = PORT_OF_TARGETS;
    }
}

static bool usual_names(struct truth_session *session, size_t number)
{
    char name[64];
    snprintf(name, sizeof name, "iqn.2024-01.test:disk-%zu", number);
    free(session->initiator_name);
    free(session->target_node_name);
    free(session->target_name);
    session->initiator_name = strdup("iqn.2024-01.test:host");
    session->target_node_name = strdup(name);
    session->target_name = strdup(name);
    return session->initiator_name != NULL && session->target_node_name != NULL &&
           session->target_name != NULL;
}

// `number`: the session's place among all that the draft has, from 1. False when memory ran out.
static bool usual_session(struct truth_session *session, size_t number, unsigned which)
{
    const uint8_t isid[ISID_SIZE] = {
        0x00, 0x02, 0x3D, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    if ((which & EDIT_IDENTIFIERS) != 0) {
        session->adapter_unique = 1;
        session->adapter_specific = number;
    }
    if ((which & EDIT_ISIDS) != 0)
        memcpy(session->isid, isid, sizeof session->isid);
    if ((which & EDIT_TSIDS) != 0) {
        session->tsid[0] = (uint8_t)number;
        session->tsid[1] = (uint8_t)(number >> 8);
    }
    for (size_t i = 0; i < session->connection_count; i++)
        usual_connection(&session->connections[i], number, i, which);
    return (which & EDIT_NAMES) == 0 || usual_names(session, number);
}

void edit_usual(struct draft *draft, unsigned which)
{
    size_t count = 0;
    uint64_t *identifiers = edit_identifiers(draft, &count);
    draft->exhausted |= identifiers == NULL;
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count && identifiers != NULL; j++) {
            struct truth_session *session = &draft->moments[i]->sessions[j];
            size_t number = 0;
            while (number < count && identifiers[number] != session->adapter_specific)
                number++;
            draft->exhausted |= !usual_session(session, number + 1, which);
        }
    free(identifiers);
}

// ---- Calls and moments

void edit_remove_calls(struct draft *draft, size_t first, size_t count)
{
    if (count > draft->call_count - first)
        count = draft->call_count - first;
    draft->call_count -= count;
    memmove(&draft->calls[first], &draft->calls[first + count],
            (draft->call_count - first) * sizeof *draft->calls);
    edit_remove_unmet(draft);
}

static void remove_moment(struct draft *draft, size_t moment)
{
    truth_free(draft->moments[moment]);
    draft->moment_count--;
    for (size_t i = moment; i < draft->moment_count; i++)
        draft->moments[i] = draft->moments[i + 1];
    for (size_t i = 0; i < draft->call_count; i++)
        draft->calls[i].moment -= draft->calls[i].moment > moment;
}

void edit_remove_unmet(struct draft *draft)
{
    for (size_t moment = draft->moment_count; moment-- > 0;) {
        bool met = false;
        for (size_t i = 0; i < draft->call_count && !met; i++)
            met = draft->calls[i].moment == moment;
        if (!met)
            remove_moment(draft, moment);
    }
}

void edit_join_moments(struct draft *draft, size_t moment, size_t other)
{
    for (size_t i = 0; i < draft->call_count; i++)
        if (draft->calls[i].moment == moment)
            draft->calls[i].moment = other;
    edit_remove_unmet(draft);
}

void edit_shift_identifiers(struct draft *draft, uint64_t by)
{
    for (size_t i = 0; i < draft->moment_count; i++)
        for (size_t j = 0; j < draft->moments[i]->session_count; j++) {
            struct truth_session *session = &draft->moments[i]->sessions[j];
            session->adapter_specific += by;
            for (size_t k = 0; k < session->connection_count; k++)
                session->connections[k].adapter_specific += by;
        }
}
