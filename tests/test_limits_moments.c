// SPDX-License-Identifier: Apache-2.0
// Sessions that come and go between calls that are quiet: each call is held against what was asked
// for, listed and answered at the sessions that it met, and against nothing else.
#include "conformance/transcript/circumstance.h"
#include "conformance/transcript/error_codes.h"
#include "tests/main.h"
#include "tests/scene_fixture.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct record *call_in(const char *set, enum charset charset, uint32_t offered)
{
    bool query = strcmp(set, "query") == 0;
    return scene_call(&scene, set, charset, query ? PLACE_NULL : PLACE_END, offered);
}

static struct record *call(const char *set, uint32_t offered)
{
    return call_in(set, CHARSET_A, offered);
}

static struct record *refused(const char *set, uint32_t offered)
{
    struct record *record = call(set, offered);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    return record;
}

static struct record *succeeded(const char *set, uint32_t offered)
{
    struct record *record = call(set, offered);
    scene_succeed(&scene, record);
    return record;
}

// A query and a fetch at the sessions as they are now. Returns the size required.
static uint32_t ask(void)
{
    uint32_t now = scene_required(&scene, CHARSET_A);
    call("query", 0);
    call("fetch", now);
    return now;
}

// A session more, and another query.
static uint32_t log_in(void)
{
    scene_log_in(&scene);
    return ask();
}

static const char *const clauses[] = {
    "STATUS-1", "STATUS-2", "STATUS-4",  "SIZE-1",    "SIZE-2",    "SIZE-3",
    "SIZE-4",   "SIZE-5",   "SIZE-6",    "SIZE-7",    "SIZE-8",    "SIZE-9",
    "COUNT-1",  "COUNT-2",  "COUNT-3",   "COUNT-5",   "BOUNDS-5",  "LAYOUT-7",
    "STABLE-1", "STABLE-2", "CONTENT-1", "CHARSET-1", "CHARSET-2",
};

// All sets, at two states of the sessions: what is right at each of them is right.
START_TEST(what_is_right_at_each_moment_holds)
{
    scene_log_in(&scene);
    scene_call_quiet(&scene);
    scene_log_out(&scene);
    scene_log_out(&scene);
    scene_call_quiet(&scene);
    for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++) {
        struct verdict verdict = scene_judge(&scene, clauses[i], CHARSET_A);
        ck_assert_msg(verdict.kind == VERDICT_PASS || verdict.kind == VERDICT_NOTE,
                      "%s: %s (%s; %s)", clauses[i], verdict_kind_name(verdict.kind), verdict.got,
                      verdict.expected);
    }
}
END_TEST

START_TEST(what_was_asked_for_is_enough_at_each_moment)
{
    uint32_t more = log_in();
    expect("STATUS-1", VERDICT_PASS);
    expect("SIZE-2", VERDICT_PASS);
    refused("fetch", more - 1);
    expect("STATUS-1", VERDICT_PASS);
    expect("SIZE-2", VERDICT_PASS);
    refused("fetch", more);
    expect_told("STATUS-1", VERDICT_FAIL, "where");
    struct verdict verdict = scene_judge(&scene, "SIZE-2", CHARSET_A);
    ck_assert_int_eq(verdict.kind, VERDICT_FAIL);
    char told[64];
    snprintf(told, sizeof told, "that %u are required", more);
    ck_assert_msg(strstr(verdict.expected, told) != NULL, "%s", verdict.expected);
}
END_TEST

START_TEST(less_than_asked_for_is_not)
{
    uint32_t more = log_in();
    refused("short", more - 1);
    expect("STATUS-2", VERDICT_PASS);
    expect("SIZE-3", VERDICT_PASS);
    struct record *record = succeeded("short", more - 1);
    expect("SIZE-3", VERDICT_FAIL);
    scene_refuse(&scene, record, 5);
    expect("STATUS-2", VERDICT_FAIL);
}
END_TEST

