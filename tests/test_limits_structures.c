// SPDX-License-Identifier: Apache-2.0
// What is read out of structures with pointers: of hosts with pointers of 64 and of 32 bits, of A
// and of W, by bytes that stand exactly on the limits.
#include "conformance/judge/mappings.h"
#include "conformance/judge/name_judges.h"
#include "conformance/judge/portals.h"
#include "conformance/judge/structures.h"
#include "tests/main.h"
#include "tests/scene_items.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { BASE = 0x200000, ROOM = 16384 };

static uint8_t bytes[ROOM];
static struct transcript *host;
static struct evidence evidence;

static void set_up(void)
{
    items_set_up();
    host = items_scene.transcript;
    evidence = (struct evidence){.transcript = host};
    for (size_t i = 0; i < ROOM; i++) // no two numbers of four bytes are the same
        bytes[i] = (uint8_t)(i * 7 + (i >> 8) * 3 + 1);
}

// A success that left `size` bytes of those.
static struct record success(enum charset charset, uint32_t size, uint32_t count)
{
    return (struct record){.call = {.charset = (uint8_t)charset, .offered = size},
                           .outcome = {.kind = OUTCOME_RETURNED,
                                       .base = BASE,
                                       .size_out = size,
                                       .count_out = count,
                                       .byte_count = size},
                           .bytes = bytes};
}

static uint64_t number_at(size_t offset, size_t size)
{
    uint64_t number = 0;
    memcpy(&number, bytes + offset, size);
    return number;
}

// ---- The bytes retrieved

START_TEST(as_much_is_retrieved_as_is_told_and_there)
{
    struct record record = success(CHARSET_PORTALS_A, 100, 0);
    ck_assert(structure_holds(&record, 0, 100));
    ck_assert(!structure_holds(&record, 0, 101));
    ck_assert(!structure_holds(&record, 1, 100));
    ck_assert(structure_holds(&record, 100, 0));
    ck_assert(!structure_holds(&record, 101, 0));
    ck_assert(!structure_holds(&record, -1, 1));
    record.outcome.size_out = 99;
    ck_assert(!structure_holds(&record, 0, 100));
    record.outcome.size_out = 101;
    ck_assert(structure_holds(&record, 0, 100));
    ck_assert(!structure_holds(&record, 0, 101));
}
END_TEST

// ---- Texts

static struct structure_text text_of(const void *characters, uint32_t width, uint32_t room)
{
    return (struct structure_text){"Text", characters, width, room};
}

START_TEST(a_text_ends_within_its_room)
{
    const struct structure_text empty = text_of("\0x", 1, 2);
    const struct structure_text full = text_of("ab\0", 1, 2);
    const struct structure_text ends = text_of("ab\0", 1, 3);
    ck_assert(structure_text_ends(&empty));
    ck_assert(!structure_text_ends(&full));
    ck_assert(structure_text_ends(&ends));
    ck_assert(structure_text_names(&ends, "AB"));
    ck_assert(!structure_text_names(&full, "ab"));
    ck_assert(!structure_text_names(&full, "abc"));
    ck_assert(!structure_text_names(&ends, "a"));
}
END_TEST

START_TEST(texts_are_the_same_up_to_their_end)
{
    const struct structure_text one = text_of("ab\0x", 1, 4);
    const struct structure_text other = text_of("ab\0y", 1, 4);
    const struct structure_text wide = text_of("a\0b\0\0\0z\0", 2, 4);
    const struct structure_text longer = text_of("abc\0", 1, 4);
    const struct structure_text endless = text_of("abcd", 1, 4);
    ck_assert(structure_texts_equal(&one, &other));
    ck_assert(structure_texts_equal(&one, &wide));
    ck_assert(structure_texts_equal(&endless, &endless));
    ck_assert(!structure_texts_equal(&one, &longer));
    ck_assert(!structure_texts_equal(&endless, &longer));
}
END_TEST

