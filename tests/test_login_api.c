// SPDX-License-Identifier: Apache-2.0
// Tests of --login api: an implementation with an initiator that isn't the kit's
// (tests/login_api/logs_in.c) logs in and out by its own functions; and implementations whose
// functions fail, crash, hang or lie.
#include "tests/kit.h"
#include "tests/listening.h"
#include "tests/main.h"

#include <arpa/inet.h>
#include <check.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CASE_TIMEOUT_S = 600 };

struct scene {
    struct place place;
    char *folder; // of the initiator
};

static void open_scene(struct scene *scene, const char *fault)
{
    char table[512];
    place_open(&scene->place);
    scene->folder = place_path(&scene->place, "initiator");
    ck_assert_int_eq(mkdir(scene->folder, 0700), 0);
    snprintf(table, sizeof table, "%s/table", scene->folder);
    // The list before the first login.
    FILE *file = fopen(table, "w");
    ck_assert_ptr_nonnull(file);
    fputs("iscsidsc-session-table\t1\t0\nend\t0\n", file);
    ck_assert_int_eq(fclose(file), 0);
    setenv("LOGS_IN_FOLDER", scene->folder, 1);
    setenv("ISCSIDSC_SESSION_TABLE", table, 1);
    setenv("LOGS_IN_FAULT", fault, 1);
}

static void close_scene(struct scene *scene)
{
    place_close(&scene->place);
    free(scene->folder);
}

// Each portal that the implementation was told of it was told to forget, once.
static void expect_portals_forgotten(const struct scene *scene)
{
    char lines[256][64];
    size_t count = 0;
    char path[512];
    snprintf(path, sizeof path, "%s/portals", scene->folder);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (count < 256 && fgets(lines[count], sizeof lines[count], file) != NULL)
        count++;
    fclose(file);
    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        size_t added = 0;
        size_t removed = 0;
        for (size_t j = 0; j < count; j++) {
            bool same = strcmp(lines[i] + 1, lines[j] + 1) == 0;
            added += same && lines[j][0] == '+';
            removed += same && lines[j][0] == '-';
        }
        ck_assert_msg(added == 1 && removed == 1, "added %zu, removed %zu times: %s", added,
                      removed, lines[i] + 2);
    }
}

#define RUN(kit, scene, ...)                                                                       \
    kit_run((kit), &(scene)->place, "run", "-i", TCK_LOGS_IN, "--login", "api", __VA_ARGS__, NULL)

// The session table that the initiator publishes has no session any more.
static void expect_logged_out(const struct scene *scene)
{
    char path[512];
    char text[256] = "";
    snprintf(path, sizeof path, "%s/table", scene->folder);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    ck_assert_msg(strstr(text, "end\t0\n") != NULL, "%s", text);
}

// A scenario whose targets ask for CHAP.
static char *write_chap(const struct scene *scene)
{
    char *path = place_path(&scene->place, "proved.yaml");
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("name: proved\n"
          "summary: Two sessions with targets that ask for CHAP.\n"
          "why: The API is given a name and a password.\n"
          "targets:\n"
          "  - id: vault\n"
          "    pattern: iqn.2004-01.com.example.storage:vault-{n}\n"
          "    count: 2\n"
          "    chap: {user: backup, password: a-secret-of-backup}\n"
          "initiators:\n"
          "  - id: host\n"
          "    name: iqn.2004-01.com.example.host:with-a-secret\n"
          "    chap: {user: backup, password: a-secret-of-backup}\n"
          "sessions:\n"
          "  - initiator: host\n"
          "    target: vault\n"
          "    count: 2\n",
          file);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

START_TEST(sessions_are_made_and_ended_by_the_implementation)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "");
    char *path = place_path(&scene.place, "result.json");
    char *chap = write_chap(&scene);
    RUN(&kit, &scene, "-s", "single", "-s", "several-targets", "-s", chap, "--effort", "quick",
        "--exclude", "STABLE-4", "--json", path);
    free(chap);
    kit_expect_status(&kit, 0);
    json_t *result = kit_load_json(path);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(result, "login"), "way")),
                     "api");
    json_t *scenarios = json_object_get(result, "scenarios");
    ck_assert_uint_eq(json_array_size(scenarios), 3);
    for (size_t i = 0; i < json_array_size(scenarios); i++)
        ck_assert_int_gt(json_integer_value(json_object_get(json_array_get(scenarios, i), "calls")),
                         1000);
    json_decref(result);
    expect_logged_out(&scene);
    expect_portals_forgotten(&scene);
    kit_free(&kit);
    free(path);
    close_scene(&scene);
}
END_TEST

