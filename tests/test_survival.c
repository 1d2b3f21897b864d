// SPDX-License-Identifier: Apache-2.0
// The kit survives what it tests, and leaves nothing behind: whatever an implementation does to its
// process, whatever ends the kit, its targets or its hosts, and however many kits run side by side.
//
// Each test runs in a process that adopts what its kits leave orphaned, so that their ends can be
// awaited and none goes unnoticed.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void set_up(void)
{
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    place_set_up();
}

// Waits until no process is left of all that the test's kits started.
static void await_orphans(void)
{
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    ck_assert_int_eq(errno, ECHILD);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// ---- What an implementation does

struct survival {
    const char *fault;
    int status;
    const char *said;
};

static const struct survival survivals[] = {
    {"crashes", 1, "SIGSEGV writing at address 0x8"},
    {"loops", 1, "did not return within 1."},
    {"exits", 1, "ended the process inside the call: exit(0)"},
    {"aborts", 1, "SIGABRT inside the call"},
    {"exports_nothing", 1, "GetIScsiSessionListA and GetIScsiSessionListW are not exported"},
    {"prints", 0, "\nHeld: "},
    {"closes_descriptors", 0, "\nHeld: "},
};

enum { SURVIVAL_COUNT = sizeof survivals / sizeof survivals[0] };

// All that was judged holds; STABLE-5 is the one clause about what a call does to its process.
static void expect_all_held(const char *path)
{
    json_t *result = kit_load_json(path);
    size_t i = 0;
    size_t j = 0;
    json_t *scenario = NULL;
    json_t *check = NULL;
    json_array_foreach(json_object_get(result, "scenarios"), i, scenario)
    {
        json_array_foreach(json_object_get(scenario, "checks"), j, check)
        {
            const char *verdict = json_string_value(json_object_get(check, "verdict"));
            const char *clause = json_string_value(json_object_get(check, "clause"));
            ck_assert_msg(strcmp(verdict, "pass") == 0 || strcmp(verdict, "note") == 0 ||
                              strcmp(clause, "STABLE-5") == 0,
                          "%s: %s", clause, verdict);
        }
    }
    json_decref(result);
}

START_TEST(an_implementation_cannot_end_the_run)
{
    const struct survival *survival = &survivals[_i];
    char *library = kit_faulty(survival->fault);
    char *json = place_path(&place, "result.json");
    struct kit kit;
    // Descriptors that one thread closes are another's.
    kit_run(&kit, &place, "run", "-i", library, "-s", "mixed", "-s", "empty", "--exclude",
            "THREADS", "--timeout", "1", "--json", json, NULL);
    kit_expect_status(&kit, survival->status);
    kit_expect_said(&kit, survival->said);
    ck_assert_str_eq(kit.complained, "");
    // What it prints is never taken for the kit's own words: it is told of once, in a note.
    const char *noise = strstr(kit.said, "a line for whoever debugs it");
    ck_assert_int_eq(noise != NULL, strcmp(survival->fault, "prints") == 0);
    ck_assert(noise == NULL || strstr(noise + 1, "a line for whoever debugs it") == NULL);
    if (survival->status == 0)
        expect_all_held(json);
    kit_free(&kit);
    free(json);
    free(library);
}
END_TEST

// What goes wrong only while something else happens.
struct occasion {
    const char *fault;
    const char *clause;
    const char *said;
};

static const struct occasion occasions[] = {
    {"shrinking_list_crashes", "CHANGE-3", "SIGSEGV reading"},
    {"grown_list_overruns", "CHANGE-1", "CHANGE-1"},
    {"w_changing_list_waited_for", "CHANGE-3", "did not return within 1."},
    {"table_released_under_others", "THREADS-1", "SIGSEGV"},
    {"w_locks_in_two_orders", "THREADS-1", "did not return within 1."},
    {"missing_source_crashes", "FAULT-1", "SIGSEGV reading"},
    {"w_read_without_end", "FAULT-3", "did not return within 1."},
};

enum { OCCASION_COUNT = sizeof occasions / sizeof occasions[0] };

START_TEST(nor_can_one_that_waits_for_its_occasion)
{
    const struct occasion *occasion = &occasions[_i];
    char *library = kit_faulty(occasion->fault);
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", library, "-s", "mixed", "-c", occasion->clause, "--timeout",
            "1", "--strict", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, occasion->said);
    ck_assert_str_eq(kit.complained, "");
    place_expect_nothing_left(&place);
    kit_free(&kit);
    free(library);
}
END_TEST

