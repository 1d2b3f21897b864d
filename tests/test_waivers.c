// SPDX-License-Identifier: Apache-2.0
// What waivers excuse: until when, which checks, and what goes wrong in them.
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "harness/result/waivers.h"
#include "tests/made_result.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static const struct planned planned[] = {
    {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, "wrong"},
    {"one", "SIZE-2", CHECK_A, VERDICT_PASS, NULL},
    {"added", "SIZE-1", CHECK_A, VERDICT_PASS, NULL},
    {"added", "SIZE-1", CHECK_W, VERDICT_FAIL, "wrong, too"},
};

static struct waivers *load_waivers(const char *text, const char *today, struct failure *failure)
{
    struct waivers *waivers = NULL;
    struct day day;
    FILE *stream = fopen(made_file, "we");
    ck_assert(stream != NULL && fputs(text, stream) >= 0 && fclose(stream) == 0);
    snprintf(day.text, sizeof day.text, "%s", today);
    (void)waivers_load(&waivers, made_file, day, failure);
    return waivers;
}

static const char some_waivers[] = "waivers:\n"
                                   "  - clause: SIZE-1\n"
                                   "    scenario: on?\n"
                                   "    reason: the vendor knows\n"
                                   "    reference: BUG-1\n"
                                   "    expires: 2024-02-29\n"
                                   "  - clause: size\n"
                                   "    scenario: add*\n"
                                   "    charset: W\n"
                                   "    reason: not used\n"
                                   "  - clause: SIZE-2\n"
                                   "    reason: held all along\n"
                                   "  - clause: THREADS-1\n"
                                   "    reason: nothing of it is in here\n";

static enum waiver_state state_on(const char *today, size_t waiver, bool strict, int *status)
{
    struct failure failure = {0};
    struct result result = make_result(planned, COUNT_OF(planned));
    struct waivers *waivers = load_waivers(some_waivers, today, &failure);
    ck_assert_msg(waivers != NULL, "%s", failure.text);
    result.strict = strict;
    excuse(&result, waivers, NULL);
    ck_assert_uint_eq(result.waiver_count, 4);
    enum waiver_state state = result.waivers[waiver].state;
    *status = result_exit_status(&result);
    waivers_free(waivers);
    result_free(&result);
    return state;
}

START_TEST(waivers_hold_until_their_last_day)
{
    int status = 0;
    ck_assert_int_eq(state_on("2024-02-28", 0, false, &status), WAIVER_USED);
    ck_assert_int_eq(status, STATUS_HELD);
    ck_assert_int_eq(state_on("2024-02-29", 0, false, &status), WAIVER_USED);
    ck_assert_int_eq(status, STATUS_HELD);
    ck_assert_int_eq(state_on("2024-03-01", 0, false, &status), WAIVER_EXPIRED);
    ck_assert_int_eq(status, STATUS_BROKEN); // what it waived fails again
    ck_assert_int_eq(state_on("2024-03-01", 1, false, &status), WAIVER_USED);
    ck_assert_int_eq(state_on("2024-02-28", 2, false, &status), WAIVER_UNUSED);
    ck_assert_int_eq(state_on("2024-02-28", 3, false, &status), WAIVER_NOT_TRIED);
    ck_assert_int_eq(state_on("2024-02-28", 2, true, &status), WAIVER_UNUSED);
    ck_assert_int_eq(status, STATUS_BROKEN); // an unused one, under --strict
}
END_TEST

