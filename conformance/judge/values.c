// SPDX-License-Identifier: Apache-2.0
// Words for values that differ.
#include "conformance/judge/values.h"

#include "conformance/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_SIZE = TEXT_SHORT_SIZE + 8 };

// What a member holds, and what its name is.
struct value {
    const char *name;
    char text[VALUE_SIZE];
};

static void set_text(struct value *value, const char *name, const char *text)
{
    char shortened[TEXT_SHORT_SIZE];
    value->name = name;
    if (text == NULL)
        snprintf(value->text, sizeof value->text, "unreadable");
    else
        snprintf(value->text, sizeof value->text, "\"%s\"", text_shorten(text, shortened));
}

static void set_bytes(struct value *value, const char *name, const uint8_t *bytes, size_t count)
{
    value->name = name;
    value->text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        report_append(value->text, sizeof value->text, "%02x", bytes[i]);
}

static void set_number(struct value *value, const char *name, uint32_t number)
{
    value->name = name;
    snprintf(value->text, sizeof value->text, "%" PRIu32, number);
}

static void set_id(struct value *value, const char *name, const uint64_t id[2])
{
    value->name = name;
    snprintf(value->text, sizeof value->text, "%016" PRIx64 "-%016" PRIx64, id[0], id[1]);
}

// --- two lists

enum { SESSION_VALUES = 7, CONNECTION_VALUES = 6 };

static void read_session(const struct listed_session *session, struct value values[SESSION_VALUES])
{
    set_bytes(&values[0], "ISID", session->isid, sizeof session->isid);
    set_bytes(&values[1], "TSID", session->tsid, sizeof session->tsid);
    set_id(&values[2], "SessionId", session->id);
    set_text(&values[3], "InitiatorName", session->initiator_name.utf8);
    set_text(&values[4], "TargetNodeName", session->target_node_name.utf8);
    set_text(&values[5], "TargetName", session->target_name.utf8);
    set_number(&values[6], "ConnectionCount", session->connection_count);
}

static void read_connection(const struct listed_connection *connection,
                            struct value values[CONNECTION_VALUES])
{
    set_bytes(&values[0], "CID", connection->cid, sizeof connection->cid);
    set_id(&values[1], "ConnectionId", connection->id);
    set_text(&values[2], "InitiatorAddress", connection->initiator_address.utf8);
    set_text(&values[3], "TargetAddress", connection->target_address.utf8);
    set_number(&values[4], "InitiatorSocket", connection->initiator_port);
    set_number(&values[5], "TargetSocket", connection->target_port);
}

// The index of the first value that is another one; `count`: none.
static size_t first_change(const struct value *before, const struct value *now, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(before[i].text, now[i].text) == 0)
        i++;
    return i;
}

// Walks two sorted arrays side by side. `*before` and `*now`: the first that the other array lacks,
// the arrays' ends where there is none.
struct lone {
    size_t before;
    size_t now;
};

typedef int compare_at(const void *before, size_t i, const void *now, size_t j);

static struct lone find_lone(const void *before, size_t before_count, const void *now,
                             size_t now_count, compare_at *compare)
{
    struct lone lone = {before_count, now_count};
    size_t i = 0;
    size_t j = 0;
    while (i < before_count || j < now_count) {
        int order = i == before_count ? 1 : j == now_count ? -1 : compare(before, i, now, j);
        if (order < 0 && lone.before == before_count)
            lone.before = i;
        if (order > 0 && lone.now == now_count)
            lone.now = j;
        i += order <= 0;
        j += order >= 0;
    }
    return lone;
}

static int compare_cids(const void *before, size_t i, const void *now, size_t j)
{
    const struct listed_session *one = before;
    const struct listed_session *other = now;
    const struct listed_connection *a = one->connections_sorted[i];
    const struct listed_connection *b = other->connections_sorted[j];
    int order = memcmp(a->cid, b->cid, sizeof a->cid);
    return order != 0 ? order : memcmp(a->id, b->id, sizeof a->id);
}

static int compare_sessions(const void *before, size_t i, const void *now, size_t j)
{
    const struct listed_session *one = ((const struct listing *)before)->sessions_sorted[i];
    const struct listed_session *other = ((const struct listing *)now)->sessions_sorted[j];
    int order = memcmp(one->isid, other->isid, sizeof one->isid);
    if (order == 0)
        order = memcmp(one->tsid, other->tsid, sizeof one->tsid);
    return order != 0 ? order : memcmp(one->id, other->id, sizeof one->id);
}

static bool describe_connection(const struct listed_session *before,
                                const struct listed_session *now, size_t i, size_t j, char *text,
                                size_t size, struct listed_member *where)
{
    struct value was[CONNECTION_VALUES];
    struct value is[CONNECTION_VALUES];
    read_connection(before->connections_sorted[i], was);
    read_connection(now->connections_sorted[j], is);
    size_t changed = first_change(was, is, CONNECTION_VALUES);
    if (changed == CONNECTION_VALUES)
        return false;
    where->name = is[changed].name;
    where->connection = (int32_t)(now->connections_sorted[j] - now->connections);
    snprintf(text, size, "%s of connection %" PRId32 " of session %" PRIu32 " is %s, was %s",
             where->name, where->connection, where->session, is[changed].text, was[changed].text);
    return true;
}

