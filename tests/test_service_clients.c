// SPDX-License-Identifier: Apache-2.0
// Clients of the initiator service that misbehave, logins that must fail, and sessions that are
// lost: the service goes on, and no list is wrong.
#include "emulator/service/initiator_service.h"
#include "emulator/tgtd/tgtd.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/serviced.h"
#include "tests/supervised.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    MANY_CLIENTS = 300, // more than the service keeps
    LINE_TOO_LONG = 10000,
    ROUNDS = 10,
    CALLERS = 4,
};

static struct tgtd *tgtd(void)
{
    return (struct tgtd *)emulator_instance(emulator, 0);
}

static bool never(void *argument)
{
    (void)argument;
    return false;
}

static void let_pass(unsigned milliseconds)
{
    ck_assert_int_eq(supervisor_wait(supervisor, never, NULL, milliseconds, NULL), 1);
}

// ---- clients byte by byte ----

static int connect_to(const struct sockaddr *address, socklen_t size)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_msg(connect(fd, address, size) == 0, "connect: %s", strerror(errno));
    return fd;
}

static int connect_client(void)
{
    const char *address = initiator_service_address(service);
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in loopback = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (strncmp(address, "unix:", 5) == 0) {
        snprintf(local.sun_path, sizeof local.sun_path, "%s", address + 5);
        return connect_to((const struct sockaddr *)&local, sizeof local);
    }
    ck_assert_int_eq(strncmp(address, "tcp:127.0.0.1:", 14), 0);
    loopback.sin_port = htons((uint16_t)strtoul(address + 14, NULL, 10));
    return connect_to((const struct sockaddr *)&loopback, sizeof loopback);
}

static void send_bytes(int fd, const char *bytes, size_t size)
{
    ck_assert_int_eq(send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT), (ssize_t)size);
}

// Reads up to the end of the connection, and closes it. An answer is one line.
static void read_answer(int fd, char answer[256])
{
    struct failure failure = {0};
    size_t done = 0;
    ssize_t size = 1;
    while (size > 0) {
        int result = supervisor_wait_readable(supervisor, fd, PATIENCE_MS, &failure);
        ck_assert_msg(result == 0, "no answer: %s", failure.text);
        size = recv(fd, answer + done, 255 - done, MSG_DONTWAIT);
        done += size > 0 ? (size_t)size : 0;
    }
    answer[done] = '\0';
    close(fd);
}

static void expect_answer(const char *bytes, size_t size, const char *expected)
{
    char answer[256];
    int fd = connect_client();
    send_bytes(fd, bytes, size);
    read_answer(fd, answer);
    ck_assert_str_eq(answer, expected);
}

#define INVALID "0x00000057\n"

// The service is alive, and answers at once.
static void expect_alive(void)
{
    expect_answer("name\n", 5, "0x00000000\tiqn.2024-01.test:initiator-service\n");
}

// ---- misbehaviour ----

static const struct {
    const char *bytes;
    size_t size;
} garbage[] = {
#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    BYTES("\n"),
    BYTES("\t\t\t\t\t\t\t\t\t\t\t\t\n"),
    BYTES("nonsense\n"),
    BYTES("name\tmore\n"),
    BYTES("NAME\n"),
    BYTES("name\r\n"),
    BYTES("name\n\n"),
    BYTES("name\nname\n"),
    BYTES("na\0me\n"),
    BYTES("\xFF\xFE\xFD\n"),
    BYTES("name\t\xC3\n"),
    BYTES("login\n"),
    BYTES("login\tiqn.2024-01.test:disk\t127.0.0.1\t65536\t\t\t0\n"),
    BYTES("login\tiqn.2024-01.test:disk\t127.0.0.1\t-1\t\t\t0\n"),
    BYTES("login\tiqn.2024-01.test:disk\t127.0.0.1\t0\t\t\t0\n"),
    BYTES("login\tiqn.2024-01.test:disk\tlocalhost\t3260\t\t\t0\n"),
    BYTES("login\t\t127.0.0.1\t3260\t\t\t0\n"),
    BYTES("login\tiqn.2024-01.test:disk\t127.0.0.1\t3260\tuser\t\t0\n"),
    BYTES("login\tiqn.2024-01.test:disk\t127.0.0.1\t3260\t\t\t2\n"),
    BYTES("logout\t1\t2\n"),
    BYTES("logout\t0000000000000001\t000000000000000G\n"),
    BYTES("devices\t0000000000000001\t\n"),
    BYTES("add-portal\tnowhere\t3260\t\t\n"),
    BYTES("targets\t\n"),
    BYTES("targets\tyes\n"),
#undef BYTES
};

