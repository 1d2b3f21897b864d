// SPDX-License-Identifier: Apache-2.0
// How fast sessions come up: the kit's initiator against a bare libiscsi loop on epoll with as many
// logins in flight, each with fresh tgtd instances, in turns, in one run. Prints a table; the
// figures compare within it only.
//
//     bring_up [ROUNDS]
#include "emulator/initiator/initiator.h"
#include "emulator/tgtd/tgtd.h"

#include <errno.h>
#include <iscsi/iscsi.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { IN_FLIGHT = 128, INSTANCES_MAX = 4, TIMEOUT_MS = 120000, ROUNDS = 5, ROUNDS_MAX = 100 };

static const char target_name[] = "iqn.2024-01.test:target";
static const char initiator_name[] = "iqn.2024-01.test:initiator";

// What one measurement works on.
struct bench {
    struct supervisor *supervisor;
    const char *folder;
    size_t instance_count;
    struct tgtd *instances[INSTANCES_MAX];
    struct tgtd_portal portals[INSTANCES_MAX];
    size_t session_count;
    size_t begun;
    size_t settled;
    size_t lost;
    struct failure failure;
};

struct result {
    double wall;      // seconds
    double processor; // of this process
};

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int start(struct bench *bench)
{
    for (size_t i = 0; i < bench->instance_count; i++) {
        struct tgtd_portal *portal = &bench->portals[i];
        *portal = (struct tgtd_portal){.address = "127.0.0.1"};
        if (tgtd_start(&bench->instances[i], bench->supervisor, bench->folder, "bench", portal, 1,
                       &bench->failure) != 0 ||
            tgtd_new_target(bench->instances[i], 1, target_name, &bench->failure) != 0 ||
            tgtd_allow_address(bench->instances[i], 1, "ALL", &bench->failure) != 0)
            return -1;
    }
    return 0;
}

static void stop(struct bench *bench)
{
    for (size_t i = 0; i < bench->instance_count; i++) {
        tgtd_stop(bench->instances[i]);
        bench->instances[i] = NULL;
    }
}

