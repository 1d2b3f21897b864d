// SPDX-License-Identifier: Apache-2.0
// The kit where the machine is not as it would like it: too few descriptors, no room, no tgtd or
// another one, ports that are taken, a tgtd that is somebody else's. Each has its exit status, a
// message that names the thing and says what to do, and leaves nothing.
#include "tests/main.h"
#include "tests/place.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void set_up(void)
{
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    place_set_up();
}

// Says why a test is not made here; Check has no word for it.
static void skip(const char *what, const char *why)
{
    printf("skipped: %s: %s\n", what, why);
    fflush(stdout);
}

static void expect_told(const struct kit *kit, int status, const char *text)
{
    kit_expect_status(kit, status);
    ck_assert_msg(strstr(kit->said, text) != NULL || strstr(kit->complained, text) != NULL,
                  "\"%s\" is not in what it said:\n%s%s", text, kit->said, kit->complained);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

// ---- Descriptors

static const rlim_t low_limits[] = {8, 16, 32, 100, 255};

enum { LOW_COUNT = sizeof low_limits / sizeof low_limits[0] };

START_TEST(too_few_descriptors_are_named)
{
    static const char *const commands[][4] = {{"run", "-s", "single", NULL},
                                              {"emulate", "single", NULL}};
    char told[128];
    place.descriptors = (struct rlimit){low_limits[_i], low_limits[_i]};
    snprintf(told, sizeof told,
             "needs 256 open files in one process; the hard limit (ulimit -Hn) is %d: raise it",
             (int)low_limits[_i]);
    for (size_t i = 0; i < 2; i++) {
        struct kit kit;
        kit_start(&kit, &place, commands[i]);
        kit_wait(&kit);
        expect_told(&kit, 3, told);
        kit_free(&kit);
    }
}
END_TEST

START_TEST(a_scenario_that_needs_more_is_named)
{
    struct kit kit;
    place.descriptors = (struct rlimit){300, 300};
    kit_run(&kit, &place, "run", "-s", "sessions-64", NULL);
    expect_told(&kit, 3,
                "64 connections need 320 open files in one process; the hard limit "
                "(ulimit -Hn) is 300: raise it, or use a smaller scenario");
    kit_free(&kit);
}
END_TEST

START_TEST(a_low_limit_is_raised)
{
    struct kit kit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &place.descriptors), 0);
    if (place.descriptors.rlim_max < 512) {
        skip("a low limit is raised", "there is none to raise it to (ulimit -Hn)");
        return;
    }
    place.descriptors.rlim_cur = low_limits[_i];
    kit_run(&kit, &place, "run", "-s", "single", "-s", "sessions-64", "-c", "SIZE-1", "-j", "2",
            NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
}
END_TEST

// ---- Room

static bool can_mount(const char *what)
{
    if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return true;
    skip(what, "only root can mount a small file system");
    return false;
}

// Mounts a file system of that size where no byte of it is left but `left`.
static void mount_small(const char *path, const char *options, size_t left)
{
    char filler[256];
    ck_assert_msg(mount("none", path, "tmpfs", 0, options) == 0, "%s: %s", path, strerror(errno));
    snprintf(filler, sizeof filler, "%s/filler", path);
    int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    static const char bytes[4096];
    size_t size = 0;
    for (ssize_t count; fd >= 0 && (count = write(fd, bytes, sizeof bytes)) > 0;)
        size += (size_t)count;
    ck_assert_int_eq(ftruncate(fd, (off_t)(size - left)), 0);
    close(fd);
}

// The file system goes, and with it what was put there to fill it: nothing else may be there.
static void unmount_small(const char *path)
{
    char *filler = NULL;
    ck_assert_int_gt(asprintf(&filler, "%s/filler", path), 0);
    ck_assert_int_eq(unlink(filler), 0);
    free(filler);
}

struct shortage {
    const char *options;
    size_t left; // bytes
    const char *clause;
};

static const struct shortage shortages[] = {
    {"size=8k", 0, "SIZE-1"},                   // not even for the session table
    {"size=8k", 4096, "CHANGE-1"},              // for one, but not for another beside it
    {"size=256k", 12 << 10, "FAULT-3"},         // until it grows
    {"size=1m,nr_inodes=4", 1 << 19, "SIZE-1"}, // room, but not for so many files
};

