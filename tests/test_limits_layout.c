// SPDX-License-Identifier: Apache-2.0
// Answers that stand exactly on a limit of the clauses about counts and arrangement, and without
// sessions.
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

// ---- COUNT

START_TEST(a_count_that_is_one_off)
{
    for (int off = -1; off <= 1; off += 2) {
        in("fetch", FETCH_EXACT)->outcome.count_out = (uint32_t)(SCENE_SESSIONS + off);
        scene_expect(&scene, "COUNT-1", VERDICT_FAIL);
        in("short", SHORT_1)->outcome.count_out = (uint32_t)(SCENE_SESSIONS + off);
        scene_expect(&scene, "COUNT-2", VERDICT_WARN);
    }
}
END_TEST

START_TEST(structures_that_just_fit)
{
    struct record *record = in("fetch", FETCH_EXACT);
    record->outcome.count_out = required / scene.abi->session_size;
    scene_expect(&scene, "COUNT-4", VERDICT_PASS);
    record->outcome.size_out = record->outcome.count_out * scene.abi->session_size;
    scene_expect(&scene, "COUNT-4", VERDICT_PASS);
    record->outcome.size_out--;
    scene_expect(&scene, "COUNT-4", VERDICT_FAIL);
}
END_TEST

// ---- LAYOUT

START_TEST(more_structures_than_there_are)
{
    struct record *record = in("fetch", FETCH_EXACT);
    record->outcome.count_out++; // the connections stand where the next structure would
    scene_expect(&scene, "LAYOUT-1", VERDICT_FAIL);
    record->outcome.count_out = required / scene.abi->session_size + 1;
    scene_expect(&scene, "LAYOUT-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_pointer_exactly_at_the_end)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *name = scene_member(&scene, record, SCENE_TWO, scene.abi->target_name);
    scene_point(record, name, required - 1);
    scene_expect(&scene, "LAYOUT-2", VERDICT_PASS);
    scene_point(record, name, required);
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
    scene_point(record, name, (uint64_t)-1);
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
}
END_TEST

START_TEST(an_array_exactly_at_the_end)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *none = scene_member(&scene, record, SCENE_NONE, scene.abi->connections);
    scene_point(record, none, required); // no connections, so that it points to nothing
    scene_expect(&scene, "LAYOUT-2", VERDICT_PASS);
    scene_point(record, none, required + 1);
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
    scene_point(record, none, 0);
    scene_expect(&scene, "LAYOUT-2", VERDICT_PASS);
    scene_point(record, none, (uint64_t)-1);
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
    scene_point(record, none, required);
    uint8_t *one = scene_member(&scene, record, SCENE_ONE, scene.abi->connections);
    scene_point(record, one, required);
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_string_without_its_terminator)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *bytes = scene_member(&scene, record, 0, 0);
    bytes[required - 1] = 'x'; // the last byte of the last string
    scene_expect(&scene, "LAYOUT-3", VERDICT_FAIL);
}
END_TEST

START_TEST(an_array_that_just_fits)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *array = scene_member(&scene, record, SCENE_ONE, scene.abi->connections);
    scene_point(record, array, required - scene.abi->connection_size);
    scene_expect(&scene, "LAYOUT-4", VERDICT_PASS);
    scene_point(record, array, required - scene.abi->connection_size + 1);
    scene_expect(&scene, "LAYOUT-4", VERDICT_FAIL);
}
END_TEST

START_TEST(strings_that_overlap_by_one_byte)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *target = scene_member(&scene, record, SCENE_ONE, scene.abi->target_name);
    uint8_t *node = scene_member(&scene, record, SCENE_ONE, scene.abi->target_node_name);
    memcpy(target, node, 8); // equal strings may be shared
    scene_expect(&scene, "LAYOUT-5", VERDICT_PASS);
    target[0]++;
    scene_expect(&scene, "LAYOUT-5", VERDICT_FAIL);
    // The string before ends with its terminator, which is an empty string as well.
    size_t end = (size_t)(scene_text(&scene, record, node) - scene_member(&scene, record, 0, 0));
    scene_point(record, target, end - 1);
    scene_expect(&scene, "LAYOUT-5", VERDICT_FAIL);
}
END_TEST

// A string that stands where an array does is not shared with it, be it the shorter of the two or
// the longer.
START_TEST(a_string_where_an_array_stands)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *array = scene_connection(&scene, record, SCENE_ONE, 0, 0);
    uint8_t *target = scene_member(&scene, record, SCENE_ONE, scene.abi->target_name);
    scene_point(record, target, (uint64_t)(array - scene_member(&scene, record, 0, 0)));
    scene_expect(&scene, "LAYOUT-5", VERDICT_FAIL);
    memset(array, 'x', scene.abi->connection_size);
    scene_expect(&scene, "LAYOUT-5", VERDICT_FAIL);
}
END_TEST

// No connections take up no room, even where *BufferSize says that less was retrieved.
START_TEST(an_empty_array_behind_the_size)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *none = scene_member(&scene, record, SCENE_NONE, scene.abi->connections);
    scene_point(record, none, required - 1);
    record->outcome.size_out = required - 8;
    scene_expect(&scene, "LAYOUT-4", VERDICT_PASS);
}
END_TEST

