// SPDX-License-Identifier: Apache-2.0
// tgtd instances: brought up for real, asked, and their deaths and silences noticed.
#include "emulator/tgtd/tgtd.h"

#include "emulator/process/process.h"
#include "emulator/tgtd/instance.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <iscsi/iscsi.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONG_MS = 60000 };

static const struct tgtd_portal three_portals[3] = {{"127.0.0.1", 0}, {"127.0.0.2", 0}, {"::1", 0}};

static struct tgtd *start(const char *name, struct tgtd_portal *portals, size_t count)
{
    struct tgtd *tgtd = NULL;
    struct failure failure = {0};
    ck_assert_msg(tgtd_start(&tgtd, supervisor, folder, name, portals, count, &failure) == 0, "%s",
                  failure.text);
    return tgtd;
}

// An instance with one portal and `count` targets that take anybody.
static struct tgtd *start_with_targets(struct tgtd_portal *portal, unsigned count)
{
    *portal = three_portals[0];
    struct tgtd *tgtd = start("alpha", portal, 1);
    struct failure failure = {0};
    for (unsigned tid = 1; tid <= count; tid++) {
        char name[64];
        snprintf(name, sizeof name, "iqn.2020-01.test:%u", tid);
        ck_assert_msg(tgtd_new_target(tgtd, tid, name, &failure) == 0 &&
                          tgtd_allow_address(tgtd, tid, "ALL", &failure) == 0,
                      "%s", failure.text);
    }
    return tgtd;
}

static struct iscsi_context *log_in(const struct tgtd_portal *portal, const char *initiator,
                                    const char *target, const char *alias)
{
    char address[128];
    struct iscsi_context *context = iscsi_create_context(initiator);
    ck_assert_ptr_nonnull(context);
    iscsi_set_noautoreconnect(context, 1);
    iscsi_set_session_type(context, ISCSI_SESSION_NORMAL);
    iscsi_set_targetname(context, target);
    if (alias != NULL)
        iscsi_set_alias(context, alias);
    snprintf(address, sizeof address, strchr(portal->address, ':') != NULL ? "[%s]:%u" : "%s:%u",
             portal->address, portal->port);
    ck_assert_msg(iscsi_connect_sync(context, address) == 0 && iscsi_login_sync(context) == 0, "%s",
                  iscsi_get_error(context));
    return context;
}

static struct tgtd_report read_account(struct tgtd *tgtd, unsigned target_count)
{
    struct tgtd_report account;
    struct failure failure = {0};
    ck_assert_msg(tgtd_get_report(tgtd, target_count, &account, &failure) == 0, "%s", failure.text);
    return account;
}

static bool has_trouble(void *argument)
{
    (void)argument;
    return false;
}

START_TEST(test_portals)
{
    struct tgtd_portal portals[3];
    memcpy(portals, three_portals, sizeof portals);
    struct tgtd *tgtd = start("alpha", portals, 3);
    ck_assert_str_eq(tgtd_name(tgtd), "alpha");
    ck_assert_int_gt(tgtd_pid(tgtd), 1);
    ck_assert_int_eq(tgtd_new_target(tgtd, 1, "iqn.2020-01.test:1", NULL), 0);
    ck_assert_int_eq(tgtd_allow_address(tgtd, 1, "ALL", NULL), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_ne(portals[i].port, 0);
        struct iscsi_context *context = log_in(&portals[i], "iqn.i", "iqn.2020-01.test:1", "a");
        struct tgtd_report account = read_account(tgtd, 1);
        ck_assert_uint_eq(account.connection_count, 1);
        ck_assert_str_eq(account.connections[0].initiator_address, i == 2 ? "::1" : "127.0.0.1");
        tgtd_report_free(&account);
        ck_assert_int_eq(iscsi_logout_sync(context), 0);
        iscsi_destroy_context(context);
    }
    ck_assert_int_eq(tgtd_ping(tgtd, LONG_MS, NULL), 0);
    tgtd_stop(tgtd);
    tgtd_stop(NULL);
    ck_assert_ptr_null(supervisor_failure(supervisor)); // that end was meant
}
END_TEST

START_TEST(test_command_for_a_person)
{
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, 1);
    char script[1024];
    snprintf(script, sizeof script, "%s --lld iscsi --op show --mode target", tgtd_command(tgtd));
    const char *const arguments[] = {"sh", "-c", script, NULL};
    char *output = NULL;
    int status = 0;
    ck_assert_int_eq(
        process_run(supervisor, arguments, NULL, LONG_MS, 100000, &output, &status, NULL), 0);
    ck_assert_msg(strstr(output, "Target 1: iqn.2020-01.test:1\n") == output, "%s", output);
    free(output);
    tgtd_stop(tgtd);
}
END_TEST

