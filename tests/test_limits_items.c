// SPDX-License-Identifier: Apache-2.0
// What the functions that tell of targets, devices and the like must tell, where little of it is
// known: no portal, no session, no query that was answered, units and sessions that nobody knows.
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "conformance/judge/mappings.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <string.h>

static struct record *call_of(enum charset charset, const char *set, size_t index)
{
    return scene_record(&items_scene, set, charset, index);
}

static struct verdict say(const char *clause)
{
    return scene_judge(&items_scene, clause, CHARSET_W);
}

// Answers every call of a function with that status and size, and nothing retrieved.
static void answer_all(enum charset charset, uint32_t status, uint32_t size)
{
    for (size_t i = 0; i < items_scene.transcript->record_count; i++) {
        struct record *record = &items_scene.transcript->records[i];
        if (record->call.charset != charset)
            continue;
        record->outcome.status = status;
        record->outcome.size_out = size;
        record->outcome.count_out = 0;
        record->outcome.byte_count = 0;
        record->bytes = NULL;
    }
}

// ---- Nothing to tell

START_TEST(where_there_is_nothing_to_tell_no_buffer_is_required)
{
    struct inventory *inventory = items_scene.transcript->inventory;
    size_t portals = inventory->portal_count;
    answer_all(CHARSET_PORTALS_W, ERROR_SUCCESS, 0);
    struct verdict verdict = say("PORTALS-3");
    ck_assert(verdict_unjudged(&verdict)); // there are portals
    inventory->portal_count = 0;
    verdict = say("PORTALS-3");
    ck_assert_int_eq(verdict.kind, VERDICT_SKIP);
    ck_assert(!verdict_unjudged(&verdict));
    call_of(CHARSET_PORTALS_W, "items-query", 0)->outcome.status = INVALID_PARAMETER;
    verdict = say("PORTALS-3");
    ck_assert(verdict_unjudged(&verdict));
    call_of(CHARSET_PORTALS_W, "items-query", 0)->outcome.status = ERROR_SUCCESS;
    struct record *asking = call_of(CHARSET_PORTALS_W, "items-query", 1);
    asking->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    asking->outcome.size_out = 100;
    ck_assert_int_eq(say("PORTALS-3").kind, VERDICT_PASS); // one asks, and is judged
    inventory->portal_count = portals;
}
END_TEST

START_TEST(where_there_is_nothing_to_tell_any_buffer_is_enough)
{
    struct inventory *inventory = items_scene.transcript->inventory;
    size_t portals = inventory->portal_count;
    answer_all(CHARSET_PORTALS_W, INVALID_PARAMETER, 0);
    struct verdict verdict = say("PORTALS-1");
    ck_assert(verdict_unjudged(&verdict)); // nobody said how much is
    ck_assert_str_eq(verdict.blocked_by, BLOCKED_BY_PORTALS);
    inventory->portal_count = 0;
    ck_assert_int_eq(say("PORTALS-1").kind, VERDICT_FAIL);
    inventory->other_portals = true;
    verdict = say("PORTALS-1");
    ck_assert(verdict_unjudged(&verdict));
    inventory->other_portals = false;
    answer_all(CHARSET_PORTALS_W, ERROR_SUCCESS, 0);
    ck_assert_int_eq(say("PORTALS-1").kind, VERDICT_PASS);
    inventory->portal_count = portals;
}
END_TEST

START_TEST(no_call_had_a_buffer_that_is_enough)
{
    for (size_t i = 0; i < items_scene.transcript->record_count; i++) {
        struct record *record = &items_scene.transcript->records[i];
        if (record->call.charset == CHARSET_PORTALS_W && record->call.offered > 0)
            record->call.offered = 1;
    }
    struct verdict verdict = say("PORTALS-1");
    ck_assert(verdict_unjudged(&verdict));
    ck_assert_str_eq(verdict.blocked_by, BLOCKED_BY_ANY);
}
END_TEST

// A query that succeeds says that any buffer is enough, where no other says how much is.
START_TEST(a_query_that_succeeds)
{
    answer_all(CHARSET_PORTALS_W, INVALID_PARAMETER, 0);
    call_of(CHARSET_PORTALS_W, "items-query", 0)->outcome.status = ERROR_SUCCESS;
    ck_assert_int_eq(say("PORTALS-1").kind, VERDICT_FAIL);
    struct record *asking = call_of(CHARSET_PORTALS_W, "items-query", 1);
    asking->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    asking->outcome.size_out = 1000000; // more than any call offered
    struct verdict verdict = say("PORTALS-1");
    ck_assert(verdict_unjudged(&verdict));
}
END_TEST

