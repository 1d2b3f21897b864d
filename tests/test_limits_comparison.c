// SPDX-License-Identifier: Apache-2.0
// What two lists are compared by, and the pieces of a list.
#include "conformance/judge/listing.h"
#include "conformance/judge/values.h"
#include "tests/list_record.h"
#include "tests/main.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { UTF8 = 65001, ROOM = 512 };

static uint8_t *room;
static const struct abi *abi;

static void set_up(void)
{
    abi = abi_of(8);
    room = malloc(ROOM);
    ck_assert_ptr_nonnull(room);
}

static void tear_down(void)
{
    free(room);
}

// The last `size` bytes of the room, all 0: a sanitizer sees what is read behind them.
static uint8_t *last_bytes(size_t size)
{
    return memset(room + ROOM - size, 0, size);
}

static struct listing *decode(uint8_t *bytes, size_t size, uint32_t count)
{
    struct record record = record_of(bytes, (uint32_t)size, count, CHARSET_A);
    struct listing *listing = listing_decode(&record, abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    return listing;
}

// ---- Two sessions, of which the first has two connections

enum {
    SECOND = 64,
    ARRAY = 128,
    TEXTS = ARRAY + 80,
    WHOLE = TEXTS + 30, // ten strings of two characters
};

// The number that a string is, "0" to "9".
static void put_text(uint8_t *bytes, size_t member, size_t number)
{
    point(abi, bytes + member, TEXTS + 3 * number);
    bytes[TEXTS + 3 * number] = 'x';
    bytes[TEXTS + 3 * number + 1] = (uint8_t)('0' + number);
}

static uint8_t *put_list(void)
{
    uint8_t *bytes = last_bytes(WHOLE);
    for (size_t i = 0; i < 2; i++) {
        size_t session = i * SECOND;
        size_t connection = ARRAY + i * abi->connection_size;
        put_text(bytes, session + abi->initiator_name, 3 * i);
        put_text(bytes, session + abi->target_node_name, 3 * i + 1);
        put_text(bytes, session + abi->target_name, 3 * i + 2);
        put_text(bytes, connection + abi->initiator_address, 6 + 2 * i);
        put_text(bytes, connection + abi->target_address, 7 + 2 * i);
        bytes[session + abi->session_id] = bytes[connection + abi->connection_id] = (uint8_t)i;
        bytes[session + abi->isid] = bytes[session + abi->tsid] = (uint8_t)i;
        bytes[connection + abi->cid] = (uint8_t)i;
    }
    point(abi, bytes + abi->connections, ARRAY);
    put(bytes + abi->connection_count, 2, 4);
    return bytes;
}

static void expect_piece(const struct piece *piece, enum piece_kind kind, uint64_t offset,
                         uint64_t size, size_t session, size_t connection, const char *member)
{
    ck_assert_int_eq(piece->kind, kind);
    ck_assert_uint_eq(piece->offset, offset);
    ck_assert_uint_eq(piece->size, size);
    ck_assert_uint_eq(piece->session, session);
    ck_assert_uint_eq(piece->connection, connection);
    ck_assert_str_eq(piece->member, member);
}

START_TEST(pieces_are_all_there_in_their_order)
{
    static const char *const names[] = {"InitiatorName", "TargetNodeName", "TargetName"};
    static const char *const addresses[] = {"InitiatorAddress", "TargetAddress"};
    struct piece *pieces = NULL;
    struct listing *listing = decode(put_list(), WHOLE, 2);
    ck_assert_int_eq(listing_pieces(listing, abi, &pieces), 12);
    expect_piece(&pieces[0], PIECE_STRUCTURES, 0, 128, 0, 0, "SessionInfo");
    expect_piece(&pieces[1], PIECE_CONNECTIONS, ARRAY, 80, 0, 0, "Connections");
    for (size_t i = 0; i < 6; i++)
        expect_piece(&pieces[2 + i], PIECE_STRING, TEXTS + 3 * i, 3, i / 3, 0, names[i % 3]);
    for (size_t i = 0; i < 4; i++)
        expect_piece(&pieces[8 + i], PIECE_STRING, TEXTS + 18 + 3 * i, 3, 0, i / 2,
                     addresses[i % 2]);
    free(pieces);
    listing_free(listing);
}
END_TEST

static long count_pieces(uint8_t *bytes, uint32_t count)
{
    struct piece *pieces = NULL;
    struct listing *listing = decode(bytes, WHOLE, count);
    long pieces_count = listing_pieces(listing, abi, &pieces);
    for (long i = 1; i < pieces_count; i++)
        ck_assert(
            pieces[i - 1].offset < pieces[i].offset ||
            (pieces[i - 1].offset == pieces[i].offset && pieces[i - 1].size <= pieces[i].size));
    free(pieces);
    listing_free(listing);
    return pieces_count;
}

START_TEST(pieces_that_are_none)
{
    uint8_t *bytes = put_list();
    ck_assert_int_eq(count_pieces(bytes, 0), 0);
    ck_assert_int_eq(count_pieces(bytes, 1), 9);
    put(bytes + abi->connection_count, 0, 4);
    ck_assert_int_eq(count_pieces(bytes, 2), 7);
    put(bytes + abi->connection_count, 1, 4);
    ck_assert_int_eq(count_pieces(bytes, 2), 10);
    point(abi, bytes + abi->connections, WHOLE);
    ck_assert_int_eq(count_pieces(bytes, 2), 7);
    point(abi, bytes + SECOND + abi->target_name, WHOLE);
    ck_assert_int_eq(count_pieces(bytes, 2), 6);
}
END_TEST

START_TEST(pieces_at_one_place_go_by_size)
{
    uint8_t *bytes = put_list();
    point(abi, bytes + abi->connections, TEXTS);
    point(abi, bytes + abi->target_node_name, 0);
    point(abi, bytes + SECOND + abi->target_node_name, 0);
    ck_assert_int_eq(count_pieces(bytes, 2), 8);
}
END_TEST

// ---- Comparing

// How the list compares with one whose sessions, or the connections of the first, are the other way
// round.
static void expect_order(uint8_t *bytes, bool connections, bool same_order)
{
    struct listing *before = decode(bytes, WHOLE, 2);
    if (connections)
        swap_bytes(bytes + ARRAY, bytes + ARRAY + abi->connection_size, abi->connection_size);
    else
        swap_bytes(bytes, bytes + SECOND, abi->session_size);
    struct listing *after = decode(bytes, WHOLE, 2);
    ck_assert(listing_equal(before, after));
    ck_assert(listing_same_order(before, after) == same_order);
    ck_assert(!listing_same_arrangement(before, after));
    listing_free(before);
    listing_free(after);
}

START_TEST(the_order_is_no_difference)
{
    expect_order(put_list(), false, false);
    expect_order(put_list(), true, true);
    // What tells them apart, one after the other.
    uint8_t *bytes = put_list();
    bytes[SECOND + abi->isid] = 0;
    expect_order(bytes, false, false);
    bytes = put_list();
    bytes[SECOND + abi->tsid] = bytes[SECOND + abi->isid] = 0;
    bytes[ARRAY + abi->connection_size + abi->cid] = 0;
    expect_order(bytes, false, true);
    expect_order(bytes, true, true);
}
END_TEST

// The two are told apart by what comes first: whatever comes later is the other way round.
START_TEST(the_order_goes_by_what_identifies)
{
    uint8_t *bytes = put_list();
    bytes[abi->tsid] = 9;
    bytes[abi->session_id] = 9;
    bytes[ARRAY + abi->connection_id] = 9;
    struct listing *listing = decode(bytes, WHOLE, 2);
    ck_assert_ptr_eq(listing->sessions_sorted[0], &listing->sessions[0]);
    ck_assert_ptr_eq(listing->sessions[0].connections_sorted[0],
                     &listing->sessions[0].connections[0]);
    listing_free(listing);
    bytes[abi->isid] = 1;
    bytes[ARRAY + abi->cid] = 1;
    listing = decode(bytes, WHOLE, 2);
    ck_assert_ptr_eq(listing->sessions_sorted[0], &listing->sessions[1]);
    ck_assert_ptr_eq(listing->sessions[0].connections_sorted[0],
                     &listing->sessions[0].connections[1]);
    listing_free(listing);
    bytes[abi->session_id] = 0; // the TSID still says otherwise
    listing = decode(bytes, WHOLE, 2);
    ck_assert_ptr_eq(listing->sessions_sorted[0], &listing->sessions[1]);
    listing_free(listing);
    bytes[abi->session_id] = 9;
    bytes[abi->tsid] = 1;
    listing = decode(bytes, WHOLE, 2);
    ck_assert_ptr_eq(listing->sessions_sorted[0], &listing->sessions[1]);
    listing_free(listing);
}
END_TEST

static bool equal_to(uint8_t *bytes, const struct listing *other, uint32_t count, bool *same_place)
{
    struct listing *listing = decode(bytes, WHOLE, count);
    bool equal = listing_equal(listing, other);
    *same_place = listing_same_arrangement(listing, other);
    ck_assert(listing_equal(other, listing) == equal);
    ck_assert(listing_same_arrangement(other, listing) == *same_place);
    listing_free(listing);
    return equal;
}

START_TEST(texts_that_can_not_be_read_are_alike)
{
    bool same_place = false;
    uint8_t *bytes = put_list();
    struct listing *right = decode(bytes, WHOLE, 2);
    bytes[TEXTS + 9] = 0xFF; // the second session's InitiatorName
    struct listing *wrong = decode(bytes, WHOLE, 2);
    ck_assert(!equal_to(bytes, right, 2, &same_place));
    ck_assert(equal_to(bytes, wrong, 2, &same_place));
    bytes[TEXTS + 9] = 0xFE;
    ck_assert(equal_to(bytes, wrong, 2, &same_place) && same_place);
    point(abi, bytes + SECOND + abi->initiator_name, WHOLE);
    ck_assert(equal_to(bytes, wrong, 2, &same_place) && !same_place);
    listing_free(right);
    listing_free(wrong);
}
END_TEST

START_TEST(lists_that_claim_more_or_of_which_less_can_be_read)
{
    static const struct {
        size_t sizes[2];
        uint32_t counts[2];
        bool equal;
    } cases[] = {{{WHOLE, WHOLE}, {2, 2}, true},
                 {{WHOLE, WHOLE}, {2, 1}, false},
                 {{ARRAY, ARRAY}, {2, 3}, false},           // claimed only
                 {{ARRAY, ARRAY - 1}, {2, 2}, false},       // a session less
                 {{ARRAY + 80, ARRAY + 40}, {2, 2}, false}, // a connection less
                 {{ARRAY + 80, ARRAY + 79}, {2, 2}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes = put_list();
        struct listing *one = decode(bytes, cases[i].sizes[0], cases[i].counts[0]);
        struct listing *other = decode(bytes, cases[i].sizes[1], cases[i].counts[1]);
        ck_assert(listing_equal(one, other) == cases[i].equal);
        ck_assert(listing_equal(other, one) == cases[i].equal);
        ck_assert(listing_same_arrangement(one, other) == cases[i].equal);
        ck_assert(listing_same_arrangement(other, one) == cases[i].equal);
        ck_assert(listing_same_order(one, other) == (one->session_count == other->session_count));
        listing_free(one);
        listing_free(other);
    }
}
END_TEST

START_TEST(where_an_empty_array_stands_is_no_matter)
{
    bool same_place = false;
    uint8_t *bytes = put_list();
    put(bytes + abi->connection_count, 0, 4);
    struct listing *right = decode(bytes, WHOLE, 2);
    point(abi, bytes + abi->connections, ARRAY + 8);
    ck_assert(equal_to(bytes, right, 2, &same_place) && same_place);
    listing_free(right);
}
END_TEST

// What does not change the order either.
START_TEST(each_small_difference_makes_another_list)
{
    const size_t places[] = {SECOND + abi->isid,
                             SECOND + abi->tsid,
                             SECOND + abi->session_id,
                             SECOND + abi->connection_count,
                             ARRAY + abi->target_socket,
                             ARRAY + abi->connection_size + abi->target_socket,
                             ARRAY + abi->connection_size + abi->cid};
    struct listing *right = decode(put_list(), WHOLE, 2);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        bool same_place = false;
        uint8_t *bytes = put_list();
        bytes[places[i]] += 2;
        ck_assert_msg(!equal_to(bytes, right, 2, &same_place), "place %zu", i);
        ck_assert(same_place);
    }
    listing_free(right);
}
END_TEST

START_TEST(more_connections_are_claimed_than_are_there)
{
    uint8_t *bytes = put_list();
    struct listing *right = decode(bytes, ARRAY + 80, 2);
    put(bytes + abi->connection_count, 3, 4);
    struct listing *more = decode(bytes, ARRAY + 80, 2);
    ck_assert_uint_eq(more->sessions[0].connections_decoded, 2);
    ck_assert(!listing_equal(right, more) && listing_same_arrangement(right, more));
    listing_free(more);
    listing_free(right);
}
END_TEST

START_TEST(the_same_connections_elsewhere_are_another_arrangement)
{
    enum { MOVED = ARRAY + 80 };
    for (uint32_t count = 1; count <= 2; count++) {
        uint8_t *bytes = last_bytes(MOVED + 80);
        point(abi, bytes + abi->connections, ARRAY);
        put(bytes + abi->connection_count, count, 4);
        struct listing *right = decode(bytes, MOVED + 80, 2);
        point(abi, bytes + abi->connections, MOVED);
        struct listing *moved = decode(bytes, MOVED + 80, 2);
        ck_assert(listing_equal(right, moved) && !listing_same_arrangement(right, moved));
        listing_free(moved);
        point(abi, bytes + abi->connections, ARRAY);
        point(abi, bytes + ARRAY + abi->target_address, MOVED);
        moved = decode(bytes, MOVED + 80, 2);
        ck_assert(!listing_same_arrangement(right, moved));
        listing_free(moved);
        listing_free(right);
    }
}
END_TEST

START_TEST(a_code_page_that_nobody_knows)
{
    struct record record = record_of(put_list(), WHOLE, 2, CHARSET_A);
    ck_assert_ptr_null(listing_decode(&record, abi, 99999));
    record.call.charset = CHARSET_W; // which needs none
    struct listing *listing = listing_decode(&record, abi, 99999);
    ck_assert_ptr_nonnull(listing);
    listing_free(listing);
}
END_TEST

START_TEST(a_text_at_the_beginning_is_not_one_outside)
{
    bool same_place = false;
    uint8_t *bytes = put_list();
    point(abi, bytes + abi->target_name, 0);
    struct listing *right = decode(bytes, WHOLE, 2);
    ck_assert(equal_to(bytes, right, 2, &same_place) && same_place);
    point(abi, bytes + abi->target_name, WHOLE);
    ck_assert(!equal_to(bytes, right, 2, &same_place) && !same_place);
    listing_free(right);
}
END_TEST

// ---- How two lists differ, in words

static void expect_change(const struct listing *before, uint8_t *bytes, uint32_t count,
                          const char *text, int32_t connection)
{
    char told[256];
    struct listed_member where;
    struct listing *now = decode(bytes, WHOLE, count);
    listing_describe_change(before, now, told, sizeof told, &where);
    ck_assert_str_eq(told, text);
    ck_assert_int_eq(where.connection, connection);
    const char *of = strstr(text, " of ");
    size_t length = strncmp(text, "something", 9) == 0 || of == NULL ? 0 : (size_t)(of - text);
    ck_assert((where.name == NULL) == (length == 0));
    ck_assert(length == 0 ||
              (strlen(where.name) == length && strncmp(text, where.name, length) == 0));
    listing_free(now);
}

struct change {
    size_t at; // of the byte that is another one
    int32_t connection;
    const char *text;
};

START_TEST(each_change_is_told_with_both_values)
{
    const struct change changes[] = {
        {TEXTS + 1, -1, "InitiatorName of session 0 is \"xA\", was \"x0\""},
        {TEXTS + 4, -1, "TargetNodeName of session 0 is \"xA\", was \"x1\""},
        {TEXTS + 7, -1, "TargetName of session 0 is \"xA\", was \"x2\""},
        {TEXTS + 10, -1, "InitiatorName of session 1 is \"xA\", was \"x3\""},
        {TEXTS + 16, -1, "TargetName of session 1 is \"xA\", was \"x5\""},
        {TEXTS + 19, 0, "InitiatorAddress of connection 0 of session 0 is \"xA\", was \"x6\""},
        {TEXTS + 22, 0, "TargetAddress of connection 0 of session 0 is \"xA\", was \"x7\""},
        {TEXTS + 25, 1, "InitiatorAddress of connection 1 of session 0 is \"xA\", was \"x8\""},
        {TEXTS + 28, 1, "TargetAddress of connection 1 of session 0 is \"xA\", was \"x9\""},
        {abi->isid, -1, "ISID of session 0 is 410000000000, was 000000000000"},
        {abi->isid + 5, -1, "ISID of session 0 is 000000000041, was 000000000000"},
        {SECOND + abi->isid, -1, "ISID of session 1 is 410000000000, was 010000000000"},
        {SECOND + abi->tsid + 1, -1, "TSID of session 1 is 0141, was 0100"},
        {abi->tsid, -1, "TSID of session 0 is 4100, was 0000"},
        {abi->session_id, -1,
         "SessionId of session 0 is 0000000000000041-0000000000000000, was "
         "0000000000000000-0000000000000000"},
        {SECOND + abi->session_id + 8, -1,
         "SessionId of session 1 is 0000000000000001-0000000000000041, was "
         "0000000000000001-0000000000000000"},
        {SECOND + abi->connection_count, -1, "ConnectionCount of session 1 is 65, was 0"},
        {ARRAY + abi->cid, 0, "CID of connection 0 of session 0 is 4100, was 0000"},
        {ARRAY + abi->connection_size + abi->cid + 1, 1,
         "CID of connection 1 of session 0 is 0141, was 0100"},
        {ARRAY + abi->connection_id, 0,
         "ConnectionId of connection 0 of session 0 is 0000000000000041-0000000000000000, was "
         "0000000000000000-0000000000000000"},
        {ARRAY + abi->connection_size + abi->connection_id + 8, 1,
         "ConnectionId of connection 1 of session 0 is 0000000000000001-0000000000000041, was "
         "0000000000000001-0000000000000000"},
        {ARRAY + abi->initiator_socket, 0,
         "InitiatorSocket of connection 0 of session 0 is 65, was 0"},
        {ARRAY + abi->connection_size + abi->target_socket + 1, 1,
         "TargetSocket of connection 1 of session 0 is 16640, was 0"},
        // What no value is read of: beside the two bytes of the first string is a terminator.
        {TEXTS + 2, -1, "InitiatorName of session 0 is \"x0Ax1\", was \"x0\""},
    };
    uint8_t *bytes = put_list();
    struct listing *before = decode(bytes, WHOLE, 2);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        uint8_t right = bytes[changes[i].at];
        bytes[changes[i].at] = 'A';
        expect_change(before, bytes, 2, changes[i].text, changes[i].connection);
        bytes[changes[i].at] = right;
    }
    // The session that it was is looked for, wherever it stands now.
    listing_free(before);
    memcpy(bytes + SECOND + abi->session_id, bytes + abi->session_id, 1);
    before = decode(bytes, WHOLE, 2);
    bytes[abi->isid] = 'A'; // behind the other one
    bytes[TEXTS + 10] = 'B';
    expect_change(before, bytes, 2, "ISID of session 0 is 410000000000, was 000000000000", -1);
    listing_free(before);
}
END_TEST