START_TEST(test_version)
{
    char text[64] = "";
    struct failure failure = {0};
    ck_assert_msg(tgtd_version(supervisor, text, sizeof text, &failure) == 0, "%s", failure.text);
    ck_assert_uint_gt(strspn(text, "0123456789."), 2);
}
END_TEST

// The program is found where an ordinary user's PATH does not lead.
START_TEST(test_short_path)
{
    setenv("PATH", "/usr/bin:/bin", 1);
    struct tgtd_portal portal;
    tgtd_stop(start_with_targets(&portal, 1));
}
END_TEST

START_TEST(test_management_errors)
{
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, 2);
    struct failure failure = {0};
    ck_assert_int_eq(tgtd_new_target(tgtd, 2, "iqn.other", &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, "tgtd \"alpha\": target 2 \"iqn.other\" cannot be made") &&
                      strstr(failure.text, "this target already exists") &&
                      strstr(failure.text, "it logged: tgtd: "),
                  "%s", failure.text);
    failure.status = 0;
    ck_assert_int_eq(tgtd_new_target(tgtd, 3, "a name with spaces", &failure), -1);
    ck_assert_msg(strstr(failure.text, "invalid request") &&
                      strstr(failure.text, "already") == NULL,
                  "%s", failure.text);
    failure.status = 0;
    ck_assert_int_eq(tgtd_set_parameter(tgtd, 1, "Nonsense", "4", &failure), -1);
    ck_assert_msg(strstr(failure.text, "parameter Nonsense of target 1"), "%s", failure.text);
    failure.status = 0;
    ck_assert_int_eq(tgtd_new_lun(tgtd, 9, 1, &failure), -1);
    ck_assert_msg(strstr(failure.text, "LUN 1 of target 9"), "%s", failure.text);
    failure.status = 0;
    ck_assert_int_eq(tgtd_allow_address(tgtd, 1, "localhost", &failure), -1);
    ck_assert_msg(strstr(failure.text, "\"localhost\" is no numeric address"), "%s", failure.text);
    failure.status = 0;
    ck_assert_int_eq(tgtd_delete_connection(tgtd, 1, 1, 0, &failure), -1);
    ck_assert_msg(strstr(failure.text, "connection 0 of session 1 of target 1"), "%s",
                  failure.text);
    failure.status = 0;
    struct tgtd_report account;
    ck_assert_int_eq(tgtd_get_report(tgtd, 3, &account, &failure), -1);
    ck_assert_msg(strstr(failure.text, "it has 2 targets, and 3 were made"), "%s", failure.text);
    ck_assert_ptr_null(supervisor_failure(supervisor));
    tgtd_stop(tgtd);
}
END_TEST

