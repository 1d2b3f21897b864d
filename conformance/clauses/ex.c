// SPDX-License-Identifier: Apache-2.0
// EX: GetIScsiSessionListEx, the sibling without strings. Its rules for buffer, size and count are
// those of GetIScsiSessionList; its sessions and connections are those of that function's list.
#include "conformance/clauses/groups.h"
#include "conformance/clauses/shared.h"
#include "conformance/judge/judging.h"
#include "conformance/judge/parameters.h"
#include "conformance/judge/values.h"
#include "session_list_ex.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char SOURCE_EX[] = "GetIScsiSessionListEx function, iscsidsc.h";
static const char SOURCE_EX_STRUCTURES[] =
    "ISCSI_SESSION_INFO_EX and ISCSI_CONNECTION_INFO_EX structures, iscsidsc.h";

// Where a member stands: the same for both pointer sizes, up to Connections.
#define AT_SESSION(member) offsetof(iscsi_session_info_ex, member)

// What iSCSI allows (RFC 7143, section 13).
enum {
    BURST_LENGTH_MIN = 512,
    BURST_LENGTH_MAX = 16777215,
    NUMBER_MAX = 65535, // of MaxConnections and MaxOutstandingR2T
    RECOVERY_LEVEL_MAX = 2,
};

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static void judge_size_required(const struct evidence *evidence, struct verdict *verdict)
{
    judge_more_than_offered(evidence, verdict);
    if (verdict->kind == VERDICT_PASS)
        judge_same_required(evidence, verdict);
}

static bool judge_retrieved_of(const struct evidence *evidence, const struct record *record,
                               void *context, struct verdict *verdict)
{
    (void)evidence;
    (void)context;
    return record_succeeded(record) && record_legitimate(record) &&
           judge_within_offered(record, verdict);
}

static void judge_number_and_room(const struct evidence *evidence, struct verdict *verdict)
{
    judge_count(evidence, verdict);
    if (verdict->kind == VERDICT_PASS)
        judge_structures_fit(evidence, verdict);
    judge_each_record(evidence, judge_retrieved_of, NULL, verdict);
}

// ---- The same sessions as in the list of GetIScsiSessionList

typedef void compare_lists(const struct evidence *evidence, const struct record *record,
                           const struct listing *listing, const struct listing *beside,
                           struct verdict *verdict);

struct comparing {
    const struct listing *beside;
    size_t compared;
    compare_lists *each;
};

// A list of the sessions as they were brought up; NULL: there is none. Whatever came and went
// between its call and others that are quiet, these sessions stayed.
static const struct listing *list_of(const struct evidence *of_list)
{
    for (const struct record *other = evidence_next(of_list, NULL, "fetch"); other != NULL;
         other = evidence_next(of_list, other, "fetch"))
        if (record_succeeded(other) && record_quiet(other))
            return evidence_listing(of_list, other);
    return NULL;
}

static bool compare_record(const struct evidence *evidence, const struct record *record,
                           void *context, struct verdict *verdict)
{
    struct comparing *comparing = context;
    if (record->call.placement == PLACE_NULL || !record_legitimate(record))
        return false;
    const struct listing *listing = evidence_listing(evidence, record);
    if (listing == NULL)
        return false;
    comparing->compared++;
    if (evidence_is_example(evidence, record))
        comparing->each(evidence, record, listing, comparing->beside, verdict);
    return true;
}

// Holds each list against that of GetIScsiSessionListW, or of A where W gave none.
static void judge_beside(const struct evidence *evidence, compare_lists *each,
                         struct verdict *verdict)
{
    struct evidence of_w = evidence_of(evidence, CHARSET_W);
    struct evidence of_a = evidence_of(evidence, CHARSET_A);
    struct comparing comparing = {.beside = list_of(&of_w), .each = each};
    if (comparing.beside == NULL)
        comparing.beside = list_of(&of_a);
    if (comparing.beside != NULL)
        judge_each_record(evidence, compare_record, &comparing, verdict);
    judge_seen(evidence, comparing.compared, BLOCKED_BY_ANY, "there are no two lists to compare",
               verdict);
}

