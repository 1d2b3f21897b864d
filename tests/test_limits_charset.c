// SPDX-License-Identifier: Apache-2.0
// Lists of A and of W that differ in one place, or only seem to, and what the clauses about
// character sets say of them.
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

static struct record *narrow; // of A
static struct record *wide;   // of W

static void set_up(void)
{
    scene_set_up_quiet();
    narrow = scene_record(&scene, "fetch", CHARSET_A, 0);
    wide = scene_record(&scene, "fetch", CHARSET_W, 0);
}

static uint8_t *text(struct record *record, size_t session, uint32_t offset)
{
    return scene_text(&scene, record, scene_member(&scene, record, session, offset));
}

// The session with one connection claims two; in this list `decoded` of them lie within the bytes,
// at their end. The strings that stood there are now shared with that session.
static void claim_two(struct record *record, uint32_t decoded)
{
    const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                              scene.abi->target_name};
    size_t size = scene.abi->connection_size;
    size_t at = record->outcome.byte_count - decoded * size;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        memcpy(scene_member(&scene, record, SCENE_NONE, names[i]),
               scene_member(&scene, record, SCENE_ONE, names[i]), 8);
    uint8_t *bytes = scene_member(&scene, record, 0, 0);
    const uint8_t *first = scene_connection(&scene, record, SCENE_ONE, 0, 0);
    for (size_t i = 0; i < decoded; i++) {
        memmove(bytes + at + i * size, first, size);
        bytes[at + i * size + scene.abi->cid + 1] += (uint8_t)i;
    }
    scene_point(record, scene_member(&scene, record, SCENE_ONE, scene.abi->connections), at);
    *scene_member(&scene, record, SCENE_ONE, scene.abi->connection_count) = 2;
}

START_TEST(connections_that_only_one_of_both_has_room_for)
{
    for (uint32_t decoded = 1; decoded <= 2; decoded++) {
        claim_two(narrow, decoded);
        claim_two(wide, 3 - decoded);
        expect_of_w("CHARSET-1", VERDICT_PASS); // LAYOUT-4's business
        expect_of_w("CHARSET-2", VERDICT_PASS);
        scene_tear_down();
        set_up();
    }
}
END_TEST

// Two sessions of the same ISID and TSIH without connections, of which one has no TargetName that
// can be read.
START_TEST(sessions_that_differ_in_a_name_that_can_not_be_read)
{
    for (size_t without = 0; without < 2; without++) {
        reopen(2);
        struct truth_session *sessions = scene.truth->sessions;
        memcpy(sessions[1].isid, sessions[0].isid, sizeof sessions[0].isid);
        memcpy(sessions[1].tsid, sessions[0].tsid, sizeof sessions[0].tsid);
        sessions[0].connection_count = sessions[1].connection_count = 0;
        for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
            struct record *record = scene_call(&scene, "fetch", (enum charset)charset, PLACE_END,
                                               scene_required(&scene, (enum charset)charset));
            memset(scene_member(&scene, record, without, scene.abi->target_name), 0, 8);
        }
        uint8_t kept[64];
        ck_assert_uint_eq(sizeof kept, scene.abi->session_size);
        wide = scene_record(&scene, "fetch", CHARSET_W, 0);
        memcpy(kept, scene_member(&scene, wide, 0, 0), sizeof kept);
        memcpy(scene_member(&scene, wide, 0, 0), scene_member(&scene, wide, 1, 0), sizeof kept);
        memcpy(scene_member(&scene, wide, 1, 0), kept, sizeof kept);
        expect_of_w("CHARSET-1", VERDICT_PASS);
        expect_of_w("CHARSET-2", VERDICT_PASS);
    }
}
END_TEST

START_TEST(a_name_that_would_come_first)
{
    text(wide, SCENE_NONE, scene.abi->target_name)[0] = 'a';
    expect_of_w("CHARSET-1", VERDICT_PASS);
    expect_told_of_w("CHARSET-2", VERDICT_FAIL, "TargetName is \"iqn.2004-01.com.example:Disk2\"");
}
END_TEST

START_TEST(the_first_list_of_each_is_compared)
{
    scene_refuse(&scene, narrow, ERROR_INSUFFICIENT_BUFFER);
    scene_refuse(&scene, wide, ERROR_INSUFFICIENT_BUFFER);
    expect_of_w("CHARSET-1", VERDICT_PASS);
    struct record *next = scene_record(&scene, "fetch", CHARSET_W, 1);
    *scene_member(&scene, next, SCENE_ONE, scene.abi->isid) ^= 1;
    expect_of_w("CHARSET-1", VERDICT_FAIL);
}
END_TEST

START_TEST(one_of_both_gave_no_list)
{
    static const char *const told[] = {"GetIScsiSessionListA gave", "GetIScsiSessionListW gave"};
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        for (size_t i = 0; i < scene.transcript->record_count; i++) {
            struct record *record = &scene.transcript->records[i];
            if (record->call.charset == charset)
                scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
        }
        expect_told_of_w("CHARSET-1", VERDICT_SKIP, told[charset]);
        expect_told_of_w("CHARSET-2", VERDICT_SKIP, told[charset]);
        scene_tear_down();
        set_up();
    }
}
END_TEST

