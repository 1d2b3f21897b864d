// SPDX-License-Identifier: Apache-2.0
// The clauses of ReportActiveIScsiTargetMappings, by recorded calls that stand exactly on their
// limits.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum {
    SIZE = ISCSI_MAPPING_W_SIZE_64,
    LEAST = MAPPINGS * SIZE + (UNITS - MAPPINGS) * UNIT_SIZE, // without the controllers
    UNITS_AT = MAPPINGS * SIZE,
};

static struct record *mapping(const char *set, size_t index)
{
    return scene_record(&items_scene, set, CHARSET_MAPPINGS_W, index);
}

static uint8_t *member(struct record *record, uint32_t index, size_t offset)
{
    return record->bytes + (size_t)index * SIZE + offset;
}

#define AT(member) offsetof(iscsi_target_mapping_w, member)

// The offset of a character of a text.
static size_t wide(size_t index)
{
    return 2 * index;
}

static void put_u32(uint8_t *bytes, uint32_t number)
{
    memcpy(bytes, &number, sizeof number);
}

// Where the units of a mapping are to be.
static void point(struct record *record, uint32_t index, int64_t offset)
{
    uint64_t pointer = record->outcome.base + (uint64_t)offset;
    memcpy(member(record, index, AT(lun_list)), &pointer, sizeof pointer);
}

// The number of the unit that is the how manieth in the buffer.
static void put_lun(struct record *record, uint32_t unit, uint64_t lun)
{
    memcpy(record->bytes + UNITS_AT + (size_t)unit * UNIT_SIZE +
               offsetof(struct iscsi_lun, target_lun),
           &lun, sizeof lun);
}

// Room for `count` mappings and so many units behind them.
static struct record *refill(uint32_t count, uint32_t units)
{
    struct record *record = mapping("items-fetch", 0);
    uint32_t size = count * SIZE + units * UNIT_SIZE;
    items_fill(record, size);
    record->call.offered = record->outcome.size_out = size;
    record->outcome.count_out = count;
    return record;
}

START_TEST(a_right_answer_breaks_no_clause)
{
    items_expect_right(&group_mappings);
}
END_TEST

START_TEST(without_an_inventory_nothing_is_judged)
{
    static const char *const judged[] = {"1", "2", "3", "4", "6", "7", "8", "9", "10", "13", NULL};
    items_expect_inventory_is_needed("MAPPINGS", judged);
}
END_TEST

START_TEST(a_call_that_does_not_return_is_blamed_on_its_clause)
{
    items_expect_blamed("MAPPINGS", CHARSET_MAPPINGS_W);
}
END_TEST

// ---- Sizes

START_TEST(a_buffer_that_is_too_small)
{
    struct record *record = mapping("items-short", 0);
    record->outcome.status = ERROR_SUCCESS; // less than was asked for, and enough it may be
    record->call.offered = LEAST;
    items_expect("MAPPINGS-2", VERDICT_PASS);
    record->call.offered = LEAST - 1;
    items_expect("MAPPINGS-2", VERDICT_FAIL);
    record->outcome.status = INVALID_PARAMETER;
    record->call.offered = MAPPINGS_REQUIRED - 1;
    items_expect("MAPPINGS-2", VERDICT_FAIL);
    record->call.offered = MAPPINGS_REQUIRED;
    items_expect("MAPPINGS-2", VERDICT_PASS);
}
END_TEST

START_TEST(bytes_required)
{
    for (uint32_t told = LEAST - 1; told <= LEAST; told++) {
        for (size_t i = 0; i < 2; i++)
            mapping("items-query", i)->outcome.size_out = told;
        mapping("items-null", 0)->outcome.size_out = told;
        mapping("items-short", 0)->outcome.size_out = told;
        mapping("items-short", 0)->call.offered = told - 1;
        mapping("items-sweep", 0)->outcome.size_out = told;
        items_expect("MAPPINGS-3", told == LEAST ? VERDICT_PASS : VERDICT_FAIL);
    }
    mapping("items-sweep", 0)->outcome.size_out = LEAST + 1;
    items_expect("MAPPINGS-3", VERDICT_FAIL);
}
END_TEST

