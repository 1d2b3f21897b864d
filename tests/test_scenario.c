// SPDX-License-Identifier: Apache-2.0
// Scenario files: those that ship, what they are spelled out to, and that no other file gets
// through.
#include "conformance/base/text.h"
#include "emulator/scenario/scenario.h"
#include "emulator/scenario/scenario_file.h"
#include "emulator/scenario/yaml_tree.h"
#include "tests/main.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCENARIOS TCK_SOURCE_DIR "/scenarios"
#define MALFORMED TCK_SOURCE_DIR "/tests/malformed"
#define DOCUMENT TCK_SOURCE_DIR "/docs/scenarios.md"
#define SCHEMA TCK_SOURCE_DIR "/docs/scenario.schema.json"

// A folder for the files that a test writes, and one such file.
struct folder {
    char path[64];
    char file[96];
};

static struct folder folder_make(void)
{
    struct folder folder = {.path = "/tmp/test_scenario.XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(folder.path));
    snprintf(folder.file, sizeof folder.file, "%s/file.yaml", folder.path);
    return folder;
}

static void folder_remove(const struct folder *folder)
{
    unlink(folder->file);
    ck_assert_int_eq(rmdir(folder->path), 0);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd) != 0)
        ck_abort_msg("%s: can't write it", path);
}

static char *read_text(const char *path, size_t *size)
{
    enum { SIZE_LIMIT = 1 << 20 };
    char *text = malloc(SIZE_LIMIT);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(file != NULL, "%s: can't open it", path);
    *size = fread(text, 1, SIZE_LIMIT - 1, file);
    text[*size] = '\0';
    fclose(file);
    return text;
}

static struct scenario *load_ok(const char *path)
{
    struct failure failure = {0};
    struct scenario *scenario = NULL;
    int result = scenario_load(&scenario, path, &failure);
    ck_assert_msg(result == 0, "%s", failure.text);
    return scenario;
}

static struct scenario *load_text(const char *text)
{
    struct folder folder = folder_make();
    write_file(folder.file, text, strlen(text));
    struct scenario *scenario = load_ok(folder.file);
    folder_remove(&folder);
    return scenario;
}

// Check notes each assertion in a file: too slow for what is asked a million times.
static void demand(bool holds, const char *what)
{
    if (!holds)
        ck_abort_msg("%s", what);
}

static bool sessions_differ(const struct topology_session *a, const struct topology_session *b)
{
    return a->target != b->target || memcmp(a->isid, b->isid, 6) != 0 ||
           strcmp(a->initiator_name, b->initiator_name) != 0;
}

static void check_sessions(const struct topology *topology)
{
    for (size_t i = 0; i < topology->session_count; i++) {
        const struct topology_session *session = &topology->sessions[i];
        char problem[TOPOLOGY_PROBLEM_SIZE];
        demand(topology_check_initiator_name(session->initiator_name, problem) == 0,
               "a good initiator name");
        demand(topology_check_isid(session->isid, problem) == 0, "a good ISID");
        demand(session->target < topology->target_count, "a session's target exists");
        size_t instance = topology->targets[session->target].instance;
        demand(session->portal < topology->instances[instance].portal_count,
               "a session's portal exists");
        demand(session->line > 0, "a session has a line");
        for (size_t j = 0; j < i && topology->session_count < 1000; j++)
            demand(session->later || sessions_differ(session, &topology->sessions[j]),
                   "no session reinstates");
    }
}

static void check_further(const struct topology *topology, const struct topology_session *session)
{
    const struct topology_target *target = &topology->targets[session->target];
    size_t home = target->redirect.is ? target->redirect.instance : target->instance;
    demand(home < topology->instance_count, "a redirection's instance exists");
    demand(session->further_count < TOPOLOGY_CONNECTIONS_MAX, "not too many connections");
    for (size_t i = 0; i < session->further_count; i++) {
        demand(session->further[i].portal < topology->instances[home].portal_count,
               "a connection's portal exists");
        demand(session->further[i].cid != 0, "CID 0 is the first connection's");
        for (size_t j = 0; j < i; j++)
            demand(session->further[i].cid != session->further[j].cid, "CIDs differ");
    }
}

static void check_unlisted(const struct topology *topology)
{
    for (size_t i = 0; i < topology->session_count; i++) {
        demand(topology->sessions[i].kind == SESSION_ACTIVE, "an active session");
        check_further(topology, &topology->sessions[i]);
    }
    for (size_t i = 0; i < topology->unlisted_count; i++) {
        const struct topology_session *session = &topology->unlisted[i];
        demand(session->kind != SESSION_ACTIVE, "no session of the list");
        demand(session->further_count == 0, "it has no further connections");
        demand(!session->recovering, "it does not recover");
        demand(session->target < topology->target_count, "its target exists");
    }
}

static void check_instance(const struct topology_instance *instance)
{
    demand(instance->name[0] != '\0', "an instance has a name");
    demand(instance->portal_count > 0, "an instance has a portal");
    for (size_t i = 0; i < instance->portal_count; i++) {
        char problem[TOPOLOGY_PROBLEM_SIZE];
        char canonical[64];
        const char *address = instance->portals[i].address;
        demand(topology_check_address(address, canonical, problem) == 0, "a good address");
        demand(strcmp(address, canonical) == 0, "a canonical address");
    }
}

// What every topology that was ever returned must fulfil.
static void check_topology(const struct topology *topology)
{
    char problem[TOPOLOGY_PROBLEM_SIZE];
    demand(topology->instance_count > 0, "there is an instance");
    for (size_t i = 0; i < topology->instance_count; i++)
        check_instance(&topology->instances[i]);
    demand(topology->target_count > 0, "there is a target");
    demand(topology->target_count <= TOPOLOGY_TARGETS_MAX, "not too many targets");
    demand(topology->session_count <= TOPOLOGY_SESSIONS_MAX, "not too many sessions");
    for (size_t i = 0; i < topology->target_count; i++) {
        const struct topology_target *target = &topology->targets[i];
        demand(topology_check_target_name(target->name, problem) == 0, "a good target name");
        demand(target->instance < topology->instance_count, "a target's instance exists");
        for (size_t j = 0; j < i && topology->target_count < 1000; j++)
            demand(strcmp(target->name, topology->targets[j].name) != 0, "target names differ");
    }
    check_sessions(topology);
    check_unlisted(topology);
}