// Where there is no W form, the A form is called.
START_TEST(a_library_with_the_a_forms_logs_in)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "");
    char *chap = write_chap(&scene);
    kit_run(&kit, &scene.place, "run", "-i", TCK_LOGS_IN_A, "--login", "api", "-s", "ipv6", "-s",
            chap, "-c", "COUNT", "-c", "CONTENT", "-c", "STABLE-2", NULL);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "ok   ipv6");
    kit_expect_said(&kit, "ok   proved");
    expect_logged_out(&scene);
    expect_portals_forgotten(&scene);
    kit_free(&kit);
    free(chap);
    close_scene(&scene);
}
END_TEST

struct wrong {
    const char *fault;
    const char *words; // that the run says
    bool noted;        // it is green all the same
};

static const struct wrong wrongs[] = {
    {"login-fails", "LoginIScsiTarget returned 0xEFFF0003 (ISDSC_CONNECTION_FAILED)", false},
    {"login-crashes", "LoginIScsiTarget did not return: SIGSEGV writing at address 0x0", false},
    {"login-exits", "LoginIScsiTarget did not return: the host exited", false},
    {"login-hangs", "LoginIScsiTarget did not return within 1000 ms", false},
    {"login-lies", "the target's side does not have just one session more", false},
    {"login-prints", "", true},
    {"portal-fails", "", true},
    {"logout-fails", "LogoutIScsiTarget returned 0xEFFF0001 (ISDSC_NON_SPECIFIC_ERROR)", false},
    {"logout-crashes", "LogoutIScsiTarget did not return: SIGABRT", false},
    {"logout-lies", "LogoutIScsiTarget returned 0, and the target's side still differs", false},
};

// Nothing is left of any of them, not even where a session stayed.
START_TEST(a_wrong_login_is_told)
{
    const struct wrong *wrong = &wrongs[_i];
    struct scene scene;
    struct kit kit;
    open_scene(&scene, wrong->fault);
    RUN(&kit, &scene, "-s", "single", "-c", "COUNT-1", "--login-timeout",
        strcmp(wrong->fault, "login-hangs") == 0 ? "1" : "30");
    kit_expect_status(&kit, wrong->noted ? 0 : 3);
    if (!wrong->noted)
        kit_expect_said(&kit, wrong->words);
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

struct misnamed {
    const char *fault;
    const char *words;
};

static const struct misnamed misnamed[] = {
    {"login-other-session", "SessionId 7001700100000001-0000000000010002 is "
                            "7001700100000001-0000000000010001"},
    {"login-other-connection", "ConnectionId 7001700100000002-0000000000010002 is "
                               "7001700100000002-0000000000010001"},
};

// And only the clause about identifiers fails, also when the calls are judged again.
START_TEST(a_login_that_returns_another_identifier_is_caught)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, misnamed[_i].fault);
    char *folder = place_path(&scene.place, "calls");
    RUN(&kit, &scene, "-s", "single", "--effort", "quick", "--exclude", "STABLE-4", "--transcript",
        folder);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, misnamed[_i].words);
    kit_expect_said(&kit, "BROKEN: what does not hold: STABLE-2 (");
    kit_free(&kit);
    char *calls = place_path(&scene.place, "calls/single.jsonl");
    kit_run(&kit, &scene.place, "judge", calls, NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, misnamed[_i].words);
    kit_free(&kit);
    free(calls);
    free(folder);
    close_scene(&scene);
}
END_TEST

START_TEST(what_the_api_cant_make_is_skipped_with_the_reason)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "");
    RUN(&kit, &scene, "-s", "single", "-s", "several-initiators", "-c", "COUNT");
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "10 of 20 checks judged");
    kit_expect_said(&kit, "(exit status 0); the login can't bring up 1 scenario\n");
    kit_expect_said(&kit, "login by api: the scenario has initiators with names that matter, and "
                          "LoginIScsiTarget logs in by the machine's own name");
    kit_free(&kit);
    RUN(&kit, &scene, "-s", "isid-forms");
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "--login api: none of the scenarios can be brought up in that way");
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

