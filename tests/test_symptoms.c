// SPDX-License-Identifier: Apache-2.0
// In how many ways a clause is broken: a verdict tells of the first call that went wrong, and its
// symptoms are those of all calls that the clause looks at. Also: an error stays an error.
#include "conformance/judge/clause.h"
#include "conformance/judge/symptom.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

static void lose(struct record *record, enum outcome_kind kind)
{
    record->outcome.kind = (uint8_t)kind;
    record->outcome.signal_number = kind == OUTCOME_FAULT ? 11 : 0;
}

static struct verdict expect_symptoms(const char *clause, enum verdict_kind kind, unsigned symptoms)
{
    struct verdict verdict = scene_judge(&scene, clause, CHARSET_A);
    char got[64];
    char wanted[64];
    symptoms_describe(verdict.symptoms, got, sizeof got);
    symptoms_describe(symptoms, wanted, sizeof wanted);
    ck_assert_msg(verdict.kind == kind && verdict.symptoms == symptoms,
                  "%s says %s with %s, not %s with %s", clause, verdict_kind_name(verdict.kind),
                  got, verdict_kind_name(kind), wanted);
    return verdict;
}

START_TEST(what_holds_has_no_symptom)
{
    expect_symptoms("STATUS-2", VERDICT_PASS, 0);
    expect_symptoms("ARGS-1", VERDICT_PASS, 0);
}
END_TEST

START_TEST(a_wrong_answer_and_a_crash)
{
    scene_refuse(&scene, in("short", 0), 234);
    struct verdict verdict = expect_symptoms("STATUS-2", VERDICT_FAIL, SYMPTOM_ANSWER);
    ck_assert_str_eq(verdict.also, "");
    lose(in("short", 1), OUTCOME_FAULT);
    lose(in("short", 2), OUTCOME_FAULT);
    verdict = expect_symptoms("STATUS-2", VERDICT_FAIL, SYMPTOM_ANSWER | SYMPTOM_FAULT);
    ck_assert_int_eq(verdict.record->outcome.kind, OUTCOME_FAULT);
    ck_assert_ptr_nonnull(strstr(verdict.also, "a wrong answer (234 (ERROR_MORE_DATA)"));
}
END_TEST

START_TEST(all_ways_of_not_returning)
{
    lose(in("short", 0), OUTCOME_HUNG);
    lose(in("short", 1), OUTCOME_FAULT);
    lose(in("short", 2), OUTCOME_FAULT);
    struct verdict verdict =
        expect_symptoms("STATUS-2", VERDICT_FAIL, SYMPTOM_HANG | SYMPTOM_FAULT);
    ck_assert_str_eq(verdict.also, "a fault in 2 calls");
    lose(in("short", 2), OUTCOME_ENDED);
    lose(in("query", 1), OUTCOME_DAMAGED);
    verdict = expect_symptoms("STATUS-2", VERDICT_FAIL,
                              SYMPTOM_HANG | SYMPTOM_FAULT | SYMPTOM_END | SYMPTOM_DAMAGE);
    ck_assert_str_eq(verdict.also, "a fault in 1 call; the end of the process in 1 call; a hang in "
                                   "1 call");
}
END_TEST

// One fault that the judge finds itself, blamed on another clause; and one wrong answer.
START_TEST(a_judge_looks_on_after_the_first)
{
    struct record *returned = in("short", 2);
    scene_fault(in("short", 0), FAULT_WRITE,
                in("short", 0)->outcome.base + in("short", 0)->call.offered);
    expect_symptoms("BOUNDS-1", VERDICT_FAIL, SYMPTOM_FAULT);
    returned->outcome.after = (struct extent){returned->call.offered, returned->call.offered};
    expect_symptoms("BOUNDS-1", VERDICT_FAIL, SYMPTOM_FAULT | SYMPTOM_ANSWER);
}
END_TEST

START_TEST(a_warning_has_symptoms_too)
{
    lose(in("args", 0), OUTCOME_FAULT);
    expect_symptoms("ARGS-1", VERDICT_WARN, SYMPTOM_FAULT);
}
END_TEST

// What the profile tolerates is one symptom; a crash beside it is not tolerated.
START_TEST(the_profile_tolerates_answers_only)
{
    scene.profile = "windows";
    call_large();
    scene_refuse(&scene, in("large", 0), ERROR_NOACCESS);
    expect_symptoms("SIZE-10", VERDICT_KNOWN, SYMPTOM_ANSWER);
    lose(in("large", 1), OUTCOME_FAULT);
    expect_symptoms("SIZE-10", VERDICT_FAIL, SYMPTOM_FAULT);
}
END_TEST

// An error of a clause is none only where calls are known not to have been made that it judges.
START_TEST(an_error_stays_an_error)
{
    scene_close(&scene);
    scene_open(&scene, SCENE_SESSIONS);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "query", CHARSET_A, PLACE_END, 1)->outcome.kind = OUTCOME_NOT_TRIED;
    scene_expect(&scene, "ARGS-1", VERDICT_ERROR); // a should, none of whose calls there are
    scene_expect(&scene, "STATUS-1", VERDICT_ERROR);
    in("query", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    scene_expect(&scene, "BOUNDS-3", VERDICT_SKIP);
}
END_TEST

// ---- In words

START_TEST(symptoms_have_names)
{
    static const struct {
        unsigned symptoms;
        const char *words;
    } cases[] = {{0, ""},
                 {SYMPTOM_ANSWER, "answer"},
                 {SYMPTOM_FAULT, "fault"},
                 {SYMPTOM_END, "end"},
                 {SYMPTOM_HANG, "hang"},
                 {SYMPTOM_DAMAGE, "damage"},
                 {SYMPTOM_ANSWER | SYMPTOM_FAULT, "answer, fault"},
                 {SYMPTOM_ANSWER | SYMPTOM_END | SYMPTOM_DAMAGE, "answer, end, damage"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64] = "left over from before";
        symptoms_describe(cases[i].symptoms, text, sizeof text);
        ck_assert_str_eq(text, cases[i].words);
    }
    for (unsigned bit = 0; bit < SYMPTOM_COUNT; bit++)
        ck_assert_uint_eq(symptom_bit((enum symptom)(1U << bit)), bit);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        what_holds_has_no_symptom,  a_wrong_answer_and_a_crash,
        all_ways_of_not_returning,  a_judge_looks_on_after_the_first,
        a_warning_has_symptoms_too, the_profile_tolerates_answers_only,
        an_error_stays_an_error,    symptoms_have_names,
    };
    Suite *suite = suite_create("symptoms");
    TCase *symptoms = tcase_create("symptoms");
    tcase_add_checked_fixture(symptoms, scene_set_up_quiet, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(symptoms, tests[i]);
    suite_add_tcase(suite, symptoms);
    return suite;
}