enum { SHORTAGE_COUNT = sizeof shortages / sizeof shortages[0] };

START_TEST(a_full_temporary_folder_is_named)
{
    const struct shortage *shortage = &shortages[_i];
    struct kit kit;
    if (!can_mount("a full temporary folder"))
        return;
    mount_small(place.temporary, shortage->options, shortage->left);
    kit_run(&kit, &place, "run", "-s", "single", "-c", shortage->clause, NULL);
    expect_told(&kit, 3, "No space left on device (set TMPDIR to a folder with more room)");
    expect_told(&kit, 3, place.temporary);
    kit_free(&kit);
    unmount_small(place.temporary);
    place_expect_nothing_left(&place);
    ck_assert_int_eq(umount(place.temporary), 0);
}
END_TEST

static void expect_only_filler(const char *folder)
{
    char *command = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&command, "ls -A %s", folder), 0);
    char *listed = kit_shell(command, &status);
    ck_assert_str_eq(listed, "filler\n");
    free(listed);
    free(command);
}

START_TEST(reports_that_find_no_room_are_named)
{
    static const char *const options[] = {"--json", "--tap", "--junit", "--html"};
    char *full = place_path(&place, "full");
    struct kit kit;
    ck_assert_int_eq(mkdir(full, 0700), 0);
    if (can_mount("reports without room")) {
        mount_small(full, "size=8k", 0);
        for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
            char *report = place_path(&place, "full/report");
            kit_run(&kit, &place, "run", "-s", "empty", "-c", "EMPTY", options[i], report, NULL);
            expect_told(&kit, 3, "full/report: cannot be written: No space left on device");
            kit_free(&kit);
            expect_only_filler(full);
            free(report);
        }
        kit_run(&kit, &place, "run", "-s", "empty", "-c", "EMPTY", "--transcript", full, NULL);
        expect_told(&kit, 3, "empty.jsonl: cannot be written: No space left on device");
        kit_free(&kit);
        expect_only_filler(full);
        ck_assert_int_eq(umount(full), 0);
    }
    free(full);
}
END_TEST

START_TEST(a_temporary_folder_that_is_none_is_named)
{
    struct kit kit;
    ck_assert_int_eq(rmdir(place.temporary), 0);
    kit_run(&kit, &place, "run", "-s", "single", NULL);
    expect_told(&kit, 3, "cannot be made: No such file or directory (set TMPDIR");
    kit_free(&kit);
    write_file(place.temporary, "", 0600);
    kit_run(&kit, &place, "emulate", "single", NULL);
    expect_told(&kit, 3, "cannot be made: Not a directory (set TMPDIR");
    kit_free(&kit);
    ck_assert_int_eq(unlink(place.temporary), 0);
    ck_assert_int_eq(mkdir(place.temporary, 0700), 0);
}
END_TEST

START_TEST(a_read_only_temporary_folder_is_named)
{
    struct kit kit;
    bool root = geteuid() == 0;
    if (root && !can_mount("a read-only temporary folder"))
        return;
    ck_assert_int_eq(root ? mount("none", place.temporary, "tmpfs", MS_RDONLY, NULL)
                          : chmod(place.temporary, 0500),
                     0);
    kit_run(&kit, &place, "run", "-s", "single", NULL);
    expect_told(&kit, 3,
                root ? "cannot be made: Read-only file system (set TMPDIR"
                     : "cannot be made: Permission denied (set TMPDIR");
    kit_free(&kit);
    ck_assert_int_eq(root ? umount(place.temporary) : chmod(place.temporary, 0700), 0);
}
END_TEST

// ---- tgtd and tgtadm

// A program that comes first in PATH.
struct stand_in {
    const char *name; // "tgtd" or "tgtadm"
    const char *script;
    int status;
    const char *said;
};

#define OF_THIS_VERSION "test \"$1\" = --version && echo 1.0.85 && exit; "