static const struct {
    const char *text;
    const char *place;
    const char *words;
} malformed[] = {
    {"", "1:1", "nothing in it; a file of waivers begins with"},
    {"- clause: SIZE-1\n", "1:1", "not a mapping"},
    {"waivers:\n  - clause: SIZE-1\n", "2:5", "\"reason\" is missing"},
    {"waivers:\n  - reason: x\n", "2:5", "\"clause\" is missing"},
    {"waivers:\n  - clause: SIZE-99\n    reason: x\n", "2:13", "unknown clause or group"},
    {"waivers:\n  - clause: SIZE-1\n    reson: x\n", "3:5", "did you mean \"reason\""},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    expires: 2023-02-29\n", "4:14", "not a day"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    expires: tomorrow\n", "4:14", "not a day"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    charset: B\n", "4:14", "not a charset"},
    {"waivers:\n  - clause: SIZE-1\n    reason: \" \"\n", "3:13", "empty reason"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    symptom: crash\n", "4:14", "not a symptom"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    symptom: fau\n", "4:14", "not a symptom"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    symptom: faults\n", "4:14", "not a symptom"},
    {"waivers:\n  - clause: SIZE-1\n    reason: x\n    symptom: hang, none\n", "4:14",
     "not a symptom"},
    {"waivers: SIZE-1\n", "1:10", "a list"},
    {"waivers:\n  - clause: [SIZE-1]\n    reason: x\n", "2:13", "a single value"},
    {"waivers:\n  - clause: SIZE-1\n    clause: SIZE-2\n    reason: x\n", "3:5", "twice"},
    {"waivers: &x []\n", "1:10", "aliases are not used in files of waivers"},
    {"waivers: []\n---\nwaivers: []\n", "2:1", "a file holds one list of waivers"},
    {"waivers: \x01\n", "1:10", "a file of waivers is a text file"},
};

START_TEST(malformed_waivers_are_refused)
{
    struct failure failure = {0};
    char start[256];
    struct waivers *waivers = load_waivers(malformed[_i].text, "2024-01-01", &failure);
    ck_assert_ptr_null(waivers);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    snprintf(start, sizeof start, "%s:%s: ", made_file, malformed[_i].place);
    ck_assert_msg(strncmp(failure.text, start, strlen(start)) == 0, "%s is not at %s", failure.text,
                  malformed[_i].place);
    ck_assert_msg(strstr(failure.text, malformed[_i].words) != NULL, "\"%s\" is not in: %s",
                  malformed[_i].words, failure.text);
}
END_TEST

// ---- Days

static bool is_accepted(const char *day)
{
    char text[128];
    struct failure failure = {0};
    snprintf(text, sizeof text,
             "waivers:\n  - clause: SIZE-1\n    reason: x\n    expires: \"%s\"\n", day);
    struct waivers *waivers = load_waivers(text, "2024-01-01", &failure);
    bool accepted = waivers != NULL;
    waivers_free(waivers);
    return accepted;
}

START_TEST(a_waiver_ends_on_a_day_of_the_calendar)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char *const leap[] = {"1980", "2000", "2024", "2400"};
    static const char *const common[] = {"1900", "2023", "2100", "2021"};
    char day[32];
    for (int month = 1; month <= 12; month++)
        for (int number = 0; number <= lengths[month - 1] + 1; number++) {
            snprintf(day, sizeof day, "2024-%02d-%02d", month, number);
            ck_assert_msg(is_accepted(day) == (number > 0 && number <= lengths[month - 1]), "%s",
                          day);
        }
    for (size_t i = 0; i < COUNT_OF(leap); i++) {
        snprintf(day, sizeof day, "%s-02-29", leap[i]);
        ck_assert_msg(is_accepted(day), "%s", day);
        snprintf(day, sizeof day, "%s-02-29", common[i]);
        ck_assert_msg(!is_accepted(day), "%s", day);
    }
    ck_assert(is_accepted("2023-02-28"));
    for (int month = 13; month < 100; month++) {
        snprintf(day, sizeof day, "2024-%02d-01", month);
        ck_assert_msg(!is_accepted(day), "%s", day);
    }
}
END_TEST

