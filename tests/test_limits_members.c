// SPDX-License-Identifier: Apache-2.0
// What the judges share, one member at a time: how listed sessions are compared with the truth and
// with each other, which facts need not be known, which deviations are tolerated, what programs
// call.
#include "conformance/clauses/groups.h"
#include "conformance/judge/caller.h"
#include "conformance/judge/deviation.h"
#include "conformance/judge/difference.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { UTF8 = 65001, MEMBERS = 18 };

static struct record *other;

static void set_up(void)
{
    scene_set_up_quiet();
    fetch = scene_record(&scene, "fetch", CHARSET_A, 0);
    other = scene_record(&scene, "fetch", CHARSET_A, 1);
}

// A member of the session with two connections, or of its second connection: a byte of it, and what
// differs when it is altered.
struct place {
    bool of_connection;
    bool is_text;
    uint32_t offset;
    unsigned member;
};

static void find_places(struct place places[static MEMBERS])
{
    const struct abi *abi = scene.abi;
    const struct place all[MEMBERS] = {
        {false, false, abi->session_id, 0},
        {false, false, abi->session_id + 15, 0},
        {false, true, abi->initiator_name, MEMBER_INITIATOR_NAME},
        {false, true, abi->target_node_name, MEMBER_TARGET_NODE_NAME},
        {false, true, abi->target_name, MEMBER_TARGET_NAME},
        {false, false, abi->isid, MEMBER_ISID},
        {false, false, abi->isid + 5, MEMBER_ISID},
        {false, false, abi->tsid, MEMBER_TSID},
        {false, false, abi->tsid + 1, MEMBER_TSID},
        {false, false, abi->connection_count, MEMBER_CONNECTION_COUNT},
        {true, false, abi->connection_id, 0},
        {true, false, abi->connection_id + 15, 0},
        {true, true, abi->initiator_address, MEMBER_INITIATOR_ADDRESS},
        {true, true, abi->target_address, MEMBER_TARGET_ADDRESS},
        {true, false, abi->initiator_socket, MEMBER_INITIATOR_PORT},
        {true, false, abi->target_socket + 1, MEMBER_TARGET_PORT},
        {true, false, abi->cid, MEMBER_CID},
        {true, false, abi->cid + 1, MEMBER_CID},
    };
    memcpy(places, all, sizeof all);
}

// Alters the byte, or undoes it.
static void alter(const struct place *place)
{
    uint8_t *byte = place->of_connection
                        ? scene_connection(&scene, fetch, SCENE_TWO, 1, place->offset)
                        : scene_member(&scene, fetch, SCENE_TWO, place->offset);
    if (place->is_text)
        byte = scene_text(&scene, fetch, byte);
    *byte ^= 0x04;
}

static struct listing *decode(const struct record *record)
{
    struct listing *listing = listing_decode(record, scene.abi, UTF8);
    ck_assert_ptr_nonnull(listing);
    return listing;
}

static unsigned difference(const struct truth_session *known)
{
    struct listing *listing = decode(fetch);
    unsigned differs = session_difference(&listing->sessions[SCENE_TWO], known);
    listing_free(listing);
    return differs;
}

START_TEST(each_member_differs_by_itself)
{
    struct place places[MEMBERS];
    const struct truth_session *known = &scene.truth->sessions[SCENE_TWO];
    find_places(places);
    ck_assert_uint_eq(difference(known), 0);
    for (size_t i = 0; i < MEMBERS; i++) {
        alter(&places[i]);
        unsigned differs = difference(known);
        ck_assert_msg(differs == places[i].member, "place %zu: %x, not %x", i, differs,
                      places[i].member);
        if (differs != 0)
            ck_assert_uint_eq(member_first(differs), places[i].member);
        alter(&places[i]);
    }
}
END_TEST

