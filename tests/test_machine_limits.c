// SPDX-License-Identifier: Apache-2.0
// What a machine allows a process (ulimit): too little of it ends a run before it begins, with its
// name, and is never an implementation's failure.
#include "tests/main.h"
#include "tests/place.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *limit; // for prlimit
    const char *told;
} limits[] = {
#ifndef __SANITIZE_ADDRESS__ // which takes more before the kit's first line
    {"--as=1073741824", "a run needs 6144 MiB of address space in one process; the hard limit "
                        "(ulimit -Hv) is 1024 MiB: raise it"},
    {"--data=67108864", "a run needs 1024 MiB of data in one process; the hard limit (ulimit -Hd)"},
#endif
    {"--fsize=67108864", "a run needs 5120 MiB of file size in one process"},
    {"--stack=262144", "a run needs 1 MiB of stack in one process; the hard limit (ulimit -Hs)"},
#ifndef __SANITIZE_ADDRESS__
    {"--stack=16384", "the kit needs 256 KiB of stack; the hard limit (ulimit -Hs) is 16 KiB"},
#endif
    {"--nofile=64",
     "the kit needs 256 open files in one process; the hard limit (ulimit -Hn) is 64"},
    {"--cpu=1", "a run needs 60 seconds of processor time in one process; the hard limit "
                "(ulimit -Ht) is 1: raise it"},
};

enum { LIMITS = sizeof limits / sizeof limits[0] };

// What the prefix and the kit with these arguments say, malloc'ed.
static char *run_with(const char *prefix, const char *arguments, int expected)
{
    char *command = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&command, "TMPDIR=%s %s %s %s 2>&1", place.temporary, prefix,
                              TCK_PROGRAM, arguments),
                     0);
    char *said = kit_shell(command, &status);
    ck_assert_msg(status == expected, "status %d:\n%s", status, said);
    free(command);
    return said;
}

// The machine's limits are no fault of the implementation's.
START_TEST(limits_are_named)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "prlimit %s", limits[_i].limit);
    char *said = run_with(prefix, "run -s single -c THREADS-1 -c SIZE-10", 3);
    ck_assert_msg(strstr(said, limits[_i].told) != NULL, "%s", said);
    ck_assert_ptr_null(strstr(said, "BROKEN"));
    free(said);
    // A soft limit alone is raised.
    snprintf(prefix, sizeof prefix, "prlimit %s:", limits[_i].limit);
    free(run_with(prefix, "run -s single -c THREADS-1 -c SIZE-10", 0));
}
END_TEST

// A call that hangs is the library's, also where it takes longer than a soft limit allows.
START_TEST(soft_limit_of_processor_time_is_raised)
{
    char *library = kit_faulty("loops");
    char *arguments = NULL;
    ck_assert_int_gt(asprintf(&arguments, "run -i '%s' -s single -c COUNT-1 --timeout 2", library),
                     0);
    char *said = run_with("prlimit --cpu=1:", arguments, 1);
    ck_assert_msg(strstr(said, "did not return in time") != NULL, "%s", said);
    free(said);
    free(arguments);
    free(library);
}
END_TEST

// Limits that no run comes near to are none.
START_TEST(other_limits_do_no_harm)
{
    free(run_with("prlimit --memlock=0 --cpu=3600 --rtprio=0 --sigpending=64",
                  "run -s single -c THREADS-1 -c SIZE-10", 0));
}
END_TEST

