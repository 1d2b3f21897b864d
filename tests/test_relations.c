// SPDX-License-Identifier: Apache-2.0
// What reports say of several failures together: causes before consequences, small scenarios before
// large ones, all ways of one clause, what was left out; and the table that decides what is a
// consequence.
#include "conformance/base/text.h"
#include "conformance/clauses/groups.h"
#include "conformance/judge/consequence.h"
#include "harness/report/junit.h"
#include "harness/report/tap.h"
#include "harness/report/terminal.h"
#include "harness/result/result.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- The table

static const char *const sets[] = {"fetch", "repeat", "caller-hpe", "fills"};

enum { SET_COUNT = sizeof sets / sizeof sets[0] };

static bool follows(const struct clause *one, const struct clause *other,
                    const struct record *record)
{
    const struct verdict verdict = {.kind = VERDICT_FAIL, .record = record};
    const struct finding finding = {one, &verdict, 1};
    const struct finding cause = {other, &verdict, 1};
    return is_consequence(&finding, &cause);
}

// Of two findings of the same call at most one is the other's consequence.
START_TEST(no_two_clauses_are_each_other_s_consequence)
{
    const struct record record = {.probe_set = sets[_i], .outcome = {.kind = OUTCOME_FAULT}};
    for (size_t i = 0; clause_groups[i] != NULL; i++)
        for (size_t j = 0; j < clause_groups[i]->count; j++)
            for (size_t k = 0; clause_groups[k] != NULL; k++)
                for (size_t l = 0; l < clause_groups[k]->count; l++) {
                    const struct clause *one = &clause_groups[i]->clauses[j];
                    const struct clause *other = &clause_groups[k]->clauses[l];
                    ck_assert_msg(!follows(one, other, &record) || !follows(other, one, &record),
                                  "%s and %s", one->id, other->id);
                }
}
END_TEST

START_TEST(only_what_counts_is_a_cause)
{
    static const struct record record = {.probe_set = "fetch"};
    struct verdict own = {.kind = VERDICT_FAIL, .record = &record};
    struct verdict other = own;
    const struct finding finding = {clause_find("SIZE-2"), &own, 7};
    struct finding cause = {clause_find("STATUS-1"), &other, 7};
    ck_assert(is_consequence(&finding, &cause));
    other.kind = VERDICT_WARN; // a should explains no must
    ck_assert(!is_consequence(&finding, &cause));
    own.kind = VERDICT_WARN;
    ck_assert(is_consequence(&finding, &cause));
    other.kind = VERDICT_KNOWN;
    ck_assert(!is_consequence(&finding, &cause));
    other.kind = VERDICT_PASS;
    ck_assert(!is_consequence(&finding, &cause));
    other.kind = VERDICT_FAIL;
    own.kind = VERDICT_PASS;
    ck_assert(!is_consequence(&finding, &cause));
    own.kind = VERDICT_FAIL;
    cause.clause = clause_find("CONTENT-2");
    ck_assert(!is_consequence(&finding, &cause));
}
END_TEST

// ---- Reports

enum { CHECKS = 3 };

static void set_check(struct check *check, const char *clause, enum verdict_kind kind,
                      const char *got)
{
    *check = (struct check){.clause = clause_find(clause), .charset = CHECK_A, .judged = true};
    check->verdict.kind = kind;
    snprintf(check->verdict.got, sizeof check->verdict.got, "%s", got);
}

static void fill(struct result *result)
{
    static const char *const names[] = {"large", "small", "medium"};
    static const size_t sizes[] = {64, 1, 7};
    *result = (struct result){.profile = "documented", .effort = "quick", .scenario_count = 3};
    result->implementation = strdup("./libx.so");
    result->scenarios = calloc(3, sizeof *result->scenarios);
    ck_assert_ptr_nonnull(result->scenarios);
    for (size_t i = 0; i < 3; i++) {
        struct scenario_result *scenario = &result->scenarios[i];
        *scenario = (struct scenario_result){.session_count = sizes[i],
                                             .check_count = CHECKS,
                                             .planned_count = CHECKS,
                                             .finished = true};
        scenario->name = strdup(names[i]);
        scenario->checks = calloc(CHECKS, sizeof *scenario->checks);
        ck_assert_ptr_nonnull(scenario->checks);
        set_check(&scenario->checks[0], "STATUS-1", VERDICT_FAIL, names[i]);
        set_check(&scenario->checks[1], "SIZE-2", VERDICT_FAIL, "122 for 211 bytes");
        set_check(&scenario->checks[2], "CHANGE-1", VERDICT_PASS, "");
        scenario->checks[1].verdict.consequence_of = "STATUS-1";
        snprintf(scenario->checks[2].verdict.left_out, 100, "TargetName (CONTENT-3)");
    }
}