// A and W may encode what is beyond ASCII in any way, and nothing else.
START_TEST(beyond_ascii_only_what_comes_before_is_compared)
{
    const struct structure_text ascii = text_of("a\x7F\0", 1, 3);
    const struct structure_text ascii_wide = text_of("a\0b\0\0\0", 2, 3);
    const struct structure_text last_wide = text_of("a\0\x7F\0\0\0", 2, 3);
    const struct structure_text other = text_of("ab\0", 1, 3);
    const struct structure_text beyond = text_of("a\x80\0", 1, 3);
    const struct structure_text beyond_wide = text_of("a\0\x81\0\0\0", 2, 3);
    const struct structure_text question = text_of("a?\0", 1, 3);
    const struct structure_text before = text_of("x?\0", 1, 3);
    ck_assert(structure_texts_equal(&ascii, &last_wide));
    ck_assert(!structure_texts_equal(&ascii, &ascii_wide));
    ck_assert(!structure_texts_equal(&other, &last_wide));
    ck_assert(!structure_texts_equal(&last_wide, &other));
    ck_assert(structure_texts_equal(&beyond, &ascii_wide));
    ck_assert(structure_texts_equal(&ascii_wide, &beyond));
    ck_assert(structure_texts_equal(&question, &beyond_wide));
    ck_assert(structure_texts_equal(&beyond_wide, &question));
    ck_assert(!structure_texts_equal(&before, &beyond_wide));
    ck_assert(!structure_texts_equal(&beyond, &question));
}
END_TEST

// ---- Portals

// Where the options of the second portal stand: behind the structure's other members.
static void expect_portal(enum charset charset, uint32_t size, size_t socket, size_t options)
{
    struct record record = success(charset, 2 * size, 2);
    bool small = host->hello.pointer_size == 4;
    struct portal portal;
    ck_assert_uint_eq(structure_count(&evidence, &record), 2);
    portal_read(&evidence, &record, 1, &portal);
    size_t at = size + options;
    size_t user = at + (small ? 44 : 48);
    size_t password = at + (small ? 48 : 56);
    unsigned pointer = host->hello.pointer_size;
    ck_assert_uint_eq(portal.socket, number_at(size + socket, 2));
    ck_assert_uint_eq(portal.security, number_at(at - 8, 8));
    ck_assert_uint_eq(portal.secrets[0].length, number_at(at + 36, 4));
    ck_assert_uint_eq(portal.secrets[1].length, number_at(at + 40, 4));
    ck_assert_int_eq(portal.secrets[0].offset, (int64_t)(number_at(user, pointer) - BASE));
    ck_assert_int_eq(portal.secrets[1].offset, (int64_t)(number_at(password, pointer) - BASE));
    ck_assert_ptr_eq(portal.texts[0].bytes, bytes + size);
}

START_TEST(portals_of_each_host)
{
    for (uint8_t pointer = 4; pointer <= 8; pointer += 4) {
        host->hello.pointer_size = pointer;
        struct record narrow = success(CHARSET_PORTALS_A, ROOM, 2);
        struct record wide = success(CHARSET_PORTALS_W, ROOM, 2);
        expect_portal(CHARSET_PORTALS_A, structure_size(&evidence, &narrow),
                      offsetof(iscsi_portal_info_ex_a, socket),
                      offsetof(iscsi_portal_info_ex_a, options));
        expect_portal(CHARSET_PORTALS_W, structure_size(&evidence, &wide),
                      offsetof(iscsi_portal_info_ex_w, socket),
                      offsetof(iscsi_portal_info_ex_w, options));
    }
}
END_TEST

static struct portal portal_of(const char *address)
{
    static char told[ISCSI_PORTAL_TEXT_SIZE];
    memset(told, 0, sizeof told);
    snprintf(told, sizeof told, "%s", address);
    struct portal portal = {.socket = 3260};
    portal.texts[PORTAL_ADDRESS] = text_of(told, 1, sizeof told);
    return portal;
}

START_TEST(an_address_is_read_to_its_end)
{
    struct portal portal = portal_of("127.0.0.1");
    ck_assert(portal_is(&portal, "127.0.0.1", 3260));
    ck_assert(!portal_is(&portal, "127.0.0.1", 3261));
    ck_assert(!portal_is(&portal, "127.0.0.2", 3260));
    portal = portal_of("127.0.0.1");
    memset((uint8_t *)portal.texts[PORTAL_ADDRESS].bytes + 10, 'x',
           ISCSI_PORTAL_TEXT_SIZE - 10); // behind its end
    ck_assert(portal_is(&portal, "127.0.0.1", 3260));
    portal = portal_of("127.0.0.1\x7F");
    ck_assert(!portal_is(&portal, "127.0.0.1", 3260));
    portal = portal_of("127.0.0.1\x80");
    ck_assert(!portal_is(&portal, "127.0.0.1", 3260));
    portal = portal_of("");
    ck_assert(!portal_is(&portal, "127.0.0.1", 3260));
}
END_TEST

// ---- Mappings

