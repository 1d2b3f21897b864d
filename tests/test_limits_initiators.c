// SPDX-License-Identifier: Apache-2.0
// The clauses of ReportIScsiInitiatorList, by recorded calls that stand exactly on their limits.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { LEAST = 3 };

static struct record *initiator(const char *set, size_t index)
{
    return scene_record(&items_scene, set, CHARSET_INITIATORS_W, index);
}

// What the first fetch of a charset leaves.
static struct record *list_names(enum charset charset, const char *names, uint32_t units)
{
    struct record *record = scene_record(&items_scene, "items-fetch", charset, 0);
    uint32_t width = function_of(charset)->unit_size;
    items_put(items_fill(record, units * width), width, names, units);
    record->call.offered = record->outcome.size_out = units;
    return record;
}

START_TEST(a_right_answer_breaks_no_clause)
{
    items_expect_right(&group_initiators);
}
END_TEST

START_TEST(without_an_inventory_nothing_is_judged)
{
    static const char *const judged[] = {"1", "2", "3", "4", "6", "7", "8", "9", NULL};
    items_expect_inventory_is_needed("INITIATORS", judged);
}
END_TEST

START_TEST(a_call_that_does_not_return_is_blamed_on_its_clause)
{
    items_expect_blamed("INITIATORS", CHARSET_INITIATORS_W);
}
END_TEST

// ---- Sizes

