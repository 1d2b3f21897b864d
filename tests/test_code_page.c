// SPDX-License-Identifier: Apache-2.0
// Texts that went through a code page: what it lacks may have become anything, the rest may not.
#include "conformance/judge/code_page.h"
#include "tests/main.h"

#include <check.h>

struct comparison {
    uint32_t code_page;
    const char *text;
    const char *known;
    bool any_case;
    bool same;
};

static const struct comparison comparisons[] = {
    // Without a code page, and in the one that has everything, nothing is replaced.
    {0, "хост", "хост", false, true},
    {0, "????", "хост", false, false},
    {65001, "????", "хост", false, false},
    {65001, "Host", "host", true, true},
    {65001, "Host", "host", false, false},
    // What the code page has stays as it is.
    {1252, "é", "é", false, true},
    {1252, "e", "é", false, false},
    {1252, "?", "é", false, false},
    {932, "主", "主", false, true},
    {932, "?", "主", false, false},
    // What it lacks: a question mark, a likeness, one or two for each half of UTF-16, not nothing.
    {1252, "a.host:????", "a.host:хост", false, true},
    {1252, "a.host:xoct", "a.host:хост", false, true},
    {1252, "a.host:???", "a.host:хост", false, false},
    {1252, "a.host:", "a.host:хост", false, false},
    {1252, "a.host:????????", "a.host:хост", false, true},
    {1252, "a.host:?????????", "a.host:хост", false, false},
    {1252, "??", "🖥", false, true},
    {1252, "????", "🖥", false, true},
    {1252, "?????", "🖥", false, false},
    {1252, "", "🖥", false, false},
    // Around it, all is compared: before, between, behind.
    {1252, "a?b?c", "aхbхc", false, true},
    {1252, "a?b?d", "aхbхc", false, false},
    {1252, "a?x?c", "aхbхc", false, false},
    {1252, "b?b?c", "aхbхc", false, false},
    {1252, "a?b?", "aхbхc", false, false},
    {1252, "a?b?ccc", "aхbхc", false, false},
    {1252, "A?B?C", "aхbхc", true, true},
    {1252, "A?B?C", "aхbхc", false, false},
    // The replacement may look like what follows.
    {1252, "bb", "хb", false, true},
    {1252, "bbb", "хb", false, true},
    {1252, "b", "хb", false, false},
    // What is no UTF-8 is a replacement as well; U+FFFF is one half of UTF-16.
    {1252,
     "a\xFF"
     "b",
     "aхb", false, true},
    {1252, "??", "\uFFFE", false, true},
    {1252, "??", "\uFFFF", false, true},
    {1252, "???", "\uFFFF", false, false},
    // A code page that there is not has nothing to excuse.
    {12345, "?", "х", false, false},
};

START_TEST(only_what_is_not_there_is_replaced)
{
    const struct comparison *one = &comparisons[_i];
    ck_assert_msg(code_page_gives(one->code_page, one->text, one->known, one->any_case) ==
                      one->same,
                  "code page %u: \"%s\" for \"%s\"", one->code_page, one->text, one->known);
    // It is a replacement where the two are not the same anyway.
    bool replaced =
        one->any_case == false && one->code_page == 1252 && one->same && one->known[0] != '\xC3';
    ck_assert(!replaced || code_page_replaced(one->code_page, one->text, one->known));
}
END_TEST

START_TEST(what_is_the_same_is_no_replacement)
{
    ck_assert(!code_page_replaced(1252, "host", "host"));
    ck_assert(!code_page_replaced(1252, "HOST", "host"));
    ck_assert(!code_page_replaced(1252, "x", "host"));
    ck_assert(code_page_replaced(1252, "?", "х"));
    ck_assert(code_page_replaced(1252, "A?", "aх")); // case does not matter in names
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("code_page");
    TCase *tests = tcase_create("code_page");
    tcase_add_loop_test(tests, only_what_is_not_there_is_replaced, 0,
                        sizeof comparisons / sizeof *comparisons);
    tcase_add_test(tests, what_is_the_same_is_no_replacement);
    suite_add_tcase(suite, tests);
    return suite;
}
