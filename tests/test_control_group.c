// SPDX-License-Identifier: Apache-2.0
// Limits of control groups, read from folders that have the files that the kernel's documentation
// names (cgroup-v2.rst, cgroup-v1/memory.rst and pids.rst). They are no control groups: what the
// kernel does at such a limit is tested by test_machine_limits.c, where the machine has some.
#include "emulator/process/control_group.h"
#include "tests/main.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static char own[80];
static struct control_groups groups;

static void make_folder(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void write_to(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void set_up(void)
{
    snprintf(root, sizeof root, "/tmp/test-groups-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(own, sizeof own, "%s/own", root);
    groups = (struct control_groups){root, own};
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c,concurrency-mt-unsafe)
}

// /user/job, as systemd has them; the outermost group has none of these files.
static void make_version_2(void)
{
    write_to("own", "0::/user/job\n");
    make_folder("user");
    make_folder("user/job");
    write_to("user/pids.max", "max\n");
    write_to("user/pids.current", "60\n");
    write_to("user/job/pids.max", "max\n");
    write_to("user/job/pids.current", "50\n");
    write_to("user/memory.max", "max\n");
    write_to("user/job/memory.max", "max\n");
    write_to("user/job/memory.events",
             "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n");
}

static void expect_room(unsigned needed)
{
    struct failure failure = {0};
    ck_assert_msg(control_group_require_processes(&groups, needed, &failure) == 0, "%s",
                  failure.text);
}

static void expect_no_room(unsigned needed, const char *told)
{
    struct failure failure = {0};
    ck_assert_int_eq(control_group_require_processes(&groups, needed, &failure), -1);
    ck_assert_int_eq(failure.status, STATUS_UNTRUSTED);
    ck_assert_msg(strstr(failure.text, told) != NULL, "%s", failure.text);
}

static void expect_memory(const char *told)
{
    char text[640];
    char expected[256] = "";
    if (told[0] != '\0')
        snprintf(expected, sizeof expected, "; %s/%s", root, told);
    control_group_describe_memory(&groups, text, sizeof text);
    ck_assert_str_eq(text, expected);
}

START_TEST(no_limit)
{
    make_version_2();
    expect_room(1000000);
    expect_memory("");
}
END_TEST

START_TEST(its_own_limit)
{
    make_version_2();
    write_to("user/job/pids.max", "100\n");
    expect_room(50);
    expect_no_room(51, "the control group has 50, and its limit (/tmp/test-groups-");
    expect_no_room(51, "/user/job/pids.max) is 100: raise it to 101");
    write_to("user/job/memory.max", "209715200\n");
    expect_memory("user/job/memory.max is 200 MiB");
}
END_TEST

START_TEST(the_limit_of_the_group_around_it)
{
    make_version_2();
    write_to("user/pids.max", "100\n");
    expect_room(40);
    expect_no_room(41, "/user/pids.max) is 100: raise it to 101");
    write_to("user/memory.max", "104857600\n");
    write_to("user/job/memory.max", "209715200\n");
    expect_memory("user/memory.max is 100 MiB");
}
END_TEST

START_TEST(what_the_kernel_did)
{
    make_version_2();
    ck_assert_uint_eq(control_group_memory_kills(&groups), 2); // neither "oom" nor "oom_group_kill"
    ck_assert_uint_eq(control_group_refusals(&groups), 0);
    write_to("user/job/pids.events", "max 5\n");
    ck_assert_uint_eq(control_group_refusals(&groups), 5);
    write_to("user/pids.events", "max 2\n");
    ck_assert_uint_eq(control_group_refusals(&groups), 7);
}
END_TEST

// A container without a namespace of groups: the path is that of the machine, and what is mounted
// is its own group.
START_TEST(only_its_own_is_mounted)
{
    write_to("own", "0::/docker/0123456789ab\n");
    write_to("pids.max", "70\n");
    write_to("pids.current", "7\n");
    write_to("memory.max", "104857600\n");
    write_to("memory.events", "oom_kill 1\n");
    expect_room(63);
    expect_no_room(64, "/pids.max) is 70: raise it to 71");
    expect_memory("memory.max is 100 MiB");
    ck_assert_uint_eq(control_group_memory_kills(&groups), 1);
}
END_TEST

// Both versions beside each other: the controllers are those of version 1.
START_TEST(version_1)
{
    write_to("own", "4:pids:/job\n3:cpu,memory:/\n0::/job\n");
    make_folder("pids");
    make_folder("pids/job");
    make_folder("memory");
    make_folder("job");
    write_to("job/pids.max", "1\n"); // of nobody
    write_to("job/pids.current", "1\n");
    write_to("pids/job/pids.max", "30\n");
    write_to("pids/job/pids.current", "10\n");
    write_to("memory/memory.limit_in_bytes", "9223372036854771712\n");
    write_to("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
    expect_room(20);
    expect_no_room(21, "/pids/job/pids.max) is 30: raise it to 31");
    expect_memory("");
    ck_assert_uint_eq(control_group_memory_kills(&groups), 4);
    write_to("memory/memory.limit_in_bytes", "209715200\n");
    expect_memory("memory/memory.limit_in_bytes is 200 MiB");
}
END_TEST

START_TEST(nothing_is_known)
{
    expect_room(1000000);
    expect_memory("");
    write_to("own", "no such line\n");
    expect_room(1000000);
    ck_assert_uint_eq(control_group_memory_kills(&groups), 0);
    ck_assert_uint_eq(control_group_refusals(&groups), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("control_group");
    TCase *tests = tcase_create("control_group");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, no_limit);
    tcase_add_test(tests, its_own_limit);
    tcase_add_test(tests, the_limit_of_the_group_around_it);
    tcase_add_test(tests, what_the_kernel_did);
    tcase_add_test(tests, only_its_own_is_mounted);
    tcase_add_test(tests, version_1);
    tcase_add_test(tests, nothing_is_known);
    suite_add_tcase(suite, tests);
    return suite;
}
