// SPDX-License-Identifier: Apache-2.0
// The clauses about calls of many threads at once, and about calls while sessions come and go, of
// the functions that tell of targets, devices and the like: by recorded calls that stand exactly on
// their limits.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <string.h>

static const struct {
    enum charset charset;
    const char *threads;
    const char *changing;
} groups[] = {
    {CHARSET_TARGETS_W, "TARGETS-12", "TARGETS-13"},
    {CHARSET_DEVICES_W, "DEVICES-14", "DEVICES-15"},
    {CHARSET_MAPPINGS_W, "MAPPINGS-14", "MAPPINGS-15"},
    {CHARSET_INITIATORS_W, "INITIATORS-12", "INITIATORS-13"},
    {CHARSET_PORTALS_W, "PORTALS-14", "PORTALS-15"},
};

enum { GROUPS = sizeof groups / sizeof groups[0] };

static struct record *call_of(int group, const char *set)
{
    return scene_record(&items_scene, set, groups[group].charset, 0);
}

// ---- Threads

START_TEST(another_status_than_alone)
{
    struct record *record = call_of(_i, "items-threads");
    record->outcome.status = INVALID_PARAMETER;
    items_expect(groups[_i].threads, VERDICT_FAIL);
    struct verdict verdict = scene_judge(&items_scene, groups[_i].threads, CHARSET_W);
    ck_assert_str_eq(verdict.expected, "what the same call gives alone, as nothing changed");
    record->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    items_expect(groups[_i].threads, VERDICT_FAIL);
    record->call.offered -= 1; // as much was offered by one alone, which was refused as well
    call_of(_i, "items-repeat")->call.offered -= 1;
    call_of(_i, "items-repeat")->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    items_expect(groups[_i].threads, VERDICT_PASS);
}
END_TEST

START_TEST(another_size_than_alone)
{
    struct record *record = call_of(_i, "items-threads");
    record->outcome.size_out--;
    items_expect(groups[_i].threads, VERDICT_FAIL);
}
END_TEST

START_TEST(another_content_than_alone)
{
    struct record *record = call_of(_i, "items-threads");
    const struct record *alone = call_of(_i, "items-repeat");
    uint8_t *bytes = items_fill(record, alone->outcome.byte_count);
    memcpy(bytes, alone->bytes, alone->outcome.byte_count);
    items_expect(groups[_i].threads, VERDICT_PASS);
    bytes[0] ^= 1; // the first character of a text
    items_expect(groups[_i].threads, VERDICT_FAIL);
}
END_TEST

// Where one thread alone was never asked the same, there is nothing to hold an answer against.
START_TEST(nothing_alone_to_hold_it_against)
{
    call_of(_i, "items-threads")->call.offered++;
    items_expect(groups[_i].threads, VERDICT_SKIP);
    call_of(_i, "items-threads")->call.offered--;
    call_of(_i, "items-threads")->call.subject[SUBJECT_SIZE - 1] ^= 1; // about something else
    items_expect(groups[_i].threads, VERDICT_SKIP);
    call_of(_i, "items-threads")->call.subject[SUBJECT_SIZE - 1] ^= 1;
    call_of(_i, "items-threads")->call.placement = PLACE_MIDDLE;
    items_expect(groups[_i].threads, VERDICT_SKIP);
    call_of(_i, "items-threads")->call.placement = PLACE_END;
    items_expect(groups[_i].threads, VERDICT_PASS);
    call_of(_i, "items-repeat")->outcome.kind = OUTCOME_HUNG;
    items_expect(groups[_i].threads, VERDICT_SKIP);
    call_of(_i, "items-threads")->call.placement = PLACE_NULL; // as a query, which leaves nothing
    call_of(_i, "items-threads")->outcome.byte_count = 0;
    call_of(_i, "items-threads")->call.offered = 0;
    call_of(_i, "items-threads")->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    items_expect(groups[_i].threads, VERDICT_PASS);
}
END_TEST

START_TEST(threads_that_write_outside)
{
    call_of(_i, "items-threads")->outcome.size_cell_damaged = true;
    items_expect(groups[_i].threads, VERDICT_FAIL);
}
END_TEST

START_TEST(a_thread_that_does_not_return)
{
    call_of(_i, "items-threads")->outcome.kind = OUTCOME_FAULT;
    items_expect(groups[_i].threads, VERDICT_FAIL);
}
END_TEST

// ---- Changes

START_TEST(other_answers_amid_changes)
{
    struct record *record = call_of(_i, "items-changing");
    record->outcome.status = INVALID_PARAMETER;
    items_expect(groups[_i].changing, VERDICT_FAIL);
    record->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    record->outcome.size_out = record->call.offered;
    items_expect(groups[_i].changing, VERDICT_FAIL);
    record->outcome.size_out++;
    items_expect(groups[_i].changing, VERDICT_PASS);
}
END_TEST

START_TEST(calls_amid_changes_that_were_not_made)
{
    call_of(_i, "items-changing")->outcome.kind = OUTCOME_NOT_TRIED;
    items_expect(groups[_i].changing, VERDICT_SKIP);
}
END_TEST

START_TEST(calls_amid_changes_that_write_outside)
{
    call_of(_i, "items-changing")->outcome.after = (struct extent){100000, 100000};
    items_expect(groups[_i].changing, VERDICT_FAIL);
}
END_TEST

START_TEST(a_call_amid_changes_that_does_not_return)
{
    call_of(_i, "items-changing")->outcome.kind = OUTCOME_HUNG;
    items_expect(groups[_i].changing, VERDICT_FAIL);
    items_expect(groups[_i].threads, VERDICT_PASS);
}
END_TEST