START_TEST(a_fact_that_is_not_known_does_not_differ)
{
    static const struct {
        unsigned fact;
        unsigned member;
    } facts[] = {{FACT_ISID, MEMBER_ISID},
                 {FACT_INITIATOR_ADDRESS, MEMBER_INITIATOR_ADDRESS},
                 {FACT_INITIATOR_PORT, MEMBER_INITIATOR_PORT},
                 {FACT_TARGET_ADDRESS, MEMBER_TARGET_ADDRESS},
                 {FACT_TARGET_PORT, MEMBER_TARGET_PORT}};
    struct place places[MEMBERS];
    struct truth_session *known = &scene.truth->sessions[SCENE_TWO];
    find_places(places);
    for (size_t i = 0; i < MEMBERS; i++)
        for (size_t j = 0; j < sizeof facts / sizeof facts[0]; j++) {
            bool is_it = facts[j].member == places[i].member;
            known->unknown = facts[j].fact == FACT_ISID ? FACT_ISID : 0;
            known->connections[1].unknown = facts[j].fact == FACT_ISID ? 0 : facts[j].fact;
            alter(&places[i]);
            ck_assert_uint_eq(difference(known), is_it ? 0 : places[i].member);
            alter(&places[i]);
        }
}
END_TEST

START_TEST(each_member_makes_another_list)
{
    struct place places[MEMBERS];
    struct listing *right = decode(other);
    find_places(places);
    for (size_t i = 0; i <= MEMBERS; i++) {
        if (i < MEMBERS)
            alter(&places[i]);
        struct listing *listing = decode(fetch);
        ck_assert_msg(listing_equal(listing, right) == (i == MEMBERS), "place %zu", i);
        ck_assert(listing_same_arrangement(listing, right) == (i != 9));
        unsigned order = MEMBER_ISID | MEMBER_TSID;
        ck_assert(listing_same_order(listing, right) ==
                  (i == MEMBERS || (places[i].member & order) == 0));
        listing_free(listing);
        if (i < MEMBERS)
            alter(&places[i]);
    }
    listing_free(right);
}
END_TEST

START_TEST(each_pointer_makes_another_arrangement)
{
    struct place places[MEMBERS];
    struct listing *right = decode(other);
    find_places(places);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!places[i].is_text)
            continue;
        uint8_t *pointer = places[i].of_connection
                               ? scene_connection(&scene, fetch, SCENE_TWO, 1, places[i].offset)
                               : scene_member(&scene, fetch, SCENE_TWO, places[i].offset);
        ++*pointer;
        struct listing *listing = decode(fetch);
        ck_assert(!listing_same_arrangement(listing, right));
        listing_free(listing);
        --*pointer;
    }
    *scene_member(&scene, fetch, SCENE_ONE, scene.abi->connections) += 8;
    struct listing *listing = decode(fetch);
    ck_assert(!listing_same_arrangement(listing, right));
    listing_free(listing);
    listing_free(right);
}
END_TEST

START_TEST(lists_of_another_length)
{
    struct listing *right = decode(other);
    fetch->outcome.count_out--;
    struct listing *listing = decode(fetch);
    ck_assert(!listing_equal(listing, right) && !listing_same_order(listing, right) &&
              !listing_same_arrangement(listing, right));
    listing_free(listing);
    listing_free(right);
}
END_TEST

START_TEST(identifiers_that_are_repeated)
{
    struct listing *listing = decode(other);
    ck_assert_int_eq(repeated_identifiers(listing), 0);
    memcpy(listing->sessions[SCENE_NONE].id, listing->sessions[SCENE_TWO].id, 16);
    ck_assert_int_eq(repeated_identifiers(listing), MEMBER_SESSION_ID);
    memcpy(listing->sessions[SCENE_ONE].connections[0].id,
           listing->sessions[SCENE_TWO].connections[0].id, 16);
    ck_assert_int_eq(repeated_identifiers(listing), MEMBER_SESSION_ID | MEMBER_CONNECTION_ID);
    listing->sessions[SCENE_NONE].id[1]--;
    ck_assert_int_eq(repeated_identifiers(listing), MEMBER_CONNECTION_ID);
    listing_free(listing);
}
END_TEST