static bool ends_in_yaml(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".yaml") == 0;
}

// The files that ship.

static const struct {
    const char *name;
    size_t instances;
    size_t targets;
    size_t sessions;
} shipped[] = {
    // In the order in which the standard set runs: by the number of sessions, then by name.
    {"empty", 1, 1, 0},
    {"connections-4", 1, 1, 1},
    {"single", 1, 1, 1},
    {"chap-mutual", 1, 1, 2},
    {"cids-not-contiguous", 1, 1, 2},
    {"discovery-beside", 1, 1, 2},
    {"events-connections", 1, 1, 2},
    {"login-refused", 1, 1, 2},
    {"cids-above-255", 1, 1, 3},
    {"events-recovery", 1, 1, 3},
    {"events-target-hangs", 2, 2, 3},
    {"header-digest", 1, 2, 3},
    {"names-223", 1, 3, 3},
    {"recovering", 1, 1, 3},
    {"acl", 1, 3, 4},
    {"eui-names", 1, 3, 4},
    {"luns", 1, 3, 4},
    {"names-in-capitals", 1, 3, 4},
    {"events-given-up", 1, 1, 5},
    {"one-target-several-sessions", 1, 1, 5},
    {"redirected", 2, 3, 5},
    {"events-failover", 2, 2, 6},
    {"events-sessions", 1, 3, 6},
    {"several-portals", 2, 2, 6},
    {"several-targets", 1, 6, 6},
    {"chap", 1, 3, 7},
    {"mixed", 1, 3, 7},
    {"non-ascii-initiators", 1, 3, 7},
    {"events-target-deleted", 1, 4, 8},
    {"ipv6", 1, 2, 8},
    {"connections-1-2-4-8", 1, 2, 10},
    {"several-initiators", 1, 3, 11},
    {"several-instances", 4, 6, 12},
    {"scripts", 1, 3, 13},
    {"isid-forms", 1, 1, 18},
    {"name-lengths", 1, 21, 21},
    {"many-targets", 1, 24, 24},
    {"sessions-64", 1, 8, 64},
    {"sessions-257", 1, 1, 257},
};

START_TEST(standard_set_is_the_shipped_one)
{
    struct failure failure = {0};
    struct scenario **scenarios = NULL;
    size_t count = 0;
    int result = scenario_load_set(&scenarios, &count, SCENARIOS, "standard", &failure);
    ck_assert_msg(result == 0, "%s", failure.text);
    ck_assert_uint_eq(count, sizeof shipped / sizeof shipped[0]);
    for (size_t i = 0; i < count; i++) {
        const struct topology *topology = &scenarios[i]->topology;
        ck_assert_str_eq(scenarios[i]->name, shipped[i].name);
        ck_assert_str_eq(scenarios[i]->set, "standard");
        ck_assert_uint_eq(topology->instance_count, shipped[i].instances);
        ck_assert_uint_eq(topology->target_count, shipped[i].targets);
        ck_assert_uint_eq(topology->session_count, shipped[i].sessions);
        ck_assert_uint_eq(strlen(scenarios[i]->digest), 16);
        ck_assert_ptr_null(strchr(scenarios[i]->summary, '\n'));
        ck_assert_ptr_null(strchr(scenarios[i]->why, '\n'));
        check_topology(topology);
        scenario_free(scenarios[i]);
    }
    free(scenarios);
}
END_TEST

static struct scenario *find_shipped(const char *name)
{
    struct failure failure = {0};
    struct scenario *scenario = NULL;
    int result = scenario_find(&scenario, SCENARIOS, name, &failure);
    ck_assert_msg(result == 0, "%s", failure.text);
    return scenario;
}

START_TEST(long_names_are_at_the_limit)
{
    struct scenario *scenario = find_shipped("names-223");
    const struct topology *topology = &scenario->topology;
    ck_assert_uint_eq(strlen(topology->sessions[0].initiator_name), 223);
    ck_assert_uint_eq(strlen(topology->targets[0].name), 223);
    ck_assert_uint_eq(strlen(topology->targets[1].name), 223);
    ck_assert_uint_eq(strlen(topology->targets[2].name), 222);
    ck_assert_int_eq(strncmp(topology->targets[0].name, topology->targets[1].name, 222), 0);
    ck_assert_int_eq(strncmp(topology->targets[0].name, topology->targets[2].name, 222), 0);
    scenario_free(scenario);
}
END_TEST

START_TEST(names_outside_the_bmp_ship)
{
    struct scenario *scenario = find_shipped("non-ascii-initiators");
    bool beyond = false;
    for (size_t i = 0; i < scenario->topology.session_count; i++) {
        const char *name = scenario->topology.sessions[i].initiator_name;
        size_t size = strlen(name);
        uint32_t code_point = 0;
        for (size_t at = 0; at < size;) {
            at += utf8_decode((const uint8_t *)name + at, size - at, &code_point);
            beyond = beyond || code_point > 0xFFFF;
        }
    }
    ck_assert(beyond);
    scenario_free(scenario);
}
END_TEST

START_TEST(one_session_recovers)
{
    struct scenario *scenario = find_shipped("recovering");
    ck_assert(!scenario->topology.sessions[0].recovering);
    ck_assert(scenario->topology.sessions[1].recovering);
    ck_assert(!scenario->topology.sessions[2].recovering);
    scenario_free(scenario);
}
END_TEST

// What files are spelled out to.

#define HEAD "name: x\nsummary: S.\nwhy: W.\n"
#define TARGET "targets:\n  - id: t\n    name: iqn.2004-01.a:t\n"
#define INITIATOR "initiators:\n  - id: i\n    name: iqn.2004-01.a:i\n"

