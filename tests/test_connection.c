// SPDX-License-Identifier: Apache-2.0
// Tests of further connections: sessions of several connections with a real tgtd, and what a peer
// may and may not say.
#include "emulator/initiator/connection.h"
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
    HEADER_SIZE = 48,
    PDU_SIZE = 16384,
    PORTALS = 3,
    CONNECTIONS_MAX = 8,
};

static const struct initiator_options plain_session = {
    .initiator_name = "iqn.2024-01.test:initiator",
    .target_name = "iqn.2024-01.test:target",
    .alias = "tck-1",
    .address = "127.0.0.1",
    .isid = {0x00, 0x02, 0x3D, 0x00, 0x00, 0x01},
};

static const struct connection_options plain = {
    .initiator_name = "iqn.2024-01.test:initiator",
    .target_name = "iqn.2024-01.test:target",
    .alias = "tck-1",
    .address = "127.0.0.1",
    .isid = {0x00, 0x02, 0x3D, 0x00, 0x00, 0x01},
    .tsih = {0x01, 0x00},
    .cid = 7,
};

static void await(bool (*done)(void *argument), void *argument)
{
    struct failure failure = {0};
    ck_assert_msg(supervisor_wait(supervisor, done, argument, TIMEOUT_MS, &failure) == 0, "%s",
                  failure.text);
}

static bool is_settled(void *argument)
{
    return connection_state(argument) != CONNECTION_CONNECTING;
}

static bool has_ended(void *argument)
{
    return connection_state(argument) != CONNECTION_CONNECTING &&
           connection_state(argument) != CONNECTION_OPEN;
}

static struct connection *begin(const struct connection_options *options)
{
    struct connection *connection = NULL;
    struct failure failure = {0};
    ck_assert_msg(connection_open(&connection, supervisor, options, &failure) == 0, "%s",
                  failure.text);
    ck_assert_int_eq(connection_state(connection), CONNECTION_CONNECTING);
    ck_assert_str_eq(connection_error(connection), "");
    return connection;
}

static void assert_open(struct connection *connection)
{
    await(is_settled, connection);
    ck_assert_msg(connection_state(connection) == CONNECTION_OPEN, "%s",
                  connection_error(connection));
}

static void assert_lost(struct connection *connection, const char *named)
{
    await(has_ended, connection);
    ck_assert_int_eq(connection_state(connection), CONNECTION_LOST);
    ck_assert_msg(strstr(connection_error(connection), named) != NULL, "\"%s\" does not say \"%s\"",
                  connection_error(connection), named);
    connection_destroy(connection);
}

// ---- with a real tgtd ----

// An instance with a target, and a session of libiscsi's with it.
struct site {
    struct tgtd_portal portals[PORTALS];
    struct tgtd *tgtd;
    struct initiator_session *session;
    struct connection_options options; // of a further connection
};

static bool session_is_settled(void *argument)
{
    return initiator_state(argument) != INITIATOR_CONNECTING;
}

static bool session_has_ended(void *argument)
{
    return session_is_settled(argument) && initiator_state(argument) != INITIATOR_LOGGED_IN;
}

static struct tgtd_report read_account(struct site *site)
{
    struct tgtd_report account;
    struct failure failure = {0};
    ck_assert_msg(tgtd_get_report(site->tgtd, 1, &account, &failure) == 0, "%s", failure.text);
    return account;
}

static void open_site(struct site *site, const char *max_connections)
{
    static const char *const addresses[PORTALS] = {"127.0.0.1", "127.0.0.2", "::1"};
    struct failure failure = {0};
    memset(site, 0, sizeof *site);
    for (size_t i = 0; i < PORTALS; i++)
        snprintf(site->portals[i].address, sizeof site->portals[i].address, "%s", addresses[i]);
    ck_assert_msg(
        tgtd_start(&site->tgtd, supervisor, folder, "one", site->portals, PORTALS, &failure) == 0,
        "%s", failure.text);
    ck_assert_int_eq(tgtd_new_target(site->tgtd, 1, plain.target_name, &failure), 0);
    ck_assert_int_eq(tgtd_allow_address(site->tgtd, 1, "ALL", &failure), 0);
    if (max_connections != NULL)
        ck_assert_int_eq(
            tgtd_set_parameter(site->tgtd, 1, "MaxConnections", max_connections, &failure), 0);
    struct initiator_options options = plain_session;
    options.port = site->portals[0].port;
    ck_assert_int_eq(initiator_login(&site->session, supervisor, &options, &failure), 0);
    await(session_is_settled, site->session);
    ck_assert_msg(initiator_state(site->session) == INITIATOR_LOGGED_IN, "%s",
                  initiator_error(site->session));
    struct tgtd_report account = read_account(site);
    ck_assert_uint_eq(account.connection_count, 1);
    site->options = plain;
    site->options.port = site->portals[0].port;
    memcpy(site->options.tsih, &account.connections[0].tsih, sizeof site->options.tsih);
    tgtd_report_free(&account);
}

