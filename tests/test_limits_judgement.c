// SPDX-License-Identifier: Apache-2.0
// From the verdict of each clause to the checks of a scenario: what is planned, what a skip and a
// call that did not return have to prove, what a case can say.
#include "conformance/clauses/groups.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "harness/run/judgement.h"
#include "harness/run/run.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { CLAUSES = 12 };

static struct result result;

static void set_up(void)
{
    result = (struct result){0};
    scene_set_up_quiet();
}

static void tear_down(void)
{
    result_free(&result);
    scene_tear_down();
}

// ---- Memory that runs out: the linker's --wrap leads here (see CMakeLists.txt)

static long until = -1; // how many pieces are given before one isn't; below 0: all are
static bool ran_out;    // one wasn't

// Reserved names are what --wrap asks for.
// NOLINTBEGIN(bugprone-reserved-identifier)
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

static bool refuses(void)
{
    bool refused = until >= 0 && until-- == 0;
    ran_out = ran_out || refused;
    return refused;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuses() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return refuses() ? NULL : __real_reallocarray(memory, count, size);
}
// NOLINTEND(bugprone-reserved-identifier)

// ---- A clause whose verdict a test chooses

static struct verdict chosen;

static void choose(const struct evidence *evidence, struct verdict *verdict)
{
    (void)evidence;
    *verdict = chosen;
}

static const char *const no_sets[] = {NULL};
static const struct clause own = {.id = "OWN-1", .probe_sets = no_sets, .judge = choose};

// ---- Judging

// The checks in words, each with a space behind it: "OWN-1-A pass OWN-1-W pass ".
static const char *words_of_checks(void)
{
    static char words[2048];
    words[0] = '\0';
    for (size_t i = 0; i < result.scenarios[0].check_count; i++) {
        const struct check *check = &result.scenarios[0].checks[i];
        char name[64];
        size_t length = strlen(words);
        judgement_name(check, name, sizeof name);
        snprintf(words + length, sizeof words - length, "%s %s ", name,
                 verdict_kind_name(check->verdict.kind));
        // The evidence is the check's, wherever the checks have moved to.
        ck_assert(check->judged);
        if (check->verdict.record != NULL)
            ck_assert_ptr_eq(check->verdict.record, &check->evidence);
    }
    return words;
}

// Judges by the clauses with these names, up to a NULL; "OWN-1" is the one of this test. 0, or -1
// when memory ran out.
static int try_to_judge(const char *const *names)
{
    const struct clause *clauses[CLAUSES];
    const struct judge_options options = {.profile = scene.profile};
    size_t count = 0;
    for (; names[count] != NULL; count++) {
        clauses[count] = strcmp(names[count], own.id) == 0 ? &own : clause_find(names[count]);
        ck_assert_ptr_nonnull(clauses[count]);
    }
    result_free(&result);
    result = (struct result){.profile = scene.profile};
    return run_judge(scene.transcript, clauses, count, &options, &result);
}

static void judge(const char *const *names)
{
    ck_assert_int_eq(try_to_judge(names), 0);
}

// Whichever piece of memory there isn't: it is said, unless it makes no difference.
static void judge_without_memory(const char *const *names)
{
    judge(names);
    char *whole = strdup(words_of_checks());
    ran_out = true;
    for (long pieces = 0; ran_out; pieces++) {
        ran_out = false;
        until = pieces;
        int status = try_to_judge(names);
        until = -1;
        if (status == 0 && result_exit_status(&result) != STATUS_UNTRUSTED)
            ck_assert_str_eq(words_of_checks(), whole);
        ck_assert(status == 0 || ran_out);
    }
    free(whole);
}