START_TEST(the_first_session_that_differs_is_told)
{
    *scene_member(&scene, wide, SCENE_ONE, scene.abi->isid + 4) ^= 1;
    *scene_member(&scene, wide, SCENE_NONE, scene.abi->isid + 4) ^= 2;
    expect_told_of_w("CHARSET-1", VERDICT_FAIL, "ISID 800102030501");
    struct verdict verdict = scene_judge(&scene, "CHARSET-1", CHARSET_W);
    ck_assert_str_eq(verdict.expected, "the same sessions from A and from W");
    ck_assert_str_eq(scene_judge(&scene, "CHARSET-2", CHARSET_W).expected, "");
}
END_TEST

START_TEST(a_pointer_of_one_of_both_that_leads_nowhere)
{
    struct record *records[] = {narrow, wide};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *name = scene_member(&scene, records[i], SCENE_ONE, scene.abi->initiator_name);
        uint8_t kept[8];
        memcpy(kept, name, sizeof kept);
        memset(name, 0, sizeof kept);
        expect_of_w("CHARSET-2", VERDICT_PASS); // LAYOUT-2's business
        memcpy(name, kept, sizeof kept);
    }
}
END_TEST

START_TEST(texts_that_can_not_be_read)
{
    uint8_t *of_a = text(narrow, SCENE_ONE, scene.abi->initiator_name);
    uint8_t *of_w = text(wide, SCENE_ONE, scene.abi->initiator_name);
    uint8_t kept = of_a[0];
    of_a[0] = 0xFF;
    expect_told_of_w("CHARSET-2", VERDICT_FAIL, "\"(not of its code page)\" in A");
    of_w[1] = 0xDC; // neither can be read: other clauses' business
    expect_of_w("CHARSET-2", VERDICT_PASS);
    of_a[0] = kept;
    expect_told_of_w("CHARSET-2", VERDICT_FAIL, "Host1\" in A");
    ck_assert_str_eq(scene_judge(&scene, "CHARSET-2", CHARSET_W).expected,
                     "\"(not UTF-16)\", as in W");
}
END_TEST

START_TEST(the_first_text_that_differs_is_told)
{
    text(wide, SCENE_TWO, scene.abi->initiator_name)[0] ^= 1;
    text(wide, SCENE_TWO, scene.abi->target_name)[0] ^= 1;
    expect_told_of_w("CHARSET-2", VERDICT_FAIL, "InitiatorName is");
}
END_TEST

START_TEST(the_first_text_that_is_not_well_formed_is_told)
{
    text(wide, SCENE_TWO, scene.abi->initiator_name)[1] = 0xDC;
    text(wide, SCENE_ONE, scene.abi->target_name)[1] = 0xDC;
    expect_told_of_w("CHARSET-4", VERDICT_WARN, "InitiatorName of session 0");
}
END_TEST

START_TEST(a_text_without_an_end_is_no_business_of_its_form)
{
    uint8_t *bytes = scene_member(&scene, wide, 0, 0);
    bytes[wide->outcome.byte_count - 2] = 'x';
    expect_of_w("LAYOUT-3", VERDICT_FAIL);
    expect_of_w("CHARSET-4", VERDICT_PASS);
    bytes[wide->outcome.byte_count - 3] = 0xDC;
    expect_of_w("CHARSET-4", VERDICT_PASS);
}
END_TEST

START_TEST(long_names_that_are_missing_and_that_are_cut)
{
    char name[224];
    reopen(1);
    memset(name, 'x', sizeof name - 1);
    name[223] = '\0';
    const struct truth_session known = {
        .initiator_name = name, .target_node_name = name, .target_name = name};
    truth_session_clear(scene.truth->sessions);
    ck_assert_int_eq(truth_session_copy(scene.truth->sessions, &known), 0);
    narrow = scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 4096);
    memset(scene_member(&scene, narrow, 0, scene.abi->target_node_name), 0, 8);
    scene_expect(&scene, "CHARSET-3", VERDICT_PASS); // other clauses' business
    scene_point(narrow, scene_member(&scene, narrow, 0, scene.abi->target_node_name),
                narrow->outcome.byte_count - 1);
    scene_expect(&scene, "CHARSET-3", VERDICT_FAIL); // an empty one
    text(narrow, 0, scene.abi->initiator_name)[222] = '\0';
    struct verdict verdict = scene_judge(&scene, "CHARSET-3", CHARSET_A);
    ck_assert_str_eq(verdict.got, "a name of 223 bytes comes out as InitiatorName of 222");
    text(narrow, 0, scene.abi->initiator_name)[222] = (uint8_t)0xFF;
    verdict = scene_judge(&scene, "CHARSET-3", CHARSET_A);
    ck_assert_str_eq(verdict.got, "a name of 223 bytes comes out as InitiatorName of 0");
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        connections_that_only_one_of_both_has_room_for,
        sessions_that_differ_in_a_name_that_can_not_be_read,
        a_name_that_would_come_first,
        the_first_list_of_each_is_compared,
        one_of_both_gave_no_list,
        the_first_session_that_differs_is_told,
        a_pointer_of_one_of_both_that_leads_nowhere,
        texts_that_can_not_be_read,
        the_first_text_that_differs_is_told,
        the_first_text_that_is_not_well_formed_is_told,
        a_text_without_an_end_is_no_business_of_its_form,
        long_names_that_are_missing_and_that_are_cut,
    };
    Suite *suite = suite_create("limits_charset");
    TCase *limits = tcase_create("limits_charset");
    tcase_add_checked_fixture(limits, set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