// How many sessions of a list of GetIScsiSessionListEx have that identifier, and the first of them.
// Without names, its sessions are sorted by identifier.
static size_t count_sessions(const struct listing *listing, const uint64_t id[2],
                             const struct listed_session **found)
{
    size_t first = 0;
    size_t end = listing->session_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        const struct listed_session *session = listing->sessions_sorted[middle];
        if (memcmp(session->id, id, sizeof session->id) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    size_t count = 0;
    *found = first < listing->session_count ? listing->sessions_sorted[first] : NULL;
    while (first + count < listing->session_count &&
           memcmp(listing->sessions_sorted[first + count]->id, id,
                  sizeof listing->sessions_sorted[first]->id) == 0)
        count++;
    return count;
}

static bool is_known(const struct listing *beside, const uint64_t id[2])
{
    for (size_t i = 0; i < beside->session_count; i++)
        if (memcmp(beside->sessions[i].id, id, sizeof beside->sessions[i].id) == 0)
            return true;
    return false;
}

// There are more sessions than in the other list, which are all here: which is not known there?
static void tell_unknown(const struct record *record, const struct listing *listing,
                         const struct listing *beside, struct verdict *verdict)
{
    for (size_t i = 0; i < listing->session_count; i++) {
        const uint64_t *id = listing->sessions[i].id;
        if (is_known(beside, id))
            continue;
        verdict_fail(verdict, record,
                     "session %016" PRIX64 "-%016" PRIX64
                     " is not in the list of GetIScsiSessionList",
                     id[0], id[1]);
        return;
    }
    verdict_fail(verdict, record, "%zu sessions, and %zu in the list of GetIScsiSessionList",
                 listing->session_count, beside->session_count);
}

static void compare_sessions(const struct evidence *evidence, const struct record *record,
                             const struct listing *listing, const struct listing *beside,
                             struct verdict *verdict)
{
    (void)evidence;
    const struct listed_session *found = NULL;
    for (size_t i = 0; i < beside->session_count && verdict->kind == VERDICT_PASS; i++) {
        const uint64_t *id = beside->sessions[i].id;
        size_t count = count_sessions(listing, id, &found);
        if (count != 1)
            verdict_fail(verdict, record,
                         "session %016" PRIX64 "-%016" PRIX64 " is listed %zu times", id[0], id[1],
                         count);
    }
    if (verdict->kind == VERDICT_PASS && listing->session_count != beside->session_count)
        tell_unknown(record, listing, beside, verdict);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "the SessionIds of the list of GetIScsiSessionList, each once");
}

static void judge_sessions(const struct evidence *evidence, struct verdict *verdict)
{
    judge_beside(evidence, compare_sessions, verdict);
}

// ---- Connections

static bool has_connection(const struct listed_session *session, const uint64_t id[2])
{
    for (size_t i = 0; i < session->connections_decoded; i++)
        if (memcmp(session->connections[i].id, id, sizeof session->connections[i].id) == 0)
            return true;
    return false;
}

static void compare_connections_of(const struct listing *listing, uint32_t connection_size,
                                   const struct listed_session *session,
                                   const struct listed_session *beside, const struct record *record,
                                   struct verdict *verdict)
{
    size_t number = (size_t)(session - listing->sessions);
    uint64_t end = session->connection_count == 0
                       ? 0
                       : session->connections_offset +
                             (uint64_t)session->connections_decoded * connection_size;
    if (session->connection_count != beside->connection_count)
        verdict_fail(verdict, record, "ConnectionCount of session %zu is %u, not %u", number,
                     session->connection_count, beside->connection_count);
    else if (session->connections_decoded < session->connection_count || end > listing->size)
        verdict_fail(verdict, record,
                     "%zu of the %u connections of session %zu are within the bytes retrieved",
                     session->connections_decoded, session->connection_count, number);
    for (size_t i = 0; i < beside->connections_decoded && verdict->kind == VERDICT_PASS; i++)
        if (!has_connection(session, beside->connections[i].id))
            verdict_fail(verdict, record,
                         "no connection %016" PRIX64 "-%016" PRIX64 " in session %zu",
                         beside->connections[i].id[0], beside->connections[i].id[1], number);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "the connections that the list of GetIScsiSessionList gives the "
                                "session, all in the buffer");
}

