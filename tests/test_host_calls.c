// SPDX-License-Identifier: Apache-2.0
// Calls in other ways than one after the other: many times in a row, by many threads, until they
// are stopped, while the caller does something else; and what is measured of their process.
#include "conformance/transcript/describe.h"
#include "conformance/transcript/transcript.h"
#include "harness/driver/host.h"
#include "tests/implementations/misbehaving.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char misbehaving[] = TCK_TEST_LIBRARIES "/misbehaving.so";

enum {
    PATIENCE_MS = 60000, // of tests that do not wait for it to pass
    SHORT_MS = 400,      // of those that do
    OUTCOMES_MAX = 10000,
    MANY = 10000,
};

// What came, in the order in which it came.
struct answer {
    size_t index;
    unsigned thread;
    struct outcome outcome;
    uint8_t first_byte; // 0 when there is none
};

struct answers {
    size_t count;
    struct answer all[OUTCOMES_MAX];
};

static struct host *host;
static struct answers answers;

static void set_up(void)
{
    supervised_open();
    memset(&answers, 0, sizeof answers);
}

static void tear_down(void)
{
    host_stop(host);
    host = NULL;
    supervised_close();
}

static void start_within(unsigned timeout_ms, uint64_t memory_max)
{
    struct failure failure = {0};
    struct host_options options = {.program = TCK_HOST_PROGRAM,
                                   .library = misbehaving,
                                   .timeout_ms = timeout_ms,
                                   .memory_max = memory_max};
    ck_assert_msg(host_start(&host, supervisor, &options, &failure) == 0, "%s", failure.text);
}

static void start(unsigned timeout_ms)
{
    start_within(timeout_ms, 0);
}

// What is promised of every outcome.
static void check_promises(const struct outcome *outcome, const uint8_t *bytes)
{
    ck_assert_uint_ge(outcome->repeats, 1);
    ck_assert((bytes == NULL) == (outcome->byte_count == 0));
    ck_assert(outcome->repeats == 1 || outcome->kind == OUTCOME_RETURNED);
    ck_assert_uint_le(outcome->began_ns, outcome->first_ended_ns);
    ck_assert_uint_le(outcome->last_began_ns, outcome->ended_ns);
    if (outcome->repeats > 1) {
        ck_assert_uint_le(outcome->first_ended_ns, outcome->last_began_ns);
    } else {
        ck_assert_uint_eq(outcome->first_ended_ns, outcome->ended_ns);
        ck_assert_uint_eq(outcome->last_began_ns, outcome->began_ns);
    }
}

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    ck_assert_ptr_eq(argument, &answers);
    ck_assert_uint_lt(answers.count, OUTCOMES_MAX);
    check_promises(outcome, bytes);
    answers.all[answers.count++] =
        (struct answer){index, thread, *outcome, bytes == NULL ? 0 : bytes[0]};
    free(bytes);
}

static void begin(const struct call *calls, size_t count, unsigned threads)
{
    struct failure failure = {0};
    answers.count = 0;
    ck_assert_msg(host_begin(host, calls, count, threads, receive, &answers, &failure) == 0, "%s",
                  failure.text);
}

static void finish(void)
{
    struct failure failure = {0};
    ck_assert_msg(host_finish(host, &failure) == 0, "%s", failure.text);
    ck_assert(host_done(host));
}

static void make(const struct call *calls, size_t count, unsigned threads)
{
    begin(calls, count, threads);
    finish();
}

static struct call repeated(enum misbehaviour what, int32_t offset, uint32_t repeat)
{
    return (struct call){.placement = PLACE_END,
                         .offered = 64,
                         .count_in = misbehave(what, offset),
                         .repeat = repeat};
}

static void assert_behaved(const struct answer *answer, size_t index, uint32_t repeats)
{
    ck_assert_uint_eq(answer->index, index);
    ck_assert_int_eq(answer->outcome.kind, OUTCOME_RETURNED);
    ck_assert_uint_eq(answer->outcome.status, 122);
    ck_assert_uint_eq(answer->outcome.size_out, 100);
    ck_assert_uint_eq(answer->outcome.repeats, repeats);
}

// All calls that answers stand for, but those that were not tried.
static unsigned long long calls_answered(void)
{
    unsigned long long calls = 0;
    for (size_t i = 0; i < answers.count; i++) {
        const struct outcome *outcome = &answers.all[i].outcome;
        calls += outcome->kind == OUTCOME_NOT_TRIED ? 0 : outcome->repeats;
    }
    return calls;
}

// --- many times in a row

