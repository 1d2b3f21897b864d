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
    const struct clause_group *groups[] = {&group_targets, &group_devices};
    items_scene.strict = true;
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < groups[i]->count; j++) {
            scene_expect_in(&items_scene, groups[i]->clauses[j].id, CHARSET_A, VERDICT_PASS);
            scene_expect_in(&items_scene, groups[i]->clauses[j].id, CHARSET_W, VERDICT_PASS);
        }
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
    inventory_free(items_scene.transcript->inventory);
    items_scene.transcript->inventory = NULL;
    static const char *const judged[] = {"1", "2", "3", "4", "6", "7", "8", "9"};
    for (size_t i = 0; i < sizeof judged / sizeof judged[0]; i++) {
        char clause[16];
        snprintf(clause, sizeof clause, "TARGETS-%s", judged[i]);
        scene_expect_in(&items_scene, clause, CHARSET_A, VERDICT_ERROR);
        snprintf(clause, sizeof clause, "DEVICES-%s", judged[i]);
        scene_expect_in(&items_scene, clause, CHARSET_A, VERDICT_ERROR);
    }
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
    };
    Suite *suite = suite_create("limits_devices");
    TCase *limits = tcase_create("limits_devices");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