static void expect_checks(const char *const *names, const char *words)
{
    judge(names);
    ck_assert_str_eq(words_of_checks(), words);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

// What the test's own clause comes to, and what it blames.
static void expect_own(enum verdict_kind kind, const char *blamed, const char *words)
{
    chosen = (struct verdict){.kind = kind, .blocked_by = blamed};
    expect_checks(NAMES("OWN-1"), words);
}

// ---- Planning

START_TEST(a_clause_is_planned_for_its_functions)
{
    scene_call_ex(&scene);
    expect_checks(NAMES("SIZE-1", "CHARSET-1", "CHARSET-4", "EX-1", "EMPTY-1", "SIZE-2"),
                  "SIZE-1-A pass SIZE-1-W pass CHARSET-1 pass CHARSET-4-W pass EX-1-Ex pass "
                  "SIZE-2-A pass SIZE-2-W pass ");
    ck_assert_uint_eq(result.scenarios[0].planned_count, 7);
}
END_TEST

// Which checks of a clause with these sets of probes are left when the transcript has no more than
// the calls that it has: "A", "AW".
static void expect_planned(struct clause clause, const char *charsets)
{
    struct scenario_result scenario = {0};
    const struct clause *planned = &clause;
    const struct traits traits = {.sessions = true};
    char left[CHECK_CHARSETS * 4] = "";
    ck_assert_int_eq(judgement_plan(&scenario, &planned, 1, &traits), 0);
    judgement_drop_unprobed(&scenario, scene.transcript);
    for (size_t i = 0; i < scenario.check_count; i++)
        strcat(left, check_charset_name(scenario.checks[i].charset));
    ck_assert_str_eq(left, charsets);
    scenario_result_clear(&scenario);
}

static const char *const two_sets[] = {"query", "fetch", NULL};
static const char *const event_sets[] = {"query", PROBE_SET_EVENTS, NULL};
static const char *const both_sets[] = {PROBE_SET_THREADS_BOTH, NULL};
static const char *const query_set[] = {"query", NULL};

START_TEST(a_check_whose_calls_were_not_made_is_not_planned)
{
    const struct clause each = {.id = "OWN-1", .probe_sets = two_sets};
    const struct clause both = {.id = "OWN-1", .probe_sets = two_sets, .charsets = JUDGED_TOGETHER};
    reopen(SCENE_SESSIONS);
    expect_planned(each, "");
    expect_planned(own, "AW"); // needs none
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "query", CHARSET_W, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_W, PLACE_END, 4096);
    expect_planned(each, "W");
    expect_planned(both, "");
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 4096);
    expect_planned(each, "AW");
    expect_planned(both, "A+W");
}
END_TEST

START_TEST(not_every_scenario_has_events)
{
    const struct clause clause = {.id = "OWN-1", .probe_sets = event_sets};
    expect_planned(clause, "AW");
}
END_TEST

START_TEST(of_one_that_is_not_exported_the_other_s_calls_tell)
{
    const struct clause clause = {.id = "OWN-1", .probe_sets = two_sets};
    reopen(SCENE_SESSIONS);
    scene.transcript->hello.has_w = 0;
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    expect_planned(clause, "");
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 4096);
    expect_planned(clause, "AW");
    scene.transcript->hello.has_a = 0; // nothing can be called then, and that is to be said
    expect_planned(clause, "AW");
    expect_planned((struct clause){.id = "OWN-1", .probe_sets = both_sets}, "AW");
    scene.transcript->hello.has_w = 1;
    expect_planned(clause, "");
    expect_planned((struct clause){.id = "OWN-1", .probe_sets = both_sets}, "AW");
}
END_TEST

START_TEST(both_at_once_are_called_where_there_are_both)
{
    const struct clause clause = {.id = "OWN-1", .probe_sets = both_sets};
    reopen(SCENE_SESSIONS);
    expect_planned(clause, "");
    scene.transcript->hello.has_w = 0;
    expect_planned(clause, "AW");
    scene.transcript->hello.has_w = 1;
    scene_call(&scene, PROBE_SET_THREADS_BOTH, CHARSET_A, PLACE_END, 4096);
    expect_planned(clause, "AW"); // W's threads made no call in time
}
END_TEST

START_TEST(a_sibling_needs_its_own_calls)
{
    const struct clause ex = {
        .id = "EX-1", .probe_sets = query_set, .charsets = JUDGED_EX, .family = FAMILY_EX};
    struct clause targets = {.id = "TARGETS-1", .probe_sets = query_set, .family = FAMILY_TARGETS};
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene.transcript->hello.has_ex = 1;
    expect_planned(ex, "");
    scene_call(&scene, "query", CHARSET_EX, PLACE_NULL, 0);
    expect_planned(ex, "Ex");
    scene.transcript->hello.has_ex = 0;
    expect_planned(ex, "");
    scene.transcript->hello.has_more = HELLO_MORE_ALL;
    scene_call(&scene, "query", CHARSET_TARGETS_W, PLACE_NULL, 0);
    expect_planned(targets, "W");
    targets.charsets = JUDGED_TOGETHER;
    expect_planned(targets, "");
    scene_call(&scene, "query", CHARSET_TARGETS_A, PLACE_NULL, 0);
    expect_planned(targets, "A+W");
}
END_TEST

