// SPDX-License-Identifier: Apache-2.0
// What holds for every clause: calls that did not return have one clause to blame, calls that were
// not made are not judged, what is not known is not judged; and what judges must not take from each
// other.
#include "conformance/judge/clause.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <string.h>

// ---- Which calls are judged

START_TEST(a_call_that_did_not_return_has_its_clause)
{
    static const struct {
        const char *set;
        size_t index;
        const char *clause;
    } lost[] = {{"query", 0, "BOUNDS-3"},    {"query", 1, "STATUS-2"},
                {"null", 0, "BOUNDS-4"},     {"fetch", 0, "STATUS-1"},
                {"short", 2, "STATUS-2"},    {"args", 0, "ARGS-1"},
                {"args", 1, "ARGS-2"},       {"args", 2, "ARGS-3"},
                {"offsets", 0, "BOUNDS-8"},  {"large", 0, "SIZE-10"},
                {"threads", 0, "THREADS-1"}, {"threads-both", 0, "THREADS-2"},
                {"damage", 0, "FAULT-1"},    {"damage-details", 0, "FAULT-3"},
                {"steps", 0, "CHANGE-1"},    {"steps", 2, "CHANGE-2"},
                {"steps", 4, "CHANGE-5"},    {"steps", 6, "CHANGE-5"},
                {"changing", 1, "CHANGE-3"}, {"changing", 3, "CHANGE-4"}};
    scene.strict = true;
    scene_call_changing(&scene);
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
        for (int kind = OUTCOME_FAULT; kind <= OUTCOME_DAMAGED; kind++) {
            struct outcome *outcome = &in(lost[i].set, lost[i].index)->outcome;
            const struct outcome kept = *outcome;
            if (kind == OUTCOME_NOT_TRIED)
                continue;
            outcome->kind = (uint8_t)kind;
            for (size_t j = 0; j < sizeof lost / sizeof lost[0]; j++) {
                struct verdict verdict = scene_judge(&scene, lost[j].clause, CHARSET_A);
                bool blamed = verdict.kind == VERDICT_FAIL;
                ck_assert_msg(blamed == (strcmp(lost[j].clause, lost[i].clause) == 0),
                              "%s %zu: %s says %s: %s", lost[i].set, lost[i].index, lost[j].clause,
                              verdict_kind_name(verdict.kind), verdict.got);
            }
            *outcome = kept;
        }
}
END_TEST

