// SPDX-License-Identifier: Apache-2.0
// The protocol's encoders and decoders: what goes in comes out, and nothing else gets through.
#include "harness/host/protocol.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 200000 };

// A generator of its own: the same bytes on every machine.
static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*state >> 32);
}

static void fill_random(uint8_t *bytes, size_t size, uint64_t *state)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)next_random(state);
}

static struct outcome sample_outcome(void)
{
    return (struct outcome){.kind = OUTCOME_RETURNED,
                            .status = 0xEFFF0013,
                            .size_out = 0xFFFFFFFF,
                            .count_out = 3,
                            .size_cell_damaged = true,
                            .fault_has_address = true,
                            .inside = {0, 4294967294},
                            .before = {-4096, -1},
                            .after = {312, 320},
                            .signal_number = 11,
                            .direction = FAULT_EXECUTE,
                            .fault_address = 0xFFFF0000FFFF0001,
                            .exit_code = -1,
                            .base = 0x7FFFFFFFF000,
                            .began_ns = 5,
                            .ended_ns = UINT64_MAX,
                            .repeats = UINT32_MAX,
                            .first_ended_ns = 6,
                            .last_began_ns = UINT64_MAX - 1,
                            .has_state = true,
                            .state_before = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},
                            .state_after = {UINT64_MAX, UINT32_MAX, 0, UINT64_MAX, UINT64_MAX - 1,
                                            UINT64_MAX - 2, UINT64_MAX - 3, UINT32_MAX - 1,
                                            UINT64_MAX - 4, UINT32_MAX - 2, UINT64_MAX - 5,
                                            UINT64_MAX - 6, UINT64_MAX - 7},
                            .byte_count = BYTES_MAX};
}

static void assert_state(const struct process_state *left, const struct process_state *right)
{
    ck_assert_uint_eq(left->memory_bytes, right->memory_bytes);
    ck_assert_uint_eq(left->descriptors, right->descriptors);
    ck_assert_uint_eq(left->threads, right->threads);
    ck_assert_uint_eq(left->caller_descriptors, right->caller_descriptors);
    ck_assert_uint_eq(left->signal_mask, right->signal_mask);
    ck_assert_uint_eq(left->signal_handlers, right->signal_handlers);
    ck_assert_uint_eq(left->directory, right->directory);
    ck_assert_uint_eq(left->umask, right->umask);
    ck_assert_uint_eq(left->floating_point, right->floating_point);
    ck_assert_uint_eq(left->children, right->children);
    ck_assert_uint_eq(left->timers, right->timers);
    ck_assert_uint_eq(left->limits, right->limits);
    ck_assert_uint_eq(left->mapped_bytes, right->mapped_bytes);
}

static void assert_extent(struct extent left, struct extent right)
{
    ck_assert_int_eq(left.first, right.first);
    ck_assert_int_eq(left.last, right.last);
}

START_TEST(header_round_trip)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header in = {0x0123456789ABCDEF, FRAME_RESULT, OUTCOME_SIZE + BYTES_MAX};
    struct frame_header out;
    ck_assert_int_eq(frame_header_encode(bytes, sizeof bytes, &in), FRAME_HEADER_SIZE);
    ck_assert_int_eq(bytes[0], 'I');
    ck_assert_int_eq(bytes[3], 'K');
    ck_assert_int_eq(bytes[4], 0xEF);
    ck_assert_int_eq(frame_header_decode(&out, bytes, sizeof bytes), FRAME_HEADER_SIZE);
    ck_assert_uint_eq(out.nonce, in.nonce);
    ck_assert_uint_eq(out.type, in.type);
    ck_assert_uint_eq(out.payload_size, in.payload_size);
}
END_TEST

