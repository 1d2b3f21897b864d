// SPDX-License-Identifier: Apache-2.0
// The groups TARGETS, DEVICES, MAPPINGS, INITIATORS and PORTALS as a user meets them: asked for by
// name only, where the functions are not exported, by which way of login the sessions came, what a
// finding's command line does again, and recorded calls.
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TARGETS_CHECKS = 25,
    DEVICES_CHECKS = 29,
    MAPPINGS_CHECKS = 29,
    INITIATORS_CHECKS = 25,
    PORTALS_CHECKS = 29,
};

static const char *const groups[] = {"TARGETS-", "DEVICES-", "MAPPINGS-", "INITIATORS-",
                                     "PORTALS-"};

static struct place place;

static void open_place(void)
{
    place_open(&place);
}

static void close_place(void)
{
    place_close(&place);
}

// The checks of those groups in the first scenario of a result.
static size_t count_checks(const char *path)
{
    json_t *result = kit_load_json(path);
    size_t count = 0;
    size_t i = 0;
    json_t *check = NULL;
    const json_t *scenario = json_array_get(json_object_get(result, "scenarios"), 0);
    json_array_foreach(json_object_get(scenario, "checks"), i, check)
    {
        const char *clause = json_string_value(json_object_get(check, "clause"));
        for (size_t j = 0; j < sizeof groups / sizeof groups[0]; j++)
            count += strncmp(clause, groups[j], strlen(groups[j])) == 0;
    }
    json_decref(result);
    return count;
}

START_TEST(they_are_judged_only_where_they_are_named)
{
    struct kit kit;
    char *path = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-s", "single", "--effort", "quick", "--json", path, NULL);
    kit_expect_status(&kit, 0);
    ck_assert_uint_eq(count_checks(path), 0);
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-s", "single", "--effort", "quick", "--json", path, "-c",
            "TARGETS", "-c", "DEVICES", "-c", "MAPPINGS", "-c", "INITIATORS", "-c", "PORTALS", "-c",
            "STATUS-1", "--strict", NULL);
    kit_expect_status(&kit, 0);
    ck_assert_uint_eq(count_checks(path), TARGETS_CHECKS + DEVICES_CHECKS + MAPPINGS_CHECKS +
                                              INITIATORS_CHECKS + PORTALS_CHECKS);
    kit_free(&kit);
    free(path);
}
END_TEST

// Several targets, of which one has 255 disks and one has none; a session without a connection;
// sessions that come and go before the devices are asked for; no session at all.
START_TEST(the_reference_holds)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "several-targets", "-s", "luns", "-s", "recovering", "-s",
            "empty", "-s", "events-target-deleted", "--effort", "quick", "--strict", "-c",
            "TARGETS", "-c", "DEVICES", "-c", "MAPPINGS", "-c", "INITIATORS", "-c", "PORTALS", "-c",
            "CHANGE", "-c", "EX", "-j", "2", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
}
END_TEST

// The implementation's own initiator, which asks the targets.
START_TEST(the_reference_holds_by_its_own_logins)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "luns", "--login", "api", "--effort", "quick", "--strict",
            "-c", "TARGETS", "-c", "DEVICES", "-c", "INITIATORS", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "79 of 79 checks judged");
    kit_free(&kit);
    // Each call of this one asks all targets for their units.
    kit_run(&kit, &place, "run", "-s", "single", "--login", "api", "--effort", "quick", "--strict",
            "-c", "MAPPINGS", "-c", "PORTALS", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "58 of 58 checks judged");
    kit_free(&kit);
}
END_TEST

START_TEST(what_is_not_exported_is_skipped_and_not_held)
{
    struct kit kit;
    char *without = kit_faulty("targets_success_is_true");
    kit_run(&kit, &place, "run", "-i", without, "-s", "single", "--effort", "quick", "-c",
            "DEVICES", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "GetDevicesForIScsiSessionW is not exported");
    kit_expect_said(&kit, "no check was judged: every one of them was skipped");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-i", without, "-s", "single", "--effort", "quick", "-c",
            "DEVICES", "-c", "TARGETS-1", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "2 of 31 checks judged");
    kit_free(&kit);
    free(without);
}
END_TEST