static bool describe_connections(const struct listed_session *before,
                                 const struct listed_session *now, char *text, size_t size,
                                 struct listed_member *where)
{
    size_t count = now->connections_decoded;
    if (count != before->connections_decoded)
        return false;
    struct lone lone = find_lone(before, count, now, count, compare_cids);
    if (lone.now < count) // as many are lone on the other side
        return describe_connection(before, now, lone.before, lone.now, text, size, where);
    for (size_t i = 0; i < count; i++)
        if (describe_connection(before, now, i, i, text, size, where))
            return true;
    return false;
}

static bool describe_session(const struct listing *before, const struct listing *now, size_t i,
                             size_t j, char *text, size_t size, struct listed_member *where)
{
    struct value was[SESSION_VALUES];
    struct value is[SESSION_VALUES];
    const struct listed_session *session = now->sessions_sorted[j];
    where->session = (uint32_t)(session - now->sessions);
    read_session(before->sessions_sorted[i], was);
    read_session(session, is);
    size_t changed = first_change(was, is, SESSION_VALUES);
    if (changed == SESSION_VALUES)
        return describe_connections(before->sessions_sorted[i], session, text, size, where);
    where->name = is[changed].name;
    snprintf(text, size, "%s of session %" PRIu32 " is %s, was %s", where->name, where->session,
             is[changed].text, was[changed].text);
    return true;
}

void listing_describe_change(const struct listing *before, const struct listing *now, char *text,
                             size_t size, struct listed_member *where)
{
    size_t count = now->session_count;
    *where = (struct listed_member){.connection = -1};
    snprintf(text, size, "%" PRIu32 " %s listed, %" PRIu32 " %s", now->claimed,
             now->claimed == 1 ? "session is" : "sessions are", before->claimed,
             before->claimed == 1 ? "was" : "were");
    if (now->claimed != before->claimed || count != before->session_count)
        return;
    // A session whose ISID, TSID or SessionId changed stands elsewhere among the sorted ones.
    struct lone lone = find_lone(before, count, now, count, compare_sessions);
    if (lone.now < count && // as many are lone on the other side
        describe_session(before, now, lone.before, lone.now, text, size, where))
        return;
    for (size_t i = 0; i < count; i++)
        if (describe_session(before, now, i, i, text, size, where))
            return;
    snprintf(text, size, "something of it that can't be read is another");
}

// --- a list and the truth

static void describe_ends(const struct listed_session *listed, const struct truth_session *known,
                          enum member member, char *text, size_t size)
{
    struct value got = {0};
    struct value right = {0};
    for (size_t i = 0; i < known->connection_count; i++) {
        const struct truth_connection *end = &known->connections[i];
        const struct listed_connection *connection = find_connection(listed, known, end->cid, NULL);
        if (connection == NULL)
            continue;
        bool differs = false;
        if (member == MEMBER_INITIATOR_ADDRESS || member == MEMBER_TARGET_ADDRESS) {
            bool initiator = member == MEMBER_INITIATOR_ADDRESS;
            const struct listed_text *address =
                initiator ? &connection->initiator_address : &connection->target_address;
            const char *wanted = initiator ? end->initiator_address : end->target_address;
            differs = !text_is_address(address, wanted);
            set_text(&got, "", address->utf8);
            set_text(&right, "", wanted);
        } else {
            bool initiator = member == MEMBER_INITIATOR_PORT;
            uint16_t port = initiator ? connection->initiator_port : connection->target_port;
            uint16_t wanted = initiator ? end->initiator_port : end->target_port;
            differs = port != wanted;
            set_number(&got, "", port);
            set_number(&right, "", wanted);
        }
        if (!differs)
            continue;
        snprintf(text, size, " of its connection with CID %u: %s instead of %s", end->cid, got.text,
                 right.text);
        return;
    }
}

void session_describe_difference(const struct listed_session *listed,
                                 const struct truth_session *known, enum member member, char *text,
                                 size_t size)
{
    struct value got = {0};
    struct value right = {0};
    text[0] = '\0';
    switch (member) {
    case MEMBER_INITIATOR_NAME:
        set_text(&got, "", listed->initiator_name.utf8);
        set_text(&right, "", known->initiator_name);
        break;
    case MEMBER_TARGET_NODE_NAME:
    case MEMBER_TARGET_NAME:
        set_text(&got, "",
                 member == MEMBER_TARGET_NAME ? listed->target_name.utf8
                                              : listed->target_node_name.utf8);
        set_text(&right, "", known->target_node_name);
        break;
    case MEMBER_ISID:
        set_bytes(&got, "", listed->isid, sizeof listed->isid);
        set_bytes(&right, "", known->isid, ISID_SIZE);
        break;
    case MEMBER_TSID:
        set_bytes(&got, "", listed->tsid, sizeof listed->tsid);
        set_bytes(&right, "", known->tsid, TSID_SIZE);
        break;
    case MEMBER_CONNECTION_COUNT:
        set_number(&got, "", listed->connection_count);
        set_number(&right, "", (uint32_t)known->connection_count);
        break;
    case MEMBER_INITIATOR_ADDRESS:
    case MEMBER_INITIATOR_PORT:
    case MEMBER_TARGET_ADDRESS:
    case MEMBER_TARGET_PORT:
        describe_ends(listed, known, member, text, size);
        return;
    case MEMBER_PRESENCE:
    case MEMBER_CID:
    case MEMBER_SESSION_ID:
    case MEMBER_CONNECTION_ID:
        return;
    }
    snprintf(text, size, ": %s instead of %s", got.text, right.text);
}