static void close_site(struct site *site)
{
    initiator_destroy(site->session);
    tgtd_stop(site->tgtd);
}

static struct connection *open_connection(struct site *site, uint16_t cid, size_t portal)
{
    struct connection_options options = site->options;
    options.cid = cid;
    options.address = site->portals[portal].address;
    options.port = site->portals[portal].port;
    struct connection *connection = begin(&options);
    assert_open(connection);
    ck_assert_uint_eq(connection_cid(connection), cid);
    ck_assert_str_eq(connection_remote(connection)->address, options.address);
    ck_assert_uint_eq(connection_remote(connection)->port, options.port);
    ck_assert_str_eq(connection_local(connection)->address, portal == 2 ? "::1" : "127.0.0.1");
    ck_assert_uint_ne(connection_local(connection)->port, 0);
    return connection;
}

// How many connections the target's side lists with this CID; all of them are of the one session.
static size_t listed(struct site *site, uint16_t cid, size_t total)
{
    struct tgtd_report account = read_account(site);
    size_t count = 0;
    ck_assert_uint_eq(account.connection_count, total);
    for (size_t i = 0; i < account.connection_count; i++) {
        const struct tgtd_connection *connection = &account.connections[i];
        ck_assert_mem_eq(&connection->tsih, site->options.tsih, 2);
        ck_assert_str_eq(connection->initiator_name, plain.initiator_name);
        ck_assert_str_eq(connection->initiator_alias, plain.alias);
        count += connection->cid == cid;
    }
    tgtd_report_free(&account);
    return count;
}

static const uint16_t cids[CONNECTIONS_MAX] = {0, 3, 7, 100, 65535, 256, 1, 40000};

// 1, 2, 4 and 8 connections over all portals, with the target's MaxConnections set and not; then
// they log out, each alone, and the session stays.
START_TEST(test_several)
{
    static const size_t counts[] = {1, 2, 4, 8};
    size_t count = counts[_i % 4];
    struct site site;
    struct connection *connections[CONNECTIONS_MAX] = {NULL};
    open_site(&site, _i < 4 ? NULL : "8");
    for (size_t i = 1; i < count; i++)
        connections[i] = open_connection(&site, cids[i], i % PORTALS);
    for (size_t i = 0; i < count; i++)
        ck_assert_uint_eq(listed(&site, cids[i], count), 1);
    for (size_t i = 1; i < count; i++) {
        ck_assert_int_eq(connection_logout(connections[i], NULL), 0);
        await(has_ended, connections[i]);
        ck_assert_int_eq(connection_state(connections[i]), CONNECTION_LOGGED_OUT);
        ck_assert_int_eq(connection_logout(connections[i], NULL), -1);
    }
    ck_assert_uint_eq(listed(&site, 0, 1), 1);
    ck_assert_int_eq(initiator_state(site.session), INITIATOR_LOGGED_IN);
    for (size_t i = 1; i < count; i++)
        connection_destroy(connections[i]);
    close_site(&site);
}
END_TEST

// All logins under way at once.
START_TEST(test_at_once)
{
    struct site site;
    struct connection *connections[CONNECTIONS_MAX] = {NULL};
    open_site(&site, NULL);
    for (size_t i = 1; i < CONNECTIONS_MAX; i++) {
        struct connection_options options = site.options;
        options.cid = cids[i];
        connections[i] = begin(&options);
    }
    for (size_t i = 1; i < CONNECTIONS_MAX; i++)
        assert_open(connections[i]);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        ck_assert_uint_eq(listed(&site, cids[i], CONNECTIONS_MAX), 1);
    for (size_t i = 1; i < CONNECTIONS_MAX; i++)
        connection_destroy(connections[i]);
    close_site(&site);
}
END_TEST

