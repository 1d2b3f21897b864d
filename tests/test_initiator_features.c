// SPDX-License-Identifier: Apache-2.0
// Tests of what sessions can be made with beside the plain login: CHAP, header digests, discovery,
// redirection, drops from the initiator's side; and of one session's end leaving others alone.
#include "emulator/initiator/initiator.h"
#include "emulator/tgtd/tgtd.h"
#include "tests/folder.h"
#include "tests/listener.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000, DESCRIPTORS = 256, LOGOUT_SIZE = 48, DIGEST_SIZE = 4 };

static const struct initiator_options plain = {
    .initiator_name = "iqn.2024-01.test:initiator",
    .target_name = "iqn.2024-01.test:target",
    .alias = "tck-1",
    .address = "127.0.0.1",
    .isid = {0x00, 0x02, 0x3D, 0x00, 0x00, 0x01},
};

static void await(bool (*done)(void *argument), void *argument)
{
    struct failure failure = {0};
    ck_assert_msg(supervisor_wait(supervisor, done, argument, TIMEOUT_MS, &failure) == 0, "%s",
                  failure.text);
}

static bool is_settled(void *argument)
{
    return initiator_state(argument) != INITIATOR_CONNECTING;
}

static bool has_ended(void *argument)
{
    return is_settled(argument) && initiator_state(argument) != INITIATOR_LOGGED_IN;
}

static struct initiator_session *begin(const struct initiator_options *options)
{
    struct initiator_session *session = NULL;
    struct failure failure = {0};
    ck_assert_msg(initiator_login(&session, supervisor, options, &failure) == 0, "%s",
                  failure.text);
    return session;
}

static struct initiator_session *log_in(const struct initiator_options *options)
{
    struct initiator_session *session = begin(options);
    await(is_settled, session);
    ck_assert_msg(initiator_state(session) == INITIATOR_LOGGED_IN, "%s", initiator_error(session));
    return session;
}

static void log_out(struct initiator_session *session)
{
    ck_assert_int_eq(initiator_logout(session, NULL), 0);
    await(has_ended, session);
    ck_assert_msg(initiator_state(session) == INITIATOR_LOGGED_OUT, "%s", initiator_error(session));
    initiator_destroy(session);
}

static void assert_refused(const struct initiator_options *options, const char *named)
{
    struct initiator_session *session = begin(options);
    await(is_settled, session);
    ck_assert_int_eq(initiator_state(session), INITIATOR_LOST);
    ck_assert_msg(strstr(initiator_error(session), named) != NULL, "\"%s\" does not say \"%s\"",
                  initiator_error(session), named);
    initiator_destroy(session);
}

// ---- tgtd ----

// An instance with the target of `plain` on one address.
struct site {
    struct tgtd *tgtd;
    struct tgtd_portal portal;
    struct initiator_options options;
};

static void open_site(struct site *site, const char *name, const char *address)
{
    struct failure failure = {0};
    memset(site, 0, sizeof *site);
    snprintf(site->portal.address, sizeof site->portal.address, "%s", address);
    ck_assert_msg(tgtd_start(&site->tgtd, supervisor, folder, name, &site->portal, 1, &failure) ==
                      0,
                  "%s", failure.text);
    ck_assert_int_eq(tgtd_new_target(site->tgtd, 1, plain.target_name, &failure), 0);
    ck_assert_int_eq(tgtd_allow_address(site->tgtd, 1, "ALL", &failure), 0);
    site->options = plain;
    site->options.address = site->portal.address;
    site->options.port = site->portal.port;
}

static void assert_connections(struct site *site, size_t count)
{
    struct tgtd_report account;
    struct failure failure = {0};
    ck_assert_msg(tgtd_get_report(site->tgtd, 1, &account, &failure) == 0, "%s", failure.text);
    ck_assert_uint_eq(account.connection_count, count);
    tgtd_report_free(&account);
}

// ---- CHAP ----

static void set_accounts(struct site *site, bool mutual)
{
    struct failure failure = {0};
    ck_assert_msg(tgtd_new_account(site->tgtd, "user", "secret-of-user", &failure) == 0, "%s",
                  failure.text);
    ck_assert_msg(tgtd_bind_account(site->tgtd, 1, "user", false, &failure) == 0, "%s",
                  failure.text);
    if (!mutual)
        return;
    ck_assert_int_eq(tgtd_new_account(site->tgtd, "disk", "secret-of-disk", &failure), 0);
    ck_assert_msg(tgtd_bind_account(site->tgtd, 1, "disk", true, &failure) == 0, "%s",
                  failure.text);
}

