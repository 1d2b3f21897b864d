// SPDX-License-Identifier: Apache-2.0
// What programs make of the answers to their calls (CALLERS), and calls from a source that was
// damaged and repaired (FAULT).
#include "conformance/clauses/groups.h"
#include "conformance/judge/clause.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

#define FLYDISK "caller-flydisk" // queries, and fetches what it was told: CALLERS-4
#define OS_WIN "caller-os-win"   // calls again while that was too small: CALLERS-1

static void set_up(void)
{
    scene_set_up();
    scene.strict = true; // what should be counts
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        uint32_t size = scene_required(&scene, (enum charset)charset);
        scene_call(&scene, "query", (enum charset)charset, PLACE_NULL, 0);
        scene_call(&scene, "fetch", (enum charset)charset, PLACE_END, size);
    }
}

static struct record *program(const char *set, const char *circumstance, uint32_t offered)
{
    return scene_call_under(&scene, set, circumstance, CHARSET_A, offered);
}

static void expect_unjudged(const char *clause)
{
    struct verdict verdict = scene_judge(&scene, clause, CHARSET_A);
    ck_assert(verdict_unjudged(&verdict));
}

// ---- Programs

START_TEST(a_program_ends_with_its_list)
{
    program(FLYDISK, NULL, 0);
    program(FLYDISK, NULL, required);
    program(FLYDISK, NULL, required)->outcome.status = ERROR_NOACCESS; // is not its own
    expect("CALLERS-4", VERDICT_PASS);
    fetch = in(FLYDISK, 1);
    spoil(fetch);
    expect_told("CALLERS-4", VERDICT_FAIL, "takes a list for complete that is not");
    expect_unjudged("CALLERS-5"); // another program's
}
END_TEST

START_TEST(a_program_that_sees_no_session)
{
    struct record *query = program(FLYDISK, NULL, 0);
    query->outcome.size_out = 0;
    expect_told("CALLERS-4", VERDICT_FAIL, "for no sessions");
    query->circumstance = CIRCUMSTANCE_CHANGING; // there may have been none
    expect("CALLERS-4", VERDICT_PASS);
    reopen(0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 16);
    program(FLYDISK, NULL, 0);
    expect("CALLERS-4", VERDICT_PASS);
    program(OS_WIN, NULL, 0); // succeeds without a list
    expect("CALLERS-1", VERDICT_PASS);
}
END_TEST

START_TEST(a_program_that_never_ends)
{
    for (int i = 0; i < 8; i++) {
        program(OS_WIN, NULL, i == 0 ? 0 : required);
        scene_refuse(&scene, in(OS_WIN, (size_t)i), ERROR_INSUFFICIENT_BUFFER);
    }
    expect_told("CALLERS-1", VERDICT_FAIL, "again and again");
    scene_succeed(&scene, in(OS_WIN, 7)); // just in time
    expect("CALLERS-1", VERDICT_PASS);
}
END_TEST

// A list of a moment of the call is right while sessions come and go, and only then.
START_TEST(a_list_that_is_of_a_moment)
{
    program(FLYDISK, CIRCUMSTANCE_CHANGING, 0);
    uint64_t before = scene.now_ns;
    scene_log_in(&scene);
    uint32_t more = scene_required(&scene, CHARSET_A);
    struct record *record = program(FLYDISK, CIRCUMSTANCE_CHANGING, more);
    record->outcome.began_ns = before;
    expect("CALLERS-4", VERDICT_PASS);
    in(FLYDISK, 0)->circumstance = in(FLYDISK, 1)->circumstance = NULL;
    expect("CALLERS-4", VERDICT_FAIL);
}
END_TEST

// The calls under each circumstance are a run of the program by itself.
START_TEST(each_run_of_a_program_is_judged)
{
    program(OS_WIN, NULL, 0);
    program(OS_WIN, CIRCUMSTANCE_CHANGING, required);
    expect_told("CALLERS-1", VERDICT_FAIL, "gives up");
    reopen_with_fetches(1);
    scene.strict = true;
    program(FLYDISK, NULL, 0);
    program(FLYDISK, NULL, required);
    program(FLYDISK, CIRCUMSTANCE_SETTLED, 0);
    program(FLYDISK, CIRCUMSTANCE_SETTLED, required);
    expect("CALLERS-4", VERDICT_PASS);
    scene_refuse(&scene, in(FLYDISK, 3), ERROR_NOACCESS);
    expect_told("CALLERS-4", VERDICT_FAIL, "998");
    scene_refuse(&scene, in(FLYDISK, 1), 5);
    expect_told("CALLERS-4", VERDICT_FAIL, "5 "); // the first
}
END_TEST

