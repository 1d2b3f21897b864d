// SPDX-License-Identifier: Apache-2.0
// Lists that are arranged wrongly in several places, or stand exactly on a limit: what the clauses
// about arrangement tell.
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static void set_up(void)
{
    scene_set_up_quiet();
    fetch = scene_record(&scene, "fetch", CHARSET_A, 0);
}

static void point(uint8_t *pointer, uint64_t offset)
{
    scene_point(fetch, pointer, offset);
}

START_TEST(structures_without_names_are_told)
{
    const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                              scene.abi->target_name};
    for (size_t session = SCENE_SESSIONS; session-- > 0;) {
        for (size_t i = 0; i < 3; i++)
            memset(member(session, names[i]), 0, 8);
        char told[64];
        snprintf(told, sizeof told, "number %zu belongs", session);
        expect_told("LAYOUT-1", VERDICT_FAIL, told);
    }
    ck_assert_str_eq(scene_judge(&scene, "LAYOUT-1", CHARSET_A).expected,
                     "3 structures of 64 bytes one behind the other from SessionInfo on");
    fetch->outcome.count_out = required / scene.abi->session_size + 1;
    expect_told("LAYOUT-1", VERDICT_FAIL, "within the bytes retrieved");
    scene_tear_down();
    set_up();
    ck_assert_str_eq(scene_judge(&scene, "LAYOUT-1", CHARSET_A).expected, "");
    fetch->outcome.count_out++;
    expect_told("LAYOUT-1", VERDICT_FAIL, "Connections of session 0 is at SessionInfo + 192");
}
END_TEST

START_TEST(the_first_pointer_that_leads_outside)
{
    point(member(SCENE_TWO, scene.abi->connections), required);
    point(member(SCENE_ONE, scene.abi->connections), required);
    expect_told("LAYOUT-2", VERDICT_FAIL, "Connections of session 0 is");
    point(member(SCENE_TWO, scene.abi->connections),
          SCENE_SESSIONS * (uint64_t)scene.abi->session_size);
    point(member(SCENE_TWO, scene.abi->initiator_name), required);
    expect_told("LAYOUT-2", VERDICT_FAIL, "Connections of session 1 is");
    point(member(SCENE_ONE, scene.abi->connections), 0);
    expect_told("LAYOUT-2", VERDICT_FAIL, "InitiatorName of session 0 is");
}
END_TEST

START_TEST(each_address_that_leads_outside)
{
    const uint32_t ends[] = {scene.abi->initiator_address, scene.abi->target_address};
    for (size_t i = 0; i < 6; i++) {
        uint8_t *pointer = connection(i / 4, i / 2 % 2, ends[i % 2]);
        uint8_t kept[8];
        memcpy(kept, pointer, sizeof kept);
        point(pointer, required);
        expect_told("LAYOUT-2", VERDICT_FAIL,
                    i % 2 == 0 ? "InitiatorAddress of session" : "TargetAddress of session");
        memcpy(pointer, kept, sizeof kept);
        expect("LAYOUT-2", VERDICT_PASS);
    }
    point(connection(SCENE_TWO, 1, ends[0]), required);
    point(member(SCENE_ONE, scene.abi->target_name), required);
    expect_told("LAYOUT-2", VERDICT_FAIL, "InitiatorAddress of session 0 is");
}
END_TEST

START_TEST(a_node_name_that_is_tolerated_if_it_is_null)
{
    scene.profile = "windows";
    point(member(SCENE_ONE, scene.abi->target_node_name), required);
    expect("LAYOUT-2", VERDICT_FAIL);
    memset(member(SCENE_ONE, scene.abi->target_node_name), 0, 8);
    expect("LAYOUT-2", VERDICT_KNOWN);
}
END_TEST

START_TEST(an_array_at_and_before_the_first_byte)
{
    uint8_t *none = member(SCENE_NONE, scene.abi->connections);
    uint8_t *one = member(SCENE_ONE, scene.abi->connections);
    point(none, 0);
    point(one, 0);
    expect("LAYOUT-2", VERDICT_PASS); // LAYOUT-5's business
    point(one, (uint64_t)-1);
    expect("LAYOUT-2", VERDICT_FAIL);
    point(one, 0);
    point(none, (uint64_t)-1);
    expect("LAYOUT-2", VERDICT_FAIL);
}
END_TEST

START_TEST(the_first_string_without_an_end)
{
    uint8_t *bytes = member(0, 0);
    memset(member(SCENE_TWO, scene.abi->initiator_name), 0, 8);
    expect("LAYOUT-3", VERDICT_PASS); // LAYOUT-2's business
    bytes[required - 1] = 'x';
    expect_told("LAYOUT-3", VERDICT_FAIL, "TargetName of session 2, at");
    point(member(SCENE_TWO, scene.abi->target_node_name), required - 1);
    expect_told("LAYOUT-3", VERDICT_FAIL, "TargetNodeName of session 0, at");
}
END_TEST