// Much more than is needed is no fault; what is told must then be enough.
START_TEST(more_required_than_needed)
{
    for (size_t i = 0; i < 2; i++)
        mapping("items-query", i)->outcome.size_out = 1000000;
    mapping("items-null", 0)->outcome.size_out = 1000000;
    mapping("items-short", 0)->outcome.size_out = 1000000;
    mapping("items-sweep", 0)->outcome.size_out = 1000000;
    items_expect("MAPPINGS-3", VERDICT_PASS);
    mapping("items-fetch", 0)->call.offered = 1000000;
    mapping("items-fetch", 0)->outcome.status = INVALID_PARAMETER;
    items_expect("MAPPINGS-1", VERDICT_FAIL);
    items_expect("MAPPINGS-4", VERDICT_FAIL);
}
END_TEST

// Where no disk is known, nobody can say that a query must be insufficient.
START_TEST(nothing_that_is_certain)
{
    struct inventory *inventory = items_scene.transcript->inventory;
    for (size_t i = 0; i < inventory->target_count; i++)
        inventory->targets[i].disk_count = i == 0 ? 0 : DISKS_UNKNOWN;
    for (size_t i = 0; i < 2; i++) {
        mapping("items-query", i)->outcome.status = ERROR_SUCCESS;
        mapping("items-query", i)->outcome.size_out = 0;
    }
    mapping("items-null", 0)->outcome.status = ERROR_SUCCESS;
    mapping("items-short", 0)->outcome.status = ERROR_SUCCESS;
    mapping("items-sweep", 0)->outcome.status = ERROR_SUCCESS;
    items_expect("MAPPINGS-1", VERDICT_PASS);
    items_expect("MAPPINGS-2", VERDICT_SKIP);
    items_expect("MAPPINGS-3", VERDICT_SKIP);
    items_expect("MAPPINGS-4", VERDICT_SKIP);
    items_expect("MAPPINGS-6", VERDICT_PASS);
    mapping("items-sweep", 0)->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    items_expect("MAPPINGS-1", VERDICT_FAIL); // the query needed nothing
}
END_TEST

START_TEST(a_query_that_is_answered_otherwise)
{
    for (size_t i = 0; i < 2; i++)
        mapping("items-query", i)->outcome.status = INVALID_PARAMETER;
    items_expect("MAPPINGS-2", VERDICT_FAIL);
    items_expect("MAPPINGS-1", VERDICT_SKIP); // what is enough is not known
}
END_TEST

START_TEST(how_many)
{
    struct record *record = mapping("items-fetch", 0);
    record->outcome.size_out = record->call.offered + 1;
    items_expect("MAPPINGS-7", VERDICT_FAIL);
    record->outcome.size_out = MAPPINGS * SIZE;
    items_expect("MAPPINGS-7", VERDICT_PASS);
    record->outcome.size_out = MAPPINGS * SIZE - 1;
    items_expect("MAPPINGS-7", VERDICT_FAIL);
    record->outcome.size_out = record->call.offered;
    record->outcome.count_out = UINT32_MAX;
    items_expect("MAPPINGS-7", VERDICT_FAIL);
    items_expect("MAPPINGS-8", VERDICT_PASS); // it is read as far as it is there
}
END_TEST

START_TEST(the_count_is_32_bits)
{
    mapping("items-sweep", 0)->outcome.count_cell_damaged = true;
    items_expect("MAPPINGS-5", VERDICT_FAIL);
}
END_TEST

START_TEST(success_without_a_buffer)
{
    mapping("items-null", 0)->outcome.status = ERROR_SUCCESS;
    items_expect("MAPPINGS-6", VERDICT_FAIL);
}
END_TEST

// ---- Which