START_TEST(test_garbage)
{
    serviced_start(false);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
        expect_answer(garbage[i].bytes, garbage[i].size, INVALID);
    expect_answer("logout\t0000000000000001\t0000000000000002\n", 41, "0xefff001c\n");
    expect_answer("devices\t0000000000000001\t0000000000000002\n", 42, "0xefff001c\n");
    expect_alive();
}
END_TEST

START_TEST(test_long_line)
{
    char *line = malloc(LINE_TOO_LONG);
    ck_assert_ptr_nonnull(line);
    memset(line, 'x', LINE_TOO_LONG);
    serviced_start(_i == 1);
    int fd = connect_client();
    send_bytes(fd, line, LINE_TOO_LONG);
    char answer[256]; // it may be lost, because the service closes with bytes unread
    read_answer(fd, answer);
    ck_assert(strcmp(answer, INVALID) == 0 || answer[0] == '\0');
    free(line);
    int half = connect_client();
    send_bytes(half, "na", 2);
    close(half);
    close(connect_client());
    half = connect_client();
    send_bytes(half, "na", 2);
    if (_i == 0)
        expect_alive(); // while one is half-way
    ck_assert_ptr_null(supervisor_failure(supervisor));
    close(half);
}
END_TEST

// Whatever the secret begins with, and however long it is.
START_TEST(test_wrong_secret)
{
    char line[256];
    serviced_start(true);
    const char *secret = strrchr(initiator_service_address(service), ':') + 1;
    const int length = (int)strlen(secret);
    ck_assert_int_eq(length, 32);
    expect_answer("name\n", 5, "0x00000005\n");
    expect_answer("\tname\n", 6, "0x00000005\n");
    for (int i = 0; i < length; i++) {
        snprintf(line, sizeof line, "%.*s\tname\n", i, secret);
        expect_answer(line, strlen(line), "0x00000005\n");
        snprintf(line, sizeof line, "%s\tname\n", secret);
        line[i] ^= 1;
        expect_answer(line, strlen(line), "0x00000005\n");
    }
    snprintf(line, sizeof line, "%s0\tname\n", secret);
    expect_answer(line, strlen(line), "0x00000005\n");
    snprintf(line, sizeof line, "%s\tname\n", secret);
    expect_answer(line, strlen(line), "0x00000000\tiqn.2024-01.test:initiator-service\n");
    snprintf(line, sizeof line, "%s\n", secret);
    expect_answer(line, strlen(line), INVALID);
}
END_TEST

// Connections that say nothing hold nobody up, however many there are.
START_TEST(test_many_clients)
{
    int silent[MANY_CLIENTS];
    serviced_start(false);
    for (size_t i = 0; i < MANY_CLIENTS; i++) {
        silent[i] = connect_client();
        if (i % 50 == 0)
            let_pass(10); // the queue of those who wait to be accepted is shorter
    }
    expect_alive();
    for (size_t i = 0; i < MANY_CLIENTS; i++)
        close(silent[i]);
    let_pass(50);
    expect_alive();
    for (size_t i = 0; i < MANY_CLIENTS; i++) { // and those that ask and do not wait
        int fd = connect_client();
        send_bytes(fd, "name\n", 5);
        close(fd);
        if (i % 50 == 0)
            let_pass(10);
    }
    expect_alive();
}
END_TEST

// ---- logins that are slow ----

static int begin_login(void)
{
    char line[256];
    int fd = connect_client();
    snprintf(line, sizeof line, "login\t%s\t127.0.0.1\t%u\t\t\t0\n", DISK, service_port);
    send_bytes(fd, line, strlen(line));
    return fd;
}

