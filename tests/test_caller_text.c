// SPDX-License-Identifier: Apache-2.0
// The names that callers hand to the reference: read as UTF-8, or refused where they are no text or
// do not fit.
#include "conformance/reference/caller_text.h"
#include "tests/main.h"

#include <check.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

enum { ROOM = 16 };

struct reading {
    uint16_t units[10];
    const char *utf8; // NULL: refused
};

static const struct reading readings[] = {
    {{'i', 'q', 'n', 0}, "iqn"},
    {{0}, ""},
    {{0x7F, 0x80, 0x7FF, 0x800, 0}, "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80"},
    {{0xD7FF, 0xE000, 0xFFFF, 0}, "\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"},
    {{0xD800, 0xDC00, 0xDBFF, 0xDFFF, 0}, "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
    {{0xDC00, 0}, NULL},         // the second half alone
    {{0xDC00, 0xDC00, 0}, NULL}, // twice
    {{0xD800, 0}, NULL},         // the first alone, at the end
    {{0xD800, 'x', 0}, NULL},    // and before another character
    {{0xD800, 0xE000, 0}, NULL}, // which is no half
    {{0x800, 0x800, 0x800, 0x800, 0x800, 0},
     "\xE0\xA0\x80\xE0\xA0\x80\xE0\xA0\x80\xE0\xA0\x80"
     "\xE0\xA0\x80"}, // just fits
    {{0x800, 0x800, 0x800, 0x800, 0x800, 'x', 0}, NULL},
    {{'1', '2', '3', '4', '5', '6', '7', '8', '9', '0'}, NULL}, // no end
};

START_TEST(wide_text)
{
    const struct reading *reading = &readings[_i];
    char utf8[ROOM + 1];
    memset(utf8, '#', sizeof utf8);
    bool taken =
        caller_text_read(LIST_CHARSET_W, reading->units, COUNT_OF(reading->units), utf8, ROOM);
    ck_assert_int_eq(taken, reading->utf8 != NULL);
    if (taken)
        ck_assert_str_eq(utf8, reading->utf8);
    ck_assert_int_eq(utf8[ROOM], '#');
}
END_TEST

static const struct {
    const char *from;
    bool taken;
} narrow[] = {
    {"iqn.2024-01.test:\xC3\xA4", false}, // longer than there is room for
    {"iqn.test:\xC3\xA4", true},
    {"0123456789abcde", true}, // just fits
    {"0123456789abcdef", false},
    {"\xC3", false},         // cut
    {"\xED\xA0\x80", false}, // half a pair
    {"", true},
};

START_TEST(narrow_text)
{
    char utf8[ROOM + 1];
    memset(utf8, '#', sizeof utf8);
    bool taken =
        caller_text_read(LIST_CHARSET_A, narrow[_i].from, strlen(narrow[_i].from) + 1, utf8, ROOM);
    ck_assert_int_eq(taken, narrow[_i].taken);
    if (taken)
        ck_assert_str_eq(utf8, narrow[_i].from);
    ck_assert_int_eq(utf8[ROOM], '#');
    ck_assert(!caller_text_read(LIST_CHARSET_A, "no end", 6, utf8, ROOM));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("caller_text");
    TCase *tests = tcase_create("reading");
    tcase_add_loop_test(tests, wide_text, 0, (int)COUNT_OF(readings));
    tcase_add_loop_test(tests, narrow_text, 0, (int)COUNT_OF(narrow));
    suite_add_tcase(suite, tests);
    return suite;
}