// Does anything of the list lie over something else of it, or off the alignment?
static void judge_places(const struct evidence *evidence, const struct record *record,
                         const struct listing *listing, struct verdict *verdict)
{
    struct piece *pieces = NULL;
    size_t count = evidence_pieces(evidence, listing, &pieces);
    for (size_t i = 1; i < count && verdict->kind == VERDICT_PASS;
         i++) { // the structures are first
        if (pieces[i - 1].offset + pieces[i - 1].size > pieces[i].offset)
            verdict_fail(verdict, record,
                         "the %s of session %zu at SessionInfo + %llu overlap what stands before",
                         pieces[i].member == NULL ? "structures" : pieces[i].member,
                         pieces[i].session, (unsigned long long)pieces[i].offset);
        else if (pieces[i].offset % 8 != 0)
            verdict_fail(verdict, record,
                         "the connections of session %zu are at SessionInfo + %llu, not aligned "
                         "to 8",
                         pieces[i].session, (unsigned long long)pieces[i].offset);
    }
    free(pieces);
    if (verdict->kind == VERDICT_FAIL)
        verdict_expect(verdict, "arrays aligned to 8, that share no byte with each other or with "
                                "the structures");
}

static void compare_connections(const struct evidence *evidence, const struct record *record,
                                const struct listing *listing, const struct listing *beside,
                                struct verdict *verdict)
{
    for (size_t i = 0; i < beside->session_count && verdict->kind == VERDICT_PASS; i++) {
        const struct listed_session *session = NULL;
        if (count_sessions(listing, beside->sessions[i].id, &session) > 0)
            compare_connections_of(listing, evidence->abi->connection_size, session,
                                   &beside->sessions[i], record, verdict);
    }
    if (verdict->kind == VERDICT_PASS)
        judge_places(evidence, record, listing, verdict);
}

static void judge_connections(const struct evidence *evidence, struct verdict *verdict)
{
    judge_beside(evidence, compare_connections, verdict);
}

// ---- Parameters

static bool outside_of(uint32_t value, uint32_t least, uint32_t most, const char *name,
                       size_t session, const struct record *record, struct verdict *verdict)
{
    if (value >= least && value <= most)
        return false;
    verdict_fail(verdict, record, "%s of session %zu is %u", name, session, value);
    verdict_expect(verdict, "%u to %u", least, most);
    return true;
}

static void judge_parameters_of(const struct evidence *evidence, const struct record *record,
                                const struct listing *listing, struct verdict *verdict)
{
    static const struct {
        const char *name;
        size_t offset;
        uint32_t most;
    } bytes[] = {
        {"InitialR2t", AT_SESSION(initial_r2t), 1},
        {"ImmediateData", AT_SESSION(immediate_data), 1},
        {"DataSequenceInOrder", AT_SESSION(data_sequence_in_order), 1},
        {"DataPduInOrder", AT_SESSION(data_pdu_in_order), 1},
        {"ErrorRecoveryLevel", AT_SESSION(error_recovery_level), RECOVERY_LEVEL_MAX},
    };
    (void)evidence;
    for (size_t i = 0; i < listing->session_count && verdict->kind == VERDICT_PASS; i++) {
        const uint8_t *at = record->bytes + listing->sessions[i].offset;
        uint32_t burst = read_u32(at + AT_SESSION(max_burst_length));
        uint32_t connections = listing->sessions[i].connection_count;
        // Nothing is sent unsolicited then, and the length means nothing.
        bool no_first_burst =
            at[AT_SESSION(initial_r2t)] == 1 && at[AT_SESSION(immediate_data)] == 0;
        for (size_t j = 0; j < sizeof bytes / sizeof bytes[0]; j++)
            if (outside_of(at[bytes[j].offset], 0, bytes[j].most, bytes[j].name, i, record,
                           verdict))
                return;
        if (outside_of(read_u32(at + AT_SESSION(max_outstanding_r2t)), 1, NUMBER_MAX,
                       "MaxOutstandingR2t", i, record, verdict) ||
            outside_of(burst, BURST_LENGTH_MIN, BURST_LENGTH_MAX, "MaxBurstLength", i, record,
                       verdict) ||
            outside_of(read_u32(at + AT_SESSION(first_burst_length)),
                       no_first_burst ? 0 : BURST_LENGTH_MIN, burst, "FirstBurstLength", i, record,
                       verdict))
            return;
        outside_of(read_u32(at + AT_SESSION(maximum_connections)),
                   connections > 1 && connections <= NUMBER_MAX ? connections : 1, NUMBER_MAX,
                   "MaximumConnections", i, record, verdict);
    }
}

