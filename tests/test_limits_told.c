// SPDX-License-Identifier: Apache-2.0
// Lists that are wrong in several places, or in a place that is not known or not the clause's
// business: which of them the clauses about content tell.
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

static void set_up(void)
{
    scene_set_up_quiet();
    fetch = scene_record(&scene, "fetch", CHARSET_A, 1);
}

static char *text_of(const uint8_t *pointer)
{
    return (char *)scene_text(&scene, fetch, pointer);
}

// ---- Sessions and names

START_TEST(the_first_session_that_is_missing)
{
    fetch->outcome.count_out = 1;
    expect_told("CONTENT-1", VERDICT_FAIL, "example:Host1 to");
    fetch->outcome.count_out = 0;
    expect_told("CONTENT-1", VERDICT_FAIL, "example:Host0 to");
}
END_TEST

START_TEST(the_first_session_that_does_not_exist)
{
    size_t count = scene.truth->session_count;
    scene.truth->session_count = 1;
    expect_told("CONTENT-1", VERDICT_FAIL, "session 1 (target iqn.2004-01.com.example:Disk1)");
    scene.truth->session_count = 0;
    expect_told("CONTENT-1", VERDICT_FAIL, "session 0 ");
    scene.truth->session_count = count;
}
END_TEST

START_TEST(a_name_that_is_wrong_and_one_that_can_not_be_read)
{
    char *name = text_of(member(SCENE_ONE, scene.abi->initiator_name));
    name[0] = 'x';
    expect_told("CONTENT-2", VERDICT_FAIL, "\"xqn.2004-01.com.example:Host1\"");
    name[0] = (char)0xFF;
    expect_told("CONTENT-2", VERDICT_FAIL, "is no string of its encoding");
    *text_of(member(SCENE_ONE, scene.abi->target_node_name)) = 'x';
    *text_of(member(SCENE_ONE, scene.abi->target_name)) = 'x';
    expect_told("CONTENT-3", VERDICT_FAIL, "TargetNodeName of session 1 is");
    scene.profile = "windows";
    memset(member(SCENE_ONE, scene.abi->target_node_name), 0, 8);
    scene_expect(&scene, "CONTENT-3", VERDICT_FAIL);
}
END_TEST

START_TEST(an_isid_that_is_not_known)
{
    *member(SCENE_ONE, scene.abi->isid) ^= 1;
    scene.truth->sessions[SCENE_ONE].unknown |= FACT_ISID;
    expect_told("CONTENT-4", VERDICT_SKIP, "");
}
END_TEST

// ---- Byte orders

START_TEST(the_orders_of_bytes_are_told)
{
    expect_told("CONTENT-5", VERDICT_PASS, "TSID has the bytes of the TSIH as on the wire");
    ck_assert_str_eq(scene_judge(&scene, "CONTENT-6", CHARSET_A).got, "");
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        for (size_t j = 0; record->bytes != NULL && j < SCENE_SESSIONS; j++)
            swap(scene_member(&scene, record, j, scene.abi->tsid));
        for (size_t j = 0; record->bytes != NULL && j < 3; j++)
            swap(scene_connection(&scene, record, j / 2, j % 2, scene.abi->cid));
    }
    expect_told("CONTENT-5", VERDICT_PASS, "TSID has the bytes of the TSIH in reverse");
    expect_told("CONTENT-6", VERDICT_PASS, "CID has its two bytes in reverse");
    swap(connection(SCENE_ONE, 0, scene.abi->cid));
    expect_told("CONTENT-6", VERDICT_FAIL, "others reversed");
}
END_TEST

START_TEST(bytes_that_are_the_same_in_both_orders)
{
    for (size_t i = 0; i < SCENE_SESSIONS; i++)
        memset(scene.truth->sessions[i].tsid, (int)i + 1, TSID_SIZE);
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        for (size_t j = 0; scene.transcript->records[i].bytes != NULL && j < SCENE_SESSIONS; j++)
            memset(scene_member(&scene, &scene.transcript->records[i], j, scene.abi->tsid),
                   (int)j + 1, TSID_SIZE);
    scene_expect(&scene, "CONTENT-5", VERDICT_PASS);
    ck_assert_str_eq(scene_judge(&scene, "CONTENT-5", CHARSET_A).got, "");
}
END_TEST