START_TEST(a_sibling_is_held_against_lists)
{
    const struct clause ex = {.id = "EX-1",
                              .probe_sets = query_set,
                              .list_sets = two_sets,
                              .charsets = JUDGED_EX,
                              .family = FAMILY_EX};
    reopen(SCENE_SESSIONS);
    scene.transcript->hello.has_ex = 1;
    scene_call(&scene, "query", CHARSET_EX, PLACE_NULL, 0);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    expect_planned(ex, "");
    scene_call(&scene, "fetch", CHARSET_W, PLACE_END, 4096);
    expect_planned(ex, "Ex"); // A's and W's lists together
    reopen(SCENE_SESSIONS);
    scene.transcript->hello.has_ex = 1;
    scene_call(&scene, "query", CHARSET_EX, PLACE_NULL, 0);
    expect_planned(ex, "");
    scene.transcript->hello.has_w = 0;
    expect_planned(ex, "");
    scene.transcript->hello.has_a = 0;
    scene.transcript->hello.has_w = 1;
    expect_planned(ex, "");
    scene.transcript->hello.has_w = 0; // a library that has no other
    expect_planned(ex, "Ex");
}
END_TEST

START_TEST(a_host_of_unknown_pointers_is_not_judged)
{
    scene.transcript->hello.pointer_size = 5;
    expect_checks(NAMES("SIZE-1", "EXPORT-1"), "SIZE-1-A error SIZE-1-W error EXPORT-1 error ");
}
END_TEST

// ---- What a skip blames

// No fetch succeeds in A.
static void break_status(enum charset charset)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->call.charset == charset && record->outcome.byte_count > 0)
            scene_refuse(&scene, record, ERROR_NOACCESS);
    }
}

START_TEST(a_skip_that_nothing_explains_is_an_error)
{
    expect_own(VERDICT_SKIP, "STATUS-1",
               "OWN-1-A error OWN-1-W error STATUS-1-A pass STATUS-1-W pass ");
    ck_assert_uint_eq(result.scenarios[0].planned_count, 2);
    ck_assert_ptr_nonnull(
        strstr(result.scenarios[0].checks[0].verdict.got, "nothing that explains it"));
    ck_assert_int_eq(result_exit_status(&result), STATUS_UNTRUSTED);
}
END_TEST

START_TEST(a_skip_is_proved_by_a_failure_of_the_same_function)
{
    break_status(CHARSET_A);
    expect_own(VERDICT_SKIP, "STATUS-1",
               "OWN-1-A skip OWN-1-W error STATUS-1-A fail STATUS-1-W pass ");
    expect_own(VERDICT_SKIP, "SIZE-10, STATUS-1",
               "OWN-1-A skip OWN-1-W error STATUS-1-A fail STATUS-1-W pass SIZE-10-A fail "
               "SIZE-10-W pass ");
    expect_own(VERDICT_SKIP, BLOCKED_BY_ANY, "OWN-1-A skip OWN-1-W skip ");
    expect_own(VERDICT_SKIP, NULL, "OWN-1-A skip OWN-1-W skip ");
    expect_own(VERDICT_PASS, "STATUS-1", "OWN-1-A pass OWN-1-W pass ");
}
END_TEST

START_TEST(a_selected_clause_is_not_judged_twice)
{
    break_status(CHARSET_W);
    chosen = (struct verdict){.kind = VERDICT_SKIP, .blocked_by = "STATUS-1"};
    expect_checks(NAMES("STATUS-1", "OWN-1"),
                  "STATUS-1-A pass STATUS-1-W fail OWN-1-A error OWN-1-W skip ");
    ck_assert_uint_eq(result.scenarios[0].planned_count, 4);
}
END_TEST