START_TEST(defaults_are_as_documented)
{
    struct scenario *scenario =
        load_text(HEAD TARGET INITIATOR "sessions:\n  - initiator: i\n    target: t\n");
    const struct topology *topology = &scenario->topology;
    ck_assert_str_eq(scenario->set, "standard");
    ck_assert_str_eq(topology->instances[0].name, "default");
    ck_assert_uint_eq(topology->instances[0].portal_count, 1);
    ck_assert_str_eq(topology->instances[0].portals[0].address, "127.0.0.1");
    ck_assert_uint_eq(topology->instances[0].portals[0].port, 0);
    ck_assert_uint_eq(topology->targets[0].lun_count, 1);
    ck_assert_uint_eq(topology->targets[0].parameter_count, 0);
    ck_assert_uint_eq(topology->targets[0].allowed_initiator_count, 0);
    ck_assert_uint_eq(topology->targets[0].allowed_address_count, 0);
    ck_assert_uint_eq(topology->session_count, 1);
    ck_assert_mem_eq(topology->sessions[0].isid, "\x00\x02\x3d\x00\x00\x01", 6);
    ck_assert(!topology->sessions[0].recovering);
    ck_assert_uint_eq(topology->sessions[0].line, 11);
    check_topology(topology);
    scenario_free(scenario);
}
END_TEST

START_TEST(texts_lose_their_last_line_ends)
{
    struct scenario *scenario = load_text("name: x\nsummary: >\n  One\n  sentence.\n"
                                          "why: |\n  Two\n  lines.\n\n" TARGET);
    ck_assert_str_eq(scenario->summary, "One sentence.");
    ck_assert_str_eq(scenario->why, "Two\nlines.");
    scenario_free(scenario);
}
END_TEST

// A session as text, to compare: "i>t portal isid".
static void describe(const struct topology *topology, size_t index, char *text, size_t size)
{
    const struct topology_session *session = &topology->sessions[index];
    const struct topology_target *target = &topology->targets[session->target];
    const uint8_t *isid = session->isid;
    snprintf(text, size, "%s>%s %zu %02x%02x%02x%02x%02x%02x",
             strchr(session->initiator_name, ':') + 1, strchr(target->name, ':') + 1,
             session->portal, isid[0], isid[1], isid[2], isid[3], isid[4], isid[5]);
}

static void check_described(const struct topology *topology, const char *const *expected,
                            size_t count)
{
    ck_assert_uint_eq(topology->session_count, count);
    for (size_t i = 0; i < count; i++) {
        char text[128];
        describe(topology, i, text, sizeof text);
        ck_assert_str_eq(text, expected[i]);
    }
}

START_TEST(sessions_are_spelled_out_in_order)
{
    static const char *const expected[] = {
        "h1>d1-1 0 00023d000001", "h1>d1-1 1 00023d000002", "h1>d2-2 2 00023d000003",
        "h1>d2-2 0 00023d000004", "h2>d1-1 1 00023d000005", "h2>d1-1 2 00023d000006",
        "h2>d2-2 0 00023d000007", "h2>d2-2 1 00023d000008", "h1>d1-1 2 40007ed90009",
        "h1>d2-2 2 40007ed9000a", "h2>d1-1 2 40007ed9000b", "h2>d2-2 2 40007ed9000c",
    };
    struct scenario *scenario =
        load_text(HEAD "instances:\n  - name: a\n    portals:\n      - address: 127.0.0.1\n"
                       "      - address: ::1\n      - address: 127.1.2.3\n"
                       "targets:\n  - id: d\n    pattern: iqn.2004-01.a:d{n}-{n}\n    count: 2\n"
                       "initiators:\n  - id: h\n    pattern: iqn.2004-01.a:h{n}\n    count: 2\n"
                       "sessions:\n  - {initiator: h, target: d, count: 2, portal: each}\n"
                       "  - {initiator: h, target: d, portal: 127.1.2.3, isid: en}\n");
    check_topology(&scenario->topology);
    check_described(&scenario->topology, expected, sizeof expected / sizeof expected[0]);
    scenario_free(scenario);
}
END_TEST

START_TEST(isids_of_every_form)
{
    static const char *const expected[] = {
        "i>t 0 00023d000001", "i>t 0 40007ed90002", "i>t 0 80e7e2caf232",
        "i>t 0 c00000000000", "i>t 0 3fffffffffff", "i>t 0 40abcdef00ff",
        "i>t 0 40abcdef0100", "i>t 0 40abcdef0101", "i>t 0 800000000000",
    };
    struct scenario *scenario = load_text(
        HEAD TARGET INITIATOR "sessions:\n"
                              "  - {initiator: i, target: t, isid: oui}\n"
                              "  - {initiator: i, target: t, isid: en}\n"
                              "  - {initiator: i, target: t, isid: random}\n"
                              "  - {initiator: i, target: t, isid: reserved}\n"
                              "  - {initiator: i, target: t, isid: 3fffffffffff}\n"
                              "  - {initiator: i, target: t, isid: 40ABCDEF00ff, count: 3}\n"
                              "  - {initiator: i, target: t, isid: \"800000000000\"}\n");
    check_described(&scenario->topology, expected, sizeof expected / sizeof expected[0]);
    scenario_free(scenario);
}
END_TEST

START_TEST(an_isid_may_be_shared_by_targets_and_initiators)
{
    struct scenario *scenario =
        load_text(HEAD "targets:\n  - pattern: iqn.2004-01.a:t{n}\n    id: t\n    count: 3\n"
                       "initiators:\n  - pattern: iqn.2004-01.a:i{n}\n    id: i\n    count: 3\n"
                       "sessions:\n  - {initiator: i, target: t, isid: reserved}\n");
    ck_assert_uint_eq(scenario->topology.session_count, 9);
    check_topology(&scenario->topology);
    scenario_free(scenario);
}
END_TEST

static int compare_isids(const void *a, const void *b)
{
    return memcmp(a, b, 6);
}

START_TEST(numbered_isids_all_differ)
{
    static uint8_t isids[TOPOLOGY_SESSIONS_MAX][6];
    for (enum isid_form form = ISID_OUI; form <= ISID_RANDOM; form++) {
        char problem[TOPOLOGY_PROBLEM_SIZE];
        for (uint32_t i = 0; i < TOPOLOGY_SESSIONS_MAX; i++) {
            topology_isid(form, i + 1, isids[i]);
            ck_assert_int_eq(isids[i][0] >> 6, (int)form);
            ck_assert_int_eq(topology_check_isid(isids[i], problem), 0);
        }
        qsort(isids, TOPOLOGY_SESSIONS_MAX, sizeof isids[0], compare_isids);
        for (size_t i = 1; i < TOPOLOGY_SESSIONS_MAX; i++)
            ck_assert_mem_ne(isids[i - 1], isids[i], 6);
    }
}
END_TEST