static void judge_parameters(const struct evidence *evidence, struct verdict *verdict)
{
    judge_each_listing(evidence, verdict, judge_parameters_of);
}

// ---- Stability

static bool judge_same_list_of(const struct evidence *evidence, const struct record *record,
                               void *context, struct verdict *verdict)
{
    const struct record **first = context;
    if (record->call.placement == PLACE_NULL || !record_legitimate(record))
        return false;
    const struct listing *listing = evidence_listing(evidence, record);
    if (listing == NULL)
        return false;
    if (*first == NULL || evidence_truth(evidence, *first) != evidence_truth(evidence, record)) {
        *first = record;
        return true;
    }
    const struct listing *before = evidence_listing(evidence, *first);
    char change[256];
    struct listed_member where;
    if (before == NULL)
        return true;
    if (!listing_equal(before, listing))
        listing_describe_change(before, listing, change, sizeof change, &where);
    else if (!parameters_describe_change(*first, before, record, listing, change, sizeof change,
                                         &where))
        return true;
    verdict_fail(verdict, record,
                 "another list than from the first call: %s then (%u bytes offered now, %u then)",
                 change, record->call.offered, (*first)->call.offered);
    verdict_expect(verdict, "the same sessions, connections and parameters, as long as the "
                            "sessions stay as they are");
    verdict->wrong = where;
    return true;
}

static void judge_same(const struct evidence *evidence, struct verdict *verdict)
{
    const struct record *first = NULL;
    judge_repeated(evidence, verdict);
    size_t seen = judge_each_record(evidence, judge_same_list_of, &first, verdict);
    judge_seen(evidence, seen, BLOCKED_BY_SUCCESS, "no call succeeded", verdict);
}

static const char *const sets_sufficient[] = {"fetch", "repeat", "sweep", NULL};
static const char *const sets_insufficient[] = {"query", "short", "sweep", NULL};
static const char *const sets_fetch[] = {"fetch", NULL};
static const char *const sets_null[] = {"null", NULL};
static const char *const sets_all[] = {"query",  "null",  "fetch", "short",
                                       "repeat", "sweep", "fills", NULL};

