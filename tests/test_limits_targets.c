// SPDX-License-Identifier: Apache-2.0
// The clauses of ReportIScsiTargets, by recorded calls that stand exactly on their limits.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <string.h>

static struct record *target(const char *set, size_t index)
{
    return scene_record(&items_scene, set, CHARSET_TARGETS_W, index);
}

// ---- TARGETS

START_TEST(enough_for_the_names)
{
    scene_refuse(&items_scene, target("items-fetch", 0), ERROR_INSUFFICIENT_BUFFER);
    items_expect("TARGETS-1", VERDICT_FAIL);
    items_expect("TARGETS-4", VERDICT_FAIL);
}
END_TEST

START_TEST(more_than_enough_for_the_names)
{
    scene_refuse(&items_scene, target("items-fetch", 1), INVALID_PARAMETER);
    items_expect("TARGETS-1", VERDICT_FAIL);
    items_expect("TARGETS-4", VERDICT_PASS);
}
END_TEST

START_TEST(too_small_for_the_names)
{
    struct record *record = target("items-short", 0);
    record->outcome.status = INVALID_PARAMETER;
    items_expect("TARGETS-2", VERDICT_FAIL);
    record->outcome.status = ERROR_SUCCESS;
    items_expect("TARGETS-2", VERDICT_FAIL);
}
END_TEST

// Asks for one more than the names take.
START_TEST(an_offer_between_what_is_needed_and_what_is_required)
{
    target("items-query", 0)->outcome.size_out = REQUIRED + 1;
    struct record *record = target("items-short", 0);
    record->call.offered = REQUIRED;
    record->outcome.status = ERROR_SUCCESS;
    items_expect("TARGETS-2", VERDICT_PASS);
    record->outcome.status = INVALID_PARAMETER;
    items_expect("TARGETS-2", VERDICT_FAIL);
    record->outcome.status = ERROR_SUCCESS;
    record->call.offered = REQUIRED - 1;
    items_expect("TARGETS-2", VERDICT_FAIL);
}
END_TEST

static void require_everywhere(uint32_t required)
{
    for (size_t i = 0; i < items_scene.transcript->record_count; i++) {
        struct record *record = &items_scene.transcript->records[i];
        if (record->call.charset == CHARSET_TARGETS_W &&
            record->outcome.status == ERROR_INSUFFICIENT_BUFFER)
            record->outcome.size_out = required;
    }
}