// SIZE-1 is no SIZE-10.
START_TEST(a_skip_blames_whole_names)
{
    in("query", 0)->outcome.size_out = 0;
    judge(NAMES("SIZE-1"));
    ck_assert_str_eq(words_of_checks(), "SIZE-1-A fail SIZE-1-W pass ");
    chosen = (struct verdict){.kind = VERDICT_SKIP, .blocked_by = "SIZE-10"};
    expect_checks(NAMES("SIZE-1", "OWN-1"),
                  "SIZE-1-A fail SIZE-1-W pass OWN-1-A error OWN-1-W error SIZE-10-A pass "
                  "SIZE-10-W pass ");
    chosen.blocked_by = "SIZE-10, SIZE-1";
    expect_checks(NAMES("SIZE-1", "OWN-1"),
                  "SIZE-1-A fail SIZE-1-W pass OWN-1-A skip OWN-1-W error SIZE-10-A pass "
                  "SIZE-10-W pass ");
}
END_TEST

START_TEST(what_does_not_apply_explains_nothing)
{
    expect_own(VERDICT_SKIP, "EMPTY-1", "OWN-1-A error OWN-1-W error ");
    expect_own(VERDICT_SKIP, "EX-1", "OWN-1-A error OWN-1-W error ");
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene.transcript->lacks = LACKS_SOURCE; // FAULT-3 would be skipped
    expect_own(VERDICT_SKIP, "FAULT-3", "OWN-1-A error OWN-1-W error ");
}
END_TEST

START_TEST(what_has_calls_in_one_charset_explains_there)
{
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "query", CHARSET_W, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_W, PLACE_END, scene_required(&scene, CHARSET_W));
    break_status(CHARSET_W);
    expect_own(VERDICT_SKIP, "STATUS-1", "OWN-1-A error OWN-1-W skip STATUS-1-W fail ");
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, required);
    break_status(CHARSET_A);
    expect_own(VERDICT_SKIP, "STATUS-1", "OWN-1-A skip OWN-1-W error STATUS-1-A fail ");
}
END_TEST

// A set of events may have been called; that alone gives a clause about events nothing to judge.
START_TEST(a_clause_without_calls_explains_at_any_time)
{
    chosen = (struct verdict){.kind = VERDICT_SKIP, .blocked_by = "EXPORT-1"};
    expect_checks(NAMES("EXPORT-1", "OWN-1"), "EXPORT-1 pass OWN-1-A error OWN-1-W error ");
    scene.transcript->hello.has_w = 0;
    expect_own(VERDICT_SKIP, "EXPORT-1", "OWN-1-A skip OWN-1-W skip EXPORT-1 fail ");
}
END_TEST

START_TEST(a_tolerated_failure_explains_as_well)
{
    reopen(0);
    scene.profile = "windows";
    for (uint32_t size = 0; size < 64; size += 63) {
        struct record *record = scene_call(&scene, "query", CHARSET_A, PLACE_END, size);
        scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
        record->outcome.size_out = 64;
        record->outcome.count_out = 0;
    }
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
    expect_own(VERDICT_SKIP, "EMPTY-1", "OWN-1-A skip OWN-1-W error EMPTY-1-A known ");
}
END_TEST

// What is wrong in lists of a later moment is no explanation of what was found while nothing
// changed.
START_TEST(what_came_later_explains_nothing)
{
    scene_call_changing(&scene);
    for (size_t i = LOGIN; i <= REINSTATEMENT; i++)
        if (in("steps", i)->outcome.byte_count > 0)
            *scene_text(&scene, in("steps", i),
                        scene_member(&scene, in("steps", i), 0, scene.abi->target_name)) ^= 1;
    expect_own(VERDICT_SKIP, "CONTENT-3",
               "OWN-1-A error OWN-1-W error CONTENT-3-A pass CONTENT-3-W pass ");
    scene.transcript->of_case = true;
    expect_checks(NAMES("CONTENT-3"), "CONTENT-3-A pass CONTENT-3-W pass ");
}
END_TEST

// ---- Calls that did not return

START_TEST(a_call_that_did_not_return_breaks_its_clause)
{
    in("fetch", 1)->outcome.kind = OUTCOME_HUNG;
    expect_checks(NAMES("EXPORT-1"), "EXPORT-1 pass STATUS-1-A fail ");
    ck_assert_uint_eq(result.scenarios[0].planned_count, 1);
    expect_checks(NAMES("STATUS-1"), "STATUS-1-A fail STATUS-1-W pass ");
    scene_record(&scene, "fetch", CHARSET_W, 0)->outcome.kind = OUTCOME_HUNG;
    expect_checks(NAMES("EXPORT-1"), "EXPORT-1 pass STATUS-1-A fail STATUS-1-W fail ");
}
END_TEST

