// SPDX-License-Identifier: Apache-2.0
// Which listed session is which of the truth's, when some of what they are told apart by is wrong.
#include "conformance/judge/difference.h"
#include "conformance/judge/matching.h"
#include "tests/main.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SESSIONS = 4 };

// What a session is told apart by.
enum {
    ISID = 1,
    TARGET = 2,
    INITIATOR = 4,
    TSID = 8,
    PORTS = 16,
    ALL = 31,
};

// The members that say which session it is, from the surest to the last resort, as they are
// documented: those of an earlier line count for more than those of a later one.
static const unsigned passes[] = {
    ISID | TARGET | INITIATOR | TSID,
    ISID | TARGET | INITIATOR,
    ISID | TARGET,
    ISID | INITIATOR | TSID,
    TARGET | INITIATOR | TSID,
    ISID | TSID,
    ISID | INITIATOR,
    PORTS | TSID,
    PORTS,
    ISID,
};

enum { PASSES = sizeof passes / sizeof passes[0] };

// A list and a truth that are made member by member.
static struct listed_session listed[SESSIONS];
static struct listed_connection listed_connections[SESSIONS];
static struct truth_session known[SESSIONS];
static struct truth_connection known_connections[SESSIONS];
static char *names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
static struct listing listing;
static struct truth truth;

static void set_up(void)
{
    memset(listed, 0, sizeof listed);
    memset(known, 0, sizeof known);
    memset(known_connections, 0, sizeof known_connections);
    memset(listed_connections, 0, sizeof listed_connections);
    listing = (struct listing){.sessions = listed};
    truth = (struct truth){.sessions = known};
}

// Each member of the session has the value, but for those of `special`, which have another.
static unsigned value_of(unsigned member, unsigned value, unsigned special, unsigned other)
{
    return member & special ? other : value;
}

static void list_session(unsigned value, unsigned special, unsigned other)
{
    struct listed_session *session = &listed[listing.session_count];
    struct listed_connection *connection = &listed_connections[listing.session_count++];
    unsigned port = value_of(PORTS, value, special, other);
    session->target_node_name.utf8 = names[value_of(TARGET, value, special, other)];
    session->initiator_name.utf8 = names[value_of(INITIATOR, value, special, other)];
    session->isid[5] = (uint8_t)value_of(ISID, value, special, other);
    session->tsid[1] = (uint8_t)value_of(TSID, value, special, other);
    *connection = (struct listed_connection){.initiator_port = (uint16_t)(port * 0x1001),
                                             .target_port = (uint16_t)(port * 0x0110)};
    session->connections = connection;
    session->connections_decoded = session->connection_count = 1;
}

static void know_session(unsigned value, unsigned special, unsigned other)
{
    struct truth_session *session = &known[truth.session_count];
    struct truth_connection *connection = &known_connections[truth.session_count++];
    unsigned port = value_of(PORTS, value, special, other);
    session->target_node_name = names[value_of(TARGET, value, special, other)];
    session->initiator_name = names[value_of(INITIATOR, value, special, other)];
    session->isid[5] = (uint8_t)value_of(ISID, value, special, other);
    session->tsid[1] = (uint8_t)value_of(TSID, value, special, other);
    *connection = (struct truth_connection){.initiator_port = (uint16_t)(port * 0x1001),
                                            .target_port = (uint16_t)(port * 0x0110)};
    session->connections = connection;
    session->connection_count = 1;
}

// Fails unless each listed session is that one of the truth; below 0: none.
static void expect(const long *truth_of)
{
    struct matching *matching = matching_create(&listing, &truth);
    ck_assert_ptr_nonnull(matching);
    ck_assert_uint_eq(matching->listed_count, listing.session_count);
    ck_assert_uint_eq(matching->truth_count, truth.session_count);
    for (size_t i = 0; i < listing.session_count; i++)
        ck_assert_msg(matching->truth_of[i] == truth_of[i], "%zu is %ld, not %ld", i,
                      matching->truth_of[i], truth_of[i]);
    for (size_t i = 0; i < truth.session_count; i++) {
        long listed_of = NOT_MATCHED;
        for (size_t j = 0; j < listing.session_count; j++)
            if (truth_of[j] == (long)i)
                listed_of = (long)j;
        ck_assert_int_eq(matching->listed_of[i], listed_of);
    }
    matching_free(matching);
}

