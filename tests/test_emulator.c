// SPDX-License-Identifier: Apache-2.0
// Tests of the emulator: topologies brought up with real tgtd and real sessions, what is then true,
// what makes it stop, and that nothing is left.
#include "emulator/emulator.h"
#include "emulator/initiator/initiator.h"
#include "tests/folder.h"
#include "tests/main.h"
#include "tests/supervised.h"

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    TROUBLE_TIMEOUT_MS = 20000,
    NAME_BYTES = 223,
    MANY_SESSIONS = 1000,
    TABLE_SIZE = 1 << 20,
    DESCRIPTORS_FEW = 100,
    DESCRIPTORS_MANY = 200,
};

static bool is_empty(const char *path)
{
    size_t count = 0;
    DIR *entries = opendir(path);
    ck_assert_ptr_nonnull(entries);
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count == 2; // "." and ".."
}

// ---- a topology, small and of literals ----

enum {
    PORTAL_IPV4,
    PORTAL_OTHER,
    PORTAL_IPV6,
};

static struct topology_portal portals[] = {
    {.address = (char *)"127.0.0.1"},
    {.address = (char *)"127.20.30.40"},
    {.address = (char *)"0:0::1"}, // not canonical: the truth must be
};

static struct topology_instance instances[] = {
    {.name = (char *)"one", .portal_count = 3, .portals = portals},
    {.name = (char *)"two", .portal_count = 1, .portals = portals},
};

static struct topology_parameter parameters[] = {
    {.name = (char *)"MaxConnections", .value = (char *)"4"},
};

static struct topology_target targets[] = {
    {.name = (char *)"iqn.2024-01.test:disk-1",
     .instance = 0,
     .lun_count = 2,
     .parameter_count = 1,
     .parameters = parameters},
    {.name = (char *)"eui.0123456789abcdef", .instance = 0},
    {.name = (char *)"iqn.2024-01.test:disk-2", .instance = 1},
};

static char name_ascii[] = "iqn.2024-01.test:host";
static char name_beyond[] = "iqn.2024-01.test:h\xC3\xB6st-\xF0\x9F\x92\xBE";
static char name_longest[NAME_BYTES + 1];

static struct topology_session mixed_sessions[] = {
    {.initiator_name = name_ascii, .isid = {0x00, 0x02, 0x3D, 0, 0, 1}, .line = 10},
    {.initiator_name = name_ascii, .isid = {0x00, 0x02, 0x3D, 0, 0, 2}, .line = 11},
    {.initiator_name = name_beyond,
     .target = 1,
     .portal = PORTAL_OTHER,
     .isid = {0x40, 1, 2, 3, 4, 5},
     .line = 12},
    {.initiator_name = name_longest, .target = 2, .isid = {0x80, 9, 8, 7, 6, 5}, .line = 13},
    {.initiator_name = name_ascii,
     .target = 1,
     .portal = PORTAL_IPV6,
     .isid = {0xC0, 0, 0, 0, 0, 0},
     .line = 14},
};

static struct topology mixed_topology(void)
{
    char middle[NAME_BYTES + 1 - 17 - 4] = ""; // but for what stands before and after it
    memset(middle, 'n', sizeof middle - 1);
    snprintf(name_longest, sizeof name_longest, "iqn.2024-01.test:%s\xF0\x9F\x92\xBE", middle);
    return (struct topology){
        .instance_count = 2,
        .instances = instances,
        .target_count = 3,
        .targets = targets,
        .session_count = sizeof mixed_sessions / sizeof mixed_sessions[0],
        .sessions = mixed_sessions,
    };
}

static struct emulator *start(const struct topology *topology)
{
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    int result = emulator_start(&emulator, supervisor, topology, folder, &failure);
    ck_assert_msg(result == 0, "%s", failure.text);
    return emulator;
}

static struct failure start_in_vain(const struct topology *topology, const char *named)
{
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(emulator_start(&emulator, supervisor, topology, folder, &failure), -1);
    ck_assert_ptr_null(emulator);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, named) != NULL, "\"%s\" does not say \"%s\"", failure.text,
                  named);
    ck_assert(is_empty(folder));
    return failure;
}

static void assert_verifies(struct emulator *emulator)
{
    struct failure failure = {0};
    ck_assert_msg(emulator_verify(emulator, &failure) == 0, "%s", failure.text);
}