START_TEST(targets_carry_parameters_and_acls)
{
    struct scenario *scenario = load_text(
        HEAD "targets:\n  - id: t\n    name: naa.52004567BA64678D\n    luns: 0\n"
             "    parameters: {nop_count: 0, MaxConnections: 8, HeaderDigest: \"CRC32C,None\"}\n"
             "    allow: {initiators: [h, i], addresses: [ALL, 127.0.0.1, \"::1/128\"]}\n"
             "initiators:\n  - id: i\n    name: iqn.2004-01.a:i\n"
             "  - id: h\n    pattern: iqn.2004-01.a:h{n}\n    count: 2\n");
    const struct topology_target *target = &scenario->topology.targets[0];
    ck_assert_uint_eq(target->lun_count, 0);
    ck_assert_uint_eq(target->parameter_count, 3);
    ck_assert_str_eq(target->parameters[0].name, "MaxConnections");
    ck_assert_str_eq(target->parameters[0].value, "8");
    ck_assert_str_eq(target->parameters[1].name, "HeaderDigest");
    ck_assert_str_eq(target->parameters[1].value, "CRC32C,None");
    ck_assert_uint_eq(target->allowed_initiator_count, 3);
    ck_assert_str_eq(target->allowed_initiators[0], "iqn.2004-01.a:h1");
    ck_assert_str_eq(target->allowed_initiators[2], "iqn.2004-01.a:i");
    ck_assert_uint_eq(target->allowed_address_count, 3);
    ck_assert_str_eq(target->allowed_addresses[2], "::1/128");
    scenario_free(scenario);
}
END_TEST

// Who is let in is read from the file: a session that is not is an error, and so is a refused login
// that is.
START_TEST(allow_is_read)
{
    static const struct {
        const char *allow;
        const char *portal;
        bool let_in; // what a session may expect
        bool refused;
    } rows[] = {
        {"initiators: [h]", "127.0.0.2", false, true},
        {"initiators: [h, i]", "127.0.0.2", true, false},
        {"initiators: [h], addresses: [127.0.0.1]", "127.0.0.2", true, false},
        {"initiators: [h], addresses: [127.0.0.1]", "\"::1\"", false, true},
        {"addresses: [127.0.0.2]", "127.0.0.2", false, true},
        {"addresses: [ALL]", "\"::1\"", true, false},
        {"addresses: [127.0.0.0/8]", "127.0.0.2", true, false},
        {"addresses: [127.0.0.0/31]", "127.0.0.2", true, false},
        {"addresses: [126.0.0.0/7]", "127.0.0.2", true, false},
        {"addresses: [127.0.0.9/8]", "127.0.0.2", false, true},
        {"addresses: [10.0.0.0/8, \"::1\"]", "127.0.0.2", false, true},
        {"addresses: [10.0.0.0/8, \"::1\"]", "\"::1\"", true, false},
        {"addresses: [\"0::0:1\"]", "\"::1\"", true, false},
        // What tgtd makes of these is not foretold.
        {"addresses: [127.0.0.1/32]", "127.0.0.2", true, true},
        {"addresses: [0.0.0.0/0]", "127.0.0.2", true, true},
        {"addresses: [\"::/64\"]", "127.0.0.2", true, true},
        {"addresses: [\"::1/128\"]", "\"::1\"", true, true},
    };
    struct folder folder = folder_make();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] * 2; i++) {
        bool refused = i % 2 != 0;
        struct scenario *scenario = NULL;
        struct failure failure = {0};
        char text[1024];
        snprintf(text, sizeof text,
                 HEAD
                 "instances:\n  - {name: a, portals: [{address: 127.0.0.2}, {address: \"::1\"}]}\n"
                 "targets:\n  - {id: t, name: \"iqn.2004-01.a:t\", allow: {%s}}\n"
                 "initiators:\n  - {id: h, name: \"iqn.2004-01.a:h\"}\n"
                 "  - {id: i, name: \"iqn.2004-01.a:i\"}\n"
                 "sessions:\n  - {initiator: i, target: t, portal: %s, refused: %s}\n",
                 rows[i / 2].allow, rows[i / 2].portal, refused ? "true" : "false");
        write_file(folder.file, text, strlen(text));
        int result = scenario_load(&scenario, folder.file, &failure);
        bool good = refused ? rows[i / 2].refused : rows[i / 2].let_in;
        ck_assert_msg((result == 0) == good, "%s: %s", text, failure.text);
        if (result != 0)
            ck_assert_ptr_nonnull(
                strstr(failure.text, refused ? "nobody refuses this" : "does not allow"));
        scenario_free(scenario);
    }
    folder_remove(&folder);
}
END_TEST

START_TEST(the_greatest_scenario_loads)
{
    struct scenario *scenario =
        load_text(HEAD "targets:\n  - pattern: iqn.2004-01.a:t{n}\n    id: t\n    count: 10000\n"
                       "initiators:\n  - pattern: iqn.2004-01.a:i{n}\n    id: i\n    count: 2\n"
                       "sessions:\n  - {initiator: i, target: t}\n");
    ck_assert_uint_eq(scenario->topology.target_count, TOPOLOGY_TARGETS_MAX);
    ck_assert_uint_eq(scenario->topology.session_count, TOPOLOGY_SESSIONS_MAX);
    ck_assert_str_eq(scenario->topology.targets[9999].name, "iqn.2004-01.a:t10000");
    check_topology(&scenario->topology);
    scenario_free(scenario);
}
END_TEST

// Each YAML block of the page that is a whole scenario loads; returns the number of its sessions.
static size_t load_block(const char *begin, size_t size)
{
    struct folder folder = folder_make();
    write_file(folder.file, begin, size);
    struct scenario *scenario = load_ok(folder.file);
    check_topology(&scenario->topology);
    size_t count = scenario->topology.session_count;
    scenario_free(scenario);
    folder_remove(&folder);
    return count;
}