START_TEST(header_limits)
{
    static const struct {
        uint16_t type;
        uint32_t largest;
    } limits[] = {{FRAME_HELLO, HELLO_SIZE},
                  {FRAME_CALLS, CALLS_HEADER_SIZE + CALLS_MAX * CALL_SIZE},
                  {FRAME_RESULT, OUTCOME_SIZE + BYTES_MAX},
                  {FRAME_FAULT, FAULT_SIZE},
                  {FRAME_STACK, STACK_SIZE_MAX},
                  {FRAME_MORE, OUTCOME_SIZE},
                  {FRAME_CLOCK, CLOCK_SIZE},
                  {FRAME_LOGIN, LOGIN_SIZE},
                  {FRAME_LOGGED, LOGGED_SIZE},
                  {FRAME_DONE, 0},
                  {FRAME_STOP, 0},
                  {FRAME_BEGIN, 0},
                  {FRAME_END, 0}};
    uint8_t bytes[FRAME_HEADER_SIZE];
    struct frame_header out;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct frame_header in = {1, limits[i].type, limits[i].largest};
        ck_assert_int_eq(frame_header_encode(bytes, sizeof bytes, &in), FRAME_HEADER_SIZE);
        // One more than the largest, put in by hand: the encoder does not make such a frame.
        uint32_t more = limits[i].largest + 1;
        for (int j = 0; j < 4; j++)
            bytes[16 + j] = (uint8_t)(more >> 8 * j);
        ck_assert_int_eq(frame_header_decode(&out, bytes, sizeof bytes), -1);
        in.payload_size = more;
        ck_assert_int_eq(frame_header_encode(bytes, sizeof bytes, &in), -1);
    }
    struct frame_header unknown = {1, FRAME_STACK + 1, 0};
    ck_assert_int_eq(frame_header_encode(bytes, sizeof bytes, &unknown), -1);
}
END_TEST

// Each byte of magic, type, version and the reserved word counts.
START_TEST(header_damaged)
{
    static const int counted[] = {0, 1, 2, 3, 12, 13, 14, 15, 20, 21, 22, 23};
    struct frame_header in = {7, FRAME_DONE, 0};
    struct frame_header out;
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        uint8_t bytes[FRAME_HEADER_SIZE];
        frame_header_encode(bytes, sizeof bytes, &in);
        bytes[counted[i]] ^= 0x80;
        ck_assert_int_eq(frame_header_decode(&out, bytes, sizeof bytes), -1);
    }
}
END_TEST

START_TEST(hello_round_trip)
{
    uint8_t bytes[HELLO_SIZE];
    struct hello in = {.pointer_size = 8,
                       .long_align = 4,
                       .has_a = 1,
                       .has_ex = 1,
                       .has_more = 1 << (CHARSET_LOGINS_W - CHARSET_EX - 1),
                       .own_clock = 1,
                       .code_page = 65001,
                       .page_size = 4096,
                       .buffer_max = 0x70000000,
                       .platform = "linux x86_64",
                       .version = "10.0.19041.1",
                       .build_id = "0123456789abcdef",
                       .decorated = "_GetIScsiSessionListA@12"};
    struct hello out;
    memset(in.error, 'e', sizeof in.error - 1);
    ck_assert_int_eq(hello_encode(bytes, sizeof bytes, &in), HELLO_SIZE);
    ck_assert_int_eq(hello_decode(&out, bytes, sizeof bytes), HELLO_SIZE);
    ck_assert_int_eq(out.pointer_size, 8);
    ck_assert_int_eq(out.long_align, 4);
    ck_assert_int_eq(out.has_a, 1);
    ck_assert_int_eq(out.has_w, 0);
    ck_assert_int_eq(out.has_ex, 1);
    ck_assert(hello_exports(&out, CHARSET_LOGINS_W));
    ck_assert(!hello_exports(&out, CHARSET_LOGINS_A));
    ck_assert_uint_eq(out.code_page, 65001);
    ck_assert_str_eq(out.platform, in.platform);
    ck_assert_str_eq(out.error, in.error);
}
END_TEST