START_TEST(changes_of_the_number_and_of_nothing)
{
    uint8_t *bytes = put_list();
    struct listing *before = decode(bytes, WHOLE, 2);
    expect_change(before, bytes, 2, "something of it that can't be read is another", -1);
    expect_change(before, bytes, 1, "1 session is listed, 2 were", -1);
    expect_change(before, bytes, 0, "0 sessions are listed, 2 were", -1);
    listing_free(before);
    // More than there is room for: as many can be read.
    before = decode(bytes, WHOLE, 100);
    expect_change(before, bytes, 101, "101 sessions are listed, 100 were", -1);
    listing_free(before);
    // The other way round: as many are said to be there, and less can be read.
    before = decode(bytes, WHOLE, 3);
    struct listing *now = decode(bytes, WHOLE, 2);
    now->claimed = 3;
    char told[128];
    struct listed_member where;
    listing_describe_change(before, now, told, sizeof told, &where);
    ck_assert_str_eq(told, "3 sessions are listed, 3 were");
    listing_free(now);
    listing_free(before);
}
END_TEST

START_TEST(a_text_that_can_not_be_read_any_more)
{
    uint8_t *bytes = put_list();
    struct listing *before = decode(bytes, WHOLE, 2);
    point(abi, bytes + abi->target_name, WHOLE);
    expect_change(before, bytes, 2, "TargetName of session 0 is unreadable, was \"x2\"", -1);
    // As many connections are said to be there, and fewer can be read.
    put_text(bytes, abi->target_name, 2);
    point(abi, bytes + abi->connections, WHOLE - abi->connection_size);
    expect_change(before, bytes, 2, "something of it that can't be read is another", -1);
    listing_free(before);
}
END_TEST