START_TEST(the_first_array_without_room)
{
    *member(SCENE_ONE, scene.abi->connection_count) = 200;
    expect_told("LAYOUT-4", VERDICT_FAIL, "the 200 connections of session 1");
    *member(SCENE_TWO, scene.abi->connection_count) = 201;
    expect_told("LAYOUT-4", VERDICT_FAIL, "the 201 connections of session 0");
    point(member(SCENE_TWO, scene.abi->connections), required);
    *member(SCENE_ONE, scene.abi->connection_count) = 0;
    expect("LAYOUT-4", VERDICT_PASS); // LAYOUT-2's business
    point(member(SCENE_ONE, scene.abi->connections), required - 1);
    expect("LAYOUT-4", VERDICT_PASS);
    *member(SCENE_ONE, scene.abi->connection_count) = 1;
    expect("LAYOUT-4", VERDICT_FAIL);
}
END_TEST

START_TEST(pieces_that_overlap)
{
    uint8_t *target = member(SCENE_ONE, scene.abi->target_name);
    uint8_t *array = member(SCENE_ONE, scene.abi->connections);
    uint8_t kept[8];
    memcpy(kept, target, sizeof kept);
    // A string in an array, at its beginning; it is as long as the array, or not.
    memcpy(target, array, 8);
    expect("LAYOUT-5", VERDICT_FAIL);
    // One that another ends with: both have the same end.
    memcpy(target, member(SCENE_ONE, scene.abi->target_node_name), 8);
    target[0]++;
    expect_told("LAYOUT-5", VERDICT_FAIL, "TargetName of session 1");
    memcpy(target, kept, sizeof kept);
    expect("LAYOUT-5", VERDICT_PASS);
    // The first of two overlaps is told.
    memcpy(member(SCENE_NONE, scene.abi->target_name),
           member(SCENE_NONE, scene.abi->target_node_name), 8);
    member(SCENE_NONE, scene.abi->target_name)[0]++;
    memcpy(target, member(SCENE_ONE, scene.abi->target_node_name), 8);
    target[0]++;
    expect_told("LAYOUT-5", VERDICT_FAIL, "TargetName of session 1");
    // The structures are pieces, too.
    point(member(SCENE_TWO, scene.abi->initiator_name), 0);
    expect_told("LAYOUT-5", VERDICT_FAIL, "overlaps");
}
END_TEST

START_TEST(the_first_piece_that_is_not_aligned)
{
    member(SCENE_TWO, scene.abi->connections)[0] += 4;
    member(SCENE_ONE, scene.abi->connections)[0] += 4;
    expect_told("LAYOUT-6", VERDICT_WARN, "Connections of session 0 is at");
    fetch = scene_record(&scene, "fetch", CHARSET_W, 0);
    member(SCENE_TWO, scene.abi->connections)[0] += 4;
    struct verdict verdict = scene_judge(&scene, "LAYOUT-6", CHARSET_W);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "a multiple of 8"));
    member(SCENE_TWO, scene.abi->connections)[0] -= 4;
    member(SCENE_TWO, scene.abi->target_name)[0]++;
    verdict = scene_judge(&scene, "LAYOUT-6", CHARSET_W);
    ck_assert_ptr_nonnull(strstr(verdict.expected, "a multiple of 2"));
}
END_TEST

START_TEST(no_list_has_an_arrangement)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        scene_refuse(&scene, &scene.transcript->records[i], 5);
    expect_told("LAYOUT-7", VERDICT_SKIP, "no call succeeded");
    scene_tear_down();
    set_up();
    // Another count on input is another call.
    memcpy(member(SCENE_ONE, scene.abi->target_name),
           member(SCENE_ONE, scene.abi->target_node_name), 8);
    fetch->call.count_in = 0;
    expect("LAYOUT-7", VERDICT_PASS);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        structures_without_names_are_told,     the_first_pointer_that_leads_outside,
        each_address_that_leads_outside,       a_node_name_that_is_tolerated_if_it_is_null,
        an_array_at_and_before_the_first_byte, the_first_string_without_an_end,
        the_first_array_without_room,          pieces_that_overlap,
        the_first_piece_that_is_not_aligned,   no_list_has_an_arrangement,
    };
    Suite *suite = suite_create("limits_pieces");
    TCase *limits = tcase_create("limits_pieces");
    tcase_add_checked_fixture(limits, set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
