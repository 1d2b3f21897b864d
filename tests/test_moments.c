// SPDX-License-Identifier: Apache-2.0
// Whatever ends, stops or interrupts the kit or one of its tgtd, and whenever it does: the run ends
// by itself, says so, and leaves nothing. Fifty moments drawn by a seeded generator, as many of
// each kind in the bring-up of a scenario, while it is probed, and while it is taken down.
//
// TCK_WHOLE_RUN=1 makes fifty, TCK_WHOLE_RUN=300 as many. TCK_SEED draws the moments of an earlier
// run again, as far as time can be repeated.
#include "tests/kit.h"
#include "tests/main.h"

#include <check.h>
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MOMENTS = 50,
    MOMENTS_FEW = 20, // in a run of all tests
    LANES = 4,        // side by side: a run whose tgtd hangs mostly waits
    LIMIT_S = 120,    // for a run to end by itself: many times what any takes
    PROCESSES = 16,   // of one name, at most
};

// Of clauses for whose calls one host is enough, with sessions that come and go meanwhile.
static void start_run(struct kit *kit, const struct place *place, const char *isolation)
{
    char *report = place_path(place, "result.json");
    const char *const arguments[] = {
        "run",    "-s",          "several-instances", "-c",       "SIZE",  "-c",
        "CHANGE", "-c",          "THREADS",           "--effort", "quick", "--json",
        report,   "--isolation", isolation,           NULL};
    kit_start(kit, place, arguments);
    free(report);
}

enum stage { BRING_UP, PROBES, TEAR_DOWN, STAGES };

static const char *const stage_names[STAGES] = {"bring-up", "probes", "tear-down"};

// What is done, and to whom.
struct kind {
    bool to_tgtd;
    int signal_number;
    const char *said; // when it hits a tgtd that is still needed
};