// A text without its terminator, a size that is no pointer's, a boolean that is none.
START_TEST(hello_damaged)
{
    enum { PLATFORM_AT = 8 + 4 + 4 + 8 };
    static const struct {
        int at;
        uint8_t value;
    } damages[] = {{0, 5}, {1, 16}, {2, 2}, {3, 255}, {4, 2}, {6, 16}, {7, 2}};
    const struct hello in = {.pointer_size = 8,
                             .long_align = 8,
                             .has_a = 1,
                             .has_w = 1,
                             .code_page = 65001,
                             .page_size = 4096,
                             .platform = "linux",
                             .error = "error"};
    uint8_t bytes[HELLO_SIZE];
    struct hello out;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        hello_encode(bytes, sizeof bytes, &in);
        bytes[damages[i].at] = damages[i].value;
        ck_assert_int_eq(hello_decode(&out, bytes, sizeof bytes), -1);
    }
    hello_encode(bytes, sizeof bytes, &in);
    memset(bytes + PLATFORM_AT, 'x', HELLO_PLATFORM_MAX);
    ck_assert_int_eq(hello_decode(&out, bytes, sizeof bytes), -1);
    hello_encode(bytes, sizeof bytes, &in);
    memset(bytes + sizeof bytes - HELLO_TEXT_MAX, 'x', HELLO_TEXT_MAX);
    ck_assert_int_eq(hello_decode(&out, bytes, sizeof bytes), -1);
}
END_TEST

START_TEST(call_round_trip)
{
    uint8_t bytes[CALL_SIZE];
    struct call in = {.charset = CHARSET_W,
                      .placement = PLACE_EXACT,
                      .fill = FILL_ONES,
                      .flags = CALL_SIZE_NULL | CALL_SPARSE | CALL_MEASURE,
                      .offered = UINT32_MAX,
                      .count_in = 0x80000000,
                      .misalignment = 15,
                      .repeat = CALL_WITHOUT_END,
                      .subject = {1, 2, 3}};
    struct call out;
    ck_assert_int_eq(call_encode(bytes, sizeof bytes, &in), CALL_SIZE);
    ck_assert_int_eq(call_decode(&out, bytes, sizeof bytes), CALL_SIZE);
    ck_assert_int_eq(out.charset, in.charset);
    ck_assert_int_eq(out.placement, in.placement);
    ck_assert_int_eq(out.fill, in.fill);
    ck_assert_int_eq(out.flags, in.flags);
    ck_assert_uint_eq(out.offered, in.offered);
    ck_assert_uint_eq(out.count_in, in.count_in);
    ck_assert_uint_eq(out.misalignment, in.misalignment);
    ck_assert_uint_eq(out.repeat, in.repeat);
    ck_assert_mem_eq(out.subject, in.subject, SUBJECT_SIZE);
}
END_TEST

START_TEST(call_out_of_range)
{
    static const struct call wrong[] = {{.charset = CHARSETS},
                                        {.placement = PLACE_EXACT + 1},
                                        {.fill = FILL_ONES + 1},
                                        {.flags = 16},
                                        {.placement = PLACE_MIDDLE, .misalignment = 16}};
    uint8_t bytes[CALL_SIZE];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_int_eq(call_encode(bytes, sizeof bytes, &wrong[i]), -1);
}
END_TEST

START_TEST(calls_header_limits)
{
    static const uint32_t cases[][3] = {{0, 1, 0},
                                        {1, 0, 1},
                                        {1, CALLS_MAX, 1},
                                        {1, CALLS_MAX + 1, 0},
                                        {THREADS_MAX, 1, 1},
                                        {THREADS_MAX + 1, 1, 0},
                                        {UINT32_MAX, UINT32_MAX, 0}};
    uint8_t bytes[CALLS_HEADER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t threads = 0;
        uint32_t calls = 0;
        calls_header_encode(bytes, sizeof bytes, cases[i][0], cases[i][1]);
        int result = calls_header_decode(&threads, &calls, bytes, sizeof bytes);
        ck_assert_int_eq(result, cases[i][2] ? CALLS_HEADER_SIZE : -1);
    }
}
END_TEST

