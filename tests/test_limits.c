// SPDX-License-Identifier: Apache-2.0
// Answers that stand exactly on a limit of the clauses about status, size and bounds: one side of
// it holds, the other does not.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

// ---- The scene

START_TEST(a_right_answer_breaks_no_clause)
{
    scene_call_changing(&scene);
    scene.strict = true;
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
                const struct clause *clause = &clause_groups[i]->clauses[j];
                struct verdict verdict = scene_judge(&scene, clause->id, (enum charset)charset);
                bool applies = (clause->needs & NEEDS_NO_SESSIONS) == 0 &&
                               strncmp(clause->id, "CALLERS", 7) != 0 &&
                               clause->family == FAMILY_LIST &&
                               (clause->needs & NEEDS_LONG_NAMES) == 0;
                ck_assert_msg(!applies || verdict.kind == VERDICT_PASS ||
                                  verdict.kind == VERDICT_NOTE,
                              "%s (%d) says %s: %s; %s", clause->id, charset,
                              verdict_kind_name(verdict.kind), verdict.got, verdict.expected);
            }
}
END_TEST

// ---- SIZE

START_TEST(a_size_required_that_was_offered)
{
    struct record *record = in("short", SHORT_1_LESS);
    record->outcome.size_out = record->call.offered + 1;
    scene_expect(&scene, "SIZE-1", VERDICT_PASS);
    record->outcome.size_out = record->call.offered;
    scene_expect(&scene, "SIZE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_size_required_that_is_refused)
{
    scene_refuse(&scene, in("fetch", FETCH_GENEROUS), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "SIZE-2", VERDICT_PASS); // STATUS-1's business
    scene_refuse(&scene, in("fetch", FETCH_EXACT), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "SIZE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_byte_less_that_is_enough)
{
    scene_succeed(&scene, in("short", SHORT_2_LESS));
    scene_expect(&scene, "SIZE-3", VERDICT_PASS);
    scene_succeed(&scene, in("short", SHORT_1_LESS));
    scene_expect(&scene, "SIZE-3", VERDICT_FAIL);
    scene.profile = "windows";
    scene_expect(&scene, "SIZE-3", VERDICT_KNOWN);
}
END_TEST

START_TEST(a_size_required_that_depends_on_the_offer)
{
    in("short", SHORT_1)->outcome.size_out++;
    scene_expect(&scene, "SIZE-4", VERDICT_FAIL);
    in("short", SHORT_1)->outcome.size_out -= 2;
    scene_expect(&scene, "SIZE-4", VERDICT_FAIL);
}
END_TEST

START_TEST(sizes_on_success_that_differ_by_1_and_by_8)
{
    for (uint32_t less = 1; less <= 8; less += 7) {
        in("fetch", FETCH_GENEROUS)->outcome.size_out = required - less;
        scene.profile = "documented";
        scene_expect(&scene, "SIZE-5", VERDICT_FAIL);
        in("fetch", FETCH_GENEROUS)->outcome.size_out = required + less;
        scene_expect(&scene, "SIZE-5", VERDICT_FAIL);
        scene.profile = "windows";
        scene_expect(&scene, "SIZE-5", VERDICT_KNOWN);
    }
}
END_TEST

START_TEST(a_size_on_success_above_the_offer)
{
    scene.profile = "windows";
    in("fetch", FETCH_EXACT)->outcome.size_out = required + 1;
    scene_expect(&scene, "SIZE-5", VERDICT_FAIL);
}
END_TEST

// The size that the queries are answered with.
static void require(uint32_t size)
{
    in("query", 0)->outcome.size_out = size;
}

START_TEST(a_size_required_100_bytes_and_1_byte_too_small)
{
    struct measure measure = scene_measure(&scene);
    require((uint32_t)measure.least);
    scene_expect(&scene, "SIZE-6", VERDICT_PASS);
    require((uint32_t)measure.least - 1);
    scene_expect(&scene, "SIZE-6", VERDICT_FAIL);
    require((uint32_t)measure.least - 100);
    scene_expect(&scene, "SIZE-6", VERDICT_FAIL);
}
END_TEST

START_TEST(a_size_required_without_initiator_addresses)
{
    struct measure measure = scene_measure(&scene);
    scene.profile = "windows";
    ck_assert_uint_eq(measure.initiator_addresses,
                      strlen("10.1.2.3") + strlen("fd00::1:2:3:4") * 2 + 3);
    require((uint32_t)(measure.least - measure.initiator_addresses));
    scene_expect(&scene, "SIZE-6", VERDICT_KNOWN);
    require((uint32_t)(measure.least - measure.initiator_addresses) - 1);
    scene_expect(&scene, "SIZE-6", VERDICT_FAIL);
}
END_TEST

START_TEST(a_threshold_that_is_crossed_twice)
{
    scene_refuse(&scene, in("sweep", SWEEP_1_MORE), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "SIZE-7", VERDICT_FAIL);
}
END_TEST

START_TEST(a_threshold_that_is_elsewhere)
{
    scene_refuse(&scene, in("sweep", SWEEP_EXACT), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "SIZE-7", VERDICT_PASS);
    in("sweep", SWEEP_0)->outcome.status = 234;
    scene_expect(&scene, "SIZE-7", VERDICT_FAIL);
}
END_TEST

START_TEST(a_threshold_that_is_never_reached)
{
    for (size_t i = SWEEP_EXACT; i <= SWEEP_1_MORE + 1; i++)
        scene_refuse(&scene, in("sweep", i), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "SIZE-7", VERDICT_FAIL);
}
END_TEST

START_TEST(a_padding_of_7_and_of_8)
{
    struct measure measure = scene_measure(&scene);
    // The structures; 2 arrays; 3 names of each session, 2 addresses of each connection.
    ck_assert_uint_eq(measure.pieces, 1 + 2 + 3 * 3 + 3 * 2);
    require((uint32_t)(measure.whole + 7 * measure.pieces));
    scene_expect(&scene, "SIZE-8", VERDICT_PASS);
    require((uint32_t)(measure.whole + 7 * measure.pieces + 1));
    scene_expect(&scene, "SIZE-8", VERDICT_WARN);
    scene.strict = true;
    scene_expect(&scene, "SIZE-8", VERDICT_FAIL);
    scene.profile = "windows";
    scene_expect(&scene, "SIZE-8", VERDICT_KNOWN);
}
END_TEST

START_TEST(a_string_that_ends_past_the_size)
{
    in("fetch", FETCH_EXACT)->outcome.size_out = required - 1;
    scene_expect(&scene, "SIZE-9", VERDICT_FAIL);
    scene_expect(&scene, "LAYOUT-3", VERDICT_FAIL);
}
END_TEST

START_TEST(a_large_offer_that_is_refused)
{
    scene_refuse(&scene, in("large", 0), 998);
    scene_expect(&scene, "SIZE-10", VERDICT_FAIL);
    scene.profile = "windows";
    scene_expect(&scene, "SIZE-10", VERDICT_KNOWN);
    scene_refuse(&scene, in("large", 0), 997);
    scene_expect(&scene, "SIZE-10", VERDICT_FAIL);
}
END_TEST

// ---- STATUS

START_TEST(a_sufficient_buffer_that_is_refused)
{
    scene_refuse(&scene, in("fetch", FETCH_EXACT), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "STATUS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_count_that_is_honoured_as_a_limit)
{
    // 0, one session less than there are, as many, and the most.
    for (size_t i = 0; i < 2; i++)
        scene_refuse(&scene, in("counts", i), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "STATUS-1", VERDICT_PASS);
    ck_assert_ptr_nonnull(strstr(scene_judge(&scene, "COUNT-3", CHARSET_A).got, "as a limit"));
    scene_expect(&scene, "COUNT-5", VERDICT_WARN);
    scene_refuse(&scene, in("counts", 2), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "STATUS-1", VERDICT_FAIL);
    scene_expect(&scene, "COUNT-3", VERDICT_FAIL);
}
END_TEST

START_TEST(an_insufficient_buffer_with_another_code)
{
    scene_refuse(&scene, in("short", SHORT_1_LESS), 234);
    scene_expect(&scene, "STATUS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(codes_at_the_ends_of_their_ranges)
{
    static const struct {
        uint32_t code;
        enum verdict_kind kind;
    } codes[] = {
        {1, VERDICT_PASS},          {15999, VERDICT_PASS},      {16000, VERDICT_FAIL},
        {65535, VERDICT_FAIL},      {0x8007007A, VERDICT_FAIL}, {0xEFFF0000, VERDICT_FAIL},
        {0xEFFF0001, VERDICT_PASS}, {0xEFFF0068, VERDICT_PASS}, {0xEFFF0069, VERDICT_FAIL}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        in("args", 0)->outcome.status = codes[i].code;
        scene_expect(&scene, "STATUS-3", codes[i].kind);
    }
}
END_TEST

START_TEST(a_status_that_changes_with_the_same_call)
{
    scene_refuse(&scene, in("repeat", 2), 5);
    scene_expect(&scene, "STATUS-4", VERDICT_FAIL);
}
END_TEST

START_TEST(damage_beside_the_arguments)
{
    struct outcome *refused = &in("args", 0)->outcome;
    refused->count_cell_damaged = true;
    scene_expect(&scene, "STATUS-5", VERDICT_FAIL);
    scene_expect(&scene, "BOUNDS-1", VERDICT_FAIL);
    refused->count_cell_damaged = false;
    refused->size_cell_damaged = true;
    scene_expect(&scene, "STATUS-5", VERDICT_FAIL);
    scene_expect(&scene, "BOUNDS-1", VERDICT_FAIL);
    refused->size_cell_damaged = false;
    refused->after = (struct extent){4096, 4096};
    scene_expect(&scene, "STATUS-5", VERDICT_FAIL);
    scene_expect(&scene, "BOUNDS-1", VERDICT_FAIL);
    refused->after = extent_none();
    refused->before = (struct extent){-1, -1};
    scene_expect(&scene, "STATUS-5", VERDICT_FAIL);
    scene_expect(&scene, "BOUNDS-2", VERDICT_FAIL);
}
END_TEST

// ---- BOUNDS

// What BOUNDS-1 and BOUNDS-2 say of an access that many bytes behind SessionInfo.
static void expect_of_fault(enum fault_direction direction, int64_t offset, enum verdict_kind end,
                            enum verdict_kind begin)
{
    struct record *record = in("fetch", FETCH_EXACT);
    scene_fault(record, direction, record->outcome.base + (uint64_t)offset);
    scene_expect(&scene, "BOUNDS-1", end);
    scene_expect(&scene, "BOUNDS-2", begin);
    scene_expect(&scene, "STATUS-1", VERDICT_FAIL);
}

START_TEST(a_write_exactly_at_the_end)
{
    expect_of_fault(FAULT_WRITE, required, VERDICT_FAIL, VERDICT_PASS);
    expect_of_fault(FAULT_WRITE, required - 1, VERDICT_PASS, VERDICT_PASS);
    expect_of_fault(FAULT_UNKNOWN, required, VERDICT_FAIL, VERDICT_PASS);
}
END_TEST

START_TEST(a_write_just_before_the_buffer)
{
    expect_of_fault(FAULT_WRITE, -1, VERDICT_PASS, VERDICT_FAIL);
    expect_of_fault(FAULT_WRITE, 0, VERDICT_PASS, VERDICT_PASS);
}
END_TEST

START_TEST(a_read_is_no_write)
{
    expect_of_fault(FAULT_READ, required, VERDICT_PASS, VERDICT_PASS);
    expect_of_fault(FAULT_READ, -1, VERDICT_PASS, VERDICT_PASS);
    expect_of_fault(FAULT_EXECUTE, required, VERDICT_PASS, VERDICT_PASS);
}
END_TEST

START_TEST(a_fault_that_is_far_away)
{
    const int64_t near = 1 << 20;
    in("fetch", FETCH_EXACT)->outcome.base = 1 << 24;
    expect_of_fault(FAULT_WRITE, required + near, VERDICT_FAIL, VERDICT_PASS);
    expect_of_fault(FAULT_WRITE, required + near + 1, VERDICT_PASS, VERDICT_PASS);
    expect_of_fault(FAULT_WRITE, -near, VERDICT_PASS, VERDICT_FAIL);
    expect_of_fault(FAULT_WRITE, -near - 1, VERDICT_PASS, VERDICT_PASS);
}
END_TEST

START_TEST(a_query_with_another_answer)
{
    in("query", 0)->outcome.status = 5;
    scene_expect(&scene, "BOUNDS-3", VERDICT_FAIL);
    in("query", 0)->outcome.status = ERROR_SUCCESS;
    scene_expect(&scene, "BOUNDS-3", VERDICT_FAIL);
    in("query", 0)->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    in("null", 0)->outcome.status = 5;
    scene_expect(&scene, "BOUNDS-4", VERDICT_PASS);
    in("null", 0)->outcome.status = ERROR_SUCCESS;
    scene_expect(&scene, "BOUNDS-4", VERDICT_FAIL);
}
END_TEST

START_TEST(an_answer_that_depends_on_the_filling)
{
    struct record *record = in("fills", 1);
    record->outcome.count_out++;
    scene_expect(&scene, "BOUNDS-5", VERDICT_WARN);
    record->outcome.count_out--;
    record->outcome.size_out--;
    scene_expect(&scene, "BOUNDS-5", VERDICT_WARN);
    record->outcome.size_out++;
    scene_expect(&scene, "BOUNDS-5", VERDICT_PASS);
    *scene_member(&scene, record, SCENE_ONE, scene.abi->isid) ^= 1;
    scene_expect(&scene, "BOUNDS-5", VERDICT_WARN);
    scene_refuse(&scene, record, 5);
    scene_expect(&scene, "BOUNDS-5", VERDICT_WARN);
}
END_TEST

START_TEST(an_insufficient_call_that_writes)
{
    ck_assert_ptr_nonnull(strstr(scene_judge(&scene, "BOUNDS-6", CHARSET_A).got, "untouched"));
    in("short", SHORT_1)->outcome.inside = (struct extent){0, 0};
    ck_assert_ptr_nonnull(strstr(scene_judge(&scene, "BOUNDS-6", CHARSET_A).got, "may write"));
}
END_TEST

START_TEST(a_byte_written_behind_the_size)
{
    struct record *record = in("fetch", FETCH_GENEROUS);
    record->outcome.inside.last = required;
    scene_expect(&scene, "BOUNDS-7", VERDICT_WARN);
}
END_TEST

START_TEST(an_unaligned_list_with_another_member)
{
    *scene_member(&scene, in("offsets", 0), SCENE_ONE, scene.abi->isid + 5) ^= 1;
    scene_expect(&scene, "BOUNDS-8", VERDICT_WARN);
    scene_refuse(&scene, in("offsets", 0), 87);
    scene_expect(&scene, "BOUNDS-8", VERDICT_PASS);
}
END_TEST

// ---- Levels

START_TEST(a_should_under_strict)
{
    in("fetch", FETCH_GENEROUS)->outcome.inside.last = required;
    scene_expect(&scene, "BOUNDS-7", VERDICT_WARN);
    scene.strict = true;
    scene_expect(&scene, "BOUNDS-7", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_right_answer_breaks_no_clause,
        a_size_required_that_was_offered,
        a_size_required_that_is_refused,
        a_byte_less_that_is_enough,
        a_size_required_that_depends_on_the_offer,
        sizes_on_success_that_differ_by_1_and_by_8,
        a_size_on_success_above_the_offer,
        a_size_required_100_bytes_and_1_byte_too_small,
        a_size_required_without_initiator_addresses,
        a_threshold_that_is_crossed_twice,
        a_threshold_that_is_elsewhere,
        a_threshold_that_is_never_reached,
        a_padding_of_7_and_of_8,
        a_string_that_ends_past_the_size,
        a_large_offer_that_is_refused,
        a_sufficient_buffer_that_is_refused,
        a_count_that_is_honoured_as_a_limit,
        an_insufficient_buffer_with_another_code,
        codes_at_the_ends_of_their_ranges,
        a_status_that_changes_with_the_same_call,
        damage_beside_the_arguments,
        a_write_exactly_at_the_end,
        a_write_just_before_the_buffer,
        a_read_is_no_write,
        a_fault_that_is_far_away,
        a_query_with_another_answer,
        an_answer_that_depends_on_the_filling,
        an_insufficient_call_that_writes,
        a_byte_written_behind_the_size,
        an_unaligned_list_with_another_member,
        a_should_under_strict,
    };
    Suite *suite = suite_create("limits");
    TCase *limits = tcase_create("limits");
    tcase_add_checked_fixture(limits, scene_set_up_quiet, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
