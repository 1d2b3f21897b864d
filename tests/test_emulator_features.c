// SPDX-License-Identifier: Apache-2.0
// Tests of what a scenario can have beside plain sessions: several connections in one, secrets,
// refused logins, discovery sessions, redirections; with the scenarios that ship, for real, seen
// from both sides.
#include "emulator/emulator.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCENARIOS TCK_SOURCE_DIR "/scenarios"

static struct scenario *scenario;

static void tear_down(void)
{
    scenario_free(scenario);
    scenario = NULL;
    supervised_folder_close();
}

static struct topology *load(const char *name)
{
    struct failure failure = {0};
    ck_assert_msg(scenario_find(&scenario, SCENARIOS, name, &failure) == 0, "%s", failure.text);
    return &scenario->topology;
}

static struct emulator *start(const char *name)
{
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    const struct topology *topology = load(name);
    ck_assert_msg(emulator_start(&emulator, supervisor, topology, folder, &failure) == 0, "%s",
                  failure.text);
    return emulator;
}

static void start_in_vain(const struct topology *topology, const char *named)
{
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(emulator_start(&emulator, supervisor, topology, folder, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, named) != NULL, "\"%s\" does not say \"%s\"", failure.text,
                  named);
}

static void verify_and_stop(struct emulator *emulator)
{
    struct failure failure = {0};
    ck_assert_msg(emulator_verify(emulator, &failure) == 0, "%s", failure.text);
    emulator_stop(emulator);
}

// ---- several connections ----

// No two connections have one identifier, and those of one session differ in CID and port.
static void assert_connections_differ(const struct truth_session *session)
{
    for (size_t i = 0; i < session->connection_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct truth_connection *one = &session->connections[i];
            const struct truth_connection *other = &session->connections[j];
            ck_assert_uint_ne(one->cid, other->cid);
            ck_assert_uint_ne(one->adapter_specific, other->adapter_specific);
            ck_assert_uint_ne(one->initiator_port, other->initiator_port);
        }
}

START_TEST(test_counts)
{
    static const size_t expected[] = {1, 1, 2, 2, 4, 4, 8, 8, 0, 0};
    struct emulator *emulator = start("connections-1-2-4-8");
    const struct truth *truth = emulator_truth(emulator);
    ck_assert_uint_eq(truth->session_count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < truth->session_count; i++) {
        ck_assert_uint_eq(truth->sessions[i].connection_count, expected[i]);
        assert_connections_differ(&truth->sessions[i]);
    }
    // From the session's portal on, round and round.
    const struct truth_connection *of_four = truth->sessions[4].connections;
    ck_assert_str_eq(of_four[0].target_address, "::1");
    ck_assert_str_eq(of_four[1].target_address, "127.0.0.1");
    ck_assert_str_eq(of_four[3].target_address, "127.0.0.3");
    verify_and_stop(emulator);
}
END_TEST

START_TEST(test_cids)
{
    static const uint16_t expected[] = {0, 7, 513, 65535};
    struct emulator *emulator = start("cids-not-contiguous");
    const struct truth_session *session = &emulator_truth(emulator)->sessions[0];
    ck_assert_uint_eq(session->connection_count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < session->connection_count; i++)
        ck_assert_uint_eq(session->connections[i].cid, expected[i]);
    verify_and_stop(emulator);
}
END_TEST

// Nine connections with CIDs of two bytes, over five portals in turn.
START_TEST(test_large_cids)
{
    static const uint16_t cids[] = {0, 258, 772, 4660, 43981, 61183, 1027, 5392, 9252};
    static const char *const addresses[] = {
        "127.100.200.201", "127.101.202.203", "127.255.255.254", "::1", "127.0.0.1",
        "127.100.200.201", "127.101.202.203", "127.255.255.254", "::1"};
    struct emulator *emulator = start("cids-above-255");
    const struct truth_session *session = &emulator_truth(emulator)->sessions[0];
    ck_assert_uint_eq(session->connection_count, sizeof cids / sizeof cids[0]);
    for (size_t i = 0; i < session->connection_count; i++) {
        ck_assert_uint_eq(session->connections[i].cid, cids[i]);
        ck_assert_str_eq(session->connections[i].target_address, addresses[i]);
    }
    verify_and_stop(emulator);
}
END_TEST

// tgtd numbers the sessions of an instance: the last of 257 have TSIHs of two bytes.
START_TEST(test_large_tsihs)
{
    struct emulator *emulator = start("sessions-257");
    const struct truth *truth = emulator_truth(emulator);
    size_t large = 0;
    ck_assert_uint_eq(truth->session_count, 257);
    for (size_t i = 0; i < truth->session_count; i++)
        large += truth->sessions[i].tsid[0] != 0 && truth->sessions[i].tsid[1] != 0;
    ck_assert_uint_gt(large, 0);
    verify_and_stop(emulator);
}
END_TEST

