// SPDX-License-Identifier: Apache-2.0
// The decoder of session lists on bytes that end, begin or count exactly where it must stop.
#include "conformance/judge/listing.h"
#include "tests/list_record.h"
#include "tests/main.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { UTF8 = 65001, WINDOWS_1252 = 1252, ROOM = 1 << 17 };

// Bytes that nothing may be read before or behind: pages that can't be read stand there.
static uint8_t *pages;
static size_t page_size;
static const struct abi *abi;

static void set_up(void)
{
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    pages = mmap(NULL, ROOM + 2 * page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert(pages != MAP_FAILED);
    ck_assert_int_eq(mprotect(pages + page_size, ROOM, PROT_READ | PROT_WRITE), 0);
    abi = abi_of(8);
}

static void tear_down(void)
{
    munmap(pages, ROOM + 2 * page_size);
}

// The last `size` bytes before the page that can't be read, all 0.
static uint8_t *last_bytes(size_t size)
{
    uint8_t *bytes = pages + page_size + ROOM - size;
    memset(bytes, 0, size);
    return bytes;
}

static uint64_t get(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, bytes, size);
    return value;
}

static struct listing *decode_as(uint8_t *bytes, size_t size, uint32_t count, enum charset charset,
                                 uint32_t code_page)
{
    struct record record = record_of(bytes, (uint32_t)size, count, charset);
    struct listing *listing = listing_decode(&record, abi, code_page);
    ck_assert_ptr_nonnull(listing);
    return listing;
}

static struct listing *decode(uint8_t *bytes, size_t size, uint32_t count)
{
    return decode_as(bytes, size, count, CHARSET_A, UTF8);
}

// ---- Members