START_TEST(a_program_with_one_try_amid_changes)
{
    program(FLYDISK, CIRCUMSTANCE_CHANGING, 0);
    scene_refuse(&scene, program(FLYDISK, CIRCUMSTANCE_CHANGING, required),
                 ERROR_INSUFFICIENT_BUFFER);
    expect("CALLERS-4", VERDICT_PASS);
    in(FLYDISK, 0)->circumstance = in(FLYDISK, 1)->circumstance = NULL;
    expect_told("CALLERS-4", VERDICT_FAIL, "gives up");
}
END_TEST

START_TEST(a_run_of_which_a_call_did_not_return_is_not_judged)
{
    program(FLYDISK, NULL, 0);
    program(FLYDISK, NULL, required)->outcome.kind = OUTCOME_HUNG;
    expect_unjudged("CALLERS-4");
    in(FLYDISK, 0)->outcome.kind = OUTCOME_HUNG;
    expect_unjudged("CALLERS-4");
}
END_TEST

// ---- A source that was damaged

static struct record *repaired(uint32_t offered)
{
    return scene_call_under(&scene, "damage", CIRCUMSTANCE_REPAIRED, CHARSET_A, offered);
}

START_TEST(one_call_after_the_repair_is_enough)
{
    repaired(0);
    expect("FAULT-2", VERDICT_PASS);
    scene_tear_down();
    set_up();
    repaired(required);
    expect("FAULT-2", VERDICT_PASS);
    expect_unjudged("FAULT-1"); // nothing was damaged
    scene_tear_down();
    set_up();
    scene_refuse(
        &scene,
        scene_call_under(&scene, "damage", CIRCUMSTANCE_DAMAGED "gone", CHARSET_A, required),
        0xEFFF0013);
    expect_unjudged("FAULT-2"); // nothing was repaired
}
END_TEST

START_TEST(a_fetch_after_the_repair_that_is_refused)
{
    scene_refuse(&scene, repaired(required), ERROR_INSUFFICIENT_BUFFER);
    expect_told("FAULT-2", VERDICT_FAIL, "122");
}
END_TEST

// Where what was asked for is not enough before either, that is SIZE-2's business.
START_TEST(a_fetch_after_the_repair_that_is_refused_as_before)
{
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required + 64);
    scene_refuse(&scene, in("fetch", 0), ERROR_INSUFFICIENT_BUFFER);
    scene_refuse(&scene, repaired(required), ERROR_INSUFFICIENT_BUFFER);
    expect("FAULT-2", VERDICT_PASS);
    struct record *record = repaired(required + 64);
    expect("FAULT-2", VERDICT_PASS);
    spoil(record);
    expect("FAULT-2", VERDICT_FAIL);
}
END_TEST

START_TEST(without_a_list_before_the_damage_nothing_is_compared)
{
    scene_refuse(&scene, in("fetch", 0), ERROR_NOACCESS);
    repaired(required);
    expect_unjudged("FAULT-2");
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_program_ends_with_its_list,
        a_program_that_sees_no_session,
        a_program_that_never_ends,
        a_list_that_is_of_a_moment,
        each_run_of_a_program_is_judged,
        a_program_with_one_try_amid_changes,
        a_run_of_which_a_call_did_not_return_is_not_judged,
        one_call_after_the_repair_is_enough,
        a_fetch_after_the_repair_that_is_refused,
        a_fetch_after_the_repair_that_is_refused_as_before,
        without_a_list_before_the_damage_nothing_is_compared,
    };
    Suite *suite = suite_create("limits_callers");
    TCase *limits = tcase_create("limits_callers");
    tcase_add_checked_fixture(limits, set_up, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