// The number itself, or SAM's eight bytes from either end; the same for all.
START_TEST(how_luns_are_told)
{
    static const struct {
        unsigned shift;
        enum verdict_kind kind;
    } shifts[] = {{0, VERDICT_PASS},  {8, VERDICT_PASS},  {48, VERDICT_PASS},
                  {16, VERDICT_FAIL}, {40, VERDICT_FAIL}, {56, VERDICT_FAIL}};
    struct record *record = mapping("items-fetch", 0);
    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        for (uint32_t unit = 0; unit < UNITS; unit++)
            put_lun(record, unit, (uint64_t)(unit % DEVICES) << shifts[i].shift);
        items_expect("MAPPINGS-8", shifts[i].kind);
    }
    for (uint32_t unit = 0; unit < UNITS; unit++)
        put_lun(record, unit, (uint64_t)(unit % DEVICES) << (unit < DEVICES ? 8 : 0));
    items_expect("MAPPINGS-8", VERDICT_FAIL);
}
END_TEST

START_TEST(the_units_of_a_session)
{
    struct record *record = mapping("items-fetch", 0);
    put_lun(record, 2, 1); // twice, and the last one not at all
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    put_lun(record, 2, 3); // one that there is not
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    put_lun(record, 2, 256);
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    put_lun(record, 2, 2);
    items_expect("MAPPINGS-8", VERDICT_PASS);
    put_lun(record, 0, 255);
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    put_lun(record, 0, 0);
    put_u32(member(record, 0, AT(lun_count)), DEVICES - 1); // without the last
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    put_u32(member(record, 0, AT(lun_count)), 0);
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    put_u32(member(record, 0, AT(lun_count)), DEVICES - 1); // without the controller
    point(record, 0, UNITS_AT + UNIT_SIZE);
    items_expect("MAPPINGS-8", VERDICT_PASS);
}
END_TEST

START_TEST(the_controller_twice)
{
    struct record *record = refill(MAPPINGS, UNITS + 1);
    items_put_mapping(record, 0, 1, UNITS_AT, DEVICES + 1);
    items_put_mapping(record, 1, 2, UNITS_AT + (DEVICES + 1) * UNIT_SIZE, UNITS - DEVICES);
    put_lun(record, DEVICES, 0);
    items_expect("MAPPINGS-8", VERDICT_FAIL);
}
END_TEST

// A session's units may be told in more than one mapping.
START_TEST(mappings_that_share_a_session)
{
    enum { THREE = 3, BEHIND = THREE * SIZE };
    struct record *record = refill(THREE, UNITS);
    items_put_mapping(record, 0, 1, BEHIND, DEVICES);
    items_put_mapping(record, 1, 2, BEHIND + DEVICES * UNIT_SIZE, UNITS - DEVICES);
    items_put_mapping(record, 2, 1, BEHIND, 1);
    put_u32(member(record, 0, AT(lun_count)), DEVICES - 1);
    point(record, 0, BEHIND);
    point(record, 2, BEHIND + (DEVICES - 1) * UNIT_SIZE);
    items_expect("MAPPINGS-8", VERDICT_PASS);
    items_expect("MAPPINGS-9", VERDICT_PASS);
    put_u32(member(record, 2, AT(lun_count)), 0); // and the last one not at all
    items_expect("MAPPINGS-8", VERDICT_FAIL);
}
END_TEST

START_TEST(sessions)
{
    struct record *record = mapping("items-fetch", 0);
    *member(record, 1, AT(session_id)) = 9; // one that is in no list
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    *member(record, 1, AT(session_id)) = 1;
    *member(record, 1, AT(session_id) + 15) = 1;
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    *member(record, 1, AT(session_id) + 15) = 0;
    items_expect("MAPPINGS-8", VERDICT_PASS);
    record->outcome.count_out = 1; // without the second session
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    record->outcome.count_out = 0;
    items_expect("MAPPINGS-8", VERDICT_FAIL);
}
END_TEST