// ---- How a list differs from what is known, in words

START_TEST(each_difference_is_told_with_both_values)
{
    static char wrong[] = "y";
    struct truth_connection ends[2] = {
        {.cid = 0, .initiator_address = "x6", .target_address = "x7"},
        {.cid = 1, .initiator_address = "x8", .target_address = "x9"}};
    const struct truth_session right = {.initiator_name = wrong,
                                        .target_node_name = wrong,
                                        .isid = {0, 0, 0, 0, 0, 9},
                                        .tsid = {0, 8},
                                        .connection_count = 2,
                                        .connections = ends};
    static const struct {
        enum member member;
        const char *text;
    } told[] = {
        {MEMBER_INITIATOR_NAME, ": \"x0\" instead of \"y\""},
        {MEMBER_TARGET_NODE_NAME, ": \"x1\" instead of \"y\""},
        {MEMBER_TARGET_NAME, ": \"x2\" instead of \"y\""},
        {MEMBER_ISID, ": 000000000000 instead of 000000000009"},
        {MEMBER_TSID, ": 0000 instead of 0008"},
        {MEMBER_CONNECTION_COUNT, ": 2 instead of 2"},
        {MEMBER_INITIATOR_ADDRESS,
         " of its connection with CID 1: \"x8\" instead of \"a\""}, // the first that differs
        {MEMBER_TARGET_ADDRESS, " of its connection with CID 0: \"x7\" instead of \"b\""},
        {MEMBER_INITIATOR_PORT, " of its connection with CID 1: 0 instead of 3"},
        {MEMBER_TARGET_PORT, " of its connection with CID 0: 0 instead of 4"},
        {MEMBER_PRESENCE, ""},
        {MEMBER_CID, ""},
        {MEMBER_SESSION_ID, ""},
        {MEMBER_CONNECTION_ID, ""},
    };
    char text[128];
    struct listing *listing = decode(put_list(), WHOLE, 2);
    strcpy(ends[1].initiator_address, "a");
    strcpy(ends[0].target_address, "b");
    strcpy(ends[1].target_address, "c");
    ends[1].initiator_port = 3;
    ends[0].target_port = 4;
    ends[1].target_port = 5;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        memset(text, '?', sizeof text);
        session_describe_difference(&listing->sessions[0], &right, told[i].member, text,
                                    sizeof text);
        ck_assert_str_eq(text, told[i].text);
    }
    ends[0].cid = 77; // which is not listed
    session_describe_difference(&listing->sessions[0], &right, MEMBER_TARGET_PORT, text,
                                sizeof text);
    ck_assert_str_eq(text, " of its connection with CID 1: 0 instead of 5");
    listing_free(listing);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        pieces_are_all_there_in_their_order,
        pieces_that_are_none,
        pieces_at_one_place_go_by_size,
        the_order_is_no_difference,
        the_order_goes_by_what_identifies,
        texts_that_can_not_be_read_are_alike,
        lists_that_claim_more_or_of_which_less_can_be_read,
        where_an_empty_array_stands_is_no_matter,
        each_small_difference_makes_another_list,
        more_connections_are_claimed_than_are_there,
        the_same_connections_elsewhere_are_another_arrangement,
        a_code_page_that_nobody_knows,
        a_text_at_the_beginning_is_not_one_outside,
        each_change_is_told_with_both_values,
        changes_of_the_number_and_of_nothing,
        a_text_that_can_not_be_read_any_more,
        each_difference_is_told_with_both_values,
    };
    Suite *suite = suite_create("limits_comparison");
    TCase *limits = tcase_create("limits_comparison");
    tcase_add_checked_fixture(limits, set_up, tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