static char *read_table(const struct emulator *emulator)
{
    char *text = calloc(1, TABLE_SIZE);
    ck_assert_ptr_nonnull(text);
    FILE *file = fopen(emulator_session_table(emulator), "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_lt(fread(text, 1, TABLE_SIZE - 1, file), TABLE_SIZE - 1);
    fclose(file);
    return text;
}

static void assert_identifiers_differ(const struct truth *truth)
{
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *one = &truth->sessions[i];
        ck_assert_uint_ne(one->adapter_unique, 0);
        for (size_t j = 0; j < i; j++) {
            const struct truth_session *other = &truth->sessions[j];
            ck_assert(one->adapter_unique != other->adapter_unique ||
                      one->adapter_specific != other->adapter_specific);
            if (one->connection_count > 0 && other->connection_count > 0)
                ck_assert(one->connections->adapter_specific !=
                          other->connections->adapter_specific);
        }
    }
}

// ---- bringing up ----

START_TEST(test_nothing)
{
    const struct topology topology = {.instance_count = 0};
    struct emulator *emulator = start(&topology);
    const struct truth *truth = emulator_truth(emulator);
    ck_assert_uint_eq(truth->generation, 1);
    ck_assert_uint_eq(truth->session_count, 0);
    char *table = read_table(emulator);
    ck_assert_str_eq(table, "iscsidsc-session-table\t1\t1\nend\t0\n");
    free(table);
    assert_verifies(emulator);
    emulator_stop(emulator);
    emulator_stop(NULL);
}
END_TEST

START_TEST(test_targets_without_sessions)
{
    struct topology topology = mixed_topology();
    topology.session_count = 0;
    struct emulator *emulator = start(&topology);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, 0);
    assert_verifies(emulator);
    emulator_stop(emulator);
}
END_TEST

// Several sessions, targets, instances, portals of both families, all forms of ISID, all kinds of
// names.
START_TEST(test_mixed)
{
    static const char *const addresses[] = {"127.0.0.1", "127.0.0.1", "127.20.30.40", "127.0.0.1",
                                            "::1"};
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    const struct truth *truth = emulator_truth(emulator);
    ck_assert_uint_eq(truth->generation, 1);
    ck_assert_uint_le(truth->began_ns, truth->settled_ns);
    ck_assert_uint_ne(truth->began_ns, 0);
    ck_assert_uint_eq(truth->session_count, topology.session_count);
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        const struct topology_session *plan = &topology.sessions[i];
        const struct topology_target *target = &topology.targets[plan->target];
        size_t count = 0;
        const struct tgtd_portal *used = emulator_portals(emulator, target->instance, &count);
        ck_assert_uint_eq(count, topology.instances[target->instance].portal_count);
        ck_assert_str_eq(session->initiator_name, plan->initiator_name);
        ck_assert_str_eq(session->target_node_name, target->name);
        ck_assert_str_eq(session->target_name, target->name);
        ck_assert_mem_eq(session->isid, plan->isid, ISID_SIZE);
        ck_assert(session->tsid[0] != 0 || session->tsid[1] != 0);
        ck_assert_uint_eq(session->connection_count, 1);
        ck_assert_str_eq(session->connections->target_address, addresses[i]);
        ck_assert_uint_eq(session->connections->target_port, used[plan->portal].port);
        ck_assert_uint_ne(session->connections->initiator_port, 0);
    }
    // Two sessions with one target: it told them apart.
    ck_assert_mem_ne(truth->sessions[0].tsid, truth->sessions[1].tsid, TSID_SIZE);
    assert_identifiers_differ(truth);
    ck_assert_str_eq(tgtd_name(emulator_instance(emulator, 1)), "two");
    assert_verifies(emulator);
    emulator_stop(emulator);
}
END_TEST