static void expect_mapping(enum charset charset, uint32_t size, size_t bus, size_t count,
                           size_t units)
{
    struct record record = success(charset, 2 * size, 2);
    unsigned pointer = host->hello.pointer_size;
    struct mapping mapping;
    ck_assert_uint_eq(structure_count(&evidence, &record), 2);
    mapping_read(&evidence, &record, 1, &mapping);
    ck_assert_uint_eq(mapping.address[0], number_at(size + bus, 4));
    ck_assert_uint_eq(mapping.address[1], number_at(size + bus + 4, 4));
    ck_assert_uint_eq(mapping.unit_count, number_at(size + count, 4));
    ck_assert_int_eq(mapping.units_offset, (int64_t)(number_at(size + units, pointer) - BASE));
    ck_assert_ptr_eq(mapping.texts[0].bytes, bytes + size);
    ck_assert_ptr_null(mapping.units); // somewhere else
}

START_TEST(mappings_of_each_host)
{
    for (uint8_t pointer = 4; pointer <= 8; pointer += 4) {
        host->hello.pointer_size = pointer;
        struct record narrow = success(CHARSET_MAPPINGS_A, ROOM, 2);
        struct record wide = success(CHARSET_MAPPINGS_W, ROOM, 2);
        expect_mapping(CHARSET_MAPPINGS_A, structure_size(&evidence, &narrow),
                       offsetof(iscsi_target_mapping_a, os_bus_number),
                       offsetof(iscsi_target_mapping_a, lun_count), pointer == 4 ? 772 : 776);
        expect_mapping(CHARSET_MAPPINGS_W, structure_size(&evidence, &wide),
                       offsetof(iscsi_target_mapping_w, os_bus_number),
                       offsetof(iscsi_target_mapping_w, lun_count), pointer == 4 ? 1508 : 1512);
    }
}
END_TEST

START_TEST(units_of_each_host)
{
    const struct mapping mapping = {.unit_count = 2, .units = bytes};
    ck_assert_uint_eq(mapping_os_lun(&mapping, 1), number_at(16, 4));
    ck_assert_uint_eq(mapping_target_lun(&mapping, 1), number_at(24, 8));
}
END_TEST

// ---- The same answers

enum { THREE = 3, UNITS_AT = THREE * ISCSI_MAPPING_W_SIZE_64 };

static struct record *mappings(size_t which)
{
    struct record *record = scene_record(&items_scene, "items-fetch", CHARSET_MAPPINGS_W, which);
    items_fill(record, UNITS_AT + 3 * UNIT_SIZE);
    record->outcome.size_out = UNITS_AT + 3 * UNIT_SIZE;
    record->outcome.count_out = THREE;
    return record;
}

static uint8_t *mapping_member(const struct record *record, size_t index, size_t offset)
{
    return record->bytes + index * ISCSI_MAPPING_W_SIZE_64 + offset;
}

START_TEST(mappings_are_the_same_in_any_order)
{
    struct record *one = mappings(0);
    struct record *other = mappings(1);
    uint32_t number = 7;
    for (uint32_t i = 0; i < THREE; i++) {
        items_put_mapping(one, i, 1 + i % 2, UNITS_AT, 3);
        items_put_mapping(other, (i + 1) % THREE, 1 + i % 2, UNITS_AT, 3);
        memcpy(mapping_member(one, i, offsetof(iscsi_target_mapping_w, os_bus_number)), &i, 4);
        memcpy(
            mapping_member(other, (i + 1) % THREE, offsetof(iscsi_target_mapping_w, os_bus_number)),
            &i, 4);
    }
    ck_assert(mappings_equal(&evidence, one, other));
    // Another session with the same target and place.
    uint64_t session = 9;
    memcpy(mapping_member(other, 0, offsetof(iscsi_target_mapping_w, session_id)), &session, 8);
    ck_assert(!mappings_equal(&evidence, one, other));
    memcpy(mapping_member(other, 0, offsetof(iscsi_target_mapping_w, session_id)),
           mapping_member(one, THREE - 1, offsetof(iscsi_target_mapping_w, session_id)), 16);
    ck_assert(mappings_equal(&evidence, one, other));
    // More units, of which those of the first are some; and units that are not there.
    number = 2;
    memcpy(mapping_member(one, 1, offsetof(iscsi_target_mapping_w, lun_count)), &number, 4);
    ck_assert(!mappings_equal(&evidence, one, other));
    number = 4;
    memcpy(mapping_member(one, 1, offsetof(iscsi_target_mapping_w, lun_count)), &number, 4);
    ck_assert(!mappings_equal(&evidence, one, other));
}
END_TEST