// The CIDs 0x0101 and 0x0102 with their bytes reversed in all of the session.
START_TEST(cids_that_are_all_reversed)
{
    for (size_t i = 0; i < 2; i++) {
        uint8_t *cid = scene_connection(&scene, fetch, SCENE_TWO, i, scene.abi->cid);
        cid[0] = (uint8_t)(i + 1);
        cid[1] = 1;
    }
    ck_assert_uint_eq(difference(&scene.truth->sessions[SCENE_TWO]), 0);
    scene_connection(&scene, fetch, SCENE_TWO, 1, scene.abi->cid)[0] = 9;
    ck_assert_uint_eq(difference(&scene.truth->sessions[SCENE_TWO]), MEMBER_CID);
}
END_TEST

START_TEST(cids_that_are_each_other_s_reverse)
{
    struct truth_session *known = &scene.truth->sessions[SCENE_TWO];
    known->connections[0].cid = 0x0102;
    known->connections[1].cid = 0x0201;
    for (size_t i = 0; i < 2; i++) {
        uint8_t *cid = scene_connection(&scene, fetch, SCENE_TWO, i, scene.abi->cid);
        cid[0] = (uint8_t)(i + 1);
        cid[1] = (uint8_t)(2 - i);
    }
    ck_assert_uint_eq(difference(known), 0);
}
END_TEST

// The only connection's ends are told without its CID; those of one of several are not.
START_TEST(the_ends_of_a_connection_with_another_cid)
{
    const struct truth_session *sessions = scene.truth->sessions;
    scene_connection(&scene, fetch, SCENE_ONE, 0, scene.abi->cid)[0] ^= 4;
    scene_connection(&scene, fetch, SCENE_ONE, 0, scene.abi->initiator_socket)[0] ^= 4;
    struct listing *listing = decode(fetch);
    ck_assert_uint_eq(session_difference(&listing->sessions[SCENE_ONE], &sessions[SCENE_ONE]),
                      MEMBER_CID | MEMBER_INITIATOR_PORT);
    ck_assert_uint_eq(session_difference(&listing->sessions[SCENE_ONE], &sessions[SCENE_TWO]) &
                          MEMBER_INITIATOR_PORT,
                      0);
    listing_free(listing);
}
END_TEST

START_TEST(a_tsid_in_either_order)
{
    static const uint8_t known[2] = {1, 2};
    static const uint8_t right[][2] = {{1, 2}, {2, 1}};
    static const uint8_t wrong[][2] = {{1, 1}, {2, 2}, {1, 3}, {3, 2}, {2, 3}, {3, 1}};
    for (size_t i = 0; i < 2; i++)
        ck_assert(same_tsid(right[i], known));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert(!same_tsid(wrong[i], known));
}
END_TEST

START_TEST(each_member_has_its_clause)
{
    for (unsigned member = 1; member <= MEMBER_CONNECTION_ID; member *= 2) {
        ck_assert_uint_eq(member_first(member), member);
        ck_assert_uint_eq(member_first(member | MEMBER_CONNECTION_ID), member);
        ck_assert_str_ne(member_name((enum member)member), "?");
        ck_assert_ptr_nonnull(clause_find(member_clause((enum member)member)));
    }
    ck_assert_str_eq(member_clause(MEMBER_PRESENCE), "CONTENT-1");
}
END_TEST

START_TEST(each_deviation_is_of_one_clause_and_one_profile)
{
    ck_assert(profile_exists("documented") == 1 && profile_exists("windows") == 1);
    ck_assert_int_eq(profile_exists("none"), 0);
    for (const struct deviation *one = deviations; one->id != NULL; one++) {
        ck_assert_ptr_nonnull(clause_find(one->clause));
        ck_assert_ptr_eq(deviation_tolerated(one->id, one->clause, one->profile), one);
        ck_assert_ptr_null(deviation_tolerated(one->id, one->clause, "documented"));
        ck_assert_ptr_null(deviation_tolerated(one->id, "STATUS-2", one->profile));
        ck_assert_ptr_null(deviation_tolerated("none", one->clause, one->profile));
    }
    ck_assert_ptr_null(deviation_tolerated(NULL, "SIZE-3", "windows"));
}
END_TEST

