// SPDX-License-Identifier: Apache-2.0
// Answers of GetIScsiSessionListEx that stand exactly on a limit of the group EX.
#include "conformance/transcript/error_codes.h"
#include "session_list_ex.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

#define SESSION(member) ((uint32_t)offsetof(iscsi_session_info_ex, member))
#define CONNECTION(member) ((uint32_t)offsetof(iscsi_connection_info_ex, member))

static uint32_t required_ex;

static void set_up(void)
{
    scene_set_up_quiet();
    scene_call_ex(&scene);
    required_ex = scene_required(&scene, CHARSET_EX);
    fetch = scene_record(&scene, "fetch", CHARSET_EX, FETCH_EXACT);
}

// Begins again: A and W list so many sessions, and Ex so many.
static void reopen_with(size_t beside, size_t sessions)
{
    reopen(SCENE_SESSIONS);
    scene.truth->session_count = beside;
    scene_call_quiet(&scene);
    scene.truth->session_count = sessions;
    scene_call_ex(&scene);
    scene.truth->session_count = SCENE_SESSIONS;
    fetch = scene_record(&scene, "fetch", CHARSET_EX, FETCH_EXACT);
}

static struct record *in_ex(const char *set, size_t index)
{
    return scene_record(&scene, set, CHARSET_EX, index);
}

static void put32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

START_TEST(a_right_answer_holds)
{
    static const char *const clauses[] = {"EX-1", "EX-2", "EX-3", "EX-4",  "EX-5", "EX-6",
                                          "EX-7", "EX-8", "EX-9", "EX-10", "EX-11"};
    for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++)
        expect(clauses[i], VERDICT_PASS);
}
END_TEST

START_TEST(a_size_required_that_differs)
{
    in_ex("short", SHORT_1)->outcome.size_out++;
    expect("EX-3", VERDICT_FAIL);
    in_ex("short", SHORT_1)->outcome.size_out--;
    expect("EX-3", VERDICT_PASS);
    in_ex("short", SHORT_1_LESS)->outcome.size_out--;
    expect("EX-3", VERDICT_FAIL);
}
END_TEST

START_TEST(a_byte_beside_the_buffer)
{
    fetch->outcome.before = (struct extent){-1, -1};
    expect("EX-5", VERDICT_FAIL);
    fetch->outcome.before = extent_none();
    expect("EX-5", VERDICT_PASS);
    fetch->outcome.after = (struct extent){required_ex, required_ex};
    expect("EX-5", VERDICT_FAIL);
}
END_TEST

// ---- EX-7

START_TEST(a_count_that_is_one_off)
{
    for (int off = -1; off <= 1; off += 2) {
        fetch->outcome.count_out = (uint32_t)(SCENE_SESSIONS + off);
        expect("EX-7", VERDICT_FAIL);
    }
}
END_TEST

START_TEST(structures_that_just_fit)
{
    fetch->outcome.size_out = SCENE_SESSIONS * sizeof(iscsi_session_info_ex);
    expect("EX-7", VERDICT_PASS);
    fetch->outcome.size_out--;
    expect("EX-7", VERDICT_FAIL);
}
END_TEST

START_TEST(more_than_was_offered)
{
    fetch->outcome.size_out = fetch->call.offered + 1;
    expect("EX-7", VERDICT_FAIL);
    // Of a call that wasn't answered with a list, that is what is required.
    scene_refuse(&scene, fetch, ERROR_INSUFFICIENT_BUFFER);
    expect("EX-7", VERDICT_PASS);
}
END_TEST

START_TEST(more_than_was_offered_to_a_call_that_is_not_legitimate)
{
    fetch->outcome.size_out = fetch->call.offered + 1;
    fetch->call.flags = CALL_COUNT_NULL;
    expect("EX-7", VERDICT_PASS);
}
END_TEST

// ---- EX-8

START_TEST(a_session_twice_and_another_not_at_all)
{
    uint8_t *id = member(SCENE_ONE, SESSION(session_id));
    id[8] = (uint8_t)(SCENE_TWO + 1); // that of the session before
    expect_told("EX-8", VERDICT_FAIL, "is listed 2 times");
    id[8] = 0x77;
    expect_told("EX-8", VERDICT_FAIL, "is listed 0 times");
    id[8] = (uint8_t)(SCENE_ONE + 1);
    expect("EX-8", VERDICT_PASS);
}
END_TEST