static const struct kind kinds[] = {
    {false, SIGKILL, NULL},
    {false, SIGSTOP, NULL},
    {false, SIGINT, NULL},
    {true, SIGKILL, "was killed by SIGKILL"},
    {true, SIGSTOP, "it is stopped, by a signal or a debugger"},
    {true, SIGINT, "was killed by SIGINT"}, // tgtd has no handler for it
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

// How long each stage takes when nothing disturbs it.
struct durations {
    long stage_us[STAGES];
};

static uint64_t draw(uint64_t *state)
{
    uint64_t value = (*state += UINT64_C(0x9E3779B97F4A7C15));
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

static long now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

// ---- Where a run is

// The session table is written when everything is up, and is gone with the run's folder.
static bool is_up(const struct place *place)
{
    char pattern[sizeof place->temporary + 64];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/iscsidsc-tck-*/emulator-*/table/sessions",
             place->temporary);
    int result = glob(pattern, GLOB_NOSORT, NULL, &found);
    if (result == 0)
        globfree(&found);
    return result == 0;
}

// Waits at most so long for the end of the process behind a pidfd; true if it has ended.
static bool ends_within(int pidfd, long microseconds)
{
    struct pollfd wanted = {.fd = pidfd, .events = POLLIN};
    struct timespec limit = {.tv_sec = microseconds / 1000000,
                             .tv_nsec = microseconds % 1000000 * 1000};
    int result = ppoll(&wanted, 1, microseconds < 0 ? NULL : &limit, NULL);
    ck_assert_msg(result >= 0, "waiting: %s", strerror(errno));
    return result == 1;
}

// Waits until there is a process of that name, any of them; its pidfd, or -1 if the run ended
// before.
static int await_process(const struct kit *kit, const struct place *place, const char *name,
                         unsigned any, pid_t *pid)
{
    pid_t pids[PROCESSES];
    int pidfd = -1;
    while (pidfd < 0 && !ends_within(kit->ended, 1000)) {
        size_t count = place_list(place, name, pids, PROCESSES);
        if (count == 0)
            continue;
        *pid = pids[any % (count < PROCESSES ? count : PROCESSES)];
        pidfd = pidfd_open(*pid, PIDFD_NONBLOCK);
    }
    return pidfd;
}

// Is it an instance, and not a tgtd that only tells its version?
static bool is_instance(pid_t pid)
{
    char path[64];
    char arguments[1024];
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t length = fread(arguments, 1, sizeof arguments, file);
    fclose(file);
    return memmem(arguments, length, "--iscsi", strlen("--iscsi")) != NULL;
}

// Waits until the run has reached the stage; false if it ended before.
static bool await_stage(const struct kit *kit, const struct place *place, enum stage stage)
{
    while (stage >= PROBES && !is_up(place))
        if (ends_within(kit->ended, 1000))
            return false;
    if (stage < TEAR_DOWN)
        return true;
    pid_t pid = 0;
    int host = await_process(kit, place, "iscsidsc-tck-host", 0, &pid);
    if (host < 0)
        return false;
    ends_within(host, -1);
    close(host);
    return true;
}

static void measure(struct durations *durations)
{
    struct place place;
    struct kit kit;
    place_open(&place);
    long began = now_us();
    start_run(&kit, &place, "auto");
    for (int stage = PROBES; stage <= STAGES; stage++) {
        if (stage < STAGES)
            await_stage(&kit, &place, (enum stage)stage);
        else
            kit_wait(&kit);
        long ended = now_us();
        durations->stage_us[stage - 1] = ended - began + 1;
        began = ended;
    }
    kit_expect_status(&kit, 0);
    kit_free(&kit);
    place_close(&place);
}

// ---- One moment

struct moment {
    int number;
    enum stage stage;
    const struct kind *kind;
    long delay_us;   // from the stage's beginning
    long stopped_us; // how long the kit stays stopped
    unsigned victim;
    const char *isolation;
    bool ended;  // the run had ended before
    bool needed; // the run was certainly not over for the tgtd that was hit
};

static struct moment choose(uint64_t seed, int number, const struct durations *durations)
{
    uint64_t state = seed + (uint64_t)number * UINT64_C(0xD1342543DE82EF95);
    struct moment moment = {.number = number,
                            .stage = (enum stage)(number % STAGES),
                            .kind = &kinds[number / STAGES % KINDS]};
    moment.delay_us = (long)(draw(&state) % (uint64_t)durations->stage_us[moment.stage]);
    moment.stopped_us = (long)(draw(&state) % (uint64_t)durations->stage_us[PROBES]);
    moment.victim = (unsigned)draw(&state);
    moment.isolation = draw(&state) % 2 == 0 ? "auto" : "none";
    return moment;
}

// Sends the signal to one of the tgtd that there are, or to the first that there will be.
static void strike_tgtd(struct moment *moment, const struct kit *kit, const struct place *place)
{
    // To find one takes a while: before the delay, where they are all there.
    int victim = -1;
    pid_t pid = 0;
    if (moment->stage != BRING_UP && await_stage(kit, place, PROBES))
        victim = await_process(kit, place, "tgtd", moment->victim, &pid);
    moment->ended =
        !await_stage(kit, place, moment->stage) || ends_within(kit->ended, moment->delay_us);
    if (victim < 0)
        victim = await_process(kit, place, "tgtd", moment->victim, &pid);
    if (victim < 0) {
        moment->ended = true;
        return;
    }
    bool instance = is_instance(pid);
    pidfd_send_signal(victim, moment->kind->signal_number, NULL, 0);
    // Looked at after the signal: what was not over by now was not over then. The last look at the
    // targets comes after the host's end.
    moment->needed = instance && ((moment->stage == BRING_UP && !is_up(place)) ||
                                  place_processes(place, "iscsidsc-tck-host", NULL) > 0);
    close(victim);
}

static void strike_kit(struct moment *moment, const struct kit *kit, const struct place *place)
{
    moment->ended =
        !await_stage(kit, place, moment->stage) || ends_within(kit->ended, moment->delay_us);
    kill(kit->pid, moment->kind->signal_number); // not waited for yet: its number is its own
    if (moment->kind->signal_number == SIGSTOP) {
        ends_within(kit->ended, moment->stopped_us);
        kill(kit->pid, SIGCONT);
    }
}

static bool is_expected(const struct moment *moment, const struct kit *kit)
{
    const struct kind *kind = moment->kind;
    if (moment->ended)
        return kit->status == 0;
    if (kind->to_tgtd) {
        bool told = kit->status == 3 && (strstr(kit->said, kind->said) != NULL ||
                                         strstr(kit->complained, kind->said) != NULL);
        return told || (kit->status == 0 && !moment->needed);
    }
    if (kind->signal_number == SIGSTOP)
        return kit->status == 0 || kit->status == 3;
    // One that comes after the last of the kit's doings comes to nothing.
    return kit->status == 128 + kind->signal_number || kit->status == 0;
}

// The report has the exit status, and never an earlier one. One of a kit that was killed may be
// finished, or says that it is not.
static void check_report(const struct moment *moment, const struct kit *kit,
                         const struct place *place)
{
    char *path = place_path(place, "result.json");
    if (access(path, F_OK) == 0 || kit->status < 128) {
        json_t *report = kit_load_json(path);
        json_int_t status = json_integer_value(json_object_get(report, "exit_status"));
        bool is_killed = kit->status == 128 + SIGKILL;
        ck_assert_msg(is_killed ? status == 0 || status == 3 : status == kit->status,
                      "moment %d: the report says %lld, the exit status is %d", moment->number,
                      (long long)status, kit->status);
        json_decref(report);
    }
    free(path);
}

static void await_orphans(void)
{
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    ck_assert_int_eq(errno, ECHILD);
}

static void live_through(struct moment moment)
{
    struct place place;
    struct kit kit;
    place_open(&place);
    start_run(&kit, &place, moment.isolation);
    if (moment.kind->to_tgtd)
        strike_tgtd(&moment, &kit, &place);
    else
        strike_kit(&moment, &kit, &place);
    long struck = now_us();
    kit_wait(&kit);
    await_orphans();
    printf("moment %2d, isolation %s: %9s + %6.1f ms: SIG%s to %s%s: status %d, the last process "
           "gone after %.0f ms\n",
           moment.number, moment.isolation, stage_names[moment.stage],
           (double)moment.delay_us / 1000, sigabbrev_np(moment.kind->signal_number),
           moment.kind->to_tgtd ? "a tgtd" : "the kit", moment.ended ? " (it had ended)" : "",
           kit.status, (double)(now_us() - struck) / 1000);
    fflush(stdout);
    ck_assert_msg(is_expected(&moment, &kit), "moment %d: status %d; it said:\n%s%s", moment.number,
                  kit.status, kit.said, kit.complained);
    check_report(&moment, &kit, &place);
    kit_free(&kit);
    place_close(&place);
}

// ---- All of them

static uint64_t choose_seed(void)
{
    const char *given = getenv("TCK_SEED");
    uint64_t seed = 0;
    if (given != NULL && given[0] != '\0')
        return strtoull(given, NULL, 0);
    ck_assert_int_eq(getrandom(&seed, sizeof seed, 0), sizeof seed);
    return seed;
}

START_TEST(every_run_ends_and_leaves_nothing)
{
    struct durations durations = {0};
    pid_t lanes[LANES];
    const char *whole = getenv("TCK_WHOLE_RUN");
    const int asked = whole != NULL ? atoi(whole) : 0; // NOLINT(cert-err34-c): 0 where it is none
    const int moments = whole == NULL ? MOMENTS_FEW : asked > 1 ? asked : MOMENTS;
    uint64_t seed = choose_seed();
    measure(&durations);
    printf("TCK_SEED=%" PRIu64
           "; undisturbed, bring-up takes %.1f ms, probes %.1f, tear-down %.1f\n",
           seed, (double)durations.stage_us[BRING_UP] / 1000,
           (double)durations.stage_us[PROBES] / 1000, (double)durations.stage_us[TEAR_DOWN] / 1000);
    fflush(stdout);
    for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] = fork();
        ck_assert_int_ge(lanes[lane], 0);
        if (lanes[lane] != 0)
            continue;
        // It adopts what its kits leave orphaned, so that none goes unnoticed.
        ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
        for (int i = lane; i < moments; i += LANES)
            live_through(choose(seed, i, &durations));
        _exit(EXIT_SUCCESS);
    }
    bool good = true;
    for (int lane = 0; lane < LANES; lane++) {
        int status = 0;
        ck_assert_int_eq(waitpid(lanes[lane], &status, 0), lanes[lane]);
        good = good && status == 0;
    }
    if (!good)
        exit(EXIT_FAILURE); // with what the lane said
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("moments");
    TCase *tests = tcase_create("moments");
    tcase_set_timeout(tests, LIMIT_S * 30);
    tcase_add_test(tests, every_run_ends_and_leaves_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