START_TEST(sessions_in_any_order)
{
    for (unsigned i = 0; i < SESSIONS; i++) {
        list_session(i, 0, 0);
        know_session(SESSIONS - 1 - i, 0, 0);
    }
    expect((const long[]){3, 2, 1, 0});
}
END_TEST

START_TEST(sessions_that_are_on_one_side_only)
{
    expect(NULL);
    list_session(5, 0, 0);
    expect((const long[]){NOT_MATCHED});
    list_session(1, 0, 0);
    know_session(1, 0, 0);
    expect((const long[]){NOT_MATCHED, 0});
    know_session(0, 0, 0);
    know_session(6, 0, 0);
    list_session(2, 0, 0);
    expect((const long[]){NOT_MATCHED, 0, NOT_MATCHED});
}
END_TEST

START_TEST(a_session_that_is_listed_twice)
{
    list_session(1, 0, 0);
    list_session(1, 0, 0);
    know_session(1, 0, 0);
    expect((const long[]){0, NOT_MATCHED});
    know_session(1, 0, 0);
    know_session(1, 0, 0);
    expect((const long[]){0, 1});
}
END_TEST

// One session shares the members of a line with the truth's, another those of a later line.
START_TEST(what_is_surer_counts_first)
{
    for (size_t i = 0; i < PASSES; i++)
        for (size_t j = i + 1; j < PASSES; j++)
            for (long first = 0; first < 2; first++) {
                set_up();
                list_session(2, 0, 0);
                if (first == 1)
                    know_session(3, passes[j], 2);
                know_session(first == 1 ? 1 : 4, passes[i], 2);
                if (first == 0)
                    know_session(3, passes[j], 2);
                expect(&first);
            }
}
END_TEST

// The sessions of the same line, and one that has nothing to do with them.
START_TEST(any_of_the_lines_is_enough)
{
    for (unsigned shared = 0; shared <= ALL; shared++) {
        bool enough = false;
        for (size_t i = 0; i < PASSES; i++)
            enough = enough || (shared & passes[i]) == passes[i];
        set_up();
        know_session(1, 0, 0);
        know_session(4, shared, 3);
        know_session(6, 0, 0);
        list_session(3, 0, 0);
        expect((const long[]){enough ? 1 : NOT_MATCHED});
    }
}
END_TEST

// Two sessions that differ in one member only; whatever else can tell them apart is wrong.
START_TEST(each_member_tells_two_sessions_apart)
{
    for (unsigned member = ISID; member <= PORTS; member *= 2)
        for (unsigned one = 1; one <= 2; one++) {
            set_up();
            list_session(3, member, one);
            list_session(3, member, 3 - one);
            know_session(3, member, 1);
            know_session(3, member, 2);
            // Ports count only where nothing else is alike: here all is.
            bool told = member != PORTS && one == 2;
            expect((const long[]){told ? 1 : 0, told ? 0 : 1});
        }
}
END_TEST

// Four sessions that nothing but that member tells apart, in each order.
START_TEST(one_member_tells_many_sessions_apart)
{
    static const unsigned members[] = {ISID, TARGET, INITIATOR, TSID, PORTS};
    for (size_t m = 0; m < sizeof members / sizeof members[0]; m++)
        for (unsigned order = 0; order < 256; order++) {
            long truth_of[SESSIONS];
            unsigned seen = 0;
            set_up();
            for (unsigned i = 0; i < SESSIONS; i++) {
                truth_of[i] = order >> (2 * i) & 3;
                seen |= 1U << truth_of[i];
                // By its ports a session is found where all else is wrong.
                list_session(members[m] == PORTS ? 6 : 7, members[m], (unsigned)truth_of[i]);
                know_session(7, members[m], i);
            }
            if (seen == 15)
                expect(truth_of);
        }
}
END_TEST

