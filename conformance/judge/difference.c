// SPDX-License-Identifier: Apache-2.0
// Compares listed sessions with those of the truth, member by member.
#include "conformance/judge/difference.h"

#include "conformance/judge/code_page.h"

#include "conformance/judge/deviation.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    enum member member;
    const char *name;
    const char *clause;
} members[] = {
    {MEMBER_PRESENCE, "being listed once", "CONTENT-1"},
    {MEMBER_INITIATOR_NAME, "InitiatorName", "CONTENT-2"},
    {MEMBER_TARGET_NODE_NAME, "TargetNodeName", "CONTENT-3"},
    {MEMBER_TARGET_NAME, "TargetName", "CONTENT-3"},
    {MEMBER_ISID, "ISID", "CONTENT-4"},
    {MEMBER_TSID, "TSID", "CONTENT-5"},
    {MEMBER_CONNECTION_COUNT, "ConnectionCount", "CONTENT-6"},
    {MEMBER_CID, "CID", "CONTENT-6"},
    {MEMBER_INITIATOR_ADDRESS, "InitiatorAddress", "CONTENT-7"},
    {MEMBER_INITIATOR_PORT, "InitiatorSocket", "CONTENT-7"},
    {MEMBER_TARGET_ADDRESS, "TargetAddress", "CONTENT-7"},
    {MEMBER_TARGET_PORT, "TargetSocket", "CONTENT-7"},
    {MEMBER_SESSION_ID, "SessionId", "CONTENT-8"},
    {MEMBER_CONNECTION_ID, "ConnectionId", "CONTENT-8"},
};

enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

enum member member_first(unsigned set)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if ((set & members[i].member) != 0)
            return members[i].member;
    return MEMBER_PRESENCE;
}

const char *member_name(enum member member)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (members[i].member == member)
            return members[i].name;
    return "?";
}

const char *member_clause(enum member member)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++)
        if (members[i].member == member)
            return members[i].clause;
    return "?";
}

bool text_is_name(const struct listed_text *text, const char *name)
{
    return text->utf8 != NULL && code_page_gives(text->code_page, text->utf8, name, true);
}

bool text_is_address(const struct listed_text *text, const char *address)
{
    struct in6_addr got6;
    struct in6_addr known6;
    struct in_addr got4;
    struct in_addr known4;
    if (text->utf8 == NULL)
        return false;
    if (inet_pton(AF_INET, address, &known4) == 1)
        return inet_pton(AF_INET, text->utf8, &got4) == 1 && got4.s_addr == known4.s_addr;
    if (inet_pton(AF_INET6, address, &known6) == 1)
        return inet_pton(AF_INET6, text->utf8, &got6) == 1 &&
               memcmp(&got6, &known6, sizeof got6) == 0;
    return strcmp(text->utf8, address) == 0;
}

bool same_tsid(const uint8_t got[2], const uint8_t known[2])
{
    return (got[0] == known[0] && got[1] == known[1]) || (got[0] == known[1] && got[1] == known[0]);
}

static size_t count_cid(const struct listed_session *listed, uint16_t cid)
{
    const uint8_t bytes[2] = {(uint8_t)(cid >> 8), (uint8_t)cid};
    size_t count = 0;
    for (size_t i = 0; i < listed->connections_decoded; i++)
        count += memcmp(listed->connections[i].cid, bytes, sizeof bytes) == 0;
    return count;
}

static uint16_t reversed(uint16_t cid)
{
    return (uint16_t)(cid << 8 | cid >> 8);
}

// Which CIDs are listed, and which of them more than once: a bit each.
struct listed_cids {
    uint8_t once[(UINT16_MAX + 1) / 8];
    uint8_t again[(UINT16_MAX + 1) / 8];
};

static void note_cids(struct listed_cids *cids, const struct listed_session *listed)
{
    memset(cids, 0, sizeof *cids);
    for (size_t i = 0; i < listed->connections_decoded; i++) {
        const uint8_t *bytes = listed->connections[i].cid;
        unsigned cid = (unsigned)bytes[0] << 8 | bytes[1];
        uint8_t bit = (uint8_t)(1U << (cid & 7));
        cids->again[cid >> 3] |= cids->once[cid >> 3] & bit;
        cids->once[cid >> 3] |= bit;
    }
}