static void make_isid(size_t number, uint8_t isid[6])
{
    const uint8_t bytes[6] = {
        0x00, 0x02, 0x3D, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
    memcpy(isid, bytes, sizeof bytes);
}

// ---- the kit

static void kit_changed(struct initiator_session *session, void *argument)
{
    struct bench *bench = argument;
    bench->settled++;
    if (initiator_state(session) == INITIATOR_LOGGED_IN)
        return;
    bench->lost++;
    failure_set(&bench->failure, STATUS_UNTRUSTED, "%s", initiator_error(session));
}

static bool kit_may_go_on(void *argument)
{
    const struct bench *bench = argument;
    return bench->lost > 0 || bench->settled == bench->session_count ||
           (bench->begun < bench->session_count && bench->begun - bench->settled < IN_FLIGHT);
}

static int kit_begin(struct bench *bench, struct initiator_session **session)
{
    char alias[32];
    size_t number = bench->begun++;
    const struct tgtd_portal *portal = &bench->portals[number % bench->instance_count];
    snprintf(alias, sizeof alias, "tck-%zu", number);
    struct initiator_options options = {
        .initiator_name = initiator_name,
        .target_name = target_name,
        .alias = alias,
        .address = portal->address,
        .port = portal->port,
        .changed = kit_changed,
        .argument = bench,
    };
    make_isid(number, options.isid);
    return initiator_login(session, bench->supervisor, &options, &bench->failure);
}

static int kit_bring_up(struct bench *bench, void **sessions)
{
    while (bench->settled < bench->session_count) {
        while (bench->begun < bench->session_count && bench->begun - bench->settled < IN_FLIGHT) {
            struct initiator_session *session = NULL;
            if (kit_begin(bench, &session) != 0)
                return -1;
            sessions[bench->begun - 1] = session;
        }
        if (supervisor_wait(bench->supervisor, kit_may_go_on, bench, TIMEOUT_MS, &bench->failure) !=
                0 ||
            bench->lost > 0)
            return failure_set(&bench->failure, STATUS_UNTRUSTED, "the logins took too long");
    }
    return 0;
}

static void kit_end(void *session)
{
    initiator_destroy(session);
}

// ---- bare libiscsi

static void bare_logged_in(struct iscsi_context *context, int status, void *data, void *argument)
{
    (void)data;
    struct bench *bench = argument;
    bench->settled++;
    if (status == SCSI_STATUS_GOOD)
        return;
    bench->lost++;
    failure_set(&bench->failure, STATUS_UNTRUSTED, "%s", iscsi_get_error(context));
}

static void bare_connected(struct iscsi_context *context, int status, void *data, void *argument)
{
    (void)data;
    if (status != SCSI_STATUS_GOOD || iscsi_login_async(context, bare_logged_in, argument) != 0)
        bare_logged_in(context, SCSI_STATUS_ERROR, NULL, argument);
}

static uint32_t bare_events(struct iscsi_context *context)
{
    int wanted = iscsi_which_events(context);
    return ((wanted & POLLIN) != 0 ? (uint32_t)EPOLLIN : 0) |
           ((wanted & POLLOUT) != 0 ? (uint32_t)EPOLLOUT : 0);
}

static struct iscsi_context *bare_begin(struct bench *bench, int epoll)
{
    char text[80];
    uint8_t isid[6];
    size_t number = bench->begun++;
    const struct tgtd_portal *portal = &bench->portals[number % bench->instance_count];
    struct iscsi_context *context = iscsi_create_context(initiator_name);
    if (context == NULL)
        return NULL;
    snprintf(text, sizeof text, "tck-%zu", number);
    make_isid(number, isid);
    iscsi_set_alias(context, text);
    iscsi_set_targetname(context, target_name);
    iscsi_set_session_type(context, ISCSI_SESSION_NORMAL);
    iscsi_set_header_digest(context, ISCSI_HEADER_DIGEST_NONE);
    iscsi_set_isid_oui(context, 0x00023D & 0x3FFFFF,
                       (uint32_t)isid[3] << 16 | (uint32_t)isid[4] << 8 | isid[5]);
    iscsi_set_noautoreconnect(context, 1);
    snprintf(text, sizeof text, "%s:%u", portal->address, portal->port);
    if (iscsi_connect_async(context, text, bare_connected, bench) == 0) {
        struct epoll_event event = {.events = bare_events(context), .data.ptr = context};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, iscsi_get_fd(context), &event) == 0)
            return context;
    }
    iscsi_destroy_context(context);
    return NULL;
}

static int bare_serve(struct bench *bench, int epoll)
{
    struct epoll_event events[IN_FLIGHT];
    int count = epoll_wait(epoll, events, IN_FLIGHT, TIMEOUT_MS);
    if (count == 0)
        return failure_set(&bench->failure, STATUS_UNTRUSTED, "the logins took too long");
    for (int i = 0; i < count; i++) {
        struct iscsi_context *context = events[i].data.ptr;
        int revents = ((events[i].events & EPOLLIN) != 0 ? POLLIN : 0) |
                      ((events[i].events & EPOLLOUT) != 0 ? POLLOUT : 0);
        uint32_t before = bare_events(context);
        if (iscsi_service(context, revents) != 0)
            return failure_set(&bench->failure, STATUS_UNTRUSTED, "%s", iscsi_get_error(context));
        struct epoll_event event = {.events = bare_events(context), .data.ptr = context};
        if (event.events != before &&
            epoll_ctl(epoll, EPOLL_CTL_MOD, iscsi_get_fd(context), &event) != 0)
            return failure_set(&bench->failure, STATUS_UNTRUSTED, "epoll: %s", strerror(errno));
    }
    return 0;
}