START_TEST(each_byte_of_an_isid_counts)
{
    for (size_t i = 0; i < ISID_SIZE; i++) {
        set_up();
        list_session(3, 0, 0);
        know_session(3, 0, 0);
        know_session(3, 0, 0);
        listed[0].isid[i] = 0x80;
        known[1].isid[i] = 0x80;
        expect((const long[]){1});
    }
}
END_TEST

START_TEST(a_tsid_counts_in_either_order)
{
    static const uint8_t tsids[][2] = {{1, 2}, {2, 1}, {0, 1}, {1, 0}, {0x80, 0}, {0, 0x80}};
    for (size_t i = 0; i < sizeof tsids / sizeof tsids[0]; i++)
        for (int reversed = 0; reversed < 2; reversed++) {
            set_up();
            list_session(3, 0, 0);
            for (int j = 0; j < 4; j++)
                know_session(3, 0, 0);
            listed[0].tsid[0] = tsids[i][reversed];
            listed[0].tsid[1] = tsids[i][1 - reversed];
            memcpy(known[0].tsid, (const uint8_t[]){1, 1}, 2);
            memcpy(known[1].tsid, (const uint8_t[]){2, 2}, 2);
            memcpy(known[2].tsid, (const uint8_t[]){0x80, 0x80}, 2);
            memcpy(known[3].tsid, tsids[i], 2);
            expect((const long[]){3});
        }
}
END_TEST

START_TEST(both_ports_count)
{
    static const uint16_t ports[][2] = {{1, 0}, {0, 1}, {0, 0x8000}, {0x8000, 0}, {1, 0x8000}};
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        for (size_t j = 0; j < sizeof ports / sizeof ports[0]; j++) {
            set_up();
            list_session(1, 0, 0);
            know_session(2, 0, 0);
            listed_connections[0].initiator_port = ports[i][0];
            listed_connections[0].target_port = ports[i][1];
            known_connections[0].initiator_port = ports[j][0];
            known_connections[0].target_port = ports[j][1];
            expect((const long[]){i == j ? 0 : NOT_MATCHED});
        }
}
END_TEST

START_TEST(a_session_without_connections_has_no_ports)
{
    list_session(1, PORTS, 0);
    know_session(2, PORTS, 5);
    listed[0].connections_decoded = 0;
    known[0].connection_count = 0;
    listed_connections[0].initiator_port = 9; // nobody's
    expect((const long[]){0});                // both have none
    known[0].connection_count = 1;
    expect((const long[]){NOT_MATCHED});
}
END_TEST

START_TEST(names_count_without_regard_to_case)
{
    list_session(3, 0, 0);
    know_session(3, 0, 0);
    know_session(3, ISID, 4);
    listed[0].isid[5] = 5; // so that only the names and the TSID are left
    listed[0].target_node_name.utf8 = "D";
    listed[0].initiator_name.utf8 = "D";
    known[0].initiator_name = names[1];
    expect((const long[]){1});
    known[1].target_node_name = names[1];
    known[0].initiator_name = names[3];
    expect((const long[]){0});
}
END_TEST

START_TEST(a_target_name_stands_for_one_that_can_not_be_read)
{
    list_session(3, ISID | PORTS, 5);
    know_session(3, 0, 0);
    listed[0].target_name.utf8 = names[1];
    expect((const long[]){0});
    listed[0].target_node_name.utf8 = NULL;
    expect((const long[]){NOT_MATCHED});
    listed[0].target_name.utf8 = names[3];
    expect((const long[]){0});
    listed[0].target_name.utf8 = NULL;
    expect((const long[]){NOT_MATCHED});
    listed[0].target_node_name.utf8 = names[3];
    listed[0].initiator_name.utf8 = NULL;
    expect((const long[]){NOT_MATCHED});
}
END_TEST