START_TEST(test_table_holds_the_truth)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    const struct truth *truth = emulator_truth(emulator);
    char *table = read_table(emulator);
    ck_assert_ptr_eq(strstr(table, "iscsidsc-session-table\t1\t1\n"), table);
    for (size_t i = 0; i < truth->session_count; i++) {
        char line[2 * NAME_BYTES + 128];
        const struct truth_session *session = &truth->sessions[i];
        snprintf(line, sizeof line, "\t%s\t%s\t%s\t", session->initiator_name,
                 session->target_node_name, session->target_name);
        ck_assert_ptr_nonnull(strstr(table, line));
        snprintf(line, sizeof line, "\t%s\t%u\t%s\t%u\t0000\n",
                 session->connections->initiator_address, session->connections->initiator_port,
                 session->connections->target_address, session->connections->target_port);
        ck_assert_ptr_nonnull(strstr(table, line));
    }
    ck_assert_ptr_nonnull(strstr(table, "\nend\t5\n"));
    free(table);
    emulator_stop(emulator);
}
END_TEST

// The same topology anew: other identifiers, so that what an implementation remembered shows.
START_TEST(test_identifiers_differ_between_runs)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    uint64_t before = emulator_truth(emulator)->sessions[0].adapter_unique;
    emulator_stop(emulator);
    emulator = start(&topology);
    ck_assert_uint_ne(before, emulator_truth(emulator)->sessions[0].adapter_unique);
    emulator_stop(emulator);
}
END_TEST

START_TEST(test_recovering)
{
    struct topology_session sessions[sizeof mixed_sessions / sizeof mixed_sessions[0]];
    struct topology topology = mixed_topology();
    memcpy(sessions, mixed_sessions, sizeof sessions);
    topology.sessions = sessions;
    sessions[0].recovering = true;
    sessions[4].recovering = true;
    struct emulator *emulator = start(&topology);
    const struct truth *truth = emulator_truth(emulator);
    ck_assert_uint_eq(truth->session_count, topology.session_count);
    for (size_t i = 0; i < truth->session_count; i++) {
        const struct truth_session *session = &truth->sessions[i];
        ck_assert_uint_eq(session->connection_count, sessions[i].recovering ? 0 : 1);
        ck_assert(session->tsid[0] != 0 || session->tsid[1] != 0);
        ck_assert_mem_eq(session->isid, sessions[i].isid, ISID_SIZE);
    }
    ck_assert_mem_ne(truth->sessions[0].tsid, truth->sessions[1].tsid, TSID_SIZE);
    assert_identifiers_differ(truth);
    assert_verifies(emulator);
    assert_verifies(emulator);
    emulator_stop(emulator);
}
END_TEST

// Every initiator name of its own, every session its ISID; more than are let in at once.
static struct topology many_topology(size_t count, char (*names)[64],
                                     struct topology_session *sessions)
{
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "iqn.2024-01.test:host-%zu", i / 10);
        sessions[i] = (struct topology_session){
            .initiator_name = names[i],
            .target = i % 3,
            .isid = {0x00, 0x02, 0x3D, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i},
            .recovering = i % 100 == 99,
            .line = i,
        };
    }
    return (struct topology){
        .instance_count = 2,
        .instances = instances,
        .target_count = 3,
        .targets = targets,
        .session_count = count,
        .sessions = sessions,
    };
}

START_TEST(test_many)
{
    char(*names)[64] = calloc(MANY_SESSIONS, sizeof *names);
    struct topology_session *sessions = calloc(MANY_SESSIONS, sizeof *sessions);
    ck_assert(names != NULL && sessions != NULL);
    const struct topology topology = many_topology(MANY_SESSIONS, names, sessions);
    struct emulator *emulator = start(&topology);
    ck_assert_uint_eq(emulator_truth(emulator)->session_count, MANY_SESSIONS);
    assert_verifies(emulator);
    emulator_stop(emulator);
    free(names);
    free(sessions);
}
END_TEST

// ---- refusals ----

START_TEST(test_acl)
{
    char *allowed[] = {name_beyond};
    struct topology_target own = targets[1];
    struct topology topology = mixed_topology();
    own.allowed_initiator_count = 1;
    own.allowed_initiators = allowed;
    topology.targets = &own;
    topology.target_count = 1;
    struct topology_session session = mixed_sessions[2];
    session.target = 0;
    topology.sessions = &session;
    topology.session_count = 1;
    struct emulator *emulator = start(&topology);
    emulator_stop(emulator);

    session.initiator_name = name_ascii;
    struct failure failure = start_in_vain(&topology, "could not log in");
    ck_assert_ptr_nonnull(strstr(failure.text, "\"tck-1\" (scenario line 12)"));
    ck_assert_ptr_nonnull(strstr(failure.text, name_ascii));
    ck_assert_ptr_nonnull(strstr(failure.text, own.name));
    ck_assert_ptr_nonnull(strstr(failure.text, "Target not found"));
    ck_assert_ptr_nonnull(strstr(failure.text, "access lists"));
    ck_assert_ptr_null(supervisor_failure(supervisor));

    // By address.
    char *addresses[] = {(char *)"127.0.0.99"};
    own.allowed_initiator_count = 0;
    own.allowed_address_count = 1;
    own.allowed_addresses = addresses;
    start_in_vain(&topology, "could not log in");
    addresses[0] = (char *)"127.0.0.0/8";
    emulator_stop(start(&topology));
}
END_TEST