// The target closes one: a loss, or what was meant to happen. The others and the session live.
START_TEST(test_closed_by_target)
{
    struct site site;
    open_site(&site, NULL);
    struct connection *stays = open_connection(&site, 65535, 1);
    struct connection *goes = open_connection(&site, 100, 2);
    struct failure failure = {0};
    uint16_t port = connection_local(goes)->port;
    unsigned tsih = 0;
    struct tgtd_report account = read_account(&site);
    tsih = account.connections[0].tsih;
    tgtd_report_free(&account);
    if (_i == 1)
        connection_expect_drop(goes);
    ck_assert_msg(tgtd_delete_connection(site.tgtd, 1, tsih, 100, &failure) == 0, "%s",
                  failure.text);
    await(has_ended, goes);
    ck_assert_uint_eq(connection_local(goes)->port, port); // kept
    if (_i == 1) {
        ck_assert_int_eq(connection_state(goes), CONNECTION_DROPPED);
        ck_assert_str_eq(connection_error(goes), "");
        connection_destroy(goes);
    } else {
        assert_lost(goes, "the target closed the connection");
    }
    ck_assert_int_eq(connection_state(stays), CONNECTION_OPEN);
    ck_assert_int_eq(initiator_state(site.session), INITIATOR_LOGGED_IN);
    ck_assert_uint_eq(listed(&site, 65535, 2), 1);
    connection_destroy(stays);
    close_site(&site);
}
END_TEST

// libiscsi's own connection, the first, is dropped by the target or by the initiator: the session
// goes on with the others.
START_TEST(test_first_is_dropped)
{
    struct site site;
    open_site(&site, NULL);
    struct connection *other = open_connection(&site, 3, 1);
    unsigned tsih = 0;
    struct tgtd_report account = read_account(&site);
    tsih = account.connections[0].tsih;
    tgtd_report_free(&account);
    if (_i == 0) {
        initiator_expect_drop(site.session);
        ck_assert_int_eq(tgtd_delete_connection(site.tgtd, 1, tsih, 0, NULL), 0);
    } else {
        ck_assert_int_eq(initiator_drop(site.session, NULL), 0);
    }
    await(session_has_ended, site.session);
    ck_assert_int_eq(initiator_state(site.session), INITIATOR_RECOVERING);
    ck_assert_uint_eq(listed(&site, 3, 1), 1);
    ck_assert_int_eq(connection_state(other), CONNECTION_OPEN);
    // And it takes further ones, even CID 0 again.
    struct connection *again = open_connection(&site, 0, 0);
    ck_assert_uint_eq(listed(&site, 0, 2), 1);
    connection_destroy(again);
    connection_destroy(other);
    close_site(&site);
}
END_TEST

// libiscsi's logout asks to close the session; tgtd closes the one connection that it came by.
START_TEST(test_session_logout)
{
    struct site site;
    open_site(&site, NULL);
    struct connection *other = open_connection(&site, 3, 1);
    ck_assert_int_eq(initiator_logout(site.session, NULL), 0);
    await(session_has_ended, site.session);
    ck_assert_int_eq(initiator_state(site.session), INITIATOR_LOGGED_OUT);
    ck_assert_uint_eq(listed(&site, 3, 1), 1);
    ck_assert_int_eq(connection_logout(other, NULL), 0);
    await(has_ended, other);
    ck_assert_int_eq(connection_state(other), CONNECTION_LOGGED_OUT);
    struct tgtd_report account = read_account(&site);
    ck_assert_uint_eq(account.connection_count, 0);
    tgtd_report_free(&account);
    connection_destroy(other);
    close_site(&site);
}
END_TEST

START_TEST(test_closed_by_initiator)
{
    struct site site;
    open_site(&site, NULL);
    struct connection *connection = open_connection(&site, 3, 1);
    ck_assert_int_eq(connection_close(connection, NULL), 0);
    await(has_ended, connection);
    ck_assert_int_eq(connection_state(connection), CONNECTION_DROPPED);
    ck_assert_uint_eq(listed(&site, 0, 1), 1); // it knows by now: the close was waited for
    ck_assert_int_eq(connection_close(connection, NULL), -1);
    connection_destroy(connection);
    close_site(&site);
}
END_TEST