START_TEST(outcome_round_trip)
{
    uint8_t bytes[OUTCOME_SIZE];
    const struct outcome in = sample_outcome();
    struct outcome out;
    uint32_t thread = 0;
    uint32_t index = 0;
    ck_assert_int_eq(outcome_encode(bytes, sizeof bytes, 63, CALLS_MAX - 1, &in), OUTCOME_SIZE);
    ck_assert_int_eq(outcome_decode(&out, &thread, &index, bytes, sizeof bytes), OUTCOME_SIZE);
    ck_assert_uint_eq(thread, 63);
    ck_assert_uint_eq(index, CALLS_MAX - 1);
    ck_assert_uint_eq(out.kind, in.kind);
    ck_assert_uint_eq(out.status, in.status);
    ck_assert_uint_eq(out.size_out, in.size_out);
    ck_assert_uint_eq(out.count_out, in.count_out);
    ck_assert(out.size_cell_damaged && !out.count_cell_damaged && out.fault_has_address);
    assert_extent(out.inside, in.inside);
    assert_extent(out.before, in.before);
    assert_extent(out.after, in.after);
    ck_assert_int_eq(out.signal_number, 11);
    ck_assert_int_eq(out.direction, FAULT_EXECUTE);
    ck_assert_uint_eq(out.fault_address, in.fault_address);
    ck_assert_int_eq(out.exit_code, -1);
    ck_assert_uint_eq(out.base, in.base);
    ck_assert_uint_eq(out.began_ns, in.began_ns);
    ck_assert_uint_eq(out.ended_ns, in.ended_ns);
    ck_assert_uint_eq(out.byte_count, in.byte_count);
    ck_assert_uint_eq(out.repeats, in.repeats);
    ck_assert_uint_eq(out.first_ended_ns, in.first_ended_ns);
    ck_assert_uint_eq(out.last_began_ns, in.last_began_ns);
    ck_assert(out.has_state);
    assert_state(&out.state_before, &in.state_before);
    assert_state(&out.state_after, &in.state_after);
}
END_TEST

static void assert_refused(const struct outcome *outcome, uint32_t thread, uint32_t index)
{
    uint8_t bytes[OUTCOME_SIZE];
    struct outcome out;
    outcome_encode(bytes, sizeof bytes, thread, index, outcome);
    ck_assert_int_eq(outcome_decode(&out, &thread, &index, bytes, sizeof bytes), -1);
}

START_TEST(outcome_out_of_range)
{
    struct outcome outcome = sample_outcome();
    assert_refused(&outcome, THREADS_MAX, 0);
    assert_refused(&outcome, 0, CALLS_MAX);
    outcome.kind = OUTCOME_DAMAGED + 1;
    assert_refused(&outcome, 0, 0);
    outcome = sample_outcome();
    outcome.byte_count = BYTES_MAX + 1;
    assert_refused(&outcome, 0, 0);
    outcome = sample_outcome();
    outcome.direction = FAULT_EXECUTE + 1;
    assert_refused(&outcome, 0, 0);
    outcome = sample_outcome();
    outcome.signal_number = -1;
    assert_refused(&outcome, 0, 0);
    outcome = sample_outcome();
    outcome.began_ns = 2;
    outcome.ended_ns = 1;
    assert_refused(&outcome, 0, 0);
}
END_TEST

