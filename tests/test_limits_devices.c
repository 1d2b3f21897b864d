// SPDX-License-Identifier: Apache-2.0
// The clauses of GetDevicesForIScsiSession, by recorded calls that stand exactly on their limits;
// and what holds for those of ReportIScsiTargets as well.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "iscsi_login.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct record *target(const char *set, size_t index)
{
    return scene_record(&items_scene, set, CHARSET_TARGETS_W, index);
}

static struct record *device(const char *set, size_t index)
{
    return scene_record(&items_scene, set, CHARSET_DEVICES_W, index);
}

// ---- Both

START_TEST(a_right_answer_breaks_no_clause)
{
    items_expect_right(&group_targets);
    items_expect_right(&group_devices);
}
END_TEST

START_TEST(what_is_not_exported_is_no_failure)
{
    hello_note_export(&items_scene.transcript->hello, CHARSET_TARGETS_W, false);
    items_expect("TARGETS-1", VERDICT_SKIP);
    items_expect("TARGETS-10", VERDICT_SKIP);
    scene_expect_in(&items_scene, "TARGETS-1", CHARSET_A, VERDICT_PASS);
    items_expect("DEVICES-1", VERDICT_PASS);
}
END_TEST

START_TEST(without_an_inventory_nothing_is_judged)
{
    static const char *const judged[] = {"1", "2", "3", "4", "6", "7", "8", "9", NULL};
    items_expect_inventory_is_needed("TARGETS", judged);
    items_expect_inventory_is_needed("DEVICES", judged);
}
END_TEST

START_TEST(calls_that_were_not_made_give_no_pass)
{
    for (size_t i = 0; i < 2; i++)
        target("items-fetch", i)->outcome.kind = OUTCOME_NOT_TRIED;
    items_expect("TARGETS-9", VERDICT_SKIP);
    items_expect("TARGETS-4", VERDICT_SKIP);
    scene_expect_in(&items_scene, "TARGETS-9", CHARSET_A, VERDICT_PASS);
}
END_TEST

START_TEST(a_call_that_does_not_return_is_blamed_on_its_clause)
{
    target("items-null", 0)->outcome.kind = OUTCOME_FAULT;
    items_expect("TARGETS-6", VERDICT_FAIL);
    target("items-short", 0)->outcome.kind = OUTCOME_HUNG;
    items_expect("TARGETS-2", VERDICT_FAIL);
    device("items-fetch", 0)->outcome.kind = OUTCOME_ENDED;
    items_expect("DEVICES-1", VERDICT_FAIL);
    device("items-unknown", 0)->outcome.kind = OUTCOME_FAULT;
    items_expect("DEVICES-12", VERDICT_FAIL);
    items_expect("DEVICES-2", VERDICT_PASS);
}
END_TEST

// ---- DEVICES

START_TEST(structures_that_are_too_few)
{
    struct record *record = device("items-short", 0);
    ck_assert_uint_eq(record->call.offered, DISKS);
    record->outcome.status = ERROR_SUCCESS;
    items_expect("DEVICES-2", VERDICT_FAIL);
}
END_TEST

START_TEST(structures_required)
{
    for (uint32_t told = DISKS - 1; told <= DEVICES + 1; told++) {
        for (size_t i = 0; i < 2; i++)
            device("items-query", i)->outcome.size_out = told;
        device("items-null", 0)->outcome.size_out = told;
        device("items-short", 0)->outcome.size_out = told;
        device("items-short", 0)->call.offered = 0;
        device("items-sweep", 0)->outcome.size_out = told;
        device("items-sweep", 0)->call.offered = 0;
        items_expect("DEVICES-3", told == DISKS || told == DEVICES ? VERDICT_PASS : VERDICT_FAIL);
    }
    items_scene.transcript->inventory->targets[0].disk_count = DISKS_UNKNOWN;
    items_expect("DEVICES-3", VERDICT_PASS);
}
END_TEST

START_TEST(the_number_of_devices)
{
    struct record *record = device("items-fetch", 1);
    record->outcome.size_out = DISKS;
    items_expect("DEVICES-7", VERDICT_PASS);
    record->outcome.size_out = DISKS - 1;
    items_expect("DEVICES-7", VERDICT_FAIL);
    record->outcome.size_out = DEVICES + 1;
    items_expect("DEVICES-7", VERDICT_FAIL);
    record->outcome.size_out = DEVICES;
    record->call.offered = DEVICES - 1;
    items_expect("DEVICES-7", VERDICT_FAIL);
}
END_TEST

START_TEST(the_session_id_is_not_written_to)
{
    device("items-short", 0)->outcome.count_cell_damaged = true;
    items_expect("DEVICES-5", VERDICT_FAIL);
}
END_TEST