START_TEST(several_that_did_not_return_break_several)
{
    scene_record(&scene, "fetch", CHARSET_W, 0)->outcome.kind = OUTCOME_HUNG;
    scene_record(&scene, "query", CHARSET_W, 0)->outcome.kind = OUTCOME_ENDED;
    expect_checks(NAMES("EXPORT-1"), "EXPORT-1 pass BOUNDS-3-W fail STATUS-1-W fail ");
    reopen(SCENE_SESSIONS);
    scene_call_quiet(&scene);
    in("fetch", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    expect_checks(NAMES("EXPORT-1"), "EXPORT-1 pass ");
    scene.transcript->records[0].outcome.kind = OUTCOME_HUNG;
    expect_checks(NAMES("EXPORT-1"), "EXPORT-1 pass BOUNDS-3-A fail ");
}
END_TEST

START_TEST(a_call_of_a_sibling_breaks_the_sibling_s_clause)
{
    scene_call_ex(&scene);
    scene_record(&scene, "fetch", CHARSET_EX, 0)->outcome.kind = OUTCOME_HUNG;
    expect_checks(NAMES("EXPORT-1"), "EXPORT-1 pass EX-1-Ex fail ");
}
END_TEST

// The run could not do what CHANGE-3 is about, so that CHANGE-3 is skipped, whatever was called.
START_TEST(a_loss_that_breaks_no_clause_is_an_error)
{
    char words[64];
    scene.transcript->lacks = LACKS_CHANGES;
    scene_call_under(&scene, "changing", CIRCUMSTANCE_CHANGING, CHARSET_W, 0);
    scene_call_under(&scene, "changing", CIRCUMSTANCE_CHANGING, CHARSET_W, 0);
    for (size_t i = 1; i <= 2; i++)
        scene.transcript->records[scene.transcript->record_count - i].outcome.kind = OUTCOME_HUNG;
    expect_checks(NAMES("CHANGE-3"), "CHANGE-3-W skip CHANGE-3-W error ");
    expect_checks(NAMES("EXPORT-1"), "EXPORT-1 pass CHANGE-3-W error ");
    snprintf(words, sizeof words, "call %zu did not return", scene.transcript->record_count - 1);
    ck_assert_ptr_nonnull(strstr(result.scenarios[0].checks[1].verdict.got, words));
    ck_assert_int_eq(result_exit_status(&result), STATUS_UNTRUSTED);
}
END_TEST

// ---- Room

START_TEST(many_checks_keep_their_evidence)
{
    in("fetch", 1)->outcome.kind = OUTCOME_HUNG;
    in("query", 0)->outcome.status = ERROR_NOACCESS;
    scene_record(&scene, "query", CHARSET_W, 0)->outcome.status = ERROR_NOACCESS;
    // Sixteen, and then those that are added.
    judge(NAMES("STATUS-2", "STATUS-3", "SIZE-1", "SIZE-3", "COUNT-1", "COUNT-2", "COUNT-3",
                "COUNT-4"));
    ck_assert_uint_gt(result.scenarios[0].check_count, 16);
    ck_assert_int_eq(result.scenarios[0].checks[0].verdict.kind, VERDICT_FAIL);
    (void)words_of_checks();
}
END_TEST

START_TEST(without_memory_nothing_is_judged)
{
    chosen = (struct verdict){.kind = VERDICT_SKIP, .blocked_by = "STATUS-1, STATUS-2"};
    judge_without_memory(NAMES("OWN-1", "EXPORT-1"));
    // Sixteen, and then those that are added.
    judge_without_memory(
        NAMES("OWN-1", "STATUS-3", "SIZE-1", "SIZE-3", "COUNT-1", "COUNT-2", "COUNT-3", "COUNT-4"));
    in("fetch", 1)->outcome.kind = OUTCOME_HUNG;
    judge_without_memory(NAMES("EXPORT-1"));
    judge_without_memory(NAMES("STATUS-2", "STATUS-3", "SIZE-1", "SIZE-3", "COUNT-1", "COUNT-2",
                               "COUNT-3", "COUNT-4"));
    scene.transcript->of_case = true;
    judge_without_memory(NAMES("STATUS-1", "CONTENT-3"));
}
END_TEST

// ---- Sessions that come where there were none

static void call_later(enum charset charset)
{
    uint32_t size = scene_required(&scene, charset);
    scene_call_under(&scene, "steps", CIRCUMSTANCE_LOGIN, charset, size);
    scene_call_under(&scene, "steps", CIRCUMSTANCE_LOGIN, charset, size + 4096);
}

static void spoil_names(enum charset charset)
{
    for (size_t i = 0; i < 2; i++) {
        fetch = scene_record(&scene, "steps", charset, i);
        *scene_text(&scene, fetch, member(0, scene.abi->target_name)) ^= 1;
    }
}

static void begin_empty(void)
{
    reopen(0);
    for (int charset = CHARSET_A; charset <= CHARSET_W; charset++) {
        scene_call(&scene, "query", (enum charset)charset, PLACE_NULL, 0);
        scene_call(&scene, "fetch", (enum charset)charset, PLACE_END, 4096);
    }
    scene_log_in(&scene);
    call_later(CHARSET_A);
    call_later(CHARSET_W);
}

START_TEST(the_lists_of_later_sessions_are_judged)
{
    begin_empty();
    expect_checks(NAMES("EXPORT-1", "CONTENT-2", "CONTENT-3", "LAYOUT-1"), "EXPORT-1 pass ");
    spoil_names(CHARSET_W);
    expect_checks(NAMES("EXPORT-1", "CONTENT-2", "CONTENT-3", "LAYOUT-1"),
                  "EXPORT-1 pass CONTENT-3-W fail ");
    ck_assert_uint_eq(result.scenarios[0].planned_count, 1);
    expect_checks(NAMES("EXPORT-1", "CONTENT-2"), "EXPORT-1 pass ");
    judge_without_memory(NAMES("CONTENT-3"));
    spoil_names(CHARSET_A);
    expect_checks(NAMES("CONTENT-3"), "CONTENT-3-A fail CONTENT-3-W fail ");
}
END_TEST

// What is wrong in no list alone, and what was judged as planned, is not judged by later lists.
START_TEST(only_lists_of_later_sessions_are_judged)
{
    begin_empty();
    scene.transcript->hello.has_w = 0;
    in("steps", 0)->outcome.size_out = in("steps", 0)->call.offered + 1;
    expect_checks(NAMES("EXPORT-1", "SIZE-7"), "EXPORT-1 fail ");
}
END_TEST

START_TEST(two_members_are_wrong_in_later_lists)
{
    begin_empty();
    spoil_names(CHARSET_A);
    for (size_t i = 0; i < 2; i++) {
        fetch = in("steps", i);
        *scene_text(&scene, fetch, member(0, scene.abi->initiator_name)) ^= 1;
    }
    expect_checks(NAMES("CONTENT-3"), "CONTENT-3-A fail ");
    expect_checks(NAMES("CONTENT-2"), "CONTENT-2-A fail ");
}
END_TEST

START_TEST(one_list_of_later_sessions_is_judged_alone)
{
    begin_empty();
    fetch = in("steps", 0);
    scene_point(fetch, member(0, scene.abi->target_name), 1 << 20); // beyond the buffer
    expect_checks(NAMES("LAYOUT-1", "LAYOUT-2"), "LAYOUT-2-A fail ");
}
END_TEST

START_TEST(without_later_sessions_no_list_is_judged)
{
    reopen(0);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 4096);
    expect_checks(NAMES("LAYOUT-1", "CONTENT-3"), "");
}
END_TEST