static int log_shared_out(const struct functions *functions)
{
    _Alignas(8) unsigned char buffer[4096];
    uint32_t size = sizeof buffer;
    uint32_t count = 0;
    REQUIRE(functions->list_a(&size, &count, (iscsi_session_info_a *)buffer) == LIST_SUCCESS);
    REQUIRE(count == 1);
    iscsi_session_info_a *session = (iscsi_session_info_a *)buffer;
    REQUIRE(functions->logout(&session->session_id) == LIST_SUCCESS);
    return 0;
}

static bool has_session(void *argument)
{
    return initiator_service_session_count(service) == *(size_t *)argument;
}

static void await_sessions(size_t wanted)
{
    ck_assert_int_eq(supervisor_wait(supervisor, has_session, &wanted, PATIENCE_MS, NULL), 0);
}

// A target that is silent holds up only those who log in to it; a client that goes away meanwhile
// leaves a session that is listed, and that somebody else can log out.
START_TEST(test_client_goes_away_during_login)
{
    struct failure failure = {0};
    serviced_start(false);
    ck_assert_int_eq(tgtd_suspend(tgtd(), &failure), 0);
    int fd = begin_login();
    let_pass(100);
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    expect_alive();
    close(fd);
    let_pass(50);
    ck_assert_int_eq(tgtd_continue(tgtd(), &failure), 0);
    await_sessions(1);
    ck_assert_uint_eq(serviced_account(), 1);
    call(log_shared_out);
    serviced_await_account(0);
}
END_TEST

// The service ends in the middle of everything.
START_TEST(test_stop_under_way)
{
    struct failure failure = {0};
    serviced_start(_i == 1);
    int idle = connect_client();
    if (_i == 0) {
        int session = begin_login();
        await_sessions(1);
        ck_assert_int_eq(tgtd_suspend(tgtd(), &failure), 0);
        char line[256];
        int login = begin_login();
        int portal = connect_client();
        snprintf(line, sizeof line, "add-portal\t127.0.0.1\t%u\t\t\n", service_port);
        send_bytes(portal, line, strlen(line));
        read_answer(session, line);
        char devices[128];
        snprintf(devices, sizeof devices, "devices%.34s\n", strchr(line, '\t'));
        int device = connect_client();
        send_bytes(device, devices, strlen(devices));
        let_pass(100);
        initiator_service_stop(service);
        service = NULL;
        read_answer(login, line);
        ck_assert_str_eq(line, "0xefff0013\n");
        read_answer(portal, line);
        ck_assert_str_eq(line, "0xefff0013\n");
        read_answer(device, line);
        ck_assert_str_eq(line, "0xefff0003\n");
        ck_assert_int_eq(tgtd_continue(tgtd(), &failure), 0);
    }
    close(idle);
}
END_TEST

// ---- logins that fail ----