START_TEST(the_same_answer_many_times)
{
    start(PATIENCE_MS);
    struct call calls[] = {repeated(BEHAVE, 0, MANY), repeated(BEHAVE, 0, 0),
                           repeated(FILL_ALL, 0, MANY), repeated(BEHAVE, 0, 1)};
    make(calls, 4, 1);
    ck_assert_uint_eq(answers.count, 4);
    assert_behaved(&answers.all[0], 0, MANY);
    assert_behaved(&answers.all[1], 1, 1);
    ck_assert_uint_eq(answers.all[2].outcome.repeats, MANY);
    ck_assert_uint_eq(answers.all[2].outcome.byte_count, 64);
    assert_behaved(&answers.all[3], 3, 1);
    ck_assert_uint_eq(host_call_count(host), 2 * MANY + 2);
}
END_TEST

START_TEST(each_placement_many_times)
{
    start(PATIENCE_MS);
    for (int i = PLACE_NULL; i <= PLACE_EXACT; i++) {
        for (uint32_t size = 0; size < 20000; size += 4999) {
            struct call call = repeated(i == PLACE_NULL ? BEHAVE : FILL_ALL, 0, 50);
            call.placement = (uint8_t)i;
            call.offered = size;
            call.misalignment = i == PLACE_MIDDLE ? 7 : 0;
            make(&call, 1, 1);
            const struct outcome *outcome = &answers.all[0].outcome;
            ck_assert_uint_eq(answers.count, 1);
            ck_assert_uint_eq(outcome->repeats, 50);
            ck_assert_uint_eq(outcome->byte_count, i == PLACE_NULL ? 0 : size);
            ck_assert(extent_empty(outcome->before) && extent_empty(outcome->after));
        }
    }
}
END_TEST

// Sparse memory is zeroes again each time.
START_TEST(sparse_many_times)
{
    start(PATIENCE_MS);
    struct call call = repeated(TOUCH_ENDS, 0, 20);
    call.offered = 1U << 30;
    call.flags = CALL_SPARSE;
    make(&call, 1, 1);
    ck_assert_uint_eq(answers.count, 1);
    ck_assert_uint_eq(answers.all[0].outcome.repeats, 20);
    ck_assert_int_eq(answers.all[0].first_byte, 0xFF);
    ck_assert_int_eq(answers.all[0].outcome.inside.last, (1 << 30) - 1);
}
END_TEST

START_TEST(each_run_of_answers_by_itself)
{
    enum { RUN = 7, COUNT = 100 };
    start(PATIENCE_MS);
    struct call call = repeated(COUNT_UP, RUN, COUNT);
    make(&call, 1, 1);
    ck_assert_uint_eq(answers.count, COUNT / RUN + 1);
    for (size_t i = 0; i < answers.count; i++) {
        ck_assert_uint_eq(answers.all[i].outcome.repeats, i < COUNT / RUN ? RUN : COUNT % RUN);
        ck_assert_uint_eq(answers.all[i].first_byte, i);
        if (i > 0)
            ck_assert_uint_ge(answers.all[i].outcome.began_ns, answers.all[i - 1].outcome.ended_ns);
    }
    ck_assert_uint_eq(host_call_count(host), COUNT);
}
END_TEST

START_TEST(another_answer_each_time)
{
    start(PATIENCE_MS);
    struct call call = repeated(COUNT_UP, 1, 1000);
    make(&call, 1, 1);
    ck_assert_uint_eq(answers.count, 1000);
    ck_assert_uint_eq(calls_answered(), 1000);
}
END_TEST

// All that went before is known, the rest of the repetition is dropped, the next call is made.
START_TEST(a_crash_after_many_calls)
{
    enum { AT = 5000 };
    start(PATIENCE_MS);
    struct call calls[] = {repeated(CRASH_AT, AT, MANY), repeated(BEHAVE, 0, 3)};
    make(calls, 2, 1);
    ck_assert_uint_eq(answers.count, 3);
    assert_behaved(&answers.all[0], 0, AT);
    ck_assert_int_eq(answers.all[1].outcome.kind, OUTCOME_FAULT);
    ck_assert_int_eq(answers.all[1].outcome.signal_number, SIGSEGV);
    ck_assert_uint_eq(answers.all[1].index, 0);
    assert_behaved(&answers.all[2], 1, 3);
    ck_assert_uint_eq(host_call_count(host), AT + 1 + 3);
}
END_TEST