START_TEST(units_that_are_not_there_are_not_the_same)
{
    struct record *one = mappings(0);
    struct record *other = mappings(1);
    uint64_t beyond = one->outcome.base + UNITS_AT + 1;
    for (uint32_t i = 0; i < THREE; i++) {
        items_put_mapping(one, i, 1, UNITS_AT, 3);
        items_put_mapping(other, i, 1, UNITS_AT, 3);
        memcpy(mapping_member(one, i, offsetof(iscsi_target_mapping_w, lun_list)), &beyond, 8);
    }
    ck_assert(!mappings_equal(&evidence, one, other));
    ck_assert(!mappings_equal(&evidence, other, one));
    ck_assert(mappings_equal(&evidence, one, one));
}
END_TEST

// A pointer to no units may be anything.
START_TEST(no_units_are_nowhere)
{
    struct record *one = mappings(0);
    struct record *other = mappings(1);
    for (uint32_t i = 0; i < THREE; i++) {
        items_put_mapping(one, i, 1, UNITS_AT, 0);
        items_put_mapping(other, i, 1, UNITS_AT, 0);
        memset(mapping_member(one, i, offsetof(iscsi_target_mapping_w, lun_list)), 0, 8);
    }
    ck_assert(mappings_equal(&evidence, one, other));
}
END_TEST

START_TEST(units_are_the_same_in_any_order)
{
    struct record *one = mappings(0);
    struct record *other = mappings(1);
    uint8_t *unit = other->bytes + UNITS_AT;
    uint8_t kept[UNIT_SIZE];
    for (uint32_t i = 0; i < THREE; i++) {
        items_put_mapping(one, i, 1, UNITS_AT, 3);
        items_put_mapping(other, i, 1, UNITS_AT, 3);
    }
    memcpy(kept, unit, UNIT_SIZE);
    memmove(unit, unit + UNIT_SIZE, 2 * (size_t)UNIT_SIZE);
    memcpy(unit + 2 * (size_t)UNIT_SIZE, kept, UNIT_SIZE);
    ck_assert(mappings_equal(&evidence, one, other));
    ck_assert(mappings_equal(&evidence, other, one));
    unit[UNIT_SIZE + 8] ^= 1;
    ck_assert(!mappings_equal(&evidence, one, other));
}
END_TEST

START_TEST(portals_are_the_same_in_any_order)
{
    enum { SIZE = ISCSI_PORTAL_W_SIZE_64 };
    struct record *one = scene_record(&items_scene, "items-fetch", CHARSET_PORTALS_W, 0);
    struct record *other = scene_record(&items_scene, "items-fetch", CHARSET_PORTALS_W, 1);
    struct record *both[2] = {one, other};
    for (size_t i = 0; i < 2; i++) {
        items_fill(both[i], THREE * SIZE);
        both[i]->outcome.size_out = THREE * SIZE;
        both[i]->outcome.count_out = THREE;
    }
    for (size_t i = 0; i < THREE; i++) {
        one->bytes[i * SIZE] = (uint8_t)('a' + i);
        other->bytes[(i + 1) % THREE * SIZE] = (uint8_t)('a' + i);
    }
    ck_assert(portals_equal(&evidence, one, other));
    ck_assert(portals_equal(&evidence, other, one));
    other->bytes[0]++;
    ck_assert(!portals_equal(&evidence, one, other));
}
END_TEST

START_TEST(names_of_one_function_are_compared_whole)
{
    struct record *one = scene_record(&items_scene, "items-fetch", CHARSET_TARGETS_A, 0);
    struct record *other = scene_record(&items_scene, "items-fetch", CHARSET_TARGETS_A, 1);
    const struct record *wide = scene_record(&items_scene, "items-fetch", CHARSET_TARGETS_W, 0);
    ck_assert(names_equal(&evidence, one, other));
    ck_assert(names_equal(&evidence, one, wide));
    one->bytes[3] = 0xC4;
    ck_assert(names_equal(&evidence, one, wide)); // W may have it in another encoding
    ck_assert(!names_equal(&evidence, one, other));
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        as_much_is_retrieved_as_is_told_and_there,
        a_text_ends_within_its_room,
        texts_are_the_same_up_to_their_end,
        beyond_ascii_only_what_comes_before_is_compared,
        portals_of_each_host,
        an_address_is_read_to_its_end,
        mappings_of_each_host,
        units_of_each_host,
        mappings_are_the_same_in_any_order,
        units_that_are_not_there_are_not_the_same,
        no_units_are_nowhere,
        units_are_the_same_in_any_order,
        portals_are_the_same_in_any_order,
        names_of_one_function_are_compared_whole,
    };
    Suite *suite = suite_create("limits_structures");
    TCase *limits = tcase_create("limits_structures");
    tcase_add_checked_fixture(limits, set_up, items_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
