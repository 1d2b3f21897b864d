// SPDX-License-Identifier: Apache-2.0
// A listener of the host program: whoever comes, it lives on, and the next kit is served; and the
// kit says plainly what is wrong with a listener. By the program of this system and, where they can
// be run, by those of 32 bits and for Windows.
#include "harness/driver/host.h"
#include "tests/implementations/misbehaving.h"
#include "tests/listening.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

static const char *const libraries[LISTENING_KINDS] = {
    [LISTENING_UNIX] = TCK_TEST_LIBRARIES "/misbehaving.so",
    [LISTENING_UNIX_32] = TCK_I386_FOLDER "/tests/misbehaving.so",
    [LISTENING_WINDOWS] = TCK_WINDOWS_FOLDER "/x86_64/lib/iscsidsc-reference.dll",
    [LISTENING_WINDOWS_32] = TCK_WINDOWS_FOLDER "/i686/lib/iscsidsc-reference.dll",
};

static struct listening listening;
static struct host *host;

static void tear_down(void)
{
    host_stop(host);
    host = NULL;
    listening_stop(&listening);
    supervised_close();
}

// False where that kind can't be had here.
static bool listen_as(enum listening_kind kind)
{
    if (!listening_can(kind))
        return false;
    listening_start(&listening, kind, libraries[kind]);
    return true;
}

static int start_host(const struct remote_options *remote, struct failure *failure)
{
    const struct host_options options = {
        .program = "", .library = remote->text, .timeout_ms = PATIENCE_MS, .remote = remote};
    return host_start(&host, supervisor, &options, failure);
}

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    (void)index;
    (void)thread;
    *(struct outcome *)argument = *outcome;
    free(bytes);
}

static struct outcome call(struct call call)
{
    struct failure failure = {0};
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    ck_assert_msg(host_calls(host, &call, 1, receive, &outcome, &failure) == 0, "%s", failure.text);
    return outcome;
}

static const struct call behaving = {.placement = PLACE_END, .offered = 64, .count_in = BEHAVE};

// A kit that comes now is served.
static void expect_alive(void)
{
    struct failure failure = {0};
    ck_assert_msg(start_host(&listening.remote, &failure) == 0, "%s", failure.text);
    ck_assert_int_eq(call(behaving).kind, OUTCOME_RETURNED);
    host_stop(host);
    host = NULL;
}