static bool is_listed_once(const struct listed_cids *cids, uint16_t cid)
{
    unsigned bit = 1U << (cid & 7);
    return (cids->once[cid >> 3] & bit) != 0 && (cids->again[cid >> 3] & bit) == 0;
}

// Are the CIDs listed as they are known, in the same order?
static bool is_in_order(const struct listed_session *listed, const struct truth_session *known)
{
    bool same = listed->connections_decoded == known->connection_count;
    for (size_t i = 0; i < known->connection_count && same; i++)
        same = listed->connections[i].cid[0] == known->connections[i].cid >> 8 &&
               listed->connections[i].cid[1] == (known->connections[i].cid & 0xFF);
    return same;
}

// Are all CIDs of the session listed once with their bytes reversed, and not all as on the wire?
// Two CIDs of a session can be each other's reverse. Many CIDs are noted first: to look for each
// among all would take long, and this is asked for each connection of each list.
static bool is_reversed(const struct listed_session *listed, const struct truth_session *known)
{
    enum { MANY = 16 };
    size_t as_on_wire = 0;
    size_t other = 0;
    bool many = known->connection_count >= MANY;
    struct listed_cids cids;
    if (is_in_order(listed, known)) // as most lists have them; the rest is for those that don't
        return false;
    if (many)
        note_cids(&cids, listed);
    for (size_t i = 0; i < known->connection_count; i++) {
        uint16_t cid = known->connections[i].cid;
        as_on_wire += many ? is_listed_once(&cids, cid) : count_cid(listed, cid) == 1;
        other +=
            many ? is_listed_once(&cids, reversed(cid)) : count_cid(listed, reversed(cid)) == 1;
    }
    return as_on_wire < known->connection_count && other > as_on_wire;
}

const struct listed_connection *find_connection(const struct listed_session *listed,
                                                const struct truth_session *known, uint16_t cid,
                                                size_t *times)
{
    uint16_t wanted = is_reversed(listed, known) ? reversed(cid) : cid;
    const uint8_t bytes[2] = {(uint8_t)(wanted >> 8), (uint8_t)wanted};
    if (times != NULL)
        *times = count_cid(listed, wanted);
    for (size_t i = 0; i < listed->connections_decoded; i++)
        if (memcmp(listed->connections[i].cid, bytes, sizeof bytes) == 0)
            return &listed->connections[i];
    return NULL;
}

// The connection whose ends are to be those of the index-th of the known session.
static const struct listed_connection *find_ends(const struct listed_session *listed,
                                                 const struct truth_session *known, size_t index,
                                                 size_t *times)
{
    const struct listed_connection *connection =
        find_connection(listed, known, known->connections[index].cid, times);
    // The ends of the only one can be told without the CID.
    bool only = known->connection_count == 1 && listed->connections_decoded == 1;
    return connection == NULL && only ? listed->connections : connection;
}

static unsigned connection_difference(const struct listed_connection *listed,
                                      const struct truth_connection *known)
{
    unsigned differs = 0;
    if ((known->unknown & FACT_INITIATOR_ADDRESS) == 0 &&
        !text_is_address(&listed->initiator_address, known->initiator_address))
        differs |= MEMBER_INITIATOR_ADDRESS;
    if ((known->unknown & FACT_INITIATOR_PORT) == 0 &&
        listed->initiator_port != known->initiator_port)
        differs |= MEMBER_INITIATOR_PORT;
    if ((known->unknown & FACT_TARGET_ADDRESS) == 0 &&
        !text_is_address(&listed->target_address, known->target_address))
        differs |= MEMBER_TARGET_ADDRESS;
    if ((known->unknown & FACT_TARGET_PORT) == 0 && listed->target_port != known->target_port)
        differs |= MEMBER_TARGET_PORT;
    return differs;
}