START_TEST(characters_that_are_too_few)
{
    struct record *record = initiator("items-short", 0);
    record->outcome.status = ERROR_SUCCESS; // enough it may be for a name of one character
    record->call.offered = LEAST;
    items_expect("INITIATORS-2", VERDICT_PASS);
    record->call.offered = LEAST - 1;
    items_expect("INITIATORS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_query_that_is_answered_otherwise)
{
    for (size_t i = 0; i < 2; i++)
        initiator("items-query", i)->outcome.status = INVALID_PARAMETER;
    items_expect("INITIATORS-2", VERDICT_FAIL);
    items_expect("INITIATORS-1", VERDICT_SKIP);
    items_expect("INITIATORS-3", VERDICT_WARN); // what is required is said nowhere
    items_expect("INITIATORS-4", VERDICT_SKIP);
}
END_TEST

START_TEST(characters_required)
{
    for (uint32_t told = LEAST - 1; told <= LEAST; told++) {
        for (size_t i = 0; i < 2; i++)
            initiator("items-query", i)->outcome.size_out = told;
        initiator("items-null", 0)->outcome.size_out = told;
        initiator("items-short", 0)->outcome.size_out = told;
        initiator("items-sweep", 0)->outcome.size_out = told;
        scene_expect_in(&items_scene, "INITIATORS-3", CHARSET_W,
                        told == LEAST ? VERDICT_PASS : VERDICT_WARN);
    }
    initiator("items-sweep", 0)->outcome.size_out = LEAST + 1;
    items_expect("INITIATORS-3", VERDICT_WARN);
}
END_TEST

START_TEST(exactly_what_is_required)
{
    initiator("items-fetch", 0)->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    items_expect("INITIATORS-4", VERDICT_WARN);
    items_expect("INITIATORS-1", VERDICT_FAIL);
    initiator("items-fetch", 0)->call.offered--;
    items_expect("INITIATORS-4", VERDICT_SKIP); // nobody offered it
    items_expect("INITIATORS-1", VERDICT_PASS);
}
END_TEST

START_TEST(the_size_after)
{
    struct record *record = initiator("items-fetch", 0);
    record->outcome.size_out = INITIATORS_REQUIRED - 1;
    items_expect("INITIATORS-7", VERDICT_FAIL);
    record->outcome.size_out = record->call.offered + 1;
    items_expect("INITIATORS-7", VERDICT_FAIL);
    record->outcome.size_out = record->call.offered;
    items_expect("INITIATORS-7", VERDICT_PASS);
}
END_TEST

START_TEST(success_without_a_buffer)
{
    initiator("items-null", 0)->outcome.status = ERROR_SUCCESS;
    items_expect("INITIATORS-6", VERDICT_FAIL);
}
END_TEST

START_TEST(what_is_beside_the_size)
{
    initiator("items-query", 0)->outcome.size_cell_damaged = true;
    items_expect("INITIATORS-5", VERDICT_FAIL);
}
END_TEST

// ---- Names

START_TEST(the_end_of_the_list)
{
    struct record *record = initiator("items-fetch", 0);
    uint8_t *end = record->bytes + 2 * (size_t)(INITIATORS_REQUIRED - 1);
    *end = 'x';
    items_expect("INITIATORS-8", VERDICT_FAIL);
    *end = 0;
    items_expect("INITIATORS-8", VERDICT_PASS);
    record->outcome.byte_count -= 2;
    items_expect("INITIATORS-8", VERDICT_FAIL);
}
END_TEST

START_TEST(names_each_once)
{
    list_names(CHARSET_INITIATORS_W, "a\0b\0", 5);
    items_expect("INITIATORS-9", VERDICT_PASS);
    list_names(CHARSET_INITIATORS_W, "a\0a\0", 5);
    items_expect("INITIATORS-9", VERDICT_FAIL);
    list_names(CHARSET_INITIATORS_W, "b\0a\0b\0", 7);
    items_expect("INITIATORS-9", VERDICT_FAIL);
    list_names(CHARSET_INITIATORS_W, "", 1);
    items_expect("INITIATORS-9", VERDICT_FAIL);
    items_expect("INITIATORS-8", VERDICT_PASS);
    list_names(CHARSET_INITIATORS_W, "a\0", 3);
    items_expect("INITIATORS-9", VERDICT_PASS);
}
END_TEST

// Beyond ASCII only the number of the names is compared.
START_TEST(names_of_a_and_w)
{
    list_names(CHARSET_INITIATORS_W, "a\0b\0", 5);
    items_expect("INITIATORS-10", VERDICT_FAIL);
    list_names(CHARSET_INITIATORS_A, "b\0a\0", 5);
    items_expect("INITIATORS-10", VERDICT_PASS);
    list_names(CHARSET_INITIATORS_A, "b\0\xC3\xA9\0", 6);
    items_expect("INITIATORS-10", VERDICT_PASS);
    list_names(CHARSET_INITIATORS_A, "\xC3\xA9\0", 4);
    items_expect("INITIATORS-10", VERDICT_FAIL);
    list_names(CHARSET_INITIATORS_A, "b\0c\0", 5);
    items_expect("INITIATORS-10", VERDICT_FAIL);
    initiator("items-fetch", 0)->bytes[1] = 1; // of the first name in W
    items_expect("INITIATORS-10", VERDICT_PASS);
}
END_TEST

START_TEST(names_again)
{
    struct record *record = initiator("items-repeat", 0);
    items_fill(record, 2 * INITIATORS_REQUIRED);
    items_put(record->bytes, 2, items_initiators, INITIATORS_REQUIRED);
    items_expect("INITIATORS-11", VERDICT_PASS);
    record->bytes[2] ^= 1;
    items_expect("INITIATORS-11", VERDICT_FAIL);
    record->bytes[2] ^= 1;
    record->outcome.size_out--;
    items_expect("INITIATORS-11", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_right_answer_breaks_no_clause,
        without_an_inventory_nothing_is_judged,
        a_call_that_does_not_return_is_blamed_on_its_clause,
        characters_that_are_too_few,
        a_query_that_is_answered_otherwise,
        characters_required,
        exactly_what_is_required,
        the_size_after,
        success_without_a_buffer,
        what_is_beside_the_size,
        the_end_of_the_list,
        names_each_once,
        names_of_a_and_w,
        names_again,
    };
    Suite *suite = suite_create("limits_initiators");
    TCase *limits = tcase_create("limits_initiators");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