static uint8_t *member(struct record *record, uint32_t index, size_t offset)
{
    return record->bytes + index * sizeof(iscsi_device_on_session_w) + offset;
}

#define AT(member) offsetof(iscsi_device_on_session_w, member)

START_TEST(the_units_of_the_target)
{
    struct record *record = device("items-fetch", 0);
    uint8_t *lun = member(record, DISKS, AT(address.lun));
    *lun = DISKS - 1; // twice, and the last one not at all
    items_expect("DEVICES-8", VERDICT_FAIL);
    *lun = DISKS + 1; // one that there is not
    items_expect("DEVICES-8", VERDICT_FAIL);
    *lun = DISKS;
    items_expect("DEVICES-8", VERDICT_PASS);
    record->outcome.size_out = DISKS; // without the last
    items_expect("DEVICES-8", VERDICT_FAIL);
    *member(record, 0, AT(address.lun)) = DISKS; // and without the controller instead
    items_expect("DEVICES-8", VERDICT_PASS);
}
END_TEST

START_TEST(the_name_of_the_target)
{
    uint8_t *name = member(device("items-fetch", 0), 1, AT(target_name));
    name[0] = 'I'; // case does not matter
    items_expect("DEVICES-8", VERDICT_PASS);
    name[2 * (size_t)NAME_LENGTH] = 'x'; // goes on
    items_expect("DEVICES-8", VERDICT_FAIL);
    name[2 * (size_t)NAME_LENGTH] = 0;
    name[1] = 1; // of a character's second byte
    items_expect("DEVICES-8", VERDICT_FAIL);
}
END_TEST

START_TEST(texts_without_an_end)
{
    const struct {
        size_t offset;
        size_t room;
    } texts[] = {{AT(initiator_name), ISCSI_HBA_NAME_SIZE},
                 {AT(target_name), ISCSI_NAME_SIZE},
                 {AT(interface_name), ISCSI_PATH_SIZE},
                 {AT(legacy_name), ISCSI_PATH_SIZE}};
    struct record *record = device("items-fetch", 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t *text = member(record, 2, texts[i].offset);
        uint8_t kept[2 * ISCSI_PATH_SIZE];
        memcpy(kept, text, 2 * texts[i].room);
        memset(text, 'x', 2 * texts[i].room);
        items_expect("DEVICES-9", VERDICT_FAIL);
        memset(text + 2 * (texts[i].room - 1), 0, 2); // at the last place
        items_expect("DEVICES-9", VERDICT_PASS);
        memcpy(text, kept, 2 * texts[i].room);
    }
}
END_TEST

START_TEST(numbers_of_a_device)
{
    struct record *record = device("items-fetch", 0);
    *member(record, 0, AT(number.device_type)) = 7; // a controller's is not judged
    items_expect("DEVICES-10", VERDICT_PASS);
    *member(record, 1, AT(number.device_type)) = 4;
    items_expect("DEVICES-10", VERDICT_WARN);
    *member(record, 1, AT(number.device_type)) = 7;
    *member(record, 2, AT(address.length)) = 9;
    items_expect("DEVICES-10", VERDICT_WARN);
}
END_TEST

START_TEST(devices_of_a_and_w)
{
    struct record *record = device("items-fetch", 0);
    *member(record, 1, AT(legacy_name)) = 'x';
    items_expect("DEVICES-11", VERDICT_FAIL);
    *member(record, 1, AT(legacy_name) + 1) = 1; // beyond ASCII it may be encoded in any way
    items_expect("DEVICES-11", VERDICT_PASS);
    *member(record, 1, AT(number.partition_number)) = 1;
    items_expect("DEVICES-11", VERDICT_FAIL);
}
END_TEST

START_TEST(sessions_that_there_are_not)
{
    struct record *record = device("items-unknown", 0);
    record->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    items_expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.status = ERROR_SUCCESS;
    items_expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.status = INVALID_PARAMETER;
    record->outcome.inside = (struct extent){0, 0};
    items_expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.inside = extent_none();
    record->outcome.count_cell_damaged = true;
    items_expect("DEVICES-12", VERDICT_FAIL);
    record->outcome.count_cell_damaged = false;
    items_expect("DEVICES-12", VERDICT_PASS);
}
END_TEST

// In another order, and then with another number.
START_TEST(the_same_devices_again)
{
    struct record *record = device("items-repeat", 0);
    uint8_t *bytes = items_fill(record, DEVICES * sizeof(iscsi_device_on_session_w));
    for (uint32_t lun = 0; lun < DEVICES; lun++)
        items_put_device(bytes + (DISKS - lun) * sizeof(iscsi_device_on_session_w), 2, lun);
    items_expect("DEVICES-13", VERDICT_PASS);
    *member(record, 1, AT(number.device_number)) ^= 1;
    items_expect("DEVICES-13", VERDICT_FAIL);
}
END_TEST