// A login with a CID that the session has.
START_TEST(test_reinstated_connection)
{
    struct site site;
    open_site(&site, NULL);
    struct connection *old = open_connection(&site, 7, 1);
    uint16_t port = connection_local(old)->port;
    struct connection *new = open_connection(&site, 7, 1);
    ck_assert_uint_ne(connection_local(new)->port, port);
    // tgtd leaves the old one to the initiator.
    ck_assert_int_eq(connection_state(old), CONNECTION_OPEN);
    ck_assert_uint_eq(listed(&site, 7, 3), 2);
    ck_assert_int_eq(connection_close(old, NULL), 0);
    await(has_ended, old);
    ck_assert_int_eq(connection_state(old), CONNECTION_DROPPED);
    ck_assert_uint_eq(listed(&site, 7, 2), 1);
    ck_assert_int_eq(connection_state(new), CONNECTION_OPEN);
    connection_destroy(old);
    connection_destroy(new);
    close_site(&site);
}
END_TEST

START_TEST(test_refused)
{
    struct site site;
    open_site(&site, NULL);
    struct connection_options options = site.options;
    memcpy(options.tsih, "\x77\x77", 2);
    assert_lost(begin(&options), "login refused");
    options = site.options;
    options.isid[5] = 0x55; // a session that is not there
    assert_lost(begin(&options), "login refused: the session does not exist (status 0x020a)");
    options = site.options;
    options.target_name = "iqn.2024-01.test:no-such-target";
    assert_lost(begin(&options), "login refused: no such target, or not for this initiator");
    ck_assert_int_eq(tgtd_new_account(site.tgtd, "user", "secret-of-user", NULL), 0);
    ck_assert_int_eq(tgtd_bind_account(site.tgtd, 1, "user", false, NULL), 0);
    assert_lost(begin(&site.options), "login refused: authentication failed (status 0x0201)");
    ck_assert_uint_eq(listed(&site, 0, 1), 1);
    close_site(&site);
}
END_TEST

// A target that is set to header digests is content without; and what it offers, and nobody asked
// for, is accepted.
START_TEST(test_parameters)
{
    struct site site;
    open_site(&site, NULL);
    ck_assert_int_eq(tgtd_set_parameter(site.tgtd, 1, "MaxBurstLength", "65536", NULL), 0);
    ck_assert_int_eq(tgtd_set_parameter(site.tgtd, 1, "InitialR2T", "No", NULL), 0);
    ck_assert_int_eq(tgtd_set_parameter(site.tgtd, 1, "MaxRecvDataSegmentLength", "1024", NULL), 0);
    ck_assert_int_eq(tgtd_set_parameter(site.tgtd, 1, "DefaultTime2Wait", "7", NULL), 0);
    connection_destroy(open_connection(&site, 3, 0));
    close_site(&site);
}
END_TEST

// ---- a peer that is no target ----

// A connection to a listener of the test's, and the other end of it.
struct peer {
    struct connection *connection;
    int listener;
    int fd;
    uint8_t pdu[PDU_SIZE]; // the last that was read
    size_t size;
};

static void open_peer(struct peer *peer)
{
    struct connection_options options = plain;
    peer->listener = listener_open(&options.port);
    peer->connection = begin(&options);
    ck_assert_int_eq(supervisor_wait_readable(supervisor, peer->listener, TIMEOUT_MS, NULL), 0);
    peer->fd = accept(peer->listener, NULL, NULL);
    ck_assert_int_ge(peer->fd, 0);
}

static void close_peer(struct peer *peer)
{
    close(peer->fd);
    close(peer->listener);
}

static void read_pdu(struct peer *peer)
{
    size_t need = HEADER_SIZE;
    peer->size = 0;
    while (peer->size < need) {
        ck_assert_int_eq(supervisor_wait_readable(supervisor, peer->fd, TIMEOUT_MS, NULL), 0);
        ssize_t size = recv(peer->fd, peer->pdu + peer->size, need - peer->size, MSG_DONTWAIT);
        ck_assert_int_gt(size, 0);
        peer->size += (size_t)size;
        if (peer->size == HEADER_SIZE)
            need += (((size_t)peer->pdu[5] << 16 | (size_t)peer->pdu[6] << 8 | peer->pdu[7]) + 3) /
                    4 * 4;
        ck_assert_uint_le(need, PDU_SIZE);
    }
}

static void send_bytes(struct peer *peer, const void *bytes, size_t size)
{
    ck_assert_int_eq(send(peer->fd, bytes, size, MSG_NOSIGNAL), (ssize_t)size);
}

