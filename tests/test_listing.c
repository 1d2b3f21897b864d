// SPDX-License-Identifier: Apache-2.0
// The decoder of session lists and the matching to the truth, on bytes that nobody may trust.
#include "conformance/judge/listing.h"
#include "conformance/judge/matching.h"
#include "tests/list_record.h"
#include "tests/main.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { UTF8 = 65001 };

static const struct abi *abi;

static void set_up(void)
{
    abi = abi_of(8);
}

// One session with one connection and all strings "x": structure, connection, string.
static uint32_t put_list(uint8_t *bytes)
{
    uint32_t connection = abi->session_size;
    uint32_t text = connection + abi->connection_size;
    put(bytes + abi->initiator_name, LIST_BASE + text, 8);
    put(bytes + abi->target_node_name, LIST_BASE + text, 8);
    put(bytes + abi->target_name, LIST_BASE + text, 8);
    put(bytes + abi->connection_count, 1, 4);
    put(bytes + abi->connections, LIST_BASE + connection, 8);
    put(bytes + connection + abi->initiator_address, LIST_BASE + text, 8);
    put(bytes + connection + abi->target_address, LIST_BASE + text, 8);
    bytes[text] = 'x';
    bytes[text + 1] = 0;
    return text + 2;
}

START_TEST(test_good_list_is_read)
{
    uint8_t bytes[256] = {0};
    uint32_t size = put_list(bytes);
    struct record record = record_of(bytes, size, 1, CHARSET_A);
    struct listing *listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    ck_assert_uint_eq(listing->session_count, 1);
    ck_assert_str_eq(listing->sessions[0].target_name.utf8, "x");
    ck_assert_uint_eq(listing->sessions[0].connections_decoded, 1);
    ck_assert_str_eq(listing->sessions[0].connections[0].target_address.utf8, "x");
    struct piece *pieces = NULL;
    ck_assert_int_eq(listing_pieces(listing, abi, &pieces), 7);
    ck_assert_int_eq(pieces[0].kind, PIECE_STRUCTURES);
    ck_assert_int_eq(pieces[1].kind, PIECE_CONNECTIONS);
    free(pieces);
    ck_assert(listing_equal(listing, listing));
    listing_free(listing);
}
END_TEST

START_TEST(test_pointers_and_counts_are_not_followed_outside)
{
    uint8_t bytes[256] = {0};
    uint32_t size = put_list(bytes);
    put(bytes + abi->connection_count, 0xFFFFFFFF, 4);
    put(bytes + abi->initiator_name, 0xFFFFFFFFFFFFFFFF, 8);
    put(bytes + abi->target_name, LIST_BASE - 1, 8);
    put(bytes + abi->target_node_name, LIST_BASE + size, 8);
    struct record record = record_of(bytes, size, 0xFFFFFFFF, CHARSET_A);
    struct listing *listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    ck_assert_uint_eq(listing->claimed, 0xFFFFFFFF);
    ck_assert_uint_eq(listing->session_count, 1);
    ck_assert(!listing->sessions[0].initiator_name.inside);
    ck_assert(!listing->sessions[0].target_name.inside);
    ck_assert(!listing->sessions[0].target_node_name.inside);
    ck_assert_uint_eq(listing->sessions[0].connection_count, 0xFFFFFFFF);
    ck_assert_uint_eq(listing->sessions[0].connections_decoded, 1);
    listing_free(listing);
}
END_TEST

START_TEST(test_string_without_end_is_seen)
{
    uint8_t bytes[256] = {0};
    uint32_t size = put_list(bytes) - 1;
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        struct record record = record_of(bytes, size, 1, (enum charset)charset);
        struct listing *listing = listing_decode(&record, abi, UTF8);
        ck_assert_ptr_nonnull(listing);
        ck_assert(listing->sessions[0].target_name.inside);
        ck_assert(!listing->sessions[0].target_name.terminated);
        ck_assert_ptr_null(listing->sessions[0].target_name.utf8);
        listing_free(listing);
    }
}
END_TEST

START_TEST(test_ill_formed_text_is_seen)
{
    static const uint8_t lone_surrogate[] = {0x00, 0xD8, 'a', 0, 0, 0};
    uint8_t bytes[256] = {0};
    uint32_t text = put_list(bytes) - 2;
    memcpy(bytes + text, lone_surrogate, sizeof lone_surrogate);
    struct record record = record_of(bytes, text + sizeof lone_surrogate, 1, CHARSET_W);
    struct listing *listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    ck_assert(listing->sessions[0].target_name.terminated);
    ck_assert(!listing->sessions[0].target_name.well_formed);
    listing_free(listing);
    bytes[text] = 0xC3; // a UTF-8 lead byte without what must follow
    bytes[text + 1] = 0;
    record = record_of(bytes, text + 2, 1, CHARSET_A);
    listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    ck_assert(!listing->sessions[0].target_name.well_formed);
    listing_free(listing);
}
END_TEST