START_TEST(each_byte_of_an_identifier)
{
    static const size_t sessions[] = {0, 1, SCENE_SESSIONS - 1};
    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++)
        for (uint32_t byte = 0; byte < 16; byte++) {
            uint8_t *id = member(sessions[i], SESSION(session_id) + byte);
            *id ^= 0x40;
            expect("EX-8", VERDICT_FAIL);
            *id ^= 0x40;
        }
    expect("EX-8", VERDICT_PASS);
}
END_TEST

START_TEST(a_session_more_or_less_than_beside)
{
    reopen_with(2, 3);
    expect_told("EX-8", VERDICT_FAIL,
                "session 0000000000000001-0000000000000003 is not in the list");
    reopen_with(3, 2);
    expect_told("EX-8", VERDICT_FAIL, "0000000000000003 is listed 0 times");
    reopen_with(0, 2);
    expect_told("EX-8", VERDICT_FAIL,
                "session 0000000000000001-0000000000000001 is not in the list");
}
END_TEST

// The other list has a session twice, which is not this function's fault; but the two differ.
START_TEST(a_session_that_is_twice_beside)
{
    reopen_with(3, 2);
    for (size_t i = 0; i < 4; i++) {
        struct record *record = scene_record(&scene, "fetch", CHARSET_W, i);
        *scene_member(&scene, record, 2, scene.abi->session_id + 8) = 1;
    }
    expect_told("EX-8", VERDICT_FAIL, "2 sessions, and 3 in the list");
}
END_TEST

START_TEST(an_identifier_of_zeros)
{
    reopen_with(2, 3);
    memset(member(SCENE_NONE, SESSION(session_id)), 0, sizeof(struct iscsi_unique_id));
    expect_told("EX-8", VERDICT_FAIL,
                "session 0000000000000000-0000000000000000 is not in the list");
    expect("EX-9", VERDICT_PASS); // there is nothing to compare its connections with
}
END_TEST

// A failure tells of the first session, and says what should be.
START_TEST(the_first_of_several)
{
    static const struct {
        const char *clause;
        const char *expected;
    } cases[] = {{"EX-8", "the SessionIds of the list"},
                 {"EX-9", "the connections that the list of GetIScsiSessionList gives"},
                 {"EX-10", "1 to 65535"}};
    put32(member(SCENE_TWO, SESSION(maximum_connections)), 0);
    put32(member(SCENE_ONE, SESSION(maximum_connections)), 0);
    expect_told("EX-10", VERDICT_WARN, "MaximumConnections of session 0 is 0");
    *member(SCENE_TWO, SESSION(initial_r2t)) = 2;
    *member(SCENE_TWO, SESSION(immediate_data)) = 2;
    expect_told("EX-10", VERDICT_WARN, "InitialR2t of session 0 is 2");
    *member(SCENE_TWO, SESSION(initial_r2t)) = *member(SCENE_TWO, SESSION(immediate_data)) = 1;
    put32(member(SCENE_TWO, SESSION(max_outstanding_r2t)), 0);
    expect_told("EX-10", VERDICT_WARN, "MaxOutstandingR2t of session 0 is 0");
    put32(member(SCENE_TWO, SESSION(connection_count)), 1);
    put32(member(SCENE_NONE, SESSION(connection_count)), 1);
    expect_told("EX-9", VERDICT_FAIL, "ConnectionCount of session 0 is 1, not 2");
    *member(SCENE_NONE, SESSION(session_id) + 8) = 0x77;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct verdict verdict = scene_judge(&scene, cases[i].clause, CHARSET_A);
        ck_assert_msg(strstr(verdict.expected, cases[i].expected) != NULL, "%s: %s",
                      cases[i].clause, verdict.expected);
    }
}
END_TEST