static void assert_changed(int result, const struct failure *failure)
{
    ck_assert_msg(result == 0, "%s", failure->text);
}

// Dropped from both sides, alternately; reinstated with its connections and without; logged out.
START_TEST(test_changes)
{
    struct failure failure = {0};
    struct emulator *emulator = start("connections-4");
    size_t session = 0;
    assert_changed(emulator_login(emulator, &session, &failure), &failure);
    ck_assert_uint_eq(emulator_session(emulator, session)->connection_count, 4);
    for (int i = 0; i < 2; i++) {
        enum emulator_side side = i == 0 ? EMULATOR_TARGET : EMULATOR_INITIATOR;
        assert_changed(emulator_drop(emulator, session, side, &failure), &failure);
        ck_assert_uint_eq(emulator_session(emulator, session)->connection_count, 0);
        ck_assert_int_eq(emulator_logout(emulator, session, NULL), -1);
        for (int j = 0; j < 2; j++) {
            uint64_t former = emulator_session(emulator, session)->adapter_specific;
            assert_changed(emulator_reinstate(emulator, session, &failure), &failure);
            const struct truth_session *now = emulator_session(emulator, session);
            ck_assert_uint_ne(now->adapter_specific, former);
            ck_assert_uint_eq(now->connection_count, 4);
            assert_connections_differ(now);
        }
    }
    assert_changed(emulator_reinstate(emulator, 0, &failure), &failure);
    assert_changed(emulator_logout(emulator, session, &failure), &failure);
    assert_changed(emulator_logout(emulator, 0, &failure), &failure);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, 0);
    verify_and_stop(emulator);
}
END_TEST

// ---- logins that become no sessions ----

START_TEST(test_asides)
{
    static const struct {
        const char *name;
        size_t asides;
        size_t sessions;
    } cases[] = {{"login-refused", 4, 2}, {"acl", 2, 4}, {"discovery-beside", 3, 2}};
    struct emulator *emulator = start(cases[_i].name);
    size_t session = 0;
    ck_assert_uint_eq(scenario->topology.unlisted_count, cases[_i].asides);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, cases[_i].sessions);
    ck_assert_int_eq(emulator_login(emulator, &session, NULL), 0);
    ck_assert_int_eq(emulator_reinstate(emulator, session, NULL), 0);
    verify_and_stop(emulator);
}
END_TEST

START_TEST(test_not_refused)
{
    struct topology *topology = load("login-refused");
    free(topology->unlisted[0].chap.password);
    topology->unlisted[0].chap.password = strdup("the-new-secret");
    start_in_vain(topology, "logged in, and the scenario says that it is refused");
}
END_TEST

START_TEST(test_wrong_secret)
{
    struct topology *topology = load("chap");
    topology->sessions[1].chap.password[0] = 'A';
    start_in_vain(topology, "could not log in");
}
END_TEST

// ---- redirection ----

START_TEST(test_redirected)
{
    static const char *const expected[] = {"127.0.0.3", "127.0.0.3", "::1", "127.0.0.2",
                                           "127.0.0.3"};
    struct emulator *emulator = start("redirected");
    const struct truth *truth = emulator_truth(emulator);
    size_t count = 0;
    const struct tgtd_portal *portals = emulator_portals(emulator, 1, &count);
    ck_assert_uint_eq(truth->session_count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < truth->session_count; i++)
        ck_assert_str_eq(truth->sessions[i].connections[0].target_address, expected[i]);
    ck_assert_uint_eq(truth->sessions[0].connections[0].target_port, portals[0].port);
    ck_assert_str_eq(truth->sessions[4].connections[1].target_address, "::1");
    verify_and_stop(emulator);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("emulator_features");
    TCase *tests = tcase_create("emulator_features");
    tcase_add_checked_fixture(tests, supervised_folder_open, tear_down);
    tcase_add_test(tests, test_counts);
    tcase_add_test(tests, test_cids);
    tcase_add_test(tests, test_large_cids);
    tcase_add_test(tests, test_large_tsihs);
    tcase_add_test(tests, test_changes);
    tcase_add_loop_test(tests, test_asides, 0, 3);
    tcase_add_test(tests, test_not_refused);
    tcase_add_test(tests, test_wrong_secret);
    tcase_add_test(tests, test_redirected);
    tcase_set_timeout(tests, 240);
    suite_add_tcase(suite, tests);
    return suite;
}
