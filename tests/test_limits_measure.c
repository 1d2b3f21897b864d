// SPDX-License-Identifier: Apache-2.0
// How much room sessions take: texts of one byte and of many, in UTF-8, in another code page, in
// UTF-16; texts that are the same, and texts that are not known.
#include "conformance/judge/abi.h"
#include "conformance/judge/measure.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { SESSION = 64, CONNECTION = 40, ADDRESS = 10 }; // "127.0.0.1" with its terminator

// One session between these two, with or without a connection.
static struct measure measure(const char *initiator, const char *target, size_t connections,
                              unsigned unknown, enum charset charset, uint32_t code_page)
{
    struct truth_connection connection = {
        .initiator_address = "127.0.0.1", .target_address = "127.0.0.1", .unknown = unknown};
    struct truth_session session = {.initiator_name = (char *)initiator,
                                    .target_node_name = (char *)target,
                                    .target_name = (char *)target,
                                    .connection_count = connections,
                                    .connections = &connection};
    const struct truth truth = {.session_count = 1, .sessions = &session};
    struct measure result;
    ck_assert_int_eq(measure_truth_in(&result, &truth, abi_of(8), charset, code_page), 0);
    return result;
}

static void expect_names(const char *name, enum charset charset, uint32_t code_page, uint64_t least,
                         uint64_t whole)
{
    struct measure got = measure(name, "t", 0, 0, charset, code_page);
    uint64_t target = charset == CHARSET_A ? 2 : 4;
    ck_assert_msg(got.least == SESSION + target + least, "%s in code page %u: least %llu", name,
                  code_page, (unsigned long long)got.least);
    ck_assert_msg(got.whole == SESSION + 2 * target + whole, "%s in code page %u: whole %llu", name,
                  code_page, (unsigned long long)got.whole);
    ck_assert_uint_eq(got.pieces, 4);
}

START_TEST(names_in_utf_8)
{
    expect_names("", CHARSET_A, 65001, 1, 1);
    expect_names("abc", CHARSET_A, 65001, 4, 4);
    expect_names("\u00e4\u20ac\U0001F600", CHARSET_A, 65001, 10, 10);
    expect_names("\u00e4\u20ac\U0001F600", CHARSET_A, 0, 10, 10);
}
END_TEST

START_TEST(names_in_another_code_page)
{
    expect_names("abc\x7f", CHARSET_A, 1252, 5, 5);
    // At most 4 bytes for each character beyond ASCII, and one for the others.
    expect_names("\xc2\x80", CHARSET_A, 1252, 0, 5);
    expect_names("a\u00e4b", CHARSET_A, 1252, 0, 7);
    expect_names("\u20ac\U0001F600\u07ff", CHARSET_A, 932, 0, 13);
    expect_names("\u00bf\u00ff\u0101", CHARSET_A, 1, 0, 13);
}
END_TEST

START_TEST(names_in_utf_16)
{
    expect_names("abc", CHARSET_W, 1252, 8, 8);
    expect_names("\u00e4", CHARSET_W, 1252, 4, 4);
    expect_names("\uffee", CHARSET_W, 1252, 4, 4); // begins with EF in UTF-8
    expect_names("\U00010000", CHARSET_W, 1252, 6, 6);
}
END_TEST

START_TEST(texts_that_are_the_same)
{
    struct measure got = measure("n", "n", 1, 0, CHARSET_A, 65001);
    ck_assert_uint_eq(got.least, SESSION + CONNECTION + 2 + ADDRESS);
    ck_assert_uint_eq(got.whole, SESSION + CONNECTION + 3 * 2 + 2 * ADDRESS);
    ck_assert_uint_eq(got.initiator_addresses, ADDRESS);
    ck_assert_uint_eq(got.pieces, 7);
}
END_TEST

START_TEST(texts_that_are_not_known)
{
    enum { LONGEST = 256 };
    struct measure got = measure("n", "t", 1, FACT_INITIATOR_ADDRESS, CHARSET_A, 65001);
    ck_assert_uint_eq(got.least, SESSION + CONNECTION + 2 * 2 + ADDRESS);
    ck_assert_uint_eq(got.whole, SESSION + CONNECTION + 3 * 2 + ADDRESS + LONGEST);
    got = measure("n", "t", 1, FACT_INITIATOR_ADDRESS | FACT_TARGET_ADDRESS, CHARSET_W, 65001);
    ck_assert_uint_eq(got.least, SESSION + CONNECTION + 2 * 4);
    ck_assert_uint_eq(got.whole, SESSION + CONNECTION + 3 * 4 + 2 * 2 * LONGEST);
}
END_TEST

START_TEST(no_sessions)
{
    const struct truth truth = {0};
    struct measure got;
    ck_assert_int_eq(measure_truth(&got, &truth, abi_of(8), CHARSET_A), 0);
    ck_assert_uint_eq(got.pieces, 0);
    ck_assert_uint_eq(got.whole, 0);
    ck_assert_uint_eq(got.least, 0);
}
END_TEST

// Its structures have no texts.
START_TEST(sessions_of_ex)
{
    struct truth_connection connection = {.initiator_address = "127.0.0.1",
                                          .target_address = "127.0.0.1"};
    struct truth_session session = {.initiator_name = (char *)"n",
                                    .target_node_name = (char *)"t",
                                    .connection_count = 1,
                                    .connections = &connection};
    const struct truth truth = {.session_count = 1, .sessions = &session};
    struct measure got;
    const struct abi *abi = abi_of_function(8, CHARSET_EX);
    ck_assert_int_eq(measure_truth(&got, &truth, abi, CHARSET_EX), 0);
    ck_assert_uint_eq(got.whole, 56 + 48);
    ck_assert_uint_eq(got.least, 56 + 48);
    ck_assert_uint_eq(got.pieces, 2);
    ck_assert_uint_eq(got.initiator_addresses, 0);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        names_in_utf_8,          names_in_another_code_page, names_in_utf_16,
        texts_that_are_the_same, texts_that_are_not_known,   no_sessions,
        sessions_of_ex,
    };
    Suite *suite = suite_create("limits_measure");
    TCase *limits = tcase_create("limits_measure");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