static char *terminal_text(const struct result *result)
{
    char *text = NULL;
    size_t size = 0;
    struct reporter reporter;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(report_terminal(&reporter, stream, false, NULL), 0);
    reporter.run_ends(reporter.argument, result);
    report_terminal_free(&reporter);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

static void expect_in(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in:\n%s", part, text);
}

static void expect_not_in(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in:\n%s", part, text);
}

START_TEST(the_smallest_scenario_comes_first)
{
    struct result result;
    fill(&result);
    char *text = terminal_text(&result);
    expect_in(text, "\nFAIL  STATUS-1  a sufficient buffer gives ERROR_SUCCESS\n"
                    "  where     scenario small, A\n  got       small\n");
    expect_in(text, "\n  also in   medium (A), large (A)\n");
    free(text);
    result_free(&result);
}
END_TEST

START_TEST(consequences_stand_under_their_cause)
{
    struct result result;
    fill(&result);
    char *text = terminal_text(&result);
    expect_in(text, "\n  probably its consequences, which count all the same:\n"
                    "    FAIL  SIZE-2  122 for 211 bytes: small (A), medium (A), large (A)\n");
    expect_not_in(text, "\nFAIL  SIZE-2");
    expect_in(text,
              "what does not hold: STATUS-1; probably by that, too: SIZE-2 (exit status 1)\n");
    expect_in(text, "3 passed, 6 failed");
    expect_in(text,
              "note  compared without TargetName (CONTENT-3), wrong or tolerated already while "
              "nothing changes: CHANGE-1\n");
    free(text);
    // In one scenario the cause is waived: there it stands alone, in the others it does not.
    result.scenarios[1].checks[0].verdict.kind = VERDICT_KNOWN;
    text = terminal_text(&result);
    expect_in(
        text,
        "\nFAIL  SIZE-2  exactly the size required is enough\n  where     scenario small, A\n");
    expect_in(text, "\n  cause     STATUS-1, which is known\n");
    expect_in(text, "    FAIL  SIZE-2  122 for 211 bytes: medium (A), large (A)\n");
    free(text);
    ck_assert_int_eq(result_exit_status(&result), 1);
    // A consequence counts by itself.
    for (size_t i = 0; i < 3; i++)
        result.scenarios[i].checks[0].verdict.kind = VERDICT_PASS;
    ck_assert_int_eq(result_exit_status(&result), 1);
    result_free(&result);
}
END_TEST

START_TEST(all_ways_are_listed)
{
    struct result result;
    fill(&result);
    set_check(&result.scenarios[1].checks[0], "FAULT-1", VERDICT_FAIL, "0 (ERROR_SUCCESS)");
    snprintf(result.scenarios[1].checks[0].verdict.ways, 200,
             "the table is missing: 0 (ERROR_SUCCESS)\na folder is in the table's place: a fault");
    char *text = terminal_text(&result);
    expect_in(text, "\n  ways      the table is missing: 0 (ERROR_SUCCESS)\n"
                    "            a folder is in the table's place: a fault\n");
    free(text);
    result_free(&result);
}
END_TEST

static char *written(const struct result *result,
                     int (*write)(const struct result *, const char *, struct failure *))
{
    char path[] = "/tmp/tck-relations-XXXXXX";
    struct failure failure = {0};
    size_t size = 0;
    char *text = NULL;
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    ck_assert_msg(write(result, path, &failure) == 0, "%s", failure.text);
    FILE *file = fopen(path, "r");
    ck_assert(file != NULL && getdelim(&text, &size, '\0', file) > 0);
    fclose(file);
    unlink(path);
    return text;
}

START_TEST(other_reports_say_so_too)
{
    struct result result;
    fill(&result);
    char *text = written(&result, report_tap_write);
    expect_in(text, "      probable_cause: \"STATUS-1 (A)\"\n");
    expect_in(text, "      probable_consequences: \"SIZE-2 (A)\"\n");
    expect_in(text, "    # left out: TargetName (CONTENT-3)\n");
    free(text);
    text = written(&result, report_junit_write);
    expect_in(text, "message=\"(probable consequence of STATUS-1 (A)) got 122 for 211 bytes\"");
    expect_in(text, "probable consequence of: STATUS-1 (A)\n");
    expect_in(text, "probable consequences: SIZE-2 (A)\n");
    expect_in(text, "left out: TargetName (CONTENT-3)\n");
    free(text);
    result_free(&result);
}
END_TEST

// No CI system shows a run as passed that left a must without a verdict.
START_TEST(an_unjudged_must_is_an_error_in_junit)
{
    struct result result;
    fill(&result);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < CHECKS; j++)
            result.scenarios[i].checks[j].verdict = (struct verdict){.kind = VERDICT_PASS};
    char *text = written(&result, report_junit_write);
    expect_not_in(text, "<error");
    free(text);
    result.scenarios[2].checks[1].verdict =
        (struct verdict){.kind = VERDICT_SKIP, .blocked_by = BLOCKED_BY_ANY};
    ck_assert_int_eq(result_exit_status(&result), 3);
    text = written(&result, report_junit_write);
    expect_in(text, "<error message=\"the run can't be trusted\"");
    expect_in(text, "1 check that must hold could not be judged");
    free(text);
    result_free(&result);
}
END_TEST