// Directly, without a tgtadm to fall back to; and by tgtadm, as with a tgtd that answers otherwise.
START_TEST(test_management)
{
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, 1);
    struct failure failure = {0};
    ck_assert(tgtd->direct);
    tgtd->direct = _i == 0;
    char *admin = tgtd->admin;
    if (tgtd->direct)
        tgtd->admin = (char *)"/bin/false";
    char name[224];
    memset(name, 'x', sizeof name - 1);
    memcpy(name, "iqn.", 4);
    name[223] = '\0';
    ck_assert_msg(tgtd_new_target(tgtd, 2, name, &failure) == 0, "%s", failure.text);
    ck_assert_msg(tgtd_new_target(tgtd, 3, "eui.02004567A425678D", &failure) == 0, "%s",
                  failure.text);
    ck_assert_msg(tgtd_set_parameter(tgtd, 2, "MaxConnections", "4", &failure) == 0, "%s",
                  failure.text);
    for (unsigned lun = 1; lun <= 3; lun++)
        ck_assert_msg(tgtd_new_lun(tgtd, 2, lun, &failure) == 0, "%s", failure.text);
    ck_assert_msg(tgtd_allow_address(tgtd, 2, "127.0.0.0/8", &failure) == 0, "%s", failure.text);
    ck_assert_msg(tgtd_allow_address(tgtd, 2, "::1", &failure) == 0, "%s", failure.text);
    ck_assert_msg(tgtd_allow_initiator(tgtd, 2, "iqn.é \U0001F4BE", &failure) == 0, "%s",
                  failure.text);
    // A secret never goes by tgtadm, whose command line everybody can read.
    tgtd->direct = true;
    ck_assert_msg(tgtd_new_account(tgtd, "user", "passwordpassword", &failure) == 0, "%s",
                  failure.text);
    ck_assert_msg(tgtd_new_account(tgtd, "other", "secretsecret", &failure) == 0, "%s",
                  failure.text);
    tgtd->direct = _i == 0;
    ck_assert_msg(tgtd_bind_account(tgtd, 3, "user", false, &failure) == 0, "%s", failure.text);
    ck_assert_msg(tgtd_bind_account(tgtd, 3, "other", true, &failure) == 0, "%s", failure.text);
    ck_assert_msg(tgtd_new_target(tgtd, 4, "iqn.2020-01.test:gone", &failure) == 0, "%s",
                  failure.text);
    ck_assert_msg(tgtd_allow_address(tgtd, 4, "ALL", &failure) == 0, "%s", failure.text);
    struct iscsi_context *lost = log_in(&portal, "iqn.i", "iqn.2020-01.test:gone", "handle-0");
    ck_assert_msg(tgtd_delete_target(tgtd, 4, &failure) == 0, "%s", failure.text);
    iscsi_destroy_context(lost);
    tgtd->admin = admin;
    ck_assert_int_eq(tgtd_new_account(tgtd, "third", "password=,'\"", &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "account \"third\" cannot be made"));
    ck_assert_ptr_null(strstr(failure.text, "password="));
    tgtd->direct = false;
    failure = (struct failure){0};
    ck_assert_int_eq(tgtd_new_account(tgtd, "third", "password", &failure), -1);
    failure = (struct failure){0};
    struct iscsi_context *context = log_in(&portal, "iqn.é \U0001F4BE", name, "handle-1");
    struct tgtd_report account = read_account(tgtd, 4);
    ck_assert_uint_eq(account.connection_count, 1);
    ck_assert_uint_eq(account.connections[0].tid, 2);
    ck_assert_str_eq(account.connections[0].initiator_name, "iqn.é \U0001F4BE");
    ck_assert_str_eq(account.connections[0].initiator_alias, "handle-1");
    unsigned session = account.connections[0].tsih;
    unsigned connection = account.connections[0].cid;
    tgtd_report_free(&account);
    ck_assert_msg(tgtd_delete_connection(tgtd, 2, session, connection, &failure) == 0, "%s",
                  failure.text);
    account = read_account(tgtd, 4);
    ck_assert_uint_eq(account.connection_count, 0);
    tgtd_report_free(&account);
    iscsi_destroy_context(context);
    tgtd_stop(tgtd);
}
END_TEST

// Names that look like what tgtadm prints around them.
START_TEST(test_misleading_names)
{
    static const char *const names[] = {
        "iqn.a alias: b", "Target 1: x", "", " ", "    LUN: 0", "iqn.a alias: b alias: c"};
    static const char *const aliases[] = {"h1", "h-2", NULL, "h3 alias: none", " alias: ", "x"};
    enum { COUNT = sizeof names / sizeof *names };
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, 1);
    struct iscsi_context *contexts[COUNT];
    bool seen[COUNT] = {0};
    for (int i = 0; i < COUNT; i++)
        contexts[i] = names[i][0] == '\0'
                          ? NULL
                          : log_in(&portal, names[i], "iqn.2020-01.test:1", aliases[i]);
    struct tgtd_report account = read_account(tgtd, 1);
    ck_assert_uint_eq(account.connection_count, COUNT - 1);
    for (size_t i = 0; i < account.connection_count; i++) {
        const struct tgtd_connection *connection = &account.connections[i];
        for (int j = 0; j < COUNT; j++)
            seen[j] = seen[j] || (strcmp(connection->initiator_name, names[j]) == 0 &&
                                  strcmp(connection->initiator_alias,
                                         aliases[j] == NULL ? "" : aliases[j]) == 0);
    }
    for (int i = 0; i < COUNT; i++) {
        ck_assert_msg(contexts[i] == NULL || seen[i], "\"%s\" was not seen", names[i]);
        iscsi_destroy_context(contexts[i]);
    }
    tgtd_report_free(&account);
    tgtd_stop(tgtd);
}
END_TEST