START_TEST(test_chap)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    set_accounts(&site, false);
    site.options.secret = (struct initiator_secret){"user", "secret-of-user"};
    struct initiator_session *session = log_in(&site.options);
    assert_connections(&site, 1);
    struct initiator_options wrong = site.options;
    wrong.isid[5] = 2;
    wrong.secret.password = "secret-of-nobody";
    assert_refused(&wrong, "Authentication failure");
    wrong.secret = (struct initiator_secret){"nobody", "secret-of-user"};
    assert_refused(&wrong, "Authentication failure");
    wrong.secret = (struct initiator_secret){NULL, NULL};
    assert_refused(&wrong, "Authentication failure");
    // The others' failures are nothing to the session that is.
    assert_connections(&site, 1);
    ck_assert_int_eq(initiator_state(session), INITIATOR_LOGGED_IN);
    log_out(session);
    tgtd_stop(site.tgtd);
}
END_TEST

START_TEST(test_mutual_chap)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    set_accounts(&site, true);
    site.options.secret = (struct initiator_secret){"user", "secret-of-user"};
    site.options.target_secret = (struct initiator_secret){"disk", "secret-of-disk"};
    struct initiator_session *session = log_in(&site.options);
    assert_connections(&site, 1);
    log_out(session);
    struct initiator_options wrong = site.options;
    wrong.target_secret.password = "secret-of-tape";
    assert_refused(&wrong, "CHAP_R");
    wrong.target_secret = (struct initiator_secret){"tape", "secret-of-disk"};
    assert_refused(&wrong, "targetname");
    wrong.target_secret = site.options.target_secret;
    wrong.secret.password = "secret-of-nobody";
    assert_refused(&wrong, "Authentication failure");
    tgtd_stop(site.tgtd);
}
END_TEST

// The target can't prove itself: it has nothing to do it with.
START_TEST(test_mutual_chap_one_way)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    set_accounts(&site, false);
    site.options.secret = (struct initiator_secret){"user", "secret-of-user"};
    site.options.target_secret = (struct initiator_secret){"disk", "secret-of-disk"};
    assert_refused(&site.options, "Failed to log in to target");
    tgtd_stop(site.tgtd);
}
END_TEST

// An initiator that has a secret gets in where none is asked for.
START_TEST(test_chap_not_asked_for)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    site.options.secret = (struct initiator_secret){"user", "secret-of-user"};
    log_out(log_in(&site.options));
    tgtd_stop(site.tgtd);
}
END_TEST

START_TEST(test_bad_secrets)
{
    static const struct {
        struct initiator_secret secret;
        struct initiator_secret target_secret;
    } bad[] = {
        {{"", "secret"}, {NULL, NULL}},       {{"user", ""}, {NULL, NULL}},
        {{"user", NULL}, {NULL, NULL}},       {{NULL, NULL}, {"disk", "secret"}},
        {{"user", "secret"}, {"disk", NULL}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct initiator_options options = plain;
        struct initiator_session *session = NULL;
        struct failure failure = {0};
        options.secret = bad[i].secret;
        options.target_secret = bad[i].target_secret;
        ck_assert_int_eq(initiator_login(&session, supervisor, &options, &failure), -1);
        ck_assert_ptr_nonnull(strstr(failure.text, "CHAP"));
    }
}
END_TEST

// ---- digests ----

// A second descriptor for the session's socket, which outlives it: found by its port.
static int duplicate_socket(const struct initiator_session *session)
{
    for (int fd = 3; fd < DESCRIPTORS; fd++) {
        struct initiator_endpoint local = {0};
        struct initiator_endpoint remote = {0};
        if (initiator_endpoints(fd, &local, &remote) == 0 &&
            local.port == initiator_local(session)->port &&
            remote.port == initiator_remote(session)->port)
            return dup(fd);
    }
    ck_abort_msg("the session's socket was not found");
    return -1;
}

// The kernel's tcpi_bytes_sent. Its header and the library's, which lacks the member, don't go
// together.
static uint64_t bytes_sent(int fd)
{
    struct {
        uint8_t before[200];
        uint64_t bytes_sent;
    } info = {0};
    socklen_t size = sizeof info;
    ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
    ck_assert_uint_eq(size, sizeof info);
    return info.bytes_sent;
}

// The logout has a digest behind its header when that was agreed upon, and only then.
START_TEST(test_header_digest)
{
    static const struct {
        const char *target;
        bool initiator;
        bool used;
    } cases[] = {
        {"CRC32C", true, true},
        {"None,CRC32C", true, true},
        {NULL, true, false},
        {"None,CRC32C", false, false},
    };
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    if (cases[_i].target != NULL)
        ck_assert_int_eq(tgtd_set_parameter(site.tgtd, 1, "HeaderDigest", cases[_i].target, NULL),
                         0);
    site.options.header_digest = cases[_i].initiator;
    struct initiator_session *session = log_in(&site.options);
    int fd = duplicate_socket(session);
    uint64_t before = bytes_sent(fd);
    log_out(session);
    ck_assert_uint_eq(bytes_sent(fd) - before,
                      (unsigned)(LOGOUT_SIZE + (cases[_i].used ? DIGEST_SIZE : 0)));
    close(fd);
    tgtd_stop(site.tgtd);
}
END_TEST

// ---- discovery ----

// A discovery session is held open beside a normal one, and no target lists it.
START_TEST(test_discovery)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    struct initiator_session *normal = log_in(&site.options);
    struct initiator_options options = site.options;
    options.discovery = true;
    options.target_name = NULL;
    options.isid[5] = 9;
    struct initiator_session *discovery = log_in(&options);
    assert_connections(&site, 1);
    ck_assert_str_eq(initiator_remote(discovery)->address, "127.0.0.1");
    log_out(discovery);
    ck_assert_int_eq(initiator_state(normal), INITIATOR_LOGGED_IN);
    log_out(normal);
    tgtd_stop(site.tgtd);
}
END_TEST