// Ten sessions, so that a search by halves has something to halve.
START_TEST(sessions_in_any_order)
{
    reopen(10);
    scene_call_quiet(&scene);
    scene_call_ex(&scene);
    fetch = in_ex("fetch", FETCH_EXACT);
    expect("EX-8", VERDICT_PASS);
    uint8_t first[sizeof(iscsi_session_info_ex)];
    memcpy(first, member(0, 0), sizeof first);
    memcpy(member(0, 0), member(7, 0), sizeof first);
    memcpy(member(7, 0), first, sizeof first);
    expect("EX-8", VERDICT_PASS);
    expect("EX-9", VERDICT_PASS);
    expect("EX-11", VERDICT_PASS);
    for (size_t i = 0; i < 10; i++) {
        *member(i, SESSION(session_id) + 8) ^= 0x40;
        expect("EX-8", VERDICT_FAIL);
        expect("EX-9", VERDICT_PASS); // what isn't found is not compared
        *member(i, SESSION(session_id) + 8) ^= 0x40;
    }
}
END_TEST

// Fails all fetches of a function.
static void refuse_all(enum charset charset)
{
    for (size_t i = 0; i < 4; i++)
        scene_refuse(&scene, scene_record(&scene, "fetch", charset, i), ERROR_INSUFFICIENT_BUFFER);
}

START_TEST(the_list_of_a_where_w_has_none)
{
    *member(SCENE_ONE, SESSION(session_id) + 8) = 0x77;
    refuse_all(CHARSET_W);
    expect("EX-8", VERDICT_FAIL);
    refuse_all(CHARSET_A);
    expect_told("EX-8", VERDICT_SKIP, "no two lists");
    expect_told("EX-9", VERDICT_SKIP, "no two lists");
}
END_TEST

START_TEST(the_first_quiet_list_of_w_is_what_counts)
{
    struct record *first = scene_record(&scene, "fetch", CHARSET_W, 0);
    *scene_member(&scene, first, 0, scene.abi->session_id + 8) = 0x77;
    expect("EX-8", VERDICT_FAIL);
    first->threads = 2; // was made by several threads: the next one counts
    expect("EX-8", VERDICT_PASS);
    first->threads = 1;
    scene_refuse(&scene, first, ERROR_INSUFFICIENT_BUFFER);
    refuse_all(CHARSET_A);
    expect("EX-8", VERDICT_PASS);
}
END_TEST

// Of all sets of probes.
static void refuse_all_of_ex(void)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->call.charset == CHARSET_EX && record->outcome.status == ERROR_SUCCESS)
            scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    }
}

START_TEST(no_list_of_ex_to_compare)
{
    refuse_all_of_ex();
    expect_told("EX-8", VERDICT_SKIP, "no two lists");
}
END_TEST

START_TEST(calls_whose_lists_are_not_compared)
{
    *member(SCENE_ONE, SESSION(session_id) + 8) = 0x77;
    expect("EX-8", VERDICT_FAIL);
    expect("EX-11", VERDICT_FAIL);
    fetch->call.flags = CALL_COUNT_NULL;
    expect("EX-8", VERDICT_PASS);
    expect("EX-11", VERDICT_PASS);
    fetch->call.flags = 0;
    fetch->call.placement = PLACE_NULL;
    expect("EX-8", VERDICT_PASS);
    expect("EX-11", VERDICT_PASS);
}
END_TEST

// ---- EX-9

START_TEST(each_byte_of_a_connections_identifier)
{
    for (size_t i = 0; i < 2; i++)
        for (uint32_t byte = 0; byte < 16; byte++) {
            uint8_t *id = connection(SCENE_TWO, i, CONNECTION(connection_id) + byte);
            *id ^= 0x40;
            expect("EX-9", VERDICT_FAIL);
            *id ^= 0x40;
        }
    expect("EX-9", VERDICT_PASS);
}
END_TEST

// A connection that another session has is none of this one.
START_TEST(a_connection_of_the_session_behind)
{
    uint8_t *second = connection(SCENE_TWO, 1, CONNECTION(connection_id) + 8);
    *connection(SCENE_ONE, 0, CONNECTION(connection_id) + 8) = *second;
    *second = 0x77;
    expect_told("EX-9", VERDICT_FAIL, "in session 0");
}
END_TEST

START_TEST(connections_in_another_order)
{
    uint8_t first[sizeof(iscsi_connection_info_ex)];
    memcpy(first, connection(SCENE_TWO, 0, 0), sizeof first);
    memcpy(connection(SCENE_TWO, 0, 0), connection(SCENE_TWO, 1, 0), sizeof first);
    memcpy(connection(SCENE_TWO, 1, 0), first, sizeof first);
    expect("EX-9", VERDICT_PASS);
    expect("EX-11", VERDICT_PASS);
}
END_TEST

