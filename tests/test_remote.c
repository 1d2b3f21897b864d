// SPDX-License-Identifier: Apache-2.0
// What a listener says is not trusted: whatever comes instead, the kit says plainly that the
// connection is of no use, and does not blame the library. And what both say is encoded and decoded
// with every length checked.
#include "harness/driver/host.h"
#include "harness/driver/remote.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000, SHORT_MS = 300, SAID_MAX = 16384 };

// What a lying listener sends after a request.
struct lie {
    uint8_t bytes[SAID_MAX];
    size_t size;
    bool stays;  // it does not end the connection
    bool greets; // before it lies, it is a host that is asked for calls
};

static struct remote_options remote;
static pid_t liar;

static void set_up(void)
{
    supervised_open();
    remote = (struct remote_options){.text = "tcp://127.0.0.1:x", .address = "127.0.0.1"};
    memcpy(remote.token, "0123456789abcdef", 16);
}

static void tear_down(void)
{
    if (liar > 0) {
        kill(liar, SIGKILL);
        waitpid(liar, NULL, 0);
    }
    supervised_close();
}

static void add(struct lie *lie, const void *bytes, size_t size);
static void add_answer(struct lie *lie, enum relay_status status);
static void add_header(struct lie *lie, uint32_t kind, uint32_t size);

// Says hello as a host, and waits for calls.
static void greet(int peer, const uint8_t *request)
{
    static struct lie truth;
    struct relay_request asked;
    uint32_t version = 0;
    uint8_t frame[FRAME_HEADER_SIZE + HELLO_SIZE];
    uint8_t calls[FRAME_HEADER_SIZE + CALLS_HEADER_SIZE + CALL_SIZE];
    const struct hello hello = {
        .pointer_size = 8, .long_align = 8, .has_a = 1, .page_size = 4096, .platform = "none"};
    relay_request_decode(&asked, &version, request, RELAY_REQUEST_SIZE);
    const struct frame_header header = {asked.nonce, FRAME_HELLO, HELLO_SIZE};
    frame_header_encode(frame, FRAME_HEADER_SIZE, &header);
    hello_encode(frame + FRAME_HEADER_SIZE, HELLO_SIZE, &hello);
    add_answer(&truth, RELAY_WELCOME);
    add_header(&truth, CHUNK_FRAMES, sizeof frame);
    add(&truth, frame, sizeof frame);
    if (send(peer, truth.bytes, truth.size, MSG_NOSIGNAL) != (ssize_t)truth.size ||
        recv(peer, calls, sizeof calls, MSG_WAITALL) != (ssize_t)sizeof calls)
        _exit(1);
}

static _Noreturn void lie_to_peer(int listening, const struct lie *lie)
{
    uint8_t request[RELAY_REQUEST_SIZE];
    int peer = accept(listening, NULL, NULL);
    if (recv(peer, request, sizeof request, MSG_WAITALL) != (ssize_t)sizeof request)
        _exit(1);
    if (lie->greets)
        greet(peer, request);
    if (send(peer, lie->bytes, lie->size, MSG_NOSIGNAL) == (ssize_t)lie->size && lie->stays)
        pause();
    _exit(0);
}

static void start_liar(const struct lie *lie)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listening, (const struct sockaddr *)&place, size), 0);
    ck_assert_int_eq(listen(listening, 1), 0);
    ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&place, &size), 0);
    remote.port = ntohs(place.sin_port);
    liar = fork();
    if (liar == 0)
        lie_to_peer(listening, lie);
    close(listening);
}

static void add(struct lie *lie, const void *bytes, size_t size)
{
    ck_assert_uint_le(lie->size + size, sizeof lie->bytes);
    memcpy(lie->bytes + lie->size, bytes, size);
    lie->size += size;
}

static void add_answer(struct lie *lie, enum relay_status status)
{
    uint8_t bytes[RELAY_ANSWER_SIZE];
    const struct relay_answer answer = {
        .status = status, .platform = "none", .library = "/lib/none.so"};
    ck_assert_int_eq(relay_answer_encode(bytes, sizeof bytes, &answer), RELAY_ANSWER_SIZE);
    add(lie, bytes, sizeof bytes);
}

// A chunk's header, whether there can be such a chunk or not.
static void add_header(struct lie *lie, uint32_t kind, uint32_t size)
{
    uint8_t bytes[CHUNK_HEADER_SIZE];
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(kind >> (8 * i));
        bytes[4 + i] = (uint8_t)(size >> (8 * i));
    }
    add(lie, bytes, sizeof bytes);
}

static void add_exit(struct lie *lie, uint32_t how, uint32_t code)
{
    add_header(lie, CHUNK_EXIT, CHUNK_EXIT_SIZE);
    add_header(lie, how, code); // two numbers, too
}