START_TEST(what_is_not_known_tells_none_apart)
{
    static const struct {
        unsigned fact;
        unsigned shared; // what is the same; the rest differs
        bool matched;
    } cases[] = {
        {0, ISID, true},
        {FACT_ISID, ISID, false},
        {FACT_ISID, TARGET | INITIATOR | TSID, true},
        {FACT_ISID, PORTS, true},
        {FACT_ISID, TSID, true},
        {FACT_ISID, TARGET, true},
        {FACT_ISID, INITIATOR, true},
        {FACT_INITIATOR_PORT, PORTS, false},
        {FACT_TARGET_PORT, PORTS, false},
        {FACT_INITIATOR_PORT, TSID, true},
        {FACT_INITIATOR_PORT, ISID, true},
        {FACT_INITIATOR_ADDRESS, PORTS, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_up();
        list_session(3, 0, 0);
        know_session(4, cases[i].shared, 3);
        if (cases[i].fact == FACT_ISID)
            known[0].unknown = FACT_ISID;
        else
            known_connections[0].unknown = cases[i].fact;
        struct matching *matching = matching_create(&listing, &truth);
        ck_assert_ptr_nonnull(matching);
        ck_assert_msg((matching->truth_of[0] == 0) == cases[i].matched, "case %zu", i);
        matching_free(matching);
    }
}
END_TEST

// ---- Connections, by their CIDs

enum { CONNECTIONS_MAX = 20 };

static struct listed_connection shown[CONNECTIONS_MAX];
static struct truth_connection true_ones[CONNECTIONS_MAX];

static void set_cid(size_t index, unsigned cid)
{
    shown[index].cid[0] = (uint8_t)(cid >> 8);
    shown[index].cid[1] = (uint8_t)cid;
}

// Few are looked for one by one, many by a table: both say the same. From the last to the first.
START_TEST(connections_in_either_order_of_bytes)
{
    const size_t count = _i == 0 ? 3 : CONNECTIONS_MAX;
    const struct listed_session session = {.connections_decoded = count, .connections = shown};
    const struct truth_session of_truth = {.connection_count = count, .connections = true_ones};
    size_t times = 0;
    for (size_t i = 0; i < count; i++) {
        true_ones[i].cid = (uint16_t)(count - i);
        set_cid(i, (unsigned)(count - i));
    }
    ck_assert_ptr_eq(find_connection(&session, &of_truth, 1, &times), &shown[count - 1]);
    ck_assert_uint_eq(times, 1);
    ck_assert_ptr_null(find_connection(&session, &of_truth, 0x100, &times));
    ck_assert_uint_eq(times, 0);
    for (size_t i = 0; i < count; i++)
        set_cid(i, (unsigned)(count - i) << 8);
    ck_assert_ptr_eq(find_connection(&session, &of_truth, 1, &times), &shown[count - 1]);
    ck_assert_uint_eq(times, 1);
    set_cid(0, 0x100); // that of the last one, too: each of the others tells
    ck_assert_ptr_eq(find_connection(&session, &of_truth, 2, &times), &shown[count - 2]);
    ck_assert_ptr_eq(find_connection(&session, &of_truth, 1, &times), &shown[0]);
    ck_assert_uint_eq(times, 2);
}
END_TEST

// The same counted in the plainest way.
static size_t count_listed(size_t count, unsigned cid)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += ((unsigned)shown[i].cid[0] << 8 | shown[i].cid[1]) == cid;
    return found;
}

static unsigned turned(unsigned cid)
{
    return (cid & 0xFF) << 8 | cid >> 8;
}