START_TEST(a_call_that_was_not_made_is_not_judged)
{
    scene_expect(&scene, "SIZE-10", VERDICT_PASS);
    in("large", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    struct verdict verdict = scene_judge(&scene, "SIZE-10", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_SKIP);
    ck_assert(verdict_unjudged(&verdict));
    in("query", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    in("query", 1)->outcome.status = 5; // what was called can have failed
    scene_expect(&scene, "STATUS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(without_any_call_nothing_holds)
{
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_expect(&scene, "SIZE-10", VERDICT_ERROR);
    scene_expect(&scene, "STATUS-3", VERDICT_PASS);
    scene_expect(&scene, "EXPORT-1", VERDICT_PASS); // it needs none
    scene_expect_in(&scene, "STATUS-3", CHARSET_W, VERDICT_ERROR);
}
END_TEST

START_TEST(a_function_that_is_not_exported)
{
    scene.transcript->hello.has_a = 0;
    scene_expect(&scene, "STATUS-1", VERDICT_SKIP);
    scene_expect(&scene, "EXPORT-1", VERDICT_FAIL);
    scene_expect_in(&scene, "STATUS-1", CHARSET_W, VERDICT_PASS);
    scene_expect_in(&scene, "CHARSET-1", CHARSET_W, VERDICT_SKIP);
    scene.transcript->hello.has_a = 1;
    scene.transcript->hello.has_w = 0;
    scene_expect(&scene, "EXPORT-1", VERDICT_FAIL);
    scene_expect(&scene, "CHARSET-1", VERDICT_SKIP);
}
END_TEST

START_TEST(what_the_run_could_not_do)
{
    scene_call_changing(&scene);
    scene.transcript->lacks = LACKS_SOURCE;
    scene_expect(&scene, "FAULT-1", VERDICT_SKIP);
    scene_expect(&scene, "CHANGE-5", VERDICT_PASS);
    scene.transcript->lacks = LACKS_RECOVERY;
    scene_expect(&scene, "FAULT-1", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-5", VERDICT_SKIP);
}
END_TEST

START_TEST(what_is_not_known_of_a_session)
{
    scene.truth->sessions[SCENE_NONE].unknown = FACT_ISID;
    scene_expect(&scene, "CONTENT-4", VERDICT_SKIP);
    scene_expect(&scene, "CONTENT-7", VERDICT_PASS);
    *scene_member(&scene, in("fetch", 0), SCENE_ONE, scene.abi->isid) ^= 1; // which is known
    scene_expect(&scene, "CONTENT-4", VERDICT_FAIL);
}
END_TEST

START_TEST(what_a_clause_needs)
{
    static const unsigned needs[] = {NEEDS_SESSIONS, NEEDS_NO_SESSIONS, NEEDS_CONNECTIONLESS,
                                     NEEDS_LONG_NAMES, NEEDS_ONCE};
    struct traits traits = {0};
    char name[224] = {0};
    for (int step = 0; step < 4; step++) {
        const bool applies[] = {step > 0, step == 0, step > 1, step > 2, step > 2};
        for (size_t i = 0; i < 5; i++) {
            const struct clause clause = {.needs = needs[i]};
            ck_assert(clause_applies(&clause, &traits) == applies[i]);
        }
        memset(name, 'x', step == 2 ? 223 : 222);
        traits_add(&traits, "x", name, step == 1);
        traits_add(&traits, name, "x", false);
        traits.smallest = step == 2;
    }
}
END_TEST

// ---- One session

START_TEST(a_success_without_a_buffer_for_one_session)
{
    reopen(1);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0)->outcome.status = ERROR_SUCCESS;
    scene_call(&scene, "null", CHARSET_A, PLACE_NULL, 64)->outcome.status = ERROR_SUCCESS;
    scene_expect(&scene, "BOUNDS-3", VERDICT_FAIL);
    scene_expect(&scene, "BOUNDS-4", VERDICT_FAIL);
}
END_TEST

// ---- What is judged of which record

START_TEST(the_same_bytes_with_another_count_or_size)
{
    struct outcome *outcome = &in("sweep", SWEEP_EXACT)->outcome;
    ck_assert_ptr_eq(in("sweep", SWEEP_EXACT)->bytes, in("fetch", FETCH_EXACT)->bytes);
    outcome->count_out++;
    scene_expect(&scene, "COUNT-1", VERDICT_FAIL);
    outcome->count_out--;
    outcome->size_out--;
    scene_expect(&scene, "SIZE-9", VERDICT_FAIL);
}
END_TEST

START_TEST(the_first_wrong_session_is_named)
{
    for (size_t i = 0; i < SCENE_SESSIONS; i++)
        *scene_member(&scene, in("fetch", FETCH_EXACT), i, scene.abi->isid + 5) ^= 0x40;
    struct verdict verdict = scene_judge(&scene, "CONTENT-4", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.got, "session 0 "));
    ck_assert_ptr_eq(verdict.record, in("fetch", FETCH_EXACT));
}
END_TEST

START_TEST(the_first_wrong_pointer_is_named)
{
    struct record *record = in("fetch", FETCH_EXACT);
    const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                              scene.abi->target_name};
    for (size_t i = 0; i < SCENE_SESSIONS; i++)
        for (size_t j = 0; j < 3; j++)
            scene_point(record, scene_member(&scene, record, i, names[j]), required + 1);
    struct verdict verdict = scene_judge(&scene, "LAYOUT-2", CHARSET_A);
    ck_assert_msg(strncmp(verdict.got, "InitiatorName of session 0 ", 27) == 0, "%s", verdict.got);
}
END_TEST

START_TEST(an_address_that_can_not_be_read)
{
    struct record *record = in("fetch", FETCH_EXACT);
    const uint32_t ends[] = {scene.abi->initiator_address, scene.abi->target_address};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *pointer = scene_connection(&scene, record, SCENE_TWO, 1, ends[i]);
        uint8_t kept = pointer[3];
        pointer[3] ^= 0x80;
        scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
        scene_expect(&scene, "CONTENT-10", VERDICT_PASS);
        scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
        pointer[3] = kept;
    }
}
END_TEST

START_TEST(a_pointer_exactly_at_the_size)
{
    struct record *record = in("fetch", FETCH_EXACT);
    record->outcome.size_out = required; // the last string is the last session's TargetName
    uint32_t last =
        (uint32_t)(scene_text(&scene, record,
                              scene_member(&scene, record, SCENE_NONE, scene.abi->target_name)) -
                   record->bytes);
    record->outcome.size_out = last + 1;
    scene_expect(&scene, "LAYOUT-2", VERDICT_PASS);
    record->outcome.size_out = last;
    scene_expect(&scene, "LAYOUT-2", VERDICT_FAIL);
}
END_TEST

START_TEST(other_sessions_have_another_list)
{
    static const char *const clauses[] = {"SIZE-4", "SIZE-5", "STABLE-1", "COUNT-1", "CONTENT-1"};
    scene_log_in(&scene);
    scene_call(&scene, "short", CHARSET_A, PLACE_END, 1);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 2 * required);
    scene_call(&scene, "repeat", CHARSET_A, PLACE_END, 2 * required);
    for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++)
        scene_expect(&scene, clauses[i], VERDICT_PASS);
}
END_TEST