// One structure too many: the controller again, or the last unit that there can be.
START_TEST(the_units_at_the_ends)
{
    struct record *record = device("items-fetch", 0);
    uint8_t *bytes = items_fill(record, (DEVICES + 1) * sizeof(iscsi_device_on_session_w));
    for (uint32_t i = 0; i <= DEVICES; i++)
        items_put_device(bytes + i * sizeof(iscsi_device_on_session_w), 2, i % DEVICES);
    record->outcome.size_out = DEVICES + 1;
    items_expect("DEVICES-8", VERDICT_FAIL);
    *member(record, DEVICES, AT(address.lun)) = UINT8_MAX;
    items_expect("DEVICES-8", VERDICT_FAIL);
    record->outcome.size_out = DEVICES;
    items_expect("DEVICES-8", VERDICT_PASS);
}
END_TEST

START_TEST(the_first_device_is_looked_at)
{
    struct record *record = device("items-fetch", 0);
    *member(record, 0, AT(target_name)) ^= 1;
    items_expect("DEVICES-8", VERDICT_FAIL);
    *member(record, 0, AT(target_name)) ^= 1;
    *member(record, 0, AT(address.length)) = 0;
    items_expect("DEVICES-10", VERDICT_WARN);
    memset(member(record, 0, AT(initiator_name)), 'x', 2 * (size_t)ISCSI_HBA_NAME_SIZE);
    items_expect("DEVICES-9", VERDICT_FAIL);
    memset(member(record, 0, AT(initiator_name)), 0, 2); // an empty text
    items_expect("DEVICES-9", VERDICT_PASS);
}
END_TEST

// More bytes than structures are told of.
START_TEST(what_is_behind_the_last_device)
{
    struct record *record = device("items-fetch", 0);
    memset(member(record, DISKS, AT(legacy_name)), 'x', 2 * (size_t)ISCSI_PATH_SIZE);
    items_expect("DEVICES-9", VERDICT_FAIL);
    record->outcome.size_out = DISKS;
    items_expect("DEVICES-9", VERDICT_PASS);
}
END_TEST

// No byte of a number is left out.
START_TEST(whole_numbers)
{
    struct record *record = device("items-fetch", 0);
    for (uint32_t i = 1; i < 4; i++) {
        *member(record, 1, AT(number.device_type) + i) = 1;
        items_expect("DEVICES-10", VERDICT_WARN);
        *member(record, 1, AT(number.device_type) + i) = 0;
        items_expect("DEVICES-10", VERDICT_PASS);
    }
}
END_TEST

// What is known of the session's target decides what is judged.
START_TEST(a_target_that_is_not_known)
{
    struct inventory *inventory = items_scene.transcript->inventory;
    *member(device("items-fetch", 0), 1, AT(address.lun)) = 9;
    items_expect("DEVICES-8", VERDICT_FAIL);
    inventory->targets[0].disk_count = DISKS_UNKNOWN;
    items_expect("DEVICES-8", VERDICT_PASS);
    inventory->targets[0].name[0] = 'a';
    items_expect("DEVICES-8", VERDICT_PASS);
    items_expect("DEVICES-7", VERDICT_PASS);
    device("items-null", 0)->outcome.status = ERROR_SUCCESS;
    items_expect("DEVICES-6", VERDICT_PASS);
}
END_TEST

// Of the last session of the scene, which has no connection, nothing is known; nor of one that is
// not in the list.
START_TEST(a_session_that_is_not_judged)
{
    const uint64_t ids[][2] = {{1, SCENE_SESSIONS}, {7, 7}};
    for (size_t i = 0; i < 2; i++) {
        struct record *record =
            items_add("items-fetch", CHARSET_DEVICES_W, PLACE_END, DEVICES, ERROR_SUCCESS, 1);
        uint8_t *bytes = items_fill(record, sizeof(iscsi_device_on_session_w));
        memcpy(record->call.subject, ids[i], sizeof ids[i]);
        items_put_device(bytes, 2, 5);
        items_expect("DEVICES-7", VERDICT_PASS);
        items_expect("DEVICES-8", VERDICT_PASS);
    }
    for (size_t i = 0; i < 2; i++)
        scene_refuse(&items_scene, device("items-fetch", i), INVALID_PARAMETER);
    items_expect("DEVICES-8", VERDICT_SKIP); // none is left that is judged
}
END_TEST