// What was not called, because too many calls before it did not return, is not what broke.
START_TEST(what_was_not_tried_is_not_blamed)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", TCK_TEST_LIBRARIES "/hangs_when_changed.so", "-s", "single",
            "-c", "CHANGE", "--timeout", "1", NULL);
    kit_expect_status(&kit, 1);
    kit_expect_said(&kit, "the call did not return");
    ck_assert_msg(strstr(kit.said, "\n  outcome   was not made") == NULL, "%s", kit.said);
    kit_free(&kit);
}
END_TEST

// Nor is a run distrusted for what an implementation asks for after an event.
START_TEST(an_absurd_size_after_an_event_is_a_failure)
{
    struct kit kit;
    kit_run(&kit, &place, "run", "-i", TCK_TEST_LIBRARIES "/asks_for_ever.so", "-s",
            "events-sessions", "-c", "CHANGE", NULL);
    kit_expect_status(&kit, 1);
    kit_free(&kit);
}
END_TEST

static const struct survival loads[] = {
    {"undefined", 3, "undefined symbol"}, {"load_crash", 3, "load_crash.so"},
    {"load_exit", 3, "no licence found"}, {"load_hang", 3, "load_hang.so"},
    {"load_close", 3, "load_close.so"},   {"no_export", 1, "EXPORT-1"},
};

enum { LOAD_COUNT = sizeof loads / sizeof loads[0] };

START_TEST(a_library_that_cannot_be_loaded_proves_nothing)
{
    char library[512];
    struct kit kit;
    snprintf(library, sizeof library, "%s/%s.so", TCK_TEST_LIBRARIES, loads[_i].fault);
    kit_run(&kit, &place, "run", "-i", library, "-s", "single", "--timeout", "1", NULL);
    kit_expect_status(&kit, loads[_i].status);
    kit_expect_said(&kit, loads[_i].said);
    kit_free(&kit);
}
END_TEST

// ---- What ends the kit, in the middle of a call; test_moments has all other moments

// Processor time that a process has used, in clock ticks; 0 if it is gone.
static unsigned long ticks_of(pid_t pid)
{
    char path[64];
    char text[1024] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *field = strrchr(text, ')'); // the end of the second field
    for (int number = 2; field != NULL && number < 14; number++)
        field = strchr(field + 1, ' ');
    return field == NULL ? 0 : strtoul(field, NULL, 10);
}

// In the middle of a call that does not return, when everything is up. The library spins, and
// nothing else in a host takes so much of the processor.
static void start_in_a_call(struct kit *kit, const char *json, pid_t *host)
{
    enum { SPINNING_TICKS = 10, MOMENT_MS = 5 };
    char *library = kit_faulty("loops");
    const char *const arguments[] = {"run",       "-i",  library,  "-s", "mixed",
                                     "--timeout", "600", "--json", json, NULL};
    kit_start(kit, &place, arguments);
    free(library);
    *host = 0;
    while (!kit_ends_within(kit, MOMENT_MS) && ticks_of(*host) < SPINNING_TICKS)
        place_processes(&place, "iscsidsc-tck-host", host);
    ck_assert_uint_ge(ticks_of(*host), SPINNING_TICKS);
    ck_assert_uint_ge(place_processes(&place, NULL, NULL), 5); // kit, sweeper, worker, tgtd, host
}

START_TEST(killed_in_a_call)
{
    struct kit kit;
    pid_t host = 0;
    char *json = place_path(&place, "result.json");
    FILE *earlier = fopen(json, "we");
    ck_assert_ptr_nonnull(earlier);
    fputs("{\"exit_status\": 0}\n", earlier);
    ck_assert_int_eq(fclose(earlier), 0);
    start_in_a_call(&kit, json, &host);
    double killed = now();
    ck_assert_int_eq(kill(kit.pid, SIGKILL), 0);
    kit_wait(&kit);
    await_orphans();
    printf("killed in a call: the last process was gone after %.0f ms\n", (now() - killed) * 1000);
    fflush(stdout);
    ck_assert_int_eq(kit.status, 128 + SIGKILL);
    // No earlier verdict is left, and none of this run.
    json_t *result = kit_load_json(json);
    ck_assert_int_eq(json_integer_value(json_object_get(result, "exit_status")), 3);
    ck_assert_ptr_nonnull(
        strstr(json_string_value(json_object_get(json_object_get(result, "failure"), "text")),
               "this run has not finished"));
    json_decref(result);
    free(json);
    kit_free(&kit);
}
END_TEST

