// SPDX-License-Identifier: Apache-2.0
// Lists in which one member of one session is wrong by as little as can be, and what the clauses
// about content and charsets say of them.
#include "conformance/judge/difference.h"
#include "tests/list_record.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

static struct record *wide; // of W

static void set_up(void)
{
    scene_set_up_quiet();
    fetch = scene_record(&scene, "fetch", CHARSET_A, 1);
    wide = scene_record(&scene, "fetch", CHARSET_W, 0);
}

static char *text(size_t session, uint32_t offset)
{
    return (char *)scene_text(&scene, fetch, member(session, offset));
}

static char *address(size_t session, size_t connection, uint32_t offset)
{
    return (char *)scene_text(&scene, fetch,
                              scene_connection(&scene, fetch, session, connection, offset));
}

// ---- Sessions

START_TEST(fewer_sessions_than_there_are)
{
    fetch->outcome.count_out--;
    scene_expect(&scene, "CONTENT-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_session_listed_twice)
{
    memcpy(member(SCENE_NONE, 0), member(SCENE_ONE, 0), scene.abi->session_size);
    scene_expect(&scene, "CONTENT-1", VERDICT_FAIL);
    scene_expect(&scene, "CONTENT-8", VERDICT_FAIL);
}
END_TEST

START_TEST(a_session_that_does_not_exist)
{
    // As many as there are, and nothing of one of them is any session's.
    member(SCENE_ONE, scene.abi->isid)[0] ^= 1;
    memcpy(text(SCENE_ONE, scene.abi->target_node_name), "xyz", 3);
    memcpy(text(SCENE_ONE, scene.abi->initiator_name), "xyz", 3);
    scene_connection(&scene, fetch, SCENE_ONE, 0, scene.abi->target_socket)[0] ^= 1;
    scene_expect(&scene, "CONTENT-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_session_in_another_order)
{
    uint8_t kept[64];
    ck_assert_uint_eq(sizeof kept, scene.abi->session_size);
    memcpy(kept, member(SCENE_TWO, 0), sizeof kept);
    memcpy(member(SCENE_TWO, 0), member(SCENE_NONE, 0), sizeof kept);
    memcpy(member(SCENE_NONE, 0), kept, sizeof kept);
    static const char *const clauses[] = {"CONTENT-1", "CONTENT-2", "CONTENT-4",
                                          "CONTENT-7", "LAYOUT-7",  "STABLE-1"};
    for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++)
        scene_expect(&scene, clauses[i], VERDICT_PASS);
    ck_assert_ptr_nonnull(strstr(scene_judge(&scene, "STABLE-3", CHARSET_A).got, "changes"));
}
END_TEST

// ---- Names

START_TEST(a_name_in_another_case)
{
    const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                              scene.abi->target_name};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *letter = strpbrk(text(SCENE_ONE, names[i]), "HD");
        ck_assert_ptr_nonnull(letter);
        *letter ^= 0x20;
        scene_expect(&scene, "CONTENT-2", VERDICT_PASS);
        scene_expect(&scene, "CONTENT-3", VERDICT_PASS);
        scene_expect(&scene, "CONTENT-11", VERDICT_WARN);
        *letter ^= 0x20;
        scene_expect(&scene, "CONTENT-11", VERDICT_PASS);
    }
}
END_TEST

START_TEST(a_name_with_another_last_letter)
{
    static const struct {
        size_t member;
        const char *clause;
    } wrong[] = {{0, "CONTENT-2"}, {1, "CONTENT-3"}, {2, "CONTENT-3"}};
    const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                              scene.abi->target_name};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *name = text(SCENE_ONE, names[i]);
        char *last = &name[strlen(name) - 1];
        ++*last;
        scene_expect(&scene, wrong[i].clause, VERDICT_FAIL);
        scene_expect(&scene, "CONTENT-11", VERDICT_PASS); // the other clause's business
        --*last;
        scene_expect(&scene, wrong[i].clause, VERDICT_PASS);
    }
}
END_TEST