START_TEST(an_alignment_to_4)
{
    struct record *record = in("fetch", FETCH_EXACT);
    uint8_t *array = scene_member(&scene, record, SCENE_ONE, scene.abi->connections);
    array[0] += 4;
    scene_expect(&scene, "LAYOUT-6", VERDICT_WARN);
    record = scene_record(&scene, "fetch", CHARSET_W, FETCH_EXACT);
    scene_expect_in(&scene, "LAYOUT-6", CHARSET_W, VERDICT_PASS);
    scene_member(&scene, record, SCENE_ONE, scene.abi->target_name)[0]++;
    scene_expect_in(&scene, "LAYOUT-6", CHARSET_W, VERDICT_WARN);
}
END_TEST

START_TEST(another_arrangement)
{
    struct record *record = in("fetch", FETCH_GENEROUS);
    uint8_t *target = scene_member(&scene, record, SCENE_ONE, scene.abi->target_name);
    memcpy(target, scene_member(&scene, record, SCENE_ONE, scene.abi->target_node_name), 8);
    scene_expect(&scene, "LAYOUT-7", VERDICT_WARN);
}
END_TEST

// The list of another moment, arranged in another way. Which way it says what LAYOUT-7 says of it.
static void expect_at_another_moment(enum verdict_kind kind)
{
    struct record *record = scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 2 * required);
    uint8_t *target = scene_member(&scene, record, SCENE_ONE, scene.abi->target_name);
    memcpy(target, scene_member(&scene, record, SCENE_ONE, scene.abi->target_node_name), 8);
    scene_expect(&scene, "LAYOUT-7", kind);
}

static void rename_one(const char *name)
{
    struct truth_session *session = &scene.truth->sessions[SCENE_ONE];
    free(session->initiator_name);
    session->initiator_name = strdup(name);
    ck_assert_ptr_nonnull(session->initiator_name);
}

START_TEST(another_moment_with_the_same_needs)
{
    scene_change(&scene);
    expect_at_another_moment(VERDICT_WARN);
}
END_TEST

START_TEST(another_moment_with_a_longer_name)
{
    scene_change(&scene);
    rename_one("iqn.2004-01.com.example:Host1-longer");
    expect_at_another_moment(VERDICT_PASS);
}
END_TEST

// The name takes as much room, but may be shared now.
START_TEST(another_moment_with_equal_names)
{
    scene_change(&scene);
    rename_one(scene.truth->sessions[SCENE_TWO].initiator_name);
    expect_at_another_moment(VERDICT_PASS);
}
END_TEST

START_TEST(another_moment_without_a_connection)
{
    scene_change(&scene);
    scene.truth->sessions[SCENE_TWO].connection_count--;
    expect_at_another_moment(VERDICT_PASS);
}
END_TEST

// ---- No sessions

START_TEST(an_empty_list)
{
    scene_close(&scene);
    scene_open(&scene, 0);
    static const char *const sets[] = {"query", "fetch", "short", "repeat", "sweep"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        scene_call(&scene, sets[i], CHARSET_A, i == 0 ? PLACE_NULL : PLACE_END, i == 0 ? 0 : 64);
    scene_expect(&scene, "EMPTY-1", VERDICT_PASS);
    scene_expect(&scene, "EMPTY-2", VERDICT_PASS);
    in("fetch", 0)->outcome.inside = (struct extent){0, 0};
    scene_expect(&scene, "EMPTY-2", VERDICT_WARN);
    in("fetch", 0)->outcome.size_out = 1;
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL);
    in("fetch", 0)->outcome.size_out = 0;
    in("fetch", 0)->outcome.count_out = 1;
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL);
}
END_TEST

START_TEST(an_empty_list_that_asks_for_a_buffer)
{
    scene_close(&scene);
    scene_open(&scene, 0);
    struct outcome *query = &scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0)->outcome;
    *query = (struct outcome){.kind = OUTCOME_RETURNED,
                              .status = ERROR_INSUFFICIENT_BUFFER,
                              .size_out = 64,
                              .inside = extent_none()};
    static const char *const sets[] = {"fetch", "short", "repeat", "sweep"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        scene_call(&scene, sets[i], CHARSET_A, PLACE_END, 64);
    in("fetch", 0)->outcome.size_out = 64;
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL);
    scene.profile = "windows";
    scene_expect(&scene, "EMPTY-1", VERDICT_KNOWN);
    in("fetch", 0)->outcome.size_out = 65;
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL);
    in("fetch", 0)->outcome.size_out = 64;
    in("query", 0)->outcome.size_out = 0;
    scene_expect(&scene, "EMPTY-1", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_count_that_is_one_off,
        structures_that_just_fit,
        more_structures_than_there_are,
        a_pointer_exactly_at_the_end,
        an_array_exactly_at_the_end,
        a_string_without_its_terminator,
        an_array_that_just_fits,
        strings_that_overlap_by_one_byte,
        a_string_where_an_array_stands,
        an_empty_array_behind_the_size,
        an_alignment_to_4,
        another_arrangement,
        another_moment_with_the_same_needs,
        another_moment_with_a_longer_name,
        another_moment_with_equal_names,
        another_moment_without_a_connection,
        an_empty_list,
        an_empty_list_that_asks_for_a_buffer,
    };
    Suite *suite = suite_create("limits_layout");
    TCase *limits = tcase_create("limits");
    tcase_add_checked_fixture(limits, scene_set_up_quiet, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
