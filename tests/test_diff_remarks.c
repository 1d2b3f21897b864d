// SPDX-License-Identifier: Apache-2.0
// What makes the comparison of two results less than fair is said with it, and nothing is where
// both runs were alike.
#include "harness/result/diff.h"
#include "tests/made_result.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct planned planned[] = {
    {"one", "SIZE-1", CHECK_A, VERDICT_PASS, NULL},
    {"two", "SIZE-1", CHECK_A, VERDICT_PASS, NULL},
};

static void make_pair(struct result *before, struct result *after)
{
    *before = make_result(planned, 2);
    *after = make_result(planned, 2);
}

// Both are freed.
static void expect_remarks(struct result *before, struct result *after, const char *expected)
{
    struct diff diff;
    ck_assert_int_eq(diff_make(&diff, before, after), 0);
    ck_assert_pstr_eq(diff.remarks, expected);
    diff_free(&diff);
    result_free(before);
    result_free(after);
}

static char *copy(const char *text)
{
    char *copied = strdup(text);
    ck_assert_ptr_nonnull(copied);
    return copied;
}

START_TEST(runs_that_were_alike)
{
    struct result before;
    struct result after;
    make_pair(&before, &after);
    before.scenarios[0].digest = copy("1");
    after.scenarios[0].digest = copy("1");
    expect_remarks(&before, &after, NULL);
}
END_TEST

START_TEST(kits_profiles_and_efforts)
{
    struct result before;
    struct result after;
    make_pair(&before, &after);
    snprintf(before.kit_version, sizeof before.kit_version, "0.0.9");
    before.profile = "documented";
    after.profile = "windows";
    before.effort = NULL;
    after.effort = "full";
    after.strict = !before.strict;
    expect_remarks(&before, &after,
                   "the kit's version differs: 0.0.9 before, " TCK_VERSION " now\n"
                   "the profile differs: documented before, windows now\n"
                   "the effort differs: unknown before, full now\n"
                   "should clauses count as must now only");
    make_pair(&before, &after);
    before.strict = !after.strict;
    expect_remarks(&before, &after, "should clauses count as must before only");
}
END_TEST

START_TEST(runs_that_cannot_be_trusted)
{
    struct result before;
    struct result after;
    make_pair(&before, &after);
    before.failure.status = STATUS_UNTRUSTED;
    expect_remarks(&before, &after, "the earlier run can't be trusted");
    make_pair(&before, &after);
    after.scenarios[1].finished = false;
    expect_remarks(&before, &after, "the later run can't be trusted");
}
END_TEST

START_TEST(scenarios_that_were_changed)
{
    struct result before;
    struct result after;
    make_pair(&before, &after);
    before.scenarios[1].digest = copy("1");
    after.scenarios[1].digest = copy("2");
    expect_remarks(&before, &after, "the file of scenario two is another one");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("diff_remarks");
    TCase *tests = tcase_create("remarks");
    tcase_add_test(tests, runs_that_were_alike);
    tcase_add_test(tests, kits_profiles_and_efforts);
    tcase_add_test(tests, runs_that_cannot_be_trusted);
    tcase_add_test(tests, scenarios_that_were_changed);
    suite_add_tcase(suite, tests);
    return suite;
}