static const struct stand_in stand_ins[] = {
    {"tgtd", "echo 'libibverbs.so.1 is missing' >&2; exit 127", 3,
     "--version: exited with status 127 and said: libibverbs.so.1 is missing; is it the tgtd of "
     "the "
     "Debian package tgt"},
    {"tgtd", "exit 0", 3, "--version: exited with status 0 and said: nothing"},
    {"tgtd", "yes", 3, "--version: printed more than"},
    {"tgtd", "exec sleep 1000", 3, "--version: did not end within"},
    {"tgtd", OF_THIS_VERSION "echo 'no such driver' >&2; exit 22", 3,
     "exited with status 22 while starting; it last said: no such driver"},
    {"tgtd", OF_THIS_VERSION "kill -SEGV $$", 3, "was killed by SIGSEGV while starting"},
    {"tgtd", OF_THIS_VERSION "echo 'thinking' >&2; exec sleep 1000", 3,
     "it is not ready to be managed after 15 s; it logged: thinking"},
    {"tgtd", OF_THIS_VERSION "kill -STOP $$", 3, "it is stopped, by a signal or a debugger"},
    {"tgtd", OF_THIS_VERSION "exec $TGTD -f -C 0 --iscsi portal=127.0.0.99:0", 3,
     "cannot be had: another process has it"},
    {"tgtd", "test \"$1\" = --version && echo 1.0.24 && exit; exec $TGTD \"$@\"", 0,
     "note: this tgtd is of version 1.0.24; the kit was tried with"},
    {"tgtadm", "echo 'a word too many'; exec $TGTADM \"$@\"", 3,
     "cannot be understood at line 1: \"a word too many\""},
    {"tgtadm", "echo 'not today' >&2; exit 1", 3, "exited with status 1 and said: not today"},
    {"tgtadm", "exec sleep 1000", 3, "did not end within"},
    // The first tgtd answers, and is dead when its portals are looked at.
    {"tgtadm",
     "$TGTADM \"$@\"; test -e $0.done && exit; >$0.done; for p in /proc/[0-9]*; do grep -qsx tgtd "
     "$p/comm && "
     "grep -qx \"PPid:.$PPID\" $p/status && kill -KILL ${p#/proc/} && "
     "while ls $p/fd | grep -q .; do :; done; done",
     3, "was killed by SIGKILL while starting"},
};

enum { STAND_INS = sizeof stand_ins / sizeof stand_ins[0] };

static const char *const folders[] = {"/usr/local/sbin", "/usr/sbin", "/sbin",
                                      "/usr/local/bin",  "/usr/bin",  "/bin"};

enum { FOLDERS = sizeof folders / sizeof folders[0] };

// For the stand-ins: where the real ones are.
static void tell_programs(void)
{
    char path[64];
    for (size_t i = FOLDERS; i-- > 0;) {
        snprintf(path, sizeof path, "%s/tgtd", folders[i]);
        if (access(path, X_OK) == 0)
            setenv("TGTD", path, 1);
        snprintf(path, sizeof path, "%s/tgtadm", folders[i]);
        if (access(path, X_OK) == 0)
            setenv("TGTADM", path, 1);
    }
    ck_assert_msg(getenv("TGTD") != NULL && getenv("TGTADM") != NULL, "no tgtd is installed");
}

static void start_with_stand_in(struct kit *kit, size_t index)
{
    static const char *const arguments[] = {"run", "-s", "single", "-c", "SIZE-1", NULL};
    const struct stand_in *stand_in = &stand_ins[index];
    char name[32];
    char path[512];
    char script[512];
    snprintf(name, sizeof name, "bin-%zu", index);
    char *folder = place_path(&place, name);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/%s", folder, stand_in->name);
    snprintf(script, sizeof script, "#!/bin/sh\n%s\n", stand_in->script);
    write_file(path, script, 0700);
    snprintf(path, sizeof path, "%s:/usr/local/bin:/usr/bin:/bin", folder);
    setenv("PATH", path, 1);
    kit_start(kit, &place, arguments);
    free(folder);
}