// One call, or several in a row whose first and last are in order.
START_TEST(repeats_out_of_range)
{
    static const struct {
        uint64_t times[4]; // began, first ended, last began, ended
        uint32_t repeats;
        bool valid;
    } cases[] = {{{1, 4, 1, 4}, 0, false}, {{1, 4, 1, 4}, 1, true},  {{1, 2, 3, 4}, 1, false},
                 {{1, 2, 3, 4}, 2, true},  {{1, 1, 1, 1}, 2, true},  {{2, 1, 3, 4}, 2, false},
                 {{1, 3, 2, 4}, 2, false}, {{1, 2, 5, 4}, 2, false}, {{4, 1, 4, 1}, 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[OUTCOME_SIZE];
        struct outcome out;
        uint32_t thread = 0;
        uint32_t index = 0;
        struct outcome in = sample_outcome();
        in.repeats = cases[i].repeats;
        in.began_ns = cases[i].times[0];
        in.first_ended_ns = cases[i].times[1];
        in.last_began_ns = cases[i].times[2];
        in.ended_ns = cases[i].times[3];
        outcome_encode(bytes, sizeof bytes, 0, 0, &in);
        ck_assert_int_eq(outcome_decode(&out, &thread, &index, bytes, sizeof bytes),
                         cases[i].valid ? OUTCOME_SIZE : -1);
    }
}
END_TEST

// There is one empty extent, and each of the three has its place.
START_TEST(extents_out_of_range)
{
    static const struct extent wrong[] = {
        {1, 0}, {0, -2}, {5, 4}, {-1, 0}, {INT64_MAX, -1}, {INT64_MIN, INT64_MAX}, {0, INT64_MAX}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct outcome outcome = sample_outcome();
        outcome.inside = wrong[i];
        assert_refused(&outcome, 0, 0);
        outcome = sample_outcome();
        outcome.before = wrong[i];
        assert_refused(&outcome, 0, 0);
        outcome = sample_outcome();
        outcome.after = wrong[i];
        assert_refused(&outcome, 0, 0);
    }
}
END_TEST

// Whatever was cut short is refused; the allocation has exactly the length, for a sanitizer to see.
START_TEST(truncations)
{
    uint8_t zero[HELLO_SIZE] = {0};
    for (size_t size = 0; size < HELLO_SIZE; size++) {
        uint8_t *bytes = malloc(size + (size == 0));
        ck_assert_ptr_nonnull(bytes);
        memcpy(bytes, zero, size);
        struct frame_header header;
        struct hello hello;
        struct call call;
        struct outcome outcome;
        uint32_t first = 0;
        uint32_t second = 0;
        ck_assert_int_eq(hello_decode(&hello, bytes, size), -1);
        ck_assert_int_eq(frame_header_decode(&header, bytes, size), -1);
        int got = call_decode(&call, bytes, size);
        ck_assert_int_eq(got, size < CALL_SIZE ? -1 : CALL_SIZE);
        if (size < OUTCOME_SIZE)
            ck_assert_int_eq(outcome_decode(&outcome, &first, &second, bytes, size), -1);
        if (size < CALLS_HEADER_SIZE)
            ck_assert_int_eq(calls_header_decode(&first, &second, bytes, size), -1);
        free(bytes);
    }
    struct hello hello;
    uint8_t longer[HELLO_SIZE + 1] = {8, 8};
    ck_assert_int_eq(hello_decode(&hello, longer, sizeof longer), -1);
}
END_TEST

START_TEST(clock_round_trip)
{
    uint8_t bytes[CLOCK_SIZE + 1] = {0};
    uint64_t now_ns = 0;
    ck_assert_int_eq(clock_encode(bytes, CLOCK_SIZE, 0x0123456789ABCDEF), CLOCK_SIZE);
    ck_assert_int_eq(clock_decode(&now_ns, bytes, CLOCK_SIZE), CLOCK_SIZE);
    ck_assert_uint_eq(now_ns, 0x0123456789ABCDEF);
    ck_assert_int_eq(clock_encode(bytes, CLOCK_SIZE - 1, 1), -1);
    ck_assert_int_eq(clock_decode(&now_ns, bytes, CLOCK_SIZE - 1), -1);
    ck_assert_int_eq(clock_decode(&now_ns, bytes, CLOCK_SIZE + 1), -1);
}
END_TEST

START_TEST(login_round_trip)
{
    uint8_t bytes[LOGIN_SIZE + 1] = {0};
    struct login_request in = {.kind = LOGIN_REMOVE_PORTAL, .port = 0xABCD, .user_length = 255};
    struct login_request out = {0};
    in.session = (struct iscsi_unique_id){0x0123456789ABCDEF, 0xFEDCBA9876543210};
    in.target[0] = 0x20AC;
    in.address[LOGIN_ADDRESS_SIZE - 2] = '1';
    memset(in.user, 'u', sizeof in.user);
    in.password[0] = 0xFF;
    in.password_length = 1;
    ck_assert_int_eq(login_request_encode(bytes, LOGIN_SIZE, &in), LOGIN_SIZE);
    ck_assert_int_eq(login_request_decode(&out, bytes, LOGIN_SIZE), LOGIN_SIZE);
    ck_assert_int_eq(out.kind, in.kind);
    ck_assert_uint_eq(out.port, in.port);
    ck_assert_uint_eq(out.session.adapter_unique, in.session.adapter_unique);
    ck_assert_uint_eq(out.session.adapter_specific, in.session.adapter_specific);
    ck_assert_mem_eq(out.target, in.target, sizeof in.target);
    ck_assert_mem_eq(out.address, in.address, sizeof in.address);
    ck_assert_uint_eq(out.user_length, 255);
    ck_assert_mem_eq(out.user, in.user, sizeof in.user);
    ck_assert_uint_eq(out.password_length, 1);
    ck_assert_mem_eq(out.password, in.password, sizeof in.password);
    ck_assert_int_eq(login_request_encode(bytes, LOGIN_SIZE - 1, &in), -1);
    ck_assert_int_eq(login_request_decode(&out, bytes, LOGIN_SIZE - 1), -1);
    ck_assert_int_eq(login_request_decode(&out, bytes, LOGIN_SIZE + 1), -1);
    bytes[0] = LOGIN_KINDS;
    ck_assert_int_eq(login_request_decode(&out, bytes, LOGIN_SIZE), -1);
    // Names without an end.
    in.target[ISCSI_NAME_SIZE - 1] = 'x';
    ck_assert_int_eq(login_request_encode(bytes, LOGIN_SIZE, &in), LOGIN_SIZE);
    ck_assert_int_eq(login_request_decode(&out, bytes, LOGIN_SIZE), -1);
    in.target[ISCSI_NAME_SIZE - 1] = 0;
    in.address[LOGIN_ADDRESS_SIZE - 1] = 'x';
    ck_assert_int_eq(login_request_encode(bytes, LOGIN_SIZE, &in), LOGIN_SIZE);
    ck_assert_int_eq(login_request_decode(&out, bytes, LOGIN_SIZE), -1);
}
END_TEST

START_TEST(login_answer_round_trip)
{
    uint8_t bytes[LOGGED_SIZE + 1] = {0};
    const struct login_answer in = {true, 0xEFFF0003, {1, UINT64_MAX}, {UINT64_MAX - 1, 2}};
    struct login_answer out = {0};
    ck_assert_int_eq(login_answer_encode(bytes, LOGGED_SIZE, &in), LOGGED_SIZE);
    ck_assert_int_eq(login_answer_decode(&out, bytes, LOGGED_SIZE), LOGGED_SIZE);
    ck_assert(out.exported);
    ck_assert_uint_eq(out.status, in.status);
    ck_assert_mem_eq(&out.session, &in.session, sizeof in.session);
    ck_assert_mem_eq(&out.connection, &in.connection, sizeof in.connection);
    ck_assert_int_eq(login_answer_encode(bytes, LOGGED_SIZE - 1, &in), -1);
    ck_assert_int_eq(login_answer_decode(&out, bytes, LOGGED_SIZE - 1), -1);
    ck_assert_int_eq(login_answer_decode(&out, bytes, LOGGED_SIZE + 1), -1);
    bytes[0] = 2;
    ck_assert_int_eq(login_answer_decode(&out, bytes, LOGGED_SIZE), -1);
}
END_TEST

// What only faults have, and texts without an end.
START_TEST(fault_round_trip)
{
    uint8_t bytes[FAULT_SIZE];
    struct outcome in = sample_outcome();
    struct outcome out = {0};
    uint32_t thread = 0;
    uint32_t index = 0;
    char path[FAULT_PATH_MAX];
    in.exception = 0xC0000005;
    in.fault_offset = 0x123456789A;
    snprintf(in.fault_module, sizeof in.fault_module, "iscsidsc.dll");
    ck_assert_int_eq(fault_encode(bytes, sizeof bytes, 3, 4, &in, "/opt/x.so"), FAULT_SIZE);
    ck_assert_int_eq(fault_decode(&out, path, &thread, &index, bytes, sizeof bytes), FAULT_SIZE);
    ck_assert(thread == 3 && index == 4 && out.exception == in.exception &&
              out.fault_offset == in.fault_offset);
    ck_assert_str_eq(out.fault_module, in.fault_module);
    ck_assert_str_eq(path, "/opt/x.so");
    ck_assert_int_eq(fault_encode(bytes, sizeof bytes - 1, 3, 4, &in, ""), -1);
    ck_assert_int_eq(fault_decode(&out, path, &thread, &index, bytes, sizeof bytes - 1), -1);
    memset(bytes + sizeof bytes - FAULT_PATH_MAX, 'x', FAULT_PATH_MAX);
    ck_assert_int_eq(fault_decode(&out, path, &thread, &index, bytes, sizeof bytes), -1);
    bytes[sizeof bytes - 1] = '\0';
    ck_assert_int_eq(fault_decode(&out, path, &thread, &index, bytes, sizeof bytes), FAULT_SIZE);
    memset(bytes + sizeof bytes - FAULT_PATH_MAX - FAULT_MODULE_MAX, 'x', FAULT_MODULE_MAX);
    ck_assert_int_eq(fault_decode(&out, path, &thread, &index, bytes, sizeof bytes), -1);
}
END_TEST

// The lengths that a STACK tells of are held against the payload's and the limits.
START_TEST(stack_round_trip)
{
    static uint8_t bytes[STACK_SIZE_MAX + 1];
    struct stack_image in = {.machine = 62,
                             .register_count = STACK_REGISTERS_MAX,
                             .host_first = 1,
                             .host_end = 2,
                             .instruction = 0x123456789A,
                             .address = 0x7FFF00000000,
                             .maps_size = 10,
                             .stack_size = 20};
    struct stack_image out;
    for (size_t i = 0; i < STACK_REGISTERS_MAX; i++)
        in.registers[i] = i << 40;
    ck_assert_int_eq(stack_encode(bytes, STACK_HEADER_SIZE - 1, &in), -1);
    ck_assert_int_eq(stack_encode(bytes, sizeof bytes, &in), STACK_HEADER_SIZE);
    ck_assert_int_eq(stack_decode(&out, bytes, STACK_HEADER_SIZE + 30), STACK_HEADER_SIZE);
    ck_assert_int_eq(memcmp(&in, &out, sizeof in), 0);
    ck_assert_int_eq(stack_decode(&out, bytes, STACK_HEADER_SIZE + 29), -1);
    ck_assert_int_eq(stack_decode(&out, bytes, STACK_HEADER_SIZE + 31), -1);
    ck_assert_int_eq(stack_decode(&out, bytes, STACK_HEADER_SIZE - 1), -1);
    in.register_count++;
    stack_encode(bytes, sizeof bytes, &in);
    ck_assert_int_eq(stack_decode(&out, bytes, STACK_HEADER_SIZE + 30), -1);
    in.register_count = 1;
    in.maps_size = STACK_MAPS_MAX + 1;
    in.stack_size = 0;
    stack_encode(bytes, sizeof bytes, &in);
    ck_assert_int_eq(stack_decode(&out, bytes, STACK_HEADER_SIZE + STACK_MAPS_MAX + 1), -1);
    in.maps_size = 0;
    in.stack_size = STACK_BYTES_MAX + 1;
    stack_encode(bytes, sizeof bytes, &in);
    ck_assert_int_eq(stack_decode(&out, bytes, STACK_HEADER_SIZE + STACK_BYTES_MAX + 1), -1);
}
END_TEST

START_TEST(encoders_need_room)
{
    uint8_t bytes[HELLO_SIZE];
    const struct frame_header header = {1, FRAME_DONE, 0};
    const struct hello hello = {.pointer_size = 8, .long_align = 8, .page_size = 4096};
    const struct call call = {0};
    const struct outcome outcome = sample_outcome();
    ck_assert_int_eq(frame_header_encode(bytes, FRAME_HEADER_SIZE - 1, &header), -1);
    ck_assert_int_eq(hello_encode(bytes, HELLO_SIZE - 1, &hello), -1);
    ck_assert_int_eq(call_encode(bytes, CALL_SIZE - 1, &call), -1);
    ck_assert_int_eq(calls_header_encode(bytes, CALLS_HEADER_SIZE - 1, 1, 1), -1);
    ck_assert_int_eq(outcome_encode(bytes, OUTCOME_SIZE - 1, 0, 0, &outcome), -1);
}
END_TEST

// Is everything in its range? Not by ck_assert, which writes a message to a file each time:
// millions of them took minutes.
static bool in_range(const struct outcome *outcome, uint32_t thread, uint32_t index)
{
    return outcome->kind <= OUTCOME_DAMAGED && outcome->direction <= FAULT_EXECUTE &&
           thread < THREADS_MAX && index < CALLS_MAX && outcome->byte_count <= BYTES_MAX &&
           outcome->began_ns <= outcome->ended_ns && outcome->repeats >= 1 &&
           outcome->began_ns <= outcome->first_ended_ns &&
           outcome->last_began_ns <= outcome->ended_ns &&
           (extent_empty(outcome->inside) || outcome->inside.first >= 0) &&
           (extent_empty(outcome->before) || outcome->before.last < 0) &&
           (extent_empty(outcome->after) || outcome->after.first >= 0);
}

// A valid outcome with a few bytes changed gets much further into the decoder than noise does.
START_TEST(random_outcomes)
{
    uint64_t state = 1;
    unsigned accepted = 0;
    const struct outcome in = sample_outcome();
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t bytes[OUTCOME_SIZE];
        struct outcome out;
        uint32_t thread = 0;
        uint32_t index = 0;
        outcome_encode(bytes, sizeof bytes, 0, 0, &in);
        for (uint32_t changes = next_random(&state) % 4; changes > 0; changes--)
            bytes[next_random(&state) % OUTCOME_SIZE] = (uint8_t)next_random(&state);
        if (outcome_decode(&out, &thread, &index, bytes, sizeof bytes) < 0)
            continue;
        if (!in_range(&out, thread, index))
            ck_abort_msg("round %d: an outcome out of range was accepted", i);
        accepted++;
    }
    ck_assert_uint_gt(accepted, 0);
}
END_TEST