static int fail_logins(const struct functions *functions)
{
    struct iscsi_unique_id ids[2] = {0};
    static uint8_t wrong[] = "password-of-nobody";
    struct iscsi_login_options options = {.information_specified = ISCSI_OPTION_AUTH_TYPE |
                                                                   ISCSI_OPTION_USERNAME |
                                                                   ISCSI_OPTION_PASSWORD,
                                          .auth_type = ISCSI_AUTH_CHAP,
                                          .username_length = 4,
                                          .password_length = sizeof wrong - 1,
                                          .username = (uint8_t *)"user",
                                          .password = wrong};
    REQUIRE(login_to(functions, SECRET_DISK, &options, ids) == LIST_ISCSI_AUTHENTICATION_FAILURE);
    REQUIRE(login_to(functions, SECRET_DISK, NULL, ids) == LIST_ISCSI_AUTHENTICATION_FAILURE);
    REQUIRE(login_to(functions, CLOSED_DISK, NULL, ids) == LIST_ISCSI_NOT_FOUND);
    REQUIRE(login_to(functions, "iqn.2024-01.test:none", NULL, ids) == LIST_ISCSI_NOT_FOUND);
    REQUIRE(login_to(functions, "", NULL, ids) == LIST_INVALID_PARAMETER);
    REQUIRE(login_to(functions, "iqn\tx", NULL, ids) == LIST_INVALID_PARAMETER);
    REQUIRE(functions->login_a((char *)DISK, 0, NULL, 0, NULL, 0, NULL, NULL, 0, NULL, 0, &ids[0],
                               &ids[1]) == LIST_ISCSI_NOT_FOUND); // no portal is known
    iscsi_target_portal_a nobody = {.address = "127.0.0.1", .socket = 1};
    REQUIRE(functions->login_a((char *)DISK, 0, NULL, 0, &nobody, 0, NULL, NULL, 0, NULL, 0,
                               &ids[0], &ids[1]) == LIST_ISCSI_CONNECTION_FAILED);
    REQUIRE(functions->add_portal_a(NULL, 0, NULL, 0, &nobody) == LIST_ISCSI_CONNECTION_FAILED);
    REQUIRE(ids[0].adapter_unique == 0 && ids[1].adapter_unique == 0);
    options.password = (uint8_t *)"password-of-user";
    options.password_length = 16;
    REQUIRE(login_to(functions, SECRET_DISK, &options, ids) == LIST_SUCCESS);
    REQUIRE(functions->logout(&ids[0]) == LIST_SUCCESS);
    return 0;
}

START_TEST(test_failing_logins)
{
    serviced_start(_i == 1);
    call(fail_logins);
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    serviced_await_account(0);
}
END_TEST

static int find_no_service(const struct functions *functions)
{
    static const char *const addresses[] = {
        NULL,  "",        "unix:",           "unix:/nonexistent/socket",
        "tcp", "tcp:a:b", "tcp:1.2.3.4:5:6", "tcp:127.0.0.1:1:secret",
    };
    char name[ISCSI_NAME_SIZE];
    struct iscsi_unique_id ids[2];
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        if (addresses[i] == NULL)
            unsetenv(INITIATOR_SERVICE_VARIABLE);
        else
            setenv(INITIATOR_SERVICE_VARIABLE, addresses[i], 1);
        REQUIRE(functions->node_name_a(name) == LIST_ISCSI_SERVICE_UNAVAILABLE);
        REQUIRE(login_to(functions, DISK, NULL, ids) == LIST_ISCSI_SERVICE_UNAVAILABLE);
    }
    return 0;
}

START_TEST(test_no_service)
{
    call(find_no_service);
}
END_TEST

// What is no answer, from something that is no service.
static const struct {
    const char *bytes;
    size_t size;
} false_answers[] = {
#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    BYTES(""),
    BYTES("\n"),
    BYTES("0"),
    BYTES("0x0"),
    BYTES("name\n"),
    BYTES("0\n"), // without a name
    BYTES("0\tname\n\n"),
    BYTES("0\tname\nmore"),
    BYTES("0\tna\0me\n"),
    BYTES("0\t\xFF\n"),
    BYTES("0x100000000\n"),
#undef BYTES
};

static int ask_false_service(const struct functions *functions)
{
    char name[ISCSI_NAME_SIZE] = "";
    REQUIRE(functions->node_name_a(name) == LIST_ISCSI_SERVICE_UNAVAILABLE);
    REQUIRE(name[0] == '\0');
    return 0;
}

START_TEST(test_false_service)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char value[sizeof address.sun_path + 8];
    snprintf(address.sun_path, sizeof address.sun_path, "%s/false", folder);
    snprintf(value, sizeof value, "unix:%s", address.sun_path);
    ck_assert_int_eq(setenv(INITIATOR_SERVICE_VARIABLE, value, 1), 0);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    for (size_t i = 0; i < sizeof false_answers / sizeof *false_answers; i++) {
        char line[64];
        const struct caller caller = caller_start(ask_false_service);
        int fd = accept(listener, NULL, NULL);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(recv(fd, line, sizeof line, 0), 5);
        send_bytes(fd, false_answers[i].bytes, false_answers[i].size);
        close(fd);
        caller_finish(&caller);
    }
    close(listener);
    unlink(address.sun_path);
}
END_TEST