START_TEST(a_crash_in_the_first_of_many_calls)
{
    start(PATIENCE_MS);
    struct call calls[] = {repeated(CRASH_AT, 0, MANY), repeated(CRASH_AT, 1, MANY)};
    make(calls, 2, 1);
    ck_assert_uint_eq(answers.count, 3);
    ck_assert_int_eq(answers.all[0].outcome.kind, OUTCOME_FAULT);
    assert_behaved(&answers.all[1], 1, 1);
    ck_assert_int_eq(answers.all[2].outcome.kind, OUTCOME_FAULT);
    ck_assert_uint_eq(answers.all[2].index, 1);
}
END_TEST

START_TEST(an_end_after_many_calls)
{
    start(PATIENCE_MS);
    struct call calls[] = {repeated(EXIT_AT, 500, MANY), repeated(BEHAVE, 0, 1)};
    make(calls, 2, 1);
    ck_assert_uint_eq(answers.count, 3);
    ck_assert_uint_le(answers.all[0].outcome.repeats, 500);
    ck_assert_int_eq(answers.all[1].outcome.kind, OUTCOME_ENDED);
    ck_assert_int_eq(answers.all[1].outcome.exit_code, 7);
    assert_behaved(&answers.all[2], 1, 1);
}
END_TEST

START_TEST(a_hang_after_many_calls)
{
    start(SHORT_MS);
    struct call calls[] = {repeated(HANG_AT, 500, MANY), repeated(BEHAVE, 0, 1)};
    make(calls, 2, 1);
    ck_assert_uint_eq(answers.count, 3);
    ck_assert_uint_le(answers.all[0].outcome.repeats, 500);
    ck_assert_int_eq(answers.all[1].outcome.kind, OUTCOME_HUNG);
    // What is left of the batch is not tried, the next batch is.
    ck_assert_int_eq(answers.all[2].outcome.kind, OUTCOME_NOT_TRIED);
    make(&calls[1], 1, 1);
    assert_behaved(&answers.all[0], 0, 1);
}
END_TEST

// The limit is for one call, not for all of them.
START_TEST(slow_calls_are_no_hang)
{
    start(SHORT_MS);
    struct call call = repeated(SLOW, SHORT_MS / 10, 25);
    make(&call, 1, 1);
    ck_assert_uint_eq(answers.count, 1);
    assert_behaved(&answers.all[0], 0, 25);
}
END_TEST

// --- until they are stopped

static bool calls_made(void *argument)
{
    return host_call_count(host) >= *(const unsigned long long *)argument || host_done(host);
}

static void await_calls(unsigned long long count)
{
    struct failure failure = {0};
    ck_assert_msg(supervisor_wait(supervisor, calls_made, &count, PATIENCE_MS, &failure) == 0, "%s",
                  failure.text);
}

START_TEST(stopped_in_a_repetition)
{
    start(PATIENCE_MS);
    struct call calls[] = {repeated(FILL_ALL, 0, 10), repeated(BEHAVE, 0, CALL_WITHOUT_END),
                           repeated(BEHAVE, 0, 1)};
    begin(calls, 3, 1);
    ck_assert(!host_done(host));
    await_calls(MANY);
    ck_assert_int_eq(host_stop_calls(host), 0);
    ck_assert_int_eq(host_stop_calls(host), 0); // once more does no harm
    finish();
    ck_assert_uint_eq(answers.count, 2); // the third call was not made, and is not reported
    assert_behaved(&answers.all[1], 1, (uint32_t)host_call_count(host) - 10);
    unsigned long long before = host_call_count(host);
    make(calls, 1, 1);
    ck_assert_uint_eq(host_call_count(host), before + 10);
}
END_TEST

START_TEST(stopped_in_a_list)
{
    enum { COUNT = 9000 };
    static struct call calls[COUNT];
    start(PATIENCE_MS);
    for (size_t i = 0; i < COUNT; i++)
        calls[i] = repeated(SLOW, 1, 1);
    begin(calls, COUNT, 1);
    await_calls(20);
    ck_assert_int_eq(host_stop_calls(host), 0);
    finish();
    ck_assert_uint_ge(answers.count, 20);
    ck_assert_uint_lt(answers.count, COUNT);
    for (size_t i = 0; i < answers.count; i++)
        assert_behaved(&answers.all[i], i, 1);
}
END_TEST

START_TEST(stopped_threads)
{
    enum { THREADS = 8 };
    start(PATIENCE_MS);
    struct call call = repeated(BEHAVE, 0, CALL_WITHOUT_END);
    begin(&call, 1, THREADS);
    await_calls(MANY);
    host_stop_calls(host);
    finish();
    bool seen[THREADS] = {false};
    for (size_t i = 0; i < answers.count; i++) {
        const struct answer *answer = &answers.all[i];
        ck_assert_int_eq(answer->outcome.kind, OUTCOME_RETURNED);
        ck_assert_uint_lt(answer->thread, THREADS);
        ck_assert(!seen[answer->thread]); // one run, one outcome
        seen[answer->thread] = true;
    }
    ck_assert_uint_eq(calls_answered(), host_call_count(host));
}
END_TEST