START_TEST(test_bad_isid)
{
    struct topology_session session = mixed_sessions[0];
    struct topology topology = mixed_topology();
    session.isid[0] = 0x41;
    topology.sessions = &session;
    topology.session_count = 1;
    struct failure failure = start_in_vain(&topology, "41023d000001");
    ck_assert_ptr_nonnull(strstr(failure.text, "scenario line 10"));
}
END_TEST

START_TEST(test_bad_parameter)
{
    struct topology_parameter parameter = {.name = (char *)"NoSuchParameter", .value = (char *)"1"};
    struct topology_target own = targets[0];
    struct topology topology = mixed_topology();
    own.parameters = &parameter;
    topology.targets = &own;
    topology.target_count = 1;
    topology.session_count = 0;
    start_in_vain(&topology, "NoSuchParameter");
}
END_TEST

START_TEST(test_no_folder)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(
        emulator_start(&emulator, supervisor, &topology, "/nonexistent/folder", &failure), -1);
    ck_assert_ptr_nonnull(strstr(failure.text, "/nonexistent/folder"));
}
END_TEST

// The soft limit is raised as far as needed; past the hard one the failure names limit and need.
START_TEST(test_descriptor_limit)
{
    char(*names)[64] = calloc(MANY_SESSIONS, sizeof *names);
    struct topology_session *sessions = calloc(MANY_SESSIONS, sizeof *sessions);
    ck_assert(names != NULL && sessions != NULL);
    struct topology topology = many_topology(DESCRIPTORS_MANY, names, sessions);
    struct rlimit limit = {.rlim_cur = DESCRIPTORS_FEW, .rlim_max = 1024};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    emulator_stop(start(&topology));
    topology = many_topology(MANY_SESSIONS, names, sessions);
    struct failure failure = start_in_vain(&topology, "1000 connections need 1256 open files");
    ck_assert_ptr_nonnull(strstr(failure.text, "is 1024"));
    free(names);
    free(sessions);
}
END_TEST

// ---- what happens later ----

static bool never(void *argument)
{
    (void)argument;
    return false;
}

static void assert_trouble(const char *named)
{
    struct failure failure = {0};
    int result = supervisor_wait(supervisor, never, NULL, TROUBLE_TIMEOUT_MS, &failure);
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, named) != NULL, "\"%s\" does not say \"%s\"", failure.text,
                  named);
}

// The cause is named, not its effect on the sessions, though these are noticed first.
START_TEST(test_tgtd_killed)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    ck_assert_int_eq(kill(tgtd_pid(emulator_instance(emulator, 0)), SIGKILL), 0);
    assert_trouble("tgtd \"one\"");
    struct failure failure = {0};
    ck_assert_int_eq(emulator_verify(emulator, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    emulator_stop(emulator);
}
END_TEST

START_TEST(test_tgtd_killed_before_verify)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    struct failure failure = {0};
    ck_assert_int_eq(kill(tgtd_pid(emulator_instance(emulator, 1)), SIGKILL), 0);
    ck_assert_int_eq(emulator_verify(emulator, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, "tgtd \"two\"") != NULL, "%s", failure.text);
    emulator_stop(emulator);
}
END_TEST

// The connection of one session is closed from the target's side; nobody planned that.
static void close_one(struct emulator *emulator, const struct topology *topology)
{
    struct tgtd *tgtd = (struct tgtd *)emulator_instance(emulator, 1);
    const struct truth_session *session = &emulator_truth(emulator)->sessions[3];
    uint16_t tsih;
    memcpy(&tsih, session->tsid, sizeof tsih);
    ck_assert_uint_eq(topology->sessions[3].target, 2); // the only one of its instance
    ck_assert_int_eq(tgtd_delete_connection(tgtd, 1, tsih, session->connections->cid, NULL), 0);
}