START_TEST(a_number_of_connections_that_is_one_off)
{
    put32(member(SCENE_TWO, SESSION(connection_count)), 1);
    expect_told("EX-9", VERDICT_FAIL, "ConnectionCount of session 0 is 1, not 2");
    put32(member(SCENE_TWO, SESSION(connection_count)), 2);
    put32(member(SCENE_NONE, SESSION(connection_count)), 1);
    expect_told("EX-9", VERDICT_FAIL, "ConnectionCount of session 2 is 1, not 0");
}
END_TEST

START_TEST(an_array_that_just_fits)
{
    expect("EX-9", VERDICT_PASS); // it ends where *BufferSize does
    fetch->outcome.size_out--;
    expect_told("EX-9", VERDICT_FAIL, "1 of the 1 connections of session 1 are within the bytes");
    fetch->outcome.size_out++;
    uint8_t *array = member(SCENE_ONE, SESSION(connections));
    scene_point(fetch, array, required_ex - sizeof(iscsi_connection_info_ex) + 8);
    expect_told("EX-9", VERDICT_FAIL, "0 of the 1 connections of session 1 are within the bytes");
    scene_point(fetch, array, required_ex);
    expect_told("EX-9", VERDICT_FAIL, "0 of the 1 connections of session 1 are within the bytes");
}
END_TEST

START_TEST(no_connections_are_nowhere)
{
    uint8_t *array = member(SCENE_NONE, SESSION(connections));
    scene_point(fetch, array, required_ex);
    expect("EX-9", VERDICT_PASS);
    scene_point(fetch, array, required_ex - 1);
    expect("EX-9", VERDICT_PASS);
    scene_point(fetch, array, 1);
    expect("EX-9", VERDICT_PASS);
}
END_TEST

enum { ARRAYS = SCENE_SESSIONS * sizeof(iscsi_session_info_ex) };

// Moves the arrays of the sessions from `first` on by `bytes`, in a list that is longer.
static void move_arrays(size_t first, int bytes)
{
    static uint8_t longer[4096];
    struct record *record = in_ex("fetch", FETCH_GENEROUS);
    const uint8_t *right = fetch->bytes;
    uint32_t from = ARRAYS + (first == SCENE_TWO ? 0 : 2 * sizeof(iscsi_connection_info_ex));
    uint32_t to = (uint32_t)((int)from + bytes);
    memset(longer, 0, sizeof longer);
    memcpy(longer, right, required_ex);
    memcpy(longer + to, right + from, required_ex - from);
    record->bytes = longer;
    record->outcome.byte_count = required_ex + 64;
    record->outcome.size_out = required_ex + 64;
    for (size_t i = 0; i < 2; i++)
        scene_point(record, longer + i * sizeof(iscsi_session_info_ex) + SESSION(connections),
                    ARRAYS + i * 2 * sizeof(iscsi_connection_info_ex) +
                        (i < first ? 0 : (uint64_t)bytes));
}

START_TEST(an_array_off_the_alignment)
{
    move_arrays(SCENE_ONE, 8);
    expect("EX-9", VERDICT_PASS);
    move_arrays(SCENE_ONE, 4);
    expect_told("EX-9", VERDICT_FAIL, "connections of session 1 are at SessionInfo + 268");
    move_arrays(SCENE_TWO, 4); // both: it tells of the first
    expect_told("EX-9", VERDICT_FAIL, "connections of session 0 are at SessionInfo + 172");
    struct verdict verdict = scene_judge(&scene, "EX-9", CHARSET_A);
    ck_assert_msg(strstr(verdict.expected, "arrays aligned to 8") != NULL, "%s", verdict.expected);
}
END_TEST

START_TEST(arrays_that_overlap)
{
    move_arrays(SCENE_ONE, -1);
    expect_told("EX-9", VERDICT_FAIL, "Connections of session 1 at SessionInfo + 263 overlap");
    move_arrays(SCENE_TWO, -1);
    expect_told("EX-9", VERDICT_FAIL, "Connections of session 0 at SessionInfo + 167 overlap");
}
END_TEST

// ---- EX-10