static const struct clause clauses[] = {
    {.id = "EX-1",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetIScsiSessionListEx: a sufficient buffer gives ERROR_SUCCESS",
     .source = SOURCE_EX,
     .why = "A caller that did everything right must get the list, at every size that is large "
            "enough.",
     .passing = "0 for every buffer at least as large as the size required",
     .failing = "122, or any other code, for a buffer of the size that a query asked for",
     .probe_sets = sets_sufficient,
     .scope = SCOPE_QUIET,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_sufficient},
    {.id = "EX-2",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetIScsiSessionListEx: an insufficient buffer gives ERROR_INSUFFICIENT_BUFFER, "
                 "122 itself",
     .source = SOURCE_EX,
     .why = "Callers compare with 122 to know that they must enlarge the buffer.",
     .passing = "122 for a query with size 0, and for every buffer too small for the sessions",
     .failing = "234, 0x8007007A; or 0 for fewer bytes than the sessions can take up",
     .probe_sets = sets_insufficient,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_insufficient},
    {.id = "EX-3",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetIScsiSessionListEx: on insufficient, *BufferSize is the size required, the "
                 "same whatever was offered",
     .source = SOURCE_EX,
     .why = "The caller allocates what it is told.",
     .passing = "*BufferSize = 104 for 0, for 1 and for 103 bytes offered",
     .failing = "*BufferSize as it was offered; the bytes that are missing",
     .probe_sets = sets_insufficient,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_size_required},
    {.id = "EX-4",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetIScsiSessionListEx: exactly the size required is enough",
     .source = SOURCE_EX,
     .why = "The caller allocates what it is told, and calls again.",
     .passing = "0 for 104 bytes, where a query said 104",
     .failing = "122 for 104 bytes, where a query said 104",
     .probe_sets = sets_fetch,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_required_is_enough},
    {.id = "EX-5",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetIScsiSessionListEx: nothing but the buffer and the two ULONGs is written, at "
                 "any size",
     .source = SOURCE_EX,
     .why = "It is the caller's memory.",
     .passing = "the bytes around the buffer and beside the ULONGs are as they were",
     .failing = "structures written before the size is checked",
     .probe_sets = sets_all,
     .scope = SCOPE_EVERY,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_outside},
    {.id = "EX-6",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetIScsiSessionListEx: SessionInfo NULL with BufferSize not 0: no fault, no "
                 "success unless there is nothing to report",
     .source = SOURCE_EX,
     .why = "Callers pass a size left over from an earlier call.",
     .passing = "122 with the size required, or 87",
     .failing = "a write through NULL; 0",
     .probe_sets = sets_null,
     .scope = SCOPE_QUIET,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_null},
    {.id = "EX-7",
     .level = LEVEL_MUST,
     .basis = BASIS_DOCUMENTED,
     .sentence = "GetIScsiSessionListEx: on success, *SessionCount is the number of active "
                 "sessions, and that many structures fit in *BufferSize, which is no more than "
                 "was offered",
     .source = SOURCE_EX,
     .why = "Callers walk that many structures.",
     .passing = "4 where 4 sessions are active, *BufferSize = 416",
     .failing = "the number of connections; one too many",
     .probe_sets = sets_fetch,
     .scope = SCOPE_QUIET,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_number_and_room},
    {.id = "EX-8",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetIScsiSessionListEx: the sessions are those of GetIScsiSessionList, each once, "
                 "by their SessionIds",
     .source = SOURCE_EX_STRUCTURES,
     .why = "The SessionId is all that ties a session's parameters to its names.",
     .passing = "the SessionIds of the other list, in any order",
     .failing = "identifiers of its own; a session twice, another not at all",
     .probe_sets = sets_fetch,
     .list_sets = sets_fetch,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_sessions},
    {.id = "EX-9",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetIScsiSessionListEx: a session's connections are those of "
                 "GetIScsiSessionList, in arrays of their own in the buffer",
     .source = SOURCE_EX_STRUCTURES,
     .why = "Callers walk ConnectionCount structures from Connections on.",
     .passing = "the ConnectionIds of the other list; arrays aligned to 8, apart from each other",
     .failing = "one connection for each session, whatever there is; an array behind the buffer",
     .probe_sets = sets_fetch,
     .list_sets = sets_fetch,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_connections},
    {.id = "EX-10",
     .level = LEVEL_SHOULD,
     .basis = BASIS_IMPLIED,
     .sentence = "GetIScsiSessionListEx: the parameters are values that iSCSI allows",
     .source = "RFC 7143, section 13, and the structures' BOOLEANs",
     .why = "What login negotiates is in these ranges; anything else was not read from a session.",
     .passing = "BOOLEANs of 0 or 1, FirstBurstLength = 65536, MaxBurstLength = 262144",
     .failing = "ImmediateData = 165; MaximumConnections = 0",
     .probe_sets = sets_fetch,
     .scope = SCOPE_QUIET,
     .needs = NEEDS_SESSIONS,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_parameters},
    {.id = "EX-11",
     .level = LEVEL_MUST,
     .basis = BASIS_IMPLIED,
     .sentence = "GetIScsiSessionListEx: the same call on unchanged sessions gives the same status "
                 "and list",
     .source = SOURCE_EX,
     .why = "A query and a fetch are two calls.",
     .passing = "the same list, whatever was offered",
     .failing = "the third call gives the last session's parameters to the first",
     .probe_sets = sets_sufficient,
     .scope = SCOPE_QUIET,
     .charsets = JUDGED_EX,
     .family = FAMILY_EX,
     .judge = judge_same},
};

const struct clause_group group_ex = {
    .name = "EX",
    .title = "the sibling GetIScsiSessionListEx (only where it is named)",
    .clauses = clauses,
    .count = sizeof clauses / sizeof clauses[0],
    .by_name = true,
};