START_TEST(without_an_inventory_nothing_is_judged)
{
    inventory_free(items_scene.transcript->inventory);
    items_scene.transcript->inventory = NULL;
    scene_expect_in(&items_scene, groups[_i].changing, CHARSET_A, VERDICT_ERROR);
}
END_TEST

// ---- What is told amid changes

enum { SIZE = ISCSI_MAPPING_W_SIZE_64, THREE = 3, UNITS_AT = THREE * SIZE };

static uint8_t *member(const struct record *record, uint32_t index, size_t offset)
{
    return record->bytes + (size_t)index * SIZE + offset;
}

// The two mappings, and one of a session that came, with so many units of the second target.
static struct record *with_another(uint32_t units)
{
    struct record *record = scene_record(&items_scene, "items-changing", CHARSET_MAPPINGS_W, 0);
    uint32_t size = UNITS_AT + (UNITS + units) * UNIT_SIZE;
    items_fill(record, size);
    record->call.offered = record->outcome.size_out = size;
    record->outcome.count_out = THREE;
    items_put_mapping(record, 0, 1, UNITS_AT, DEVICES);
    items_put_mapping(record, 1, 2, UNITS_AT + DEVICES * UNIT_SIZE, UNITS - DEVICES);
    items_put_mapping(record, 2, 2, UNITS_AT + UNITS * UNIT_SIZE, units);
    *member(record, 2, offsetof(iscsi_target_mapping_w, session_id) + 8) = 77;
    return record;
}

START_TEST(a_session_that_came)
{
    with_another(2);
    items_expect("MAPPINGS-15", VERDICT_PASS);
    with_another(1); // the disk is not known yet
    items_expect("MAPPINGS-15", VERDICT_PASS);
    with_another(0);
    items_expect("MAPPINGS-15", VERDICT_PASS);
    with_another(3); // a disk that there is not
    items_expect("MAPPINGS-15", VERDICT_FAIL);
    items_scene.transcript->inventory->targets[1].disk_count = DISKS_UNKNOWN;
    items_expect("MAPPINGS-15", VERDICT_PASS);
}
END_TEST

// In two mappings, of which the second has what the first lacks, or the same.
START_TEST(a_session_that_came_in_two_mappings)
{
    struct record *record = with_another(2);
    uint32_t one = 1;
    uint64_t last = record->outcome.base + UNITS_AT + (uint64_t)(UNITS + 1) * UNIT_SIZE;
    memcpy(member(record, 1, 0), member(record, 2, 0), SIZE);
    memcpy(member(record, 1, offsetof(iscsi_target_mapping_w, lun_count)), &one, sizeof one);
    memcpy(member(record, 2, offsetof(iscsi_target_mapping_w, lun_count)), &one, sizeof one);
    memcpy(member(record, 2, offsetof(iscsi_target_mapping_w, lun_list)), &last, sizeof last);
    items_scene.transcript->inventory->targets[0].disk_count = DISKS; // of the first session
    items_scene.truth->sessions[1].connection_count = 0;              // the second one need not be
    scene_expect_in(&items_scene, "MAPPINGS-15", CHARSET_W, VERDICT_PASS);
    memcpy(member(record, 2, offsetof(iscsi_target_mapping_w, lun_list)),
           member(record, 1, offsetof(iscsi_target_mapping_w, lun_list)), sizeof last);
    scene_expect_in(&items_scene, "MAPPINGS-15", CHARSET_W, VERDICT_FAIL);
}
END_TEST

START_TEST(a_session_that_stays)
{
    struct record *record = scene_record(&items_scene, "items-changing", CHARSET_MAPPINGS_W, 0);
    record->outcome.count_out = 1;
    items_expect("MAPPINGS-15", VERDICT_FAIL);
    record->outcome.count_out = 2;
    record->outcome.size_out = record->call.offered + 1;
    items_expect("MAPPINGS-15", VERDICT_FAIL);
    record->outcome.size_out = UNITS_AT - SIZE;
    items_expect("MAPPINGS-15", VERDICT_FAIL); // its units are behind what was retrieved
}
END_TEST

START_TEST(other_content_amid_changes)
{
    uint8_t *bytes = call_of(0, "items-changing")->bytes;
    bytes[2 * (size_t)NAME_LENGTH - 2] ^= 1; // of a target's name
    items_expect("TARGETS-13", VERDICT_FAIL);
    call_of(1, "items-changing")->outcome.size_out = 1; // one device only
    items_expect("DEVICES-15", VERDICT_FAIL);
    items_put(call_of(3, "items-changing")->bytes, 2, "", 1);
    items_expect("INITIATORS-13", VERDICT_FAIL);
    call_of(4, "items-changing")->outcome.count_out = 1; // one portal only
    items_expect("PORTALS-15", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const of_each[] = {
        another_status_than_alone,
        another_size_than_alone,
        another_content_than_alone,
        nothing_alone_to_hold_it_against,
        threads_that_write_outside,
        a_thread_that_does_not_return,
        other_answers_amid_changes,
        calls_amid_changes_that_were_not_made,
        calls_amid_changes_that_write_outside,
        a_call_amid_changes_that_does_not_return,
        without_an_inventory_nothing_is_judged,
    };
    Suite *suite = suite_create("limits_item_moments");
    TCase *limits = tcase_create("limits_item_moments");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof of_each / sizeof of_each[0]; i++)
        tcase_add_loop_test(limits, of_each[i], 0, GROUPS);
    tcase_add_test(limits, a_session_that_came);
    tcase_add_test(limits, a_session_that_came_in_two_mappings);
    tcase_add_test(limits, a_session_that_stays);
    tcase_add_test(limits, other_content_amid_changes);
    suite_add_tcase(suite, limits);
    return suite;
}