// Each value of a member of the session with two connections, and whether it is one that iSCSI has.
static void expect_values(uint32_t offset, unsigned size, const uint32_t *allowed,
                          const uint32_t *refused)
{
    uint8_t *bytes = member(SCENE_TWO, offset);
    uint8_t before[4];
    memcpy(before, bytes, size);
    for (int good = 0; good < 2; good++)
        for (const uint32_t *value = good ? allowed : refused; *value != UINT32_MAX; value++) {
            if (size == 1)
                bytes[0] = (uint8_t)*value;
            else
                put32(bytes, *value);
            expect("EX-10", good ? VERDICT_PASS : VERDICT_WARN);
        }
    memcpy(bytes, before, size);
}

#define VALUES(...)                                                                                \
    (const uint32_t[])                                                                             \
    {                                                                                              \
        __VA_ARGS__, UINT32_MAX                                                                    \
    }

START_TEST(values_that_iscsi_allows)
{
    static const uint32_t booleans[] = {SESSION(initial_r2t), SESSION(immediate_data),
                                        SESSION(data_sequence_in_order),
                                        SESSION(data_pdu_in_order)};
    for (size_t i = 0; i < sizeof booleans / sizeof booleans[0]; i++)
        expect_values(booleans[i], 1, VALUES(0, 1), VALUES(2, 255));
    expect_values(SESSION(error_recovery_level), 1, VALUES(0, 1, 2), VALUES(3, 255));
    expect_values(SESSION(max_outstanding_r2t), 4, VALUES(1, 65535), VALUES(0, 65536));
    expect_values(SESSION(maximum_connections), 4, VALUES(2, 65535), VALUES(0, 1, 65536));
    expect_values(SESSION(max_burst_length), 4, VALUES(65536, 16777215), VALUES(65535, 16777216));
    expect_values(SESSION(first_burst_length), 4, VALUES(512, 262144), VALUES(0, 511, 262145));
    put32(member(SCENE_TWO, SESSION(first_burst_length)), 512);
    expect_values(SESSION(max_burst_length), 4, VALUES(512, 513), VALUES(0, 511));
}
END_TEST

// Each of the four bytes counts.
START_TEST(values_with_one_high_byte)
{
    static const uint32_t members[] = {SESSION(max_outstanding_r2t), SESSION(maximum_connections),
                                       SESSION(max_burst_length), SESSION(first_burst_length)};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        *member(SCENE_ONE, members[i] + 3) = 1;
        expect("EX-10", VERDICT_WARN);
        *member(SCENE_ONE, members[i] + 3) = 0;
    }
    put32(member(SCENE_ONE, SESSION(max_outstanding_r2t)), 0x100);
    expect("EX-10", VERDICT_PASS);
    put32(member(SCENE_ONE, SESSION(max_outstanding_r2t)), 0x10000);
    expect_told("EX-10", VERDICT_WARN, "MaxOutstandingR2t of session 1 is 65536");
    put32(member(SCENE_ONE, SESSION(max_outstanding_r2t)), 0x1000000);
    expect_told("EX-10", VERDICT_WARN, "MaxOutstandingR2t of session 1 is 16777216");
}
END_TEST

START_TEST(a_first_burst_that_means_nothing)
{
    static const struct {
        uint8_t initial_r2t;
        uint8_t immediate_data;
        enum verdict_kind kind;
    } cases[] = {
        {0, 0, VERDICT_WARN}, {0, 1, VERDICT_WARN}, {1, 0, VERDICT_PASS}, {1, 1, VERDICT_WARN}};
    put32(member(SCENE_TWO, SESSION(first_burst_length)), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        *member(SCENE_TWO, SESSION(initial_r2t)) = cases[i].initial_r2t;
        *member(SCENE_TWO, SESSION(immediate_data)) = cases[i].immediate_data;
        expect("EX-10", cases[i].kind);
    }
    *member(SCENE_TWO, SESSION(initial_r2t)) = 1;
    *member(SCENE_TWO, SESSION(immediate_data)) = 0;
    put32(member(SCENE_TWO, SESSION(first_burst_length)), 262145);
    expect("EX-10", VERDICT_WARN);
    put32(member(SCENE_TWO, SESSION(first_burst_length)), 0);
    put32(member(SCENE_TWO, SESSION(max_burst_length)), 511);
    put32(member(SCENE_TWO, SESSION(maximum_connections)), 0);
    expect_told("EX-10", VERDICT_WARN, "MaxBurstLength of session 0 is 511");
}
END_TEST