// Every structure points to one connection array that spans all, every string spans all: what is
// decoded stays in proportion to the bytes.
START_TEST(test_cost_is_bounded)
{
    enum { SIZE = 1 << 20 };
    uint8_t *bytes = malloc(SIZE);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'x', SIZE);
    for (uint32_t at = 0; at + abi->session_size <= SIZE; at += abi->session_size) {
        put(bytes + at + abi->initiator_name, LIST_BASE, 8);
        put(bytes + at + abi->target_node_name, LIST_BASE, 8);
        put(bytes + at + abi->target_name, LIST_BASE, 8);
        put(bytes + at + abi->connection_count, 0xFFFFFFFF, 4);
        put(bytes + at + abi->connections, LIST_BASE, 8);
    }
    bytes[SIZE - 1] = 0;
    struct record record = record_of(bytes, SIZE, 0xFFFFFFFF, CHARSET_A);
    struct listing *listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    ck_assert(listing->exhausted);
    ck_assert_uint_le(listing->connection_total, SIZE / abi->connection_size);
    listing_free(listing);
    free(bytes);
}
END_TEST

// Noise, and noise with pointers that are near enough to be followed.
START_TEST(test_noise_never_crashes)
{
    unsigned seed = (unsigned)_i + 1;
    enum { SIZE = 700 };
    uint8_t *bytes = malloc(SIZE); // on the heap, so that a sanitizer sees an access past its end
    ck_assert_ptr_nonnull(bytes);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < SIZE; i++)
            bytes[i] = (uint8_t)(rand_r(&seed) >> 4);
        for (int at = 0; at + 8 <= SIZE; at += 8)
            if (rand_r(&seed) % 2 == 0)
                put(bytes + at, LIST_BASE + (unsigned)rand_r(&seed) % (SIZE + 16), 8);
        struct record record = record_of(bytes, SIZE - (uint32_t)(round % 64), (uint32_t)round,
                                         round % 2 == 0 ? CHARSET_A : CHARSET_W);
        for (unsigned pointer = 4; pointer <= 8; pointer += 4) {
            struct listing *listing = listing_decode(&record, abi_of(pointer), UTF8);
            ck_assert_ptr_nonnull(listing);
            struct piece *pieces = NULL;
            long count = listing_pieces(listing, abi_of(pointer), &pieces);
            ck_assert_int_ge(count, 0);
            for (long i = 1; i < count; i++)
                ck_assert(pieces[i - 1].offset <= pieces[i].offset);
            free(pieces);
            listing_free(listing);
        }
    }
    free(bytes);
}
END_TEST

static struct truth_session session_of(char *target, uint8_t isid, uint8_t tsih)
{
    struct truth_session session = {.initiator_name = target,
                                    .target_node_name = target,
                                    .target_name = target,
                                    .isid = {0, 0, 0, 0, 0, isid},
                                    .tsid = {tsih, 0}};
    return session;
}

START_TEST(test_one_wrong_member_is_no_other_session)
{
    char x[] = "x";
    struct truth_session sessions[] = {session_of(x, 7, 1), session_of(x, 8, 2)};
    struct truth truth = {.session_count = 2, .sessions = sessions};
    uint8_t bytes[256] = {0};
    uint32_t size = put_list(bytes);
    bytes[abi->isid + 5] = 99; // wrong, but target, initiator and TSIH are those of the second
    bytes[abi->tsid] = 2;
    struct record record = record_of(bytes, size, 1, CHARSET_A);
    struct listing *listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    struct matching *matching = matching_create(listing, &truth);
    ck_assert_ptr_nonnull(matching);
    ck_assert_int_eq(matching->truth_of[0], 1);
    ck_assert_int_eq(matching->listed_of[1], 0);
    ck_assert_int_eq(matching->listed_of[0], NOT_MATCHED);
    matching_free(matching);
    listing_free(listing);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("listing");
    TCase *tcase = tcase_create("listing");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_good_list_is_read);
    tcase_add_test(tcase, test_pointers_and_counts_are_not_followed_outside);
    tcase_add_test(tcase, test_string_without_end_is_seen);
    tcase_add_test(tcase, test_ill_formed_text_is_seen);
    tcase_add_test(tcase, test_cost_is_bounded);
    tcase_add_loop_test(tcase, test_noise_never_crashes, 0, 8);
    tcase_add_test(tcase, test_one_wrong_member_is_no_other_session);
    suite_add_tcase(suite, tcase);
    return suite;
}