// An answer to the login request that was read: it goes on as asked.
static void make_answer(const struct peer *peer, uint8_t answer[HEADER_SIZE])
{
    memset(answer, 0, HEADER_SIZE);
    answer[0] = 0x23;
    answer[1] = peer->pdu[1];
    memcpy(answer + 8, peer->pdu + 8, 8);   // ISID, TSIH
    memcpy(answer + 16, peer->pdu + 16, 4); // Initiator Task Tag
    answer[27] = 41;                        // StatSN
    answer[31] = 5;                         // ExpCmdSN
}

static void log_peer_in(struct peer *peer)
{
    uint8_t answer[HEADER_SIZE];
    open_peer(peer);
    for (int stage = 0; stage < 2; stage++) {
        read_pdu(peer);
        make_answer(peer, answer);
        send_bytes(peer, answer, sizeof answer);
    }
    assert_open(peer->connection);
}

// What goes over the wire in a login and a logout.
START_TEST(test_on_the_wire)
{
    static const char keys[] = "InitiatorName=iqn.2024-01.test:initiator\0InitiatorAlias=tck-1\0"
                               "TargetName=iqn.2024-01.test:target\0SessionType=Normal\0"
                               "AuthMethod=None";
    static const char digests[] = "HeaderDigest=None\0DataDigest=None";
    struct peer peer;
    uint8_t answer[HEADER_SIZE];
    open_peer(&peer);
    read_pdu(&peer);
    ck_assert_uint_eq(peer.pdu[0], 0x43);
    ck_assert_uint_eq(peer.pdu[1], 0x81); // from the security stage to the operational one
    ck_assert_mem_eq(peer.pdu + 8, plain.isid, 6);
    ck_assert_mem_eq(peer.pdu + 14, plain.tsih, 2);
    ck_assert_mem_eq(peer.pdu + 20, "\0\7", 2); // CID
    ck_assert_mem_eq(peer.pdu + HEADER_SIZE, keys, sizeof keys);
    make_answer(&peer, answer);
    // One byte at a time: it must not matter.
    for (size_t i = 0; i < sizeof answer; i++)
        send_bytes(&peer, answer + i, 1);
    read_pdu(&peer);
    ck_assert_uint_eq(peer.pdu[1], 0x87); // to the full feature phase
    ck_assert_mem_eq(peer.pdu + 24, "\0\0\0\5", 4);
    ck_assert_mem_eq(peer.pdu + 28, "\0\0\0\52", 4);
    ck_assert_mem_eq(peer.pdu + HEADER_SIZE, digests, sizeof digests);
    make_answer(&peer, answer);
    send_bytes(&peer, answer, sizeof answer);
    assert_open(peer.connection);
    ck_assert_int_eq(connection_logout(peer.connection, NULL), 0);
    read_pdu(&peer);
    ck_assert_uint_eq(peer.size, HEADER_SIZE);
    ck_assert_uint_eq(peer.pdu[0], 0x46);
    ck_assert_uint_eq(peer.pdu[1], 0x81); // close the connection
    ck_assert_mem_eq(peer.pdu + 20, "\0\7", 2);
    make_answer(&peer, answer);
    answer[0] = 0x26;
    send_bytes(&peer, answer, sizeof answer);
    await(has_ended, peer.connection);
    ck_assert_int_eq(connection_state(peer.connection), CONNECTION_LOGGED_OUT);
    connection_destroy(peer.connection);
    close_peer(&peer);
}
END_TEST

// What the target offers is accepted, in as many rounds as it likes, but not for ever.
START_TEST(test_offers)
{
    static const char offer[] = "MaxConnections=4\0TargetAlias=disk\0X-other=1\0TargetPortalGroup"
                                "Tag=1\0DataDigest=None";
    static const char accepted[] = "MaxConnections=4\0X-other=1";
    struct peer peer;
    uint8_t answer[HEADER_SIZE];
    open_peer(&peer);
    read_pdu(&peer);
    make_answer(&peer, answer);
    send_bytes(&peer, answer, sizeof answer);
    for (int round = 0; round < 8; round++) {
        read_pdu(&peer);
        if (round > 0)
            ck_assert_mem_eq(peer.pdu + HEADER_SIZE, accepted, sizeof accepted);
        make_answer(&peer, answer);
        answer[1] = 0x04;
        answer[7] = sizeof offer;
        send_bytes(&peer, answer, sizeof answer);
        send_bytes(&peer, offer, sizeof offer);
        send_bytes(&peer, "\0\0\0", (4 - sizeof offer % 4) % 4);
    }
    assert_lost(peer.connection, "keeps negotiating");
    close_peer(&peer);
}
END_TEST