START_TEST(a_tsid_that_fits_neither_order)
{
    *member(SCENE_ONE, scene.abi->tsid + 1) ^= 0x40;
    *member(SCENE_NONE, scene.abi->tsid + 1) ^= 0x20;
    expect_told("CONTENT-5", VERDICT_FAIL, "TSID of session 1 is 0143");
    *member(SCENE_ONE, scene.abi->tsid + 1) ^= 0x40;
    expect_told("CONTENT-5", VERDICT_FAIL, "TSID of session 2 is 0124");
    // That of a session without connections is told first.
    *member(SCENE_ONE, scene.abi->tsid + 1) ^= 0x40;
    memset(member(SCENE_NONE, scene.abi->tsid), 0, TSID_SIZE);
    expect_told("CONTENT-5", VERDICT_FAIL, "TSID of session 2, without connections, is 0000");
}
END_TEST

// ---- Connections

START_TEST(the_count_of_connections_is_told_before_the_orders)
{
    swap(connection(SCENE_ONE, 0, scene.abi->cid));
    expect_told("CONTENT-6", VERDICT_FAIL, "others reversed");
    struct record *later = scene_record(&scene, "fetch", CHARSET_A, 2);
    for (uint8_t count = 1; count <= 3; count += 2) {
        *scene_member(&scene, later, SCENE_TWO, scene.abi->connection_count) = count;
        expect_told("CONTENT-6", VERDICT_FAIL, "ConnectionCount of session 0 is");
    }
}
END_TEST

START_TEST(each_connection_with_another_cid_is_told)
{
    for (size_t i = 0; i < 2; i++) {
        connection(SCENE_TWO, i, scene.abi->cid)[1] ^= 0x40;
        expect_told("CONTENT-6", VERDICT_FAIL, i == 0 ? "CID 257 is" : "CID 258 is");
        connection(SCENE_TWO, i, scene.abi->cid)[1] ^= 0x40;
    }
    connection(SCENE_TWO, 0, scene.abi->cid)[1] ^= 0x40;
    connection(SCENE_TWO, 1, scene.abi->cid)[1] ^= 0x40;
    expect_told("CONTENT-6", VERDICT_FAIL, "CID 257 is listed 0");
}
END_TEST

START_TEST(ends_that_are_not_known)
{
    struct truth_connection *known = &scene.truth->sessions[SCENE_ONE].connections[0];
    const unsigned facts[] = {FACT_INITIATOR_PORT, FACT_TARGET_PORT, FACT_INITIATOR_ADDRESS,
                              FACT_TARGET_ADDRESS};
    const uint32_t members[] = {scene.abi->initiator_socket, scene.abi->target_socket,
                                scene.abi->initiator_address, scene.abi->target_address};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        uint8_t *end = connection(SCENE_ONE, 0, members[i]);
        if (i >= 2)
            end = (uint8_t *)text_of(end);
        *end ^= 1;
        scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
        known->unknown = facts[i];
        scene_expect(&scene, "CONTENT-7", VERDICT_SKIP);
        known->unknown = 0;
        *end ^= 1;
    }
}
END_TEST

START_TEST(the_first_end_that_is_wrong)
{
    char *said = text_of(connection(SCENE_TWO, 0, scene.abi->initiator_address));
    *connection(SCENE_TWO, 0, scene.abi->target_socket) ^= 1;
    *connection(SCENE_TWO, 1, scene.abi->target_socket) ^= 1;
    expect_told("CONTENT-7", VERDICT_FAIL, "target address of a connection of session 0 is \"10.");
    memcpy(said, "0.0.0.0", 8);
    expect_told("CONTENT-7", VERDICT_FAIL, "InitiatorAddress of a connection of session 0 is");
    *connection(SCENE_TWO, 0, scene.abi->initiator_socket) ^= 1;
    expect_told("CONTENT-7", VERDICT_FAIL, "initiator address of a connection of session 0 is");
}
END_TEST

START_TEST(ends_of_connections_with_other_cids)
{
    *member(SCENE_TWO, scene.abi->connection_count) = 1;
    connection(SCENE_TWO, 0, scene.abi->cid)[1] ^= 0x40;
    scene_expect(&scene, "CONTENT-7", VERDICT_PASS); // CONTENT-6's business
    *member(SCENE_TWO, scene.abi->connection_count) = 2;
    connection(SCENE_TWO, 0, scene.abi->cid)[1] ^= 0x40;
    memcpy(member(SCENE_ONE, scene.abi->connections), member(SCENE_TWO, scene.abi->connections), 8);
    *member(SCENE_ONE, scene.abi->connection_count) = 2;
    scene_expect(&scene, "CONTENT-7", VERDICT_PASS);
    *member(SCENE_ONE, scene.abi->connection_count) = 1; // the only one
    scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
}
END_TEST