// A ConnectionCount that no session can have asks for nothing of MaximumConnections.
START_TEST(more_connections_than_there_can_be)
{
    put32(member(SCENE_NONE, SESSION(maximum_connections)), 0);
    expect("EX-10", VERDICT_WARN);
    put32(member(SCENE_NONE, SESSION(connection_count)), 65536);
    expect("EX-10", VERDICT_WARN);
    put32(member(SCENE_NONE, SESSION(maximum_connections)), 1);
    expect("EX-10", VERDICT_PASS);
    put32(member(SCENE_NONE, SESSION(connection_count)), 65535);
    expect_told("EX-10", VERDICT_WARN, "MaximumConnections of session 2 is 1");
    put32(member(SCENE_NONE, SESSION(maximum_connections)), 65535);
    expect("EX-10", VERDICT_PASS);
}
END_TEST

// ---- EX-11

// Changes each of these bytes in one call of several and asks EX-11.
static void expect_bytes(uint8_t *at, uint32_t from, uint32_t end, enum verdict_kind kind)
{
    for (uint32_t i = from; i < end; i++) {
        at[i] ^= 0x40;
        expect("EX-11", kind);
        at[i] ^= 0x40;
    }
}

START_TEST(what_stays_as_long_as_a_session)
{
    static const size_t sessions[] = {SCENE_TWO, SCENE_ONE, SCENE_NONE};
    for (size_t i = 0; i < SCENE_SESSIONS; i++)
        expect_bytes(member(sessions[i], 0), 0, SESSION(error_recovery_level) + 1, VERDICT_FAIL);
    uint8_t *session = member(SCENE_NONE, 0);
    // Padding says nothing.
    expect_bytes(session, SESSION(error_recovery_level) + 1, SESSION(max_outstanding_r2t),
                 VERDICT_PASS);
    expect_bytes(session, SESSION(max_outstanding_r2t), SESSION(connection_count) + 4,
                 VERDICT_FAIL);
    expect_bytes(session, SESSION(connection_count) + 4, SESSION(connections), VERDICT_PASS);
}
END_TEST

START_TEST(what_stays_as_long_as_a_connection)
{
    for (size_t i = 0; i < 2; i++) {
        uint8_t *bytes = connection(SCENE_TWO, i, 0);
        expect_bytes(bytes, 0, CONNECTION(state), VERDICT_FAIL);
        expect_bytes(bytes, CONNECTION(state), CONNECTION(header_digest), VERDICT_PASS);
        expect_bytes(bytes, CONNECTION(header_digest), CONNECTION(auth_type) + 4, VERDICT_FAIL);
        // How fast it is, and the room of a datagram, may change.
        expect_bytes(bytes, CONNECTION(auth_type) + 4, sizeof(iscsi_connection_info_ex),
                     VERDICT_PASS);
    }
}
END_TEST

// Fails unless that member is marked as wrong.
static void expect_wrong(const char *name, uint32_t session, int32_t connection_index)
{
    struct verdict verdict = scene_judge(&scene, "EX-11", CHARSET_EX);
    ck_assert_str_eq(verdict.wrong.name, name);
    ck_assert_uint_eq(verdict.wrong.session, session);
    ck_assert_int_eq(verdict.wrong.connection, connection_index);
}

// What changed is told: which member of which session or connection, with both values.
START_TEST(what_differs_is_told)
{
    fetch = in_ex("fetch", FETCH_GENEROUS); // not the first call
    put32(member(SCENE_ONE, SESSION(max_burst_length)), 262145);
    expect_told("EX-11", VERDICT_FAIL,
                "another list than from the first call: MaxBurstLength of session 1 is 262145, "
                "was 262144");
    expect_wrong("MaxBurstLength", 1, -1);
    put32(member(SCENE_ONE, SESSION(max_burst_length)), 262144);
    *member(SCENE_NONE, SESSION(error_recovery_level)) = 1;
    expect_told("EX-11", VERDICT_FAIL, "ErrorRecoveryLevel of session 2 is 1, was 0");
    *member(SCENE_NONE, SESSION(error_recovery_level)) = 0;
    put32(connection(SCENE_TWO, 1, CONNECTION(auth_type)), 0x01000002);
    expect_told("EX-11", VERDICT_FAIL, "AuthType of connection 1 of session 0 is 16777218, was 0");
    expect_wrong("AuthType", 0, 1);
    put32(connection(SCENE_TWO, 1, CONNECTION(auth_type)), 0);
    expect("EX-11", VERDICT_PASS);
}
END_TEST