// Of a session without connections, or of whose target nothing is known, there may be anything.
START_TEST(sessions_of_which_nothing_is_known)
{
    struct record *record = mapping("items-fetch", 0);
    items_scene.transcript->inventory->targets[1].disk_count = DISKS_UNKNOWN;
    put_lun(record, DEVICES, 77);
    items_expect("MAPPINGS-8", VERDICT_PASS);
    record->outcome.count_out = 1;
    items_expect("MAPPINGS-8", VERDICT_PASS);
    record->outcome.count_out = 2;
    items_scene.transcript->inventory->targets[1].name[0] = 'j';
    items_expect("MAPPINGS-8", VERDICT_PASS);
    *member(record, 1, AT(session_id) + 8) = SCENE_SESSIONS;
    *member(record, 1, AT(target_name) + wide(NAME_LENGTH - 1)) = '2';
    items_expect("MAPPINGS-8", VERDICT_PASS);
    items_scene.transcript->inventory->targets[0].disk_count = 1; // it has more than that
    scene_expect_in(&items_scene, "MAPPINGS-8", CHARSET_W, VERDICT_FAIL);
}
END_TEST

START_TEST(the_name_of_the_target)
{
    struct record *record = mapping("items-fetch", 0);
    uint8_t *name = member(record, 0, AT(target_name));
    name[wide(NAME_LENGTH - 5)] = 'd'; // of "Disk0": case does not matter
    items_expect("MAPPINGS-8", VERDICT_PASS);
    name[wide(NAME_LENGTH - 1)] = '1';
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    name[wide(NAME_LENGTH - 1)] = '0';
    name[wide(NAME_LENGTH)] = 'x'; // goes on
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    name[wide(NAME_LENGTH)] = 0;
    name[wide(NAME_LENGTH - 1)] = 0; // ends before
    items_expect("MAPPINGS-8", VERDICT_FAIL);
    name[wide(NAME_LENGTH - 1)] = '0';
    name[1] = 1; // of a character's second byte
    items_expect("MAPPINGS-8", VERDICT_FAIL);
}
END_TEST

// With another target of the first session, also in the list.
START_TEST(letters_at_the_ends_of_the_alphabet)
{
    static const struct {
        char one;
        char other;
        enum verdict_kind kind;
    } letters[] = {{'a', 'A', VERDICT_PASS}, {'z', 'Z', VERDICT_PASS}, {'@', '`', VERDICT_FAIL},
                   {'[', '{', VERDICT_FAIL}, {'x', 'x', VERDICT_PASS}, {'x', 'y', VERDICT_FAIL}};
    const size_t last = NAME_LENGTH - 1;
    mapping("items-fetch", 1)->outcome.status = INVALID_PARAMETER;
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        items_scene.truth->sessions[0].target_node_name[last] = letters[i].one;
        scene_succeed(&items_scene, scene_record(&items_scene, "fetch", CHARSET_W, 0));
        *member(mapping("items-fetch", 0), 0, AT(target_name) + wide(last)) =
            (uint8_t)letters[i].other;
        scene_expect_in(&items_scene, "MAPPINGS-8", CHARSET_W, letters[i].kind);
    }
}
END_TEST

// Without a list of GetIScsiSessionList there is nothing to hold the sessions against.
START_TEST(no_list_of_sessions)
{
    scene_refuse(&items_scene, scene_record(&items_scene, "fetch", CHARSET_W, 0),
                 INVALID_PARAMETER);
    items_expect("MAPPINGS-8", VERDICT_SKIP);
    items_expect("MAPPINGS-9", VERDICT_PASS);
    scene_call(&items_scene, "fetch", CHARSET_A, PLACE_END,
               scene_required(&items_scene, CHARSET_A));
    items_expect("MAPPINGS-8", VERDICT_PASS);
}
END_TEST

// ---- Where