START_TEST(with_sessions_from_the_first_nothing_is_judged_later)
{
    spoil(in("fetch", 0));
    judge(NAMES("EXPORT-1"));
    ck_assert_str_eq(words_of_checks(), "EXPORT-1 pass ");
}
END_TEST

START_TEST(of_a_function_that_is_not_there_no_list_is_judged)
{
    begin_empty();
    spoil_names(CHARSET_W);
    scene.transcript->hello.has_w = 0;
    expect_checks(NAMES("CONTENT-3"), "");
}
END_TEST

// ---- Cases

START_TEST(a_case_says_what_its_calls_say)
{
    scene.transcript->of_case = true;
    expect_own(VERDICT_PASS, NULL, "OWN-1-A pass OWN-1-W pass ");
    expect_own(VERDICT_ERROR, NULL, "");
    expect_own(VERDICT_SKIP, NULL, "OWN-1-A skip OWN-1-W skip ");
    expect_own(VERDICT_SKIP, BLOCKED_BY_ANY, "");
    expect_own(VERDICT_FAIL, BLOCKED_BY_ANY, "OWN-1-A fail OWN-1-W fail ");
    expect_own(VERDICT_SKIP, "STATUS-1", "");
    break_status(CHARSET_W);
    chosen = (struct verdict){.kind = VERDICT_SKIP, .blocked_by = "STATUS-1"};
    expect_checks(NAMES("OWN-1", "STATUS-1"), "OWN-1-W skip STATUS-1-A pass STATUS-1-W fail ");
    ck_assert_uint_eq(result.scenarios[0].planned_count, 3);
}
END_TEST