START_TEST(a_node_name_that_is_null)
{
    memset(member(SCENE_ONE, scene.abi->target_node_name), 0, 8);
    scene_expect(&scene, "CONTENT-3", VERDICT_FAIL);
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
    scene.profile = "windows";
    scene_expect(&scene, "CONTENT-3", VERDICT_KNOWN);
    scene_expect(&scene, "LAYOUT-2", VERDICT_KNOWN);
    memset(member(SCENE_ONE, scene.abi->target_name), 0, 8); // which is not tolerated
    scene_expect(&scene, "CONTENT-3", VERDICT_FAIL);
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
}
END_TEST

// ---- Numbers

START_TEST(each_byte_of_an_isid)
{
    for (uint32_t i = 0; i < ISID_SIZE; i++) {
        *member(SCENE_ONE, scene.abi->isid + i) ^= 0x40;
        scene_expect(&scene, "CONTENT-4", VERDICT_FAIL);
        scene_expect(&scene, "CONTENT-1", VERDICT_PASS);
        *member(SCENE_ONE, scene.abi->isid + i) ^= 0x40;
    }
}
END_TEST

START_TEST(each_byte_of_a_tsid)
{
    for (uint32_t i = 0; i < TSID_SIZE; i++) {
        *member(SCENE_ONE, scene.abi->tsid + i) ^= 0x40;
        scene_expect(&scene, "CONTENT-5", VERDICT_FAIL);
        *member(SCENE_ONE, scene.abi->tsid + i) ^= 0x40;
    }
}
END_TEST

// Reverses the bytes of the TSIDs of all lists in A, but for the `right` first sessions of one.
static void reverse_tsids(size_t right)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        for (size_t j = 0; record->call.charset == CHARSET_A && record->threads == 1 &&
                           record->bytes != NULL && j < SCENE_SESSIONS;
             j++)
            if (record != fetch || j >= right)
                swap(scene_member(&scene, record, j, scene.abi->tsid));
    }
}

START_TEST(tsids_in_one_order_and_in_both)
{
    reverse_tsids(0);
    scene_expect(&scene, "CONTENT-5", VERDICT_PASS);
    swap(member(SCENE_NONE, scene.abi->tsid));
    scene_expect(&scene, "CONTENT-5", VERDICT_FAIL);
}
END_TEST

START_TEST(a_tsid_of_zero_without_connections)
{
    memset(member(SCENE_NONE, scene.abi->tsid), 0, TSID_SIZE);
    scene_expect(&scene, "CONTENT-5", VERDICT_FAIL);
    scene.profile = "windows";
    scene_expect(&scene, "CONTENT-5", VERDICT_KNOWN);
    memset(member(SCENE_ONE, scene.abi->tsid), 0, TSID_SIZE);
    scene_expect(&scene, "CONTENT-5", VERDICT_FAIL);
}
END_TEST

START_TEST(fewer_and_more_connections_than_there_are)
{
    for (uint8_t count = 1; count <= 3; count += 2) {
        *member(SCENE_TWO, scene.abi->connection_count) = count;
        scene_expect(&scene, "CONTENT-6", VERDICT_FAIL);
    }
    *member(SCENE_TWO, scene.abi->connection_count) = 2;
    *member(SCENE_NONE, scene.abi->connection_count) = 1;
    scene_expect(&scene, "CONTENT-6", VERDICT_PASS);
    scene_expect(&scene, "CONTENT-9", VERDICT_FAIL);
}
END_TEST

START_TEST(another_cid)
{
    uint8_t *cid = scene_connection(&scene, fetch, SCENE_TWO, 1, scene.abi->cid);
    cid[1] ^= 0x40;
    scene_expect(&scene, "CONTENT-6", VERDICT_FAIL);
    cid[1] ^= 0x40;
    memcpy(cid, scene_connection(&scene, fetch, SCENE_TWO, 0, scene.abi->cid), 2);
    scene_expect(&scene, "CONTENT-6", VERDICT_FAIL);
}
END_TEST