// Every byte is another one than its neighbours, and none is 0.
START_TEST(each_member_is_read_whole)
{
    abi = abi_of((unsigned)_i);
    const size_t size = abi->session_size + abi->connection_size;
    uint8_t *bytes = last_bytes(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(0x81 + i);
    const uint8_t *array = bytes + abi->session_size;
    put(bytes + abi->connection_count, 0x81828301, 4);
    point(abi, bytes + abi->connections, abi->session_size);
    struct listing *listing = decode(bytes, size, 1);
    const struct listed_session *session = &listing->sessions[0];
    ck_assert_uint_eq(session->id[0], get(bytes + abi->session_id, 8));
    ck_assert_uint_eq(session->id[1], get(bytes + abi->session_id + 8, 8));
    ck_assert_uint_eq(session->initiator_name.pointer,
                      get(bytes + abi->initiator_name, abi->pointer_size));
    ck_assert_uint_eq(session->target_node_name.pointer,
                      get(bytes + abi->target_node_name, abi->pointer_size));
    ck_assert_uint_eq(session->target_name.pointer,
                      get(bytes + abi->target_name, abi->pointer_size));
    ck_assert_mem_eq(session->isid, bytes + abi->isid, 6);
    ck_assert_mem_eq(session->tsid, bytes + abi->tsid, 2);
    ck_assert_uint_eq(session->connection_count, 0x81828301);
    ck_assert_uint_eq(session->connections_pointer, LIST_BASE + abi->session_size);
    ck_assert_uint_eq(session->connections_offset, abi->session_size);
    ck_assert_uint_eq(session->connections_decoded, 1);
    const struct listed_connection *connection = &session->connections[0];
    ck_assert_uint_eq(connection->offset, abi->session_size);
    ck_assert_uint_eq(connection->id[0], get(array + abi->connection_id, 8));
    ck_assert_uint_eq(connection->id[1], get(array + abi->connection_id + 8, 8));
    ck_assert_uint_eq(connection->initiator_address.pointer,
                      get(array + abi->initiator_address, abi->pointer_size));
    ck_assert_uint_eq(connection->target_address.pointer,
                      get(array + abi->target_address, abi->pointer_size));
    ck_assert_uint_eq(connection->initiator_port, get(array + abi->initiator_socket, 2));
    ck_assert_uint_eq(connection->target_port, get(array + abi->target_socket, 2));
    ck_assert_mem_eq(connection->cid, array + abi->cid, 2);
    listing_free(listing);
}
END_TEST

START_TEST(sessions_are_as_many_as_are_claimed_and_there)
{
    const size_t size = (size_t)abi->session_size * 3;
    static const struct {
        size_t less;
        uint32_t claimed;
        size_t decoded;
    } cases[] = {{0, 3, 3}, {0, 2, 2}, {0, 4, 3}, {1, 3, 2}, {0, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes = last_bytes(size - cases[i].less);
        struct listing *listing = decode(bytes, size - cases[i].less, cases[i].claimed);
        ck_assert_uint_eq(listing->session_count, cases[i].decoded);
        ck_assert_uint_eq(listing->claimed, cases[i].claimed);
        for (size_t j = 0; j < listing->session_count; j++)
            ck_assert_uint_eq(listing->sessions[j].offset, j * abi->session_size);
        listing_free(listing);
    }
}
END_TEST

START_TEST(a_list_is_not_larger_than_what_was_offered)
{
    uint8_t *bytes = last_bytes(64);
    struct record record = record_of(bytes, 64, 1, CHARSET_A);
    for (uint32_t size = 63; size <= 65; size++) {
        record.outcome.size_out = size;
        struct listing *listing = listing_decode(&record, abi, UTF8);
        ck_assert_ptr_nonnull(listing);
        ck_assert_uint_eq(listing->size, size < 64 ? size : 64);
        listing_free(listing);
    }
}
END_TEST

START_TEST(a_success_without_bytes_is_an_empty_list)
{
    struct record record = record_of(NULL, 64, 1, CHARSET_A);
    struct listing *listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    ck_assert_uint_eq(listing->session_count, 0);
    ck_assert_uint_eq(listing->claimed, 1);
    listing_free(listing);
}
END_TEST

// ---- Pointers

START_TEST(a_pointer_is_inside_from_the_first_to_the_last_byte)
{
    static const struct {
        int64_t offset; // from the end where it is not below 0
        bool inside;
    } cases[] = {{-65, false}, {-64, true}, {-1, true}, {0, false}, {1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes = last_bytes(64);
        uint64_t offset = (uint64_t)(64 + cases[i].offset);
        point(abi, bytes + abi->target_name, offset);
        point(abi, bytes + abi->connections, offset);
        put(bytes + abi->connection_count, 1, 4);
        struct listing *listing = decode(bytes, 64, 1);
        const struct listed_session *session = &listing->sessions[0];
        ck_assert(session->target_name.inside == cases[i].inside);
        ck_assert(session->connections_inside == cases[i].inside);
        ck_assert_uint_eq(session->target_name.offset, cases[i].inside ? offset : 0);
        ck_assert_uint_eq(session->connections_offset, cases[i].inside ? offset : 0);
        ck_assert_uint_eq(session->connections_decoded, i == 1 ? 1 : 0);
        listing_free(listing);
    }
}
END_TEST

// ---- Strings

// What is read of a string of these bytes that stand at the end of the list.
static struct listed_text read_text(const uint8_t *text, size_t length, enum charset charset,
                                    char utf8[static 32])
{
    uint8_t *bytes = last_bytes(64 + length);
    memcpy(bytes + 64, text, length);
    point(abi, bytes + abi->target_name, 64);
    struct listing *listing = decode_as(bytes, 64 + length, 1, charset, UTF8);
    struct listed_text read = listing->sessions[0].target_name;
    if (read.utf8 != NULL)
        strcpy(utf8, read.utf8);
    listing_free(listing);
    return read;
}

START_TEST(strings_end_with_their_terminator_or_with_the_list)
{
    static const struct {
        enum charset charset;
        size_t length;
        uint8_t bytes[8];
        uint32_t size;
        bool terminated;
        const char *utf8; // NULL: none
    } cases[] = {
        {CHARSET_A, 1, {0}, 1, true, ""},
        {CHARSET_A, 1, {'x'}, 1, false, NULL},
        {CHARSET_A, 3, {'x', 'y', 0}, 3, true, "xy"},
        {CHARSET_A, 3, {'x', 0, 'y'}, 2, true, "x"},
        {CHARSET_A, 3, {0xC3, 0xA4, 0}, 3, true, "\xC3\xA4"},
        {CHARSET_A, 2, {0xC3, 0}, 2, true, NULL},
        {CHARSET_A, 3, {'x', 0xFF, 0}, 3, true, NULL},
        {CHARSET_A, 3, {'x', 0x7F, 0}, 3, true, "x\x7F"},
        {CHARSET_A, 3, {'x', 0x80, 0}, 3, true, NULL},
        {CHARSET_W, 1, {0}, 0, false, NULL},
        {CHARSET_W, 2, {0, 0}, 2, true, ""},
        {CHARSET_W, 2, {'x', 0}, 2, false, NULL},
        {CHARSET_W, 3, {'x', 0, 0}, 2, false, NULL},
        {CHARSET_W, 4, {'x', 0, 0, 0}, 4, true, "x"},
        {CHARSET_W, 5, {'x', 0, 'y', 0, 0}, 4, false, NULL},
        {CHARSET_W, 6, {0, 1, 0, 0, 'y', 0}, 4, true, "\xC4\x80"},
        {CHARSET_W, 6, {1, 0, 0, 1, 0, 0}, 6, true, "\x01\xC4\x80"},
        {CHARSET_W, 6, {'x', 0, 1, 1, 0, 0}, 6, true, "x\xC4\x81"},
        {CHARSET_W, 6, {0x7F, 0, 0x80, 0, 0, 0}, 6, true, "\x7F\xC2\x80"},
        {CHARSET_W, 6, {'x', 0, 'A', 1, 0, 0}, 6, true, "x\xC5\x81"},
        {CHARSET_W, 4, {0, 0xD8, 0, 0}, 4, true, NULL},
        {CHARSET_W, 6, {'x', 0, 0, 0xDC, 0, 0}, 6, true, NULL},
        {CHARSET_W, 6, {0x3D, 0xD8, 0, 0xDE, 0, 0}, 6, true, "\xF0\x9F\x98\x80"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char utf8[32] = "";
        struct listed_text text =
            read_text(cases[i].bytes, cases[i].length, cases[i].charset, utf8);
        ck_assert_msg(
            text.inside && text.size == cases[i].size && text.terminated == cases[i].terminated &&
                text.well_formed == (cases[i].utf8 != NULL),
            "case %zu: %u bytes, %d, %d", i, text.size, text.terminated, text.well_formed);
        ck_assert((text.utf8 != NULL) == (cases[i].utf8 != NULL));
        if (cases[i].utf8 != NULL)
            ck_assert_str_eq(utf8, cases[i].utf8);
    }
}
END_TEST

// EBCDIC, in which a byte below 0x80 is another character than in ASCII.
START_TEST(code_pages_need_not_have_ascii)
{
    enum { EBCDIC = 1026 };
    static const char name[] = "\x40\x4B";
    uint8_t *bytes = last_bytes(abi->session_size + sizeof name);
    memcpy(bytes + abi->session_size, name, sizeof name);
    point(abi, bytes + abi->initiator_name, (uint32_t)abi->session_size);
    struct listing *listing =
        decode_as(bytes, abi->session_size + sizeof name, 1, CHARSET_A, EBCDIC);
    ck_assert_str_eq(listing->sessions[0].initiator_name.utf8, " .");
    listing_free(listing);
    listing = decode_as(bytes, abi->session_size + sizeof name, 1, CHARSET_A, UTF8);
    ck_assert_str_eq(listing->sessions[0].initiator_name.utf8, "@K");
    listing_free(listing);
}
END_TEST

// Each character of the code page takes up three in UTF-8: the most that there can be.
START_TEST(texts_that_grow_as_much_as_can_be_are_whole)
{
    static const char names[][4] = {"\x80", "\x80\x80", "\x80\x80\x80"};
    static const char *const euros[] = {"\xE2\x82\xAC", "\xE2\x82\xAC\xE2\x82\xAC",
                                        "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"};
    uint8_t *bytes = last_bytes(64 + sizeof names);
    memcpy(bytes + 64, names, sizeof names);
    point(abi, bytes + abi->initiator_name, 64);
    point(abi, bytes + abi->target_node_name, 68);
    point(abi, bytes + abi->target_name, 72);
    struct listing *listing = decode_as(bytes, 64 + sizeof names, 1, CHARSET_A, WINDOWS_1252);
    ck_assert_str_eq(listing->sessions[0].initiator_name.utf8, euros[0]);
    ck_assert_str_eq(listing->sessions[0].target_node_name.utf8, euros[1]);
    ck_assert_str_eq(listing->sessions[0].target_name.utf8, euros[2]);
    listing_free(listing);
}
END_TEST

// Texts of 30,000 to 30,149 bytes, which share their end: far more than is converted in one block.
START_TEST(many_long_texts_are_whole)
{
    enum { SESSIONS = 50, LENGTH = 30000 };
    const size_t texts = (size_t)SESSIONS * abi->session_size;
    const size_t size = texts + LENGTH + (size_t)3 * SESSIONS;
    uint8_t *bytes = last_bytes(size);
    memset(bytes + texts, 'x', size - texts - 1);
    for (size_t i = 0; i < SESSIONS; i++) {
        uint8_t *session = bytes + i * abi->session_size;
        point(abi, session + abi->initiator_name, texts + 3 * i);
        point(abi, session + abi->target_node_name, texts + 3 * i + 1);
        point(abi, session + abi->target_name, texts + 3 * i + 2);
    }
    struct listing *listing = decode(bytes, size, SESSIONS);
    for (size_t i = 0; i < SESSIONS; i++) {
        const struct listed_session *session = &listing->sessions[i];
        ck_assert_uint_eq(strlen(session->initiator_name.utf8), LENGTH + 3 * (SESSIONS - i) - 1);
        ck_assert_uint_eq(strlen(session->target_node_name.utf8), LENGTH + 3 * (SESSIONS - i) - 2);
        ck_assert_uint_eq(strlen(session->target_name.utf8), LENGTH + 3 * (SESSIONS - i) - 3);
    }
    listing_free(listing);
    free(calloc(1, ROOM)); // where a block was too small the heap is damaged
}
END_TEST

// ---- Lists that point to the same bytes over and over

// 64 bytes of strings are scanned for each byte of the list, and 4 MiB: 132 times 64,400 of 67,289.
START_TEST(strings_are_scanned_up_to_a_limit)
{
    enum { SESSIONS = 45, LENGTH = 64400, SIZE = 67289, READ = 44 };
    for (unsigned spared = 0; spared < 2; spared++) {
        uint8_t *bytes = last_bytes(SIZE);
        memset(bytes + SIZE - LENGTH, 'x', LENGTH - 1);
        for (size_t i = 0; i < SESSIONS; i++) {
            uint8_t *session = bytes + i * abi->session_size;
            point(abi, session + abi->initiator_name, SIZE - LENGTH + (i == 0 ? spared : 0));
            point(abi, session + abi->target_node_name, SIZE - LENGTH);
            point(abi, session + abi->target_name, SIZE - LENGTH);
        }
        struct listing *listing = decode(bytes, SIZE, READ);
        ck_assert(!listing->exhausted);
        ck_assert(listing->sessions[READ - 1].target_name.terminated);
        listing_free(listing);
        listing = decode(bytes, SIZE, SESSIONS);
        const struct listed_session *last = &listing->sessions[READ];
        ck_assert(listing->exhausted);
        ck_assert(last->initiator_name.inside);
        ck_assert(last->initiator_name.terminated == (spared == 1));
        ck_assert(last->target_node_name.inside && last->target_name.inside);
        ck_assert(!last->target_node_name.terminated && !last->target_name.terminated);
        ck_assert_uint_eq(last->target_name.size, 0);
        listing_free(listing);
    }
}
END_TEST

// 400 bytes have room for 10 connections of 40.
START_TEST(connections_are_not_more_than_there_is_room_for)
{
    enum { SIZE = 400 };
    static const struct {
        uint32_t counts[3];
        size_t decoded[3];
        bool exhausted;
    } cases[] = {{{5, 5, 0}, {5, 5, 0}, false},
                 {{5, 6, 1}, {5, 5, 0}, true},
                 {{10, 0, 0}, {10, 0, 0}, false},
                 {{11, 0, 0}, {10, 0, 0}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes = last_bytes(SIZE);
        for (size_t j = 0; j < 3; j++) {
            uint8_t *session = bytes + j * abi->session_size;
            point(abi, session + abi->connections, 0);
            put(session + abi->connection_count, cases[i].counts[j], 4);
        }
        struct listing *listing = decode(bytes, SIZE, 3);
        size_t total = 0;
        for (size_t j = 0; j < 3; j++) {
            ck_assert_uint_eq(listing->sessions[j].connections_decoded, cases[i].decoded[j]);
            for (size_t k = 0; k < cases[i].decoded[j]; k++)
                ck_assert_uint_eq(listing->sessions[j].connections[k].offset,
                                  k * abi->connection_size);
            total += cases[i].decoded[j];
        }
        ck_assert_uint_eq(listing->connection_total, total);
        ck_assert(listing->exhausted == cases[i].exhausted);
        listing_free(listing);
    }
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        sessions_are_as_many_as_are_claimed_and_there,
        a_list_is_not_larger_than_what_was_offered,
        a_success_without_bytes_is_an_empty_list,
        a_pointer_is_inside_from_the_first_to_the_last_byte,
        strings_end_with_their_terminator_or_with_the_list,
        code_pages_need_not_have_ascii,
        texts_that_grow_as_much_as_can_be_are_whole,
        many_long_texts_are_whole,
        strings_are_scanned_up_to_a_limit,
        connections_are_not_more_than_there_is_room_for,
    };
    Suite *suite = suite_create("limits_listing");
    TCase *limits = tcase_create("limits_listing");
    tcase_add_checked_fixture(limits, set_up, tear_down);
    tcase_add_loop_test(limits, each_member_is_read_whole, 4, 5);
    tcase_add_loop_test(limits, each_member_is_read_whole, 8, 9);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