START_TEST(test_many_sessions)
{
    enum { TARGETS = 20, SESSIONS = 200 };
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, TARGETS);
    static struct iscsi_context *contexts[SESSIONS];
    bool seen[SESSIONS] = {0};
    for (unsigned i = 0; i < SESSIONS; i++) {
        char target[64];
        char alias[32];
        snprintf(target, sizeof target, "iqn.2020-01.test:%u", i % TARGETS + 1);
        snprintf(alias, sizeof alias, "s%u", i);
        contexts[i] = log_in(&portal, "iqn.initiator", target, alias);
    }
    struct tgtd_report account = read_account(tgtd, TARGETS);
    ck_assert_uint_eq(account.connection_count, SESSIONS);
    for (size_t i = 0; i < SESSIONS; i++) {
        ck_assert_int_eq(account.connections[i].initiator_alias[0], 's');
        unsigned long number = strtoul(account.connections[i].initiator_alias + 1, NULL, 10);
        ck_assert_uint_lt(number, SESSIONS);
        ck_assert(!seen[number]);
        seen[number] = true;
        ck_assert_uint_eq(account.connections[i].tid, number % TARGETS + 1);
        ck_assert_uint_ne(account.connections[i].tsih, 0);
    }
    tgtd_report_free(&account);
    for (unsigned i = 0; i < SESSIONS; i++)
        iscsi_destroy_context(contexts[i]);
    tgtd_stop(tgtd);
}
END_TEST

START_TEST(test_side_by_side)
{
    enum { COUNT = 12 };
    struct tgtd *instances[COUNT];
    struct tgtd_portal portals[COUNT][3];
    for (int i = 0; i < COUNT; i++) {
        memcpy(portals[i], three_portals, sizeof three_portals);
        instances[i] = start("one of many", portals[i], 3);
    }
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(tgtd_ping(instances[i], LONG_MS, NULL), 0);
    for (int i = 0; i < COUNT; i++)
        tgtd_stop(instances[i]);
}
END_TEST

static void expect_no_start(struct tgtd_portal *portals, size_t count, const char *words)
{
    struct tgtd *tgtd = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(tgtd_start(&tgtd, supervisor, folder, "beta", portals, count, &failure), -1);
    ck_assert_ptr_null(tgtd);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, words) != NULL, "%s", failure.text);
    ck_assert_ptr_null(supervisor_failure(supervisor));
}

START_TEST(test_given_port)
{
    struct tgtd_portal portal;
    struct tgtd *first = start_with_targets(&portal, 1);
    struct tgtd_portal taken = portal;
    expect_no_start(&taken, 1, "choose another port");
    tgtd_stop(first);
    struct tgtd_portal again = portal;
    struct tgtd *second = start("beta", &again, 1);
    ck_assert_uint_eq(again.port, portal.port);
    tgtd_stop(second);
}
END_TEST

START_TEST(test_bad_portals)
{
    struct tgtd_portal named = {"localhost", 0};
    expect_no_start(&named, 1, "\"localhost\" is no numeric");
    struct tgtd_portal foreign = {"192.0.2.1", 0};
    expect_no_start(&foreign, 1, "portal 192.0.2.1 port 0 cannot be had");
    expect_no_start(NULL, 0, "has no portal");
}
END_TEST