static void add_said(struct lie *lie, const char *text)
{
    add_header(lie, CHUNK_SAID, (uint32_t)strlen(text));
    add(lie, text, strlen(text));
}

static void expect(const struct lie *lie, unsigned timeout_ms, enum failure_of of,
                   const char *words)
{
    struct failure failure = {0};
    struct host *host = NULL;
    const struct host_options options = {
        .program = "", .library = "the library", .timeout_ms = timeout_ms, .remote = &remote};
    start_liar(lie);
    ck_assert_int_eq(host_start(&host, supervisor, &options, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, words) != NULL, "%s", failure.text);
    ck_assert_msg(failure.of == of, "%s", failure.text);
}

START_TEST(no_answer)
{
    const struct lie ends = {.size = 0};
    expect(&ends, PATIENCE_MS, FAILURE_OF_KIT, "without an answer");
}
END_TEST

START_TEST(silence)
{
    const struct lie stays = {.stays = true};
    expect(&stays, SHORT_MS, FAILURE_OF_KIT, "did not answer in time");
}
END_TEST

START_TEST(another_program)
{
    struct lie lie = {.stays = true};
    add(&lie, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 32);
    memset(lie.bytes + lie.size, 'x', 4000);
    lie.size += 4000;
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, "no listener of iscsidsc-tck-host");
}
END_TEST

START_TEST(another_version)
{
    struct lie lie = {.stays = true};
    add_answer(&lie, RELAY_OTHER_VERSION);
    lie.bytes[4]++;
    lie.size = RELAY_ANSWER_START; // all that a version has for sure
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, "of another version");
}
END_TEST

START_TEST(refusals)
{
    static const char *const words[RELAY_STATUS_COUNT] = {
        [RELAY_OTHER_VERSION] = "of another version",
        [RELAY_WRONG_TOKEN] = "another token",
        [RELAY_BUSY] = "busy",
        [RELAY_NO_CHILD] = "can't start a host",
    };
    struct lie lie = {0};
    add_answer(&lie, (enum relay_status)_i);
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, words[_i]);
}
END_TEST

START_TEST(a_status_that_does_not_exist)
{
    struct lie lie = {.stays = true};
    add_answer(&lie, RELAY_STATUS_COUNT);
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, "no listener of iscsidsc-tck-host");
}
END_TEST

START_TEST(an_answer_that_is_cut)
{
    struct lie lie = {0};
    add_answer(&lie, RELAY_WELCOME);
    lie.size -= 1;
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, "the connection to the listener ended");
}
END_TEST

static const struct {
    uint32_t kind;
    uint32_t size;
} chunks[] = {
    {0, 1},
    {5, 1},
    {UINT32_MAX, 1},
    {CHUNK_FRAMES, 0},
    {CHUNK_FRAMES, CHUNK_MAX + 1},
    {CHUNK_FRAMES, UINT32_MAX},
    {CHUNK_SAID, UINT32_MAX},
    {CHUNK_MEMORY, CHUNK_MEMORY_SIZE + 1},
    {CHUNK_EXIT, CHUNK_EXIT_SIZE - 1},
    {CHUNK_EXIT, UINT32_MAX},
};

START_TEST(chunks_that_can_not_be)
{
    struct lie lie = {.stays = true};
    add_answer(&lie, RELAY_WELCOME);
    add_header(&lie, chunks[_i].kind, chunks[_i].size);
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, "sent what the protocol does not know");
}
END_TEST

START_TEST(an_end_that_can_not_be)
{
    struct lie lie = {.stays = true};
    add_answer(&lie, RELAY_WELCOME);
    add_exit(&lie, RELAY_END_CHANNEL + 1, 0);
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, "sent what the protocol does not know");
}
END_TEST

START_TEST(a_chunk_that_is_cut)
{
    struct lie lie = {0};
    add_answer(&lie, RELAY_WELCOME);
    add_header(&lie, CHUNK_FRAMES, 1000);
    add(&lie, "ITCK", 4);
    expect(&lie, PATIENCE_MS, FAILURE_OF_KIT, "the connection to the listener ended");
}
END_TEST

// These are the library's: the listener only tells of them.
START_TEST(garbage_of_the_host)
{
    struct lie lie = {.stays = true};
    add_answer(&lie, RELAY_WELCOME);
    add_header(&lie, CHUNK_FRAMES, 64);
    memset(lie.bytes + lie.size, 0xA5, 64);
    lie.size += 64;
    expect(&lie, PATIENCE_MS, FAILURE_OF_IMPLEMENTATION, "wrote into the host's channel");
}
END_TEST

