// SPDX-License-Identifier: Apache-2.0
// The clauses of ReportIScsiSendTargetPortalsEx, by recorded calls that stand exactly on their
// limits.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { SIZE = ISCSI_PORTAL_W_SIZE_64, USER_AT = 48, PASSWORD_AT = 56 };

static struct record *portal(const char *set, size_t index)
{
    return scene_record(&items_scene, set, CHARSET_PORTALS_W, index);
}

static uint8_t *member(struct record *record, uint32_t index, size_t offset)
{
    return record->bytes + (size_t)index * SIZE + offset;
}

#define AT(member) offsetof(iscsi_portal_info_ex_w, member)

static void put_u32(uint8_t *bytes, uint32_t number)
{
    memcpy(bytes, &number, sizeof number);
}

static void put_address(struct record *record, uint32_t index, const char *address)
{
    items_put(member(record, index, AT(address)), 2, address, strlen(address) + 1);
}

START_TEST(a_right_answer_breaks_no_clause)
{
    items_expect_right(&group_portals);
}
END_TEST

START_TEST(without_an_inventory_nothing_is_judged)
{
    static const char *const judged[] = {"1", "2", "3", "4", "6", "7", "8", "9", "10", "13", NULL};
    items_expect_inventory_is_needed("PORTALS", judged);
}
END_TEST

START_TEST(a_call_that_does_not_return_is_blamed_on_its_clause)
{
    items_expect_blamed("PORTALS", CHARSET_PORTALS_W);
}
END_TEST

// ---- Sizes