START_TEST(each_form_of_null_argument_by_itself)
{
    static const char *const clauses[] = {"ARGS-1", "ARGS-2", "ARGS-3"};
    for (size_t i = 0; i < 3; i++) {
        in("args", i)->outcome.status = ERROR_SUCCESS;
        for (size_t j = 0; j < 3; j++)
            scene_expect(&scene, clauses[j], i == j ? VERDICT_WARN : VERDICT_PASS);
        in("args", i)->outcome.status = 87;
    }
}
END_TEST

START_TEST(a_fill_whose_call_did_not_return)
{
    struct record *record = in("fills", 1);
    record->outcome.status = 5;
    scene_fault(record, FAULT_READ, 0);
    scene_expect(&scene, "BOUNDS-5", VERDICT_PASS);
    scene_expect(&scene, "STATUS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_query_with_no_size_is_no_answer)
{
    in("query", 0)->outcome.size_out = 0; // the second query says it
    scene_expect(&scene, "SIZE-6", VERDICT_PASS);
    scene_expect(&scene, "SIZE-2", VERDICT_PASS);
    in("query", 1)->outcome.size_out = 0;
    scene_expect(&scene, "SIZE-6", VERDICT_SKIP);
    scene_expect(&scene, "SIZE-2", VERDICT_SKIP);
    scene_expect(&scene, "SIZE-3", VERDICT_SKIP);
    scene_expect(&scene, "SIZE-4", VERDICT_SKIP);
    scene_expect(&scene, "SIZE-8", VERDICT_SKIP);
}
END_TEST

START_TEST(an_aligned_list_is_no_business_of_bounds_8)
{
    *scene_member(&scene, in("fetch", FETCH_EXACT), SCENE_ONE, scene.abi->isid) ^= 1;
    scene_expect(&scene, "BOUNDS-8", VERDICT_PASS);
}
END_TEST

START_TEST(a_structure_without_names)
{
    struct record *record = in("fetch", FETCH_EXACT);
    const uint32_t names[] = {scene.abi->initiator_name, scene.abi->target_node_name,
                              scene.abi->target_name};
    for (size_t kept = 0; kept <= 3; kept++) {
        uint8_t pointers[3][8];
        for (size_t i = 0; i < 3; i++) {
            memcpy(pointers[i], scene_member(&scene, record, SCENE_ONE, names[i]), 8);
            if (i != kept)
                scene_point(record, scene_member(&scene, record, SCENE_ONE, names[i]), required);
        }
        scene_expect(&scene, "LAYOUT-1", kept < 3 ? VERDICT_PASS : VERDICT_FAIL);
        scene_expect(&scene, "CHARSET-2", VERDICT_PASS); // LAYOUT-2's business
        for (size_t i = 0; i < 3; i++)
            memcpy(scene_member(&scene, record, SCENE_ONE, names[i]), pointers[i], 8);
    }
}
END_TEST

START_TEST(the_only_connection_with_another_cid)
{
    struct record *record = in("fetch", FETCH_EXACT);
    scene_connection(&scene, record, SCENE_ONE, 0, scene.abi->cid)[1] ^= 0x40;
    scene_expect(&scene, "CONTENT-7", VERDICT_PASS);
    scene_connection(&scene, record, SCENE_ONE, 0, scene.abi->target_socket)[0] ^= 1;
    scene_expect(&scene, "CONTENT-7", VERDICT_FAIL);
}
END_TEST

START_TEST(one_list_has_no_order)
{
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "steps", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required);
    scene_expect(&scene, "STABLE-3", VERDICT_SKIP);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required + 1);
    scene_expect(&scene, "STABLE-3", VERDICT_NOTE);
}
END_TEST