START_TEST(units_within_the_buffer)
{
    struct record *record = mapping("items-fetch", 0);
    point(record, 1, MAPPINGS_REQUIRED - (UNITS - DEVICES) * UNIT_SIZE + 8);
    items_expect("MAPPINGS-9", VERDICT_FAIL);
    point(record, 1, MAPPINGS_REQUIRED - (UNITS - DEVICES) * UNIT_SIZE);
    items_expect("MAPPINGS-9", VERDICT_PASS);
    record->outcome.size_out--;
    items_expect("MAPPINGS-9", VERDICT_FAIL);
    record->outcome.size_out++;
    point(record, 1, -8);
    items_expect("MAPPINGS-9", VERDICT_FAIL);
    memset(member(record, 1, AT(lun_list)), 0, 8); // NULL
    items_expect("MAPPINGS-9", VERDICT_FAIL);
    put_u32(member(record, 1, AT(lun_count)), 0); // and nothing there
    items_expect("MAPPINGS-9", VERDICT_PASS);
    point(record, 1, UNITS_AT + DEVICES * UNIT_SIZE);
    put_u32(member(record, 1, AT(lun_count)), 0x10000000); // times 16 it has no 32 bits
    items_expect("MAPPINGS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(units_that_are_aligned)
{
    struct record *record = refill(MAPPINGS, UNITS + 1);
    items_put_mapping(record, 0, 1, UNITS_AT, DEVICES);
    items_put_mapping(record, 1, 2, UNITS_AT + DEVICES * UNIT_SIZE + 8, UNITS - DEVICES);
    items_expect("MAPPINGS-9", VERDICT_PASS);
    point(record, 1, UNITS_AT + DEVICES * UNIT_SIZE + 4);
    items_expect("MAPPINGS-9", VERDICT_FAIL);
    record->outcome.base += 4; // what is not aligned can't be told from
    point(record, 0, UNITS_AT + 4);
    point(record, 1, UNITS_AT + DEVICES * UNIT_SIZE + 4);
    items_expect("MAPPINGS-9", VERDICT_PASS);
}
END_TEST

START_TEST(units_apart)
{
    struct record *record = mapping("items-fetch", 0);
    point(record, 1, UNITS_AT + (DEVICES - 1) * UNIT_SIZE);
    items_expect("MAPPINGS-9", VERDICT_FAIL); // of the first session's
    point(record, 1, UNITS_AT);
    items_expect("MAPPINGS-9", VERDICT_FAIL); // a part of them
    put_u32(member(record, 1, AT(lun_count)), DEVICES);
    items_expect("MAPPINGS-9", VERDICT_PASS); // the same
    point(record, 0, UNITS_AT - 8);
    point(record, 1, UNITS_AT - 8);
    items_expect("MAPPINGS-9", VERDICT_FAIL); // of the structures
    point(record, 1, UNITS_AT);
    items_expect("MAPPINGS-9", VERDICT_FAIL);
}
END_TEST

// ---- Members

START_TEST(texts_without_an_end)
{
    const struct {
        size_t offset;
        size_t room;
    } texts[] = {{AT(initiator_name), ISCSI_HBA_NAME_SIZE},
                 {AT(target_name), ISCSI_NAME_SIZE},
                 {AT(os_device_name), ISCSI_PATH_SIZE}};
    struct record *record = mapping("items-fetch", 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (uint32_t index = 0; index < MAPPINGS; index++) {
            uint8_t *text = member(record, index, texts[i].offset);
            uint8_t kept[2 * ISCSI_PATH_SIZE];
            memcpy(kept, text, 2 * texts[i].room);
            memset(text, 'x', 2 * texts[i].room);
            items_expect("MAPPINGS-10", VERDICT_FAIL);
            memset(text + 2 * (texts[i].room - 1), 0, 2); // at the last place
            items_expect("MAPPINGS-10", VERDICT_PASS);
            memcpy(text, kept, 2 * texts[i].room);
        }
}
END_TEST

START_TEST(numbers_in_the_system)
{
    struct record *record = mapping("items-fetch", 0);
    put_u32(record->bytes + UNITS_AT + UNIT_SIZE, 2); // as the one behind it
    items_expect("MAPPINGS-13", VERDICT_WARN);
    put_u32(record->bytes + UNITS_AT + UNIT_SIZE, 0x10002);
    items_expect("MAPPINGS-13", VERDICT_PASS);
    put_u32(record->bytes + UNITS_AT + (size_t)(UNITS - 1) * UNIT_SIZE, 0); // of the second mapping
    items_expect("MAPPINGS-13", VERDICT_WARN);
    point(record, 1, -8); // where nothing can be read
    items_expect("MAPPINGS-13", VERDICT_PASS);
}
END_TEST

// ---- The same

START_TEST(mappings_of_a_and_w)
{
    struct record *record = mapping("items-fetch", 0);
    *member(record, 1, AT(os_device_name)) = 'x';
    items_expect("MAPPINGS-11", VERDICT_FAIL);
    *member(record, 1, AT(os_device_name) + 1) = 1; // beyond ASCII it may be encoded in any way
    items_expect("MAPPINGS-11", VERDICT_PASS);
    *member(record, 1, AT(os_bus_number)) = 1;
    items_expect("MAPPINGS-11", VERDICT_FAIL);
    *member(record, 1, AT(os_bus_number)) = 0;
    *member(record, 1, AT(os_target_number) + 3) = 1;
    items_expect("MAPPINGS-11", VERDICT_FAIL);
    *member(record, 1, AT(os_target_number) + 3) = 0;
    put_lun(record, 1, 7);
    items_expect("MAPPINGS-11", VERDICT_FAIL);
    put_lun(record, 1, 1);
    put_u32(record->bytes + UNITS_AT, 7);
    items_expect("MAPPINGS-11", VERDICT_FAIL);
    put_u32(record->bytes + UNITS_AT, 0);
    items_expect("MAPPINGS-11", VERDICT_PASS);
    record->outcome.count_out = 1;
    items_expect("MAPPINGS-11", VERDICT_FAIL);
}
END_TEST

// The mappings in another order, and the units of one as well.
START_TEST(the_same_mappings_again)
{
    struct record *record = mapping("items-repeat", 0);
    items_fill(record, MAPPINGS_REQUIRED);
    items_put_mapping(record, 0, 2, UNITS_AT, UNITS - DEVICES);
    items_put_mapping(record, 1, 1, UNITS_AT + (UNITS - DEVICES) * UNIT_SIZE, DEVICES);
    items_expect("MAPPINGS-12", VERDICT_PASS);
    uint8_t unit[UNIT_SIZE];
    uint8_t *units = record->bytes + UNITS_AT;
    memcpy(unit, units, UNIT_SIZE);
    memcpy(units, units + UNIT_SIZE, UNIT_SIZE);
    memcpy(units + UNIT_SIZE, unit, UNIT_SIZE);
    items_expect("MAPPINGS-12", VERDICT_PASS);
    units[0] ^= 4;
    items_expect("MAPPINGS-12", VERDICT_FAIL);
    units[0] ^= 4;
    put_u32(member(record, 1, AT(lun_count)), DEVICES - 1);
    items_expect("MAPPINGS-12", VERDICT_FAIL);
}
END_TEST

START_TEST(another_answer_to_the_same_call)
{
    struct record *record = mapping("items-repeat", 0);
    record->call.offered = mapping("items-fetch", 0)->call.offered;
    record->outcome.size_out = MAPPINGS_REQUIRED - 1;
    items_expect("MAPPINGS-12", VERDICT_FAIL);
    record->outcome.size_out = MAPPINGS_REQUIRED;
    items_expect("MAPPINGS-12", VERDICT_PASS);
    record->outcome.status = INVALID_PARAMETER;
    items_expect("MAPPINGS-12", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_right_answer_breaks_no_clause,
        without_an_inventory_nothing_is_judged,
        a_call_that_does_not_return_is_blamed_on_its_clause,
        a_buffer_that_is_too_small,
        bytes_required,
        more_required_than_needed,
        nothing_that_is_certain,
        a_query_that_is_answered_otherwise,
        how_many,
        the_count_is_32_bits,
        success_without_a_buffer,
        how_luns_are_told,
        the_units_of_a_session,
        the_controller_twice,
        mappings_that_share_a_session,
        sessions,
        sessions_of_which_nothing_is_known,
        the_name_of_the_target,
        letters_at_the_ends_of_the_alphabet,
        no_list_of_sessions,
        units_within_the_buffer,
        units_that_are_aligned,
        units_apart,
        texts_without_an_end,
        numbers_in_the_system,
        mappings_of_a_and_w,
        the_same_mappings_again,
        another_answer_to_the_same_call,
    };
    Suite *suite = suite_create("limits_mappings");
    TCase *limits = tcase_create("limits_mappings");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