// ---- sessions that are lost ----

static int make_one(const struct functions *functions)
{
    REQUIRE(login_to(functions, DISK, NULL, shared) == LIST_SUCCESS);
    return 0;
}

static int see_lost(const struct functions *functions)
{
    _Alignas(8) unsigned char buffer[4096];
    uint32_t size = sizeof buffer;
    uint32_t count = 0;
    REQUIRE(functions->list_a(&size, &count, (iscsi_session_info_a *)buffer) == LIST_SUCCESS);
    REQUIRE(count == 1);
    const iscsi_session_info_a *session = (const iscsi_session_info_a *)buffer;
    REQUIRE(same_id(&session->session_id, &shared[0]));
    REQUIRE(session->connection_count == 0);
    REQUIRE(functions->logout(&shared[0]) == LIST_SUCCESS);
    size = sizeof buffer;
    REQUIRE(functions->list_a(&size, &count, (iscsi_session_info_a *)buffer) == LIST_SUCCESS);
    REQUIRE(count == 0);
    return 0;
}

// The target drops the connection, or dies: that is no trouble of the run.
START_TEST(test_lost_session)
{
    struct failure failure = {0};
    struct tgtd_report report = {0};
    serviced_start(false);
    call(make_one);
    if (_i == 0) {
        ck_assert_int_eq(tgtd_get_report(tgtd(), TARGET_COUNT, &report, &failure), 0);
        ck_assert_uint_eq(report.connection_count, 1);
        ck_assert_int_eq(tgtd_delete_connection(tgtd(), 1, report.connections[0].tsih, 0, &failure),
                         0);
        tgtd_report_free(&report);
    } else {
        tgtd_kill(tgtd());
    }
    let_pass(200);
    ck_assert_uint_eq(initiator_service_session_count(service), 1);
    call(see_lost);
    ck_assert_uint_eq(initiator_service_session_count(service), 0);
    ck_assert_ptr_null(supervisor_failure(supervisor));
}
END_TEST

// ---- many at once ----

static int log_in_and_out(const struct functions *functions)
{
    struct iscsi_unique_id ids[ROUNDS][2];
    for (size_t i = 0; i < ROUNDS; i++)
        REQUIRE(login_to(functions, DISK, NULL, ids[i]) == LIST_SUCCESS);
    for (size_t i = 0; i < ROUNDS; i++)
        for (size_t k = 0; k < i; k++)
            REQUIRE(!same_id(&ids[i][0], &ids[k][0]) && !same_id(&ids[i][1], &ids[k][1]));
    for (size_t i = 1; i < ROUNDS; i++)
        REQUIRE(functions->logout(&ids[i][0]) == LIST_SUCCESS);
    return 0;
}

START_TEST(test_many_callers)
{
    struct caller callers[CALLERS];
    serviced_start(_i == 1);
    for (size_t i = 0; i < CALLERS; i++)
        callers[i] = caller_start(log_in_and_out);
    for (size_t i = 0; i < CALLERS; i++)
        caller_finish(&callers[i]);
    ck_assert_uint_eq(initiator_service_session_count(service), CALLERS);
    serviced_await_account(CALLERS);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("service_clients");
    TCase *tests = tcase_create("service_clients");
    tcase_add_checked_fixture(tests, serviced_open, serviced_close);
    tcase_add_test(tests, test_garbage);
    tcase_add_loop_test(tests, test_long_line, 0, 2);
    tcase_add_test(tests, test_wrong_secret);
    tcase_add_test(tests, test_many_clients);
    tcase_add_test(tests, test_client_goes_away_during_login);
    tcase_add_loop_test(tests, test_stop_under_way, 0, 2);
    tcase_add_loop_test(tests, test_failing_logins, 0, 2);
    tcase_add_test(tests, test_no_service);
    tcase_add_test(tests, test_false_service);
    tcase_add_loop_test(tests, test_lost_session, 0, 2);
    tcase_add_loop_test(tests, test_many_callers, 0, 2);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