START_TEST(a_query_about_another_session)
{
    for (size_t i = 0; i < 2; i++)
        call_of(CHARSET_DEVICES_W, "items-query", i)->outcome.status = INVALID_PARAMETER;
    items_scene.transcript->inventory->targets[0].disk_count = DISKS_UNKNOWN;
    items_scene.transcript->inventory->targets[1].disk_count = DISKS_UNKNOWN;
    call_of(CHARSET_DEVICES_W, "items-fetch", 0)->outcome.status = INVALID_PARAMETER;
    ck_assert_int_ne(say("DEVICES-1").kind, VERDICT_FAIL);
    call_of(CHARSET_DEVICES_W, "items-query", 1)->outcome.status = ERROR_SUCCESS;
    call_of(CHARSET_DEVICES_W, "items-query", 1)->call.subject[0] ^= 1;
    ck_assert_int_ne(say("DEVICES-1").kind, VERDICT_FAIL);
    call_of(CHARSET_DEVICES_W, "items-query", 1)->call.subject[0] ^= 1;
    ck_assert_int_eq(say("DEVICES-1").kind, VERDICT_FAIL);
}
END_TEST

START_TEST(no_target_takes_one_character)
{
    struct inventory *inventory = items_scene.transcript->inventory;
    size_t targets = inventory->target_count;
    inventory->target_count = 0;
    answer_all(CHARSET_TARGETS_W, ERROR_INSUFFICIENT_BUFFER, 1);
    for (size_t i = 0; i < items_scene.transcript->record_count; i++)
        if (items_scene.transcript->records[i].call.charset == CHARSET_TARGETS_W)
            items_scene.transcript->records[i].call.offered = 0;
    ck_assert_int_eq(say("TARGETS-3").kind, VERDICT_PASS);
    answer_all(CHARSET_TARGETS_W, ERROR_INSUFFICIENT_BUFFER, 2); // that counts bytes
    ck_assert_int_eq(say("TARGETS-3").kind, VERDICT_FAIL);
    inventory->target_count = targets;
}
END_TEST

// Who has no session need not be an initiator.
START_TEST(no_session_takes_no_initiator)
{
    struct truth *truth = items_scene.transcript->truths[0];
    size_t sessions = truth->session_count;
    answer_all(CHARSET_INITIATORS_W, ERROR_SUCCESS, 1);
    for (size_t i = 0; i < 2; i++)
        items_fill(call_of(CHARSET_INITIATORS_W, "items-fetch", i), 2)[0] = 0;
    ck_assert_int_eq(say("INITIATORS-9").kind, VERDICT_FAIL);
    truth->session_count = 1;
    ck_assert_int_eq(say("INITIATORS-9").kind, VERDICT_FAIL);
    truth->session_count = 0;
    ck_assert_msg(say("INITIATORS-9").kind == VERDICT_PASS, "%s", say("INITIATORS-9").got);
    truth->session_count = sessions;
}
END_TEST

// ---- Calls that were not made