START_TEST(stopping_what_does_not_run)
{
    start(PATIENCE_MS);
    ck_assert_int_eq(host_stop_calls(host), 0);
    struct call call = repeated(BEHAVE, 0, 1);
    make(&call, 1, 1);
    ck_assert_int_eq(host_stop_calls(host), 0);
    make(&call, 1, 1);
    ck_assert_uint_eq(answers.count, 1);
    // While the host is being started anew.
    struct failure failure = {0};
    ck_assert_int_eq(host_set_session_table(host, NULL, &failure), 0);
    begin(&call, 1, 1);
    ck_assert_int_eq(host_stop_calls(host), 0);
    finish();
    ck_assert_uint_eq(answers.count, 0);
    make(&call, 1, 1);
    ck_assert_uint_eq(answers.count, 1);
}
END_TEST

// A stop that crosses the end of the batch must not end the next one.
START_TEST(stops_and_ends_cross)
{
    start(PATIENCE_MS);
    for (uint32_t i = 0; i < 300; i++) {
        struct call call = repeated(BEHAVE, 0, 1 + i);
        begin(&call, 1, 1 + i % 3);
        await_calls(host_call_count(host) + i % 2);
        host_stop_calls(host);
        finish();
        make(&call, 1, 1);
        ck_assert_uint_eq(answers.count, 1);
        assert_behaved(&answers.all[0], 0, 1 + i);
    }
}
END_TEST

START_TEST(a_hang_after_the_stop)
{
    start(SHORT_MS);
    struct call calls[] = {repeated(HANG, 0, 1), repeated(BEHAVE, 0, 1)};
    begin(calls, 2, 1);
    host_stop_calls(host);
    finish();
    ck_assert_uint_le(answers.count, 1); // the stop may have come first
    if (answers.count == 1)
        ck_assert_int_eq(answers.all[0].outcome.kind, OUTCOME_HUNG);
    make(&calls[1], 1, 1);
    assert_behaved(&answers.all[0], 0, 1);
}
END_TEST

// The call under way hangs; what was to come after it is not made, and has no outcome.
START_TEST(a_hang_that_a_stop_finds)
{
    start(SHORT_MS);
    struct call calls[] = {repeated(BEHAVE, 0, 1), repeated(HANG, 0, 1), repeated(BEHAVE, 0, 1)};
    begin(calls, 3, 1);
    await_calls(host_call_count(host) + 1);
    host_stop_calls(host);
    finish();
    ck_assert_uint_le(answers.count, 2); // the stop may have come before the hang
    if (answers.count == 2)
        ck_assert_int_eq(answers.all[1].outcome.kind, OUTCOME_HUNG);
    make(&calls[0], 1, 1);
    assert_behaved(&answers.all[0], 0, 1);
}
END_TEST

START_TEST(a_signal_ends_calls_without_end)
{
    struct failure failure = {0};
    start(PATIENCE_MS);
    struct call call = repeated(BEHAVE, 0, CALL_WITHOUT_END);
    begin(&call, 1, 4);
    await_calls(100);
    raise(SIGTERM);
    ck_assert_int_eq(host_finish(host, &failure), -1);
    ck_assert_int_eq(failure.status, 128 + SIGTERM);
    ck_assert(host_done(host));
}
END_TEST

START_TEST(one_batch_at_a_time)
{
    struct failure failure = {0};
    start(PATIENCE_MS);
    struct call call = repeated(BEHAVE, 0, CALL_WITHOUT_END);
    begin(&call, 1, 1);
    ck_assert_int_eq(host_begin(host, &call, 1, 1, receive, &answers, &failure), -1);
    failure = (struct failure){0};
    ck_assert_int_eq(host_set_session_table(host, NULL, &failure), -1);
    host_stop_calls(host);
    finish();
    failure = (struct failure){0};
    ck_assert_int_eq(host_begin(host, &call, 1, 0, receive, &answers, &failure), -1);
    failure = (struct failure){0};
    ck_assert_int_eq(host_begin(host, &call, 1, THREADS_MAX + 1, receive, &answers, &failure), -1);
    failure = (struct failure){0};
    ck_assert_int_eq(host_finish(host, &failure), 0); // nothing was begun
}
END_TEST