// All at once, as some are given time to show that they are merely slow.
START_TEST(another_tgtd_is_told_from_a_good_one)
{
    struct kit kits[STAND_INS];
    tell_programs();
    for (size_t i = 0; i < STAND_INS; i++)
        start_with_stand_in(&kits[i], i);
    for (size_t i = 0; i < STAND_INS; i++)
        kit_wait(&kits[i]);
    for (size_t i = 0; i < STAND_INS; i++) {
        expect_told(&kits[i], stand_ins[i].status, stand_ins[i].said);
        kit_free(&kits[i]);
    }
}
END_TEST

static const char *const programs[] = {"tgtd", "tgtadm"};

START_TEST(a_missing_program_is_named)
{
    struct kit kit;
    char path[64];
    char told[128];
    if (!can_mount("a missing program"))
        return;
    for (size_t i = 0; i < FOLDERS; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], programs[_i]);
        if (access(path, F_OK) == 0)
            ck_assert_int_eq(mount("/dev/null", path, NULL, MS_BIND, NULL), 0);
    }
    kit_run(&kit, &place, "run", "-s", "single", NULL);
    snprintf(told, sizeof told, "%s is not installed", programs[_i]);
    expect_told(&kit, 3, told);
    expect_told(&kit, 3, "install the Debian package tgt");
    kit_free(&kit);
    kit_run(&kit, &place, "run", "--offline", "-s", "single", "-c", "CONTENT", NULL);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
}
END_TEST

// ---- Ports

// Listens on that port, or on a free one where it is 0 or taken.
static int listen_at(uint16_t *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(*port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        address.sin_port = 0;
        ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    }
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

// The path of a scenario whose portal has that port, malloc'ed.
static char *write_scenario(uint16_t port)
{
    char text[1024];
    char *path = place_path(&place, "fixed-port.yaml");
    snprintf(text, sizeof text,
             "name: fixed-port\n"
             "summary: One session, by a portal whose port is given.\n"
             "why: Two can't have it.\n"
             "instances:\n"
             "  - name: only\n"
             "    portals:\n"
             "      - address: 127.0.0.1\n"
             "        port: %u\n"
             "targets:\n"
             "  - id: disk\n"
             "    name: iqn.2004-01.com.example:disk\n"
             "initiators:\n"
             "  - id: host\n"
             "    name: iqn.2004-01.com.example:host\n"
             "sessions:\n"
             "  - initiator: host\n"
             "    target: disk\n",
             port);
    write_file(path, text, 0600);
    return path;
}

START_TEST(a_port_that_is_taken_is_named)
{
    uint16_t port = 0;
    char told[128];
    struct kit kit;
    int fd = listen_at(&port);
    char *scenario = write_scenario(port);
    kit_run(&kit, &place, "run", "-s", scenario, "--isolation", "none", NULL);
    snprintf(told, sizeof told,
             "portal 127.0.0.1 port %u cannot be had: Address already in use (choose another port, "
             "or 0 for a free one)",
             port);
    expect_told(&kit, 3, told);
    kit_free(&kit);
    free(scenario);
    close(fd);
}
END_TEST

START_TEST(two_kits_and_one_port)
{
    enum { COUNT = 4 };
    uint16_t port = 0;
    struct kit holding;
    struct kit kits[COUNT];
    close(listen_at(&port));
    char *scenario = write_scenario(port);
    const char *const emulate[] = {"emulate", scenario, NULL};
    const char *const run[] = {"run", "-s", scenario, "-c", "SIZE-1", "--isolation", "none", NULL};
    // One after the other: the first keeps it.
    kit_start_piped(&holding, &place, emulate);
    ck_assert_msg(kit_await(&holding, "Ctrl-C ends it."), "%s", holding.said);
    kit_start(&kits[0], &place, run);
    kit_wait(&kits[0]);
    expect_told(&kits[0], 3, "cannot be had");
    kit_free(&kits[0]);
    kill(holding.pid, SIGINT);
    kit_wait(&holding);
    kit_expect_status(&holding, 0);
    kit_free(&holding);
    // All at once: whoever has it keeps it.
    for (size_t i = 0; i < COUNT; i++)
        kit_start(&kits[i], &place, run);
    size_t held = 0;
    for (size_t i = 0; i < COUNT; i++) {
        kit_wait(&kits[i]);
        held += kits[i].status == 0;
        if (kits[i].status != 0)
            expect_told(&kits[i], 3, "cannot be had");
        kit_free(&kits[i]);
    }
    ck_assert_uint_ge(held, 1);
    free(scenario);
}
END_TEST

// ---- A tgtd of the system's

static const char system_folder[] = "/var/run/tgtd";

static int ask_system(const char *words, const char *answer)
{
    char *command = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&command, "$TGTADM -C 0 --lld iscsi %s 2>&1", words), 0);
    char *output = kit_shell(command, &status);
    int result = status == 0 && strstr(output, answer) != NULL ? 0 : -1;
    free(output);
    free(command);
    return result;
}

