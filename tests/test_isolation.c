// SPDX-License-Identifier: Apache-2.0
// --isolation: what is chosen, what is said of it, and that targets and library are on networks of
// their own. What hostile libraries can do is tested by test_hostile.c.
#include "tests/main.h"
#include "tests/place.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// Can hosts have rooms on this machine? Containers often do not allow namespaces.
static bool rooms_are_possible(void)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "single", "-c", "SIZE-1", "--isolation", "full", NULL);
    bool possible = kit.status != 3;
    if (possible)
        kit_expect_status(&kit, 0);
    else
        kit_expect_complained(&kit, "--isolation full: this machine does not allow it: ");
    kit_free(&kit);
    return possible;
}

// The member "isolation" of the result of a run with these options.
static json_t *isolation_of(const char *option, const char *value)
{
    struct kit kit;
    char *path = place_path(&place, "result.json");
    kit_run(&kit, &place, "run", "-s", "single", "-c", "SIZE-1", "--json", path, option, value,
            NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    json_t *result = kit_load_json(path);
    json_t *isolation = json_incref(json_object_get(result, "isolation"));
    json_decref(result);
    unlink(path);
    free(path);
    ck_assert(json_is_object(isolation));
    return isolation;
}

static void expect_isolation(json_t *isolation, const char *mode, const char *why)
{
    const char *said = json_string_value(json_object_get(isolation, "why"));
    ck_assert_str_eq(json_string_value(json_object_get(isolation, "mode")), mode);
    ck_assert_pstr_eq(said, why);
    json_decref(isolation);
}

START_TEST(the_report_says_which)
{
    expect_isolation(isolation_of("--isolation", "none"), "none", "--isolation none");
    if (!rooms_are_possible())
        return;
    expect_isolation(isolation_of("--isolation", "auto"), "full", NULL);
    expect_isolation(isolation_of("--isolation", "full"), "full", NULL);
}
END_TEST

START_TEST(none_is_said_before_the_verdict)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-s", "single", "-c", "SIZE-1", "--isolation", "none", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "The library is not isolated from the kit: --isolation none\n");
    kit_free(&kit);
}
END_TEST

static void expect_refused(const char *const *arguments, int status, const char *text)
{
    struct kit kit;
    kit_start(&kit, &place, arguments);
    kit_wait(&kit);
    kit_expect_status(&kit, status);
    kit_expect_complained(&kit, text);
    kit_free(&kit);
}

START_TEST(what_can_not_be_is_refused)
{
    const char *const unknown[] = {"run", "--isolation", "some", NULL};
    expect_refused(unknown, 2, "--isolation some: must be auto, full or none");
    const char *const login[] = {"run", "--login", "api", "--isolation", "full", NULL};
    expect_refused(login, 2, "the library has to reach its initiator for --login");
}
END_TEST

START_TEST(a_taken_port_is_no_hindrance)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    char name[64];
    struct kit kit;
    if (!rooms_are_possible())
        return;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    char *path = place_path(&place, "fixed-port.yaml");
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    snprintf(name, sizeof name, "%u", ntohs(address.sin_port));
    fprintf(file,
            "name: fixed-port\nsummary: One session.\nwhy: Its port is given.\n"
            "instances:\n  - name: only\n    portals:\n      - address: 127.0.0.1\n"
            "        port: %s\n"
            "targets:\n  - id: disk\n    name: iqn.2004-01.com.example:disk\n"
            "initiators:\n  - id: host\n    name: iqn.2004-01.com.example:host\n"
            "sessions:\n  - initiator: host\n    target: disk\n",
            name);
    ck_assert_int_eq(fclose(file), 0);
    kit_run(&kit, &place, "run", "-s", path, "-c", "CONTENT", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    free(path);
    close(fd);
}
END_TEST

// Whether a library whose hosts are isolated like that sees tgtd's listening sockets.
static bool sees_a_listener(const char *isolation)
{
    struct kit kit;
    char *path = NULL;
    char *command = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&path, "%s/sockets", place.temporary), 0);
    setenv("SEEN_NETWORK", path, 1);
    kit_run(&kit, &place, "run", "-i", TCK_TEST_LIBRARIES "/tells_network.so", "-s", "single", "-c",
            "COUNT-1", "--isolation", isolation, NULL);
    unsetenv("SEEN_NETWORK");
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    ck_assert_int_gt(asprintf(&command, "cat '%s'", path), 0);
    char *seen = kit_shell(command, &status);
    ck_assert_ptr_nonnull(strstr(seen, "local_address"));
    bool any = strstr(seen, ":0000 0A ") != NULL; // to nobody, state TCP_LISTEN
    unlink(path);
    free(path);
    free(command);
    free(seen);
    return any;
}