static const int endings[] = {SIGINT, SIGTERM};

// An interrupted run says so in all it writes.
START_TEST(interrupted_in_a_call)
{
    struct kit kit;
    pid_t host = 0;
    char *json = place_path(&place, "result.json");
    start_in_a_call(&kit, json, &host);
    ck_assert_int_eq(kill(kit.pid, endings[_i]), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 128 + endings[_i]);
    place_expect_nothing_left(&place);
    json_t *result = kit_load_json(json);
    ck_assert_str_eq(json_string_value(json_object_get(result, "verdict")), "interrupted");
    ck_assert_int_eq(json_integer_value(json_object_get(result, "exit_status")), kit.status);
    json_decref(result);
    free(json);
    kit_free(&kit);
}
END_TEST

// ---- What ends the kit's own children

struct loss {
    int signal_number;
    const char *said;
};

static const struct loss losses[] = {
    {SIGKILL, "was killed by SIGKILL"},
    {SIGABRT, "was killed by SIGABRT"},
    {SIGSTOP, "no sign of life"},
};

enum { LOSS_COUNT = sizeof losses / sizeof losses[0] };

START_TEST(a_lost_tgtd_ends_the_run)
{
    const struct loss *loss = &losses[_i];
    struct kit kit;
    pid_t pid = 0;
    start_in_a_call(&kit, "-", &pid);
    ck_assert_uint_eq(place_processes(&place, "tgtd", &pid), 1);
    ck_assert_int_eq(kill(pid, loss->signal_number), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 3);
    kit_expect_complained(&kit, "CAN'T BE TRUSTED");
    kit_expect_complained(&kit, loss->said);
    kit_expect_complained(&kit, "it last said: ");
    place_expect_nothing_left(&place);
    kit_free(&kit);
}
END_TEST

// A host that something else kills is a call that did not return, not the end of the run.
START_TEST(a_lost_host_is_a_finding)
{
    struct kit kit;
    pid_t host = 0;
    start_in_a_call(&kit, "-", &host);
    // Each of its successors too, until the kit has had enough of them.
    while (!kit_ends_within(&kit, 20)) {
        pid_t next = 0;
        if (place_processes(&place, "iscsidsc-tck-host", &next) == 1 && ticks_of(next) > 0)
            kill(next, SIGKILL);
    }
    kit_wait(&kit);
    ck_assert_msg(kit.status == 1, "status %d:\n%s", kit.status, kit.complained);
    kit_expect_complained(&kit, "SIGKILL");
    kit_free(&kit);
}
END_TEST

// ---- Many at once

START_TEST(twenty_side_by_side)
{
    enum { COUNT = 20 };
    static const char *const arguments[] = {"run", "-s", "single", "-s", "empty", "--strict", NULL};
    struct kit kits[COUNT];
    for (int i = 0; i < COUNT; i++)
        kit_start(&kits[i], &place, arguments);
    for (int i = 0; i < COUNT; i++)
        kit_wait(&kits[i]);
    for (int i = 0; i < COUNT; i++) {
        kit_expect_status(&kits[i], 0);
        kit_free(&kits[i]);
    }
}
END_TEST

// ---- A topology held by hand

static size_t count_lines(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + strlen(part), part))
        count++;
    return count;
}

// The line that begins with `opening`, behind that; malloc'ed.
static char *line_after(const char *text, const char *opening)
{
    const char *at = strstr(text, opening);
    ck_assert_msg(at != NULL, "no \"%s\" in:\n%s", opening, text);
    at += strlen(opening);
    char *line = strndup(at, strcspn(at, "\n"));
    ck_assert_ptr_nonnull(line);
    return line;
}