START_TEST(cids_in_both_orders)
{
    swap(scene_connection(&scene, fetch, SCENE_TWO, 1, scene.abi->cid));
    scene_expect(&scene, "CONTENT-6", VERDICT_FAIL);
    swap(scene_connection(&scene, fetch, SCENE_TWO, 0, scene.abi->cid));
    scene_expect(&scene, "CONTENT-6", VERDICT_FAIL); // that of the other session isn't
}
END_TEST

START_TEST(ports_in_another_order)
{
    const uint32_t ports[] = {scene.abi->initiator_socket, scene.abi->target_socket};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *port = scene_connection(&scene, fetch, SCENE_TWO, 1, ports[i]);
        swap(port);
        scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
        swap(port);
        scene_expect(&scene, "CONTENT-7", VERDICT_PASS);
    }
}
END_TEST

// ---- Addresses

START_TEST(the_last_digit_of_an_address)
{
    const uint32_t ends[] = {scene.abi->initiator_address, scene.abi->target_address};
    for (size_t connection = 0; connection < 2; connection++) // IPv4, and IPv6's second half
        for (size_t i = 0; i < 2; i++) {
            char *digits = address(SCENE_TWO, connection, ends[i]);
            char *last = &digits[strlen(digits) - 1];
            ++*last;
            scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
            scene_expect(&scene, "CONTENT-10", VERDICT_PASS);
            --*last;
            scene_expect(&scene, "CONTENT-7", VERDICT_PASS);
        }
}
END_TEST

START_TEST(an_address_in_another_form)
{
    const uint32_t ends[] = {scene.abi->initiator_address, scene.abi->target_address};
    for (size_t i = 0; i < 2; i++) {
        address(SCENE_ONE, 0, ends[i])[1] = 'D'; // fD00::...
        scene_expect(&scene, "CONTENT-7", VERDICT_PASS);
        scene_expect(&scene, "CONTENT-10", VERDICT_WARN);
        address(SCENE_ONE, 0, ends[i])[1] = 'd';
        scene_expect(&scene, "CONTENT-10", VERDICT_PASS);
    }
}
END_TEST

START_TEST(an_initiator_address_that_says_nothing)
{
    memcpy(address(SCENE_TWO, 0, scene.abi->initiator_address), "0.0.0.0", 8);
    scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
    scene.profile = "windows";
    scene_expect(&scene, "CONTENT-7", VERDICT_KNOWN);
    memcpy(address(SCENE_ONE, 0, scene.abi->initiator_address), "::", 3);
    scene_expect(&scene, "CONTENT-7", VERDICT_KNOWN);
    memcpy(address(SCENE_TWO, 1, scene.abi->initiator_address), "::1", 4);
    scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
}
END_TEST

START_TEST(an_initiator_address_that_says_nothing_hides_no_other_end)
{
    scene.profile = "windows";
    memcpy(address(SCENE_TWO, 0, scene.abi->initiator_address), "0.0.0.0", 8);
    uint8_t *port = scene_connection(&scene, fetch, SCENE_TWO, 0, scene.abi->initiator_socket);
    port[0] ^= 1;
    scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
    port[0] ^= 1;
    scene_connection(&scene, fetch, SCENE_TWO, 0, scene.abi->target_socket)[0] ^= 1;
    scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
}
END_TEST

// ---- Identifiers

START_TEST(identifiers_that_differ_in_one_half)
{
    uint8_t *one = member(SCENE_ONE, scene.abi->session_id);
    memcpy(one, member(SCENE_TWO, scene.abi->session_id), 16);
    scene_expect(&scene, "CONTENT-8", VERDICT_FAIL);
    one[0]++;
    scene_expect(&scene, "CONTENT-8", VERDICT_PASS);
    uint8_t *connection = scene_connection(&scene, fetch, SCENE_ONE, 0, scene.abi->connection_id);
    memcpy(connection, scene_connection(&scene, fetch, SCENE_TWO, 1, scene.abi->connection_id), 16);
    scene_expect(&scene, "CONTENT-8", VERDICT_FAIL);
    connection[8] += 8;
    scene_expect(&scene, "CONTENT-8", VERDICT_PASS);
}
END_TEST