START_TEST(a_library_is_not_on_the_targets_network)
{
    if (!rooms_are_possible())
        return;
    ck_assert(sees_a_listener("none"));
    ck_assert(!sees_a_listener("full"));
}
END_TEST

// What hosts saw of their networks, each of which ended in its first call.
struct networks {
    unsigned hosts;
    unsigned refused; // the port
    unsigned open;    // settings could be changed
    unsigned count;
    unsigned long ids[64];
};

static void count_network(struct networks *networks, unsigned long id)
{
    for (unsigned i = 0; i < networks->count; i++)
        if (networks->ids[i] == id)
            return;
    ck_assert_uint_lt(networks->count, sizeof networks->ids / sizeof *networks->ids);
    networks->ids[networks->count++] = id;
}

// Two scenarios whose hosts leave that behind.
static struct networks leave_behind(const char *left, const char *jobs)
{
    struct networks networks = {0};
    struct kit kit;
    char line[80];
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/networks", place.temporary), 0);
    setenv("SEEN_NETWORK", path, 1);
    setenv("LEFT_BEHIND", left, 1);
    kit_run(&kit, &place, "run", "-i", TCK_TEST_LIBRARIES "/leaves_ports.so", "-s", "single", "-s",
            "empty", "-c", "SIZE", "-c", "STATUS", "--isolation", "full", "-j", jobs, NULL);
    unsetenv("SEEN_NETWORK");
    unsetenv("LEFT_BEHIND");
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL) {
        networks.hosts++;
        networks.refused += strstr(line, "refused") != NULL;
        networks.open += strstr(line, "open") != NULL;
        count_network(&networks, strtoul(line, NULL, 10));
    }
    fclose(file);
    unlink(path);
    free(path);
    ck_assert_uint_ge(networks.hosts, 8);
    ck_assert_uint_eq(networks.open, 0);
    return networks;
}

START_TEST(hosts_of_a_scenario_share_a_network_that_nobody_has_used)
{
    if (!rooms_are_possible())
        return;
    struct networks one_job = leave_behind("nothing", "1");
    struct networks two_jobs = leave_behind("nothing", "2");
    ck_assert_uint_eq(one_job.count, 2);
    ck_assert_uint_eq(two_jobs.count, 2);
    ck_assert_uint_eq(one_job.hosts, two_jobs.hosts);
}
END_TEST

// With any number of jobs: neither those of another scenario nor those before leave anything.
START_TEST(no_host_finds_the_port_of_another)
{
    static const char *const left[] = {"wait", "child"};
    if (!rooms_are_possible())
        return;
    struct networks one_job = leave_behind(left[_i], "1");
    struct networks two_jobs = leave_behind(left[_i], "2");
    ck_assert_uint_eq(one_job.refused, 0);
    ck_assert_uint_eq(two_jobs.refused, 0);
    ck_assert_uint_eq(one_job.hosts, two_jobs.hosts);
    if (_i == 0) // one for each host; the kernel gives their numbers again
        ck_assert_uint_gt(one_job.count, 2);
}
END_TEST

// ---- The private folder

// That of a run under way, or one that left it: malloc'ed; NULL: there is none.
static char *private_folder(void)
{
    char *command = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&command, "ls -d '%s'/iscsidsc-tck-* 2>/dev/null", place.temporary),
                     0);
    char *folder = kit_shell(command, &status);
    folder[strcspn(folder, "\n")] = '\0';
    free(command);
    if (status == 0)
        return folder;
    free(folder);
    return NULL;
}

static void start_leaving(struct kit *kit, const char *left)
{
    static const char library[] = TCK_TEST_LIBRARIES "/leaves_files.so";
    const char *const arguments[] = {"run", "-i",      library,       "-s",   "single",
                                     "-c",  "COUNT-1", "--isolation", "none", NULL};
    setenv("LEFT_BEHIND", left, 1);
    kit_start_piped(kit, &place, arguments);
    unsetenv("LEFT_BEHIND");
}

START_TEST(the_folder_is_empty_before_the_verdict)
{
    struct kit kit;
    char *inner = NULL;
    start_leaving(&kit, "deep");
    ck_assert_msg(kit_await(&kit, "(exit status 1)"), "%s", kit.said);
    char *folder = private_folder();
    if (folder != NULL) {
        ck_assert_int_gt(asprintf(&inner, "%s/left", folder), 0);
        ck_assert_int_ne(access(inner, F_OK), 0);
    }
    kit_wait(&kit);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
    free(inner);
    free(folder);
    ck_assert_ptr_null(private_folder());
}
END_TEST