// One wrong thing in the answer to the first login request, and what is said of it.
struct slip {
    size_t offset;
    uint8_t value;
    const char *named;
};

static const struct slip slips[] = {
    {0, 0x20, "answered with opcode 0x20"},
    {0, 0xFF, "answered with opcode 0xff"},
    {1, 0x87, "for stage 1 in stage 0"},
    {1, 0xC1, "longer than one PDU"},
    {1, 0x83, "from stage 0 to stage 3"},
    {3, 1, "version 1"},
    {4, 1, "additional header"},
    {5, 1, "65536 bytes of data"},
    {8, 0x80, "another ISID"},
    {19, 9, "answered task"},
    {36, 1, "unknown status (status 0x0100)"},
    {36, 3, "target error (status 0x0300)"},
};

START_TEST(test_slip)
{
    const struct slip *slip = &slips[_i];
    struct peer peer;
    uint8_t answer[HEADER_SIZE];
    open_peer(&peer);
    read_pdu(&peer);
    make_answer(&peer, answer);
    answer[slip->offset] = slip->value;
    send_bytes(&peer, answer, sizeof answer);
    assert_lost(peer.connection, slip->named);
    close_peer(&peer);
}
END_TEST

START_TEST(test_other_session)
{
    struct peer peer;
    uint8_t answer[HEADER_SIZE];
    open_peer(&peer);
    for (int stage = 0; stage < 2; stage++) {
        read_pdu(&peer);
        make_answer(&peer, answer);
        answer[14] = 0x02;
        send_bytes(&peer, answer, sizeof answer);
    }
    assert_lost(peer.connection, "into session 0200, not 0100");
    close_peer(&peer);
}
END_TEST

static const struct {
    const char *text;
    size_t size;
    const char *named;
} bad_texts[] = {
    {"AuthMethod=Non", 14, "does not end"},
    {"AuthMethod", 11, "no key=value"},
    {"=None", 6, "no key=value"},
    {"\0\0\0", 4, "no key=value"},
    {"AuthMethod=CHAP", 16, "the target wants AuthMethod=CHAP"},
    {"AuthMethod=Reject", 18, "the target wants AuthMethod=Reject"},
    {"HeaderDigest=CRC32C", 20, "the target wants HeaderDigest=CRC32C"},
};

START_TEST(test_bad_text)
{
    struct peer peer;
    uint8_t answer[HEADER_SIZE];
    char text[64] = {0};
    open_peer(&peer);
    read_pdu(&peer);
    make_answer(&peer, answer);
    memcpy(text, bad_texts[_i].text, bad_texts[_i].size);
    answer[7] = (uint8_t)bad_texts[_i].size;
    send_bytes(&peer, answer, sizeof answer);
    send_bytes(&peer, text, (bad_texts[_i].size + 3) / 4 * 4);
    assert_lost(peer.connection, bad_texts[_i].named);
    close_peer(&peer);
}
END_TEST

// Seeded garbage, at the start and with a header that looks right.
START_TEST(test_garbage)
{
    struct peer peer;
    uint8_t garbage[HEADER_SIZE + 256];
    unsigned seed = (unsigned)_i + 1;
    open_peer(&peer);
    read_pdu(&peer);
    for (size_t i = 0; i < sizeof garbage; i++)
        garbage[i] = (uint8_t)rand_r(&seed);
    if (_i % 2 == 1) {
        make_answer(&peer, garbage);
        garbage[6] = 1; // 256 bytes of data
    }
    send_bytes(&peer, garbage, sizeof garbage);
    shutdown(peer.fd, SHUT_WR);
    assert_lost(peer.connection, "");
    close_peer(&peer);
}
END_TEST

// A target that stops to answer, at each stage: the wait ends by its own limit, and nothing is
// left.
START_TEST(test_silence)
{
    struct peer peer;
    uint8_t answer[HEADER_SIZE];
    open_peer(&peer);
    if (_i >= 1) {
        read_pdu(&peer);
        make_answer(&peer, answer);
        send_bytes(&peer, answer, _i == 1 ? 20 : sizeof answer);
    }
    ck_assert_int_eq(supervisor_wait(supervisor, is_settled, peer.connection, 50, NULL), 1);
    ck_assert_int_eq(connection_state(peer.connection), CONNECTION_CONNECTING);
    ck_assert_int_eq(connection_logout(peer.connection, NULL), -1);
    ck_assert_int_eq(connection_close(peer.connection, NULL), -1);
    connection_destroy(peer.connection);
    close_peer(&peer);
}
END_TEST