// ---- A and W

START_TEST(w_with_fewer_sessions_than_a)
{
    wide->outcome.count_out--;
    expect_of_w("CHARSET-1", VERDICT_FAIL);
    expect_of_w("CHARSET-2", VERDICT_PASS);
}
END_TEST

START_TEST(w_with_other_members_than_a)
{
    const uint32_t members[] = {scene.abi->isid + 5, scene.abi->tsid + 1,
                                scene.abi->connection_count};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        uint8_t *changed = scene_member(&scene, wide, SCENE_TWO, members[i]);
        --*changed;
        expect_of_w("CHARSET-1", VERDICT_FAIL);
        ++*changed;
        expect_of_w("CHARSET-1", VERDICT_PASS);
    }
    scene_connection(&scene, wide, SCENE_TWO, 0, scene.abi->initiator_socket)[0] ^= 1;
    expect_of_w("CHARSET-1", VERDICT_FAIL);
}
END_TEST

START_TEST(connections_of_w_in_another_order)
{
    swap_bytes(scene_connection(&scene, wide, SCENE_TWO, 0, 0),
               scene_connection(&scene, wide, SCENE_TWO, 1, 0), scene.abi->connection_size);
    expect_of_w("CHARSET-1", VERDICT_PASS);
    expect_of_w("CHARSET-2", VERDICT_PASS);
    uint8_t *text = scene_text(
        &scene, wide, scene_connection(&scene, wide, SCENE_TWO, 1, scene.abi->initiator_address));
    text[0] ^= 1;
    expect_of_w("CHARSET-1", VERDICT_PASS);
    expect_of_w("CHARSET-2", VERDICT_FAIL);
}
END_TEST

START_TEST(each_connection_of_w_with_another_member_than_in_a)
{
    const uint32_t members[] = {scene.abi->initiator_socket, scene.abi->target_socket,
                                scene.abi->cid, scene.abi->cid + 1};
    for (size_t i = 0; i < 2 * sizeof members / sizeof members[0]; i++) {
        uint8_t *changed = scene_connection(&scene, wide, SCENE_TWO, i % 2, members[i / 2]);
        for (int sign = -1; sign <= 1; sign += 2) {
            *changed = (uint8_t)(*changed + sign);
            expect_of_w("CHARSET-1", VERDICT_FAIL);
            expect_of_w("CHARSET-2", VERDICT_PASS);
            *changed = (uint8_t)(*changed - sign);
        }
        expect_of_w("CHARSET-1", VERDICT_PASS);
    }
}
END_TEST

// Two sessions of the same ISID, TSIH and no connection, to two targets; W has them in the order of
// A, and in the other one.
START_TEST(sessions_of_w_that_differ_in_names_only)
{
    for (int with_initiators = 0; with_initiators < 2; with_initiators++) {
        scene_close(&scene);
        scene_open(&scene, 2);
        struct truth_session *sessions = scene.truth->sessions;
        memcpy(sessions[1].isid, sessions[0].isid, sizeof sessions[0].isid);
        memcpy(sessions[1].tsid, sessions[0].tsid, sizeof sessions[0].tsid);
        sessions[0].connection_count = sessions[1].connection_count = 0;
        char **names[] = {&sessions[0].target_node_name, &sessions[1].target_node_name};
        if (with_initiators)
            (*names[1])[strlen(*names[1]) - 1] = (*names[0])[strlen(*names[0]) - 1];
        scene_call(&scene, "fetch", CHARSET_A, PLACE_END, scene_required(&scene, CHARSET_A));
        wide = scene_call(&scene, "fetch", CHARSET_W, PLACE_END, scene_required(&scene, CHARSET_W));
        expect_of_w("CHARSET-2", VERDICT_PASS);
        swap_bytes(scene_member(&scene, wide, 0, 0), scene_member(&scene, wide, 1, 0),
                   scene.abi->session_size);
        expect_of_w("CHARSET-1", VERDICT_PASS);
        expect_of_w("CHARSET-2", VERDICT_PASS);
    }
}
END_TEST