START_TEST(random_bytes)
{
    uint64_t state = 2;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t bytes[OUTCOME_SIZE];
        struct frame_header header;
        struct call call;
        struct outcome outcome;
        uint32_t thread = 0;
        uint32_t index = 0;
        fill_random(bytes, sizeof bytes, &state);
        if (i % 2 == 0) // else the magic alone refuses them all
            memcpy(bytes, "ITCK", 4);
        if (frame_header_decode(&header, bytes, sizeof bytes) > 0 &&
            (header.type < FRAME_HELLO || header.type > FRAME_STOP))
            ck_abort_msg("round %d: a header of type %u was accepted", i, (unsigned)header.type);
        memset(bytes + 16, 0, 4);
        bytes[0] %= 3;
        bytes[1] %= 6;
        bytes[2] %= 5;
        bytes[3] %= 17;
        if (call_decode(&call, bytes, sizeof bytes) > 0 &&
            (call.charset > CHARSET_W || call.placement > PLACE_EXACT || call.fill > FILL_ONES ||
             call.flags > 15 || call.misalignment > 15))
            ck_abort_msg("round %d: a call out of range was accepted", i);
        if (outcome_decode(&outcome, &thread, &index, bytes, sizeof bytes) > 0 &&
            !in_range(&outcome, thread, index))
            ck_abort_msg("round %d: an outcome out of range was accepted", i);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("protocol");
    TCase *tests = tcase_create("protocol");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, header_round_trip);
    tcase_add_test(tests, header_limits);
    tcase_add_test(tests, header_damaged);
    tcase_add_test(tests, hello_round_trip);
    tcase_add_test(tests, hello_damaged);
    tcase_add_test(tests, call_round_trip);
    tcase_add_test(tests, call_out_of_range);
    tcase_add_test(tests, calls_header_limits);
    tcase_add_test(tests, outcome_round_trip);
    tcase_add_test(tests, outcome_out_of_range);
    tcase_add_test(tests, repeats_out_of_range);
    tcase_add_test(tests, extents_out_of_range);
    tcase_add_test(tests, truncations);
    tcase_add_test(tests, clock_round_trip);
    tcase_add_test(tests, login_round_trip);
    tcase_add_test(tests, login_answer_round_trip);
    tcase_add_test(tests, fault_round_trip);
    tcase_add_test(tests, stack_round_trip);
    tcase_add_test(tests, encoders_need_room);
    tcase_add_test(tests, random_outcomes);
    tcase_add_test(tests, random_bytes);
    suite_add_tcase(suite, tests);
    return suite;
}