static char *run_line(const char *text, const char *opening, const char *kept)
{
    int status = 0;
    char *line = line_after(text, opening);
    char *command = NULL;
    ck_assert_int_gt(asprintf(&command, "%s%s 2>&1", kept, line), 0);
    char *output = kit_shell(command, &status);
    ck_assert_msg(status == 0, "%s: exit status %d:\n%s", command, status, output);
    free(command);
    free(line);
    return output;
}

// The lines that the kit prints, typed by hand, show what it says.
static void expect_same_seen(const struct kit *kit)
{
    enum { SESSIONS = 64, TARGETS = 8 };
    char *listed = run_line(kit->said, "           iscsi-ls", "iscsi-ls");
    char *shown = run_line(kit->said, "  manage   ", "");
    ck_assert_uint_eq(count_lines(listed, "Target:"), TARGETS);
    ck_assert_uint_eq(count_lines(shown, "I_T nexus: "), SESSIONS);
    ck_assert_uint_eq(count_lines(shown, "\nTarget "), TARGETS - 1); // the first begins the text
    const char *sessions = strstr(kit->said, "\nSessions\n");
    ck_assert_ptr_nonnull(sessions);
    ck_assert_uint_eq(count_lines(sessions, " -> iqn."), SESSIONS);
    for (int i = 1; i <= TARGETS; i++) {
        char name[64];
        snprintf(name, sizeof name, "iqn.2004-01.com.example.storage:array-%d", i);
        ck_assert_msg(strstr(listed, name) != NULL, "iscsi-ls does not list %s", name);
        ck_assert_msg(strstr(shown, name) != NULL, "tgtadm does not show %s", name);
        ck_assert_uint_eq(count_lines(sessions, name), SESSIONS / TARGETS);
    }
    for (int i = 1; i <= 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "Initiator: iqn.2004-01.com.example.host:node-%d", i);
        ck_assert_uint_eq(count_lines(shown, name), SESSIONS / 4);
    }
    free(listed);
    free(shown);
}

static void start_emulating(struct kit *kit)
{
    static const char *const arguments[] = {"emulate", "sessions-64", NULL};
    kit_start_piped(kit, &place, arguments);
    ck_assert_msg(kit_await(kit, "Ctrl-C ends it."), "%s", kit->said);
}

START_TEST(held_until_interrupted)
{
    struct kit kit;
    start_emulating(&kit);
    expect_same_seen(&kit);
    char *table = line_after(kit.said, "export ISCSIDSC_SESSION_TABLE=");
    ck_assert_int_eq(access(table, R_OK), 0);
    ck_assert_int_eq(kill(kit.pid, endings[_i]), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 0);
    ck_assert_int_ne(access(table, F_OK), 0);
    free(table);
    kit_free(&kit);
}
END_TEST

START_TEST(held_until_tgtd_is_lost)
{
    struct kit kit;
    pid_t pid = 0;
    start_emulating(&kit);
    ck_assert_uint_eq(place_processes(&place, "tgtd", &pid), 1);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    kit_wait(&kit);
    kit_expect_status(&kit, 3);
    kit_expect_complained(&kit, "tgtd");
    kit_expect_complained(&kit, "was killed by SIGKILL");
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("survival");
    TCase *tests = tcase_create("survival");
    tcase_add_checked_fixture(tests, set_up, place_tear_down);
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, an_implementation_cannot_end_the_run, 0, SURVIVAL_COUNT);
    tcase_add_loop_test(tests, nor_can_one_that_waits_for_its_occasion, 0, OCCASION_COUNT);
    tcase_add_test(tests, what_was_not_tried_is_not_blamed);
    tcase_add_test(tests, an_absurd_size_after_an_event_is_a_failure);
    tcase_add_loop_test(tests, a_library_that_cannot_be_loaded_proves_nothing, 0, LOAD_COUNT);
    tcase_add_test(tests, killed_in_a_call);
    tcase_add_loop_test(tests, interrupted_in_a_call, 0, 2);
    tcase_add_loop_test(tests, a_lost_tgtd_ends_the_run, 0, LOSS_COUNT);
    tcase_add_test(tests, a_lost_host_is_a_finding);
    tcase_add_test(tests, twenty_side_by_side);
    tcase_add_loop_test(tests, held_until_interrupted, 0, 2);
    tcase_add_test(tests, held_until_tgtd_is_lost);
    suite_add_tcase(suite, tests);
    return suite;
}
