// SPDX-License-Identifier: Apache-2.0
// Tests of the initiator: what it puts on the wire, how it tells the end of a connection, and
// sessions with a real tgtd.
#include "emulator/initiator/initiator.h"
#include "emulator/tgtd/tgtd.h"
#include "tests/folder.h"
#include "tests/listener.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TIMEOUT_MS = 20000,
    HEADER_SIZE = 48, // of a PDU
    PDU_SIZE = 8192,
    NAME_BYTES = 223,
};

static const struct initiator_options plain = {
    .initiator_name = "iqn.2024-01.test:initiator",
    .target_name = "iqn.2024-01.test:target",
    .alias = "tck-1",
    .address = "127.0.0.1",
    .isid = {0x00, 0x02, 0x3D, 0x00, 0x00, 0x01},
};

static struct initiator_session *begin(const struct initiator_options *options)
{
    struct initiator_session *session = NULL;
    struct failure failure = {0};
    ck_assert_msg(initiator_login(&session, supervisor, options, &failure) == 0, "%s",
                  failure.text);
    ck_assert_int_eq(initiator_state(session), INITIATOR_CONNECTING);
    ck_assert_str_eq(initiator_error(session), "");
    return session;
}

static bool is_settled(void *argument)
{
    return initiator_state(argument) != INITIATOR_CONNECTING;
}

static bool has_ended(void *argument)
{
    enum initiator_state state = initiator_state(argument);
    return state != INITIATOR_CONNECTING && state != INITIATOR_LOGGED_IN;
}

static void await(bool (*done)(void *argument), void *argument)
{
    struct failure failure = {0};
    ck_assert_msg(supervisor_wait(supervisor, done, argument, TIMEOUT_MS, &failure) == 0, "%s",
                  failure.text);
}

static void assert_lost(struct initiator_session *session, const char *named)
{
    await(has_ended, session);
    ck_assert_int_eq(initiator_state(session), INITIATOR_LOST);
    ck_assert_msg(strstr(initiator_error(session), named) != NULL, "\"%s\" does not say \"%s\"",
                  initiator_error(session), named);
}

// ---- a listener in a target's place ----

static int accept_one(int listener)
{
    ck_assert_int_eq(supervisor_wait_readable(supervisor, listener, TIMEOUT_MS, NULL), 0);
    int fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    return fd;
}

// The login PDU: header and data.
static size_t read_login(int fd, uint8_t pdu[PDU_SIZE])
{
    size_t have = 0;
    size_t need = HEADER_SIZE;
    while (have < need) {
        ck_assert_int_eq(supervisor_wait_readable(supervisor, fd, TIMEOUT_MS, NULL), 0);
        ssize_t size = recv(fd, pdu + have, need - have, MSG_DONTWAIT);
        ck_assert_int_gt(size, 0);
        have += (size_t)size;
        if (have == HEADER_SIZE)
            need = HEADER_SIZE +
                   (((size_t)pdu[5] << 16 | (size_t)pdu[6] << 8 | (size_t)pdu[7]) + 3) / 4 * 4;
        ck_assert_uint_le(need, PDU_SIZE);
    }
    return have;
}

// The value of a key in the login PDU, up to its NUL.
static const char *login_value(const uint8_t *pdu, size_t size, const char *key)
{
    size_t length = strlen(key);
    for (size_t at = HEADER_SIZE; at + length < size;) {
        const char *pair = (const char *)pdu + at;
        if (strncmp(pair, key, length) == 0 && pair[length] == '=')
            return pair + length + 1;
        at += strnlen(pair, size - at) + 1;
    }
    return "";
}