static unsigned connections_difference(const struct listed_session *listed,
                                       const struct truth_session *known)
{
    unsigned differs =
        listed->connection_count != known->connection_count ? (unsigned)MEMBER_CONNECTION_COUNT : 0;
    for (size_t i = 0; i < known->connection_count; i++) {
        size_t times = 0;
        const struct listed_connection *connection = find_ends(listed, known, i, &times);
        if (times != 1)
            differs |= MEMBER_CID;
        if (connection != NULL)
            differs |= connection_difference(connection, &known->connections[i]);
    }
    return differs;
}

unsigned session_difference(const struct listed_session *listed, const struct truth_session *known)
{
    unsigned differs = connections_difference(listed, known);
    if ((known->unknown & FACT_ISID) == 0 && memcmp(listed->isid, known->isid, ISID_SIZE) != 0)
        differs |= MEMBER_ISID;
    if (!same_tsid(listed->tsid, known->tsid))
        differs |= MEMBER_TSID;
    if (!text_is_name(&listed->initiator_name, known->initiator_name))
        differs |= MEMBER_INITIATOR_NAME;
    if (!text_is_name(&listed->target_node_name, known->target_node_name))
        differs |= MEMBER_TARGET_NODE_NAME;
    if (!text_is_name(&listed->target_name, known->target_node_name))
        differs |= MEMBER_TARGET_NAME;
    return differs;
}

// Is each initiator's address the known one or unspecified?
static bool initiators_known_or_unspecified(const struct listed_session *listed,
                                            const struct truth_session *known)
{
    for (size_t i = 0; i < known->connection_count; i++) {
        const struct listed_connection *connection = find_ends(listed, known, i, NULL);
        const struct listed_text *text = connection == NULL ? NULL : &connection->initiator_address;
        if (text != NULL && !text_is_address(text, known->connections[i].initiator_address) &&
            !text_is_address(text, "0.0.0.0") && !text_is_address(text, "::"))
            return false;
    }
    return true;
}

unsigned tolerated_difference(const char *profile, const struct listed_session *listed,
                              const struct truth_session *known)
{
    static const uint8_t zero[2] = {0, 0};
    unsigned tolerated = 0;
    if (profile == NULL)
        return 0;
    if (listed->target_node_name.pointer == 0 &&
        deviation_tolerated("node-name-is-null", "CONTENT-3", profile) != NULL)
        tolerated |= MEMBER_TARGET_NODE_NAME;
    if (known->connection_count == 0 && memcmp(listed->tsid, zero, sizeof zero) == 0 &&
        deviation_tolerated("tsid-is-zero-without-connections", "CONTENT-5", profile) != NULL)
        tolerated |= MEMBER_TSID;
    if (deviation_tolerated("initiator-address-is-unspecified", "CONTENT-7", profile) != NULL &&
        initiators_known_or_unspecified(listed, known))
        tolerated |= MEMBER_INITIATOR_ADDRESS;
    return tolerated;
}

static int compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, 2 * sizeof(uint64_t));
}

static bool has_repeated(uint64_t (*ids)[2], size_t count)
{
    qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 1; i < count; i++)
        if (compare_ids(ids[i - 1], ids[i]) == 0)
            return true;
    return false;
}

int repeated_identifiers(const struct listing *listing)
{
    size_t most = listing->session_count > listing->connection_total ? listing->session_count
                                                                     : listing->connection_total;
    uint64_t(*ids)[2] = calloc(most + 1, sizeof *ids);
    if (ids == NULL)
        return -1;
    size_t count = 0;
    for (; count < listing->session_count; count++)
        memcpy(ids[count], listing->sessions[count].id, sizeof ids[count]);
    unsigned repeated = has_repeated(ids, count) ? (unsigned)MEMBER_SESSION_ID : 0;
    count = 0;
    for (size_t i = 0; i < listing->session_count; i++)
        for (size_t j = 0; j < listing->sessions[i].connections_decoded; j++)
            memcpy(ids[count++], listing->sessions[i].connections[j].id, sizeof ids[0]);
    if (has_repeated(ids, count))
        repeated |= MEMBER_CONNECTION_ID;
    free(ids);
    return (int)repeated;
}