START_TEST(test_long_folder)
{
    char path[256];
    struct tgtd *tgtd = NULL;
    struct tgtd_portal portal = three_portals[0];
    struct failure failure = {0};
    snprintf(path, sizeof path, "%s/%0100d", folder, 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(tgtd_start(&tgtd, supervisor, path, "alpha", &portal, 1, &failure), -1);
    ck_assert_msg(strstr(failure.text, "set TMPDIR to a shorter path"), "%s", failure.text);
    ck_assert_int_eq(rmdir(path), 0);
    failure.status = 0;
    ck_assert_int_eq(tgtd_start(&tgtd, supervisor, path, "alpha", &portal, 1, &failure), -1);
    ck_assert_msg(strstr(failure.text, "no folder can be made"), "%s", failure.text);
}
END_TEST

START_TEST(test_folder_with_quotes)
{
    char path[128];
    struct tgtd *tgtd = NULL;
    struct tgtd_portal portal = three_portals[0];
    struct failure failure = {0};
    snprintf(path, sizeof path, "%s/it's a $folder", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_msg(tgtd_start(&tgtd, supervisor, path, "alpha", &portal, 1, &failure) == 0, "%s",
                  failure.text);
    char script[1024];
    snprintf(script, sizeof script, "%s --op show --mode system", tgtd_command(tgtd));
    const char *const arguments[] = {"sh", "-c", script, NULL};
    char *output = NULL;
    int status = 0;
    ck_assert_int_eq(
        process_run(supervisor, arguments, NULL, LONG_MS, 100000, &output, &status, NULL), 0);
    ck_assert_msg(status == 0 && strstr(output, "State: ready") != NULL, "%s", output);
    free(output);
    tgtd_stop(tgtd);
    ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(test_death_is_trouble)
{
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, 1);
    tgtd_new_target(tgtd, 1, "iqn.again", NULL); // something to have said
    kill(tgtd_pid(tgtd), SIGSEGV);
    struct failure failure = {0};
    ck_assert_int_eq(supervisor_wait(supervisor, has_trouble, NULL, LONG_MS, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, "tgtd \"alpha\" (pid ") == failure.text &&
                      strstr(failure.text, "was killed by SIGSEGV; it last said: tgtd: ") &&
                      strstr(failure.text, "already exists") &&
                      strstr(failure.text, "RDMA") == NULL,
                  "%s", failure.text);
    ck_assert_int_eq(tgtd_ping(tgtd, LONG_MS, NULL), -1);
    struct tgtd_report account;
    ck_assert_int_eq(tgtd_get_report(tgtd, 1, &account, NULL), -1);
    tgtd_stop(tgtd);
}
END_TEST

// Dead before the loop knows: a command to it must not be taken for a mere refusal.
START_TEST(test_death_between_turns)
{
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, 1);
    kill(tgtd_pid(tgtd), SIGKILL);
    struct failure failure = {0};
    ck_assert_int_eq(tgtd_new_lun(tgtd, 1, 1, &failure), -1);
    ck_assert_msg(strstr(failure.text, "was killed by SIGKILL"), "%s", failure.text);
    tgtd_stop(tgtd);
}
END_TEST

START_TEST(test_silence_is_trouble)
{
    struct tgtd_portal portal;
    struct tgtd *tgtd = start_with_targets(&portal, 1);
    kill(tgtd_pid(tgtd), SIGSTOP);
    struct failure failure = {0};
    ck_assert_int_eq(tgtd_ping(tgtd, 300, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, "does not answer") && strstr(failure.text, "300 ms"), "%s",
                  failure.text);
    ck_assert_ptr_nonnull(supervisor_failure(supervisor));
    tgtd_stop(tgtd);
}
END_TEST

START_TEST(test_signal_ends_a_start)
{
    struct tgtd *tgtd = NULL;
    struct tgtd_portal portal = three_portals[0];
    struct failure failure = {0};
    kill(getpid(), SIGTERM);
    ck_assert_int_eq(tgtd_start(&tgtd, supervisor, folder, "alpha", &portal, 1, &failure), -1);
    ck_assert_int_eq(failure.status, 128 + SIGTERM);
}
END_TEST

// A program of that name that does what a broken one might do.
static void expect_no_start_of(const char *script, const char *words)
{
    char path[128];
    char search[256];
    snprintf(path, sizeof path, "%s/tgtd", folder);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    chmod(path, 0700);
    snprintf(search, sizeof search, "%s:/usr/bin:/bin", folder);
    setenv("PATH", search, 1);
    struct tgtd_portal portal = three_portals[0];
    expect_no_start(&portal, 1, words);
    unlink(path);
}

START_TEST(test_dies_while_starting)
{
    expect_no_start_of("echo out of luck >&2; exit 3",
                       "exited with status 3 while starting; it last said: out of luck");
    expect_no_start_of("kill -BUS $$", "was killed by SIGBUS while starting");
}
END_TEST

// One that does not listen where it was told to.
START_TEST(test_listens_elsewhere)
{
    expect_no_start_of(
        "exec /usr/sbin/tgtd -f -C 0 --iscsi portal=127.0.0.3:$((20000 + $$ % 9999))",
        "another process has it");
}
END_TEST

static TCase *make_cases(void)
{
    TCase *tests = tcase_create("tgtd");
    tcase_add_checked_fixture(tests, supervised_folder_open, supervised_folder_close);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_portals);
    tcase_add_test(tests, test_command_for_a_person);
    tcase_add_test(tests, test_version);
    tcase_add_test(tests, test_short_path);
    tcase_add_test(tests, test_management_errors);
    tcase_add_loop_test(tests, test_management, 0, 2);
    tcase_add_test(tests, test_misleading_names);
    tcase_add_test(tests, test_many_sessions);
    tcase_add_test(tests, test_side_by_side);
    tcase_add_test(tests, test_given_port);
    tcase_add_test(tests, test_bad_portals);
    tcase_add_test(tests, test_long_folder);
    tcase_add_test(tests, test_folder_with_quotes);
    tcase_add_test(tests, test_death_is_trouble);
    tcase_add_test(tests, test_death_between_turns);
    tcase_add_test(tests, test_silence_is_trouble);
    tcase_add_test(tests, test_signal_ends_a_start);
    tcase_add_test(tests, test_dies_while_starting);
    tcase_add_test(tests, test_listens_elsewhere);
    return tests;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("tgtd");
    suite_add_tcase(suite, make_cases());
    return suite;
}