START_TEST(the_end_of_the_host)
{
    static const struct {
        uint32_t how;
        uint32_t code;
        const char *words;
    } ends[] = {
        {RELAY_END_EXITED, 3, "the host exited with status 3 while it loaded it"},
        {RELAY_END_EXITED, 0xC0000409, "exited with status 0xC0000409"},
        {RELAY_END_SIGNAL, SIGSEGV, "was killed by SIGSEGV"},
        {RELAY_END_SIGNAL, 0x12345, "was killed by signal"},
        {RELAY_END_CHANNEL, 0, "closed the host's channel"},
    };
    struct lie lie = {.stays = true};
    add_answer(&lie, RELAY_WELCOME);
    add_header(&lie, CHUNK_SAID, 12);
    add(&lie, "last words.\n", 12);
    add_exit(&lie, ends[_i].how, ends[_i].code);
    expect(&lie, PATIENCE_MS, FAILURE_OF_IMPLEMENTATION, ends[_i].words);
}
END_TEST

// --- amid a batch

static void receive(void *argument, size_t index, unsigned thread, const struct outcome *outcome,
                    uint8_t *bytes)
{
    (void)index;
    (void)thread;
    *(struct outcome *)argument = *outcome;
    free(bytes);
}

// Makes one call. 0, or -1 with `failure`.
static int call_once(const struct lie *lie, struct outcome *outcome, struct failure *failure)
{
    const struct call call = {.placement = PLACE_END, .offered = 64};
    const struct host_options options = {
        .program = "", .library = "the library", .timeout_ms = PATIENCE_MS, .remote = &remote};
    struct host *host = NULL;
    start_liar(lie);
    ck_assert_msg(host_start(&host, supervisor, &options, failure) == 0, "%s", failure->text);
    int status = host_calls(host, &call, 1, receive, outcome, failure);
    host_stop(host);
    return status;
}

// An exit code of Windows has 32 bits, and an exception that nobody handled is one, too.
START_TEST(exit_codes)
{
    static const struct {
        uint32_t code;
        uint8_t kind;
        int32_t exit_code;
        uint32_t exception;
        const char *said;
    } ends[] = {
        {7, OUTCOME_ENDED, 7, 0, ""},
        {0x10000001, OUTCOME_ENDED, 0x10000001, 0, ""},
        {0xFFFFFFFF, OUTCOME_ENDED, -1, 0, ""},
        {0xC0000409, OUTCOME_FAULT, 0, 0xC0000409, ""},
        {HOST_EXIT_CHANNEL, OUTCOME_DAMAGED, 0, 0, HOST_SAYS "the channel is gone\n"},
        {HOST_EXIT_CHANNEL, OUTCOME_ENDED, HOST_EXIT_CHANNEL, 0, "the library said so\n"},
    };
    struct lie lie = {.stays = true, .greets = true};
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    struct failure failure = {0};
    if (ends[_i].said[0] != '\0')
        add_said(&lie, ends[_i].said);
    add_exit(&lie, RELAY_END_EXITED, ends[_i].code);
    ck_assert_msg(call_once(&lie, &outcome, &failure) == 0, "%s", failure.text);
    ck_assert_int_eq(outcome.kind, ends[_i].kind);
    ck_assert_int_eq(outcome.exit_code, ends[_i].exit_code);
    ck_assert_uint_eq(outcome.exception, ends[_i].exception);
    ck_assert((outcome.signal_number != 0) == (outcome.kind == OUTCOME_FAULT));
}
END_TEST