START_TEST(the_size_required_is_that_of_the_moment)
{
    uint32_t more = log_in();
    expect("SIZE-4", VERDICT_PASS);
    expect("SIZE-5", VERDICT_PASS);
    struct record *record = refused("short", 1);
    expect("SIZE-4", VERDICT_PASS);
    record->outcome.size_out = more + 1;
    expect_told("SIZE-4", VERDICT_FAIL, "for none");
    record->outcome.size_out = more;
    record = succeeded("fetch", more + 8);
    expect("SIZE-5", VERDICT_PASS);
    record->outcome.size_out = more + 8;
    expect_told("SIZE-5", VERDICT_FAIL, "*BufferSize = ");
    // Also where others came after it.
    log_in();
    expect("SIZE-5", VERDICT_FAIL);
}
END_TEST

START_TEST(the_size_required_holds_what_there_is_at_the_moment)
{
    log_in();
    struct record *query = scene_record(&scene, "query", CHARSET_A, 0);
    while (query + 1 < scene.transcript->records + scene.transcript->record_count)
        query++;
    query--; // of the two calls after the login
    ck_assert_str_eq(query->probe_set, "query");
    uint32_t right = query->outcome.size_out;
    expect("SIZE-6", VERDICT_PASS);
    expect("SIZE-8", VERDICT_PASS);
    query->outcome.size_out = required;
    expect_told("SIZE-6", VERDICT_FAIL, "bytes required");
    query->outcome.size_out = right * 3;
    expect("SIZE-6", VERDICT_PASS);
    expect_told("SIZE-8", VERDICT_WARN, "bytes required");
}
END_TEST

START_TEST(each_moment_has_a_threshold)
{
    uint32_t more = log_in();
    refused("sweep", required);
    succeeded("sweep", more);
    expect("SIZE-7", VERDICT_PASS);
    refused("sweep", more + 1);
    expect_told("SIZE-7", VERDICT_FAIL, "were enough");
}
END_TEST

// Where only too little was offered, no success is missed.
START_TEST(no_size_of_a_sweep_succeeded)
{
    reopen(2);
    uint32_t now = ask();
    refused("sweep", 1);
    refused("sweep", now - 1);
    expect("SIZE-7", VERDICT_PASS);
    refused("sweep", now);
    expect_told("SIZE-7", VERDICT_FAIL, "no size succeeded");
    // What was asked for is not known: then it is what the sessions can take up at the most.
    reopen(2);
    struct measure measure;
    ck_assert_int_eq(measure_truth(&measure, scene.truth, scene.abi, CHARSET_A), 0);
    uint32_t most = (uint32_t)(measure.whole + 7 * measure.pieces);
    refused("sweep", most - 1);
    expect("SIZE-7", VERDICT_PASS);
    refused("sweep", most);
    expect_told("SIZE-7", VERDICT_FAIL, "no size succeeded");
}
END_TEST

START_TEST(the_same_call_at_other_sessions)
{
    uint32_t more = log_in();
    refused("repeat", required);
    refused("repeat", more - 1);
    expect("STATUS-4", VERDICT_PASS);
    expect("STABLE-1", VERDICT_PASS);
    succeeded("repeat", more - 1);
    expect("STATUS-4", VERDICT_FAIL);
    scene_log_out(&scene);
    succeeded("repeat", more - 1);
    expect("STABLE-1", VERDICT_PASS);
    spoil(succeeded("repeat", more - 1));
    expect("STABLE-1", VERDICT_FAIL);
}
END_TEST

// What *SessionCount held did not decide where the buffer is too small.
START_TEST(a_count_beside_too_small_a_buffer)
{
    uint32_t more = log_in();
    refused("counts", required);
    expect_told("COUNT-3", VERDICT_PASS, "is ignored");
    expect("COUNT-5", VERDICT_PASS);
    refused("counts", more)->call.count_in = 1;
    expect("COUNT-3", VERDICT_FAIL); // others succeeded
    expect("COUNT-5", VERDICT_WARN);
}
END_TEST

START_TEST(fills_that_are_compared)
{
    uint32_t more = log_in();
    succeeded("fills", more);
    struct record *record = refused("fills", more);
    expect("BOUNDS-5", VERDICT_WARN);
    record->call.count_in = 0;
    expect("BOUNDS-5", VERDICT_PASS);
    record->call.count_in = more / scene.abi->session_size;
    record->call.misalignment = 1;
    expect("BOUNDS-5", VERDICT_PASS);
    record->call.misalignment = 0;
    record->call.flags = CALL_MEASURE;
    expect("BOUNDS-5", VERDICT_PASS);
    record->call.flags = 0;
    expect("BOUNDS-5", VERDICT_WARN);
    scene_refuse(&scene, record, ERROR_SUCCESS);
    scene_succeed(&scene, record);
    scene_log_in(&scene);
    refused("fills", more);
    expect("BOUNDS-5", VERDICT_PASS);
}
END_TEST

