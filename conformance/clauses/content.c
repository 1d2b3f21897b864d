// SPDX-License-Identifier: Apache-2.0
// CONTENT: what the list says of each session, against the truth.
#include "conformance/base/endpoint.h"
#include "conformance/base/text.h"
#include "conformance/clauses/groups.h"
#include "conformance/judge/code_page.h"
#include "conformance/judge/identifiers.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/pairs.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static void judge_once_of(const struct evidence *evidence, const struct record *record,
                          const struct listing *listing, struct verdict *verdict)
{
    const struct truth *truth = evidence_truth(evidence, record);
    const struct matching *matching = evidence_matching(evidence, record);
    if (matching == NULL)
        return;
    for (size_t i = 0; i < matching->truth_count; i++) {
        if (matching->listed_of[i] != NOT_MATCHED)
            continue;
        const struct truth_session *session = &truth->sessions[i];
        char initiator[TEXT_SHORT_SIZE];
        char target[TEXT_SHORT_SIZE];
        verdict_fail(verdict, record, "the session of %s to %s is missing (%zu listed, %zu active)",
                     text_shorten(session->initiator_name, initiator),
                     text_shorten(session->target_node_name, target), listing->session_count,
                     truth->session_count);
        verdict_expect(verdict, "every active session once");
        return;
    }
    for (size_t i = 0; i < matching->listed_count; i++) {
        if (matching->truth_of[i] != NOT_MATCHED)
            continue;
        const char *target = listing->sessions[i].target_node_name.utf8;
        char shortened[TEXT_SHORT_SIZE];
        verdict_fail(verdict, record, "session %zu (target %s) is listed twice or does not exist",
                     i, target != NULL ? text_shorten(target, shortened) : "unreadable");
        verdict_expect(verdict, "no session but the %zu active ones", truth->session_count);
        return;
    }
}

static void judge_once(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_once_of);
}

static void fail_text(const struct pair *pair, const char *member, const struct listed_text *text,
                      const char *known, struct verdict *verdict)
{
    if (text->utf8 != NULL)
        verdict_fail(verdict, pair->record, "%s of session %zu is \"%s\"", member, pair->index,
                     text->utf8);
    else
        verdict_fail(verdict, pair->record,
                     "%s of session %zu is no string of its encoding in the "
                     "buffer",
                     member, pair->index);
    verdict_expect(verdict, "\"%s\"", known);
    verdict_point(verdict, pair->index, -1, member);
}

static void judge_initiator_name_of(const struct pair *pair, struct verdict *verdict)
{
    if (!text_is_name(&pair->listed->initiator_name, pair->known->initiator_name))
        fail_text(pair, "InitiatorName", &pair->listed->initiator_name, pair->known->initiator_name,
                  verdict);
}

static void judge_initiator_name(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_initiator_name_of);
}

static void judge_target_names_of(const struct pair *pair, struct verdict *verdict)
{
    const char *known = pair->known->target_node_name;
    const struct listed_text *node_name = &pair->listed->target_node_name;
    if (!text_is_name(node_name, known)) {
        if (node_name->pointer != 0)
            fail_text(pair, "TargetNodeName", node_name, known, verdict);
        else if (verdict_deviates(pair->evidence, "node-name-is-null", verdict, pair->record,
                                  "TargetNodeName of session %zu is NULL", pair->index)) {
            verdict_expect(verdict, "\"%s\"", known);
            verdict_point(verdict, pair->index, -1, "TargetNodeName");
        }
    }
    if (verdict->kind == VERDICT_PASS && !text_is_name(&pair->listed->target_name, known))
        fail_text(pair, "TargetName", &pair->listed->target_name, known, verdict);
}

static void judge_target_names(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_target_names_of);
}

static void judge_isid_of(const struct pair *pair, struct verdict *verdict)
{
    const uint8_t *got = pair->listed->isid;
    const uint8_t *known = pair->known->isid;
    if ((pair->known->unknown & FACT_ISID) != 0 || memcmp(got, known, ISID_SIZE) == 0)
        return;
    verdict_fail(verdict, pair->record, "ISID of session %zu is %02x%02x%02x%02x%02x%02x",
                 pair->index, got[0], got[1], got[2], got[3], got[4], got[5]);
    verdict_expect(verdict, "%02x%02x%02x%02x%02x%02x, as on the wire", known[0], known[1],
                   known[2], known[3], known[4], known[5]);
    verdict_point(verdict, pair->index, -1, "ISID");
}