static int bare_bring_up(struct bench *bench, void **sessions)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int result = epoll < 0 ? -1 : 0;
    while (result == 0 && bench->settled < bench->session_count) {
        while (result == 0 && bench->begun < bench->session_count &&
               bench->begun - bench->settled < IN_FLIGHT) {
            struct iscsi_context *context = bare_begin(bench, epoll);
            sessions[bench->begun - 1] = context;
            if (context == NULL)
                result = failure_set(&bench->failure, STATUS_UNTRUSTED, "no context");
        }
        if (result == 0)
            result = bare_serve(bench, epoll);
        if (bench->lost > 0)
            result = -1;
    }
    if (epoll >= 0)
        close(epoll);
    return result;
}

static void bare_end(void *context)
{
    if (context != NULL)
        iscsi_destroy_context(context);
}

// ---- measuring

struct way {
    const char *name;
    int (*bring_up)(struct bench *bench, void **sessions);
    void (*end)(void *session);
};

static const struct way ways[2] = {
    {"bare libiscsi", bare_bring_up, bare_end},
    {"the kit", kit_bring_up, kit_end},
};

static int measure(struct bench *bench, const struct way *way, struct result *result)
{
    void **sessions = calloc(bench->session_count, sizeof *sessions);
    bench->begun = bench->settled = bench->lost = 0;
    int status = sessions == NULL ? -1 : start(bench);
    if (status == 0) {
        double wall = seconds(CLOCK_MONOTONIC);
        double processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
        status = way->bring_up(bench, sessions);
        result->wall = seconds(CLOCK_MONOTONIC) - wall;
        result->processor = seconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
    }
    for (size_t i = 0; sessions != NULL && i < bench->session_count; i++)
        way->end(sessions[i]);
    free(sessions);
    stop(bench);
    return status;
}

static int compare_results(const void *left, const void *right)
{
    const struct result *a = left;
    const struct result *b = right;
    return a->wall < b->wall ? -1 : a->wall > b->wall;
}

// The two ways in turns, so that what else the machine does falls on both.
static int compare(struct bench *bench, size_t rounds)
{
    struct result results[2][ROUNDS_MAX];
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < 2; i++) {
            size_t way = (i + round) % 2;
            if (measure(bench, &ways[way], &results[way][round]) != 0)
                return -1;
        }
    }
    for (size_t way = 0; way < 2; way++)
        qsort(results[way], rounds, sizeof **results, compare_results);
    const struct result *bare = &results[0][rounds / 2];
    const struct result *kit = &results[1][rounds / 2];
    printf("%8zu %9zu %10.0f %10.0f %10.0f %10.0f %7.2f %12.0f\n", bench->session_count,
           bench->instance_count, bare->wall * 1e3, bare->processor * 1e3, kit->wall * 1e3,
           kit->processor * 1e3, kit->wall / bare->wall, (double)bench->session_count / kit->wall);
    fflush(stdout);
    return 0;
}

// A session is a descriptor here and one in tgtd, which is given what this process may have.
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    static const size_t sizes[][2] = {{1000, 1}, {1000, 4}, {10000, 1}, {10000, 4}};
    char folder[] = "/tmp/bench-bring-up-XXXXXX";
    struct bench bench = {.folder = folder};
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "%s: rounds: 1 to %d\n", argv[0], ROUNDS_MAX);
        return 2;
    }
    raise_limit();
    int result = mkdtemp(folder) == NULL ? failure_set(&bench.failure, STATUS_UNTRUSTED, "%s: %s",
                                                       folder, strerror(errno))
                                         : supervisor_create(&bench.supervisor, &bench.failure);
    printf("medians of %lu rounds, %d logins in flight; ms\n", rounds, IN_FLIGHT);
    printf("%8s %9s %10s %10s %10s %10s %7s %12s\n", "sessions", "instances", "bare", "its CPU",
           "the kit", "its CPU", "ratio", "kit logins/s");
    for (size_t i = 0; result == 0 && i < sizeof sizes / sizeof *sizes; i++) {
        bench.session_count = sizes[i][0];
        bench.instance_count = sizes[i][1];
        result = compare(&bench, rounds);
    }
    if (result != 0)
        fprintf(stderr, "%s: %s\n", argv[0], bench.failure.text);
    supervisor_destroy(bench.supervisor);
    rmdir(folder);
    return result == 0 ? 0 : 3;
}