START_TEST(the_examples_in_the_document_load)
{
    static const char opening[] = "```yaml\n";
    static const size_t expected[] = {2, 27};
    size_t size = 0;
    size_t blocks = 0;
    char *text = read_text(DOCUMENT, &size);
    for (const char *at = text; (at = strstr(at, opening)) != NULL; blocks++) {
        at += strlen(opening);
        const char *end = strstr(at, "```");
        ck_assert_ptr_nonnull(end);
        ck_assert_uint_lt(blocks, sizeof expected / sizeof expected[0]);
        ck_assert_uint_eq(load_block(at, (size_t)(end - at)), expected[blocks]);
    }
    ck_assert_uint_eq(blocks, sizeof expected / sizeof expected[0]);
    free(text);
}
END_TEST

// The document's first example with the mistake that it shows: "disc" for a target's id. The place
// and the words are those of the document.
START_TEST(the_mistake_in_the_document_is_told_so)
{
    static const char right[] = "target: disk\n";
    struct failure failure = {0};
    struct scenario *scenario = NULL;
    struct folder folder = folder_make();
    size_t size = 0;
    char *text = read_text(DOCUMENT, &size);
    char *begin = strstr(text, "```yaml\n") + strlen("```yaml\n");
    char *mistake = strstr(begin, right);
    ck_assert_ptr_nonnull(mistake);
    mistake[strlen(right) - 2] = 'c';
    write_file(folder.file, begin, (size_t)(strstr(begin, "```") - begin));
    ck_assert_int_eq(scenario_load(&scenario, folder.file, &failure), -1);
    char told[700];
    snprintf(told, sizeof told, "scenarios/two-paths.yaml%s\n", failure.text + strlen(folder.file));
    ck_assert_msg(strstr(text, told) != NULL, "not in the document: %s", told);
    folder_remove(&folder);
    free(text);
}
END_TEST

// Further connections, secrets, redirections, and logins that become no sessions.

START_TEST(connections_take_the_next_portals)
{
    struct scenario *scenario = load_text(
        HEAD "instances:\n  - name: a\n    portals:\n      - address: 127.0.0.1\n"
             "      - address: ::1\n      - address: 127.1.2.3\n" TARGET INITIATOR "sessions:\n"
             "  - {initiator: i, target: t, portal: \"::1\", connections: 4}\n"
             "  - {initiator: i, target: t, further: [{cid: 513},"
             " {cid: 7, portal: 127.0.0.1}]}\n"
             "  - {initiator: i, target: t, connections: 1}\n");
    const struct topology *topology = &scenario->topology;
    check_topology(topology);
    ck_assert_uint_eq(topology->session_count, 3);
    ck_assert_uint_eq(topology->sessions[0].further_count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(topology->sessions[0].further[i].cid, i + 1);
        ck_assert_uint_eq(topology->sessions[0].further[i].portal, (i + 2) % 3);
    }
    ck_assert_uint_eq(topology->sessions[1].further_count, 2);
    ck_assert_uint_eq(topology->sessions[1].further[0].cid, 513);
    ck_assert_uint_eq(topology->sessions[1].further[0].portal, 1);
    ck_assert_uint_eq(topology->sessions[1].further[1].cid, 7);
    ck_assert_uint_eq(topology->sessions[1].further[1].portal, 0);
    ck_assert_uint_eq(topology->sessions[2].further_count, 0);
    scenario_free(scenario);
}
END_TEST

START_TEST(secrets_come_from_initiator_or_session)
{
    struct scenario *scenario = load_text(
        HEAD "targets:\n  - {id: t, name: iqn.2004-01.a:t, chap: {user: u, password: p},"
             " mutual: {user: m, password: q}}\n"
             "initiators:\n  - {id: i, name: iqn.2004-01.a:i, chap: {user: u, password: p}}\n"
             "sessions:\n  - {initiator: i, target: t}\n"
             "  - {initiator: i, target: t, mutual: {user: m, password: q}}\n"
             "  - {initiator: i, target: t, chap: {user: u, password: x}, refused: true}\n"
             "  - {initiator: i, target: t, type: discovery, count: 2}\n"
             "  - {initiator: i, target: t, header_digest: CRC32C}\n");
    const struct topology *topology = &scenario->topology;
    check_topology(topology);
    ck_assert_str_eq(topology->targets[0].chap.password, "p");
    ck_assert_str_eq(topology->targets[0].mutual.user, "m");
    ck_assert_uint_eq(topology->session_count, 3);
    ck_assert_str_eq(topology->sessions[0].chap.password, "p");
    ck_assert_ptr_null(topology->sessions[0].mutual.user);
    ck_assert_str_eq(topology->sessions[1].mutual.password, "q");
    ck_assert(topology->sessions[2].header_digest && !topology->sessions[0].header_digest);
    ck_assert_uint_eq(topology->unlisted_count, 3);
    ck_assert_int_eq(topology->unlisted[0].kind, SESSION_REFUSED);
    ck_assert_str_eq(topology->unlisted[0].chap.password, "x");
    ck_assert_int_eq(topology->unlisted[2].kind, SESSION_DISCOVERY);
    // Numbered through the file, whatever becomes of them.
    ck_assert_uint_eq(topology->unlisted[0].isid[5], 3);
    ck_assert_uint_eq(topology->sessions[2].isid[5], 6);
    scenario_free(scenario);
}
END_TEST

START_TEST(a_redirection_leads_to_another_instance)
{
    struct scenario *scenario = find_shipped("redirected");
    const struct topology_target *moved = &scenario->topology.targets[0];
    const struct topology_target *gone = &scenario->topology.targets[1];
    ck_assert(moved->redirect.is && gone->redirect.is);
    ck_assert(!moved->redirect.permanent && gone->redirect.permanent);
    ck_assert_uint_eq(moved->instance, 0);
    ck_assert_uint_eq(moved->redirect.instance, 1);
    ck_assert_uint_eq(gone->redirect.portal, 1);
    ck_assert(!scenario->topology.targets[2].redirect.is);
    scenario_free(scenario);
}
END_TEST

// The schema for editors.

struct known_keys {
    json_t *schema;
    size_t count;
};

// Follows references within the schema.
static const json_t *resolve(const json_t *schema, const json_t *node)
{
    static const char opening[] = "#/$defs/";
    const char *reference = json_string_value(json_object_get(node, "$ref"));
    if (reference == NULL)
        return node;
    ck_assert_msg(strncmp(reference, opening, strlen(opening)) == 0, "%s", reference);
    node = json_object_get(json_object_get(schema, "$defs"), reference + strlen(opening));
    ck_assert_msg(node != NULL, "%s leads nowhere", reference);
    return node;
}