// CIDs of few values, so that some are listed twice, some not at all, and some are the reverse of
// others; of the numbers of connections from which on they are looked for in another way.
START_TEST(any_cids_in_either_order_of_bytes)
{
    enum { ROUNDS = 400 };
    uint32_t state = 1;
    for (size_t round = 0; round < ROUNDS; round++) {
        const size_t count = 1 + round % CONNECTIONS_MAX;
        const struct listed_session session = {.connections_decoded = count, .connections = shown};
        const struct truth_session of_truth = {.connection_count = count, .connections = true_ones};
        size_t as_on_wire = 0;
        size_t other = 0;
        for (size_t i = 0; i < count; i++) {
            state = state * 1664525 + 1013904223;
            unsigned cid = state >> 28 | (state >> 16 & 0x3) << 8;
            true_ones[i].cid = (uint16_t)(round % 3 == 0 ? cid : i * 259 + round);
            unsigned told = round % 5 < 2 ? turned(true_ones[i].cid) : true_ones[i].cid;
            set_cid(i, (state >> 20 & 7) == 0 ? cid : told);
        }
        for (size_t i = 0; i < count; i++) {
            as_on_wire += count_listed(count, true_ones[i].cid) == 1;
            other += count_listed(count, turned(true_ones[i].cid)) == 1;
        }
        for (size_t i = 0; i < count; i++) {
            unsigned cid = true_ones[i].cid;
            bool reversed = as_on_wire < count && other > as_on_wire;
            unsigned wanted = reversed ? turned(cid) : cid;
            size_t times = 0;
            const struct listed_connection *found =
                find_connection(&session, &of_truth, (uint16_t)cid, &times);
            ck_assert_uint_eq(times, count_listed(count, wanted));
            ck_assert_int_eq(found != NULL, times > 0);
            ck_assert(found == NULL || ((unsigned)found->cid[0] << 8 | found->cid[1]) == wanted);
        }
    }
}
END_TEST

// Lists and knows CIDs, and says whether they are taken to stand in the other order of bytes.
static bool are_turned(const unsigned *told, size_t told_count, const unsigned *cids, size_t count)
{
    const struct listed_session session = {.connections_decoded = told_count, .connections = shown};
    const struct truth_session of_truth = {.connection_count = count, .connections = true_ones};
    for (size_t i = 0; i < told_count; i++)
        set_cid(i, told[i]);
    for (size_t i = 0; i < count; i++)
        true_ones[i].cid = (uint16_t)cids[i];
    true_ones[count].cid = (uint16_t)turned(told[0]); // is not the session's
    const struct listed_connection *found =
        find_connection(&session, &of_truth, (uint16_t)cids[0], NULL);
    return found != NULL && found->cid[0] == (cids[0] & 0xFF);
}

// Each listed CID has one byte of the known one at its place, in the order of the list.
START_TEST(half_of_a_cid_tells_no_order)
{
    const unsigned cids[] = {0x0102, 0x0203, 0x0301};
    const unsigned same_low[] = {0x0302, 0x0103, 0x0201};
    const unsigned same_high[] = {0x0103, 0x0201, 0x0302};
    ck_assert(are_turned(same_low, 3, cids, 3));
    ck_assert(are_turned(same_high, 3, cids, 3));
}
END_TEST

START_TEST(as_many_in_either_order_are_as_on_the_wire)
{
    const unsigned cids[] = {0x0102, 0x0304};
    const unsigned told[] = {0x0201, 0x0304};
    ck_assert(!are_turned(told, 2, cids, 2));
}
END_TEST

// Of many, one that is listed twice does not count.
START_TEST(one_that_is_listed_twice_tells_no_order)
{
    enum { MANY = 16, TURNED = 8 };
    unsigned cids[MANY];
    unsigned told[MANY + 1];
    for (size_t i = 0; i < MANY; i++) {
        cids[i] = 0x0110 + (unsigned)i;
        told[i] = i < TURNED ? turned(cids[i]) : cids[i];
    }
    told[MANY] = cids[MANY - 1];
    ck_assert(are_turned(told, MANY + 1, cids, MANY));
}
END_TEST

// ---- What differs