// An address of this machine that other machines may reach. False where it has none.
static bool find_address(char address[static INET_ADDRSTRLEN])
{
    struct ifaddrs *all = NULL;
    bool found = false;
    ck_assert_int_eq(getifaddrs(&all), 0);
    for (const struct ifaddrs *at = all; at != NULL && !found; at = at->ifa_next) {
        if (at->ifa_addr == NULL || at->ifa_addr->sa_family != AF_INET ||
            (at->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        struct sockaddr_in four;
        memcpy(&four, at->ifa_addr, sizeof four);
        found = inet_ntop(AF_INET, &four.sin_addr, address, INET_ADDRSTRLEN) != NULL;
    }
    freeifaddrs(all);
    return found;
}

// Of the scenarios those that can't be there are skipped.
START_TEST(targets_listen_where_they_are_told_to)
{
    struct scene scene;
    struct kit kit;
    char address[INET_ADDRSTRLEN] = "127.0.0.9";
    char portal[64];
    open_scene(&scene, "");
    bool open = find_address(address);
    RUN(&kit, &scene, "-s", "several-portals", "-s", "ipv6", "-c", "CONTENT-7", "-c", "COUNT-1",
        "--listen", address);
    kit_expect_status(&kit, 0);
    kit_expect_said(&kit, "ok   several-portals");
    kit_expect_said(&kit, "the scenario has IPv6 portals, and --listen says");
    ck_assert_int_eq(strstr(kit.complained, "note: the targets listen on") != NULL, open);
    kit_free(&kit);
    const char *const arguments[] = {"emulate", "single", "--listen", address, NULL};
    kit_start_piped(&kit, &scene.place, arguments);
    snprintf(portal, sizeof portal, "  portal   %s:", address);
    ck_assert(kit_await(&kit, portal));
    ck_assert(kit_await(&kit, "Up."));
    kill(kit.pid, SIGINT);
    kit_wait(&kit);
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

// The kit's own initiator makes the sessions of the reference, on each platform that can be run
// here.
static const char *const references[LISTENING_KINDS] = {
    [LISTENING_UNIX] = TCK_REFERENCE,
    [LISTENING_UNIX_32] = TCK_I386_FOLDER "/lib/libiscsidsc-reference.so",
    [LISTENING_WINDOWS] = TCK_WINDOWS_FOLDER "/x86_64/lib/iscsidsc-reference.dll",
    [LISTENING_WINDOWS_32] = TCK_WINDOWS_FOLDER "/i686/lib/iscsidsc-reference.dll",
};

START_TEST(the_reference_logs_in_by_the_service)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "");
    unsetenv("ISCSIDSC_SESSION_TABLE");
    if (listening_can((enum listening_kind)_i)) {
        kit_run(&kit, &scene.place, "run", "-i", references[_i], "--login", "api", "-s", "single",
                "-s", "many-targets", "-c", "COUNT", "-c", "CONTENT", "-c", "CHANGE-1", "-c",
                "STABLE-2", NULL);
        kit_expect_status(&kit, 0);
        kit_expect_said(&kit, "ok   many-targets");
        kit_free(&kit);
    }
    close_scene(&scene);
}
END_TEST

struct refused {
    const char *option;
    const char *value;
    const char *words;
};

static const struct refused refused[] = {
    {"--login-command", "x", "--login-command \"x\": only with --login command"},
    {"--login-can", "recovery",
     "--login-can recovery: only with --login command, because the API has "
     "no way to connect a session again"},
    {"--jobs", "2", "with --login api all scenarios share one initiator"},
    {"--listen", "0.0.0.0", "--listen \"0.0.0.0\": give one numeric address"},
    {"--listen", "192.0.2.1", "--listen 192.0.2.1: nothing can listen there"},
    {"--listen", "localhost", "--listen \"localhost\": give one numeric address"},
    {"--login-timeout", "0", "--login-timeout 0: give seconds"},
};

START_TEST(options_that_do_not_fit_are_refused)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "");
    RUN(&kit, &scene, "-s", "single", refused[_i].option, refused[_i].value);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, refused[_i].words);
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

START_TEST(a_library_without_the_functions_is_named)
{
    struct scene scene;
    struct kit kit;
    open_scene(&scene, "");
    kit_run(&kit, &scene.place, "run", "-i", TCK_NO_LOGIN, "--login", "api", "-s", "single", NULL);
    kit_expect_status(&kit, 3);
    kit_expect_said(&kit, "does not export LoginIScsiTargetW or LoginIScsiTargetA");
    kit_free(&kit);
    kit_run(&kit, &scene.place, "emulate", "single", "--login", "api", NULL);
    kit_expect_status(&kit, 2);
    kit_expect_complained(&kit, "--login api: only with run");
    kit_free(&kit);
    close_scene(&scene);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("login api");
    TCase *tests = tcase_create("runs");
    tcase_set_timeout(tests, CASE_TIMEOUT_S);
    tcase_add_test(tests, sessions_are_made_and_ended_by_the_implementation);
    tcase_add_test(tests, a_library_with_the_a_forms_logs_in);
    tcase_add_loop_test(tests, a_wrong_login_is_told, 0, sizeof wrongs / sizeof wrongs[0]);
    tcase_add_loop_test(tests, a_login_that_returns_another_identifier_is_caught, 0,
                        sizeof misnamed / sizeof misnamed[0]);
    tcase_add_test(tests, what_the_api_cant_make_is_skipped_with_the_reason);
    tcase_add_loop_test(tests, the_reference_logs_in_by_the_service, 0, LISTENING_KINDS);
    tcase_add_test(tests, targets_listen_where_they_are_told_to);
    tcase_add_loop_test(tests, options_that_do_not_fit_are_refused, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(tests, a_library_without_the_functions_is_named);
    suite_add_tcase(suite, tests);
    return suite;
}