START_TEST(each_clause_is_of_one_group)
{
    for (size_t i = 0; clause_groups[i] != NULL; i++) {
        const struct clause_group *group = clause_groups[i];
        ck_assert_ptr_eq(clause_group_find(group->name), group);
        for (size_t j = 0; j < group->count; j++) {
            ck_assert_ptr_eq(clause_group_of(&group->clauses[j]), group);
            ck_assert_ptr_eq(clause_find(group->clauses[j].id), &group->clauses[j]);
        }
    }
    ck_assert_ptr_null(clause_find("SIZE-0"));
    ck_assert_ptr_null(clause_group_find("NONE"));
}
END_TEST

// ---- Programs

// What a program does, told how its calls are answered: the call that it makes after `count`
// answers, or how it ended.
struct answers {
    uint32_t status;
    uint32_t size;
    uint32_t count;
};

static enum caller_end after(const char *probe_set, const struct answers *answers, size_t count,
                             struct call *call)
{
    const struct caller *caller = callers;
    while (strcmp(caller->probe_set, probe_set) != 0)
        caller++;
    struct caller_state state = {.structure_size = 64, .required = 30000};
    enum caller_end end = caller_next(caller, &state, call);
    for (size_t i = 0; i < count && end == CALLER_CALLS; i++) {
        const struct outcome outcome = {.status = answers[i].status,
                                        .size_out = answers[i].size,
                                        .count_out = answers[i].count};
        caller_answer(&state, call, &outcome);
        end = caller_next(caller, &state, call);
    }
    return end;
}

START_TEST(what_programs_call_first)
{
    static const struct {
        const char *probe_set;
        enum placement placement;
        uint32_t offered;
        uint32_t count;
    } first[] = {{"caller-os-win", PLACE_END, 0, 0},
                 {"caller-go-win-iscsidsc", PLACE_END, 100001, 0},
                 {"caller-go-win-iscsidsc-small", PLACE_END, 2, 0},
                 {"caller-hpe", PLACE_NULL, 0, 0},
                 {"caller-flydisk", PLACE_NULL, 0, 0},
                 {"caller-go-server", PLACE_NULL, 0, 0},
                 {"caller-lisp", PLACE_END, 34096, 0xCDCDCDCD},
                 {"caller-reservations", PLACE_END, 3200, 50},
                 {"caller-replication", PLACE_END, 1024, 0}};
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        struct call call = {0};
        ck_assert_int_eq(after(first[i].probe_set, NULL, 0, &call), CALLER_CALLS);
        ck_assert_int_eq(call.placement, first[i].placement);
        ck_assert_uint_eq(call.offered, first[i].offered);
        ck_assert_uint_eq(call.count_in, first[i].count);
        ck_assert_uint_eq(call.repeat, 1);
    }
}
END_TEST