static void judge_isid(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_isid_of);
}

// Which byte orders of a member of two bytes are still possible, over all sessions of all lists.
struct orders {
    bool wire;
    bool reversed;
    struct pair against_both; // the first one after which neither is; its record is NULL before
};

static void read_bytes(struct orders *orders, const struct pair *pair, const uint8_t *got,
                       const uint8_t *known)
{
    orders->wire = orders->wire && got[0] == known[0] && got[1] == known[1];
    orders->reversed = orders->reversed && got[0] == known[1] && got[1] == known[0];
    if (!orders->wire && !orders->reversed && orders->against_both.record == NULL)
        orders->against_both = *pair;
}

static void read_tsid(const struct pair *pair, void *context, struct verdict *verdict)
{
    static const uint8_t none[TSID_SIZE] = {0, 0};
    if (pair->known->connection_count == 0 && memcmp(pair->listed->tsid, none, TSID_SIZE) == 0) {
        if (verdict_deviates(pair->evidence, "tsid-is-zero-without-connections", verdict,
                             pair->record, "TSID of session %zu, without connections, is 0000",
                             pair->index)) {
            verdict_expect(verdict, "%02x%02x, the TSIH", pair->known->tsid[0],
                           pair->known->tsid[1]);
            verdict_point(verdict, pair->index, -1, "TSID");
        }
        return;
    }
    read_bytes(context, pair, pair->listed->tsid, pair->known->tsid);
}

static void judge_tsid(const struct evidence *evidence, struct verdict *verdict)
{
    struct orders orders = {.wire = true, .reversed = true};
    size_t seen = visit_each_pair(evidence, read_tsid, &orders, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_LIST, "no list had a session in it that exists", verdict);
    if (verdict->kind != VERDICT_PASS)
        return;
    if (!orders.wire && !orders.reversed) {
        const struct pair *pair = &orders.against_both;
        verdict_fail(verdict, pair->record, "TSID of session %zu is %02x%02x", pair->index,
                     pair->listed->tsid[0], pair->listed->tsid[1]);
        verdict_expect(
            verdict, "%02x%02x, the TSIH as on the wire, or %02x%02x; the same order for all",
            pair->known->tsid[0], pair->known->tsid[1], pair->known->tsid[1], pair->known->tsid[0]);
        verdict_point(verdict, pair->index, -1, "TSID");
    } else if (!orders.wire) {
        verdict_note(verdict,
                     "TSID has the bytes of the TSIH in reverse of their order on the wire");
    } else if (!orders.reversed) {
        verdict_note(verdict, "TSID has the bytes of the TSIH as on the wire");
    }
}

// Reads the order of the CIDs of a session whose connections are right otherwise.
static void read_cids(struct orders *orders, const struct pair *pair)
{
    for (size_t i = 0; i < pair->known->connection_count; i++) {
        uint16_t cid = pair->known->connections[i].cid;
        const uint8_t wire[2] = {(uint8_t)(cid >> 8), (uint8_t)cid};
        read_bytes(orders, pair, find_connection(pair->listed, pair->known, cid, NULL)->cid, wire);
    }
}

static void judge_connections_of(const struct pair *pair, void *context, struct verdict *verdict)
{
    const struct truth_session *known = pair->known;
    if (known->connection_count == 0)
        return; // CONTENT-9's business
    if (pair->listed->connection_count != known->connection_count) {
        verdict_fail(verdict, pair->record, "ConnectionCount of session %zu is %u", pair->index,
                     pair->listed->connection_count);
        verdict_expect(verdict, "%zu", known->connection_count);
        verdict_point(verdict, pair->index, -1, "ConnectionCount");
        return;
    }
    for (size_t i = 0; i < known->connection_count; i++) {
        size_t times = 0;
        find_connection(pair->listed, known, known->connections[i].cid, &times);
        if (times == 1)
            continue;
        verdict_fail(verdict, pair->record,
                     "the connection of session %zu with CID %u is listed %zu "
                     "times",
                     pair->index, known->connections[i].cid, times);
        verdict_expect(verdict,
                       "once, with the CID's two bytes as on the wire, or reversed in all");
        return;
    }
    read_cids(context, pair);
}