// Nobody can be asked for devices whose sessions are not known: that is no run that held.
START_TEST(devices_without_a_list_of_sessions)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", TCK_TEST_LIBRARIES "/devices_alone.so", "-s", "single",
            "--effort", "quick", "-c", "DEVICES", "-c", "EXPORT", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "GetIScsiSessionList gave no list to take a SessionId from");
    kit_expect_said(&kit, "1 of 30 checks judged");
    kit_free(&kit);
}
END_TEST

// What a finding says under "repeat", made anew, finds it again; and it shows the call in the
// function's own words.
START_TEST(the_command_of_a_finding_repeats_it)
{
    static const struct {
        const char *fault;
        const char *group;
        const char *call;
    } findings[] = {
        {"targets_required_in_bytes", "TARGETS", "ReportIScsiTargetsW(FALSE, &size = 0, NULL)"},
        {"devices_of_the_first_session", "DEVICES", "GetDevicesForIScsiSessionA(&id = "},
        {"mappings_luns_counted_through", "MAPPINGS", "ReportActiveIScsiTargetMappingsA(&size = "},
        {"portals_last_left_out", "PORTALS", "ReportIScsiSendTargetPortalsExA(&count = "},
        {"initiators_query_succeeds", "INITIATORS", "ReportIScsiInitiatorListA(&size = 0, NULL)"},
    };
    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++) {
        struct kit kit;
        char *library = kit_faulty(findings[i].fault);
        kit_run(&kit, &place, "run", "-i", library, "-s", "mixed", "-c", findings[i].group, NULL);
        kit_expect_status(&kit, 1);
        kit_expect_said(&kit, findings[i].call);
        kit_repeat_finding(&kit, &place, library, "mixed");
        free(library);
    }
}
END_TEST

START_TEST(recorded_calls_are_judged_and_made_again)
{
    struct kit kit;
    char *folder = place_path(&place, "calls");
    char *path = NULL;
    char *faulty = kit_faulty("devices_half_of_the_identifier");
    char *numbered = kit_faulty("mappings_sessions_numbered");
    kit_run(&kit, &place, "run", "-s", "luns", "-c", "TARGETS", "-c", "DEVICES", "-c", "MAPPINGS",
            "-c", "INITIATORS", "-c", "PORTALS", "--effort", "quick", "--transcript", folder, NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    ck_assert_int_gt(asprintf(&path, "%s/luns.jsonl", folder), 0);
    kit_run(&kit, &place, "judge", "-c", "TARGETS", "-c", "DEVICES", "-c", "MAPPINGS", "-c",
            "INITIATORS", "-c", "PORTALS", "--strict", path, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "137 of 137 checks judged");
    ck_assert_str_eq(kit.complained, "");
    kit_free(&kit);
    // Who does not ask for them is told.
    kit_run(&kit, &place, "judge", "-c", "TARGETS", path, NULL);
    ck_assert_msg(strstr(kit.complained, "-c DEVICES judges them") != NULL, "%s", kit.complained);
    ck_assert_msg(strstr(kit.complained, "-c MAPPINGS judges them") != NULL, "%s", kit.complained);
    ck_assert_msg(strstr(kit.complained, "-c TARGETS") == NULL, "%s", kit.complained);
    kit_free(&kit);
    kit_run(&kit, &place, "replay", "-c", "TARGETS", "-c", "DEVICES", "-c", "MAPPINGS", "-c",
            "INITIATORS", "-c", "PORTALS", path, NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "of which 0 were answered otherwise");
    kit_free(&kit);
    kit_run(&kit, &place, "replay", "-i", faulty, "-c", "DEVICES", path, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "DEVICES-12");
    kit_free(&kit);
    kit_run(&kit, &place, "replay", "-i", numbered, "-c", "MAPPINGS", path, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "MAPPINGS-8");
    kit_free(&kit);
    free(numbered);
    free(path);
    free(folder);
    free(faulty);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("siblings");
    TCase *tests = tcase_create("siblings");
    tcase_add_checked_fixture(tests, open_place, close_place);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, they_are_judged_only_where_they_are_named);
    tcase_add_test(tests, the_reference_holds);
    tcase_add_test(tests, the_reference_holds_by_its_own_logins);
    tcase_add_test(tests, what_is_not_exported_is_skipped_and_not_held);
    tcase_add_test(tests, devices_without_a_list_of_sessions);
    tcase_add_test(tests, the_command_of_a_finding_repeats_it);
    tcase_add_test(tests, recorded_calls_are_judged_and_made_again);
    suite_add_tcase(suite, tests);
    return suite;
}