START_TEST(a_buffer_that_is_too_small)
{
    struct record *record = portal("items-short", 0);
    for (size_t i = 0; i < 2; i++)
        portal("items-query", i)->outcome.size_out = PORTALS_REQUIRED + 8;
    record->outcome.status = ERROR_SUCCESS; // less than was asked for, and enough it may be
    record->call.offered = PORTALS_REQUIRED;
    items_expect("PORTALS-2", VERDICT_PASS);
    record->call.offered = PORTALS_REQUIRED - 1;
    items_expect("PORTALS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(bytes_required)
{
    for (uint32_t told = PORTALS_REQUIRED - 1; told <= PORTALS_REQUIRED; told++) {
        for (size_t i = 0; i < 2; i++)
            portal("items-query", i)->outcome.size_out = told;
        portal("items-null", 0)->outcome.size_out = told;
        portal("items-short", 0)->outcome.size_out = told;
        portal("items-sweep", 0)->outcome.size_out = told;
        scene_expect_in(&items_scene, "PORTALS-3", CHARSET_W,
                        told == PORTALS_REQUIRED ? VERDICT_PASS : VERDICT_WARN);
    }
    portal("items-sweep", 0)->outcome.size_out = PORTALS_REQUIRED + 1;
    items_expect("PORTALS-3", VERDICT_WARN);
}
END_TEST

START_TEST(exactly_what_is_required)
{
    portal("items-fetch", 0)->outcome.status = ERROR_INSUFFICIENT_BUFFER;
    items_expect("PORTALS-4", VERDICT_WARN);
    items_expect("PORTALS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(how_many)
{
    struct record *record = portal("items-fetch", 0);
    record->outcome.size_out = record->call.offered + 1;
    items_expect("PORTALS-7", VERDICT_FAIL);
    record->outcome.size_out = PORTALS_REQUIRED - 1;
    items_expect("PORTALS-7", VERDICT_FAIL);
    record->outcome.size_out = PORTALS_REQUIRED;
    record->outcome.count_out = PORTALS + 1;
    items_expect("PORTALS-7", VERDICT_FAIL);
}
END_TEST

START_TEST(what_is_beside_the_count)
{
    portal("items-query", 0)->outcome.count_cell_damaged = true;
    items_expect("PORTALS-5", VERDICT_FAIL);
}
END_TEST

START_TEST(success_without_a_buffer)
{
    portal("items-null", 0)->outcome.status = ERROR_SUCCESS;
    items_expect("PORTALS-6", VERDICT_FAIL);
}
END_TEST

// Where the initiator asks no portal for certain, it may ask none.
START_TEST(portals_that_are_not_known)
{
    items_scene.transcript->inventory->portal_count = 0;
    items_scene.transcript->inventory->other_portals = true;
    for (size_t i = 0; i < 2; i++) {
        portal("items-query", i)->outcome.status = ERROR_SUCCESS;
        portal("items-query", i)->outcome.size_out = 0;
    }
    portal("items-null", 0)->outcome.status = ERROR_SUCCESS;
    portal("items-short", 0)->outcome.status = ERROR_SUCCESS;
    portal("items-sweep", 0)->outcome.status = ERROR_SUCCESS;
    items_expect("PORTALS-1", VERDICT_PASS);
    items_expect("PORTALS-2", VERDICT_SKIP);
    items_expect("PORTALS-3", VERDICT_SKIP);
    items_expect("PORTALS-4", VERDICT_SKIP);
    items_expect("PORTALS-6", VERDICT_PASS);
    items_expect("PORTALS-8", VERDICT_PASS); // whatever it tells
    items_expect("PORTALS-13", VERDICT_SKIP);
    items_scene.transcript->inventory->portal_count = PORTALS; // to be freed
}
END_TEST

START_TEST(counted_by_a_query)
{
    struct record *record = portal("items-query", 1);
    record->outcome.count_out = PORTALS - 1;
    items_expect("PORTALS-13", VERDICT_WARN);
    record->outcome.count_out = PORTALS + 1;
    items_expect("PORTALS-13", VERDICT_PASS);
    struct inventory *inventory = items_scene.transcript->inventory;
    inventory->portal_count = 0;
    record->outcome.count_out = 0;
    inventory->other_portals = true;
    items_expect("PORTALS-13", VERDICT_WARN); // it needs room for something
    inventory->other_portals = false;
    items_expect("PORTALS-13", VERDICT_SKIP);
    inventory->portal_count = PORTALS;
}
END_TEST

// ---- Which

START_TEST(addresses_and_ports)
{
    struct record *record = portal("items-fetch", 0);
    put_address(record, 1, "0:0:0:0:0:0:0:1"); // the same
    items_expect("PORTALS-8", VERDICT_PASS);
    put_address(record, 1, "::2");
    items_expect("PORTALS-8", VERDICT_FAIL);
    put_address(record, 1, "[::1]:3260");
    items_expect("PORTALS-8", VERDICT_FAIL);
    put_address(record, 1, "");
    items_expect("PORTALS-8", VERDICT_FAIL);
    put_address(record, 1, "::1");
    items_expect("PORTALS-8", VERDICT_PASS);
    member(record, 1, AT(address))[3] = 1; // of a character's second byte
    items_expect("PORTALS-8", VERDICT_FAIL);
    member(record, 1, AT(address))[3] = 0;
    member(record, 1, AT(socket))[1] ^= 1;
    items_expect("PORTALS-8", VERDICT_FAIL);
}
END_TEST

// One address has the longest text that there is; what goes on behind it is another.
START_TEST(long_addresses)
{
    struct record *record = portal("items-fetch", 0);
    items_put(member(record, 0, AT(address)), 2, "127.0.0.1", 9);
    for (size_t i = 9; i < ISCSI_PORTAL_TEXT_SIZE; i++)
        member(record, 0, AT(address))[2 * i] = '1';
    items_expect("PORTALS-8", VERDICT_FAIL);
    items_expect("PORTALS-9", VERDICT_FAIL);
}
END_TEST

START_TEST(each_portal_once)
{
    struct record *record = portal("items-fetch", 0);
    record->outcome.count_out = PORTALS - 1;
    items_expect("PORTALS-8", VERDICT_FAIL);
    record->outcome.count_out = PORTALS;
    put_address(record, 1, "127.0.0.1");
    items_expect("PORTALS-8", VERDICT_FAIL);
}
END_TEST

START_TEST(a_portal_that_is_not_asked)
{
    struct record *record = portal("items-fetch", 0);
    uint8_t *bytes = items_fill(record, PORTALS_REQUIRED + SIZE);
    memcpy(bytes, portal("items-fetch", 1)->bytes, PORTALS_REQUIRED);
    record->call.offered = record->outcome.size_out = PORTALS_REQUIRED + SIZE;
    record->outcome.count_out = PORTALS + 1;
    put_address(record, PORTALS, "192.0.2.1");
    items_expect("PORTALS-8", VERDICT_FAIL);
    items_scene.transcript->inventory->other_portals = true;
    items_expect("PORTALS-8", VERDICT_PASS);
}
END_TEST

// ---- Members

START_TEST(texts_without_an_end)
{
    const struct {
        size_t offset;
        size_t room;
    } texts[] = {{AT(initiator_name), ISCSI_HBA_NAME_SIZE},
                 {AT(symbolic_name), ISCSI_PORTAL_TEXT_SIZE}};
    struct record *record = portal("items-fetch", 0);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t *text = member(record, 1, texts[i].offset);
        memset(text, 'x', 2 * texts[i].room);
        items_expect("PORTALS-9", VERDICT_FAIL);
        memset(text + 2 * (texts[i].room - 1), 0, 2); // at the last place
        items_expect("PORTALS-9", VERDICT_PASS);
    }
}
END_TEST

START_TEST(user_and_password)
{
    static const struct {
        size_t pointer;
        size_t length;
    } secrets[] = {{USER_AT, offsetof(struct iscsi_login_options, username_length)},
                   {PASSWORD_AT, offsetof(struct iscsi_login_options, password_length)}};
    struct record *record = portal("items-fetch", 0);
    for (size_t i = 0; i < 2; i++) {
        uint8_t *options = member(record, 1, AT(options));
        uint64_t pointer = record->outcome.base + PORTALS_REQUIRED - 4;
        memcpy(options + secrets[i].pointer, &pointer, sizeof pointer);
        put_u32(options + secrets[i].length, 4);
        items_expect("PORTALS-10", VERDICT_PASS);
        put_u32(options + secrets[i].length, 5);
        items_expect("PORTALS-10", VERDICT_FAIL);
        put_u32(options + secrets[i].length, UINT32_MAX);
        items_expect("PORTALS-10", VERDICT_FAIL);
        pointer = record->outcome.base - 1;
        memcpy(options + secrets[i].pointer, &pointer, sizeof pointer);
        put_u32(options + secrets[i].length, 1);
        items_expect("PORTALS-10", VERDICT_FAIL);
        put_u32(options + secrets[i].length, 0);
        items_expect("PORTALS-10", VERDICT_PASS);
    }
}
END_TEST

// ---- The same

START_TEST(portals_of_a_and_w)
{
    struct record *record = portal("items-fetch", 0);
    *member(record, 1, AT(symbolic_name)) = 'x';
    items_expect("PORTALS-11", VERDICT_FAIL);
    *member(record, 1, AT(symbolic_name) + 1) = 1; // beyond ASCII
    items_expect("PORTALS-11", VERDICT_PASS);
    *member(record, 1, AT(initiator_port) + 3) = 1;
    items_expect("PORTALS-11", VERDICT_FAIL);
    *member(record, 1, AT(initiator_port) + 3) = 0;
    *member(record, 1, AT(security) + 7) = 1;
    items_expect("PORTALS-11", VERDICT_FAIL);
    *member(record, 1, AT(security) + 7) = 0;
    *member(record, 0, AT(socket)) ^= 1;
    items_expect("PORTALS-11", VERDICT_FAIL);
}
END_TEST

// In another order, and then with another number.
START_TEST(the_same_portals_again)
{
    struct record *record = portal("items-repeat", 0);
    const uint8_t *first = portal("items-fetch", 0)->bytes;
    uint8_t *bytes = items_fill(record, PORTALS_REQUIRED);
    memcpy(bytes, first + SIZE, SIZE);
    memcpy(bytes + SIZE, first, SIZE);
    items_expect("PORTALS-12", VERDICT_PASS);
    *member(record, 0, AT(socket)) ^= 1;
    items_expect("PORTALS-12", VERDICT_FAIL);
    *member(record, 0, AT(socket)) ^= 1;
    record->outcome.count_out--;
    items_expect("PORTALS-12", VERDICT_FAIL);
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
        exactly_what_is_required,
        how_many,
        what_is_beside_the_count,
        success_without_a_buffer,
        portals_that_are_not_known,
        counted_by_a_query,
        addresses_and_ports,
        long_addresses,
        each_portal_once,
        a_portal_that_is_not_asked,
        texts_without_an_end,
        user_and_password,
        portals_of_a_and_w,
        the_same_portals_again,
    };
    Suite *suite = suite_create("limits_portals");
    TCase *limits = tcase_create("limits_portals");
    tcase_add_checked_fixture(limits, items_set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