static void judge_connections(const struct evidence *evidence, struct verdict *verdict)
{
    struct orders orders = {.wire = true, .reversed = true};
    size_t seen = visit_each_pair(evidence, judge_connections_of, &orders, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_LIST, "no list had a session in it that exists", verdict);
    if (verdict->kind != VERDICT_PASS)
        return;
    if (!orders.wire && !orders.reversed) {
        verdict_fail(
            verdict, orders.against_both.record,
            "the CIDs of some sessions have their two bytes as on the wire, others reversed");
        verdict_expect(verdict, "the same order for all");
    } else if (!orders.wire) {
        verdict_note(verdict, "CID has its two bytes in reverse of their order on the wire");
    }
}

// Is an end of a connection as it is known? Where one of the two isn't, it is right.
static bool is_initiator_end(const struct listed_connection *listed,
                             const struct truth_connection *known)
{
    return (known->unknown & FACT_INITIATOR_ADDRESS ||
            text_is_address(&listed->initiator_address, known->initiator_address)) &&
           (known->unknown & FACT_INITIATOR_PORT ||
            listed->initiator_port == known->initiator_port);
}

static bool is_target_end(const struct listed_connection *listed,
                          const struct truth_connection *known)
{
    return (known->unknown & FACT_TARGET_ADDRESS ||
            text_is_address(&listed->target_address, known->target_address)) &&
           (known->unknown & FACT_TARGET_PORT || listed->target_port == known->target_port);
}

// Which of the session's connections it is.
static long index_of(const struct pair *pair, const struct listed_connection *listed)
{
    return (long)(listed - pair->listed->connections);
}

static void fail_endpoint(const struct pair *pair, const char *which,
                          const struct listed_text *text, uint16_t port, const char *address,
                          uint16_t known_port, struct verdict *verdict)
{
    char shortened[TEXT_SHORT_SIZE];
    verdict_fail(verdict, pair->record,
                 "the %s address of a connection of session %zu is \"%s\", its port %u", which,
                 pair->index,
                 text->utf8 != NULL ? text_shorten(text->utf8, shortened) : "(unreadable)", port);
    verdict_expect(verdict, "\"%s\", port %u in host order", address, known_port);
}

// Is the initiator's end right but for an address that says nothing, and is that passed over? Where
// it is not, fails the verdict for it.
static bool is_passed_over(const struct pair *pair, const struct listed_connection *listed,
                           const struct truth_connection *known, struct verdict *verdict)
{
    const char *text = listed->initiator_address.utf8;
    bool port_right =
        known->unknown & FACT_INITIATOR_PORT || listed->initiator_port == known->initiator_port;
    if (text == NULL || !port_right || (strcmp(text, "0.0.0.0") != 0 && strcmp(text, "::") != 0))
        return false;
    if (!verdict_deviates(pair->evidence, "initiator-address-is-unspecified", verdict, pair->record,
                          "InitiatorAddress of a connection of session %zu is \"%s\"", pair->index,
                          text))
        return true;
    verdict_expect(verdict, "\"%s\"", known->initiator_address);
    verdict_point(verdict, pair->index, index_of(pair, listed), "InitiatorAddress");
    return false;
}

static void judge_ends(const struct pair *pair, const struct listed_connection *listed,
                       const struct truth_connection *known, struct verdict *verdict)
{
    bool right = is_initiator_end(listed, known) || is_passed_over(pair, listed, known, verdict);
    if (verdict->kind != VERDICT_PASS)
        return;
    if (!right) {
        fail_endpoint(pair, "initiator", &listed->initiator_address, listed->initiator_port,
                      known->initiator_address, known->initiator_port, verdict);
        bool address = (known->unknown & FACT_INITIATOR_ADDRESS) == 0 &&
                       !text_is_address(&listed->initiator_address, known->initiator_address);
        verdict_point(verdict, pair->index, index_of(pair, listed),
                      address ? "InitiatorAddress" : "InitiatorSocket");
    } else if (!is_target_end(listed, known)) {
        fail_endpoint(pair, "target", &listed->target_address, listed->target_port,
                      known->target_address, known->target_port, verdict);
        bool address = (known->unknown & FACT_TARGET_ADDRESS) == 0 &&
                       !text_is_address(&listed->target_address, known->target_address);
        verdict_point(verdict, pair->index, index_of(pair, listed),
                      address ? "TargetAddress" : "TargetSocket");
    }
}