START_TEST(a_day_is_written_with_ten_characters)
{
    static const char *const wrong[] = {"2024-00-01",  "2024-13-01", "2024/01-01", "2024-01/01",
                                        "+024-01-01",  "202x-01-01", "2024- 1-01", "2024-1/-01",
                                        "2024-01-1:",  "2024-01-1/", "2024-01-1",  "2024-01-010",
                                        "2024-01-011", ":024-01-01", "/024-01-01", "2024-01-0x"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        ck_assert_msg(!is_accepted(wrong[i]), "%s", wrong[i]);
}
END_TEST

// ---- What is waived

enum { WRONG_AND_FAULT = SYMPTOM_ANSWER | SYMPTOM_FAULT };

// One waiver and one check. What the verdict is then, and what is said of the waiver.
static const struct {
    const char *waiver;
    struct planned check;
    unsigned symptoms;
    enum verdict_kind kind;
    enum waiver_state state;
} cases[] = {
    // Which check.
    {"clause: SIZE-1", {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""}, 0, VERDICT_KNOWN, WAIVER_USED},
    {"clause: SIZE-1",
     {"one", "SIZE-2", CHECK_A, VERDICT_FAIL, ""},
     0,
     VERDICT_FAIL,
     WAIVER_NOT_TRIED},
    {"clause: size", {"one", "SIZE-2", CHECK_A, VERDICT_FAIL, ""}, 0, VERDICT_KNOWN, WAIVER_USED},
    {"clause: count",
     {"one", "SIZE-2", CHECK_A, VERDICT_FAIL, ""},
     0,
     VERDICT_FAIL,
     WAIVER_NOT_TRIED},
    {"clause: SIZE-1\n    scenario: two",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     0,
     VERDICT_FAIL,
     WAIVER_NOT_TRIED},
    {"clause: SIZE-1\n    charset: W",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     0,
     VERDICT_FAIL,
     WAIVER_NOT_TRIED},
    {"clause: SIZE-1\n    charset: W",
     {"one", "SIZE-1", CHECK_W, VERDICT_FAIL, ""},
     0,
     VERDICT_KNOWN,
     WAIVER_USED},
    // What came of it.
    {"clause: SIZE-8", {"one", "SIZE-8", CHECK_A, VERDICT_WARN, ""}, 0, VERDICT_KNOWN, WAIVER_USED},
    {"clause: SIZE-1",
     {"one", "SIZE-1", CHECK_A, VERDICT_PASS, ""},
     0,
     VERDICT_PASS,
     WAIVER_UNUSED},
    {"clause: SIZE-1",
     {"one", "SIZE-1", CHECK_A, VERDICT_SKIP, ""},
     0,
     VERDICT_SKIP,
     WAIVER_NOT_TRIED},
    {"clause: SIZE-1",
     {"one", "SIZE-1", CHECK_A, VERDICT_ERROR, ""},
     0,
     VERDICT_ERROR,
     WAIVER_NOT_TRIED},
    {"clause: SIZE-1",
     {"one", "SIZE-1", CHECK_A, VERDICT_KNOWN, ""},
     0,
     VERDICT_KNOWN,
     WAIVER_UNUSED},
    // In what way: a wrong answer, unless the waiver says otherwise.
    {"clause: SIZE-1",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     SYMPTOM_FAULT,
     VERDICT_FAIL,
     WAIVER_NOT_TRIED},
    {"clause: SIZE-1",
     {"one", "SIZE-1", CHECK_A, VERDICT_KNOWN, ""},
     SYMPTOM_FAULT,
     VERDICT_KNOWN,
     WAIVER_NOT_TRIED},
    {"clause: SIZE-1",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     WRONG_AND_FAULT,
     VERDICT_FAIL,
     WAIVER_UNUSED},
    {"clause: SIZE-1\n    symptom: fault",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     WRONG_AND_FAULT,
     VERDICT_FAIL,
     WAIVER_UNUSED},
    {"clause: SIZE-1\n    symptom: fault, answer",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     WRONG_AND_FAULT,
     VERDICT_KNOWN,
     WAIVER_USED},
    {"clause: SIZE-1\n    symptom: answer",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     SYMPTOM_ANSWER,
     VERDICT_KNOWN,
     WAIVER_USED},
    {"clause: SIZE-1\n    symptom: end",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     SYMPTOM_END,
     VERDICT_KNOWN,
     WAIVER_USED},
    {"clause: SIZE-1\n    symptom: hang",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     SYMPTOM_HANG,
     VERDICT_KNOWN,
     WAIVER_USED},
    {"clause: SIZE-1\n    symptom: damage",
     {"one", "SIZE-1", CHECK_A, VERDICT_FAIL, ""},
     SYMPTOM_DAMAGE,
     VERDICT_KNOWN,
     WAIVER_USED},
    {"clause: SIZE-1\n    symptom: hang",
     {"one", "SIZE-1", CHECK_A, VERDICT_PASS, ""},
     0,
     VERDICT_PASS,
     WAIVER_UNUSED},
};

START_TEST(a_waiver_covers_what_it_names)
{
    char text[256];
    struct failure failure = {0};
    struct result result = make_result(&cases[_i].check, 1);
    struct verdict *verdict = &result.scenarios[0].checks[0].verdict;
    verdict->symptoms = cases[_i].symptoms;
    snprintf(text, sizeof text, "waivers:\n  - reason: x\n    %s\n", cases[_i].waiver);
    struct waivers *waivers = load_waivers(text, "2024-01-01", &failure);
    ck_assert_msg(waivers != NULL, "%s", failure.text);
    excuse(&result, waivers, NULL);
    ck_assert_int_eq(result.failure.status, 0);
    ck_assert_int_eq(verdict->kind, cases[_i].kind);
    ck_assert_uint_eq(result.waiver_count, 1);
    ck_assert_int_eq(result.waivers[0].state, cases[_i].state);
    ck_assert_uint_eq(result.waivers[0].used, cases[_i].state == WAIVER_USED);
    waivers_free(waivers);
    result_free(&result);
}
END_TEST

START_TEST(what_was_not_judged_uses_no_waiver)
{
    struct failure failure = {0};
    struct result result = make_result(planned, 1);
    struct check *check = &result.scenarios[0].checks[0];
    struct waivers *waivers = load_waivers(some_waivers, "2024-01-01", &failure);
    check->judged = false;
    excuse(&result, waivers, NULL);
    ck_assert_int_eq(check->verdict.kind, VERDICT_FAIL);
    ck_assert_int_eq(result.waivers[0].state, WAIVER_NOT_TRIED);
    waivers_free(waivers);
    result_free(&result);
}
END_TEST

// A result may name a clause that this kit does not know. It belongs to no group.
START_TEST(a_group_does_not_waive_an_unknown_clause)
{
    static const struct clause unknown = {.id = "SIZE-99"};
    struct failure failure = {0};
    struct result result = make_result(planned, 1);
    struct check *check = &result.scenarios[0].checks[0];
    struct waivers *waivers =
        load_waivers("waivers:\n  - clause: SIZE\n    reason: x\n", "2024-01-01", &failure);
    check->clause = &unknown;
    excuse(&result, waivers, NULL);
    ck_assert_int_eq(check->verdict.kind, VERDICT_FAIL);
    waivers_free(waivers);
    result_free(&result);
}
END_TEST

static const char several_waivers[] =
    "waivers:\n"
    "  - clause: SIZE-1\n    symptom: hang\n    reason: hangs\n"
    "  - clause: SIZE-1\n    symptom: fault\n    reason: crashes\n"
    "    charset: A\n    scenario: o*\n    reference: BUG-2\n"
    "    expires: 2024-01-01\n"
    "  - clause: SIZE-1\n    reason: is wrong\n";

// Several waivers may cover one check together; the first that covers any of it is told.
START_TEST(waivers_add_up)
{
    struct failure failure = {0};
    struct result result = make_result(planned, 1);
    struct check *check = &result.scenarios[0].checks[0];
    struct waivers *waivers = load_waivers(several_waivers, "2024-01-01", &failure);
    ck_assert_msg(waivers != NULL, "%s", failure.text);
    check->verdict.symptoms = WRONG_AND_FAULT;
    excuse(&result, waivers, NULL);
    ck_assert_int_eq(check->verdict.kind, VERDICT_KNOWN);
    ck_assert_int_eq(check->excuse.kind, EXCUSE_WAIVER);
    ck_assert_str_eq(check->excuse.text, "waived: crashes (BUG-2), until 2024-01-01");
    ck_assert_int_eq(result.waivers[0].state, WAIVER_NOT_TRIED);
    ck_assert_int_eq(result.waivers[1].state, WAIVER_USED);
    ck_assert_int_eq(result.waivers[2].state, WAIVER_USED);
    waivers_free(waivers);
    result_free(&result);
}
END_TEST

// ---- What is said of the waivers

START_TEST(a_waiver_is_told_as_it_was_written)
{
    char at[80];
    struct failure failure = {0};
    struct result result = make_result(planned, 1);
    struct waivers *waivers = load_waivers(several_waivers, "2024-01-02", &failure);
    excuse(&result, waivers, NULL);
    excuse(&result, waivers, NULL); // once is enough
    ck_assert_uint_eq(result.waiver_count, 3);
    const struct waiver_result *plain = &result.waivers[0];
    const struct waiver_result *full = &result.waivers[1];
    ck_assert_str_eq(plain->scenario, "*");
    ck_assert(plain->charset == NULL && plain->reference == NULL && plain->expires == NULL);
    snprintf(at, sizeof at, "%s:5", made_file);
    ck_assert_str_eq(full->place, at);
    ck_assert_str_eq(full->clause, "SIZE-1");
    ck_assert_str_eq(full->scenario, "o*");
    ck_assert_str_eq(full->charset, "A");
    ck_assert_str_eq(full->reason, "crashes");
    ck_assert_str_eq(full->reference, "BUG-2");
    ck_assert_str_eq(full->expires, "2024-01-01");
    ck_assert_int_eq(full->state, WAIVER_EXPIRED);
    ck_assert_uint_eq(full->used, 0);
    waivers_free(waivers);
    result_free(&result);
}
END_TEST

START_TEST(a_file_may_hold_no_waiver)
{
    struct failure failure = {0};
    struct result result = make_result(planned, COUNT_OF(planned));
    struct waivers *waivers = load_waivers("waivers: []\n", "2024-01-01", &failure);
    ck_assert_msg(waivers != NULL, "%s", failure.text);
    excuse(&result, waivers, NULL);
    ck_assert_ptr_null(result.waivers);
    ck_assert_int_eq(result.failure.status, 0);
    waivers_free(waivers);
    result_free(&result);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("waivers");
    TCase *tcase = tcase_create("waivers");
    tcase_add_test(tcase, waivers_hold_until_their_last_day);
    tcase_add_loop_test(tcase, malformed_waivers_are_refused, 0, (int)COUNT_OF(malformed));
    tcase_add_test(tcase, a_waiver_ends_on_a_day_of_the_calendar);
    tcase_add_test(tcase, a_day_is_written_with_ten_characters);
    tcase_add_loop_test(tcase, a_waiver_covers_what_it_names, 0, (int)COUNT_OF(cases));
    tcase_add_test(tcase, what_was_not_judged_uses_no_waiver);
    tcase_add_test(tcase, a_group_does_not_waive_an_unknown_clause);
    tcase_add_test(tcase, waivers_add_up);
    tcase_add_test(tcase, a_waiver_is_told_as_it_was_written);
    tcase_add_test(tcase, a_file_may_hold_no_waiver);
    suite_add_tcase(suite, tcase);
    return suite;
}