// Calls under way when the host is stopped are nobody's any more.
START_TEST(stopping_the_host_amid_calls)
{
    start(PATIENCE_MS);
    struct call call = repeated(FILL_ALL, 0, CALL_WITHOUT_END);
    begin(&call, 1, 4);
    await_calls(100);
    host_stop(host);
    host = NULL;
}
END_TEST

// --- by many threads

START_TEST(threads_make_all_calls)
{
    enum { THREADS = 32, COUNT = 3, REPEAT = 200 };
    const size_t outcomes = (size_t)THREADS * COUNT;
    size_t next[THREADS] = {0};
    start(PATIENCE_MS);
    struct call calls[COUNT] = {repeated(BEHAVE, 0, REPEAT), repeated(FILL_ALL, 0, REPEAT),
                                repeated(BEHAVE, 0, 1)};
    make(calls, COUNT, THREADS);
    ck_assert_uint_eq(answers.count, outcomes);
    for (size_t i = 0; i < answers.count; i++) {
        const struct answer *answer = &answers.all[i];
        ck_assert_uint_lt(answer->thread, THREADS);
        ck_assert_uint_eq(answer->index, next[answer->thread]++);
        ck_assert_uint_eq(answer->outcome.repeats, answer->index < 2 ? REPEAT : 1);
        ck_assert_int_eq(answer->outcome.kind, OUTCOME_RETURNED);
    }
    ck_assert_uint_eq(host_call_count(host), outcomes / COUNT * (2 * REPEAT + 1));
}
END_TEST

// More calls than are asked for at once.
START_TEST(threads_with_a_long_list)
{
    enum { THREADS = 2, COUNT = 5000 };
    static struct call calls[COUNT];
    size_t next[THREADS] = {0};
    start(PATIENCE_MS);
    for (size_t i = 0; i < COUNT; i++)
        calls[i] = repeated(FILL_ALL, 0, 1);
    make(calls, COUNT, THREADS);
    ck_assert_uint_eq(answers.count, (size_t)THREADS * COUNT);
    for (size_t i = 0; i < answers.count; i++)
        ck_assert_uint_eq(answers.all[i].index, next[answers.all[i].thread]++);
}
END_TEST

// One death, and one record for what each thread has left.
static void check_death(unsigned threads, enum outcome_kind kind)
{
    size_t deaths = 0;
    bool closed[THREADS_MAX] = {false};
    for (size_t i = 0; i < answers.count; i++) {
        const struct answer *answer = &answers.all[i];
        ck_assert_uint_lt(answer->thread, threads);
        if (answer->outcome.kind == OUTCOME_RETURNED) {
            ck_assert_uint_eq(deaths, 0);
        } else if (answer->outcome.kind == OUTCOME_NOT_TRIED) {
            ck_assert_uint_eq(deaths, 1);
            ck_assert(!closed[answer->thread]);
            closed[answer->thread] = true;
        } else {
            ck_assert_int_eq(answer->outcome.kind, kind);
            deaths++;
        }
    }
    ck_assert_uint_eq(deaths, 1);
    for (unsigned i = 0; i < threads; i++)
        ck_assert(closed[i]); // the last call of each was not made
}

START_TEST(one_of_many_threads_dies)
{
    static const struct {
        enum misbehaviour what;
        enum outcome_kind kind;
    } deaths[] = {{CRASH_AT, OUTCOME_FAULT}, {EXIT_AT, OUTCOME_ENDED}, {HANG_AT, OUTCOME_HUNG}};
    enum { THREADS = 8 };
    // With a hang, the other threads must not come to their last calls: these hang, too.
    start(SHORT_MS);
    struct call calls[] = {repeated(deaths[_i].what, 1000, 100000), repeated(HANG, 0, 1),
                           repeated(BEHAVE, 0, 1)};
    make(calls, 3, THREADS);
    check_death(THREADS, deaths[_i].kind);
    make(&calls[2], 1, 1);
    assert_behaved(&answers.all[0], 0, 1);
}
END_TEST

START_TEST(all_threads_die)
{
    start(PATIENCE_MS);
    struct call calls[] = {repeated(OVERFLOW_STACK, 0, 1), repeated(BEHAVE, 0, 1)};
    make(calls, 2, 16);
    check_death(16, OUTCOME_FAULT);
    calls[0] = repeated(EXIT_THREAD, 0, 1);
    make(calls, 2, 2);
    check_death(2, OUTCOME_ENDED);
}
END_TEST

// --- the session table