START_TEST(the_first_address_that_is_not_canonical)
{
    text_of(connection(SCENE_TWO, 1, scene.abi->target_address))[1] = 'D';
    text_of(connection(SCENE_ONE, 0, scene.abi->target_address))[1] = 'D';
    expect_told("CONTENT-10", VERDICT_WARN, "an address of session 0 is \"fD00::5");
    text_of(connection(SCENE_TWO, 1, scene.abi->initiator_address))[1] = 'D';
    expect_told("CONTENT-10", VERDICT_WARN, "an address of session 0 is \"fD00::1");
}
END_TEST

// ---- Identifiers

static void set_identifier(uint8_t *bytes, uint64_t first, uint64_t second)
{
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(first >> (8 * i));
        bytes[8 + i] = (uint8_t)(second >> (8 * i));
    }
}

// The identifiers of four sessions, or of four connections: whatever they are, in whatever order,
// those that are repeated are seen.
START_TEST(identifiers_in_any_order)
{
    enum { COUNT = 4, TRIALS = 300 };
    reopen(COUNT);
    fetch = scene_call(&scene, "fetch", CHARSET_A, PLACE_END, scene_required(&scene, CHARSET_A));
    uint8_t *sessions[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        sessions[i] = member(i, scene.abi->session_id);
    uint8_t *connections[COUNT] = {
        connection(0, 0, scene.abi->connection_id), connection(0, 1, scene.abi->connection_id),
        connection(1, 0, scene.abi->connection_id), connection(3, 0, scene.abi->connection_id)};
    uint32_t chance = 1;
    for (size_t trial = 0; trial < TRIALS; trial++) {
        uint8_t **identifiers = trial % 2 == 0 ? sessions : connections;
        uint64_t ids[COUNT][2];
        bool repeated = false;
        for (size_t i = 0; i < COUNT; i++) {
            for (size_t half = 0; half < 2; half++) {
                chance = chance * 1664525 + 1013904223;
                ids[i][half] = (chance >> 16) % 3;
            }
            set_identifier(identifiers[i], ids[i][0], ids[i][1]);
            for (size_t j = 0; j < i; j++)
                repeated |= memcmp(ids[i], ids[j], sizeof ids[i]) == 0;
        }
        scene_expect(&scene, "CONTENT-8", repeated ? VERDICT_FAIL : VERDICT_PASS);
        for (size_t i = 0; i < COUNT; i++)
            set_identifier(identifiers[i], 77, i);
    }
}
END_TEST

START_TEST(identifiers_of_nothing_else)
{
    // A connection may have that of a session.
    memcpy(connection(SCENE_ONE, 0, scene.abi->connection_id),
           member(SCENE_TWO, scene.abi->session_id), 16);
    scene_expect(&scene, "CONTENT-8", VERDICT_PASS);
    reopen(1);
    fetch = scene_call(&scene, "fetch", CHARSET_A, PLACE_END, scene_required(&scene, CHARSET_A));
    memset(member(0, scene.abi->session_id), 0, 16); // the only one is none that is repeated
    scene_expect(&scene, "CONTENT-8", VERDICT_PASS);
}
END_TEST

START_TEST(the_first_identifier_that_is_repeated)
{
    reopen(4);
    fetch = scene_call(&scene, "fetch", CHARSET_A, PLACE_END, scene_required(&scene, CHARSET_A));
    for (size_t i = 0; i < 4; i++)
        set_identifier(member(i, scene.abi->session_id), 7, i / 2);
    for (size_t i = 0; i < 2; i++)
        set_identifier(connection(0, i, scene.abi->connection_id), 9, 9);
    expect_told("CONTENT-8", VERDICT_FAIL,
                "SessionId 0000000000000007-0000000000000000 is that of");
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        the_first_session_that_is_missing,
        the_first_session_that_does_not_exist,
        a_name_that_is_wrong_and_one_that_can_not_be_read,
        an_isid_that_is_not_known,
        the_orders_of_bytes_are_told,
        bytes_that_are_the_same_in_both_orders,
        a_tsid_that_fits_neither_order,
        the_count_of_connections_is_told_before_the_orders,
        each_connection_with_another_cid_is_told,
        ends_that_are_not_known,
        the_first_end_that_is_wrong,
        ends_of_connections_with_other_cids,
        the_first_address_that_is_not_canonical,
        identifiers_in_any_order,
        identifiers_of_nothing_else,
        the_first_identifier_that_is_repeated,
    };
    Suite *suite = suite_create("limits_told");
    TCase *limits = tcase_create("limits_told");
    tcase_add_checked_fixture(limits, set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