START_TEST(test_ends_during_login)
{
    static const char *const named[] = {"closed the connection during login", "during login: "};
    const struct linger linger = {.l_onoff = 1};
    struct peer peer;
    open_peer(&peer);
    read_pdu(&peer);
    connection_expect_drop(peer.connection); // of an open connection; it is none yet
    if (_i == 1)
        setsockopt(peer.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close_peer(&peer);
    assert_lost(peer.connection, named[_i]);
}
END_TEST

static void make_ping(uint8_t ping[HEADER_SIZE], uint8_t tag)
{
    memset(ping, 0, HEADER_SIZE);
    ping[0] = 0x20;
    ping[1] = 0x80;
    memset(ping + 8, 0x11, 8);  // LUN
    memset(ping + 16, 0xFF, 4); // Initiator Task Tag
    memset(ping + 20, tag, 4);  // Target Transfer Tag
}

// Pings are answered where they ask for it; a message of what is to come is passed over.
START_TEST(test_pings)
{
    struct peer peer;
    uint8_t pdu[HEADER_SIZE];
    log_peer_in(&peer);
    make_ping(pdu, 0xFF); // no answer wanted
    send_bytes(&peer, pdu, sizeof pdu);
    memset(pdu, 0, sizeof pdu);
    pdu[0] = 0x32;
    pdu[27] = 99;
    pdu[36] = 1;
    send_bytes(&peer, pdu, sizeof pdu);
    for (uint8_t tag = 1; tag < 40; tag++) {
        make_ping(pdu, tag);
        send_bytes(&peer, pdu, sizeof pdu);
    }
    for (uint8_t tag = 1; tag < 40; tag++) {
        read_pdu(&peer);
        make_ping(pdu, tag);
        ck_assert_uint_eq(peer.size, HEADER_SIZE);
        ck_assert_uint_eq(peer.pdu[0], 0x40);
        ck_assert_uint_eq(peer.pdu[1], 0x80);
        ck_assert_mem_eq(peer.pdu + 8, pdu + 8, 16);
        ck_assert_mem_eq(peer.pdu + 28, "\0\0\0\144", 4);
    }
    ck_assert_int_eq(connection_state(peer.connection), CONNECTION_OPEN);
    connection_destroy(peer.connection);
    close_peer(&peer);
}
END_TEST

// A peer that pings and never reads: what waits for it is bounded.
START_TEST(test_ping_flood)
{
    struct peer peer;
    uint8_t pdus[HEADER_SIZE * 64];
    log_peer_in(&peer);
    for (size_t i = 0; i < sizeof pdus; i += HEADER_SIZE)
        make_ping(pdus + i, 1);
    while (connection_state(peer.connection) == CONNECTION_OPEN) {
        send(peer.fd, pdus, sizeof pdus, MSG_NOSIGNAL | MSG_DONTWAIT);
        ck_assert_int_ge(supervisor_wait(supervisor, has_ended, peer.connection, 0, NULL), 0);
    }
    assert_lost(peer.connection, "does not read the answers");
    close_peer(&peer);
}
END_TEST

static const struct slip idle_slips[] = {
    {0, 0x21, "opcode 0x21 to an idle connection"}, {0, 0x23, "opcode 0x23 to an idle connection"},
    {0, 0x26, "a logout that was not sent"},        {0, 0x3F, "rejected a PDU (reason 0x"},
    {16, 0x00, "a ping that was not sent"},         {7, 4, "4 bytes of data"},
};

START_TEST(test_idle_slip)
{
    const struct slip *slip = &idle_slips[_i];
    struct peer peer;
    uint8_t pdu[HEADER_SIZE + 4] = {0};
    log_peer_in(&peer);
    connection_expect_drop(peer.connection); // that is no drop
    make_ping(pdu, 1);
    pdu[slip->offset] = slip->value;
    send_bytes(&peer, pdu, sizeof pdu);
    assert_lost(peer.connection, slip->named);
    close_peer(&peer);
}
END_TEST

START_TEST(test_logout_refused)
{
    struct peer peer;
    uint8_t answer[HEADER_SIZE];
    log_peer_in(&peer);
    ck_assert_int_eq(connection_logout(peer.connection, NULL), 0);
    ck_assert_int_eq(connection_logout(peer.connection, NULL), -1);
    read_pdu(&peer);
    if (_i == 0) {
        make_answer(&peer, answer);
        answer[0] = 0x26;
        answer[2] = 1;
        send_bytes(&peer, answer, sizeof answer);
        assert_lost(peer.connection, "logout refused (response 1)");
        close_peer(&peer);
    } else {
        close_peer(&peer);
        assert_lost(peer.connection, "instead of answering the logout");
    }
}
END_TEST

START_TEST(test_bad_options)
{
    char long_name[300];
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    struct connection_options options[7];
    static const char *const named[7] = {"223",         "223",     "223", "not numeric",
                                         "not numeric", "no TSIH", "223"};
    for (size_t i = 0; i < 7; i++)
        options[i] = plain;
    options[0].initiator_name = "";
    options[1].target_name = long_name;
    options[2].alias = long_name;
    options[3].address = "localhost";
    options[4].address = "[::1]";
    memset(options[5].tsih, 0, 2);
    options[6].initiator_name = long_name;
    for (size_t i = 0; i < 7; i++) {
        struct connection *connection = NULL;
        struct failure failure = {0};
        ck_assert_int_eq(connection_open(&connection, supervisor, &options[i], &failure), -1);
        ck_assert_ptr_null(connection);
        ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
        ck_assert_msg(strstr(failure.text, named[i]) != NULL, "%s", failure.text);
    }
}
END_TEST

START_TEST(test_nobody_listens)
{
    struct connection_options options = plain;
    close(listener_open(&options.port));
    assert_lost(begin(&options), "can't connect: Connection refused");
}
END_TEST

static void destroy_at_once(struct connection *connection, void *argument)
{
    ++*(int *)argument;
    connection_destroy(connection);
}

static bool was_called(void *argument)
{
    return *(int *)argument > 0;
}

START_TEST(test_destroyed_in_callback)
{
    struct site site;
    int calls = 0;
    open_site(&site, NULL);
    struct connection_options options = site.options;
    options.changed = destroy_at_once;
    options.argument = &calls;
    begin(&options);
    await(was_called, &calls);
    calls = 0;
    options.target_name = "iqn.2024-01.test:no-such-target";
    begin(&options);
    await(was_called, &calls);
    ck_assert_int_eq(calls, 1);
    connection_destroy(begin(&site.options));
    connection_destroy(NULL);
    close_site(&site);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("connection");
    TCase *tests = tcase_create("connection");
    tcase_add_checked_fixture(tests, supervised_folder_open, supervised_folder_close);
    tcase_add_loop_test(tests, test_several, 0, 8);
    tcase_add_test(tests, test_at_once);
    tcase_add_loop_test(tests, test_closed_by_target, 0, 2);
    tcase_add_loop_test(tests, test_first_is_dropped, 0, 2);
    tcase_add_test(tests, test_session_logout);
    tcase_add_test(tests, test_closed_by_initiator);
    tcase_add_test(tests, test_reinstated_connection);
    tcase_add_test(tests, test_refused);
    tcase_add_test(tests, test_parameters);
    tcase_add_test(tests, test_on_the_wire);
    tcase_add_test(tests, test_offers);
    tcase_add_loop_test(tests, test_slip, 0, (int)(sizeof slips / sizeof *slips));
    tcase_add_test(tests, test_other_session);
    tcase_add_loop_test(tests, test_bad_text, 0, (int)(sizeof bad_texts / sizeof *bad_texts));
    tcase_add_loop_test(tests, test_garbage, 0, 40);
    tcase_add_loop_test(tests, test_silence, 0, 3);
    tcase_add_loop_test(tests, test_ends_during_login, 0, 2);
    tcase_add_test(tests, test_pings);
    tcase_add_test(tests, test_ping_flood);
    tcase_add_loop_test(tests, test_idle_slip, 0, (int)(sizeof idle_slips / sizeof *idle_slips));
    tcase_add_loop_test(tests, test_logout_refused, 0, 2);
    tcase_add_test(tests, test_bad_options);
    tcase_add_test(tests, test_nobody_listens);
    tcase_add_test(tests, test_destroyed_in_callback);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