START_TEST(another_session_table)
{
    static const char *const tables[] = {"/a/table", NULL, "", "/another/table"};
    struct failure failure = {0};
    start(PATIENCE_MS);
    struct call call = repeated(TELL_TABLE, 0, 1);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        ck_assert_int_eq(host_set_session_table(host, tables[i], &failure), 0);
        make(&call, 1, 1);
        ck_assert_uint_eq(answers.count, 1);
        ck_assert_uint_eq(answers.all[0].outcome.size_out,
                          tables[i] == NULL ? 1000 : strlen(tables[i]));
    }
    ck_assert_int_eq(host_hello(host)->has_a, 1);
}
END_TEST

// --- what is measured

static struct call measured(enum misbehaviour what, int32_t offset, uint32_t repeat)
{
    struct call call = repeated(what, offset, repeat);
    call.flags = CALL_MEASURE;
    return call;
}

static void assert_same_surroundings(const struct process_state *before,
                                     const struct process_state *after)
{
    ck_assert_uint_eq(before->caller_descriptors, after->caller_descriptors);
    ck_assert_uint_eq(before->signal_mask, after->signal_mask);
    ck_assert_uint_eq(before->signal_handlers, after->signal_handlers);
    ck_assert_uint_eq(before->directory, after->directory);
    ck_assert_uint_eq(before->umask, after->umask);
    ck_assert_uint_eq(before->floating_point, after->floating_point);
}

// A library that leaves nothing behind shows none of the host's own doings.
START_TEST(nothing_changes_by_itself)
{
    start(PATIENCE_MS);
    struct call calls[] = {measured(BEHAVE, 0, 1), measured(FILL_ALL, 0, 1),
                           measured(FILL_ALL, 0, MANY), measured(COUNT_UP, 10, 1000),
                           measured(BEHAVE, 0, 1)};
    calls[2].offered = 100000;
    calls[3].offered = 5000;
    make(calls, 5, 1);
    const struct process_state *first = &answers.all[0].outcome.state_after;
    ck_assert_uint_gt(first->memory_bytes, 0);
    ck_assert_uint_gt(first->descriptors, 6);
    ck_assert_uint_eq(first->threads, 1);
    for (size_t i = 0; i < answers.count; i++) {
        const struct outcome *outcome = &answers.all[i].outcome;
        bool last = i + 1 == answers.count || answers.all[i + 1].index != answers.all[i].index;
        ck_assert_int_eq(outcome->has_state, last);
        if (!last)
            continue;
        ck_assert_uint_eq(outcome->state_before.memory_bytes, outcome->state_after.memory_bytes);
        ck_assert_uint_eq(outcome->state_after.memory_bytes, first->memory_bytes);
        ck_assert_uint_eq(outcome->state_after.descriptors, first->descriptors);
        ck_assert_uint_eq(outcome->state_after.threads, 1);
        assert_same_surroundings(&outcome->state_before, &outcome->state_after);
        // The same at every measurement, but for the two floating-point modes and the two blocked
        // signals that take turns.
        struct process_state then = *first;
        then.floating_point = outcome->state_after.floating_point;
        then.signal_mask = outcome->state_after.signal_mask;
        assert_same_surroundings(&then, &outcome->state_after);
    }
}
END_TEST

// Which members of the state differ, as bits in their order.
static unsigned differences(const struct process_state *before, const struct process_state *after)
{
    return (unsigned)(before->caller_descriptors != after->caller_descriptors) |
           (unsigned)(before->signal_mask != after->signal_mask) << 1 |
           (unsigned)(before->signal_handlers != after->signal_handlers) << 2 |
           (unsigned)(before->directory != after->directory) << 3 |
           (unsigned)(before->umask != after->umask) << 4 |
           (unsigned)(before->floating_point != after->floating_point) << 5;
}

// Each change shows, alone, and is put right.
START_TEST(each_change_shows)
{
    static const struct {
        enum misbehaviour what;
        unsigned differences;
    } changes[] = {
        {CLOSE_SOME, 1},
        {CHANGE_DESCRIPTOR, 1},
        {CHANGE_MASK, 2},
        {CHANGE_HANDLER, 4},
        {CHANGE_DIRECTORY, 8},
        {CHANGE_UMASK, 16},
#if defined(__x86_64__)
        {CHANGE_ROUNDING, 32},
#endif
        {CHANGE_HANDLERS, 1 | 2 | 4}, // it closes standard input, too
    };
    struct failure failure = {0};
    start(PATIENCE_MS);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        for (uint32_t repeat = 1; repeat <= 3; repeat += 2) {
            struct call calls[] = {measured(BEHAVE, 0, 1), measured(changes[i].what, 0, repeat),
                                   measured(BEHAVE, 0, 1)};
            // In a process of its own: a descriptor that was replaced stays the library's.
            ck_assert_int_eq(host_set_session_table(host, NULL, &failure), 0);
            make(calls, 3, 1);
            ck_assert_uint_eq(answers.count, 3);
            unsigned differ[3];
            for (size_t j = 0; j < 3; j++) {
                const struct outcome *outcome = &answers.all[j].outcome;
                ck_assert(outcome->has_state);
                differ[j] = differences(&outcome->state_before, &outcome->state_after);
            }
            ck_assert_uint_eq(differ[0], 0);
            ck_assert_msg(differ[1] == changes[i].differences, "change %zu: %x", i, differ[1]);
            ck_assert_uint_eq(differ[2], 0);
            unsigned lasting = changes[i].differences & 1;
            ck_assert_uint_eq(differences(&answers.all[0].outcome.state_before,
                                          &answers.all[2].outcome.state_before) &
                                  ~lasting,
                              0);
        }
    }
}
END_TEST