START_TEST(what_can_not_be_removed_is_told)
{
    struct kit kit;
    char *inner = NULL;
    start_leaving(&kit, "mount");
    kit_wait(&kit);
    char *folder = private_folder();
    bool mounted = folder != NULL;
    if (mounted) {
        ck_assert_int_gt(asprintf(&inner, "%s/left", folder), 0);
        ck_assert_int_eq(umount(inner), 0);
        ck_assert_int_eq(rmdir(inner), 0);
        ck_assert_int_eq(rmdir(folder), 0);
        kit_expect_status(&kit, 3);
        kit_expect_said(&kit, "cleaning up: what the run left in ");
        kit_expect_said(&kit, "CAN'T BE TRUSTED");
    } else { // it was not allowed to
        kit_expect_status(&kit, 1);
    }
    kit_free(&kit);
    free(inner);
    free(folder);
}
END_TEST

// ---- The library's file

static char *copy_reference(void)
{
    char *library = place_path(&place, "library.so");
    char *command = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&command, "cp '%s' '%s'", TCK_REFERENCE, library), 0);
    free(kit_shell(command, &status));
    ck_assert_int_eq(status, 0);
    free(command);
    return library;
}

// Root's right to read everything ends at the door.
START_TEST(a_library_that_only_root_can_read)
{
    struct kit kit;
    if (geteuid() != 0 || !rooms_are_possible())
        return;
    char *library = copy_reference();
    ck_assert_int_eq(chown(library, 65534, 65534), 0);
    ck_assert_int_eq(chmod(library, 0600), 0);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "-c", "SIZE-1", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "The library is not isolated from the kit: this machine does not allow "
                          "it: ");
    kit_expect_said(&kit, "cannot be read there");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--isolation", "full", NULL);
    kit_expect_status(&kit, 3);
    kit_free(&kit);
    free(library);
}
END_TEST

// Each is done to it while a run with it goes on.
static const struct {
    const char *command;
    const char *told;
} changes[] = {
    {"cp '%s' '%s.new' && mv '%s.new' '%s'", "another file took its place"},
    {"rm '%s'", "library.so: "}, // found by a host that is to load it, or at the end,
    {"truncate -s +1 '%s'", "the file was written to"},
    // As it was, but for what is in it: somebody who means it.
    {"d=$(stat -c %%y '%s'); printf x | dd of='%s' bs=1 conv=notrunc status=none "
     "seek=$(($(stat -c %%s '%s') - 1)); "
     "touch -d \"$d\" '%s'",
     "its bytes changed"},
};

START_TEST(a_run_is_about_one_file)
{
    struct kit kit;
    int status = 0;
    char *command = NULL;
    char *library = copy_reference();
    // The last one ends when nothing is loaded any more, and is about the second scenario.
    const char *const arguments[] = {"run",   "-i", library, "-s", "single", "-s",
                                     "mixed", "-c", "SIZE",  "-c", "STABLE", NULL};
    kit_start_piped(&kit, &place, arguments);
    ck_assert_msg(kit_await(&kit, "ok   single"), "%s", kit.said);
    ck_assert_int_gt(asprintf(&command, changes[_i].command, library, library, library, library),
                     0);
    free(kit_shell(command, &status));
    ck_assert_int_eq(status, 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, changes[_i].told);
    kit_free(&kit);
    free(command);
    free(library);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("isolation");
    TCase *tests = tcase_create("isolation");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_add_test(tests, the_report_says_which);
    tcase_add_test(tests, none_is_said_before_the_verdict);
    tcase_add_test(tests, what_can_not_be_is_refused);
    tcase_add_test(tests, a_taken_port_is_no_hindrance);
    tcase_add_test(tests, a_library_is_not_on_the_targets_network);
    tcase_add_test(tests, hosts_of_a_scenario_share_a_network_that_nobody_has_used);
    tcase_add_loop_test(tests, no_host_finds_the_port_of_another, 0, 2);
    tcase_add_test(tests, a_library_that_only_root_can_read);
    tcase_add_loop_test(tests, a_run_is_about_one_file, 0, (int)(sizeof changes / sizeof *changes));
    suite_add_tcase(suite, tests);
    TCase *folders = tcase_create("private folder");
    tcase_set_timeout(folders, 120);
    tcase_add_checked_fixture(folders, place_set_up, place_tear_down);
    tcase_add_test(folders, the_folder_is_empty_before_the_verdict);
    tcase_add_test(folders, what_can_not_be_removed_is_told);
    suite_add_tcase(suite, folders);
    return suite;
}