START_TEST(test_session_lost)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    close_one(emulator, &topology);
    assert_trouble("session \"tck-4\" (scenario line 13)");
    emulator_stop(emulator);
}
END_TEST

START_TEST(test_session_lost_before_verify)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    struct failure failure = {0};
    close_one(emulator, &topology);
    ck_assert_int_eq(emulator_verify(emulator, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, "tck-4") != NULL, "%s", failure.text);
    emulator_stop(emulator);
}
END_TEST

static bool is_settled(void *argument)
{
    return initiator_state(argument) != INITIATOR_CONNECTING;
}

// A login beside the emulator's own, with the first target.
static struct initiator_session *log_stranger_in(struct emulator *emulator, const char *alias)
{
    size_t count = 0;
    const struct tgtd_portal *used = emulator_portals(emulator, 0, &count);
    struct initiator_session *stranger = NULL;
    struct initiator_options options = {
        .initiator_name = "iqn.2024-01.test:stranger",
        .target_name = targets[0].name,
        .alias = alias,
        .address = used[0].address,
        .port = used[0].port,
        .isid = {0x80, 1, 1, 1, 1, 1},
    };
    ck_assert_int_eq(initiator_login(&stranger, supervisor, &options, NULL), 0);
    ck_assert_int_eq(supervisor_wait(supervisor, is_settled, stranger, TROUBLE_TIMEOUT_MS, NULL),
                     0);
    ck_assert_int_eq(initiator_state(stranger), INITIATOR_LOGGED_IN);
    return stranger;
}

// A session that the emulator didn't make: both accounts are shown, whether it calls itself by the
// handle of one that it did make, by one that nobody has, or by something else.
START_TEST(test_foreign_session)
{
    static const char *const aliases[] = {"tck-2", "tck-6", "tck-02", "stranger's own"};
    const struct topology topology = mixed_topology();
    struct emulator *emulator = start(&topology);
    struct failure failure = {0};
    struct initiator_session *stranger = log_stranger_in(emulator, aliases[_i]);
    ck_assert_int_eq(emulator_verify(emulator, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_ptr_nonnull(strstr(failure.text, "do not agree"));
    ck_assert_ptr_nonnull(strstr(failure.text, "initiator's side: "));
    ck_assert_ptr_nonnull(strstr(failure.text, "target's side: "));
    ck_assert_ptr_nonnull(strstr(failure.text, "stranger"));
    initiator_destroy(stranger);
    emulator_stop(emulator);
}
END_TEST

// A signal during bring-up ends it, and everything is taken down all the same.
START_TEST(test_interrupted)
{
    const struct topology topology = mixed_topology();
    struct emulator *emulator = NULL;
    struct failure failure = {0};
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert_int_eq(emulator_start(&emulator, supervisor, &topology, folder, &failure), -1);
    ck_assert_int_eq(failure.status, 128 + SIGTERM);
    ck_assert(is_empty(folder));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("emulator");
    TCase *tests = tcase_create("emulator");
    tcase_add_checked_fixture(tests, supervised_folder_open, supervised_folder_close);
    tcase_add_test(tests, test_nothing);
    tcase_add_test(tests, test_targets_without_sessions);
    tcase_add_test(tests, test_mixed);
    tcase_add_test(tests, test_table_holds_the_truth);
    tcase_add_test(tests, test_identifiers_differ_between_runs);
    tcase_add_test(tests, test_recovering);
    tcase_add_test(tests, test_many);
    tcase_add_test(tests, test_acl);
    tcase_add_test(tests, test_bad_isid);
    tcase_add_test(tests, test_bad_parameter);
    tcase_add_test(tests, test_no_folder);
    tcase_add_test(tests, test_descriptor_limit);
    tcase_add_test(tests, test_tgtd_killed);
    tcase_add_test(tests, test_tgtd_killed_before_verify);
    tcase_add_test(tests, test_session_lost);
    tcase_add_test(tests, test_session_lost_before_verify);
    tcase_add_loop_test(tests, test_foreign_session, 0, 4);
    tcase_add_test(tests, test_interrupted);
    tcase_set_timeout(tests, 240);
    suite_add_tcase(suite, tests);
    return suite;
}