START_TEST(both_functions_at_the_same_moment)
{
    scene_log_in(&scene);
    uint32_t enough = 2 * scene_required(&scene, CHARSET_W);
    call_in("fetch", CHARSET_W, enough);
    expect("CHARSET-1", VERDICT_PASS); // A was not called then
    expect("CHARSET-2", VERDICT_PASS);
    spoil(call("fetch", enough));
    expect("CHARSET-1", VERDICT_FAIL);
}
END_TEST

static struct record *thread_call(uint32_t offered)
{
    struct record *record = call("threads", offered);
    record->threads = 2;
    return record;
}

// What one thread alone would be told is not known where none has asked, or where the first query
// met other sessions.
START_TEST(calls_in_threads_that_nobody_asked_for)
{
    reopen(2);
    call("fetch", 2 * required);
    thread_call(0);
    expect("THREADS-1", VERDICT_PASS);
    call("query", 0);
    expect("THREADS-1", VERDICT_PASS);
    thread_call(0)->outcome.status = ERROR_SUCCESS;
    expect("THREADS-1", VERDICT_FAIL);
    reopen(0);
    call("query", 0);
    call("fetch", required);
    scene_log_in(&scene);
    call("query", 0);
    thread_call(0);
    expect("THREADS-1", VERDICT_PASS);
}
END_TEST

// Less than was asked for may be enough (SIZE-3's business), unless one thread alone was refused.
START_TEST(a_size_that_nobody_offered_alone)
{
    struct record *record = thread_call(required - 3);
    scene_succeed(&scene, record);
    record->outcome.size_out = required;
    size_t at = index_of(record);
    expect("THREADS-1", VERDICT_PASS);
    call("short", required - 3);
    expect("THREADS-1", VERDICT_FAIL);
    scene_log_in(&scene); // there it was refused
    transcript_last(scene.transcript)->call.offered++;
    call("short", required - 3);
    expect("THREADS-1", VERDICT_PASS);
    scene.transcript->records[at].call.offered = 64; // where no list fits
    expect("THREADS-1", VERDICT_FAIL);
}
END_TEST

// Without sessions, a success may repeat the size offered where a size was asked for (EMPTY-1).
START_TEST(threads_without_sessions)
{
    reopen(0);
    struct record *query = call("query", 0);
    call("fetch", 64);
    thread_call(80)->outcome.size_out = 80;
    expect("THREADS-1", VERDICT_FAIL);
    query = scene_record(&scene, "query", CHARSET_A, 0);
    scene_refuse(&scene, query, ERROR_INSUFFICIENT_BUFFER);
    query->outcome.size_out = 64;
    expect("THREADS-1", VERDICT_PASS);
    transcript_last(scene.transcript)->outcome.size_out = 79;
    expect("THREADS-1", VERDICT_FAIL);
}
END_TEST

static void event(const char *circumstance, uint32_t offered)
{
    scene_call_under(&scene, PROBE_SET_EVENTS, circumstance, CHARSET_A, offered);
}

// A case may have changes, and none of those that a run makes by itself.
START_TEST(changes_that_are_events_only)
{
    static const char before[] = CIRCUMSTANCE_BEFORE_EVENT "1";
    static const char after[] = CIRCUMSTANCE_AFTER_EVENT "1";
    expect("CHANGE-1", VERDICT_ERROR);
    expect("CHANGE-2", VERDICT_ERROR);
    expect("CHANGE-5", VERDICT_ERROR);
    event(before, 0);
    scene_log_in(&scene);
    event(after, required);
    event(after, scene_required(&scene, CHARSET_A));
    expect("CHANGE-1", VERDICT_PASS);
    expect("CHANGE-2", VERDICT_ERROR);
    spoil(transcript_last(scene.transcript));
    expect("CHANGE-1", VERDICT_FAIL);
    event(before, 0);
    scene_log_out(&scene);
    event(after, scene_required(&scene, CHARSET_A));
    expect("CHANGE-2", VERDICT_PASS);
    expect("CHANGE-5", VERDICT_ERROR);
    spoil(transcript_last(scene.transcript));
    expect("CHANGE-2", VERDICT_FAIL);
    event(before, 0);
    scene_change(&scene);
    event(after, scene_required(&scene, CHARSET_A));
    expect("CHANGE-5", VERDICT_PASS);
    spoil(transcript_last(scene.transcript));
    expect("CHANGE-5", VERDICT_FAIL);
}
END_TEST