// ---- redirection ----

START_TEST(test_redirect)
{
    static const struct {
        const char *address;
        bool permanent;
        bool chap;
    } cases[] = {
        {"127.0.0.2", false, false}, {"127.0.0.2", true, false}, {"127.0.0.2", false, true},
        {"::1", false, false},       {"::1", true, true},
    };
    struct site from;
    struct site to;
    open_site(&from, "from", "127.0.0.1");
    open_site(&to, "to", cases[_i].address);
    if (cases[_i].chap) {
        set_accounts(&to, true);
        from.options.secret = (struct initiator_secret){"user", "secret-of-user"};
        from.options.target_secret = (struct initiator_secret){"disk", "secret-of-disk"};
    }
    struct failure failure = {0};
    ck_assert_msg(tgtd_redirect(from.tgtd, 1, &to.portal, cases[_i].permanent, &failure) == 0, "%s",
                  failure.text);
    struct initiator_session *session = log_in(&from.options);
    ck_assert_str_eq(initiator_remote(session)->address, to.portal.address);
    ck_assert_uint_eq(initiator_remote(session)->port, to.portal.port);
    assert_connections(&from, 0);
    assert_connections(&to, 1);
    log_out(session);
    tgtd_stop(from.tgtd);
    tgtd_stop(to.tgtd);
}
END_TEST

// Two targets that redirect to each other, and one to where nobody is.
START_TEST(test_redirect_in_vain)
{
    struct site here;
    struct site there;
    struct tgtd_portal nowhere = {.address = "127.0.0.3", .port = 1};
    open_site(&here, "here", "127.0.0.2");
    open_site(&there, "there", "127.0.0.3");
    ck_assert_int_eq(tgtd_redirect(here.tgtd, 1, &there.portal, false, NULL), 0);
    ck_assert_int_eq(tgtd_redirect(there.tgtd, 1, &here.portal, false, NULL), 0);
    assert_refused(&here.options, "redirects for the 5th time, to 127.0.0.");
    ck_assert_int_eq(tgtd_redirect(here.tgtd, 1, &nowhere, false, NULL), 0);
    assert_refused(&here.options, "Connection refused");
    assert_connections(&here, 0);
    assert_connections(&there, 0);
    tgtd_stop(here.tgtd);
    tgtd_stop(there.tgtd);
}
END_TEST

static bool was_redirected(void *argument)
{
    return strcmp(initiator_remote(argument)->address, "127.0.0.3") == 0;
}

// Destroyed in the middle of it.
START_TEST(test_redirect_and_destroy)
{
    struct site here;
    struct site there;
    open_site(&here, "here", "127.0.0.2");
    open_site(&there, "there", "127.0.0.3");
    ck_assert_int_eq(tgtd_redirect(here.tgtd, 1, &there.portal, true, NULL), 0);
    struct initiator_session *session = begin(&here.options);
    await(was_redirected, session);
    initiator_destroy(session);
    log_out(log_in(&here.options));
    tgtd_stop(here.tgtd);
    tgtd_stop(there.tgtd);
}
END_TEST

// What a target that is none may write there.
static const struct {
    const char *text;
    const char *named;
} addresses[] = {
    {"disk.example:3260,1", "portal address \"disk.example\" is not numeric"},
    {"127.0.0.1:99999,1", "not numeric"},
    {"127.0.0.1:", "not numeric"},
    {"[::1", "not numeric"},
    {"[]", "not numeric"},
    {"[", "not numeric"},
    {"]", "not numeric"},
    {",", "not numeric"},
    {"127.0.0.1:1,1", "Connection refused"},
    {"[::1]:1", "Connection refused"},
};