static void judge_endpoints_of(const struct pair *pair, struct verdict *verdict)
{
    for (size_t i = 0; i < pair->known->connection_count && verdict->kind == VERDICT_PASS; i++) {
        const struct truth_connection *known = &pair->known->connections[i];
        const struct listed_connection *listed =
            find_connection(pair->listed, pair->known, known->cid, NULL);
        if (listed == NULL && pair->known->connection_count == 1 &&
            pair->listed->connections_decoded == 1)
            listed = pair->listed->connections; // a wrong CID is CONTENT-6's business
        if (listed != NULL)
            judge_ends(pair, listed, known, verdict);
    }
}

static void judge_endpoints(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_endpoints_of);
}

static void judge_connectionless_of(const struct pair *pair, struct verdict *verdict)
{
    if (pair->known->connection_count > 0 || pair->listed->connection_count == 0)
        return;
    verdict_fail(verdict, pair->record, "ConnectionCount of session %zu is %u", pair->index,
                 pair->listed->connection_count);
    verdict_expect(verdict, "0: its connection was lost and the initiator keeps the session");
    verdict_point(verdict, pair->index, -1, "ConnectionCount");
}

static void judge_connectionless(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_connectionless_of);
}

static void judge_canonical_text(const struct pair *pair, const struct listed_text *text,
                                 long connection, const char *member, struct verdict *verdict)
{
    if (verdict->kind != VERDICT_PASS || text->utf8 == NULL || address_is_canonical(text->utf8))
        return;
    verdict_fail(verdict, pair->record, "an address of session %zu is \"%s\"", pair->index,
                 text->utf8);
    verdict_expect(verdict, "numeric text in canonical form (127.0.0.1, ::1), without brackets, "
                            "port or leading zeros");
    verdict_point(verdict, pair->index, connection, member);
}

static void judge_canonical_of(const struct pair *pair, struct verdict *verdict)
{
    for (size_t i = 0; i < pair->listed->connections_decoded; i++) {
        const struct listed_connection *connection = &pair->listed->connections[i];
        judge_canonical_text(pair, &connection->initiator_address, (long)i, "InitiatorAddress",
                             verdict);
        judge_canonical_text(pair, &connection->target_address, (long)i, "TargetAddress", verdict);
    }
}

static void judge_canonical(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_canonical_of);
}

static bool spelt(const struct listed_text *text, const char *known)
{
    return !text_is_name(text, known) || code_page_gives(text->code_page, text->utf8, known, false);
}

static void judge_spelling_of(const struct pair *pair, struct verdict *verdict)
{
    const struct listed_session *listed = pair->listed;
    const struct truth_session *known = pair->known;
    if (!spelt(&listed->initiator_name, known->initiator_name))
        fail_text(pair, "InitiatorName", &listed->initiator_name, known->initiator_name, verdict);
    else if (!spelt(&listed->target_node_name, known->target_node_name))
        fail_text(pair, "TargetNodeName", &listed->target_node_name, known->target_node_name,
                  verdict);
    else if (!spelt(&listed->target_name, known->target_node_name))
        fail_text(pair, "TargetName", &listed->target_name, known->target_node_name, verdict);
}

static void judge_spelling(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_pair(evidence, verdict, judge_spelling_of);
}

static const char *const sets_success[] = {"fetch", "sweep", NULL};