START_TEST(what_is_left_behind_shows)
{
    start(PATIENCE_MS);
    struct call calls[] = {measured(LEAVE_MEMORY, 100, 1000), measured(LEAVE_DESCRIPTOR, 0, 100),
                           measured(LEAVE_THREAD, 0, 5), measured(BEHAVE, 0, 1)};
    make(calls, 4, 1);
    ck_assert_uint_eq(answers.count, 4);
    const struct outcome *memory = &answers.all[0].outcome;
    ck_assert_uint_ge(memory->state_after.memory_bytes, memory->state_before.memory_bytes + 100000);
    ck_assert_uint_le(memory->state_after.memory_bytes, memory->state_before.memory_bytes + 200000);
    const struct outcome *descriptors = &answers.all[1].outcome;
    ck_assert_uint_eq(descriptors->state_after.descriptors,
                      descriptors->state_before.descriptors + 100);
    assert_same_surroundings(&descriptors->state_before, &descriptors->state_after);
    const struct outcome *threads = &answers.all[2].outcome;
    ck_assert_uint_eq(threads->state_after.threads, threads->state_before.threads + 5);
}
END_TEST

// Up to the limit, where the measurement itself would have none left.
START_TEST(all_descriptors_left_behind)
{
    start(PATIENCE_MS);
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit > 20000)
        return; // would take long and show nothing more
    struct call calls[] = {measured(LEAVE_DESCRIPTOR, 0, (uint32_t)limit + 10),
                           measured(BEHAVE, 0, 1)};
    make(calls, 2, 1);
    const struct outcome *outcome = &answers.all[0].outcome;
    ck_assert_uint_gt(outcome->state_after.descriptors, (uint32_t)limit - 10);
    ck_assert_uint_eq(answers.all[1].outcome.state_after.descriptors,
                      outcome->state_after.descriptors);
}
END_TEST

// A stop ends a measured repetition as its end does.
START_TEST(measured_until_stopped)
{
    start(PATIENCE_MS);
    struct call call = measured(BEHAVE, 0, CALL_WITHOUT_END);
    begin(&call, 1, 1);
    await_calls(1000);
    host_stop_calls(host);
    finish();
    ck_assert_uint_eq(answers.count, 1);
    ck_assert(answers.all[0].outcome.has_state);
    ck_assert_uint_eq(calls_answered(), host_call_count(host));
    // Several threads at once are not measured.
    call = measured(BEHAVE, 0, 10);
    make(&call, 1, 2);
    ck_assert_uint_eq(answers.count, 2);
    ck_assert(!answers.all[0].outcome.has_state && !answers.all[1].outcome.has_state);
}
END_TEST

// A fault in a measured call is told as any other, and its process is gone.
START_TEST(a_measured_crash)
{
    start(PATIENCE_MS);
    struct call calls[] = {measured(CRASH_AT, 3, 10), measured(BEHAVE, 0, 1)};
    make(calls, 2, 1);
    ck_assert_uint_eq(answers.count, 3);
    assert_behaved(&answers.all[0], 0, 3);
    ck_assert(!answers.all[0].outcome.has_state);
    ck_assert_int_eq(answers.all[1].outcome.kind, OUTCOME_FAULT);
    ck_assert(!answers.all[1].outcome.has_state && answers.all[2].outcome.has_state);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, 300);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    suite_add_tcase(suite, tests);
    return tests;
}

static void add_repetition_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "repetitions");
    tcase_add_test(tests, the_same_answer_many_times);
    tcase_add_test(tests, each_placement_many_times);
    tcase_add_test(tests, sparse_many_times);
    tcase_add_test(tests, each_run_of_answers_by_itself);
    tcase_add_test(tests, another_answer_each_time);
    tcase_add_test(tests, a_crash_after_many_calls);
    tcase_add_test(tests, a_crash_in_the_first_of_many_calls);
    tcase_add_test(tests, an_end_after_many_calls);
    tcase_add_test(tests, a_hang_after_many_calls);
    tcase_add_test(tests, slow_calls_are_no_hang);
}