// The properties of the mapping at `path` ("sessions[].further[]").
static const json_t *properties_at(const json_t *schema, const char *path)
{
    const json_t *node = schema;
    while (*path != '\0') {
        char key[64];
        size_t length = strcspn(path, "[.");
        snprintf(key, sizeof key, "%.*s", (int)length, path);
        node = resolve(schema, json_object_get(json_object_get(node, "properties"), key));
        path += length;
        if (strncmp(path, "[]", 2) == 0) {
            node = resolve(schema, json_object_get(node, "items"));
            path += 2;
        }
        path += *path == '.';
    }
    ck_assert(json_is_false(json_object_get(node, "additionalProperties")));
    return json_object_get(node, "properties");
}

static void visit_key(const char *path, const char *key, void *argument)
{
    struct known_keys *known = argument;
    const json_t *properties = properties_at(known->schema, path);
    ck_assert_msg(json_object_get(properties, key) != NULL, "the schema has no \"%s\" in \"%s\"",
                  key, path);
    known->count++;
}

// All keys of all mappings of the schema, however deep.
static size_t count_keys(const json_t *schema, const json_t *node)
{
    const char *key = NULL;
    json_t *value = NULL;
    size_t count = 0;
    node = resolve(schema, node);
    if (json_object_get(node, "items") != NULL)
        return count_keys(schema, json_object_get(node, "items"));
    json_object_foreach(json_object_get(node, "properties"), key, value) count +=
        1 + count_keys(schema, value);
    return count;
}

START_TEST(the_json_schema_has_the_same_keys)
{
    json_error_t error;
    struct known_keys known = {.schema = json_load_file(SCHEMA, 0, &error)};
    ck_assert_msg(known.schema != NULL, "%s:%d: %s", SCHEMA, error.line, error.text);
    scenario_file_keys(visit_key, &known);
    ck_assert_uint_gt(known.count, 60);
    ck_assert_uint_eq(count_keys(known.schema, known.schema), known.count);
    json_decref(known.schema);
}
END_TEST