// ---- What another clause says already

// Every call with no bytes is answered with that status.
static void answer_queries(uint32_t status)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++)
        if (scene.transcript->records[i].call.offered == 0)
            scene.transcript->records[i].outcome.status = status;
}

START_TEST(a_wrong_code_for_insufficient_is_no_failure_of_changes)
{
    scene_call_changing(&scene);
    answer_queries(234);
    in("steps", 0)->outcome.status = 234;
    scene_expect(&scene, "CHANGE-1", VERDICT_PASS);
    scene_expect(&scene, "STATUS-2", VERDICT_FAIL);
    in("steps", 0)->outcome.status = 111;
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
    in("steps", 0)->outcome.status = 234;
    in("repeat", 0)->outcome.status = 111; // not always the same
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_member_that_is_wrong_in_all_lists_is_left_out)
{
    scene_call_changing(&scene);
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    scene.truth = scene.transcript->truths[0]; // what is listed isn't what is true any more
    for (size_t i = 0; i < scene.transcript->truth_count; i++)
        scene.transcript->truths[i]->sessions[SCENE_TWO].isid[5] ^= 0x40;
    scene.truth = scene.transcript->truths[scene.transcript->truth_count - 1];
    struct verdict verdict = scene_judge(&scene, "CHANGE-2", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_PASS);
    ck_assert_str_eq(verdict.left_out, "ISID (CONTENT-4)");
    scene_expect(&scene, "CONTENT-4", VERDICT_FAIL);
    *scene_member(&scene, in("steps", 2), SCENE_ONE, scene.abi->tsid) ^= 0x40;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

// ---- Programs

START_TEST(a_program_that_is_served_and_one_that_is_not)
{
    const char *set = "caller-os-win";
    scene_call(&scene, set, CHARSET_A, PLACE_END, 0);
    scene_call(&scene, set, CHARSET_A, PLACE_END, required)->call.count_in = SCENE_SESSIONS;
    scene_expect(&scene, "CALLERS-1", VERDICT_PASS);
    *scene_member(&scene, in(set, 1), SCENE_ONE, scene.abi->isid) ^= 1;
    scene_expect(&scene, "CALLERS-1", VERDICT_WARN);
    in(set, 1)->circumstance = CIRCUMSTANCE_CHANGING;
    scene_expect(&scene, "CALLERS-1", VERDICT_WARN); // the first never ended
    in(set, 1)->circumstance = NULL;
    scene_refuse(&scene, in(set, 1), 5);
    scene_expect(&scene, "CALLERS-1", VERDICT_WARN);
}
END_TEST

START_TEST(a_program_with_one_try_while_sessions_come_and_go)
{
    const char *set = "caller-lisp";
    scene_call(&scene, set, CHARSET_A, PLACE_END, 32768);
    scene_expect(&scene, "CALLERS-6", VERDICT_PASS);
    scene_refuse(&scene, in(set, 0), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CALLERS-6", VERDICT_WARN);
    in(set, 0)->circumstance = CIRCUMSTANCE_CHANGING;
    scene_expect(&scene, "CALLERS-6", VERDICT_PASS);
    in(set, 0)->outcome.status = 5;
    scene_expect(&scene, "CALLERS-6", VERDICT_WARN);
}
END_TEST

// ---- The room that texts take up

START_TEST(texts_of_one_to_four_bytes_a_character)
{
    static const struct {
        const char *name;
        uint64_t units; // of UTF-16
    } texts[] = {{"a", 1}, {"\xC3\xA9", 1}, {"\xE2\x82\xAC", 1}, {"\xF0\x9F\x98\x80", 2}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char name[8];
        struct truth_session session = {
            .initiator_name = name, .target_node_name = name, .target_name = name};
        const struct truth truth = {.session_count = 1, .sessions = &session};
        struct measure measure;
        strcpy(name, texts[i].name); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
        ck_assert_int_eq(measure_truth(&measure, &truth, scene.abi, CHARSET_W), 0);
        ck_assert_uint_eq(measure.whole, 64 + (uint64_t)3 * 2 * (texts[i].units + 1));
        ck_assert_uint_eq(measure.least, 64 + (uint64_t)2 * (texts[i].units + 1));
        ck_assert_uint_eq(measure.pieces, 4);
    }
}
END_TEST

START_TEST(texts_that_are_not_known)
{
    enum { LONGEST = 256 };
    struct measure before = scene_measure(&scene);
    struct truth_connection *connections = scene.truth->sessions[SCENE_TWO].connections;
    connections[0].unknown = FACT_INITIATOR_ADDRESS | FACT_TARGET_ADDRESS;
    uint64_t known = strlen("10.1.2.3") + strlen("10.4.5.6") + 2;
    struct measure measure = scene_measure(&scene);
    ck_assert_uint_eq(measure.least, before.least - known);
    ck_assert_uint_eq(measure.whole, before.whole - known + (uint64_t)2 * LONGEST);
    ck_assert_uint_eq(measure.pieces, before.pieces);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_call_that_did_not_return_has_its_clause,
        a_call_that_was_not_made_is_not_judged,
        without_any_call_nothing_holds,
        a_function_that_is_not_exported,
        what_the_run_could_not_do,
        what_is_not_known_of_a_session,
        what_a_clause_needs,
        a_success_without_a_buffer_for_one_session,
        the_same_bytes_with_another_count_or_size,
        the_first_wrong_session_is_named,
        the_first_wrong_pointer_is_named,
        an_address_that_can_not_be_read,
        a_pointer_exactly_at_the_size,
        other_sessions_have_another_list,
        each_form_of_null_argument_by_itself,
        a_fill_whose_call_did_not_return,
        a_query_with_no_size_is_no_answer,
        an_aligned_list_is_no_business_of_bounds_8,
        a_structure_without_names,
        the_only_connection_with_another_cid,
        one_list_has_no_order,
        a_wrong_code_for_insufficient_is_no_failure_of_changes,
        a_member_that_is_wrong_in_all_lists_is_left_out,
        a_program_that_is_served_and_one_that_is_not,
        a_program_with_one_try_while_sessions_come_and_go,
        texts_of_one_to_four_bytes_a_character,
        texts_that_are_not_known,
    };
    Suite *suite = suite_create("limits_judging");
    TCase *limits = tcase_create("limits_judging");
    tcase_set_timeout(limits, 30);
    tcase_add_checked_fixture(limits, scene_set_up_quiet, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