static void expect_refusal(const struct remote_options *remote, const char *words)
{
    struct failure failure = {0};
    ck_assert_int_eq(start_host(remote, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_int_eq(failure.of, FAILURE_OF_KIT);
    ck_assert_msg(strstr(failure.text, words) != NULL, "%s", failure.text);
}

// A request as a kit makes it.
static void make_request(uint8_t bytes[RELAY_REQUEST_SIZE])
{
    struct relay_request request = {.nonce = 42, .table_is = RELAY_TABLE_UNSET};
    memcpy(request.token, listening.remote.token, sizeof request.token);
    ck_assert_int_eq(relay_request_encode(bytes, RELAY_REQUEST_SIZE, &request), RELAY_REQUEST_SIZE);
}

static void say(int peer, const void *bytes, size_t size)
{
    ck_assert_int_eq(send(peer, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
}

// Reads until the listener ends the connection; how much there was.
static size_t read_to_end(int peer, uint8_t *bytes, size_t size)
{
    size_t have = 0;
    for (;;) {
        struct pollfd waiting = {.fd = peer, .events = POLLIN};
        ck_assert_msg(poll(&waiting, 1, PATIENCE_MS) == 1, "the connection stays");
        ssize_t got = recv(peer, bytes + have, size - have, 0);
        if (got <= 0)
            return have;
        have += (size_t)got;
    }
}

// --- a listener and those who come

START_TEST(a_host_behind_it)
{
    struct failure failure = {0};
    if (!listen_as((enum listening_kind)_i))
        return;
    ck_assert_msg(start_host(&listening.remote, &failure) == 0, "%s", failure.text);
    const struct hello *hello = host_hello(host);
    ck_assert(hello->has_a && hello->has_w && hello->own_clock);
    bool is_windows = listening_is_windows((enum listening_kind)_i);
    bool is_64_bit = _i == LISTENING_UNIX || _i == LISTENING_WINDOWS;
    ck_assert_ptr_nonnull(strstr(hello->platform, is_windows ? "windows" : "linux"));
    ck_assert_int_eq(hello->pointer_size, is_64_bit ? 8 : 4);
    ck_assert_ptr_nonnull(
        strstr(host_remote_library(host), is_windows ? "reference" : "misbehaving"));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(call(behaving).kind, OUTCOME_RETURNED);
    ck_assert_int_eq(host_renew(host, &failure), 0);
    ck_assert_int_eq(call(behaving).kind, OUTCOME_RETURNED);
}
END_TEST

START_TEST(the_session_table_of_the_kit)
{
    struct failure failure = {0};
    struct call tell = behaving;
    tell.count_in = TELL_TABLE;
    listen_as(LISTENING_UNIX);
    ck_assert_msg(start_host(&listening.remote, &failure) == 0, "%s", failure.text);
    ck_assert_uint_eq(call(tell).size_out, 1000);
    ck_assert_int_eq(host_set_session_table(host, "/some/table", &failure), 0);
    ck_assert_uint_eq(call(tell).size_out, strlen("/some/table"));
    ck_assert_int_eq(host_set_session_table(host, NULL, &failure), 0);
    ck_assert_uint_eq(call(tell).size_out, 1000);
}
END_TEST

START_TEST(a_wrong_token)
{
    if (!listen_as((enum listening_kind)_i))
        return;
    struct remote_options remote = listening.remote;
    remote.token[0] ^= 1;
    expect_refusal(&remote, "another token");
    memset(remote.token, 0, sizeof remote.token);
    expect_refusal(&remote, "another token");
    memcpy(remote.token, listening.remote.token, 16); // the beginning of the right one
    expect_refusal(&remote, "another token");
    expect_alive();
}
END_TEST

START_TEST(one_kit_at_a_time)
{
    struct failure failure = {0};
    listen_as(LISTENING_UNIX);
    ck_assert_msg(start_host(&listening.remote, &failure) == 0, "%s", failure.text);
    struct host *first = host;
    expect_refusal(&listening.remote, "busy");
    host = first;
    ck_assert_int_eq(call(behaving).kind, OUTCOME_RETURNED);
    host_stop(host);
    host = NULL;
    expect_alive();
}
END_TEST

START_TEST(another_version)
{
    uint8_t bytes[RELAY_REQUEST_SIZE];
    struct relay_answer answer = {0};
    if (!listen_as((enum listening_kind)_i))
        return;
    make_request(bytes);
    bytes[4]++;
    int peer = listening_connect(&listening);
    say(peer, bytes, sizeof bytes);
    size_t got = read_to_end(peer, bytes, sizeof bytes);
    ck_assert_int_ge(relay_answer_decode(&answer, bytes, got), RELAY_ANSWER_START);
    ck_assert_uint_eq(answer.status, RELAY_OTHER_VERSION);
    ck_assert_str_eq(answer.library, ""); // the token is not known to be right
    close(peer);
    expect_alive();
}
END_TEST

START_TEST(garbage)
{
    enum { TIMES = 50 };
    uint8_t bytes[9000];
    uint32_t seed = 1;
    if (!listen_as((enum listening_kind)_i))
        return;
    for (int i = 0; i < TIMES; i++) {
        for (size_t j = 0; j < sizeof bytes; j++)
            bytes[j] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
        int peer = listening_connect(&listening);
        // Some of it: a byte to twice a request. It may end the connection before all is said.
        send(peer, bytes, 1 + (size_t)i * 180, MSG_NOSIGNAL);
        close(peer);
    }
    int peer = listening_connect(&listening);
    say(peer, "GET / HTTP/1.1\r\n\r\n", 18);
    ck_assert_uint_eq(read_to_end(peer, bytes, sizeof bytes), 0);
    close(peer);
    expect_alive();
}
END_TEST

START_TEST(silent_peers)
{
    enum { COUNT = 40 };
    int peers[COUNT];
    if (!listen_as((enum listening_kind)_i))
        return;
    for (int i = 0; i < COUNT; i++)
        peers[i] = listening_connect(&listening);
    expect_alive();
    for (int i = 0; i < COUNT; i++)
        close(peers[i]);
}
END_TEST

// Half a request, then silence: it has a few seconds.
START_TEST(truncated_requests)
{
    static const size_t sizes[] = {1, 7, 8, 100, RELAY_REQUEST_SIZE - 1};
    uint8_t bytes[RELAY_REQUEST_SIZE];
    int peers[2];
    if (!listen_as((enum listening_kind)_i))
        return;
    make_request(bytes);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        peers[0] = listening_connect(&listening);
        say(peers[0], bytes, sizes[i]);
        close(peers[0]);
    }
    for (size_t i = 0; i < 2; i++) {
        peers[i] = listening_connect(&listening);
        say(peers[i], bytes, sizes[i + 2]);
    }
    expect_alive();
    for (size_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(read_to_end(peers[i], bytes, sizeof bytes), 0);
        close(peers[i]);
    }
    expect_alive();
}
END_TEST

// With the right token, but no frames that a host knows.
static const struct frame_case {
    uint16_t type;
    uint32_t payload_size;
    size_t sent; // bytes of header and payload
} frame_cases[] = {
    {FRAME_CALLS, CALLS_HEADER_SIZE, FRAME_HEADER_SIZE}, // cut behind the header
    {FRAME_CALLS, CALLS_HEADER_SIZE, 10},                // in it
    {FRAME_CALLS, UINT32_MAX, FRAME_HEADER_SIZE},        // too long
    {FRAME_HELLO, 0, FRAME_HEADER_SIZE},                 // for the kit
    {99, 0, FRAME_HEADER_SIZE},                          // of no type
    {0, 0, 0},                                           // nothing
};

static void send_frame_case(int peer, const struct frame_case *frame)
{
    uint8_t bytes[FRAME_HEADER_SIZE];
    const struct frame_header header = {42, FRAME_CALLS, 0};
    ck_assert_int_gt(frame_header_encode(bytes, sizeof bytes, &header), 0);
    bytes[12] = (uint8_t)frame->type;
    for (int i = 0; i < 4; i++)
        bytes[16 + i] = (uint8_t)(frame->payload_size >> (8 * i));
    say(peer, bytes, frame->sent);
}

START_TEST(wrong_frames)
{
    enum { TESTS = sizeof frame_cases / sizeof *frame_cases };
    uint8_t bytes[RELAY_REQUEST_SIZE];
    if (!listen_as((enum listening_kind)(_i / TESTS)))
        return;
    make_request(bytes);
    int peer = listening_connect(&listening);
    say(peer, bytes, sizeof bytes);
    send_frame_case(peer, &frame_cases[_i % TESTS]);
    shutdown(peer, SHUT_WR);
    uint8_t answered[65536];
    size_t got = read_to_end(peer, answered, sizeof answered);
    ck_assert_uint_ge(got, RELAY_ANSWER_SIZE); // it was welcome
    close(peer);
    expect_alive();
}
END_TEST

static void reset(int peer)
{
    const struct linger at_once = {1, 0};
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(peer);
}

// The kit is gone amid a batch of calls: its host goes, too.
START_TEST(reset_in_a_batch)
{
    uint8_t bytes[RELAY_REQUEST_SIZE];
    uint8_t calls[FRAME_HEADER_SIZE + CALLS_HEADER_SIZE + CALL_SIZE];
    const struct frame_header header = {42, FRAME_CALLS, CALLS_HEADER_SIZE + CALL_SIZE};
    struct call endless = {.placement = PLACE_END, .offered = 64, .repeat = 1000000};
    if (!listen_as((enum listening_kind)_i))
        return;
    size_t before = listening_processes(&listening);
    endless.count_in = _i == LISTENING_UNIX ? HANG : BEHAVE;
    ck_assert_int_gt(frame_header_encode(calls, sizeof calls, &header), 0);
    calls_header_encode(calls + FRAME_HEADER_SIZE, CALLS_HEADER_SIZE, 1, 1);
    ck_assert_int_gt(
        call_encode(calls + FRAME_HEADER_SIZE + CALLS_HEADER_SIZE, CALL_SIZE, &endless), 0);
    make_request(bytes);
    for (int i = 0; i < 3; i++) {
        int peer = listening_connect(&listening);
        say(peer, bytes, sizeof bytes);
        say(peer, calls, sizeof calls);
        // The HELLO has come: it is in the batch, or soon.
        uint8_t answer[RELAY_ANSWER_SIZE + CHUNK_HEADER_SIZE + HELLO_SIZE];
        ck_assert_int_eq(recv(peer, answer, sizeof answer, MSG_WAITALL), (ssize_t)sizeof answer);
        reset(peer);
    }
    listening_await_processes(&listening, before);
    expect_alive();
}
END_TEST

// --- its end, and the kit's

START_TEST(nothing_is_left_of_it)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGKILL};
    struct failure failure = {0};
    int signal_number = signals[_i];
    listen_as(LISTENING_UNIX);
    ck_assert_msg(start_host(&listening.remote, &failure) == 0, "%s", failure.text);
    ck_assert_uint_eq(listening_processes(&listening), 2);
    int status = listening_end(&listening, signal_number);
    if (signal_number == SIGKILL)
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    else
        ck_assert_int_eq(status, 0);
    listening_await_processes(&listening, 0);
    // The calls' own trouble is not blamed on the library.
    struct outcome outcome;
    ck_assert_int_eq(host_calls(host, &behaving, 1, receive, &outcome, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_int_eq(failure.of, FAILURE_OF_KIT);
}
END_TEST

// Under Wine a signal to the program is its sudden end.
START_TEST(nothing_is_left_under_wine)
{
    struct failure failure = {0};
    if (!listen_as(_i == 0 ? LISTENING_WINDOWS : LISTENING_WINDOWS_32))
        return;
    ck_assert_msg(start_host(&listening.remote, &failure) == 0, "%s", failure.text);
    listening_end(&listening, SIGKILL);
    listening_await_processes(&listening, 0);
}
END_TEST

static void run_kit_that_hangs(void)
{
    struct failure failure = {0};
    struct outcome outcome;
    struct call hanging = behaving;
    hanging.count_in = HANG;
    if (start_host(&listening.remote, &failure) == 0)
        host_calls(host, &hanging, 1, receive, &outcome, &failure);
    _exit(0);
}

START_TEST(nothing_is_left_of_a_killed_kit)
{
    listen_as(LISTENING_UNIX);
    pid_t kit = fork();
    if (kit == 0)
        run_kit_that_hangs();
    listening_await_processes(&listening, 2);
    kill(kit, SIGKILL);
    waitpid(kit, NULL, 0);
    listening_await_processes(&listening, 1);
    expect_alive();
}
END_TEST

// What a library has left in the background goes with its host.
START_TEST(daemons_are_ended)
{
    static const enum misbehaviour ways[] = {DAEMON, DAEMON_AND_EXIT};
    struct failure failure = {0};
    struct call leaving = behaving;
    leaving.count_in = misbehave(ways[_i], 0);
    listen_as(LISTENING_UNIX);
    ck_assert_msg(start_host(&listening.remote, &failure) == 0, "%s", failure.text);
    call(leaving);
    host_stop(host);
    host = NULL;
    listening_await_processes(&listening, 1);
}
END_TEST

Suite *test_suite(void)
{
    enum { FRAME_TESTS = LISTENING_KINDS * sizeof frame_cases / sizeof *frame_cases };
    Suite *suite = suite_create("listener");
    TCase *tests = tcase_create("listener");
    tcase_add_checked_fixture(tests, supervised_open, tear_down);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, a_host_behind_it, 0, LISTENING_KINDS);
    tcase_add_test(tests, the_session_table_of_the_kit);
    tcase_add_loop_test(tests, a_wrong_token, 0, LISTENING_KINDS);
    tcase_add_test(tests, one_kit_at_a_time);
    tcase_add_loop_test(tests, another_version, 0, LISTENING_KINDS);
    tcase_add_loop_test(tests, garbage, 0, LISTENING_KINDS);
    tcase_add_loop_test(tests, silent_peers, 0, LISTENING_KINDS);
    tcase_add_loop_test(tests, truncated_requests, 0, LISTENING_KINDS);
    tcase_add_loop_test(tests, wrong_frames, 0, FRAME_TESTS);
    tcase_add_loop_test(tests, reset_in_a_batch, 0, LISTENING_KINDS);
    tcase_add_loop_test(tests, nothing_is_left_of_it, 0, 3);
    tcase_add_loop_test(tests, nothing_is_left_under_wine, 0, 2);
    tcase_add_test(tests, nothing_is_left_of_a_killed_kit);
    tcase_add_loop_test(tests, daemons_are_ended, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