static void add_stop_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "stops");
    tcase_add_test(tests, stopped_in_a_repetition);
    tcase_add_test(tests, stopped_in_a_list);
    tcase_add_test(tests, stopped_threads);
    tcase_add_test(tests, stopping_what_does_not_run);
    tcase_add_test(tests, stops_and_ends_cross);
    tcase_add_test(tests, a_hang_after_the_stop);
    tcase_add_test(tests, a_hang_that_a_stop_finds);
    tcase_add_test(tests, a_signal_ends_calls_without_end);
    tcase_add_test(tests, one_batch_at_a_time);
    tcase_add_test(tests, stopping_the_host_amid_calls);
}

static void add_thread_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "threads");
    tcase_add_test(tests, threads_make_all_calls);
    tcase_add_test(tests, threads_with_a_long_list);
    tcase_add_loop_test(tests, one_of_many_threads_dies, 0, 3);
    tcase_add_test(tests, all_threads_die);
}

// Memory that the kernel's limit does not count.
START_TEST(too_much_memory_ends_the_host)
{
    static const enum misbehaviour ways[] = {EAT_SHARED, EAT_FILE, EAT_UNMAPPED, EAT_IN_CHILD};
    enum { LIMIT = 128 << 20 };
    char text[256];
    start_within(PATIENCE_MS, LIMIT);
    struct call calls[] = {repeated(ways[_i], 0, 1), repeated(BEHAVE, 0, 1)};
    make(calls, 2, 1);
    struct record record = {.outcome = answers.all[0].outcome};
    ck_assert_uint_eq(record.outcome.kind, OUTCOME_ENDED);
    ck_assert_int_eq(record.outcome.signal_number, SIGKILL);
    ck_assert_int_eq(record.outcome.exit_code, -1);
    ck_assert_uint_eq(record.outcome.memory_limit, LIMIT);
    report_describe_outcome(&record, text, sizeof text);
    ck_assert_str_eq(text, "ended the process inside the call: SIGKILL, by the kit, because it "
                           "held more than 128 MiB of memory");
    ck_assert_uint_eq(answers.all[1].outcome.kind, OUTCOME_RETURNED);
}
END_TEST

// Who kills itself was not ended for that.
START_TEST(a_kill_is_not_for_memory)
{
    start_within(PATIENCE_MS, 128 << 20);
    struct call call = repeated(KILL_SELF, 0, 1);
    make(&call, 1, 1);
    ck_assert_int_eq(answers.all[0].outcome.signal_number, SIGKILL);
    ck_assert_uint_eq(answers.all[0].outcome.memory_limit, 0);
}
END_TEST

// A limit of the machine's is no fault of the library that met it.
START_TEST(too_much_processor_time_is_the_machines)
{
    struct failure failure = {0};
    struct rlimit usual;
    ck_assert_int_eq(getrlimit(RLIMIT_CPU, &usual), 0);
    const struct rlimit little = {.rlim_cur = 1, .rlim_max = usual.rlim_max}; // a second
    ck_assert_int_eq(setrlimit(RLIMIT_CPU, &little), 0);
    start(PATIENCE_MS);
    struct call call = repeated(SPIN, 0, 1);
    begin(&call, 1, 1);
    int status = host_finish(host, &failure);
    ck_assert_int_eq(setrlimit(RLIMIT_CPU, &usual), 0);
    ck_assert_int_eq(status, -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, "processor time") != NULL, "%s", failure.text);
    ck_assert_uint_eq(answers.count, 0);
}
END_TEST

static void add_state_tests(Suite *suite)
{
    TCase *tests = add_case(suite, "state");
    tcase_add_test(tests, another_session_table);
    tcase_add_test(tests, nothing_changes_by_itself);
    tcase_add_test(tests, each_change_shows);
    tcase_add_test(tests, what_is_left_behind_shows);
    tcase_add_test(tests, all_descriptors_left_behind);
    tcase_add_test(tests, measured_until_stopped);
    tcase_add_test(tests, a_measured_crash);
    tcase_add_loop_test(tests, too_much_memory_ends_the_host, 0, 4);
    tcase_add_test(tests, a_kill_is_not_for_memory);
    tcase_add_test(tests, too_much_processor_time_is_the_machines);
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("host_calls");
    add_repetition_tests(suite);
    add_stop_tests(suite);
    add_thread_tests(suite);
    add_state_tests(suite);
    return suite;
}