// Every string of the session with two connections in W: the members in the order of the
// structures.
static uint8_t *wide_text(size_t index)
{
    const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                              scene.abi->target_name};
    const uint32_t ends[] = {scene.abi->initiator_address, scene.abi->target_address};
    uint8_t *pointer = index < 3 ? scene_member(&scene, wide, SCENE_TWO, names[index])
                                 : scene_connection(&scene, wide, SCENE_TWO, (index - 3) / 2,
                                                    ends[(index - 3) % 2]);
    return scene_text(&scene, wide, pointer);
}

START_TEST(a_text_of_w_that_differs_from_a)
{
    for (size_t i = 0; i < 7; i++) {
        wide_text(i)[0] ^= 1;
        expect_of_w("CHARSET-2", VERDICT_FAIL);
        wide_text(i)[0] ^= 1;
        expect_of_w("CHARSET-2", VERDICT_PASS);
    }
}
END_TEST

START_TEST(a_surrogate_without_its_other_half)
{
    for (size_t i = 0; i < 7; i++) {
        wide_text(i)[1] = 0xD8;
        expect_of_w("CHARSET-4", VERDICT_WARN);
        wide_text(i)[1] = 0xDC;
        expect_of_w("CHARSET-4", VERDICT_WARN);
        wide_text(i)[1] = 0;
        expect_of_w("CHARSET-4", VERDICT_PASS);
    }
}
END_TEST

START_TEST(a_long_name_that_was_cut)
{
    char name[225];
    memset(name, 'x', sizeof name - 1);
    scene_close(&scene);
    for (size_t length = 222; length <= 224; length++) {
        name[224] = name[length] = '\0';
        scene_open(&scene, 1);
        struct truth_session *session = scene.truth->sessions;
        truth_session_clear(session);
        const struct truth_session known = {
            .initiator_name = name, .target_node_name = name, .target_name = name};
        ck_assert_int_eq(truth_session_copy(session, &known), 0);
        fetch = scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 4096);
        const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                                  scene.abi->target_name};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            char *last = &text(0, names[i])[length - 1];
            *last = '\0';
            scene_expect(&scene, "CHARSET-3", length < 223 ? VERDICT_PASS : VERDICT_FAIL);
            *last = 'x';
            scene_expect(&scene, "CHARSET-3", VERDICT_PASS);
        }
        name[length] = 'x';
        if (length < 224)
            scene_close(&scene);
    }
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        fewer_sessions_than_there_are,
        a_session_listed_twice,
        a_session_that_does_not_exist,
        a_session_in_another_order,
        a_name_in_another_case,
        a_name_with_another_last_letter,
        a_node_name_that_is_null,
        each_byte_of_an_isid,
        each_byte_of_a_tsid,
        tsids_in_one_order_and_in_both,
        a_tsid_of_zero_without_connections,
        fewer_and_more_connections_than_there_are,
        another_cid,
        cids_in_both_orders,
        ports_in_another_order,
        the_last_digit_of_an_address,
        an_address_in_another_form,
        an_initiator_address_that_says_nothing,
        an_initiator_address_that_says_nothing_hides_no_other_end,
        identifiers_that_differ_in_one_half,
        w_with_fewer_sessions_than_a,
        w_with_other_members_than_a,
        connections_of_w_in_another_order,
        each_connection_of_w_with_another_member_than_in_a,
        sessions_of_w_that_differ_in_names_only,
        a_text_of_w_that_differs_from_a,
        a_surrogate_without_its_other_half,
        a_long_name_that_was_cut,
    };
    Suite *suite = suite_create("limits_content");
    TCase *limits = tcase_create("limits_content");
    tcase_add_checked_fixture(limits, set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
