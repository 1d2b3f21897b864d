// SPDX-License-Identifier: Apache-2.0
// Answers around changes, in threads, with a damaged source and in a caller's process that stand
// exactly on a limit of the clauses about them.
#include "conformance/judge/consistency.h"
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

// ---- Logins and logouts

START_TEST(a_new_size_that_is_not_new)
{
    struct record *record = in("steps", LOGIN);
    ck_assert_uint_eq(record->call.offered, required);
    record->outcome.size_out = required + 1;
    scene_expect(&scene, "CHANGE-1", VERDICT_PASS);
    record->outcome.size_out = required;
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_new_size_that_is_not_enough)
{
    scene_refuse(&scene, in("steps", LOGIN_AGAIN), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_new_size_that_is_not_enough_as_before)
{
    for (size_t i = 0; i < scene.transcript->record_count; i++) {
        struct record *record = &scene.transcript->records[i];
        if (record->call.charset == CHARSET_A && record->call.offered == required)
            scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    }
    scene_refuse(&scene, in("steps", LOGIN_AGAIN), ERROR_INSUFFICIENT_BUFFER);
    scene_refuse(&scene, in("steps", LOGOUT), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-1", VERDICT_PASS); // SIZE-2's business
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-4", VERDICT_PASS);
    scene_expect(&scene, "CHANGE-5", VERDICT_PASS);
    scene_expect(&scene, "SIZE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_list_after_a_login_that_lacks_something)
{
    spoil(in("steps", LOGIN_AGAIN));
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_refusal_after_a_login_with_another_code)
{
    in("steps", LOGIN)->outcome.status = 234;
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(an_old_list_after_a_login)
{
    struct record *record = in("steps", LOGIN);
    const struct truth *first = scene.transcript->truths[0];
    ck_assert_uint_eq(scene.truth->session_count, first->session_count);
    scene_succeed(&scene, record); // with the latest truth's list, which has no session more
    scene_expect(&scene, "CHANGE-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_size_after_a_logout_that_is_the_old_one)
{
    struct record *record = in("steps", LOGOUT);
    for (int more = -1; more <= 1; more++) {
        record->outcome.size_out = record->call.offered + (uint32_t)more;
        scene_expect(&scene, "CHANGE-2", more < 0 ? VERDICT_PASS : VERDICT_FAIL);
    }
    record->outcome.size_out = record->call.offered;
    scene.profile = "windows";
    scene_expect(&scene, "CHANGE-2", VERDICT_KNOWN);
    record->outcome.size_out++;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_logout_that_is_refused_or_not_seen)
{
    spoil(in("steps", LOGOUT));
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
    scene_refuse(&scene, in("steps", LOGOUT), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_lost_connection_that_is_not_seen)
{
    scene_expect(&scene, "CHANGE-5", VERDICT_PASS);
    *scene_member(&scene, in("steps", DROP), SCENE_ONE, scene.abi->connection_count) = 1;
    scene_expect(&scene, "CHANGE-5", VERDICT_FAIL);
}
END_TEST

START_TEST(a_reinstatement_that_is_not_seen)
{
    *scene_member(&scene, in("steps", REINSTATEMENT), SCENE_ONE, scene.abi->tsid) ^= 0x40;
    scene_expect(&scene, "CHANGE-5", VERDICT_FAIL);
    scene_refuse(&scene, in("steps", REINSTATEMENT), 5);
    scene_expect(&scene, "CHANGE-5", VERDICT_FAIL);
}
END_TEST

START_TEST(an_identifier_that_does_not_last)
{
    struct record *record = in("steps", LOGOUT);
    uint8_t *id = scene_member(&scene, record, SCENE_TWO, scene.abi->session_id + 15);
    *id ^= 1;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
    *id ^= 1;
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
    *scene_connection(&scene, record, SCENE_TWO, 1, scene.abi->connection_id + 15) ^= 1;
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
}
END_TEST

// ---- Events

// An event that changes the sessions, with its calls; the record that is made after it.
static struct record *add_event(void (*change)(struct scene *scene), const char *after)
{
    uint32_t before = scene_required(&scene, CHARSET_A);
    scene_call_under(&scene, PROBE_SET_EVENTS, CIRCUMSTANCE_BEFORE_EVENT "1", CHARSET_A, 0);
    change(&scene);
    scene_call_under(&scene, PROBE_SET_EVENTS, after, CHARSET_A, before);
    uint32_t now = scene_required(&scene, CHARSET_A);
    if (now > before)
        scene_call_under(&scene, PROBE_SET_EVENTS, after, CHARSET_A, now);
    return transcript_last(scene.transcript);
}

static const char *const direction_clauses[] = {"CHANGE-1", "CHANGE-2", "CHANGE-5"};

static void expect_by_direction(const char *broken)
{
    for (size_t i = 0; i < 3; i++)
        scene_expect(&scene, direction_clauses[i],
                     strcmp(direction_clauses[i], broken) == 0 ? VERDICT_FAIL : VERDICT_PASS);
}

START_TEST(events_are_judged_in_each_direction)
{
    static void (*const changes[])(struct scene *) = {scene_log_in, scene_log_out, scene_change};
    static const char *const names[] = {CIRCUMSTANCE_AFTER_EVENT "1", CIRCUMSTANCE_AFTER_EVENT "2",
                                        CIRCUMSTANCE_AFTER_EVENT "3"};
    for (size_t i = 0; i < 3; i++) {
        struct record *record = add_event(changes[i], names[i]);
        for (size_t j = 0; j < 3; j++)
            scene_expect(&scene, direction_clauses[j], VERDICT_PASS);
        spoil(record);
        expect_by_direction(direction_clauses[i]);
        spoil(record); // it is right again
        expect_by_direction("none");
    }
}
END_TEST

START_TEST(what_a_query_before_an_event_said_is_no_matter)
{
    spoil(add_event(scene_log_out, CIRCUMSTANCE_AFTER_EVENT "1"));
    scene_expect(&scene, "CHANGE-2", VERDICT_FAIL);
    in(PROBE_SET_EVENTS, 0)->outcome.status = 5;
    scene_expect(&scene, "CHANGE-2", VERDICT_PASS);
}
END_TEST

// ---- While sessions come and go

START_TEST(a_list_that_was_never_true)
{
    spoil(in("changing", CHANGING));
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    spoil(in("changing", CHANGING));
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    in("changing", CHANGING_QUERY)->outcome.status = 5;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
}
END_TEST

// What a list takes up at the least of the truth in force when `record` was made; see room.h.
static uint32_t least_of(const struct truth *truth)
{
    struct measure measure;
    ck_assert_int_eq(measure_truth(&measure, truth, scene.abi, CHARSET_A), 0);
    return (uint32_t)(measure.least - measure.initiator_addresses);
}

START_TEST(a_size_required_while_sessions_change_that_is_too_small)
{
    struct record *query = in("changing", CHANGING_QUERY);
    const struct truth *present = scene.transcript->truths[scene.transcript->truth_count / 2];
    for (int less = 0; less <= 1; less++) {
        query->outcome.size_out = least_of(present) - (uint32_t)less;
        scene_expect(&scene, "CHANGE-3", less ? VERDICT_FAIL : VERDICT_PASS);
    }
    ck_assert_str_eq(scene_judge(&scene, "CHANGE-3", CHARSET_A).about, "SIZE-6");
    query->outcome.size_out++;
    struct record *record = in("changing", CHANGING);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_gt(record->call.offered, least_of(present));
    struct record *right = scene_call_under(&scene, "changing", CIRCUMSTANCE_CHANGING, CHARSET_A,
                                            required); // for a success
    ck_assert_uint_eq(right->outcome.status, ERROR_SUCCESS);
    record = in("changing", CHANGING);
    record->outcome.size_out = record->call.offered + 1;
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    record->outcome.size_out = record->call.offered;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    ck_assert_str_eq(scene_judge(&scene, "CHANGE-3", CHARSET_A).about, "SIZE-1");
}
END_TEST

START_TEST(a_size_required_may_be_that_of_any_moment_of_the_call)
{
    scene_log_out(&scene);
    uint32_t fewer = least_of(scene.truth);
    struct record *query =
        scene_call_under(&scene, "changing", CIRCUMSTANCE_CHANGING, CHARSET_A, 0);
    scene_log_in(&scene); // it is settled after the next call has begun
    query->outcome.size_out = fewer;
    uint64_t ended_ns = query->outcome.ended_ns;
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    query->outcome.size_out--;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    query->outcome.size_out++;
    // Many such calls: the last of them saw the sessions that there are now.
    query->outcome.repeats = 2;
    query->outcome.first_ended_ns = ended_ns;
    query->outcome.last_began_ns = scene.truth->settled_ns + 1;
    query->outcome.ended_ns = scene.truth->settled_ns + 2;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    query->outcome.size_out = least_of(scene.truth);
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    query->outcome.size_out = fewer;
    query->outcome.repeats = 1; // a long one, which may have seen either
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
}
END_TEST

START_TEST(a_size_retrieved_while_sessions_change)
{
    struct record *record = in("changing", CHANGING);
    ck_assert_uint_eq(record->outcome.size_out, record->call.offered);
    record->outcome.size_out--;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    ck_assert_str_eq(scene_judge(&scene, "CHANGE-3", CHARSET_A).about, "SIZE-9");
    record->outcome.size_out += 2;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    ck_assert_str_eq(scene_judge(&scene, "CHANGE-3", CHARSET_A).about, "SIZE-5");
    record->call.offered++; // a size larger than used is no business of this clause
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
}
END_TEST

// The same already while nothing changes is another clause's business.
START_TEST(a_size_while_sessions_change_that_is_wrong_as_before)
{
    struct record *quiet[] = {in("short", 0), in("short", 0), in("fetch", 1), in("fetch", 1)};
    const uint32_t sizes[] = {quiet[0]->call.offered, least_of(scene.transcript->truths[0]) - 1,
                              quiet[2]->call.offered + 1, required - 1};
    struct record *record = in("changing", CHANGING);
    record->outcome.size_out--;
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++) {
        uint32_t right = quiet[i]->outcome.size_out;
        scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
        quiet[i]->outcome.size_out = sizes[i];
        scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
        quiet[i]->outcome.size_out = right;
    }
}
END_TEST

// Without sessions at first: what all later lists have wrong may be left out of them, and makes the
// size smaller, if it takes room.
START_TEST(a_size_while_sessions_change_of_lists_that_lack_something)
{
    reopen(0);
    scene_call(&scene, "query", CHARSET_A, PLACE_NULL, 0);
    scene_call(&scene, "fetch", CHARSET_A, PLACE_END, 64);
    scene_log_in(&scene);
    uint32_t now = scene_required(&scene, CHARSET_A);
    scene_call_under(&scene, "steps", CIRCUMSTANCE_LOGIN, CHARSET_A, now);
    scene_call_under(&scene, "changing", CIRCUMSTANCE_CHANGING, CHARSET_A, now);
    scene_call_under(&scene, "changing", CIRCUMSTANCE_CHANGING, CHARSET_A, 0)->outcome.size_out =
        least_of(scene.truth) - 1;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    for (int i = 0; i < 2; i++)
        *scene_member(&scene, in(i == 0 ? "steps" : "changing", 0), 0, scene.abi->isid) ^= 1;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    for (int i = 0; i < 2; i++) {
        struct record *record = in(i == 0 ? "steps" : "changing", 0);
        uint8_t *name = scene_member(&scene, record, 0, scene.abi->initiator_name);
        *scene_text(&scene, record, name) ^= 1;
    }
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
}
END_TEST

START_TEST(generations_are_visible_until_the_next_is_in_place)
{
    const struct truth *second = scene.transcript->truths[1];
    const struct truth *third = scene.transcript->truths[2];
    ck_assert(generation_visible(scene.transcript, 1, second->began_ns, second->began_ns));
    ck_assert(!generation_visible(scene.transcript, 1, second->began_ns - 2, second->began_ns - 1));
    ck_assert_uint_lt(third->began_ns, third->settled_ns);
    ck_assert(generation_visible(scene.transcript, 1, third->settled_ns, third->settled_ns + 5));
    ck_assert(
        !generation_visible(scene.transcript, 1, third->settled_ns + 1, third->settled_ns + 5));
    size_t last = scene.transcript->truth_count - 1;
    ck_assert(generation_visible(scene.transcript, last, UINT64_MAX, UINT64_MAX));
}
END_TEST

// Many calls with the same answer: the first of them is held against its own moment, and so is the
// last.
START_TEST(a_repeated_answer_is_right_at_both_ends)
{
    struct outcome *outcome = &in("changing", CHANGING)->outcome;
    outcome->repeats = 3;
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    scene_change(&scene);
    spoil(in("changing", CHANGING));
    scene.truth->sessions[SCENE_ONE].isid[5] ^= 0x40;
    outcome->ended_ns = scene.now_ns + 1;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL); // right at the end only
    outcome->first_ended_ns = outcome->ended_ns;
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
    outcome->last_began_ns = outcome->began_ns;
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
}
END_TEST

START_TEST(a_repeated_answer_that_is_right_at_the_beginning_only)
{
    struct outcome *outcome = &in("changing", CHANGING)->outcome;
    scene_change(&scene);
    scene.truth->sessions[SCENE_ONE].isid[5] ^= 0x40;
    outcome->repeats = 2;
    outcome->last_began_ns = scene.now_ns + 1;
    outcome->ended_ns = scene.now_ns + 2;
    scene_expect(&scene, "CHANGE-3", VERDICT_FAIL);
    outcome->repeats = 1; // one call, which may have seen either
    scene_expect(&scene, "CHANGE-3", VERDICT_PASS);
}
END_TEST

START_TEST(fetches_that_never_succeed_after_changes)
{
    scene_refuse(&scene, in("changing", SETTLED), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-4", VERDICT_PASS); // the second succeeds
    scene_refuse(&scene, in("changing", SETTLED + 2), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "CHANGE-4", VERDICT_FAIL);
}
END_TEST

START_TEST(a_list_after_changes_that_is_not_the_present_one)
{
    spoil(in("changing", SETTLED + 2));
    scene_expect(&scene, "CHANGE-4", VERDICT_FAIL);
}
END_TEST

// ---- Threads

enum { THREAD_QUERY, THREAD_FETCH = 2 };

START_TEST(a_thread_with_another_list)
{
    spoil(in("threads", THREAD_FETCH));
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    spoil(in("threads", THREAD_FETCH));
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    spoil(in("threads-first", 1));
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    scene_expect(&scene, "THREADS-2", VERDICT_PASS);
    spoil(in(PROBE_SET_THREADS_BOTH, 1));
    scene_expect(&scene, "THREADS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(identifiers_may_differ_in_a_new_process_only)
{
    scene_member(&scene, in("threads-first", 0), SCENE_ONE, scene.abi->session_id)[0] ^= 1;
    scene_expect(&scene, "THREADS-1", VERDICT_PASS);
    scene_member(&scene, in("threads", THREAD_FETCH), SCENE_ONE, scene.abi->session_id)[0] ^= 1;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
}
END_TEST

START_TEST(a_thread_with_another_size_or_status)
{
    struct outcome *query = &in("threads", THREAD_QUERY)->outcome;
    query->size_out++;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    query->size_out--;
    query->status = 5;
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
    query->status = ERROR_INSUFFICIENT_BUFFER;
    scene_refuse(&scene, in("threads", THREAD_FETCH), ERROR_INSUFFICIENT_BUFFER);
    scene_expect(&scene, "THREADS-1", VERDICT_FAIL);
}
END_TEST

// ---- The source

START_TEST(answers_from_a_damaged_source)
{
    static const char *const sets[] = {"damage", "damage-details"};
    static const char *const clauses[] = {"FAULT-1", "FAULT-3"};
    for (size_t i = 0; i < 2; i++) {
        enum verdict_kind broken = i == 0 ? VERDICT_FAIL : VERDICT_WARN;
        struct record *record = in(sets[i], 0);
        record->outcome.inside = (struct extent){0, 0};
        scene_expect(&scene, clauses[i], broken);
        record->outcome.inside = extent_none();
        record->outcome.status = ERROR_INSUFFICIENT_BUFFER;
        scene_expect(&scene, clauses[i], broken);
        record->outcome.status = ERROR_SUCCESS;
        scene_expect(&scene, clauses[i], broken);
        record->outcome.status = 5;
        scene_expect(&scene, clauses[i], VERDICT_PASS);
    }
}
END_TEST

START_TEST(answers_from_a_repaired_source)
{
    spoil(in("damage", 2));
    scene_expect(&scene, "FAULT-2", VERDICT_WARN);
    spoil(in("damage", 2));
    scene_expect(&scene, "FAULT-2", VERDICT_PASS);
    in("damage", 1)->outcome.status = 5; // the query
    scene_expect(&scene, "FAULT-2", VERDICT_WARN);
}
END_TEST

// ---- The process

START_TEST(growth_that_only_a_leak_explains)
{
    enum { BYTES = 65536, DESCRIPTORS = 8, THREADS = 4 };
    struct process_state *after = &in("endure", 1)->outcome.state_after;
    // One call that stands for those of eight threads: each of them may keep what it was given.
    uint32_t offered = in("endure", 1)->call.offered;
    after->memory_bytes = BYTES + (uint64_t)8 * offered;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    after->memory_bytes++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    in("endure", 0)->call.repeat = in("endure", 1)->call.repeat = 5000;
    after->memory_bytes = BYTES;
    after->descriptors = DESCRIPTORS;
    after->threads = THREADS;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    after->memory_bytes++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    after->memory_bytes--;
    after->descriptors++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    after->descriptors--;
    after->threads++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    after->threads--;
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
}
END_TEST

START_TEST(threads_and_children_that_are_kept)
{
    enum { CHILDREN = 4, THREADS = 34 };
    for (size_t i = 0; i < 2; i++) { // before, and after: neither grows
        in("endure", i)->outcome.state_after.children = CHILDREN;
        in("endure", i)->outcome.state_after.threads = THREADS;
    }
    scene_expect(&scene, "STABLE-4", VERDICT_PASS);
    in("endure", 0)->outcome.state_after.children++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
    in("endure", 0)->outcome.state_after.children--;
    in("endure", 0)->outcome.state_after.threads++;
    scene_expect(&scene, "STABLE-4", VERDICT_WARN);
}
END_TEST

START_TEST(each_thing_of_the_caller)
{
    struct process_state *after = &in("state", 0)->outcome.state_after;
    uint64_t *const things[] = {
        &after->caller_descriptors, &after->signal_mask, &after->signal_handlers,
        &after->directory,          &after->timers,      &after->limits,
        &after->floating_point};
    for (size_t i = 0; i < sizeof things / sizeof things[0]; i++) {
        *things[i] = 1;
        scene_expect(&scene, "STABLE-5", VERDICT_WARN);
        *things[i] = 0;
        scene_expect(&scene, "STABLE-5", VERDICT_PASS);
    }
    after->umask = 1;
    scene_expect(&scene, "STABLE-5", VERDICT_WARN);
}
END_TEST

START_TEST(an_identifier_that_differs_between_a_and_w)
{
    scene_expect(&scene, "STABLE-2", VERDICT_PASS);
    struct record *wide = scene_record(&scene, "fetch", CHARSET_W, 0);
    uint8_t *id = scene_member(&scene, wide, SCENE_ONE, scene.abi->session_id + 15);
    *id ^= 1;
    scene_expect(&scene, "STABLE-2", VERDICT_FAIL);
    *id ^= 1;
    *scene_connection(&scene, wide, SCENE_ONE, 0, scene.abi->connection_id) ^= 1;
    scene_expect(&scene, "STABLE-2", VERDICT_FAIL);
}
END_TEST

START_TEST(a_list_that_changes_from_call_to_call)
{
    struct record *record = in("repeat", 3);
    uint8_t *byte = scene_member(&scene, record, SCENE_ONE, scene.abi->isid + 5);
    char told[128];
    spoil(record);
    struct verdict verdict = scene_judge(&scene, "STABLE-1", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    // Which member, and both values.
    snprintf(told, sizeof told, "%02x, was ", *byte);
    ck_assert_msg(strstr(verdict.got, "ISID of session ") != NULL &&
                      strstr(verdict.got, told) != NULL,
                  "%s", verdict.got);
    snprintf(told, sizeof told, "%02x then (", *byte ^ 0x40);
    ck_assert_msg(strstr(verdict.got, told) != NULL, "%s", verdict.got);
    ck_assert_str_eq(verdict.wrong.name, "ISID");
    spoil(record); // as it was
    *scene_connection(&scene, record, SCENE_ONE, 0, scene.abi->target_socket) ^= 1;
    verdict = scene_judge(&scene, "STABLE-1", CHARSET_A);
    ck_assert_ptr_nonnull(strstr(verdict.got, "TargetSocket of connection 0 of session "));
    ck_assert_str_eq(verdict.wrong.name, "TargetSocket");
    ck_assert_int_eq(verdict.wrong.connection, 0);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        a_new_size_that_is_not_new,
        a_new_size_that_is_not_enough,
        a_new_size_that_is_not_enough_as_before,
        a_list_after_a_login_that_lacks_something,
        a_refusal_after_a_login_with_another_code,
        an_old_list_after_a_login,
        a_size_after_a_logout_that_is_the_old_one,
        a_logout_that_is_refused_or_not_seen,
        a_lost_connection_that_is_not_seen,
        a_reinstatement_that_is_not_seen,
        an_identifier_that_does_not_last,
        events_are_judged_in_each_direction,
        what_a_query_before_an_event_said_is_no_matter,
        a_list_that_was_never_true,
        a_size_required_while_sessions_change_that_is_too_small,
        a_size_required_may_be_that_of_any_moment_of_the_call,
        a_size_retrieved_while_sessions_change,
        a_size_while_sessions_change_of_lists_that_lack_something,
        a_size_while_sessions_change_that_is_wrong_as_before,
        generations_are_visible_until_the_next_is_in_place,
        a_repeated_answer_is_right_at_both_ends,
        a_repeated_answer_that_is_right_at_the_beginning_only,
        fetches_that_never_succeed_after_changes,
        a_list_after_changes_that_is_not_the_present_one,
        a_thread_with_another_list,
        identifiers_may_differ_in_a_new_process_only,
        a_thread_with_another_size_or_status,
        answers_from_a_damaged_source,
        answers_from_a_repaired_source,
        growth_that_only_a_leak_explains,
        threads_and_children_that_are_kept,
        each_thing_of_the_caller,
        an_identifier_that_differs_between_a_and_w,
        a_list_that_changes_from_call_to_call,
    };
    Suite *suite = suite_create("limits_change");
    TCase *limits = tcase_create("limits_change");
    tcase_add_checked_fixture(limits, scene_set_up_changing, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(limits, tests[i]);
    suite_add_tcase(suite, limits);
    return suite;
}