START_TEST(characters_and_not_bytes)
{
    const uint32_t needed = REQUIRED;
    require_everywhere(2 * needed - 1);
    items_expect("TARGETS-3", VERDICT_PASS);
    require_everywhere(2 * needed);
    items_expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(less_than_the_names_take)
{
    target("items-short", 0)->call.offered = REQUIRED - 2;
    require_everywhere(REQUIRED - 1);
    items_expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(another_size_for_another_offer)
{
    target("items-short", 0)->outcome.size_out++;
    items_expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

// Also where there may be nothing to tell.
START_TEST(no_more_than_was_offered)
{
    for (size_t i = 0; i < 2; i++)
        items_scene.transcript->inventory->targets[i].known = false;
    require_everywhere(0);
    items_expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

START_TEST(what_is_written_outside)
{
    struct record *record = target("items-short", 0);
    int64_t end = (int64_t)call_bytes(&record->call);
    record->outcome.after = (struct extent){end, end};
    items_expect("TARGETS-5", VERDICT_FAIL);
    record->outcome.after = extent_none();
    record->outcome.size_cell_damaged = true;
    items_expect("TARGETS-5", VERDICT_FAIL);
    record->outcome.size_cell_damaged = false;
    record->outcome.before = (struct extent){-1, -1};
    items_expect("TARGETS-5", VERDICT_FAIL);
    record->outcome.before = extent_none();
    items_expect("TARGETS-5", VERDICT_PASS);
}
END_TEST

START_TEST(success_without_a_buffer)
{
    target("items-null", 0)->outcome.status = ERROR_SUCCESS;
    items_expect("TARGETS-6", VERDICT_FAIL);
    for (size_t i = 0; i < 2; i++)
        items_scene.transcript->inventory->targets[i].known = false;
    items_expect("TARGETS-6", VERDICT_PASS);
}
END_TEST

START_TEST(the_size_after_success)
{
    struct record *record = target("items-fetch", 1);
    record->outcome.size_out = record->call.offered;
    items_expect("TARGETS-7", VERDICT_PASS);
    record->outcome.size_out++;
    items_expect("TARGETS-7", VERDICT_WARN);
    record->outcome.size_out = REQUIRED - 1;
    items_expect("TARGETS-7", VERDICT_WARN);
}
END_TEST

// The last NUL is missing in the buffer, or the last but one.
START_TEST(the_end_of_the_list)
{
    struct record *record = target("items-fetch", 0);
    record->outcome.byte_count -= 2;
    items_expect("TARGETS-8", VERDICT_FAIL);
    items_expect("TARGETS-9", VERDICT_PASS);
    record->outcome.byte_count -= 2;
    items_expect("TARGETS-8", VERDICT_FAIL);
    items_expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(the_names_of_targets)
{
    struct inventory *inventory = items_scene.transcript->inventory;
    uint8_t *bytes = items_fill(target("items-fetch", 0), REQUIRED * 2);
    items_put(bytes, 2, items_names, NAME_LENGTH + 1); // the first alone
    items_expect("TARGETS-9", VERDICT_FAIL);
    items_expect("TARGETS-10", VERDICT_FAIL);
    inventory->targets[1].known = false;
    items_expect("TARGETS-9", VERDICT_PASS);
    items_put(bytes + 2 * (size_t)(NAME_LENGTH + 1), 2, items_names, NAME_LENGTH + 1); // twice
    items_expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(names_in_another_case)
{
    uint8_t *bytes = items_fill(target("items-fetch", 0), REQUIRED * 2);
    items_put(bytes, 2, items_names, REQUIRED);
    bytes[0] = 'I';
    items_expect("TARGETS-9", VERDICT_PASS);
    bytes[0] = 'J';
    items_expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(the_name_of_no_target)
{
    uint8_t *bytes = items_fill(target("items-fetch", 0), (REQUIRED + 4) * 2);
    items_put(bytes, 2, items_names, REQUIRED);
    items_put(bytes + 2 * (size_t)(REQUIRED - 1), 2, "x", 2);
    items_expect("TARGETS-9", VERDICT_FAIL);
    items_scene.transcript->inventory->others = true;
    items_expect("TARGETS-9", VERDICT_PASS);
    bytes[1] = 1; // a character that no name has
    items_expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(the_same_names_again)
{
    items_put(items_fill(target("items-repeat", 0), REQUIRED * 2), 2, items_names, NAME_LENGTH + 1);
    items_expect("TARGETS-11", VERDICT_FAIL);
}
END_TEST

START_TEST(the_same_status_and_size_again)
{
    struct record *record = target("items-repeat", 0);
    record->outcome.size_out--;
    items_expect("TARGETS-11", VERDICT_FAIL);
    record->outcome.size_out++;
    record->outcome.status = INVALID_PARAMETER;
    items_expect("TARGETS-11", VERDICT_FAIL);
    record->call.offered++; // another call
    items_expect("TARGETS-11", VERDICT_PASS);
    record->call.offered--;
    record->call.subject[0] = 1; // it, too
    items_expect("TARGETS-11", VERDICT_PASS);
}
END_TEST

// ---- What no query told

// A function that refuses every query.
static void refuse_queries(void)
{
    for (size_t i = 0; i < 2; i++)
        scene_refuse(&items_scene, target("items-query", i), INVALID_PARAMETER);
}

START_TEST(what_is_enough_where_no_query_tells)
{
    refuse_queries();
    items_expect("TARGETS-2", VERDICT_FAIL);
    items_expect("TARGETS-4", VERDICT_SKIP);
    struct record *record = target("items-fetch", 0);
    scene_refuse(&items_scene, record, INVALID_PARAMETER);
    record->call.offered = REQUIRED - 1;
    items_expect("TARGETS-1", VERDICT_PASS);
    record->call.offered = REQUIRED;
    items_expect("TARGETS-1", VERDICT_FAIL);
    items_scene.transcript->inventory->others = true; // then nobody knows what is enough
    items_expect("TARGETS-1", VERDICT_SKIP);
}
END_TEST

START_TEST(no_call_is_insufficient)
{
    refuse_queries();
    for (size_t i = 0; i < 2; i++)
        items_scene.transcript->inventory->targets[i].known = false;
    items_expect("TARGETS-2", VERDICT_SKIP);
    scene_refuse(&items_scene, target("items-null", 0), INVALID_PARAMETER);
    scene_refuse(&items_scene, target("items-short", 0), INVALID_PARAMETER);
    scene_refuse(&items_scene, target("items-sweep", 0), INVALID_PARAMETER);
    items_expect("TARGETS-3", VERDICT_SKIP);
}
END_TEST

// A query that succeeds is TARGETS-2's business, and has no names.
START_TEST(a_query_that_succeeds)
{
    for (size_t i = 0; i < 2; i++)
        target("items-query", i)->outcome.status = ERROR_SUCCESS;
    target("items-query", 1)->call.placement = PLACE_NULL;
    items_expect("TARGETS-2", VERDICT_FAIL);
    items_expect("TARGETS-8", VERDICT_PASS);
    items_expect("TARGETS-9", VERDICT_PASS);
    items_expect("TARGETS-10", VERDICT_PASS);
    items_expect("TARGETS-11", VERDICT_PASS);
}
END_TEST

START_TEST(a_query_that_asks_for_nothing)
{
    target("items-query", 1)->outcome.size_out = 0;
    items_expect("TARGETS-3", VERDICT_FAIL);
}
END_TEST

// ---- Without a buffer

START_TEST(a_size_without_a_buffer)
{
    struct record *record = target("items-null", 0);
    record->outcome.size_out--; // not what a query said
    items_expect("TARGETS-3", VERDICT_FAIL);
    record->outcome.size_out++;
    record->outcome.status = INVALID_PARAMETER;
    record->call.offered = 1;
    items_expect("TARGETS-2", VERDICT_PASS);
    items_expect("TARGETS-3", VERDICT_PASS);
    items_expect("TARGETS-6", VERDICT_PASS);
    record->outcome.status = ERROR_SUCCESS;
    items_expect("TARGETS-1", VERDICT_PASS);
    items_expect("TARGETS-6", VERDICT_FAIL);
    record->probe_set = "items-short"; // no call without a buffer is left
    record->call.placement = PLACE_END;
    items_expect("TARGETS-6", VERDICT_ERROR);
    record->call.placement = PLACE_NULL;
    record->call.offered = 0;
    items_expect("TARGETS-2", VERDICT_FAIL);
}
END_TEST

// ---- Subjects

static struct record *add_updated(enum charset charset, size_t units)
{
    struct record *record =
        items_add("items-fetch", charset, PLACE_END, REQUIRED, ERROR_SUCCESS, REQUIRED);
    uint32_t width = function_of(charset)->unit_size;
    record->call.subject[0] = 1;
    items_put(items_fill(record, REQUIRED * width), width, items_names, units);
    return record;
}

START_TEST(calls_about_something_else)
{
    add_updated(CHARSET_TARGETS_W, NAME_LENGTH + 1);
    items_expect("TARGETS-9", VERDICT_FAIL);
    items_expect("TARGETS-10", VERDICT_PASS); // there is none of A to compare it with
    items_expect("TARGETS-11", VERDICT_PASS);
    add_updated(CHARSET_TARGETS_A, NAME_LENGTH + 1);
    items_expect("TARGETS-10", VERDICT_PASS);
    items_expect("TARGETS-11", VERDICT_PASS);
    add_updated(CHARSET_TARGETS_W, REQUIRED);
    items_expect("TARGETS-11", VERDICT_FAIL);
}
END_TEST

START_TEST(other_names_in_a_about_something_else)
{
    add_updated(CHARSET_TARGETS_W, NAME_LENGTH + 1);
    add_updated(CHARSET_TARGETS_A, REQUIRED);
    items_expect("TARGETS-10", VERDICT_FAIL);
}
END_TEST

START_TEST(no_two_answers_to_compare)
{
    for (size_t i = 0; i < 2; i++)
        scene_refuse(&items_scene, scene_record(&items_scene, "items-fetch", CHARSET_TARGETS_A, i),
                     INVALID_PARAMETER);
    items_expect("TARGETS-10", VERDICT_SKIP);
}
END_TEST

// Whatever stands behind the end of the list is no name.
START_TEST(bytes_behind_the_end)
{
    uint8_t *bytes = items_fill(target("items-fetch", 0), (REQUIRED + 4) * 2);
    items_put(bytes, 2, items_names, REQUIRED);
    items_put(bytes + (size_t)2 * REQUIRED, 2, "x", 2);
    items_expect("TARGETS-9", VERDICT_PASS);
}
END_TEST

// Sorted before all others.
START_TEST(a_first_name_of_no_target)
{
    uint8_t *bytes = items_fill(target("items-fetch", 0), (REQUIRED + 2) * 2);
    items_put(bytes, 2, "a", 2);
    items_put(bytes + (size_t)2 * 2, 2, items_names, REQUIRED);
    items_expect("TARGETS-9", VERDICT_FAIL);
}
END_TEST

// Another size is required for another subject.
START_TEST(a_size_for_something_else)
{
    struct record *record = items_add("items-query", CHARSET_TARGETS_W, PLACE_NULL, 0,
                                      ERROR_INSUFFICIENT_BUFFER, REQUIRED + 1);
    record->call.subject[0] = 1;
    items_expect("TARGETS-3", VERDICT_PASS);
}
END_TEST

START_TEST(faults_without_a_buffer)
{
    target("items-null", 0)->call.offered = 1;
    target("items-null", 0)->outcome.kind = OUTCOME_FAULT;
    items_expect("TARGETS-6", VERDICT_FAIL);
    items_expect("TARGETS-2", VERDICT_PASS);
    target("items-query", 0)->outcome.kind = OUTCOME_FAULT;
    items_expect("TARGETS-2", VERDICT_FAIL);
}
END_TEST

// ---- Calls that are not the same

START_TEST(another_place_is_another_call)
{
    struct record *record = target("items-repeat", 0);
    record->outcome.size_out--;
    record->call.placement = PLACE_MIDDLE;
    items_expect("TARGETS-11", VERDICT_PASS);
}
END_TEST

START_TEST(a_call_that_did_not_return_is_no_other_answer)
{
    struct record *record = target("items-fetch", 0);
    record->outcome.kind = OUTCOME_FAULT;
    record->outcome.status = INVALID_PARAMETER;
    items_expect("TARGETS-1", VERDICT_FAIL);
    items_expect("TARGETS-11", VERDICT_PASS);
    record->outcome.kind = OUTCOME_NOT_TRIED;
    items_expect("TARGETS-11", VERDICT_SKIP);
}
END_TEST

START_TEST(a_short_call_that_was_not_made)
{
    target("items-short", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    items_expect("TARGETS-2", VERDICT_SKIP);
    items_expect("TARGETS-3", VERDICT_SKIP);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        enough_for_the_names,
        more_than_enough_for_the_names,
        too_small_for_the_names,
        an_offer_between_what_is_needed_and_what_is_required,
        characters_and_not_bytes,
        less_than_the_names_take,
        another_size_for_another_offer,
        no_more_than_was_offered,
        what_is_written_outside,
        success_without_a_buffer,
        the_size_after_success,
        the_end_of_the_list,
        the_names_of_targets,
        names_in_another_case,
        the_name_of_no_target,
        the_same_names_again,
        the_same_status_and_size_again,
        what_is_enough_where_no_query_tells,
        no_call_is_insufficient,
        a_query_that_succeeds,
        a_query_that_asks_for_nothing,
        a_size_without_a_buffer,
        calls_about_something_else,
        other_names_in_a_about_something_else,
        no_two_answers_to_compare,
        bytes_behind_the_end,
        a_first_name_of_no_target,
        a_size_for_something_else,
        faults_without_a_buffer,
        another_place_is_another_call,
        a_call_that_did_not_return_is_no_other_answer,
        a_short_call_that_was_not_made,
    };
    Suite *suite = suite_create("limits_targets");
    TCase *limits = tcase_create("limits_targets");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