START_TEST(the_ends_of_another_connection_are_not_compared)
{
    struct listed_connection two[2] = {{.cid = {9, 9}}, {.cid = {8, 8}}};
    struct truth_connection one = {.cid = 1,
                                   .initiator_address = "10.0.0.1",
                                   .target_address = "10.0.0.2",
                                   .initiator_port = 1,
                                   .target_port = 2};
    struct listed_session session = {
        .connection_count = 2, .connections_decoded = 2, .connections = two};
    const struct truth_session of_truth = {
        .connection_count = 1, .connections = &one, .initiator_name = "a", .target_node_name = "b"};
    const unsigned ends = MEMBER_INITIATOR_ADDRESS | MEMBER_INITIATOR_PORT | MEMBER_TARGET_ADDRESS |
                          MEMBER_TARGET_PORT;
    ck_assert_uint_eq(session_difference(&session, &of_truth) & ends, 0);
    session.connections_decoded = 1; // the only one: it must be that
    ck_assert_uint_eq(session_difference(&session, &of_truth) & ends, ends);
}
END_TEST

START_TEST(an_address_of_any_form_is_compared)
{
    struct listed_text text = {.utf8 = "fe80::1%eth0"};
    ck_assert(text_is_address(&text, "fe80::1%eth0"));
    ck_assert(!text_is_address(&text, "fe80::1%eth1"));
    ck_assert(!text_is_address(&text, "10.0.0.1"));
    text.utf8 = "0:0:0:0:0:0:0:1";
    ck_assert(text_is_address(&text, "::1"));
}
END_TEST

START_TEST(without_a_profile_nothing_is_tolerated)
{
    const struct listed_session session = {.connection_count = 0};
    const struct truth_session of_truth = {.connection_count = 0};
    ck_assert_uint_eq(tolerated_difference(NULL, &session, &of_truth), 0);
    ck_assert_uint_eq(tolerated_difference("documented", &session, &of_truth), 0);
}
END_TEST

START_TEST(a_session_and_a_connection_may_have_one_number)
{
    struct listed_connection one[2] = {{.id = {1, 1}}, {.id = {1, 2}}};
    struct listed_session two[2] = {
        {.id = {1, 1}, .connections_decoded = 1, .connections = one},
        {.id = {1, 2}, .connections_decoded = 1, .connections = one + 1}};
    const struct listing both = {.session_count = 2, .connection_total = 2, .sessions = two};
    ck_assert_int_eq(repeated_identifiers(&both), 0);
    one[1].id[1] = 1;
    ck_assert_int_eq(repeated_identifiers(&both), MEMBER_CONNECTION_ID);
    two[1].id[1] = 1;
    ck_assert_int_eq(repeated_identifiers(&both), MEMBER_SESSION_ID | MEMBER_CONNECTION_ID);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        sessions_in_any_order,
        sessions_that_are_on_one_side_only,
        a_session_that_is_listed_twice,
        what_is_surer_counts_first,
        any_of_the_lines_is_enough,
        each_member_tells_two_sessions_apart,
        one_member_tells_many_sessions_apart,
        each_byte_of_an_isid_counts,
        a_tsid_counts_in_either_order,
        both_ports_count,
        a_session_without_connections_has_no_ports,
        names_count_without_regard_to_case,
        a_target_name_stands_for_one_that_can_not_be_read,
        what_is_not_known_tells_none_apart,
        half_of_a_cid_tells_no_order,
        as_many_in_either_order_are_as_on_the_wire,
        one_that_is_listed_twice_tells_no_order,
        the_ends_of_another_connection_are_not_compared,
        an_address_of_any_form_is_compared,
        without_a_profile_nothing_is_tolerated,
        a_session_and_a_connection_may_have_one_number,
    };
    Suite *suite = suite_create("limits_matching");
    TCase *limits = tcase_create("limits_matching");
    tcase_add_checked_fixture(limits, set_up, NULL);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    tcase_add_loop_test(limits, connections_in_either_order_of_bytes, 0, 2);
    tcase_add_test(limits, any_cids_in_either_order_of_bytes);
    suite_add_tcase(suite, limits);
    return suite;
}