// No call is blamed for a listener that is gone.
START_TEST(the_connection_ends_amid_a_batch)
{
    const struct lie lie = {.greets = true};
    struct outcome outcome = {.kind = OUTCOME_NOT_TRIED};
    struct failure failure = {0};
    ck_assert_int_eq(call_once(&lie, &outcome, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_int_eq(failure.of, FAILURE_OF_KIT);
    ck_assert_msg(strstr(failure.text, "the connection to the listener ended") != NULL, "%s",
                  failure.text);
    ck_assert_int_eq(outcome.kind, OUTCOME_NOT_TRIED);
}
END_TEST

// --- encoding

START_TEST(requests)
{
    uint8_t bytes[RELAY_REQUEST_SIZE];
    struct relay_request in = {.nonce = 0x0123456789ABCDEF, .table_is = RELAY_TABLE_SET};
    struct relay_request out;
    uint32_t version = 0;
    memset(in.token, 'x', sizeof in.token);
    memset(in.table, 'y', sizeof in.table - 1);
    ck_assert_int_eq(relay_request_encode(bytes, sizeof bytes - 1, &in), -1);
    ck_assert_int_eq(relay_request_encode(bytes, sizeof bytes, &in), RELAY_REQUEST_SIZE);
    ck_assert_int_eq(relay_request_decode(&out, &version, bytes, sizeof bytes), sizeof bytes);
    ck_assert(out.nonce == in.nonce && out.table_is == in.table_is &&
              memcmp(out.token, in.token, sizeof in.token) == 0 &&
              strcmp(out.table, in.table) == 0);
    for (size_t size = 0; size < sizeof bytes; size += 17)
        ck_assert_int_eq(relay_request_decode(&out, &version, bytes, size), -1);
    bytes[sizeof bytes - 1] = 'z'; // no terminator
    ck_assert_int_eq(relay_request_decode(&out, &version, bytes, sizeof bytes), -1);
    bytes[4]++;
    ck_assert_int_eq(relay_request_decode(&out, &version, bytes, RELAY_START_SIZE),
                     RELAY_START_SIZE);
    bytes[0]++;
    ck_assert_int_eq(relay_request_decode(&out, &version, bytes, sizeof bytes), -1);
}
END_TEST

START_TEST(tokens)
{
    uint8_t token[RELAY_TOKEN_MAX];
    uint8_t other[RELAY_TOKEN_MAX];
    char text[RELAY_TOKEN_MAX + 1];
    memset(text, 'a', sizeof text);
    ck_assert(!relay_token_parse(token, text, RELAY_TOKEN_MIN - 1));
    ck_assert(relay_token_parse(token, text, RELAY_TOKEN_MIN));
    ck_assert(relay_token_parse(token, text, RELAY_TOKEN_MAX));
    ck_assert(!relay_token_parse(token, text, RELAY_TOKEN_MAX + 1));
    ck_assert(!relay_token_parse(token, "0123456789 abcdef", 17));
    ck_assert(!relay_token_parse(token, "0123456789\0abcdef", 17));
    ck_assert(!relay_token_parse(token, "                    ", 20));
    ck_assert(relay_token_parse(token, "0123456789abcdef", 16));
    ck_assert(relay_token_parse(other, " \t0123456789abcdef\r\n", 20));
    ck_assert(relay_token_equal(token, other));
    ck_assert(relay_token_parse(other, "0123456789abcdef0", 17));
    ck_assert(!relay_token_equal(token, other));
}
END_TEST

START_TEST(addresses)
{
    static const char *const wrong[] = {"",
                                        ":",
                                        ":1",
                                        "a",
                                        "a:",
                                        "a:-1",
                                        "a:65536",
                                        "a:1x",
                                        "[::1]",
                                        "[::1]1",
                                        "[]:1",
                                        "[::1:1",
                                        "a:99999999999999999999"};
    char address[16];
    uint16_t port = 0;
    ck_assert(relay_address_split("127.0.0.1:40123", address, sizeof address, &port));
    ck_assert(strcmp(address, "127.0.0.1") == 0 && port == 40123);
    ck_assert(relay_address_split("[::1]:0", address, sizeof address, &port));
    ck_assert(strcmp(address, "::1") == 0 && port == 0);
    ck_assert(!relay_address_split("a-name-that-is-long:1", address, sizeof address, &port));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!relay_address_split(wrong[i], address, sizeof address, &port), "%s",
                      wrong[i]);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("remote");
    TCase *lies = tcase_create("lies");
    TCase *encoding = tcase_create("encoding");
    tcase_add_checked_fixture(lies, set_up, tear_down);
    tcase_set_timeout(lies, 60);
    tcase_add_test(lies, no_answer);
    tcase_add_test(lies, silence);
    tcase_add_test(lies, another_program);
    tcase_add_test(lies, another_version);
    tcase_add_loop_test(lies, refusals, RELAY_OTHER_VERSION, RELAY_STATUS_COUNT);
    tcase_add_test(lies, a_status_that_does_not_exist);
    tcase_add_test(lies, an_answer_that_is_cut);
    tcase_add_loop_test(lies, chunks_that_can_not_be, 0, sizeof chunks / sizeof *chunks);
    tcase_add_test(lies, an_end_that_can_not_be);
    tcase_add_test(lies, a_chunk_that_is_cut);
    tcase_add_test(lies, garbage_of_the_host);
    tcase_add_loop_test(lies, the_end_of_the_host, 0, 5);
    tcase_add_loop_test(lies, exit_codes, 0, 6);
    tcase_add_test(lies, the_connection_ends_amid_a_batch);
    tcase_add_test(encoding, requests);
    tcase_add_test(encoding, tokens);
    tcase_add_test(encoding, addresses);
    suite_add_tcase(suite, lies);
    suite_add_tcase(suite, encoding);
    return suite;
}