static const struct clause clauses[] = {
    {.id = "CONTENT-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "every active session is listed once, and none that isn't active",
     .source = SOURCE_PAGE_INFO,
     .why = "It is what the function is for.",
     .passing = "the sessions that initiator and target have, each once",
     .failing = "the first session of each target only; one listed twice; one that was closed",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_once},
    {.id = "CONTENT-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "InitiatorName is the initiator's name; the case of ASCII letters does not matter",
     .source = SOURCE_STRUCTURES,
     .why = "Callers tell their own sessions from others' by it.",
     .passing = "the name as it was sent at login",
     .failing = "cut at a fixed length; the target's name",
     .members = (const char *const[]){"InitiatorName", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_initiator_name},
    {.id = "CONTENT-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "TargetNodeName and TargetName are both the target's iSCSI name; the case of ASCII "
         "letters does not matter",
     .source = SOURCE_STRUCTURES,
     .why =
         "Programs find their session by TargetName being the target's iqn (os-win, nova, cinder, "
         "go-win-iscsidsc's own test), and iscsicli prints it so.",
     .passing = "the iqn in both",
     .failing = "an alias in TargetName; a portal group tag behind the name",
     .members = (const char *const[]){"TargetNodeName", "TargetName", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_target_names},
    {.id = "CONTENT-4",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "ISID is the session's, byte for byte as on the wire",
     .source = SOURCE_STRUCTURES,
     .why = "Callers match it with what the target shows.",
     .passing = "00023d000001 for 00023d000001",
     .failing = "the bytes reversed, or one of its fields in another byte order",
     .members = (const char *const[]){"ISID", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .facts = FACT_ISID,
     .judge = judge_isid},
    {.id = "CONTENT-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "TSID is the session's TSIH, in the same byte order for all sessions",
     .source = SOURCE_STRUCTURES,
     .why =
         "Callers match it with what the target shows. The page does not say in which byte order.",
     .passing = "0100 for all with the wire's order, or 0001 for all",
     .failing = "0; one session in the other order",
     .members = (const char *const[]){"TSID", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_tsid},
    {.id = "CONTENT-6",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "ConnectionCount is the number of connections, each listed once by its CID, in the "
         "same byte order for all",
     .source = SOURCE_STRUCTURES,
     .why = "Multi-path set-ups with several connections a session count them.",
     .passing = "as many as the session has",
     .failing = "always 1; the first connection repeated",
     .members = (const char *const[]){"ConnectionCount", "Connections", "CID", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_connections},
    {.id = "CONTENT-7",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence =
         "each connection has its initiator and target address and port, ports in host order",
     .source = SOURCE_STRUCTURES,
     .why = "Callers find the network path by them.",
     .passing = "127.0.0.1 port 3260 as 0x0CBC",
     .failing = "the port's bytes swapped; an IPv6 address cut off",
     .members = (const char *const[]){"InitiatorAddress", "TargetAddress", "InitiatorSocket",
                                      "TargetSocket", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .facts = FACT_INITIATOR_ADDRESS | FACT_INITIATOR_PORT | FACT_TARGET_ADDRESS | FACT_TARGET_PORT,
     .judge = judge_endpoints},
    {.id = "CONTENT-8",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "SessionId differs between sessions, ConnectionId between connections",
     .source = SOURCE_STRUCTURES,
     .why = "They are the handles for logging out and for sending commands.",
     .passing = "no two the same",
     .failing = "0 for all",
     .members = (const char *const[]){"SessionId", "ConnectionId", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .judge = judge_identifiers},
    {.id = "CONTENT-9",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "a session without connections has ConnectionCount 0",
     .source = SOURCE_STRUCTURES,
     .why = "A session that lost its connection is active until the initiator gives it up.",
     .passing = "the session listed, with ConnectionCount 0",
     .failing = "one connection with empty members",
     .members = (const char *const[]){"ConnectionCount", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_CONNECTIONLESS,
     .judge = judge_connectionless},
    {.id = "CONTENT-10",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "addresses are numeric text in canonical form",
     .source = "callers compare addresses as text",
     .why = "::1 and 0:0:0:0:0:0:0:1 are the same address and different texts.",
     .passing = "127.0.0.1, ::1",
     .failing = "127.0.0.1:3260, [::1], 0:0:0:0:0:0:0:1, localhost",
     .members = (const char *const[]){"InitiatorAddress", "TargetAddress", NULL},
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_canonical},
    {.id = "CONTENT-11",
     .level = LEVEL_SHOULD,
     .basis = BASIS_PRACTICE,
     .sentence = "names are spelt byte for byte as they were configured, case included",
     .source = "os-win had to be mended for an initiator that did not",
     .why = "iSCSI names compare without regard to case; programs compare text.",
     .passing = "iqn.2026-11.example:Disk-1 as iqn.2026-11.example:Disk-1",
     .failing = "the name in lower case",
     .probe_sets = sets_success,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .of_one_list = true,
     .judge = judge_spelling},
};

const struct clause_group group_content = {
    .name = "CONTENT",
    .title = "what the list says of each session",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
};