// One call that the clause looks at is enough, though it is of none of its sets.
START_TEST(a_case_need_not_have_the_calls_of_a_run)
{
    reopen(SCENE_SESSIONS);
    scene_call(&scene, "counts", CHARSET_A, PLACE_END, 1)->outcome.status = 5;
    scene.transcript->of_case = true;
    expect_checks(NAMES("STATUS-2"), "STATUS-2-A fail ");
}
END_TEST

START_TEST(a_case_tells_of_calls_that_did_not_return)
{
    scene.transcript->of_case = true;
    in("fetch", 0)->outcome.kind = OUTCOME_HUNG;
    expect_own(VERDICT_SKIP, BLOCKED_BY_ANY, "OWN-1-A skip STATUS-1-A fail ");
    in("fetch", 0)->outcome.kind = OUTCOME_NOT_TRIED;
    expect_own(VERDICT_SKIP, BLOCKED_BY_ANY, "OWN-1-A skip ");
    in("fetch", 0)->outcome.kind = OUTCOME_RETURNED;
    scene.transcript->records[0].outcome.kind = OUTCOME_NOT_TRIED;
    expect_own(VERDICT_SKIP, BLOCKED_BY_ANY, "OWN-1-A skip ");
}
END_TEST

// ---- Causes

START_TEST(a_failure_names_what_it_follows_from)
{
    scene_refuse(&scene, in("fetch", FETCH_EXACT), ERROR_NOACCESS);
    judge(NAMES("SIZE-2", "STATUS-1", "SIZE-1"));
    const struct check *checks = result.scenarios[0].checks;
    ck_assert_str_eq(words_of_checks(), "SIZE-2-A fail SIZE-2-W pass STATUS-1-A fail STATUS-1-W "
                                        "pass SIZE-1-A pass SIZE-1-W pass ");
    ck_assert_str_eq(checks[0].verdict.consequence_of, "STATUS-1");
    ck_assert_ptr_null(checks[2].verdict.consequence_of);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_clause_is_planned_for_its_functions,
        a_check_whose_calls_were_not_made_is_not_planned,
        not_every_scenario_has_events,
        of_one_that_is_not_exported_the_other_s_calls_tell,
        both_at_once_are_called_where_there_are_both,
        a_sibling_needs_its_own_calls,
        a_sibling_is_held_against_lists,
        a_host_of_unknown_pointers_is_not_judged,
        a_skip_that_nothing_explains_is_an_error,
        a_skip_is_proved_by_a_failure_of_the_same_function,
        a_selected_clause_is_not_judged_twice,
        a_skip_blames_whole_names,
        what_does_not_apply_explains_nothing,
        what_has_calls_in_one_charset_explains_there,
        a_clause_without_calls_explains_at_any_time,
        a_tolerated_failure_explains_as_well,
        what_came_later_explains_nothing,
        a_call_that_did_not_return_breaks_its_clause,
        several_that_did_not_return_break_several,
        a_call_of_a_sibling_breaks_the_sibling_s_clause,
        a_loss_that_breaks_no_clause_is_an_error,
        many_checks_keep_their_evidence,
        without_memory_nothing_is_judged,
        the_lists_of_later_sessions_are_judged,
        only_lists_of_later_sessions_are_judged,
        two_members_are_wrong_in_later_lists,
        one_list_of_later_sessions_is_judged_alone,
        without_later_sessions_no_list_is_judged,
        with_sessions_from_the_first_nothing_is_judged_later,
        of_a_function_that_is_not_there_no_list_is_judged,
        a_case_says_what_its_calls_say,
        a_case_need_not_have_the_calls_of_a_run,
        a_case_tells_of_calls_that_did_not_return,
        a_failure_names_what_it_follows_from,
    };
    Suite *suite = suite_create("limits_judgement");
    TCase *limits = tcase_create("limits_judgement");
    tcase_add_checked_fixture(limits, set_up, tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