static const uint8_t sendable_isids[][6] = {
    {0x00, 0x02, 0x3D, 0x00, 0x00, 0x01}, {0x3F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
    {0x15, 0x11, 0x22, 0x33, 0x44, 0x55}, {0x00, 0x00, 0x00, 0x00, 0x00, 0x00},
    {0x40, 0x11, 0x22, 0x33, 0x44, 0x55}, {0x40, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
    {0x80, 0x11, 0x22, 0x33, 0x44, 0x55}, {0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
    {0xC0, 0x00, 0x00, 0x00, 0x00, 0x00},
};

START_TEST(test_isid_on_the_wire)
{
    struct initiator_options options = plain;
    uint8_t pdu[PDU_SIZE];
    int listener = listener_open(&options.port);
    memcpy(options.isid, sendable_isids[_i], sizeof options.isid);
    struct initiator_session *session = begin(&options);
    int fd = accept_one(listener);
    size_t size = read_login(fd, pdu);
    ck_assert_uint_eq(pdu[0] & 0x3FU, 0x03); // a login request
    ck_assert_mem_eq(pdu + 8, sendable_isids[_i], 6);
    ck_assert_mem_eq(pdu + 14, "\0\0", 2); // no TSIH: a new session
    ck_assert_uint_eq((unsigned)(pdu[20] << 8 | pdu[21]), initiator_cid(session));
    ck_assert_str_eq(login_value(pdu, size, "InitiatorName"), plain.initiator_name);
    ck_assert_str_eq(login_value(pdu, size, "TargetName"), plain.target_name);
    ck_assert_str_eq(login_value(pdu, size, "InitiatorAlias"), plain.alias);
    ck_assert_str_eq(login_value(pdu, size, "SessionType"), "Normal");
    ck_assert_str_eq(login_value(pdu, size, "HeaderDigest"), "None");
    initiator_destroy(session);
    close(fd);
    close(listener);
}
END_TEST

static const uint8_t refused_isids[][6] = {
    {0x41, 0x11, 0x22, 0x33, 0x44, 0x55}, {0x7F, 0x00, 0x00, 0x00, 0x00, 0x00},
    {0x81, 0x11, 0x22, 0x33, 0x44, 0x55}, {0xC1, 0x00, 0x00, 0x00, 0x00, 0x00},
    {0xC0, 0x00, 0x00, 0x00, 0x00, 0x01}, {0xC0, 0x01, 0x00, 0x00, 0x00, 0x00},
};

START_TEST(test_isid_refused)
{
    struct initiator_options options = plain;
    struct initiator_session *session = NULL;
    struct failure failure = {0};
    char text[16];
    memcpy(options.isid, refused_isids[_i], sizeof options.isid);
    ck_assert_int_eq(initiator_login(&session, supervisor, &options, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    snprintf(text, sizeof text, "%02x%02x%02x%02x%02x%02x", options.isid[0], options.isid[1],
             options.isid[2], options.isid[3], options.isid[4], options.isid[5]);
    ck_assert_ptr_nonnull(strstr(failure.text, text));
}
END_TEST

// A name of `size` bytes that begins as an iqn and ends in characters of 4, 3 and 2 bytes.
static void make_name(char *name, size_t size)
{
    static const char start[] = "iqn.2024-01.test:";
    static const char end[] = "\xF0\x9F\x92\xBE\xE2\x82\xAC\xC3\xB6";
    memset(name, 'x', size);
    memcpy(name, start, sizeof start - 1);
    memcpy(name + size - (sizeof end - 1), end, sizeof end);
}

START_TEST(test_longest_names_on_the_wire)
{
    struct initiator_options options = plain;
    uint8_t pdu[PDU_SIZE];
    char initiator[NAME_BYTES + 1];
    char target[NAME_BYTES + 1];
    make_name(initiator, NAME_BYTES);
    make_name(target, NAME_BYTES);
    target[20] = 't';
    options.initiator_name = initiator;
    options.target_name = target;
    int listener = listener_open(&options.port);
    struct initiator_session *session = begin(&options);
    // The options are copied: what they point to may go.
    memset(initiator, 0, sizeof initiator);
    memset(target, 0, sizeof target);
    int fd = accept_one(listener);
    size_t size = read_login(fd, pdu);
    make_name(initiator, NAME_BYTES);
    make_name(target, NAME_BYTES);
    target[20] = 't';
    ck_assert_str_eq(login_value(pdu, size, "InitiatorName"), initiator);
    ck_assert_str_eq(login_value(pdu, size, "TargetName"), target);
    initiator_destroy(session);
    close(fd);
    close(listener);
}
END_TEST

START_TEST(test_bad_options)
{
    char long_name[NAME_BYTES + 2];
    make_name(long_name, NAME_BYTES + 1);
    struct initiator_options options[6];
    for (size_t i = 0; i < 6; i++)
        options[i] = plain;
    options[0].initiator_name = long_name;
    options[1].initiator_name = "";
    options[2].target_name = long_name;
    options[3].alias = long_name;
    options[4].address = "localhost";
    options[5].address = "[::1]";
    for (size_t i = 0; i < 6; i++) {
        struct initiator_session *session = NULL;
        struct failure failure = {0};
        ck_assert_int_eq(initiator_login(&session, supervisor, &options[i], &failure), -1);
        ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
        ck_assert_msg(strstr(failure.text, i < 4 ? "223" : "not numeric") != NULL, "%s",
                      failure.text);
    }
}
END_TEST

START_TEST(test_nobody_listens)
{
    struct initiator_options options = plain;
    close(listener_open(&options.port));
    struct initiator_session *session = begin(&options);
    assert_lost(session, "Connection refused");
    struct failure failure = {0};
    ck_assert_int_eq(initiator_logout(session, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    initiator_destroy(session);
}
END_TEST

START_TEST(test_closed_during_login)
{
    struct initiator_options options = plain;
    uint8_t pdu[PDU_SIZE];
    int listener = listener_open(&options.port);
    struct initiator_session *session = begin(&options);
    int fd = accept_one(listener);
    read_login(fd, pdu);
    // An expected drop is one of a session; there is none yet.
    initiator_expect_drop(session);
    close(fd);
    assert_lost(session, "closed the connection during login");
    initiator_destroy(session);
    close(listener);
}
END_TEST

START_TEST(test_reset_during_login)
{
    struct initiator_options options = plain;
    const struct linger linger = {.l_onoff = 1};
    int listener = listener_open(&options.port);
    struct initiator_session *session = begin(&options);
    int fd = accept_one(listener);
    ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    close(fd);
    assert_lost(session, "during login: Connection reset");
    initiator_destroy(session);
    close(listener);
}
END_TEST

START_TEST(test_garbage_during_login)
{
    struct initiator_options options = plain;
    uint8_t pdu[PDU_SIZE];
    int listener = listener_open(&options.port);
    struct initiator_session *session = begin(&options);
    int fd = accept_one(listener);
    read_login(fd, pdu);
    memset(pdu, 0xFF, sizeof pdu);
    ck_assert_int_eq(send(fd, pdu, HEADER_SIZE, MSG_NOSIGNAL), HEADER_SIZE);
    await(has_ended, session);
    ck_assert_int_eq(initiator_state(session), INITIATOR_LOST);
    ck_assert_str_ne(initiator_error(session), "");
    initiator_destroy(session);
    close(fd);
    close(listener);
}
END_TEST

// ---- with a real tgtd ----

static struct tgtd *start_tgtd(struct tgtd_portal *portals, size_t count)
{
    struct tgtd *tgtd = NULL;
    struct failure failure = {0};
    ck_assert_msg(tgtd_start(&tgtd, supervisor, folder, "one", portals, count, &failure) == 0, "%s",
                  failure.text);
    ck_assert_msg(tgtd_new_target(tgtd, 1, plain.target_name, &failure) == 0, "%s", failure.text);
    ck_assert_msg(tgtd_allow_address(tgtd, 1, "ALL", &failure) == 0, "%s", failure.text);
    return tgtd;
}

static struct tgtd_report read_account(struct tgtd *tgtd)
{
    struct tgtd_report account;
    struct failure failure = {0};
    ck_assert_msg(tgtd_get_report(tgtd, 1, &account, &failure) == 0, "%s", failure.text);
    return account;
}

// No LUN is needed, names arrive whole, both ends are known, the session ends in order.
START_TEST(test_session)
{
    static const char *const addresses[] = {"127.0.0.1", "127.9.8.7", "::1"};
    struct tgtd_portal portal = {.port = 0};
    snprintf(portal.address, sizeof portal.address, "%s", addresses[_i]);
    struct tgtd *tgtd = start_tgtd(&portal, 1);
    struct initiator_options options = plain;
    char name[NAME_BYTES + 1];
    make_name(name, NAME_BYTES);
    options.initiator_name = name;
    options.address = addresses[_i];
    options.port = portal.port;
    struct initiator_session *session = begin(&options);
    await(is_settled, session);
    ck_assert_msg(initiator_state(session) == INITIATOR_LOGGED_IN, "%s", initiator_error(session));
    ck_assert_str_eq(initiator_remote(session)->address, addresses[_i]);
    ck_assert_uint_eq(initiator_remote(session)->port, portal.port);
    ck_assert_str_eq(initiator_local(session)->address, _i == 2 ? "::1" : "127.0.0.1");
    ck_assert_uint_ne(initiator_local(session)->port, 0);

    struct tgtd_report account = read_account(tgtd);
    ck_assert_uint_eq(account.connection_count, 1);
    ck_assert_str_eq(account.connections[0].initiator_name, name);
    ck_assert_str_eq(account.connections[0].initiator_alias, options.alias);
    ck_assert_str_eq(account.connections[0].initiator_address, initiator_local(session)->address);
    ck_assert_uint_eq(account.connections[0].cid, initiator_cid(session));
    ck_assert_uint_eq(account.connections[0].tid, 1);
    tgtd_report_free(&account);

    ck_assert_int_eq(initiator_logout(session, NULL), 0);
    await(has_ended, session);
    ck_assert_int_eq(initiator_state(session), INITIATOR_LOGGED_OUT);
    initiator_destroy(session);
    tgtd_stop(tgtd);
}
END_TEST

// The same drop is a loss, or the beginning of a recovery when it is expected.
START_TEST(test_dropped)
{
    bool expected = _i == 1;
    struct tgtd_portal portal = {.address = "127.0.0.1"};
    struct tgtd *tgtd = start_tgtd(&portal, 1);
    struct initiator_options options = plain;
    options.port = portal.port;
    struct initiator_session *session = begin(&options);
    await(is_settled, session);
    ck_assert_int_eq(initiator_state(session), INITIATOR_LOGGED_IN);
    uint16_t port = initiator_local(session)->port;
    if (expected)
        initiator_expect_drop(session);
    struct tgtd_report account = read_account(tgtd);
    ck_assert_uint_eq(account.connection_count, 1);
    ck_assert_int_eq(
        tgtd_delete_connection(tgtd, 1, account.connections[0].tsih, initiator_cid(session), NULL),
        0);
    tgtd_report_free(&account);
    if (expected) {
        await(has_ended, session);
        ck_assert_int_eq(initiator_state(session), INITIATOR_RECOVERING);
        ck_assert_str_eq(initiator_error(session), "");
    } else {
        assert_lost(session, "the target closed the connection");
    }
    ck_assert_uint_eq(initiator_local(session)->port, port); // kept
    initiator_destroy(session);
    tgtd_stop(tgtd);
}
END_TEST

START_TEST(test_refused)
{
    struct tgtd_portal portal = {.address = "127.0.0.1"};
    struct tgtd *tgtd = start_tgtd(&portal, 1);
    struct initiator_options options = plain;
    options.port = portal.port;
    options.target_name = "iqn.2024-01.test:not-for-all";
    ck_assert_int_eq(tgtd_new_target(tgtd, 2, options.target_name, NULL), 0);
    ck_assert_int_eq(tgtd_allow_initiator(tgtd, 2, "iqn.2024-01.test:somebody-else", NULL), 0);
    struct initiator_session *session = begin(&options);
    assert_lost(session, "Failed to log in to target");
    initiator_destroy(session);
    options.target_name = "iqn.2024-01.test:no-such-target";
    session = begin(&options);
    assert_lost(session, "Failed to log in to target");
    initiator_destroy(session);
    tgtd_stop(tgtd);
}
END_TEST

static void destroy_at_once(struct initiator_session *session, void *argument)
{
    int *calls = argument;
    ++*calls;
    initiator_destroy(session);
}

static bool was_called(void *argument)
{
    return *(int *)argument > 0;
}

// Destroyed where it is allowed to be and worst: in its own callback, after a login and after a
// loss.
START_TEST(test_destroyed_in_callback)
{
    struct tgtd_portal portal = {.address = "127.0.0.1"};
    struct tgtd *tgtd = start_tgtd(&portal, 1);
    struct initiator_options options = plain;
    int calls = 0;
    options.changed = destroy_at_once;
    options.argument = &calls;
    options.port = portal.port;
    begin(&options);
    await(was_called, &calls);
    ck_assert_int_eq(calls, 1);
    calls = 0;
    options.target_name = "iqn.2024-01.test:no-such-target";
    begin(&options);
    await(was_called, &calls);
    ck_assert_int_eq(calls, 1);
    // And without having begun to run at all.
    options.changed = NULL;
    initiator_destroy(begin(&options));
    initiator_destroy(NULL);
    tgtd_stop(tgtd);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("initiator");
    TCase *tests = tcase_create("initiator");
    tcase_add_checked_fixture(tests, supervised_folder_open, supervised_folder_close);
    tcase_add_loop_test(tests, test_isid_on_the_wire, 0,
                        (int)(sizeof sendable_isids / sizeof sendable_isids[0]));
    tcase_add_loop_test(tests, test_isid_refused, 0,
                        (int)(sizeof refused_isids / sizeof refused_isids[0]));
    tcase_add_test(tests, test_longest_names_on_the_wire);
    tcase_add_test(tests, test_bad_options);
    tcase_add_test(tests, test_nobody_listens);
    tcase_add_test(tests, test_closed_during_login);
    tcase_add_test(tests, test_reset_during_login);
    tcase_add_test(tests, test_garbage_during_login);
    tcase_add_loop_test(tests, test_session, 0, 3);
    tcase_add_loop_test(tests, test_dropped, 0, 2);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_destroyed_in_callback);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