// One as the system starts it: with its usual port and management socket, if they are free and ours
// to take.
static pid_t start_system_tgtd(bool *made_folder)
{
    *made_folder = geteuid() == 0 && mkdir(system_folder, 0755) == 0;
    if (geteuid() != 0 || access("/var/run/tgtd/socket.0", F_OK) == 0) {
        char *own = place_path(&place, "system");
        setenv("TGT_IPC_SOCKET", own, 1);
        free(own);
    }
    uint16_t port = 3260;
    char portal[64];
    const char *program = getenv("TGTD");
    ck_assert_ptr_nonnull(program);
    close(listen_at(&port));
    snprintf(portal, sizeof portal, "portal=127.0.0.1:%u", port);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        execl(program, "tgtd", "-f", "-C", "0", "--iscsi", portal, NULL);
        _exit(99);
    }
    while (ask_system("--op show --mode system", "State: ready") != 0) {
        ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
        usleep(10000);
    }
    return pid;
}

static void end_system_tgtd(pid_t pid, bool made_folder)
{
    char path[256];
    const char *own = getenv("TGT_IPC_SOCKET");
    ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    snprintf(path, sizeof path, "%s.0", own != NULL ? own : "/var/run/tgtd/socket");
    unlink(path);
    snprintf(path, sizeof path, "%s.0.lock", own != NULL ? own : "/var/run/tgtd/socket");
    unlink(path);
    if (made_folder)
        ck_assert_int_eq(rmdir(system_folder), 0);
}

START_TEST(a_system_tgtd_is_left_alone)
{
    struct kit kit;
    tell_programs();
    bool made_folder = false;
    pid_t pid = start_system_tgtd(&made_folder);
    int made = ask_system("--op new --mode target --tid 1 -T iqn.2004-01.com.example:own", "");
    kit_run(&kit, &place, "run", "-s", "single", "-s", "several-instances", "-c", "SIZE-1", "-c",
            "CHANGE-1", NULL);
    int still = ask_system("--op show --mode target", "Target 1: iqn.2004-01.com.example:own");
    end_system_tgtd(pid, made_folder);
    ck_assert_int_eq(made, 0);
    ck_assert_int_eq(still, 0);
    kit_expect_status(&kit, 0);
    kit_free(&kit);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("robustness");
    TCase *tests = tcase_create("robustness");
    tcase_add_checked_fixture(tests, set_up, place_tear_down);
    tcase_set_timeout(tests, 240);
    tcase_add_loop_test(tests, too_few_descriptors_are_named, 0, LOW_COUNT);
    tcase_add_test(tests, a_scenario_that_needs_more_is_named);
    tcase_add_loop_test(tests, a_low_limit_is_raised, 0, 4);
    tcase_add_loop_test(tests, a_full_temporary_folder_is_named, 0, SHORTAGE_COUNT);
    tcase_add_test(tests, reports_that_find_no_room_are_named);
    tcase_add_test(tests, a_temporary_folder_that_is_none_is_named);
    tcase_add_test(tests, a_read_only_temporary_folder_is_named);
    tcase_add_test(tests, another_tgtd_is_told_from_a_good_one);
    tcase_add_loop_test(tests, a_missing_program_is_named, 0, 2);
    tcase_add_test(tests, a_port_that_is_taken_is_named);
    tcase_add_test(tests, two_kits_and_one_port);
    tcase_add_test(tests, a_system_tgtd_is_left_alone);
    suite_add_tcase(suite, tests);
    return suite;
}