// A session or connection with another identifier stands elsewhere when they are sorted by it.
START_TEST(another_identifier_is_told)
{
    fetch = in_ex("fetch", FETCH_GENEROUS); // not the first call
    uint8_t *id = member(SCENE_TWO, 0);
    uint8_t kept[16];
    memcpy(kept, id, sizeof kept);
    memset(id, 0xFF, sizeof kept);
    expect_told("EX-11", VERDICT_FAIL, "SessionId of session 0 is ffffffffffffffff");
    memcpy(id, kept, sizeof kept);
    id = connection(SCENE_TWO, 0, 0);
    memcpy(kept, id, sizeof kept);
    memset(id, 0xFF, sizeof kept);
    expect_told("EX-11", VERDICT_FAIL,
                "ConnectionId of connection 0 of session 0 is ffffffffffffffff");
    memcpy(id, kept, sizeof kept);
    expect("EX-11", VERDICT_PASS);
}
END_TEST

START_TEST(a_list_that_is_shorter_is_told)
{
    fetch = in_ex("fetch", FETCH_GENEROUS); // not the first call
    fetch->outcome.count_out--;
    expect_told("EX-11", VERDICT_FAIL, "2 sessions are listed, 3 were");
}
END_TEST

START_TEST(another_moment_may_have_another_list)
{
    scene_log_in(&scene);
    scene_call(&scene, "fetch", CHARSET_EX, PLACE_END, scene_required(&scene, CHARSET_EX));
    fetch = scene_call(&scene, "fetch", CHARSET_EX, PLACE_END, scene_required(&scene, CHARSET_EX));
    expect("EX-11", VERDICT_PASS);
    *member(0, SESSION(initial_r2t)) ^= 1;
    expect("EX-11", VERDICT_FAIL);
}
END_TEST

START_TEST(another_status_for_the_same_call)
{
    scene_refuse(&scene, in_ex("repeat", 3), ERROR_INSUFFICIENT_BUFFER);
    expect("EX-11", VERDICT_FAIL);
}
END_TEST

START_TEST(no_list_at_all)
{
    refuse_all_of_ex();
    expect_told("EX-11", VERDICT_SKIP, "no call succeeded");
    expect_told("EX-10", VERDICT_SKIP, "no call succeeded");
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_right_answer_holds,
        a_size_required_that_differs,
        a_byte_beside_the_buffer,
        a_count_that_is_one_off,
        structures_that_just_fit,
        more_than_was_offered,
        more_than_was_offered_to_a_call_that_is_not_legitimate,
        a_session_twice_and_another_not_at_all,
        each_byte_of_an_identifier,
        a_session_more_or_less_than_beside,
        a_session_that_is_twice_beside,
        an_identifier_of_zeros,
        the_first_of_several,
        sessions_in_any_order,
        the_list_of_a_where_w_has_none,
        the_first_quiet_list_of_w_is_what_counts,
        no_list_of_ex_to_compare,
        calls_whose_lists_are_not_compared,
        each_byte_of_a_connections_identifier,
        a_connection_of_the_session_behind,
        connections_in_another_order,
        a_number_of_connections_that_is_one_off,
        an_array_that_just_fits,
        no_connections_are_nowhere,
        an_array_off_the_alignment,
        arrays_that_overlap,
        values_that_iscsi_allows,
        values_with_one_high_byte,
        a_first_burst_that_means_nothing,
        more_connections_than_there_can_be,
        what_stays_as_long_as_a_session,
        what_stays_as_long_as_a_connection,
        what_differs_is_told,
        another_identifier_is_told,
        a_list_that_is_shorter_is_told,
        another_moment_may_have_another_list,
        another_status_for_the_same_call,
        no_list_at_all,
    };
    Suite *suite = suite_create("limits_ex");
    TCase *limits = tcase_create("limits");
    tcase_add_checked_fixture(limits, set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