// Where W gave no list, that of A has the identifiers.
START_TEST(the_list_of_a)
{
    scene_refuse(&items_scene, scene_record(&items_scene, "fetch", CHARSET_W, 0),
                 INVALID_PARAMETER);
    items_expect("DEVICES-8", VERDICT_SKIP);
    scene_call(&items_scene, "fetch", CHARSET_A, PLACE_END,
               scene_required(&items_scene, CHARSET_A));
    items_expect("DEVICES-8", VERDICT_PASS);
    *member(device("items-fetch", 0), 1, AT(address.lun)) = 9;
    items_expect("DEVICES-8", VERDICT_FAIL);
}
END_TEST

START_TEST(texts_of_a_and_w)
{
    uint8_t *wide = member(device("items-fetch", 0), 1, AT(initiator_name));
    uint8_t *narrow = scene_record(&items_scene, "items-fetch", CHARSET_DEVICES_A, 0)->bytes +
                      sizeof(iscsi_device_on_session_a) +
                      offsetof(iscsi_device_on_session_a, initiator_name);
    wide[0] = 'x';
    items_expect("DEVICES-11", VERDICT_FAIL);
    narrow[0] = 0xE9; // beyond ASCII it may be encoded in any way
    items_expect("DEVICES-11", VERDICT_PASS);
    narrow[0] = 0x80;
    items_expect("DEVICES-11", VERDICT_PASS);
    narrow[0] = 0x7F;
    items_expect("DEVICES-11", VERDICT_FAIL);
    narrow[0] = 'x';
    wide[0] = 0x80;
    items_expect("DEVICES-11", VERDICT_PASS);
    wide[0] = 0x7F;
    items_expect("DEVICES-11", VERDICT_FAIL);
}
END_TEST

START_TEST(members_of_a_and_w)
{
    struct record *record = device("items-fetch", 0);
    *member(record, 0, AT(address.port)) = 1;
    items_expect("DEVICES-11", VERDICT_FAIL);
    *member(record, 0, AT(address.port)) = 0;
    record->outcome.size_out = DISKS; // without the last
    items_expect("DEVICES-11", VERDICT_FAIL);
}
END_TEST

// The same text and what is behind its end.
START_TEST(texts_again)
{
    uint8_t *first = member(device("items-fetch", 0), 0, AT(legacy_name));
    struct record *record = device("items-repeat", 0);
    uint8_t *again = member(record, 0, AT(legacy_name));
    again[2] = 'y';
    items_expect("DEVICES-13", VERDICT_PASS);
    first[1] = 1; // another character beyond ASCII
    again[1] = 2;
    items_expect("DEVICES-13", VERDICT_FAIL);
}
END_TEST

START_TEST(texts_to_their_end_again)
{
    static const char *const sets[] = {"items-fetch", "items-fetch", "items-repeat"};
    for (size_t i = 0; i < 3; i++)
        memset(member(device(sets[i], i % 2), 1, AT(legacy_name)), 'x',
               2 * (size_t)ISCSI_PATH_SIZE);
    items_expect("DEVICES-13", VERDICT_PASS);
    *member(device("items-repeat", 0), 1, AT(legacy_name) + 2 * (size_t)(ISCSI_PATH_SIZE - 1)) =
        'y';
    items_expect("DEVICES-13", VERDICT_FAIL);
}
END_TEST

// A call that names a session after all is none that could have shown it.
START_TEST(a_session_that_there_is)
{
    struct record *record = device("items-unknown", 0);
    record->outcome.status = ERROR_SUCCESS;
    items_expect("DEVICES-12", VERDICT_FAIL);
    const uint64_t id[2] = {1, 1};
    memcpy(record->call.subject, id, sizeof id);
    items_expect("DEVICES-12", VERDICT_SKIP);
    record->outcome.kind = OUTCOME_NOT_TRIED;
    items_expect("DEVICES-12", VERDICT_SKIP);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_right_answer_breaks_no_clause,
        what_is_not_exported_is_no_failure,
        without_an_inventory_nothing_is_judged,
        calls_that_were_not_made_give_no_pass,
        a_call_that_does_not_return_is_blamed_on_its_clause,
        structures_that_are_too_few,
        structures_required,
        the_number_of_devices,
        the_session_id_is_not_written_to,
        the_units_of_the_target,
        the_name_of_the_target,
        texts_without_an_end,
        numbers_of_a_device,
        devices_of_a_and_w,
        sessions_that_there_are_not,
        the_same_devices_again,
        the_units_at_the_ends,
        the_first_device_is_looked_at,
        what_is_behind_the_last_device,
        whole_numbers,
        a_target_that_is_not_known,
        a_session_that_is_not_judged,
        the_list_of_a,
        texts_of_a_and_w,
        members_of_a_and_w,
        texts_again,
        texts_to_their_end_again,
        a_session_that_there_is,
    };
    Suite *suite = suite_create("limits_devices");
    TCase *limits = tcase_create("limits_devices");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