START_TEST(what_programs_make_of_answers)
{
    static const struct {
        const char *probe_set;
        size_t count;
        struct answers answers[9];
        enum caller_end end;
        uint32_t offered;
    } cases[] = {
        {"caller-os-win", 1, {{122, 500, 3}}, CALLER_CALLS, 500},
        {"caller-os-win", 1, {{0x8007007A, 500, 3}}, CALLER_CALLS, 500},
        {"caller-os-win", 1, {{123, 500, 3}}, CALLER_GIVES_UP, 0},
        {"caller-os-win", 2, {{122, 500, 3}, {0, 500, 3}}, CALLER_HAS_LIST, 0},
        {"caller-go-win-iscsidsc", 1, {{0, 100001, 3}}, CALLER_HAS_LIST, 0},
        {"caller-go-win-iscsidsc", 1, {{0, 100002, 3}}, CALLER_GIVES_UP, 0},
        {"caller-go-win-iscsidsc-small", 1, {{122, 2, 3}}, CALLER_GIVES_UP, 0},
        {"caller-go-win-iscsidsc-small", 1, {{122, 3, 3}}, CALLER_CALLS, 3},
        {"caller-go-win-iscsidsc-small", 1, {{5, 2, 3}}, CALLER_GIVES_UP, 0},
        {"caller-hpe", 1, {{122, 500, 0}}, CALLER_SEES_NONE, 0},
        {"caller-hpe", 1, {{122, 500, 1}}, CALLER_CALLS, 500 + 16384},
        {"caller-hpe", 1, {{0, 0, 0}}, CALLER_SEES_NONE, 0},
        {"caller-hpe", 1, {{0, 0, 1}}, CALLER_CALLS, 16384},
        {"caller-hpe", 1, {{5, 500, 1}}, CALLER_GIVES_UP, 0},
        {"caller-hpe", 2, {{122, 500, 1}, {0, 500, 1}}, CALLER_HAS_LIST, 0},
        {"caller-hpe",
         5,
         {{122, 1, 1}, {122, 1, 1}, {122, 1, 1}, {122, 1, 1}, {122, 1, 1}},
         CALLER_CALLS,
         16385},
        {"caller-hpe",
         6,
         {{122, 1, 1}, {122, 1, 1}, {122, 1, 1}, {122, 1, 1}, {122, 1, 1}, {122, 1, 1}},
         CALLER_GIVES_UP,
         0},
        {"caller-flydisk", 1, {{122, 0, 3}}, CALLER_SEES_NONE, 0},
        {"caller-flydisk", 1, {{122, 1, 0}}, CALLER_CALLS, 1},
        {"caller-flydisk", 2, {{122, 500, 3}, {122, 500, 3}}, CALLER_GIVES_UP, 0},
        {"caller-flydisk", 2, {{122, 500, 3}, {0, 500, 3}}, CALLER_HAS_LIST, 0},
        {"caller-go-server", 1, {{122, 500, 0}}, CALLER_SEES_NONE, 0},
        {"caller-go-server", 1, {{122, 0, 3}}, CALLER_SEES_NONE, 0},
        {"caller-go-server", 1, {{122, 1, 1}}, CALLER_CALLS, 1},
        {"caller-go-server", 2, {{122, 500, 3}, {5, 500, 3}}, CALLER_GIVES_UP, 0},
        {"caller-lisp", 1, {{122, 500, 3}}, CALLER_GIVES_UP, 0},
        {"caller-lisp", 1, {{0, 500, 3}}, CALLER_HAS_LIST, 0},
        {"caller-reservations", 1, {{122, 4000, 3}}, CALLER_CALLS, 4000},
        {"caller-reservations", 1, {{0, 500, 3}}, CALLER_HAS_LIST, 0},
        {"caller-replication", 1, {{122, 4000, 3}}, CALLER_CALLS, 4000},
        {"caller-replication", 1, {{0, 500, 3}}, CALLER_HAS_LIST, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct call call = {0};
        enum caller_end end = after(cases[i].probe_set, cases[i].answers, cases[i].count, &call);
        ck_assert_msg(end == cases[i].end, "case %zu of %s: %d", i, cases[i].probe_set, end);
        if (end == CALLER_CALLS)
            ck_assert_uint_eq(call.offered, cases[i].offered);
    }
}
END_TEST

START_TEST(a_program_that_never_ends)
{
    struct answers answers[CALLER_CALLS_MAX];
    struct call call = {0};
    for (size_t i = 0; i < CALLER_CALLS_MAX; i++)
        answers[i] = (struct answers){ERROR_INSUFFICIENT_BUFFER, 500, 3};
    ck_assert_int_eq(after("caller-os-win", answers, CALLER_CALLS_MAX - 1, &call), CALLER_CALLS);
    ck_assert_int_eq(after("caller-os-win", answers, CALLER_CALLS_MAX, &call), CALLER_NEVER_ENDS);
    struct call fetch_call = {0};
    after("caller-flydisk", answers, 1, &fetch_call);
    ck_assert_uint_eq(fetch_call.count_in, 500 / 64);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        each_member_differs_by_itself,
        a_fact_that_is_not_known_does_not_differ,
        each_member_makes_another_list,
        each_pointer_makes_another_arrangement,
        lists_of_another_length,
        identifiers_that_are_repeated,
        cids_that_are_all_reversed,
        cids_that_are_each_other_s_reverse,
        the_ends_of_a_connection_with_another_cid,
        a_tsid_in_either_order,
        each_member_has_its_clause,
        each_deviation_is_of_one_clause_and_one_profile,
        each_clause_is_of_one_group,
        what_programs_call_first,
        what_programs_make_of_answers,
        a_program_that_never_ends,
    };
    Suite *suite = suite_create("limits_members");
    TCase *limits = tcase_create("limits_members");
    tcase_add_checked_fixture(limits, set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