START_TEST(what_can_not_be_judged_stays_so)
{
    call_of(CHARSET_PORTALS_W, "items-fetch", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    struct verdict verdict = say("PORTALS-1");
    ck_assert(verdict_unjudged(&verdict));
    inventory_free(items_scene.transcript->inventory);
    items_scene.transcript->inventory = NULL;
    ck_assert_int_eq(say("PORTALS-1").kind, VERDICT_ERROR);
}
END_TEST

static bool tells_of_no_list(const char *clause)
{
    return strstr(say(clause).got, "gave no list") != NULL;
}

START_TEST(without_a_list_there_is_no_session_to_ask_for)
{
    call_of(CHARSET_DEVICES_W, "items-fetch", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    call_of(CHARSET_TARGETS_W, "items-fetch", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    ck_assert(!tells_of_no_list("DEVICES-1"));
    scene_refuse(&items_scene, scene_record(&items_scene, "fetch", CHARSET_W, 0),
                 ERROR_INSUFFICIENT_BUFFER);
    ck_assert(tells_of_no_list("DEVICES-1"));
    ck_assert(!tells_of_no_list("TARGETS-1"));
}
END_TEST

// ---- Mappings

enum {
    SIZE = ISCSI_MAPPING_W_SIZE_64,
    THREE = 3,
    UNITS_AT = THREE * SIZE,
};

#define AT(member) offsetof(iscsi_target_mapping_w, member)

static uint8_t *mapping_member(const struct record *record, size_t index, size_t offset)
{
    return record->bytes + index * SIZE + offset;
}

static void put_session(const struct record *record, size_t index, uint64_t session)
{
    const uint64_t id[2] = {1, session};
    memcpy(mapping_member(record, index, AT(session_id)), id, sizeof id);
}

// A success with three mappings: the right two, and one without units of the first session.
static struct record *three_mappings(const char *set)
{
    struct record *record = call_of(CHARSET_MAPPINGS_W, set, 0);
    uint32_t size = UNITS_AT + UNITS * UNIT_SIZE;
    items_fill(record, size);
    record->call.offered = record->outcome.size_out = size;
    record->outcome.count_out = THREE;
    items_put_mapping(record, 0, 1, UNITS_AT, DEVICES);
    items_put_mapping(record, 1, 2, UNITS_AT + DEVICES * UNIT_SIZE, UNITS - DEVICES);
    items_put_mapping(record, 2, 1, UNITS_AT, 0);
    return record;
}

static void put_lun(const struct record *record, size_t unit, uint64_t lun)
{
    memcpy(record->bytes + UNITS_AT + unit * UNIT_SIZE + offsetof(struct iscsi_lun, target_lun),
           &lun, sizeof lun);
}

static void point(const struct record *record, size_t index, uint64_t offset)
{
    uint64_t pointer = record->outcome.base + offset;
    memcpy(mapping_member(record, index, AT(lun_list)), &pointer, sizeof pointer);
}

static void expect_told(const char *clause, const char *got)
{
    struct verdict verdict = say(clause);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    ck_assert_msg(strstr(verdict.got, got) != NULL, "%s", verdict.got);
}

START_TEST(a_session_that_is_not_listed)
{
    struct record *record = three_mappings("items-fetch");
    items_expect("MAPPINGS-8", VERDICT_PASS);
    put_session(record, 2, 9);
    expect_told("MAPPINGS-8", "does not list");
}
END_TEST

START_TEST(units_that_are_no_number)
{
    struct record *record = three_mappings("items-fetch");
    put_lun(record, 0, 0x0101010101010101); // the controller need not be told
    expect_told("MAPPINGS-8", "above 255");
    put_lun(record, 0, 256);
    expect_told("MAPPINGS-8", "above 255");
    put_lun(record, 0, 255);
    expect_told("MAPPINGS-8", "LUN 255 of session");
    put_lun(record, 0, 5); // told of the first way to read it
    expect_told("MAPPINGS-8", "LUN 5 of session");
    for (size_t i = 0; i < UNITS; i++)
        put_lun(record, i, (i < DEVICES ? i : i - DEVICES) << 8);
    items_expect("MAPPINGS-8", VERDICT_PASS); // all in another way
    put_lun(record, UNITS - 1, 1);
    items_expect("MAPPINGS-8", VERDICT_FAIL);
}
END_TEST

START_TEST(units_that_are_not_there)
{
    struct record *record = three_mappings("items-fetch");
    point(record, 0, UNITS_AT + UNITS * UNIT_SIZE);
    expect_told("MAPPINGS-8", "is told 0 times");
    record = three_mappings("items-changing");
    put_session(record, 2, 9);
    items_expect("MAPPINGS-15", VERDICT_PASS);
    point(record, 0, UNITS_AT + UNITS * UNIT_SIZE);
    items_expect("MAPPINGS-15", VERDICT_FAIL);
}
END_TEST

START_TEST(a_session_that_came_is_told_first)
{
    struct record *record = three_mappings("items-changing");
    uint32_t size = UNITS_AT + (UNITS + DEVICES) * UNIT_SIZE;
    items_fill(record, size);
    record->call.offered = record->outcome.size_out = size;
    items_put_mapping(record, 0, 1, UNITS_AT + UNITS * UNIT_SIZE, DEVICES);
    items_put_mapping(record, 1, 2, UNITS_AT + DEVICES * UNIT_SIZE, UNITS - DEVICES);
    items_put_mapping(record, 2, 1, UNITS_AT, DEVICES);
    put_session(record, 0, 9);
    items_expect("MAPPINGS-15", VERDICT_PASS);
    put_lun(record, UNITS, 1); // twice
    items_expect("MAPPINGS-15", VERDICT_FAIL);
    put_lun(record, UNITS, 0);
    point(record, 0, size); // its units are not there
    items_expect("MAPPINGS-15", VERDICT_FAIL);
}
END_TEST

// What target a session that came has may not be known, so neither are its units.
START_TEST(a_session_that_came_to_an_unknown_target)
{
    struct record *record = three_mappings("items-changing");
    put_session(record, 2, 9);
    memset(mapping_member(record, 2, AT(target_name)), 'x', 2);
    items_expect("MAPPINGS-15", VERDICT_PASS);
}
END_TEST

START_TEST(amid_changes_without_a_list_of_sessions)
{
    scene_refuse(&items_scene, scene_record(&items_scene, "fetch", CHARSET_W, 0),
                 ERROR_INSUFFICIENT_BUFFER);
    three_mappings("items-changing");
    ck_assert_int_ne(say("MAPPINGS-15").kind, VERDICT_ERROR);
    ck_assert_int_ne(say("MAPPINGS-15").kind, VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        where_there_is_nothing_to_tell_no_buffer_is_required,
        where_there_is_nothing_to_tell_any_buffer_is_enough,
        no_call_had_a_buffer_that_is_enough,
        a_query_that_succeeds,
        a_query_about_another_session,
        no_target_takes_one_character,
        no_session_takes_no_initiator,
        what_can_not_be_judged_stays_so,
        without_a_list_there_is_no_session_to_ask_for,
        a_session_that_is_not_listed,
        units_that_are_no_number,
        units_that_are_not_there,
        a_session_that_came_is_told_first,
        a_session_that_came_to_an_unknown_target,
        amid_changes_without_a_list_of_sessions,
    };
    Suite *suite = suite_create("limits_items");
    TCase *limits = tcase_create("limits_items");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