// Fewer sessions may take up more, where one of those that stay has got connections.
START_TEST(fewer_sessions_that_take_up_more)
{
    reopen(SCENE_SESSIONS);
    ask();
    event(CIRCUMSTANCE_BEFORE_EVENT "1", 0);
    scene_log_out(&scene);
    struct record *record = scene_call_under(&scene, PROBE_SET_EVENTS, CIRCUMSTANCE_AFTER_EVENT "1",
                                             CHARSET_A, required);
    scene_refuse(&scene, record, ERROR_INSUFFICIENT_BUFFER);
    size_t at = index_of(record);
    event(CIRCUMSTANCE_AFTER_EVENT "1", required + 8);
    scene.transcript->records[at].outcome.size_out = required + 8;
    expect("CHANGE-2", VERDICT_FAIL);
    scene.truth->sessions[SCENE_ONE].connections[0].adapter_specific++;
    expect("CHANGE-2", VERDICT_PASS);
}
END_TEST

// Where the profile lets the initiators' addresses be left out, less is enough.
START_TEST(the_least_that_sessions_take_up)
{
    struct measure measure = scene_measure(&scene);
    uint32_t least = (uint32_t)measure.least;
    uint32_t without = least - (uint32_t)measure.initiator_addresses;
    ck_assert_uint_gt(least, without);
    succeeded("short", least - 1);
    expect("STATUS-2", VERDICT_FAIL);
    scene.profile = "windows";
    expect("STATUS-2", VERDICT_PASS);
    transcript_last(scene.transcript)->call.offered = without;
    expect("STATUS-2", VERDICT_PASS);
    transcript_last(scene.transcript)->call.offered = without - 1;
    expect("STATUS-2", VERDICT_FAIL);
}
END_TEST

// In another code page than UTF-8 a name beyond ASCII may take up less, or be what another is.
START_TEST(names_in_another_code_page)
{
    reopen(SCENE_SESSIONS);
    strcpy(scene.truth->sessions[SCENE_ONE].initiator_name, "iqn.\xC3\xA4\xE2\x82\xAC");
    struct record *query = call("query", 0);
    uint32_t least = (uint32_t)scene_measure(&scene).least;
    query->outcome.size_out = least - 1;
    expect("SIZE-6", VERDICT_FAIL);
    scene.transcript->hello.code_page = 1252;
    expect("SIZE-6", VERDICT_PASS);
    query->outcome.size_out = least - 10; // its nine bytes, and the terminator
    expect("SIZE-6", VERDICT_PASS);
    query->outcome.size_out--;
    expect("SIZE-6", VERDICT_FAIL);
}
END_TEST

Suite *test_suite(void)
{
    const TTest *const tests[] = {
        what_is_right_at_each_moment_holds,
        what_was_asked_for_is_enough_at_each_moment,
        less_than_asked_for_is_not,
        the_size_required_is_that_of_the_moment,
        the_size_required_holds_what_there_is_at_the_moment,
        each_moment_has_a_threshold,
        no_size_of_a_sweep_succeeded,
        the_same_call_at_other_sessions,
        a_count_beside_too_small_a_buffer,
        fills_that_are_compared,
        both_functions_at_the_same_moment,
        calls_in_threads_that_nobody_asked_for,
        a_size_that_nobody_offered_alone,
        threads_without_sessions,
        names_in_another_code_page,
        changes_that_are_events_only,
        fewer_sessions_that_take_up_more,
        the_least_that_sessions_take_up,
    };
    Suite *suite = suite_create("limits_moments");
    TCase *moments = tcase_create("moments");
    tcase_add_checked_fixture(moments, scene_set_up_quiet, scene_tear_down);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(moments, tests[i]);
    suite_add_tcase(suite, moments);
    return suite;
}