// What the kit says in a control group with that limit, malloc'ed; NULL where none can be made.
static char *run_in_group(const char *controller, const char *file, const char *file_1,
                          const char *limit, const char *arguments, int expected)
{
    static const char script[] =
        "'g=/sys/fs/cgroup; f=%s; [ -d $g/%s ] && { g=$g/%s; f=%s; }; g=$g/test-kit-$$; "
        "mkdir $g && echo %s >$g/$f && echo $$ >$g/cgroup.procs || { rmdir $g; exit 77; }; "
        "\"$@\"; s=$?; echo $$ >${g%%/*}/cgroup.procs; rmdir $g; exit $s' sh";
    char *prefix = NULL;
    char *inner = NULL;
    int status = 0;
    ck_assert_int_gt(asprintf(&inner, script, file, controller, controller, file_1, limit), 0);
    ck_assert_int_gt(asprintf(&prefix, "TMPDIR=%s sh -c %s %s %s 2>&1", place.temporary, inner,
                              TCK_PROGRAM, arguments),
                     0);
    char *said = kit_shell(prefix, &status);
    free(prefix);
    free(inner);
    if (status == 77) {
        (void)printf("skipped: control groups can't be made here: %s", said);
        free(said);
        return NULL;
    }
    ck_assert_msg(status == expected, "status %d:\n%s", status, said);
    ck_assert_ptr_null(strstr(said, "BROKEN"));
    return said;
}

START_TEST(a_small_group_of_processes_is_named)
{
    char *said = run_in_group("pids", "pids.max", "pids.max", "30",
                              "run -s single -c THREADS-1 --offline", 3);
    ck_assert_msg(said == NULL ||
                      (strstr(said, "a run needs room for 96 processes and threads; the control "
                                    "group has") != NULL &&
                       strstr(said, "pids.max) is 30: raise it to") != NULL),
                  "%s", said);
    free(said);
}
END_TEST

// The library takes what the group has, and the kernel ends it: nobody knows whose fault that is.
START_TEST(a_group_without_memory_is_named)
{
    char *said = run_in_group(
        "memory", "memory.max", "memory.limit_in_bytes", "200M",
        "run -i " TCK_TEST_LIBRARIES "/eats_shared.so -s single -c COUNT-1 --offline", 3);
    ck_assert_msg(said == NULL ||
                      strstr(said, "host: the kernel killed it, because the machine or "
                                   "the control group (cgroup) has no more memory") != NULL,
                  "%s", said);
    free(said);
}
END_TEST

START_TEST(too_few_processes_are_named)
{
    int status = 0;
    free(kit_shell("setpriv --reuid=54321 --clear-groups " TCK_PROGRAM " --version 2>&1", &status));
    if (status != 0) {
        (void)printf(
            "skipped: too few processes: this takes root, and a build that all can read\n");
        return;
    }
    ck_assert_int_eq(chmod(place.temporary, 0777), 0);
    ck_assert_int_eq(chmod(place.folder, 0755), 0);
    char *said = run_with("setpriv --reuid=54321 --clear-groups prlimit --nproc=20",
                          "run -s single -c THREADS-1", 3);
    ck_assert_msg(strstr(said, "a run needs room for 96 processes and threads; this user has") !=
                      NULL,
                  "%s", said);
    free(said);
}
END_TEST

START_TEST(a_file_that_gets_too_large_is_an_error)
{
    char arguments[256];
    char *folder = place_path(&place, "calls");
    snprintf(arguments, sizeof arguments, "run -s single -c SIZE --transcript %s", folder);
    free(run_with("", arguments, 0));
    snprintf(arguments, sizeof arguments, "judge -c SIZE --json %s/x.json %s/single.jsonl", folder,
             folder);
    char *said = run_with("prlimit --fsize=1024", arguments, 3);
    ck_assert_msg(strstr(said, "x.json: cannot be written: File too large") != NULL, "%s", said);
    free(said);
    free(folder);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("machine_limits");
    TCase *tests = tcase_create("machine_limits");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, place_set_up, place_tear_down);
    tcase_add_loop_test(tests, limits_are_named, 0, LIMITS);
    tcase_add_test(tests, soft_limit_of_processor_time_is_raised);
    tcase_add_test(tests, other_limits_do_no_harm);
    tcase_add_test(tests, a_small_group_of_processes_is_named);
    tcase_add_test(tests, a_group_without_memory_is_named);
    tcase_add_test(tests, too_few_processes_are_named);
    tcase_add_test(tests, a_file_that_gets_too_large_is_an_error);
    suite_add_tcase(suite, tests);
    return suite;
}
