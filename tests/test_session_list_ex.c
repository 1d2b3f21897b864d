// SPDX-License-Identifier: Apache-2.0
// The group EX as a user meets it: asked for by name only, where the function is not exported, and
// what a finding's command line does again.
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct place place;

static void open_place(void)
{
    place_open(&place);
}

static void close_place(void)
{
    place_close(&place);
}

// The checks of the group among those of a result, and their charset.
static size_t count_checks(const json_t *result)
{
    size_t count = 0;
    size_t i = 0;
    json_t *check = NULL;
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_array_foreach(json_object_get(scenario, "checks"), i, check)
    {
        if (strncmp(json_string_value(json_object_get(check, "clause")), "EX-", 3) != 0)
            continue;
        ck_assert_str_eq(json_string_value(json_object_get(check, "charset")), "Ex");
        count++;
    }
    return count;
}

START_TEST(it_is_judged_only_where_it_is_named)
{
    struct kit kit;
    char *path = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-s", "single", "--effort", "quick", "--json", path, NULL);
    kit_expect_status(&kit, 0);
    json_t *result = kit_load_json(path);
    ck_assert_uint_eq(count_checks(result), 0);
    json_decref(result);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-s", "single", "--effort", "quick", "--json", path, "-c", "EX",
            "-c", "STATUS-1", "--strict", NULL);
    kit_expect_status(&kit, 0);
    result = kit_load_json(path);
    ck_assert_uint_eq(count_checks(result), 11);
    json_decref(result);
    kit_free(&kit);
    free(path);
}
END_TEST

// Beside clauses whose calls have sessions come and go before those of Ex are made.
START_TEST(it_holds_beside_the_other_clauses)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "several-targets", "--effort", "quick", "--strict", "-c",
            "CHANGE", "-c", "STABLE", "-c", "THREADS", "-c", "EX", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
}
END_TEST

START_TEST(what_is_not_exported_is_skipped_and_not_held)
{
    struct kit kit;
    char *without = kit_faulty("isid_zero");
    kit_run(&kit, &place, "run", "-i", without, "-s", "single", "--effort", "quick", "-c", "EX",
            NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "GetIScsiSessionListEx is not exported");
    kit_expect_said(&kit, "no check was judged: every one of them was skipped");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-i", without, "-s", "single", "--effort", "quick", "-c", "EX",
            "-c", "STATUS-1", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "2 of 13 checks judged");
    kit_free(&kit);
    free(without);
}
END_TEST

// Two shards of which neither judged anything are no run that held.
START_TEST(merged_shards_are_not_held_either)
{
    struct kit kit;
    char *without = kit_faulty("isid_zero");
    char *parts[] = {place_path(&place, "1.json"), place_path(&place, "2.json")};
    static const char *const shards[] = {"1/2", "2/2"};
    for (size_t i = 0; i < 2; i++) {
        kit_run(&kit, &place, "run", "-i", without, "-s", "single", "-s", "empty", "-c", "EX",
                "--shard", shards[i], "--json", parts[i], NULL);
        kit_expect_status(&kit, 0);
        kit_expect_said(&kit, "NOTHING JUDGED");
        kit_free(&kit);
    }
    kit_run(&kit, &place, "merge", parts[0], parts[1], NULL);
    kit_expect_status(&kit, 3);
    kit_free(&kit);
    free(parts[0]);
    free(parts[1]);
    free(without);
}
END_TEST

// What a finding says under "repeat", made anew, finds it again: also where the call belongs to
// another clause's set.
START_TEST(the_command_of_a_finding_repeats_it)
{
    static const char *const names[] = {"ex_required_not_set_without_buffer", "ex_header_before",
                                        "ex_sized_null_succeeds"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct kit kit;
        char *library = kit_faulty(names[i]);
        kit_run(&kit, &place, "run", "-i", library, "-s", "connections-4", "-c", "EX", NULL);
        kit_expect_status(&kit, 1);
        kit_repeat_finding(&kit, &place, library, "connections-4");
        free(library);
    }
}
END_TEST

// The calls of some clauses, judged by all: those whose calls were made.
START_TEST(recorded_calls_are_judged_as_far_as_they_go)
{
    struct kit kit;
    char *folder = place_path(&place, "calls");
    char *path = NULL;
    kit_run(&kit, &place, "run", "-s", "single", "-c", "EX-7", "--transcript", folder, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    ck_assert_int_gt(asprintf(&path, "%s/single.jsonl", folder), 0);
    kit_run(&kit, &place, "judge", "-c", "EX", "--strict", path, NULL);
    kit_expect_status(&kit, 0);
    ck_assert_str_eq(kit.complained, "");
    kit_free(&kit);
    // Who does not ask for them is told.
    kit_run(&kit, &place, "judge", path, NULL);
    ck_assert_msg(strstr(kit.complained, "-c EX judges them") != NULL, "%s", kit.complained);
    kit_free(&kit);
    kit_run(&kit, &place, "replay", path, NULL);
    ck_assert_msg(strstr(kit.complained, "-c EX judges them") != NULL, "%s", kit.complained);
    kit_free(&kit);
    kit_run(&kit, &place, "replay", "-c", "EX", path, NULL);
    kit_expect_status(&kit, 0);
    ck_assert_str_eq(kit.complained, "");
    kit_free(&kit);
    free(path);
    free(folder);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("session_list_ex");
    TCase *tests = tcase_create("session_list_ex");
    tcase_add_checked_fixture(tests, open_place, close_place);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, it_is_judged_only_where_it_is_named);
    tcase_add_test(tests, it_holds_beside_the_other_clauses);
    tcase_add_test(tests, what_is_not_exported_is_skipped_and_not_held);
    tcase_add_test(tests, merged_shards_are_not_held_either);
    tcase_add_test(tests, the_command_of_a_finding_repeats_it);
    tcase_add_test(tests, recorded_calls_are_judged_as_far_as_they_go);
    suite_add_tcase(suite, tests);
    return suite;
}