static void answer_redirect(int listener, const char *address)
{
    uint8_t pdu[1024];
    uint8_t answer[512] = {0x23};
    ck_assert_int_eq(supervisor_wait_readable(supervisor, listener, TIMEOUT_MS, NULL), 0);
    int fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(supervisor_wait_readable(supervisor, fd, TIMEOUT_MS, NULL), 0);
    ck_assert_int_ge(recv(fd, pdu, sizeof pdu, 0), LOGOUT_SIZE);
    memcpy(answer + 16, pdu + 16, 4); // Initiator Task Tag
    answer[36] = 1;
    answer[37] = 1;
    int size = snprintf((char *)answer + 48, sizeof answer - 48, "TargetAddress=%s", address) + 1;
    answer[7] = (uint8_t)size;
    ssize_t all = 48 + (size + 3) / 4 * 4;
    ck_assert_int_eq(send(fd, answer, (size_t)all, MSG_NOSIGNAL), all);
    close(fd);
}

START_TEST(test_redirect_address)
{
    struct initiator_options options = plain;
    int listener = listener_open(&options.port);
    struct initiator_session *session = begin(&options);
    answer_redirect(listener, addresses[_i].text);
    await(is_settled, session);
    ck_assert_int_eq(initiator_state(session), INITIATOR_LOST);
    ck_assert_msg(strstr(initiator_error(session), addresses[_i].named) != NULL,
                  "\"%s\" does not say \"%s\"", initiator_error(session), addresses[_i].named);
    initiator_destroy(session);
    close(listener);
}
END_TEST

// ---- ends ----

START_TEST(test_drop)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    struct initiator_session *session = log_in(&site.options);
    ck_assert_int_eq(initiator_drop(session, NULL), 0);
    await(has_ended, session);
    ck_assert_int_eq(initiator_state(session), INITIATOR_RECOVERING);
    assert_connections(&site, 0); // the target knows: its end of the connection was waited for
    ck_assert_int_eq(initiator_drop(session, NULL), -1);
    initiator_destroy(session);
    tgtd_stop(site.tgtd);
}
END_TEST

// A session that has ended is kept while another takes its descriptor's number; when the ended one
// is freed, the other must still be watched.
START_TEST(test_end_beside_another)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    struct initiator_session *ended = log_in(&site.options);
    ck_assert_int_eq(initiator_drop(ended, NULL), 0);
    await(has_ended, ended);
    struct initiator_session *next = log_in(&site.options);
    initiator_destroy(ended);
    struct tgtd_report account;
    ck_assert_int_eq(tgtd_get_report(site.tgtd, 1, &account, NULL), 0);
    ck_assert_uint_eq(account.connection_count, 1);
    initiator_expect_drop(next);
    ck_assert_int_eq(tgtd_delete_connection(site.tgtd, 1, account.connections[0].tsih, 0, NULL), 0);
    tgtd_report_free(&account);
    await(has_ended, next);
    ck_assert_int_eq(initiator_state(next), INITIATOR_RECOVERING);
    initiator_destroy(next);
    tgtd_stop(site.tgtd);
}
END_TEST

// The same ISID again. Beginning in the security stage it reinstates: the old session's connection
// is closed. Beginning in the operational stage, as libiscsi does without a secret, it makes tgtd
// hold two sessions of one ISID.
START_TEST(test_same_isid)
{
    struct site site;
    open_site(&site, "one", "127.0.0.1");
    if (_i == 1)
        site.options.secret = (struct initiator_secret){"user", "secret-of-user"};
    struct initiator_session *old = log_in(&site.options);
    initiator_expect_drop(old);
    struct initiator_session *new = log_in(&site.options);
    if (_i == 1) {
        await(has_ended, old);
        ck_assert_int_eq(initiator_state(old), INITIATOR_RECOVERING);
    }
    assert_connections(&site, _i == 1 ? 1 : 2);
    initiator_destroy(old);
    log_out(new);
    tgtd_stop(site.tgtd);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("initiator features");
    TCase *tests = tcase_create("initiator features");
    tcase_add_checked_fixture(tests, supervised_folder_open, supervised_folder_close);
    tcase_add_test(tests, test_chap);
    tcase_add_test(tests, test_mutual_chap);
    tcase_add_test(tests, test_mutual_chap_one_way);
    tcase_add_test(tests, test_chap_not_asked_for);
    tcase_add_test(tests, test_bad_secrets);
    tcase_add_loop_test(tests, test_header_digest, 0, 4);
    tcase_add_test(tests, test_discovery);
    tcase_add_loop_test(tests, test_redirect, 0, 5);
    tcase_add_test(tests, test_redirect_in_vain);
    tcase_add_test(tests, test_redirect_and_destroy);
    tcase_add_loop_test(tests, test_redirect_address, 0,
                        (int)(sizeof addresses / sizeof *addresses));
    tcase_add_test(tests, test_drop);
    tcase_add_test(tests, test_end_beside_another);
    tcase_add_loop_test(tests, test_same_isid, 0, 2);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return suite;
}