// ---- Names

START_TEST(long_names_are_shortened_in_the_middle)
{
    char room[TEXT_SHORT_SIZE];
    char name[224];
    memset(name, 'a', sizeof name - 1);
    name[223] = '\0';
    memcpy(name, "iqn.2004-01.com.example:", 24);
    memcpy(name + 220, "xyz", 3);
    ck_assert_str_eq(text_shorten("iqn.2004-01.com.example:disk", room),
                     "iqn.2004-01.com.example:disk");
    const char *shortened = text_shorten(name, room);
    ck_assert_uint_lt(strlen(shortened), TEXT_SHORT_SIZE);
    ck_assert_int_eq(strncmp(shortened, "iqn.2004-01.com.example:", 24), 0);
    ck_assert_str_eq(shortened + strlen(shortened) - 3, "xyz");
    expect_in(shortened, "...");
    // Characters stay whole: two bytes each, begun at an even and at an odd place.
    for (size_t first = 0; first < 2; first++) {
        for (size_t i = first; i + 1 < sizeof name; i += 2)
            memcpy(name + i, "\xC3\xA9", 2);
        memset(name, 'b', first);
        name[sizeof name - 1 - (sizeof name - 1 - first) % 2] = '\0';
        shortened = text_shorten(name, room);
        for (size_t i = 0; shortened[i] != '\0';) {
            uint32_t point = 0;
            size_t length =
                utf8_decode((const uint8_t *)shortened + i, strlen(shortened + i), &point);
            ck_assert_uint_gt(length, 0);
            i += length;
        }
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("relations");
    TCase *tests = tcase_create("relations");
    tcase_add_loop_test(tests, no_two_clauses_are_each_other_s_consequence, 0, SET_COUNT);
    tcase_add_test(tests, only_what_counts_is_a_cause);
    tcase_add_test(tests, the_smallest_scenario_comes_first);
    tcase_add_test(tests, consequences_stand_under_their_cause);
    tcase_add_test(tests, all_ways_are_listed);
    tcase_add_test(tests, other_reports_say_so_too);
    tcase_add_test(tests, an_unjudged_must_is_an_error_in_junit);
    tcase_add_test(tests, long_names_are_shortened_in_the_middle);
    suite_add_tcase(suite, tests);
    return suite;
}