START_TEST(shipped_files_fit_the_json_schema)
{
    // NOLINTNEXTLINE(cert-env33-c): as a person would type it
    int status = system("exec python3 " TCK_SOURCE_DIR "/tests/scenarios.py " SCHEMA " " SCENARIOS
                        "/*.yaml");
    ck_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        return; // it said what is missing
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

// Files that don't get through.

// The file's first line says "# expect: LINE:COLUMN: part of the message".
static void check_malformed(const char *path)
{
    static const char opening[] = "# expect: ";
    struct failure failure = {0};
    struct scenario *scenario = NULL;
    size_t size = 0;
    char *text = read_text(path, &size);
    text[strcspn(text, "\n")] = '\0';
    ck_assert_msg(strncmp(text, opening, strlen(opening)) == 0, "%s: no \"# expect: \"", path);
    char *part = strstr(text + strlen(opening), ": ");
    ck_assert_msg(part != NULL, "%s: no message in \"# expect: \"", path);
    *part = '\0';

    int result = scenario_load(&scenario, path, &failure);
    char place[600];
    snprintf(place, sizeof place, "%s:%s: ", path, text + strlen(opening));
    ck_assert_msg(result == -1, "%s: loaded", path);
    ck_assert_ptr_null(scenario);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_msg(strncmp(failure.text, place, strlen(place)) == 0, "got \"%s\", expected \"%s\"",
                  failure.text, place);
    ck_assert_msg(strstr(failure.text + strlen(place), part + 2) != NULL,
                  "got \"%s\", expected \"%s\" in it", failure.text, part + 2);
    ck_assert_ptr_null(strchr(failure.text, '\n'));
    free(text);
}

START_TEST(malformed_files_are_refused_with_the_place)
{
    size_t count = 0;
    DIR *directory = opendir(MALFORMED);
    ck_assert_ptr_nonnull(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[512];
        if (!ends_in_yaml(entry->d_name))
            continue;
        snprintf(path, sizeof path, "%s/%s", MALFORMED, entry->d_name);
        check_malformed(path);
        count++;
    }
    closedir(directory);
    ck_assert_uint_ge(count, 15);
}
END_TEST

static void check_refused(const char *path, const char *part)
{
    struct failure failure = {0};
    struct scenario *scenario = NULL;
    ck_assert_int_eq(scenario_load(&scenario, path, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_msg(strncmp(failure.text, path, strlen(path)) == 0, "%s", failure.text);
    ck_assert_msg(strstr(failure.text, part) != NULL, "got \"%s\", expected \"%s\" in it",
                  failure.text, part);
}

START_TEST(what_is_no_scenario_file_is_refused)
{
    enum { SIZE = (1 << 20) + 1 };
    struct folder folder = folder_make();
    check_refused(folder.file, "No such file");
    check_refused(folder.path, "not a file");
    ck_assert_int_eq(mkfifo(folder.file, 0600), 0);
    check_refused(folder.file, "not a file");
    unlink(folder.file);
    write_file(folder.file, "", 0);
    check_refused(folder.file, ":1:1: nothing in it");

    char *text = malloc(SIZE);
    ck_assert_ptr_nonnull(text);
    memset(text, '#', SIZE);
    write_file(folder.file, text, SIZE);
    check_refused(folder.file, "larger than 1 MiB");
    write_file(folder.file, text, SIZE - 1);
    check_refused(folder.file, ":1:1: nothing in it");
    memset(text, '[', SIZE);
    write_file(folder.file, text, SIZE - 1);
    check_refused(folder.file, "nested more than 16 deep");
    for (size_t i = 0; i < SIZE; i++)
        text[i] = "- \n"[i % 3];
    static const char head[] = HEAD "targets:\n";
    for (size_t i = 0; head[i] != '\0'; i++)
        text[i] = head[i];
    write_file(folder.file, text, SIZE - 1);
    check_refused(folder.file, ":");
    free(text);
    folder_remove(&folder);
}
END_TEST

// A file with every key, small, to be damaged.
static char *whole_file(size_t *size)
{
    char *text = read_text(DOCUMENT, size);
    char *begin = strstr(text, "```yaml\nname: everything");
    ck_assert_ptr_nonnull(begin);
    begin += strlen("```yaml\n");
    const char *end = strstr(begin, "```");
    ck_assert_ptr_nonnull(end);
    *size = (size_t)(end - begin);
    memmove(text, begin, *size);
    text[*size] = '\0';
    return text;
}

// Whatever is in the file: loaded, it is consistent; refused, the message has file, line and
// column.
static void check_either_way(const char *path)
{
    struct failure failure = {0};
    struct scenario *scenario = NULL;
    if (scenario_load(&scenario, path, &failure) == 0) {
        check_topology(&scenario->topology);
        scenario_free(scenario);
        return;
    }
    char *place = failure.text + strlen(path);
    demand(scenario == NULL, "nothing is returned with a failure");
    demand(failure.status == STATUS_USAGE, "the status is that of wrong input");
    demand(strncmp(failure.text, path, strlen(path)) == 0, failure.text);
    demand(place[0] == ':', failure.text);
    unsigned long line = strtoul(place + 1, &place, 10);
    demand(line > 0 && place[0] == ':', failure.text);
    unsigned long column = strtoul(place + 1, &place, 10);
    demand(column > 0 && strncmp(place, ": ", 2) == 0, failure.text);
    demand(strchr(failure.text, '\n') == NULL, failure.text);
}

START_TEST(files_cut_short_at_every_byte)
{
    size_t size = 0;
    char *text = whole_file(&size);
    struct folder folder = folder_make();
    for (size_t length = 0; length <= size; length++) {
        write_file(folder.file, text, length);
        check_either_way(folder.file);
    }
    folder_remove(&folder);
    free(text);
}
END_TEST

START_TEST(files_with_every_byte_changed)
{
    static const char others[] = "\n:9-[{ \x80";
    size_t size = 0;
    char *text = whole_file(&size);
    struct folder folder = folder_make();
    for (size_t i = 0; i < size; i++) {
        char byte = text[i];
        for (size_t j = 0; j < sizeof others; j++) { // the terminator is one of them
            text[i] = others[j];
            write_file(folder.file, text, size);
            check_either_way(folder.file);
        }
        text[i] = byte;
    }
    folder_remove(&folder);
    free(text);
}
END_TEST

START_TEST(files_with_a_line_left_out)
{
    size_t size = 0;
    char *text = whole_file(&size);
    struct folder folder = folder_make();
    for (char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t before = (size_t)(line - text);
        size_t after = before + strcspn(line, "\n") + 1;
        char *rest = malloc(size);
        ck_assert_ptr_nonnull(rest);
        memcpy(rest, text, before);
        memcpy(rest + before, text + after, size - after);
        write_file(folder.file, rest, size - (after - before));
        check_either_way(folder.file);
        free(rest);
    }
    folder_remove(&folder);
    free(text);
}
END_TEST

// By name, and in sets.

START_TEST(found_by_name_and_by_path)
{
    struct failure failure = {0};
    struct scenario *by_path = NULL;
    struct scenario *by_name = find_shipped("single");
    ck_assert_int_eq(scenario_find(&by_path, "/nowhere", SCENARIOS "/single.yaml", &failure), 0);
    ck_assert_str_eq(by_name->name, "single");
    ck_assert_str_eq(by_name->path, SCENARIOS "/single.yaml");
    ck_assert_str_eq(by_path->digest, by_name->digest);
    scenario_free(by_name);
    scenario_free(by_path);
}
END_TEST

START_TEST(an_unknown_name_gets_its_nearest)
{
    struct failure failure = {0};
    struct scenario *scenario = NULL;
    ck_assert_int_eq(scenario_find(&scenario, SCENARIOS, "singel", &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(failure.text, "did you mean \"single\"?"));
    ck_assert_ptr_nonnull(strstr(failure.text, "\"iscsidsc-tck list scenarios\" names all"));
    ck_assert_ptr_null(strstr(failure.text, "mixed")); // not all of them
}
END_TEST

static void check_set_refused(const char *folder, const char *set, const char *part)
{
    struct failure failure = {0};
    struct scenario **scenarios = NULL;
    size_t count = 0;
    ck_assert_int_eq(scenario_load_set(&scenarios, &count, folder, set, &failure), -1);
    ck_assert_ptr_null(scenarios);
    ck_assert_int_eq(failure.status, STATUS_USAGE);
    ck_assert_msg(strstr(failure.text, part) != NULL, "got \"%s\", expected \"%s\" in it",
                  failure.text, part);
}

START_TEST(bad_sets_are_refused)
{
    struct folder folder = folder_make();
    check_set_refused(SCENARIOS, "standart", "did you mean \"standard\"?");
    check_set_refused("/nowhere", "standard", "No such file");
    check_set_refused(folder.path, "all", "no scenario of the set");
    write_file(folder.file, HEAD TARGET, strlen(HEAD TARGET));
    check_set_refused(folder.path, "all", "its scenario is called \"x\"");
    write_file(folder.file, HEAD, strlen(HEAD));
    check_set_refused(folder.path, "all", "file.yaml:1:1: the key \"targets\" is missing");
    folder_remove(&folder);
}
END_TEST

START_TEST(a_set_holds_its_own_only)
{
    static const char text[] = "name: file\nsummary: S.\nwhy: W.\nset: scale\n" TARGET;
    struct failure failure = {0};
    struct scenario **scenarios = NULL;
    size_t count = 0;
    struct folder folder = folder_make();
    write_file(folder.file, text, strlen(text));
    check_set_refused(folder.path, "standard", "no scenario of the set \"standard\"");
    ck_assert_int_eq(scenario_load_set(&scenarios, &count, folder.path, "scale", &failure), 0);
    ck_assert_uint_eq(count, 1);
    scenario_free(scenarios[0]);
    free(scenarios);
    folder_remove(&folder);
}
END_TEST

// What it stands on.

START_TEST(utf8_is_decoded_strictly)
{
    static const struct {
        const char *bytes;
        size_t size;
        size_t length;
        uint32_t code_point;
    } cases[] = {
        {"", 0, 0, 0},
        {"a", 1, 1, 'a'},
        {"\x7F", 1, 1, 0x7F},
        {"\xC2\x80", 2, 2, 0x80},
        {"\xDF\xBF", 2, 2, 0x7FF},
        {"\xE0\xA0\x80", 3, 3, 0x800},
        {"\xEF\xBF\xBF", 3, 3, 0xFFFF},
        {"\xF0\x90\x80\x80", 4, 4, 0x10000},
        {"\xF4\x8F\xBF\xBF", 4, 4, 0x10FFFF},
        {"\x80", 1, 0, 0},             // a continuation without a beginning
        {"\xC1\xBF", 2, 0, 0},         // overlong
        {"\xE0\x9F\xBF", 3, 0, 0},     // overlong
        {"\xF0\x8F\xBF\xBF", 4, 0, 0}, // overlong
        {"\xED\xA0\x80", 3, 0, 0},     // a surrogate
        {"\xF4\x90\x80\x80", 4, 0, 0}, // beyond U+10FFFF
        {"\xF8\x88\x80\x80\x80", 5, 0, 0},
        {"\xE2\x82", 2, 0, 0}, // cut short
        {"\xE2\x82z", 3, 0, 0},
        {"\xFF", 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t code_point = 0;
        ck_assert_uint_eq(utf8_decode((const uint8_t *)cases[i].bytes, cases[i].size, &code_point),
                          cases[i].length);
        ck_assert_uint_eq(code_point, cases[i].code_point);
    }
}
END_TEST

START_TEST(nodes_are_found_by_their_paths)
{
    static const char text[] = "a: x\nb:\n  - c: 1\n  - c:\n      - ü\n      - {d: y, e: z}\n";
    static const struct {
        const char *path;
        size_t line;
        size_t column;
        int kind; // -1: no node has that path
    } cases[] = {
        {"", 1, 1, YAML_MAPPING},
        {"a", 1, 4, YAML_TEXT},
        {"b", 3, 3, YAML_LIST},
        {"b[0]", 3, 5, YAML_MAPPING},
        {"b[0].c", 3, 8, YAML_TEXT},
        {"b[1].c[0]", 5, 9, YAML_TEXT},
        {"b[1].c[1].e", 6, 19, YAML_TEXT},
        {"b[2]", 3, 3, -1},
        {"b[0].d", 3, 5, -1},
        {"a.x", 1, 4, -1},
        {"a[0]", 1, 4, -1},
        {"b[x]", 3, 3, -1},
    };
    static const struct yaml_words words = {"a test", "tests", "one test", "a: x"};
    struct yaml_node top;
    struct yaml_problem problem;
    ck_assert_int_eq(yaml_tree_read(&top, &words, (const uint8_t *)text, strlen(text), &problem),
                     0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct yaml_node *node = yaml_tree_find(&top, cases[i].path);
        struct yaml_mark mark = yaml_tree_nearest(&top, cases[i].path)->mark;
        ck_assert_uint_eq(mark.line, cases[i].line);
        ck_assert_uint_eq(mark.column, cases[i].column);
        ck_assert_int_eq(node == NULL ? -1 : (int)node->kind, cases[i].kind);
    }
    ck_assert_str_eq(yaml_tree_find(&top, "b[1].c[0]")->text, "ü");
    ck_assert_ptr_null(yaml_tree_find(&top, "b")->text);
    ck_assert_uint_eq(yaml_tree_find(&top, "b[1].c[1].e")->key_mark.column, 16);
    ck_assert_uint_eq(yaml_tree_nearest(&top, "none")->mark.line, 1);
    yaml_tree_clear(&top);
}
END_TEST

// A group of the suite. The limit is for a machine that is busy with other things.
static TCase *add_group(Suite *suite, const char *name)
{
    TCase *group = tcase_create(name);
    tcase_set_timeout(group, 300);
    suite_add_tcase(suite, group);
    return group;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("scenario");
    TCase *shipping = add_group(suite, "shipped");
    tcase_add_test(shipping, standard_set_is_the_shipped_one);
    tcase_add_test(shipping, long_names_are_at_the_limit);
    tcase_add_test(shipping, names_outside_the_bmp_ship);
    tcase_add_test(shipping, one_session_recovers);

    TCase *spelled_out = add_group(suite, "spelled out");
    tcase_add_test(spelled_out, defaults_are_as_documented);
    tcase_add_test(spelled_out, texts_lose_their_last_line_ends);
    tcase_add_test(spelled_out, sessions_are_spelled_out_in_order);
    tcase_add_test(spelled_out, isids_of_every_form);
    tcase_add_test(spelled_out, an_isid_may_be_shared_by_targets_and_initiators);
    tcase_add_test(spelled_out, numbered_isids_all_differ);
    tcase_add_test(spelled_out, targets_carry_parameters_and_acls);
    tcase_add_test(spelled_out, allow_is_read);
    tcase_add_test(spelled_out, the_greatest_scenario_loads);
    tcase_add_test(spelled_out, the_examples_in_the_document_load);
    tcase_add_test(spelled_out, the_mistake_in_the_document_is_told_so);
    tcase_add_test(spelled_out, connections_take_the_next_portals);
    tcase_add_test(spelled_out, secrets_come_from_initiator_or_session);
    tcase_add_test(spelled_out, a_redirection_leads_to_another_instance);

    TCase *schema = add_group(suite, "schema");
    tcase_add_test(schema, the_json_schema_has_the_same_keys);
    tcase_add_test(schema, shipped_files_fit_the_json_schema);

    TCase *refused = add_group(suite, "refused");
    tcase_add_test(refused, malformed_files_are_refused_with_the_place);
    tcase_add_test(refused, what_is_no_scenario_file_is_refused);

    TCase *damaged = add_group(suite, "damaged");
    tcase_add_test(damaged, files_cut_short_at_every_byte);
    tcase_add_test(damaged, files_with_every_byte_changed);
    tcase_add_test(damaged, files_with_a_line_left_out);

    TCase *found = add_group(suite, "found");
    tcase_add_test(found, found_by_name_and_by_path);
    tcase_add_test(found, an_unknown_name_gets_its_nearest);
    tcase_add_test(found, bad_sets_are_refused);
    tcase_add_test(found, a_set_holds_its_own_only);

    TCase *underneath = add_group(suite, "underneath");
    tcase_add_test(underneath, utf8_is_decoded_strictly);
    tcase_add_test(underneath, nodes_are_found_by_their_paths);
    return suite;
}
